"""A text that asks for a plan, on its way to the result: scripted model, real engines."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import optiwright
from optiwright import UserError
from optiwright.agent.comparing import Comparison
from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.past import open_result
from optiwright.agent.planning_attempts import new_planning
from optiwright.agent.planning_comparing import compare_plans
from optiwright.agent.result import Result, Status
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_lines import read_planning
from optiwright.formulators.problem_kind import ProblemKind
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep
from optiwright.solver_tools.plan_program import PlanReport
from optiwright.testing import ScriptedModel
from tests.agent_runs import dropped, notices, record_of, run, told
from tests.plan_runs import FAULTY, FERRY, LINES, NO_LANDING, RIGHT, STEPS, SURE, plan, program
from tests.wire_samples import BAKERY, flat_reply

SHORT = LINES.replace("goal stands_at(baker, old_stairs), ", "goal ")
"""Leaves one van out of the goal: four steps are enough."""
Steps = list[tuple[str, list[str]]]


class Small(ScriptedModel):
    """A scripted model that counts as a small one."""

    def __init__(self, replies: list[str]) -> None:
        super().__init__(replies)
        self.small = True


def checks(result: Result) -> dict[str, bool]:
    return {c.name: c.passed for c in result.checks}


@cache
def ferry() -> Result:
    planning, _ = read_planning(LINES)
    assert planning is not None
    return optiwright.solve(planning, solver="cp-sat")


# --- from the text to the plan --------------------------------------------------------------------


def test_a_text_becomes_a_plan_with_its_evidence() -> None:
    result, model = plan([LINES, RIGHT, program(STEPS)], route="both")
    assert (result.status, result.level) == (Status.OPTIMAL, Level.PROVED)
    assert (result.optimality, result.agreement) == (Optimality.CERTIFIED, Agreement.CORROBORATED)
    assert result.objective == 7 and result.formulation is None
    assert [(a.name, a.value) for a in result.answers] == [("steps", 7)]
    assert all(checks(result).values())
    assert "carried out step by step" in checks(result)
    answer = result.plan
    assert answer is not None and answer.simulation is not None and answer.simulation.valid
    assert len(answer.outcome.steps) == 7 and answer.outcome.proof
    assert answer.program_simulation is not None and answer.program_simulation.valid
    assert "RollOn" in answer.program
    assert [r.messages[-1].content == FERRY.strip() for r in model.requests] == [True, False, True]
    assert "action sail" not in "".join(m.content for m in model.requests[2].messages)
    assert model.requests[0].grammar and not model.requests[2].grammar


def test_the_plan_is_told_in_the_words_of_the_actions_with_what_made_each_step_possible() -> None:
    result, _ = plan([LINES], effort="quick")
    lines = result.explanation.splitlines()
    board = next(n for n, line in enumerate(lines) if "The plumber's van rolls on board" in line)
    assert lines[board].endswith("(`board(plumber, old_stairs)`)")
    assert "the ferry is empty (step 4)" in lines[board + 1]
    assert "the ferry lies at Old Stairs (step 3)" in lines[board + 1]
    assert "- the baker's van stands at Old Stairs: by step 4" in lines
    explained = result.explain()
    assert "## The plan" in explained and "ok: carried out step by step" in explained
    assert "The best plan: 7 steps" in explained


def test_what_a_run_leaves_behind_and_reads_again(tmp_path: Path) -> None:
    result, _ = plan([LINES, RIGHT, program(STEPS)], route="both", save=tmp_path / "out")
    record = record_of(result.record)
    assert record.settings is not None
    assert record.settings.problem_kind is ProblemKind.PLAN
    assert set(record.prompts) == {
        "formulate_plan", "assess_plan", "repair_plan", "write_plan_program", "rewrite"
    }  # fmt: skip
    assert [c.step for c in record.calls] == ["plan_formulate", "plan_repair", "plan_write"]
    (attempt,) = record.attempts
    assert attempt.planning is not None and attempt.plan is not None and attempt.plan.value == 7
    assert Result.from_json(result.to_json()) == result == open_result(tmp_path / "out")
    planning = Planning.load(tmp_path / "out" / "planning.json")
    assert result.plan is not None and planning == result.plan.planning
    assert read_planning((tmp_path / "out" / "planning.txt").read_text("utf-8"))[0] == planning
    steps = [s.step for s in result.usage.steps]
    assert steps == [
        "plan_formulate", "plan_check", "plan_find", "plan_verify", "plan_repair", "plan_write",
        "plan_compare", "explain",
    ]  # fmt: skip


def test_a_saved_formulation_is_solved_without_a_model(tmp_path: Path) -> None:
    result = ferry()
    assert (result.objective, result.level, result.given) == (7, Level.CHECKED, True)
    assert result.usage.calls == 0 and result.plan is not None
    assert "the formulation was given" in result.explanation
    (tmp_path / "planning.json").write_text(result.plan.planning.to_json(), encoding="utf-8")
    assert open_result(tmp_path / "planning.json").objective == 7


def test_only_formulating_stops_before_a_plan_is_looked_for() -> None:
    result, _ = plan([LINES], only_formulate=True)
    assert result.status is Status.FORMULATED
    assert result.plan is not None and result.plan.planning.actions
    assert "plan_find" not in {s.step for s in result.usage.steps}


def test_the_kind_can_be_chosen_and_tables_leave_it_at_amounts() -> None:
    result, _ = run([flat_reply()], BAKERY, kind=ProblemKind.MODEL)
    assert result.plan is None and result.formulation is not None
    short = "Bring the vans where they belong."
    result, _ = plan([LINES], short, kind="plan", effort="quick")
    assert result.objective == 7
    with pytest.raises(UserError, match="sees no tables"):
        plan([], FERRY, kind="plan", data={"t": [{"a": 1}]}, route=None)
    with pytest.raises(UserError, match="no kind of problem"):
        plan([], FERRY, kind="riddle")


# --- impossible goals -----------------------------------------------------------------------------


def test_an_impossible_goal_is_shown_to_be_so_with_what_can_be_reached() -> None:
    lines = LINES.replace("goal ", "goal stands_at(baker, mill_quay), ")
    result, _ = plan([lines, RIGHT, program([], "impossible", known=True)], route="both")
    assert (result.status, result.level) == (Status.INFEASIBLE, Level.PROVED)
    answer = result.plan
    assert answer is not None
    assert set(result.conflict) | set(answer.outcome.reached) == set(answer.planning.goal)
    assert len(result.conflict) == 1
    assert "no plan is possible" in result.explanation
    assert "**What can be reached**" in result.explanation
    assert "the plumber's van stands at North Haven" in result.explanation
    assert answer.outcome.reached_by and answer.simulation is not None
    assert result.level.answered


def test_a_small_model_drafts_an_impossible_one_again_and_the_better_draft_stands() -> None:
    model = Small([NO_LANDING, LINES])
    result = optiwright.solve(FERRY, model=model, route="compiled")
    model.assert_played_out()
    assert result.objective == 7
    assert "nothing could bring about" in told(model, 1)
    assert told(model, 1).startswith(FERRY.strip()[:40])
    worse = Small([NO_LANDING, "no idea", "no idea"])
    result = optiwright.solve(FERRY, model=worse, route="compiled")
    assert result.status is Status.INFEASIBLE


# --- repair ---------------------------------------------------------------------------------------


def test_what_the_checks_find_goes_back_to_the_model_in_its_own_words() -> None:
    result, model = plan([FAULTY, LINES, RIGHT], route="compiled")
    assert result.objective == 7
    assert "moored" in told(model, 1)
    assert "action sail" in model.requests[1].messages[-2].content
    result, model = plan([FAULTY, FAULTY], effort="quick")
    assert (result.status, result.level) == (Status.NO_FORMULATION, Level.FAILED)
    assert "moored" in " ".join(c.detail for c in result.checks)


def test_a_reply_without_lines_is_asked_for_again() -> None:
    result, model = plan(["I would sail first.", LINES], effort="quick")
    assert result.objective == 7
    assert len(model.requests) == 2


def test_the_first_part_that_the_model_finds_wrong_is_replaced_and_those_before_it_stay() -> None:
    wrong = {
        "analysis": "The actions miss that the ferry carries one van.",
        **SURE,
        "actions": False,
    }
    loose = LINES.replace(", empty\n  makes on_board", "\n  makes on_board")
    # The second reply also spoils the goal, which was right and is kept.
    spoilt = SHORT
    result, model = plan([loose, wrong, spoilt, RIGHT], route="compiled")
    assert result.plan is not None
    assert len(result.plan.planning.goal) == 2
    assert result.objective == 7
    assert "the actions are not what the text says" in told(model, 2)
    assert "one van" in told(model, 2)
    assert "the goal, the objects and facts stay as they are" in told(model, 2)
    assert checks(result)["self-assessment"]
    assert [a.planning is not None for a in record_of(result.record).attempts] == [True, True]


def test_a_wrong_goal_has_everything_made_again() -> None:
    wrong = {"analysis": "The goal leaves out the baker's van.", **SURE, "goal": False}
    result, model = plan([SHORT, wrong, LINES, RIGHT], route="compiled")
    assert result.objective == 7
    assert "stay as they are" not in told(model, 2)


def test_a_formulation_that_stays_wrong_is_said_to_be_so() -> None:
    wrong = {"analysis": "The plan is not the best.", **SURE, "plan": False}
    result, _ = plan([SHORT, wrong, SHORT, wrong, SHORT, wrong, SHORT], route="compiled")
    assert result.level is Level.CHECKED
    assert checks(result)["self-assessment"] is False


def test_ratings_that_cannot_be_read_leave_the_formulation_as_it_is() -> None:
    result, _ = plan([LINES, "all fine"], route="compiled")
    assert result.objective == 7
    assert "The model gave no ratings of its formulation." in notices(result)
    assert "self-assessment" not in checks(result)


def test_a_provider_that_fails_costs_no_plan() -> None:
    result, _ = plan([LINES, dropped(), dropped()], route="both")
    assert result.objective == 7 and result.level is Level.CHECKED
    assert any("No further repair" in n for n in notices(result))
    assert any("No second route" in n for n in notices(result))


# --- the second route -----------------------------------------------------------------------------


SEVEN = tuple(
    PlanStep(action=a, arguments=tuple(o.split()))
    for a, o in (
        ("sail", "north_haven mill_quay"), ("board", "baker mill_quay"),
        ("sail", "mill_quay old_stairs"), ("land", "baker old_stairs"),
        ("board", "plumber old_stairs"), ("sail", "old_stairs north_haven"),
        ("land", "plumber north_haven"),
    )
)  # fmt: skip
FOUND = PlanOutcome(status=PlanStatus.FOUND, steps=SEVEN, value=7)
OPTIMAL = PlanOutcome(status=PlanStatus.OPTIMAL, steps=SEVEN, value=7, proof="shown")
IMPOSSIBLE = PlanOutcome(status=PlanStatus.IMPOSSIBLE, proof="shown")


def compared(outcome: PlanOutcome, claim: str, steps: Steps, lines: str = LINES) -> Comparison:
    """What a program's plan says of an outcome; it names all that the text does."""
    planning, _ = read_planning(lines)
    assert planning is not None
    attempt = new_planning(1, lines)
    attempt["planning"] = planning.model_dump(mode="json")
    attempt["outcome"] = outcome.model_dump(mode="json")
    taken = [PlanStep(action=a, arguments=tuple(o)) for a, o in steps]
    report = PlanReport.model_validate({"claim": claim, "steps": taken})
    standing = {"optimal": Standing.OPTIMAL, "found": Standing.FEASIBLE}
    theirs = standing.get(claim, Standing.INFEASIBLE)
    return compare_plans(attempt, theirs, report, f"# {STEPS}")


