"""CVXPY in written programs: the solver is chosen by the problem's class, not by what is asked.

HiGHS for linear and mixed-integer linear programs, Clarabel for the other continuous ones, SCIP
for the other mixed-integer ones.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import cvxpy as cp
import numpy as np
from cvxpy.constraints.nonpos import Inequality, NonNeg, NonPos
from cvxpy.constraints.zero import Equality, Zero

from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import GAP, SCIP_SETTINGS, Watch, summed_up

if TYPE_CHECKING:
    from optiwright.solver_tools.written_result import Domain, Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_FEASIBLE = 1e-5
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
        asked = kept if kept.get("qcp") else kept | fitting(problem, watch.seconds)
        return watch.solve(lambda: run(problem, asked), lambda _: _read(problem))

    def run(problem: Any, options: dict[str, Any]) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is settled or read from the status below
            value = original(problem, **options)
        if problem.status != "infeasible_or_unbounded":
            return value
        feasible = cp.Problem(cp.Minimize(0), problem.constraints)
        original(feasible, **options)
        return _settle(problem, is_unbounded=feasible.status == "optimal")

    patches.set(cp.Problem, "solve", solve)


def fitting(problem: Any, seconds: float) -> dict[str, Any]:
    """Returns the options of `Problem.solve` that name the solver for a problem's class."""
    linear = problem.is_dcp() and _is_linear(problem)
    if linear:
        return {"solver": cp.HIGHS, "time_limit": seconds, "mip_rel_gap": GAP}
    if problem.is_mixed_integer():
        return by_scip(seconds)
    return {"solver": cp.CLARABEL, "time_limit": seconds}


def by_scip(seconds: float) -> dict[str, Any]:
    """Returns the options of `Problem.solve` that have SCIP solve within that time."""
    return {"solver": cp.SCIP, "scip_params": SCIP_SETTINGS | {"limits/time": seconds}}


def _settle(problem: Any, *, is_unbounded: bool) -> float:
    """Gives a problem the one of the two statuses that holds, as CVXPY would have."""
    maximize = isinstance(problem.objective, cp.Maximize)
    problem._status = "unbounded" if is_unbounded else "infeasible"
    problem._value = np.inf if maximize == is_unbounded else -np.inf
    for variable in problem.variables():
        variable.save_value(None)
    return float(problem._value)


def _is_linear(problem: Any) -> bool:
    """Tells whether the problem is one for a linear solver, piecewise linear parts included."""
    goal = problem.objective.args[0]
    if any(v.is_psd() or v.is_nsd() or v.is_complex() for v in problem.variables()):
        return False
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
    if status == "feasible" and not _holds(problem):
        status = "unknown"
    return summed_up(
        "cvxpy",
        status,
        variables,
        n_constraints=sum(constraint.size for constraint in problem.constraints),
        objective=problem.value,
        sense="maximize" if isinstance(problem.objective, cp.Maximize) else "minimize",
        bound=problem.value if status == "optimal" else None,
        source=[_unnamed(holder) for holder in holders for _ in range(holder.size)],
        model=problem,
    )


def _unnamed(holder: Any) -> Any:
    """Returns the variable if only CVXPY gave it a name, `var1` and so on."""
    return holder if re.fullmatch(r"var\d+", holder.name()) else None


def _holds(problem: Any) -> bool:
    """Tells whether there are values that meet the constraints: at a limit there may be none."""
    variables = problem.variables()
    if any(variable.value is None for variable in variables):
        return False
    whole = [v.value for v in variables if v.attributes["integer"] or v.attributes["boolean"]]
    misses = [np.max(row.violation(), initial=0.0) for row in problem.constraints]
    misses += [np.max(np.abs(value - np.round(value)), initial=0.0) for value in whole]
    return all(miss <= _FEASIBLE for miss in misses)


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
