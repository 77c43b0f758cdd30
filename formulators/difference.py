"""What two versions of a formulation differ in, a readable line for each thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from optiwright.formulators.data_replacing import taken_from
from optiwright.formulators.errors import FormulationError, OptiwrightError
from optiwright.formulators.figures import number, rise
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Constraint,
    Formulation,
    Given,
    Index,
    Listed,
    Logic,
    Objective,
    Parameter,
    Range,
    SetDef,
    Variable,
)
from optiwright.formulators.parser import parse_over
from optiwright.formulators.phrases import counted
from optiwright.formulators.picking import shown_at
from optiwright.formulators.plain import scalar_values, with_numbers

_SHOWN = 12
"""Entries of one parameter that are listed."""
_LOOKED_AT = 10_000
"""Entries of a parameter up to which new files are compared with the old ones number by number."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=_Named)


def difference(before: Formulation, after: Formulation) -> tuple[str, ...]:
    """Return what is different in `after`, a line each: `demand[Oslo]: 30 -> 38.7 (+29%)`."""
    return (
        *_tables(before, after),
        *_sets(before, after),
        *_parameters(before, after),
        *_variables(before, after),
        *_definitions(before, after),
        *_objectives(before, after),
        *_constraints(before, after),
        *_rest(before, after),
    )


def _pairs(before: Sequence[P], after: Sequence[P]) -> Iterator[tuple[P | None, P | None]]:
    """Yield what differs by name: the old and the new, None where there is none."""
    left: dict[str, P] = {p.name: p for p in before}
    right: dict[str, P] = {p.name: p for p in after}
    for name in dict.fromkeys([*left, *right]):
        if left.get(name) != right.get(name):
            yield left.get(name), right.get(name)


def _tables(before: Formulation, after: Formulation) -> Iterator[str]:
    """Yield the tables that are others, with the numbers that are taken from them and differ."""
    old, new = before.data, after.data
    if old is None or new is None or old == new:
        return
    for name in taken_from(after):
        if name not in old.sources or name not in new.sources:
            continue
        was, now = old.sources[name], new.sources[name]
        if was == now:
            continue
        rows = counted(now.rows, "row") + (f", before {was.rows:,}" if was.rows != now.rows else "")
        what = "the same content" if was.sha256 == now.sha256 else rows
        yield f"table {name}: `{now.file}` instead of `{was.file}` ({what})"
        for part in after.parameters:
            same = next((p for p in before.parameters if p == part), None)
            if same is not None and isinstance(part.data, Bound) and part.data.table == name:
                yield from _moved_in_files(part, before, after)


def _moved_in_files(part: Parameter, before: Formulation, after: Formulation) -> Iterator[str]:
    try:
        earlier, later = (ground(f).parameter(part.name) for f in (before, after))
    except OptiwrightError:
        return
    if len(later) > _LOOKED_AT:
        return
    unit = f" {part.unit}" if part.unit else ""
    lines = [
        _moved(f"{part.name}{_at(index)}", earlier[index], value, unit)
        for index, value in later.items()
        if index in earlier and earlier[index] != value
    ]
    if lines:
        yield from _shown(part, lines)


def _sets(before: Formulation, after: Formulation) -> Iterator[str]:
    for old, new in _pairs(before.sets, after.sets):
        if old is not None and new is not None:
            yield _elements(old, new)
        else:
            yield _whole("set", old, new)


def _elements(old: SetDef, new: SetDef) -> str:
    if isinstance(old.data, Listed) and isinstance(new.data, Listed):
        count = len(old.data.elements)
        more = new.data.elements[count:]
        if more and new.data.elements[:count] == old.data.elements:
            return f"set {new.name}: also {', '.join(map(str, more))}"
    if isinstance(old.data, Range) and isinstance(new.data, Range):
        return f"set {new.name}: up to {new.data.stop}, before {old.data.stop}"
    return f"set {new.name}: other elements"


