"""The doors to a run: `solve`, `asolve`, `stream`.

All three run the graph on the process's background event loop, so that they work in a script, a
notebook, a thread and beside another event loop alike.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Iterator
from typing import Any

from optiwright.agent.events import Event
from optiwright.agent.loop import Running, submit, wait
from optiwright.agent.options import Options
from optiwright.agent.result import Result
from optiwright.agent.run import execute
from optiwright.agent.which_kind import Problem

OnEvent = Callable[[Event], None]


def solve(problem: Problem, *, on_event: OnEvent | None = None, **options: Any) -> Result:
    """Formulate and solve a problem.

    Args:
        problem: the problem in plain words, or a formulation (`Formulation`, or `Planning` of a
            plan) to solve without a language model.
        on_event: called with every event as it happens, from the background loop's thread.
        options: the fields of `optiwright.Options`: model, base_url, effort, solver, ...
            `ask` is called with the questions that the text leaves open, see docs/clarification.md.

    Returns:
        The result; `status` and `level` say whether there is an answer and how far to trust it.

    Raises:
        UserError: the text or an option cannot be used.
        ProviderError: the language model cannot be reached or does not answer properly.
    """
    return wait(execute(problem, Options(**options), on_event or _ignore))


async def asolve(problem: Problem, *, on_event: OnEvent | None = None, **options: Any) -> Result:
    """Do as `solve` does, without blocking the caller's event loop; cancelling stops the run."""
    future = submit(execute(problem, Options(**options), on_event or _ignore))
    return await asyncio.wrap_future(future)


def stream(problem: Problem, **options: Any) -> Iterator[Event]:
    """Yield the events of a run as they happen; the last one is `RunFinished` with the result.

    Closing the iterator early stops the run.

    Raises:
        OptiwrightError: as `solve` does, after the events that led to it.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    running = Running(execute(problem, Options(**options), events.put))
    running.future.add_done_callback(lambda _: events.put(None))
    try:
        while (event := events.get()) is not None:
            yield event
        running.future.result()
    finally:
        running.stop()


def _ignore(event: Event) -> None:
    """Take an event nobody asked for."""
