"""Thumbs: what a user thinks of an answer, kept as labels of run records to train on.

One line a judgement in a file of the user's own, appended and never changed; of several by one user
on one answer the last counts. A label names its record and copies nothing of it: whoever trains
reads both together, and a record that was deleted takes its labels along.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field, ValidationError

from optiwright.agent.places import data_dir, private_dir, records_dir
from optiwright.agent.record import RunRecord
from optiwright.agent.result import Plain
from optiwright.agent.secrets_told import without_keys
from optiwright.formulators.errors import UserError

Thumb: TypeAlias = Literal["up", "down", "none"]
"""`none` takes an earlier one back."""

LONGEST = 2_000
"""Characters of a reason that are kept."""


class Feedback(Plain):
    """One judgement of one answer."""

    record: str = Field(min_length=1)
    """The folder of the answer's run below the folder of records."""
    user: str
    session: str = ""
    """The session's name when it was given; empty outside of one."""
    version: int = Field(default=0, ge=0)
    """The version of that session; 0 outside of one."""
    thumb: Thumb
    reason: str = ""
    time: datetime


class Labelled(Plain):
    """A run record with what a user said of its answer."""

    feedback: Feedback
    record: RunRecord


def give_feedback(
    record: str,
    user: str,
    thumb: Thumb,
    reason: str = "",
    *,
    session: str = "",
    version: int = 0,
    api_key: str | None = None,
) -> Feedback:
    """Keep a judgement and return it as it was kept: without keys, its reason cut to `LONGEST`.

    Args:
        record: the folder of the answer's run below the folder of records.
        user: who judges.
        thumb: up, down, or none to take it back.
        reason: in plain words, or nothing.
        session: where it was given.
        version: of that session.
        api_key: one that must not be kept, beside those that are known by their form.

    Raises:
        UserError: if there is no such record, or the file cannot be written.
    """
    if not _folder_of(record).is_dir():
        raise UserError(
            "the answer's record is gone, so that nothing can be said of it any more",
            where=f"run `{record}`",
            remedy="State the problem again.",
        )
    given = Feedback(
        record=record,
        user=user,
        session=session,
        version=version,
        thumb=thumb,
        reason=without_keys(reason.strip(), api_key)[:LONGEST],
        time=datetime.now(UTC),
    )
    try:
        with _locked() as file, file.open("a", encoding="utf-8") as lines:
            lines.write(given.model_dump_json() + "\n")
    except OSError as error:
        raise UserError(
            f"the judgement cannot be kept: {error.strerror}",
            where=str(_file()),
            remedy="Make room, or make the folder writable.",
        ) from None
    return given


def feedback_of(record: str, user: str | None = None) -> Feedback | None:
    """Return the last judgement of an answer, by one user or by anybody; None where there is none.

    Raises:
        UserError: if a line of the file is none.
    """
    found = [
        f for f in _last() if f.record == record and user in (None, f.user) and f.thumb != "none"
    ]
    return max(found, key=lambda f: f.time) if found else None


def labelled_records() -> Iterator[Labelled]:
    """Yield every judged answer's record with its label, in the order in which they were judged.

    What was taken back, and what has no record on this machine any more, is left out.

    Raises:
        UserError: if a line of the file is none.
    """
    for given in sorted(_last(), key=lambda f: f.time):
        if given.thumb == "none":
            continue
        try:
            content = (_folder_of(given.record) / "record.json").read_bytes()
            record = RunRecord.model_validate_json(content)
        except (OSError, ValidationError):
            continue
        yield Labelled(feedback=given, record=record)


def forget(runs: Iterable[str]) -> None:
    """Drop the labels of runs that are deleted, those of their revisions too."""
    gone = set(runs)
    if not gone or not _file().is_file():
        return
    with _locked() as file:
        kept = [f for f in _lines() if f.record.partition("/")[0] not in gone]
        aside = file.with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text("".join(f.model_dump_json() + "\n" for f in kept), encoding="utf-8")
        os.replace(aside, file)


def _last() -> list[Feedback]:
    """Return the last judgement of each user on each answer."""
    return list({(f.record, f.user): f for f in _lines()}.values())


def _lines() -> Iterator[Feedback]:
    if not _file().is_file():
        return
    # What a crash cut off stands behind the last line's end.
    for number, line in enumerate(_file().read_text(encoding="utf-8").split("\n")[:-1], 1):
        try:
            yield Feedback.model_validate_json(line)
        except ValidationError as error:
            raise UserError(
                f"line {number} is no judgement: {error.errors()[0]['msg']}",
                where=str(_file()),
                remedy="Take the line out.",
            ) from None


def _file() -> Path:
    return data_dir() / "feedback" / "feedback.jsonl"


def _folder_of(record: str) -> Path:
    return records_dir() / record


@contextmanager
def _locked() -> Iterator[Path]:
    """Give the file to one writer, made for this user alone, its last line whole."""
    file = _file()
    private_dir(file.parent)
    with (file.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file.touch(mode=0o600)
        content = file.read_bytes()
        if content and not content.endswith(b"\n"):
            os.truncate(file, content.rfind(b"\n") + 1)
        yield file
