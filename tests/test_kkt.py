"""Gradients by our own rules, and the conditions of optimality at right and at wrong points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.solver_tools.arithmetic import function_values
from optiwright.solver_tools.derivatives import jacobian
from optiwright.solver_tools.kkt import SLOPES, TOLERANCE, kkt_residuals
from optiwright.solver_tools.program import Program, Scalar
from optiwright.solver_tools.solve import solve_program
from tests.programs import INF, affine, applied, batch, column, furniture, plus, program

POINT = np.array([0.7, 1.9, 2.3])


@pytest.mark.parametrize(
    "scalar",
    [
        affine(3, -2, 0.5, constant=4),
        Scalar(quadratic=((0, 0, 1.5), (0, 1, -2.0), (2, 1, 0.25))),
        applied("exp", affine(1, -1)),
        applied("log", affine(1, 2), times=3.0),
        applied("sqrt", affine(0, 1, 1)),
        applied("sin", affine(2, 0, 1)),
        applied("cos", column(2)),
        applied("abs", affine(1, -1)),
        applied("abs", affine(-1, 1)),
        applied("div", column(0), affine(0, 1, 1)),
        applied("div", 1.0, column(1)),
        applied("mul", applied("log", column(1)), affine(1, 1)),
        applied("pow", affine(1, 1), 3.0),
        applied("pow", column(1), -0.5),
        applied("pow", 2.0, column(2)),
        applied("pow", column(0), column(1)),
        plus(applied("exp", applied("mul", column(0), column(1))), affine(1)),
    ],
)
def test_a_gradient_is_what_differences_come_to(scalar: Scalar) -> None:
    functions = batch(scalar)
    step = 1e-6
    slopes = [
        (
            function_values(functions, POINT + step * e)
            - function_values(functions, POINT - step * e)
        )
        / (2 * step)
        for e in np.eye(3)
    ]
    own = jacobian(functions, 3, POINT).toarray()[0]
    assert own == pytest.approx(np.ravel(slopes), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    "scalar",
    [
        applied("log", column(0)),
        applied("sqrt", column(0)),
        applied("div", 1.0, column(0)),
        applied("abs", column(0)),
        applied("exp", affine(1e4, constant=1e4)),
    ],
)
def test_where_there_is_no_gradient_nothing_holds(scalar: Scalar) -> None:
    at = np.zeros(3)
    assert not np.isfinite(jacobian(batch(scalar), 3, at).toarray()).all()
    case = program(scalar, lower=[0, 0, 0])
    found = kkt_residuals(case, at, np.zeros(0))
    assert not found.hold


def convex(seed: int) -> Program:
    """A strictly convex quadratic program with rows of all kinds, sometimes maximised."""
    random = np.random.default_rng(seed)
    n = int(random.integers(2, 6))
    root = random.normal(size=(n, n)) * 10.0 ** random.integers(0, 3)
    hessian = root @ root.T + 0.1 * np.abs(root).max() ** 2 * np.eye(n)
    minimize = bool(random.integers(0, 2))
    sign = 1.0 if minimize else -1.0
    goal = Scalar(
        linear=tuple((j, float(v)) for j, v in enumerate(random.normal(size=n) * hessian.max())),
        quadratic=tuple(
            (i, j, sign * float(hessian[i, j]) / 2) for i in range(n) for j in range(n)
        ),
    )
    inside = random.uniform(0, 2, size=n)
    rows = []
    for kind in random.integers(0, 4, size=int(random.integers(1, 4))):
        weights = random.normal(size=n)
        value = float(weights @ inside)
        low, high = [(value, value), (-INF, value), (value, INF), (value - 0.1, value + 0.1)][kind]
        rows.append((low, affine(*weights.tolist()), high))
    lower = [0.0 if random.integers(0, 2) else -INF for _ in range(n)]
    return program(goal, rows, lower=lower, minimize=minimize)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_conditions_hold_at_the_optimum_and_not_beside_it(seed: int) -> None:
    case = convex(seed)
    raw = solve_program(case)
    assert raw.x is not None
    assert raw.row_dual is not None
    assert raw.reduced_cost is not None
    found = kkt_residuals(case, raw.x, raw.row_dual, raw.reduced_cost)
    assert found.hold, found
    assert kkt_residuals(case, raw.x, raw.row_dual).hold
    random = np.random.default_rng(seed)
    away = random.normal(size=len(raw.x))
    away *= 0.02 * max(1.0, float(np.abs(raw.x).max())) / np.abs(away).max()
    assert not kkt_residuals(case, raw.x + away, raw.row_dual, raw.reduced_cost).hold
    at = int(np.argmax(np.abs(raw.row_dual)))
    without = np.where(np.arange(len(raw.row_dual)) == at, 0.0, raw.row_dual)
    weight = kkt_residuals(case, raw.x, without, raw.reduced_cost).stationarity
    if weight > 0.01:  # of a row that hardly counts, a twentieth is lost within the tolerance
        for factor in (1.05, -1.0):
            wrong = raw.row_dual.copy()
            wrong[at] *= factor
            assert not kkt_residuals(case, raw.x, wrong, raw.reduced_cost).hold


def test_each_condition_is_missed_by_itself() -> None:
    case, best, duals = furniture(), np.array([2.0, 6.0]), np.array([0.0, 1.5, 1.0])
    none = np.zeros(2)
    right = kkt_residuals(case, best, duals, none)
    assert right.hold
    assert right.worst == 0.0
    assert kkt_residuals(case, best, duals * 1.01, none).stationarity > SLOPES
    assert kkt_residuals(case, best * 1.01, duals, none).primal > TOLERANCE
    # 3 x0 is limited by the first row alone: its slack of 2 and a dual of 3 do not go together.
    loose = kkt_residuals(case, best, np.array([3.0, 2.5, 0.0]), none)
    assert loose.stationarity == 0.0
    assert loose.complementarity > TOLERANCE
    below = replace(case, row_lower=np.array([-INF, 12.0, -INF]), row_upper=np.array([4, INF, 18]))
    assert kkt_residuals(below, best, duals, none).dual > SLOPES


def test_residuals_do_not_change_with_the_unit_of_the_objective() -> None:
    case, point, duals = furniture(), np.array([2.001, 6.0]), np.array([0.1, 1.5, 1.0])
    for factor in (1e-6, 1e6):
        goal = affine(3 * factor, 5 * factor)
        other = replace(case, objectives=batch(goal))
        found = kkt_residuals(other, point, duals * factor)
        plain = kkt_residuals(case, point, duals)
        assert found.dual == pytest.approx(plain.dual)
        assert found.complementarity == pytest.approx(plain.complementarity)
        assert not found.hold


def test_reduced_costs_are_held_to_the_bounds() -> None:
    goal, at = affine(1), np.array([1.0])
    none, cost = np.zeros(0), np.array([1.0])
    free = kkt_residuals(program(goal, lower=[-INF]), at, none, cost)
    assert (free.stationarity, free.dual) == (0.0, 1.0)
    away = kkt_residuals(program(goal, lower=[0.0]), at, none, cost)
    assert (away.stationarity, away.dual, away.complementarity) == (0.0, 0.0, 1.0)
    assert kkt_residuals(program(goal, lower=[1.0]), at, none, cost).hold
