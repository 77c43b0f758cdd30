"""Programs that a language model wrote: run with the solvers that are here, and read."""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optiwright.solver_tools.pool import Reason, default_pool
from optiwright.solver_tools.written_check import faults, strip_code
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.solver_tools.written_run import execute
from optiwright.solver_tools.written_text import read_text
from tests import written_programs as programs


def run(source: str, limit: float = 20.0) -> ProgramReport:
    """Runs a program and takes its report over the boundary it has to cross."""
    return ProgramReport.model_validate_json(json.dumps(execute(source, limit), allow_nan=False))


def values(report: ProgramReport) -> dict[str, float | None]:
    return {"".join([v.name, *map(str, v.index)]): v.value for v in report.variables}


# --- programs as they are written -----------------------------------------------------------------


def test_a_program_as_llmopt_writes_it() -> None:
    report = run(programs.LLMOPT)
    assert (report.outcome, report.status, report.how) == ("finished", "optimal", "model")
    assert report.objective == report.bound == 33
    assert [(v.name, v.index, v.value, v.domain) for v in report.variables] == [
        ("x", ("desk",), 1, "integer"),
        ("x", ("chair",), 7, "integer"),
    ]
    assert (report.n_variables, report.n_integer, report.n_constraints) == (2, 2, 1)
    assert (report.library, report.sense, report.solves) == ("pyomo", "maximize", 1)


def test_a_program_as_optibench_writes_it() -> None:
    report = run(programs.OPTIBENCH)
    assert (report.outcome, report.status, report.library) == ("finished", "optimal", "pyscipopt")
    assert report.objective == pytest.approx(12)
    assert [q.name for q in report.quantities] == ["Number of A", "Amount of B", "Maximized Profit"]
    assert (report.n_variables, report.n_integer, report.n_constraints) == (2, 1, 1)


@pytest.mark.parametrize("asked", ["glpk", "cbc", "ipopt", "gurobi", "appsi_highs", "baron"])
def test_any_solver_asked_of_pyomo_solves_a_linear_program(asked: str) -> None:
    report = run(programs.PYOMO_LP.replace("{asked!r}", repr(asked)))
    assert report.error == ""
    assert (report.status, report.objective, report.how) == ("optimal", 10, "report")
    assert {q.name: q.value for q in report.quantities} == {"x": 3, "total": 4}
    assert values(report) == {"x": 3, "y": 0, "z": 1}


@pytest.mark.parametrize("library", programs.LINEAR)
def test_every_library_is_read(library: str) -> None:
    report = run(programs.LINEAR[library])
    assert report.error == ""
    assert (report.outcome, report.status, report.objective) == ("finished", "optimal", 8)
    assert [values(report)[name] for name in ("x0", "x1")] == pytest.approx([2, 3])
    assert report.n_integer == (0 if library == "linprog" else 2)
    assert report.n_constraints > 0
    assert report.solves == 1


@pytest.mark.parametrize("library", programs.SUPPLIERS)
def test_presolve_cuts_no_optimum_off(library: str) -> None:
    report = run(programs.SUPPLIERS[library])
    assert (report.error, report.status) == ("", "optimal")
    assert report.objective == pytest.approx(765)  # with the presolve of HiGHS 1.14: 1004


def test_the_negative_that_scipy_minimizes_is_kept_beside_the_maximum_that_is_printed() -> None:
    report = run(programs.LINEAR["milp"])
    assert (report.objective, report.model_objective, report.how) == (8, -8, "text")


@pytest.mark.parametrize(
    ("name", "optimum", "status"),
    [
        ("ipopt", 3 * (2 * math.pi) ** (1 / 3) * 100 ** (2 / 3), "optimal"),
        ("bonmin", 2 * math.exp(0.3) + 0.5, "optimal"),
        ("gurobi", -4.0, "optimal"),
        ("cvxpy", 0.32, "optimal"),
        ("integer quadratic", 0.32, "optimal"),
        ("largest square", 4.0, "optimal"),
        ("semidefinite", 2.0, "optimal"),
        ("scipy", 3.0, "feasible"),
    ],
)
def test_nonlinear_programs_are_solved(name: str, optimum: float, status: str) -> None:
    report = run(programs.NONLINEAR[name])
    assert report.error == ""
    assert report.status == status
    assert report.objective == pytest.approx(optimum, rel=1e-6)


