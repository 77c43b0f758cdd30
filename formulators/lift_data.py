"""The data of an indexed reply: sets, tables of values, and further cases."""

from __future__ import annotations

import math
import re
from itertools import chain, product

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import (
    Bound,
    Change,
    Entry,
    FromTable,
    Given,
    Index,
    Listed,
    Range,
    Scenario,
    SetDef,
)
from optiwright.formulators.parser import parse_over
from optiwright.formulators.scope import MAX_RANGE
from optiwright.formulators.wire_records import (
    TableElements,
    TableValues,
    WireParameter,
    WireScenario,
    WireSet,
)
from optiwright.formulators.wire_text import mend_clause


def set_of(wire: WireSet) -> SetDef:
    """Return the set; a single element such as `1..12` is a range.

    Raises:
        FormulationError: if the range is endless.
    """
    if isinstance(wire.elements, TableElements):
        rows = FromTable(table=wire.elements.table, columns=tuple(wire.elements.columns))
        return SetDef(name=wire.name, description=wire.meaning, data=rows)
    first = wire.elements[0]
    if len(wire.elements) == 1 and isinstance(first, str):
        span = re.fullmatch(r"\s*(-?\d{1,15})\s*(?:\.\.|to|-)\s*(-?\d{1,15})\s*", first)
        if span:
            _refuse_endless(wire.name, *span.groups())
            return SetDef(
                name=wire.name,
                description=wire.meaning,
                data=Range(start=span.group(1), stop=span.group(2)),
            )
    elements = tuple(tuple(e) if isinstance(e, list) else e for e in wire.elements)
    return SetDef(name=wire.name, description=wire.meaning, data=Listed(elements=elements))


def _refuse_endless(name: str, start: str, stop: str) -> None:
    if int(stop) - int(start) > MAX_RANGE:
        raise FormulationError(
            f"{start}..{stop} has more than {MAX_RANGE:,} elements",
            where=f"set `{name}`",
            remedy="Name only the elements that the text speaks of.",
        )


def elements_of(definition: SetDef) -> tuple[Index, ...] | None:
    """Return a set's elements; None where they are not written out."""
    match definition.data:
        case Listed(elements=elements):
            return tuple(e if isinstance(e, tuple) else (e,) for e in elements)
        case Range(start=start, stop=stop):
            return tuple((i,) for i in range(int(start), int(stop) + 1))
    return None


def values_of(wire: WireParameter, elements: dict[str, tuple[Index, ...] | None]) -> Given | Bound:
    """Return a parameter's values: a table's column, or numbers laid along its sets.

    Numbers go along the product of the sets, the last varying fastest; a single one holds for every
    index, also of sets whose elements a table holds. None are left out: what has no values is found
    by the checks.

    Raises:
        FormulationError: if a set is not declared or the number of values does not fit.
    """
    values = wire.values
    if isinstance(values, TableValues):
        return Bound(
            table=values.table,
            value_column=values.column,
            key_columns=tuple(values.keys),
            default=values.missing,
        )
    names = [g.domain.name for g in parse_over(mend_clause(wire.over))]
    for name in names:
        if name not in elements:
            raise FormulationError(
                f"`{name}` is not a declared set",
                where=f"parameter `{wire.name}`",
                remedy=f"Declare it, or use one of: {', '.join(elements) or 'none declared'}.",
            )
    if not values:
        return Given(entries=())
    if hidden := [name for name in names if elements[name] is None]:
        if len(values) == 1:
            return Given(entries=(), default=values[0])
        raise FormulationError(
            f"{len(values)} values over `{hidden[0]}`, whose elements are in a table",
            where=f"parameter `{wire.name}`",
            remedy="Take them from a table's column, or list the set's elements in the order "
            "of the values.",
        )
    factors = [found for name in names if (found := elements[name]) is not None]
    return Given(entries=_laid_along(wire, factors, values))


def _laid_along(
    wire: WireParameter, factors: list[tuple[Index, ...]], values: list[float]
) -> tuple[Entry, ...]:
    wanted = math.prod(map(len, factors))
    if len(values) == 1 and wanted <= MAX_RANGE:
        values = values * wanted
    if wanted != len(values):
        raise FormulationError(
            f"{len(values)} values for {wanted} indices",
            where=f"parameter `{wire.name}` over {wire.over!r}",
            remedy="Give one value for every combination, the last set varying fastest.",
        )
    indices = (tuple(chain.from_iterable(parts)) for parts in product(*factors))
    return tuple(Entry(index=i, value=v) for i, v in zip(indices, values, strict=True))


def scenario_of(wire: WireScenario) -> Scenario:
    """Gather the changes of one parameter, which a model may write one by one."""
    entries: dict[str, list[Entry]] = {}
    for change in wire.changes:
        entry = Entry(index=tuple(change.index), value=change.value)
        entries.setdefault(change.parameter, []).append(entry)
    changes = tuple(Change(parameter=n, entries=tuple(e)) for n, e in entries.items())
    return Scenario(name=wire.name, changes=changes)
