"""New tables in place of those that a formulation takes its data from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from optiwright.formulators.binding import name_meant
from optiwright.formulators.data import Data
from optiwright.formulators.data_names import fresh_name
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Bound, Formulation, FromTable

Taken = Mapping[str, Collection[str]]
"""The columns that are taken from a table, by its name."""


@dataclass(frozen=True)
class Replaced:
    """Tables with new ones among them."""

    data: Data
    instead: tuple[str, ...]
    """The tables that were replaced, by the names that stay theirs."""
    added: tuple[str, ...]
    """New tables that replace none."""


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
    from it, or all where nothing is.

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
    added: list[str] = []
    for table in new.tables:
        old = _replaced_by(table, new, base, taken, set(instead), words)
        if old is None:
            added.append(merged.put(fresh_name(table, [*merged.tables]), new, table))
        else:
            merged.put(old, new, table)
            instead[old] = table
    renamed = [
        f"The table `{table}` of `{new.sources[table].file}` stands for `{old}`."
        for old, table in instead.items()
        if old != table
    ]
    kept = [n for n in base.notes if not any(f"`{old}`" in n for old in instead)]
    data = Data(
        merged.tables,
        merged.sources,
        merged.originals,
        merged.units,
        (*kept, *new.notes, *renamed),
    )
    return Replaced(data, tuple(instead), tuple(added))


@dataclass
class _Merged:
    tables: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    originals: dict[str, Any] = field(default_factory=dict)
    units: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Data) -> _Merged:
        return cls(dict(data.tables), dict(data.sources), dict(data.originals), dict(data.units))

    def put(self, name: str, data: Data, table: str) -> str:
        self.tables[name] = data.tables[table]
        self.sources[name] = data.sources[table]
        self.originals[name] = data.originals[table]
        self.units[name] = data.units[table]
        return name


def _replaced_by(
    table: str, new: Data, base: Data, taken: Taken, gone: Collection[str], words: str
) -> str | None:
    """Return the table that a new one replaces; None where it replaces none."""
    if table in base.tables and table not in gone:
        return table
    free = [t for t in base.tables if t not in gone and t not in new.tables]
    found = [t for t in free if t in taken and _has(new, table, taken[t])]
    if not found:
        found = [t for t in free if t not in taken and _has(new, table, base.tables[t].columns)]
        return found[0] if len(found) == 1 else None
    named = [t for t in found if t in words or base.sources[t].file in words]
    if len(found) > 1 and len(named) != 1:
        listed = " or ".join(f"`{t}`" for t in found)
        raise UserError(
            f"the table `{table}` could stand for {listed}",
            where=new.sources[table].file,
            remedy="Give the file the name of the table that it replaces, or say "
            f"`use this file instead of {found[0]}`.",
        )
    return (named or found)[0]


def _has(data: Data, table: str, columns: Collection[Any]) -> bool:
    names = [str(c) for c in data.tables[table].columns]
    return all(name_meant(str(c), names, data.originals[table]) is not None for c in columns)
