"""How a script goes on where a draft of it went wrong: what is sure of it, and the place to write.

A small model that is told what was wrong with its draft writes much the same draft again. Given a
draft's sound lines, and the beginning of the line that it missed, it goes on well: under the
comment "Bonn has 80 crates" it writes the limit on what leaves Bonn. An opening is such a
beginning. It says nothing that the text and the draft do not say already.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from optiwright.formulators.checks import check
from optiwright.formulators.decided import needs_of_each
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Severity
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.number_match import CONVERSIONS
from optiwright.formulators.pairs import grids_decided_apart, name_of
from optiwright.formulators.parser import names_of, names_through
from optiwright.formulators.script import Place, read_script
from optiwright.formulators.superseded import superseded_totals
from optiwright.formulators.text_numbers import (
    TextNumber,
    labels_in,
    numbers_in,
    stated_once,
)
from optiwright.formulators.text_times import times_in
from optiwright.formulators.wire_records import FlatDefinition, FlatVariable, FlatWire
from optiwright.formulators.wording import clause_of, stems, words_after

_STUB = "require("
_MOST_LIMITS = 8
_MOST_PAIRS = 60
_COEFFICIENT = re.compile(r"\b(?:each|every|per|times|apiece|a piece)\b|\|", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{3,}")
_THING = re.compile(r"\s+([A-Za-z]{3,}s|[A-Za-z]{3,} [A-Za-z]{3,}s)(?![A-Za-z])")
_LABEL_AFTER = re.compile(r"\s*(?:\w+\s+)?(?:in|for|on|at|to)\s+([A-Z]\w+)")
_LABEL_BEFORE = re.compile(r"\b([A-Z]\w+)\s+$")


@dataclass(frozen=True)
class Step:
    """Words that are written for a model, and the place in a script where it goes on from them."""

    words: str
    place: Place
    numbers: frozenset[float] = frozenset()
    """Of a requirement for numbers that are missing: those of which it has to have one."""


Opening: TypeAlias = tuple[Step, ...]
"""What is sure of a script, piece by piece; the model writes what follows each of them."""


def opening_of(reply: str, formulation: Formulation, text: str) -> Opening | None:
    """Return what a draft's next version begins with; None if only a new draft can help.

    Args:
        reply: the draft as the model wrote it.
        formulation: what it was lifted to.
        text: the problem in words.
    """
    try:
        wire = read_script(reply)
    except FormulationError:
        return None
    return (
        _pairs(wire, formulation, text)
        or _another_total(wire, formulation, text)
        or _one_for_each_number(wire, formulation, text)
        or _one_for_each_thing(wire, formulation, text)
        or _missing_limits(reply, formulation, text)
    )


def _pairs(wire: FlatWire, formulation: Formulation, text: str) -> Opening | None:
    """Decide every cell of a table whose rows and columns were decided."""
    found = next(grids_decided_apart(formulation, text), None)
    if found is None:
        return None
    grid, rows, columns = found
    labels = [*grid.rows, *grid.columns]
    if len(grid.rows) * len(grid.columns) > _MOST_PAIRS or not all(map(_begins_a_name, labels)):
        return None
    apart = {*rows, *columns}
    model = next(v for v in wire.variables if v.name in apart)
    kept = [v for v in wire.variables if v.name not in apart]
    cells = [
        model.model_copy(
            update={
                "name": f"{name_of(row)}_{name_of(column)}",
                "meaning": f"{row} and {column}",
                "lower": 0.0,
                "upper": None,
            }
        )
        for row in grid.rows
        for column in grid.columns
    ]
    return (Step(_decisions([*cells, *kept]) + "# totals\n", Place.TOTALS),)


def _begins_a_name(label: str) -> bool:
    return name_of(label).isidentifier() and name_of(label).isascii()


def _another_total(wire: FlatWire, formulation: Formulation, text: str) -> Opening | None:
    """Write the total that a limit is of, where it was held against the total of another.

    Of "at least 90 bikes and 60 scooters" when both are asked of the bikes, although the text has
    scooters of each decision.
    """
    stated = stated_once(text)
    totals = {d.name: d for d in wire.definitions}
    found = next((s for s in superseded_totals(formulation) if len(s.values) == 2), None)
    if found is None or found.total not in totals or not found.values.keys() <= stated.keys():
        return None
    said = stems(f"{found.total} {totals[found.total].meaning}".replace("_", " "))
    things = [_thing_after(text, stated[value]) for value in found.values]
    others = [thing for thing in things if thing and not stems(thing) & said]
    if len(others) != 1 or not all(things):
        return None
    (other,) = others
    names = [(d.name, d.meaning) for d in wire.definitions]
    names += [(v.name, v.meaning) for v in wire.variables]
    told = [stems(" ".join(name).replace("_", " ")) for name in names]
    per_decision = sum(_thing_after(text, number) == other for number in numbers_in(text)) - 1
    if any(stems(other) <= words for words in told) or per_decision < 2:
        return None
    kept = "".join(map(_definition, wire.definitions))
    words = f"{_decisions(wire.variables)}# totals\n{kept}{name_of(other)} ="
    return Step(words, Place.TOTAL), Step("", Place.REST)


def _thing_after(text: str, number: TextNumber) -> str:
    """Return the one or two words that say what a number is of, or nothing."""
    found = _THING.match(words_after(text, number))
    return found.group(1).lower() if found is not None and not number.percent else ""


def _one_for_each_number(wire: FlatWire, formulation: Formulation, text: str) -> Opening | None:
    """Decide once for each of the numbers that one total was held against."""
    found = next(superseded_totals(formulation), None)
    if found is None or len(found.values) < 3:
        return None
    inside = {d.name: d.expression for d in wire.definitions}
    reached = names_through([found.total], inside)
    labels = _labels(text, list(found.values))
    variables: list[FlatVariable] = []
    for variable in wire.variables:
        if variable.name not in reached:
            variables.append(variable)
            continue
        variables += [
            variable.model_copy(
                update={"name": f"{variable.name}_{label.lower()}",
                        "meaning": f"{variable.meaning}, {label}"}
            )
            for label in labels
        ]  # fmt: skip
    return (Step(_decisions(variables) + "# totals\n", Place.TOTALS),)


def _one_for_each_thing(wire: FlatWire, formulation: Formulation, text: str) -> Opening | None:
    """Write one total for each of the things that one total was to serve all of."""
    need = next(needs_of_each(formulation, text), None)
    if need is None:
        return None
    faulty = {need.total}
    while more := {d.name for d in wire.definitions if names_of(d.expression) & faulty} - faulty:
        faulty |= more
    kept = [d for d in wire.definitions if d.name not in faulty]
    words = _decisions(wire.variables) + "# totals\n" + "".join(map(_definition, kept))
    names = [v.name for v in wire.variables]
    steps: list[Step] = []
    for k in range(1, need.count + 1):
        words += f"{need.thing}{k} ="
        if serving := _who_serves(k, text, names):
            words += f" {' + '.join(serving)}  # those that the text names for {need.thing} {k}\n"
        else:
            steps.append(Step(words, Place.TOTAL))
            words = ""
    return (*steps, Step(words, Place.REST))


def _who_serves(number: int, text: str, names: Sequence[str]) -> list[str]:
    """Return the decisions that the text names in a clause with the numbered thing.

    Only clauses that name one decision are looked at: "the Park costs 12, reaching 3 and 5".
    """
    other = r"(?![\d.,]*\d|\s*(?:%|thousand|million|euro|dollar))"
    thing = re.compile(rf"(?<![\d.,$€£]){number}{other}")
    serving = []
    for clause in re.split(r"[.;]\s|[.;]$", text):
        named = [n for n in names if re.search(rf"\b{n.replace('_', ' ')}\b", clause, re.I)]
        if len(named) == 1 and thing.search(clause):
            serving += named
    return list(dict.fromkeys(serving))


def _missing_limits(reply: str, formulation: Formulation, text: str) -> Opening | None:
    """Keep the draft and add a requirement for each number that it leaves out.

    Not where it cannot be solved as it is: no requirement puts that right. Nor for a time of day:
    "open from 7:30" is no limit of anything that a small model counts.
    """
    if any(found.severity is Severity.ERROR for found in check(formulation, text)):
        return None
    timed = {place for time in times_in(text) for place in range(*time.span)}
    missing = [n for n in unused_numbers(text, formulation) if n.span[0] not in timed]
    clauses = [clause_of(text, number) for number in missing]
    labels = {n.value for n in labels_in(text)}
    if not 0 < len(clauses) <= _MOST_LIMITS or any(map(_COEFFICIENT.search, clauses)):
        return None
    if any(n.value in labels for n in missing) or not all(map(_WORD.search, clauses)):
        return None
    body = re.sub(r"\s*```\s*$", "", reply.rstrip())
    wanted: dict[str, set[float]] = {}
    for clause, number in zip(clauses, missing, strict=True):
        wanted.setdefault(f"# {clause}\n{_STUB}", set()).update(number.alternatives)
    first, *others = [Step(s, Place.REQUIREMENT, frozenset(n)) for s, n in wanted.items()]
    return replace(first, words=f"{body}\n{first.words}"), *others


def gone_on(script: str, step: Step, written: str) -> str:
    """Return a script that ends with a step's words, with what a model wrote there.

    A requirement for a missing number that has it not, in no unit, is left out, words and all.
    """
    values = {v for n in numbers_in(written) for v in n.alternatives}
    ways = {wanted * factor for wanted in step.numbers for factor in (1.0, *CONVERSIONS)}
    ways |= {wanted / factor for wanted in step.numbers for factor in CONVERSIONS}
    if step.numbers and not values & ways:
        return script[: script.rindex("# ", 0, len(script) - len(_STUB))]
    return script + written


def _labels(text: str, values: Sequence[float]) -> list[str]:
    """Return a word of the text for each number that is stated once, else counting numbers."""
    numbers = numbers_in(text)
    labels = [_label(text, [n for n in numbers if n.value == value]) for value in values]
    distinct = len({label.lower() for label in labels}) == len(values)
    return labels if distinct and all(labels) else [str(k + 1) for k in range(len(values))]


def _label(text: str, numbers: list[TextNumber]) -> str:
    if len(numbers) != 1:
        return ""
    start, stop = numbers[0].span
    found = _LABEL_AFTER.match(text[stop:]) or _LABEL_BEFORE.search(text[:start])
    return found.group(1) if found else ""


def _decisions(variables: Sequence[FlatVariable]) -> str:
    return "```python\n# decisions\n" + "".join(map(_variable, variables))


def _variable(part: FlatVariable) -> str:
    bounds = "" if part.type == "binary" else f"{_number(part.lower)}, {_number(part.upper)}"
    return f"{part.name} = {part.type}({bounds})  # {part.meaning}\n"


def _definition(part: FlatDefinition) -> str:
    expression = re.sub(r" (\*\*?|/) ", r"\1", part.expression)
    return f"{part.name} = {expression}  # {part.meaning}\n"


def _number(value: float | None) -> str:
    return "None" if value is None else f"{value:.12g}"
