"""What does not fit in data: each fault with its table, column and rows, all of them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optiwright.formulators.errors import DataError
from optiwright.formulators.indices import Domain, Floats, Indices, Labels
from optiwright.formulators.keys import KeyColumn
from optiwright.formulators.lookup import Codes, Mask
from optiwright.formulators.model import Bound, Element, Parameter
from optiwright.formulators.number_text import read_numbers, style_of
from optiwright.formulators.tables import Table, label_column, left_out
from optiwright.formulators.units import known_unit

if TYPE_CHECKING:
    from optiwright.formulators.data import Data, Source

_SHOWN = 3
"""Rows of a fault that are named; the rest is counted."""
_MOST = 20
"""Faults that are listed."""
_BLANK = -2
"""Where a row without a key stands in a domain."""
_LEFT_OUT = -3
"""Where a row of a column that plays no part does."""
_DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$")
_COMMAS = re.compile(r"^[+\-$€£ ]*\d[\d.,]*,\d")
_NEVER_NEGATIVE = re.compile(
    r"demand|suppl|capacit|distance|weight|stock|duration|population|volume|availab|hours|requirement"
)
_MAY_BE_NEGATIVE = re.compile(
    r"net|balance|change|delta|differ|deviation|adjust|surplus|shift|offset|temperature"
)


@dataclass(frozen=True)
class Place:
    """What is taken from where."""

    symbol: str
    """As in `parameter `cost``."""
    table: str
    column: str
    source: Source

    @property
    def shown(self) -> str:
        """The column in words."""
        sheet = f", sheet `{self.source.sheet}`" if self.source.sheet else ""
        file = "" if self.source.file == "frame" else f" (`{self.source.file}`{sheet})"
        column = f"column `{self.column}` of " if self.column else ""
        return f"{column}table `{self.table}`{file}"


class Faults:
    """Collects what is wrong with data."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._found: list[str] = []

    def raise_any(self) -> None:
        """Raise what was found.

        Raises:
            DataError: if there was anything.
        """
        found = list(dict.fromkeys(self._found))
        if not found:
            return
        lines = found[:_MOST]
        if len(found) > _MOST:
            lines.append(f"and {len(found) - _MOST} more")
        listed = "\n".join(f"  - {line}" for line in lines)
        count = "one thing is" if len(found) == 1 else f"{len(found)} things are"
        raise DataError(
            f"{count} wrong with the data:\n{listed}",
            remedy="Nothing was solved. Correct the data, or what is taken from them.",
        )

    # --- keys -------------------------------------------------------------------------------------

    def blank_keys(self, place: Place, blank: Mask) -> None:
        """Note rows without a key."""
        if blank.any():
            self._note(f"{place.shown}: the key is blank {self._rows(place, blank)}")

    def ambiguous(
        self, place: Place, pairs: Sequence[tuple[Element, Element]], cells: pd.Series[Any]
    ) -> None:
        """Note keys of one column that differ in spelling only."""
        for first, second in pairs[:_SHOWN]:
            rows = [
                int(cells.index[int(np.argmax((cells == element).to_numpy()))])
                for element in (first, second)
            ]
            self._note(
                f"{place.shown}: {first!r} in row {rows[0]} and {second!r} in row {rows[1]} are "
                "the same key but for their spelling; write them alike, or apart"
            )
        if len(pairs) > _SHOWN:
            self._note(f"{place.shown}: {len(pairs) - _SHOWN:,} more such pairs")

    def keys(
        self,
        place: Place,
        bound: Bound,
        domain: Domain,
        labels: Labels,
        tables: Mapping[str, Table],
    ) -> Mask:
        """Note keys outside the domain, keys that stand there twice, and keys that are missing.

        Returns which rows are left out, since they are of columns that no index has.
        """
        count = len(self._data.tables[place.table])
        if len(bound.key_columns) != domain.arity or (not domain.arity and count != 1):
            what = f"{len(bound.key_columns)} key columns for {domain.arity} indices"
            if not domain.arity and not bound.key_columns:
                what = f"one number is wanted, and there are {count:,} rows"
            self._note(f"{place.symbol} from {place.shown}: {what}")
            return np.zeros(count, dtype=np.bool_)
        columns = [label_column(tables, bound.table, c, labels) for c in bound.key_columns]
        out = left_out(tables, bound, domain, columns, count)
        found = np.where(out, _LEFT_OUT, domain.find(columns, count))
        for c in bound.key_columns:
            found = np.where(_blank(tables[bound.table][c]), _BLANK, found)
        named = ", ".join(f"`{c}`" for c in bound.key_columns)
        self._outside(place, named, found, Indices(labels, count, columns))
        self._twice(place, named, found, domain)
        filled = np.zeros(domain.size, dtype=np.bool_)
        filled[found[found >= 0]] = True
        if bound.default is None and not filled.all():
            gaps = np.flatnonzero(~filled)
            shown = ", ".join(_index(domain.indices[int(k)]) for k in gaps[:_SHOWN])
            self._note(
                f"{place.symbol} from {place.shown}: no row for {_counted(len(gaps), shown)} of "
                f"the {domain.size:,} that are needed"
            )
        return out

    def _outside(self, place: Place, named: str, found: Codes, keys: Indices) -> None:
        outside = found == -1
        if not outside.any():
            return
        first = [_index(keys[int(k)]) for k in np.flatnonzero(outside)]
        distinct = list(dict.fromkeys(first))
        shown = ", ".join(distinct[:_SHOWN])
        self._note(
            f"{place.symbol} from {place.shown}: {named} has {_counted(len(distinct), shown)}, "
            f"not among the elements that the formulation knows {self._rows(place, outside)}"
        )

    def _twice(self, place: Place, named: str, found: Codes, domain: Domain) -> None:
        inside = np.flatnonzero(found >= 0)
        counts = np.bincount(found[inside], minlength=domain.size)
        if counts.max(initial=0) < 2:
            return
        again = (found >= 0) & (counts[found] > 1)
        doubled = np.flatnonzero(counts > 1)
        shown = ", ".join(_index(domain.indices[int(k)]) for k in doubled[:_SHOWN])
        self._note(
            f"{place.symbol} from {place.shown}: {named} has more than one row for "
            f"{_counted(len(doubled), shown)} {self._rows(place, again)}"
        )

    # --- values -----------------------------------------------------------------------------------

    def numbers(self, place: Place, parameter: Parameter, cells: pd.Series[Any]) -> Floats:
        """Return a column's numbers, noting the cells that are none or cannot be."""
        kind = cells.dtype.kind
        unit = self._data.units[place.table].get(place.column, "")
        if kind in "iuf":
            values = cells.to_numpy(dtype=np.float64)
        else:
            values, stated = self._from_text(place, cells)
            unit = unit or stated
        blank = np.asarray(cells.isna(), dtype=np.bool_)
        if blank.any():
            self._note(f"{place.shown}: blank {self._rows(place, blank)}")
        infinite = np.isinf(values)
        if infinite.any():
            self._note(f"{place.shown}: no finite number {self._rows(place, infinite)}")
        negative = values < 0
        if negative.any() and _never_negative(parameter):
            shown = ", ".join(f"{v:g}" for v in values[negative][:_SHOWN])
            self._note(
                f"{place.shown}: {_counted(int(negative.sum()), shown)} below zero "
                f"{self._rows(place, negative)}, which {place.symbol} cannot be"
            )
        self._units(place, parameter, unit)
        return values

    def _from_text(self, place: Place, cells: pd.Series[Any]) -> tuple[Floats, str]:
        codes, distinct = pd.factorize(cells)
        texts = pd.Series([str(d) for d in distinct], dtype=object)
        style = style_of(texts)
        read = read_numbers(texts, style)
        bad = np.isnan(read.values)
        values = np.append(read.values, np.nan)[codes]
        if bad.any():
            dates = texts.str.match(_DATE).to_numpy(dtype=bool)
            commas = texts.str.match(_COMMAS).to_numpy(dtype=bool)
            unclear = commas & (style in {"either", "mixed"})
            kinds = (
                ("a date where a number is wanted,", bad & dates),
                ("text where a number is wanted,", bad & ~dates & ~unclear),
                (
                    "commas of thousands or decimal (write 1234 or 1.234),",
                    bad & unclear,
                ),
            )
            for what, kind in kinds:
                if kind.any():
                    rows = np.append(kind, False)[codes]
                    shown = ", ".join(repr(t) for t in texts[kind][:_SHOWN])
                    self._note(
                        f"{place.shown}: {what} "
                        f"{_counted(int(kind.sum()), shown)} {self._rows(place, rows)}"
                    )
        units = {u for u, b in zip(read.units, bad, strict=True) if not b}
        if len(units) > 1:
            shown = " and ".join(sorted(u or "no unit" for u in units))
            self._note(f"{place.shown}: the cells state {shown}; write one unit, or none")
        return values, units.pop() if len(units) == 1 else ""

    def _units(self, place: Place, parameter: Parameter, unit: str) -> None:
        stated, declared = known_unit(unit), known_unit(parameter.unit)
        if stated and declared and stated != declared:
            self._note(
                f"{place.shown}: the column is in {unit}, {place.symbol} in {parameter.unit}; "
                "convert one of them"
            )

    # --- words ------------------------------------------------------------------------------------

    def _note(self, fault: str) -> None:
        self._found.append(fault)

    def _rows(self, place: Place, mask: Mask) -> str:
        """Return the rows of a mask in words, by the file's own numbers."""
        numbers = self._data.tables[place.table].index.to_numpy()[mask]
        distinct = list(dict.fromkeys(numbers.tolist()))
        shown = ", ".join(str(n) for n in distinct[:_SHOWN])
        more = f" and {len(distinct) - _SHOWN:,} more" if len(distinct) > _SHOWN else ""
        return f"in row{'s' if len(distinct) > 1 else ''} {shown}{more}"


def _blank(keys: Any) -> Mask:
    """Return the rows without a key, which are a fault of their own."""
    assert isinstance(keys, KeyColumn)
    blank: Mask = keys.codes < 0
    return blank


def _never_negative(parameter: Parameter) -> bool:
    if parameter.nonnegative:
        return True
    words = f"{parameter.name} {parameter.description}".lower()
    return bool(_NEVER_NEGATIVE.search(words)) and not _MAY_BE_NEGATIVE.search(words)


def _counted(count: int, shown: str) -> str:
    return f"{shown} and {count - _SHOWN:,} more" if count > _SHOWN else shown


def _index(index: Sequence[Element]) -> str:
    return repr(index[0]) if len(index) == 1 else repr(tuple(index))
