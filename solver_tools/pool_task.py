"""A job of the pool on its caller's side, and the outcome it comes to."""

from __future__ import annotations

import codecs
import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.pool_protocol import Done, Job, Reason, decode, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

_ERROR_CHARACTERS = 8000
_SAYABLE = {str(reason): reason for reason in (Reason.FINISHED, Reason.ERROR, Reason.MEMORY)}
"""How a job may say that it ended; everything else is the server's to say."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a job ended; always data, never an exception."""

    reason: Reason
    value: Any = None
    """What the function returned; None unless `reason` is FINISHED."""
    output: str = ""
    """Standard output and standard error of the job, in the order written, up to the cap."""
    error: str = ""
    """The last lines of the traceback, or a sentence; empty if FINISHED."""
    seconds: float = 0.0
    """Wall-clock seconds from the start to the end."""
    peak_mb: float = 0.0
    """Peak resident memory, MiB, with the pages that the job shared with the server."""
    protections: tuple[str, ...] = ()
    """What stood between the job and the machine; empty if it never ran."""
    warning: str = ""
    """What was missing, where a job that needs it ran under `Isolation.BEST_EFFORT`."""


@dataclass(eq=False)
class Task:
    """A job between `submit` and its outcome: what has come of it so far."""

    number: int
    job: Job
    arguments: bytes
    on_output: Callable[[str], None] | None
    future: Future[Outcome] = field(default_factory=Future)
    output: list[str] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def hear(self, data: bytes, *, final: bool = False) -> None:
        """Takes a piece of the job's output and passes it on."""
        text = self.decoder.decode(data, final)
        if not text:
            return
        self.output.append(text)
        if self.on_output is not None and not self.future.cancelled():
            try:
                self.on_output(text)
            except Exception:  # the listener's own fault must not cost the other jobs
                _log.exception("a listener to the output of %s failed", self.job.function)
                self.on_output = None

    def settle(self, done: Done) -> None:
        """Resolves the future; a job that finished says in its answer how."""
        self.hear(b"", final=True)
        reason, error, value = done.reason, done.error, None
        if reason is Reason.FINISHED:
            reason, error, value = self._read_answer()
        outcome = Outcome(
            reason=reason,
            value=value,
            output="".join(self.output),
            error=error,
            seconds=done.seconds,
            peak_mb=done.peak_mb,
            protections=tuple(done.protections),
            warning=done.warning,
        )
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(outcome)

    def _read_answer(self) -> tuple[Reason, str, Any]:
        answer, self.answer = self.answer, bytearray()  # the caller's future keeps the task
        try:
            fields, data = unpack(answer)
            reason = _SAYABLE[fields["reason"]]
            value = decode(data, self.job.encoding) if reason is Reason.FINISHED else None
            return reason, _clean(str(fields["error"])), value
        except Exception as error:  # the job may have written into its answer itself
            what = _clean(f"{type(error).__name__}: {error}")
            return Reason.ERROR, f"The job's result could not be read: {what}.", None


def _clean(text: str) -> str:
    """Returns the end of a text that a job wrote, without what cannot be printed."""
    return text[-_ERROR_CHARACTERS:].encode(errors="replace").decode()
