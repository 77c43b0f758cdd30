"""LP and MPS files, read back by solvers that did not write them, have the same optimum."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from optiwright.formulators.errors import UserError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.export_lp import lp_text
from optiwright.solver_tools.export_mps import mps_text
from tests.random_formulations import formulations
from tests.readable_samples import OPTIMA, formulation, goal, listed, rule, scalar, table
from tests.sample_formulations import SAMPLES
from tests.solved_results import by_highs, by_scip, optimum, solved

WRITERS: dict[str, Callable[[Formulation], str]] = {"lp": lp_text, "mps": mps_text}

ODD = formulation(
    title="Every kind of bound",
    sets=[listed("I", "New York", "Köln", "New_York", -3)],
    parameters=[table("cost", "I", {"New York": 1, "Köln": 2, "New_York": 3, -3: 4})],
    variables=[
        {"name": "x", "over": "i in I", "upper": "9"},
        {"name": "free", "lower": None, "description": "two\nlines", "unit": "t"},
        {"name": "e1", "lower": "-7", "upper": "-2"},
        {"name": "fixed", "lower": "4", "upper": "4"},
        {"name": "below", "lower": None, "upper": "3"},
        {"name": "n", "domain": "integer", "lower": "-2.5", "upper": "7.5"},
        {"name": "m", "domain": "integer"},
        {"name": "b", "domain": "binary"},
        {"name": "semi", "domain": "semicontinuous", "lower": "3", "upper": "8"},
        {"name": "minus", "domain": "semicontinuous", "lower": "-8", "upper": "-3"},
        {"name": "wide", "domain": "semicontinuous", "lower": "3", "upper": "5e5"},
        {"name": "idle", "domain": "semicontinuous", "lower": "-1", "upper": "2"},
    ],
    objectives=[
        goal(
            "maximize",
            "12.5 - sum(cost[i]*x[i] for i in I) + free + e1 + 2*fixed + below + n - m - b"
            " - semi + minus + wide - idle",
            name="max",
        )
    ],
    constraints=[
        rule("end", "-3 <= x['New York'] + free <= 20.5", description="The “end”."),
        rule("st", "sum(x[i] for i in I) >= 6"),
        rule("equal", "m + b == 3"),
        rule("at_least", "semi + m >= 4.5"),
        rule("no_more", "wide <= 400000"),
        rule("low", "minus + idle <= 0.5"),
        rule("none", "0 * m <= 4"),
    ],
)
NONCONVEX = formulation(
    variables=[{"name": "u", "upper": "4"}, {"name": "v", "upper": "3"}],
    objectives=[goal("maximize", "u*v - u + 2")],
    constraints=[rule("cap", "2*u*v + u**2 <= 16"), rule("low", "u*v >= 1"), rule("sum", "u <= v")],
)
CROSSED = formulation(
    variables=[{"name": "n", "domain": "integer", "lower": "0.2", "upper": "0.8"}],
    objectives=[goal("minimize", "n")],
)
EMPTY_ROW = formulation(
    sets=[listed("I", "a", "b"), listed("None_", *[])],
    variables=[{"name": "x", "over": "I", "upper": "3"}],
    objectives=[goal("maximize", "sum(x[i] for i in I)")],
    constraints=[rule("never", "sum(x[i] for i in None_) >= 1")],
)
CONSTANT = formulation(
    variables=[{"name": "constant", "upper": "3"}], objectives=[goal("minimize", "7.25")]
)
LINEAR = {
    **{name: sample.formulation for name, sample in SAMPLES.items()},
    **{name: f for name, (f, _) in OPTIMA.items() if name not in {"nonlinear", "lexicographic"}},
    "odd": ODD,
    "crossed": CROSSED,
    "empty row": EMPTY_ROW,
    "constant": CONSTANT,
}


def written(f: Formulation, form: str, folder: Path) -> Path:
    path = folder / f"model.{form}"
    path.write_text(WRITERS[form](f), encoding="utf-8")
    return path


def assert_same(found: float | str, expected: float | str) -> None:
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", LINEAR)
def test_two_solvers_read_the_same_optimum(name: str, form: str, tmp_path: Path) -> None:
    path = written(LINEAR[name], form, tmp_path)
    expected = optimum(LINEAR[name])
    assert_same(by_highs(path), expected)
    assert_same(by_scip(path), expected)


@pytest.mark.parametrize("form", WRITERS)
def test_quadratic_rows_and_goals_that_are_not_convex(form: str, tmp_path: Path) -> None:
    assert_same(by_scip(written(NONCONVEX, form, tmp_path)), optimum(NONCONVEX))


def test_ortools_reads_mps_files_too(tmp_path: Path) -> None:
    # Imported by name: its stubs would hide another module of the package from type checkers.
    model_builder: Any = importlib.import_module("ortools.linear_solver.python.model_builder")
    for name in ("transport", "inventory", "assignment"):
        model: Any = model_builder.Model()
        assert model.import_from_mps_file(str(written(LINEAR[name], "mps", tmp_path)))
        solver = model_builder.Solver("scip")
        assert solver.solve(model) == model_builder.SolveStatus.OPTIMAL
        assert solver.objective_value == pytest.approx(optimum(LINEAR[name]))


SETTINGS = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@SETTINGS
@given(f=formulations())
def test_random_linear_models_keep_their_optimum(
    f: Formulation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    expected = optimum(f)
    for form in WRITERS:
        path = written(f, form, folder)
        assert_same(by_highs(path), expected)
        assert_same(by_scip(path), expected)


@settings(parent=SETTINGS, max_examples=25)
@given(f=formulations(quadratic=True))
def test_random_quadratic_models_keep_their_optimum(
    f: Formulation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    expected = optimum(f)
    for form in WRITERS:
        found = by_scip(written(f, form, folder))
        if isinstance(expected, str):
            assert found == expected
        else:
            assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_names_show_symbol_and_index() -> None:
    text = lp_text(SAMPLES["transport"].formulation)
    assert " within_supply(Seattle): ship(Seattle,New_York) + ship(Seattle,Chicago)" in text
    assert "ship(Seattle,New_York) stands for ship[Seattle, New York]" in text
    assert "ship(Seattle,Chicago) stands for" not in text
    assert "ship[i in Plants, j in Markets]: in cases" in text


@pytest.mark.parametrize("form", WRITERS)
def test_names_are_legal_and_unique(form: str) -> None:
    text = WRITERS[form](ODD)
    for name in ("x(New_York)", "x(New_York)_2", "x(Koln)", "x(_3)", "_free", "_e1", "_end", "_st"):
        assert f" {name}" in text
    assert "x(New_York)_2 stands for x[New_York]" in text
    assert "_end stands for end" in text
    assert "free: two lines [t]" in text
    body = [line for line in text.splitlines() if line[0] not in "*\\"]
    assert all(line.isascii() and len(line) <= 255 for line in body)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", ["inflow", "INFO", "nano", "Nancy", "infinity_x", "x_inf", "e_1"])
def test_names_that_begin_like_numbers_are_read_back(name: str, form: str, tmp_path: Path) -> None:
    f = formulation(
        variables=[{"name": name, "upper": "3"}, {"name": "y", "upper": "4"}],
        objectives=[goal("maximize", f"{name} + 2*y")],
        constraints=[rule(f"{name}_limit", f"{name} + y <= 5")],
    )
    path = written(f, form, tmp_path)
    for read in (by_highs, by_scip):
        assert_same(read(path), 9.0)


def test_a_long_name_is_cut_and_stays_unique(tmp_path: Path) -> None:
    long = ["y" * 300 + str(k) for k in range(3)]
    f = formulation(
        sets=[listed("I", *long)],
        variables=[{"name": "x", "over": "I", "upper": "2"}],
        objectives=[goal("maximize", "sum(x[i] for i in I)")],
    )
    for form in WRITERS:
        assert by_scip(written(f, form, tmp_path)) == pytest.approx(6)


def test_lines_stay_short_however_long_a_row_is() -> None:
    terms = " + ".join(f"{k + 1}*x{k}" for k in range(80))
    f = formulation(
        variables=[{"name": f"x{k}"} for k in range(80)],
        objectives=[goal("minimize", terms)],
        constraints=[rule("c", f"{terms} >= 7")],
    )
    assert max(map(len, lp_text(f).splitlines())) <= 110


def test_data_of_an_instance_are_what_is_written() -> None:
    f = formulation(
        parameters=[scalar("limit", 5)],
        variables=[{"name": "x"}],
        objectives=[goal("maximize", "x")],
        constraints=[rule("c", "x <= limit")],
        scenarios=[
            {
                "name": "s",
                "changes": [{"parameter": "limit", "entries": [{"index": [], "value": 8}]}],
            }
        ],
    )
    assert " c: x <= 8" in lp_text(ground(f, changes=f.scenarios[0].changes))


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [("nonlinear", "linear and quadratic", ".py"), ("lexicographic", "several priorities", ".py")],
)
def test_what_a_format_cannot_hold_is_said(form: str, name: str, what: str, remedy: str) -> None:
    with pytest.raises(UserError, match=what) as caught:
        WRITERS[form](OPTIMA[name][0])
    assert remedy in caught.value.remedy


def test_the_sample_optima_are_those_known() -> None:
    assert solved(SAMPLES["transport"].formulation).objective == pytest.approx(153_675)
