"""The files that users attach, kept by content: the state holds their hashes alone."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path, PureWindowsPath

from optiwright.agent.places import data_dir, private_dir
from optiwright.agent.session_state import FileNote
from optiwright.formulators.errors import UserError

MOST_BYTES = 500_000_000
_LONGEST = 100
"""Characters of a file's name."""


def keep_file(name: str, content: bytes) -> FileNote:
    """Keep a file's content, once however often it comes by a name, and return the note of it.

    Raises:
        UserError: if it is empty or too large.
    """
    name = _safe(name)
    if not content:
        raise UserError("the file is empty", where=name)
    if len(content) > MOST_BYTES:
        raise UserError(
            f"the file has {len(content):,} bytes, more than {MOST_BYTES:,}",
            where=name,
            remedy="Keep the rows and columns that the problem needs.",
        )
    note = FileNote(name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    path = file_path(note)
    if not path.is_file():
        private_dir(path.parent.parent)
        private_dir(path.parent)
        aside = path.parent.parent / f".{note.sha256}.{os.getpid()}"
        aside.touch(mode=0o600)
        aside.write_bytes(content)
        os.replace(aside, path)
    return note


def file_path(note: FileNote) -> Path:
    """Return where a file's content lies; the file has its own name, which errors tell."""
    return data_dir() / "files" / note.sha256 / note.name


def drop_file(note: FileNote) -> None:
    """Delete a file's content; one that is gone or cannot be deleted stays as it is."""
    path = file_path(note)
    with suppress(OSError):
        path.unlink()
        path.parent.rmdir()  # unless the same content has another name too


def _safe(name: str) -> str:
    """Return the last part of a path of whatever system, without what names no file."""
    last = "".join(c for c in PureWindowsPath(name).name if c.isprintable())
    stem, dot, suffix = last.rpartition(".")
    kept = f"{stem[: _LONGEST - len(suffix)]}{dot}{suffix}" if len(suffix) < 20 else last[:_LONGEST]
    return kept if kept.strip(". ") else "file"
