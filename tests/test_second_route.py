"""The second route: a program written from the text, run, compared, and judged in a dispute."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import optiwright
from optiwright.agent.comparing import (
    WITNESS,
    Reading,
)
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.llm import Request
from optiwright.agent.notebook import result_to_html
from optiwright.agent.prompting import PROGRAM_PROMPT, load_prompt
from optiwright.agent.record import Library, RunRecord
from optiwright.agent.recorder import read_events
from optiwright.agent.result import Result, Status, WrittenAnswer
from optiwright.agent.samples import choose_sample
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.written_check import faults, strip_code
from optiwright.solver_tools.written_numbers import ProgramNumbers, program_numbers
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.solver_tools.written_run import execute
from optiwright.testing import ScriptedModel, ScriptedReply
from tests import probed
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    goal,
    indexed_reply,
    wire_constraint,
    wire_set,
    wire_variable,
)
from tests.written_programs import BAKERY_PROGRAM as PROGRAM

RENAMED = PROGRAM.replace("model.bread", "model.a").replace("model.cake", "model.b")
LOOSE = PROGRAM.replace("3 * model.bread + 8 *", "8 * model.bread + 3 *")
"""Mixes up the minutes of a loaf and a cake: 165 instead of 160."""
MEAGRE = PROGRAM.replace("3 * model.bread", "2 * model.bread")
"""Leaves out the minutes of a loaf: 240."""
CRASHING = PROGRAM.replace("model.cake <= 240", "model.cakes <= 240")
CROWDED = BAKERY + " At least 100 loaves must be baked."
MISREAD = flat_reply(
    constraints=[flat_constraint("oven", "2*bread + 8*cake <= 240", "at most 240 minutes of oven")]
)
"""The formulation's own misreading: it gives 240."""
MIXED = flat_reply(objective=goal("maximize", "5*bread + 2*cake", "total profit", "euros"))
MIXED_VALUE = 400
"""Mixes up what a loaf and a cake earn, and so has all the text's numbers."""


def fenced(source: str) -> str:
    return f"```python\n{source}```"


def run(
    replies: Sequence[ScriptedReply] | Callable[[Request], ScriptedReply],
    text: str = BAKERY,
    *,
    small: bool = False,
    **options: Any,
) -> tuple[Result, ScriptedModel]:
    """The result of a scripted run of both routes, every reply of which was asked for."""
    model = ScriptedModel(replies)
    model.small = small
    result = optiwright.solve(text, model=model, **{"form": "flat"} | options)
    model.assert_played_out()
    assert Result.from_json(result.to_json()) == result
    return result, model


def record_of(result: Result) -> RunRecord:
    return RunRecord.model_validate_json((Path(result.record) / "record.json").read_text("utf-8"))


def steps(result: Result) -> list[str]:
    return [s.step for s in result.usage.steps]


def notices(result: Result) -> list[str]:
    return [e.message for e in read_events(Path(result.record)) if isinstance(e, Notice)]


def verdict(formulation: bool, program: bool) -> dict[str, Any]:
    said = "The text says 3 minutes a loaf."
    return {"analysis": said, "formulation_right": formulation, "program_right": program}


# --- agreement ------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [PROGRAM, RENAMED])
def test_two_routes_that_agree_prove_the_answer(program: str, tmp_path: Path) -> None:
    result, model = run([flat_reply(), fenced(program)], save=tmp_path)
    assert (result.status, result.agreement) == (Status.OPTIMAL, Agreement.CORROBORATED)
    assert result.level is Level.PROVED
    assert steps(result)[-4:] == ["write", "run", "compare", "explain"]
    assert result.written is not None
    assert (result.written.objective, result.written.library) == (160, "pyomo")
    assert {q.name: q.value for q in result.written.quantities} == {"loaves": 80, "cakes": 0}
    assert "same value, 160" in result.explanation and "A second reading" in result.explanation
    assert "meets every requirement" in result.written.words
    assert (tmp_path / "written.py").read_text("utf-8") == result.written.source == program
    assert "NonNegativeIntegers" in result_to_html(result)
    # The program was written from the text alone.
    asked = model.requests[1]
    assert asked.messages[:-1] == load_prompt(PROGRAM_PROMPT["pyomo"]).fixed
    assert asked.messages[-1].content == BAKERY


