"""Gradients of a program's functions at a point, by the chain rule over their operations."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from optiwright.solver_tools.arithmetic import scalar_value

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Functions, Ints, Operation, Scalar


def jacobian(functions: Functions, columns: int, x: Floats) -> Any:
    """Return the gradients as a csr matrix of shape (count, columns); NaN where there is none."""
    row, column, entry = _entries(functions, x)
    return sparse.coo_matrix((entry, (row, column)), shape=(functions.count, columns)).tocsr()


def slope_sizes(functions: Functions, columns: int, x: Floats) -> Any:
    """Return the sizes of the terms that the gradients are sums of, in the same form.

    Where they cancel, as they do at an optimum, these tell how large rounding may be.
    """
    row, column, entry = _entries(functions, x)
    places, shape = (row, column), (functions.count, columns)
    return sparse.coo_matrix((np.abs(entry), places), shape=shape).tocsr()


def _entries(functions: Functions, x: Floats) -> tuple[Ints, Ints, Floats]:
    """Returns rows, columns and values of the gradients' terms; those of one place add up."""
    first, second = functions.quadratic_first, functions.quadratic_second
    value = functions.quadratic_value
    row = [functions.row, functions.quadratic_row, functions.quadratic_row]
    column = [functions.column, first, second]
    entry = [functions.value, value * x[second], value * x[first]]
    for at, coefficient, operation in functions.operations:
        slopes = _operation(operation, x)
        row.append(np.full(len(slopes), at, dtype=np.int64))
        column.append(np.array(list(slopes), dtype=np.int64))
        entry.append(coefficient * np.array(list(slopes.values())))
    return np.concatenate(row), np.concatenate(column), np.concatenate(entry)


def _scalar(scalar: Scalar, x: Floats) -> dict[int, float]:
    slopes: defaultdict[int, float] = defaultdict(float)
    for column, coefficient in scalar.linear:
        slopes[column] += coefficient
    for i, j, coefficient in scalar.quadratic:
        slopes[i] += coefficient * float(x[j])
        slopes[j] += coefficient * float(x[i])
    for coefficient, operation in scalar.operations:
        for column, slope in _operation(operation, x).items():
            slopes[column] += coefficient * slope
    return slopes


def _operation(operation: Operation, x: Floats) -> dict[int, float]:
    values = [scalar_value(argument, x) for argument in operation.arguments]
    try:
        outer = _outer(operation.op, values)
    except (ArithmeticError, ValueError):
        outer = [math.nan] * len(values)
    slopes: defaultdict[int, float] = defaultdict(float)
    for argument, factor in zip(operation.arguments, outer, strict=True):
        for column, slope in _scalar(argument, x).items():
            slopes[column] += factor * slope
    return slopes


def _outer(op: str, values: list[float]) -> list[float]:
    """Returns the derivative of an operation by each argument."""
    match op, values:
        case "mul", [left, right]:
            return [right, left]
        case "div", [top, bottom]:
            return [1 / bottom, -top / bottom**2]
        case "pow", [base, exponent]:
            by_base = exponent * math.pow(base, exponent - 1) if exponent else 0.0
            by_exponent = math.log(base) * math.pow(base, exponent) if base > 0 else 0.0
            return [by_base, by_exponent]
        case "exp", [value]:
            return [math.exp(value)]
        case "log", [value]:
            return [1 / value]
        case "sqrt", [value]:
            return [0.5 / math.sqrt(value)]
        case "sin", [value]:
            return [math.cos(value)]
        case "cos", [value]:
            return [-math.sin(value)]
        case "abs", [value]:
            return [math.copysign(1.0, value) if value else math.nan]
        case _:
            raise ValueError(f"no derivative of {op!r} is known")
