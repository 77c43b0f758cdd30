"""Why a program has no best point: a direction in which it improves for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optiwright.solver_tools import highs
from optiwright.solver_tools.arithmetic import first_objective, matrix
from optiwright.solver_tools.batches import stack
from optiwright.solver_tools.program import Block, Program, functions
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program

if TYPE_CHECKING:
    from optiwright.formulators.lookup import Mask
    from optiwright.formulators.model import Index
    from optiwright.solver_tools.program import Floats

_BOX = 1e6
_STILL_FAR = 0.5
"""Share of the improvement in the box that a direction keeps without a variable it can spare."""
_MOVES = 1e-6
_MOST_TRIALS = 12


@dataclass(frozen=True)
class Growth:
    """A variable that grows without limit while the objective improves, and how fast."""

    name: str
    index: Index
    rate: float
    """Relative to the fastest; its sign is the direction."""


@dataclass(frozen=True)
class Runaway:
    """A direction in which the objective improves for ever; empty if none was found in time."""

    moving: tuple[Growth, ...]
    """The fastest first."""
    slope: float | None
    """Change of the objective for one unit of the fastest; None where it is not constant."""


def runaway_job(program: Program, time_limit_s: float = 30) -> Runaway:
    """Run `runaway` in a worker of the pool."""
    return runaway(program, time_limit_s)


def runaway(program: Program, time_limit_s: float = 30) -> Runaway:
    """Find a direction in which an unbounded program improves for ever, with little moving.

    Linear rows: of the directions that no row, bound or curvature stops, the one that improves by
    one with the least movement in all, an LP (integer columns included, their data being rational).
    Else the open bounds are closed at a million, the variables taken that reach them, and those
    left out again without which the objective is as far.
    """
    if program.rows.is_linear and not program.objectives.operations:
        direction, none_exists = _thinnest(program, time_limit_s)
        if direction is not None:
            return _named(program, direction, _slope(program, direction))
        if none_exists and program.objectives.is_linear:
            return Runaway((), None)
    return _named(program, _boxed(program, time_limit_s), None)


def _thinnest(program: Program, time_limit_s: float) -> tuple[Floats | None, bool]:
    """Returns the direction of least total movement that improves the objective by one.

    None without one, and whether that was shown.

    Over d = up - down, both at least 0, with the recession cone's rows and bounds.
    """
    cone = highs.recession(program)
    size = program.columns
    rows = stack([cone.rows, first_objective(cone)])
    gain = -1.0 if program.minimize[0] else 1.0
    mirrored = functions(
        rows.count,
        row=np.concatenate([rows.row, rows.row]),
        column=np.concatenate([rows.column, rows.column + size]),
        value=np.concatenate([rows.value, -rows.value]),
    )
    both = np.arange(2 * size)
    split = replace(
        cone,
        lower=np.zeros(2 * size),
        upper=np.where(np.concatenate([cone.upper, -cone.lower]) > 0, np.inf, 0.0),
        kind=np.zeros(2 * size, dtype=np.uint8),
        column_blocks=(Block("_d", 0, [(int(k),) for k in both]),),
        rows=mirrored,
        row_lower=np.append(cone.row_lower, gain),
        row_upper=np.append(cone.row_upper, gain),
        objectives=functions(1, row=both * 0, column=both, value=np.ones(2 * size)),
        minimize=(True,),
    )
    raw = solve_program(split, time_limit_s=time_limit_s)
    if raw.termination is not Termination.OPTIMAL or raw.x is None:
        return None, raw.termination is Termination.INFEASIBLE
    return raw.x[:size] - raw.x[size:], False


def _slope(program: Program, direction: Floats) -> float | None:
    """Returns the objective's change for one unit of the fastest column; None if it is curved."""
    objective = first_objective(program)
    fastest = float(np.abs(direction).max(initial=0.0))
    if len(objective.quadratic_row) or not fastest:
        return None
    return float((matrix(objective, program.columns) @ direction)[0] / fastest)


def _boxed(program: Program, time_limit_s: float) -> Floats:
    """Returns the point's columns that reach the box in which the open bounds are closed."""
    nothing = np.zeros(program.columns)
    lower_open, upper_open = ~np.isfinite(program.lower), ~np.isfinite(program.upper)
    limit = time_limit_s / 3
    far = _within(program, lower_open, upper_open, np.full(program.columns, _BOX), limit)
    if far is None:
        return nothing
    x, reached = far
    moving = (lower_open & (x <= -_BOX / 2)) | (upper_open & (x >= _BOX / 2))
    goal = _STILL_FAR * abs(reached)
    for column in np.flatnonzero(moving)[:_MOST_TRIALS]:
        held = np.where(moving, _BOX, 1.0)
        held[column] = 1.0
        without = _within(program, lower_open, upper_open, held, limit / _MOST_TRIALS)
        if without is not None and abs(without[1]) >= goal:
            moving[column] = False
            x = without[0]
    return np.where(moving, np.sign(x), 0.0)


def _within(
    program: Program, lower_open: Mask, upper_open: Mask, reach: Floats, time_limit_s: float
) -> tuple[Floats, float] | None:
    """Returns the best point and value with open bounds closed at the reach; None without one."""
    boxed = replace(
        program,
        lower=np.where(lower_open, np.minimum(-reach, program.upper), program.lower),
        upper=np.where(upper_open, np.maximum(reach, program.lower), program.upper),
    )
    raw = solve_program(boxed, time_limit_s=time_limit_s)
    return None if raw.x is None or raw.objective is None else (raw.x, raw.objective)


def _named(program: Program, direction: Floats, slope: float | None) -> Runaway:
    fastest = float(np.abs(direction).max(initial=0.0))
    moving = [
        Growth(name, index, float(rate / fastest))
        for (name, index), rate in zip(program.column_labels(), direction, strict=True)
        if fastest and abs(rate) > _MOVES * fastest and not name.startswith("_")
    ]
    return Runaway(tuple(sorted(moving, key=lambda item: -abs(item.rate))), slope)
