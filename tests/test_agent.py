"""The way from a text to its result, with a scripted model and the real solvers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import optiwright
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Event, Notice, RunFailed, RunFinished, StepFinished
from optiwright.agent.evidence import Level
from optiwright.agent.llm import Reply, Request
from optiwright.agent.notebook import result_to_html
from optiwright.agent.record import RunRecord
from optiwright.agent.recorder import read_events
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
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.readable_samples import OPTIMA
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    goal,
    indexed_reply,
    wire_constraint,
    wire_parameter,
    wire_set,
    wire_variable,
)

OVEN = flat_constraint("oven", "3*bread + 8*cake <= 240", "at most 240 minutes of oven")
UNKNOWN = flat_reply(objective=goal("maximize", "2*bread + 5*cakes", "total profit"))
"""Names a variable that is not declared."""
SLOPPY = flat_reply(
    variables=[flat_variable("bread", meaning="loaves"), flat_variable("cake", meaning="cakes")],
    objective=goal("maximize", "2*bread", "total profit"),
)
"""Solves to 160, but uses neither the 5 euros nor the limit of 25."""

CROWDED = BAKERY + " At least 100 loaves must be baked."
NEED = flat_constraint("need", "bread >= 100", "at least 100 loaves are baked")
INFEASIBLE = flat_reply(constraints=[OVEN, NEED])
UNBOUNDED = flat_reply(
    variables=[flat_variable("bread", meaning="loaves baked"), flat_variable("cake")],
    objective=goal("maximize", "2*bread", "total profit"),
    constraints=[flat_constraint("few", "cake <= 25", "at most 25 cakes")],
)
ENDLESS = "A loaf earns 2 euros, and at most 25 cakes are sold. What is the best plan?"


def run(
    replies: Sequence[ScriptedReply] | Callable[[Request], ScriptedReply],
    text: str = BAKERY,
    **options: Any,
) -> tuple[Result, ScriptedModel]:
    """The result of a scripted run, every reply of which was asked for."""
    model = ScriptedModel(replies)
    chosen: dict[str, Any] = {"model": model, "form": "flat", "route": "compiled"} | options
    result = optiwright.solve(text, **chosen)
    model.assert_played_out()
    return result, model


def record_of(folder: str | Path) -> RunRecord:
    return RunRecord.model_validate_json((Path(folder) / "record.json").read_text("utf-8"))


def told(model: ScriptedModel, number: int) -> str:
    """The last message of a call."""
    return model.requests[number].messages[-1].content


def notices(result: Result) -> list[str]:
    return [e.message for e in read_events(Path(result.record)) if isinstance(e, Notice)]


def failure(events: Sequence[Event]) -> RunRecord:
    """The record of a run that ended without a result."""
    assert isinstance(events[-1], RunFailed)
    folder = next(e.record for e in events if e.kind == "run_started")
    return record_of(folder)


# --- from the text to the result ------------------------------------------------------------------


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


# --- repair ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("I am sorry, I cannot.", "no Python"),
        ('{"problem": "x", "variables": [{"name": "x"', "not complete JSON"),
        (flat_reply(variables=[flat_variable("bread", type="real")]), "`variables.0.type`"),
        (flat_reply(variables=[]), "no variables"),
        (flat_reply(objective=goal("maximize", "2*bread + (5*cake")), "2*bread + (5*cake"),
        (UNKNOWN, "`cakes`"),
        (flat_reply(constraints=[flat_constraint("oven", "3*bread + 8*cake")]), "oven"),
    ],
)
def test_a_bad_reply_is_repaired(bad: ScriptedReply, said: str) -> None:
    result, model = run([bad, flat_reply()])
    assert result.objective == pytest.approx(160)
    assert said in told(model, 1)
    answered = model.requests[1].messages[-2]
    assert answered.role == "assistant"
    assert answered.content == (bad if isinstance(bad, str) else json.dumps(bad))
    first, second = record_of(result.record).attempts
    assert first.complaints and not second.complaints
    fixed = model.requests[0].fixed
    assert model.requests[0].messages[:fixed] == model.requests[1].messages[:fixed]


def test_what_cannot_be_compiled_is_repaired() -> None:
    def reply(zero: float) -> dict[str, Any]:
        return indexed_reply(
            parameters=[*indexed_reply()["parameters"], wire_parameter("zero", "", zero)],
            constraints=[
                wire_constraint("time", "sum(minutes[g]*make[g] for g in Goods)/zero <= oven"),
                wire_constraint("sold", 'make["cake"] <= 25'),
            ],
        )

    result, model = run([reply(0), reply(1)], form="indexed")
    assert result.objective == pytest.approx(160)
    assert "zero" in told(model, 1)
    assert "repair" in {s.step for s in result.usage.steps}


@pytest.mark.parametrize(
    ("robbed", "named"),
    [
        (flat_reply(variables=[flat_variable("bread")],
                    objective=goal("maximize", "2*bread"),
                    constraints=[flat_constraint("oven", "3*bread <= 240")]),
         "the decision `cake`"),
        (flat_reply(constraints=[]), "the requirement `oven`"),
        (flat_reply(constraints=[flat_constraint("oven", "3*bread + 5*cake <= 240")]),
         'it dropped 8 ("'),
    ],
)  # fmt: skip
def test_a_repair_that_drops_something_is_refused(robbed: dict[str, Any], named: str) -> None:
    result, model = run([UNKNOWN, robbed, flat_reply()])
    assert result.objective == pytest.approx(160)
    assert any(named in notice for notice in notices(result))
    assert [a.adopted for a in record_of(result.record).attempts] == [True, False, True]
    # The next repair starts from the first formulation, drawn anew.
    assert model.requests[2].messages[-2].content == json.dumps(UNKNOWN)
    assert (model.requests[1].temperature, model.requests[2].temperature) == (0.0, 0.7)


def test_a_refused_repair_of_a_solved_formulation_leaves_its_answer() -> None:
    result, _ = run([SLOPPY, SLOPPY | {"constraints": []}])
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(160)
    assert any("refused" in notice for notice in notices(result))


def test_a_repair_that_repeats_another_problem_is_refused() -> None:
    other = flat_reply(
        objective=goal("maximize", "2.5*bread + 3.25*cake"),
        constraints=[flat_constraint("oven", "12*bread + 9*cake <= 900")],
    )
    result, _ = run([SLOPPY, other])
    assert result.objective == pytest.approx(160)
    assert any("numbers that the text does not state" in notice for notice in notices(result))


def test_a_faulty_asked_quantity_is_left_out_and_costs_no_repair() -> None:
    asked = [
        {"meaning": "profit", "expression": "objective"},
        {"meaning": "flour", "expression": "3*flour"},
    ]
    result, model = run([flat_reply(asked=asked)])
    assert len(model.requests) == 1
    (answer,) = result.answers
    assert answer.name == "profit"
    assert answer.value == pytest.approx(160)
    assert any("flour" in finding.message for finding in result.findings)


@pytest.mark.parametrize(
    "later",
    [
        "nonsense",
        UNKNOWN,
        flat_reply(constraints=[OVEN, NEED]),
        flat_reply(problem="none", variables=[]),
    ],
)
def test_the_best_attempt_is_kept_not_the_last(later: ScriptedReply) -> None:
    result, _ = run([SLOPPY, later], effort="quick")
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(160)
    assert result.formulation is not None
    assert [c.name for c in result.formulation.constraints] == ["oven"]
    assert any(not check.passed for check in result.checks)


def test_a_better_repair_replaces_the_first_answer() -> None:
    result, model = run([SLOPPY, flat_reply()])
    assert "5" in told(model, 1) and "25" in told(model, 1)
    assert result.findings == () or all(f.severity == "note" for f in result.findings)
    assert result.formulation is not None
    assert result.formulation.variables[1].upper == "cake_maximum"


@pytest.mark.parametrize(("effort", "calls"), [("quick", 2), ("standard", 4), ("thorough", 12)])
def test_how_often_a_formulation_is_repaired(effort: str, calls: int) -> None:
    result, model = run(lambda request: "nonsense", effort=effort)
    assert len(model.requests) == calls
    assert (result.status, result.level) == (Status.NO_FORMULATION, Level.FAILED)
    assert result.formulation is None
    assert "only decisions" in result.checks[0].detail
    assert len(record_of(result.record).attempts) == calls


def test_thorough_takes_what_most_drawn_formulations_say() -> None:
    other = flat_reply(objective=goal("maximize", "2*bread + 5.5*cake", "total profit"))
    text = BAKERY + " Some say that a cake earns 5.5 euros."
    replies = [other, flat_reply(), flat_reply()]
    result, model = run(lambda request: replies[request.sample], text=text, effort="thorough")
    drawn = [r for r in model.requests if r.messages[-1].content == text]
    assert [(r.sample, r.temperature) for r in drawn] == [(0, 0.0), (1, 0.7), (2, 0.7)]
    assert result.objective == pytest.approx(160)
    vote = result.checks[-1]
    assert (vote.name, vote.passed) == ("independent formulations", True)
    assert "2 of 3" in vote.detail
    assert {a.sample for a in record_of(result.record).attempts} == {0, 1, 2}


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


def dropped() -> ProviderError:
    return ProviderError("the server dropped the connection", kind="dropped", remedy="Try again.")


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


# --- events and interruption ----------------------------------------------------------------------


def test_events_stream_in_order_and_replay() -> None:
    model = ScriptedModel([UNKNOWN, flat_reply()])
    streamed = list(optiwright.stream(BAKERY, model=model, form="flat", route="compiled"))
    assert [e.seq for e in streamed] == list(range(len(streamed)))
    assert len({e.run_id for e in streamed}) == 1
    assert isinstance(streamed[-1], RunFinished)
    replayed = list(read_events(Path(streamed[-1].result.record)))
    assert replayed == streamed
    finished = [(e.step, e.attempt, e.ok) for e in streamed if isinstance(e, StepFinished)]
    assert finished[:4] == [
        ("formulate", 1, True), ("check", 1, False), ("repair", 2, True), ("check", 2, True)
    ]  # fmt: skip


def test_a_stream_ends_with_the_failure_and_raises_it() -> None:
    seen: list[Event] = []
    with pytest.raises(ProviderError):
        for event in optiwright.stream(BAKERY, model=ScriptedModel([dropped()])):
            seen.append(event)
    assert isinstance(seen[-1], RunFailed)


def test_a_line_cut_off_by_a_crash_ends_the_replay() -> None:
    result, _ = run([flat_reply()])
    path = Path(result.record) / "events.jsonl"
    whole = list(read_events(path.parent))
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    assert list(read_events(path.parent)) == whole[:-1]


def test_a_folder_without_a_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run is recorded there"):
        list(read_events(tmp_path))


class Stalling(ScriptedModel):
    """Starts to answer and never ends."""

    def __init__(self) -> None:
        super().__init__([])
        self.cancelled = threading.Event()

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        if on_text is not None:
            on_text("half a")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError("nobody interrupted it")


def wait_for(folder: str) -> RunRecord:
    """The record once the run's end is written in it."""
    for _ in range(100):
        record = record_of(folder)
        if record.error is not None:
            return record
        time.sleep(0.02)
    raise AssertionError("the record never said that the run ended")


