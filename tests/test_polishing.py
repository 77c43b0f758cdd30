"""A point near a local optimum is taken there, and never anywhere worse."""

from __future__ import annotations

import math

import numpy as np
import pyscipopt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.instance import ground
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Formulation
from optiwright.formulators.wire import Form, read_wire
from optiwright.solver_tools.arithmetic import first_objective, function_values
from optiwright.solver_tools.certify import violation
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.polishing import neighbour, polished
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program


def formulation(script: str) -> Formulation:
    return lift(read_wire(f"```python\n{script}\n```", Form.FLAT), "")


def program(script: str) -> Program:
    return compile_program(ground(formulation(script)))


def tray(size: float) -> str:
    """A tray bent from a plate of size by half a size: the best square is 0.1056... of it."""
    return f"""x = continuous(0, {size / 4})
volume = ({size} - 2*x)*({size / 2} - 2*x)*x
maximize(volume)"""


@pytest.mark.parametrize("size", [0.01, 1.0, 100.0])
def test_a_small_objective_is_as_exact_as_a_large_one(size: float) -> None:
    result = optiwright.solve(formulation(tray(size)))
    x = (6 - math.sqrt(12)) / 24
    assert result.objective == pytest.approx(size**3 * x * (1 - 2 * x) * (0.5 - 2 * x), rel=1e-9)
    assert result.optimality == "certified"


CRATE = """side = continuous(0.01, 100)
height = continuous(0.01, 100)
minimize(side**2 + 4*side*height)
require(side**2*height >= 62.5)"""


@settings(deadline=None)
@given(st.floats(4, 6), st.floats(2, 3))
def test_what_is_near_goes_to_the_optimum(side: float, height: float) -> None:
    found = polished(program(CRATE), np.array([side, height]))
    if side**2 * height >= 62.5:
        assert found == pytest.approx([5, 2.5], rel=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
    st.floats(-2, 2),
    st.lists(st.floats(-2, 2), min_size=2, max_size=2),
    st.sampled_from(["minimize", "maximize"]),
)
def test_it_is_never_worse(weights: list[float], limit: float, at: list[float], goal: str) -> None:
    a, b, c = weights
    small = program(
        f"""x = continuous(-2, 2)
y = continuous(-2, 2)
{goal}({a}*x**3 + {b}*x*y + {c}*exp(y))
require(x*y + x >= {limit})"""
    )
    x = np.array(at)
    found = polished(small, x)
    objective = first_objective(small)
    old, new = (float(function_values(objective, point)[0]) for point in (x, found))
    assert violation(small, found) <= max(violation(small, x), 1e-9)
    if violation(small, found) == violation(small, x):
        assert new <= old if goal == "minimize" else new >= old


def test_whole_numbers_and_linear_programs_are_left_alone() -> None:
    whole = program("x = integer(0, 9)\ny = continuous(0, 9)\nmaximize(x*y - y**2)")
    linear = program("x = continuous(0, 9)\nmaximize(2*x)")
    for model, at in ((whole, [3.0, 1.0]), (linear, [4.0])):
        x = np.array(at)
        assert polished(model, x) is x


def test_where_the_objective_has_no_value_the_point_stays() -> None:
    model = program("x = continuous(0, 9)\nmaximize(log(x) - x**3)")
    x = np.array([0.0])
    assert polished(model, x) is x


def test_an_optimum_that_meets_no_limit_is_sought_nearer() -> None:
    # Far out, at a height of 1e17 and next to no radius, SCIP takes the volume for met.
    found = optiwright.solve(
        formulation("""r = continuous(0, None)
h = continuous(0, None)
minimize(4*3.14159*r*h + 4*3.14159*r**2/2)
require(3.14159*r**2*h + 4/3*3.14159*r**3/2 >= 100)""")
    )
    r = (300 / (2 * 3.14159)) ** (1 / 3)  # no wall at all
    assert found.objective == pytest.approx(2 * 3.14159 * r**2, rel=1e-6)
    assert found.level.answered


@pytest.mark.parametrize("goal", ["maximize(p*sold - cost)", "minimize(cost - p*sold)"])
def test_what_grows_without_limit_is_told_so_and_not_as_a_large_number(goal: str) -> None:
    found = optiwright.solve(
        formulation(f"""p = integer(10, None)
sold = 500*(p - 10)
cost = 3000 + 2*sold
{goal}
require(p >= 10)""")
    )
    assert (found.status, found.objective) == ("unbounded", None)


TUGS = """small = integer(0, None)
middle = integer(0, None)
large = integer(0, None)
earned = 320000*small + 580000*middle + 840000*large - 220000
spent = 1200000*small + 1900000*middle + 3100000*large
maximize(earned/spent)
require(22*small + 42*middle + 70*large >= 260)
require(spent <= 19000000)
require(large >= 1)
require(middle <= small)"""


def test_a_ratio_of_millions_is_best_in_whole_numbers() -> None:
    result = optiwright.solve(formulation(TUGS))
    earned, spent = 320 * 5 + 580 * 5 + 840 - 220, 1200 * 5 + 1900 * 5 + 3100
    assert result.objective == pytest.approx(earned / spent)  # SCIP alone stopped at four of five
    assert result.optimality == "certified"


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 6))
def test_a_better_neighbour_is_feasible_and_better(small: int, middle: int, large: int) -> None:
    model, x = program(TUGS), np.array([small, middle, large], dtype=float)
    found = neighbour(model, x)
    if found is not None:
        goal = first_objective(model)
        assert violation(model, found) == 0
        assert not function_values(goal, found)[0] <= function_values(goal, x)[0]


def test_the_best_has_no_better_neighbour_and_what_is_short_of_it_by_one_has() -> None:
    model = program(TUGS)
    assert neighbour(model, np.array([5.0, 5.0, 1.0])) is None
    found = neighbour(model, np.array([5.00000001, 4.0, 1.0]))
    assert found is not None and list(found) == [5, 5, 1]


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_claim_that_a_neighbour_betters_is_asked_again_and_never_certified(
    stubborn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, asked = program(TUGS), []
    optimize = pyscipopt.Model.optimize

    class Hasty(pyscipopt.Model):
        def optimize(self) -> None:
            asked.append(self)
            if stubborn or len(asked) == 1:
                small, middle = self.getVars()[:2]
                self.addCons(small == 5)
                self.addCons(middle <= 4)
            optimize(self)

    monkeypatch.setattr(pyscipopt, "Model", Hasty)
    found = solve_program(model, solver="scip")
    best = 5120 / 18600
    assert len(asked) == 2 and found.objective == pytest.approx(best)
    expected = Termination.FEASIBLE if stubborn else Termination.OPTIMAL
    assert found.termination is expected
