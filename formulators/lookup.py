"""Lookup by arrays: where integer keys, or tuples of them, stand in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Codes: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


class Positions:
    """Finds where keys stand in an array of distinct keys."""

    def __init__(self, keys: Codes) -> None:
        low = int(keys.min()) if len(keys) else 0
        span = int(keys.max()) - low + 1 if len(keys) else 0
        self.size = len(keys)
        self._low = low
        self._span = span if span <= 4 * len(keys) + 1024 else 0
        if self._span:
            self._table = np.full(span, -1, dtype=np.int64)
            self._table[keys - low] = np.arange(len(keys))
        else:
            self._order = np.argsort(keys, kind="stable")
            self._sorted = keys[self._order]

    def find(self, keys: Codes) -> Codes:
        """Return positions, -1 where a key is not there."""
        if self.size == 0:
            return np.full(len(keys), -1, dtype=np.int64)
        if self._span:
            offset = keys - self._low
            inside = (offset >= 0) & (offset < self._span)
            if inside.all():
                return self._table[offset]
            return np.where(inside, self._table[np.where(inside, offset, 0)], -1)
        at = np.minimum(np.searchsorted(self._sorted, keys), self.size - 1)
        return np.where(self._sorted[at] == keys, self._order[at], -1)


class Rows:
    """Finds where tuples stand in a table of distinct tuples, one array a component."""

    def __init__(self, columns: Sequence[Codes]) -> None:
        self._steps: list[tuple[Positions, Positions | None]] = []
        key: Codes = np.zeros(len(columns[0]), dtype=np.int64)
        distinct = 1
        for column in columns:
            part = Positions(np.unique(column))
            packed = None
            if distinct * part.size >= 1 << 62:
                # Repack: what is distinct so far is at most one key a row.
                packed = Positions(np.unique(key))
                key, distinct = packed.find(key), packed.size
            self._steps.append((part, packed))
            key = key * part.size + part.find(column)
            distinct *= max(part.size, 1)
        self._last = Positions(key)

    def find(self, columns: Sequence[Codes]) -> Codes:
        """Return positions, -1 where a tuple is not there."""
        key: Codes = np.zeros(len(columns[0]), dtype=np.int64)
        missing: Mask = np.zeros(len(key), dtype=np.bool_)
        for (part, packed), column in zip(self._steps, columns, strict=True):
            if packed is not None:
                key = packed.find(key)
                missing |= key < 0
            at = part.find(column)
            missing |= at < 0
            key = key * part.size + at
        return np.where(missing, -1, self._last.find(key))


def first_duplicate(columns: Sequence[Codes]) -> int | None:
    """Return the row of a tuple that stands there a second time, or None."""
    if len(columns[0]) < 2:
        return None
    order = np.lexsort(columns)
    same = np.ones(len(order) - 1, dtype=np.bool_)
    for column in columns:
        ordered = column[order]
        same &= ordered[1:] == ordered[:-1]
    return int(order[1:][same].min()) if same.any() else None
