"""The pool's server: imports the modelling libraries once and forks one child a job.

Started by `pool.Pool` as `python -m optiwright.solver_tools.pool_server FD`, FD being its end of
the control socket. It has one thread and never solves anything itself: a HiGHS that has solved
with several threads before a fork hangs in the child. It ends as soon as the control socket
closes, whatever ended the caller, and takes its children with it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import math
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from optiwright import solver_tools
from optiwright.solver_tools.pool_child import run_job
from optiwright.solver_tools.pool_protocol import (
    ANSWER_PREFIX,
    Channel,
    Done,
    Encoding,
    Frame,
    Job,
    Kind,
    Ready,
    Reason,
    pack,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LIBRARIES = ("numpy", "scipy.sparse", "highspy", "pyscipopt", "cvxpy", "pyomo.environ")
_CHUNK = 1 << 20
_MIB = 1 << 20
_IOLBF = 1
_libc = ctypes.CDLL(None)


@dataclass(eq=False)
class _Run:
    """A job whose child is alive or not yet reaped."""

    number: int
    job: Job
    pid: int
    answer_fd: int
    output_fd: int
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    """When the server saw or caused its end; 0 while it runs."""
    verdict: Reason | None = None
    error: str = ""
    prefix: bytes = b""
    answered: int = 0
    printed: int = 0
    tail: bytes = b""

    @property
    def deadline(self) -> float:
        return self.started + self.job.time_limit_s

    @property
    def answer_size(self) -> float:
        """Bytes that the answer takes with its prefix; infinite until the prefix is there."""
        if len(self.prefix) < ANSWER_PREFIX.size:
            return math.inf
        (size,) = ANSWER_PREFIX.unpack(self.prefix)
        return ANSWER_PREFIX.size + int(size)


class Server:
    """The loop: frames from the caller, output and answers from the children, deadlines."""

    def __init__(self, control: socket.socket) -> None:
        self._channel = Channel(control)
        self._selector = selectors.PollSelector()
        self._selector.register(self._channel, selectors.EVENT_READ, self._on_control)
        self._runs: dict[int, _Run] = {}

    def serve(self, ready: Ready) -> None:
        """Answers until the caller is gone, then kills what still runs."""
        self._channel.send(Kind.READY, 0, pack(ready))
        try:
            while True:
                self._turn()
        except EOFError:
            pass
        finally:
            for run in self._runs.values():
                _kill_group(run.pid)
            for run in self._runs.values():
                os.waitpid(run.pid, 0)

    def _turn(self) -> None:
        self._selector.modify(self._channel, self._channel.events, self._on_control)
        for key, _ in self._selector.select(self._patience()):
            key.data()
        now = time.monotonic()
        for run in list(self._runs.values()):
            if not run.ended and now >= run.deadline:
                limit = f"The job was killed at its time limit of {run.job.time_limit_s:g} s."
                self._end(run, Reason.TIMEOUT, limit)
            if run.ended:
                self._reap(run)

    def _patience(self) -> float | None:
        """Seconds until something is due by the clock; None for never."""
        if any(run.ended for run in self._runs.values()):
            return 0.001
        next_deadline = min((run.deadline for run in self._runs.values()), default=math.inf)
        return None if next_deadline == math.inf else max(0.0, next_deadline - time.monotonic())

    def _on_control(self) -> None:
        self._channel.flush()
        for frame in self._channel.receive():
            if frame.kind is Kind.RUN:
                self._start(frame)
            elif run := self._runs.get(frame.job):
                self._end(run, Reason.STOPPED, "The job was stopped by its caller.")

    def _start(self, frame: Frame) -> None:
        fields, arguments = unpack(frame.body)
        job = Job(**fields | {"encoding": Encoding(fields["encoding"])})
        answer_fd, answer_end = os.pipe()
        output_fd, output_end = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            _close(answer_fd, answer_end, output_fd, output_end)
            refusal = Done(Reason.REFUSED, f"No process could be forked: {error}.", 0.0, 0.0)
            self._channel.send(Kind.DONE, frame.job, pack(refusal))
            return
        if pid == 0:
            run_job(job, arguments, answer_end, output_end)
        _close(answer_end, output_end)
        run = _Run(frame.job, job, pid, answer_fd, output_fd)
        self._runs[run.number] = run
        self._watch(answer_fd, partial(self._on_answer, run))
        self._watch(output_fd, partial(self._on_output, run))

    def _watch(self, descriptor: int, handler: Callable[[], object]) -> None:
        os.set_blocking(descriptor, False)
        self._selector.register(descriptor, selectors.EVENT_READ, handler)

    def _on_answer(self, run: _Run) -> None:
        if run.ended:
            return
        data = os.read(run.answer_fd, _CHUNK)
        missing = ANSWER_PREFIX.size - len(run.prefix)
        run.prefix += data[:missing]
        run.answered += len(data)
        if body := data[missing:]:
            self._channel.send(Kind.ANSWER, run.number, [body])
        if run.answer_size < math.inf and run.answer_size > run.job.memory_mb * _MIB:
            limit = f"The job's result is larger than its {run.job.memory_mb} MB."
            self._end(run, Reason.OUTPUT_LIMIT, limit)
        elif not data or run.answered >= run.answer_size:
            self._end(run)

    def _on_output(self, run: _Run) -> bool:
        """Passes a piece of output on; returns whether there may be more to read at once."""
        try:
            data = os.read(run.output_fd, _CHUNK)
        except BlockingIOError:
            return False
        allowed = data[: run.job.output_limit - run.printed]
        run.printed += len(allowed)
        run.tail = (run.tail + allowed)[-512:]
        if allowed:
            self._channel.send(Kind.OUTPUT, run.number, [allowed])
        if len(allowed) < len(data):
            limit = f"The job printed more than {run.job.output_limit} bytes."
            self._end(run, Reason.OUTPUT_LIMIT, limit)
        elif not data and not run.ended:
            self._selector.unregister(run.output_fd)
        return bool(data) and len(allowed) == len(data)

    def _end(self, run: _Run, verdict: Reason | None = None, error: str = "") -> None:
        """Kills the job's process group, once; `_reap` finds out what became of it."""
        if run.ended:
            return
        run.ended, run.verdict, run.error = time.monotonic(), verdict, error
        _kill_group(run.pid)
        for descriptor in (run.answer_fd, run.output_fd):
            with suppress(KeyError):
                self._selector.unregister(descriptor)

    def _reap(self, run: _Run) -> None:
        pid, status, usage = os.wait4(run.pid, os.WNOHANG)
        if pid == 0:
            return
        while self._on_output(run):
            pass
        _close(run.answer_fd, run.output_fd)
        del self._runs[run.number]
        reason, error = _judge(run, status)
        kib = 1024 if sys.platform == "linux" else _MIB
        done = Done(reason, error, run.ended - run.started, usage.ru_maxrss / kib)
        self._channel.send(Kind.DONE, run.number, pack(done))


