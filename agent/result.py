"""The result that a user gets: the answer, the model it rests on, and the evidence for it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.formulators.black_box import BlackBox
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.findings import Code, Finding
from optiwright.formulators.model import Formulation, Index, Sense
from optiwright.formulators.planning import Planning
from optiwright.formulators.questions import Answer as Clarification
from optiwright.formulators.questions import Question
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.plan_outcome import PlanOutcome, Simulation
from optiwright.solver_tools.search_outcome import SearchOutcome
from optiwright.solver_tools.solution import Solution, Termination

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from optiwright.agent.fronts import Front
    from optiwright.agent.history import History
    from optiwright.agent.plan_why import PlanWhy
    from optiwright.agent.proof import Proof
    from optiwright.agent.repairs import Repair
    from optiwright.agent.sweeping import Sweep
    from optiwright.agent.tornado import Tornado
    from optiwright.agent.what_if import WhatIf
    from optiwright.agent.why import Why
    from optiwright.formulators.changes import TypedChange


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
        if "\n" in self.what:  # a list; without an empty line Markdown has its last item go on
            return f"{self.what}\n\n{self.remedy}".rstrip()
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

    @property
    def has_point(self) -> bool:
        """Whether a feasible point comes with it."""
        return self in {Status.OPTIMAL, Status.FEASIBLE}


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
    question: str = ""
    """Of another reading: the id of the question that it answers otherwise."""
    choice: str = ""
    """Of another reading: the label of the choice by which it does."""
    matters: bool = True
    """Whether the answer is another one than the first reading's."""


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


class PlanAnswer(Plain):
    """A multi-step plan: the formulation, what was found for it, and what it does."""

    planning: Planning
    outcome: PlanOutcome
    simulation: Simulation | None = None
    """None without a plan."""
    program: str = ""
    """The second route's program, written from the text alone."""
    program_outcome: PlanOutcome | None = None
    program_simulation: Simulation | None = None
    """The program's plan, carried out on the formulation."""


class SearchAnswer(Plain):
    """The best point found for a problem without a formula."""

    black_box: BlackBox
    outcome: SearchOutcome


