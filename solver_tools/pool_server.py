"""The pool's server: imports the modelling libraries once and forks one child a job.

Started by `pool.Pool` as `python -m optiwright.solver_tools.pool_server FD WITHOUT SPARES`, FD
being its end of the control socket, WITHOUT the protections to do without and SPARES how many
children to keep ready. It has one thread and does not solve: a HiGHS that has solved with several
threads before a fork hangs in the child, unless it is told to end them first, as after a rehearsal
(`pool_rehearsal`), which only the confined copies hold. It ends as soon as the control socket
closes, whatever ended the caller, and takes its
children with it.

Jobs that are not our own code are not its own to run: a copy of it does that, forked with the
first of them and confined (`pool_confined`), by the same loop, and further copies for those that
use rare libraries or look for plans. From then on it keeps a few children ready for more of them
(`pool_spares`), forked when nothing else is to be done.
"""

from __future__ import annotations

import math
import os
import selectors
import socket
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from optiwright.solver_tools.pool_confined import Confined
from optiwright.solver_tools.pool_orphans import Orphans
from optiwright.solver_tools.pool_protocol import (
    Channel,
    Done,
    Frame,
    Job,
    Kind,
    Ready,
    Reason,
    Shelf,
    pack,
    read_job,
)
from optiwright.solver_tools.pool_run import Run, fork_child
from optiwright.solver_tools.pool_spares import Spares
from optiwright.solver_tools.pool_warmth import import_all, stream_output
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

_CHUNK = 1 << 20
_UNDISTURBED_S = 0.05
_MIB = 1 << 20


