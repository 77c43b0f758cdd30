"""The way from a text to its result, with a scripted model and the real solvers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import optiwright
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Event
from optiwright.agent.evidence import Level
from optiwright.agent.notebook import result_to_html
from optiwright.agent.record import RunRecord
from optiwright.agent.result import Result, Status
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import (
    Change,
    Domain,
    Entry,
    Formulation,
    Given,
    Objective,
    Parameter,
    Scenario,
    Sense,
    Variable,
)
from optiwright.solver_tools.pool import Pool, default_pool
from optiwright.testing import ScriptedReply
from tests.agent_runs import (
    CROWDED,
    ENDLESS,
    INFEASIBLE,
    OVEN,
    SLOPPY,
    UNBOUNDED,
    UNKNOWN,
    dropped,
    failure,
    notices,
    record_of,
    run,
    told,
)
from tests.readable_samples import OPTIMA
from tests.sample_formulations import SAMPLES
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    goal,
    indexed_reply,
    wire_constraint,
    wire_set,
    wire_variable,
)


@pytest.mark.parametrize(("form", "reply"), [("flat", flat_reply()), ("indexed", indexed_reply())])
def test_a_text_is_formulated_and_solved(form: str, reply: dict[str, Any]) -> None:
    result, model = run([reply], form=form)
    assert (result.status, result.level) == (Status.OPTIMAL, Level.CHECKED)
    assert result.objective == pytest.approx(160)
    assert result.answers[-1].value == pytest.approx(160)
    assert result.sense is Sense.MAXIMIZE
    assert all(check.passed for check in result.checks)
    assert "160" in result.explanation and "total profit" in result.explanation
    (request,) = model.requests
    assert request.messages[-1].content == BAKERY
    assert request.temperature == 0
    assert request.grammar if form == "flat" else request.json_schema


def test_what_a_run_leaves_behind() -> None:
    result, _ = run([flat_reply()])
    names = {path.name for path in Path(result.record).iterdir()}
    assert names == {
        "events.jsonl", "record.json", "result.json", "answer.md", "formulation.json", "program.py"
    }  # fmt: skip
    record = record_of(result.record)
    assert record.result == result == Result.from_json(result.to_json())
    assert RunRecord.model_validate_json(record.model_dump_json()) == record
    assert record.settings is not None and record.settings.model == "scripted"
    assert set(record.prompts) == {"formulate_flat", "repair"}
    assert [c.step for c in record.calls] == ["formulate"]
    assert [a.number for a in record.attempts] == [1]
    assert Path(result.record).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", list(OPTIMA))
def test_a_formulation_of_any_kind_becomes_a_result(name: str) -> None:
    formulation, optimum = OPTIMA[name]
    result = optiwright.solve(formulation)
    assert result.objective == pytest.approx(optimum, rel=1e-6)
    assert result.level.answered
    assert len(result.variables) == (len(result.solution.values) if result.solution else -1)
    assert Result.from_json(result.to_json()) == result
    assert record_of(result.record).result == result
    assert result.program.startswith('"""')
    assert "<p>" in result_to_html(result)


def test_a_result_that_is_none_is_refused_by_field() -> None:
    with pytest.raises(UserError, match="not a result") as caught:
        Result.from_json('{"run_id": "x", "text": "t", "status": "splendid"}')
    assert caught.value.where == "status"


def test_usage_is_counted_by_step() -> None:
    result, model = run([UNKNOWN, flat_reply()])
    steps = {s.step: s for s in result.usage.steps}
    assert list(steps) == ["formulate", "check", "repair", "compile", "solve", "verify", "explain"]
    assert (steps["formulate"].calls, steps["repair"].calls, steps["solve"].calls) == (1, 1, 0)
    assert result.usage.calls == len(model.requests) == 2
    assert result.usage.prompt_tokens > steps["formulate"].prompt_tokens > 0
    assert result.usage.completion_tokens > 0
    assert result.usage.seconds >= sum(s.seconds for s in steps.values()) > 0


def test_the_variables_are_a_frame() -> None:
    result, _ = run([indexed_reply()], form="indexed")
    frame = result.variables
    assert list(frame.columns) == ["variable", "index", "value", "unit", "meaning", "reduced_cost"]
    assert frame.set_index("index")["value"].round(6).to_dict() == {"bread": 80, "cake": 0}


