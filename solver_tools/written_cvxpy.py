"""CVXPY in written programs: the solver is chosen by the problem's class, not by what is asked.

HiGHS for linear and mixed-integer linear programs, Clarabel for the other continuous ones, SCIP
for the other mixed-integer ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cvxpy as cp
import numpy as np
from cvxpy.constraints.nonpos import Inequality, NonNeg, NonPos
from cvxpy.constraints.zero import Equality, Zero

from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import GAP, Watch, summed_up

if TYPE_CHECKING:
    from optiwright.solver_tools.written_result import Domain, Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_KEPT = ("gp", "qcp", "requires_grad", "enforce_dpp", "ignore_dpp", "canon_backend")
_STATUS: dict[str, Status] = {
    "optimal": "optimal",
    "optimal_inaccurate": "feasible",
    "infeasible": "infeasible",
    "infeasible_inaccurate": "infeasible",
    "unbounded": "unbounded",
    "unbounded_inaccurate": "unbounded",
    "user_limit": "feasible",
}


def install(watch: Watch, patches: Patches) -> None:
    """Has `Problem.solve` take the solver that fits."""
    original: Any = cp.Problem.solve

    def solve(problem: Any, *args: Any, **options: Any) -> Any:
        if watch.inside:
            return original(problem, *args, **options)
        kept = {name: options[name] for name in _KEPT if name in options}
        fitting = {} if kept.get("qcp") else _fitting(problem, watch.seconds)
        return watch.solve(lambda: original(problem, **kept, **fitting), lambda _: _read(problem))

    patches.set(cp.Problem, "solve", solve)


def _fitting(problem: Any, seconds: float) -> dict[str, Any]:
    linear = problem.is_dcp() and _is_linear(problem)
    if linear:
        return {"solver": cp.HIGHS, "time_limit": seconds, "mip_rel_gap": GAP}
    if problem.is_mixed_integer():
        return {"solver": cp.SCIP, "scip_params": {"limits/time": seconds, "limits/gap": GAP}}
    return {"solver": cp.CLARABEL, "time_limit": seconds}


def _is_linear(problem: Any) -> bool:
    """Tells whether the problem is one for a linear solver, piecewise linear parts included."""
    goal = problem.objective.args[0]
    return bool(goal.is_pwl()) and all(map(_is_linear_row, problem.constraints))


def _is_linear_row(row: Any) -> bool:
    if isinstance(row, Zero | Equality):
        return True
    known = isinstance(row, Inequality | NonPos | NonNeg)
    return known and all(side.is_pwl() for side in row.args)


def _read(problem: Any) -> Solved:
    status: Status = _STATUS.get(problem.status, "unknown")
    holders = problem.variables()
    variables = [entry for holder in holders for entry in _entries(holder)]
    if status == "feasible" and any(entry.value is None for entry in variables):
        status = "unknown"
    return summed_up(
        "cvxpy",
        status,
        variables,
        n_constraints=sum(constraint.size for constraint in problem.constraints),
        objective=problem.value,
        sense="maximize" if isinstance(problem.objective, cp.Maximize) else "minimize",
        bound=problem.value if status == "optimal" else None,
        source=[holder for holder in holders for _ in range(holder.size)],
    )


def _entries(holder: Any) -> list[Variable]:
    kind: Domain = "continuous"
    if holder.attributes["boolean"]:
        kind = "binary"
    elif holder.attributes["integer"]:
        kind = "integer"
    values = np.full(holder.shape, np.nan) if holder.value is None else np.asarray(holder.value)
    return [
        Variable(
            name=holder.name(),
            index=tuple(int(part) for part in place),
            value=None if np.isnan(value) else float(value),
            domain=kind,
        )
        for place, value in np.ndenumerate(values)
    ]
