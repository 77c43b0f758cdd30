"""Sets and parameters joined to the columns of data tables, and everything that does not fit.

Keys that differ only in type, case or spaces become one spelling: the formulation's own, else that
of the first set that is taken from a table, else that of the first table. So a solution is keyed
as the data are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optiwright.formulators.binding_faults import Faults, Place
from optiwright.formulators.errors import DataError, FormulationError
from optiwright.formulators.keys import KeyColumn, Spellings, clashes, element_of
from optiwright.formulators.lookup import Mask
from optiwright.formulators.model import (
    Bound,
    Family,
    Formulation,
    FromTable,
    Given,
    Listed,
    Parameter,
    SetDef,
)
from optiwright.formulators.phrases import counted
from optiwright.formulators.table_layout import head_column
from optiwright.formulators.tables import Table

if TYPE_CHECKING:
    from optiwright.formulators.data import Data


_KEPT = 8
"""Bindings of one set of tables that are kept: a formulation and its revisions."""
_SHOWN = 3
"""Columns that are named; the rest is counted."""


@dataclass(frozen=True)
class Binding:
    """Tables as a formulation uses them."""

    tables: Mapping[str, Table]
    """By the names that the formulation has for tables and columns."""
    notes: tuple[str, ...]
    """What was done to match keys, a sentence each."""


def bind(formulation: Formulation) -> Binding:
    """Join a formulation to the tables that it has at hand; done once for each way of binding.

    Raises:
        FormulationError: if a table or a column is not there.
        DataError: listing everything in the data that does not fit.
    """
    data = formulation.data
    if not formulation.from_tables:
        return Binding({}, ())
    if data is None:
        raise _without_tables(formulation)
    key = (formulation.sets, formulation.parameters)
    found: Binding | None = data._bindings.get(key)
    if found is None:
        found = _Joining(formulation, data).join()
        if len(data._bindings) >= _KEPT:
            data._bindings.clear()
        data._bindings[key] = found
    return found


def _wanted(formulation: Formulation) -> list[str]:
    wanted = [s.data.table for s in formulation.sets if isinstance(s.data, FromTable)]
    wanted += [p.data.table for p in formulation.parameters if isinstance(p.data, Bound)]
    return list(dict.fromkeys(wanted))


def _without_tables(formulation: Formulation) -> FormulationError:
    named = ", ".join(f"`{name}`" for name in _wanted(formulation))
    return FormulationError(
        f"the formulation takes its data from tables that are not at hand: {named}",
        remedy="Give them: `--data FILE`, in Python `data=`.",
    )


def require_tables(formulation: Formulation, data: Data | None) -> None:
    """Hold that there is a table for each that a formulation takes its data from.

    Raises:
        DataError: naming all that are missing, and those that there are.
    """
    given = list(data.tables) if data is not None else []
    missing = [name for name in _wanted(formulation) if name_meant(name, given, {}) is None]
    if missing:
        known = ", ".join(f"`{name}`" for name in given) or "none"
        raise DataError(
            "the formulation takes its data from tables that were not given: "
            + ", ".join(f"`{name}`" for name in missing),
            remedy=f"Tables given: {known}. Give each with `--data name=FILE`, in Python `data=`.",
        )


class _Joining:
    def __init__(self, formulation: Formulation, data: Data) -> None:
        self._formulation = formulation
        self._data = data
        self._spellings = Spellings()
        self._tables: dict[str, dict[str, Any]] = {}
        self._notes: list[str] = []
        self._faults = Faults(data)

    def join(self) -> Binding:
        self._spellings.declare(_written(self._formulation))
        for symbol in self._formulation.sets:
            if isinstance(symbol.data, FromTable):
                for column in symbol.data.columns:
                    self._key(symbol, symbol.data.table, column)
        for parameter in self._formulation.parameters:
            if isinstance(parameter.data, Bound):
                for column in parameter.data.key_columns:
                    self._key(parameter, parameter.data.table, column)
        for parameter in self._formulation.parameters:
            if isinstance(parameter.data, Bound):
                self._value(parameter, parameter.data)
        self._hold_together()
        self._faults.raise_any()
        return Binding(self._tables, tuple(self._notes))

    def _hold_together(self) -> None:
        """Hold each parameter's keys against its domain, both ways."""
        from optiwright.formulators.instance import Instance

        columns = (c for table in self._tables.values() for c in table.values())
        if any(isinstance(c, KeyColumn) and not len(c.labels) for c in columns):
            self._faults.raise_any()
        instance = Instance(self._formulation, self._tables, ())
        for parameter in self._formulation.parameters:
            if isinstance(parameter.data, Bound):
                domain = instance.clause_of(parameter.name).domain
                place = self._place(parameter, parameter.data.table, "")
                out = self._faults.keys(
                    place, parameter.data, domain, instance.labels, self._tables
                )
                if out.any():
                    self._note_left_out(place, out)

    def _note_left_out(self, place: Place, out: Mask) -> None:
        """Say which columns of a wide table a parameter leaves out of its long form."""
        heads = self._data.tables[place.table][head_column(place.table, self._data)][out]
        names = [f"`{head}`" for head in heads.unique()]
        shown = ", ".join(names[:_SHOWN])
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        rows = counted(int(out.sum()), "row")
        self._notes.append(
            f"Left out of {place.symbol}, since no index is one: {rows} of {place.shown} with "
            f"{shown}{more}."
        )

    def _key(self, symbol: SetDef | Parameter, table: str, column: str) -> None:
        place = self._place(symbol, table, column)
        if column in self._tables.setdefault(table, {}) and isinstance(
            self._tables[table][column], KeyColumn
        ):
            return
        cells = self._data.tables[place.table][place.column]
        codes, distinct = pd.factorize(cells)
        elements = [element_of(cell) for cell in distinct]
        labels = [e for e in elements if e is not None]
        self._faults.blank_keys(place, codes < 0)
        self._faults.ambiguous(place, clashes(labels), cells)
        chosen = [self._spellings.choose(label) for label in labels]
        changed = [
            (a, b) for a, b in zip(labels, chosen, strict=True) if (type(a), a) != (type(b), b)
        ]
        if changed:
            first = f"`{changed[0][0]}` there is `{changed[0][1]}`"
            more = f", and {len(changed) - 1:,} more" if len(changed) > 1 else ""
            self._notes.append(
                f"Keys in {place.shown} were matched in spite of their spelling: {first}{more}."
            )
        self._tables[table][column] = KeyColumn(
            chosen,
            codes.astype(np.int64),
            heads=place.column == head_column(place.table, self._data),
        )

    def _value(self, parameter: Parameter, bound: Bound) -> None:
        place = self._place(parameter, bound.table, bound.value_column)
        table = self._tables.setdefault(bound.table, {})
        if isinstance(table.get(bound.value_column), KeyColumn):
            raise FormulationError(
                f"the column `{bound.value_column}` is both a key and a value",
                where=f"parameter `{parameter.name}`",
                remedy="Take the value from another column.",
            )
        cells = self._data.tables[place.table][place.column]
        table[bound.value_column] = self._faults.numbers(place, parameter, cells)

    def _place(self, symbol: SetDef | Parameter, table: str, column: str) -> Place:
        kind = "set" if isinstance(symbol, SetDef) else "parameter"
        where = f"{kind} `{symbol.name}`"
        name = name_meant(table, list(self._data.tables), {})
        if name is None:
            known = ", ".join(f"`{t}`" for t in self._data.tables) or "none"
            raise FormulationError(
                f"there is no table `{table}`", where=where, remedy=f"Tables given: {known}."
            )
        if not column:
            return Place(where, name, "", self._data.sources[name])
        frame = self._data.tables[name]
        own = name_meant(column, [str(c) for c in frame.columns], self._data.originals[name])
        if own is None:
            known = ", ".join(f"`{c}`" for c in frame.columns)
            raise FormulationError(
                f"table `{table}` has no column `{column}`", where=where, remedy=f"It has: {known}."
            )
        return Place(where, name, own, self._data.sources[name])


def name_meant(wanted: str, names: list[str], originals: Mapping[str, str]) -> str | None:
    """Return the name that is meant: the very one, else an original one, else but for the case."""
    if wanted in names:
        return wanted
    called = [n for n in names if originals.get(n) == wanted]
    if not called:
        called = [n for n in names if n.casefold() == wanted.casefold()]
    return called[0] if len(called) == 1 else None


def _written(formulation: Formulation) -> Iterator[Any]:
    """Yield the elements that a formulation writes out."""
    for symbol in formulation.sets:
        match symbol.data:
            case Listed(elements=elements):
                yield from _parts(elements)
            case Family(members=members):
                for member in members:
                    yield from member.index
                    yield from _parts(member.elements)
            case _:
                pass
    for parameter in formulation.parameters:
        if isinstance(parameter.data, Given) and parameter.over:
            for entry in parameter.data.entries:
                yield from entry.index


def _parts(elements: Any) -> Iterator[Any]:
    for element in elements:
        yield from element if isinstance(element, tuple) else (element,)