def _parameters(before: Formulation, after: Formulation) -> Iterator[str]:
    for old, new in _pairs(before.parameters, after.parameters):
        if old is None and new is not None and not new.over and isinstance(new.data, Given):
            unit = f" {new.unit}" if new.unit else ""
            yield f"{new.name}: {number(new.data.entries[0].value)}{unit}, new"
        elif old is None or new is None:
            yield _whole("parameter", old, new)
        elif isinstance(old.data, Given) and isinstance(new.data, Given):
            yield from _entries(new, old.data, new.data)
        elif isinstance(old.data, Bound) and isinstance(new.data, Bound):
            yield from _bound_entries(new, old.data, new.data, before, after)
        else:
            yield f"{new.name}: {_worked_out(old)} -> {_worked_out(new)}"


def _entries(part: Parameter, old: Given, new: Given) -> Iterator[str]:
    earlier = {e.index: e.value for e in old.entries}
    unit = f" {part.unit}" if part.unit else ""
    lines = []
    for entry in new.entries:
        value = earlier.get(entry.index, old.default)
        if value is None:
            lines.append(f"{part.name}{_at(entry.index)}: {number(entry.value)}{unit}, new")
        if value is None or value == entry.value:
            continue
        lines.append(_moved(f"{part.name}{_at(entry.index)}", value, entry.value, unit))
    if old.default is not None and new.default is not None and old.default != new.default:
        lines.append(_moved(f"{part.name}, all other entries", old.default, new.default, unit))
    yield from _shown(part, lines)


def _bound_entries(
    part: Parameter, old: Bound, new: Bound, before: Formulation, after: Formulation
) -> Iterator[str]:
    """Yield what was changed of a column's numbers; what the files themselves say is not read."""
    if old.model_copy(update={"changed": ()}) != new.model_copy(update={"changed": ()}):
        yield f"{part.name}: {_column(old)} -> {_column(new)}"
        return
    left = {e.index: e.value for e in old.changed}
    right = {e.index: e.value for e in new.changed}
    indices = [i for i in dict.fromkeys([*left, *right]) if left.get(i) != right.get(i)]
    try:
        earlier, later = (ground(f).parameter(part.name) for f in (before, after))
    except OptiwrightError:  # the tables are gone
        yield f"{part.name}: {len(indices)} of its numbers"
        return
    unit = f" {part.unit}" if part.unit else ""
    yield from _shown(
        part,
        [
            _moved(f"{part.name}{_at(index)}", earlier[index], later[index], unit)
            for index in indices
            if index in earlier and index in later and earlier[index] != later[index]
        ],
    )


