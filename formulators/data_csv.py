"""Text files with separators: encoding, separator and signs of numbers are found out."""

from __future__ import annotations

import csv
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from optiwright.formulators.data import RawTable
from optiwright.formulators.data_limits import LONGEST_LABEL, MOST_COLUMNS, MOST_ROWS
from optiwright.formulators.errors import UserError
from optiwright.formulators.number_text import style_of

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 64 * 1024
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def read_csv(path: Path) -> list[RawTable]:
    """Read a file of values separated by commas, semicolons, tabs or bars.

    Raises:
        UserError: if it is no text, has no header, or its rows have more fields than the header.
    """
    notes: list[str] = []
    content = path.read_bytes()
    text, encoding = _decoded(content, path.name, notes)
    if not text.strip():
        raise UserError("the file is empty", where=path.name)
    separator = _separator(text[:_SAMPLE], path)
    if separator != ",":
        notes.append(f"Values are separated by {_NAMES[separator]}.")
    del text
    as_text = encoding == "utf-16" or _has_leading_zeros(content)
    frame, first = _frame(content, encoding, separator, path.name, as_text=as_text)
    if not as_text and _needs_text(frame, path.name):
        frame, first = _frame(content, encoding, separator, path.name, as_text=True)
    return [RawTable("", frame, tuple(notes), first)]


_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def _decoded(content: bytes, name: str, notes: list[str]) -> tuple[str, str]:
    encoding = next((e for bom, e in _BOMS.items() if content.startswith(bom)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:_SAMPLE]:
        raise UserError("the file is no text", where=name, remedy="Save it as CSV in UTF-8.")
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise UserError(f"the file is no text in {encoding}", where=name) from None
    notes.append("The file is not in UTF-8; it was read as Windows-1252.")
    return content.decode("cp1252", errors="replace"), "cp1252"


def _has_leading_zeros(content: bytes) -> bool:
    """Whether a cell begins as `007` does: read as a number it would lose its zeros."""
    signs = np.frombuffer(content, dtype=np.uint8)
    digit = (signs >= ord("0")) & (signs <= ord("9"))
    zeros = np.flatnonzero((signs[:-1] == ord("0")) & digit[1:])
    before = np.where(zeros > 0, signs[zeros - 1], ord("\n"))
    within = (before == ord(".")) | ((before >= ord("0")) & (before <= ord("9")))
    return not bool(within.all())


def _separator(sample: str, path: Path) -> str:
    """Return the separator that most lines of a sample have equally often."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()]
    best, most = ",", 0.0
    for separator in _SEPARATORS:
        rows = list(csv.reader(lines, delimiter=separator))
        counts = [len(row) for row in rows]
        usual = max(set(counts), key=counts.count)
        share = counts.count(usual) / len(counts)
        score = 0.0 if usual < 2 else share + min(usual, 50) / 1000
        if score > most + 1e-9:
            best, most = separator, score
    if most == 0.0 and path.suffix.lower() in {".tsv", ".tab"}:
        return "\t"
    return best


def _frame(
    content: bytes, encoding: str, separator: str, name: str, *, as_text: bool
) -> tuple[pd.DataFrame, int]:
    try:
        header, lines = _header(content, encoding, separator)
        if len(header) > MOST_COLUMNS:
            raise UserError(f"{len(header):,} columns, more than {MOST_COLUMNS:,}", where=name)
        with warnings.catch_warnings():
            # Rows longer than the header lose their end with no more than a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(content),
                encoding=encoding,
                encoding_errors="replace" if encoding == "cp1252" else "strict",
                sep=separator,
                header=None,
                skiprows=lines,
                names=list(range(len(header))),
                dtype=object if as_text else None,
                keep_default_na=False,
                na_values=[""],
                skipinitialspace=True,
                index_col=False,
                skip_blank_lines=False,
                nrows=MOST_ROWS + 1,
                low_memory=False,
                on_bad_lines="error",
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        if isinstance(error, pd.errors.ParserWarning):
            raise _overlong(content, encoding, separator, name) from None
        raise _malformed(error, name) from None
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame(columns=range(len(header)), dtype=object)
    frame.columns = pd.Index(header)
    return frame, lines + 1


def _header(content: bytes, encoding: str, separator: str) -> tuple[list[str], int]:
    """Return the header and how many lines it takes; a quoted name may have breaks."""
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")
    reader = csv.reader(lines, delimiter=separator)
    for row in reader:
        if any(cell.strip() for cell in row):
            return row, reader.line_num
    raise csv.Error("there is no header")


def _needs_text(frame: pd.DataFrame, name: str) -> bool:
    """Whether reading types at once has lost something: true and false, or decimal commas."""
    for k in range(len(frame.columns)):
        column = frame.iloc[:, k]
        if column.dtype.kind == "b":
            return True
        if column.dtype.kind not in "iuf":
            texts = pd.Series(column.dropna().unique(), dtype=object).astype(str)
            if texts.str.len().max() > LONGEST_LABEL:
                raise UserError(f"a cell of more than {LONGEST_LABEL:,} characters", where=name)
            if len(texts) and style_of(texts.str.strip()) == "comma":
                return True
    return False


def _overlong(content: bytes, encoding: str, separator: str, name: str) -> UserError:
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    rows = (row for row in reader if any(cell.strip() for cell in row))
    header = len(next(rows))
    longer = next((row for row in rows if len(row) > header), None)
    what = "rows have more fields than the header"
    if longer is not None:
        what = f"line {reader.line_num} has {len(longer)} fields, the header {header}"
    remedy = "Correct the line, or give every column a header."
    return UserError(what, where=name, remedy=remedy)


def _malformed(error: Exception, name: str) -> UserError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    what = (
        f"line {found[2]} has {found[3]} fields, the header {found[1]}"
        if found
        else f"the file cannot be taken apart: {str(error).splitlines()[0]}"
    )
    return UserError(what, where=name, remedy="Correct the line; quote texts with separators.")
