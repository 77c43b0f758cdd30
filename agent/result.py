"""The result that a user gets: the answer, the model it rests on, and the evidence for it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.findings import Finding
from optiwright.formulators.model import Formulation, Index, Sense
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.solution import Solution, Termination

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from optiwright.agent.repairs import Repair


class Plain(BaseModel):
    """Base of the result's parts: frozen, closed, without infinities."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class ErrorNote(Plain):
    """An error as data: what, where, remedy."""

    kind: str
    what: str
    where: str = ""
    remedy: str = ""

    @classmethod
    def of(cls, error: OptiwrightError) -> Self:
        """Note an error down."""
        return cls(
            kind=type(error).__name__, what=error.what, where=error.where, remedy=error.remedy
        )

    def __str__(self) -> str:
        place = f" (in {self.where})" if self.where else ""
        return f"{self.what}{place}.{' ' + self.remedy if self.remedy else ''}"


class Status(StrEnum):
    """What came out, in one word."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    """A feasible point, not shown to be best."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNSOLVED = "unsolved"
    """There is a formulation, but no solver came to an end with it."""
    FORMULATED = "formulated"
    """Only the formulation was asked for."""
    NO_FORMULATION = "no formulation"
    """No formulation came about that can be solved."""


STATUS_OF: dict[Termination, Status] = {
    Termination.OPTIMAL: Status.OPTIMAL,
    Termination.LOCALLY_OPTIMAL: Status.FEASIBLE,
    Termination.FEASIBLE: Status.FEASIBLE,
    Termination.INFEASIBLE: Status.INFEASIBLE,
    Termination.UNBOUNDED: Status.UNBOUNDED,
    Termination.INFEASIBLE_OR_UNBOUNDED: Status.UNSOLVED,
    Termination.TIME_LIMIT: Status.UNSOLVED,
    Termination.INTERRUPTED: Status.UNSOLVED,
    Termination.MEMORY: Status.UNSOLVED,
    Termination.NUMERICAL: Status.UNSOLVED,
    Termination.ERROR: Status.UNSOLVED,
    Termination.UNKNOWN: Status.UNSOLVED,
}


class Answer(Plain):
    """A quantity that the text asks for; its value is computed from the solution."""

    name: str
    index: Index = ()
    value: float | None
    unit: str = ""


class Check(Plain):
    """One thing that was checked, and whether it held."""

    name: str
    passed: bool
    detail: str


class Case(Plain):
    """The outcome of one variant of the model: a scenario, or another reading of a variable."""

    name: str
    status: Status
    objective: float | None = None
    answers: tuple[Answer, ...] = ()


class WrittenAnswer(Plain):
    """What the second route found: a program that the model wrote from the text alone."""

    source: str
    standing: Standing
    """How its last run ended."""
    objective: float | None = None
    """As the program reports it."""
    quantities: tuple[Answer, ...] = ()
    """What the program reports beside it."""
    library: str = ""
    variables: int = 0
    constraints: int = 0
    error: str = ""
    """What stopped it, if anything did."""
    words: str = ""
    """How it compares with the formulation, in a sentence."""
    broken: tuple[str, ...] = ()
    """What its solution breaks in the formulation, a sentence each."""
    breaches: tuple[str, ...] = ()
    """What the formulation's solution breaks in it, a sentence each."""
    flaws: tuple[str, ...] = ()
    """What speaks against its reading of the text, half a sentence each."""
    verdict: str = ""
    """What a judge said who was shown both."""


class StepUsage(Plain):
    """What one step of the graph cost, all its runs together."""

    step: str
    calls: int = 0
    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    completion_tokens: int = 0
    model_seconds: float = 0.0
    """What the model took, cached replies at their original time."""
    seconds: float = 0.0
    """Wall-clock time of the step."""


