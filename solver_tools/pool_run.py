"""A job in the server while its child is alive or not yet reaped, and what is said of its end."""

from __future__ import annotations

import math
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

from optiwright.solver_tools.pool_protocol import ANSWER_PREFIX, SEALED, Job, Reason

_HEAD = len(SEALED) + ANSWER_PREFIX.size


@dataclass(eq=False)
class Run:
    """What the server knows of a job whose child was forked."""

    number: int
    job: Job
    pid: int
    answer_fd: int
    output_fd: int
    place: str
    """The job's directory in the machine's file system; empty where it has its own."""
    warning: str
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    """When the server saw or caused its end; 0 while it runs."""
    verdict: Reason | None = None
    error: str = ""
    head: bytes = b""
    """The first bytes of what it answered: that it is set up, and the size of what follows."""
    answered: int = 0
    printed: int = 0
    tail: bytes = b""

    @property
    def deadline(self) -> float:
        """When its time is up."""
        return self.started + self.job.time_limit_s

    @property
    def answer_size(self) -> float:
        """Bytes that the answer takes with its head; infinite until the head is there."""
        if len(self.head) < _HEAD:
            return math.inf
        (size,) = ANSWER_PREFIX.unpack(self.head[len(SEALED) :])
        return _HEAD + int(size)

    def take(self, data: bytes) -> bytes:
        """Counts what the child wrote and returns what of it belongs to the answer's body."""
        missing = _HEAD - len(self.head)
        self.head += data[:missing]
        self.answered += len(data)
        return data[missing:]

    def judge(self, status: int) -> tuple[Reason, str]:
        """Returns how the job ended, and the sentence about it, from what the server saw."""
        if self.verdict is not None:
            return self.verdict, self.error
        if self.answered >= self.answer_size:
            return Reason.FINISHED, ""
        if not self.head:
            said = self.tail.decode(errors="replace").strip().splitlines()[-1:]
            return Reason.REFUSED, " ".join(["The job's process could not be set up.", *said])
        return self._judge_silent(status)

    def _judge_silent(self, status: int) -> tuple[Reason, str]:
        if not os.WIFSIGNALED(status):
            code = os.waitstatus_to_exitcode(status)
            return Reason.ERROR, f"The job's process exited with code {code} and gave no result."
        if b"std::bad_alloc" in self.tail:
            return Reason.MEMORY, f"The job needed more than its {self.job.memory_mb} MB."
        number = os.WTERMSIG(status)
        how = f"{number} ({signal.strsignal(number)})"
        return Reason.KILLED, f"The job's process died of signal {how}."

    def clear(self) -> None:
        """Gives back what the job held in the server and on the disk."""
        close(self.answer_fd, self.output_fd)
        if self.place:
            shutil.rmtree(self.place, ignore_errors=True)


def kill_group(pid: int) -> None:
    """Kills a job that is not yet reaped, with its group if it has come so far as to lead one."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def close(*descriptors: int) -> None:
    """Closes them."""
    for descriptor in descriptors:
        os.close(descriptor)