def _shown(part: Parameter, lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {len(lines) - _SHOWN} more entries of {part.name}"
    if not lines:
        yield f"{part.name}: restated, with the same values"


def _column(data: Bound) -> str:
    return f"`{data.table}.{data.value_column}`"


def _moved(name: str, old: float, new: float, unit: str) -> str:
    by = rise(old, new)
    return f"{name}: {number(old)} -> {number(new)}{unit}{f' ({by})' if by else ''}"


def _worked_out(part: Parameter) -> str:
    data = part.data
    return "given values" if isinstance(data, Given) else f"`{getattr(data, 'expression', '')}`"


def _variables(before: Formulation, after: Formulation) -> Iterator[str]:
    for old, new in _pairs(before.variables, after.variables):
        if old is None and new is not None:
            lower, upper = (
                with_numbers(bound, scalar_values(after)) if bound else "none"
                for bound in (new.lower, new.upper)
            )
            yield f"new decision: {new.name} ({new.domain.value}, {lower} to {upper})"
            continue
        if old is None or new is None:
            yield _whole("decision", old, new)
            continue
        parts = []
        if old.domain is not new.domain:
            parts.append(f"{old.domain.value} -> {new.domain.value}")
        if (old.lower, old.upper) != (new.lower, new.upper):
            parts.append(f"bounds {_bounds(old)} -> {_bounds(new)}")
        if old.over != new.over:
            parts.append(f"for {old.over or 'one'} -> for {new.over or 'one'}")
        yield f"{new.name}: {', '.join(parts) or 'described otherwise'}"


def _bounds(part: Variable) -> str:
    return f"{part.lower or 'none'} to {part.upper or 'none'}"


def _definitions(before: Formulation, after: Formulation) -> Iterator[str]:
    for old, new in _pairs(before.definitions, after.definitions):
        if old is not None and new is not None:
            yield f"total {new.name}: `{old.expression}` -> `{new.expression}`"
        else:
            yield _whole("total", old, new)


def _objectives(before: Formulation, after: Formulation) -> Iterator[str]:
    if before.objectives == after.objectives:
        return
    old, new = before.leading, after.leading
    if old is None or new is None:
        yield f"objective: {_goal(old)} -> {_goal(new)}"
        return
    if old.sense is not new.sense:
        yield f"objective: {old.sense.value} -> {new.sense.value}"
    if old.expression != new.expression:
        yield f"objective: `{old.expression}` -> `{new.expression}`"
    if old.sense is new.sense and old.expression == new.expression:
        yield "objective: weighed or described otherwise"


def _goal(goal: Objective | None) -> str:
    return f"{goal.sense.value} `{goal.expression}`" if goal is not None else "none"


def _constraints(before: Formulation, after: Formulation) -> Iterator[str]:
    for old, new in _pairs(before.constraints, after.constraints):
        if new is None and old is not None:
            yield f"no longer demanded: {_demand(before, old)}"
        elif old is None and new is not None:
            yield f"also demanded: {_demand(after, new)}"
        elif old is not None and new is not None:
            yield _changed(after, old, new)


def _changed(after: Formulation, old: Constraint, new: Constraint) -> str:
    same = {"over": old.over, "description": old.description}
    if new.model_copy(update=same) == old.model_copy(update=same) and old.over != new.over:
        narrowed = _narrowed(old.over, new.over)
        if narrowed:
            return f"{new.description or new.name} (`{new.name}`): no longer where {narrowed}"
        return f"{new.description or new.name} (`{new.name}`): now for {new.over or 'one'}"
    if isinstance(old, Algebraic) and isinstance(new, Algebraic) and old.penalty != new.penalty:
        return f"may be missed at {new.penalty} a unit: {_demand(after, new)}"
    return f"now demanded: {_demand(after, new)}"


def _narrowed(old: str, new: str) -> str:
    """Return the condition that a clause leaves out now, where that is all that changed."""
    marker = " if not ("
    head, found, tail = new.rpartition(marker)
    if not found or not tail.endswith(")"):
        return ""
    try:
        kept, earlier = parse_over(head), parse_over(old)
    except FormulationError:
        return ""
    same = [(g.domain.name, len(g.conditions)) for g in kept] == [
        (g.domain.name, len(g.conditions)) for g in earlier
    ]
    return tail[:-1] if same else ""


def _demand(formulation: Formulation, rule: Constraint) -> str:
    if isinstance(rule, Algebraic | Logic):
        body = with_numbers(rule.expression, scalar_values(formulation))
        over = f" for {rule.over}" if rule.over else ""
        formula = f"`{body}{over}`"
    else:
        formula = f"`{rule.name}`"
    return f"{rule.description} ({formula})" if rule.description else formula


def _rest(before: Formulation, after: Formulation) -> Iterator[str]:
    names = ("title", "asked", "assumptions", "scenarios")
    for name in names:
        if getattr(before, name) != getattr(after, name):
            yield f"{name}: changed"


def _whole(kind: str, old: _Named | None, new: _Named | None) -> str:
    """Return the line for what came or went altogether; empty where it did neither."""
    if old is None:
        return f"new {kind}: {new.name}" if new is not None else ""
    return f"{kind} left out: {old.name}"


def _at(index: Index) -> str:
    return shown_at(index)
