"""A search under way: the traits it sees, luck, faults, constraints."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from optiwright.solver_tools.optimizer_choice import choose
from optiwright.solver_tools.optimizers import OPTIMIZERS
from optiwright.solver_tools.oracle import Evaluation, axes_of
from optiwright.solver_tools.oracle_code import CodeOracle, functions_of
from optiwright.solver_tools.oracle_gradient import gradient_of
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_outcome import SearchStatus, Traits
from optiwright.solver_tools.search_run import Search
from optiwright.solver_tools.search_target import Point, Target
from optiwright.solver_tools.search_traits import probe
from tests.black_boxes import BOWL, VALLEY, black_box, reals

# --- traits ---------------------------------------------------------------------------------------


def traits_of(source: str, count: int = 3, budget: int = 600, **given: bool) -> Traits:
    functions = functions_of(source, ["f"])
    gradient = gradient_of(source, "f", ["x"], "vector")
    assert gradient is not None
    oracle = CodeOracle(functions, ["x"], "vector", gradient=gradient)
    ledger = Ledger(oracle, budget)
    axes = axes_of(black_box(source, reals(count)))
    found = probe(axes, ["real"] * count, ledger, np.random.default_rng(0), **given)  # type: ignore[arg-type]
    assert ledger.evaluations <= budget // 10 + 1
    assert ledger.noisy is bool(found.noisy)
    return found


def test_a_smooth_sum_is_seen_as_one() -> None:
    found = traits_of("def f(x):\n    return sum((v - 0.3) ** 2 for v in x)")
    assert found.differentiable is True and found.separable is True
    assert found.noisy is False and found.convex is None and found.modality == "unknown"
    assert any("automatic differentiation" in note for note in found.notes)


def test_what_contradicts_a_trait_is_seen() -> None:
    assert traits_of(VALLEY).separable is False
    waves = "import numpy as np\ndef f(x):\n    return sum(v ** 2 - 10 * np.cos(9 * v) for v in x)"
    found = traits_of(waves)
    assert found.convex is False and found.modality == "many"


def test_what_is_to_be_greatest_is_convex_where_it_is_concave() -> None:
    hill = "def f(x):\n    return -sum(v ** 2 for v in x)"
    assert traits_of(hill).convex is False
    assert traits_of(hill, maximize=True).convex is None


def test_a_gradient_that_differences_contradict_is_not_used() -> None:
    steps = "def f(x):\n    return sum(round(float(v), 1) for v in x)"
    assert traits_of(steps).differentiable is not True
    flat = traits_of("def f(x):\n    return 0 * x[0] + (x[1] > 1.9)")
    assert flat.differentiable is None and any("nothing but zeros" in note for note in flat.notes)
    floors = "import numpy as np\ndef f(x):\n    return sum(np.floor(99999 * v) + v for v in x)"
    assert traits_of(floors).differentiable is not True


def test_noise_is_measured_against_the_spread() -> None:
    noise = (
        "import numpy as np\nrng = np.random.default_rng(0)\n"
        "def f(x):\n    return sum(v ** 2 for v in x) + 0.2 * rng.normal()"
    )
    found = traits_of(noise)
    assert found.noisy is True and 0.005 < found.noise < 0.3
    assert traits_of(noise, noisy=False).noisy is False


# --- a search under way ---------------------------------------------------------------------------


class Lucky:
    """A noisy bowl, one of whose evaluations is far too good."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, point: Point) -> Evaluation:
        self.asked += 1
        luck = -100.0 if self.asked == 50 else 0.01 * (-1) ** self.asked
        return Evaluation(point=point, value=sum(float(v) ** 2 for v in point) + luck)

    def slope(self, point: Point) -> None:
        """It has none."""


def test_luck_does_not_make_a_point_of_a_noisy_function_the_best() -> None:
    ledger = Ledger(Lucky(), 300)
    found = Search(black_box(BOWL, budget=300, noisy=True), ledger, "cma-es").run()
    assert found.outcome.value is not None and found.outcome.value > -1
    assert min(point.value for point in found.outcome.trace) < -90
    assert found.repeats > 0 and ledger.evaluations + found.repeats <= 300


def test_a_library_that_breaks_down_is_said_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(target: Target, rng: np.random.Generator) -> None:
        raise TypeError("no such array")

    first = choose(Traits(dimension=2, kinds=("real",), noisy=False), 200, ())[0]
    monkeypatch.setitem(OPTIMIZERS, first, replace(OPTIMIZERS[first], run=broken))
    oracle = CodeOracle(functions_of(BOWL, ["f"]), ["a", "b"], "vector")
    outcome = Search(black_box(BOWL, noisy=False), Ledger(oracle, 200)).run().outcome
    assert outcome.stages[0].optimizer == first and outcome.stages[0].evaluations == 0
    assert "broke down (TypeError: no such array)" in outcome.stages[1].reason
    assert outcome.value == pytest.approx(0, abs=0.01)


CORNER = (
    "def f(x):\n    return x[0] + x[1]\n\n\n"
    "def near(x):\n    return (x[0] - 1.3) ** 2 + (x[1] - 1.2) ** 2 - 0.36\n"
)
"""What is allowed is a twentieth of the bounds, away from their middle."""


@pytest.mark.parametrize("start", [None, (0.0, 0.0)])
def test_where_no_point_meets_the_constraints_one_is_looked_for_first(
    start: tuple[float, ...] | None,
) -> None:
    limits = [{"function": "near"}]
    box = black_box(CORNER, budget=40, constraints=limits, noisy=False, start=start)
    oracle = CodeOracle(functions_of(CORNER, ["f", "near"]), ["a", "b"], "vector")
    asked: list[Point] = []
    ledger = Ledger(oracle, 40, keep=lambda evaluation: asked.append(evaluation.point))
    found = Search(box, ledger, "cma-es", seed=3).run().outcome
    assert found.status is SearchStatus.FOUND
    (stage,) = found.stages
    assert "A first look all over found a point that meets every constraint" in stage.reason
    looked = found.evaluations - stage.evaluations
    assert found.trace[0].evaluation == looked <= 4 + 9
    began = np.mean(np.array(asked[looked : looked + 6], dtype=float), axis=0)
    assert math.dist(began, (1.3, 1.2)) < 1  # and not about the middle
    never = CORNER.replace("0.36", "0.36 + 9")
    oracle = CodeOracle(functions_of(never, ["f", "near"]), ["a", "b"], "vector")
    outcome = Search(box, Ledger(oracle, 40), "cma-es").run().outcome
    assert "A first look all over found no point" in outcome.stages[0].reason
    assert outcome.evaluations - outcome.stages[0].evaluations <= 4 + 9


def test_a_start_that_meets_the_constraints_is_where_it_begins() -> None:
    box = black_box(CORNER, budget=40, constraints=[{"function": "near"}], start=(1.3, 1.2))
    oracle = CodeOracle(functions_of(CORNER, ["f", "near"]), ["a", "b"], "vector")
    outcome = Search(box, Ledger(oracle, 40), "cobyla").run().outcome
    assert outcome.trace[0].evaluation == 1 and outcome.stages[0].reason == "It was asked for."
