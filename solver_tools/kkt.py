"""How far a point with multipliers is from the conditions of Karush, Kuhn and Tucker, relative.

For a convex program they are sufficient (Boyd and Vandenberghe, Convex Optimization, 5.5.3), so
that small residuals show a global optimum, and no solver's word is needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optiwright.solver_tools.arithmetic import first_objective, function_values
from optiwright.solver_tools.certify import violation
from optiwright.solver_tools.derivatives import jacobian, slope_sizes

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Program

SLOPES = 1e-4
"""How far slopes may be from cancelling, relative: near an optimum they go with the distance and
the value with its square, so that a value right to 1e-9 leaves slopes off by that much."""
TOLERANCE = 1e-6
"""How large the other residuals may be, relative to the data at the point."""

_TINY = np.finfo(float).tiny


@dataclass(frozen=True)
class Residuals:
    """The worst number of each of the four conditions; infinite where it cannot be evaluated."""

    stationarity: float
    """|gradient - rows' gradients times duals - reduced costs|, over the largest of these terms."""
    primal: float
    """Violation of a row or a bound, over the row's largest term (or 1)."""
    dual: float
    """Size of a multiplier of the wrong sign in the gradient, over the gradient's largest term."""
    complementarity: float
    """|multiplier times distance to its limit|, over the largest term of the objective's value."""

    @property
    def worst(self) -> float:
        """The largest of the four."""
        return max(self.stationarity, self.primal, self.dual, self.complementarity)

    @property
    def hold(self) -> bool:
        """Whether all four are within tolerance."""
        slopes = max(self.stationarity, self.dual)
        return slopes <= SLOPES and max(self.primal, self.complementarity) <= TOLERANCE


def kkt_residuals(
    program: Program, x: Floats, row_dual: Floats, reduced_cost: Floats | None = None
) -> Residuals:
    """Hold a continuous program's point and multipliers against the four conditions.

    Args:
        program: its first objective counts.
        x: shape (n,).
        row_dual: change of the objective per unit of a row's limit, shape (m,).
        reduced_cost: the same for the columns' bounds, shape (n,); where it is missing it is what
            the gradient leaves, and only its sign and its slack can then be wrong.
    """
    sign = 1.0 if program.minimize[0] else -1.0
    objective = first_objective(program)
    gradient = sign * jacobian(objective, program.columns, x).toarray()[0]
    slopes = jacobian(program.rows, program.columns, x)
    duals = sign * row_dual
    pressed = slopes.T @ duals
    costs = gradient - pressed if reduced_cost is None else sign * reduced_cost
    sizes = slope_sizes(objective, program.columns, x).toarray()[0]
    terms = abs(slopes).T @ np.abs(duals)
    scale = max(float(sizes.max(initial=0.0)), float(terms.max(initial=0.0)), _TINY)
    stationarity = float(np.abs(gradient - pressed - costs).max(initial=0.0)) / scale
    values = function_values(program.rows, x)
    steepest = abs(slopes).max(axis=1).toarray().ravel() if len(duals) else duals
    worth = max(float(sizes @ np.abs(x)), float(np.abs(duals) @ np.abs(values)), scale)
    wrong, slack = 0.0, 0.0
    for weights, size, at, lower, upper in (
        (duals, steepest, values, program.row_lower, program.row_upper),
        (costs, np.ones(len(costs)), x, program.lower, program.upper),
    ):
        limit = np.where(weights > 0, lower, upper)
        ends = np.isfinite(limit)
        wrong = max(wrong, float((np.abs(weights) * size)[~ends].max(initial=0.0)) / scale)
        missed = np.abs(weights[ends] * (at[ends] - limit[ends]))
        slack = max(slack, float(missed.max(initial=0.0)) / worth)
    found = (stationarity, violation(program, x), wrong, slack)
    return Residuals(*(value if np.isfinite(value) else float("inf") for value in found))
