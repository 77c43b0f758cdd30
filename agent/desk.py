"""What an act of a turn works with: the session as it stands, and what it may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from optiwright.agent.budgets import Meter
from optiwright.agent.llm import LanguageModel
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.result import Result
from optiwright.agent.session_events import SessionEvent
from optiwright.agent.session_state import FileNote, Outcome, Route, SessionState, Talk, Version
from optiwright.agent.side_by_side import goal_words
from optiwright.formulators.errors import UserError

_TITLE = 60


@dataclass(frozen=True)
class Tools:
    """What is live in a turn, and never in the state."""

    options: Options
    """Without a model: that is asked for by `model`."""
    model: Callable[[], Awaitable[LanguageModel]]
    """Returns the session's model, opened on first use and metered."""
    meter: Meter
    listen: Callable[[SessionEvent], None]
    saver: BaseCheckpointSaver[Any]
    folder: Path | None
    """Where exports may be written; None where they may not."""


@dataclass(frozen=True)
class Desk:
    """One act's view of its turn."""

    state: SessionState
    tools: Tools

    @cached_property
    def talk(self) -> Talk:
        """The session before this turn."""
        return Talk.of(self.state)

    @cached_property
    def route(self) -> Route:
        """What the turn wants."""
        return Route.model_validate(self.state["route"])

    @property
    def text(self) -> str:
        """What was said."""
        return self.state["text"]

    @cached_property
    def attached(self) -> tuple[FileNote, ...]:
        """The files that came with the turn."""
        return tuple(map(FileNote.model_validate, self.state["attached"]))

    @property
    def token(self) -> str:
        """Names this turn, the same whenever it is begun again."""
        return self.state["run_id"]

    @cached_property
    def options(self) -> Options:
        """The options of a run, its solves no longer than the budget of time."""
        limit = min(self.tools.options.time_limit_s, max(1.0, self.tools.meter.seconds_left))
        return replace(self.tools.options, time_limit_s=limit)

    async def options_with_model(self) -> Options:
        """Return the options with the session's model, opened."""
        return replace(self.options, model=await self.tools.model())

    @property
    def version(self) -> Version:
        """The current version.

        Raises:
            UserError: before the first.
        """
        if self.talk.version is None:
            raise UserError(
                "there is no answer yet to ask about or to change",
                where="the session",
                remedy="State a problem: what is to be decided, what limits it, what is best.",
            )
        return self.talk.version

    @cached_property
    def result(self) -> Result:
        """The current version's answer; raises UserError as `version` does."""
        return result_of(self.version)

    def versioned(self, result: Result, **fields: Any) -> Version:
        """Return the version that a result makes, `parent`, `how`, `title`, `difference` given."""
        return Version(
            number=len(self.talk.versions) + 1,
            turn=self.state["number"],
            record=Path(result.record).relative_to(records_dir()).as_posix(),
            status=result.status,
            objective=result.objective,
            unit=goal_words(result)[1].strip(),
            **fields,
        )


def result_of(version: Version) -> Result:
    """Return a version's answer.

    Raises:
        UserError: if its files are gone.
    """
    file = records_dir() / version.record / "result.json"
    try:
        return Result.from_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"the answer of version {version.number} cannot be read: {error.strerror}",
            where=str(file),
            remedy="Its run was deleted, or lies on another machine: state the problem again.",
        ) from None


def titled(text: str) -> str:
    """Return a title for what begins with a text."""
    words = " ".join(text.split())
    return words if len(words) <= _TITLE else words[: _TITLE - 3].rsplit(" ", 1)[0] + "..."


def said(answer: str) -> Outcome:
    """Return the outcome of an act that answers and changes nothing."""
    return {"answer": answer, "ok": True}
