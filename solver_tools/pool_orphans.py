"""Reaping what jobs leave behind, for a server that is the first process of its namespace.

Such a process inherits every one whose parent ended before it, as what a trusted tool started. They
are dead, as their namespace or group ends with the job, but stay in the table of processes until
somebody asks how they ended.
"""

from __future__ import annotations

import os
import selectors
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT


class Orphans:
    """Has the server's selector wake when any child ends, its own or an inherited one."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._told, self._tell = os.pipe()
        for descriptor in (self._told, self._tell):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # without one nothing is told
        signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        selector.register(self._told, selectors.EVENT_READ, self._hear)

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._told, 4096)

    def reap(self, own: Container[int]) -> None:
        """Reaps those that ended, up to the first of the server's `own` children."""
        with suppress(ChildProcessError):
            while (ended := os.waitid(os.P_ALL, 0, _ENDED)) and ended.si_pid not in own:
                os.waitpid(ended.si_pid, 0)


def forget_orphans() -> None:
    """Undoes in a forked child what its server has set up to hear of its own."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
