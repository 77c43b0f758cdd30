"""Arithmetic on batches of functions: sums, scalings, gathers and products of `Functions`.

A batch holds one function a row; every operation here works on all rows at once, nonlinear
operations apart, which stay trees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optiwright.formulators.frames import spread
from optiwright.solver_tools.program import (
    Floats,
    Functions,
    Ints,
    Operation,
    OperationName,
    Scalar,
    functions,
)


def constants(values: Floats, count: int) -> Functions:
    """Return constant functions; `values` has shape () or (count,)."""
    return functions(count, constant=np.broadcast_to(values, count).astype(np.float64))


def columns_at(positions: Ints) -> Functions:
    """Return the functions x[positions[0]], x[positions[1]], ..."""
    count = len(positions)
    return functions(
        count, row=np.arange(count), column=positions, value=np.ones(count, dtype=np.float64)
    )


def is_constant(batch: Functions) -> bool:
    """Whether no function depends on a column."""
    return len(batch.row) == 0 and batch.is_linear


def is_finite(batch: Functions) -> bool:
    """Whether all coefficients and constants are finite numbers."""
    arrays = batch.constant, batch.value, batch.quadratic_value
    factors = [factor for _, factor, _ in batch.operations]
    return all(bool(np.isfinite(array).all()) for array in (*arrays, factors))


def add(parts: Sequence[Functions]) -> Functions:
    """Return the row by row sum of batches of equal count."""
    if len(parts) == 1:
        return parts[0]
    join = np.concatenate
    return Functions(
        count=parts[0].count,
        constant=np.sum([p.constant for p in parts], axis=0),
        row=join([p.row for p in parts]),
        column=join([p.column for p in parts]),
        value=join([p.value for p in parts]),
        quadratic_row=join([p.quadratic_row for p in parts]),
        quadratic_first=join([p.quadratic_first for p in parts]),
        quadratic_second=join([p.quadratic_second for p in parts]),
        quadratic_value=join([p.quadratic_value for p in parts]),
        operations=tuple(o for p in parts for o in p.operations),
    )


def scale(batch: Functions, factor: Floats | float) -> Functions:
    """Return the functions times numbers, one for all or one each."""
    factor = np.asarray(factor, dtype=np.float64)
    each = factor if factor.ndim else None
    operations = tuple(
        (row, value * float(factor if each is None else each[row]), op)
        for row, value, op in batch.operations
    )
    return replace(
        batch,
        constant=batch.constant * factor,
        value=batch.value * (factor if each is None else each[batch.row]),
        quadratic_value=batch.quadratic_value
        * (factor if each is None else each[batch.quadratic_row]),
        operations=operations,
    )


def collect(batch: Functions, parents: Ints, count: int) -> Functions:
    """Return `count` functions, each the sum of the rows whose parent it is."""
    return Functions(
        count=count,
        constant=np.bincount(parents, weights=batch.constant, minlength=count).astype(np.float64),
        row=parents[batch.row],
        column=batch.column,
        value=batch.value,
        quadratic_row=parents[batch.quadratic_row],
        quadratic_first=batch.quadratic_first,
        quadratic_second=batch.quadratic_second,
        quadratic_value=batch.quadratic_value,
        operations=tuple((int(parents[row]), value, op) for row, value, op in batch.operations),
    )


def gather(batch: Functions, rows: Ints) -> Functions:
    """Return the functions of the given rows, in that order; rows may repeat."""
    at, entries = _entries_of(batch.row, batch.count, rows)
    quadratic_at, quadratic = _entries_of(batch.quadratic_row, batch.count, rows)
    return Functions(
        count=len(rows),
        constant=batch.constant[rows],
        row=at,
        column=batch.column[entries],
        value=batch.value[entries],
        quadratic_row=quadratic_at,
        quadratic_first=batch.quadratic_first[quadratic],
        quadratic_second=batch.quadratic_second[quadratic],
        quadratic_value=batch.quadratic_value[quadratic],
        operations=_operations_of(batch, rows),
    )


def stack(batches: Sequence[Functions]) -> Functions:
    """Return all the functions of several batches, one batch after another."""
    count = sum(batch.count for batch in batches)
    placed, start = [functions(count)], 0
    for batch in batches:
        placed.append(collect(batch, np.arange(start, start + batch.count), count))
        start += batch.count
    return add(placed)


def multiply(left: Functions, right: Functions) -> Functions:
    """Return products row by row: quadratic where both factors are affine, else `mul` trees."""
    if is_constant(left):
        return scale(right, left.constant)
    if is_constant(right):
        return scale(left, right.constant)
    if not (left.is_linear and right.is_linear):
        return apply("mul", (left, right))
    sizes, order = _runs(right.row, right.count)
    start = np.cumsum(sizes) - sizes
    entry, partner = spread(start[left.row], sizes[left.row])
    partner = order[partner]
    affine = add(
        [
            replace(scale(left, right.constant), constant=left.constant * right.constant),
            replace(scale(right, left.constant), constant=np.zeros(right.count)),
        ]
    )
    return replace(
        affine,
        quadratic_row=left.row[entry],
        quadratic_first=left.column[entry],
        quadratic_second=right.column[partner],
        quadratic_value=left.value[entry] * right.value[partner],
    )


def divide(batch: Functions, divisor: Floats) -> Functions:
    """Return the functions over numbers, exactly and not times their reciprocals where linear."""
    inverse = scale(batch, 1.0 / divisor)
    each = np.broadcast_to(divisor, batch.count)
    return replace(inverse, constant=batch.constant / each, value=batch.value / each[batch.row])


def power(base: Functions, exponent: float) -> Functions:
    """Return powers: quadratic for a square of affine functions, else `pow` trees."""
    if exponent == 0:
        return constants(np.ones(base.count), base.count)
    if exponent == 1:
        return base
    if exponent == 2 and base.is_linear:
        return multiply(base, base)
    if is_constant(base):
        return constants(base.constant**exponent, base.count)
    return apply("pow", (base, constants(np.asarray(exponent), base.count)))


def product(factors: Functions, parents: Ints, count: int) -> Functions:
    """Return products of the factors of each parent, taken in turn."""
    sizes = np.bincount(parents, minlength=count)
    start = np.cumsum(sizes) - sizes
    total = constants(np.ones(count), count)
    for turn in range(int(sizes.max(initial=0))):
        rows = np.flatnonzero(sizes > turn)
        rest = np.flatnonzero(sizes <= turn)
        grown = multiply(gather(total, rows), gather(factors, start[rows] + turn))
        total = add([collect(grown, rows, count), collect(gather(total, rest), rest, count)])
    return total


def apply(op: OperationName, arguments: Sequence[Functions]) -> Functions:
    """Return a nonlinear operation row by row."""
    each = zip(*(scalars(argument) for argument in arguments), strict=True)
    operations = tuple((row, 1.0, Operation(op, args)) for row, args in enumerate(each))
    return functions(arguments[0].count, operations=operations)


def scalars(batch: Functions) -> list[Scalar]:
    """Return the functions one by one."""
    linear: dict[int, list[tuple[int, float]]] = defaultdict(list)
    quadratic: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    operations: dict[int, list[tuple[float, Operation]]] = defaultdict(list)
    for row, column, value in zip(
        batch.row.tolist(), batch.column.tolist(), batch.value.tolist(), strict=True
    ):
        linear[row].append((column, value))
    for row, first, second, value in zip(
        batch.quadratic_row.tolist(),
        batch.quadratic_first.tolist(),
        batch.quadratic_second.tolist(),
        batch.quadratic_value.tolist(),
        strict=True,
    ):
        quadratic[row].append((first, second, value))
    for row, value, op in batch.operations:
        operations[row].append((value, op))
    return [
        Scalar(constant, tuple(linear[k]), tuple(quadratic[k]), tuple(operations[k]))
        for k, constant in enumerate(batch.constant.tolist())
    ]


def _runs(row: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the number of entries of each row, and an order that sorts the entries by row."""
    order = np.arange(len(row))
    if len(row) and (np.diff(row) < 0).any():
        order = np.argsort(row, kind="stable")
    return np.bincount(row, minlength=count), order


def _entries_of(row: Ints, count: int, rows: Ints) -> tuple[Ints, Ints]:
    if len(row) == 0:
        return row, row
    sizes, order = _runs(row, count)
    start = np.cumsum(sizes) - sizes
    at, entries = spread(start[rows], sizes[rows])
    return at, order[entries]


def _operations_of(batch: Functions, rows: Ints) -> tuple[tuple[int, float, Operation], ...]:
    if not batch.operations:
        return ()
    by_row: dict[int, list[tuple[float, Operation]]] = defaultdict(list)
    for row, value, op in batch.operations:
        by_row[row].append((value, op))
    return tuple(
        (at, value, op) for at, row in enumerate(rows.tolist()) for value, op in by_row[row]
    )
