"""Interval arithmetic over columns' bounds, and bounds that rows imply; big-M comes only from here.

All results hold for every point within the bounds; none is promised to be the tightest.
"""

from __future__ import annotations

import math

import numpy as np

from optiwright.formulators.lookup import Mask
from optiwright.solver_tools.program import Floats, Functions, Ints, Operation, Scalar

ROUNDS = 3
"""Passes over the rows when bounds are tightened; each lets one row use another's result."""


def interval(batch: Functions, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Return bounds on each function for columns within `lower` and `upper`."""
    low, high = batch.constant.copy(), batch.constant.copy()
    for row, terms in (
        (batch.row, linear_terms(batch.value, batch.column, lower, upper)),
        (batch.quadratic_row, _quadratic_terms(batch, lower, upper)),
    ):
        low += np.bincount(row, weights=terms[0], minlength=batch.count)
        high += np.bincount(row, weights=terms[1], minlength=batch.count)
    for at, value, operation in batch.operations:
        ends = _times((value, value), _operation(operation, lower, upper))
        low[at] += ends[0]
        high[at] += ends[1]
    return low, high


def linear_terms(
    value: Floats, column: Ints, lower: Floats, upper: Floats
) -> tuple[Floats, Floats]:
    """Return bounds on each term value * x[column]."""
    with np.errstate(invalid="ignore"):
        ends = value * lower[column], value * upper[column]
    # Zero times an infinite bound is zero.
    ends = np.where(value == 0, 0.0, ends[0]), np.where(value == 0, 0.0, ends[1])
    return np.minimum(*ends), np.maximum(*ends)


def tighten(
    rows: Functions,
    row_lower: Floats,
    row_upper: Floats,
    lower: Floats,
    upper: Floats,
    integer: Mask,
) -> tuple[Floats, Floats]:
    """Return column bounds that linear rows imply, never wider than those given."""
    lower, upper = lower.copy(), upper.copy()
    curved = np.zeros(rows.count, dtype=np.bool_)
    curved[rows.quadratic_row] = True
    curved[[row for row, _, _ in rows.operations]] = True
    use = ~curved[rows.row] & (np.abs(rows.value) > 1e-9)
    row, column, value = rows.row[use], rows.column[use], rows.value[use]
    if len(row) == 0:
        return lower, upper
    for _ in range(ROUNDS):
        before = lower.copy(), upper.copy()
        low, high = linear_terms(value, column, lower, upper)
        # What the other terms of the row can contribute at least and at most.
        rest_low = _rest(row, low, rows.count, -np.inf)
        rest_high = _rest(row, high, rows.count, np.inf)
        most = (row_upper[row] - rest_low) / value
        least = (row_lower[row] - rest_high) / value
        np.minimum.at(upper, column, np.where(value > 0, most, least))
        np.maximum.at(lower, column, np.where(value > 0, least, most))
        upper = np.where(integer, np.floor(upper + 1e-6), upper)
        lower = np.where(integer, np.ceil(lower - 1e-6), lower)
        if np.array_equal(before[0], lower) and np.array_equal(before[1], upper):
            break
    return lower, upper


def _rest(row: Ints, term: Floats, count: int, infinity: float) -> Floats:
    """Return, for each term, the sum of its row's other terms, `infinity` where one is infinite."""
    finite = np.isfinite(term)
    total = np.bincount(row, weights=np.where(finite, term, 0.0), minlength=count)
    infinite = np.bincount(row, weights=~finite, minlength=count)
    alone = infinite[row] - ~finite == 0
    return np.where(alone, total[row] - np.where(finite, term, 0.0), infinity)


def _quadratic_terms(batch: Functions, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    first, second = batch.quadratic_first, batch.quadratic_second
    with np.errstate(invalid="ignore"):
        corners = np.stack([a[first] * b[second] for a in (lower, upper) for b in (lower, upper)])
    corners = np.nan_to_num(corners, nan=0.0, posinf=np.inf, neginf=-np.inf)
    low, high = corners.min(axis=0), corners.max(axis=0)
    square = first == second
    crosses = (lower[first] < 0) & (upper[first] > 0)
    ends = np.minimum(lower[first] ** 2, upper[first] ** 2)
    low = np.where(square, np.where(crosses, 0.0, ends), low)
    value = batch.quadratic_value
    with np.errstate(invalid="ignore"):
        scaled = np.nan_to_num(np.stack([value * low, value * high]), posinf=np.inf, neginf=-np.inf)
    return scaled.min(axis=0), scaled.max(axis=0)


def _scalar(scalar: Scalar, lower: Floats, upper: Floats) -> tuple[float, float]:
    low = high = scalar.constant
    terms = [
        _times((value, value), (float(lower[column]), float(upper[column])))
        for column, value in scalar.linear
    ]
    for first, second, value in scalar.quadratic:
        one, two = ((float(lower[c]), float(upper[c])) for c in (first, second))
        terms.append(
            _times((value, value), _power(one, 2.0) if first == second else _times(one, two))
        )
    for value, operation in scalar.operations:
        terms.append(_times((value, value), _operation(operation, lower, upper)))
    for term in terms:
        low, high = low + term[0], high + term[1]
    return low, high


def _operation(operation: Operation, lower: Floats, upper: Floats) -> tuple[float, float]:
    ends = [_scalar(argument, lower, upper) for argument in operation.arguments]
    low, high = ends[0]
    match operation.op:
        case "exp":
            return (_exp(low), _exp(high))
        case "log":
            return (_log(low), _log(high))
        case "sqrt":
            return (math.sqrt(max(low, 0.0)), math.sqrt(max(high, 0.0)))
        case "sin" | "cos":
            return (-1.0, 1.0)
        case "abs":
            return (max(low, -high, 0.0), max(-low, high))
        case "mul":
            return _times(ends[0], ends[1])
        case "div":
            low, high = ends[1]
            if low <= 0 <= high:
                return (-math.inf, math.inf)
            return _times(ends[0], (1 / high, 1 / low))
        case "pow":
            exponent = ends[1]
            if exponent[0] == exponent[1]:
                return _power(ends[0], exponent[0])
    return (-math.inf, math.inf)


def _times(one: tuple[float, float], two: tuple[float, float]) -> tuple[float, float]:
    corners = [0.0 if a == 0 or b == 0 else a * b for a in one for b in two]
    return min(corners), max(corners)


def _power(base: tuple[float, float], exponent: float) -> tuple[float, float]:
    low, high = base
    even = exponent.is_integer() and exponent % 2 == 0
    if exponent < 0 or (low < 0 and not exponent.is_integer()):
        return (-math.inf, math.inf)
    ends = _raise(low, exponent), _raise(high, exponent)
    if even and low < 0 < high:
        return (0.0, max(ends))
    return min(ends), max(ends)


def _raise(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