def test_the_program_runs_on_its_own(tmp_path: Path) -> None:
    result, _ = run([indexed_reply()], form="indexed", save=tmp_path)
    saved = tmp_path / "program.py"
    assert saved.read_text("utf-8") == result.program
    assert "optiwright" not in result.program.replace("Written by Optiwright", "")
    command = [sys.executable, "-I", str(saved)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "objective: 160" in done.stdout.splitlines()


def test_saving_writes_what_can_be_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    result, _ = run([flat_reply()], save=folder)
    assert Result.from_json((folder / "result.json").read_text("utf-8")) == result
    assert Formulation.load(folder / "formulation.json") == result.formulation
    assert (folder / "answer.md").read_text("utf-8").strip() == result.explanation


def test_saving_where_it_cannot_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        run([flat_reply()], save=tmp_path / "file")


def test_html_escapes_what_the_model_wrote() -> None:
    evil = "<script>alert(1)</script>"
    reply = flat_reply(
        problem=evil,
        variables=[flat_variable("bread", meaning=evil), flat_variable("cake", meaning=evil)],
        objective=goal("maximize", "2*bread + 5*cake", evil, evil),
        constraints=[flat_constraint("oven", "3*bread + 8*cake <= 240", evil),
                     flat_constraint("few", "cake <= 25", evil)],
        asked=[{"meaning": evil, "expression": "objective"}],
    )  # fmt: skip
    result, _ = run([reply], text=BAKERY + evil)
    html = result._repr_html_()
    assert html == result_to_html(result)
    assert "160" in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_only_formulating_stops_before_the_solver() -> None:
    result, _ = run([flat_reply()], only_formulate=True)
    assert result.status is Status.FORMULATED
    assert result.solution is None and result.objective is None
    assert result.formulation is not None and result.program
    assert "solve" not in {s.step for s in result.usage.steps}


def test_a_formulation_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_MODEL", "no-such-model")
    formulation = Formulation(
        title="Nothing",
        variables=(Variable(name="x", upper="3", domain=Domain.INTEGER),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="2*x"),),
    )
    result = optiwright.solve(formulation)
    assert (result.status, result.objective) == (Status.OPTIMAL, 6)
    assert result.usage.calls == 0
    record = record_of(result.record)
    assert record.settings is not None
    assert (record.calls, record.prompts, record.settings.model) == ((), {}, "")


def test_a_faulty_formulation_without_a_model_is_a_result() -> None:
    formulation = Formulation(
        variables=(Variable(name="x"),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="2*y"),),
    )
    result = optiwright.solve(formulation)
    assert (result.status, result.level) == (Status.NO_FORMULATION, Level.FAILED)
    assert any("`y`" in check.detail for check in result.checks if not check.passed)


def test_a_problem_without_an_objective_is_met() -> None:
    result, _ = run([flat_reply(objective=None, asked=[])], text="At most 240 at 3 and 8, or 25.")
    assert result.status in {Status.OPTIMAL, Status.FEASIBLE}
    assert "feasible solution was found" in result.explanation


# --- no answer ------------------------------------------------------------------------------------


def test_an_infeasible_formulation_is_doubted_once_and_then_accepted() -> None:
    result, model = run([INFEASIBLE, INFEASIBLE], text=CROWDED)
    assert (result.status, result.level) == (Status.INFEASIBLE, Level.CHECKED)
    assert result.objective is None
    for words in ("at most 240 minutes of oven", "at least 100 loaves are baked", "bread >= 100"):
        assert words in told(model, 1)
        assert any(words in line for line in result.conflict)
        assert words in result.explanation
    assert "unchanged" in told(model, 1)


def test_an_infeasible_formulation_that_was_a_mistake_is_mended() -> None:
    mended = flat_reply(constraints=[OVEN, flat_constraint("need", "bread >= 10")])
    result, _ = run([INFEASIBLE, mended], text=BAKERY + " At least 10 loaves must be baked.")
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(160)
    assert result.conflict == ()