_KINDS = {
    "continuous": {
        "kind": "NonNegativeReals", "integer": "", "add": "addVariable", "vtype": "C",
        "solver": "GLOP", "var": "NumVar", "flag": "0",
    },
    "integer": {
        "kind": "NonNegativeIntegers", "integer": ", integer=True", "add": "addIntegral",
        "vtype": "I", "solver": "CBC", "var": "IntVar", "flag": "1",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("library", programs.HOPELESS)
@pytest.mark.parametrize(("sign", "status"), [("-1", "infeasible"), ("1", "unbounded")])
def test_no_optimum_is_told_and_left_over_numbers_are_not(
    library: str, kind: str, sign: str, status: str
) -> None:
    report = run(programs.HOPELESS[library].format(sign=sign, **_KINDS[kind]))
    assert (report.outcome, report.status, report.how) == ("finished", status, "model")
    assert report.objective is None
    assert report.quantities == ()
    assert set(values(report).values()) == {None}


def test_a_program_can_ask_pyomo_for_the_reason_itself() -> None:
    source = programs.HOPELESS["pyomo"].format(sign="-1", **_KINDS["integer"])
    source += "assert results.solver.status == SolverStatus.warning\n"
    source += "assert results.solver.termination_condition == TerminationCondition.infeasible\n"
    assert run(source).notes == ()


@pytest.mark.parametrize("library", programs.ENDLESS)
def test_solvers_keep_to_the_time(library: str) -> None:
    start = time.monotonic()
    source = programs.MARKET_SPLIT + programs.ENDLESS[library] + "print('Objective: 7')\n"
    report = run(source, limit=1.2)
    assert time.monotonic() - start < 2.5
    assert (report.outcome, report.status, report.solves) == ("finished", "unknown", 1)
    assert report.objective is None
    assert report.n_integer == 60


def test_what_was_found_within_the_time_comes_with_its_bound() -> None:
    report = run(programs.MARKET_SPLIT + programs.OPEN_GAP, limit=1.5)
    assert (report.outcome, report.status, report.how) == ("finished", "feasible", "model")
    assert report.objective is not None
    assert report.bound is not None
    assert report.bound < report.objective - 1
    assert None not in values(report).values()


def test_solutions_that_pyomo_is_told_not_to_load_can_be_loaded_later() -> None:
    source = programs.PYOMO_LP.replace("{asked!r}", "'ipopt'")
    source = source.replace("timelimit=7", "load_solutions=False")
    source = source.replace(
        "report(", "assert m.x.value is None\nm.solutions.load_from(result)\nreport("
    )
    report = run(source)
    assert report.error == ""
    assert report.objective == 10


def test_duals_come_where_there_are_any() -> None:
    source = programs.PYOMO_LP.replace("{asked!r}", "'glpk'")
    source = source.replace("m.x = ", "m.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)\nm.x = ")
    report = run(source.replace("x=m.x", "price=m.dual[m.hours]"))
    assert {q.name: q.value for q in report.quantities}["price"] == pytest.approx(1)


def test_integers_relaxed_by_the_solver_asked_for_are_named() -> None:
    report = run(programs.LINEAR["ortools"].replace("GUROBI", "GLOP"))
    assert report.status == "unknown"
    assert "integrality was ignored" in report.notes[0]


# --- what counts ----------------------------------------------------------------------------------


def test_a_reported_objective_counts_and_the_model_s_is_kept_beside_it() -> None:
    source = programs.LINEAR["cvxpy"] + "report(objective=problem.value - 100, x=x)\n"
    report = run(source)
    assert (report.objective, report.model_objective, report.how) == (-92, 8, "report")
    assert "-92" in report.notes[0]
    assert "8" in report.notes[0]
    assert [q.name for q in report.quantities] == ["x[0]", "x[1]"]


def test_variables_have_the_names_that_the_program_gives_them() -> None:
    source = """
def solve(ships):
    wheat = cp.Variable(nonneg=True, name="wheat")
    rye = {kind: cp.Variable(nonneg=True) for kind in ("winter", "summer")}
    everything["rye"] = rye
    cp.Problem(cp.Minimize(wheat + sum(rye.values()) + cp.sum(ships)), [ships >= 1]).solve()
everything, nothing = {}, None
ships = cp.Variable((1, 2))
solve(ships)
"""
    names = [(v.name, v.index) for v in run(source).variables]
    assert sorted(names, key=str) == [
        ("everything", ("rye", "summer")),
        ("everything", ("rye", "winter")),
        ("ships", (0, 0)),
        ("ships", (0, 1)),
        ("wheat", ()),
    ]


def test_of_several_solves_the_last_counts() -> None:
    report = run(programs.LINEAR["highspy"] + "h.maximize(x[0])\n")
    assert (report.objective, report.solves) == (3, 2)


def test_a_search_over_models_may_end_in_an_infeasible_one() -> None:
    source = """
best = None
for k in (1, 2, 9):
    m = ConcreteModel(); m.x = Var(bounds=(0, 5)); m.o = Objective(expr=k * m.x, sense=maximize)
    m.c = Constraint(expr=m.x >= k)
    if check_optimal_termination(SolverFactory("glpk").solve(m)):
        best = value(m.o), k
report(objective=best[0], k=best[1], plan="the second")
"""
    report = run(source)
    assert (report.status, report.objective, report.solves) == ("feasible", 10, 3)
    assert report.quantities[1].value == "the second"


def test_a_program_without_a_solver_is_read_by_its_text() -> None:
    source = "best = max(range(10), key=lambda k: k * (7 - k))\n"
    report = run(source + "print(f'Maximum profit: ${best * (7 - best) * 1000:,.2f} a week')\n")
    assert (report.outcome, report.status, report.how) == ("finished", "unknown", "text")
    assert report.objective == 12_000


def test_a_program_that_says_nothing_has_no_result() -> None:
    report = run("x = 3\n")
    assert (report.outcome, report.how) == ("no_result", None)
    assert "report(" in report.error


def test_reports_take_what_libraries_hold() -> None:
    source = """
m = ConcreteModel(); m.x = Var(["a"], initialize=2)
x = cp.Variable(2); x.value = np.array([1.0, np.inf])
report(5, x=m.x, v=x, odd="\\ud800", table={("a", 1): np.int64(4)},
       series=pd.Series({"u": 1.5}), none=None)
"""
    report = run(source)
    assert report.objective == 5
    assert {q.name: q.value for q in report.quantities} == {
        "x[a]": 2, "v[0]": 1, "v[1]": None, "table[a,1]": 4, "series[u]": 1.5, "none": None,
        "odd": "?",
    }  # fmt: skip


# --- programs that fail ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("import numpy as np\ndef f(a):\n    return a['k']\n\nx = f({})\n", 3, "KeyError: 'k'"),
        ("def f(n):\n    return f(n + 1)\nf(0)\n", 2, "RecursionError"),
        ("x = 1\nimport gurobipy as gp\n", 2, "SolverFactory"),
        ("import sys\nsys.exit('no data')\n", 2, "no data"),
        ("x = input()\n", 1, "EOFError"),
        ("raise KeyboardInterrupt\n", 1, "KeyboardInterrupt"),
        ("class E(Exception):\n    def __str__(self): return 1 / 0\nraise E\n", 3, "E: <exc"),
        ("raise ValueError('\\ud800')\n", 1, "ValueError: ?"),
        ("eval('1 +')\n", 1, "SyntaxError"),
        ("m = AbstractModel()\nSolverFactory('glpk').solve(m)\n", 2, "create_instance"),
    ],
)
def test_an_error_is_told_in_the_program_s_own_lines(source: str, line: int, words: str) -> None:
    report = run(source)
    assert (report.outcome, report.line) == ("error", line)
    assert words in report.error
    assert f"line {line}" in report.error.casefold()
    assert "written_" not in report.error


