"""What a point breaks in a model that was read into a `Program`: linear rows and curved ones.

For libraries whose models can be read term by term: highspy, pyscipopt and `pywraplp`. What can
still be met is found by SCIP, in a program in which every open row may be missed on either side.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optiwright.solver_tools import scip
from optiwright.solver_tools.arithmetic import first_objective, function_values, scalar_of
from optiwright.solver_tools.batches import add, columns_at, gather, scale
from optiwright.solver_tools.program import Functions, Kind, Program, functions
from optiwright.solver_tools.scalar_text import relation_text, scalar_text
from optiwright.solver_tools.solution import Limits as Allowed
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.written_breaches import Limits, Row, beyond, size_of, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from optiwright.solver_tools.program import Floats, Operation, Scalar
    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch


def probe_program(
    program: Program, row_names: Sequence[str], point: Point, watch: Watch
) -> ProbeReport:
    """Returns what a point breaks in a program.

    Args:
        program: the model; its first objective is the goal.
        row_names: of each row, empty for one that has none.
        point: names and values of the columns.
        watch: how long the search may take.

    Raises:
        ChangedModelError: the point has another number of columns.
    """
    point.require(program.columns)
    x = np.array([np.nan if value is None else value for value in point.values])
    given = np.where(np.isnan(x), 0.0, x)
    is_open = _touching(program.rows, np.isnan(x))
    bodies = function_values(program.rows, given)
    rows = [
        _row(program, number, name, point, None if is_open[number] else bodies[number])
        for number, name in zip(range(program.rows.count), row_names, strict=True)
    ]
    objective = first_objective(program)
    goal = None if _touching(objective, np.isnan(x))[0] else function_values(objective, given)[0]
    return told(
        point,
        _limits(program),
        rows,
        lambda left: _at_best(program, x, left, watch),
        goal,
        all_told=True,
    )


def _row(program: Program, number: int, name: str, point: Point, body: float | None) -> Row:
    low, high = float(program.row_lower[number]), float(program.row_upper[number])

    def text() -> str:
        return relation_text(scalar_text(scalar_of(program.rows, number), point.names), low, high)

    return Row(
        name or f"constraint {number + 1}",
        text,
        body if body is None or math.isnan(body) else beyond(float(body), low, high),
        size_of(low, high),
        number,
    )


def _limits(program: Program) -> list[Limits]:
    entries = zip(program.lower, program.upper, program.kind, strict=True)
    return [
        Limits(float(low), float(high), kind == Kind.INTEGER, kind == Kind.SEMICONTINUOUS)
        for low, high, kind in entries
    ]


def _touching(batch: Functions, columns: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Returns which functions have one of the marked columns in them, shape (count,)."""
    found = np.zeros(batch.count, dtype=bool)
    found[batch.row[columns[batch.column] & (batch.value != 0)]] = True
    pairs = columns[batch.quadratic_first] | columns[batch.quadratic_second]
    found[batch.quadratic_row[pairs]] = True
    for row, _, operation in batch.operations:
        found[row] |= _has(operation, columns)
    return found


def _has(operation: Operation, columns: npt.NDArray[np.bool_]) -> bool:
    return any(_scalar_has(argument, columns) for argument in operation.arguments)


def _scalar_has(scalar: Scalar, columns: npt.NDArray[np.bool_]) -> bool:
    return (
        any(columns[column] for column, _ in scalar.linear)
        or any(columns[i] or columns[j] for i, j, _ in scalar.quadratic)
        or any(_has(operation, columns) for _, operation in scalar.operations)
    )


def _at_best(program: Program, x: Floats, rows: list[Row], watch: Watch) -> list[Row]:
    """Returns the rows with what is missed of each where the total is least and proved so."""
    raw = scip.solve(
        _elastic(program, x, np.array([row.source for row in rows])),
        Allowed(time.monotonic() + watch.seconds),
    )
    if raw.x is None or raw.termination is not Termination.OPTIMAL:
        return []
    short, over = np.split(raw.x[program.columns :], 2)
    return [replace(row, excess=float(short[n] + over[n])) for n, row in enumerate(rows)]


def _elastic(program: Program, x: Floats, rows: npt.NDArray[np.int64]) -> Program:
    """Returns the program with the known columns fixed, these rows only, and a price on a miss.

    Two columns a row are added behind the program's own: first by how much each falls short, then
    by how much each is over.
    """
    count, start = len(rows), program.columns
    known = ~np.isnan(x)
    short = columns_at(np.arange(start, start + count))
    over = columns_at(np.arange(start + count, start + 2 * count))
    misses = np.arange(start, start + 2 * count)
    price = functions(
        1, row=np.zeros(2 * count, dtype=np.int64), column=misses, value=np.ones(2 * count)
    )
    kind = np.where(known, Kind.CONTINUOUS, program.kind)
    return Program(
        lower=np.concatenate([np.where(known, x, program.lower), np.zeros(2 * count)]),
        upper=np.concatenate([np.where(known, x, program.upper), np.full(2 * count, np.inf)]),
        kind=np.concatenate([kind, np.full(2 * count, Kind.CONTINUOUS)]).astype(np.uint8),
        column_blocks=(),
        rows=add([gather(program.rows, rows), short, scale(over, -1.0)]),
        row_lower=program.row_lower[rows],
        row_upper=program.row_upper[rows],
        row_blocks=(),
        objectives=price,
        minimize=(True,),
        tolerances=(0.0,),
    )
