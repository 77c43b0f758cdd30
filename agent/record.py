"""What a run leaves behind: the record with every call and attempt, all of it plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from optiwright.agent.llm import Reply, Request
from optiwright.agent.result import ErrorNote, Plain, Result
from optiwright.formulators.data_brief import ShownCells
from optiwright.formulators.findings import Finding
from optiwright.formulators.model import Formulation
from optiwright.formulators.planning import Planning
from optiwright.formulators.problem_kind import ProblemKind
from optiwright.formulators.questions import Answer, Question
from optiwright.formulators.wire import Form
from optiwright.solver_tools.plan_outcome import PlanOutcome
from optiwright.solver_tools.sandbox_policy import Isolation
from optiwright.solver_tools.solution import Solution
from optiwright.solver_tools.written_result import ProgramReport

RECORD_SCHEMA_VERSION: Literal[1] = 1

Effort = Literal["quick", "standard", "thorough"]
Route = Literal["compiled", "written", "both"]
Library = Literal["pyomo", "cvxpy", "highspy"]


class Settings(Plain):
    """Everything that decides a run's outcome beside the text."""

    model: str
    form: Form
    effort: Effort = "standard"
    route: Route = "compiled"
    """A formulation that is compiled, a program that the model writes, or both and a comparison."""
    library: Library = "pyomo"
    """What the written program is to use."""
    problem_kind: ProblemKind = ProblemKind.MODEL
    """What the text was taken for."""
    optimizer: str | None = None
    """Of a function without a formula; None takes what was measured to suit."""
    isolation: Isolation = Isolation.REQUIRED
    """Whether what a model wrote runs where too little protects from it."""
    solver: str | None = None
    time_limit_s: float = 60.0
    """Wall-clock seconds for one solve."""
    seed: int = 0
    sample: int = 0
    """Which draw of the first formulation this is; 0 is drawn at temperature 0."""
    data: dict[str, str] = Field(default_factory=dict)
    """Table to the SHA-256 of its content."""


class Call(Plain):
    """One question to the language model."""

    step: str
    attempt: int
    request: Request
    reply: Reply | None
    error: ErrorNote | None = None


class Attempt(Plain):
    """One formulation and how far it came."""

    number: int
    sample: int = 0
    """Which draw of the first formulation it descends from."""
    formulation: Formulation | None = None
    planning: Planning | None = None
    """In place of it, where a plan is asked for."""
    findings: tuple[Finding, ...] = ()
    solution: Solution | None = None
    plan: PlanOutcome | None = None
    """In place of it, where a plan is asked for."""
    complaints: tuple[str, ...] = ()
    """What the model was told, or would have been, to mend it."""
    difference: str = ""
    """Unified difference to the formulation before, both as JSON."""
    adopted: bool = True
    """False for a repair that was refused because it dropped something."""


class Program(Plain):
    """One program that the model wrote from the text, and what its run came to."""

    number: int
    sample: int = 0
    source: str
    report: ProgramReport | None = None
    """None where it was not run, or where its run left none."""
    reason: str = ""
    """How the pool's job ended; empty where the program was not run."""
    complaints: tuple[str, ...] = ()
    """What the model was told, or would have been, to mend it."""
    findings: tuple[str, ...] = ()
    """How its numbers differ from the text's, half a sentence each."""
    protections: tuple[str, ...] = ()
    """What its run was confined by."""
    difference: str = ""
    """Unified difference to the program before."""
    adopted: bool = True
    """False for a rewrite that was refused because it dropped something."""


class RunRecord(Plain):
    """One run, from the text to the result."""

    schema_version: Literal[1] = RECORD_SCHEMA_VERSION
    run_id: str
    started: datetime
    version: str
    """Of Optiwright."""
    text: str
    settings: Settings | None = None
    """None until the model is chosen."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """Prompt name to SHA-256."""
    shown: tuple[ShownCells, ...] = ()
    """The cells of tables that went into prompts, by the rows' numbers in their files."""
    calls: tuple[Call, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    programs: tuple[Program, ...] = ()
    questions: tuple[Question, ...] = ()
    """What was asked of the user, or is still."""
    answers: tuple[Answer, ...] = ()
    """What came back; none while the run waits."""
    seconds: float = 0.0
    """Wall-clock time before the run was last waited for."""
    result: Result | None = None
    error: ErrorNote | None = None
