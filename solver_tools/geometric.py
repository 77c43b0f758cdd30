"""Geometric programs: convex after the logarithm of their columns, so solved to global optimality.

With y = log x a monomial is the exponential of an affine function, and a sum of monomials with
positive coefficients (a posynomial) has a convex logarithm. Boyd, Kim, Vandenberghe, Hassibi, "A
tutorial on geometric programming", 2007. Clarabel finds the optimum; the bound on it is the dual
function of the convex program, evaluated here.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import cvxpy
import numpy as np
from scipy.optimize import linprog

from optiwright.solver_tools.arithmetic import function_values, scalar_of, select
from optiwright.solver_tools.certify import is_feasible
from optiwright.solver_tools.conic import run_clarabel
from optiwright.solver_tools.program import Floats, Ints, Kind, Program
from optiwright.solver_tools.signomials import (
    NotASignomialError,
    Powers,
    Signomial,
    signomial,
)
from optiwright.solver_tools.solution import Limits, RawSolution, Termination

cp: Any = cvxpy  # its star imports hide half its names from type checkers

MESSAGE = "Geometric program: convex after the logarithm of its variables."
LARGEST = 2_000_000
"""Entries of the matrix of exponents beyond which the program is left to others."""

_SHARE = 0.5
"""Of the time: what is not solved here is tried by others."""
_ACTIVE = 1e-6
_NEWTON_STEPS = 6
_ROUNDING = 1e-10
_WIDEST = 745.0
"""No positive float has a greater logarithm, in absolute value."""


@dataclass(frozen=True)
class Geometric:
    """Minimise F(0) subject to F(i) <= 0 and equal @ y + equal_log == 0, where y = log x.

    F(i) is the logarithm of the sum of exp(exponents @ y + logs) over the monomials of group i.
    """

    used: Ints
    """The program's columns that y stands for, shape (k,); one beyond them is the epigraph's."""
    exponents: Floats
    """Shape (monomials, k)."""
    logs: Floats
    """Logarithm of each monomial's coefficient."""
    group: Ints
    """Of each monomial; 0 is the objective, and every group from 0 to the last has monomials."""
    equal: Floats
    """Shape (equations, k)."""
    equal_log: Floats
    offset: float
    sign: float
    """The program's objective is offset + sign * exp(+-F(0))."""
    inverted: bool
    """Whether it is exp(-F(0)): what is maximised is turned into its reciprocal."""

    def objective(self, log_value: float) -> float:
        """Return the program's objective where F(0) is `log_value`."""
        value = math.exp(min(-log_value if self.inverted else log_value, 700.0))
        return self.offset + self.sign * value

    def values(self, y: Floats) -> tuple[Floats, Floats]:
        """Return every F(i) at `y`, and each monomial's share of its group."""
        terms = self.exponents @ y + self.logs
        count = int(self.group[-1]) + 1
        top = np.full(count, -np.inf)
        np.maximum.at(top, self.group, terms)
        scaled = np.exp(terms - top[self.group])
        total = np.bincount(self.group, weights=scaled, minlength=count)
        return top + np.log(total), scaled / total[self.group]


# --- recognising ----------------------------------------------------------------------------------


class _NotGeometricError(Exception):
    pass


@dataclass(frozen=True)
class _Parts:
    """Groups of posynomials that stay below 1, the objective's first, and monomials equal to 1."""

    groups: list[Signomial]
    equal: list[Signomial]


def as_geometric(program: Program) -> Geometric | None:
    """Return the program as a geometric one for its first objective; None where it is not.

    Columns must be continuous and at least 0, and positive at every point that could be optimal:
    what has its best value at zero has no best value for the logarithms. Minimised is a
    posynomial, or maximised a monomial less a posynomial, with a constant or without.
    """
    bounded = np.all(program.lower >= 0) and np.all(program.lower <= program.upper)
    if not bounded or np.any(program.kind != Kind.CONTINUOUS):
        return None
    try:
        return _recognised(program)
    except (NotASignomialError, _NotGeometricError):
        return None


