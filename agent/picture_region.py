"""The feasible region of two decisions: what the limits allow, the best point, and why there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optiwright.agent.picture_parts import Decided, Picture
from optiwright.agent.picture_plane import (
    Box,
    Limit,
    Point,
    corners_of,
    feasible_polygon,
    sampled_box,
)
from optiwright.agent.picture_region_drawn import Region
from optiwright.agent.result import Result
from optiwright.agent.told_point import plain
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.figures import amount
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.phrases import label
from optiwright.solver_tools.batches import scalars
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.program import Kind, Program, Scalar

_MOST_ROWS = 200
_LARGEST = 1e12


def region(result: Result, decided: Sequence[Decided]) -> Picture | None:
    """Return the feasible region of a result with exactly two decisions, both numbers.

    Straight limits are drawn exactly, others by sampling; None where the limits are no functions
    of the two alone, or there is nothing to see.
    """
    f = result.formulation
    if f is None or len(decided) != 2 or len(f.variables) != 2:
        return None
    if any(d.heads or d.yes_no for d in decided):
        return None
    best = (decided[0].values[()], decided[1].values[()])
    if max(map(abs, best)) > _LARGEST:
        return None
    try:
        program = compile_program(ground(f))
    except OptiwrightError:  # what it rests on, such as tables, is not at hand
        return None
    if program.columns != 2 or program.rows.count > _MOST_ROWS:
        return None
    if program.globals or bool((program.kind == Kind.SEMICONTINUOUS).any()):
        return None
    with np.errstate(all="ignore"):
        return _drawn(f, program, decided, best)


def _drawn(
    f: Formulation, program: Program, decided: Sequence[Decided], best: Point
) -> Picture | None:
    limits = _limits(f, program, decided)
    linear = all(limit.linear for limit in limits)
    found = _box(limits, best) if linear else sampled_box(limits, best)
    box = None if found is None else _with_room(found, program)
    if box is None or not _fit(box):
        return None
    drawn = Region(f, program, tuple(decided), best, limits, linear, box)
    return Picture(kind="region", title=drawn.title, svg=drawn.svg(), alt=drawn.alt())


def _limits(f: Formulation, program: Program, decided: Sequence[Decided]) -> list[Limit]:
    """Return rows and bounds; what neither decision moves is left out."""
    meaning = {c.name: _meaning(c.description, c) for c in f.constraints}
    functions = scalars(program.rows)
    found = [
        Limit(label(name, index), meaning.get(name, ""), function, low, high)
        for (name, index), function, low, high in zip(
            program.row_labels(),
            functions,
            program.row_lower.tolist(),
            program.row_upper.tolist(),
            strict=True,
        )
    ]
    for k, d in enumerate(decided):
        low, high = float(program.lower[k]), float(program.upper[k])
        function = Scalar(linear=((k, 1.0),))
        if math.isfinite(low):
            shown = "" if low == 0 else f"{d.title} at least {amount(low, d.unit)}"
            found.append(Limit(shown, "", function, low, math.inf))
        if math.isfinite(high):
            shown = f"{d.title} at most {amount(high, d.unit)}"
            found.append(Limit(shown, "", function, -math.inf, high))
    return [limit for limit in found if not limit.linear or any(limit.slope)]


def _meaning(description: str, constraint: object) -> str:
    source = constraint.expression if isinstance(constraint, Algebraic) else ""
    return plain(description or source)


def _box(limits: Sequence[Limit], best: Point) -> Box | None:
    """Return a box around the corners of what straight limits allow, and more if it is open."""
    corners = corners_of(limits)
    if corners is None:
        return None
    points = [*corners, best]
    xs, ys = zip(*points, strict=True)
    left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
    width, height = right - left, top - bottom
    width = width or abs(right) or height or 1.0
    height = height or abs(top) or width or 1.0
    wide = Box(left - 0.6 * width, right + 0.6 * width, bottom - 0.6 * height, top + 0.6 * height)
    polygon = feasible_polygon(limits, wide)
    if not polygon:
        return Box(left, left + width, bottom, bottom + height)
    xs, ys = zip(*polygon, strict=True)
    shown = Box(min(xs), max(xs), min(ys), max(ys))
    return Box(
        shown.left,
        shown.right if shown.right > shown.left else shown.left + width,
        shown.bottom,
        shown.top if shown.top > shown.bottom else shown.bottom + height,
    )


def _with_room(box: Box, program: Program) -> Box:
    """Return a box with a margin, and with the axes where they are the bounds and are near."""
    left = _from_zero(box.left, box.right, float(program.lower[0]))
    bottom = _from_zero(box.bottom, box.top, float(program.lower[1]))
    return replace(box, left=left, bottom=bottom).grown(0.08)


def _from_zero(low: float, high: float, bound: float) -> float:
    return 0.0 if bound == 0 and 0 < low < 2 * (high - low) else low


def _fit(box: Box) -> bool:
    ends = (box.left, box.right, box.bottom, box.top)
    if not all(math.isfinite(e) and abs(e) <= 10 * _LARGEST for e in ends):
        return False
    return all(
        high - low > 1e-9 * max(1.0, abs(low), abs(high)) or high - low > 1e-9
        for low, high in ((box.left, box.right), (box.bottom, box.top))
    )