LONGER = [*STEPS, STEPS[0]]
AGREE, DIFFER, ALONE = Agreement.CORROBORATED, Agreement.DISPUTED, Agreement.SINGLE


@pytest.mark.parametrize(
    ("outcome", "claim", "steps", "agreement", "words"),
    [
        (OPTIMAL, "optimal", STEPS, AGREE, "a plan of 7 steps too"),
        (OPTIMAL, "found", STEPS, AGREE, "a plan of 7 steps too"),
        (FOUND, "optimal", STEPS, AGREE, "a plan of 7 steps too"),
        (OPTIMAL, "optimal", STEPS[:6], DIFFER, "cannot be carried out"),
        (OPTIMAL, "optimal", STEPS[1:], DIFFER, "cannot be carried out"),
        (OPTIMAL, "optimal", LONGER, DIFFER, "says that 8 steps is the least"),
        (OPTIMAL, "found", LONGER, ALONE, "neither confirms nor refutes"),
        (OPTIMAL, "impossible", [], DIFFER, "there is no solution"),
        (IMPOSSIBLE, "impossible", [], AGREE, "both find that there is no solution"),
        (IMPOSSIBLE, "optimal", STEPS, DIFFER, "there is no solution"),
        (OPTIMAL, "optimal", [("fly", ["balloon"])] * 7, ALONE, "could not be matched"),
        (
            FOUND.model_copy(update={"value": 8.0, "steps": (*SEVEN, SEVEN[0])}),
            "optimal",
            STEPS,
            ALONE,
            "finds a better plan, 7 steps",
        ),
        (
            OPTIMAL.model_copy(update={"value": 8.0, "steps": (*SEVEN, SEVEN[0])}),
            "optimal",
            STEPS,
            DIFFER,
            "says that 7 steps is the least",
        ),
    ],
)
def test_what_a_program_says_of_the_plan(
    outcome: PlanOutcome, claim: str, steps: Steps, agreement: Agreement, words: str
) -> None:
    found = compared(outcome, claim, steps)
    assert found.agreement is agreement and words in found.words
    # Whether it counts or not, what differs is open.
    assert found.contested == (agreement is DIFFER)


