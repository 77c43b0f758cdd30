"""Exported highspy and CVXPY programs run on their own and find the known optimum."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.cvxpy_source import cvxpy_source
from optiwright.solver_tools.highspy_source import highspy_source
from optiwright.solver_tools.pyomo_source import pyomo_source
from tests.readable_samples import OPTIMA, TRANSPORT, formulation, goal, listed, rule, scalar, table
from tests.sample_formulations import SAMPLES
from tests.solved_results import optimum
from tests.test_export_rows import ODD
from tests.test_pyomo_source import AWKWARD_NAMES, DRIVER, EDGES

WRITERS: dict[str, Callable[[Formulation], str]] = {
    "cvxpy": cvxpy_source,
    "highspy": highspy_source,
}
CONVEX = formulation(
    sets=[listed("I", "a", "b")],
    parameters=[table("p", "I", {"a": 2, "b": 3}), scalar("base", 2)],
    variables=[
        {"name": "x", "over": "I", "lower": "0.1", "upper": "9"},
        {"name": "z", "lower": "1"},
    ],
    definitions=[{"name": "spread", "expression": "abs(x['a'] - x['b'])"}],
    objectives=[
        goal(
            "minimize",
            "sum(p[i] / x[i] for i in I) + exp(z / 3) + z*z + base ** z + spread - log(x['a'])"
            " + max(x['a'], 2*x['b'])",
        )
    ],
    constraints=[rule("root", "sqrt(x['a']) + z >= 2"), rule("low", "x['b'] ** 2 <= 30")],
    asked=[{"name": "spread", "expression": "spread"}, {"name": "e", "expression": "exp(1)"}],
)
SUPPLIERS = formulation(
    variables=[
        *({"name": name} for name in "xyz"),
        *({"name": name, "domain": "binary"} for name in "uvw"),
    ],
    objectives=[goal("minimize", "0.2*x + 0.25*y + 0.09*z + 90*u + 40*v + 320*w")],
    constraints=[
        rule("need", "x + y + z >= 2900"),
        rule("first", "x <= 1500*u"),
        rule("second", "y <= 2900*v"),
        rule("third", "z <= 600*w"),
    ],
    asked=[{"name": "x", "expression": "x"}],
)
"""765, of which the presolve of HiGHS 1.14 makes 1004."""
DIVIDED = formulation(
    parameters=[scalar("half", 2), scalar("cap", 7)],
    variables=[
        {"name": "u", "domain": "integer", "upper": "cap / half"},
        {"name": "w", "lower": None, "upper": "5"},
    ],
    definitions=[
        {"name": "worst", "expression": "max(u, w)"},
        {"name": "least", "expression": "min(u, w + 4)"},
    ],
    objectives=[goal("minimize", "-u / half - w + worst + abs(w - 1) - least")],
    asked=[{"name": "worst", "expression": "worst"}],
)
FAMILIES = formulation(
    sets=[
        listed("N", "p", "q", "r"),
        {"name": "D", "data": {"kind": "range", "start": "1", "stop": "4"}},
        {
            "name": "Succ",
            "data": {
                "kind": "family",
                "over": "i in N",
                "members": [
                    {"index": ["p"], "elements": ["q", "r"]},
                    {"index": ["q"], "elements": ["r"]},
                ],
            },
        },
    ],
    parameters=[
        table("need", "N, D", {("p", 1): 4, ("q", 2): 3}, default=1),
        {"name": "total", "data": {"kind": "derived", "expression": "prod(need[i, 1] for i in N)"}},
    ],
    variables=[{"name": "f", "over": "i in N, j in N if i != j", "upper": "total"}],
    objectives=[goal("minimize", "sum(f[i, j] for i in N for j in N if i != j) - f['q', 'p']")],
    constraints=[
        rule("out", "sum(f[i, j] for j in Succ[i]) >= need[i, len(D)] + need[i, first(D)]",
             "i in N if i != last(N)"),
        rule("order", "f[i, next(i, N)] >= 0.5", "i in N if i != last(N)"),
        rule("maybe", "(f['p', 'q'] if need['p', 1] > 3 else 9) >= 2"),
        rule("nothing", "sum(f[i, j] for j in Succ[i]) <= 99", "i in N"),
    ],
)  # fmt: skip
SOFT_GAIN = formulation(
    variables=[{"name": "x", "upper": "9"}],
    objectives=[goal("maximize", "4*x")],
    constraints=[
        rule("most", "x <= 5", penalty="1.5"),
        rule("least", "x >= 12", penalty="0.5"),
        rule("near", "x == 2", penalty="0.25"),
    ],
)
CASES: dict[str, Formulation] = {
    "soft gain": SOFT_GAIN,
    **{f"sample {name}": s.formulation for name, s in SAMPLES.items()},
    **{name: f for name, (f, _) in OPTIMA.items()},
    **{name: f for name, (f, _) in EDGES.items() if name != "labels in order"},
    "odd": ODD,
    "convex": CONVEX,
    "divided": DIVIDED,
    "suppliers": SUPPLIERS,
    "families": FAMILIES,
}
REFUSED = {
    "cvxpy": {"nonlinear"},
    "highspy": {"nonlinear", "convex", "quadratic", "sample revenue", "sample portfolio"},
}
FLAT = {"machine", "piecewise", "implication", "extremes", "revenue", "quadratic"}
PAIRS = [(library, name) for library in WRITERS for name in CASES if name not in REFUSED[library]]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What each program prints, those of one library run in one fresh interpreter."""
    found: dict[tuple[str, str], str] = {}
    for library, write in WRITERS.items():
        folder = tmp_path_factory.mktemp(library)
        names = [name for other, name in PAIRS if other == library]
        paths = [folder / f"{k}.py" for k in range(len(names))]
        for name, path in zip(names, paths, strict=True):
            path.write_text(write(CASES[name]), encoding="utf-8")
        command = [sys.executable, "-c", DRIVER, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        pieces = done.stdout.split("=== ")[1:]
        found |= {(library, n): p for n, p in zip(names, pieces, strict=True)}
    return found


@pytest.mark.parametrize(("library", "name"), PAIRS)
def test_a_program_finds_the_optimum(
    library: str, name: str, printed: dict[tuple[str, str], str]
) -> None:
    text = printed[library, name]
    expected = optimum(CASES[name])
    if isinstance(expected, str):
        assert f"status: {expected}" in text and "objective:" not in text
        return
    found = float(text.split("objective: ")[1].split()[0])
    assert found == pytest.approx(expected, abs=1e-4, rel=1e-5)


@pytest.mark.parametrize("library", WRITERS)
def test_a_program_answers_what_was_asked(
    library: str, printed: dict[tuple[str, str], str]
) -> None:
    assert "units in all: 8 pieces" in printed[library, "product mix"]
    assert "shipped: north 20" in printed[library, "transport"]
    assert "ship south b = 25" in printed[library, "transport"]
    assert "x = 5.5" in printed[library, "lexicographic"]
    # What is asked of a maximum is worked out from the variables, not read off a helper.
    assert "worst: 3" in printed[library, "divided"]


@pytest.mark.parametrize("library", WRITERS)
@pytest.mark.parametrize("name", CASES)
def test_rows_are_written_out_only_where_loops_cannot_say_it(library: str, name: str) -> None:
    if name in REFUSED[library]:
        return
    short = name.removeprefix("sample ")
    assert ("rows = [" in WRITERS[library](CASES[name])) == (short in FLAT)


def test_programs_keep_sets_data_and_loops() -> None:
    highs, convex = highspy_source(TRANSPORT), cvxpy_source(TRANSPORT)
    for text in (highs, convex):
        assert 'cap = {"north": 20, "south": 30}' in text
        assert "cost = defaultdict(lambda: 4, {" in text
        assert "for i in Plants:" in text
    assert "solver.addConstr(solver.qsum(ship[i, j] for j in Markets) <= cap[i]" in highs
    assert 'name=f"ship[{p},{m_}]") for p in Plants for m_ in Markets' in " ".join(highs.split())
    assert "    constraints.append(sum(ship[i, j] for j in Markets) <= cap[i])" in convex
    assert "# Plant 2 has 12 hours." in cvxpy_source(OPTIMA["product mix"][0])


@pytest.mark.parametrize("library", WRITERS)
def test_programs_are_python_with_lines_of_readable_length(library: str) -> None:
    terms = " + ".join(f"{k + 1}*variable_{k}" for k in range(60))
    long = formulation(
        sets=[listed("I", *(f"element {k}" for k in range(40)))],
        variables=[
            *({"name": f"variable_{k}"} for k in range(60)),
            {"name": "y", "over": "some_index in I", "domain": "integer", "upper": "3.5"},
        ],
        objectives=[goal("minimize", terms)],
        constraints=[
            rule("c", f"{terms} >= 7"),
            rule("d", f"{terms} + y[i] >= 7", "i in I"),
            {"name": "e", "kind": "either", "options": [f"{terms} <= 9", f"{terms} >= 8"]},
        ][: 2 + (library == "cvxpy")],
    )
    if library == "cvxpy":
        long = long.model_copy(
            update={"variables": tuple(v.model_copy(update={"upper": "9"}) for v in long.variables)}
        )
    for f in (long, OPTIMA["implication"][0]):
        text = WRITERS[library](f)
        compile(text, "long.py", "exec")
        assert max(map(len, text.splitlines())) <= 100
        assert str(Path.cwd()) not in text


@pytest.mark.parametrize("library", REFUSED)
def test_what_a_library_cannot_express_is_said(library: str) -> None:
    for name in REFUSED[library]:
        with pytest.raises(UserError) as caught:
            WRITERS[library](CASES[name])
        assert "class" in caught.value.what and "Pyomo" in caught.value.remedy


MIXED = formulation(
    variables=[{"name": "n", "domain": "integer", "upper": "3"}, {"name": "y", "upper": "9"}],
    objectives=[goal("minimize", "(y - n) ** 2 - n")],
    constraints=[rule("c", "y <= 1.5")],
)
MIXED_EXP = formulation(
    variables=[{"name": "n", "domain": "integer", "upper": "3"}],
    objectives=[goal("minimize", "exp(n) - 4*n")],
)


def test_integers_beside_curves(capsys: pytest.CaptureFixture[str]) -> None:
    text = cvxpy_source(MIXED)
    assert "cp.SCIP" in text
    exec(compile(text, "<program>", "exec"), {"__name__": "__main__"})
    found = float(capsys.readouterr().out.split("objective: ")[1].split()[0])
    assert found == pytest.approx(-1.75, abs=1e-5)
    with pytest.raises(UserError, match="no open solver"):
        cvxpy_source(MIXED_EXP)


@pytest.mark.parametrize("library", WRITERS)
def test_bounds_of_whole_variables_are_whole(library: str) -> None:
    text = WRITERS[library](DIVIDED)
    assert "math.floor(cap / half + 1e-7)" in text and "import math" in text


def test_names_of_python_are_not_taken() -> None:
    for write in WRITERS.values():
        text = write(AWKWARD_NAMES)
        assert "sum_2 = 2" in text and "it's" in text


@pytest.mark.parametrize("name", ["total cost", "2nd goal", "lambda", "a\nimport nothing_there\n"])
@pytest.mark.parametrize("writer", [*WRITERS.values(), pyomo_source])
def test_a_goal_named_in_any_words_gives_a_program_that_runs(
    writer: Callable[[Formulation], str], name: str, tmp_path: Path
) -> None:
    program = tmp_path / "plan.py"
    named = TRANSPORT.objectives[0].model_copy(update={"name": name})
    program.write_text(writer(TRANSPORT.model_copy(update={"objectives": (named,)})))
    ran = subprocess.run([sys.executable, str(program)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "status: optimal" in ran.stdout
