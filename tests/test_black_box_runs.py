"""Functions without a formula go through the graph, the command line and the Python door."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

import optiwright
from optiwright import UserError
from optiwright.agent.events import Notice, StepFinished
from optiwright.agent.evidence import Level
from optiwright.agent.loop import Running, wait
from optiwright.agent.options import Options
from optiwright.agent.picture_trace import trace_picture
from optiwright.agent.result import Result, Status
from optiwright.agent.run import execute, resume
from optiwright.agent.search_running import checks_of
from optiwright.agent.searching import black_box_of
from optiwright.formulators.black_box import BlackBox
from optiwright.formulators.black_box_reader import read_black_box
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.pool import Isolation, default_pool
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus
from optiwright.testing import ScriptedModel

RunCli = Callable[..., tuple[int, str, str]]

BOWL = '''
def bowl(x):
    """x1 in [-5, 10], x2 in [0, 15]."""
    a, b = x
    return (a - 1) ** 2 + (b - 2) ** 2 + 3
'''
STEPPED = '''
bounds = [(-4, 4)] * 2

def stepped(x):
    """Minimise it with at most 60 evaluations."""
    return (x[0] - 1) ** 2 + (x[1] + 2) ** 2 + (5 if x[0] > 2 else 1)

def g(x):  # <= 0
    return x[0] - 0.5 if x[1] < 9 else 0.0
'''


def passed(result: Result) -> dict[str, bool]:
    return {check.name: check.passed for check in result.checks}


def test_a_formula_in_code_is_solved_as_algebra_without_a_model() -> None:
    result = optiwright.solve(BOWL)
    assert result.status is Status.OPTIMAL and result.objective == pytest.approx(3)
    assert result.optimality is Optimality.CERTIFIED and result.level is Level.CHECKED
    assert result.search is None and result.formulation is not None
    assert passed(result)["translation"]
    assert "the function's own formula" in result.explanation
    assert result.usage.calls == 0


def test_what_is_no_formula_is_searched_with_everything_told() -> None:
    result = optiwright.solve(STEPPED)
    assert result.status is Status.FEASIBLE and result.level is Level.FEASIBLE
    assert result.objective == pytest.approx(1.25, abs=1e-3)
    assert result.search is not None
    outcome = result.search.outcome
    assert outcome.status is SearchStatus.FOUND and outcome.evaluations <= 60
    assert [a.name for a in result.answers] == ["x1", "x2"]
    assert passed(result) == dict.fromkeys(
        ("evaluated again", "bounds and kinds", "constraints", "budget"), True
    )
    assert result.sense is optiwright.formulators.model.Sense.MINIMIZE
    for said in ("Least value found: 1.25", "- x1 = 0.5", "not proved", "decides by"):
        assert said in result.explanation, said
    assert "## How sure this is" in result.explain()
    assert Result.from_json(result.to_json()) == result
    assert (Path(result.record) / "trace.svg").is_file()
    picture = trace_picture(result.search)
    assert picture is not None and "least value" in picture.title
    assert ET.fromstring(picture.svg).attrib["role"] == "img"


def test_a_formula_is_told_in_plain_figures_and_without_a_budget_that_it_does_not_need() -> None:
    source = "bounds = [(0.1, 5), (1e-7, 1)]\ndef f(x):\n    return x[0] ** 2 + x[1]\n"
    result = optiwright.solve(source)
    assert result.formulation is not None
    assert [v.lower for v in result.formulation.variables] == ["0.1", "1e-07"]
    assert [v.upper for v in result.formulation.variables] == ["5", "1"]
    assert "evaluations may be made" not in result.explanation
    assert result.objective == pytest.approx(0.01 + 1e-7)


def test_what_a_search_cannot_answer_is_refused_as_such() -> None:
    result = optiwright.solve(STEPPED, budget=12)
    asks = (
        lambda: result.what_if("What if x is 3?"),
        result.proof,
        result.tornado,
        result.sensitivity,
        result.repairs,
    )
    for ask in asks:
        with pytest.raises(UserError, match=r"a search of a function has no .*search again"):
            ask()


def test_an_optimizer_that_is_named_for_a_formula_is_told_to_be_in_no_need() -> None:
    source = "bounds = [(0.5, 5)]\ndef f(x):\n    return x[0] ** 2\n"
    events = list(optiwright.stream(source, optimizer="nelder-mead"))
    notices = [e.message for e in events if isinstance(e, Notice)]
    assert any("`nelder-mead` is not used" in n and "--kind search" in n for n in notices)
    plain = [e.message for e in optiwright.stream(source) if isinstance(e, Notice)]
    assert plain and not any("is not used" in n for n in plain)


def test_a_search_in_which_every_point_fails_is_no_step_that_went_well() -> None:
    events = list(optiwright.stream("bounds = [(0, 1)]\ndef f(x):\n    return None\n", budget=20))
    went = {e.step: e.ok for e in events if isinstance(e, StepFinished)}
    assert went["search_read"] and not went["search_run"]


def test_the_way_there_and_how_sure_say_nothing_that_means_nothing() -> None:
    source = (
        "bounds = [(0, 10)]\ndef f(x):\n    if x[0] > 9.5:\n        raise ValueError(x)\n"
        "    return 1.0 + 1e-12 * abs(x[0] - 3)\n"
    )
    result = optiwright.solve(source, kind="search", budget=30, optimizer="random")
    assert result.search is not None and len(result.search.outcome.trace) > 1
    assert "The way there" not in result.explanation
    few = optiwright.solve(STEPPED, budget=6)
    assert few.search is not None and few.search.outcome.sureness.startswith("Hardly")
    assert "0 of 1 runs" not in few.explanation


def test_a_search_as_it_is_makes_no_formula() -> None:
    result = optiwright.solve(BOWL, kind="search", budget=40, optimizer="nelder-mead")
    assert result.search is not None and result.formulation is None
    assert {stage.optimizer for stage in result.search.outcome.stages} == {"nelder-mead"}


def test_a_formula_that_is_not_solved_to_an_end_is_searched_too() -> None:
    """The formula says nothing where it is not defined, which a solver cannot live with."""
    source = BOWL.replace("+ 3", "+ 3 + 0 * (a + 6) ** (b + 0.5)")
    result = optiwright.solve(source, budget=60)
    assert result.objective == pytest.approx(3, abs=1e-2)
    assert result.search is not None or result.optimality is Optimality.CERTIFIED


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('the tank is empty')", "`f` raised ValueError: the tank is empty"),
        ("return float('nan')", "`f` gave nan"),
        ("open('made.txt', 'w').write('a'); open('/made', 'w'); return 1.0", "write no files"),
        ("import time; time.sleep(60); return 1.0", "still running"),
    ],
    ids=["raises", "nan", "writes", "hangs"],
)
def test_a_function_that_misbehaves_gets_a_clear_sentence(body: str, said: str) -> None:
    source = f"bounds = [(0, 1)] * 2\ndef f(x):\n    {body}\n"
    result = optiwright.solve(source, budget=12, time_limit_s=4, kind="search")
    assert result.status is Status.UNSOLVED and result.level is Level.FAILED
    assert result.error is not None and said in str(result.error)
    assert said in result.explanation
    assert "Traceback" not in result.explanation


def test_what_cannot_be_read_is_told_and_no_model_is_opened() -> None:
    with pytest.raises(UserError, match="no bounds for `x`") as told:
        optiwright.solve("def f(x):\n    return sum(v * v for v in x)\n")
    assert told.value.where == "bounds" and "--bounds" in told.value.remedy
    with pytest.raises(UserError, match="a function and a command"):
        optiwright.solve("x", function="f.py", command="sim")
    with pytest.raises(UserError, match="0 evaluations"):
        optiwright.solve(BOWL, budget=0)


def test_a_model_is_asked_where_words_hold_what_is_missing() -> None:
    text = (
        "Blend the two oils for the best flavour; the first from a tenth to nine tenths.\n"
        "The second has 5 to 8 parts.\n```python\ndef flavour(a, b):\n    return a * b\n```\n"
    )
    model = ScriptedModel(["maximize\na in [0.1, 0.9]\nb in [5, 8]\n"])
    result = optiwright.solve(text, model=model)
    model.assert_played_out()
    assert "no bounds for `a`, `b`" in model.requests[0].messages[-1].content
    assert result.objective == pytest.approx(7.2)
    with pytest.raises(UserError, match="no bounds"):
        optiwright.solve(text, model=ScriptedModel(["I cannot tell."]))


WRITTEN = """```python
def optimize(f, dimension, budget, rng):
    {body}
```"""


@pytest.mark.parametrize(
    ("body", "said", "better"),
    [
        ("f([0.5625, 0.25])", "it was better", True),
        ("f([0.1, 0.9])", "it was not better", False),
        ("f([0.9, 0.5])", "breaks a constraint", False),
        ("raise ValueError('no idea')", "no idea", False),
        ("return", "it found no point", False),
    ],
    ids=["better", "worse", "broken", "raises", "asks nothing"],
)
def test_an_optimizer_that_the_model_writes(body: str, said: str, better: bool) -> None:
    source = STEPPED.replace("at most 60", "at most 8")
    model = ScriptedModel([WRITTEN.format(body=body)])
    result = optiwright.solve(source, model=model, route="written", optimizer="direct")
    model.assert_played_out()
    assert "Evaluations: 4" in model.requests[0].messages[-1].content
    assert result.search is not None and result.status is Status.FEASIBLE
    outcome = result.search.outcome
    assert outcome.stages[-1].optimizer == "written program"
    assert said in outcome.stages[-1].reason
    assert outcome.evaluations <= 8
    assert (outcome.value == pytest.approx(1.25)) is better
    assert ("optimize(f" in outcome.program) is better
    assert all(passed(result).values())


def test_a_callable_of_this_process() -> None:
    calls = []

    def cost(size: float, kind: str) -> float:
        calls.append(size)
        return (size - 2) ** 2 + (0 if kind == "b" else 1)

    result = optiwright.search(
        cost,
        {"size": (0, 5), "kind": ["a", "b"]},
        constraints=[lambda size, kind: size - 1.5],
        budget=80,
    )
    assert result.search is not None and result.search.outcome.evaluations == len(calls) <= 80
    assert result.objective == pytest.approx(0.25, abs=0.05)
    assert ("kind", ("b",), 1.0) in [(a.name, a.index, a.value) for a in result.answers]
    with pytest.raises(UserError, match="without bounds"):
        optiwright.search(cost)
    with pytest.raises(UserError, match="not below"):
        optiwright.search(cost, "size in [5, 1]")


def test_a_file_by_the_command_line(tmp_path: Path, optiwright_: RunCli) -> None:
    (tmp_path / "bowl.py").write_text(BOWL)
    code, out, _ = optiwright_("solve", str(tmp_path / "bowl.py"), "--json")
    assert code == 0 and json.loads(out)["objective"] == pytest.approx(3)
    (tmp_path / "two.py").write_text("def a(x): return x * x\n\ndef b(x): return abs(x - 1)\n")
    named = f"{tmp_path / 'two.py'}:b"
    code, out, _ = optiwright_("solve", "--function", named, "--bounds", "x in [0, 5]")
    assert code == 0 and "x: 1" in out.replace("`", "")
    code, _, err = optiwright_("solve", str(tmp_path / "two.py"), "--bounds", "x in [0, 5]")
    assert code == 2 and "several functions" in err and "FILE.py:name" in err
    code, _, err = optiwright_("solve", "--function", str(tmp_path / "none.py"))
    assert code == 2 and "cannot be read" in err
    (tmp_path / "slip.py").write_text("bounds = [(0, 1)]\ndef f(x) return 1\n")
    code, _, err = optiwright_("solve", str(tmp_path / "slip.py"))
    assert code == 2 and "no Python" in err and "line 2" in err


def test_a_command_is_asked(tmp_path: Path, optiwright_: RunCli) -> None:
    script = tmp_path / "sim.py"
    script.write_text(
        "import json, sys\np = json.load(sys.stdin)\n"
        "print(json.dumps({'value': (p['x'] - 2) ** 2 + p['n'], 'constraints': [p['x'] - 1.5]}))\n"
    )
    code, out, err = optiwright_(
        *("solve", "--command", f"python3 {script}", "--bounds", "x in [0, 5], n in 1..3"),
        *("--constraint", "the weight", "--budget", "30", "--own-process"),
    )
    assert code == 0, (out, err)
    assert "the weight: met" in out and "30 evaluations" in out
    code, _, err = optiwright_("solve", "--command", "no-such-program", "--bounds", "x in [0, 1]")
    assert code == 2 and "no program `no-such-program`" in err


@pytest.mark.timeout(60)
def test_an_interrupted_search_pays_nothing_twice() -> None:
    calls: list[float] = []

    def cost(x: Sequence[float]) -> float:
        calls.append(x[0])
        time.sleep(0.02)
        return sum(v * v for v in x)

    box = black_box_of(cost, [(-1, 2)] * 2, budget=40)
    options, saver = Options(own_function=cost), InMemorySaver()
    running = Running(
        execute(box, options, lambda event: None, saver=saver, run_id="20000101-000000-broken-off")
    )
    while len(calls) < 15:
        time.sleep(0.01)
    running.stop()
    paid = len(calls)
    assert paid < 40
    result = wait(
        resume("20000101-000000-broken-off", None, options, lambda event: None, saver=saver)
    )
    assert isinstance(result, Result) and result.search is not None
    assert result.search.outcome.cached >= 14
    assert len(calls) <= 42, "the budget is one for both"
    assert result.objective == pytest.approx(0, abs=1e-2)


def test_a_wrong_outcome_is_found_out() -> None:
    box = read_black_box(STEPPED)
    assert isinstance(box, BlackBox)
    context: Any = SimpleNamespace(
        pool=default_pool(), function=None, settings=SimpleNamespace(isolation=Isolation.REQUIRED)
    )
    right = SearchOutcome(
        status=SearchStatus.FOUND, point=(0.5, -2.0), value=1.25, constraints=(0.0,), evaluations=9
    )
    wrong: dict[str, dict[str, Any]] = {
        "": {},
        "evaluated again": {"value": 1.2},
        "bounds and kinds": {"point": (0.5, -5.0), "value": 10.25},
        "constraints": {"constraints": (0.1,)},
        "budget": {"evaluations": 61},
    }
    for name, fields in wrong.items():
        checks = wait(checks_of(context, box, right.model_copy(update=fields)))
        assert [check.name for check in checks if not check.passed] == ([name] if name else [])
