"""Plain numpy arithmetic on programs that the back ends and the certificates share."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from optiwright.solver_tools.batches import gather, scalars, stack
from optiwright.solver_tools.program import (
    Block,
    Floats,
    Functions,
    Ints,
    Kind,
    Operation,
    Program,
    Scalar,
    functions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_EDGE = 1e-12
_WHOLE = 1e-7
"""How far a bound may lie beyond a whole number and still allow it, absolute."""


def matrix(functions: Functions, columns: int) -> Any:
    """Return the linear parts as a csr matrix of shape (count, columns), repeats added up."""
    shape = (functions.count, columns)
    entries = (functions.value, (functions.row, functions.column))
    return sparse.coo_matrix(entries, shape=shape).tocsr()


def first_objective(program: Program) -> Functions:
    """Return the most important objective, a batch of one."""
    return gather(program.objectives, np.array([0]))


def hessian(functions: Functions, row: int, columns: int) -> Any:
    """Return the symmetric Hessian of one function's quadratic part, csc of shape (n, n)."""
    of_row = functions.quadratic_row == row
    first, second = functions.quadratic_first[of_row], functions.quadratic_second[of_row]
    entries = (functions.quadratic_value[of_row], (first, second))
    half = sparse.coo_matrix(entries, shape=(columns, columns)).tocsc()
    return half + half.T


def function_values(functions: Functions, x: Floats) -> Floats:
    """Return the value of each function at `x`, shape (count,); NaN outside a domain."""
    values = functions.constant.copy()
    np.add.at(values, functions.row, functions.value * x[functions.column])
    products = functions.quadratic_value * x[functions.quadratic_first]
    np.add.at(values, functions.quadratic_row, products * x[functions.quadratic_second])
    for row, coefficient, operation in functions.operations:
        values[row] += coefficient * operation_value(operation, x)
    return values


def off_the_edge(program: Program, x: Floats) -> Floats:
    """Return `x`, or a point 1e-12 within its bounds where a function has no value at `x`.

    x log x at 0 and its like have but a limit there; solvers take it for the value.
    """
    batches = (program.objectives, program.rows)
    if all(np.all(np.isfinite(function_values(batch, x))) for batch in batches):
        return x
    movable = (program.kind == Kind.CONTINUOUS) & np.isfinite(program.lower)
    inside = np.minimum(program.lower + _EDGE, program.upper)
    return np.where(movable, np.maximum(x, inside), x)


def scalar_value(scalar: Scalar, x: Floats) -> float:
    """Return the value of one function at `x`; NaN outside its domain."""
    value = scalar.constant
    value += sum(coefficient * float(x[column]) for column, coefficient in scalar.linear)
    value += sum(c * float(x[i]) * float(x[j]) for i, j, c in scalar.quadratic)
    return value + sum(c * operation_value(operation, x) for c, operation in scalar.operations)


def operation_value(operation: Operation, x: Floats) -> float:
    """Return the value of an operation at `x`; NaN outside its domain, inf on overflow."""
    arguments = [scalar_value(argument, x) for argument in operation.arguments]
    try:
        return _apply(operation.op, arguments)
    except OverflowError:
        return math.inf
    except (ValueError, ZeroDivisionError):
        return math.nan


def _apply(op: str, arguments: list[float]) -> float:
    match op, arguments:
        case "mul", [left, right]:
            return left * right
        case "div", [left, right]:
            return left / right
        case "pow", [left, right]:
            return math.pow(left, right)
        case "abs", [argument]:
            return abs(argument)
        case _:
            return float(getattr(math, op)(*arguments))


def operations_in(functions: Functions) -> Iterator[Operation]:
    """Yield every operation of a batch, nested ones too."""
    for _, _, operation in functions.operations:
        yield from _nested(operation)


def _nested(operation: Operation) -> Iterator[Operation]:
    yield operation
    for argument in operation.arguments:
        for _, inner in argument.operations:
            yield from _nested(inner)


def scalar_of(functions: Functions, row: int) -> Scalar:
    """Return one function of a batch as a scalar."""
    return scalars(gather(functions, np.array([row])))[0]


