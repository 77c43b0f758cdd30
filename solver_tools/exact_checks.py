"""What proves an exact answer, checked by the definitions and nothing else.

Each function says what is wrong with a claim, in words, and nothing where the claim is proved. They
share no code with the method that makes the claims (`exact_simplex`), and know no tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from optiwright.solver_tools.rational import ExactProgram, Limit

Numbers: TypeAlias = tuple[Fraction, ...]

_ZERO = Fraction(0)


def limits_cross(exact: ExactProgram) -> bool:
    """Return whether some lower limit lies above its upper one."""
    pairs = [*zip(exact.lower, exact.upper, strict=True)]
    pairs += zip(exact.row_lower, exact.row_upper, strict=True)
    return any(lo is not None and up is not None and lo > up for lo, up in pairs)


def fault_of_point(exact: ExactProgram, x: Numbers) -> str:
    """Say what a point breaks; empty if it meets every row and bound exactly."""
    for j, value in enumerate(x):
        if _outside(value, exact.lower[j], exact.upper[j]):
            return f"column {j} at {value} is outside its bounds"
    for i in range(len(exact.rows)):
        value = exact.activity(i, x)
        if _outside(value, exact.row_lower[i], exact.row_upper[i]):
            return f"row {i} at {value} is outside its limits"
    return ""


def fault_of_optimum(exact: ExactProgram, x: Numbers, multipliers: Numbers) -> str:
    """Say why a point and duals do not prove an optimum; empty if they do.

    Args:
        exact: the program.
        x: shape (n,).
        multipliers: duals of the minimised objective, shape (m,): not negative where only the lower
            limit of the row binds, not positive where only the upper one does.
    """
    broken = fault_of_point(exact, x)
    if broken:
        return broken
    sign = 1 if exact.minimize else -1
    reduced = [sign * c - d for c, d in zip(exact.cost, _combined(exact, multipliers), strict=True)]
    bound = sign * exact.constant
    weighted = [
        *_with_limits("column", reduced, x, exact.lower, exact.upper),
        *_with_limits(
            "row",
            multipliers,
            [exact.activity(i, x) for i in range(len(exact.rows))],
            exact.row_lower,
            exact.row_upper,
        ),
    ]
    for name, weight, value, limit in weighted:
        if limit is None:
            return f"the weight {weight} of {name} has the wrong sign"
        if value != limit:
            return f"{name} has the weight {weight} and slack"
        bound += weight * limit
    value = sign * exact.objective(x)
    return "" if bound == value else f"the duals' bound {bound} is not the value {value}"


def _with_limits(
    what: str,
    weights: Sequence[Fraction],
    values: Sequence[Fraction],
    lower: Sequence[Limit],
    upper: Sequence[Limit],
) -> list[tuple[str, Fraction, Fraction, Limit]]:
    """Returns each weight that is not zero with its name, its value and the limit it presses on."""
    return [
        (f"{what} {k}", weight, values[k], lower[k] if weight > 0 else upper[k])
        for k, weight in enumerate(weights)
        if weight
    ]


def fault_of_contradiction(exact: ExactProgram, multipliers: Numbers) -> str:
    """Say why a weighted sum of the rows contradicts nothing; empty if it does (Farkas).

    The limits of the rows keep the sum within one interval, the bounds of the columns within
    another; the two must not meet.
    """
    combined = _combined(exact, multipliers)
    rows = _range(multipliers, exact.row_lower, exact.row_upper)
    columns = _range(combined, exact.lower, exact.upper)
    if _apart(rows, columns) or _apart(columns, rows) or limits_cross(exact):
        return ""
    return "the weighted sum of the rows can meet the bounds"


def fault_of_ray(exact: ExactProgram, x: Numbers, ray: Numbers) -> str:
    """Say why the objective does not improve for ever from `x` along `ray`; empty if it does."""
    broken = fault_of_point(exact, x)
    if broken:
        return broken
    steps = [(f"column {j}", ray[j], exact.lower[j], exact.upper[j]) for j in range(len(ray))]
    steps += [
        (f"row {i}", exact.activity(i, ray), exact.row_lower[i], exact.row_upper[i])
        for i in range(len(exact.rows))
    ]
    for name, step, low, high in steps:
        if (step < 0 and low is not None) or (step > 0 and high is not None):
            return f"{name} stops the direction"
    gain = exact.objective(ray) - exact.constant
    improves = gain < 0 if exact.minimize else gain > 0
    return "" if improves else f"the objective changes by {gain} along the direction"


def _combined(exact: ExactProgram, multipliers: Numbers) -> list[Fraction]:
    """Returns the weighted sum of the rows, its coefficient by column."""
    total = [_ZERO] * len(exact.cost)
    for row, weight in zip(exact.rows, multipliers, strict=True):
        if weight:
            for j, a in row.items():
                total[j] += weight * a
    return total


def _range(
    weights: Sequence[Fraction], lower: Sequence[Limit], upper: Sequence[Limit]
) -> tuple[Limit, Limit]:
    """Returns the least and the greatest value of weights z for z within limits."""
    low: Limit = _ZERO
    high: Limit = _ZERO
    for weight, lo, up in zip(weights, lower, upper, strict=True):
        if not weight:
            continue
        least, most = (lo, up) if weight > 0 else (up, lo)
        low = None if low is None or least is None else low + weight * least
        high = None if high is None or most is None else high + weight * most
    return low, high


def _apart(first: tuple[Limit, Limit], second: tuple[Limit, Limit]) -> bool:
    """Tells whether the first interval ends below the second."""
    return first[1] is not None and second[0] is not None and first[1] < second[0]


def _outside(value: Fraction, lower: Limit, upper: Limit) -> bool:
    return (lower is not None and value < lower) or (upper is not None and value > upper)
