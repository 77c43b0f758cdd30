"""Files of training rows: JSON lines and Parquet, told apart by the name's ending.

A file is written whole, in place of one that is there; of JSON lines whose last one a kill cut off
(`evaluation.lines`) all others are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optiwright.agent.places import data_dir, private_dir
from optiwright.evaluation.lines import fields_of, read_lines, say_cut_off
from optiwright.formulators.errors import UserError
from optiwright.formulators.field_faults import faults_in
from optiwright.training.rows import TrainingRow
from optiwright.training.whole_files import in_place_of

JSONL, PARQUET = ".jsonl", ".parquet"
_ELSEWHERE = "Name another file with `--out`, or move that one away."
_TOGETHER = 1000
"""Rows of Parquet that are read or written at a time."""


def training_dir() -> Path:
    """The folder of training data and runs where none is named, in the user's data folder."""
    private_dir(data_dir())
    return private_dir(data_dir() / "training")


def check_ending(path: Path) -> None:
    """Raise a `UserError` unless a file of rows of that name can be read and written here."""
    if path.is_dir():
        raise UserError("that is a folder, not a file of rows", where=str(path))
    if path.suffix not in {JSONL, PARQUET}:
        raise UserError(
            f"a file of rows ends in {JSONL} or {PARQUET}, not in `{path.suffix}`",
            where=str(path),
            remedy="Name it so.",
        )
    if path.suffix == PARQUET:
        _pyarrow()


def read_rows(path: Path) -> Iterator[TrainingRow]:
    """Yield a file's rows, one at a time.

    Raises:
        UserError: if there is no such file, or a row of it is none; names the row and its fields.
    """
    check_ending(path)
    if not path.is_file():
        raise UserError("there is no such file of rows", where=str(path), remedy="Check the path.")
    try:
        if path.suffix == JSONL:
            if {"completion", "label"} <= fields_of(path):
                raise UserError(
                    "these are labelled replies, not rows",
                    where=str(path),
                    remedy="Give them to `optiwright train kto` as `--replies`.",
                )
            yield from read_lines(path, TrainingRow, "training row", say_cut_off)
        else:
            yield from _read_parquet(path)
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror or error}", where=str(path)) from None


def read_all_rows(paths: Iterable[Path]) -> Iterator[TrainingRow]:
    """Yield the rows of several files, in their order."""
    for path in paths:
        yield from read_rows(path)


def require_none_lost(out: Path, rows: Iterable[TrainingRow]) -> None:
    """Refuse to write rows in place of a file that has others: an earlier run's, of other options.

    Args:
        out: the file to be written, which need not be there.
        rows: all that are read or drawn for it, whether they will be kept or not.

    Raises:
        UserError: if a row in the file is none of them, or the file is none of rows.
    """
    check_ending(out)
    if not out.is_file():
        return
    coming = {(row.id, hash(row.text)) for row in rows}
    count = others = 0
    try:
        for row in read_rows(out):
            count += 1
            others += (row.id, hash(row.text)) not in coming
    except UserError as error:
        raise UserError(
            f"something other than rows is there: {error.what}", where=str(out), remedy=_ELSEWHERE
        ) from None
    if others:
        raise UserError(
            f"other rows are there and would be lost: {others:,} of {count:,} are none of those "
            "that are read or drawn this time",
            where=str(out),
            remedy=_ELSEWHERE,
        )


def write_rows(path: Path, rows: Iterable[TrainingRow]) -> int:
    """Write a whole file of rows, in place of one that is there, and return how many.

    A kill or a full disk leaves the earlier file as it was.

    Raises:
        UserError: if it cannot be written, or its name does not end as a file of rows does.
    """
    check_ending(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with in_place_of(path) as aside:
            parquet = path.suffix != JSONL
            return _write_parquet(aside, rows) if parquet else _write_lines(aside, rows)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what an operating system says of an output into a sentence that names it.

    Raises:
        UserError: in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"it cannot be written: {error.strerror or error}",
            where=str(path),
            remedy="Make room, or name another file with `--out`.",
        ) from None


def _write_lines(path: Path, rows: Iterable[TrainingRow]) -> int:
    count = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(row.model_dump_json().encode() + b"\n")
            count += 1
    return count


# --- Parquet --------------------------------------------------------------------------------------


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UserError(
            "Parquet files need pyarrow, which is not installed",
            remedy=f'Install `pip install "optiwright[data]"`, or use a {JSONL} file.',
        ) from None
    return pyarrow


def _schema(pa: Any) -> Any:
    special = {
        "schema_version": pa.int64(),
        "optimum": pa.float64(),
        "seed": pa.int64(),
        "verified": pa.bool_(),
        "asked": pa.list_(
            pa.struct(
                {"meaning": pa.string(), "expression": pa.string(), "value": pa.float64()}.items()
            )
        ),
    }
    return pa.schema([(f, special.get(f, pa.string())) for f in TrainingRow.model_fields])


def _write_parquet(path: Path, rows: Iterable[TrainingRow]) -> int:
    pa, count = _pyarrow(), 0
    schema = _schema(pa)
    with pa.parquet.ParquetWriter(path, schema) as file:
        for part in _in_parts(rows):
            file.write_table(_table(pa, part, schema, count))
            count += len(part)
    return count


def _table(pa: Any, part: list[TrainingRow], schema: Any, before: int) -> Any:
    """Return rows as a table; names the first that does not fit."""
    try:
        return pa.Table.from_pylist([row.model_dump() for row in part], schema=schema)
    except (OverflowError, pa.ArrowInvalid) as error:
        if len(part) > 1:
            for place, row in enumerate(part):
                _table(pa, [row], schema, before + place)
        raise UserError(
            f"row {before + 1} (`{part[0].id}`) cannot be written as Parquet: {error}; its `seed` "
            f"is {part[0].seed}",
            remedy=f"Write a {JSONL} file.",
        ) from None


def _in_parts(rows: Iterable[TrainingRow]) -> Iterator[list[TrainingRow]]:
    part: list[TrainingRow] = []
    for row in rows:
        part.append(row)
        if len(part) == _TOGETHER:
            yield part
            part = []
    if part:
        yield part


def _read_parquet(path: Path) -> Iterator[TrainingRow]:
    pa = _pyarrow()
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"it cannot be read as Parquet: {error}", where=str(path)) from None
    number = 0
    with file:
        for batch in file.iter_batches(batch_size=_TOGETHER):
            for data in batch.to_pylist():
                number += 1
                yield _row(path, number, data)


def _row(path: Path, number: int, data: dict[str, Any]) -> TrainingRow:
    """Return a table's row; what is null in it was not given."""
    try:
        return TrainingRow.model_validate({k: v for k, v in data.items() if v is not None})
    except ValidationError as error:
        raise UserError(
            f"row {number} is no training row: {faults_in(error.errors())}",
            where=str(path),
            remedy="Correct or delete that row.",
        ) from None
