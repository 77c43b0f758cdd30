"""A benchmark's file fetched from where it is published: once, whole, and checked ever after.

Beside the file lies a record of where it came from and its SHA-256. A sum that is pinned decides
whether a file is kept; where none is, the first fetch decides what every later one must be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from pydantic import ValidationError

from optiwright.agent.mirror import fetch, one_at_a_time
from optiwright.agent.model_files import OnProgress, PullProgress
from optiwright.agent.places import cache_dir, private_dir
from optiwright.evaluation.problems import Plain
from optiwright.formulators.errors import UserError


@dataclass(frozen=True)
class Source:
    """An address that a benchmark's file is fetched from.

    Attributes:
        sha256: of the file; empty where nobody states it.
        note: what a reader of results should know of this edition.
    """

    url: str
    sha256: str = ""
    note: str = ""


class Fetched(Plain):
    """What is remembered of a file that was fetched."""

    url: str
    sha256: str
    bytes: int
    fetched: datetime
    licence: str


def fetched_file(name: str, source: Source) -> Path | None:
    """Return the file that an earlier fetch left; None if there is none of this address.

    Raises:
        UserError: if it is no longer what came.
    """
    path = _path(name, source)
    record = _record(path)
    if record is None or record.url != source.url or not path.is_file():
        return None
    if _sha256(path) != record.sha256:
        raise UserError(
            "the file was changed after it was fetched",
            where=str(path),
            remedy="Remove it to have it fetched again; one of your own belongs into the data "
            "folder.",
        )
    return path


def fetch_once(
    name: str,
    licence: str,
    source: Source,
    check: Callable[[Path], object],
    on_progress: OnProgress | None = None,
) -> Path:
    """Return a benchmark's file, fetched if it is not here; of two processes one fetches it.

    Args:
        name: the benchmark's; a folder of the cache is called so.
        licence: shown with the progress and recorded.
        source: the address, and the sum if one is known.
        check: raises a UserError of what it cannot read; such a file is not kept.
        on_progress: called as bytes arrive.

    Raises:
        UserError: there is no network, the server refuses or breaks off (what came is kept and
            continued), or what came is not what it should be (it is not kept).
    """
    report = on_progress or (lambda progress: None)
    step = f"{name}, licence: {licence}"
    path = _path(name, source)
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    lock = private_dir(path.parent) / ".lock"
    with one_at_a_time(lock, lambda: report(PullProgress(0, 0, f"waiting for {name}"))):
        found = fetched_file(name, source)
        if found is not None:
            return found
        # Named by its address: what is left of another revision is never continued.
        part = path.with_name(
            f".{hashlib.sha256(source.url.encode()).hexdigest()[:10]}.{path.name}"
        )
        fetch(source.url, part, lambda done: report(PullProgress(done, 0, step)))
        record = _accepted(part, path, source, licence, check)
        _record_path(path).write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(path)
        report(PullProgress(record.bytes, record.bytes, step))
    return path


def _accepted(
    part: Path, path: Path, source: Source, licence: str, check: Callable[[Path], object]
) -> Fetched:
    """Return the record of what came; where it is not as it should be, remove it."""
    try:
        sha256 = _sha256(part)
        _require_sum(sha256, path, source)
        check(part)
    except UserError as error:
        part.unlink()
        raise UserError(
            f"what came from {source.url} was not kept: {error.what}", remedy=error.remedy
        ) from None
    size, now = part.stat().st_size, datetime.now(UTC)
    return Fetched(url=source.url, sha256=sha256, bytes=size, fetched=now, licence=licence)


def _require_sum(sha256: str, path: Path, source: Source) -> None:
    earlier = _record(path)
    known = earlier.sha256 if earlier is not None and earlier.url == source.url else ""
    wanted, whose = (source.sha256, "is pinned") if source.sha256 else (known, "came before")
    if wanted and sha256 != wanted:
        raise UserError(
            f"its SHA-256 is {sha256}, not the {wanted} that {whose}", remedy="Fetch it again."
        )


def _path(name: str, source: Source) -> Path:
    file = PurePosixPath(urlsplit(source.url).path).name
    return cache_dir() / "benchmarks" / name / file


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.fetched")


def _record(path: Path) -> Fetched | None:
    try:
        return Fetched.model_validate_json(_record_path(path).read_bytes())
    except (OSError, ValidationError):
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