class Usage(Plain):
    """What a run cost: model calls, tokens, wall-clock seconds."""

    steps: tuple[StepUsage, ...] = ()
    seconds: float = 0.0

    @property
    def calls(self) -> int:
        """Number of questions to the model, answered from the cache or not."""
        return sum(s.calls for s in self.steps)

    @property
    def prompt_tokens(self) -> int:
        """Tokens sent, those that a server's prefix cache held included."""
        return sum(s.prompt_tokens for s in self.steps)

    @property
    def model_seconds(self) -> float:
        """What the model took, cached replies at their original time."""
        return sum(s.model_seconds for s in self.steps)

    @property
    def completion_tokens(self) -> int:
        """Tokens generated."""
        return sum(s.completion_tokens for s in self.steps)


class Result(Plain):
    """The answer to a problem in words, with everything it rests on."""

    schema_version: Literal[1] = 1
    run_id: str
    text: str
    status: Status
    objective: float | None = None
    """In the formulation's own sense and unit."""
    answers: tuple[Answer, ...] = ()
    formulation: Formulation | None = None
    solution: Solution | None = None
    program: str = ""
    """A Pyomo program of the formulation that runs on its own."""
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the checks of the formulation still have to say."""
    optimality: Optimality = Optimality.NONE
    agreement: Agreement = Agreement.SINGLE
    level: Level = Level.FAILED
    explanation: str = ""
    """Markdown."""
    conflict: tuple[str, ...] = ()
    """Infeasible: requirements that cannot all be met. Unbounded: what grows without limit."""
    conflict_note: str = ""
    """What else is known of the conflict, such as whose its numbers are, in sentences."""
    scenarios: tuple[Case, ...] = ()
    alternatives: tuple[Case, ...] = ()
    """Other readings of what the text leaves open, such as integrality."""
    written: WrittenAnswer | None = None
    """The second route's answer; None where it was not taken."""
    usage: Usage = Usage()
    record: str = ""
    """Folder of the run's record."""
    error: ErrorNote | None = None

    @property
    def sense(self) -> Sense | None:
        """Whether the objective is minimised or maximised; None without one."""
        leading = self.formulation.leading if self.formulation is not None else None
        return leading.sense if leading is not None else None

    @property
    def variables(self) -> pd.DataFrame:
        """The solution's variables: columns variable, index, value, unit, meaning, reduced_cost."""
        import pandas as pd

        columns = ["variable", "index", "value", "unit", "meaning", "reduced_cost"]
        if self.formulation is None or self.solution is None:
            return pd.DataFrame(columns=columns)
        declared = {v.name: v for v in self.formulation.variables}
        costs = {(c.name, c.index): c.value for c in self.solution.reduced_costs}
        rows = [
            (
                v.name,
                ", ".join(map(str, v.index)),
                v.value,
                declared[v.name].unit,
                declared[v.name].description,
                costs.get((v.name, v.index)),
            )
            for v in self.solution.values
        ]
        return pd.DataFrame(rows, columns=columns)

    def repairs(
        self, allow: str | Sequence[str] | None = None, forbid: str | Sequence[str] | None = None
    ) -> tuple[Repair, ...]:
        """Return the smallest changes that would make an infeasible problem possible.

        Each is solved and checked; without a language model. The least change in all comes first,
        then that of one figure alone, then the fewest figures.

        Args:
            allow: what may move: parameters or constraints by name, or a word of what they are
                called. By default budgets, capacities, demands and their like, never a balance.
            forbid: what may not.

        Raises:
            UserError: if the result is not infeasible, or nothing by that name can move.
        """
        from optiwright.agent.repairs import repairs_of

        return repairs_of(self, allow, forbid).repairs

    def to_json(self) -> str:
        """Return the result as indented JSON."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a result back.

        Raises:
            UserError: naming the first field at fault.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise UserError(f"not a result: {first['msg']}", where=place) from None

    def _repr_html_(self) -> str:
        from optiwright.agent.notebook import result_to_html

        return result_to_html(self)
