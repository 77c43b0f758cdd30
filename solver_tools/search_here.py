"""A search whose function is the user's own: a trusted command, or a callable of this process.

The optimizer runs in a thread, and asks there; nothing is confined.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from optiwright.formulators.black_box import BlackBox, Command
from optiwright.formulators.model import Sense
from optiwright.solver_tools.oracle import Evaluation, Oracle
from optiwright.solver_tools.oracle_callable import CallableOracle
from optiwright.solver_tools.oracle_command import CommandOracle
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_run import Found, Search
from optiwright.solver_tools.search_target import Spent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.solver_tools.search_journal import Journal
    from optiwright.solver_tools.search_progress import Follower
    from optiwright.solver_tools.search_target import Point


class Here:
    """A place for a search: this process.

    Args:
        box: what is searched.
        journal: where evaluations are kept.
        follower: told of each.
        function: what is asked; None: the black box's command.
    """

    def __init__(
        self,
        box: BlackBox,
        journal: Journal,
        follower: Follower,
        function: Callable[..., Any] | None,
    ) -> None:
        self._box, self._journal, self._follower = box, journal, follower
        self._cancelled = threading.Event()
        self._command: CommandOracle | None = None
        names = [unknown.name for unknown in box.unknowns]
        inner: Oracle
        if function is not None:
            style = "vector" if isinstance(box.oracle, Command) else box.oracle.style
            inner = CallableOracle(function, names, style, len(box.constraints))
        else:
            assert isinstance(box.oracle, Command)
            command = box.oracle
            inner = self._command = CommandOracle(
                command.arguments, names, len(box.constraints), command.time_limit_s
            )
        self._oracle = _Stoppable(inner, self._cancelled)

    async def search(self, optimizer: str | None, seed: int, deadline: float) -> Found:
        """Searches until then (of `time.monotonic`)."""
        loop = asyncio.get_running_loop()
        keep = self._keeper(loop)

        def told(name: str, reason: str) -> None:
            self._follower.began(name, reason)
            loop.call_soon_threadsafe(self._follower.tell)

        ledger = Ledger(
            self._oracle,
            self._box.budget,
            maximize=self._box.sense is Sense.MAXIMIZE,
            known=tuple(self._journal.known),
            keep=keep,
            deadline=deadline,
        )
        found: Found = await self._in_thread(Search(self._box, ledger, optimizer, seed, told).run)
        return found

    async def evaluate(self, point: Point, times: int, deadline: float) -> Sequence[Evaluation]:
        """Evaluates a point so many times more."""
        keep = self._keeper(asyncio.get_running_loop())

        def ask() -> list[Evaluation]:
            made: list[Evaluation] = []
            while len(made) < times and (not made or time.monotonic() < deadline):
                made.append(self._oracle.ask(point))
                keep(made[-1])
            return made

        found: list[Evaluation] = await self._in_thread(ask)
        return found

    def _keeper(self, loop: asyncio.AbstractEventLoop) -> Callable[[Evaluation], None]:
        """Returns what keeps an evaluation and tells of it."""

        def keep(evaluation: Evaluation) -> None:
            if self._cancelled.is_set():
                raise Spent("it was cancelled")
            self._journal.add(evaluation)
            self._follower.heard(evaluation)
            loop.call_soon_threadsafe(self._follower.tell)

        return keep

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        try:
            return await asyncio.to_thread(work)
        except asyncio.CancelledError:
            self._cancelled.set()
            if self._command is not None:
                self._command.cancel()
            raise


class _Stoppable:
    """An oracle that asks nothing more once that is said."""

    def __init__(self, oracle: Oracle, over: threading.Event) -> None:
        self._oracle, self._over = oracle, over

    def ask(self, point: Point) -> Evaluation:
        """Evaluates a point."""
        if self._over.is_set():
            raise Spent("it was cancelled")
        return self._oracle.ask(point)

    def slope(self, point: Point) -> Evaluation | None:
        """Returns the gradient there."""
        return self._oracle.slope(point)