def as_functions(scalars: list[Scalar]) -> Functions:
    """Return scalars as one batch."""
    linear = [(row, *term) for row, scalar in enumerate(scalars) for term in scalar.linear]
    quadratic = [(row, *term) for row, scalar in enumerate(scalars) for term in scalar.quadratic]
    row, column, value = zip(*linear, strict=True) if linear else ((), (), ())
    at, first, second, factor = zip(*quadratic, strict=True) if quadratic else ((), (), (), ())
    return functions(
        len(scalars),
        constant=np.array([scalar.constant for scalar in scalars]),
        row=np.array(row, dtype=np.int64),
        column=np.array(column, dtype=np.int64),
        value=np.array(value, dtype=float),
        quadratic_row=np.array(at, dtype=np.int64),
        quadratic_first=np.array(first, dtype=np.int64),
        quadratic_second=np.array(second, dtype=np.int64),
        quadratic_value=np.array(factor, dtype=float),
        operations=tuple(
            (r, *term) for r, scalar in enumerate(scalars) for term in scalar.operations
        ),
    )


def with_rows(program: Program, rows: Functions, lower: Floats, upper: Floats) -> Program:
    """Return the program with auxiliary rows added; their constants move to their bounds."""
    start = len(program.row_lower)
    block = Block("_added", start, [(position,) for position in range(rows.count)])
    bare = replace(rows, constant=np.zeros(rows.count))
    return replace(
        program,
        rows=stack([program.rows, bare]),
        row_lower=np.concatenate([program.row_lower, lower - rows.constant]),
        row_upper=np.concatenate([program.row_upper, upper - rows.constant]),
        row_blocks=(*program.row_blocks, block),
    )


def keep_rows(program: Program, keep: Ints) -> Program:
    """Return the program with these rows only; labels are dropped."""
    return replace(
        program,
        rows=gather(program.rows, keep),
        row_lower=program.row_lower[keep],
        row_upper=program.row_upper[keep],
        row_blocks=(),
    )


def with_switches(program: Program) -> Program:
    """Return the program with x in {0} or [l, u] as l b <= x <= u b, b binary.

    HiGHS's own semicontinuous columns lower a bound above 1e5 and allow none below 0.
    """
    semi = np.flatnonzero(program.kind == Kind.SEMICONTINUOUS)
    count, start = len(semi), program.columns
    if count == 0:
        return program
    lower, upper, kind = program.lower.copy(), program.upper.copy(), program.kind.copy()
    lower[semi], upper[semi] = np.minimum(lower[semi], 0.0), np.maximum(upper[semi], 0.0)
    kind[semi] = Kind.CONTINUOUS
    at, switch, ones = np.arange(count), start + np.arange(count), np.ones(count)
    limits = np.concatenate([-program.lower[semi], -program.upper[semi]])
    sides = functions(
        2 * count,
        row=np.concatenate([at, at + count, at, at + count]),
        column=np.concatenate([semi, semi, switch, switch]),
        value=np.concatenate([ones, ones, limits]),
    )
    wider = replace(
        program,
        lower=np.append(lower, np.zeros(count)),
        upper=np.append(upper, ones),
        kind=np.append(kind, np.full(count, Kind.INTEGER, dtype=np.uint8)),
        column_blocks=(
            *program.column_blocks,
            Block("_switch", start, [(i,) for i in range(count)]),
        ),
    )
    zero, open_end = np.zeros(count), np.full(count, np.inf)
    return with_rows(wider, sides, np.append(zero, -open_end), np.append(open_end, zero))


def whole_bounds(program: Program) -> tuple[Floats, Floats]:
    """Return the columns' bounds, those of integer columns drawn in to integers.

    HiGHS 1.14 calls points optimal at which an integer column sits on a fractional bound.
    """
    whole = program.kind == Kind.INTEGER
    lower = np.where(whole, np.ceil(program.lower - _WHOLE), program.lower)
    upper = np.where(whole, np.floor(program.upper + _WHOLE), program.upper)
    return lower, upper
