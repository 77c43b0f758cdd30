"""What a language model is told of the user's tables: how they are made, and never the rest.

Its length does not depend on the number of rows: a few of them and of the labels, or a dozen
labels, are shown, long cells are cut, and what more there is is counted. Names and cells are data:
they stand in quotation marks between `<data>` and `</data>`, and nothing in them can end that.
Without samples no cell's content is told, and so neither labels nor ranges.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optiwright.formulators.phrases import counted
from optiwright.formulators.table_layout import (
    column_kind,
    entry_tables,
    head_column,
    long_of,
    shown_tables,
)
from optiwright.formulators.table_symbols import (
    Ready,
    ReadyParameter,
    ReadySet,
    ready_made,
)

if TYPE_CHECKING:
    import pandas as pd

    from optiwright.formulators.data import Data

SAMPLE_ROWS = 3
MOST_LABELS = 5
FEW_LABELS = 12
"""Up to so many labels of a column are all told: a list of some of them has to spell them so."""
LONGEST_CELL = 40
MOST_TABLES = 20
MOST_COLUMNS = 24
MOST_SYMBOLS = 40

_KINDS = {"text": "text", "whole": "whole numbers", "number": "numbers", "other": "dates"}


@dataclass(frozen=True)
class ShownCells:
    """Cells of a table that went into a prompt."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[int, ...]
    """By the file's own numbers."""


@dataclass(frozen=True)
class Brief:
    """A text for a prompt, and which cells of the tables it holds."""

    text: str
    shown: tuple[ShownCells, ...]


def brief_of_tables(data: Data, *, samples: bool = True) -> Brief:
    """Tell of tables and columns, for a model that takes sets and parameters from them itself."""
    return _Telling(data, samples).tables()


def brief_of_names(data: Data, ready: Ready, *, samples: bool = True) -> Brief:
    """Tell of the sets and parameters that the tables give ready-made, for a small model."""
    return _Telling(data, samples).names(ready)


