"""Keeps a run's events and record on disk while it happens, so that nothing achieved is lost.

A run's folder holds `events.jsonl`, one event a line as it happened, and `record.json`, replaced
whole after every model call and attempt. Neither is ever half-written: a line is written in one
piece, the record by renaming.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from optiwright.agent.events import EVENT, Event, RunFailed
from optiwright.agent.places import private_dir
from optiwright.agent.record import Attempt, Call, Program, RunRecord
from optiwright.agent.result import ErrorNote
from optiwright.formulators.errors import UserError


class Recorder:
    """The one writer of a run's folder.

    Args:
        folder: made here, readable by this user alone.
        record: the record to begin with.
        listen: called with every event, in order.
    """

    def __init__(self, folder: Path, record: RunRecord, listen: Callable[[Event], None]) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder = private_dir(folder)
        self.record = record
        self._listen = listen
        self._seq = _whole_lines(folder / "events.jsonl")
        self._lock = threading.Lock()
        self._events = (folder / "events.jsonl").open("a", encoding="utf-8", buffering=1)
        self._write()

    @classmethod
    def reopened(cls, folder: Path, listen: Callable[[Event], None]) -> Self:
        """Go on with a run's folder; a line that a crash cut off is dropped.

        Raises:
            UserError: if the folder holds no record.
        """
        try:
            record = RunRecord.model_validate_json((folder / "record.json").read_bytes())
        except (OSError, ValidationError):
            raise UserError(
                "no run is recorded there",
                where=str(folder),
                remedy="Name a run that waits for answers or was interrupted.",
            ) from None
        return cls(folder, record, listen)

    def emit(self, kind: Callable[..., Any], **fields: Any) -> None:
        """Number an event, write it down and pass it on; any thread may."""
        with self._lock:
            event = kind(run_id=self.record.run_id, seq=self._seq, **fields)
            self._seq += 1
            self._events.write(event.model_dump_json() + "\n")
            self._listen(event)

    def add_call(self, call: Call) -> None:
        """Keep one model call."""
        self.update(calls=(*self.record.calls, call))

    def add_attempt(self, attempt: Attempt) -> None:
        """Keep one attempt, in place of an earlier state of the same one, with what it changed."""
        same = (attempt.sample, attempt.number)
        attempt = attempt.model_copy(update={"difference": self._difference(attempt)})
        others = tuple(a for a in self.record.attempts if (a.sample, a.number) != same)
        self.update(attempts=(*others, attempt))

    def _difference(self, attempt: Attempt) -> str:
        """Return what an attempt changed of the formulation before it, as a unified difference."""
        earlier = [
            a.formulation
            for a in self.record.attempts
            if a.sample == attempt.sample and a.number < attempt.number and a.formulation
        ]
        if not earlier or attempt.formulation is None:
            return ""
        # As JSON: the readable forms cut tables short, and not every attempt is sound.
        before, after = (
            f.model_dump_json(indent=1, exclude_defaults=True).splitlines()
            for f in (earlier[-1], attempt.formulation)
        )
        return "\n".join(unified_diff(before, after, "before", "after", lineterm=""))

    def add_program(self, program: Program) -> None:
        """Keep one written program, in place of an earlier state of the same one."""
        same = (program.sample, program.number)
        others = tuple(p for p in self.record.programs if (p.sample, p.number) != same)
        self.update(programs=(*others, program))

    def update(self, **fields: Any) -> None:
        """Replace fields of the record and write it."""
        self.record = self.record.model_copy(update=fields)
        self._write()

    def fail(self, note: ErrorNote) -> None:
        """Note that the run ended without a result."""
        self.update(error=note)
        self.emit(RunFailed, error=note)

    def close(self) -> None:
        """Write the record a last time and end."""
        self._write()
        self._events.close()

    def _write(self) -> None:
        temporary = self.folder / ".record.json"
        temporary.write_text(self.record.model_dump_json(indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, self.folder / "record.json")


def _whole_lines(path: Path) -> int:
    """Return how many lines a file has, after cutting off what follows its last line's end."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return whole.count(b"\n")


def read_events(folder: Path) -> Iterator[Event]:
    """Yield a run's events as they were written; a line cut off by a crash ends them.

    Raises:
        UserError: if the folder holds no events.
    """
    try:
        lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise UserError(f"no run is recorded there: {error.strerror}", where=str(folder)) from None
    for line in lines[:-1]:
        yield EVENT.validate_json(line)
