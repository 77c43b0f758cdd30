"""Totals that take in every line of a text's facts but one, whose number stands nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optiwright.formulators.facts import Facts, facts_in
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.plain import scalar_values

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?")
"""A name or a number of an expression."""
_WORD = re.compile(r"[a-z]+|\d+")
_LONGEST = 4
"""Words of a decision that may make up one name of the text: "truck a" for "TruckA"."""


@dataclass(frozen=True)
class Short:
    """A total that lacks one line of the facts.

    Attributes:
        total: its name.
        line: what the text calls what is left out.
        term: what is to be added, with `{0}` and so on for its numbers.
        numbers: those numbers, as the text has them.
    """

    total: str
    line: str
    term: str
    numbers: tuple[float, ...]


def short_totals(formulation: Formulation, text: str) -> Iterator[Short]:
    """Yield the totals that leave one line of a table, or of sentences told alike, out.

    The total is a sum, each term of it is of one line's decisions and has that line's numbers of
    the same columns, and of the one line that it has no term of, such a number is used nowhere in
    the formulation. That number tells it from a total that is meant to be of some lines alone.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    if any(v.over for v in formulation.variables):
        return
    unused = {n.value for n in unused_numbers(text, formulation)}
    for facts in facts_in(text) if unused else ():
        for grid in (facts, facts.turned):
            at = _decisions_of(formulation, grid.lines)
            if at is None:
                continue
            for total in formulation.definitions:
                said = f"{total.name} {total.description}"
                short = _short(total.expression, said, grid, at, formulation)
                if short is not None and not total.over and unused & {*short[2]}:
                    yield Short(total.name, *short)


def _decisions_of(formulation: Formulation, lines: Sequence[str]) -> list[list[str]] | None:
    """Return each line's decisions in their order; None if lines have unlike many, or none."""
    shared = set.intersection(*(set(_words(line)) for line in lines))
    names = ["".join(w for w in _words(line) if w not in shared) for line in lines]
    at: list[list[str]] = [[] for _ in lines]
    for variable in formulation.variables:
        said = _runs(variable.name.replace("_", " ")) | _runs(variable.description)
        of = [k for k, name in enumerate(names) if name in said]
        if len(of) == 1:
            at[of[0]].append(variable.name)
    counts = {len(found) for found in at}
    return at if len(counts) == 1 and 0 not in counts and "" not in names else None


def _words(said: str) -> list[str]:
    return [word.rstrip("s") or word for word in _WORD.findall(said.lower())]


def _runs(said: str) -> set[str]:
    """Return the words of a text, and what words beside each other make when written as one."""
    words = _words(said)
    return {
        "".join(words[start:stop])
        for start in range(len(words))
        for stop in range(start + 1, min(start + _LONGEST, len(words)) + 1)
    }


def _short(
    expression: str,
    said: str,
    grid: Facts,
    at: Sequence[Sequence[str]],
    formulation: Formulation,
) -> tuple[str, str, tuple[float, ...]] | None:
    """Return the line that a sum lacks, the term of it and its numbers; None if that is not so."""
    values = scalar_values(formulation)
    where = {name: (k, j) for k, names in enumerate(at) for j, name in enumerate(names)}
    terms = _terms(expression)
    found: dict[int, str] = {}
    for term in terms:
        lines = {where[name][0] for name in _TOKEN.findall(term) if name in where}
        if len(lines) != 1 or lines & found.keys():
            return None
        found[lines.pop()] = term
    missing = [k for k in range(len(grid.lines)) if k not in found]
    if len(missing) != 1 or len(found) < 2:
        return None
    parts = [(k, _TOKEN.split(term), _TOKEN.findall(term)) for k, term in found.items()]
    if len({tuple("".join(p.split()) for p in between) for _, between, _ in parts}) != 1:
        return None
    (line,) = missing
    numbers: list[float] = []
    names: list[str] = []
    for here in zip(*(names for _, _, names in parts), strict=True):
        rows = [k for k, _, _ in parts]
        kinds = {where[name][1] if name in where else None for name in here}
        if len(kinds) != 1:
            return None
        (kind,) = kinds
        if kind is not None:
            names.append(at[line][kind])
            continue
        written = [float(t) if t[0].isdigit() else values.get(t) for t in here]
        column = _column(list(zip(rows, written, strict=True)), said, grid)
        same = len(set(here)) == 1 or (len(set(written)) == 1 and None not in written)
        if same and (column is None or here[0][0].isdigit()):
            names.append(here[0])  # what all have, such as the days of a month
        elif column is not None:
            names.append(f"{{{len(numbers)}}}")
            numbers.append(grid.numbers[line][column])
        else:
            return None
    between = [part.replace("{", "{{").replace("}", "}}") for part in parts[0][1]]
    term = "".join(a + b for a, b in zip(between, [*names, ""], strict=True)).strip()
    return (grid.lines[line], term, tuple(numbers)) if numbers else None


def _terms(expression: str) -> list[str]:
    """Return the summands of an expression, with what stands in brackets left whole."""
    terms, depth, start = [], 0, 0
    for k, sign in enumerate(expression):
        depth += (sign == "(") - (sign == ")")
        if sign == "+" and depth == 0:
            terms.append(expression[start:k])
            start = k + 1
    return [*terms, expression[start:]]


def _column(written: Sequence[tuple[int, float | None]], said: str, grid: Facts) -> int | None:
    """Return the column that has all these numbers; of several, the one that words name."""
    fits = [
        column
        for column in range(len(grid.columns))
        if all(grid.numbers[k][column] == value for k, value in written)
    ]
    if len(fits) < 2:
        return fits[0] if fits else None
    words = set(_words(said))
    scores = [len(words & set(_words(grid.columns[column]))) for column in fits]
    best = max(scores)
    return fits[scores.index(best)] if best and scores.count(best) == 1 else None
