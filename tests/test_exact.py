"""Exact confirmation: it agrees with a method of another kind, and refuses what is wrong."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.solver_tools.basis import final_basis
from optiwright.solver_tools.exact import MOST_ROWS, Exactness, exact_job
from optiwright.solver_tools.exact_checks import (
    fault_of_contradiction,
    fault_of_optimum,
    fault_of_point,
    fault_of_ray,
)
from optiwright.solver_tools.exact_linear import OutOfTime, solve_exactly
from optiwright.solver_tools.exact_simplex import At, Ending, Found, pivot_to_the_end, start_at_rows
from optiwright.solver_tools.program import Kind, Program, Scalar
from optiwright.solver_tools.rational import Reading, exact_program, read_number
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program
from tests.exact_by_hand import Case, best
from tests.programs import (
    INF,
    affine,
    contradiction,
    furniture,
    knapsack,
    program,
    runaway,
)

F = Fraction
WORDS = {
    "optimal": Exactness.OPTIMUM,
    "infeasible": Exactness.INFEASIBLE,
    "unbounded": Exactness.UNBOUNDED,
}

limits = st.one_of(st.none(), st.integers(-20, 20))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Linear programs of all kinds: equalities, ranges, free and fixed columns, redundant rows."""
    n = draw(st.integers(1, 3))
    rows: list[tuple[int | None, tuple[int, ...], int | None]] = []
    for _ in range(draw(st.integers(0, 4))):
        coefficients = tuple(draw(st.lists(st.integers(-7, 7), min_size=n, max_size=n)))
        low, high = draw(limits), draw(limits)
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
        if draw(st.integers(0, 4)) == 0:
            low = high
        rows.append((low, coefficients, high))
    if draw(st.booleans()):
        rows += rows[:1]
    bounds = st.sampled_from([(0, None), (0, 30), (None, None), (None, 15), (7, 7), (-3, 25)])
    columns = [draw(bounds) for _ in range(n)]
    return Case(
        tuple(draw(st.lists(st.integers(-5, 5), min_size=n, max_size=n))),
        tuple(rows),
        tuple(low for low, _ in columns),
        tuple(high for _, high in columns),
        draw(st.booleans()),
    )


def confirm(case: Program) -> tuple[Exactness, Fraction | None]:
    raw = solve_program(case)
    found = exact_job(case, raw.termination, raw.x)
    return found.exactness, found.objective


@settings(max_examples=80, deadline=None)
@given(cases())
def test_it_agrees_with_trying_every_vertex(case: Case) -> None:
    word, value = best(case)
    assert confirm(case.program()) == (WORDS[word], value)


