"""What an optimizer sees: the unit cube, counted questions, constraints, an end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.solver_tools.search_target import Answer, Axis, Point, Spent, Target

AXES = (
    Axis(-3, 5),
    Axis(1e-4, 10, log=True),
    Axis(2, 9, whole=True),
    Axis(choices=("red", "green", "blue")),
    Axis(4, 4),
)


@given(st.sampled_from(AXES), st.floats(0, 1))
def test_a_value_lies_within_bounds_and_leads_back_to_itself(axis: Axis, unit: float) -> None:
    value = axis.value(unit)
    if axis.choices:
        assert value in axis.choices
    else:
        assert axis.lower <= float(value) <= axis.upper
    again = axis.value(axis.unit(value))
    assert again == value or (not axis.levels and again == pytest.approx(value, rel=1e-9))


def test_every_level_has_an_equal_part_of_its_edge() -> None:
    found = [Axis(2, 5, whole=True).value(u) for u in np.linspace(0, 1, 400, endpoint=False)]
    assert {level: found.count(level) for level in set(found)} == {2: 100, 3: 100, 4: 100, 5: 100}


def test_a_slope_along_an_edge_is_the_change_of_the_value() -> None:
    for axis in AXES[:2]:
        step = (float(axis.value(0.4 + 1e-6)) - float(axis.value(0.4 - 1e-6))) / 2e-6
        assert axis.slope(0.4) == pytest.approx(step, rel=1e-5)


def test_a_target_counts_asks_once_a_point_and_stops() -> None:
    asked: list[Point] = []

    def ask(point: Point) -> Answer:
        asked.append(point)
        return float(point[0]) ** 2, ()

    target = Target([Axis(-1, 1)], ask, 2)
    assert target([0.75]) == target([0.75]) == 0.25
    assert target([1.0]) == 1.0 and len(asked) == 2
    with pytest.raises(Spent, match="budget"):
        target([0.1])
    assert target.best == 0.25 and target.point(target.best_place) == (0.5,)


def test_feasible_places_are_better_than_all_others_and_failures_worst() -> None:
    answers: dict[float, Answer] = {
        0.0: (500.0, [0.0]),
        1.0: (-500.0, [0.1]),
        2.0: (-500.0, [3.0]),
        3.0: (math.nan, [0.0]),
    }
    target = Target([Axis(0, 3)], lambda point: answers[float(point[0])], 9, constraints=1)
    figures = [target([place]) for place in (0, 1 / 3, 2 / 3, 1)]
    assert figures == sorted(figures) and len(set(figures)) == 4


def test_what_is_to_be_greatest_is_turned_round() -> None:
    target = Target([Axis(0, 1)], lambda point: (float(point[0]), ()), 9, maximize=True)
    assert target([1.0]) == -1 and target.objective([0.25]) == -0.25


def test_a_target_stops_where_there_is_no_progress() -> None:
    target = Target([Axis(0, 1)], lambda point: (1.0, ()), 100, patience=10)
    with pytest.raises(Spent, match="no progress in 10"):
        for place in np.linspace(0, 1, 50):
            target([place])
    assert target.left == 88
