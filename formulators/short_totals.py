"""Totals that take in every line of a text's facts but one, whose number stands nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optiwright.formulators.facts import Facts, facts_in
from optiwright.formulators.model import Definition, Formulation
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.wording import best_named, sentences, stems, words_in

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?")
"""A name or a number of an expression."""
_PART = re.compile(r"[.;]\s|\n")
_FACTS = re.compile(r"\s*for\b|[^|]*\|", re.IGNORECASE)
"""How a sentence of facts begins, and what only lines of tables have."""
_LONGEST = 4
"""Words of a decision that may make up one name of the text: "truck a" for "TruckA"."""


@dataclass(frozen=True)
class Short:
    """A total that lacks one line of the facts.

    Attributes:
        total: its name.
        line: what the text calls what is left out.
        label: the first decision of that line, to name its numbers after.
        term: what is to be added, with `{0}` and so on for its numbers.
        numbers: those numbers, as the text has them.
    """

    total: str
    line: str
    label: str
    term: str
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class _Grid:
    """Facts with the decisions of each line."""

    facts: Facts
    names: tuple[str, ...]
    """What each line is called, run together, without the words that all are called by."""
    decisions: tuple[tuple[str, ...], ...]

    @property
    def places(self) -> dict[str, tuple[int, int]]:
        """Each decision's line, and which of the line's decisions it is."""
        return {n: (k, j) for k, names in enumerate(self.decisions) for j, n in enumerate(names)}


def short_totals(formulation: Formulation, text: str) -> Iterator[Short]:
    """Yield the totals that leave one line of a table, or of sentences told alike, out.

    The total is a sum, each term of it is of one line's decisions and has that line's numbers of
    the same columns, and of the one line that it has no term of, such a number is used nowhere in
    the formulation. A total that is meant to be of some lines alone is none: one whose own words,
    or a sentence beside the facts with words of it, name some lines and not all.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    if any(v.over for v in formulation.variables):
        return
    unused = {n.value for n in unused_numbers(text, formulation)}
    found = facts_in(text) if unused else []
    grids = [_placed(g, formulation) for facts in found for g in (facts, facts.turned)]
    values = scalar_values(formulation)
    for total in formulation.definitions:
        shorts = {
            short
            for grid in grids
            if grid is not None and not total.over
            if (short := _short(total, grid, values, text)) is not None
            and unused & {*short.numbers}
        }
        if len({short.numbers for short in shorts}) == 1:
            yield min(shorts, key=lambda short: short.line)


def _placed(facts: Facts, formulation: Formulation) -> _Grid | None:
    """Return facts with each line's decisions; None if lines have unlike many, or none."""
    shared = set.intersection(*(set(words_in(line)) for line in facts.lines))
    names = tuple("".join(w for w in words_in(line) if w not in shared) for line in facts.lines)
    decisions: list[list[str]] = [[] for _ in names]
    for variable in formulation.variables:
        said = _runs(variable.name.replace("_", " ")) | _runs(variable.description)
        of = [k for k, name in enumerate(names) if name in said]
        if len(of) == 1:
            decisions[of[0]].append(variable.name)
    counts = {len(of_line) for of_line in decisions}
    alike = len(counts) == 1 and 0 not in counts and "" not in names
    return _Grid(facts, names, tuple(map(tuple, decisions))) if alike else None


def _runs(said: str) -> set[str]:
    """Return the words of a text, and what words beside each other make when written as one."""
    words = words_in(said)
    return {
        "".join(words[start:stop])
        for start in range(len(words))
        for stop in range(start + 1, min(start + _LONGEST, len(words)) + 1)
    }


def _is_meant(total: Definition, left_out: int, grid: _Grid, text: str) -> bool:
    """Whether the total's words name some lines and not all, or the text tells that one apart.

    The text does so where a sentence beside the facts has words of the total and names nothing but
    what is left out ("SiteC's licences are paid for by the town"), or all but that.
    """
    said = f"{total.name.replace('_', ' ')} {total.description}"
    if 0 < len({*grid.names} & _runs(said)) < len(grid.names):
        return True
    apart = {grid.names[left_out]}
    for _, sentence in sentences(text):
        for part in _PART.split(sentence):
            # A sentence of facts names its own line; all of them together name all.
            if not (stems(said) & stems(part)) or _FACTS.match(part):
                continue
            if {*grid.names} & _runs(part) in (apart, {*grid.names} - apart):
                return True
    return False


