"""The pool of optimizers, and which of them is chosen."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from optiwright.formulators.errors import UserError
from optiwright.solver_tools import optimizer_choice
from optiwright.solver_tools.optimizer_choice import choose
from optiwright.solver_tools.optimizers import OPTIMIZERS, named
from optiwright.solver_tools.search_outcome import Traits
from optiwright.solver_tools.search_target import Answer, Axis, Point, Spent, Target

# --- the pool of optimizers -----------------------------------------------------------------------

THINKING = {"expected-improvement", "gaussian-process", "one-plus-one", "every-point"}
SLOW = {"gaussian-process", "two-points-de", "one-plus-one", "tpe"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in THINKING])
def test_each_optimizer_comes_near_the_bottom_of_a_bowl(name: str) -> None:
    budget = 30 if name in SLOW else 200
    target = Target(
        [Axis(-2, 2)] * 2,
        lambda p: ((float(p[0]) - 0.7) ** 2 + 3 * (float(p[1]) + 0.4) ** 2, ()),
        budget,
    )
    with pytest.raises(Spent):
        OPTIMIZERS[name].run(target, np.random.default_rng(1))
        raise Spent  # of those that have an end
    assert target.best < (2.0 if name in SLOW | {"random", "sobol"} else 1e-2)
    assert target.left <= 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["slsqp", "trust-constr", "cobyqa", "cobyla", "cma-es"])
def test_optimizers_that_see_constraints_end_on_their_edge(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def ask(point: Point) -> Answer:
        x, y = map(float, point)
        return x + y, [x * x + y * y - 1, 0.2 - x]

    target = Target([Axis(-2, 2)] * 2, ask, 400 if name == "cma-es" else 120, constraints=2)
    with pytest.raises(Spent):
        OPTIMIZERS[name].run(target, np.random.default_rng(1))
    assert target.best == pytest.approx(0.2 - math.sqrt(0.96), abs=2e-3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["differential-evolution", "cma-es", "tpe", "one-plus-one", "in-turn"]
)
def test_optimizers_of_mixed_kinds_find_the_label_and_the_number(name: str) -> None:
    def ask(point: Point) -> Answer:
        x, n, label = point
        return (float(x) - 0.3) ** 2 + (int(n) - 7) ** 2 + (label != "b") * 3.0, ()

    axes = [Axis(0, 1), Axis(0, 20, whole=True), Axis(choices=("a", "b", "c"))]
    target = Target(axes, ask, 60 if name in SLOW else 150)
    with pytest.raises(Spent):
        OPTIMIZERS[name].run(target, np.random.default_rng(3))
    assert target.point(target.best_place)[1:] == (7, "b")


def test_an_optimizer_that_cannot_or_is_not_is_refused_with_those_that_can() -> None:
    with pytest.raises(UserError, match=r"no optimizer `sgd`.*`cobyqa`"):
        named("sgd", dimension=2, mixed=False)
    with pytest.raises(UserError, match=r"whole numbers or labels.*`differential-evolution`"):
        named("cobyqa", dimension=2, mixed=True)
    with pytest.raises(UserError, match="does not take 50 unknowns"):
        named("shgo", dimension=50, mixed=False)
    with pytest.raises(UserError, match="does not take 1 unknown;"):
        named("cma-es", dimension=1, mixed=False)


def test_what_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cma", None)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name != "scipy" else object()
    )
    with pytest.raises(UserError, match=r"needs the package `cma`.*optiwright\[blackbox\]"):
        named("cma-es", dimension=2, mixed=False)
    name, _ = choose(Traits(dimension=2, kinds=("real", "whole")), 100, ())
    assert OPTIMIZERS[name].package == "scipy"


# --- the choice -----------------------------------------------------------------------------------


def test_the_choice_has_a_reason_and_leaves_out_what_was_tried() -> None:
    traits = Traits(dimension=6, kinds=("real",))
    tried: list[str] = []
    while len(tried) < 5:
        name, reason = choose(traits, 400, tried)
        assert name not in tried and OPTIMIZERS[name].title in reason and reason.endswith(".")
        tried.append(name)
    with pytest.raises(UserError, match="every optimizer"):
        choose(traits, 400, list(OPTIMIZERS))


def test_gradients_that_are_known_decide() -> None:
    known = Traits(dimension=6, kinds=("real",), differentiable=True)
    assert choose(known, 400, ())[0] == "l-bfgs-b"
    assert choose(known.model_copy(update={"constrained": True}), 400, ())[0] == "slsqp"
    for more in ({"noisy": True}, {"modality": "many"}):
        assert choose(known.model_copy(update=more), 400, ())[0] != "l-bfgs-b"


def test_mixed_kinds_are_refined_in_turn() -> None:
    mixed = Traits(dimension=3, kinds=("real", "whole"))
    first, _ = choose(mixed, 400, ())
    assert first != "in-turn"
    name, reason = choose(mixed, 400, [first])
    assert name == "in-turn" and "refine" in reason
    assert choose(mixed, 400, [first, name])[0] not in {first, name}


def test_what_thinks_long_is_chosen_where_evaluations_are_few_or_long() -> None:
    others = [name for name in OPTIMIZERS if name != "gaussian-process"]
    quick, slow = (Traits(dimension=4, kinds=("real",), seconds=s) for s in (1e-4, 10.0))
    assert choose(quick, 40, others)[0] == choose(slow, 4000, others)[0] == "gaussian-process"
    with pytest.raises(UserError):
        choose(quick, 4000, others)


def test_the_table_is_read_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(name: str, share: float, **cell: object) -> dict[str, object]:
        every = {"dimension": "1-3", "conditioning": "unknown", "modality": "unknown"}
        more = {"noise": False, "constrained": False, "kinds": "real"}
        budget = {"budget": "small(<=50/dim)"}
        return {"cell": every | more | budget | cell, "ranking": [[name, -3.0, share]]}

    rows = [
        row("powell", 0.9),
        row("direct", 0.8, modality="many"),
        row("cobyla", 0.7, dimension="4-10"),
        row("cma-es", 0.6, noise=True),
        row("tpe", 0.9, budget="few(<=12/dim)"),
    ]
    made = {"rows": rows, "made_by": "a test", "seed": 1}
    monkeypatch.setattr(optimizer_choice, "table", lambda: made)
    traits = Traits(dimension=2, kinds=("real",))
    assert choose(traits, 60, ()) == (
        "powell",
        "Powell's method from many starts: on the functions measured with 1-3 real unknowns, "
        "without constraints, without noise, a small budget, it came within ten times the best "
        "gap on 90%.",
    )
    assert choose(traits.model_copy(update={"modality": "many"}), 60, ())[0] == "direct"
    assert choose(traits.model_copy(update={"dimension": 7}), 200, ())[0] == "cobyla"
    assert choose(traits.model_copy(update={"noisy": True}), 60, ())[0] == "cma-es"
    assert choose(traits, 24, ())[0] == "tpe" != choose(traits, 26, ())[0]
    larger = traits.model_copy(update={"dimension": 7})
    assert choose(larger, 70, ())[0] == "cobyla", "as many unknowns are more alike than few budgets"


def test_every_name_of_the_shipped_table_is_of_the_pool() -> None:
    for row in optimizer_choice.table()["rows"]:
        for name, gap, share in row["ranking"]:
            assert name in OPTIMIZERS and math.isfinite(gap) and 0 <= share <= 1
