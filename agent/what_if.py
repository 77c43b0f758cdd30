"""What if: a question or typed changes, the difference, the new answer beside the old one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from optiwright.agent.events import Event
from optiwright.agent.history import History, Revision, Way
from optiwright.agent.loop import wait
from optiwright.agent.options import Options
from optiwright.agent.reading_questions import Read, read_changes_asked
from optiwright.agent.result import Plain, Result, Status
from optiwright.agent.revised import context_of, formulated, recorded, solve_revision
from optiwright.agent.side_by_side import (
    Moved,
    Side,
    changes_text,
    compared,
    moved_between,
)
from optiwright.formulators.changes import Changes
from optiwright.formulators.difference import difference
from optiwright.formulators.revising import apply

OnDifference = Callable[[tuple[str, ...]], None]


class WhatIf(Plain):
    """A changed answer beside the one it changes."""

    question: str
    """Empty where the changes were given."""
    way: Way
    changes: Changes
    difference: tuple[str, ...]
    """What is different, a line each."""
    revision: int
    """Its number in the run's history."""
    base: Side
    new: Side
    moved: tuple[Moved, ...] = ()
    """Decisions that differ, side by side."""
    conflict: tuple[str, ...] = ()
    """Where the change leaves no solution: what cannot all hold, in words."""
    outcome: str
    """The old and the new answer in words, as Markdown."""
    result: Result
    """The new answer, which can be asked on."""

    @property
    def explanation(self) -> str:
        """What changes and what comes of it, as Markdown."""
        return f"{changes_text(self.difference)}\n\n{self.outcome}"

    def _repr_markdown_(self) -> str:
        return self.explanation


def what_if(base: Result, asked: str | Changes, **options: Any) -> WhatIf:
    """Answer from ordinary code; see `answer_what_if`."""
    return wait(answer_what_if(base, asked, Options(**options)))


async def answer_what_if(
    base: Result,
    asked: str | Changes,
    options: Options,
    *,
    listen: Callable[[Event], None] | None = None,
    on_difference: OnDifference | None = None,
    token: str = "",
) -> WhatIf:
    """Make changes, or find those that a question means, solve, and hold the answers together.

    Args:
        base: what is asked about; it stays as it is.
        asked: a question in words, or changes.
        options: model, solver, limits.
        listen: told of every event.
        on_difference: told of the difference before anything is solved.
        token: names the asking, so that one that was cut off is begun again in its place.

    Raises:
        UserError: if the answer has no formulation, or the question changes nothing in it.
        FormulationError: if a change cannot be made.
        ProviderError: if the model cannot be reached or does not answer properly.
    """
    started = time.monotonic()
    formulation = formulated(base)
    history = History.of(base)
    revision, folder = history.reserve(token)
    question = asked if isinstance(asked, str) else ""
    with recorded(question, folder, listen or _ignore) as recorder:
        if isinstance(asked, str):
            read = await read_changes_asked(asked, formulation, options, recorder)
        else:
            read = Read(asked, "given", await asyncio.to_thread(apply, formulation, asked))
        lines = difference(formulation, read.revised)
        if on_difference is not None:
            on_difference(lines)
        context = context_of(options, None, recorder, formulation.data)
        result = await solve_revision(
            read.revised, context, base, started, only_formulate=options.only_formulate
        )
        history.add(
            Revision(
                number=revision,
                parent=history.number_of(base),
                question=question,
                way=read.way,
                changes=read.changes,
                difference=lines,
                status=result.status,
                objective=result.objective,
            )
        )
        return _beside(base, result, question, read, lines, revision)


def _beside(
    base: Result,
    result: Result,
    question: str,
    read: Read,
    lines: tuple[str, ...],
    revision: int,
) -> WhatIf:
    moved = moved_between(base, result)
    conflict = result.conflict if result.status is Status.INFEASIBLE else ()
    return WhatIf(
        question=question,
        way=read.way,
        changes=read.changes,
        difference=lines,
        revision=revision,
        base=Side.of(base),
        new=Side.of(result),
        moved=moved,
        conflict=conflict,
        outcome=compared(base, result, moved, read.way),
        result=result,
    )


def _ignore(event: Event) -> None:
    """Take an event nobody asked for."""
