"""The events of one turn of a session, kept for whoever comes to watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from optiwright.agent.session_events import SessionEvent

OnSessionEvent: TypeAlias = Callable[[SessionEvent], None]


class Channel:
    """One turn's events, put by one and read by any number; any thread may."""

    def __init__(self) -> None:
        self._events: list[SessionEvent] = []
        self._open = False
        self._begun = time.monotonic()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, on_event: OnSessionEvent | None) -> Iterator[OnSessionEvent]:
        """Begin a turn's events, and end them; gives what takes each."""

        def listen(event: SessionEvent) -> None:
            self._put(event)
            if on_event is not None:
                on_event(event)

        self.begin()
        try:
            yield listen
        finally:
            with self._changed:
                self._open = False
                self._changed.notify_all()

    def begin(self) -> None:
        """Forget the events of the turn before; who watches waits for those to come."""
        with self._changed:
            self._events = []
            self._open = True
            self._begun = time.monotonic()
            self._changed.notify_all()

    def events(self) -> Iterator[SessionEvent]:
        """Yield them from the first one, waiting for those to come."""
        at = 0
        while True:
            with self._changed:
                while at >= len(self._events) and self._open:
                    self._changed.wait()
                new = self._events[at:]
                if not new and not self._open:
                    return
            at += len(new)
            yield from new

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the turn began."""
        return time.monotonic() - self._begun

    @property
    def so_far(self) -> tuple[SessionEvent, ...]:
        """Those that have come."""
        with self._changed:
            return tuple(self._events)

    def _put(self, event: SessionEvent) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