def test_the_lines_of_a_failing_rule_are_shown() -> None:
    source = "m = ConcreteModel()\nm.x = Var(RangeSet(3))\ndef rule(m, i):\n"
    report = run(
        source + "    return m.x[i] >= m.x[i + 1]\nm.c = Constraint(RangeSet(3), rule=rule)\n"
    )
    assert report.line == 4
    assert "line 5: m.c = Constraint" in report.error
    assert "line 4, in `rule`: return m.x[i] >= m.x[i + 1]" in report.error


@pytest.mark.parametrize(
    ("source", "line"),
    [("x = (1\ny = 2\n", 1), ("def f():\nreturn 1\n", 2), ("a\0b", None), ("(" * 9000, 1)],
)
def test_what_is_no_python_is_told_so(source: str, line: int | None) -> None:
    report = run(source)
    assert (report.outcome, report.line) == ("syntax", line)
    assert report.error


def test_a_program_in_a_loop_is_interrupted_where_it_is() -> None:
    start = time.monotonic()
    report = run("x = 0\nwhile True:\n    x += 1\n", limit=0.5)
    assert time.monotonic() - start < 2
    assert report.outcome == "error"
    assert report.line in (2, 3)
    assert "still running after 0.5 s" in report.error
    assert report.out_of_time


