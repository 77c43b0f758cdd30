"""Geometric programs: what is recognised, what is solved, and what is left to others."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.agent.evidence import Level
from optiwright.agent.result import Status
from optiwright.formulators.model import Algebraic, Formulation, Objective, Sense, Variable
from optiwright.solver_tools import geometric, scip
from optiwright.solver_tools.certify import Optimality, optimality, violation
from optiwright.solver_tools.geometric_form import as_geometric
from optiwright.solver_tools.program import Kind, Program, Scalar
from optiwright.solver_tools.solution import Limits, RawSolution, Termination
from optiwright.solver_tools.solve import solve_program
from tests.programs import INF, affine, applied, column, plus, program


def product(coefficient: float, *columns: int) -> Scalar:
    """Returns coefficient times a product of two or three columns."""
    if len(columns) == 2:
        return Scalar(quadratic=((*columns, coefficient),))
    return applied("mul", product(coefficient, *columns[:2]), column(columns[2]))


def power(j: int, exponent: float, times: float = 1.0) -> Scalar:
    return applied("pow", column(j), exponent, times=times)


def over(top: float, bottom: Scalar) -> Scalar:
    return applied("div", top, bottom)


def tank() -> Program:
    """An open tank of volume 32 on a square base x0, of height x1."""
    cost = plus(product(40, 0, 1), product(20, 0, 0))
    return program(cost, [(32, product(1, 0, 0, 1), 32)], lower=[0, 0])


def tin() -> Program:
    cost = plus(product(0.1257, 0, 1), product(0.314, 0, 0))
    return program(cost, [(500, product(math.pi, 0, 0, 1), 500)], lower=[0, 0])


def carton() -> Program:
    """The largest open box of surface 12: 2 by 2 by 1."""
    surface = plus(product(1, 0, 1), product(2, 0, 2), product(2, 1, 2))
    volume = product(1, 0, 1, 2)
    return program(volume, [(-INF, surface, 12)], lower=[0, 0, 0], minimize=False)


def harvest() -> Program:
    """Maximise 6 x^(1/3) y^(1/3) - x - y + 2: at x = y = 8, 24 - 16 + 2."""
    output = applied("mul", power(0, 1 / 3), power(1, 1 / 3), times=6)
    return program(plus(output, affine(-1, -1, constant=2)), lower=[0, 0], minimize=False)


def fractional() -> Program:
    """Minimise x^0.5 + 8 y^-1.5 with y <= 4 sqrt(x)."""
    root = applied("sqrt", column(0), times=-4)
    goal = plus(applied("sqrt", column(0)), power(1, -1.5, 8))
    return program(goal, [(-INF, plus(column(1), root), 0)], lower=[0, 0])


def least_fractional() -> float:
    """With s = sqrt(x) and y = 4 s: the least s + s^-1.5, at s = 1.5^(2/5)."""
    s = 1.5**0.4
    return float(s + s**-1.5)


def ratio() -> Program:
    """Minimise (x + y)^2 / (x y): 4 wherever x = y, here between 1 and 3."""
    goal = applied("div", applied("pow", affine(1, 1), 2.0), product(1, 0, 1))
    return program(goal, lower=[1, 0], upper=[3, 2])


SOLVED = [
    (tank(), 3 * (640**2 * 20) ** (1 / 3)),
    (tin(), 3 * (0.1257 * 500 / math.pi / 2) ** (2 / 3) * 0.314 ** (1 / 3)),
    (carton(), 4.0),
    (harvest(), 10.0),
    (fractional(), least_fractional()),
    (ratio(), 4.0),
]


def solved(given_program: Program) -> RawSolution:
    raw = geometric.solve(given_program, Limits(time.monotonic() + 20))
    assert raw is not None
    return raw


@pytest.mark.parametrize(("problem", "best"), SOLVED)
def test_the_optimum_is_found_and_certified(problem: Program, best: float) -> None:
    raw = solve_program(problem)
    assert raw.termination is Termination.OPTIMAL
    assert raw.objective == pytest.approx(best, rel=1e-10)
    assert raw.bound == pytest.approx(best, rel=1e-10)
    assert "(geometric)" in raw.solver
    verdict = optimality(problem, raw, evaluation_ok=True)
    assert verdict.optimality is Optimality.CERTIFIED
    assert geometric.MESSAGE in verdict.checks


def test_the_values_are_exact_where_the_objective_is_flat() -> None:
    raw = solved(carton())
    assert raw.x == pytest.approx(np.array([2.0, 2.0, 1.0]), rel=1e-10)


def test_large_right_hand_sides_are_met() -> None:
    cost = plus(product(40, 0, 1), product(20, 0, 0))
    problem = program(cost, [(3e9, product(1, 0, 0, 1), 3e9)], lower=[0, 0])
    raw = solved(problem)
    assert raw.termination is Termination.OPTIMAL
    assert raw.x is not None
    assert violation(problem, raw.x) <= 1e-6


def test_bounds_that_bind_fixed_columns_and_idle_ones() -> None:
    goal = plus(product(1, 0, 1), over(1.0, column(0)))
    problem = program(goal, lower=[0, 4, 7], upper=[0.25, 4, INF])
    raw = solved(problem)
    assert raw.objective == pytest.approx(5.0)
    assert raw.x == pytest.approx(np.array([0.25, 4, 7]))


def test_the_bound_does_not_hang_on_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optiwright.solver_tools.conic.TOLERANCE", 1e-2)
    raw = solved(carton())
    assert raw.termination is not Termination.OPTIMAL or raw.objective == pytest.approx(4.0)


GOAL = plus(column(0), over(1.0, product(1, 0, 1)), column(1))


@pytest.mark.parametrize(
    "problem",
    [
        program(plus(GOAL, product(-1, 0, 1), product(-1, 0, 0)), lower=[0, 0]),
        program(GOAL, lower=[0, 0], kind=[Kind.INTEGER, Kind.CONTINUOUS]),
        program(GOAL, [(3, affine(1, 1), 3)], lower=[0, 0]),
        program(GOAL, [(3, affine(1, 1), INF)], lower=[0, 0]),
        program(GOAL, lower=[-1, 0]),
        program(GOAL, lower=[-INF, 0]),
        program(GOAL, lower=[0, 0], upper=[INF, 0]),
        program(GOAL, lower=[0, 0], minimize=False),
        program(plus(GOAL, applied("exp", column(0))), lower=[0, 0]),
        program(plus(GOAL, applied("sqrt", affine(1, 1))), lower=[0, 0]),
        program(plus(GOAL, over(1.0, affine(1, 1))), lower=[0, 0]),
        program(plus(GOAL, applied("pow", 2.0, column(0))), lower=[0, 0]),
        program(plus(GOAL, applied("pow", affine(1, 1), 5000.0)), lower=[0, 0]),
        program(Scalar(3.0), [(1, product(1, 0, 1), INF)], lower=[0, 0]),
    ],
    ids=[
        "two gains",
        "integer",
        "equal sum",
        "sum at least",
        "negative",
        "free",
        "zero",
        "maximised sum",
        "exponential",
        "root of a sum",
        "over a sum",
        "variable exponent",
        "too many terms",
        "no objective",
    ],
)
def test_what_is_not_geometric_is_refused(problem: Program) -> None:
    assert as_geometric(problem) is None
    assert geometric.solve(problem, Limits(time.monotonic() + 5)) is None


def test_a_best_value_at_zero_is_left_to_others() -> None:
    """With x = 0 the row holds for any y, so that zero beats every positive point."""
    row = (0.0, plus(product(1, 0, 1), column(0, -1.0)), INF)
    assert as_geometric(program(affine(1, 1), [row], lower=[0, 0])) is None
    # x cancels from x y <= x z but may be zero all the same.
    goal = plus(column(0), column(1), over(1.0, column(1)), over(1.0, column(2)))
    row = (-INF, plus(product(1, 0, 1), product(-1, 0, 2)), 0.0)
    assert as_geometric(program(goal, [row], lower=[0, 0, 0])) is None


def test_a_gain_that_does_not_make_up_for_its_cost_is_left_to_others() -> None:
    problem = program(plus(affine(1, 1), product(-1, 0, 1)), lower=[0.5, 0.5], upper=[1, 1])
    assert solved(problem).termination is Termination.INFEASIBLE
    assert solve_program(problem).objective == pytest.approx(0.75)


def test_like_terms_are_merged() -> None:
    """X y - x y, and 0.1 x + 0.2 x - 0.3 x, leave nothing behind."""
    goal = plus(
        GOAL, product(5, 0, 1), product(-5, 1, 0), column(0, 0.1), column(0, 0.2), column(0, -0.3)
    )
    assert solved(program(goal, lower=[0, 0])).objective == pytest.approx(3.0)


@pytest.mark.parametrize(
    "problem",
    [
        program(over(1.0, column(0)), lower=[0]),
        program(plus(column(0), over(1.0, column(0)), over(1.0, column(1))), lower=[0, 0]),
        program(column(0), [(1.0, plus(column(0), over(-1.0, column(1))), INF)], lower=[0, 0]),
    ],
    ids=["to zero", "to two", "by a row"],
)
def test_what_is_approached_and_not_attained_is_not_claimed(problem: Program) -> None:
    raw = solved(problem)
    assert raw.termination is not Termination.OPTIMAL
    assert not raw.termination.has_point


def test_a_limit_that_does_not_bind_may_recede() -> None:
    goal = plus(column(0), over(1.0, column(0)))
    raw = solved(program(goal, [(-INF, over(1.0, column(1)), 5.0)], lower=[0, 0]))
    assert raw.termination is Termination.OPTIMAL
    assert raw.objective == pytest.approx(2.0)


def test_an_infeasible_program_is_not_claimed_optimal() -> None:
    problem = program(affine(1, 1), [(4.0, product(1, 0, 1), INF)], lower=[0, 0], upper=[1.0, 2.0])
    assert solved(problem).termination is Termination.INFEASIBLE
    assert solve_program(problem, time_limit_s=20).termination is Termination.INFEASIBLE


@st.composite
def geometric_programs(draw: st.DrawFn) -> Program:
    """A posynomial under a posynomial limit, within bounds."""
    exponents = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
    coefficients = st.sampled_from([0.5, 1.0, 2.0, 3.0])

    def monomial() -> Scalar:
        one, two = draw(exponents), draw(exponents)
        return applied("mul", power(0, one), power(1, two), times=draw(coefficients))

    goal = plus(monomial(), monomial(), monomial())
    limit = plus(monomial(), monomial())
    return program(goal, [(-INF, limit, draw(coefficients))], lower=[0.2, 0.2], upper=[5, 5])


@settings(max_examples=12, deadline=None)
@given(geometric_programs())
def test_random_programs_have_the_optimum_that_scip_finds(problem: Program) -> None:
    raw = geometric.solve(problem, Limits(time.monotonic() + 10))
    other = scip.solve(problem, Limits(time.monotonic() + 10))
    if other.termination is Termination.INFEASIBLE:
        assert raw is None or raw.termination is not Termination.OPTIMAL
        return
    assert raw is not None
    assert other.termination is Termination.OPTIMAL
    assert raw.objective == pytest.approx(other.objective, rel=1e-5)


def test_the_tank_from_its_formulation() -> None:
    formulation = Formulation(
        title="Tank",
        variables=(Variable(name="x"), Variable(name="h")),
        objectives=(Objective(sense=Sense.MINIMIZE, expression="40 * x * h + 20 * x ** 2"),),
        constraints=(Algebraic(name="volume", expression="x ** 2 * h == 32"),),
    )
    result = optiwright.solve(formulation)
    assert result.status is Status.OPTIMAL
    assert result.level is Level.CHECKED
    assert result.objective == pytest.approx(604.762104, abs=1e-6)