@dataclass
class _Telling:
    data: Data
    samples: bool
    shown: list[ShownCells] = field(default_factory=list)

    # --- tables -----------------------------------------------------------------------------------

    def tables(self) -> Brief:
        told = shown_tables(self.data)
        ready = ready_made(self.data)
        lines: list[str] = []
        for name in list(told)[:MOST_TABLES]:
            lines += self.table(name, told[name], ready)
        if len(told) > MOST_TABLES:
            lines.append(f"and {len(told) - MOST_TABLES} more tables")
        return self.brief(lines)

    def table(self, name: str, frame: pd.DataFrame, ready: Ready) -> Iterator[str]:
        keys = _keys_of(name, ready)
        apart = self.told_apart(name, frame, keys, ready)
        yield f"table {quoted(name)}: {counted(len(frame), 'row')}{apart}"
        numbers = sum(column_kind(frame[c]) in {"whole", "number"} for c in frame.columns)
        if (long := long_of(name, self.data)) is not None and numbers > 2:
            columns = ", ".join(self.long_column(long, c) for c in self.data.tables[long].columns)
            yield f"  also with a row for each number, as table {quoted(long)}: {columns}"
        for column, entries in entry_tables(name, self.data).items():
            made = self.data.tables[entries]
            told = ", ".join(map(quoted, made)) + self.labels(entries, column, made[column])
            each = f"a row for each entry of {quoted(column)}"
            yield f"  also with {each}, as table {quoted(entries)}: {told}"
        names = [str(c) for c in frame.columns]
        for column in names[:MOST_COLUMNS]:
            yield f"  {quoted(column)}: {self.column(name, column, frame[column], ready)}"
        if len(names) > MOST_COLUMNS:
            yield f"  and {len(names) - MOST_COLUMNS} more columns"
        if self.samples and len(frame):
            kept = tuple(names[:MOST_COLUMNS])
            head = frame[list(kept)].head(SAMPLE_ROWS)
            self.shown.append(ShownCells(name, kept, tuple(int(r) for r in head.index)))
            for row in head.itertuples(index=False):
                yield f"  row: [{', '.join(map(_cell, row))}]"

    def long_column(self, long: str, column: str) -> str:
        """Return a column of a long form; one of heads with these, which are no cells."""
        if column != head_column(long, self.data):
            return quoted(column)
        heads = self.data.tables[long][column].unique()
        more = ", ..." if len(heads) > MOST_COLUMNS else ""
        return f"{quoted(column)} ({', '.join(map(_cell, heads[:MOST_COLUMNS]))}{more})"

    def told_apart(
        self, name: str, frame: pd.DataFrame, keys: tuple[str, ...] | None, ready: Ready
    ) -> str:
        if keys is None:
            return "" if len(frame) == 1 else ", which no columns tell apart"
        if not keys:
            return ""
        said = f", told apart by {' and '.join(quoted(k) for k in keys)}"
        own = next(
            (s for s in ready.sets if s.table == name and s.columns == keys and s.parts), None
        )
        if own is None:
            return said + (", one for every combination" if len(keys) > 1 else "")
        whole = math.prod(s.size for p in own.parts if (s := ready.set(p)) is not None)
        return f"{said}, which have {whole:,} combinations: not every one has a row"

    def column(self, table: str, column: str, cells: pd.Series[Any], ready: Ready) -> str:
        unit = self.data.units.get(table, {}).get(column, "")
        kind = column_kind(cells)
        said = [_KINDS[kind] + (f" in {_cut(unit)}" if unit else "")]
        blank = int(cells.isna().sum())
        if kind in {"text", "other"}:
            said.append(f"{cells.nunique():,} distinct{self.labels(table, column, cells)}")
        elif self.samples and blank < len(cells):
            said.append(self.range(table, column, cells))
        if blank:
            said.append(f"{blank:,} blank")
        same = next((s for s in ready.sets if not s.parts and s.table != table
                     and _is_of(s, table, column, ready)), None)  # fmt: skip
        if same is not None:
            said.append(f"the labels of {quoted(same.columns[0])} in table {quoted(same.table)}")
        return ", ".join(said)

    def labels(self, table: str, column: str, cells: pd.Series[Any]) -> str:
        if not self.samples:
            return ""
        distinct = cells.drop_duplicates().dropna()
        first = distinct if len(distinct) <= FEW_LABELS else distinct.head(MOST_LABELS)
        self.shown.append(ShownCells(table, (column,), tuple(int(r) for r in first.index)))
        more = ", ..." if len(distinct) > len(first) else ""
        return f" ({', '.join(map(_cell, first))}{more})"

    def range(self, table: str, column: str, cells: pd.Series[Any]) -> str:
        low, high = (cells.index[k] for k in (int(cells.argmin()), int(cells.argmax())))
        self.shown.append(ShownCells(table, (column,), (int(low), int(high))))
        least, most = cells.min(), cells.max()
        return _cell(least) if least == most else f"{_cell(least)} to {_cell(most)}"

    # --- names ------------------------------------------------------------------------------------

    def names(self, ready: Ready) -> Brief:
        told = shown_tables(self.data)
        lines = []
        for name in list(told)[:MOST_TABLES]:
            columns = [str(c) for c in told[name].columns]
            kept = ", ".join(map(_cut, columns[:MOST_COLUMNS]))
            more = f" and {len(columns) - MOST_COLUMNS} more" if len(columns) > MOST_COLUMNS else ""
            lines.append(f"table {_cut(name)}: {kept}{more}; {counted(len(told[name]), 'row')}")
        named = {label.pairs for label in ready.labels}
        sets = [s for s in ready.sets if s.name not in named]
        lines += ["sets:", *(self.set(s) for s in sets[:MOST_SYMBOLS])]
        if ready.labels:
            lines += ["labels:", *(self.label(x.name, x.of, x.among, ready) for x in
                                   ready.labels[:MOST_SYMBOLS])]  # fmt: skip
        if ready.parameters:
            lines += ["numbers:", *(self.parameter(p, ready) for p in
                                    ready.parameters[:MOST_SYMBOLS])]  # fmt: skip
        return self.brief(lines)

    def set(self, ready: ReadySet) -> str:
        if ready.parts:
            loop = ", ".join(ready.indices)
            said = f"`for {loop} in {ready.name}`, {ready.size:,} of them"
            return f"{ready.name}: the rows of table {_cut(ready.table)}, {said}"
        said = f"{ready.name}: each {ready.indices[0]}, {ready.size:,} of them"
        if not self.samples:
            return said
        cells = self.data.tables[ready.table][ready.columns[0]].drop_duplicates().dropna()
        first = cells.head(MOST_LABELS)
        self.shown.append(ShownCells(ready.table, ready.columns, tuple(map(int, first.index))))
        order = "in order:" if ready.whole else "such as"
        return f"{said}, {order} {', '.join(map(_cell, first))}"

    def label(self, name: str, of: str, among: str, ready: Ready) -> str:
        owner = ready.set(of)
        index = owner.indices[0] if owner is not None else of
        return f"{name}[{index}]: one of {among}"

    def parameter(self, ready: ReadyParameter, known: Ready) -> str:
        said = f"{ready.name}[{', '.join(ready.indices)}]" if ready.indices else ready.name
        parts = []
        rows = known.set(ready.over[0]) if ready.over else None
        if rows is not None and rows.parts:
            parts.append(f"for the rows of {ready.over[0]}")
        if self.samples:
            cells = self.data.tables[ready.table][ready.column].dropna()
            if len(cells):
                parts.append(self.range(ready.table, ready.column, cells))
        if ready.unit:
            parts.append(f"in {_cut(ready.unit)}")
        return f"{said}: {', '.join(parts)}" if parts else said

    def brief(self, lines: Sequence[str]) -> Brief:
        return Brief("\n".join(["<data>", *lines, "</data>"]), tuple(self.shown))


