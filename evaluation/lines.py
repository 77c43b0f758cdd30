"""Files of JSON lines that are only appended to, and outlive a kill in the middle of a line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from optiwright.formulators.errors import UserError

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


def read_lines(path: Path, model: type[M], what: str) -> Iterator[M]:
    """Yield a file's items, one at a time; a line that a kill cut off is left out.

    Args:
        path: the file.
        model: of an item.
        what: the word for an item, for the error.

    Raises:
        UserError: if a line is no item.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield model.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                raise UserError(
                    f"line {number} is no {what}: {first['msg']}", where=str(path)
                ) from None


def _drop_cut_off_line(path: Path) -> None:
    """Cut the file after its last whole line: a kill may have left a part of one."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        whole = 0
        for line in file:
            whole += len(line) if line.endswith(b"\n") else 0
        file.truncate(whole)