def test_the_record_keeps_the_programs_and_their_differences() -> None:
    result, model = run([flat_reply(), fenced(CRASHING), fenced(PROGRAM)])
    assert result.agreement is Agreement.CORROBORATED
    first, second = record_of(result).programs
    assert first.source == CRASHING and second.source == PROGRAM
    assert first.report is not None and first.report.outcome == "error"
    assert "cakes" in first.complaints[0]
    assert (first.difference, second.complaints, second.reason) == ("", (), "finished")
    assert "-model.oven" in second.difference and "+model.oven" in second.difference
    told = model.requests[2].messages
    assert "Line 7" in told[-1].content and "cakes" in told[-1].content
    assert told[-2].content == fenced(CRASHING)
    assert set(record_of(result).prompts) == {
        "formulate_flat", "repair", "write_program", "rewrite", "judge"
    }  # fmt: skip


def test_what_is_sure_to_fail_is_not_run() -> None:
    result, model = run([flat_reply(), fenced("import gurobipy\n"), fenced(PROGRAM)])
    assert result.agreement is Agreement.CORROBORATED
    assert "gurobipy" in model.requests[2].messages[-1].content
    assert record_of(result).programs[0].reason == ""


@pytest.mark.parametrize(
    ("needed", "agreement", "said"),
    [
        (100, Agreement.CORROBORATED, "both find that there is no solution"),
        (90, Agreement.SINGLE, "neither confirms the other"),
    ],
)
def test_two_empty_answers_agree_where_the_conflict_has_the_texts_numbers(
    needed: int, agreement: Agreement, said: str
) -> None:
    need = "model.need = Constraint(expr=model.bread >= 100)\nSolverFactory"
    oven = flat_constraint("oven", "3*bread + 8*cake <= 240", "at most 240 minutes of oven")
    crowded = flat_reply(constraints=[oven, flat_constraint("need", f"bread >= {needed}")])
    program = fenced(PROGRAM.replace("SolverFactory", need))
    result, _ = run([crowded, crowded, program], text=CROWDED)
    assert (result.status, result.agreement) == (Status.INFEASIBLE, agreement)
    # 90 is none of the text's numbers.
    unsure = agreement is Agreement.SINGLE
    assert result.level is (Level.UNCHECKED if unsure else Level.PROVED)
    assert said in result.explanation


# --- one route alone ------------------------------------------------------------------------------


@pytest.mark.parametrize(("small", "calls"), [(True, 2), (False, 4)])
def test_a_program_that_never_runs_costs_no_answer(small: bool, calls: int) -> None:
    def reply(request: Request) -> ScriptedReply:
        return flat_reply() if request.grammar else fenced(CRASHING)

    result, model = run(reply, small=small)
    assert len(model.requests) == calls
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.SINGLE)
    assert result.written is not None and result.written.standing is Standing.CRASHED
    assert "ended in an error" in result.explanation


