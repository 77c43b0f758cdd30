"""What a server does once, ahead of the children that it will fork for a model's jobs.

It rehearses (`pool_rehearsal`), when a scout has shown that this does no harm, and has another find
out which pages a job's process then still has to fetch (`pool_pages`).
"""

from __future__ import annotations

import selectors
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.pool_pages import Pages
from optiwright.solver_tools.pool_rehearsal import rehearse
from optiwright.solver_tools.pool_scout import Scout, find_pages
from optiwright.solver_tools.pool_warmth import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Ahead:
    """All of it, a step at a time."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        """Takes the server's selector, to hear there what scouts say."""
        self._selector = selector
        self._steps = self._all()
        self._told: Any = None
        self.scout: Scout | None = None
        """Who is under way; there is nothing to do meanwhile."""
        self.is_done = False
        self.pages = Pages([])

    def _all(self) -> Generator[Callable[[], Any], Any, None]:
        """Yields what scouts are to do, and is sent what they say."""
        if (yield rehearse):
            rehearse()
            settle()
        self.pages = Pages((yield find_pages) or [])

    def advance(self) -> None:
        """Does the next step; where it needs a process and there is none, it was the last."""
        try:
            task = self._steps.send(self._told)
            self.scout = Scout(task)
        except (StopIteration, OSError):
            self.is_done = True
            return
        self._selector.register(self.scout.fd, selectors.EVENT_READ, self._on_scout)

    def end(self) -> None:
        """Ends the scout that is under way."""
        if self.scout is not None:
            self.scout.end()

    def _on_scout(self) -> None:
        assert self.scout is not None
        if self.scout.hear():
            self._selector.unregister(self.scout.fd)
            self._told = self.scout.end()
            self.scout = None
