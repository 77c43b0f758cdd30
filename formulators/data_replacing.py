"""New tables in place of those that a formulation takes its data from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from optiwright.formulators.binding import name_meant
from optiwright.formulators.data import Data
from optiwright.formulators.data_names import fresh_name
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Bound, Formulation, FromTable
from optiwright.formulators.table_layout import entry_tables, forms_made, given_tables, long_of

Taken = Mapping[str, Collection[str]]
"""The columns that are taken from a table, by its name."""


@dataclass(frozen=True)
class Replaced:
    """Tables with new ones among them."""

    data: Data
    instead: tuple[str, ...]
    """The tables that were replaced, by the names that stay theirs."""
    taken: tuple[str, ...]
    """Those of them that something is taken from."""


def taken_from(formulation: Formulation | None) -> dict[str, set[str]]:
    """Return the columns that a formulation takes from the tables at hand, by table."""
    found: dict[str, set[str]] = {}
    if formulation is None or formulation.data is None:
        return found
    known = list(formulation.data.tables)

    def take(table: str, *columns: str) -> None:
        found.setdefault(name_meant(table, known, {}) or table, set()).update(columns)

    for symbol in formulation.sets:
        if isinstance(symbol.data, FromTable):
            take(symbol.data.table, *symbol.data.columns)
    for parameter in formulation.parameters:
        if isinstance(parameter.data, Bound):
            bound = parameter.data
            take(bound.table, bound.value_column, *bound.key_columns)
    return found


def replaced(base: Data, new: Data, taken: Taken, words: str = "") -> Replaced:
    """Put new tables in the place of those that they are new versions of; the others are added.

    A table replaces the one of its name, else the one whose columns it has: those that are taken
    from it, or all where nothing is. What reading made of a table goes where that goes.

    Args:
        base: the tables there are.
        new: the new ones.
        taken: what a formulation takes from `base`.
        words: may name the table that is replaced, where several could be.

    Raises:
        UserError: if a table could stand for several.
    """
    merged = _Merged.of(base)
    instead: dict[str, str] = {}
    for table in given_tables(new):
        old = _replaced_by(table, _Place(base, new, taken, words, frozenset(instead)))
        name = fresh_name(table, list(merged.tables)) if old is None else old
        if old is not None:
            for made in forms_made(old, base):
                merged.drop(made)
            instead[old] = table
        merged.put(name, new, table)
        long = long_of(table, new)
        if long is not None:
            own = long_of(old, base) if old is not None else None
            merged.put(own or fresh_name(f"{name}_long", list(merged.tables)), new, long)
        for column, entries in entry_tables(table, new).items():
            merged.put(fresh_name(f"{name}_{column}", list(merged.tables)), new, entries)
    renamed = [
        f"The table `{table}` of `{new.sources[table].file}` stands for `{old}`."
        for old, table in instead.items()
        if old != table
    ]
    kept = [n for n in base.notes if not any(f"`{old}`" in n for old in instead)]
    notes = (*kept, *new.notes, *renamed)
    data = Data(merged.tables, merged.sources, merged.originals, merged.units, notes)
    used = tuple(t for t in instead if not _forms(base, t).isdisjoint(taken))
    return Replaced(data, tuple(instead), used)


def _forms(data: Data, table: str) -> set[str]:
    """Return a table and those that reading made of it."""
    return {table} | forms_made(table, data)


@dataclass
class _Merged:
    tables: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    originals: dict[str, Any] = field(default_factory=dict)
    units: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Data) -> _Merged:
        return cls(dict(data.tables), dict(data.sources), dict(data.originals), dict(data.units))

    def put(self, name: str, data: Data, table: str) -> None:
        self.tables[name] = data.tables[table]
        self.sources[name] = data.sources[table]
        self.originals[name] = data.originals[table]
        self.units[name] = data.units[table]

    def drop(self, name: str) -> None:
        for part in (self.tables, self.sources, self.originals, self.units):
            del part[name]


@dataclass(frozen=True)
class _Place:
    """Where a new table may go."""

    base: Data
    new: Data
    taken: Taken
    words: str
    gone: frozenset[str]
    """The tables that are replaced already."""

    def says(self, name: str) -> bool:
        """Whether the words have a name as a word of its own."""
        return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", self.words) is not None

    def used(self, old: str) -> bool:
        return not _forms(self.base, old).isdisjoint(self.taken)

    def fits(self, table: str, old: str) -> bool:
        """Whether a new table has what is taken from an old one, or else all its columns."""
        long = long_of(old, self.base)
        if not self.used(old):
            return _has(self.new, table, self.base.tables[old].columns)
        if old in self.taken and not _has(self.new, table, self.taken[old]):
            return False
        if any(
            made in self.taken and column not in entry_tables(table, self.new)
            for column, made in entry_tables(old, self.base).items()
        ):
            return False
        if long is None or long not in self.taken:
            return True
        # Columns are elements there, so that some may come and go.
        columns = self.base.tables[old].columns
        shared = [c for c in columns if _has(self.new, table, [c])]
        return long_of(table, self.new) is not None and 2 * len(shared) > len(columns)


def _replaced_by(table: str, place: _Place) -> str | None:
    """Return the table that a new one replaces; None where it replaces none."""
    base, new = place.base, place.new
    if table in base.tables and table not in place.gone:
        return table
    free = [t for t in given_tables(base) if t not in place.gone and t not in new.tables]
    found = [t for t in free if place.fits(table, t)]
    found = [t for t in found if place.used(t)] or found
    named = [t for t in found if place.says(t) or place.says(base.sources[t].file)]
    if len(found) > 1 and len(named) != 1:
        listed = " or ".join(f"`{t}`" for t in found)
        raise UserError(
            f"the table `{table}` could stand for {listed}",
            where=new.sources[table].file,
            remedy="Give the file the name of the table that it replaces, or say "
            f"`use this file instead of {found[0]}`.",
        )
    return next(iter(named or found), None)


def _has(data: Data, table: str, columns: Collection[Any]) -> bool:
    names = [str(c) for c in data.tables[table].columns]
    return all(name_meant(str(c), names, data.originals[table]) is not None for c in columns)
