"""CVXPY: convex programs by disciplined rules, to Clarabel or to a user's own solver."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
import time
import warnings
from dataclasses import dataclass, replace
from typing import Any

import cvxpy
import numpy as np

from optiwright.solver_tools.arithmetic import (
    first_objective,
    function_values,
    matrix,
    off_the_edge,
    scalar_of,
)
from optiwright.solver_tools.batches import gather
from optiwright.solver_tools.disciplined import Translator
from optiwright.solver_tools.program import Floats, Functions, Kind, Program
from optiwright.solver_tools.solution import Limits, RawSolution, SolverError, Termination
from optiwright.solver_tools.status import read_status

cp: Any = cvxpy  # its star imports hide half its names from type checkers

OWN_SOLVERS = {"gurobi": "gurobipy", "cplex": "cplex", "xpress": "xpress", "mosek": "mosek"}
"""Solvers that a user may have, by the package that carries each; used only where named."""

TOLERANCE = 1e-9
"""Clarabel's tolerance for gap and feasibility, absolute and relative."""


@dataclass(frozen=True)
class _Model:
    """A program as a CVXPY problem, with what its duals belong to."""

    problem: Any
    x: Any
    sides: list[tuple[str, Any, float, Any]]
    """("row" or "column", positions, sign, constraint): sign of a dual per unit of the side."""


def is_dcp(program: Program) -> bool:
    """Return whether the first objective and the rows follow the rules of convex programming."""
    return bool(_build(program).problem.is_dcp())


def solve(program: Program, limits: Limits, solver: str = "clarabel") -> RawSolution:
    """Solve for the first objective; a convex program, integer only with a user's own solver.

    Raises:
        SolverError: the program breaks the rules, the solver is missing or takes no integers.
    """
    start = time.monotonic()
    integer = bool(np.any(program.kind != Kind.CONTINUOUS))
    if solver == "clarabel" and integer:
        raise SolverError("Clarabel takes continuous columns only", remedy="Use `scip`.")
    model = _build(program)
    if not model.problem.is_dcp():
        raise SolverError(
            f"`{solver}` is reached through CVXPY, and the program is not convex by its rules",
            remedy="Use `scip`.",
        )
    own = solver != "clarabel"
    raw = _own(model, solver) if own else run_clarabel(model.problem, model.x, limits)
    raw = _read(program, model, raw, duals=not integer)
    if limits.on_log is not None:
        limits.on_log(raw.log)
    return replace(raw, seconds=time.monotonic() - start)


# --- running --------------------------------------------------------------------------------------


def run_clarabel(problem: Any, x: Any, limits: Limits) -> RawSolution:
    """Run Clarabel on a convex problem in the variable `x`; `bound` is the width of its own gap.

    The point is in `x.value`, the duals are with the constraints.
    """
    options = {"tol_gap_abs": TOLERANCE, "tol_gap_rel": TOLERANCE, "tol_feas": TOLERANCE}
    options["time_limit"] = limits.remaining_s
    data, chain, inverse = problem.get_problem_data(cp.CLARABEL, solver_opts=options)
    result = chain.solve_via_data(problem, data, solver_opts=options)
    status = _unpack(problem, result, chain, inverse)
    pair = read_status("cvxpy", status, has_point=x.value is not None)
    gap = abs(result.obj_val - result.obj_val_dual)
    log = f"Clarabel: {result.status} after {result.iterations} iterations, gap {gap:.3g}\n"
    bound = gap if math.isfinite(gap) else None
    return RawSolution(
        *pair, bound=bound, solver=f"Clarabel {importlib.metadata.version('clarabel')}", log=log
    )


def _unpack(problem: Any, result: Any, chain: Any, inverse: Any) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # inaccuracy is in the status
            problem.unpack_results(result, chain, inverse)
    except cp.SolverError:
        return "solver_error"
    return str(problem.status)


