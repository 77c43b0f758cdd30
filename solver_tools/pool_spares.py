"""Children forked ahead of need, so that a model-written job pays only for itself.

A fork of a server with every library imported takes longer than many a job, and so do the mounts
of a file system. A spare has that behind it and waits for a job: one, as any child, and nothing of
it has run before. It ends with its server; one that dies is noticed and replaced.
"""

from __future__ import annotations

import fcntl
import os
import selectors
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from optiwright.solver_tools.pool_ahead import Ahead
from optiwright.solver_tools.pool_child import FREE_FD
from optiwright.solver_tools.pool_run import Child, close, fork_child
from optiwright.solver_tools.sandbox_policy import Profile

if TYPE_CHECKING:
    from optiwright.solver_tools.pool_pages import Pages
    from optiwright.solver_tools.sandbox_means import Means

_PATH_BYTES = 4096
_NO_PLACE = b"/"


@dataclass(frozen=True)
class _Spare:
    """A child that waits, with what its job is given to it by."""

    child: Child
    body_fd: int
    """A file in memory for the job's frame: to fill it never blocks the server."""
    go_fd: int
    """A pipe for the job's directory, which says that the frame is there."""

    def give(self, place: str, body: bytearray) -> bool:
        """Has it do a job; returns whether it is alive to do so. If not, it is of no more use."""
        if self.is_gone():
            return False
        _write_all(self.body_fd, body)
        try:
            os.write(self.go_fd, os.fsencode(place) or _NO_PLACE)
        except BrokenPipeError:
            self.end()
            return False
        close(self.body_fd, self.go_fd)
        return True

    def is_gone(self) -> bool:
        """Returns whether it has ended; if so it is reaped, and all of it closed."""
        if os.waitpid(self.child.pid, os.WNOHANG)[0] == 0:
            return False
        self.child.close()
        close(self.body_fd, self.go_fd)
        return True

    def end(self) -> None:
        """Kills and reaps it."""
        self.child.kill()
        os.waitpid(self.child.pid, 0)
        self.child.close()
        close(self.body_fd, self.go_fd)


class Spares:
    """The spares of one server: none before its first WRITTEN job, then as many as it may have."""

    def __init__(self, selector: selectors.BaseSelector, means: Means, most: int) -> None:
        """Takes the server's selector, to be told there when one ends."""
        self._selector = selector
        self._means = means
        self.most = most
        """How many may wait."""
        self._wanted = 0
        self._ahead = Ahead(selector)
        self._waiting: list[_Spare] = []

    @property
    def pids(self) -> set[int]:
        """The processes that wait, and the scout."""
        waiting = {spare.child.pid for spare in self._waiting}
        return waiting | ({self._ahead.scout.pid} if self._ahead.scout else set())

    @property
    def lacking(self) -> bool:
        """Whether `add` is to be called when there is time."""
        return len(self._waiting) < self._wanted and self._ahead.scout is None

    @property
    def has_one(self) -> bool:
        """Whether any waits."""
        return bool(self._waiting)

    def add(self) -> None:
        """Does a step towards one more child that waits, or forks it.

        Where that fails, none is wanted until the next job.
        """
        if not self._ahead.is_done:
            self._ahead.advance()
            return
        try:
            spare = _fork_spare(self._means, self._ahead.pages)
        except OSError:
            self._wanted = 0
            return
        self._waiting.append(spare)
        # Nothing comes on this pipe before there is a job, but its end if the spare ends.
        lost = partial(self._on_lost, spare)
        self._selector.register(spare.child.answer_fd, selectors.EVENT_READ, lost)

    def take(self, place: str, body: bytearray) -> Child | None:
        """Has a spare do a job; None if there is none, and the job needs a child of its own."""
        self._wanted = self.most
        while self._waiting:
            spare = self._waiting.pop(0)
            self._selector.unregister(spare.child.answer_fd)
            if spare.give(place, body):
                return spare.child
        return None

    def end(self) -> None:
        """Ends all that wait."""
        for spare in self._waiting:
            spare.end()
        self._waiting.clear()
        self._ahead.end()

    def _on_lost(self, spare: _Spare) -> None:
        if spare in self._waiting:  # else it was just taken, and found gone there
            self._waiting.remove(spare)
            self._selector.unregister(spare.child.answer_fd)
            spare.end()
            self._wanted = len(self._waiting)  # what ended it may end the next too


def _fork_spare(means: Means, pages: Pages) -> _Spare:
    """Forks a spare for a WRITTEN job.

    Raises:
        OSError: the system has no process or descriptor left.
    """
    opened = [_moved(os.memfd_create("job"))]
    try:
        wait_fd, go_fd = os.pipe()
        opened.append(go_fd)
        opened.append(_moved(wait_fd))
        waiting = (opened[0], opened[2])
        child = fork_child(Profile.WRITTEN, means, partial(_await_job, pages, *waiting), waiting)
    except OSError:
        close(*opened)
        raise
    close(opened[2])
    return _Spare(child, *opened[:2])


def _moved(descriptor: int) -> int:
    """Moves a descriptor to where a child puts none of its own."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, FREE_FD)
    finally:
        os.close(descriptor)


def _await_job(pages: Pages, body_fd: int, wait_fd: int) -> tuple[str, bytearray]:
    """Waits, in the spare, for its job."""
    pages.fetch(wait_fd)
    place = os.read(wait_fd, _PATH_BYTES)
    if not place:
        os._exit(0)  # the server is gone
    body = bytearray(os.fstat(body_fd).st_size)
    view, at = memoryview(body), 0
    while at < len(body):
        at += os.preadv(body_fd, [view[at:]], at)
    close(body_fd, wait_fd)
    return os.fsdecode(place), body


def _write_all(descriptor: int, data: bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
