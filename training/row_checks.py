"""What can be told of a solved row without a further solve: untold numbers, idle decisions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optiwright.formulators.classify import Shape, formulation_class
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import number_uses
from optiwright.formulators.number_match import NumberUse, untold_values
from optiwright.formulators.phrases import label
from optiwright.solver_tools.program import Floats, Functions, Ints, Operation, Program

ZERO = 1e-9
_PLAIN = frozenset({0.5, 2.0})
"""Halves and doubles, which a text need not say in digits."""
_GEOMETRY = frozenset({3.0, 4.0})
"""Of a sphere or a box: what a shape has without a word, where a formulation is not linear."""


def untold_numbers(text: str, formulation: Formulation) -> list[NumberUse]:
    """Return the numbers of a formulation that its text does not have.

    `untold_values` says what counts as had. A number that was worked out from others is none: what
    a model learns from is to show how, as `15*60` does. Constants of geometry are no data.
    """
    linear = formulation_class(formulation).shape is Shape.LINEAR
    known = _PLAIN if linear else _PLAIN | _GEOMETRY
    return [
        use for use in untold_values(text, number_uses(formulation)) if abs(use.value) not in known
    ]


def does_nothing(program: Program, x: Floats, objective: float) -> bool:
    """Tell whether the best is to decide zero everywhere, for a value of zero."""
    own = ~_auxiliary(program)
    return abs(objective) <= ZERO and bool(np.all(np.abs(x[own]) <= ZERO))


def idle_decisions(program: Program, x: Floats) -> Iterator[str]:
    """Yield each decision that cannot matter, with why, as half a sentence.

    Three things are looked at, none of which needs a further solve. Its own bounds leave it one
    value. Nothing joins it with an objective, directly or through rows and the decisions in
    them, so that it has no bearing on the value whatever the data are. It is in no row and best at
    zero: it only costs, and nothing asks for it. A decision that is zero at the optimum for the
    sake of its data is none of these: not to build the second plant is an answer.
    """
    columns = program.columns
    rows, at = _incidence(program.rows)
    goals, goal_at = _incidence(program.objectives)
    count = len(program.row_lower)
    # One node a column, one a row, and one for all objectives.
    first = np.concatenate([at, goal_at])
    second = np.concatenate([columns + rows, np.full(len(goals), columns + count)])
    size = columns + count + 1
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    in_rows = np.zeros(columns, dtype=np.bool_)
    in_rows[at] = True
    auxiliary = _auxiliary(program)
    for column, (name, index) in enumerate(program.column_labels()):
        if auxiliary[column]:
            continue
        shown = f"`{label(name, index)}`"
        if program.lower[column] == program.upper[column]:
            yield f"{shown} can only be {program.lower[column]:g}"
        elif part[column] != part[-1]:
            yield f"nothing joins {shown} with the objective"
        elif not in_rows[column] and abs(x[column]) <= ZERO:
            yield f"{shown} is in no requirement and best at zero"


def _auxiliary(program: Program) -> npt.NDArray[np.bool_]:
    own = np.zeros(program.columns, dtype=np.bool_)
    for block in program.column_blocks:
        own[block.start : block.stop] = block.auxiliary
    return own


def _incidence(functions: Functions) -> tuple[Ints, Ints]:
    """Return which function has which column in it: two arrays of equal length."""
    linear = functions.value != 0
    quadratic = functions.quadratic_value != 0
    rows = [functions.row[linear], *[functions.quadratic_row[quadratic]] * 2]
    columns = [
        functions.column[linear],
        functions.quadratic_first[quadratic],
        functions.quadratic_second[quadratic],
    ]
    for row, _, operation in functions.operations:
        found = np.array([*_columns_of(operation)], dtype=np.int64)
        rows.append(np.full(len(found), row, dtype=np.int64))
        columns.append(found)
    return np.concatenate(rows), np.concatenate(columns)


def _columns_of(operation: Operation) -> Iterator[int]:
    for argument in operation.arguments:
        yield from (column for column, _ in argument.linear)
        for first, second, _ in argument.quadratic:
            yield from (first, second)
        for _, inner in argument.operations:
            yield from _columns_of(inner)
