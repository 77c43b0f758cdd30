"""The confined side of the pool's server: a copy of it in namespaces of its own.

The server forks it for the first job that a language model wrote, so that it has all the imports
and costs no second start, and passes such jobs' frames on to it as they come. What it answers goes
to the caller as it comes. It ends with its server, and its jobs with it.

There is a further one as soon as a job needs libraries that few jobs use (`pool_protocol.Shelf`):
those are slow to import, and what they take of memory every fork would pay for.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from optiwright.solver_tools.pool_protocol import Channel, Done, Frame, Kind, Reason, Shelf, pack
from optiwright.solver_tools.pool_warmth import import_shelf
from optiwright.solver_tools.sandbox_kernel import die_with_parent
from optiwright.solver_tools.sandbox_means import Means, find_means

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_CONTROL_FD = 3


class Confined:
    """The confined side as the server sees it."""

    def __init__(
        self,
        serve: Callable[[socket.socket, Means], None],
        without: Collection[str],
        shelf: Shelf,
    ) -> None:
        """Forks it, for jobs that use the libraries of a shelf."""
        ours, theirs = socket.socketpair()
        try:
            self._pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if self._pid == 0:
            _be_confined(theirs, serve, without, shelf)
        theirs.close()
        self.channel = Channel(ours)
        self._jobs: set[int] = set()

    def pass_on(self, frame: Frame) -> None:
        """Sends it a job, or a stop."""
        if frame.kind is Kind.RUN:
            self._jobs.add(frame.job)
        if frame.job in self._jobs:
            self.channel.send(frame.kind, frame.job, [frame.body])

    def receive(self) -> Iterator[Frame]:
        """Yields what it says to the caller; EOFError when it is gone."""
        self.channel.flush()
        for frame in self.channel.receive():
            if frame.kind is Kind.DONE:
                self._jobs.discard(frame.job)
            yield frame

    def end(self) -> list[Frame]:
        """Ends it with all its jobs; returns what is to be said of those."""
        self.channel.close()
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        done = Done(Reason.KILLED, "The confined part of the pool's server ended.")
        body = bytearray(b"".join(pack(done)))
        return [Frame(Kind.DONE, number, body) for number in sorted(self._jobs)]


def _be_confined(
    control: socket.socket,
    serve: Callable[[socket.socket, Means], None],
    without: Collection[str],
    shelf: Shelf,
) -> NoReturn:
    """Goes on as the confined side: drops what is the server's, enters namespaces, serves."""
    code = 1
    try:
        if sys.platform == "linux":
            die_with_parent(signal.SIGKILL)
        os.dup2(control.detach(), _CONTROL_FD, inheritable=False)
        os.closerange(_CONTROL_FD + 1, os.sysconf("SC_OPEN_MAX"))
        import_shelf(shelf)
        means = find_means(without)
        serve(socket.socket(fileno=_CONTROL_FD), means)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)  # nothing of the server's loop may run here
