"""Ends calls that take too long, within the process that makes them, and says which they were.

Python code is interrupted by an exception. What does not heed that, as a call into a library, is
ended with its process, after `hung` was told the point; what even keeps Python's other threads from
running, by a thread of C.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from optiwright.solver_tools.written_faults import OutOfTime

if TYPE_CHECKING:
    from optiwright.solver_tools.search_target import Point

TICK_S = 0.05
_GRACE_S = 0.5
HUNG = 17
"""The exit code of a process that was ended so."""


class Watchdog:
    """Watches the calls of the thread that made it.

    Args:
        limit_s: seconds that one call may take.
        tick: called now and then, from another thread.
        hung: told the point of a call that cannot be interrupted, before the process ends.
        silent: a file for what the system says of that.
    """

    def __init__(
        self,
        limit_s: float,
        tick: Callable[[], None],
        hung: Callable[[Point, str], None],
        silent: TextIO,
    ) -> None:
        self._limit, self._tick, self._hung, self._silent = limit_s, tick, hung, silent
        self._own = ctypes.c_ulong(threading.get_ident())
        self._lock = threading.Lock()
        self._point: Point | None = None
        self._since = 0.0
        self._fired = False
        self._over = threading.Event()
        self._armed = 0.0
        self._arm()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def sentence(self) -> str:
        """What is said of a call that took too long."""
        return f"It was still running after {self._limit:.3g} s, and was stopped."

    @contextmanager
    def __call__(self, point: Point) -> Iterator[None]:
        """Watches what is done within.

        Raises:
            OutOfTime: it took too long.
        """
        self._point, self._since = point, time.monotonic()
        try:
            try:
                yield
            finally:
                with self._lock:  # an interruption under way arrives here, not in the optimizer
                    self._point = None
        except OutOfTime:
            raise OutOfTime(self.sentence) from None
        finally:
            if self._fired:
                self._fired = False
                ctypes.pythonapi.PyThreadState_SetAsyncExc(self._own, None)

    def stop(self) -> None:
        """Watches no longer."""
        self._over.set()
        with suppress(Exception):
            faulthandler.cancel_dump_traceback_later()

    def _arm(self) -> None:
        """Has a thread of C end the process where none of Python's runs for too long."""
        now = time.monotonic()
        if now - self._armed > _GRACE_S / 2:
            self._armed = now
            patience = self._limit + 2 * _GRACE_S
            faulthandler.dump_traceback_later(patience, exit=True, file=self._silent)

    def _watch(self) -> None:
        while not self._over.wait(TICK_S):
            self._tick()
            self._arm()
            now = time.monotonic()
            with self._lock:
                if self._point is None or now - self._since < self._limit:
                    continue
                if now - self._since > self._limit + _GRACE_S:
                    self._hung(self._point, self.sentence)
                    os._exit(HUNG)
                self._fired = True
                out_of_time = ctypes.py_object(OutOfTime)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(self._own, out_of_time)
