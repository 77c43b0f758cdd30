"""Exact one-sided prices of a linear program, how far each holds, and how far a plan stays best.

Nothing here rests on a basis, so that degenerate and alternative optima are no special case. With
V(t) the best value when the limits have moved by t d (minimised; V is convex and piecewise linear):

- V'(0+) is the largest d'y over all optimal duals y; by duality the least g'u over directions u in
  which every tight limit keeps pace with d, g the objective's gradient. The optimal duals are the
  same for every optimal point (complementary slackness), so any will do. With linear rows this
  holds for a convex quadratic objective too.
- It holds up to the largest t for which a point within the limits moved by t d has a value of no
  more than V(0) + V'(0+) t, since V lies nowhere below that line. One linear program in (x, t).
- A plan x stays best while the costs are g + s d for those s that have duals y that fit x: again a
  linear program, in (y, s).

Gal and Greenberg (eds.), Advances in Sensitivity Analysis and Parametric Programming (1997), ch. 3.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optiwright.solver_tools import highs
from optiwright.solver_tools.arithmetic import first_objective, function_values, hessian, matrix
from optiwright.solver_tools.moves import Move
from optiwright.solver_tools.program import Block, Floats, Functions, Kind, Program, functions
from optiwright.solver_tools.solution import Limits, Termination

Mask: TypeAlias = npt.NDArray[np.bool_]

TIGHT = 1e-7
"""Distance at which a limit counts as reached, relative to it or to the row's terms."""

_NOTHING = 1e-9


@dataclass(frozen=True)
class Side:
    """What happens when something moves one way."""

    rate: float | None
    """Change of the objective, in its own sense and unit, per unit of the move; None where there
    is no solution at all that way, or it could not be found (`reach` tells)."""
    reach: float | None
    """How far the rate holds, infinite without an end; zero with no rate: no solution that way;
    None where it is not known."""
    end: float | None = None
    """How far there are solutions at all; None where it is not known."""


_UNKNOWN = Side(None, None)
_CLOSED = Side(None, 0.0, 0.0)


class Parametric:
    """A solved program, asked about its surroundings.

    Args:
        program: continuous, linear rows, a linear or convex quadratic objective.
        x: an optimal point, shape (n,).
        deadline: on the clock of `time.monotonic`; what is asked later is not known.
    """

    def __init__(self, program: Program, x: Floats, deadline: float) -> None:
        self._program, self._x, self._deadline = program, x, deadline
        self._sign = 1.0 if program.minimize[0] else -1.0
        goal = first_objective(program)
        self.linear = goal.is_linear
        gradient = matrix(goal, program.columns).toarray()[0]
        if not goal.is_linear:
            gradient = gradient + hessian(goal, 0, program.columns) @ x
        self._gradient: Floats = self._sign * gradient
        self._matrix = matrix(program.rows, program.columns)
        values = function_values(program.rows, x)
        terms = abs(self._matrix) @ np.abs(x)
        self._row_low = _reached(values, program.row_lower, terms)
        self._row_high = _reached(values, program.row_upper, terms)
        self._low = _reached(x, program.lower, np.abs(x))
        self._high = _reached(x, program.upper, np.abs(x))

    def at_lower(self, column: int) -> bool:
        """Whether a column is at its lower bound."""
        return bool(self._low[column])

    def at_upper(self, column: int) -> bool:
        """Whether a column is at its upper bound."""
        return bool(self._high[column])

    # --- limits -----------------------------------------------------------------------------------

    def along(self, move: Move) -> Side:
        """Return what moving limits does, per unit of the move and that way only."""
        if time.monotonic() > self._deadline:
            return _UNKNOWN
        slope = self._slope(move)
        if slope is None or slope.rate is None:
            return slope or _UNKNOWN
        rate = self._sign * slope.rate
        if not self.linear:
            return Side(rate, 0.0)
        reach = self._farthest(move, slope.rate)
        if reach is None or reach <= _NOTHING:
            return _UNKNOWN
        end = reach if reach == np.inf else self._farthest(move, None)
        return Side(rate, reach, None if end is None else max(end, reach))

    def _slope(self, move: Move) -> Side | None:
        """Return the rate of the minimised objective, or that there is no solution that way."""
        program = self._program
        tangent = replace(
            program,
            row_lower=np.where(self._row_low, move.row_lower, -np.inf),
            row_upper=np.where(self._row_high, move.row_upper, np.inf),
            lower=np.where(self._low, move.lower, -np.inf),
            upper=np.where(self._high, move.upper, np.inf),
            objectives=_goal(self._gradient),
            minimize=(True,),
        )
        crossed = (tangent.row_lower > tangent.row_upper).any()
        if crossed or (tangent.lower > tangent.upper).any():
            return _CLOSED
        value = self._best(tangent)
        if value is None:
            return None
        if value == np.inf:
            return _CLOSED
        scale = max(1.0, float(np.abs(self._gradient).max(initial=0.0)))
        return Side(0.0 if abs(value) <= _NOTHING * scale else value, None)

    def _farthest(self, move: Move, slope: float | None) -> float | None:
        """Return the largest t with a solution, at no more than the line's value if it is given."""
        program, last = self._program, self._program.columns
        low, high = np.isfinite(program.row_lower), np.isfinite(program.row_upper)
        apart = low & high & (move.row_lower != move.row_upper)
        pace = np.where(low, move.row_lower, move.row_upper)
        split = np.flatnonzero(apart)
        bound_low = np.flatnonzero((move.lower != 0.0) & np.isfinite(program.lower))
        bound_high = np.flatnonzero((move.upper != 0.0) & np.isfinite(program.upper))
        unit = sparse.identity(last, format="csr")
        parts: list[_Part] = [
            (self._matrix, pace, program.row_lower, np.where(apart, np.inf, program.row_upper)),
            (self._matrix[split], move.row_upper[split], -np.inf, program.row_upper[split]),
            (unit[bound_low], move.lower[bound_low], program.lower[bound_low], np.inf),
            (unit[bound_high], move.upper[bound_high], -np.inf, program.upper[bound_high]),
        ]
        if slope is not None:
            scale = max(1.0, float(np.abs(self._gradient).max(initial=0.0)))
            line = sparse.csr_matrix(self._gradient / scale)
            value = float(self._gradient @ self._x) / scale
            parts.append((line, np.array([slope / scale]), -np.inf, np.array([value])))
        free_low, free_high = program.lower.copy(), program.upper.copy()
        free_low[bound_low], free_high[bound_high] = -np.inf, np.inf
        goal = np.zeros(last + 1)
        goal[last] = -1.0
        wide = _assemble(parts, np.append(free_low, 0.0), np.append(free_high, np.inf), goal)
        value_found = self._best(wide)
        return None if value_found is None or value_found == np.inf else 0.0 - value_found

    # --- costs ------------------------------------------------------------------------------------

    def stays_best(self, move: Move) -> float | None:
        """Return how far the costs can go along the move with the plan still a best one.

        Infinite without an end; None where it is not known.
        """
        if time.monotonic() > self._deadline:
            return None
        rows = len(self._program.row_lower)
        direction = self._sign * move.cost
        multipliers = sparse.csr_matrix(self._matrix.T)
        fixed, gradient = self._low & self._high, self._gradient
        least = np.where(fixed | (self._low & ~self._high), -np.inf, gradient)
        most = np.where(fixed | (self._high & ~self._low), np.inf, gradient)
        goal = np.zeros(rows + 1)
        goal[rows] = -1.0
        duals = _assemble(
            [(multipliers, direction, least, most)],
            np.append(np.where(self._row_high, -np.inf, 0.0), 0.0),
            np.append(np.where(self._row_low, np.inf, 0.0), np.inf),
            goal,
        )
        value = self._best(duals)
        return None if value is None or value == np.inf else max(0.0, -value)

    def _best(self, program: Program) -> float | None:
        """Return the least value, -inf if unbounded, inf if infeasible, None if not found."""
        raw = highs.solve(program, Limits(self._deadline))
        match raw.termination:
            case Termination.OPTIMAL:
                return raw.objective
            case Termination.INFEASIBLE:
                return np.inf
            case Termination.UNBOUNDED:
                return -np.inf
        return None