def _own(model: _Model, solver: str) -> RawSolution:
    package = OWN_SOLVERS.get(solver)
    if package is None or importlib.util.find_spec(package) is None:
        remedy = f"Install `{package}` with its licence, or name no solver." if package else ""
        raise SolverError(f"the solver {solver!r} is not installed", remedy=remedy)
    try:
        model.problem.solve(solver=solver.upper())
    except cp.SolverError as error:
        raise SolverError(f"{solver} failed: {error}", remedy="Check its licence.") from error
    pair = read_status("cvxpy", str(model.problem.status), has_point=model.x.value is not None)
    return RawSolution(*pair, bound=0.0, solver=solver)


def _read(program: Program, model: _Model, raw: RawSolution, *, duals: bool) -> RawSolution:
    if not raw.termination.has_point:
        return replace(raw, bound=None)
    x = off_the_edge(program, np.clip(model.x.value, program.lower, program.upper))
    objective = float(function_values(first_objective(program), x)[0])
    if not math.isfinite(objective):
        return replace(raw, termination=Termination.NUMERICAL, bound=None)
    minimize = program.minimize[0]
    width = raw.bound
    bound = None if width is None else objective - width if minimize else objective + width
    raw = replace(raw, x=x, objectives=(objective,), bound=bound)
    if not duals or raw.termination is not Termination.OPTIMAL:
        return raw
    row_dual, reduced_cost = np.zeros(len(program.row_lower)), np.zeros(program.columns)
    for kind, at, sign, constraint in model.sides:
        target = row_dual if kind == "row" else reduced_cost
        target[at] += (sign if minimize else -sign) * np.ravel(constraint.dual_value)
    return replace(raw, row_dual=row_dual, reduced_cost=reduced_cost)


# --- building -------------------------------------------------------------------------------------


def _build(program: Program) -> _Model:
    integers = np.flatnonzero(program.kind == Kind.INTEGER)
    if np.any(program.kind == Kind.SEMICONTINUOUS):
        raise SolverError("CVXPY has no semicontinuous columns", remedy="Use `highs` or `scip`.")
    x = cp.Variable(program.columns, integer=[(integers,)] if len(integers) else False)
    sides = _sides("column", np.arange(program.columns), x, program.lower, program.upper)
    translator = Translator(x, program.lower, program.upper)
    curved = np.unique([*program.rows.quadratic_row, *(at for at, _, _ in program.rows.operations)])
    curved = curved.astype(np.int64)
    straight = np.setdiff1d(np.arange(len(program.row_lower)), curved)
    if len(straight):
        values = matrix(gather(program.rows, straight), program.columns) @ x
        limits = program.row_lower[straight], program.row_upper[straight]
        sides += _sides("row", straight, values, *limits)
    for row in curved.tolist():
        at = np.array([row])
        value = cp.reshape(translator.scalar(scalar_of(program.rows, row)), (1,), order="C")
        sides += _sides("row", at, value, program.row_lower[at], program.row_upper[at])
    goal = _goal(program.objectives, translator)
    sense = cp.Minimize(goal) if program.minimize[0] else cp.Maximize(goal)
    return _Model(cp.Problem(sense, [side[3] for side in sides]), x, sides)


def _sides(
    kind: str, positions: Any, values: Any, lower: Floats, upper: Floats
) -> list[tuple[str, Any, float, Any]]:
    """Returns lower <= values <= upper as at most three constraints."""
    fixed = (lower == upper) & np.isfinite(lower)
    below = np.flatnonzero(np.isfinite(lower) & ~fixed)
    above = np.flatnonzero(np.isfinite(upper) & ~fixed)
    equal = np.flatnonzero(fixed)
    sides = []
    if len(equal):
        sides.append((kind, positions[equal], -1.0, values[equal] == lower[equal]))
    if len(below):
        sides.append((kind, positions[below], 1.0, values[below] >= lower[below]))
    if len(above):
        sides.append((kind, positions[above], -1.0, values[above] <= upper[above]))
    return sides


def _goal(objectives: Functions, translator: Translator) -> Any:
    objective = gather(objectives, np.array([0]))
    if objective.is_linear:
        coefficients = matrix(objective, translator.x.size).toarray()[0]
        return coefficients @ translator.x + float(objective.constant[0])
    return translator.scalar(scalar_of(objective, 0))
