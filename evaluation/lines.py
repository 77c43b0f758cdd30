"""Files of JSON lines that are only appended to, and outlive a kill in the middle of a line."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from optiwright.formulators.errors import UserError
from optiwright.formulators.field_faults import faults_in

_log = logging.getLogger(__name__)

M = TypeVar("M", bound=BaseModel)


def open_lines(path: Path) -> int:
    """Open a file for appending, made if need be and without a line that a kill cut off.

    Returns:
        A file descriptor, for the caller to close.
    """
    _drop_cut_off_line(path)
    return os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)


def append_line(file: int, item: BaseModel) -> None:
    """Write one item down, whole, before anything else happens."""
    line = item.model_dump_json().encode() + b"\n"
    while line:
        line = line[os.write(file, line) :]
    os.fsync(file)


def read_lines(
    path: Path,
    model: type[M],
    what: str,
    on_cut_off: Callable[[Path, int], None] = lambda path, number: None,
) -> Iterator[M]:
    """Yield a file's items, one at a time; a last line that was cut off is left out.

    Args:
        path: the file.
        model: of an item.
        what: the word for an item, for the error.
        on_cut_off: called with file and line where one was; a file that a kill may end in the
            middle of a line needs none.

    Raises:
        UserError: if a line is no item; names the line and its wrong fields.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not _is_whole(line):
                on_cut_off(path, number)
                return
            if not line.strip():
                continue
            try:
                yield model.model_validate_json(line)
            except ValidationError as error:
                raise UserError(
                    f"line {number} is no {what}: {faults_in(error.errors())}",
                    where=str(path),
                    remedy="Correct or delete that line.",
                ) from None


def fields_of(path: Path) -> frozenset[str]:
    """Return the fields of a file's first line, for telling what it is; none where it is none."""
    with path.open("rb") as lines:
        try:
            first = json.loads(next(lines, b""))
        except ValueError:
            return frozenset()
    return frozenset(first) if isinstance(first, dict) else frozenset()


@cache
def say_cut_off(path: Path, number: int) -> None:
    """Warn, once for each file, that a line is lost: of files that are written whole."""
    _log.warning("optiwright: line %d of %s, the last one, is cut off and left out", number, path)


def _is_whole(line: bytes) -> bool:
    """Whether no kill cut a line off; the last one of a file that others wrote may lack its end."""
    if line.endswith(b"\n"):
        return True
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _drop_cut_off_line(path: Path) -> None:
    """Cut the file after its last whole line: a kill may have left a part of one."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        whole, last = 0, b"\n"
        for line in file:
            last = line
            whole += len(line) if _is_whole(line) else 0
        file.truncate(whole)
        if whole and _is_whole(last) and not last.endswith(b"\n"):
            file.seek(whole)
            file.write(b"\n")