def test_an_unbounded_formulation_is_doubted_once_and_then_accepted() -> None:
    result, model = run([UNBOUNDED, UNBOUNDED], text=ENDLESS)
    assert result.status is Status.UNBOUNDED
    assert "loaves baked" in told(model, 1) and "`bread`" in told(model, 1)
    assert any("loaves baked" in line for line in result.conflict)
    assert "without limit" in result.explanation


def test_an_unbounded_formulation_that_was_a_mistake_is_mended() -> None:
    limited = UNBOUNDED | {"constraints": [*UNBOUNDED["constraints"], OVEN]}
    result, _ = run([UNBOUNDED, limited], text=ENDLESS + " There are 240 minutes; 3 or 8 each.")
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(160)


def test_a_text_without_a_problem_is_the_users() -> None:
    reply = flat_reply(problem="None", variables=[], objective=None, constraints=[], asked=[])
    events: list[Event] = []
    with pytest.raises(UserError, match="no optimization problem"):
        run([reply], text="In 1912 it rained on 3 days.", on_event=events.append)
    record = failure(events)
    assert record.error is not None and record.error.kind == "UserError"
    assert len(record.calls) == 1


# --- the model fails ------------------------------------------------------------------------------


def test_a_model_that_fails_at_once_leaves_a_record() -> None:
    events: list[Event] = []
    with pytest.raises(ProviderError, match="dropped the connection"):
        run([dropped()], on_event=events.append)
    record = failure(events)
    assert record.text == BAKERY
    assert record.error is not None and "dropped" in record.error.what
    (call,) = record.calls
    assert call.reply is None and call.error is not None


def test_a_model_that_fails_later_leaves_what_there_was() -> None:
    events: list[Event] = []
    with pytest.raises(ProviderError):
        run(["I cannot.", dropped()], on_event=events.append)
    record = failure(events)
    first, second = record.calls
    assert first.reply is not None and first.reply.text == "I cannot."
    assert second.error is not None
    assert record.attempts[0].complaints


def test_a_model_that_fails_in_a_repair_costs_no_answer() -> None:
    result, _ = run([SLOPPY, dropped()])
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(160)
    assert any("dropped the connection" in notice for notice in notices(result))
    assert record_of(result.record).calls[1].error is not None


def test_a_model_that_fails_in_a_repair_costs_no_formulation() -> None:
    result, _ = run([UNKNOWN, dropped()])
    assert result.status is Status.NO_FORMULATION
    assert result.formulation is not None


@pytest.mark.parametrize("later", [dropped(), flat_reply(problem="none", variables=[])])
def test_a_model_that_fails_in_a_later_draw_costs_no_answer(later: ScriptedReply) -> None:
    result, _ = run([flat_reply(), later], effort="thorough")
    assert result.objective == pytest.approx(160)
    assert any("No further formulation" in notice for notice in notices(result))


# --- variants, limits, crashes --------------------------------------------------------------------


def test_scenarios_are_solved_beside_the_base() -> None:
    base = Formulation(
        parameters=(Parameter(name="most", data=Given(entries=(Entry(index=(), value=3),))),),
        variables=(Variable(name="x", upper="most"),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="2*x"),),
        scenarios=(
            Scenario(
                name="more",
                changes=(Change(parameter="most", entries=(Entry(index=(), value=5),)),),
            ),
        ),
    )
    result = optiwright.solve(base)
    (scenario,) = result.scenarios
    assert (result.objective, scenario.name, scenario.objective) == (6, "more", 10)
    assert "more: optimal, objective 10" in result.explanation


@pytest.mark.parametrize(("read_as", "base", "other"), [("integer", 4, 5), ("continuous", 5, 4)])
def test_an_assumed_integrality_is_read_both_ways(read_as: str, base: int, other: int) -> None:
    reply = indexed_reply(
        sets=[wire_set("S", 1, 2)],
        parameters=[],
        variables=[wire_variable("x", "s in S", type=read_as, type_basis="assumed")],
        objective=goal("maximize", "sum(x[s] for s in S)"),
        constraints=[wire_constraint("most", "2*x[s] <= 5", "s in S")],
        asked=[],
    )
    result, _ = run([reply], text="Each of 2 takes 2, of which there are 5.", form="indexed")
    (alternative,) = result.alternatives
    assert (result.objective, alternative.objective) == (base, other)
    assert "which the text leaves open" in result.explanation