def _recognised(program: Program) -> Geometric:
    sense = 1.0 if program.minimize[0] else -1.0
    goal = _scaled(signomial(scalar_of(program.objectives, 0)), sense)
    offset = goal.pop((), 0.0)
    parts = _Parts([], [])
    inverted = any(value < 0 for value in goal.values())
    if inverted:
        # max M - P is max t subject to t + P <= M.
        gain: Powers = ((program.columns, 1.0),)
        parts.groups.append({((program.columns, -1.0),): 1.0})
        parts.groups.append(_at_most_one({**goal, gain: 1.0}))
    else:
        parts.groups.append(goal)
    for row in range(program.rows.count):
        _add_row(parts, program, row)
    used = sorted({c for part in (*parts.groups, *parts.equal) for key in part for c, _ in key})
    if not goal or not used:
        raise _NotGeometricError
    _add_bounds(parts, program, used)
    _refuse_zeros(parts, program, used)
    sign = -sense if inverted else sense
    return _as_arrays(parts, np.array(used), sense * offset, sign, inverted)


def _scaled(terms: Signomial, factor: float) -> Signomial:
    return {key: factor * value for key, value in terms.items()}


def _over(terms: Signomial, key: Powers, value: float) -> Signomial:
    """Returns a sum of monomials divided by one."""
    found = {}
    for powers, coefficient in terms.items():
        exponents = dict(powers)
        for column, exponent in key:
            exponents[column] = exponents.get(column, 0.0) - exponent
        found[tuple(sorted((c, e) for c, e in exponents.items() if e != 0))] = coefficient / value
    return found


def _at_most_one(terms: Signomial) -> Signomial:
    """Returns terms <= 0 as a posynomial that is at most 1; empty where it always holds."""
    greater = [key for key, value in terms.items() if value < 0]
    smaller = {key: value for key, value in terms.items() if value > 0}
    if not smaller:
        return {}
    if len(greater) != 1:
        raise _NotGeometricError
    return _over(smaller, greater[0], -terms[greater[0]])


def _add_row(parts: _Parts, program: Program, row: int) -> None:
    lower, upper = float(program.row_lower[row]), float(program.row_upper[row])
    terms = signomial(scalar_of(program.rows, row))
    for limit, sign in ((upper, 1.0), (lower, -1.0)):
        if not math.isfinite(limit):
            continue
        constant = terms.get((), 0.0) - limit
        moved = _scaled({**terms, (): constant}, sign)
        below = _at_most_one({key: value for key, value in moved.items() if value != 0})
        if lower == upper:
            if len(below) != 1:
                raise _NotGeometricError
            parts.equal.append(below)
            return
        if below:
            parts.groups.append(below)


def _add_bounds(parts: _Parts, program: Program, used: list[int]) -> None:
    for column in used:
        if column == program.columns:
            continue
        lower, upper = float(program.lower[column]), float(program.upper[column])
        if upper == 0:
            raise _NotGeometricError
        if lower == upper:
            parts.equal.append({((column, 1.0),): 1.0 / lower})
            continue
        if lower > 0:
            parts.groups.append({((column, -1.0),): lower})
        if math.isfinite(upper):
            parts.groups.append({((column, 1.0),): 1.0 / upper})


def _refuse_zeros(parts: _Parts, program: Program, used: list[int]) -> None:
    """Raises where a column could be zero at a point that is as good as any positive one.

    A column is positive by its bound, by standing below a fraction line, where zero has no value,
    or as a factor of what is at least some positive amount.
    """
    positive = {c for c in used if c == program.columns or program.lower[c] > 0}
    sides = [*parts.groups[1:], *parts.equal, *(_inverse(part) for part in parts.equal)]
    while True:
        forced = {c for part in sides for c in _forced(part, positive)}
        if forced <= positive:
            break
        positive |= forced
    if not positive.issuperset(used):
        raise _NotGeometricError
