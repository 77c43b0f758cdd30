"""Which way the rest of a program pushes a column; what makes a one-sided relation exact."""

from __future__ import annotations

import numpy as np

from optiwright.formulators.lookup import Mask
from optiwright.solver_tools.program import Functions, Ints, Kind, Program


class Pressure:
    """The pressure of rows and objective on single columns.

    Args:
        program: everything but the relations in question.
        relations: both sides of all relations in question; a column that is more than once in
            them is pushed nowhere.
    """

    def __init__(self, program: Program, relations: Functions) -> None:
        rows, objectives = program.rows, program.objectives
        columns = program.columns
        self._bounds = program.lower, program.upper
        self._free = program.kind == Kind.CONTINUOUS
        for batch in (rows, objectives, relations):
            self._free[batch.quadratic_first] = False
            self._free[batch.quadratic_second] = False
        self._free &= np.bincount(relations.column, minlength=columns) == 1
        if rows.operations or objectives.operations or relations.operations:
            self._free[:] = False
        if objectives.count > 1:
            self._free[:] = False
        cost = np.bincount(objectives.column, weights=objectives.value, minlength=columns)
        self._cost = cost if program.minimize[0] else -cost
        # A row resists a fall of a column where that could break its bound.
        has_low = np.isfinite(program.row_lower)[rows.row]
        has_high = np.isfinite(program.row_upper)[rows.row]
        rises = rows.value > 0
        self._resists = {
            1: _marked(rows.column, np.where(rises, has_low, has_high), columns),
            -1: _marked(rows.column, np.where(rises, has_high, has_low), columns),
        }

    def pushes(self, value: Functions, shape: int, least: float) -> bool:
        """Whether every function is a single column that only moves down to its relation.

        Args:
            value: the functions; each must be a plain column.
            shape: 1 for down, -1 for up.
            least: least value of the relation times shape; the column must be free to reach it.
        """
        plain = (
            value.is_linear
            and np.array_equal(np.sort(value.row), np.arange(value.count))
            and bool((value.value == 1).all() and (value.constant == 0).all())
        )
        if not plain:
            return False
        column = value.column
        end = self._bounds[0][column] if shape > 0 else -self._bounds[1][column]
        return bool(
            (
                self._free[column]
                & (shape * self._cost[column] > 0)
                & ~self._resists[shape][column]
                & (end <= least)
            ).all()
        )


def _marked(columns: Ints, marks: Mask, count: int) -> Mask:
    marked: Mask = np.bincount(columns, weights=marks, minlength=count) > 0
    return marked
