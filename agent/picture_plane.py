"""Two decisions as a plane: what holds where, corners, lines, curves by sampling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from optiwright.solver_tools.program import Floats, Operation, Scalar

Point: TypeAlias = tuple[float, float]
Segment: TypeAlias = tuple[Point, Point]

FINE = 72
"""Samples along each side of a box."""
_NEAR = 1e-6
_MOST_LINES = 120


@dataclass(frozen=True)
class Box:
    """A part of the plane."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def corners(self) -> list[Point]:
        """Its corners in turn."""
        return [
            (self.left, self.bottom),
            (self.right, self.bottom),
            (self.right, self.top),
            (self.left, self.top),
        ]

    def grid(self) -> tuple[Floats, Floats]:
        """Return both coordinates of `FINE` by `FINE` points, shape (FINE, FINE) each."""
        x, y = np.meshgrid(
            np.linspace(self.left, self.right, FINE), np.linspace(self.bottom, self.top, FINE)
        )
        return x, y

    def grown(self, share: float) -> Box:
        """Return it with so much more on each side."""
        dx = share * (self.right - self.left)
        dy = share * (self.top - self.bottom)
        return Box(self.left - dx, self.right + dx, self.bottom - dy, self.top + dy)


@dataclass(frozen=True)
class Limit:
    """A function of the two decisions that stays between two ends, which may be infinite."""

    name: str
    """Of the constraint with its index; empty for a bound that is an axis."""
    words: str
    function: Scalar
    low: float
    high: float

    @property
    def linear(self) -> bool:
        """Whether its edges are straight."""
        return not self.function.quadratic and not self.function.operations

    @property
    def slope(self) -> Point:
        """Both coefficients of a linear one."""
        found = [0.0, 0.0]
        for column, value in self.function.linear:
            found[column] += value
        return found[0], found[1]

    @property
    def ends(self) -> list[float]:
        """The ends that there are, each once."""
        return [e for e in dict.fromkeys((self.low, self.high)) if math.isfinite(e)]

    def holds(self, x: Floats, y: Floats) -> Floats:
        """Return where it holds, as 1 and 0, within a tolerance."""
        value = values(self.function, x, y)
        room = _NEAR * np.maximum(1.0, np.abs(value))
        return np.asarray((value >= self.low - room) & (value <= self.high + room), dtype=float)

    def tight(self, point: Point) -> bool:
        """Whether a point lies on one of its edges."""
        value = float(values(self.function, np.asarray(point[0]), np.asarray(point[1])))
        return any(abs(value - end) <= _NEAR * max(1.0, abs(end)) for end in self.ends)


def values(function: Scalar, x: Floats, y: Floats) -> Floats:
    """Return a function's values at points, NaN outside its domain."""
    at = (x, y)
    total = np.full(np.shape(x), function.constant)
    for column, value in function.linear:
        total = total + value * at[column]
    for first, second, value in function.quadratic:
        total = total + value * at[first] * at[second]
    for value, operation in function.operations:
        total = total + value * _operation(operation, x, y)
    return total


def _operation(operation: Operation, x: Floats, y: Floats) -> Floats:
    parts = [values(argument, x, y) for argument in operation.arguments]
    match operation.op:
        case "pow":
            return np.asarray(np.power(parts[0], parts[1]))
        case "div":
            return np.asarray(parts[0] / parts[1])
        case "mul":
            return np.asarray(parts[0] * parts[1])
        case name:
            plain = {
                "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
                "abs": np.abs,
            }  # fmt: skip
            return np.asarray(plain[name](parts[0]))


def all_hold(limits: Sequence[Limit], x: Floats, y: Floats) -> Floats:
    """Return where all limits hold, as 1 and 0; everywhere without any."""
    holding = np.ones(np.shape(x))
    for limit in limits:
        holding = holding * limit.holds(x, y)
    return holding


def clipped(polygon: Sequence[Point], slope: Point, end: float) -> list[Point]:
    """Return the part of a convex polygon with `slope . p <= end` (Sutherland and Hodgman)."""
    room = 1e-9 * max(1.0, abs(end))
    over = [slope[0] * x + slope[1] * y - end for x, y in polygon]
    kept: list[Point] = []
    for k, point in enumerate(polygon):
        before, was, now = polygon[k - 1], over[k - 1], over[k]
        if (was > room) != (now > room):
            t = was / (was - now)
            kept.append(
                (before[0] + t * (point[0] - before[0]), before[1] + t * (point[1] - before[1]))
            )
        if now <= room:
            kept.append(point)
    return kept


