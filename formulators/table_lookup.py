"""What a formulation's names mean among the tables at hand, and which labels stand where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from optiwright.formulators.data import TEXT, Data
from optiwright.formulators.data_brief import quoted
from optiwright.formulators.keys import canonical, element_of
from optiwright.formulators.model import Element, FromTable, Listed, SetDef
from optiwright.formulators.parser import parse_over
from optiwright.formulators.scope import Scope
from optiwright.formulators.table_layout import head_column

_SHOWN = 3
"""Labels that a message names."""


@dataclass(frozen=True)
class Known:
    """The labels of a column, or what an index can be: as they stand there, by common spelling."""

    labels: Mapping[Element, Element]
    cells: bool = False
    """Whether they are cells of a user's table, which no message repeats."""

    @classmethod
    def of(cls, elements: Iterable[Element], *, cells: bool = False) -> Known:
        """Take labels in, in their order."""
        found: dict[Element, Element] = {}
        for element in elements:
            found.setdefault(canonical(element), element)
        return cls(found, cells)

    def meets(self, other: Known) -> bool:
        """Whether some label is the same."""
        return bool(self.labels.keys() & other.labels.keys())

    @property
    def shown(self) -> str:
        """The first few labels; empty where no message repeats them."""
        if self.cells:
            return ""
        first = [quoted(e) if isinstance(e, str) else str(e) for e in self.labels.values()]
        return ", ".join(first[:_SHOWN]) + (", ..." if len(first) > _SHOWN else "")


class TableLookup:
    """The tables at hand, asked by the names that a formulation has for them."""

    def __init__(self, scope: Scope, data: Data) -> None:
        self._scope = scope
        self._data = data
        self._labels: dict[tuple[str, str], Known] = {}

    def table(self, table: str) -> str:
        """Return the table that is meant; empty if there is none."""
        from optiwright.formulators.binding import name_meant  # pandas: half a second

        return name_meant(table, list(self._data.tables), {}) or ""

    def column(self, table: str, column: str) -> str:
        """Return the column that is meant; empty if there is none."""
        from optiwright.formulators.binding import name_meant

        name = self.table(table)
        columns = [str(c) for c in self._data.tables[name].columns]
        return name_meant(column, columns, self._data.originals[name]) or ""

    def labels(self, table: str, column: str) -> Known:
        """Return the labels of a column, by its own name."""
        key = (self.table(table), column)
        if key not in self._labels:
            distinct = map(element_of, self._data.tables[key[0]][column].unique())
            told = self._data.sources[key[0]].file == TEXT or self.heads(*key)
            self._labels[key] = Known.of((e for e in distinct if e is not None), cells=not told)
        return self._labels[key]

    def heads(self, table: str, column: str) -> bool:
        """Whether a column has the heads of a wide table, which are no cells."""
        return column == head_column(self.table(table), self._data)

    def components(self, over: str) -> list[Known | None] | None:
        """Return what each index can be; None where a set is unknown."""
        found: list[Known | None] = []
        for generator in parse_over(over):
            part = self._scope.sets.get(generator.domain.name)
            if part is None:
                return None
            found += self._components_of(part)
        return found

    def _components_of(self, part: SetDef) -> Iterator[Known | None]:
        match part.data:
            case FromTable(table=table, columns=columns):
                for column in columns:
                    there = self.table(table) and self.column(table, column)
                    yield self.labels(table, there) if there else None
            case Listed(elements=elements):
                tuples = [e if isinstance(e, tuple) else (e,) for e in elements]
                for k in range(len(tuples[0]) if tuples else 1):
                    yield Known.of(t[k] for t in tuples if k < len(t))
            case _:
                known = self._scope.elements(part.name)
                yield None if known is None else Known.of(e[0] for e in known)


def remedy_for(fits: Sequence[str], keys: Sequence[str], *, heads: bool) -> str:
    """Return what to do about a key column that holds nothing of its set.

    Args:
        fits: the table's columns that do hold elements of that set.
        keys: the key columns as they are given.
        heads: whether the column has the heads of a wide table.
    """
    named = ", ".join(f"`{column}`" for column in fits)
    if set(fits) & set(keys):
        return f"The column that does: {named}. Give `keys` in the order of `over`."
    if fits:
        return f"The column that does: {named}. Give that as the key."
    said = "The order of `keys` is not at fault, the labels differ: write the set's elements"
    return f"{said} as the column has them" + (
        "." if heads else ", or take the set from that column."
    )
