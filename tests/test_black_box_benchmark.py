"""The benchmark `blackbox`: what is drawn, how it is answered, what is made of the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optiwright.agent.llm import Request
from optiwright.agent.loop import wait
from optiwright.agent.record import Program
from optiwright.agent.result import Answer, Result, SearchAnswer, Status
from optiwright.evaluation.api import Choices, prepare, run_prepared
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.black_box_measures import black_box_figures, black_box_parts, reached
from optiwright.evaluation.black_box_problems import function_of, read_black_box
from optiwright.evaluation.catalogue import load
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.direct_search_job import run as run_job
from optiwright.evaluation.evaluated import read_run
from optiwright.evaluation.function_families import FAMILIES
from optiwright.evaluation.function_sources import WORST
from optiwright.evaluation.methods import NoModel, new_record
from optiwright.evaluation.problems import Ending, Finding, Problem
from optiwright.evaluation.records import EvaluationRecord, read_records
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus
from optiwright.testing import ScriptedModel
from tests.evaluations import Optiwright, problem, settings_of

PROBLEMS = load("blackbox").problems
GOOD = """```python
import numpy as np

def optimize(objective, constraints, bounds, budget):
    draws = np.random.default_rng(0)
    low, high = np.array(bounds).T
    while True:
        objective(np.round(draws.uniform(low, high)))
```"""
BAD = GOOD.replace("draws.uniform", "drawn.uniform")


def of_kind(kind: str) -> Problem:
    return next(p for p in PROBLEMS if p.kind.startswith(kind))


def record(problem: Problem, result: Result | None, **run: Any) -> EvaluationRecord:
    made = new_record(problem.text).model_copy(update={"result": result, **run})
    return EvaluationRecord(
        key=f"{problem.id}#0", settings="", method="m", problem=problem, sample=0,
        claim=Claim(ending=Ending.SOLVED), seconds=2.0, run=made,
    )  # fmt: skip


def result(problem: Problem, **given: Any) -> Result:
    return Result(run_id="r", text=problem.text, status=Status.FEASIBLE, **given)


# --- what is drawn --------------------------------------------------------------------------------


def test_problems_are_of_families_kept_aside_and_state_all_that_they_need() -> None:
    assert len(PROBLEMS) == 200 and len({p.text for p in PROBLEMS}) == 200
    assert len({p.kind for p in PROBLEMS}) == 8
    for each in PROBLEMS[:40]:
        function = function_of(each)
        assert all(FAMILIES[part].held_out for part in function.parts)
        assert function.source in each.text and f"{function.budget} evaluations" in each.text
        assert float(each.label.accepted[0]) == function.lowest
        assert ("noisy" in each.text) == (function.noise > 0) == ("noise" in each.kind)
        assert ("whole numbers" in each.text) == (function.whole > 0)
        assert all(f"`{name}`" in each.text for name in function.constraints)
        assert function.budget <= 10_000
        assert function.budget // function.dimension in (30, 150, 600)


def test_a_problem_of_another_benchmark_is_refused() -> None:
    with pytest.raises(UserError, match="none of the benchmark"):
        function_of(problem(1))
    with pytest.raises(UserError, match="none of the benchmark"):
        function_of(PROBLEMS[3].model_copy(update={"text": "other"}))


def test_a_file_that_names_no_draw_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "drawn.json"
    for said in ("{", '{"seed": 1}', '{"seed": "many", "count": 2}'):
        file.write_text(said)
        with pytest.raises(UserError, match="does not say which functions"):
            list(read_black_box(file, "blackbox"))
    file.write_text('{"seed": 5, "count": 2}')
    drawn = list(read_black_box(file, "mine"))
    assert [d.id for d in drawn if not isinstance(d, Finding)] == ["mine-0", "mine-1"]


# --- a model's optimizer --------------------------------------------------------------------------


def job(program: str, **given: Any) -> dict[str, Any]:
    source = "def objective(x): return float((x[0] - 2) ** 2 + x[1])\n"
    source += "def constraint_1(x): return float(1 - x[1])\n"
    usual: dict[str, Any] = {
        "constraints": ("constraint_1",), "bounds": [(0, 5), (0, 5)], "whole": 1, "budget": 5,
        "time_limit_s": 5.0,
    }  # fmt: skip
    lines = "\n    ".join(program.splitlines())
    told = f"def optimize(objective, constraints, bounds, budget):\n    {lines}"
    return run_job(told, source, **usual | given)


def test_the_best_point_that_counts_is_kept_until_the_budget_is_spent() -> None:
    points = "[2, 0], [2.5, 1], [9, 1], [3, 1.5], [1, 1.0], [2, 1]"
    said = job(f"for x in ({points}): objective(list(x))")
    assert said == {"point": [1.0, 1.0], "calls": 5, "error": ""}
    stubborn = job("while True:\n    try: objective([2, 1])\n    except Exception: pass")
    assert stubborn == {"point": [2.0, 1.0], "calls": 5, "error": ""}


def test_what_it_returns_is_evaluated_while_there_is_budget() -> None:
    assert job("return [3, 1]")["point"] == [3.0, 1.0]
    assert job("return None")["error"].startswith("IndexError")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("return nonsense", "NameError in line 2: name 'nonsense'"),
        ("return (", "Line 2 is no valid Python"),
        ("raise SystemExit(3)", "SystemExit in line 2"),
    ],
)
def test_a_program_that_fails_says_where(program: str, said: str) -> None:
    assert job(program)["error"].startswith(said)


def test_a_program_without_the_function_or_without_end_is_told_so() -> None:
    missing = run_job("x = 1", "def objective(x): return 0.0", (), [(0, 1)], 0, 5, 1.0)
    assert "no function `optimize`" in missing["error"]
    endless = job("while True: objective([2, 1])", budget=10**12, time_limit_s=0.2)
    assert endless["point"] == [2.0, 1.0] and endless["error"] == ""


# --- runs -----------------------------------------------------------------------------------------


def ran(tmp_path: Path, method: str, model: Any = None, n: int = 1) -> Path:
    choices = Choices(n=n, seed=3, method=method, model=model, out=tmp_path, time_limit_s=20)
    prepared = prepare("blackbox", choices)
    run_prepared(prepared, lambda row, before: None)
    return prepared.folder


def test_a_models_optimizer_runs_in_the_sandbox_and_is_corrected_once_it_fails(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    def reply(request: Request) -> str:
        asked.append(request.messages[-1].content)
        return GOOD if "NameError" in asked[-1] else BAD

    folder = ran(tmp_path, "direct-search", ScriptedModel(reply))
    records = list(read_records(folder))
    assert len(asked) == 2 and "`drawn`" not in asked[0] and BAD[10:-3].strip() in asked[1]
    for each in records:
        outcome = reached(each)
        assert outcome.failed and outcome.recovery == pytest.approx(1 / 7, abs=0.02)
        assert [bool(p.complaints) for p in each.run.programs] == [True, False]
        assert each.run.programs[1].protections
        assert outcome.log_gap < 1 and outcome.evaluations == function_of(each.problem).budget


def test_methods_without_a_model_ask_none_and_report_beside_each_other(tmp_path: Path) -> None:
    folders = [ran(tmp_path, method) for method in ("search", "single:cma-es", "single:random")]
    runs = [read_run(folder) for folder in folders]
    assert {run.settings.model for run in runs} == {"none"}
    assert "--model" not in runs[0].command
    assert "--method search" in runs[0].command
    for folder in folders:
        for each in read_records(folder):
            found = each.run.result
            assert found is not None and found.search is not None and not each.run.calls
            function = function_of(each.problem)
            assert found.search.outcome.evaluations <= function.budget
            assert reached(each).evaluations == found.search.outcome.evaluations
    _, said, table = black_box_parts(runs)
    assert "answered: 1." in said.text  # type: ignore[union-attr]
    names = [row[0] for row in table.rows]  # type: ignore[union-attr]
    assert names[-1] == "virtual best of the singles" and names[-2].startswith("best single (")
    near = {row[0]: row[5] for row in table.rows}  # type: ignore[union-attr]
    assert near["virtual best of the singles"].startswith("1 of 1")


def test_the_command_runs_it_and_shows_the_figures(tmp_path: Path, optiwright_: Optiwright) -> None:
    code, said, _ = optiwright_(
        "eval", "blackbox", "--n", "1", "--method", "single:random", "--out", str(tmp_path)
    )
    assert code == 0
    assert "performance" in said and "failed at first (error rate): 0 of 1" in said


# --- figures --------------------------------------------------------------------------------------


def test_a_value_is_measured_at_the_point_and_never_taken_from_the_answer() -> None:
    mine = of_kind("plain")
    function = function_of(mine)
    found = [Answer(name=f"x{k + 1}", value=v) for k, v in enumerate(function.optimum)]
    at_best = reached(record(mine, result(mine, objective=999.0, answers=tuple(found))))
    assert (
        at_best.log_gap == -8 and at_best.performance == pytest.approx(1.0) and not at_best.failed
    )
    moved = [found[0].model_copy(update={"value": (found[0].value or 0) + 0.5}), *found[1:]]
    boast = result(mine, objective=function.lowest, answers=tuple(moved))
    assert reached(record(mine, boast)).log_gap > -8
    mixed = of_kind("whole numbers")
    near = [v + 0.2 * (k == 0) for k, v in enumerate(function_of(mixed).optimum)]
    told = tuple(Answer(name=f"x{k + 1}", value=v) for k, v in enumerate(near))
    assert function_of(mixed).log_gap(function_of(mixed).value(near)) < 0.5
    assert reached(record(mixed, result(mixed, answers=told))).log_gap == WORST


def test_algebra_under_other_names_counts_by_its_value_unless_that_cannot_be() -> None:
    mine = of_kind("plain")
    function = function_of(mine)
    near = result(mine, objective=function.lowest + function.reference / 100)
    assert reached(record(mine, near)).log_gap == pytest.approx(-2)
    wrong = result(mine, objective=function.lowest - 1)
    assert reached(record(mine, wrong)).failed


def test_no_point_and_no_result_fail() -> None:
    mine = of_kind("constraints")
    box = function_of(mine).black_box
    nothing = SearchAnswer(black_box=box, outcome=SearchOutcome(status=SearchStatus.NO_POINT))
    for given in (None, result(mine, search=nothing)):
        outcome = reached(record(mine, given))
        assert outcome.failed and outcome.log_gap == WORST and outcome.performance == 0


def test_recovery_is_the_share_of_lines_that_had_to_change() -> None:
    mine = of_kind("plain")
    programs = (
        Program(number=1, source="a\nb\nc\nd", complaints=("no",)),
        Program(number=2, source="a\nx\nc\nd"),
    )
    assert reached(record(mine, None, programs=programs)).recovery == pytest.approx(0.25)
    never = (programs[0], programs[1].model_copy(update={"complaints": ("no",)}))
    assert reached(record(mine, None, programs=never)).recovery is None
    assert reached(record(mine, None, programs=programs[1:])).recovery is None


def test_other_benchmarks_have_no_such_figures() -> None:
    assert list(black_box_figures([record(problem(1), None)])) == []
    assert list(black_box_parts([])) == []


def test_every_optimizer_of_the_pool_is_a_method_of_its_own() -> None:
    singles = [name for name in METHODS if name.startswith("single:")]
    assert "single:cma-es" in singles and len(singles) > 10
    assert not any(METHODS[name].prompts for name in (*singles, "search"))


def test_an_optimizer_that_does_not_take_the_unknowns_is_a_failure_with_a_sentence() -> None:
    mine = of_kind("whole numbers")
    answering = METHODS["single:l-bfgs-b"].answer(mine, NoModel(), settings_of([]))
    outcome = wait(answering)  # type: ignore[arg-type, var-annotated]
    assert outcome.record.error is not None and "whole numbers" in outcome.record.error.what
