"""Families of functions: their lowest values are as known, their source stands alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.evaluation.function_draws import Cell, all_cells, draw
from optiwright.evaluation.function_families import FAMILIES
from optiwright.evaluation.function_sources import BEST, WORST, FunctionProblem
from optiwright.formulators.black_box import Code, RealRange, WholeRange

CELLS = tuple(all_cells())
PLAIN = FunctionProblem(
    parts=("rastrigin",), weights=(1.0,), mixing="sum", dimension=3, half_width=5.0, whole=0,
    turned=False, stretch=0.0, noise=0.0, limits="none", lowest=-7.5, budget=90, seed=4,
)  # fmt: skip


def cell(**given: Any) -> Cell:
    usual = {"dimension": "4-10", "conditioning": "low", "modality": "one"}
    return Cell.model_validate({**usual, "budget": "small(<=50/dim)", **given})


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("n", [2, 7])
def test_a_basic_function_is_zero_at_the_origin_and_nowhere_below(name: str, n: int) -> None:
    names: dict[str, Any] = {"np": np}
    exec(FAMILIES[name].source, names)
    function, reach = names[name], FAMILIES[name].reach
    assert function(np.zeros(n)) == pytest.approx(0.0, abs=1e-9)
    rng = np.random.default_rng(1)
    near = [rng.normal(size=n) * reach * 10.0**-k for k in range(8)]
    values = [function(z) for z in (*near, *rng.uniform(-2 * reach, 2 * reach, (200, n)))]
    assert min(values) >= -1e-9
    assert max(values) > 0.1


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(CELLS),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_the_lowest_value_is_as_known_and_nothing_that_counts_is_below(
    where: Cell, seed: int, held_out: bool
) -> None:
    drawn = draw(where, seed, held_out=held_out)
    best = np.array(drawn.optimum)
    scale = max(1.0, drawn.reference)
    assert drawn.value(best) == pytest.approx(drawn.lowest, abs=1e-9 * scale)
    assert drawn.excess(best) <= 1e-9
    rng = np.random.default_rng(seed)
    w, n = drawn.half_width, drawn.dimension
    for k in range(40):
        point = best + rng.normal(size=n) * w * 10.0 ** -(k % 5)
        point = np.clip(point, -w, w)
        point[: drawn.whole] = np.round(point[: drawn.whole])
        if drawn.excess(point) <= 0:
            assert drawn.value(point) >= drawn.lowest - 1e-9 * scale
    assert {FAMILIES[p].held_out for p in drawn.parts} == {held_out}
    assert (drawn.noise > 0, drawn.limits != "none", drawn.whole > 0) == (
        where.noise, where.constrained, where.kinds == "mixed"
    )  # fmt: skip


def test_draws_are_the_same_again_and_others_by_seed() -> None:
    assert draw(cell(), 3) == draw(cell(), 3)
    assert len({draw(cell(), seed).source for seed in range(8)}) == 8
    assert {p.mixing for p in (draw(cell(), seed) for seed in range(30))} == {"sum", "split"}


def test_a_smooth_function_falls_beyond_its_constraints() -> None:
    for limits in ("ball", "plane", "several"):
        bound = replace(PLAIN, parts=("sphere",), limits=limits)
        rng = np.random.default_rng(0)
        near = [np.array(bound.optimum) + 0.05 * rng.normal(size=3) for _ in range(60)]
        below = [p for p in near if bound.value(p) < bound.lowest]
        assert below and all(bound.excess(p) > 0 for p in below)
        assert any(bound.excess(p) == 0 for p in near), "something is left between the constraints"


def test_the_source_runs_with_numpy_alone_and_says_the_same() -> None:
    turned = replace(PLAIN, parts=("ackley", "sphere"), weights=(1.0, 0.5), turned=True, whole=1)
    bound = replace(turned, limits="several", stretch=1.5, mixing="split", dimension=4)
    for drawn in (PLAIN, turned, bound):
        point = [1.0, *(0.25 * k for k in range(1, drawn.dimension))]
        names = ", ".join(f"{name}(x)" for name in drawn.constraints)
        code = f"{drawn.source}\nx = np.array({point})\nprint(objective(x), [{names}], bounds)"
        said = subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
        ).stdout
        assert said.startswith(f"{drawn.value(point)!r} [")
        assert said.count("(-5") == drawn.dimension
        objective, limits = drawn.functions(0)
        assert objective(np.array(point)) == drawn.value(point)
        worst = max([f(np.array(point)) for f in limits], default=0.0)
        assert drawn.excess(point) == pytest.approx(max(0.0, worst))


def test_noise_is_drawn_by_a_seed_and_is_none_at_the_lowest_point() -> None:
    noisy = replace(PLAIN, noise=0.3)
    point = np.array([1.0, 2.0, 0.5])
    values = [noisy.functions(seed)[0](point) for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]
    assert noisy.functions(1)[0](np.array(noisy.optimum)) == pytest.approx(-7.5)
    assert noisy.value(point) == PLAIN.value(point)


def test_the_gap_is_of_the_way_from_a_random_point() -> None:
    assert PLAIN.log_gap(PLAIN.lowest + PLAIN.reference) == pytest.approx(0.0)
    assert PLAIN.log_gap(PLAIN.lowest + PLAIN.reference / 1000) == pytest.approx(-3.0)
    assert PLAIN.log_gap(PLAIN.lowest) == BEST
    assert PLAIN.log_gap(float("nan")) == PLAIN.log_gap(float("inf")) == WORST


def test_what_breaks_a_bound_or_is_not_whole_does_not_count() -> None:
    mixed = replace(PLAIN, whole=2)
    assert mixed.excess([1.0, -2.0, 0.5]) == 0
    assert mixed.excess([1.0, -2.25, 0.5]) == pytest.approx(0.25)
    assert mixed.excess([1.0, -2.0, 5.5]) == pytest.approx(0.5)


def test_a_problem_as_the_formulators_have_it() -> None:
    box = replace(PLAIN, whole=1, limits="plane").black_box
    assert box.unknowns[0] == WholeRange(name="x1", lower=-5, upper=5)
    assert box.unknowns[2] == RealRange(name="x3", lower=-5.0, upper=5.0)
    assert isinstance(box.oracle, Code) and box.oracle.function == "objective"
    assert [c.function for c in box.constraints] == ["constraint_1"]
    assert box.budget == 90


def test_latex_where_it_is_simple_and_nothing_where_not() -> None:
    said = PLAIN.latex
    assert r"\cos(2 \pi z_i)" in said and "-7.5" in said and "n = 3" in said
    assert all(f"{v:g}" in said for v in PLAIN.optimum)
    assert replace(PLAIN, turned=True).latex == replace(PLAIN, parts=("peaks",)).latex == ""
