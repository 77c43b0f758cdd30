"""The pool measured on functions: runs that go on, and the table that is made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optiwright.evaluation import optimizer_runs
from optiwright.evaluation.function_draws import Cell, draw
from optiwright.evaluation.function_sources import WORST
from optiwright.evaluation.optimizer_runs import (
    RUN_LIMIT_S,
    OptimizerRun,
    fitting,
    key_of,
    measure,
    read_optimizer_runs,
    run_optimizer,
)
from optiwright.evaluation.optimizer_table import best_optimizers, optimizer_table, write_table
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.optimizer_choice import TABLE
from optiwright.solver_tools.optimizers import OPTIMIZERS, Optimizer
from optiwright.solver_tools.search_target import Target
from tests.evaluations import Optiwright


def cell(**given: Any) -> Cell:
    usual = {"dimension": "1-3", "conditioning": "low", "modality": "one"}
    return Cell.model_validate({**usual, "budget": "small(<=50/dim)", **given})


def run(optimizer: str, gap: float, seed: int = 0, n: int = 60, **given: Any) -> OptimizerRun:
    where = cell(**given)
    return OptimizerRun(
        key=key_of(where, seed, optimizer), cell=where, seed=seed, function="sphere",
        optimizer=optimizer, log_gap=gap, evaluations=n, seconds=0.1,
    )  # fmt: skip


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool of two."""
    kept = {name: OPTIMIZERS[name] for name in ("l-bfgs-b", "random")}
    monkeypatch.setattr(optimizer_runs, "OPTIMIZERS", kept)


def test_an_optimizer_is_measured_within_the_budget_at_its_best_point() -> None:
    sphere = replace(draw(cell(), 1), parts=("sphere",), weights=(1.0,), stretch=0.0)
    near, made, _, error = run_optimizer(sphere, OPTIMIZERS["l-bfgs-b"], 0)
    far, asked, _, _ = run_optimizer(sphere, OPTIMIZERS["random"], 0)
    assert near < -5 < far <= 0
    assert made <= sphere.budget == asked and error == ""


def test_points_that_break_a_constraint_do_not_count_and_noise_is_taken_out() -> None:
    bound = replace(draw(cell(constrained=True), 1), limits="plane")
    normal = np.array(bound.optimum) - np.full(bound.dimension, 0.1 * bound.half_width)

    def outside(target: Target, rng: np.random.Generator) -> None:
        for step in (0.0, 0.5, 1.0):
            point = normal + step * rng.normal(size=bound.dimension)
            if bound.excess(point) > 0:
                target(((point / bound.half_width) + 1) / 2)

    stub = Optimizer("stub", "stub", "numpy", outside)
    assert run_optimizer(bound, stub, 0)[0] == WORST
    noisy = replace(draw(cell(noise=True), 2), noise=2.0, parts=("sphere",), weights=(1.0,))
    middle = [0.0] * noisy.dimension

    def once(target: Target, rng: np.random.Generator) -> None:
        target([0.5] * noisy.dimension)

    gap = run_optimizer(noisy, replace(stub, run=once), 0)[0]
    assert gap == noisy.log_gap(noisy.value(middle))


def test_what_an_optimizer_raises_is_its_failure_and_ends_nothing() -> None:
    def broken(target: Target, rng: np.random.Generator) -> None:
        target([0.5] * target.dimension)
        raise TypeError("no such thing")

    stub = Optimizer("stub", "stub", "numpy", broken)
    gap, made, _, error = run_optimizer(draw(cell(), 1), stub, 0)
    assert made == 1 and gap < WORST and error == "TypeError: no such thing"


def test_an_optimizer_that_takes_too_long_is_ended() -> None:
    function = replace(draw(cell(), 1), budget=10**9)
    _, made, seconds, _ = run_optimizer(function, OPTIMIZERS["random"], 0, limit_s=0.05)
    assert 0 < made < 10**6 and seconds < 2


THINKING = {"expected-improvement", "gaussian-process"}


def test_slow_optimizers_are_measured_on_small_budgets_alone() -> None:
    small = {o.name for o in fitting(cell())}
    large = {o.name for o in fitting(cell(budget="large", dimension="11-40"))}
    mixed = {o.name for o in fitting(cell(kinds="mixed"))}
    assert "cobyqa" in small - large and "cma-es" in small & large & mixed
    assert "l-bfgs-b" not in mixed
    few = {o.name for o in fitting(cell(budget="few(<=12/dim)", dimension="4-10"))}
    assert few & small >= THINKING and not THINKING & {
        o.name for o in fitting(cell(dimension="4-10"))
    }


