"""Wide tables as long ones, a row for each number; and cells of lists, a row for each entry."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

import numpy as np
import pandas as pd

from optiwright.formulators.data_limits import MOST_ROWS
from optiwright.formulators.data_names import canonical_name, fresh_name
from optiwright.formulators.text_times import MONTHS

_SEPARATOR = re.compile(r"\s*(?:;|,(?!\d))\s*")
"""Between the entries of a list; commas before a digit may be of a number."""
_LONGEST_ENTRY = 24
_SHORTEST_SERIES = 3
_MEMBER = re.compile(
    r"\b(?P<day>(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\b"
    rf"|\b(?P<month>{MONTHS})\b"
    r"|(?P<number>\d+)(?!.*\d)|(?P<letter>\b[A-Z]\b)",
    re.IGNORECASE,
)
"""What tells the headers of a series apart."""
_SEEN = 1000
"""Cells that decide whether a column is of lists."""


def long_form(frame: pd.DataFrame, originals: Mapping[str, str]) -> pd.DataFrame | None:
    """Return a wide table in long form; None if it is not wide.

    Wide is what has text keys in its first columns, no combination of them twice, and beside them
    at least two columns, all of numbers. A first column of whole numbers is a key too where all
    headers beside it are whole numbers, or a series. The long form has the keys, the headers under
    `column`, and the numbers under `value`; blanks have no row.

    Where three or more headers are a series (`Mon` to `Sun`, `Week 1` to `Week 6`, `Plant A` to
    `Plant C`), it has these alone, and columns beside them, such as a wage or a remark, make a
    table no less wide.
    """
    names = [str(c) for c in frame.columns]
    keys = _keys(frame, names, originals)
    beside = names[len(keys) :]
    numbers = _series(_of_numbers(frame, beside), originals) or beside
    if not keys or len(numbers) < 2 or len(frame) == 0 or len(frame) * len(numbers) > MOST_ROWS:
        return None
    if _of_numbers(frame, numbers) != numbers or frame.duplicated(keys).any():
        return None
    heads = np.array([_label(originals[c]) for c in numbers], dtype=object)
    if not all(isinstance(h, int) for h in heads):
        heads = np.array([str(originals[c]) for c in numbers], dtype=object)
    key_name, column_name = _heads(keys[-1], originals[keys[-1]])
    columns = {
        (k if k != keys[-1] else key_name): np.repeat(frame[k].to_numpy(), len(numbers))
        for k in keys
    }
    column_name = fresh_name(column_name, columns)
    columns[column_name] = np.tile(heads, len(frame))
    value = fresh_name("value", columns)
    columns[value] = frame[numbers].to_numpy(dtype=np.float64).ravel()
    long = pd.DataFrame(columns, np.repeat(frame.index, len(numbers)))
    if isinstance(heads[0], int):
        long[column_name] = long[column_name].astype(np.int64)
    there = long[value].notna()
    return long if there.all() else long.loc[there.to_numpy()]


def entry_forms(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each column whose cells are lists, and a table with a row for each entry.

    Most cells must have two or more short entries between commas or semicolons, and most entries
    must stand in several cells. The table has the first columns of text before any other, which
    must tell the rows apart, else a first column of whole numbers; then the entries, under the
    column's own name.
    """
    lists = [str(c) for c in frame.columns if frame[c].dtype.kind == "O" and _are_lists(frame[c])]
    named = [str(c) for c in frame.columns if str(c) not in lists]
    keys = list(takewhile(lambda c: frame[c].dtype.kind == "O" and frame[c].notna().all(), named))
    if not keys and named and frame[named[0]].dtype.kind in "iu":
        keys = named[:1]
    if not keys or frame.duplicated(keys).any():
        return
    for column in lists:
        split = frame[column].map(_entries, na_action="ignore")
        if split.dropna().map(len).sum() > MOST_ROWS:
            continue
        rows = frame[keys].assign(**{column: split}).explode(column)
        yield column, rows[rows[column].notna()]


def _entries(cell: Any) -> list[str]:
    """Return the distinct entries of a list."""
    return list(dict.fromkeys(e for e in _SEPARATOR.split(str(cell).strip()) if e))


def _are_lists(cells: pd.Series[Any]) -> bool:
    split = [_entries(cell) for cell in cells.dropna().head(_SEEN)]
    times = Counter(entry for entries in split for entry in entries)
    return (
        2 * sum(len(entries) > 1 for entries in split) > len(split)
        and all(len(entry) <= _LONGEST_ENTRY for entry in times)
        and 2 * sum(count > 1 for count in times.values()) > len(times)
    )


def _keys(frame: pd.DataFrame, names: list[str], originals: Mapping[str, str]) -> list[str]:
    keys: list[str] = []
    for name in names:
        if frame[name].dtype.kind != "O" or frame[name].isna().any():
            break
        keys.append(name)
    if keys or len(names) < 3:
        return keys
    years = all(isinstance(_label(originals[c]), int) for c in names[1:])
    counted = years or bool(_series(_of_numbers(frame, names[1:]), originals))
    return names[:1] if counted and frame[names[0]].dtype.kind in "iu" else []


def _of_numbers(frame: pd.DataFrame, names: list[str]) -> list[str]:
    return [name for name in names if frame[name].dtype.kind in "iuf"]


def _series(names: list[str], originals: Mapping[str, str]) -> list[str]:
    """Return the columns whose headers count or name one thing after the other; all or none."""
    members: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name in names:
        if parts := _MEMBER.search(originals[name].strip()):
            around = (parts.string[: parts.start()].lower(), parts.string[parts.end() :].lower())
            members[(str(parts.lastgroup), *around)].append(name)
    long = [found for found in members.values() if len(found) >= _SHORTEST_SERIES]
    return long[0] if len(long) == 1 else []


def _label(text: str) -> int | str:
    return int(text) if text.strip().isascii() and text.strip().isdigit() else text.strip()


def _heads(name: str, original: str) -> tuple[str, str]:
    """Return what rows and columns are keyed by: both, where the corner says `plant/market`."""
    for sign in ("\\", "/", "|"):
        parts = original.split(sign)
        if len(parts) == 2 and all(p.strip() for p in parts):
            return canonical_name(parts[0]), canonical_name(parts[1])
    return ("row" if name == "column_1" else name), "column"
