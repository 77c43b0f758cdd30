"""How one number of a formulation enters its program: what one more unit adds to each array.

Read off two compilations, so that definitions, computed parameters and sums over indices are all
followed; a number that enters in any other way than by addition has no move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Change, Formulation
from optiwright.solver_tools.arithmetic import matrix
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.program import Floats, Functions, Kind, Program

_SAME = 1e-9
"""Relative difference below which two coefficients are the same number."""


@dataclass(frozen=True)
class Move:
    """A direction in a program's limits and linear costs, per unit of what moves."""

    row_lower: Floats
    row_upper: Floats
    """Shape (m,)."""
    lower: Floats
    upper: Floats
    """Shape (n,)."""
    cost: Floats
    """Of the first objective's linear terms, shape (n,)."""
    offset: float = 0.0
    """Of the first objective's constant."""

    @property
    def of_limits(self) -> bool:
        """Whether it moves a row's or a column's limits."""
        parts = self.row_lower, self.row_upper, self.lower, self.upper
        return any(bool(part.any()) for part in parts)

    @property
    def of_costs(self) -> bool:
        """Whether it moves the objective."""
        return bool(self.cost.any()) or self.offset != 0.0

    @property
    def key(self) -> bytes:
        """Equal for moves that are the same."""
        parts = self.row_lower, self.row_upper, self.lower, self.upper, self.cost
        return b"".join((part + 0.0).tobytes() for part in parts)

    def backwards(self) -> Move:
        """Return the opposite direction."""
        return Move(
            -self.row_lower, -self.row_upper, -self.lower, -self.upper, -self.cost, -self.offset
        )


def still(program: Program) -> Move:
    """Return the move that moves nothing."""
    rows, columns = np.zeros(len(program.row_lower)), np.zeros(program.columns)
    return Move(rows, rows, columns, columns, columns)


def row_move(program: Program, row: int, *, lower: float = 0.0, upper: float = 0.0) -> Move:
    """Return the move of one row's limits."""
    unit = np.zeros(len(program.row_lower))
    unit[row] = 1.0
    return replace(still(program), row_lower=unit * lower, row_upper=unit * upper)


def column_move(program: Program, column: int, *, lower: float = 0.0, upper: float = 0.0) -> Move:
    """Return the move of one column's bounds."""
    unit = np.zeros(program.columns)
    unit[column] = 1.0
    return replace(still(program), lower=unit * lower, upper=unit * upper)


def compiled(formulation: Formulation, changes: Sequence[Change]) -> Program | None:
    """Return the program under changes; None where it cannot be compiled so."""
    try:
        return compile_program(ground(formulation, changes=changes))
    except FormulationError:
        return None


def move_between(program: Program, other: Program | None, step: float) -> Move | None:
    """Return what a unit of `step` adds, None where it does more than move limits and costs."""
    if other is None or not _same_structure(program, other):
        return None
    if program.objectives.count != 1 or not _same_terms(program.rows, other.rows):
        return None
    goal, moved = program.objectives, other.objectives
    if not (_same_curvature(goal, moved) and goal.operations == moved.operations):
        return None
    pairs = (
        (program.row_lower, other.row_lower),
        (program.row_upper, other.row_upper),
        (program.lower, other.lower),
        (program.upper, other.upper),
        (_linear(goal, program.columns), _linear(moved, program.columns)),
        (goal.constant, moved.constant),
    )
    if not all(_same_ends(before, after) for before, after in pairs):
        return None
    *limits, cost, offset = (_per_unit(before, after, step) for before, after in pairs)
    row_lower, row_upper, lower, upper = limits
    return Move(row_lower, row_upper, lower, upper, cost, float(offset[0]))


