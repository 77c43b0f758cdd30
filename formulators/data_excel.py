"""Excel workbooks: a table a sheet, titles above it left out, formulas by their kept values.

A workbook is a ZIP archive of XML. It is weighed before it is opened: what it unpacks to, how far
it grows, and how many cells a sheet may have.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from optiwright.formulators.data import RawTable
from optiwright.formulators.data_limits import (
    LARGEST_UNPACKED,
    MOST_RATIO,
    MOST_SHEET_CELLS,
    MOST_TABLES,
    SMALL_UNPACKED,
)
from optiwright.formulators.errors import UserError

_MERGED = 500_000
"""Cells up to which merged ones are looked for: that needs the whole sheet at once."""
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TITLE_ROWS = 30
"""Rows in which the header is looked for."""


def read_excel(path: Path) -> list[RawTable]:
    """Read the visible sheets of a workbook that hold tables.

    Raises:
        UserError: if it is no workbook, is too large, or has no table.
    """
    has_merged = _weigh(path)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that openpyxl leaves out
            book = openpyxl.load_workbook(
                path, read_only=not has_merged, data_only=True, keep_links=False
            )
            try:
                return _sheets(book, path.name, has_merged)
            finally:
                book.close()
    except UserError:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"the workbook cannot be read: {reason}",
            where=path.name,
            remedy="Save it anew as .xlsx, or its sheets as CSV.",
        ) from None


def _weigh(path: Path) -> bool:
    """Refuse what unpacks too far or declares entities; return whether to look for merged cells."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            whole = sum(m.file_size for m in members)
            packed = max(path.stat().st_size, 1)
            if whole > LARGEST_UNPACKED or (whole > SMALL_UNPACKED and whole > MOST_RATIO * packed):
                raise UserError(
                    f"the workbook unpacks to {whole / 2**20:,.0f} MiB, {whole // packed:,} times "
                    "its size",
                    where=path.name,
                    remedy="Save the sheets that the problem uses as CSV.",
                )
            merged, cells = False, 0
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    found = _scan(archive, member, path.name)
                    merged, cells = merged or found[0], cells + found[1]
            return merged and cells <= _MERGED
    except zipfile.BadZipFile:
        raise UserError(
            "not an .xlsx workbook",
            where=path.name,
            remedy="Save it as .xlsx, without a password, or as CSV.",
        ) from None
    except (NotImplementedError, RuntimeError, OSError, zipfile.LargeZipFile) as error:
        raise UserError(f"the workbook cannot be unpacked: {error}", where=path.name) from None