def test_an_interruption_that_became_another_error_is_one_of_time() -> None:
    turned = """try:
    while True:
        pass
except BaseException:
    raise RuntimeError("callback failed")
"""
    report = run(turned, limit=0.3)
    assert "callback failed" in report.error and report.out_of_time
    assert not run("raise RuntimeError('callback failed')", limit=0.3).out_of_time


def test_an_interruption_that_is_swallowed_comes_again() -> None:
    swallowing = """import time
for _ in "12":
    try:
        while True: time.sleep(0.01)
    except BaseException: pass
while True: time.sleep(0.01)
"""
    assert run(swallowing, limit=0.2).line == 6


def test_what_was_solved_before_an_error_is_kept() -> None:
    report = run(programs.LINEAR["highspy"] + "h.nonsense()\n")
    assert (report.outcome, report.status, report.objective) == ("error", "optimal", 8)
    assert "nonsense" in report.error


def test_an_exit_after_a_solve_is_an_end() -> None:
    report = run(programs.LINEAR["highspy"] + "import sys\nsys.exit(1)\n")
    assert (report.outcome, report.objective) == ("finished", 8)
    assert "exit(1)" in report.notes[0]


def test_much_output_is_kept_at_both_ends(capsys: pytest.CaptureFixture[str]) -> None:
    noise = "for i in range(20_000): print('noise')\n"
    report = run(f"print('a: 1')\n{noise}print('b: 2')\n{noise}print('Objective: 7')\n")
    assert [(q.name, q.value) for q in report.quantities] == [("a", 1), ("Objective", 7)]
    assert len(capsys.readouterr().out) > 200_000


def test_a_program_is_the_main_module_and_leaves_nothing_behind() -> None:
    before = _what_is_patched()
    assert run("import sys\nassert sys.modules['__main__'].pyo is pyo\nreport(1)\n").error == ""
    assert run("raise ValueError\n").outcome == "error"
    assert _what_is_patched() == before


def _what_is_patched() -> list[object]:
    import cvxpy
    import highspy
    import pyscipopt
    import scipy.optimize
    from pyomo.opt.base.solvers import SolverFactoryClass

    found = [sys.modules["__main__"], sys.stdout, math.exp, pyscipopt.Model, scipy.optimize.milp]
    found += [cvxpy.Problem.solve, SolverFactoryClass.__call__, "run" in vars(highspy.Highs)]
    return found


