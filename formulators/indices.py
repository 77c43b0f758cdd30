"""Index storage: labels as integer codes, sets and domains as arrays of codes, lookup by arrays.

An integer label is its own code; a text gets a code above every integer. So an index computed by
arithmetic needs no dictionary, and a whole column of indices is found in a set at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.lookup import Codes, Mask, Positions, Rows
from optiwright.formulators.model import Element, Index

Floats: TypeAlias = npt.NDArray[np.float64]

TEXT_BASE = 1 << 62
"""The code of the first text; integers lie below."""

MISSING = -(1 << 62)
"""The code of a text that is no element of any set."""

MAX_INTEGER = 1 << 53
"""Integer labels lie within plus and minus this, so that arithmetic on them is exact."""

MAX_SET = 2_000_000
"""Elements of one set."""

MAX_INDICES = 20_000_000
"""Indices of one symbol, or combinations that one sum runs through."""


class Labels:
    """The labels of one instance: texts are interned, integers stand for themselves."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}

    def intern(self, column: Sequence[Element]) -> Codes:
        """Return the codes of labels, new texts included.

        Raises:
            FormulationError: if a label is neither a text nor an integer of at most 2**53.
        """
        for text in dict.fromkeys(column):
            if isinstance(text, str) and text not in self._codes:
                self._codes[text] = TEXT_BASE + len(self.texts)
                self.texts.append(text)
        return self.find(column)

    def find(self, column: Sequence[Element]) -> Codes:
        """Return the codes of labels, `MISSING` for texts never interned."""
        kinds = set(map(type, column))
        count = len(column)
        if kinds == {str}:
            # The caller's column holds only texts here, which the checker cannot see.
            texts: Any = column
            if self._codes.keys() >= set(texts):
                return np.fromiter(map(self._codes.__getitem__, texts), np.int64, count)
        return np.fromiter(map(self.code, column), np.int64, count)

    def code(self, label: Element) -> int:
        """Return the code of one label."""
        if isinstance(label, str):
            return self._codes.get(label, MISSING)
        if not isinstance(label, int) or abs(label) > MAX_INTEGER:
            raise FormulationError(
                f"{label!r} cannot be an element; texts and integers up to 2**53 can"
            )
        return int(label)

    def element(self, code: int) -> Element:
        """Return the label of a code."""
        return self.texts[code - TEXT_BASE] if code >= TEXT_BASE else int(code)

    def elements(self, codes: Codes) -> list[Element]:
        """Return the labels of codes."""
        if len(codes) and codes.min() >= TEXT_BASE:
            return list(map(self.texts.__getitem__, (codes - TEXT_BASE).tolist()))
        if len(codes) == 0 or codes.max() < TEXT_BASE:
            return list(codes.tolist())
        return [self.element(c) for c in codes.tolist()]


class Indices(Sequence[Index]):
    """A list of indices kept as one array of codes a component; tuples are made on demand."""

    def __init__(self, labels: Labels, size: int, columns: Sequence[Codes]) -> None:
        self._labels = labels
        self._size = size
        self.columns = tuple(columns)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, item: int) -> Index: ...
    @overload
    def __getitem__(self, item: slice) -> Indices: ...
    def __getitem__(self, item: int | slice) -> Index | Indices:
        if isinstance(item, slice):
            size = len(range(*item.indices(self._size)))
            return Indices(self._labels, size, [c[item] for c in self.columns])
        if not -self._size <= item < self._size:
            raise IndexError(item)
        return tuple(self._labels.element(int(c[item])) for c in self.columns)

    def __iter__(self) -> Iterator[Index]:
        if not self.columns:
            return iter([()] * self._size)
        return zip(*(self._labels.elements(c) for c in self.columns), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class Values(Mapping[Index, float]):
    """The values of a parameter by index, in the order of its domain."""

    def __init__(self, indices: Sequence[Index], values: Floats) -> None:
        self._indices = indices
        self._values = values

    @cached_property
    def _table(self) -> dict[Index, float]:
        return dict(zip(self._indices, self._values.tolist(), strict=True))

    def __getitem__(self, index: Index) -> float:
        return self._table[index]

    def __iter__(self) -> Iterator[Index]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)


@dataclass(frozen=True)
class IndexSet:
    """A set: its elements' codes in order, one array a component."""

    name: str
    columns: tuple[Codes, ...]

    @property
    def size(self) -> int:
        """Number of elements."""
        return len(self.columns[0])

    @property
    def arity(self) -> int:
        """Number of components of an element."""
        return len(self.columns)

    @cached_property
    def _finder(self) -> Positions | Rows:
        return Positions(self.columns[0]) if self.arity == 1 else Rows(self.columns)

    def find(self, columns: Sequence[Codes]) -> Codes:
        """Return the positions of elements, -1 where one is none."""
        if isinstance(self._finder, Positions):
            return self._finder.find(columns[0])
        return self._finder.find(columns)


@dataclass(frozen=True)
class Domain:
    """The indices of a symbol in order; a product of plain sets is found without a table."""

    indices: Indices
    sets: tuple[IndexSet, ...] | None
    """The factors where the domain is their full product, last fastest; else None."""

    @property
    def size(self) -> int:
        """Number of indices."""
        return len(self.indices)

    @property
    def arity(self) -> int:
        """Number of components of an index."""
        return len(self.indices.columns)

    def component(self, at: int) -> Codes:
        """Return the distinct codes of a component of the indices."""
        return np.unique(
            self.indices.columns[at] if self.sets is None else self.sets[at].columns[0]
        )

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self.indices.columns)

    def find(self, columns: Sequence[Codes], count: int) -> Codes:
        """Return the positions of `count` indices, -1 where one is outside."""
        if not self.arity:
            return np.zeros(count, dtype=np.int64)
        if self.sets is None:
            return self._rows.find(columns)
        position: Codes = np.zeros(count, dtype=np.int64)
        missing: Mask = np.zeros(count, dtype=np.bool_)
        for part, column in zip(self.sets, columns, strict=True):
            at = part.find((column,))
            missing |= at < 0
            position = position * part.size + at
        return np.where(missing, -1, position) if missing.any() else position


@dataclass(frozen=True)
class FamilySet:
    """An indexed set: the elements of all members, one member after another."""

    name: str
    over: Domain
    columns: tuple[Codes, ...]
    count: Codes
    """Number of elements at each index of `over`."""

    @property
    def arity(self) -> int:
        """Number of components of an element."""
        return len(self.columns)

    @cached_property
    def start(self) -> Codes:
        """First row of the member at each index of `over`."""
        return np.cumsum(self.count) - self.count

    @cached_property
    def _rows(self) -> Rows:
        owner = np.repeat(np.arange(len(self.count)), self.count)
        return Rows((owner, *self.columns))

    def find(self, owner: Codes, columns: Sequence[Codes]) -> Codes:
        """Return rows of elements within the member at `owner`, -1 where one is none."""
        return self._rows.find((owner, *columns))
