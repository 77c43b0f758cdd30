"""Piecewise linear relations to rows.

A single piece is a line. Where the value is a continuous variable that the rest of the program
only pushes towards a convex (or concave) function, the pieces' lines are enough. Else each piece
gets a binary and two weights of its own (disaggregated convex combination: Vielma, Ahmed and
Nemhauser 2010, doi:10.1287/opre.1090.0721), which needs no big-M and allows jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.grounding import Clause
from optiwright.formulators.model import Piecewise
from optiwright.formulators.parser import parse_expression
from optiwright.solver_tools.batches import add, collect, columns_at, constants, scale
from optiwright.solver_tools.compile_terms import Context, Terms
from optiwright.solver_tools.pressure import Pressure
from optiwright.solver_tools.program import Floats, Functions, Ints, Kind


@dataclass(frozen=True)
class Curve:
    """A piecewise constraint with its sides expanded."""

    rank: int
    name: str
    clause: Clause
    argument: Functions
    value: Functions
    points: Floats
    """Shape (2, pieces, 2), as `pieces_of` gives them."""


def curve(context: Context, constraint: Piecewise, clause: Clause) -> Curve:
    """Expand the two sides of a piecewise constraint.

    Raises:
        FormulationError: if a side cannot be expanded, or the points make no function.
    """
    title = f"constraint `{constraint.name}`"
    argument, value = (
        Terms(context, constraint.name, title, source).expand(
            parse_expression(source), clause.frame, 0
        )
        for source in (constraint.argument, constraint.value)
    )
    pieces = pieces_of(constraint)
    return Curve(context.builder.rank, constraint.name, clause, argument, value, pieces)


def pieces_of(constraint: Piecewise) -> Floats:
    """Return argument and value at both ends of each piece, shape (2, pieces, 2).

    A jump between two pieces is no piece; where one stands at an end of the function, its outer
    point is a piece of no length.

    Raises:
        FormulationError: if the points' arguments fall, three of them or all are equal, or two
            points lie too far apart.
    """
    where = f"constraint `{constraint.name}`"
    points = np.array(constraint.points).T
    with np.errstate(over="ignore"):
        steps = np.diff(points)
    run = steps[0]
    thrice = (run[1:] == 0) & (run[:-1] == 0)
    if (run < 0).any() or thrice.any():
        raise FormulationError(
            "the arguments of the points must increase; equal ones, a jump, come in pairs",
            where=where,
            remedy="Sort the points by their argument.",
        )
    if not run.any():
        raise FormulationError("all points have the same argument", where=where)
    if not np.isfinite(steps).all():
        raise FormulationError("the points lie too far apart", where=where, remedy="Rescale them.")
    pieces = np.stack([points[:, :-1], points[:, 1:]], axis=2)
    kept = run > 0
    for jump, inner, outer in ((0, 1, 0), (-1, 0, 1)):
        if run[jump] == 0 and steps[1, jump] != 0:
            pieces[:, jump, inner] = pieces[:, jump, outer]
            kept[jump] = True
    return pieces[:, kept]


def add_curves(context: Context, curves: Sequence[Curve], pressure: Pressure) -> None:
    """Add the rows of all piecewise constraints, the rest of the program being known."""
    for each in curves:
        context.builder.rank = each.rank
        if _jumps(each.points):
            _add_choice(context, each)
            continue
        lines = _lines(each.points)
        ends = each.points[0, 0, 0], each.points[0, -1, 1]
        if len(lines) == 1:
            _add_row(context, each, _off_line(each, *lines[0]), 0.0, 0.0)
            context.builder.add_own_rows(each.name, each.argument, *ends)
            continue
        shape = _shape(lines)
        if shape and pressure.pushes(each.value, shape, float((each.points[1] * shape).min())):
            low, high = (0.0, np.inf) if shape > 0 else (-np.inf, 0.0)
            for line in lines:
                _add_row(context, each, _off_line(each, *line), low, high)
            context.builder.add_own_rows(each.name, each.argument, *ends)
        else:
            _add_choice(context, each)


def _add_row(context: Context, each: Curve, body: Functions, lower: float, upper: float) -> None:
    context.builder.add_rows(each.name, each.clause.domain.indices, body, lower, upper)


def _jumps(points: Floats) -> bool:
    return bool((points[1, :-1, 1] != points[1, 1:, 0]).any())


def _lines(points: Floats) -> list[tuple[float, float]]:
    """Return slope and intercept of each piece, no jumps; neighbours on one line count once."""
    x, y = points
    lines: list[tuple[float, float]] = []
    for k in range(x.shape[0]):
        slope = (y[k, 1] - y[k, 0]) / (x[k, 1] - x[k, 0])
        line = (float(slope), float(y[k, 0] - slope * x[k, 0]))
        if k == 0 or not np.isclose(slope, lines[-1][0], rtol=1e-12):
            lines.append(line)
    return lines


def _shape(lines: Sequence[tuple[float, float]]) -> int:
    """Return 1 if a function without jumps is convex, -1 if concave, 0 if neither."""
    slopes = np.diff([slope for slope, _ in lines])
    return 1 if (slopes > 0).all() else -1 if (slopes < 0).all() else 0


def _off_line(each: Curve, slope: float, intercept: float) -> Functions:
    """Return value - slope * argument - intercept."""
    body = add([each.value, scale(each.argument, -slope)])
    return add([body, constants(np.asarray(-intercept), body.count)])


def _add_choice(context: Context, each: Curve) -> None:
    """Add a binary and two weights a piece, and the rows that tie argument and value to them."""
    builder, count = context.builder, each.argument.count
    pieces = each.points.shape[1]
    rows: Ints = np.repeat(np.arange(count), pieces)
    chosen = columns_at(
        builder.add_auxiliary(f"piece_{each.name}", count * pieces, 0.0, 1.0, Kind.INTEGER)
    )
    weights = [
        columns_at(builder.add_auxiliary(f"weight_{each.name}", count * pieces, 0.0, 1.0))
        for _ in range(2)
    ]
    builder.add_own_rows(each.name, add([*weights, scale(chosen, -1.0)]), 0.0, 0.0)
    builder.add_own_rows(each.name, collect(chosen, rows, count), 1.0, 1.0)
    sides = []
    for side, table in zip((each.argument, each.value), each.points, strict=True):
        parts = [scale(weights[end], -np.tile(table[:, end], count)) for end in range(2)]
        sides.append(add([side, *(collect(part, rows, count) for part in parts)]))
    builder.add_own_rows(each.name, sides[0], 0.0, 0.0)
    _add_row(context, each, sides[1], 0.0, 0.0)
