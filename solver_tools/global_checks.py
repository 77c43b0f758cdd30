"""Whether a program's constraints over many functions hold at a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optiwright.solver_tools.arithmetic import function_values
from optiwright.solver_tools.schedules import (
    Breach,
    Interval,
    broken_circuit,
    not_allowed,
    overlaps,
    overload,
    repeated,
)

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Global, Program


def worst_breach(program: Program, x: Floats, tolerance: float) -> float:
    """Return the worst breach of a `Global` at `x`, relative to its sides; zero if all hold."""
    worst = 0.0
    for constraint in program.globals:
        values = [function_values(part, x) for part in constraint.parts]
        if any(np.isnan(each).any() for each in values):
            return float("inf")
        for breach in _breaches(constraint, values, tolerance):
            size = max(1.0, abs(breach.left), abs(breach.right))
            worst = max(worst, breach.amount / size)
    return worst


def _breaches(constraint: Global, values: list[Floats], tolerance: float) -> list[Breach]:
    match constraint.kind:
        case "all_different":
            numbered = dict(enumerate(values[0].tolist()))
            return repeated({(k,): value for k, value in numbered.items()})
        case "no_overlap":
            return overlaps(_intervals(values))
        case "cumulative":
            capacity = float(values[3][0])
            found = overload(_intervals(values[:3]), capacity, tolerance)
        case "circuit":
            ends = map(tuple, constraint.allowed.tolist())
            found = broken_circuit(dict(zip(ends, values[0].tolist(), strict=True)))
        case "table":
            found = not_allowed(values[0].tolist(), map(tuple, constraint.allowed.tolist()))
    return [found] if found is not None else []


def _intervals(values: list[Floats]) -> list[Interval]:
    rows = zip(*(each.tolist() for each in values), strict=True)
    return [Interval((k,), *row) for k, row in enumerate(rows)]
