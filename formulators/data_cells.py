"""Cells settled: blanks, stray spaces, dates, and columns of texts that are all numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optiwright.formulators.number_text import Style, read_numbers, style_of

Mask = npt.NDArray[np.bool_]


def settle(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Return a table with settled columns, the units that its cells state, and what was done.

    A column is numbers if all its cells that are not blank are; else it keeps its texts, without
    spaces around them. In all columns but the first, "15 pieces" and "20 pieces" are numbers.
    """
    notes: list[str] = []
    columns = {str(c): _typed(frame[c], str(c), notes) for c in frame}
    texts = {c: _Texts(column) for c, column in columns.items() if column.dtype.kind not in "iuf"}
    style = _file_style([t.style for t in texts.values()])
    units: dict[str, str] = {}
    for name, text in texts.items():
        text.counted = name != next(iter(columns))
        columns[name] = text.settled(name, style, units, notes)
    settled = pd.DataFrame({c: column.to_numpy() for c, column in columns.items()}, frame.index)
    return _without_blanks(settled, notes), units, notes


_DASHES = frozenset({"-", "–", "—", "--", "n/a", "N/A"})
"""What people write where there is no number."""


class _Texts:
    """A column that is not all numbers, by its distinct cells."""

    def __init__(self, column: pd.Series[Any]) -> None:
        self._codes, distinct = pd.factorize(column)
        self._cells = np.array(list(distinct), dtype=object)
        self._is_text = np.fromiter(
            (isinstance(c, str) for c in self._cells), np.bool_, len(self._cells)
        )
        raw = pd.Series(self._cells[self._is_text], dtype=object)
        self._texts = raw.str.replace(r"\s+", " ", regex=True).str.strip() if len(raw) else raw
        self._stray = int((raw != self._texts).sum()) if len(raw) else 0
        self.style: Style = style_of(self._texts) if len(raw) else "none"
        self.counted = False
        """Whether numbers of one thing throughout are numbers, and no labels."""

    def settled(
        self, name: str, file_style: Style, units: dict[str, str], notes: list[str]
    ) -> pd.Series[Any]:
        if self._stray:
            notes.append(f"Stray spaces were left out in the column `{name}`.")
        cells = self._cells.copy()
        cells[self._is_text] = self._texts.to_numpy(dtype=object)
        blank = np.array([c is None or c == "" for c in cells], dtype=np.bool_)
        cells[blank] = None
        numbers = self._numbers(name, file_style, blank, units, notes)
        dashes = np.array([c in _DASHES for c in cells], dtype=np.bool_)
        if numbers is None and dashes.any():
            numbers = self._numbers(name, file_style, blank | dashes, units, notes)
            if numbers is not None:
                notes.append(f"Dashes in `{name}` were read as blanks.")
        found: pd.Series[Any]
        if numbers is not None:
            taken = np.append(numbers, np.nan)[self._codes]
            whole = np.isfinite(taken).all() and bool((taken == np.round(taken)).all())
            small = whole and bool((np.abs(taken) < 2**53).all())
            found = pd.Series(taken.astype(np.int64) if small and len(taken) else taken)
        else:
            found = pd.Series(np.append(cells, np.array([None]))[self._codes], dtype=object)
        return found

    def _numbers(
        self,
        name: str,
        file_style: Style,
        blank: Mask,
        units: dict[str, str],
        notes: list[str],
    ) -> npt.NDArray[np.float64] | None:
        """Return each distinct cell as a number if all are; blanks are NaN."""
        if blank.all():
            return None
        style = file_style if self.style in {"either", "none"} else self.style
        style_read = self.style if style == "none" else style
        read = read_numbers(self._texts, style_read, counted=self.counted)
        values = np.full(len(self._cells), np.nan)
        values[self._is_text] = read.values
        rest = ~self._is_text & ~blank
        if any(isinstance(c, bool) or not isinstance(c, int | float) for c in self._cells[rest]):
            return None
        values[rest] = self._cells[rest].astype(np.float64)
        if np.isnan(values[~blank]).any():
            if (
                self.style in {"either", "mixed"}
                and not np.isnan(
                    read_numbers(self._texts, "comma").values[self._texts.to_numpy() != ""]
                ).any()
            ):
                notes.append(
                    f"The column `{name}` was left as text: whether its commas stand before "
                    "fractions or thousands does not show."
                )
            return None
        stated = set(read.units[~blank[self._is_text]])
        stated |= {""} if rest.any() else set()
        if len(stated) > 1 or (read.thing and rest.any()):
            return None
        unit = stated.pop()
        said = unit or read.thing
        if unit:
            units[name] = unit
        if said:
            notes.append(f"The cells of `{name}` state {said}.")
        if style == "comma":
            notes.append(f"Commas in `{name}` were read as decimal commas.")
        elif self._texts.str.contains(r"[,'\u2019 ]", regex=True).any() and not said:
            notes.append(f"Separators of thousands were left out in `{name}`.")
        return values


def _file_style(styles: list[Style]) -> Style:
    shown = {s for s in styles if s in {"point", "comma"}}
    if len(shown) == 1:
        return shown.pop()
    return "none"


def _typed(column: pd.Series[Any], name: str, notes: list[str]) -> pd.Series[Any]:
    """Return a column as numpy's integers or floats, or as objects; dates as ISO texts."""
    kind = getattr(column.dtype, "kind", "O")
    if kind == "b":
        if column.isna().any():
            return column.astype(object).where(column.notna(), None)
        notes.append(f"True and false in `{name}` were read as 1 and 0.")
        return pd.Series(column.to_numpy(dtype=np.int64))
    if kind in "iuf":
        if column.isna().any():
            return pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan))
        wanted = np.float64 if kind == "f" else np.int64 if kind == "i" else None
        if kind == "u":
            wanted = np.int64 if len(column) == 0 or int(column.max()) < 2**63 else np.float64
        return pd.Series(column.to_numpy(dtype=wanted))
    if kind == "M":
        notes.append(f"Dates in `{name}` were read as texts such as `2026-01-31`.")
        return _dates(column)
    return column


def _dates(column: pd.Series[Any]) -> pd.Series[Any]:
    whole = (column.dropna() == column.dropna().dt.normalize()).all()
    texts = column.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%dT%H:%M:%S").astype(object)
    found: pd.Series[Any] = texts.where(column.notna(), None)
    return found


def _without_blanks(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    blank = frame.isna()
    rows = blank.all(axis=1) if len(frame.columns) else pd.Series(dtype=bool)
    if rows.any():
        notes.append(f"{int(rows.sum())} blank rows were left out.")
        frame = frame.loc[~rows]
    columns = [c for c in frame if str(c).startswith("column_") and blank[c].all()]
    if columns and len(frame):
        notes.append(f"{len(columns)} blank columns were left out.")
        frame = frame.drop(columns=columns)
    return frame
