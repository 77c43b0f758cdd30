"""Where data come from: which reader suits what was given."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from optiwright.formulators.data import RawTable
from optiwright.formulators.data_limits import check_size
from optiwright.formulators.errors import UserError

_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*://")
_SQLITE = (".sqlite", ".sqlite3", ".db")


def read_source(what: Any) -> tuple[str, list[RawTable]]:
    """Return a source's name, without its folder, and its tables.

    Raises:
        UserError: if it is nothing that can be read.
    """
    if isinstance(what, pd.DataFrame):
        return "frame", [RawTable("", _flat(what))]
    if type(what).__module__.partition(".")[0] == "polars" and hasattr(what, "columns"):
        eager = what.collect() if hasattr(what, "collect") else what
        columns = {c: eager[c].to_numpy() for c in eager.columns}
        return "frame", [RawTable("", pd.DataFrame(columns))]
    if isinstance(what, str) and _URL.match(what):
        from optiwright.formulators.data_sql import read_url

        return read_url(what)
    if isinstance(what, str | Path):
        return _file(Path(what))
    raise UserError(
        f"{type(what).__name__} is nothing that data can be read from",
        where="data",
        remedy="Give a pandas or polars frame, a file's path or a database's URL.",
    )


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose named index is a column, and whose columns have one level."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    if isinstance(frame.columns, pd.MultiIndex):
        frame = frame.copy(deep=False)
        frame.columns = pd.Index(["_".join(map(str, c)).strip("_") for c in frame.columns])
    return frame


def _file(path: Path) -> tuple[str, list[RawTable]]:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise UserError("that is no file", where=path.name)
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError) as error:
        raise UserError(
            f"the data file cannot be read: {getattr(error, 'strerror', None) or error}",
            where=str(path),
            remedy="Give a file's path, or a database's URL.",
        ) from None
    check_size(size, path.name)
    return path.name, _reader(path, head)(path)


def _reader(path: Path, head: bytes) -> Callable[[Path], list[RawTable]]:
    suffix = path.suffix.lower()
    if head.startswith(b"SQLite format 3\0") or suffix in _SQLITE:
        from optiwright.formulators.data_sql import read_sqlite

        return read_sqlite
    if suffix in {".xlsx", ".xlsm"}:
        from optiwright.formulators.data_excel import read_excel

        return read_excel
    if suffix in {".parquet", ".pq"} or head.startswith(b"PAR1"):
        from optiwright.formulators.data_parquet import read_parquet

        return read_parquet
    if suffix in {".json", ".jsonl", ".ndjson"}:
        from optiwright.formulators.data_json import read_json

        return read_json
    if suffix in {".csv", ".tsv", ".tab", ".txt", ".dat"}:
        from optiwright.formulators.data_csv import read_csv

        return read_csv
    raise UserError(
        f"no data can be read from `{suffix or 'a name without a suffix'}`",
        where=path.name,
        remedy="There are .csv, .tsv, .xlsx, .parquet, .json, .jsonl, .sqlite and database URLs; "
        "an old .xls file can be saved as .xlsx.",
    )
