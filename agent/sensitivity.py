"""What an answer's limits are worth, what may change before it does: as data, a frame and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from optiwright.agent.loop import wait
from optiwright.agent.refusing import refuse_plan, refuse_search
from optiwright.agent.result import Plain, Result, Status
from optiwright.agent.sensitivity_frame import sensitivity_frame, units_of
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation, Sense
from optiwright.solver_tools.effects import Basis, Effect, Effects
from optiwright.solver_tools.evaluation import point_of
from optiwright.solver_tools.nudges import nudge
from optiwright.solver_tools.pool import Pool, Reason, default_pool
from optiwright.solver_tools.solution import Solution, SolverError

if TYPE_CHECKING:
    import pandas as pd

_TIME_S = 60.0
_MOST_STEPS = 40
"""Numbers that are stepped up and down by solving again."""


class Sensitivity(Plain):
    """The surroundings of an answer."""

    objective: float
    """The best value, in the objective's own sense and unit."""
    sense: Sense
    unit: str = ""
    """Of the objective."""
    units: dict[str, str] = Field(default_factory=dict)
    """Of parameters and variables, by name, where they have one."""
    effects: tuple[Effect, ...] = ()
    inside: tuple[str, ...] = ()
    """Parameters that have no price of this kind, since they multiply decisions in constraints."""
    left_out: int = 0
    """Numbers, constraints and variables that were not looked at, since there are too many."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row a parameter, constraint or variable.

        Columns: kind (limit, coefficient, constraint, variable), name, index, value, unit; other,
        slack and binding of a constraint; price (change of the objective for one more unit, in its
        own sense and unit; missing where one more and one less differ), price_up and price_down
        (the same, one way each), from and to (the values between which they hold; infinite without
        an end, missing where not known), possible_up and possible_down (whether there is a solution
        that way), objective_up and objective_down (the best value a step on, where the problem was
        solved again), step, basis (exact, margin, re-solved, integers held). Of a coefficient, from
        and to are the values between which the plan stays best.
        """
        return sensitivity_frame(self)


def analyse(result: Result) -> Sensitivity:
    """Find out what each limit of an answer is worth and how far each number may go.

    Linear programs: exact, one-sided, with ranges. Convex quadratic ones: exact at the margin, and
    a step each way by solving again. All others: a step each way by solving again; with integers
    also the prices of the continuous rest, labelled as such.

    Raises:
        UserError: if the answer is no optimum, or the formulation has no objective.
        SolverError: if the work did not come to an end.
    """
    formulation, solution = optimum_of(result)
    assert solution.objective is not None
    assert formulation.leading is not None
    found = wait(_found(default_pool(), formulation, solution, solution.objective))
    return Sensitivity(
        objective=solution.objective,
        sense=formulation.leading.sense,
        unit=objective_unit(formulation),
        units=units_of(formulation),
        effects=found.effects,
        inside=found.inside,
        left_out=found.left_out,
    )


def optimum_of(result: Result) -> tuple[Formulation, Solution]:
    """Return a result's formulation and optimal solution.

    Raises:
        UserError: if it has none, or no objective.
    """
    formulation = formulation_of(result)
    if not formulation.objectives:
        raise UserError(
            "there is no objective, so nothing has a price",
            where="formulation",
            remedy="Ask about a problem with something to maximise or minimise.",
        )
    if result.status is not Status.OPTIMAL or result.solution is None:
        raise UserError(
            f"the run ended with '{result.status.value}', and only an optimal answer can be asked "
            "what its numbers are worth",
            where=f"run `{result.run_id}`",
        )
    return formulation, result.solution


def formulation_of(result: Result) -> Formulation:
    """Return a result's formulation.

    Raises:
        UserError: if it has none.
    """
    refuse_plan(
        result,
        "numbers that could be varied one by one",
        "`optiwright why` says why a step is there, and what it would cost without it.",
    )
    refuse_search(result, "numbers that could be varied one by one")
    if result.formulation is None:
        raise UserError(
            "this result has no formulation to change and solve again",
            where="result",
            remedy="Solve the problem with the route `compiled` or `both`.",
        )
    return result.formulation


def objective_unit(formulation: Formulation) -> str:
    """Return the leading objective's unit, or that of the definition that it is."""
    goal = formulation.leading
    if goal is None or goal.unit:
        return goal.unit if goal is not None else ""
    return next((d.unit for d in formulation.definitions if d.name == goal.expression.strip()), "")


async def _found(pool: Pool, formulation: Formulation, solution: Solution, base: float) -> Effects:
    outcome = await pool.run(
        "optiwright.solver_tools.sensitivity:surroundings",
        formulation,
        point_of(solution),
        _TIME_S,
        time_limit_s=2 * _TIME_S,
    )
    if outcome.reason is not Reason.FINISHED or not isinstance(outcome.value, Effects):
        raise SolverError(
            f"the sensitivity could not be worked out: {outcome.reason.value}",
            remedy=outcome.error.strip().rpartition("\n")[2],
        )
    found = outcome.value
    if any(e.basis is Basis.EXACT for e in found.effects):
        return found
    stepped = await nudge(pool, formulation, base, found.limits[:_MOST_STEPS])
    left_out = found.left_out + max(0, len(found.limits) - _MOST_STEPS)
    return found.model_copy(update={"effects": (*stepped, *found.effects), "left_out": left_out})
