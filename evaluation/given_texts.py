"""Texts of a user's files, each under a name: rows of data, pages, prompts, programs.

A row is read whatever its fields are called: each text in it by itself, as a problem may stand in
any of them, and all together, as it may be spread over several.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optiwright.evaluation.problems import Finding
from optiwright.formulators.errors import UserError

_HEADING = re.compile(r"^(?=#{1,6} )", re.MULTILINE)
_FIELD_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class GivenText:
    """A text with its parts.

    Attributes:
        name: its file, and the row where the file has rows.
        parts: the whole, and what may be a problem by itself: fields, sections.
    """

    name: str
    parts: tuple[str, ...]


def given_texts(paths: Iterable[Path]) -> Iterator[GivenText | Finding]:
    """Yield the texts of files and folders, and a finding for each that cannot be read.

    Raises:
        UserError: if there is no such file or folder, or nothing in it.
    """
    for path in paths:
        for file in _files(path):
            yield from _texts_of(file)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError(f"there is no file or folder {str(path)!r}", remedy="Check the path.")
    files = [f for f in sorted(path.rglob("*")) if f.is_file() and not _hidden(f, path)]
    if not files:
        raise UserError("the folder has no file in it", where=str(path))
    return files


def _hidden(file: Path, below: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in file.relative_to(below).parts)


def _texts_of(file: Path) -> Iterator[GivenText | Finding]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Finding(where=str(file), what="it is not text in UTF-8, and left out")
        return
    except OSError as error:
        yield Finding(where=str(file), what=f"it cannot be read: {error.strerror}")
        return
    if file.suffix in (".json", ".jsonl"):
        yield from _of_rows(file, json_rows(file, text))
    elif file.suffix == ".csv":
        csv.field_size_limit(_FIELD_LIMIT)
        yield from _of_rows(file, csv.reader(text.splitlines(keepends=True)))
    else:
        sections = [part for part in _HEADING.split(text) if part.strip()]
        yield GivenText(str(file), (text, *(sections if len(sections) > 1 else ())))


def json_rows(file: Path, text: str) -> Iterator[Any]:
    """Yield a file's rows: a JSON list's, those of JSON lines, or a single object."""
    if file.suffix == ".json":
        try:
            value = json.loads(text)
        except ValueError:
            pass  # JSON lines under another name; a line that is none is said so
        else:
            yield from value if isinstance(value, list) else [value]
            return
    # Not splitlines(): a text may hold U+2028, which is no end of a line in JSON lines.
    for line in text.split("\n"):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                yield Finding(where="", what=f"not JSON: {error}")


def _of_rows(file: Path, rows: Iterable[Any]) -> Iterator[GivenText | Finding]:
    for number, row in enumerate(rows):
        name = f"{file}, row {number}"
        if isinstance(row, Finding):
            yield Finding(where=name, what=row.what)
            continue
        fields = list(_fields(row))
        yield GivenText(name, ("\n".join(fields), *(fields if len(fields) > 1 else ())))


def _fields(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _fields(item)
    elif isinstance(value, list):
        for item in value:
            yield from _fields(item)
    elif value is not None:
        yield str(value)