def test_two_empty_plans_are_a_coincidence() -> None:
    lines = LINES.replace("goal stands_at(baker, old_stairs), stands_at(plumber, north_haven)",
                          "goal empty")  # fmt: skip
    nothing = OPTIMAL.model_copy(update={"steps": (), "value": 0.0})
    assert compared(nothing, "optimal", [], lines).agreement is ALONE


def test_a_cost_is_what_is_compared_where_cost_is_least() -> None:
    lines = LINES.replace("least steps", "least cost").replace(
        "  ends lies_at(here)\n", "  ends lies_at(here)\n  cost 5\n", 1
    )
    dear = OPTIMAL.model_copy(update={"value": 19.0})
    assert "a plan of a cost of 19 too" in compared(dear, "optimal", STEPS, lines).words
    any_ = lines.replace("least cost", "least any")
    assert compared(FOUND, "found", LONGER, any_).agreement is AGREE


def test_a_disputed_plan_stands_beside_the_programs_with_what_it_breaks() -> None:
    result, _ = plan([LINES, RIGHT, program(STEPS[1:])], route="both")
    assert result.written is not None
    assert "`lies_at(mill_quay)`" in result.written.broken[0]
    assert "step 1" in result.written.broken[0]
    assert "The program's plan:" in result.explanation
    assert not result.level.answered


