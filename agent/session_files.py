"""The files that users attach, kept by content: the state holds their hashes alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from optiwright.agent.places import data_dir, private_dir
from optiwright.agent.session_state import FileNote
from optiwright.formulators.errors import UserError

MOST_BYTES = 500_000_000


def keep_file(name: str, content: bytes) -> FileNote:
    """Keep a file's content, once however often it comes, and return the note of it.

    Raises:
        UserError: if it is empty or too large.
    """
    name = Path(name).name or "file"
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
        private_dir(path.parent)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_bytes(content)
        os.replace(aside, path)
    return note


def file_path(note: FileNote) -> Path:
    """Return where a file's content lies, with the suffix that says what it is."""
    return data_dir() / "files" / f"{note.sha256}{Path(note.name).suffix.lower()}"
