"""What tables offer a formulation ready-made: a set a key column, a parameter a column of numbers.

A small model that is given these writes decisions, an objective and requirements, and no data. What
counts as a key is read off the columns: the first few that tell the rows apart. Key columns of
several tables that hold the same labels are one set.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from optiwright.formulators.data import Data
from optiwright.formulators.expressions import (
    EXTREMES,
    FUNCTIONS,
    ORDER_FUNCTIONS,
    SIZE_FUNCTION,
)
from optiwright.formulators.table_layout import (
    Column,
    Layout,
    layout_of,
    own_name,
    plural,
    shown_tables,
    singular,
)

_GENERIC_KEY = frozenset(
    {"id", "no", "nr", "name", "code", "key", "index", "label", "title", "i", "j", "k"}
)
_ROLES = frozenset({"from", "to", "origin", "destination", "source", "target", "start", "end"})
"""What a key is called where a table has the same set twice."""
_GENERIC_VALUE = frozenset({"value", "values", "amount", "quantity", "qty", "number", "count"})
_RESERVED = frozenset(
    {*FUNCTIONS, *EXTREMES, *ORDER_FUNCTIONS, SIZE_FUNCTION, "sum", "prod", "objective", "none",
     "minimize", "maximize", "require", "integer", "continuous", "binary"}
)  # fmt: skip


@dataclass(frozen=True)
class ReadySet:
    """The distinct rows of a table's columns; `indices` is how its components are best named."""

    name: str
    indices: tuple[str, ...]
    table: str
    columns: tuple[str, ...]
    size: int
    parts: tuple[str, ...] = ()
    """Of a set of rows: the set that each component is of."""
    whole: bool = False
    """Whether its elements are whole numbers."""
    spelling: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """How the table writes a label of text, by its small letters; none for very large sets."""


@dataclass(frozen=True)
class ReadyParameter:
    """A column of numbers; `over` has one set a key, or one set of the table's own rows."""

    name: str
    over: tuple[str, ...]
    indices: tuple[str, ...]
    table: str
    column: str
    keys: tuple[str, ...]
    unit: str

    @property
    def clause(self) -> str:
        """The index clause that it is declared over."""
        return clause_over(self.over, self.indices)


@dataclass(frozen=True)
class ReadyLabel:
    """A column that names another label for each element, such as the region of a city."""

    name: str
    of: str
    """The set whose elements have it."""
    among: str
    """The set of what it can be."""
    pairs: str
    """The set of (element, label) that the table holds."""


@dataclass(frozen=True)
class Ready:
    """All that the tables offer; `open_tables` are those whose rows nothing tells apart."""

    sets: tuple[ReadySet, ...]
    parameters: tuple[ReadyParameter, ...]
    labels: tuple[ReadyLabel, ...]
    open_tables: tuple[str, ...] = ()

    def set(self, name: str) -> ReadySet | None:
        """Return the set of this name."""
        return next((s for s in self.sets if s.name == name), None)


def clause_over(sets: Sequence[str], indices: Sequence[str]) -> str:
    """Return an index clause: a set an index, or one set for all of them."""
    if len(sets) == 1 and len(indices) > 1:
        return f"({', '.join(indices)}) in {sets[0]}"
    return ", ".join(f"{i} in {s}" for i, s in zip(indices, sets, strict=True))


def ready_made(data: Data) -> Ready:
    """Return the sets, parameters and labels that tables offer."""
    layouts = [layout_of(name, frame) for name, frame in shown_tables(data).items()]
    return _Maker(layouts, data).make()


# --- all tables -----------------------------------------------------------------------------------


@dataclass
class _Group:
    """Key columns of several tables that are one set."""

    labels: frozenset[str]
    whole: bool
    table: str
    column: str
    spelling: Mapping[str, str]
    names: list[str] = field(default_factory=list)
    name: str = ""
    index: str = ""