@pytest.mark.parametrize(
    ("source", "standing", "said"),
    [
        (PROGRAM + "while True:\n    pass\n", Standing.TIMED_OUT, "still running after 2 s"),
        (PROGRAM + "import os\nos.abort()\n", Standing.CRASHED, "without a result"),
        (PROGRAM + "import time\ntime.sleep(60)\n", Standing.TIMED_OUT, "was ended"),
    ],
)
def test_how_a_run_ends_is_told(
    source: str, standing: Standing, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optiwright.agent.writing._GRACE_S", 1.0)
    result, model = run([flat_reply(), *3 * [fenced(source)]], time_limit_s=2)
    assert said in model.requests[2].messages[-1].content
    assert result.written is not None and result.written.standing is standing
    assert result.level is Level.CHECKED


def test_a_model_that_does_not_write_costs_no_answer() -> None:
    gone = ProviderError("the server dropped the connection", kind="dropped")
    result, _ = run([flat_reply(), gone])
    assert result.level is Level.CHECKED and result.objective == pytest.approx(160)
    assert result.written is not None and result.written.standing is Standing.NOT_RUN
    assert any("No second route" in notice for notice in notices(result))


def test_a_program_alone_is_answered_and_unchecked() -> None:
    result, model = run([fenced(PROGRAM)], route="written")
    assert len(model.requests) == 1
    assert (result.status, result.level) == (Status.OPTIMAL, Level.UNCHECKED)
    assert (result.objective, result.formulation) == (160, None)
    assert result.level.answered
    assert [(a.name, a.value) for a in result.answers] == [("loaves", 80), ("cakes", 0)]
    assert "A program that the model wrote says: the value is 160" in result.explanation
    assert "Unchecked" in result.explanation
    assert set(record_of(result).prompts) == {"write_program", "rewrite"}


def test_a_program_alone_that_leaves_something_out_says_so() -> None:
    result, _ = run([fenced(MEAGRE)], route="written", small=True)
    assert (result.objective, result.level) == (240, Level.UNCHECKED)
    assert 'But of the program: it leaves out 3 ("' in result.explanation


def test_a_program_stands_in_for_a_formulation_that_failed() -> None:
    result, _ = run([*3 * ["I cannot."], fenced(PROGRAM)], small=True)
    assert (result.status, result.level) == (Status.OPTIMAL, Level.UNCHECKED)
    assert result.objective == 160
    assert any(not check.passed for check in result.checks)


def test_nothing_at_all_is_failed() -> None:
    result, _ = run(lambda request: "I cannot.", small=True)
    assert (result.status, result.level) == (Status.NO_FORMULATION, Level.FAILED)


@pytest.mark.parametrize("options", [{"effort": "quick"}, {"only_formulate": True}])
def test_no_second_route_where_none_is_wanted(options: dict[str, Any]) -> None:
    result, _ = run([flat_reply()], **options)
    assert result.written is None
    assert "write" not in steps(result)


def test_a_formulation_alone_cannot_be_written() -> None:
    with pytest.raises(UserError, match="no formulation"):
        run([], route="written", only_formulate=True)


# --- disputes -------------------------------------------------------------------------------------


def test_a_small_model_does_not_judge() -> None:
    result, _ = run([flat_reply(), fenced(LOOSE)], small=True)
    assert (result.level, result.agreement) == (Level.DISPUTED, Agreement.DISPUTED)
    assert not result.level.answered
    assert "160" in result.explanation and "The program's answer: optimal 165" in result.explanation
    assert result.written is not None
    (broken,) = result.written.broken
    assert "oven" in broken
    assert broken in result.explanation


def test_a_dispute_over_whole_numbers_says_so() -> None:
    reply = indexed_reply(
        sets=[wire_set("S", 1, 2)],
        parameters=[],
        variables=[wire_variable("x", "s in S", type="integer", type_basis="assumed")],
        objective=goal("maximize", "sum(x[s] for s in S)"),
        constraints=[wire_constraint("most", "2*x[s] <= 5", "s in S")],
        asked=[],
    )
    program = """from pyomo.environ import *
model = ConcreteModel()
model.x = Var([1, 2], within=NonNegativeReals, bounds=(0, 2.5))
model.obj = Objective(expr=model.x[1] + model.x[2], sense=maximize)
SolverFactory('highs').solve(model)
report(objective=value(model.obj))
"""
    text = "Each of 2 takes 2, of which there are 5."
    result, _ = run([reply, fenced(program)], text=text, form="indexed", small=True)
    assert result.agreement is Agreement.DISPUTED
    assert "Read otherwise (with `x` continuous) the formulation has" in result.explanation


IDLE = PROGRAM.replace("sense=maximize", "sense=minimize")
ADRIFT = """from pyomo.environ import *
model = ConcreteModel()
model.bread = Var(within=NonNegativeIntegers, bounds=(0, 240 / 3))
model.cake = Var(within=NonNegativeIntegers, bounds=(0, 25))
model.oven = Var(within=NonNegativeReals)
model.obj = Objective(expr=2 * model.bread + 5 * model.cake, sense=maximize)
model.time = Constraint(expr=8 * model.oven <= 240)
SolverFactory('highs').solve(model)
report(objective=value(model.obj))
"""


@pytest.mark.parametrize(
    ("program", "flaw"),
    [
        (MEAGRE, 'it leaves out 3 ("'),
        (PROGRAM.replace("3 * model.bread", "3.7 * model.bread"), "it has 3.7 (line 7)"),
        (PROGRAM.replace("<= 240", "<= 240 - 25 * 240"), "its model has no solution at all"),
        (PROGRAM.replace("<= 240", ">= 240 - 25"), "no limit to its objective"),
        (IDLE, "its plan is to do nothing"),
        (ADRIFT, "what it limits has no part in its objective: `oven`"),
    ],
)
def test_a_poor_program_is_no_witness_against_a_certified_answer(program: str, flaw: str) -> None:
    result, _ = run([flat_reply(), fenced(program)], small=True)
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.SINGLE)
    assert result.written is not None
    assert any(flaw in said for said in result.written.flaws)
    (check,) = [c for c in result.checks if c.name == "second program"]
    assert not check.passed
    assert "does not count as a witness" in check.detail and flaw in check.detail
    assert "The program's answer" in result.explanation


