"""A child of the pool's server: how it is forked, what is known of its job, and how that ended."""

from __future__ import annotations

import math
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optiwright.solver_tools.pool_child import Post, serve_job
from optiwright.solver_tools.pool_protocol import ANSWER_PREFIX, SEALED, Frame, Job, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from optiwright.solver_tools.sandbox_means import Means
    from optiwright.solver_tools.sandbox_policy import Profile

_HEAD = len(SEALED) + ANSWER_PREFIX.size


@dataclass(frozen=True)
class Child:
    """A forked process, not yet reaped, with the server's ends of its pipes."""

    pid: int
    answer_fd: int
    output_fd: int

    def kill(self) -> None:
        """Kills it, with its group if it has come so far as to lead one."""
        os.kill(self.pid, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def peak_mb(self) -> float | None:
        """Returns its peak resident memory so far, MiB; None if the system does not tell."""
        with suppress(OSError), open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return None

    def close(self) -> None:
        """Closes the pipes."""
        close(self.answer_fd, self.output_fd)


def fork_child(
    profile: Profile,
    means: Means,
    job: Callable[[], tuple[str, bytearray]],
    waiting_fds: tuple[int, ...] = (),
) -> Child:
    """Forks a child for the job that `job` returns there (see `serve_job`).

    Raises:
        OSError: the system has no process or descriptor left.
    """
    parent, ends = os.getpid(), [*os.pipe()]
    try:
        ends += os.pipe()
        pid = os.fork()
    except OSError:
        close(*ends)
        raise
    answer_fd, answer_end, output_fd, output_end = ends
    if pid == 0:
        serve_job(Post(parent, answer_end, output_end, means, waiting_fds), profile, job)
    close(answer_end, output_end)
    return Child(pid, answer_fd, output_fd)


@dataclass(eq=False)
class Run:
    """What the server knows of a job that a child has been given."""

    number: int
    job: Job
    child: Child
    place: str
    """The job's directory in the machine's file system; empty where it has its own."""
    warning: str
    frame: Frame | None = None
    """The job's frame, until it is certain that a spare has begun with it."""
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    """When the server saw or caused its end; 0 while it runs."""
    told: bool = False
    """Whether the caller knows of the end."""
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
    def has_answered(self) -> bool:
        """Whether the answer is there as a whole."""
        return self.answered >= self.answer_size

    @property
    def answer_size(self) -> float:
        """Bytes that the answer takes with its head; infinite until the head is there."""
        if len(self.head) < _HEAD:
            return math.inf
        (size,) = ANSWER_PREFIX.unpack(self.head[len(SEALED) :])
        return _HEAD + int(size)

    def take(self, data: bytes) -> bytes:
        """Counts what the child wrote and returns what of it belongs to the answer's body."""
        self.frame = None
        missing = _HEAD - len(self.head)
        self.head += data[:missing]
        self.answered += len(data)
        return data[missing:]

    def never_began(self, status: int) -> bool:
        """Returns whether it was given to a spare that something else had ended by then."""
        return self.frame is not None and self.verdict is None and os.WIFSIGNALED(status)

    def judge(self, status: int) -> tuple[Reason, str]:
        """Returns how the job ended, and the sentence about it, from what the server saw."""
        if self.verdict is not None:
            return self.verdict, self.error
        if self.has_answered:
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
        self.child.close()
        if self.place:
            shutil.rmtree(self.place, ignore_errors=True)


def close(*descriptors: int) -> None:
    """Closes them."""
    for descriptor in descriptors:
        os.close(descriptor)
