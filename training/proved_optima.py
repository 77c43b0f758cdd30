"""A formulation's best value: proved by our own arithmetic, and no accident of its data.

Rows are verified by it, and scripts are solved by it before a call is paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import Allowance, Solved, Variant, solve_variant
from optiwright.training.row_checks import does_nothing, idle_decisions
from optiwright.training.row_verdicts import Reason

TIME_LIMIT_S = 20.0
"""For one solve: what takes longer is dropped, since a row is solved again and again."""
SAME = 1e-6
"""Relative difference up to which two optima are the same."""
_NOTHING = 1e-9
_NAMED = 3
_ENDINGS = {
    Termination.INFEASIBLE: Reason.NO_OPTIMUM,
    Termination.UNBOUNDED: Reason.NO_OPTIMUM,
    Termination.INFEASIBLE_OR_UNBOUNDED: Reason.NO_OPTIMUM,
    Termination.FEASIBLE: Reason.TIMED_OUT,
    Termination.TIME_LIMIT: Reason.TIMED_OUT,
    Termination.INTERRUPTED: Reason.NOT_JUDGED,
    Termination.ERROR: Reason.NOT_JUDGED,
}
"""Any other that is not optimal is not proved."""


class Dropped(Exception):
    """A row is not kept, or none can come of a script."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Best:
    """A formulation's best value, and the solve that found it."""

    solved: Solved
    value: float
    sense: Literal["minimize", "maximize"]
    problem_class: str


async def best_of(pool: Pool, form: str, formulation: Formulation, time_limit_s: float) -> Best:
    """Solve a formulation.

    Args:
        pool: what solves it.
        form: what the formulation is called in a reason, such as `script`.
        formulation: sound by the checks.
        time_limit_s: wall-clock seconds.

    Raises:
        Dropped: if it has no finite best value, or none was found in time.
    """
    if not formulation.objectives:
        raise Dropped(Reason.NO_OPTIMUM, f"the {form} has no objective")
    allowance = Allowance(time_limit_s=time_limit_s)
    try:
        solved = await solve_variant(pool, Variant(form, formulation), allowance)
    except OptiwrightError as error:
        raise Dropped(Reason.UNREADABLE, f"{form}: {error}") from None
    ending = solved.termination
    if ending is not Termination.OPTIMAL:
        said = solved.raw.message or str(ending)
        raise Dropped(_ENDINGS.get(ending, Reason.NOT_PROVED), f"{form}: {said}")
    if solved.objective is None:
        raise Dropped(Reason.NO_OPTIMUM, f"{form}: no value")
    sense: Literal["minimize", "maximize"]
    sense = "minimize" if solved.program.minimize[0] else "maximize"
    return Best(solved, solved.objective, sense, str(classify_program(solved.program)))


def require_telling(form: str, best: Best) -> None:
    """Refuse a best value that is not certified, or says nothing.

    Raises:
        Dropped: if the proof has a gap, nothing is done at it, or a decision cannot matter.
    """
    proof, program, x = best.solved.verdict, best.solved.program, best.solved.raw.x
    if proof.optimality is not Optimality.CERTIFIED or x is None:
        raise Dropped(Reason.NOT_PROVED, f"{form}: {' '.join(proof.checks[-1:])}")
    if does_nothing(program, x, best.value):
        raise Dropped(Reason.NOTHING_DONE, form)
    if idle := list(idle_decisions(program, x)):
        raise Dropped(Reason.IDLE_DECISION, f"{form}: {some(idle)}")


def same_value(one: float, other: float) -> bool:
    """Tell whether two optima are the same."""
    return abs(one - other) <= max(SAME * max(abs(one), abs(other)), _NOTHING)


def some(parts: list[str]) -> str:
    """Return the first few of some things, and how many more there are."""
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return ", ".join(parts[:_NAMED]) + more