@pytest.mark.parametrize(("thinks_s", "limit_s"), [(0.0, RUN_LIMIT_S), (0.3, 120.0)])
def test_what_thinks_long_has_more_time(
    thinks_s: float, limit_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = replace(OPTIMIZERS["random"], thinks_s=thinks_s)
    monkeypatch.setattr(optimizer_runs, "OPTIMIZERS", {"random": stub})
    given: list[float] = []

    def run_it(function: object, stub: Optimizer, seed: int, limit: float) -> tuple[Any, ...]:
        given.append(limit)
        return -1.0, 1, 0.0, ""

    monkeypatch.setattr(optimizer_runs, "run_optimizer", run_it)
    measure(tmp_path / "runs.jsonl", minutes=1, rounds=1, cells=[cell()])
    assert given == [limit_s]


def test_measuring_goes_on_where_it_was_cut_off(two: None, tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    told: list[str] = []
    cells = (cell(), cell(modality="many"))

    def go(rounds: int) -> int:
        told.clear()
        return measure(
            out, minutes=1, rounds=rounds, cells=cells, on_run=lambda r, n: told.append(r.key)
        )

    assert go(1) == 4 and len(told) == 4
    whole = out.read_bytes()
    assert go(1) == 4 and told == []
    out.write_bytes(whole[:-20])
    assert go(1) == 4 and len(told) == 1
    again = {r.key: r.log_gap for r in read_optimizer_runs(out)}
    assert again == {r["key"]: r["log_gap"] for r in map(json.loads, whole.decode().splitlines())}
    assert go(2) == 8 and len(told) == 4


def test_the_table_ranks_by_functions_and_takes_in_what_is_unknown() -> None:
    runs = [run("powell", 1.0, modality="many"), run("cma-es", -3.0, modality="many"),
            run("random", -1.0, modality="many")]  # fmt: skip
    for seed in range(4):
        gaps = ("cma-es", -2.0), ("random", -1.5), ("powell", -8.0)
        if seed % 2:
            gaps = ("cma-es", -6.0), ("random", -1.0), ("powell", -5.5)
        runs += [run(name, gap, seed) for name, gap in gaps]
    table = optimizer_table(runs, "a command", 7)
    assert (table["made_by"], table["seed"], table["functions"]) == ("a command", 7, 5)
    rows = {(r["cell"]["conditioning"], r["cell"]["modality"]): r for r in table["rows"]}
    assert len(rows) == len(table["rows"]) == 4, "one function of many minima is too few"
    one = rows["low", "one"]
    assert one["functions"] == 4
    assert one["ranking"] == [("powell", -6.75, 1.0), ("cma-es", -4.0, 0.5), ("random", -1.25, 0.0)]
    every = rows["unknown", "unknown"]
    assert every["functions"] == 5
    assert every["ranking"][:2] == [("powell", -5.2, 0.8), ("cma-es", -3.8, 0.6)]


def test_a_function_that_not_all_were_run_on_is_left_out() -> None:
    runs = [run(name, gap) for name, gap in (("cma-es", -6.0), ("random", -1.0))]
    runs.append(run("random", -8.0, 1))
    (row,) = optimizer_table(runs, "", 0)["rows"]
    assert row["functions"] == 1 and row["cell"]["modality"] == "unknown"
    assert row["ranking"] == [("cma-es", -6.0, 1.0), ("random", -1.0, 0.0)]


def test_no_runs_are_refused() -> None:
    with pytest.raises(UserError, match="no runs"):
        optimizer_table([], "", 0)


def test_of_those_that_come_as_near_the_one_with_fewer_evaluations_is_best() -> None:
    runs = [run("cma-es", -8.0, n=60), run("powell", -8.0, n=40), run("random", -1.0, n=3)]
    assert set(best_optimizers(runs).values()) == {"powell"}


def test_the_shipped_table_is_one_that_the_command_makes(tmp_path: Path) -> None:
    table = json.loads(TABLE.read_text())
    assert table["made_by"].startswith("optiwright data optimizers") and table["seed"] == 0
    for row in table["rows"]:
        told = row["cell"]
        known = {k: v for k, v in told.items() if v != "unknown"}
        Cell.model_validate({"conditioning": "low", "modality": "one"} | known)
        names = [name for name, _, _ in row["ranking"]]
        assert names and set(names) <= set(OPTIMIZERS) and row["functions"] >= 1
        shares = [share for _, _, share in row["ranking"]]
        assert shares == sorted(shares, reverse=True)
    write_table(tmp_path / "t.json", table)
    assert json.loads((tmp_path / "t.json").read_text()) == table


def test_the_command_measures_and_writes_the_table(
    two: None, tmp_path: Path, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = optimizer_runs.planned
    monkeypatch.setattr(
        optimizer_runs, "planned", lambda cells, seed: islice(planned((cell(),), seed), 2)
    )
    out = tmp_path / "runs.jsonl"
    code, said, _ = optiwright_("data", "optimizers", "--minutes", "1", "--out", str(out))
    assert code == 0 and "2 runs" in said
    table = json.loads((tmp_path / "runs.table.json").read_text())
    assert table["rows"][0]["ranking"][0][0] == "l-bfgs-b"
    assert table["made_by"] == "optiwright data optimizers --seed 0"