def market_split() -> Formulation:
    """Four equations over 40 binaries with slacks: hard to close for any solver."""
    weights = [[(37 * i * i + 91 * i * k + 53 * k + 7) % 100 for i in range(40)] for k in range(4)]
    variables = [Variable(name=f"x{i}", domain=Domain.BINARY) for i in range(40)]
    slacks = [Variable(name=f"{s}{k}", lower="0") for s in ("up", "down") for k in range(4)]
    sums = [
        " + ".join(f"{w}*x{i}" for i, w in enumerate(row))
        + f" + up{k} - down{k} == {sum(row) // 2}"
        for k, row in enumerate(weights)
    ]
    return Formulation.model_validate(
        {
            "variables": [v.model_dump() for v in (*variables, *slacks)],
            "objectives": [{"sense": "minimize", "expression": " + ".join(s.name for s in slacks)}],
            "constraints": [
                {"kind": "algebraic", "name": f"split{k}", "expression": e}
                for k, e in enumerate(sums)
            ],
        }
    )


def test_a_time_limit_is_kept() -> None:
    started = time.monotonic()
    result = optiwright.solve(market_split(), time_limit_s=1)
    assert time.monotonic() - started < 15
    assert result.status in {Status.FEASIBLE, Status.UNSOLVED}
    assert result.level in {Level.FEASIBLE, Level.FAILED}
    if result.status is Status.FEASIBLE:
        assert "nothing shows that there is no better" in result.explanation


class SwappedPool:
    """The default pool, with another job in place of every solve."""

    def __init__(self, function: str, *args: object, time_limit_s: float) -> None:
        self._pool: Pool = default_pool()
        self._job = (function, *args)
        self._limit = time_limit_s

    def warm(self) -> None:
        self._pool.warm()

    async def run(self, *ignored: object, **_: object) -> Any:
        return await self._pool.run(*self._job, time_limit_s=self._limit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("job", "termination"),
    [(("os:abort",), "error"), (("time:sleep", 60), "time limit"), (("os:getpid",), "error")],
)
def test_a_solver_that_crashes_or_hangs_is_a_status(
    job: tuple[Any, ...], termination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "optiwright.agent.run.default_pool", lambda: SwappedPool(*job, time_limit_s=0.3)
    )
    result, _ = run([flat_reply()])
    assert (result.status, result.level) == (Status.UNSOLVED, Level.FAILED)
    assert result.solution is not None
    assert result.solution.termination == termination
    assert result.formulation is not None and result.program
    assert "No solver came to an end" in result.explanation


# --- what is refused before anything is spent -----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\ufeff", "empty"),
        ("Make as much as possible.", "no quantity"),
        ("5 apples \x00", "binary"),
        ("5 \udcff\udcfe apples", "binary"),
        ("\x01\x02\x03 5", "binary"),
        ("5 apples " * 12_000, "characters, more than"),
    ],
)
def test_texts_that_cannot_be_a_problem(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        run([], text=text)


@pytest.mark.parametrize(
    "options",
    [
        {"effort": "heroic"},
        {"route": "scenic"},
        {"time_limit_s": 0},
        {"time_limit_s": float("nan")},
        {"time_limit_s": float("inf")},
        {"seed": -1},
        {"seed": 2**31},
        {"solver": "abacus"},
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(UserError) as caught:
        run([], **options)
    assert caught.value.where == name
    assert caught.value.remedy


def test_a_formulation_of_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text('{"variables": 3}')
    with pytest.raises(FormulationError):
        Formulation.load(tmp_path / "f.json")


def test_an_answer_says_each_quantity_once() -> None:
    blended = optiwright.solve(SAMPLES["blending"].formulation)
    assert {a.name for a in blended.answers} == {"kilograms"}
    assert "Asked for" not in blended.explanation  # `use[f]` is a decision, and listed as one
    used = [a for a in blended.answers if a.value]
    assert used
    assert all(blended.explanation.count(f"`use[{a.index[0]}]`") == 1 for a in used)
    makespan = optiwright.solve(SAMPLES["machine"].formulation)
    assert "- makespan: " in makespan.explanation