def test_a_program_that_knows_nothing_of_the_text_is_no_witness() -> None:
    result, _ = plan([LINES, RIGHT, program([], "impossible")], route="both")
    assert (result.agreement, result.level) == (Agreement.SINGLE, Level.CHECKED)
    assert "it leaves out `plumber`" in result.explanation


def test_a_programs_errors_go_back_to_it_and_nothing_else() -> None:
    broken = "```python\nplan = search()\n```"
    result, model = plan([LINES, RIGHT, broken, program(STEPS)], route="both")
    assert result.level is Level.PROVED
    assert "NameError" in told(model, 3) and "search" in told(model, 3)
    assert "action sail" not in "".join(m.content for m in model.requests[3].messages)
    assert [p.number for p in record_of(result.record).programs] == [1, 2]


def test_a_program_that_never_runs_leaves_the_plan_alone() -> None:
    silent = "```python\nprint('7 steps')\n```"
    result, _ = plan([LINES, RIGHT, silent, "no program", silent], route="both")
    assert (result.agreement, result.level) == (Agreement.SINGLE, Level.CHECKED)
    assert "printed no plan" in result.explanation


def test_a_program_alone_is_an_unchecked_word() -> None:
    result, _ = plan([program(STEPS)], route="written")
    assert (result.level, result.objective) == (Level.UNCHECKED, 7)
    assert "`RollOn(baker's van, Mill Quay)`" in result.explanation
    result, _ = plan([FAULTY, FAULTY, FAULTY, FAULTY, program(STEPS)], route="both")
    assert (result.level, result.objective) == (Level.UNCHECKED, 7)