def until_asked(events: Iterator[Event]) -> str:
    """Follow a run until the model is asked; returns the record's folder."""
    folder = ""
    for event in events:
        folder = event.record if event.kind == "run_started" else folder
        if event.kind == "step_started":
            return folder
    raise AssertionError("the model was never asked")


def test_closing_a_stream_stops_the_run() -> None:
    model = Stalling()
    events = optiwright.stream(BAKERY, model=model, form="flat")
    folder = until_asked(events)
    events.close()  # type: ignore[attr-defined]
    assert model.cancelled.wait(5)
    record = wait_for(folder)
    assert record.error is not None and record.error.kind == "Interrupted"
    assert record.result is None and record.text == BAKERY
    assert (Path(folder) / "events.jsonl").read_text("utf-8").endswith("\n")


def test_asolve_runs_beside_the_callers_loop() -> None:
    async def together() -> tuple[Result, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        clock = asyncio.create_task(tick())
        model = ScriptedModel([flat_reply()])
        result = await optiwright.asolve(BAKERY, model=model, form="flat", route="compiled")
        clock.cancel()
        return result, ticks

    result, ticks = asyncio.run(together())
    assert result.objective == pytest.approx(160)
    assert ticks > 0


def test_solve_works_inside_a_running_loop() -> None:
    async def as_in_a_notebook() -> Result:
        return run([flat_reply()])[0]

    assert asyncio.run(as_in_a_notebook()).objective == pytest.approx(160)


def test_cancelling_asolve_stops_the_run() -> None:
    model = Stalling()

    async def impatient() -> None:
        async with asyncio.timeout(0.5):
            await optiwright.asolve(BAKERY, model=model, form="flat")

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert model.cancelled.wait(5)


def test_five_threads_do_not_mix() -> None:
    def one(k: int) -> tuple[Result, list[Event]]:
        events: list[Event] = []
        reply = flat_reply(
            objective=goal("maximize", f"{k}*bread", "total profit"),
            constraints=[flat_constraint("most", f"bread <= {10 * k}")],
            variables=[flat_variable("bread")],
        )
        text = f"A loaf earns {k} euros and at most {10 * k} are sold."
        return run([reply], text=text, on_event=events.append)[0], events

    with ThreadPoolExecutor(5) as threads:
        done = list(threads.map(one, range(2, 7)))
    assert [r.objective for r, _ in done] == [10.0 * k * k for k in range(2, 7)]
    for result, events in done:
        assert {e.run_id for e in events} == {result.run_id}
        assert [e.seq for e in events] == list(range(len(events)))
    assert len({r.record for r, _ in done}) == 5


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


DRAFT = """```python
# decisions
bread = integer(0, None)  # loaves baked
cake = integer(0, None)  # cakes baked
# totals
oven = 3*bread + 8*cake  # minutes of oven
profit = 2*bread + 5*cake  # total profit
# objective: total profit
maximize(profit)
{}
# at most 25 cakes
require(cake <= 25)
```"""
FORGETFUL = DRAFT.format("# each cake takes 8 minutes of oven\nrequire(oven >= 8*cake)")
MINDFUL = DRAFT.format("# at most 240 minutes of oven\nrequire(oven <= 240)")


def small(*replies: str) -> ScriptedModel:
    model = ScriptedModel(list(replies))
    model.small = True
    return model


def test_a_small_model_drafts_afresh_and_minds_what_was_found() -> None:
    model = small(FORGETFUL, MINDFUL)
    result = optiwright.solve(BAKERY, model=model, route="compiled")
    assert result.objective == pytest.approx(160)
    first, second = model.requests
    assert [m.role for m in first.messages] == [m.role for m in second.messages]
    assert second.messages[:-1] == first.messages[:-1]
    asked = second.messages[-1].content
    assert asked.startswith(BAKERY)
    assert "`oven >= 8 * cake` holds whatever is decided" in asked
    assert "240" in asked.removeprefix(BAKERY)


def test_of_a_small_models_drafts_the_one_with_the_fewest_faults_is_kept() -> None:
    model = small(MINDFUL.replace("<= 25", "<= 26"), FORGETFUL, FORGETFUL)
    result = optiwright.solve(BAKERY, model=model, route="compiled")
    assert len(model.requests) == 3
    assert result.objective == pytest.approx(160)


def test_a_small_models_sound_draft_costs_one_call() -> None:
    model = small(MINDFUL)
    assert optiwright.solve(BAKERY, model=model, route="compiled").objective == pytest.approx(160)