@settings(max_examples=60, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_from_any_basis_it_finds_the_same(case: Case, random: object) -> None:
    exact = exact_program(case.program())
    stands = [At.BASIC] * len(exact.rows) + [At.UPPER] * len(exact.cost)
    random.shuffle(stands)  # type: ignore[attr-defined]
    found = pivot_to_the_end(exact, stands, most_pivots=200, deadline=math.inf)
    word, value = best(case)
    if found.ending is Ending.SINGULAR:
        found = pivot_to_the_end(exact, start_at_rows(exact), most_pivots=200, deadline=math.inf)
    assert found.ending.value == word
    if word == "optimal":
        assert exact.objective(found.x) == value
        assert fault_of_optimum(exact, found.x, found.multipliers) == ""
    elif word == "infeasible":
        assert fault_of_contradiction(exact, found.multipliers) == ""
    else:
        assert fault_of_ray(exact, found.x, found.ray) == ""


@settings(max_examples=80, deadline=None)
@given(cases(), st.data())
def test_a_claim_that_is_perturbed_is_refused(case: Case, data: st.DataObject) -> None:
    """Moves one number of a proof: whatever is still accepted has to be a proof by its value."""
    exact = exact_program(case.program())
    found = pivot_to_the_end(exact, start_at_rows(exact), most_pivots=200, deadline=math.inf)
    by = data.draw(st.sampled_from([F(1, 10**9), F(-1, 10**9), F(1), F(-3)]))
    _word, value = best(case)
    if found.ending is not Ending.OPTIMAL:
        assert fault_of_optimum(exact, found.x, found.multipliers)
        return
    at = data.draw(st.integers(0, len(found.x) - 1))
    x = tuple(v + by * (k == at) for k, v in enumerate(found.x))
    if fault_of_optimum(exact, x, found.multipliers) == "":
        assert fault_of_point(exact, x) == ""
        assert exact.objective(x) == value
    if exact.rows:
        row = data.draw(st.integers(0, len(exact.rows) - 1))
        duals = tuple(y + by * (k == row) for k, y in enumerate(found.multipliers))
        if fault_of_optimum(exact, found.x, duals) == "":
            assert exact.objective(found.x) == value
    assert fault_of_contradiction(exact, found.multipliers)
    assert fault_of_ray(exact, found.x, tuple(F(0) for _ in found.x))


def test_wrong_points_weights_and_directions_are_named() -> None:
    exact = exact_program(furniture())
    x, duals = (F(2), F(6)), (F(0), F(-3, 2), F(-1))  # of the minimised objective
    assert fault_of_optimum(exact, x, duals) == ""
    assert "row 1 at" in fault_of_optimum(exact, (F(2), F(6) + F(1, 10**30)), duals)
    assert "slack" in fault_of_optimum(exact, (F(2), F(5)), duals)
    assert "wrong sign" in fault_of_optimum(exact, x, (F(0), F(3, 2), F(-1)))
    assert fault_of_optimum(exact, x, (F(0), F(-3, 2), F(-1) - F(1, 10**30)))
    assert "outside its bounds" in fault_of_point(exact, (F(-1, 10**30), F(0)))
    conflict = exact_program(contradiction())
    assert fault_of_contradiction(conflict, (F(1), F(-1), F(0))) == ""
    assert fault_of_contradiction(conflict, (F(1), F(0), F(0)))
    assert fault_of_contradiction(conflict, (F(0), F(0), F(0)))
    away = exact_program(runaway())
    zero = (F(0), F(0), F(0))
    assert fault_of_ray(away, zero, (F(1), F(1), F(0))) == ""
    assert "stops" in fault_of_ray(away, zero, (F(1), F(1), F(1, 10**9)))
    assert "stops" in fault_of_ray(away, zero, (F(1), F(0), F(0)))
    assert "changes by 0" in fault_of_ray(away, zero, zero)
    assert "column" in fault_of_ray(away, (F(-1), F(0), F(0)), (F(1), F(1), F(0)))


def test_duals_have_the_sign_of_the_solution() -> None:
    found = exact_job(furniture(), Termination.OPTIMAL, np.array([2.0, 6.0]))
    assert found.multipliers == (F(0), F(3, 2), F(1))
    assert found.x == (F(2), F(6))
    assert found.pivots == 0


def test_the_optimum_in_tenths_and_thirds_is_exact() -> None:
    rows = [(-INF, affine(0.3, 0.1), 1.0), (-INF, affine(0.1, 0.3), 38 / 30)]
    found = exact_job(
        program(affine(1, 1), rows, lower=[0, 0], minimize=False), Termination.OPTIMAL, np.ones(2)
    )
    assert found.objective == F(17, 3)
    assert found.readings is not None
    assert (found.readings.fractions, found.readings.as_computed) == (1, 0)


def test_an_answer_that_is_not_the_exact_one_is_not_confirmed() -> None:
    # Feasible within a solver's tolerance, but not exactly: 0.1 + 0.2 is no more than 0.3.
    rows = [(0.3 + 1e-9, affine(1), INF)]
    case = program(affine(1), rows, lower=[0.0], upper=[0.3])
    found = exact_job(case, Termination.OPTIMAL, np.array([0.3]))
    assert found.exactness is Exactness.UNDECIDED
    assert "infeasible" in found.message
    for claimed, told in (
        (Termination.INFEASIBLE, "has an optimum"),
        (Termination.UNBOUNDED, "has an optimum"),
        (Termination.TIME_LIMIT, "no answer to confirm"),
    ):
        found = exact_job(furniture(), claimed, np.array([2.0, 6.0]))
        assert found.exactness is Exactness.UNDECIDED
        assert told in found.message


# --- whole numbers --------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_mixed_point_is_exact_and_no_better_than_trying_all(data: st.DataObject) -> None:
    """Two whole numbers tried one by one; for each the rest is a linear program by hand."""
    numbers = st.integers(-6, 9)
    cost = data.draw(st.tuples(numbers, numbers, numbers))
    rows = data.draw(st.lists(st.tuples(numbers, numbers, numbers, st.integers(0, 40)), max_size=3))
    mixed = Case(cost, tuple((None, row[:3], row[3]) for row in rows), (0, 0, 0), (30, 20, 25))
    case = replace(
        mixed.program(),
        kind=np.array([Kind.INTEGER, Kind.INTEGER, Kind.CONTINUOUS], dtype=np.uint8),
    )
    values = []
    for i in range(4):
        for j in range(3):
            fixed = replace(mixed, lower=(10 * i, 10 * j, 0), upper=(10 * i, 10 * j, 25))
            word, value = best(fixed)
            values += [value] if word == "optimal" and value is not None else []
    raw = solve_program(case)
    found = exact_job(case, raw.termination, raw.x)
    assert found.exactness is Exactness.POINT
    assert found.objective == min(values)
    assert all(v.denominator == 1 for v in found.x[:2])


def test_a_point_with_wrong_integers_is_not_confirmed() -> None:
    case = knapsack([5, 4, 3], [3, 4, 5], 7)
    right = exact_job(case, Termination.OPTIMAL, np.array([0.0, 1.0, 1.0]))
    assert (right.exactness, right.objective) == (Exactness.POINT, F(9))
    wrong = exact_job(case, Termination.OPTIMAL, np.array([1.0, 1.0, 1.0]))
    assert wrong.exactness is Exactness.UNDECIDED
    outside = exact_job(case, Termination.OPTIMAL, np.array([2.0, 0.0, 0.0]))
    assert outside.exactness is Exactness.UNDECIDED


def test_without_whole_numbers_a_contradiction_may_be_gone() -> None:
    kind = [Kind.INTEGER] * 2
    odd = program(affine(1, 1), [(7, affine(2, 4), 7)], lower=[0, 0], upper=[9, 9], kind=kind)
    found = exact_job(odd, Termination.INFEASIBLE, None)
    assert found.exactness is Exactness.UNDECIDED
    assert "Without whole numbers there are plans" in found.message
    firm = replace(contradiction(), kind=np.array(kind, dtype=np.uint8))
    assert exact_job(firm, Termination.INFEASIBLE, None).exactness is Exactness.INFEASIBLE


def test_an_unbounded_program_with_integers_starts_from_integers() -> None:
    case = replace(runaway(), kind=np.full(3, Kind.INTEGER, dtype=np.uint8))
    found = exact_job(case, Termination.UNBOUNDED, np.array([1.0, 1.0, 0.0]))
    assert found.exactness is Exactness.UNBOUNDED
    assert found.x == (F(1), F(1), F(0))
    assert exact_job(case, Termination.UNBOUNDED, None).exactness is Exactness.UNDECIDED
    off = exact_job(case, Termination.UNBOUNDED, np.array([9.0, 1.0, 0.0]))
    assert off.exactness is Exactness.UNDECIDED


def test_a_semicontinuous_column_is_off_or_within_its_bounds() -> None:
    kind = [Kind.SEMICONTINUOUS]
    case = program(affine(1), [(-INF, affine(1), 9.0)], lower=[2], upper=[5], kind=kind)
    assert exact_job(case, Termination.OPTIMAL, np.zeros(1)).objective == 0
    assert exact_job(case, Termination.OPTIMAL, np.array([2.0])).objective == 2
    above = program(affine(1), [(1.0, affine(1), 1.0)], lower=[2], upper=[5], kind=kind)
    assert exact_job(above, Termination.OPTIMAL, np.ones(1)).exactness is Exactness.UNDECIDED


# --- limits ---------------------------------------------------------------------------------------


def test_what_is_too_large_or_not_linear_is_refused_in_words() -> None:
    many = MOST_ROWS + 1
    large = program(Scalar(), lower=[0.0] * many)
    found = exact_job(large, Termination.OPTIMAL, np.zeros(many))
    assert "too large" in found.message
    assert f"{many:,}" in found.message
    curved = program(Scalar(quadratic=((0, 0, 1.0),)), lower=[0.0])
    assert "Only linear" in exact_job(curved, Termination.OPTIMAL, np.zeros(1)).message


def test_time_runs_out_in_words() -> None:
    found = exact_job(furniture(), Termination.OPTIMAL, np.array([2.0, 6.0]), 0.0)
    assert found.exactness is Exactness.UNDECIDED
    assert "did not end within 0 s" in found.message
    with pytest.raises(OutOfTime):
        solve_exactly([{0: F(1)}], [F(1)], deadline=time.monotonic() - 1)


def test_a_transport_problem_of_hundreds_of_columns_is_confirmed_within_seconds() -> None:
    random = np.random.default_rng(5)
    size = 15
    cost = affine(*(random.integers(1, 99, size=size * size) / 10).tolist())
    take = [1.0 * (k // size == i) for i in range(size) for k in range(size * size)]
    give = [1.0 * (k % size == j) for j in range(size) for k in range(size * size)]
    chunks = [take[i * size * size : (i + 1) * size * size] for i in range(size)]
    rows = [(-INF, affine(*row), 12.5) for row in chunks]
    chunks = [give[i * size * size : (i + 1) * size * size] for i in range(size)]
    rows += [(float(random.integers(1, 12)), affine(*row), INF) for row in chunks]
    case = program(cost, rows, lower=[0.0] * size * size)
    raw = solve_program(case)
    found = exact_job(case, raw.termination, raw.x, 20)
    assert found.exactness is Exactness.OPTIMUM
    assert float(found.objective or 0) == pytest.approx(raw.objective, rel=1e-9)


# --- systems and numbers --------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-5, 5), min_size=n + 1, max_size=n + 1), min_size=n, max_size=n
        )
    )
)
def test_a_square_system_is_solved_or_singular(table: list[list[int]]) -> None:
    n = len(table)
    rows = [{j: F(a, 3) for j, a in enumerate(line[:n])} for line in table]
    right = [F(line[n], 7) for line in table]
    x = solve_exactly(rows, right)
    singular = round(np.linalg.det(np.array(table, dtype=float)[:, :n])) == 0
    assert (x is None) == singular
    if x is not None:
        assert [sum(a * x[j] for j, a in row.items()) for row in rows] == right