def _reached(values: Floats, limits: Floats, terms: Floats) -> Mask:
    finite = np.isfinite(limits)
    size = np.maximum(1.0, np.maximum(np.abs(np.where(finite, limits, 0.0)), terms))
    return finite & (np.abs(values - np.where(finite, limits, 0.0)) <= TIGHT * size)


_Part: TypeAlias = tuple[Any, Floats, Floats | float, Floats | float]
"""A sparse matrix, its rows' pace in t, their lower and their upper limits."""


def _goal(gradient: Floats) -> Functions:
    at = np.flatnonzero(gradient)
    return functions(1, row=np.zeros(len(at), dtype=np.int64), column=at, value=gradient[at])


def _assemble(
    parts: list[_Part],
    lower: Floats,
    upper: Floats,
    goal: Floats,
) -> Program:
    """Return the program min goal'(z, t) with lower <= matrix z - pace t <= upper for each part."""
    blocks = [
        sparse.hstack([body, sparse.csr_matrix(-pace.reshape(-1, 1))]) for body, pace, _, _ in parts
    ]
    stacked = sparse.coo_matrix(sparse.vstack(blocks))
    lows = [np.broadcast_to(low, len(pace)) for _, pace, low, _ in parts]
    tops = [np.broadcast_to(high, len(pace)) for _, pace, _, high in parts]
    count = stacked.shape[0]
    return Program(
        lower=lower,
        upper=upper,
        kind=np.full(len(lower), Kind.CONTINUOUS, dtype=np.uint8),
        column_blocks=(Block("z", 0, [(k,) for k in range(len(lower))]),),
        rows=functions(
            count,
            row=stacked.row.astype(np.int64),
            column=stacked.col.astype(np.int64),
            value=stacked.data.astype(np.float64),
        ),
        row_lower=np.concatenate(lows),
        row_upper=np.concatenate(tops),
        row_blocks=(Block("r", 0, [(k,) for k in range(count)]),),
        objectives=_goal(goal),
        minimize=(True,),
        tolerances=(0.0,),
    )