def test_a_formulation_that_leaves_numbers_out_is_disputed_by_any_program() -> None:
    meagre = flat_reply(constraints=[flat_constraint("oven", "3*bread + 5*cake <= 240")])
    for program in (PROGRAM, MEAGRE):
        result, _ = run([*3 * [meagre], fenced(program)], small=True)
        assert (result.level, result.agreement) == (Level.DISPUTED, Agreement.DISPUTED)


def test_a_larger_model_hears_once_of_its_programs_numbers() -> None:
    result, model = run([flat_reply(), fenced(MEAGRE), fenced(PROGRAM)])
    assert (result.level, result.agreement) == (Level.PROVED, Agreement.CORROBORATED)
    told = model.requests[2].messages[-1].content
    assert "it leaves out 3 (" in told and "reply with the one word `unchanged`" in told
    first, second = record_of(result).programs
    assert len(first.findings) == 1 and second.findings == ()


def test_a_column_that_plays_no_part_may_be_named_in_place_of_its_numbers() -> None:
    table = (
        "| what | minutes | sold last year |\n|---|---|---|\n| bread | 3 | 411 |\n| cake | 8 | 92 |"
    )
    aside = indexed_reply(assumptions=["What was sold last year plays no part."])
    result, _ = run([aside, fenced(PROGRAM)], f"{BAKERY}\n\n{table}", form="indexed")
    assert (result.level, result.agreement) == (Level.PROVED, Agreement.CORROBORATED)


def test_a_program_may_stand_as_it_is_for_one_word() -> None:
    text = f"{BAKERY} The bakery is 75 years old."
    program = fenced(PROGRAM)
    result, _ = run(
        [indexed_reply(), indexed_reply(), program, "`Unchanged`."], text, form="indexed"
    )
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.CORROBORATED)
    assert result.written is not None and result.written.source == PROGRAM
    first, second = record_of(result).programs
    assert first.source == second.source and second.adopted


def test_a_number_that_both_leave_out_and_one_says_why_is_not_missed() -> None:
    text = f"{BAKERY} The bakery is 75 years old."
    aside = indexed_reply(assumptions=["75 plays no part."])
    result, _ = run([aside, fenced(PROGRAM)], text, form="indexed")
    assert (result.level, result.agreement) == (Level.PROVED, Agreement.CORROBORATED)
    # A limit that both leave out stays a doubt, whatever is said of it.
    limited = f"{BAKERY} At most 75 of the cakes may be plum cakes."
    result, _ = run([aside, fenced(PROGRAM), fenced(PROGRAM)], limited, form="indexed")
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.CORROBORATED)
    # What is only counted is none, even where somebody has it, nor what there is one of besides.
    owned = f"{BAKERY} We have 3 branches, and sell in 2 of the shops."
    aside = indexed_reply(assumptions=["The 3 branches and the 2 shops play no part."])
    result, _ = run([aside, fenced(PROGRAM)], owned, form="indexed")
    assert (result.level, result.agreement) == (Level.PROVED, Agreement.CORROBORATED)
    # A stock of what the text speaks of again is a limit.
    stock = f"{BAKERY} We have 75 boxes. A box holds a cake."
    result, _ = run(
        [indexed_reply(assumptions=["75 plays no part."]), fenced(PROGRAM), "unchanged"],
        stock,
        form="indexed",
    )
    assert result.level is Level.CHECKED
    # Without a word on a number both are asked again, and it stays open.
    program = fenced(PROGRAM)
    silent = indexed_reply()
    result, _ = run([silent, silent, program, program], text, form="indexed")
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.CORROBORATED)


