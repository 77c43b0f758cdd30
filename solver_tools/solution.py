"""What a solver's run gives back, in one data model whatever the solver."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.model import Index

if TYPE_CHECKING:
    from collections.abc import Callable

    from optiwright.solver_tools.program import Floats

GAP = 1e-7
"""Relative gap at which a bound and an objective count as met."""
ABSOLUTE_GAP = 1e-7
"""The same in the objective's own unit, for objectives near zero."""
UNPRESOLVED_COLUMNS = 1000
"""Columns up to which no mixed-integer program rests on HiGHS's presolve.

That of HiGHS 1.14 has been seen to cut the optimum off and to call what is left optimal. What is
that small is solved without it, or once more without it.
"""


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


@dataclass(frozen=True)
class Limits:
    """What a solve is allowed, for all of a back end's runs together."""

    deadline: float
    """On the clock of `time.monotonic`."""
    seed: int = 0
    on_log: Callable[[str], None] | None = None
    """Called with pieces of the solver's log as they come."""

    @property
    def remaining_s(self) -> float:
        """Seconds left; never quite none, which solvers take for no limit."""
        return max(0.05, self.deadline - time.monotonic())


@dataclass(frozen=True)
class RawSolution:
    """The outcome of one solve in a program's own columns and rows; picklable.

    `Solution` is the same with names. Signs are as there.
    """

    status: SolverStatus
    termination: Termination
    x: Floats | None = None
    """Shape (n,); where it is there without a feasible termination it is only a hint."""
    objectives: tuple[float, ...] = ()
    """Of each priority level at `x`, by our own arithmetic."""
    bound: float | None = None
    """On the first level's objective."""
    row_dual: Floats | None = None
    """Shape (m,)."""
    reduced_cost: Floats | None = None
    """Shape (n,)."""
    ray: Floats | None = None
    """Infeasible: multipliers of the rows, shape (m,). Unbounded: a direction, shape (n,)."""
    solver: str = ""
    seconds: float = 0.0
    log: str = ""
    message: str = ""

    @property
    def objective(self) -> float | None:
        """The first level's objective."""
        return self.objectives[0] if self.objectives else None

    @property
    def gap(self) -> float | None:
        """|objective - bound| / max(1e-10, |objective|); zero when closed."""
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Return the relative gap; below the tolerances it is closed and zero."""
    difference = abs(objective - bound)
    if difference <= max(ABSOLUTE_GAP, GAP * abs(objective)):
        return 0.0
    return difference / max(1e-10, abs(objective))
