"""What tables offer a formulation ready-made: a set a key column, a parameter a column of numbers.

A small model that is given these writes decisions, an objective and requirements, and no data. What
counts as a key is read off the columns: the first few that tell the rows apart. Key columns of
several tables that hold the same labels are one set.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from optiwright.formulators.data import Data
from optiwright.formulators.expressions import (
    EXTREMES,
    FUNCTIONS,
    ORDER_FUNCTIONS,
    SIZE_FUNCTION,
)

if TYPE_CHECKING:
    import pandas as pd

_MOST_KEYS = 4
_MOST_LABELS = 8
"""Columns of labels that are tried as keys; a table with more of them has its keys among these."""
_MOST_SPELT = 10_000
_KEYS = re.compile(
    r"(?:.*_)?(?:id|no|nr|code|key|index|node|year|quarter|month|week|day|date|hour|period|time"
    r"|shift|slot|step|t|from|to|origin|destination|i|j|k)",
    re.IGNORECASE,
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
    layouts = [_layout(name, frame) for name, frame in shown_tables(data).items()]
    return _Maker(layouts, data).make()


def shown_tables(data: Data) -> dict[str, pd.DataFrame]:
    """Return the tables to speak of: of a matrix the long form, of any other the one with columns.

    A matrix has headings that are labels themselves: of another table, of its own rows, or counted.
    """
    plain = {n: t for n, t in data.tables.items() if not _is_long(n, data)}
    known = {name: _all_labels(frame) for name, frame in plain.items()}
    shown: dict[str, pd.DataFrame] = {}
    for name, frame in plain.items():
        long = data.tables.get(f"{name}_long")
        if long is not None and _is_long(f"{name}_long", data):
            heads = {str(h).strip().lower() for h in long.iloc[:, -2].unique()}
            elsewhere = any(heads <= labels for labels in known.values())
            if elsewhere or long.iloc[:, -2].dtype.kind in "iu":
                shown[f"{name}_long"] = long
                continue
        shown[name] = frame
    return shown


def _is_long(name: str, data: Data) -> bool:
    """Whether a table is the long form that reading made of another one."""
    own = name.removesuffix("_long")
    if own == name or own not in data.tables:
        return False
    source, other = data.sources[name], data.sources[own]
    return (source.file, source.sheet) == (other.file, other.sheet)


def _all_labels(frame: pd.DataFrame) -> set[str]:
    """Return the labels of a table's columns of text, and of a first column of whole numbers."""
    texts = [
        c
        for k, c in enumerate(frame.columns)
        if column_kind(frame[c]) == "text" or (k == 0 and column_kind(frame[c]) == "whole")
    ]
    return {str(v).strip().lower() for c in texts for v in frame[c].dropna().unique()}


# --- one table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    column: str
    labels: frozenset[str]
    """The distinct labels, case and outer spaces aside; empty for a column of numbers."""
    whole: bool
    """Whether they are whole numbers."""
    spelling: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The column's name as formulations write names."""
        return identifier(self.column).lower().rstrip("_")


@dataclass(frozen=True)
class _Layout:
    """A table's columns by their part: keys, numbers, further labels; `keys` None if none do."""

    table: str
    rows: int
    keys: tuple[_Column, ...] | None
    numbers: tuple[_Column, ...]
    others: tuple[_Column, ...]


def _layout(table: str, frame: pd.DataFrame) -> _Layout:
    texts, wholes, numbers = [], [], []
    for column in map(str, frame.columns):
        kind = column_kind(frame[column])
        if kind == "text":
            texts.append(column)
        elif kind == "whole":
            wholes.append(column)
        if kind in {"whole", "number"}:
            numbers.append(column)
    keys = _keys(frame, texts, wholes)
    rest = [c for c in texts if c not in (keys or ())]
    return _Layout(
        table,
        len(frame),
        None if keys is None else tuple(_column(frame, c) for c in keys),
        tuple(_Column(c, frozenset(), False) for c in numbers if c not in (keys or ())),
        tuple(_column(frame, c) for c in rest),
    )


def column_kind(cells: pd.Series[Any]) -> str:
    """Return `text`, `whole`, `number` or `other` for a column's cells."""
    kind = cells.dtype.kind
    if kind in "iub":
        return "whole"
    if kind == "f":
        return "number"
    if kind == "M":
        return "other"
    return "text"