def feasible_polygon(limits: Sequence[Limit], box: Box) -> list[Point]:
    """Return the corners of what linear limits allow within a box, in turn."""
    polygon = box.corners
    for limit in limits:
        a, b = limit.slope
        if math.isfinite(limit.high):
            polygon = clipped(polygon, (a, b), limit.high - limit.function.constant)
        if math.isfinite(limit.low):
            polygon = clipped(polygon, (-a, -b), limit.function.constant - limit.low)
    near = 1e-7 * max(box.right - box.left, box.top - box.bottom)
    apart: list[Point] = []
    for point in polygon:
        if all(math.dist(point, other) > near for other in apart):
            apart.append(point)
    return apart


def line_in(slope: Point, end: float, box: Box) -> Segment | None:
    """Return the part of the line `slope . p == end` within a box; None where it misses it."""
    below = clipped(box.corners, slope, end)
    both = clipped(below, (-slope[0], -slope[1]), -end) if below else []
    if len(both) < 2:
        return None
    one = both[0]
    other = max(both, key=lambda p: math.dist(p, one))
    return (one, other) if math.dist(one, other) > 0 else None


def corners_of(limits: Sequence[Limit]) -> list[Point] | None:
    """Return the points where two edges of linear limits meet and all hold; None if too many."""
    lines = [(limit.slope, end - limit.function.constant) for limit in limits for end in limit.ends]
    if len(lines) > _MOST_LINES:
        return None
    found: list[Point] = []
    for k, ((a, b), e) in enumerate(lines):
        for (c, d), f in lines[:k]:
            det = a * d - b * c
            if abs(det) > 1e-12 * math.hypot(a, b) * math.hypot(c, d):
                found.append(((e * d - b * f) / det, (a * f - e * c) / det))
    if not found:
        return []
    x, y = np.array(found).T
    holding = all_hold(limits, x, y)
    return [p for p, ok in zip(found, holding, strict=True) if ok]


def level_segments(function: Scalar, level: float, box: Box) -> list[Segment]:
    """Return pieces of the curve on which a function has a value (marching squares)."""
    x, y = box.grid()
    found: list[Segment] = []
    over = values(function, x, y) - level
    for j in range(FINE - 1):
        for k in range(FINE - 1):
            square = [(j, k), (j, k + 1), (j + 1, k + 1), (j + 1, k)]
            if not all(np.isfinite(over[p]) for p in square):
                continue
            crossed = [
                _crossing(x, y, over, one, other)
                for one, other in pairwise([*square, square[0]])
                if (over[one] > 0) != (over[other] > 0)
            ]
            found += [(crossed[i], crossed[i + 1]) for i in range(0, len(crossed) - 1, 2)]
    return found


def _crossing(
    x: Floats, y: Floats, over: Floats, one: tuple[int, int], other: tuple[int, int]
) -> Point:
    t = float(over[one] / (over[one] - over[other]))
    return (
        float(x[one] + t * (x[other] - x[one])),
        float(y[one] + t * (y[other] - y[one])),
    )


def sampled(limits: Sequence[Limit], box: Box) -> Floats:
    """Return where all limits hold on a box's grid, as 1 and 0, shape (FINE, FINE)."""
    x, y = box.grid()
    return all_hold(limits, x, y)


def sampled_box(limits: Sequence[Limit], best: Point) -> Box | None:
    """Return a box that holds what limits allow, as far as it has an end near the best point."""
    reach = max(1.0, *(abs(v) for v in best))
    box = Box(best[0] - 2 * reach, best[0] + 2 * reach, best[1] - 2 * reach, best[1] + 2 * reach)
    for _ in range(4):
        inside = sampled(limits, box)
        if not inside.any():
            break
        found = _around(inside, box)
        if not _touches(inside):
            return found
        box = box.grown(0.5)
    inside = sampled(limits, box)
    return _around(inside, box) if inside.any() else box.grown(-0.4)


def _around(inside: Floats, box: Box) -> Box:
    """Return the part of a box in which samples are inside, with a sample's width around it."""
    dx, dy = (box.right - box.left) / (FINE - 1), (box.top - box.bottom) / (FINE - 1)
    across, up = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    return Box(
        box.left + (float(across[0]) - 1) * dx,
        box.left + (float(across[-1]) + 1) * dx,
        box.bottom + (float(up[0]) - 1) * dy,
        box.bottom + (float(up[-1]) + 1) * dy,
    )


def _touches(inside: Floats) -> bool:
    edges = (inside[0], inside[-1], inside[:, 0], inside[:, -1])
    return any(bool(edge.any()) for edge in edges)