class TableSource(Plain):
    """A table that an answer rests on; its content lies beside the records, under its hash."""

    name: str
    file: str
    """A file's name without its folder, a database's kind and name, or `frame`."""
    sheet: str = ""
    sha256: str
    rows: int
    columns: dict[str, str]
    """What each column was called in the file, by its name here."""


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
    made_up: tuple[str, ...] = ()
    """Numbers that the formulation has and the text does not give: `8 for "minutes a cake"`."""
    missing: tuple[str, ...] = ()
    """What the answer hangs on and the text does not give, in words; where numbers were left out
    for that, nothing was solved."""
    conflict: tuple[str, ...] = ()
    """Infeasible: requirements that cannot all be met. Unbounded: what grows without limit."""
    conflict_note: str = ""
    """What else is known of the conflict, such as whose its numbers are, in sentences."""
    scenarios: tuple[Case, ...] = ()
    alternatives: tuple[Case, ...] = ()
    """Other readings of what the text leaves open, such as integrality, the likeliest first."""
    questions: tuple[Question, ...] = ()
    """What the text leaves open and nobody was asked; what hangs on it is in `alternatives`."""
    clarified: tuple[Clarification, ...] = ()
    """What the user was asked, and what he said."""
    plan: PlanAnswer | None = None
    """Of a problem that asks for a sequence of actions; there is no formulation then."""
    search: SearchAnswer | None = None
    """Of a problem without a formula; there is no formulation then."""
    translated: str = ""
    """Of a formulation that a function's code was translated to: how, and what shows that they are
    the same."""
    written: WrittenAnswer | None = None
    """The second route's answer; None where it was not taken."""
    given: bool = False
    """Whether the formulation was given, so that no text was read."""
    data: tuple[TableSource, ...] = ()
    """The tables that were given."""
    data_notes: tuple[str, ...] = ()
    """What was done to them in reading and in matching their keys, a sentence each."""
    usage: Usage = Usage()
    record: str = ""
    """Folder of the run's record."""
    parent: str = ""
    """The record of the answer that this one revises; empty for a first answer."""
    error: ErrorNote | None = None

    @property
    def lacks_numbers(self) -> bool:
        """Whether numbers were left out that the text does not give, so that nothing was solved."""
        return any(f.code is Code.NO_VALUES for f in self.findings)

    @property
    def is_programs_word(self) -> bool:
        """Whether the answer is a written program's alone, with no formulation's beside it."""
        return self.level is Level.UNCHECKED and self.optimality is Optimality.NONE

    @property
    def sense(self) -> Sense | None:
        """Whether the objective is minimised or maximised; None without one."""
        if self.search is not None:
            return self.search.black_box.sense
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

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the solution as a frame for each indexed decision, keyed as the data were.

        Columns are the keys under the headers of the data, then the decision's value; what has no
        index stands in `decisions`: decision, value, unit.

        Raises:
            UserError: if there is no solution.
        """
        from optiwright.agent.solution_tables import solution_tables

        return solution_tables(self)

    def sensitivity(self) -> pd.DataFrame:
        """Return what each limit is worth and how far each number may go, a row each.

        The columns are documented at `optiwright.agent.sensitivity.Sensitivity.frame`.

        Raises:
            UserError: if the answer is no optimum or has no objective.
        """
        from optiwright.agent.sensitivity import analyse

        return analyse(self).frame

    def sensitivity_text(self) -> str:
        """Return the same in sentences, Markdown, the most valuable first; raises as that does."""
        from optiwright.agent.sensitivity import analyse, formulation_of
        from optiwright.agent.sensitivity_words import sensitivity_words

        return sensitivity_words(formulation_of(self), analyse(self))

    def tornado(self, parameters: Sequence[str] | None = None, change: float = 0.1) -> Tornado:
        """Solve again with each number less and more by a share; `.frame`, `.to_svg()`, `.save()`.

        Args:
            parameters: names, or entries such as `demand[cafe2]`; None for all that are given.
                An indexed one is scaled as a whole.
            change: the share, above 0 and below 1.

        Raises:
            UserError: if the answer is no optimum, or a name or the share cannot be used.
        """
        from optiwright.agent.tornado import tornado

        return tornado(self, parameters, change)

    def sweep(self, parameter: str, values: Iterable[float], *, scaled: bool = False) -> Sweep:
        """Solve afresh with one number at each of several values; `.frame`, `.to_svg()`, `.save()`.

        The solves run side by side in the pool, each compiled, solved and judged as a first one.

        Args:
            parameter: a name, or an entry such as `demand[cafe2]`.
            values: at most 1,000, in any order; the result has them rising.
            scaled: values are factors on the parameter, every entry of an indexed one.

        Raises:
            UserError: if there is no such parameter or the values cannot be used.
        """
        from optiwright.agent.sweeping import sweep

        return sweep(self, parameter, values, scaled=scaled)

    def pareto(
        self,
        n: int = 15,
        second: str | None = None,
        sense: Literal["minimize", "maximize"] = "minimize",
    ) -> Front:
        """Return the best compromises between two goals; `.frame`, `.to_svg()`, `.save()`.

        Args:
            n: points at most, the best of each goal included.
            second: a definition's name or an expression, where the formulation has one goal only.
            sense: of that second goal.

        Raises:
            UserError: if there are not two goals, or one of them has no best value.
        """
        from optiwright.agent.fronts import pareto

        return pareto(self, n, second, sense)

    def what_if(self, question: str, **options: Any) -> WhatIf:
        """Answer what would be otherwise, as in `r.what_if("demand at the mill grows by 29%")`.

        The question's words become typed changes of this formulation: by a plain reader where they
        leave no doubt, else by the language model. The new answer is `.result`, which can be asked
        on.

        Args:
            question: in plain words.
            options: the fields of `optiwright.Options`: model, base_url, solver, time_limit_s, ...

        Raises:
            UserError: there is no formulation, or the question changes nothing in it.
            ProviderError: the language model cannot be reached or does not answer properly.
        """
        from optiwright.agent.what_if import what_if

        return what_if(self, question, **options)

    def apply(self, changes: Sequence[TypedChange], **options: Any) -> WhatIf:
        """Make typed changes (`optiwright.formulators.changes`) and solve; no model is asked.

        Raises:
            UserError: there is no formulation.
            FormulationError: a change cannot be made; names the change and what comes nearest.
        """
        from optiwright.agent.what_if import what_if

        return what_if(self, tuple(changes), **options)

    def why(self, question: str, **options: Any) -> Why | PlanWhy:
        """Answer why a decision is as it is, by solving with its opposite forced.

        Of a plan: why a step is there, or why not another.

        Raises:
            UserError: there is no solution, or the question names no decision of it.
            ProviderError: the language model cannot be reached or does not answer properly.
        """
        from optiwright.agent.why import why

        return why(self, question, **options)

    @property
    def history(self) -> History:
        """The revisions of this answer's run; see `optiwright.agent.history`."""
        from optiwright.agent.history import History

        return History.of(self)

    def proof(
        self, exact: bool = False, second: bool | str = False, time_limit_s: float = 60.0
    ) -> Proof:
        """Show what proves the answer to be the best one to its model, claim by claim.

        Args:
            exact: also confirm a linear answer in exact fractions, where it is small enough.
            second: also ask a second solver: the name of one, or True for any other.
            time_limit_s: wall-clock seconds for each solve.

        Raises:
            UserError: if there is no answer to prove, or the second solver is not another one.
        """
        from optiwright.agent.proof import prove

        return prove(self, exact, second, time_limit_s)

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
        """Read a result back, with its tables if they are still beside the records.

        Raises:
            UserError: naming the first field at fault.
        """
        from optiwright.agent.data_store import with_kept_tables

        try:
            return with_kept_tables(cls.model_validate_json(text))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise UserError(f"not a result: {first['msg']}", where=place) from None

    def explain(self) -> str:
        """Return the answer explained, as Markdown.

        What to do, what limits it, what was assumed and whether it mattered, how sure it is and
        what exactly was checked. No model types a number in it.
        """
        from optiwright.agent.explanation import explanation_of

        return explanation_of(self).markdown

    def export(
        self,
        path: Path | str,
        *,
        library: str = "pyomo",
        table: str | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the result to a file in the format of its suffix, and return its path.

        `.lp`, `.mps`, `.py`, `.ipynb`, `.tex`, `.md`, `.html` (a report), `.xlsx`, `.csv`
        (decisions), `.json` (the result) and `.formulation.json`.

        Args:
            path: the file to write.
            library: `pyomo`, `cvxpy` or `highspy`, for `.py` and `.ipynb`.
            table: of a `.csv`, one of `tables()` and not the list of all decisions.
            overwrite: whether a file that is there may be replaced.

        Raises:
            UserError: if the suffix is unknown, the file exists or cannot be written, the result
                lacks what is to be written, or the format or library cannot express it.
        """
        from optiwright.agent.exporting import export

        return export(self, path, library=library, table=table, overwrite=overwrite)

    def _repr_html_(self) -> str:
        from optiwright.agent.notebook import result_to_html

        return result_to_html(self)
