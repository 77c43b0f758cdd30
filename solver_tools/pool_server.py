"""The pool's server: imports the modelling libraries once and forks one child a job.

Started by `pool.Pool` as `python -m optiwright.solver_tools.pool_server FD WITHOUT`, FD being its
end of the control socket and WITHOUT the protections to do without. It has one thread and never
solves anything itself: a HiGHS that has solved with several threads before a fork hangs in the
child. It ends as soon as the control socket closes, whatever ended the caller, and takes its
children with it.

Jobs that a language model wrote are not its own to run: a copy of it does that, forked with the
first of them and confined (`pool_confined`), by the same loop.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import math
import os
import pkgutil
import selectors
import socket
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from optiwright import solver_tools
from optiwright.solver_tools.pool_child import Post, run_job
from optiwright.solver_tools.pool_confined import Confined
from optiwright.solver_tools.pool_protocol import (
    Channel,
    Done,
    Frame,
    Job,
    Kind,
    Ready,
    Reason,
    pack,
    read_job,
)
from optiwright.solver_tools.pool_run import Run, close, kill_group
from optiwright.solver_tools.sandbox_means import Means
from optiwright.solver_tools.sandbox_policy import (
    Isolation,
    Profile,
    Protection,
    refusal,
    shortfall,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

LIBRARIES = ("numpy", "scipy.sparse", "highspy", "pyscipopt", "cvxpy", "pyomo.environ")
_CHUNK = 1 << 20
_MIB = 1 << 20
_IOLBF = 1
_libc = ctypes.CDLL(None)


class Server:
    """The loop: frames from the caller, output and answers from the children, deadlines."""

    def __init__(
        self, control: socket.socket, without: Collection[str] = (), means: Means | None = None
    ) -> None:
        """Is the confined side if `means` are given; one without `without`, if it needs one."""
        self._channel = Channel(control)
        self._without = without
        self._means = means
        self._confined: Confined | None = None
        self._selector = selectors.PollSelector()
        self._selector.register(self._channel, selectors.EVENT_READ, self._on_control)
        self._runs: dict[int, Run] = {}

    def serve(self, ready: Ready | None = None) -> None:
        """Answers until the caller is gone, then kills what still runs."""
        if ready is not None:
            self._channel.send(Kind.READY, 0, pack(ready))
        try:
            while True:
                self._turn()
        except EOFError:
            pass
        finally:
            for run in self._runs.values():
                kill_group(run.pid)
            if self._confined is not None:
                self._confined.end()
            for run in self._runs.values():
                os.waitpid(run.pid, 0)
                run.clear()

    def _turn(self) -> None:
        self._selector.modify(self._channel, self._channel.events, self._on_control)
        if self._confined is not None:
            channel = self._confined.channel
            self._selector.modify(channel, channel.events, self._on_confined)
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
                self._begin(frame)
            elif run := self._runs.get(frame.job):
                self._end(run, Reason.STOPPED, "The job was stopped by its caller.")
            elif self._confined is not None:
                self._confined.pass_on(frame)

    def _begin(self, frame: Frame) -> None:
        job, arguments, files = read_job(frame.body)
        try:
            if job.profile is Profile.COMPILED:
                self._start(frame.job, job, partial(run_job, job, arguments, files))
            elif self._means is None:
                self._pass_on(frame)
            elif sentence := self._refusal(job):
                self._refuse(frame.job, sentence)
            else:
                self._start(frame.job, job, partial(run_job, job, arguments, files))
        except OSError as error:
            self._refuse(frame.job, f"No process could be forked: {error}.")

    def _refusal(self, job: Job) -> str:
        return refusal(self._protections(job)) if job.isolation is Isolation.REQUIRED else ""

    def _protections(self, job: Job) -> tuple[str, ...]:
        if job.profile is Profile.COMPILED or self._means is None:
            return (Protection.LIMITS,)
        return self._means.protections

    def _refuse(self, number: int, sentence: str) -> None:
        self._channel.send(Kind.DONE, number, pack(Done(Reason.REFUSED, sentence)))

    def _pass_on(self, frame: Frame) -> None:
        """Gives the confined side a job; forks it if there is none."""
        if self._confined is None:
            self._confined = Confined(_serve_confined, self._without)
            channel = self._confined.channel
            self._selector.register(channel, channel.events, self._on_confined)
        self._confined.pass_on(frame)

    def _on_confined(self) -> None:
        assert self._confined is not None
        try:
            for frame in self._confined.receive():
                self._channel.send(frame.kind, frame.job, [frame.body])
        except EOFError:
            self._selector.unregister(self._confined.channel)
            for frame in self._confined.end():
                self._channel.send(frame.kind, frame.job, [frame.body])
            self._confined = None  # the next job gets a new one

    def _start(self, number: int, job: Job, begin: Callable[[Post], NoReturn]) -> None:
        means = self._means or Means()
        written = job.profile is Profile.WRITTEN
        place = tempfile.mkdtemp(prefix="optiwright-job-") if written and not means.mounts else ""
        answer_fd, answer_end = os.pipe()
        output_fd, output_end = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            close(answer_fd, answer_end, output_fd, output_end)
            raise
        if pid == 0:
            begin(Post(answer_end, output_end, means, place))
        close(answer_end, output_end)
        warning = shortfall(self._protections(job)) if written else ""
        run = Run(number, job, pid, answer_fd, output_fd, place, warning)
        self._runs[run.number] = run
        self._watch(answer_fd, partial(self._on_answer, run))
        self._watch(output_fd, partial(self._on_output, run))

    def _watch(self, descriptor: int, handler: Callable[[], object]) -> None:
        os.set_blocking(descriptor, False)
        self._selector.register(descriptor, selectors.EVENT_READ, handler)

    def _on_answer(self, run: Run) -> None:
        if run.ended:
            return
        data = os.read(run.answer_fd, _CHUNK)
        if body := run.take(data):
            self._channel.send(Kind.ANSWER, run.number, [body])
        if math.inf > run.answer_size > run.job.answer_limit:
            limit = f"The job's result is larger than its {run.job.answer_limit >> 20} MB."
            self._end(run, Reason.OUTPUT_LIMIT, limit)
        elif not data or run.answered >= run.answer_size:
            self._end(run)

    def _on_output(self, run: Run) -> bool:
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

    def _end(self, run: Run, verdict: Reason | None = None, error: str = "") -> None:
        """Kills the job's process group, once; `_reap` finds out what became of it."""
        if run.ended:
            return
        run.ended, run.verdict, run.error = time.monotonic(), verdict, error
        kill_group(run.pid)
        for descriptor in (run.answer_fd, run.output_fd):
            with suppress(KeyError):
                self._selector.unregister(descriptor)

    def _reap(self, run: Run) -> None:
        pid, status, usage = os.wait4(run.pid, os.WNOHANG)
        if pid == 0:
            return
        while self._on_output(run):
            pass
        run.clear()
        del self._runs[run.number]
        reason, error = run.judge(status)
        kib = 1024 if sys.platform == "linux" else _MIB
        seconds, peak_mb = run.ended - run.started, usage.ru_maxrss / kib
        protections = self._protections(run.job) if run.head else ()
        done = Done(reason, error, seconds, peak_mb, protections, run.warning)
        self._channel.send(Kind.DONE, run.number, pack(done))


def _serve_confined(control: socket.socket, means: Means) -> None:
    Server(control, means=means).serve()


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
    without = frozenset(filter(None, sys.argv[2].split(",")))
    ready = Ready(_import_all())
    gc.collect()
    gc.freeze()  # children then leave these objects' pages shared
    Server(socket.socket(fileno=descriptor), without).serve(ready)


if __name__ == "__main__":
    main()
