"""What happens during a run, as it happens: one tagged union for command line, page and tests."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from optiwright.agent.result import ErrorNote, Plain, Result
from optiwright.formulators.questions import Answer, Question


class EventBase(Plain):
    """Which run an event belongs to and its place there, counted from 0."""

    run_id: str
    seq: int


class RunStarted(EventBase):
    """The text was accepted."""

    kind: Literal["run_started"] = "run_started"
    text: str
    record: str
    """Folder of the run's record."""


class Notice(EventBase):
    """Something worth knowing that is no step: a download, a server's start, a refused repair."""

    kind: Literal["notice"] = "notice"
    message: str


class StepStarted(EventBase):
    """A node of the graph begins."""

    kind: Literal["step_started"] = "step_started"
    step: str
    attempt: int


class ModelText(EventBase):
    """A piece of the model's reply."""

    kind: Literal["model_text"] = "model_text"
    text: str


class ModelCalled(EventBase):
    """A reply is complete."""

    kind: Literal["model_called"] = "model_called"
    step: str
    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int
    seconds: float
    cached: bool


class SolverOutput(EventBase):
    """A piece of the solver's log."""

    kind: Literal["solver_output"] = "solver_output"
    text: str


class StepFinished(EventBase):
    """A node of the graph is done; `summary` is one line for people."""

    kind: Literal["step_finished"] = "step_finished"
    step: str
    attempt: int
    ok: bool
    summary: str
    seconds: float


class QuestionsAsked(EventBase):
    """The text leaves something open that changes the answer; the run waits for answers."""

    kind: Literal["questions_asked"] = "questions_asked"
    questions: tuple[Question, ...]


class QuestionsAnswered(EventBase):
    """The run goes on with these answers."""

    kind: Literal["questions_answered"] = "questions_answered"
    answers: tuple[Answer, ...]


class RunFinished(EventBase):
    """The run ended with a result, answered or not."""

    kind: Literal["run_finished"] = "run_finished"
    result: Result


class RunFailed(EventBase):
    """The run ended without one."""

    kind: Literal["run_failed"] = "run_failed"
    error: ErrorNote


Event: TypeAlias = Annotated[
    RunStarted
    | Notice
    | StepStarted
    | ModelText
    | ModelCalled
    | SolverOutput
    | StepFinished
    | QuestionsAsked
    | QuestionsAnswered
    | RunFinished
    | RunFailed,
    Field(discriminator="kind"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads any event back from JSON."""
