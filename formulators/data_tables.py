"""Tables as readers hand them over, made into `Data`: names, numbers, units, hashes, long forms."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optiwright.formulators.data import Data, RawTable, Source
from optiwright.formulators.data_cells import settle
from optiwright.formulators.data_limits import check_shape
from optiwright.formulators.data_names import canonical_name, fresh_name, header_of
from optiwright.formulators.data_shapes import entry_forms, long_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Reading:
    """Tables as they come in; `done` returns them together."""

    def __init__(self) -> None:
        self.tables: dict[str, pd.DataFrame] = {}
        self._sources: dict[str, Source] = {}
        self._originals: dict[str, dict[str, str]] = {}
        self._units: dict[str, dict[str, str]] = {}
        self._notes: list[str] = []

    def add(self, wanted: str, file: str, raw: RawTable) -> None:
        """Take a table in.

        Raises:
            UserError: if it is too large.
        """
        where = f"`{file}`" + (f", sheet `{raw.name}`" if raw.name else "")
        check_shape(len(raw.frame), len(raw.frame.columns), where)
        name = fresh_name(canonical_name(wanted), self.tables)
        if name != wanted:
            self._notes.append(f"{where} is the table `{name}`.")
        self._notes += [f"Table `{name}`: {note}" for note in raw.notes]
        headers = [str(h) for h in raw.frame.columns]
        frame, units = self._columns(name, raw.frame, headers, raw.first_row)
        called = dict(zip(map(str, frame.columns), headers, strict=True))
        frame, found, notes = settle(frame)
        units |= {c: u for c, u in found.items() if c not in units}
        self._notes += [f"Table `{name}`: {note}" for note in notes]
        originals = {c: called[c] for c in map(str, frame.columns)}
        self._keep(name, frame, originals, units, file, raw.name)
        entries_of = dict(entry_forms(frame))
        wide = frame.drop(columns=list(entries_of))
        long = long_form(wide, originals)
        if long is not None:
            own = fresh_name(f"{name}_long", self.tables)
            unit = _common(units, wide, long)
            self._keep(own, long, {str(c): str(c) for c in long}, unit, file, raw.name)
            self._notes.append(
                f"Table `{name}` has a column for each of {_listed(list(wide.columns))}; "
                f"`{own}` is the same with a row for each number "
                f"({', '.join(map(str, long.columns))})."
            )

        for column, entries in entries_of.items():
            own = fresh_name(f"{name}_{column}", self.tables)
            self._keep(
                own, entries, {c: originals[c] for c in map(str, entries)}, {}, file, raw.name
            )
            self._notes.append(
                f"The column `{column}` of table `{name}` has lists; `{own}` has a row for each "
                f"entry ({', '.join(map(str, entries.columns))})."
            )

    def done(self) -> Data:
        """Return what was read."""
        return Data(self.tables, self._sources, self._originals, self._units, tuple(self._notes))

    def _columns(
        self, table: str, frame: pd.DataFrame, headers: Sequence[str], first_row: int
    ) -> tuple[pd.DataFrame, dict[str, str]]:
        names: list[str] = []
        units: dict[str, str] = {}
        for k, text in enumerate(headers, 1):
            header = header_of(text)
            wanted = canonical_name(header.name, "column") if header.name else f"column_{k}"
            name = fresh_name(wanted, names)
            if name != wanted:
                self._notes.append(
                    f"Table `{table}`: the header `{text}` stands there twice; the later column "
                    f"is `{name}`."
                )
            elif name != text:
                self._notes.append(f"Table `{table}`: the column `{text}` is called `{name}`.")
            names.append(name)
            if header.unit:
                units[name] = header.unit
        renamed = frame.copy(deep=False)
        renamed.columns = pd.Index(names)
        renamed.index = pd.RangeIndex(first_row, first_row + len(renamed))
        return renamed, units

    def _keep(
        self,
        name: str,
        frame: pd.DataFrame,
        originals: dict[str, str],
        units: dict[str, str],
        file: str,
        sheet: str,
    ) -> None:
        self.tables[name] = frame
        self._originals[name] = originals
        self._units[name] = units
        self._sources[name] = Source(file, sheet, content_hash(frame, units), len(frame))


def content_hash(frame: pd.DataFrame, units: Mapping[str, str]) -> str:
    """Return the SHA-256 of a table's columns, cells and units, wherever it came from."""
    digest = hashlib.sha256()
    digest.update(repr((list(frame.columns), len(frame), sorted(units.items()))).encode())
    for column in frame:
        _hash_column(digest, frame[column])
    return digest.hexdigest()


def _hash_column(digest: Any, column: pd.Series[Any]) -> None:
    if column.dtype.kind in "iuf":
        digest.update(b"n")
        digest.update(np.ascontiguousarray(column.to_numpy(), dtype=np.float64).tobytes())
        return
    codes, distinct = pd.factorize(column)
    digest.update(b"t" + repr([_plain(v) for v in distinct]).encode("utf-8", "surrogatepass"))
    digest.update(codes.astype(np.int64).tobytes())


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _common(units: Mapping[str, str], frame: pd.DataFrame, long: pd.DataFrame) -> dict[str, str]:
    """Return the unit of a long form's numbers: what all columns of it state."""
    keys = set(long.columns[:-2])
    stated = {units.get(str(c), "") for c in frame.columns if c not in keys}
    unit = stated.pop() if len(stated) == 1 else ""
    return {str(long.columns[-1]): unit} if unit else {}


def _listed(names: list[Any]) -> str:
    shown = ", ".join(f"`{n}`" for n in names[1:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")