@pytest.mark.parametrize(
    ("value", "number", "reading"),
    [
        (0.1, F(1, 10), Reading.DECIMAL),
        (0.1 + 0.2, F(3, 10), Reading.DECIMAL),
        (-1234.5, F(-2469, 2), Reading.DECIMAL),
        (0.0, F(0), Reading.DECIMAL),
        (1e30, F(10**30), Reading.DECIMAL),
        (1e-9, F(1, 10**9), Reading.DECIMAL),
        (1 / 3, F(1, 3), Reading.FRACTION),
        (-22 / 7, F(-22, 7), Reading.FRACTION),
        (2 / 3 + 1 / 7, F(17, 21), Reading.FRACTION),
        (3.14159265358979, F(314159265358979, 10**14), Reading.DECIMAL),
        (0.1234567890123456, F(0.1234567890123456), Reading.AS_COMPUTED),
    ],
)
def test_floats_are_read_as_what_they_stand_for(
    value: float, number: Fraction, reading: Reading
) -> None:
    assert read_number(value) == (number, reading)


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(-20, 8))
def test_a_decimal_of_twelve_digits_is_read_as_written(digits: int, power: int) -> None:
    assert read_number(float(f"{digits}e{power}"))[0] == digits * F(10) ** power


def test_what_cannot_be_read_is_counted_and_shown() -> None:
    odd = 0.1234567890123456
    read = exact_program(program(affine(odd, 0.5), lower=[0, 0])).readings
    assert (read.as_computed, read.example) == (1, odd)
    assert read.decimals == 4  # 0.5, the constant and the two bounds