# --- what cannot be asked -------------------------------------------------------------------------

UNASKED: dict[str, Callable[[Result], object]] = {
    "what if": lambda r: r.what_if("What if there is a third van?"),
    "sensitivity": lambda r: r.sensitivity(),
    "repairs": lambda r: r.repairs(),
    "proof": lambda r: r.proof(),
    "pareto": lambda r: r.pareto(),
    "tables": lambda r: r.tables(),
}


@pytest.mark.parametrize("asked", UNASKED)
def test_what_is_made_for_amounts_is_refused_in_a_sentence(asked: str) -> None:
    with pytest.raises(UserError, match="a plan has no"):
        UNASKED[asked](ferry())


def test_an_engine_is_chosen_by_name_and_only_for_plans() -> None:
    with pytest.raises(UserError, match="'scip' finds no plans"):
        plan([], solver="scip")
    with pytest.raises(UserError, match="'pyperplan' is for plans"):
        run([], BAKERY, solver="pyperplan")
    plan_ = ferry().plan
    assert plan_ is not None and plan_.outcome.engine == "cp-sat"


def test_a_plan_is_exported_as_text_and_data(tmp_path: Path) -> None:
    result, _ = plan([LINES], effort="quick")
    page = result.export(tmp_path / "plan.md").read_text("utf-8")
    assert "## The problem" in page and "**What can be done**" in page
    assert "rolls on board" in result.export(tmp_path / "plan.html").read_text("utf-8")
    saved = json.loads(result.export(tmp_path / "plan.formulation.json").read_text("utf-8"))
    assert saved["least"] == "steps"
    steps = result.export(tmp_path / "plan.csv").read_text("utf-8").splitlines()
    assert steps[0].startswith("step,what to do,action,becomes true") and len(steps) == 8
    assert result.export(tmp_path / "plan.xlsx").read_bytes().startswith(b"PK")
    for name in ("plan.lp", "plan.py"):
        with pytest.raises(UserError, match="a plan has no"):
            result.export(tmp_path / name)


def test_the_command_line_prints_the_plan(
    optiwright_: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "ferry.txt"
    file.write_text(FERRY, encoding="utf-8")
    model = ScriptedModel([LINES, RIGHT, program(STEPS)])
    monkeypatch.setattr("optiwright.agent.setting_up.choose_model", lambda *_, **__: model)
    code, out, progress = optiwright_("solve", str(file))
    assert code == 0
    assert "The best plan: 7 steps" in out and "action board" in out and "Checks" in out
    assert "plan_find" in progress
    code, out, _ = optiwright_("why", "why not sail to Old Stairs first?")
    assert code == 0 and "8 steps instead of 7 steps" in out
    code, out, err = optiwright_("whatif", "What if there is another van?")
    assert code == 2 and "a plan has no" in err and "Traceback" not in err
    planning = tmp_path / "planning.json"
    planning.write_text('{"actions": 3}', encoding="utf-8")
    code, _, err = optiwright_("solve", "--formulation", str(planning))
    assert code != 0 and "not a planning formulation" in err and "Traceback" not in err