class _Maker:
    """Names sets first, then parameters, so that a clash is the parameter's to give way."""

    def __init__(self, layouts: Sequence[Layout], data: Data) -> None:
        self.layouts = layouts
        self.units = data.units
        self.value_names = Counter(c.name for x in layouts for c in x.numbers)
        self.groups: list[_Group] = []
        self.of: dict[tuple[str, str], _Group] = {}
        self.taken: set[str] = set(_RESERVED)
        self.sets: list[ReadySet] = []

    def make(self) -> Ready:
        keyed = [layout for layout in self.layouts if layout.keys is not None]
        # A table with one key lists its elements; the others refer to them.
        for layout in sorted(keyed, key=lambda x: len(x.keys or ())):
            for column in layout.keys or ():
                self.join(layout, column)
        for group in self.groups:
            self.name(group)
        labels = tuple(self.labels(keyed))
        parameters = tuple(p for layout in keyed for p in self.parameters(layout))
        open_tables = tuple(x.table for x in self.layouts if x.keys is None)
        return Ready(tuple(self.sets), parameters, labels, open_tables)

    def join(self, layout: Layout, column: Column) -> None:
        group = next((g for g in self.groups if _same_set(g, column)), None)
        if column.name in _ROLES:
            group = self.common(layout, column) or group
        if group is None:
            group = _Group(
                column.labels, column.whole, layout.table, column.column, column.spelling
            )
            self.groups.append(group)
        group.names.append(column.name)
        self.of[layout.table, column.column] = group

    def common(self, layout: Layout, column: Column) -> _Group | None:
        """Return the set that all ends of a table's connections are of."""
        ends = [k for k in layout.keys or () if k.name in _ROLES]
        labels = frozenset[str]().union(*(k.labels for k in ends))
        return next(
            (g for g in self.groups if labels <= g.labels and g.whole == column.whole), None
        )

    def name(self, group: _Group) -> None:
        said = [n for n in group.names if n not in _GENERIC_KEY | _ROLES]
        index = singular(said[0] if said else own_name(group.table))
        group.name = self.free(plural(index), f"{plural(index)}_of_{own_name(group.table)}")
        group.index = self.free(index, f"{index}_of_{own_name(group.table)}")
        self.sets.append(
            ReadySet(
                group.name, (group.index,), group.table, (group.column,), len(group.labels),
                whole=group.whole, spelling=group.spelling,
            )
        )  # fmt: skip

    def labels(self, layouts: Sequence[Layout]) -> Iterator[ReadyLabel]:
        for layout in layouts:
            if layout.keys is None or len(layout.keys) != 1:
                continue
            key = layout.keys[0]
            owner = self.of[layout.table, key.column]
            for column in layout.others:
                group = next((g for g in self.groups if _same_set(g, column)), None)
                if group is None and not 0 < len(column.labels) < layout.rows:
                    continue  # a description of each row
                if group is None:
                    group = _Group(
                        column.labels, column.whole, layout.table, column.column,
                        column.spelling, [column.name],
                    )  # fmt: skip
                    self.groups.append(group)
                    self.name(group)
                name = column.name
                pairs = self.free(f"{owner.index}_{name}", f"{owner.index}_{name}_pairs")
                columns, indices = (key.column, column.column), (owner.index, group.index)
                self.sets.append(
                    ReadySet(
                        pairs, indices, layout.table, columns, layout.rows, (owner.name, group.name)
                    )
                )
                yield ReadyLabel(name, owner.name, group.name, pairs)

    def parameters(self, layout: Layout) -> Iterator[ReadyParameter]:
        keys = layout.keys or ()
        groups = [self.of[layout.table, k.column] for k in keys]
        indices = tuple(self.indices(keys, groups))
        over = tuple(g.name for g in groups)
        whole = 1
        for group in groups:
            whole *= len(group.labels)
        if len(keys) > 1 and layout.rows < whole:
            own = plural(own_name(layout.table))
            if own in self.value_names:
                own = f"{singular(own)}_rows"
            own = self.free(own, f"{singular(own_name(layout.table))}_rows")
            columns = tuple(k.column for k in keys)
            self.sets.append(ReadySet(own, indices, layout.table, columns, layout.rows, over))
            over = (own,)
        units = self.units.get(layout.table, {})
        for column in layout.numbers:
            plain, table = column.name, own_name(layout.table)
            wanted = table if plain in _GENERIC_VALUE else plain
            if self.value_names[plain] > 1 and singular(table) != plain:
                wanted = f"{singular(table)}_{plain}"
            name = self.free(wanted, f"{singular(table)}_{plain}", f"{wanted}_value")
            yield ReadyParameter(
                name, over, indices, layout.table, column.column, tuple(k.column for k in keys),
                units.get(column.column, ""),
            )  # fmt: skip

    def indices(self, keys: Sequence[Column], groups: Sequence[_Group]) -> Iterator[str]:
        """Yield an index a key: the column's own name where one set comes twice, as from and to."""
        for key, group in zip(keys, groups, strict=True):
            if groups.count(group) == 1:
                yield group.index
            else:
                yield f"{key.name}_{group.index}"

    def free(self, *wanted: str) -> str:
        """Return the first of these names that is free, else the last one with a number."""
        for name in wanted:
            if name not in self.taken and not keyword.iskeyword(name):
                break
        else:
            name = next(n for k in range(2, 1000) if (n := f"{wanted[-1]}_{k}") not in self.taken)
        self.taken.add(name)
        return name


def _same_set(group: _Group, column: Column) -> bool:
    """Whether a column holds a group's labels: all of them known, or most under the same name."""
    if group.whole != column.whole or not column.labels:
        return False
    named = {singular(n) for n in group.names}
    alike = singular(column.name) in named
    common = len(group.labels & column.labels)
    if alike and 2 * common >= min(len(group.labels), len(column.labels)):
        return True
    # Counting numbers are the same everywhere; words are not, nor the headings of a matrix.
    everywhere = column.whole and column.column not in {"row", "column"}
    return not everywhere and common == len(column.labels)