# --- each guard by itself -------------------------------------------------------------------------


def test_too_many_coefficients_are_refused_in_words() -> None:
    rows = [(-INF, affine(*[1.0] * 160), 9.0) for _ in range(100)]
    found = exact_job(
        program(affine(1), rows, lower=[0.0] * 160), Termination.OPTIMAL, np.ones(160)
    )
    assert "16,000 coefficients" in found.message


def test_a_whole_number_below_its_bound_is_not_confirmed() -> None:
    case = replace(knapsack([5, 4, 3], [3, 4, 5], 7), minimize=(True,))
    below = exact_job(case, Termination.OPTIMAL, np.array([-1.0, 0.0, 0.0]))
    assert below.exactness is Exactness.UNDECIDED


def test_a_column_that_may_be_off_makes_no_contradiction() -> None:
    case = program(
        affine(1), [(-INF, affine(1), 1.0)], lower=[2], upper=[5], kind=[Kind.SEMICONTINUOUS]
    )
    found = exact_job(case, Termination.INFEASIBLE, None)
    assert found.exactness is Exactness.UNDECIDED
    assert "there are plans" in found.message


def test_a_basis_that_determines_no_point_is_begun_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    # The second row, 2 x1 <= 12, does not hold x0.
    singular = [At.BASIC, At.LOWER, At.BASIC, At.UPPER, At.BASIC]
    exact = exact_program(furniture())
    ended = pivot_to_the_end(exact, singular, most_pivots=9, deadline=math.inf)
    assert ended.ending is Ending.SINGULAR
    monkeypatch.setattr("optiwright.solver_tools.exact.final_basis", lambda *_: singular)
    found = exact_job(furniture(), Termination.OPTIMAL, np.array([2.0, 6.0]))
    assert (found.exactness, found.objective) == (Exactness.OPTIMUM, F(36))
    assert found.pivots > 0


