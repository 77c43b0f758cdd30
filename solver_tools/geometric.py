"""Solving geometric programs: convex after the logarithm of their columns, so to global optimality.

Clarabel finds the optimum; the bound on it is the dual function of the convex program, evaluated
here, and holds whatever Clarabel did.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import cvxpy
import numpy as np
from scipy.optimize import linprog

from optiwright.solver_tools.arithmetic import first_objective, function_values
from optiwright.solver_tools.certify import is_feasible
from optiwright.solver_tools.conic import run_clarabel
from optiwright.solver_tools.geometric_form import Geometric, as_geometric
from optiwright.solver_tools.program import Floats, Ints, Program
from optiwright.solver_tools.solution import Limits, RawSolution, Termination

cp: Any = cvxpy  # its star imports hide half its names from type checkers

MESSAGE = "Geometric program: convex after the logarithm of its variables."

_SHARE = 0.5
"""Of the time: what is not solved here is tried by others."""
_ACTIVE = 1e-6
_NEWTON_STEPS = 6
_NEAR = 1.0
"""A longer step, in logarithms, is no refinement."""
_SETTLED = 1e-13
_ROUNDING = 1e-10
_WIDEST = 745.0
"""No positive float has a greater logarithm, in absolute value."""


@dataclass(frozen=True)
class _Point:
    """A point with multipliers: `share[i]` of group i > 0 (that of group 0 is 1), and `equal`."""

    y: Floats
    share: Floats
    equal: Floats


def solve(program: Program, limits: Limits) -> RawSolution | None:
    """Solve for the first objective; None where the program is not geometric.

    It is optimal only where the point is feasible, the bound of the dual meets its objective, and
    the optimum is attained and not only approached; without that there is no point.
    """
    start = time.monotonic()
    form = as_geometric(program)
    if form is None:
        return None
    half = time.monotonic() + _SHARE * limits.remaining_s
    raw, found = _run(form, replace(limits, deadline=half))
    if limits.on_log is not None:
        limits.on_log(raw.log)
    raw = replace(raw, bound=None, solver=f"{raw.solver} (geometric)", message=MESSAGE)
    if found is not None:
        raw = _judged(program, form, raw, found)
    return replace(raw, seconds=time.monotonic() - start)


def _run(form: Geometric, limits: Limits) -> tuple[RawSolution, _Point | None]:
    y = cp.Variable(len(form.columns))
    count = int(form.group[-1]) + 1
    goal, *functions = [_function(form, y, form.group == group) for group in range(count)]
    limited = [function <= 0 for function in functions]
    equations = [form.equal @ y + form.equal_log == 0] if len(form.equal) else []
    raw = run_clarabel(cp.Problem(cp.Minimize(goal), limited + equations), y, limits)
    if not raw.termination.has_point:
        return raw, None
    share = np.array([1.0, *(max(float(row.dual_value), 0.0) for row in limited)])
    equal = np.ravel(equations[0].dual_value) if equations else np.zeros(0)
    return raw, _Point(np.array(y.value), share, equal)


def _function(form: Geometric, y: Any, monomials: Any) -> Any:
    terms = form.exponents[monomials] @ y + form.logs[monomials]
    return cp.log_sum_exp(terms) if np.count_nonzero(monomials) > 1 else cp.sum(terms)


def _judged(program: Program, form: Geometric, raw: RawSolution, found: _Point) -> RawSolution:
    """Returns the refined point if it holds, else the one found if that holds."""
    if not _is_attained(form, found):
        message = "The best value is approached, not attained."
        return replace(raw, termination=Termination.UNKNOWN, message=message)
    for point in (_refined(form, found), found):
        at = _at(program, form, raw, point)
        if at.x is not None and at.gap == 0 and is_feasible(program, at.x):
            return at
    message = "The convex dual does not confirm the point."
    return replace(raw, termination=Termination.NUMERICAL, message=message)


def _at(program: Program, form: Geometric, raw: RawSolution, point: _Point) -> RawSolution:
    x = program.lower.copy()
    own = form.columns < program.columns
    columns = form.columns[own]
    with np.errstate(over="ignore"):
        values = np.exp(point.y[own])
    x[columns] = np.clip(values, program.lower[columns], program.upper[columns])
    objective = float(function_values(first_objective(program), x)[0])
    bound = form.objective(_dual_value(form, point))
    optimal = Termination.OPTIMAL
    return replace(raw, termination=optimal, x=x, objectives=(objective,), bound=bound)


def _is_attained(form: Geometric, point: _Point) -> bool:
    """Tells whether no direction keeps every monomial from growing and lets one that counts fall.

    Along such a direction the objective would improve for ever.
    """
    counts = (point.share > _ACTIVE)[form.group]
    found = linprog(
        form.exponents[counts].sum(axis=0),
        A_ub=form.exponents,
        b_ub=np.zeros(len(form.exponents)),
        A_eq=form.equal if len(form.equal) else None,
        b_eq=np.zeros(len(form.equal)) if len(form.equal) else None,
        bounds=(-1, 1),
    )
    return bool(found.status == 0 and found.fun > -_ACTIVE)


def _dual_value(form: Geometric, point: _Point) -> float:
    """Returns a lower bound on F(0), whatever the multipliers; -inf where they give none.

    For weights w >= 0 whose sum over group 0 is 1, and multipliers v of the equations, with
    exponents' w + equal' v = 0, weak duality gives

        F(0) >= w (logs - log w) + W log W + v equal_log,

    W being the sums of w by group. What is left of the equation after the weights were corrected
    counts against the bound, as much as it can for any float.
    """
    _, within = form.values(point.y)
    weights = point.share[form.group] * within
    first = (form.group == 0).astype(float)
    # Relative corrections, so that the weights keep their signs; the last row: sum over group 0.
    by_weight = np.column_stack([form.exponents, first]).T * weights
    by_equal = np.vstack([form.equal.T, np.zeros(len(form.equal))])
    system = np.hstack([by_weight, by_equal])
    target = np.append(np.zeros(len(point.y)), 1.0)
    known = np.append(np.ones(len(weights)), point.equal)
    known += np.linalg.lstsq(system, target - system @ known, rcond=None)[0]
    weights, equal = weights * known[: len(weights)], known[len(weights) :]
    left = np.abs(form.exponents.T @ weights + form.equal.T @ equal).sum()
    if np.any(weights < 0) or abs(first @ weights - 1.0) > _ROUNDING:
        return -math.inf
    kept = weights > 0
    value = weights[kept] @ (form.logs[kept] - np.log(weights[kept])) + equal @ form.equal_log
    sums = np.bincount(form.group, weights=weights)
    sums = sums[sums > 0]
    return float(value + sums @ np.log(sums) - _WIDEST * left)


def _refined(form: Geometric, found: _Point) -> _Point:
    """Takes Newton's steps on the optimality conditions, with the limits that are active."""
    values, _ = form.values(found.y)
    active = np.flatnonzero((found.share > _ACTIVE) & (values > -_ACTIVE))
    active = active[active > 0]
    point = found
    for _ in range(_NEWTON_STEPS):
        before, point = point, _newton(form, point, active)
        moved = float(np.abs(point.y - before.y).max())
        if not moved < _NEAR:
            return found
        if moved < _SETTLED:
            break
    return point


def _newton(form: Geometric, point: _Point, active: Ints) -> _Point:
    values, within = form.values(point.y)
    size = len(point.y)
    count = len(values)
    gradients = np.zeros((count, size))
    np.add.at(gradients, form.group, within[:, None] * form.exponents)
    share = np.where(np.isin(np.arange(count), [0, *active]), point.share, 0.0)
    weights = share[form.group] * within
    hessian = (form.exponents.T * weights) @ form.exponents - (gradients.T * share) @ gradients
    rows = np.vstack([gradients[active], form.equal])
    system = np.block([[hessian, rows.T], [rows, np.zeros((len(rows), len(rows)))]])
    missing = np.concatenate([values[active], form.equal @ point.y + form.equal_log])
    step = np.linalg.lstsq(system, -np.concatenate([gradients[0], missing]), rcond=None)[0]
    share[active] = np.maximum(step[size : size + len(active)], 0.0)
    return _Point(point.y + step[:size], share, step[size + len(active) :])
