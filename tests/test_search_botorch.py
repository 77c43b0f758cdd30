"""Bayesian optimization by BoTorch: few evaluations, constraints, kinds, failures, noise."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.optimizer_choice import choose
from optiwright.solver_tools.optimizers import OPTIMIZERS, available, named
from optiwright.solver_tools.optimizers_botorch import (
    as_modelled,
    expected_improvement,
    most_promising,
    process_of,
)
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.search import search
from optiwright.solver_tools.search_outcome import Traits
from optiwright.solver_tools.search_target import Answer, Axis, Point, Spent, Target
from tests.black_boxes import BOWL, DISC, black_box, run_alone

NAME = "expected-improvement"
SQUARE = (Axis(-2, 2), Axis(-2, 2))
pytestmark = pytest.mark.filterwarnings("ignore")


def bowl(point: Point) -> Answer:
    return (float(point[0]) - 0.7) ** 2 + 3 * (float(point[1]) + 0.4) ** 2, ()


def looked(
    ask: Callable[[Point], Answer],
    budget: int,
    axes: Sequence[Axis] = SQUARE,
    *,
    seed: int = 1,
    constraints: int = 0,
    start: Sequence[float] | None = None,
) -> tuple[Target, list[Point]]:
    """Runs it to its end; returns the target and the points that were asked for."""
    asked: list[Point] = []

    def told(point: Point) -> Answer:
        asked.append(point)
        return ask(point)

    target = Target(axes, told, budget, constraints=constraints, start=start)
    with suppress(Spent):
        expected_improvement(target, np.random.default_rng(seed))
    return target, asked


def test_a_dozen_evaluations_find_the_bottom_of_a_bowl_on_one_thread() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        during = 0

        def ask(point: Point) -> Answer:
            nonlocal during
            during = torch.get_num_threads()
            return bowl(point)

        target, asked = looked(ask, 14)
        assert (during, torch.get_num_threads()) == (1, 3)
    finally:
        torch.set_num_threads(before)
    assert len(asked) == 14 and target.best < 5e-3


def test_the_same_seed_asks_for_the_same_points() -> None:
    first = looked(bowl, 7)[1]
    torch.rand(3)  # what others draw has no part in it
    assert looked(bowl, 7)[1] == first != looked(bowl, 7, seed=2)[1]


def test_it_begins_where_it_is_told_to() -> None:
    _, asked = looked(bowl, 3, start=(0.25, 0.75))
    assert asked[0] == (-1.0, 1.0)


def test_constraints_are_modelled_beside_the_value() -> None:
    def disc(point: Point) -> Answer:
        x, y = map(float, point)
        return x + y, [x * x + y * y - 1, 0.2 - x]

    target, _ = looked(disc, 13, constraints=2)
    assert target.best == pytest.approx(0.2 - math.sqrt(0.96), abs=0.06)


def test_what_is_allowed_is_looked_for_where_nothing_known_is() -> None:
    def corner(point: Point) -> Answer:
        x, y = map(float, point)
        return x, [(x - 1.3) ** 2 + (y + 1.4) ** 2 - 0.04]

    target, asked = looked(corner, 12, constraints=1)
    assert target.meets(target.best_place)
    assert not any(corner(point)[1][0] <= 0 for point in asked[:4])


def test_levels_are_asked_for_as_they_are_and_once() -> None:
    def ask(point: Point) -> Answer:
        x, n, label, fixed = point
        return (float(x) - 0.3) ** 2 + abs(int(n) - 7) + 3.0 * (label != "b") + int(fixed), ()

    axes = [
        Axis(0, 1),
        Axis(0, 9, whole=True),
        Axis(choices=("a", "b", "c")),
        Axis(4, 4, whole=True),
    ]
    target, asked = looked(ask, 13, axes)
    assert len(asked) == 13
    assert target.point(target.best_place)[1:] == (7, "b", 4)


def test_it_ends_where_every_point_is_known() -> None:
    calls = 0

    class Counted(Target):
        def evaluate(self, place: Any) -> tuple[float, np.ndarray]:
            nonlocal calls
            calls += 1
            assert calls < 20, "it asks for what is known again and again"
            return super().evaluate(place)

    axes = [Axis(1, 2, whole=True), Axis(choices=("a", "b"))]
    target = Counted(axes, lambda point: (float(point[0]), ()), 9)
    expected_improvement(target, np.random.default_rng(0))
    assert target.left == 5 and calls == 2 * 4  # a value, then its constraints


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_where_it_fails_it_goes_on(share: float) -> None:
    def ask(point: Point) -> Answer:
        return (math.nan if float(point[0]) >= 2 - 4 * share else bowl(point)[0]), ()

    target, _ = looked(ask, 12 if share < 1 else 6)
    assert target.left == 0
    assert share == 1.0 or target.best < 2 < bowl((-2, 2))[0]


PLACES = torch.linspace(0, 1, 6, dtype=torch.float64)[:, None]
UPS_AND_DOWNS = torch.tensor([1.0, -1.0] * 3, dtype=torch.float64)[:, None]
MANY = torch.linspace(0, 1, 20, dtype=torch.float64)[:, None]
SCATTERED = 2 * MANY - 1 + 0.3 * torch.tensor(np.random.default_rng(0).normal(size=(20, 1)))


@pytest.mark.parametrize("noisy", [False, True])
def test_a_process_goes_through_what_is_known_unless_there_is_noise(noisy: bool) -> None:
    model = process_of(MANY, SCATTERED, [], noisy=noisy)
    with torch.no_grad():
        apart = (model.posterior(MANY).mean - SCATTERED).abs().max().item()
    assert (apart > 0.1) is noisy


def test_labels_that_lie_side_by_side_are_no_more_alike_than_others() -> None:
    model = process_of(PLACES, UPS_AND_DOWNS, [0], noisy=False)
    with torch.no_grad():
        alike = model.covar_module(PLACES[:3]).to_dense()
    assert alike[0, 1].item() == pytest.approx(alike[0, 2].item())


def test_what_is_to_be_improved_on_is_not_luck() -> None:
    """One value far too good where nothing else is good: with noise it is not what is sought."""
    places = [np.array([u]) for u in np.linspace(0, 1, 15)]
    answers = [[(float(u[0]) - 0.8) ** 2] for u in places]
    answers[2][0] = -0.4
    found = {}
    for noisy in (False, True):
        target = Target([Axis(0, 1)], lambda point: (0.0, ()), 9, noisy=noisy)
        found[noisy] = most_promising(target, places, answers, np.random.default_rng(0))[0]
    assert abs(found[False] - 1 / 7) < 0.07 < 0.3 < found[True]


NUMBERS = st.floats(-1e12, 1e12)
ABOVE_DUST = NUMBERS.filter(lambda limit: limit == 0 or abs(limit) > 1e-300)


@settings(max_examples=200)
@example([(0.0, 0.0), (1.0, 0.0), (5e-324, 0.0)])
@given(st.lists(st.tuples(NUMBERS | st.just(math.nan), ABOVE_DUST), min_size=1, max_size=12))
def test_what_is_modelled_keeps_order_and_zero(answers: list[tuple[float, float]]) -> None:
    found = as_modelled([list(answer) for answer in answers])
    assert np.isfinite(found).all() and np.abs(found[:, 0]).max() < 5
    values, limits = np.array(answers).T
    worst = np.nanmax(values) if np.isfinite(values).any() else 0.0
    order = np.argsort(np.nan_to_num(values, nan=worst), kind="stable")
    assert (np.diff(found[order, 0]) >= -1e-9).all()
    assert (np.sign(found[:, 1]) == np.sign(limits)).all()


def test_a_value_beyond_all_others_does_not_hide_what_they_tell() -> None:
    values = as_modelled([[float(v)] for v in (1, 2, 3, 4, 5, 1e9)])[:, 0]
    assert values[4] - values[0] > 0.05 * (values[5] - values[0])


# --- in the sandbox, as a program, in the pool ----------------------------------------------------


def test_it_runs_in_the_sandbox() -> None:
    with closing(Pool(workers=1)) as pool:
        box = black_box(BOWL, budget=12, noisy=False)
        outcome = asyncio.run(search(box, pool, time_limit_s=300, optimizer=NAME))
    (stage,) = outcome.stages
    assert (stage.optimizer, stage.reason) == (NAME, "It was asked for.")
    assert outcome.evaluations == 12 and outcome.value is not None and outcome.value < 0.5


def test_its_program_runs_alone(tmp_path: Path) -> None:
    box = black_box(DISC, constraints=[{"function": "inside"}, {"function": "right"}], budget=12)
    program, value = run_alone(box, [NAME], tmp_path)
    assert value == pytest.approx(0.2 - math.sqrt(0.96), abs=0.1)
    assert "Needs botorch, numpy, scipy." in program


def test_without_its_extra_it_is_not_offered_and_its_name_says_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name in ("botorch", "torch") else object()
    )
    there = {optimizer.name for optimizer in available(dimension=2, mixed=False)}
    assert "tpe" in there and not there & {NAME, "gaussian-process"}
    for name, package in ((NAME, "`botorch`"), ("gaussian-process", "`optuna` and torch")):
        with pytest.raises(UserError, match=rf"needs the package {package}.*optiwright\[bayes\]"):
            named(name, dimension=2, mixed=False)


def test_it_is_chosen_only_where_its_thinking_is_worth_it() -> None:
    others = [name for name in OPTIMIZERS if name != NAME]
    quick, slow = (Traits(dimension=4, kinds=("real",), seconds=s) for s in (1e-4, 10.0))
    assert choose(quick, 40, others)[0] == choose(slow, 400, others)[0] == NAME
    with pytest.raises(UserError):
        choose(quick, 400, others)
