"""What kind of program it is: linear, convex quadratic, nonlinear, with integers or without.

Exact on the arrays: a quadratic is convex if and only if its symmetric matrix is positive
semidefinite, which is tested block by block of columns that occur together, up to a relative
tolerance. Convexity that only conic rewriting shows (`x*x <= y*z`) does not count.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csc_array, eye_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from optiwright.solver_tools.program import Floats, Functions, Ints, Kind, ProblemClass, Program

TOLERANCE = 1e-9
"""Least eigenvalue that counts as not negative, relative to the greatest entry of its block."""

DENSE_LIMIT = 400
"""Columns of a block up to which its eigenvalues are computed, and not a sparse factor."""


def classify_program(program: Program) -> ProblemClass:
    """Return the program's class, the most special one that it belongs to."""
    integral = bool((program.kind != Kind.CONTINUOUS).any()) or bool(program.globals)
    rows, goals = program.rows, program.objectives
    if rows.operations or goals.operations:
        return ProblemClass.MINLP if integral else ProblemClass.NLP
    curved_rows = len(rows.quadratic_row) > 0
    curved_goal = len(goals.quadratic_row) > 0
    if not curved_rows and not curved_goal:
        return ProblemClass.MIP if integral else ProblemClass.LP
    goal_convex = all(
        is_convex(goals, level, 1.0 if minimize else -1.0)
        for level, minimize in enumerate(program.minimize)
    )
    if curved_rows and not (goal_convex and _rows_convex(program)):
        return ProblemClass.MINLP if integral else ProblemClass.NLP
    if curved_rows:
        return ProblemClass.MIQCP if integral else ProblemClass.QCP
    if integral:
        return ProblemClass.MIQP if goal_convex else ProblemClass.MINLP
    return ProblemClass.QP if goal_convex else ProblemClass.NONCONVEX_QP


def is_convex(batch: Functions, row: int, sign: float = 1.0) -> bool:
    """Whether sign times the quadratic part of one function is convex."""
    use = batch.quadratic_row == row
    return _semidefinite(
        batch.quadratic_first[use], batch.quadratic_second[use], sign * batch.quadratic_value[use]
    )


def _rows_convex(program: Program) -> bool:
    """Whether every quadratic row is one-sided the way its curvature allows."""
    rows = program.rows
    order = np.argsort(rows.quadratic_row, kind="stable")
    curved, start = np.unique(rows.quadratic_row[order], return_index=True)
    for row, entries in zip(curved, np.split(order, start[1:]), strict=True):
        first, second = rows.quadratic_first[entries], rows.quadratic_second[entries]
        value = rows.quadratic_value[entries]
        for bound, sign in ((program.row_upper[row], 1.0), (program.row_lower[row], -1.0)):
            if np.isfinite(bound) and not _semidefinite(first, second, sign * value):
                return False
    return True


def _semidefinite(first: Ints, second: Ints, value: Floats) -> bool:
    columns, at = np.unique(np.concatenate([first, second]), return_inverse=True)
    size = len(columns)
    if size == 0:
        return True
    one, two = at[: len(first)], at[len(first) :]
    half = coo_array((value / 2, (one, two)), shape=(size, size))
    matrix = csc_array(half + half.T)
    diagonal = matrix.diagonal()
    if (diagonal < -TOLERANCE * np.abs(value).max()).any():
        return False
    count, block = connected_components(matrix, directed=False)
    if count == size:
        return True
    order = np.argsort(block, kind="stable")
    blocks = np.split(order, np.cumsum(np.bincount(block))[:-1])
    return all(_block_semidefinite(matrix[b][:, b]) for b in blocks if len(b) > 1)


def _block_semidefinite(matrix: csc_array) -> bool:
    scale = float(np.abs(matrix.data).max(initial=0.0))
    if scale == 0:
        return True
    if matrix.shape[0] <= DENSE_LIMIT:
        return bool(np.linalg.eigvalsh(matrix.toarray())[0] >= -TOLERANCE * scale * matrix.shape[0])
    # With pivots from the diagonal, their signs are the eigenvalues' (Sylvester).
    shifted = csc_array(matrix + TOLERANCE * scale * matrix.shape[0] * eye_array(matrix.shape[0]))
    try:
        factor = splu(shifted, diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    except RuntimeError:
        # An exactly zero pivot after the shift: an eigenvalue below zero.
        return False
    kept = np.array_equal(factor.perm_r, factor.perm_c)
    return kept and bool((factor.U.diagonal() > 0).all())
