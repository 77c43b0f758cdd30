"""The graph's state and context: plain data in the first, live objects in the second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict

from optiwright.agent.llm import LanguageModel
from optiwright.agent.offered import Offered
from optiwright.agent.prompting import formulation_prompt
from optiwright.agent.record import Settings
from optiwright.agent.recorder import Recorder
from optiwright.formulators.black_box_reader import NOTHING, Told
from optiwright.formulators.data import Data
from optiwright.formulators.facts import told_together
from optiwright.formulators.model import Formulation
from optiwright.formulators.wire import Form
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solution import RawSolution

CaseKind: TypeAlias = Literal["base", "scenario", "alternative"]


class CaseState(TypedDict):
    """One variant of the model: the base, a scenario, or another reading of a variable."""

    name: str
    kind: CaseKind
    formulation: dict[str, Any]
    changes: list[dict[str, Any]]
    """A scenario's new parameter values."""
    question: str
    """An alternative's: the id of the question that it answers otherwise."""
    choice: str
    """And the label of the choice by which it does."""
    solution: dict[str, Any] | None
    evaluation: dict[str, Any] | None
    optimality: str
    proof: list[str]
    """What was checked for it, a sentence a check."""
    scaling: list[str]
    """What is seriously out of scale in its numbers, a sentence or two each; of the base only."""


class AttemptState(TypedDict):
    """One formulation and how far it came."""

    number: int
    reply: str
    formulation: dict[str, Any] | None
    findings: list[dict[str, Any]]
    complaints: list[str]
    """Sentences for the model: what has to be mended."""
    doubt: bool
    """The complaint may be the text's own truth (infeasible, unbounded), not a mistake."""
    conflict: list[str]
    note: str
    """What else is to be said of the conflict, and whose it is, in sentences."""
    why: str
    """What the model was told of there being no answer; empty where there is one."""
    clash: list[str]
    """The constraints in the conflict, and the variables whose bounds or domains are, by name."""
    origin: str
    """An `Origin` of the conflict; empty where there is none."""
    questions: list[dict[str, Any]]
    """What its text leaves open, as `Question`s, the weightiest first; of those, once they are
    solved, what changes the answer."""
    cases: list[CaseState]


class WrittenState(TypedDict):
    """One program that the model wrote, and how far it came."""

    number: int
    reply: str
    source: str
    report: dict[str, Any] | None
    """A `ProgramReport`."""
    reason: str
    """How the pool's job ended; empty where the program was not run."""
    protections: list[str]
    """What its run was confined by."""
    complaints: list[str]
    """Sentences for the model: what has to be mended."""
    findings: list[str]
    """How its numbers differ from the text's, half a sentence each."""
    unasked: str
    """Why the model gave no program, where it did not answer."""


class VerdictState(TypedDict):
    """What the judge said, and what the two routes had before they heard it."""

    analysis: str
    formulation_right: bool
    program_right: bool
    rewrites: int
    """How often the program had been rewritten when it was found wrong; -1 where it was not."""
    attempt: AttemptState
    written: WrittenState
    comparison: dict[str, Any]


class PlanningState(TypedDict):
    """One planning formulation and how far it came."""

    number: int
    reply: str
    planning: dict[str, Any] | None
    findings: list[dict[str, Any]]
    complaints: list[str]
    """Sentences for the model: what has to be mended."""
    outcome: dict[str, Any] | None
    """A `PlanOutcome`, once a plan was looked for."""
    simulation: dict[str, Any] | None
    """Of its plan, or of that which reaches part of an impossible goal."""
    validated: str
    """What a second validator says of the plan; empty where none was asked."""
    valid: bool
    """Whether it accepts the plan; True where none was asked."""
    ratings: list[str]
    """What the model said of each part when it looked at them again; empty if it was not asked."""
    wrong: str
    """The first part that it found wrong."""
    kept: list[str]
    """The parts of the formulation before that were right and are kept."""