@pytest.mark.parametrize(
    ("after", "agreement"),
    [
        ([verdict(True, True)], Agreement.SINGLE),
        ([verdict(False, True), flat_reply()], Agreement.DISPUTED),
    ],
)
def test_a_judge_outweighs_what_speaks_against_a_program(
    after: list[ScriptedReply], agreement: Agreement
) -> None:
    result, _ = run([flat_reply(), *2 * [fenced(MEAGRE)], *after])
    assert result.agreement is agreement
    assert result.objective == pytest.approx(160)


def test_a_rewrite_for_its_numbers_that_does_not_run_is_not_the_result() -> None:
    replies: list[ScriptedReply] = [
        flat_reply(),
        fenced(MEAGRE),
        *2 * [fenced(CRASHING)],
        verdict(True, True),
    ]
    result, _ = run(replies)
    assert result.written is not None
    assert (result.written.source, result.written.objective) == (MEAGRE, 240)


def test_agreement_of_a_program_that_leaves_something_out_is_not_proved() -> None:
    result, _ = run([flat_reply(), fenced(PROGRAM.replace(", bounds=(0, 25)", ""))], small=True)
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.CORROBORATED)
    assert result.written is not None
    assert "But of the program: it leaves out 25" in result.written.words


@pytest.mark.parametrize(("mine", "other"), list(itertools.product(Reading, Reading)))
def test_only_a_poor_program_beside_a_whole_formulation_does_not_count(
    mine: Reading, other: Reading
) -> None:
    dismissed = (mine, other) == (Reading.WHOLE, Reading.POOR)
    assert WITNESS[mine, other] is (Agreement.SINGLE if dismissed else Agreement.DISPUTED)


def test_the_judge_has_the_program_written_again() -> None:
    replies: list[ScriptedReply] = [
        flat_reply(),
        fenced(LOOSE),
        verdict(True, False),
        fenced(PROGRAM),
    ]
    result, model = run(replies)
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.RECONCILED)
    assert result.objective == pytest.approx(160)
    assert "only after the two were shown" in result.explanation
    assert "after a judge saw both, finds the same value, 160" in result.explanation
    shown = model.requests[2].messages[-1].content
    for words in (BAKERY, "240", "160", "## Constraints", "ConcreteModel", "breaks this"):
        assert words in shown
    assert "3 minutes a loaf" in model.requests[3].messages[-1].content
    assert [p.number for p in record_of(result).programs] == [1, 2]


def test_the_judge_has_the_formulation_made_again() -> None:
    replies: list[ScriptedReply] = [
        MISREAD,
        MISREAD,
        fenced(PROGRAM),
        verdict(False, True),
        flat_reply(),
    ]
    result, model = run(replies)
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.RECONCILED)
    assert result.objective == pytest.approx(160)
    assert result.formulation is not None
    assert "3 minutes a loaf" in model.requests[4].messages[-1].content
    assert "repair" in steps(result) and "rewrite" not in steps(result)


def test_a_judge_that_finds_both_wrong_has_both_made_again() -> None:
    wrong = LOOSE.replace("2 * model.bread + 5", "5 * model.bread + 2")
    replies: list[ScriptedReply] = [
        MIXED, fenced(wrong), verdict(False, False), flat_reply(), fenced(PROGRAM)
    ]  # fmt: skip
    result, model = run(replies)
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.RECONCILED)
    assert result.objective == pytest.approx(160)
    record = record_of(result)
    assert [a.number for a in record.attempts] == [p.number for p in record.programs] == [1, 2]
    for difference in (record.attempts[1].difference, record.programs[1].difference):
        assert difference.startswith("--- before") and "\n+" in difference and "\n-" in difference
    assert record.attempts[0].difference == ""
    assert model.requests[4].messages[-2].content == fenced(wrong)


