"""Small compiled programs written by hand, for the tests of the solver back ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from optiwright.solver_tools.program import (
    Block,
    Functions,
    Kind,
    Operation,
    Program,
    Scalar,
    functions,
)

INF = float("inf")


def batch(*scalars: Scalar) -> Functions:
    """Returns the scalars as one batch of functions."""
    linear = [(row, *term) for row, scalar in enumerate(scalars) for term in scalar.linear]
    quadratic = [(row, *term) for row, scalar in enumerate(scalars) for term in scalar.quadratic]
    row, column, value = zip(*linear, strict=True) if linear else ((), (), ())
    at, first, second, factor = zip(*quadratic, strict=True) if quadratic else ((), (), (), ())
    return functions(
        len(scalars),
        constant=np.array([scalar.constant for scalar in scalars], dtype=float),
        row=np.array(row, dtype=np.int64),
        column=np.array(column, dtype=np.int64),
        value=np.array(value, dtype=float),
        quadratic_row=np.array(at, dtype=np.int64),
        quadratic_first=np.array(first, dtype=np.int64),
        quadratic_second=np.array(second, dtype=np.int64),
        quadratic_value=np.array(factor, dtype=float),
        operations=tuple((r, *t) for r, scalar in enumerate(scalars) for t in scalar.operations),
    )


def program(
    objective: Scalar | list[Scalar],
    rows: list[tuple[float, Scalar, float]] | None = None,
    *,
    lower: list[float],
    upper: list[float] | None = None,
    kind: list[Kind] | None = None,
    minimize: bool | tuple[bool, ...] = True,
    tolerances: tuple[float, ...] | None = None,
    column_blocks: tuple[Block, ...] | None = None,
    row_blocks: tuple[Block, ...] | None = None,
) -> Program:
    """Returns a program over columns `x[0], x[1], ...` with rows `c[0], c[1], ...`."""
    rows = rows or []
    objectives = objective if isinstance(objective, list) else [objective]
    count = len(lower)
    return Program(
        lower=np.array(lower, dtype=float),
        upper=np.array(upper or [INF] * count, dtype=float),
        kind=np.array(kind or [Kind.CONTINUOUS] * count, dtype=np.uint8),
        column_blocks=column_blocks or (Block("x", 0, [(i,) for i in range(count)]),),
        rows=batch(*(scalar for _, scalar, _ in rows)),
        row_lower=np.array([low for low, _, _ in rows], dtype=float),
        row_upper=np.array([high for _, _, high in rows], dtype=float),
        row_blocks=row_blocks or (Block("c", 0, [(i,) for i in range(len(rows))]),),
        objectives=batch(*objectives),
        minimize=minimize if isinstance(minimize, tuple) else (minimize,) * len(objectives),
        tolerances=tolerances or (0.0,) * len(objectives),
    )


def affine(*coefficients: float, constant: float = 0.0) -> Scalar:
    """Returns the sum of coefficients[j] * x[j]."""
    return Scalar(constant, tuple((j, float(c)) for j, c in enumerate(coefficients) if c))


def column(j: int, coefficient: float = 1.0, constant: float = 0.0) -> Scalar:
    """Returns coefficient * x[j] + constant."""
    return Scalar(constant, ((j, coefficient),))


def applied(op: Any, *arguments: Scalar | float, times: float = 1.0) -> Scalar:
    """Returns times * op(arguments)."""
    scalars = tuple(a if isinstance(a, Scalar) else Scalar(float(a)) for a in arguments)
    return Scalar(operations=((times, Operation(op, scalars)),))


def plus(*scalars: Scalar) -> Scalar:
    """Returns the sum."""
    return Scalar(
        sum(s.constant for s in scalars),
        tuple(term for s in scalars for term in s.linear),
        tuple(term for s in scalars for term in s.quadratic),
        tuple(term for s in scalars for term in s.operations),
    )


def furniture() -> Program:
    """Maximise 3 x0 + 5 x1: optimum 36 at (2, 6), duals 0, 1.5, 1."""
    return program(
        affine(3, 5),
        [(-INF, affine(1), 4), (-INF, affine(0, 2), 12), (-INF, affine(3, 2), 18)],
        lower=[0, 0],
        minimize=False,
    )


def contradiction() -> Program:
    """x0 + x1 >= 3 against x0 <= 1 (a bound) and x1 <= 1 (a row); a third row has no part."""
    rows = [(3.0, affine(1, 1), INF), (-INF, affine(0, 1), 1.0), (-INF, affine(1, 0), 9.0)]
    return program(affine(1, 1), rows, lower=[0, 0], upper=[1, INF])


def runaway() -> Program:
    """Maximise x0 + x1 with x0 - x1 within [-1, 1] and x2 idle: unbounded along (1, 1, 0)."""
    rows = [(-1.0, affine(1, -1), 1.0)]
    return program(affine(1, 1), rows, lower=[0, 0, 0], upper=[INF, INF, 5], minimize=False)


def knapsack(weights: list[int], values: list[int], capacity: int) -> Program:
    """Maximise value of binaries within the capacity."""
    count = len(weights)
    return program(
        affine(*values),
        [(-INF, affine(*weights), float(capacity))],
        lower=[0.0] * count,
        upper=[1.0] * count,
        kind=[Kind.INTEGER] * count,
        minimize=False,
    )


def market_split(rows: int = 5, columns: int = 40, seed: int = 3) -> Program:
    """A small program that no solver finishes: least slack of equations over binaries."""
    random = np.random.default_rng(seed)
    weights = random.integers(0, 100, size=(rows, columns))
    slack = [0.0] * columns
    equations = []
    for i in range(rows):
        deviation = tuple((columns + 2 * i + k, (-1.0) ** k) for k in range(2))
        terms = tuple((j, float(weights[i, j])) for j in range(columns))
        target = float(weights[i].sum() // 2)
        equations.append((target, Scalar(linear=terms + deviation), target))
    goal = Scalar(linear=tuple((columns + k, 1.0) for k in range(2 * rows)))
    return program(
        goal,
        equations,
        lower=slack + [0.0] * 2 * rows,
        upper=[1.0] * columns + [INF] * 2 * rows,
        kind=[Kind.INTEGER] * columns + [Kind.CONTINUOUS] * 2 * rows,
    )