@pytest.mark.parametrize("ending", [Ending.OPTIMAL, Ending.INFEASIBLE, Ending.UNBOUNDED])
def test_what_the_method_claims_is_checked(monkeypatch: pytest.MonkeyPatch, ending: Ending) -> None:
    claim = Found(ending, 0, (F(1), F(1)), (F(0),) * 3, (F(0), F(0)))
    monkeypatch.setattr("optiwright.solver_tools.exact.pivot_to_the_end", lambda *_, **__: claim)
    termination = {
        Ending.OPTIMAL: Termination.OPTIMAL,
        Ending.INFEASIBLE: Termination.INFEASIBLE,
        Ending.UNBOUNDED: Termination.UNBOUNDED,
    }[ending]
    found = exact_job(furniture(), termination, np.ones(2))
    assert found.exactness is Exactness.UNDECIDED
    assert "The exact check did not hold" in found.message


def test_a_direction_improves_in_the_sense_of_the_goal_and_a_constant_is_no_gain() -> None:
    for minimize in (True, False):
        case = program(affine(1, constant=-5.0), lower=[-INF], minimize=minimize)
        exact = exact_program(case)
        good = F(-1) if minimize else F(1)
        assert fault_of_ray(exact, (F(0),), (good,)) == ""
        assert "changes by" in fault_of_ray(exact, (F(0),), (-good,))
        assert "changes by 0" in fault_of_ray(exact, (F(0),), (F(0),))


def test_terms_of_one_column_add_up_and_may_vanish() -> None:
    row = Scalar(linear=((0, 1.0), (1, 1.0), (0, 2.0), (1, -1.0)))
    case = program(affine(1), [(-INF, row, 6.0)], lower=[0, 0], minimize=False)
    assert exact_program(case).rows == ({0: F(3)},)
    assert exact_job(case, Termination.OPTIMAL, np.array([2.0, 0.0])).objective == 2


def test_the_solvers_basis_is_read_as_it_stands() -> None:
    # At the best point the first column is at its upper bound, and the row's upper limit holds.
    rows = [(-INF, affine(1, 2), 8.0), (1.0, affine(1, 1), INF)]
    case = program(affine(3, 1), rows, lower=[0, 0], upper=[3, 9], minimize=False)
    assert final_basis(case, 10) == [At.UPPER, At.BASIC, At.UPPER, At.BASIC]
    found = exact_job(case, Termination.OPTIMAL, np.array([3.0, 2.5]))
    assert (found.objective, found.pivots) == (F(23, 2), 0)


def test_a_program_that_presolve_finds_empty_has_a_basis_all_the_same() -> None:
    assert final_basis(contradiction(), 10) is not None