class Server:
    """The loop: frames from the caller, output and answers from the children, deadlines."""

    def __init__(
        self,
        control: socket.socket,
        spares: int,
        without: Collection[str] = (),
        means: Means | None = None,
    ) -> None:
        """Is the confined side if `means` are given; one without `without`, if it needs one."""
        self._channel = Channel(control)
        self._without = without
        self._means = means
        self._confined: dict[Shelf, Confined] = {}
        self._selector = selectors.PollSelector()
        self._selector.register(self._channel, selectors.EVENT_READ, self._on_control)
        self._spares = Spares(self._selector, means or Means(), spares)
        inherits = means is not None and means.namespaces
        self._orphans = Orphans(self._selector) if inherits else None
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
                run.child.kill()
            for side in self._confined.values():
                side.end()
            for run in self._runs.values():
                os.waitpid(run.child.pid, 0)
                run.clear()
            self._spares.end()

    def _turn(self) -> None:
        self._selector.modify(self._channel, self._channel.events, self._on_control)
        for shelf, side in self._confined.items():
            heard = partial(self._on_confined, shelf)
            self._selector.modify(side.channel, side.channel.events, heard)
        events = self._selector.select(self._patience())
        for key, _ in events:
            key.data()
        if not events and time.monotonic() >= self._spare_due():
            self._spares.add()
        now = time.monotonic()
        for run in list(self._runs.values()):
            if not run.ended and now >= run.deadline:
                limit = f"The job was killed at its time limit of {run.job.time_limit_s:g} s."
                self._end(run, Reason.TIMEOUT, limit)
            if run.ended:
                self._reap(run)
        if self._orphans is not None:
            self._orphans.reap({run.child.pid for run in self._runs.values()} | self._spares.pids)

    def _spare_due(self) -> float:
        """When to see to spares; infinite for not at all.

        A fork takes as long as a small job, whose answer would wait for it. So if one spare is
        left, another has to wait until the last job has ended, or is not so small.
        """
        if not self._spares.lacking:
            return math.inf
        begun = [run.started for run in self._runs.values() if not run.ended]
        return max(begun) + _UNDISTURBED_S if begun and self._spares.has_one else 0.0

    def _patience(self) -> float | None:
        """Seconds until something is due by the clock; None for never."""
        now, due = time.monotonic(), self._spare_due()
        if now < due and any(run.ended for run in self._runs.values()):
            return 0.001
        due = min([due, *(run.deadline for run in self._runs.values())])
        return None if due == math.inf else max(0.0, due - now)

    def _on_control(self) -> None:
        self._channel.flush()
        for frame in self._channel.receive():
            if frame.kind is Kind.RUN:
                self._begin(frame)
            elif run := self._runs.get(frame.job):
                self._end(run, Reason.STOPPED, "The job was stopped by its caller.")
            else:
                for side in self._confined.values():
                    side.pass_on(frame)

    def _begin(self, frame: Frame) -> None:
        job, _, _ = read_job(frame.body)
        try:
            if job.profile is not Profile.COMPILED and self._means is None:
                self._pass_on(frame, job.shelf)
            elif sentence := self._refusal(job):
                self._refuse(frame.job, sentence)
            else:
                self._start(frame, job)
        except OSError as error:
            self._refuse(frame.job, f"No process could be forked: {error}.")

    def _refusal(self, job: Job) -> str:
        if job.profile is Profile.COMPILED or job.isolation is not Isolation.REQUIRED:
            return ""
        return refusal(self._protections(job))

    def _protections(self, job: Job) -> tuple[str, ...]:
        if job.profile is Profile.COMPILED or self._means is None:
            return (Protection.LIMITS,)
        return self._means.protections

    def _refuse(self, number: int, sentence: str) -> None:
        self._channel.send(Kind.DONE, number, pack(Done(Reason.REFUSED, sentence)))

    def _pass_on(self, frame: Frame, shelf: Shelf) -> None:
        """Gives a confined side a job; forks it if there is none."""
        if shelf not in self._confined:
            side = Confined(partial(_serve_confined, self._spares.most), self._without, shelf)
            self._confined[shelf] = side
            heard = partial(self._on_confined, shelf)
            self._selector.register(side.channel, side.channel.events, heard)
        self._confined[shelf].pass_on(frame)

    def _on_confined(self, shelf: Shelf) -> None:
        side = self._confined[shelf]
        try:
            for frame in side.receive():
                self._channel.send(frame.kind, frame.job, [frame.body])
        except EOFError:
            self._selector.unregister(side.channel)
            for frame in side.end():
                self._channel.send(frame.kind, frame.job, [frame.body])
            del self._confined[shelf]  # the next job gets a new one

    def _start(self, frame: Frame, job: Job) -> None:
        means = self._means or Means()
        foreign = job.profile is not Profile.COMPILED
        place = tempfile.mkdtemp(prefix="optiwright-job-") if foreign and not means.mounts else ""
        written = job.profile is Profile.WRITTEN
        spare = self._spares.take(place, frame.body) if written else None
        child = spare or fork_child(job.profile, means, lambda: (place, frame.body))
        warning = shortfall(self._protections(job)) if foreign else ""
        run = Run(frame.job, job, child, place, warning, frame if spare else None)
        self._runs[run.number] = run
        self._watch(child.answer_fd, partial(self._on_answer, run))
        self._watch(child.output_fd, partial(self._on_output, run))

    def _watch(self, descriptor: int, handler: Callable[[], object]) -> None:
        os.set_blocking(descriptor, False)
        self._selector.register(descriptor, selectors.EVENT_READ, handler)

    def _on_answer(self, run: Run) -> None:
        if run.ended:
            return
        data = os.read(run.child.answer_fd, _CHUNK)
        if data and (body := run.take(data)):
            self._channel.send(Kind.ANSWER, run.number, [body])
        if math.inf > run.answer_size > run.job.answer_limit:
            limit = f"The job's result is larger than its {run.job.answer_limit >> 20} MB."
            self._end(run, Reason.OUTPUT_LIMIT, limit)
        elif not data or run.has_answered:
            self._end(run)

    def _on_output(self, run: Run) -> bool:
        """Passes a piece of output on; returns whether there may be more to read at once."""
        try:
            data = b"" if run.told else os.read(run.child.output_fd, _CHUNK)
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
            self._selector.unregister(run.child.output_fd)
        return bool(data) and len(allowed) == len(data)

    def _end(self, run: Run, verdict: Reason | None = None, error: str = "") -> None:
        """Kills the job's process group, once; `_reap` finds out what became of it."""
        if run.ended:
            return
        run.ended, run.verdict, run.error = time.monotonic(), verdict, error
        peak_mb = run.child.peak_mb() if self._rests(run) else None
        run.child.kill()
        for descriptor in (run.child.answer_fd, run.child.output_fd):
            with suppress(KeyError):
                self._selector.unregister(descriptor)
        if peak_mb is not None:  # what it had was its own, and may go while the next one runs
            self._drain(run)
            self._tell(run, Reason.FINISHED, "", peak_mb)

    def _rests(self, run: Run) -> bool:
        """Returns whether all is over but the end of a process that has nothing of anyone's."""
        alone = self._means is not None and self._means.mounts
        written = run.job.profile is Profile.WRITTEN
        return alone and written and run.has_answered and run.verdict is None

    def _reap(self, run: Run) -> None:
        pid, status, usage = os.wait4(run.child.pid, os.WNOHANG)
        if pid == 0:
            return
        self._drain(run)
        run.clear()
        del self._runs[run.number]
        if run.never_began(status):
            assert run.frame is not None
            self._begin(run.frame)
        elif not run.told:
            kib = 1024 if sys.platform == "linux" else _MIB
            self._tell(run, *run.judge(status), usage.ru_maxrss / kib)

    def _drain(self, run: Run) -> None:
        while self._on_output(run):
            pass

    def _tell(self, run: Run, reason: Reason, error: str, peak_mb: float) -> None:
        run.told = True
        protections = self._protections(run.job) if run.head else ()
        done = Done(reason, error, run.ended - run.started, peak_mb, protections, run.warning)
        self._channel.send(Kind.DONE, run.number, pack(done))


def _serve_confined(spares: int, control: socket.socket, means: Means) -> None:
    Server(control, spares, means=means).serve()


def main() -> None:
    """Serves the control socket whose descriptor is the first argument."""
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)
    stream_output()
    without = frozenset(filter(None, sys.argv[2].split(",")))
    ready = Ready(import_all())
    Server(socket.socket(fileno=descriptor), int(sys.argv[3]), without).serve(ready)


if __name__ == "__main__":
    main()