def test_it_runs_in_the_pool() -> None:
    target = "optiwright.solver_tools.written_run:execute"
    futures = [
        default_pool().submit(target, source, 10.0, time_limit_s=15, memory_mb=1024)
        for source in (programs.LLMOPT, programs.OPTIBENCH, programs.LINEAR["cp_sat"])
    ]
    outcomes = [future.result(timeout=60) for future in futures]
    assert [outcome.reason for outcome in outcomes] == [Reason.FINISHED] * 3
    reports = [ProgramReport.model_validate(outcome.value) for outcome in outcomes]
    assert [report.objective for report in reports] == pytest.approx([33, 12, 8])
    assert "Optimal objective value: 33" in outcomes[0].output


_NO_PROCESS_NO_NETWORK = """
import sys
def watchful(event, arguments):
    if event.startswith(("os.fork", "os.exec", "os.posix", "os.system", "subprocess", "socket")):
        raise PermissionError(event)
sys.addaudithook(watchful)
"""


def test_no_solver_needs_a_process_or_the_network() -> None:
    """In the pool: an audit hook stays for as long as its process."""
    sources = [*programs.LINEAR.values(), *programs.NONLINEAR.values(), "import os\nos.fork()\n"]
    target = "optiwright.solver_tools.written_run:execute"
    futures = [
        default_pool().submit(target, _NO_PROCESS_NO_NETWORK + source, 10.0, time_limit_s=15)
        for source in sources
    ]
    errors = [future.result(timeout=60).value["error"] for future in futures]
    assert errors[:-1] == [""] * (len(sources) - 1)
    assert "PermissionError: os.fork" in errors[-1]


# --- printed text ---------------------------------------------------------------------------------

_NAMES = ["Acres of wheat", "x", "x[1]", "x_12", "Number of trucks (type A)", "x(a,b)", "Amount 2"]
_GOALS = [
    "Objective", "Objective value", "Optimal objective value", "Maximum profit", "Total cost",
    "Minimized Total Cost", "obj", "The maximum profit", "objective_value", "Maximized Area",
]  # fmt: skip
_STYLES = [
    "{:.4f}",
    "{:,.4f}",
    "${:,.4f}",
    "{:.12e}",
    "{:.4f} hours",
    "€ {:.4f}.",
    "{:,.4f} (optimal)",
]
_SEPARATORS = [": ", " = ", ":", " : ", ":  ", " -> "]
_number = st.floats(-1e7, 1e7).map(lambda value: round(value, 4) + 0.0)
_style = st.sampled_from(_STYLES)
_separator = st.sampled_from(_SEPARATORS)


def _line(name: str, separator: str, style: str, value: float) -> str:
    return f"{name}{separator}{style.format(value)}"


@settings(max_examples=300, deadline=None)
@given(
    names=st.lists(st.sampled_from(_NAMES), unique=True, max_size=5),
    goal=st.sampled_from(_GOALS),
    indent=st.sampled_from(["", "  ", "- ", "* "]),
    data=st.data(),
)
def test_printed_results_are_read_back(
    names: list[str], goal: str, indent: str, data: st.DataObject
) -> None:
    printed = {name: data.draw(_number) for name in [*names, goal]}
    lines = [
        indent + _line(name, data.draw(_separator), data.draw(_style), value)
        for name, value in printed.items()
    ]
    lines.insert(
        data.draw(st.integers(0, len(lines) - 1)), data.draw(st.sampled_from(["", "Done!"]))
    )
    found = read_text("\n".join(["noise: 17", "-" * 10, *lines]))
    assert {q.name: q.value for q in found.quantities} == pytest.approx(printed)
    assert found.objective == pytest.approx(printed[goal])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["x", "y", "pens"]), _number), _number)
