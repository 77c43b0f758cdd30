"""How a table is made: its keys, numbers and further labels; and names as identifiers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from optiwright.formulators.data import Data
from optiwright.formulators.keys import canonical

if TYPE_CHECKING:
    import pandas as pd

_MOST_KEYS = 4
_MOST_LABELS = 8
"""Columns of labels that are tried as keys; a table with more of them has its keys among these."""
_MOST_SPELT = 10_000
_FEWEST_COUNTED = 3
_KEYS = re.compile(
    r"(?:.*_)?(?:id|no|nr|code|key|index|node|year|quarter|month|week|day|date|hour|period|time"
    r"|shift|slot|step|t|from|to|origin|destination|i|j|k)",
    re.IGNORECASE,
)


def shown_tables(data: Data) -> dict[str, pd.DataFrame]:
    """Return the tables to speak of: of a matrix alone the long form, else the one with columns.

    A matrix has headings that are labels themselves: of another table, of its own rows, or counted.
    """
    plain = {name: data.tables[name] for name in given_tables(data)}
    known = {name: _all_labels(frame) for name, frame in plain.items()}
    shown: dict[str, pd.DataFrame] = {}
    for name, frame in plain.items():
        long = long_of(name, data)
        if long is not None:
            column = data.tables[long].iloc[:, -2]
            heads = {str(h).strip().lower() for h in column.unique()}
            elsewhere = any(heads <= labels for labels in known.values())
            matrix = elsewhere or column.dtype.kind in "iu"
            whole = len(heads) + data.tables[long].shape[1] - 2 == frame.shape[1]
            if matrix and whole and not entry_tables(name, data):
                shown[long] = data.tables[long]
                continue
        shown[name] = frame
    return shown


def given_tables(data: Data) -> list[str]:
    """Return the tables as they were given, without those that reading made of them."""
    made = {form for table in data.tables for form in forms_made(table, data)}
    return [table for table in data.tables if table not in made]


def forms_made(table: str, data: Data) -> set[str]:
    """Return the tables that reading made of one: its long form, those of its lists' entries."""
    long = long_of(table, data)
    return {*([] if long is None else [long]), *entry_tables(table, data).values()}


def long_of(table: str, data: Data) -> str | None:
    """Return the long form that reading made of a table; None where there is none."""
    name = f"{table}_long"
    return name if _made_of(table, name, data) else None


def _made_of(table: str, name: str, data: Data) -> bool:
    """Whether there is a table of this name, from the sheet that the first one is of."""
    source, other = data.sources[table], data.sources.get(name)
    return other is not None and (source.file, source.sheet) == (other.file, other.sheet)


def entry_tables(table: str, data: Data) -> dict[str, str]:
    """Return the tables that reading made of a table's columns of lists, by column."""
    frame = data.tables[table]
    found = {}
    for column in map(str, frame.columns):
        name = f"{table}_{column}"
        if not _made_of(table, name, data):
            continue
        made = data.tables[name]
        own = str(made.columns[-1]) == column and set(made.columns) <= set(frame.columns)
        if own and column_kind(frame[column]) == "text" and len(made) > frame[column].count():
            found[column] = name
    return found


def head_column(table: str, data: Data) -> str:
    """Return the column of a long form that holds the heads of the wide table; empty if none does.

    A long form is one that reading made of another table, and no table that was given.
    """
    wide = table.removesuffix("_long")
    if wide not in data.tables or long_of(wide, data) != table:
        return ""
    column = str(data.tables[table].columns[-2])
    heads = set(map(canonical, data.tables[table][column].unique()))
    given = map(canonical, data.originals[wide].values())
    return column if heads <= set(given) else ""


def _all_labels(frame: pd.DataFrame) -> set[str]:
    """Return the labels of a table's columns of text, and of a first column of whole numbers."""
    texts = [
        c
        for k, c in enumerate(frame.columns)
        if column_kind(frame[c]) == "text" or (k == 0 and column_kind(frame[c]) == "whole")
    ]
    return {str(v).strip().lower() for c in texts for v in frame[c].dropna().unique()}


@dataclass(frozen=True)
class Column:
    """A column of keys or of numbers."""

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
class Layout:
    """A table's columns by their part: keys, numbers, further labels; `keys` None if none do."""

    table: str
    rows: int
    keys: tuple[Column, ...] | None
    numbers: tuple[Column, ...]
    others: tuple[Column, ...]


def layout_of(table: str, frame: pd.DataFrame) -> Layout:
    """Return how a table is made, as far as its columns tell."""
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
    return Layout(
        table,
        len(frame),
        None if keys is None else tuple(_column(frame, c) for c in keys),
        tuple(Column(c, frozenset(), False) for c in numbers if c not in (keys or ())),
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
    rates = all("_" in c for c in likely)  # as `units_hour`, units an hour
    if not texts and rates and wholes and _counts_rows(frame, wholes[0]):
        likely.insert(0, wholes[0])
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


def _counts_rows(frame: pd.DataFrame, column: str) -> bool:
    """Whether a table's first column has 1, 2, 3 and so on."""
    first = column == str(frame.columns[0]) and len(frame) >= _FEWEST_COUNTED
    return first and frame[column].tolist() == [*range(1, len(frame) + 1)]


def _column(frame: pd.DataFrame, column: str) -> Column:
    cells = frame[column].dropna()
    whole = column_kind(cells) == "whole"
    distinct = [str(label).strip() for label in cells.unique()]
    spelling = {} if whole or len(distinct) > _MOST_SPELT else {d.lower(): d for d in distinct}
    return Column(column, frozenset(d.lower() for d in distinct), whole, spelling)


def own_name(table: str) -> str:
    """Return what a table is called, whichever form of it is shown."""
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
