"""Files that are there with all their content or, after a kill, as they were before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_place_of(path: Path) -> Iterator[Path]:
    """Give a path to write to, whose file takes the place of `path` when all went well."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield aside
        to_disk(aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in place of one that is there."""
    with in_place_of(path) as aside:
        aside.write_bytes(content)


def to_disk(path: Path) -> None:
    """Have a file or a folder outlive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read anew: what a disk has lost since shows."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