def test_json_on_the_last_line_is_read_back(amounts: dict[str, float], value: float) -> None:
    found = read_text("Objective: 3\n" + json.dumps({"objective": value, "amounts": amounts}))
    assert found.objective == value
    expected = {f"amounts[{name}]": amount for name, amount in amounts.items()}
    assert {q.name: q.value for q in found.quantities} == {"objective": value, **expected}


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        ("The optimal value is 12.5", 12.5),
        ("Objective: -1.5e-3", -1.5e-3),
        ("Maximum profit: -$1,234.50", -1234.5),
        ("Maximum profit: $-1,234.50", -1234.5),
        ("Total profit: $1,234,567", 1_234_567),
        ("Objective value: 12.0 with x = 3 and y = 4", 12),
        ("Total cost: 5\nOptimal objective value: 7\nTotal time: 9", 7),
        ("Objective: nan", None),
        ("x = 3, y = 4, objective = 5", 5),
        ("nothing to see", None),
        ("x: 3\ny: 4", None),
        ("**Maximum Profit:** $3,600", 3600),
    ],
)
def test_an_objective_has_many_forms(text: str, objective: float | None) -> None:
    assert read_text(text).objective == objective


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 3, y = 4", {"x": 3, "y": 4}),
        ("x: [1.0, 2.5]", {"x[0]": 1, "x[1]": 2.5}),
        ("plan: {'a': 1, ('b', 2): 3}", {"plan[a]": 1, "plan[b,2]": 3}),
        ("x: [1. 2.]", {"x[0]": 1, "x[1]": 2}),
        ("Optimal solution: x = 3", {"x": 3}),
        ("x: None", {"x": None}),
        ("Key : Lower : Value\n a : 0 : 1.0", {}),
        ("a: 1\n-----\nb: 2\n-----\n", {"b": 2}),
    ],
)
def test_quantities_have_many_forms(text: str, expected: dict[str, float | None]) -> None:
    assert {q.name: q.value for q in read_text(text).quantities} == expected


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The problem is infeasible.", "infeasible"),
        ("No feasible solution found", "infeasible"),
        ("The model is unbounded", "unbounded"),
        ("Optimal solution found", "unknown"),
    ],
)
def test_a_text_can_say_that_there_is_no_optimum(text: str, status: str) -> None:
    assert read_text(text).status == status


# --- before it runs -------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [programs.LLMOPT, programs.OPTIBENCH, *programs.LINEAR.values()])
def test_a_program_that_can_run_has_no_fault(source: str) -> None:
    assert faults(source + "print(1)") == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("m.solve(\nprint(1)", ["Line 1"]),
        ("x = 1", ["calls no solver", "report("]),
        ("import requests\nm.solve(); print(1)", ["Line 1 imports `requests`", "no network"]),
        ("def f():\n    import subprocess as s\nm.solve(); print(1)", ["Line 2", "processes"]),
        ("from pulp import *\nm.solve(); report(1)", ["`pulp`, which is not installed", "pyomo"]),
        ("import gurobipy as gp\nm.optimize(); report(1)", ["gurobipy"]),
        ("try:\n    import pulp\nexcept ImportError: pass\nm.solve(); report(1)", []),
    ],
)
def test_faults_are_found_before_a_run(source: str, words: list[str]) -> None:
    found = " ".join(faults(source))
    assert all(word in found for word in words)
    assert bool(found) == bool(words)


_STATEMENTS = [
    "import pyomo.environ as pyo", "x = 3", "def f(a):\n    return a + 1", "print(f(x))",
    'text = """\nsome words\n"""', "for i in range(3):\n    print(i)", "m.c = pyo.Var()",
]  # fmt: skip
_program = st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=8).map("\n".join)
_prose = st.sampled_from(["", "Here is the program:\n\n", "Sure! First we define sets.\n\nThen:\n"])
_fence = st.sampled_from(["```", "```python", "```Python", "~~~py", "````python", "``` python"])


@settings(max_examples=300, deadline=None)
@given(_program, _prose, _fence, st.booleans(), st.sampled_from(["", "\nThis solves it.", "\n"]))
def test_a_program_is_taken_out_of_its_fence(
    program: str, prose: str, fence: str, ends: bool, after: str
) -> None:
    end = "\n" + fence[: fence.count(fence[0])] + after if ends else ""
    assert strip_code(f"{prose}{fence}\n{program}{end}") == program + "\n"