def _judge(run: _Run, status: int) -> tuple[Reason, str]:
    """Returns how the job ended, and the sentence about it, from what the server saw."""
    if run.verdict is not None:
        return run.verdict, run.error
    if run.answered >= run.answer_size:
        return Reason.FINISHED, ""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return Reason.ERROR, f"The job's process exited with code {code} and gave no result."
    if b"std::bad_alloc" in run.tail:
        return Reason.MEMORY, f"The job needed more than its {run.job.memory_mb} MB."
    number = os.WTERMSIG(status)
    return Reason.KILLED, f"The job's process died of signal {number} ({signal.strsignal(number)})."


def _kill_group(pid: int) -> None:
    """Kills a job that is not yet reaped, with its group if it has come so far as to lead one."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _import_all() -> dict[str, str]:
    """Imports what jobs will need; returns for each module that would not come the reason."""
    ours = (info.name for info in pkgutil.iter_modules(solver_tools.__path__))
    names = [f"{solver_tools.__name__}.{name}" for name in ours if not name.startswith("pool")]
    missing: dict[str, str] = {}
    for name in (*LIBRARIES, *names):
        try:
            importlib.import_module(name)
        except Exception as error:  # a library broken in its own way must not cost the others
            missing[name] = f"{type(error).__name__}: {error}"
    return missing


def _stream_output() -> None:
    """Makes Python's and C's standard output leave line by line, so that logs arrive live."""
    for stream in (sys.stdout, sys.stderr):
        options: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}
        stream.reconfigure(line_buffering=True, **options)  # type: ignore[union-attr]
    if sys.platform == "linux":
        stdout = ctypes.c_void_p.in_dll(_libc, "stdout")
        _libc.setvbuf(stdout, None, _IOLBF, 0)


def main() -> None:
    """Serves the control socket whose descriptor is the first argument."""
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)
    _stream_output()
    ready = Ready(_import_all())
    gc.collect()
    gc.freeze()  # children then leave these objects' pages shared
    Server(socket.socket(fileno=descriptor)).serve(ready)


if __name__ == "__main__":
    main()