def test_both_made_again_in_vain_leaves_the_dispute_as_it_was() -> None:
    replies: list[ScriptedReply] = [
        MIXED, fenced(LOOSE), verdict(False, False), flat_reply(), fenced(LOOSE)
    ]  # fmt: skip
    result, _ = run(replies)
    assert (result.level, result.agreement) == (Level.DISPUTED, Agreement.DISPUTED)
    assert result.written is not None and result.written.source == LOOSE
    assert result.objective == pytest.approx(MIXED_VALUE)
    assert len(record_of(result).attempts) == len(record_of(result).programs) == 2


def test_each_ones_solution_is_held_against_the_other() -> None:
    tight = PROGRAM.replace("<= 240", "<= 240 - 25")
    result, model = run([flat_reply(), fenced(tight), verdict(True, False), fenced(PROGRAM)])
    # 80 loaves take 240 minutes, 25 more than the program has.
    (sentence,) = [x for x in model.requests[2].messages[-1].content.splitlines() if "missed" in x]
    assert "`oven`" in sentence and sentence.endswith("is missed by 25.")
    assert sentence.removeprefix("- ") in model.requests[3].messages[-1].content
    result, _ = run([flat_reply(), fenced(tight)], small=True)
    assert "In it the formulation's solution breaks: `oven`" in result.explanation
    assert result.written is not None
    assert (len(result.written.breaches), result.written.broken) == (1, ())


@pytest.mark.parametrize("library", probed.BAKERY)
def test_our_solution_is_held_against_a_program_of_any_library(library: str) -> None:
    tight = probed.BAKERY[library].replace("<= 240", "<= 240 - 25") + "report()\n"
    result, _ = run([flat_reply(), fenced(tight)], small=True)
    assert result.written is not None
    (sentence,) = result.written.breaches
    assert sentence.startswith("`oven` (`3") and sentence.endswith("is missed by 25.")


def test_a_solver_that_stops_short_of_its_own_model_s_best_is_no_dispute() -> None:
    solve = "SolverFactory('glpk').solve(model)"
    assert solve in PROGRAM
    # Solved with a loaf at most, and open again after it: as if the solver had not found the best.
    short = PROGRAM.replace(solve, f"model.bread.setub(1); {solve}; model.bread.setub(None)")
    result, _ = run([flat_reply(), fenced(short)])
    assert (result.agreement, result.level) == (Agreement.SINGLE, Level.CHECKED)
    assert result.written is not None
    assert "differ: 160 and 127" in result.written.words
    assert "better by its objective too, 160" in result.written.words


@pytest.mark.parametrize(
    "after",
    [
        [verdict(True, True)],
        ["no JSON"],
        [ProviderError("the server dropped the connection", kind="dropped")],
        [verdict(True, False), fenced(LOOSE)],
        [verdict(True, False), *2 * [fenced(LOOSE.replace("model.oven", "# model.oven"))]],
        [verdict(True, False), "I cannot.", "I cannot."],
        [verdict(False, True), flat_reply()],
        [verdict(False, True), flat_reply(constraints=[])],
    ],
)
def test_a_round_that_ends_in_no_agreement_leaves_the_dispute(after: list[ScriptedReply]) -> None:
    result, _ = run([flat_reply(), fenced(LOOSE), *after])
    assert (result.level, result.agreement) == (Level.DISPUTED, Agreement.DISPUTED)
    assert result.objective == pytest.approx(160)
    assert result.written is not None
    assert (result.written.source, result.written.objective) == (LOOSE, 165)
    assert result.formulation is not None and len(result.formulation.constraints) == 1


def test_a_rewrite_that_drops_something_is_refused() -> None:
    fails_late = PROGRAM.replace("value(model.bread)", "value(model.loaf)")
    robbed = PROGRAM.replace("model.oven = ", "oven = ")
    result, model = run([flat_reply(), fenced(fails_late), fenced(robbed), fenced(PROGRAM)])
    assert result.agreement is Agreement.CORROBORATED
    assert [p.adopted for p in record_of(result).programs] == [True, False, True]
    assert any("0 constraints where there were 1" in notice for notice in notices(result))
    assert model.requests[3].messages[-2].content == fenced(fails_late)
    assert (model.requests[2].temperature, model.requests[3].temperature) == (0.0, 0.7)


