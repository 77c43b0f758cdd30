"""The readable Pyomo program runs on its own and finds the known optimum, class by class."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pyomo_source import pyomo_source
from tests.readable_samples import OPTIMA, TRANSPORT, formulation, goal, listed, rule, scalar, table

# A town without an arc leaves a sum of nothing, and so a comparison of numbers.
ISOLATED = formulation(
    sets=[listed("N", "a", "b", "c"), listed("Arcs", ("a", "b"), ("b", "a"))],
    parameters=[table("need", "N", {"a": 1, "b": 1}, default=0)],
    variables=[{"name": "f", "over": "Arcs"}],
    objectives=[goal("minimize", "sum(f[i, j] for (i, j) in Arcs)")],
    constraints=[rule("meet", "sum(f[i, j] for (i, j) in Arcs if j == n) >= need[n]", "n in N")],
)
UNREACHABLE = ISOLATED.model_copy(
    update={"parameters": formulation(parameters=[table("need", "N", {}, default=1)]).parameters}
)
UNBOUNDED = formulation(variables=[{"name": "x"}], objectives=[goal("maximize", "x")])
FEASIBILITY = formulation(
    variables=[{"name": "x", "domain": "integer", "upper": "9"}], constraints=[rule("c", "x >= 9")]
)
AWKWARD_NAMES = formulation(
    title='A "quoted" title \\ and more',
    sets=[listed("model", "it's", 'a "b"', "c,d")],
    parameters=[
        table("name", "model", {"it's": 1, 'a "b"': 2, "c,d": 3}, description="two\nlines"),
        scalar("sum", 2),
        scalar("lambda_", 1),
    ],
    variables=[{"name": "m", "over": "model", "upper": "sum"}, {"name": "value", "lower": "-sum"}],
    objectives=[goal("maximize", "sum(name[m_]*m[m_] for m_ in model) - value", name="m")],
    constraints=[
        rule("pyo", "m[pyo] <= sum", "pyo in model"),
        rule("name", "value + lambda_ >= 0"),
    ],
)
LABELS_IN_ORDER = formulation(
    sets=[listed("D", "mon", "tue", "wed"), listed("J", "p", "q")],
    variables=[{"name": "x", "over": "d in D, j in J if j != 'q' or d != first(D)"}],
    objectives=[goal("minimize", "sum(x[d, j] for d in D for j in J if d > first(D))")],
    constraints=[
        rule("grow", "x[d, 'p'] >= x[e, 'p'] + 1", "d in D, e in D if e < d"),
        rule("step", "x[next(d, D), 'q'] >= (2 if d == 'mon' else 5)", "d in D if d != last(D)"),
    ],
)
EDGES = {
    "isolated": (ISOLATED, 2.0),
    "unreachable": (UNREACHABLE, "infeasible"),
    "unbounded": (UNBOUNDED, "unbounded"),
    "feasibility": (FEASIBILITY, 0.0),
    "awkward names": (AWKWARD_NAMES, 13.0),
    "labels in order": (LABELS_IN_ORDER, 10.0),
}
CASES = {**OPTIMA, **EDGES}

DRIVER = """
import runpy, sys
for path in sys.argv[1:]:
    print("===", path)
    runpy.run_path(path, run_name="__main__")
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each program prints, all run in one fresh interpreter."""
    folder = tmp_path_factory.mktemp("programs")
    paths = {name: folder / f"{k}.py" for k, name in enumerate(CASES)}
    for name, path in paths.items():
        path.write_text(pyomo_source(CASES[name][0]), encoding="utf-8")
    command = [sys.executable, "-c", DRIVER, *map(str, paths.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    pieces = done.stdout.split("=== ")[1:]
    return {name: piece for name, piece in zip(paths, pieces, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_program_finds_the_known_optimum(name: str, printed: dict[str, str]) -> None:
    expected = CASES[name][1]
    if isinstance(expected, str):
        assert f"status: {expected}" in printed[name]
        assert "objective:" not in printed[name]
        return
    assert "status: optimal" in printed[name]
    found = printed[name].split("objective: ")[1].split()[0]
    assert float(found) == pytest.approx(expected, abs=1e-4, rel=1e-5)


def test_program_answers_what_was_asked(printed: dict[str, str]) -> None:
    assert "units in all: 8 pieces" in printed["product mix"]
    assert "shipped: north 20" in printed["transport"]
    # The definition is pushed by nothing, yet shows its true value.
    assert "spread: 0" in printed["extremes"]
    assert "x = 5.5" in printed["lexicographic"]


def test_program_keeps_indices_sentences_and_data() -> None:
    text = pyomo_source(TRANSPORT)
    assert 'cap = {"north": 20, "south": 30}' in text
    assert "return sum(m.ship[i, j] for j in m.Markets) <= m.cap[i]" in text
    assert "model.supply = pyo.Constraint(model.Plants, rule=supply_rule)" in text
    assert "model.cost = pyo.Param(model.Plants, model.Markets, initialize=cost, default=4)" in text
    assert '("north", "b")' not in text, "an entry that is the default's is left out"
    assert "# Plant 2 has 12 hours." in pyomo_source(OPTIMA["product mix"][0])


def test_program_is_python_with_lines_of_readable_length() -> None:
    terms = " + ".join(f"{k + 1}*x{k}" for k in range(60))
    long = formulation(
        variables=[{"name": f"x{k}"} for k in range(60)],
        objectives=[goal("minimize", terms)],
        constraints=[rule("c", f"{terms} >= 7")],
    )
    text = pyomo_source(long)
    compile(text, "long.py", "exec")
    assert max(map(len, text.splitlines())) <= 100


def test_changed_data_reach_the_program() -> None:
    changes = (
        formulation(
            scenarios=[
                {
                    "name": "more",
                    "changes": [
                        {"parameter": "cap", "entries": [{"index": ["north"], "value": 25}]}
                    ],
                }
            ]
        )
        .scenarios[0]
        .changes
    )
    assert 'cap = {"north": 25, "south": 30}' in pyomo_source(ground(TRANSPORT, changes=changes))


FROM_TABLES = formulation(
    sets=[{"name": "R", "data": {"kind": "table", "table": "roads", "columns": ["from", "to"]}}],
    parameters=[
        {
            "name": "km",
            "over": "(i, j) in R",
            "data": {
                "kind": "bound",
                "table": "roads",
                "value_column": "km",
                "key_columns": ["from", "to"],
            },
        }
    ],
    variables=[{"name": "use", "over": "R", "domain": "binary"}],
    objectives=[goal("minimize", "sum(km[i, j]*use[i, j] for (i, j) in R)")],
)


def test_data_of_tables_are_written_out() -> None:
    roads: dict[str, list[Any]] = {"from": ["a", "b"], "to": ["b", "c"], "km": [1.5, 2]}
    text = pyomo_source(ground(FROM_TABLES, {"roads": roads}))
    assert 'R = [("a", "b"), ("b", "c")]' in text
    assert 'km = {("a", "b"): 1.5, ("b", "c"): 2}' in text
    with pytest.raises(FormulationError, match="roads"):
        pyomo_source(FROM_TABLES)


STRICT = formulation(variables=[{"name": "x"}], constraints=[rule("c", "x < 3")])
CONDITION = formulation(
    variables=[{"name": "x"}, {"name": "y"}],
    constraints=[{"name": "c", "kind": "implication", "condition": "x >= 3", "then": "y <= 1"}],
)
DIFFERENT = formulation(
    sets=[listed("I", 1, 2)],
    variables=[{"name": "x", "over": "I", "domain": "integer", "upper": "3"}],
    constraints=[{"name": "c", "kind": "all_different", "among": "i in I", "each": "x[i]"}],
)


@pytest.mark.parametrize(
    ("f", "what"),
    [(STRICT, "strict"), (CONDITION, "strict"), (DIFFERENT, "all_different")],
)
def test_what_has_no_form_is_refused(f: Formulation, what: str) -> None:
    with pytest.raises(FormulationError, match=what) as caught:
        pyomo_source(f)
    assert caught.value.remedy


ODD = Formulation.model_validate(
    {
        "sets": [{"name": "I", "data": {"kind": "listed", "elements": ["a", "b"]}}],
        "variables": [
            {"name": "w", "over": "i in I", "upper": "6", "domain": "integer"},
            {"name": "v"},
        ],
        "objectives": [
            {"sense": "minimize", "expression": "7", "priority": 1},
            {"sense": "minimize", "expression": "v + sum(w[i] for i in I)"},
        ],
        "constraints": [
            {
                "name": "only_a",
                "over": "i in I",
                "kind": "implication",
                "condition": "i == 'a' and i in I",
                "then": "w[i] >= 3",
            },
            {
                "name": "charge",
                "kind": "piecewise",
                "argument": "w['b']",
                "value": "v",
                "points": [[0, 0], [0, 5], [6, 8]],
            },
        ],
    }
)


def test_a_goal_without_variables_a_condition_on_data_and_a_jump_at_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(compile(pyomo_source(ODD), "<program>", "exec"), {"__name__": "__main__"})
    shown = capsys.readouterr().out
    assert "status: optimal" in shown
    assert "w a = 3" in shown and "w b" not in shown and "v = 0" in shown


def test_writing_a_program_leaves_no_machine_path() -> None:
    for f, _ in OPTIMA.values():
        assert str(Path.cwd()) not in pyomo_source(f)
