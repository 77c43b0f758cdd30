"""Certificates by our own arithmetic: they hold for right answers and fail for wrong ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.solver_tools.certify import (
    Optimality,
    certify_lp,
    is_feasible,
    optimality,
    proves_infeasible,
    proves_unbounded,
    violation,
)
from optiwright.solver_tools.program import Kind, Program, Scalar
from optiwright.solver_tools.solution import RawSolution, SolverStatus, Termination
from optiwright.solver_tools.solve import confirm, solve_program
from tests.programs import (
    INF,
    affine,
    applied,
    batch,
    column,
    contradiction,
    furniture,
    knapsack,
    market_split,
    program,
    runaway,
)

BEST = np.array([2.0, 6.0])
DUALS = np.array([0.0, 1.5, 1.0])


def test_the_optimum_of_an_lp_is_certified() -> None:
    certificate = certify_lp(furniture(), BEST, DUALS)
    assert certificate.holds
    assert certificate.bound == pytest.approx(36.0)
    assert (certificate.primal, certificate.dual) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("x", "duals", "wrong"),
    [
        (BEST * 1.001, DUALS, "primal"),
        (BEST * 0.999, DUALS, "gap"),
        (BEST, -DUALS, "dual"),
        (BEST, DUALS * 1.01, "gap"),
        (BEST, np.zeros(3), "dual"),
    ],
)
def test_a_wrong_answer_fails_where_it_is_wrong(x: object, duals: object, wrong: str) -> None:
    certificate = certify_lp(furniture(), np.asarray(x), np.asarray(duals))
    assert not certificate.holds
    assert getattr(certificate, wrong) > 1e-4


def test_the_gap_of_a_feasible_point_is_its_distance_from_the_optimum() -> None:
    certificate = certify_lp(furniture(), np.array([4.0, 3.0]), DUALS)
    assert certificate.bound == pytest.approx(36.0)
    assert certificate.gap == pytest.approx(9 / 27)


def test_a_convex_qp_is_certified_by_its_linearisation() -> None:
    goal = Scalar(linear=((0, -4.0), (1, -6.0)), quadratic=((0, 0, 1.0), (1, 1, 1.0)))
    case = program(goal, [(-INF, affine(1, 1), 3.0)], lower=[0, 0])
    assert certify_lp(case, np.array([1.0, 2.0]), np.array([-2.0])).holds
    assert not certify_lp(case, np.array([1.5, 1.5]), np.array([-2.0])).holds


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_optimum_that_highs_finds_is_certified(seed: int) -> None:
    random = np.random.default_rng(seed)
    columns, count = random.integers(2, 8), random.integers(1, 6)
    point = random.uniform(0, 5, size=columns)
    weights = random.normal(size=(count, columns))
    rows = [
        (float(w @ point) - 1.0, affine(*w.tolist()), float(w @ point) + random.choice([1.0, INF]))
        for w in weights
    ]
    case = program(
        affine(*random.normal(size=columns).tolist()),
        rows,
        lower=[0.0] * columns,
        upper=[9.0] * columns,
        minimize=bool(random.integers(0, 2)),
    )
    raw = solve_program(case)
    assert raw.x is not None
    assert raw.row_dual is not None
    assert certify_lp(case, raw.x, raw.row_dual).holds


def test_violation_is_relative_to_the_rows_terms() -> None:
    case = program(affine(1), [(-INF, affine(1e6), 1e6)], lower=[0.0])
    assert violation(case, np.array([1.000001])) == pytest.approx(1e-6, rel=1e-3)
    outside = program(affine(1), [(0, applied("log", column(0)), INF)], lower=[-1.0])
    assert violation(outside, np.array([-1.0])) == INF


def test_a_weighted_sum_proves_infeasibility_only_if_it_does() -> None:
    right = np.array([1.0, -1.0, 0.0])
    assert proves_infeasible(contradiction(), right)
    assert proves_infeasible(contradiction(), -right)
    assert not proves_infeasible(contradiction(), np.array([1.0, 0.0, 0.0]))
    assert not proves_infeasible(contradiction(), np.zeros(3))
    assert not proves_infeasible(furniture(), DUALS)


def test_a_ray_proves_unboundedness_only_if_it_does() -> None:
    start = np.zeros(3)
    assert proves_unbounded(runaway(), start, np.array([2.0, 2.0, 0.0]))
    assert not proves_unbounded(runaway(), start, np.array([1.0, 0.0, 0.0]))
    assert not proves_unbounded(runaway(), start, np.array([-1.0, -1.0, 0.0]))
    assert not proves_unbounded(runaway(), start, np.array([1.0, 1.0, 1.0]))
    assert not proves_unbounded(runaway(), np.array([5.0, 0, 0]), np.array([1.0, 1.0, 0.0]))
    assert not proves_unbounded(runaway(), start, np.zeros(3))


# --- verdicts -------------------------------------------------------------------------------------


def _verdict(case: Program, *, ok: bool = True, limit: float = 10) -> Optimality:
    raw = solve_program(case, time_limit_s=limit)
    return optimality(case, raw, evaluation_ok=ok).optimality


INTEGERS = replace(runaway(), kind=np.full(3, Kind.INTEGER, dtype=np.uint8))
DISC = program(
    affine(1, 1), [(-INF, Scalar(quadratic=((0, 0, 1.0), (1, 1, 1.0))), 4.0)], lower=[-INF, -INF]
)
BILINEAR = program(
    affine(1), [(4, Scalar(quadratic=((0, 1, 1.0),)), INF), (-INF, affine(1, 1), 3)], lower=[0, 0]
)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (furniture(), Optimality.CERTIFIED),
        (knapsack([5, 4, 3], [3, 4, 5], 7), Optimality.CERTIFIED),
        (DISC, Optimality.CERTIFIED),
        (contradiction(), Optimality.CERTIFIED),
        (runaway(), Optimality.CERTIFIED),
        (INTEGERS, Optimality.CERTIFIED),
        (program(affine(1), lower=[2.0], upper=[1.0]), Optimality.CERTIFIED),
        (BILINEAR, Optimality.NONE),
    ],
)
def test_what_is_certified_without_a_second_solver(case: Program, expected: Optimality) -> None:
    assert _verdict(case) is expected


def test_an_open_gap_is_bounded_and_says_how_much() -> None:
    case = market_split()
    raw = solve_program(case, time_limit_s=0.5)
    verdict = optimality(case, raw, evaluation_ok=True)
    assert verdict.optimality is Optimality.BOUNDED
    assert any("gap" in check for check in verdict.checks)


def test_nothing_stands_where_the_evaluator_objects() -> None:
    assert _verdict(furniture(), ok=False) is Optimality.NONE


def test_duals_that_do_not_certify_leave_it_bounded() -> None:
    raw = replace(solve_program(furniture()), row_dual=np.zeros(3))
    verdict = optimality(furniture(), raw, evaluation_ok=True)
    assert verdict.optimality is Optimality.BOUNDED


def test_a_second_solvers_word_counts_and_its_dissent_too() -> None:
    case = program(affine(1, 1), [(1, affine(2, 2), 1)], lower=[0, 0], kind=[Kind.INTEGER] * 2)
    raw = solve_program(case)
    assert optimality(case, raw, evaluation_ok=False).optimality is Optimality.NONE
    second = confirm(case, raw)
    verdict = optimality(case, raw, evaluation_ok=False, second=second)
    assert verdict.optimality is Optimality.CERTIFIED
    assert any("SCIP" in check for check in verdict.checks)
    dissent = RawSolution(SolverStatus.OK, Termination.OPTIMAL, solver="other 1")
    verdict = optimality(case, raw, evaluation_ok=False, second=dissent)
    assert verdict.optimality is Optimality.NONE


@pytest.mark.parametrize(
    ("termination", "expected"),
    [
        (Termination.LOCALLY_OPTIMAL, Optimality.LOCAL),
        (Termination.FEASIBLE, Optimality.NONE),
        (Termination.TIME_LIMIT, Optimality.NONE),
        (Termination.UNKNOWN, Optimality.NONE),
    ],
)
def test_other_endings(termination: Termination, expected: Optimality) -> None:
    raw = RawSolution(SolverStatus.OK, termination, x=BEST, objectives=(36.0,))
    assert optimality(furniture(), raw, evaluation_ok=True).optimality is expected


def test_costs_below_every_tolerance_certify_only_the_best_point() -> None:
    rows = [(-INF, affine(1), 4.0)]
    case = program(affine(3e-9, 1e-9), rows, lower=[0, 0], upper=[9, 5], minimize=False)
    assert certify_lp(case, np.array([4.0, 5.0]), np.array([3e-9])).holds
    assert not certify_lp(case, np.array([0.0, 0.0]), np.array([0.0])).holds
    assert not certify_lp(case, np.array([4.0, 4.9]), np.array([3e-9])).holds


def test_a_small_curvature_is_none_the_less_a_limit() -> None:
    goal = Scalar(linear=((0, -1e-4),), quadratic=((0, 0, 1e-8), (1, 1, 1e-8)))
    raw = solve_program(program(goal, lower=[-INF, -INF]))
    assert raw.termination is Termination.OPTIMAL
    assert raw.x == pytest.approx([5000.0, 0.0], abs=1.0)


def test_a_weight_on_a_limit_that_is_not_there_counts_as_wrong() -> None:
    # x0 >= 1 is what counts; the whole weight on x0 <= 5 leaves no slope, and bounds nothing.
    case = program(affine(1), [(1.0, affine(1), INF), (-INF, affine(1), 5.0)], lower=[-INF])
    assert certify_lp(case, np.array([1.0]), np.array([1.0, 0.0])).holds
    wrong = certify_lp(case, np.array([1.0]), np.array([0.0, 1.0]))
    assert wrong.dual == 1.0
    assert not wrong.holds


def test_a_small_gap_is_a_gap() -> None:
    certificate = certify_lp(furniture(), BEST * (1 - 1e-5), DUALS)
    assert (certificate.primal, certificate.dual) == (0.0, 0.0)
    assert not certificate.holds


def test_a_semicontinuous_column_is_off_or_within_its_bounds() -> None:
    case = program(affine(1), lower=[2], upper=[5], kind=[Kind.SEMICONTINUOUS])
    found = [violation(case, np.array([x])) for x in (0.0, 1.0, 2.0, 5.0, 6.0)]
    assert found == [0.0, 1.0, 0.0, 0.0, pytest.approx(1 / 6)]
    # Switched off it meets a row that its bounds alone would contradict.
    low = replace(case, rows=batch(affine(1)), row_lower=np.array([-INF]), row_upper=np.ones(1))
    assert is_feasible(low, np.zeros(1))
    assert not any(proves_infeasible(low, np.array([y])) for y in (-1.0, 1.0))
    firm = replace(low, kind=np.zeros(1, dtype=np.uint8))
    assert proves_infeasible(firm, np.array([-1.0]))


def test_a_fraction_of_what_is_whole_is_not_feasible() -> None:
    case = knapsack([5, 4, 3], [3, 4, 5], 7)
    assert is_feasible(case, np.array([0.0, 1.0, 1.0]))
    assert not is_feasible(case, np.array([0.0, 0.5, 1.0]))


def test_limits_that_miss_each_other_by_rounding_prove_nothing() -> None:
    def closed(gap: float) -> Program:
        rows = [(1.0, affine(1), INF), (-INF, affine(1), 1.0 - gap)]
        return program(affine(1), rows, lower=[0.0])

    weights = np.array([1.0, -1.0])
    assert proves_infeasible(closed(1e-3), weights)
    assert not proves_infeasible(closed(1e-9), weights)


def test_a_direction_of_a_quadratic_goes_by_its_slope_and_its_curvature() -> None:
    step = np.array([1.0, 0.0])
    bowl = program(Scalar(linear=((0, -1.0),), quadratic=((0, 0, 1.0),)), lower=[-INF, 0])
    assert not proves_unbounded(bowl, np.zeros(2), step)
    product = program(Scalar(quadratic=((0, 1, 1.0),)), lower=[0, -1], upper=[INF, 0])
    assert proves_unbounded(product, np.array([0.0, -1.0]), step)
    assert not proves_unbounded(product, np.zeros(2), step)


def test_the_same_solver_twice_is_no_second_word() -> None:
    said = RawSolution(SolverStatus.OK, Termination.INFEASIBLE, solver="A 1.0")
    verdict = optimality(furniture(), said, evaluation_ok=True, second=said)
    assert verdict.optimality is Optimality.NONE
    other = replace(said, solver="B 2.0")
    verdict = optimality(furniture(), said, evaluation_ok=True, second=other)
    assert verdict.optimality is Optimality.CERTIFIED


@pytest.mark.parametrize(
    ("termination", "bound", "expected"),
    [
        (Termination.OPTIMAL, 9.0, Optimality.CERTIFIED),
        (Termination.OPTIMAL, 9.5, Optimality.BOUNDED),
        (Termination.FEASIBLE, 9.0, Optimality.BOUNDED),
    ],
)
def test_a_search_counts_if_it_ended_with_the_gap_closed(
    termination: Termination, bound: float, expected: Optimality
) -> None:
    x = np.array([0.0, 1.0, 1.0])
    raw = RawSolution(SolverStatus.OK, termination, x=x, objectives=(9.0,), bound=bound)
    case = knapsack([5, 4, 3], [3, 4, 5], 7)
    assert optimality(case, raw, evaluation_ok=True).optimality is expected