def _keys_of(table: str, ready: Ready) -> tuple[str, ...] | None:
    """Return the columns that tell a table's rows apart; None if none do."""
    if table in ready.open_tables:
        return None
    found = next((p.keys for p in ready.parameters if p.table == table), None)
    if found is not None:
        return found
    return next((s.columns for s in ready.sets if s.table == table and not s.parts), None)


def _is_of(ready: ReadySet, table: str, column: str, known: Ready) -> bool:
    """Whether a table's key column is of a set."""
    for p in known.parameters:
        if p.table == table and column in p.keys:
            rows = known.set(p.over[0]) if p.over else None
            parts = rows.parts if rows is not None and rows.parts else p.over
            return dict(zip(p.keys, parts, strict=False)).get(column) == ready.name
    return False


def _cell(value: Any) -> str:
    """Return a cell as JSON, cut, without any sign that could end the data."""
    if (isinstance(value, float) and not math.isfinite(value)) or value is None:
        return "blank"
    if isinstance(value, bool | int | float) or hasattr(value, "item"):
        plain = value.item() if hasattr(value, "item") else value
        return f"{plain:.6g}" if isinstance(plain, float) else str(plain)[:LONGEST_CELL]
    return quoted(str(value))


def quoted(text: object) -> str:
    """Return a text in quotation marks, cut, without any sign that could end the data."""
    return json.dumps(_cut(str(text)), ensure_ascii=False)


def _cut(text: str) -> str:
    """Return a text of one line, no longer than a cell is shown."""
    plain = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    plain = plain.replace("<", "(").replace(">", ")").replace("`", "'")
    return plain if len(plain) <= LONGEST_CELL else plain[: LONGEST_CELL - 1] + "…"