def _keys(frame: pd.DataFrame, texts: list[str], wholes: list[str]) -> tuple[str, ...] | None:
    """Return the first few columns that tell the rows apart; none are needed for a single row."""
    likely = [c for c in wholes if _KEYS.fullmatch(c)]
    labels = [str(c) for c in frame.columns if str(c) in texts or str(c) in likely][:_MOST_LABELS]
    for size in range(1, min(_MOST_KEYS, len(labels)) + 1):
        for columns in combinations(labels, size):
            if not frame.duplicated(list(columns)).any() and (
                len(frame) > 1 or size == len(labels)
            ):
                return columns
    if not labels and len(frame) == 1:
        return ()
    first = wholes[:1] if not labels else []
    if first and not frame.duplicated(first).any():
        return tuple(first)
    return None


def _column(frame: pd.DataFrame, column: str) -> _Column:
    cells = frame[column].dropna()
    whole = column_kind(cells) == "whole"
    distinct = [str(label).strip() for label in cells.unique()]
    spelling = {} if whole or len(distinct) > _MOST_SPELT else {d.lower(): d for d in distinct}
    return _Column(column, frozenset(d.lower() for d in distinct), whole, spelling)


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

    def __init__(self, layouts: Sequence[_Layout], data: Data) -> None:
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

    def join(self, layout: _Layout, column: _Column) -> None:
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

    def common(self, layout: _Layout, column: _Column) -> _Group | None:
        """Return the set that all ends of a table's connections are of."""
        ends = [k for k in layout.keys or () if k.name in _ROLES]
        labels = frozenset[str]().union(*(k.labels for k in ends))
        return next(
            (g for g in self.groups if labels <= g.labels and g.whole == column.whole), None
        )

    def name(self, group: _Group) -> None:
        said = [n for n in group.names if n not in _GENERIC_KEY | _ROLES]
        index = singular(said[0] if said else _own_name(group.table))
        group.name = self.free(plural(index), f"{plural(index)}_of_{_own_name(group.table)}")
        group.index = self.free(index, f"{index}_of_{_own_name(group.table)}")
        self.sets.append(
            ReadySet(
                group.name, (group.index,), group.table, (group.column,), len(group.labels),
                whole=group.whole, spelling=group.spelling,
            )
        )  # fmt: skip

    def labels(self, layouts: Sequence[_Layout]) -> Iterator[ReadyLabel]:
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

    def parameters(self, layout: _Layout) -> Iterator[ReadyParameter]:
        keys = layout.keys or ()
        groups = [self.of[layout.table, k.column] for k in keys]
        indices = tuple(self.indices(keys, groups))
        over = tuple(g.name for g in groups)
        whole = 1
        for group in groups:
            whole *= len(group.labels)
        if len(keys) > 1 and layout.rows < whole:
            own = plural(_own_name(layout.table))
            if own in self.value_names:
                own = f"{singular(own)}_rows"
            own = self.free(own, f"{singular(_own_name(layout.table))}_rows")
            columns = tuple(k.column for k in keys)
            self.sets.append(ReadySet(own, indices, layout.table, columns, layout.rows, over))
            over = (own,)
        units = self.units.get(layout.table, {})
        for column in layout.numbers:
            plain, table = column.name, _own_name(layout.table)
            wanted = table if plain in _GENERIC_VALUE else plain
            if self.value_names[plain] > 1 and singular(table) != plain:
                wanted = f"{singular(table)}_{plain}"
            name = self.free(wanted, f"{singular(table)}_{plain}", f"{wanted}_value")
            yield ReadyParameter(
                name, over, indices, layout.table, column.column, tuple(k.column for k in keys),
                units.get(column.column, ""),
            )  # fmt: skip

    def indices(self, keys: Sequence[_Column], groups: Sequence[_Group]) -> Iterator[str]:
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


def _same_set(group: _Group, column: _Column) -> bool:
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


def _own_name(table: str) -> str:
    return identifier(table).lower().removesuffix("_long")


def identifier(name: str) -> str:
    """Return a name as an identifier."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"\W+", "_", ascii_only).strip("_")[:40].rstrip("_") or "column"
    return plain if plain[0].isalpha() else f"n_{plain}"


def singular(name: str) -> str:
    """Return a noun of a heading in the singular, as far as its ending tells."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"),
                            ("shes", "sh")):  # fmt: skip
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending) + instead
    plain = name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2
    return name[:-1] if plain else name


def plural(name: str) -> str:
    """Return a noun of a heading in the plural."""
    if name != singular(name):
        return name
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")