def _scan(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> tuple[bool, int]:
    """Unpack a part piece by piece; return whether it has merged cells, and how many cells."""
    merged, cells, tail = False, 0, b""
    with archive.open(member) as part:
        while piece := part.read(2**20):
            window = tail + piece
            if _ENTITY.search(window):
                raise UserError("the workbook declares entities, as an attack does", where=name)
            merged = merged or b"<mergeCell" in window
            cells += window.count(b"<c ") - tail.count(b"<c ")
            if cells > MOST_SHEET_CELLS:
                raise UserError(
                    f"more than {MOST_SHEET_CELLS:,} cells in a sheet",
                    where=name,
                    remedy="Save the sheet as CSV or Parquet.",
                )
            tail = window[-16:]
    return merged, cells


def _sheets(book: Any, name: str, has_merged: bool) -> list[RawTable]:
    sheets = [s for s in book.worksheets if s.sheet_state == "visible"]
    if len(sheets) > MOST_TABLES:
        raise UserError(f"{len(sheets)} sheets, more than {MOST_TABLES}", where=name)
    found = [t for s in sheets if (t := _table(s, name, has_merged)) is not None]
    if not found:
        raise UserError("no sheet of the workbook holds a table", where=name)
    return found


def _table(sheet: Any, name: str, has_merged: bool) -> RawTable | None:
    notes: list[str] = []
    rows = list(_rows(sheet, name))
    if has_merged:
        _fill_merged(sheet, rows, notes)
    start = _header(rows)
    if start is None:
        return None
    if any(_there(c) for row in rows[:start] for c in row):
        notes.append(f"What stands above row {start + 1} was left out: the header is there.")
    header = rows[start]
    width = max(k for k, cell in enumerate(header, 1) if _there(cell))
    width = max([width, *(k for r in rows[start + 1 :] for k, c in enumerate(r, 1) if _there(c))])
    body = [(*row[:width], *[None] * (width - len(row))) for row in rows[start + 1 :]]
    first = next((k for k in range(width) if _there_in(header, k) or _column_used(body, k)), 0)
    columns = list(zip(*body, strict=True)) or [()] * width
    frame = pd.DataFrame(
        {
            k: pd.Series([_value(c) for c in columns[k]], dtype=object).infer_objects()
            for k in range(first, width)
        }
    )
    heads = [header[k] if _there_in(header, k) else "" for k in range(first, width)]
    frame.columns = pd.Index([_head(h) for h in heads], dtype=object)
    if sheet.title and any(c == "#N/A" for column in columns for c in column):
        notes.append("Cells with an error such as `#N/A` were read as text.")
    return RawTable(str(sheet.title), frame, tuple(notes), start + 2)


def _rows(sheet: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield a sheet's rows, whatever size it claims; blank rows at its end are not told apart."""
    cells = blank = 0
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    held: list[tuple[Any, ...]] = []
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
        blank = 0 if any(_there(c) for c in row) else blank + 1
        if cells > MOST_SHEET_CELLS or blank > 100_000:
            raise UserError(
                f"more than {MOST_SHEET_CELLS:,} cells in a sheet",
                where=f"{name}, sheet `{sheet.title}`",
                remedy="Delete what lies outside the table, or save the sheet as CSV.",
            )
        held.append(row)
        if not blank:
            yield from held
            held = []


def _fill_merged(sheet: Any, rows: list[tuple[Any, ...]], notes: list[str]) -> None:
    """Give every part of merged cells the value that they show, but in a row that spans all."""
    ranges = list(sheet.merged_cells.ranges)
    for area in ranges:
        if area.min_row > len(rows):
            continue
        value = rows[area.min_row - 1][area.min_col - 1]
        sideways = area.min_row == area.max_row and area.max_col > area.min_col
        if sideways and not _below(rows, area):
            continue
        for r in range(area.min_row - 1, min(area.max_row, len(rows))):
            row = list(rows[r])
            for c in range(area.min_col - 1, min(area.max_col, len(row))):
                row[c] = value
            rows[r] = tuple(row)
    if ranges:
        notes.append(f"{len(ranges)} merged cells were read as if each part had the value.")


def _below(rows: list[tuple[Any, ...]], area: Any) -> bool:
    """Whether a row that is merged sideways stands among data and not above the header."""
    above = rows[: area.min_row - 1]
    return any(sum(_there(c) for c in row) > 1 for row in above)


def _header(rows: list[tuple[Any, ...]]) -> int | None:
    """Return the row of the header: the first that fills most of what the rows below it use."""
    used = [sum(_there(c) for c in row) for row in rows]
    if not any(used):
        return None
    usual = max(used[: _TITLE_ROWS + 200])
    for k, count in enumerate(used[:_TITLE_ROWS]):
        if count >= max(2, usual - 1) or (usual == 1 and count == 1):
            return k
    return next(k for k, count in enumerate(used) if count)


def _there(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _there_in(row: tuple[Any, ...], k: int) -> bool:
    return k < len(row) and _there(row[k])


def _column_used(body: list[tuple[Any, ...]], k: int) -> bool:
    return any(_there(row[k]) for row in body)


def _head(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(_value(cell))


def _value(cell: Any) -> Any:
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat()).removesuffix("T00:00:00")
    return cell