def agrees(program: Program, move: Move, amount: float, other: Program | None) -> bool:
    """Whether the program so far along the move is the other one."""
    found = move_between(program, other, amount)
    if found is None:
        return False
    pairs = (
        (found.row_lower, move.row_lower),
        (found.row_upper, move.row_upper),
        (found.lower, move.lower),
        (found.upper, move.upper),
        (found.cost, move.cost),
        (np.array([found.offset]), np.array([move.offset])),
    )
    return all(np.allclose(a, b, rtol=1e-6, atol=1e-9) for a, b in pairs)


def switches(program: Program, other: Program) -> bool:
    """Whether two programs differ only in what binaries allow, as in `ship <= capacity * open`.

    That is, in coefficients of columns between 0 and 1, in rows whose limits are zero.
    """
    one, two = program.rows, other.rows
    if not _same_structure(program, other) or not _same_curvature(one, two):
        return False
    same_places = np.array_equal(one.row, two.row) and np.array_equal(one.column, two.column)
    if not same_places or one.operations != two.operations:
        return False
    moved = np.abs(one.value - two.value) > _SAME * np.maximum(1.0, np.abs(one.value))
    rows, columns = one.row[moved], one.column[moved]
    binary = (program.kind == Kind.INTEGER) & (program.lower >= 0.0) & (program.upper <= 1.0)
    limits = np.concatenate([program.row_lower[rows], program.row_upper[rows]])
    zero = bool(np.all((limits == 0.0) | ~np.isfinite(limits)))
    outside = replace(other, rows=replace(two, value=one.value))
    rest = move_between(program, outside, 1.0)
    return (
        zero
        and bool(binary[columns].all())
        and rest is not None
        and not (rest.of_limits or rest.of_costs)
    )


def _same_structure(one: Program, other: Program) -> bool:
    if one.columns != other.columns or len(one.row_lower) != len(other.row_lower):
        return False
    labels = list(one.row_labels()) == list(other.row_labels())
    return labels and np.array_equal(one.kind, other.kind) and _same_globals(one, other)


def _same_globals(one: Program, other: Program) -> bool:
    """Whether what holds beside the rows is the same, number by number."""
    if len(one.globals) != len(other.globals):
        return False
    return all(
        (a.kind, a.name, a.index) == (b.kind, b.name, b.index)
        and np.array_equal(a.allowed, b.allowed)
        and all(
            _same_terms(p, q) and _same_ends(p.constant, q.constant)
            for p, q in zip(a.parts, b.parts, strict=True)
        )
        for a, b in zip(one.globals, other.globals, strict=True)
    )


def _same_terms(one: Functions, other: Functions) -> bool:
    if one.operations != other.operations or not _same_curvature(one, other):
        return False
    alike = np.array_equal(one.row, other.row) and np.array_equal(one.column, other.column)
    return alike and bool(np.allclose(one.value, other.value, rtol=_SAME, atol=0.0))


def _same_curvature(one: Functions, other: Functions) -> bool:
    places = (
        (one.quadratic_row, other.quadratic_row),
        (one.quadratic_first, other.quadratic_first),
        (one.quadratic_second, other.quadratic_second),
    )
    if not all(np.array_equal(a, b) for a, b in places):
        return False
    return bool(np.allclose(one.quadratic_value, other.quadratic_value, rtol=_SAME, atol=0.0))


def _linear(batch: Functions, columns: int) -> Floats:
    dense: Floats = matrix(batch, columns).toarray()[0]
    return dense


def _same_ends(before: Floats, after: Floats) -> bool:
    """Whether no limit comes or goes."""
    return np.array_equal(np.isfinite(before), np.isfinite(after))


def _per_unit(before: Floats, after: Floats, step: float) -> Floats:
    """Return (after - before) / step, zero for rounding and without a limit."""
    finite = np.isfinite(before)
    gap = np.where(finite, after, 0.0) - np.where(finite, before, 0.0)
    size = np.where(finite, np.maximum(np.abs(before), np.abs(after)), 0.0)
    return np.where(np.abs(gap) <= 1e-13 * size, 0.0, gap) / step + 0.0
