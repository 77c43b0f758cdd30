"""A point that is nearly a local optimum, taken there to full accuracy, and better ones beside it.

A solver that meets limits and objective to an absolute tolerance is off by far more than that where
an objective is small. Sequential quadratic programming (Kraft, A software package for sequential
quadratic programming, DFVLR-FB 88-28, 1988; SciPy's SLSQP) closes that in a few steps.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.solver_tools.arithmetic import first_objective, function_values
from optiwright.solver_tools.certify import is_feasible, violation
from optiwright.solver_tools.derivatives import jacobian
from optiwright.solver_tools.program import Kind

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Ints, Program

_MOST = 60
"""Columns and rows: the steps take time with the cube of their number."""
_SECONDS = 1.0
_FEASIBLE = 1e-9
_LOSS = 1e-5
"""What may be lost, relative, for meeting the limits more closely."""
_NEAR_ZERO = 1e-6


class _Late(Exception):
    """The time is up."""


def polished(program: Program, x: Floats) -> Floats:
    """Return a better point beside `x`, or `x` where there is none.

    Better is a greater or smaller first objective with limits met as well, or limits met more
    closely at next to the same objective. Only of a small nonlinear program without whole numbers.
    """
    linear = program.rows.is_linear and program.objectives.is_linear
    large = max(program.columns, program.rows.count) > _MOST
    if linear or large or program.globals or np.any(program.kind != Kind.CONTINUOUS):
        return x
    try:
        with np.errstate(all="ignore"):
            found = np.clip(_steps(program, x), program.lower, program.upper)
            return found if _is_better(program, found, x) else x
    except (_Late, ArithmeticError, ValueError):
        return x


def neighbour(program: Program, x: Floats) -> Floats | None:
    """Return a feasible point of a better first objective a step of a whole number away, if any.

    No solver's word is taken for it: a point that has one is no optimum.
    """
    if program.globals:
        return None
    until, whole = time.monotonic() + _SECONDS, program.kind == Kind.INTEGER
    best = x
    for column in np.flatnonzero(whole):
        for step in (1.0, -1.0):
            if time.monotonic() > until:
                break
            moved = np.where(whole, np.round(x), x)
            moved[column] += step
            with np.errstate(all="ignore"), contextlib.suppress(ArithmeticError, ValueError):
                better = _gain(program, moved, best) > _LOSS * _size(program, best)
                best = moved if better and is_feasible(program, moved) else best
    return None if best is x else best


def _size(program: Program, x: Floats) -> float:
    return abs(float(function_values(first_objective(program), x)[0]))


def _gain(program: Program, found: Floats, x: Floats) -> float:
    objective = first_objective(program)
    old, new = (float(function_values(objective, point)[0]) for point in (x, found))
    return old - new if program.minimize[0] else new - old


def _is_better(program: Program, found: Floats, x: Floats) -> bool:
    before, after = violation(program, x), violation(program, found)
    if not after <= max(before, _FEASIBLE):
        return False
    gain = _gain(program, found, x)
    return gain > 0 or (after < before and gain >= -_LOSS * _size(program, x))


def _steps(program: Program, x: Floats) -> Floats:
    """Returns where the steps end, in units of each column's and the objective's own size."""
    from scipy.optimize import minimize

    until = time.monotonic() + _SECONDS
    goal, rows, columns = first_objective(program), program.rows, program.columns
    unit = np.where(np.abs(x) > _NEAR_ZERO, np.abs(x), 1.0)
    worth = abs(float(function_values(goal, x)[0])) or 1.0
    worth = worth if program.minimize[0] else -worth

    def value(z: Floats) -> float:
        if time.monotonic() > until:
            raise _Late
        return float(function_values(goal, z * unit)[0]) / worth

    def slope(z: Floats) -> Floats:
        return jacobian(goal, columns, z * unit).toarray()[0] * unit / worth  # type: ignore[no-any-return]

    def held(at: Ints, sign: float, limit: Floats, kind: str) -> dict[str, Any]:
        size = sign / np.maximum(1.0, np.abs(limit[at]))
        return {
            "type": kind,
            "fun": lambda z: (function_values(rows, z * unit) - limit)[at] * size,
            "jac": lambda z: jacobian(rows, columns, z * unit).toarray()[at] * unit * size[:, None],
        }

    low, high = program.row_lower, program.row_upper
    equal = np.flatnonzero(low == high)
    above = np.flatnonzero(np.isfinite(low) & (low != high))
    below = np.flatnonzero(np.isfinite(high) & (low != high))
    limits = [(equal, 1.0, low, "eq"), (above, 1.0, low, "ineq"), (below, -1.0, high, "ineq")]
    found = minimize(
        value,
        x / unit,
        jac=slope,
        method="SLSQP",
        bounds=list(zip(program.lower / unit, program.upper / unit, strict=True)),
        constraints=[held(*limit) for limit in limits if len(limit[0])],
        options={"ftol": 1e-15, "maxiter": 100},
    )
    return np.asarray(found.x, dtype=float) * unit
