"""Sets as the interpreter sees them: ordered tuples of elements, with look-ups made when needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, SupportsFloat

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.keys import KeyColumn
from optiwright.formulators.model import Element, FromTable, Index


class SetView:
    """One set, or one member of a family: elements as index tuples, in order."""

    def __init__(self, name: str, elements: Iterable[Element | Index]) -> None:
        self.name = name
        self.elements: tuple[Index, ...] = tuple(
            e if isinstance(e, tuple) else (e,) for e in elements
        )
        self.arity = len(self.elements[0]) if self.elements else 0
        if any(len(e) != self.arity for e in self.elements):
            raise FormulationError(
                f"the elements of `{name}` differ in their number of components",
                remedy="Give every element the same number.",
            )
        self._positions: dict[Index, int] | None = None
        self._groups: dict[tuple[int, ...], dict[Index, list[Index]]] = {}

    @property
    def positions(self) -> dict[Index, int]:
        """Where in the order each element stands, from 0."""
        if self._positions is None:
            self._positions = {e: k for k, e in enumerate(self.elements)}
        return self._positions

    def matching(self, places: tuple[int, ...], key: Index) -> Sequence[Index]:
        """Return the elements whose components at `places` equal `key`, in order."""
        if places not in self._groups:
            groups: dict[Index, list[Index]] = {}
            for element in self.elements:
                groups.setdefault(tuple(element[p] for p in places), []).append(element)
            self._groups[places] = groups
        return self._groups[places].get(key, ())


def element_of(value: Any) -> Element:
    """Return a table's cell as a set element: whole numbers as int, the rest as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, SupportsFloat) and float(value).is_integer():
        return round(float(value))
    return str(value)


def number_of(value: Any) -> float:
    """Return a table's cell as a number.

    Raises:
        FormulationError: if it is none.
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        raise FormulationError(f"the cell {value!r} is no number") from None


def is_heads(column: Sequence[Any]) -> bool:
    """Whether a column has the headings of a wide table, in its long form."""
    return isinstance(column, KeyColumn) and column.heads


def without_other_heads(
    values: dict[Index, float], place: int, wanted: Collection[Element]
) -> dict[Index, float]:
    """Return the values of those headings that are wanted; all, where one of these has none."""
    if not wanted or not {index[place] for index in values}.issuperset(wanted):
        return values
    return {index: value for index, value in values.items() if index[place] in wanted}


def table_rows(
    data: Mapping[str, Mapping[str, Sequence[Any]]], table: str, columns: Iterable[str]
) -> list[tuple[Any, ...]]:
    """Return the rows of some columns of a table.

    Raises:
        FormulationError: if the table or a column of it is missing, or the columns' lengths differ.
    """
    if table not in data:
        raise FormulationError(
            f"there is no table {table!r}", remedy=f"Known tables: {', '.join(data) or 'none'}."
        )
    for column in columns:
        if column not in data[table]:
            raise FormulationError(
                f"table {table!r} has no column {column!r}",
                remedy=f"Its columns: {', '.join(map(str, data[table]))}.",
            )
    listed = [list(data[table][c]) for c in columns]
    if len(set(map(len, listed))) > 1:
        raise FormulationError(f"the columns of table {table!r} differ in length")
    return list(zip(*listed, strict=True))


def set_from_table(
    name: str, source: FromTable, data: Mapping[str, Mapping[str, Sequence[Any]]]
) -> SetView:
    """Return the distinct rows of a table's columns as a set, in the table's order."""
    rows = table_rows(data, source.table, source.columns)
    return SetView(name, dict.fromkeys(tuple(element_of(v) for v in row) for row in rows))