@pytest.mark.parametrize("before", [CRASHING, PROGRAM.replace("value(model.bread)", "value(loaf)")])
def test_a_rewrite_that_drops_a_number_of_the_text_is_refused(before: str) -> None:
    robbed = PROGRAM.replace("3 * model.bread + 8 *", "8 * model.bread + 8 *")
    result, model = run([flat_reply(), fenced(before), fenced(robbed), fenced(PROGRAM)])
    assert result.agreement is Agreement.CORROBORATED
    assert [p.adopted for p in record_of(result).programs] == [True, False, True]
    assert any('it dropped 3 ("' in notice for notice in notices(result))
    assert model.requests[3].messages[-2].content == fenced(before)


def test_a_number_that_the_judge_named_may_be_dropped() -> None:
    text = BAKERY + " An old loaf took 9 minutes."
    old = PROGRAM.replace("3 * model.bread", "max(3, 9) * model.bread")
    said = verdict(True, False) | {"analysis": "The 9 minutes of an old loaf play no part."}
    result, _ = run([flat_reply(), flat_reply(), fenced(old), said, fenced(PROGRAM)], text=text)
    assert result.agreement is Agreement.RECONCILED
    assert result.written is not None and result.written.source == PROGRAM


def test_an_answer_whose_scenarios_were_not_compared_is_not_proved() -> None:
    reply = indexed_reply(
        scenarios=[
            {
                "name": "long day",
                "changes": [{"parameter": "oven", "index": [], "value": 480}],
            }
        ]
    )
    text = BAKERY + " And what with 480 minutes?"
    program = PROGRAM.replace("report(", "report(longer=480, ")
    result, _ = run([reply, fenced(program)], text=text, form="indexed", small=True)
    assert result.scenarios[0].objective == pytest.approx(320)
    assert (result.level, result.agreement) == (Level.CHECKED, Agreement.CORROBORATED)
    assert "base case alone: of `long day`" in result.explanation
    both = PROGRAM.replace("report(", "report(oven=480, longer=320, ")
    result, _ = run([reply, fenced(both)], text=text, form="indexed", small=True)
    assert "every scenario's value too" in result.explanation


# --- samples --------------------------------------------------------------------------------------


def drawn(objective: float, level: Level) -> Result:
    return Result(run_id="r", text="t", status=Status.OPTIMAL, objective=objective, level=level)


@pytest.mark.parametrize(
    ("levels", "chosen"),
    [
        ([(1, Level.FEASIBLE), (2, Level.PROVED), (1, Level.FEASIBLE)], 2),
        ([(1, Level.CHECKED), (2, Level.PROVED), (1, Level.CHECKED)], 1),
        ([(1, Level.UNCHECKED), (2, Level.CHECKED), (3, Level.FEASIBLE)], 2),
        ([(1, Level.CHECKED), (2, Level.CHECKED), (3, Level.DISPUTED)], 1),
        ([(1, Level.FAILED), (2, Level.UNCHECKED), (1, Level.FAILED)], 2),
    ],
)
def test_draws_count_by_their_evidence(levels: list[tuple[float, Level]], chosen: float) -> None:
    result = choose_sample([drawn(objective, level) for objective, level in levels])
    assert result.objective == chosen
    assert "of 3 drawn formulations" in result.checks[-1].detail


def with_program(result: Result, objective: float, **given: Any) -> Result:
    written = WrittenAnswer(source="x", standing=Standing.OPTIMAL, objective=objective, **given)
    agreement = Agreement.DISPUTED if result.level is Level.DISPUTED else Agreement.SINGLE
    return result.model_copy(update={"written": written, "agreement": agreement})


@pytest.mark.parametrize(
    ("told", "flaws", "chosen", "groups"),
    [
        (2, (), 2, "(1: checked; 2: checked, a program)"),
        (1, (), 1, "(1: checked, a program; 2: checked)"),
        (2, ("it leaves out 3",), 1, "(1: checked; 2: checked)"),
        (7, (), 1, "(1: checked; 2: checked)"),
    ],
)
def test_a_program_counts_for_the_answer_that_it_has(
    told: float, flaws: tuple[str, ...], chosen: float, groups: str
) -> None:
    third = with_program(drawn(9, Level.DISPUTED), told, flaws=flaws)
    result = choose_sample([drawn(1, Level.CHECKED), drawn(2, Level.CHECKED), third])
    assert result.objective == chosen
    assert result.checks[-1].detail.endswith(groups)


