"""One background event loop a process: it owns the graph, its checkpointer and the clients."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_CLEANING_S = 5.0
"""How long an interrupted coroutine may take to close what it has open."""

_SLICE_S = 0.2
"""How long to wait at a time: what Ray interrupts a task with does not wake a waiting thread."""

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_owner: int | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """Return this process's loop, started on first use; a forked process gets its own."""
    global _loop, _owner
    with _lock:
        if _loop is None or _owner != os.getpid():
            _loop, _owner = asyncio.new_event_loop(), os.getpid()
            threading.Thread(target=_loop.run_forever, name="optiwright-loop", daemon=True).start()
            atexit.register(_stop, _loop)
        return _loop


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on the background loop; cancelling the future cancels it."""
    return asyncio.run_coroutine_threadsafe(work, background_loop())


class Running(Generic[T]):
    """A coroutine on the background loop that can be stopped and waited for.

    Args:
        work: the coroutine, started at once.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._ended = threading.Event()
        self.future = submit(self._to_its_end(work))

    def stop(self) -> None:
        """Cancel the coroutine, unless it is done, and wait until it has cleaned up."""
        if self.future.cancel():
            self._ended.wait(_CLEANING_S)

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        finally:
            self._ended.set()


def wait(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from ordinary code, in a notebook or a thread too.

    An interrupt of the waiting thread cancels the coroutine and waits until it has cleaned up.
    """
    running = Running(work)
    try:
        while not wait_for([running.future], _SLICE_S).done:
            pass
        return running.future.result()
    except KeyboardInterrupt:
        running.stop()
        raise


def _stop(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_soon_threadsafe(loop.stop)
