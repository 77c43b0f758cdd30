"""Keys matched whatever their type, letter case and spaces: one spelling for each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from optiwright.formulators.indices import MAX_INTEGER
from optiwright.formulators.lookup import Codes
from optiwright.formulators.model import Element

_WHOLE = re.compile(r"^[+\-]?\d{1,15}(?:\.0*)?$")


def element_of(cell: Any) -> Element | None:
    """Return a cell as an element: whole numbers as integers, the rest as text; None: blank."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, int | np.integer) and abs(int(cell)) <= MAX_INTEGER:
        return int(cell)
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return int(cell) if abs(float(cell)) <= MAX_INTEGER else str(int(cell))
    return str(cell)


def canonical(element: Element) -> Element:
    """Return what equal keys have in common: no spaces around, one case, whole texts as integers.

    `007` is the integer 7 here, and so is `7.0`.
    """
    if not isinstance(element, str):
        return element
    text = " ".join(unicodedata.normalize("NFKC", element).split()).casefold()
    if _WHOLE.match(text):
        return int(text.partition(".")[0])
    return text


class KeyColumn(Sequence[Element]):
    """A column of elements, by distinct label; a row is made on demand.

    `heads` says that they are the heads of a wide table, in the long form that reading made of it.
    """

    def __init__(self, labels: Sequence[Element], codes: Codes, *, heads: bool = False) -> None:
        self.labels = labels
        self.codes = codes
        self.heads = heads

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, item: int) -> Element: ...
    @overload
    def __getitem__(self, item: slice) -> KeyColumn: ...
    def __getitem__(self, item: int | slice) -> Element | KeyColumn:
        if isinstance(item, slice):
            return KeyColumn(self.labels, self.codes[item], heads=self.heads)
        return self.labels[int(self.codes[item])]

    def __iter__(self) -> Iterator[Element]:
        return map(self.labels.__getitem__, self.codes.tolist())


class Spellings:
    """One spelling for each key of a formulation, the first that was seen."""

    def __init__(self) -> None:
        self._chosen: dict[Element, Element] = {}
        self._several: set[Element] = set()

    def declare(self, elements: Iterable[Element]) -> None:
        """Take in elements as a formulation writes them; these may differ in case alone."""
        for element in dict.fromkeys(elements):
            form = canonical(element)
            if form in self._chosen and self._chosen[form] != element:
                self._several.add(form)
            self._chosen.setdefault(form, element)

    def choose(self, element: Element) -> Element:
        """Return the spelling of a key; its own where no other was seen."""
        form = canonical(element)
        if form in self._several:
            return element
        return self._chosen.setdefault(form, element)


def clashes(elements: Iterable[Element]) -> list[tuple[Element, Element]]:
    """Return pairs of distinct elements that are the same key but for their spelling."""
    seen: dict[Element, Element] = {}
    found: list[tuple[Element, Element]] = []
    for element in elements:
        first = seen.setdefault(canonical(element), element)
        if first is not element and (type(first), first) != (type(element), element):
            found.append((first, element))
    return found