class State(TypedDict, total=False):
    """What travels through the graph; JSON through and through."""

    run_id: str
    text: str
    given: dict[str, Any] | None
    """A formulation that was given and not asked of a model."""
    only_formulate: bool
    problem_kind: str
    """A `ProblemKind`: which branch of the graph the text takes."""
    black_box: dict[str, Any]
    """A `BlackBox`, of a problem without a formula; there once it was read."""
    translated: str
    """Why its function is algebra or is none, a sentence."""
    search: dict[str, Any]
    """A `SearchOutcome`."""
    search_checks: list[dict[str, Any]]
    """What was checked of it, as `Check`s."""
    answers: list[dict[str, Any]]
    """What the user answered, as `Answer`s; there once questions were asked, and never twice."""
    stopped: str
    """Why no further repair was tried, if something outside stopped it."""
    attempt: AttemptState
    """The current one."""
    best: AttemptState | None
    repairs: int
    written: WrittenState
    """The second route's current program; absent until it is asked for."""
    ran: WrittenState | None
    """The program that a refused rewrite leaves standing: the last that solved, else the first."""
    rewrites: int
    doubted: bool
    """The model was told once of numbers in which its program differs from the text."""
    comparison: dict[str, Any]
    verdict: VerdictState
    """Absent until the judge was asked."""
    planning: PlanningState
    """Of a plan: the current formulation."""
    planned: PlanningState | None
    """Of a plan: the best formulation before the current one."""
    program_plan: dict[str, Any]
    """Of a plan: what the second route's program printed, as a `PlanReport`."""
    result: dict[str, Any]


@dataclass
class Piece:
    """A case's compiled program and what the solvers said of it: too heavy for the state."""

    program: Program
    raw: RawSolution | None = None
    second: RawSolution | None = None
    """Another solver's word, where the first found no point."""


Workbench: TypeAlias = dict[tuple[int, str], Piece]
"""By attempt's number and case's name. A resumed run finds it empty and makes it again."""


@dataclass(frozen=True)
class Context:
    """What the nodes work with; never serialised."""

    settings: Settings
    model: LanguageModel | None
    """None where the formulation was given."""
    pool: Pool
    recorder: Recorder
    repair_rounds: int
    asks: bool = False
    """Whether a user is there who can be asked."""
    bench: Workbench = field(default_factory=dict)
    data: Data | None = None
    """The user's tables; the state has none of them."""
    offered: Offered | None = None
    """The tables that the model is told of: the user's, and those of the text."""

    told: Told = NOTHING
    """What is said of a function beside the text."""
    function: Callable[..., Any] | None = None
    """Of the caller's own process, asked in the place of a black box's source."""
    evaluations: Path | None = None
    """Where evaluations are kept; None: in the run's folder."""

    def formulation(self, plain: Mapping[str, Any] | None) -> Formulation:
        """Return a formulation of the state, with the tables at hand."""
        return Formulation.model_validate(plain).with_data(self.data)

    @property
    def small(self) -> bool:
        """Whether the model is a small one, or there is none."""
        return self.model is None or self.model.small

    @property
    def prompt(self) -> str:
        """The prompt that asks for a formulation."""
        return formulation_prompt(self.settings.form, self.model.tuned if self.model else "")

    @property
    def prompt_again(self) -> str:
        """The prompt that asks for one after a faulty one.

        Of a small model that was tuned it is its base's, which errs elsewhere and is shown an
        example that is near; the tuned model mostly repeats what it wrote.
        """
        return formulation_prompt(self.settings.form, "") if self.redrafts else self.prompt

    def as_read(self, text: str) -> str:
        """The problem as the model reads it: a small one, facts that are told alike together."""
        return told_together(text) if self.redrafts else text

    @property
    def redrafts(self) -> bool:
        """Whether a formulation with faults is drafted afresh, not mended."""
        return redrafts(self.settings, self.model)


def redrafts(settings: Settings, model: LanguageModel | None) -> bool:
    """Whether a model drafts a faulty formulation afresh.

    A small one that is shown its formulation repeats it, slips included.
    """
    return model is not None and model.small and settings.form is not Form.INDEXED