def test_a_program_that_its_own_draw_agrees_with_is_not_counted_twice() -> None:
    proved = with_program(drawn(1, Level.PROVED), 1).model_copy(
        update={"agreement": Agreement.CORROBORATED}
    )
    result = choose_sample([proved, drawn(2, Level.CHECKED), drawn(2, Level.CHECKED)])
    assert result.objective == 2
    assert "1: proved; 2: checked, checked" in result.checks[-1].detail


def test_thorough_draws_both_routes_and_reports_the_groups() -> None:
    programs = [PROGRAM, PROGRAM, LOOSE]
    formulations = [flat_reply(), MISREAD, MISREAD]

    def reply(request: Request) -> ScriptedReply:
        if request.grammar:
            return formulations[request.sample]
        return fenced(programs[request.sample])

    text = BAKERY + " An older oven took 2 minutes."
    result, model = run(reply, text=text, effort="thorough", small=True)
    assert result.objective == pytest.approx(160)
    assert result.checks[-1].detail.startswith("1 of 3 drawn formulations give this answer")
    assert "160: proved" in result.checks[-1].detail
    assert any(a.sample == 1 for a in record_of(result).attempts)
    written = [r for r in model.requests if not r.grammar]
    assert [(r.sample, r.temperature) for r in written] == [(0, 0.0), (1, 0.7), (2, 0.7)]
    assert {p.sample for p in record_of(result).programs} == {0, 1, 2}


# --- the prompt -----------------------------------------------------------------------------------

# Computed by hand-written matrices with scipy's milp, and for the paddock by its derivative.
# The funds' by Lagrange's conditions, since none of them reaches a half.
OPTIMA = {"A pottery": 756.0, "Three printers": 4250.0, "A farmer": 1750.0, "Money": 6.21 / 293}
WORKED = [
    (library, problem, reply)
    for library, name in PROGRAM_PROMPT.items()
    for problem, reply in load_prompt(name).examples()
]


@pytest.mark.parametrize(("library", "problem", "reply"), WORKED)
def test_a_worked_program_gives_the_optimum(library: Library, problem: str, reply: str) -> None:
    (optimum,) = [best for start, best in OPTIMA.items() if problem.startswith(start)]
    assert reply.startswith("```python\n") and reply.endswith("\n```")
    source = strip_code(reply)
    assert faults(source) == []
    report = ProgramReport.model_validate(execute(source, 30.0))
    assert (report.outcome, report.status) == ("finished", "optimal")
    assert report.objective == pytest.approx(optimum, rel=1e-6)
    assert report.quantities
    # A linear library's prompt shows what to do with what is not linear.
    assert report.library == ("pyomo" if problem.startswith("A farmer") else library)
    assert program_numbers(problem, source, report.n_variables) == ProgramNumbers()


@pytest.mark.parametrize("library", PROGRAM_PROMPT)
def test_the_library_is_the_callers_choice(library: Library) -> None:
    result, model = run([flat_reply(), fenced(PROGRAM)], small=True, library=library)
    asked = model.requests[1]
    assert asked.messages[: asked.fixed] == load_prompt(PROGRAM_PROMPT[library]).fixed
    assert {"pyomo": "ConcreteModel", "cvxpy": "cp.Problem", "highspy": "highspy.Highs"}[
        library
    ] in asked.messages[0].content
    record = record_of(result)
    assert record.settings is not None and record.settings.library == library
    assert PROGRAM_PROMPT[library] in record.prompts


def test_a_library_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="'pulp'"):
        run([], library="pulp")


def test_the_programs_examples_are_none_of_the_formulations() -> None:
    other = {
        p for f in ("formulate_flat", "formulate_indexed") for p, _ in load_prompt(f).examples()
    }
    assert not other & {problem for _, problem, _ in WORKED}


def test_the_judges_schema_is_its_verdict() -> None:
    from optiwright.agent.judging import VERDICT_SCHEMA, Verdict

    assert list(Verdict.model_fields) == VERDICT_SCHEMA["required"]
    assert Verdict.model_validate_json(json.dumps(verdict(True, False))).formulation_right