@settings(max_examples=100, deadline=None)
@given(_program, _prose, st.sampled_from(["", "\n\nThis solves it, I hope.\n"]))
@example("x = 3", "", "")
def test_a_program_is_taken_out_of_prose(program: str, prose: str, after: str) -> None:
    assert strip_code(prose + program + after) == program + "\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(_program, min_size=2, max_size=3, unique_by=len), _prose)
def test_of_several_fences_the_longest_that_parses_counts(blocks: list[str], prose: str) -> None:
    broken = "for (((\n" * 200
    shown = [f"```python\n{block}\n```\n" for block in [*blocks, broken]]
    other = "```json\n" + "[1]\n" * 500 + "```\n"
    assert strip_code(prose + other + prose.join(shown)) == max(blocks, key=len) + "\n"


def test_a_reply_without_a_program_has_none() -> None:
    assert strip_code("I cannot solve this.") == ""


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters() | st.sampled_from("`\n:=-[({0.,$"), max_size=200))
@example("x: " + "[" * 100_000)
@example("```" * 3)
def test_no_text_upsets_the_readers(text: str) -> None:
    read: list[Any] = [read_text(text), faults(text), strip_code(text)]
    assert len(read) == 3


# --- a model that is never made -------------------------------------------------------------------

_WORK = """
model.x = Var(within=NonNegativeIntegers, bounds=(0, 7))
model.obj = Objective(expr=3 * model.x, sense=maximize)
SolverFactory("highs").solve(model)
report(objective=value(model.obj))
"""
_SCIP_WORK = """
x = model.addVar("x", vtype="I", lb=0, ub=7)
model.setObjective(3 * x, "maximize")
model.optimize()
report(objective=model.getObjVal())
"""


@pytest.mark.parametrize(
    "source",
    ["from pyomo.environ import *\n" + _WORK, _WORK, "from pyscipopt import Model\n" + _SCIP_WORK],
)
def test_a_model_that_is_worked_on_and_never_made_is_there(source: str) -> None:
    report = run(source)
    assert report.error == ""
    assert report.status == "optimal"
    assert report.objective == pytest.approx(21)


@pytest.mark.parametrize(
    "making", ["model = ConcreteModel()", "model: object = ConcreteModel()", "def model(): pass"]
)
def test_a_model_that_the_program_makes_itself_is_its_own(making: str) -> None:
    late = "from pyomo.environ import *\nmodel.x = Var()\n" + making
    assert "name 'model' is not defined" in run(late).error


# --- what is limited in vain ----------------------------------------------------------------------

_TIED = """
model = ConcreteModel()
model.x = Var([1, 2, 3], within=NonNegativeReals, bounds=(0, 9))
model.total = Var(within=NonNegativeReals)
model.apart = Var([1, 2], within=NonNegativeReals)
model.unused = Var(within=NonNegativeReals)
model.obj = Objective(expr=model.x[1], sense=maximize)
model.chain = ConstraintList()
model.chain.add(model.x[1] <= model.x[2])
model.chain.add(model.total == model.x[2] + model.x[3])
model.chain.add(model.total <= 7)
model.chain.add(model.apart[1] + model.apart[2] <= 5)
SolverFactory("highs").solve(model)
report(objective=value(model.obj))
"""


def test_what_no_chain_of_constraints_ties_to_the_objective_is_told() -> None:
    assert run(_TIED).loose == ("apart[1]", "apart[2]")
    assert run(_TIED.replace("model.apart[2] <= 5", "model.x[3] <= 5")).loose == ()
    broken = _TIED.replace("model.total == model.x[2] + model.x[3]", "model.total >= 1")
    assert run(broken).loose == ("total", "apart[1]", "apart[2]")
    assert run(_TIED.replace("expr=model.x[1]", "expr=0")).loose == ()
