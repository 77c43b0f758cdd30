"""What grows without limit is named, how fast, what it brings, and which limit is missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.agent.result import Status
from optiwright.agent.trouble import growth_in_words
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Algebraic, Domain, Formulation, Objective, Sense, Variable
from optiwright.solver_tools.arithmetic import function_values
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.runaway import Growth, Runaway, runaway
from optiwright.solver_tools.solve import solve_program
from tests.programs import INF, affine, program


def maximum(expression: str, *rules: str, **more: object) -> Formulation:
    base = {
        "variables": (
            Variable(name="bread", description="loaves baked"),
            Variable(name="cake", description="cakes baked"),
            Variable(name="idle", upper="7"),
        ),
        "objectives": (
            Objective(sense=Sense.MAXIMIZE, expression=expression, description="total profit",
                      unit="euros"),
        ),
        "constraints": tuple(
            Algebraic(name=f"rule{k}", expression=rule) for k, rule in enumerate(rules)
        ),
    }  # fmt: skip
    return Formulation.model_validate(base | more)


def found_in(formulation: Formulation) -> Runaway:
    return runaway(compile_program(ground(formulation)), 10)


INTEGER = tuple(Variable(name=n, domain=Domain.INTEGER) for n in ("bread", "cake"))
FREE = (Variable(name="debt", lower=None, upper="10"), Variable(name="bread", upper="5"))

CASES = {
    "lp": (maximum("2*bread + 5*cake + 9*idle", "cake <= 25"), {"bread": 1.0}, 2.0),
    "together": (maximum("2*bread + 5*cake", "cake <= bread / 10"), {"bread": 1.0, "cake": 0.1},
                 2.5),
    "mip": (maximum("3*bread + cake", "cake <= 4", variables=INTEGER), {"bread": 1.0}, 3.0),
    "down": (maximum("bread - 4*debt", variables=FREE), {"debt": -1.0}, 4.0),
    "qp": (maximum("6*bread - (cake - 2)**2"), {"bread": 1.0}, None),
    "nonlinear": (maximum("log(1 + bread) + cake", "cake <= 4"), {"bread": 1.0}, None),
    "dwarfed": (maximum("bread**3 + cake"), {"bread": 1.0}, None),
    "product": (maximum("bread * cake + idle", "cake <= 3"), {"bread": 1.0}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_only_what_has_to_move_is_named_with_what_it_brings(name: str) -> None:
    formulation, rates, slope = CASES[name]
    found = found_in(formulation)
    assert {g.name: pytest.approx(g.rate, rel=1e-3) for g in found.moving} == rates
    assert found.slope == (None if slope is None else pytest.approx(slope))


def test_a_bounded_program_has_no_direction_though_a_best_point_lies_far_out() -> None:
    case = program(
        affine(1.0, 0.0, -1.0, 0.0),
        [(-INF, affine(1.0, 0.0, -1.0, 0.0), 6.0), (-INF, affine(0.0, 0.0, 1.0, -1.0), 6.0)],
        lower=[0.0] * 4,
        upper=[INF, 4.0, INF, INF],
        minimize=False,
    )
    assert runaway(case, 10) == Runaway((), None)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_direction_improves_and_breaks_nothing(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 4))
    numbers = st.lists(st.integers(-3, 3).map(float), min_size=count, max_size=count)
    goal = affine(*data.draw(numbers))
    rows = [(-INF, affine(*data.draw(numbers)), 6.0) for _ in range(data.draw(st.integers(0, 3)))]
    upper = [data.draw(st.sampled_from([4.0, INF])) for _ in range(count)]
    case = program(goal, rows, lower=[0.0] * count, upper=upper, minimize=False)
    found = runaway(case, 10)
    direction = [0.0] * count
    for each in found.moving:
        direction[int(each.index[0])] = each.rate
    if not found.moving:
        assert solve_program(case).termination.has_point
        return
    far = [1e4 * rate for rate in direction]
    assert found.slope is not None and found.slope > 0
    assert function_values(case.objectives, np.array(far))[0] == pytest.approx(1e4 * found.slope)
    assert all(value <= 6 + 1e-3 for value in function_values(case.rows, np.array(far)))
    assert all(0 <= value <= top + 1e-3 for value, top in zip(far, upper, strict=True))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "lp",
            [
                "`bread` (loaves baked) can grow without limit; each unit raises total profit by "
                "2 euros",
                "nothing limits `bread`: a limit would, such as a demand for it, or a capacity or "
                "a budget that it uses",
            ],
        ),
        (
            "together",
            [
                "`bread` (loaves baked) can grow without limit, and with each unit of it `cake` "
                "by 0.1; each unit raises total profit by 2.5 euros",
                "nothing limits `bread` and `cake`: a limit would, such as a demand for them, or a "
                "capacity or a budget that they use",
            ],
        ),
        (
            "down",
            [
                "`debt` can fall without limit; each unit raises total profit by 4 euros",
                "nothing keeps `debt` from falling: a least value would",
            ],
        ),
        (
            "nonlinear",
            [
                "`bread` (loaves baked) can grow without limit, which raises total profit further "
                "and further",
                "nothing limits `bread`: a limit would, such as a demand for it, or a capacity or "
                "a budget that it uses",
            ],
        ),
    ],
)
def test_it_is_said_in_the_problems_words(name: str, lines: list[str]) -> None:
    formulation, _, _ = CASES[name]
    assert growth_in_words(formulation, found_in(formulation)) == lines


def test_many_are_counted() -> None:
    growing = tuple(Growth("bread", (k,), 1.0) for k in range(9))
    line, missing = growth_in_words(maximum("bread"), Runaway(growing, 3.0))
    assert "and 3 more" in line and "and 3 more" in missing


@pytest.mark.parametrize("name", ["lp", "qp", "mip"])
def test_the_answer_says_it_and_does_not_call_it_a_failed_check(name: str) -> None:
    result = optiwright.solve(CASES[name][0])
    assert result.status is Status.UNBOUNDED
    assert "nothing limits `bread`" in result.explanation
    assert "optiwright repairs" not in result.explanation
    assert not any("As written" in check.detail for check in result.checks)