def _short(total: Definition, grid: _Grid, values: Mapping[str, float], text: str) -> Short | None:
    """Return what a sum lacks; None if it is no sum over all lines but one, or meant so."""
    terms = _terms_by_line(total.expression, grid)
    missing = [k for k in range(len(grid.names)) if k not in terms]
    if len(missing) != 1 or len(terms) < 2:
        return None
    frames = {tuple("".join(p.split()) for p in _TOKEN.split(term)) for term in terms.values()}
    if len(frames) != 1:
        return None
    (line,) = missing
    if _is_meant(total, line, grid, text):
        return None
    tokens = zip(*(_TOKEN.findall(term) for term in terms.values()), strict=True)
    said = f"{total.name} {total.description}"
    written: list[str] = []
    numbers: list[float] = []
    for alike in tokens:
        put = _in_line(line, dict(zip(terms, alike, strict=True)), said, grid, values)
        if put is None:
            return None
        written.append(put if isinstance(put, str) else f"{{{len(numbers)}}}")
        numbers += [] if isinstance(put, str) else [put]
    between = _TOKEN.split(next(iter(terms.values())))
    term = "".join(a + b for a, b in zip(between, [*written, ""], strict=True)).strip()
    label = grid.decisions[line][0]
    found = Short(total.name, grid.facts.lines[line], label, term, tuple(numbers))
    return found if numbers else None


def _terms_by_line(expression: str, grid: _Grid) -> dict[int, str]:
    """Return the summands by the line that they are of; nothing where one is of none or of two."""
    places = grid.places
    found: dict[int, str] = {}
    for term in _summands(expression):
        lines = {places[name][0] for name in _TOKEN.findall(term) if name in places}
        if len(lines) != 1 or lines & found.keys():
            return {}
        found[lines.pop()] = term
    return found


def _summands(expression: str) -> list[str]:
    """Return the summands of an expression, with what stands in brackets left whole."""
    terms, depth, start = [], 0, 0
    for k, sign in enumerate(expression):
        depth += (sign == "(") - (sign == ")")
        if sign == "+" and depth == 0:
            terms.append(expression[start:k])
            start = k + 1
    return [*terms, expression[start:]]


def _in_line(
    line: int, alike: Mapping[int, str], said: str, grid: _Grid, values: Mapping[str, float]
) -> str | float | None:
    """Return what stands in a line's term where other lines' terms have these tokens.

    A decision or what all have, such as the days of a month, by its name; else the line's number.
    None where the tokens have nothing in common.
    """
    kinds = {grid.places[t][1] if t in grid.places else None for t in alike.values()}
    if len(kinds) != 1:
        return None
    (kind,) = kinds
    if kind is not None:
        return grid.decisions[line][kind]
    numbers = {k: float(t) if t[0].isdigit() else values.get(t) for k, t in alike.items()}
    column = _column(numbers, said, grid.facts)
    first = next(iter(alike.values()))
    known = {*numbers.values()}
    same = len({*alike.values()}) == 1 or (len(known) == 1 and None not in known)
    if same and (column is None or first[0].isdigit()):
        return first
    return None if column is None else grid.facts.numbers[line][column]


def _column(numbers: Mapping[int, float | None], said: str, facts: Facts) -> int | None:
    """Return the column that has these numbers in these lines; of several, the one that is said."""
    fits = [
        column
        for column in range(len(facts.columns))
        if all(facts.numbers[k][column] == value for k, value in numbers.items())
    ]
    if len(fits) < 2:
        return fits[0] if fits else None
    named = best_named(said, [facts.columns[column] for column in fits])
    return None if named is None else fits[named]
