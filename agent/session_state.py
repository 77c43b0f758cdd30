"""A session as data: its turns, its versions, and what lies between two steps of a turn.

The checkpointer keeps `SessionState`, plain JSON through and through; `Talk` is how it is read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self, TypeAlias, TypedDict

from pydantic import Field

from optiwright.agent.budgets import Spent
from optiwright.agent.result import Plain, Status
from optiwright.formulators.changes import Changes

Kind: TypeAlias = Literal[
    "problem",
    "solve",
    "edit",
    "revision",
    "what_if",
    "why",
    "keep",
    "explain",
    "show",
    "sensitivity",
    "tornado",
    "sweep",
    "pareto",
    "repairs",
    "repair",
    "prove",
    "data",
    "undo",
    "back",
    "branch",
    "compare",
    "history",
    "export",
    "talk",
    "help",
    "unclear",
]
"""What a turn wants."""

Way: TypeAlias = Literal["command", "rule", "model", "given"]
"""By what a turn was routed: a slash command, the plain rules, the model, or the caller."""


class Route(Plain):
    """Where a turn goes."""

    kind: Kind
    way: Way
    to: str = ""
    """What it is about: a file, a name, a parameter, a problem's text without its heading."""
    numbers: tuple[float, ...] = ()
    """Versions, or a sweep's ends and steps."""
    changes: Changes = ()
    """What an edit changes; its one number is the version that was edited."""


class FileNote(Plain):
    """A file that came with a turn; its content lies in the store of files under its hash."""

    name: str
    sha256: str
    size: int


class Exchange(Plain):
    """A question that was asked in a turn, and the answer to it."""

    question: str
    answer: str


class Version(Plain):
    """One answer in the session's tree."""

    number: int = Field(ge=1)
    parent: int = Field(ge=0)
    """The version that it changes; 0 for a problem of its own."""
    turn: int
    how: Literal["problem", "revision", "what_if", "data"]
    title: str
    record: str
    """The folder of its run below the folder of records."""
    status: Status
    objective: float | None = None
    unit: str = ""
    difference: tuple[str, ...] = ()
    """What it changes, a line each."""


class Turn(Plain):
    """What the user said, and what came of it."""

    number: int = Field(ge=1)
    text: str
    kind: Kind
    way: Way
    answer: str
    """Markdown."""
    ok: bool = True
    lacking: bool = False
    """Whether it stated a problem whose numbers are missing, so that they may come next."""
    stopped: Literal["", "user", "budget", "killed"] = ""
    """What cut it short."""
    made: int = 0
    """The version that it made; 0 for none."""
    current: int = 0
    """The version that was current after it."""
    exchanges: tuple[Exchange, ...] = ()
    files: tuple[FileNote, ...] = ()
    spent: Spent = Spent()
    started: datetime


class Outcome(TypedDict, total=False):
    """What an act came to; `record` makes a turn of it."""

    answer: str
    ok: bool
    lacking: bool
    stopped: Literal["", "user", "budget", "killed"]
    version: dict[str, Any] | None
    current: int
    names: dict[str, int]
    """Names that versions get."""
    waiting: dict[str, Any] | None
    """Questions that a run waits with."""


class SessionState(TypedDict, total=False):
    """What the checkpointer keeps."""

    turns: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    current: int
    names: dict[str, int]
    files: list[dict[str, Any]]
    spent: dict[str, Any]
    number: int
    """Of the turn under way, and of what follows below."""
    text: str
    started: str
    attached: list[dict[str, Any]]
    asked: dict[str, Any] | None
    """A route that the caller gave."""
    route: dict[str, Any] | None
    run_id: str
    """Of the run that the turn makes, if it makes one."""
    outcome: Outcome | None
    exchanges: list[dict[str, Any]]
    replies: dict[str, str] | None
    """The user's answers to the questions that a run waits with."""
    turn_spent: dict[str, Any]


class Talk(Plain):
    """A session as it stands, read from its state."""

    turns: tuple[Turn, ...] = ()
    versions: tuple[Version, ...] = ()
    current: int = 0
    names: dict[str, int] = Field(default_factory=dict)
    files: tuple[FileNote, ...] = ()
    spent: Spent = Spent()

    @classmethod
    def of(cls, state: SessionState) -> Self:
        """Read a state."""
        return cls.model_validate(
            {name: state[name] for name in cls.model_fields if name in state}  # type: ignore[literal-required]
        )

    @property
    def version(self) -> Version | None:
        """The current version; None before the first."""
        return self.versions[self.current - 1] if self.current else None

    def name_of(self, number: int) -> str:
        """Return the name that a version was given, or nothing."""
        return next((name for name, at in self.names.items() if at == number), "")
