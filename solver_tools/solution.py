"""What a solver's run gives back, in one data model whatever the solver."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.model import Index


class SolverError(OptiwrightError):
    """A solver that is missing, refuses the problem's class, or failed."""


class SolverStatus(StrEnum):
    """How the run itself went."""

    OK = "ok"
    """It ended by itself or at a limit that was set."""
    ERROR = "error"
    """It failed or crashed."""
    UNKNOWN = "unknown"


class Termination(StrEnum):
    """What the run found out."""

    OPTIMAL = "optimal"
    LOCALLY_OPTIMAL = "locally optimal"
    FEASIBLE = "feasible"
    """A limit was reached, with a feasible point in hand."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible or unbounded"
    TIME_LIMIT = "time limit"
    """A limit was reached, without a feasible point."""
    INTERRUPTED = "interrupted"
    MEMORY = "memory"
    NUMERICAL = "numerical trouble"
    ERROR = "error"
    UNKNOWN = "unknown"

    @property
    def has_point(self) -> bool:
        """Whether a feasible point comes with it."""
        return self in {Termination.OPTIMAL, Termination.LOCALLY_OPTIMAL, Termination.FEASIBLE}


class Record(BaseModel):
    """Base of the serialised parts: frozen and closed."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class ValueAt(Record):
    """One number of a symbol or a constraint, at one index."""

    name: str
    index: Index = ()
    value: float | None
    """None where it is infinite or not a number; `reason` says which."""
    reason: str = ""


class Solution(Record):
    """The outcome of one solve.

    Sign convention: a dual is the change of the objective, in its own sense and unit, for one more
    unit on the constraint's right-hand side; a reduced cost likewise for the variable's bound.
    """

    status: SolverStatus
    termination: Termination
    objective: float | None = None
    bound: float | None = None
    """Best bound on the objective that the solver proved."""
    gap: float | None = None
    """|objective - bound| / max(1e-10, |objective|); zero when closed."""
    objectives: tuple[float, ...] = ()
    """Value of each priority level, where there are several."""
    values: tuple[ValueAt, ...] = ()
    duals: tuple[ValueAt, ...] = ()
    """Of each constraint, for continuous convex problems; else empty."""
    reduced_costs: tuple[ValueAt, ...] = ()
    solver: str = ""
    """Name and version."""
    seconds: float = 0.0
    log: str = ""
    message: str = ""
    """One sentence on what went wrong, if anything did."""
