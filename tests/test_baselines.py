"""Baselines: their prompts' programs run, answers are records, corrections and votes count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from optiwright.agent.errors import ProviderError
from optiwright.agent.evidence import Standing
from optiwright.agent.llm import Request
from optiwright.agent.prompting import load_prompt
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.records import EvaluationRecord, read_records
from optiwright.solver_tools.written_check import faults, strip_code
from optiwright.solver_tools.written_run import execute
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.evaluations import named, problem, run_made
from tests.wire_samples import BAKERY
from tests.written_programs import BAKERY_PROGRAM

PRINTED = BAKERY_PROGRAM[: BAKERY_PROGRAM.index("report(")] + (
    "print('Number of loaves:', value(model.bread))\nprint('Profit:', value(model.obj))\n"
)
"""The bakery as a baseline writes it: it prints, and knows no `report`."""
WRONG = PRINTED.replace("3 * model.bread", "2 * model.bread")
"""A misreading: 240."""
CRASHING = PRINTED.replace("model.cake <= 240", "model.cakes <= 240")
PROBLEM = problem(0, "160", text=BAKERY)


def fenced(source: str) -> str:
    return f"Here it is.\n\n```python\n{source}```\n"


def record_of(
    tmp_path: Path,
    method: str,
    replies: Sequence[ScriptedReply] | Callable[[Request], ScriptedReply],
    **given: Any,
) -> tuple[EvaluationRecord, ScriptedModel]:
    """The record of one problem answered by a baseline, every reply of which was asked for."""
    model = ScriptedModel(replies)
    made = given.pop("problem", PROBLEM)
    run_made(tmp_path, [made], model, method=METHODS[method], **given)
    model.assert_played_out()
    (record,) = read_records(next(tmp_path.iterdir()))
    return record, model


EXAMPLES = load_prompt("baseline_fewshot").examples()
# By enumeration, by enumeration, and 0.03 s^2 + 320 / s at s^3 = 320 / 0.06.
OPTIMA = {"A nursery": 1770.0, "A courier": 1960.0, "A box": 27.473}


@pytest.mark.parametrize(("text", "reply"), EXAMPLES)
def test_a_worked_example_runs_as_it_stands(text: str, reply: str) -> None:
    source = strip_code(reply)
    assert faults(source) == []
    report = execute(source, 30.0)
    assert report["outcome"] == "finished", report
    (optimum,) = [value for start, value in OPTIMA.items() if text.startswith(start)]
    assert report["objective"] == pytest.approx(optimum, rel=1e-4)


@pytest.mark.parametrize("method", ["direct", "fewshot", "cot"])
def test_one_program_is_asked_for_and_run_confined(tmp_path: Path, method: str) -> None:
    record, model = record_of(tmp_path, method, [fenced(PRINTED)])
    assert record.scores["strict"] is True and record.scores["equivalent"] is None
    assert record.method == method
    (program,) = record.run.programs
    assert program.adopted and program.protections and program.report is not None
    result = record.run.result
    assert result is not None and result.written is not None
    assert (result.level.value, result.written.standing) == ("unchecked", Standing.OPTIMAL)
    assert model.requests[0].messages[-1].content.find(BAKERY) >= 0
    assert set(record.run.prompts) == set(METHODS[method].prompts)
    assert result.usage.completion_tokens == record.run.calls[0].reply.completion_tokens  # type: ignore[union-attr]


@pytest.mark.parametrize("method", ["direct", "cot", "llmopt"])
def test_without_an_example_the_lines_of_a_program_are_given(tmp_path: Path, method: str) -> None:
    elements = ["## Sets:\nnone"] if method == "llmopt" else []
    _, model = record_of(tmp_path, method, [*elements, fenced(PRINTED)])
    frame = strip_code(model.requests[-1].messages[-1].content)
    decision, objective, limit = re.findall(r"# .+?: (model\..+?)(?=, or |$)", frame, re.MULTILINE)
    filled = {
        decision: "model.bread = Var(within=NonNegativeReals)\n"
        "model.cake = Var(within=NonNegativeReals)",
        objective: objective.replace("<expression>", "2 * model.bread + 3 * model.cake"),
        limit: limit.replace("<name>", "oven").replace(
            "<expression> <= <number>", "model.bread + 2 * model.cake <= 10"
        ),
    }
    assert decision == "model.<name> = Var(within=NonNegativeReals)"
    lines = [
        next((filled[form] for form in filled if form in line), line) for line in frame.splitlines()
    ]
    report = execute("\n".join(lines), 30.0)
    assert report["outcome"] == "finished" and report["objective"] == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("reply", "ran"),
    [(fenced(WRONG), True), (fenced(CRASHING), False), ("I cannot say.", False)],
)
def test_a_wrong_or_broken_program_is_a_record_too(tmp_path: Path, reply: str, ran: bool) -> None:
    record, _ = record_of(tmp_path, "direct", [reply])
    assert record.scores["strict"] is False
    assert (record.claim.objective is not None) is ran
    assert record.run.programs[0].complaints == () or not ran


def test_quantities_are_read_off_what_a_program_printed_or_decided(tmp_path: Path) -> None:
    made = problem(0, text=BAKERY, label=named(2, Staple="80", Sweet="0", Profit="160"))

    def reply(request: Request) -> ScriptedReply:
        if request.schema_name == "expressions":
            return {"expressions": ["Number_of_loaves", "cake"]}
        return fenced(PRINTED)

    record, model = record_of(tmp_path, "direct", reply, problem=made, quantities=True)
    assert record.mapping is not None
    assert record.mapping.values() == {"Staple": 80.0, "Sweet": 0.0, "Profit": 160.0}
    assert "- `Number_of_loaves`: Number of loaves" in model.requests[1].messages[-1].content


def test_llmopt_formulates_first_and_programs_from_that(tmp_path: Path) -> None:
    record, model = record_of(tmp_path, "llmopt", ["## Sets:\nnone", fenced(PRINTED)])
    assert record.scores["strict"]
    assert "## Sets:\nnone" in model.requests[1].messages[-1].content
    assert BAKERY not in model.requests[1].messages[-1].content


def judged(elements: bool, code: bool, analysis: str = "") -> str:
    return f"The five-element is [{elements}].\nThe code is [{code}].\nAnalysis: {analysis}"


def test_self_correction_does_again_what_is_judged_wrong(tmp_path: Path) -> None:
    replies = [
        "first elements", fenced(WRONG), judged(True, False, "bread takes 3 minutes"),
        fenced(CRASHING), judged(False, True, "the oven is missing"),
        "second elements", fenced(PRINTED), judged(True, True),
    ]  # fmt: skip
    record, model = record_of(tmp_path, "llmopt-correct", replies, rounds=12)
    assert record.scores["strict"]
    assert [p.adopted for p in record.run.programs] == [False, False, True]
    asked = [r.messages[-1].content for r in model.requests]
    assert "objective: 240" in asked[2]
    assert "bread takes 3 minutes" in asked[3] and "first elements" in asked[3]
    assert "cakes" in asked[4]  # the error of the run is shown
    assert "the oven is missing" in asked[5] and BAKERY in asked[5]
    assert "second elements" in asked[6]
    assert [r.temperature for r in model.requests] == [0, 0, 0, 0.7, 0, 0.7, 0.7, 0]


def test_a_judge_without_the_form_is_taken_by_whether_the_code_ran(tmp_path: Path) -> None:
    replies = [
        "elements", fenced(CRASHING), "The cakes are read from a table that is not there.",
        fenced(PRINTED), "All of it looks fine to me.",
    ]  # fmt: skip
    record, model = record_of(tmp_path, "llmopt-correct", replies, rounds=12)
    assert record.scores["strict"]
    assert "a table that is not there" in model.requests[3].messages[-1].content


def test_self_correction_ends_with_its_rounds(tmp_path: Path) -> None:
    def reply(request: Request) -> ScriptedReply:
        asked = str(request.messages[0].content)
        return judged(True, False) if "You judge" in asked else fenced(WRONG)

    record, model = record_of(tmp_path, "llmopt-correct", reply, rounds=2)
    assert len(record.run.programs) == 3
    assert len(model.requests) == 2 + 2 * 2


@pytest.mark.parametrize(
    ("sources", "value"),
    [
        ([WRONG, PRINTED, PRINTED], 160),
        ([CRASHING, CRASHING, PRINTED], 160),  # what came to nothing has no vote
        ([WRONG, PRINTED, CRASHING], 240),  # of equals the first
        ([CRASHING, CRASHING, CRASHING], None),
    ],
)
def test_the_majority_answers(tmp_path: Path, sources: list[str], value: float | None) -> None:
    record, model = record_of(tmp_path, "majority", list(map(fenced, sources)), votes=3)
    assert record.claim.objective == value
    assert sum(p.adopted for p in record.run.programs) == 1
    assert [(r.sample, r.temperature) for r in model.requests] == [(0, 0), (1, 0.7), (2, 0.7)]


def test_an_outage_in_mid_method_keeps_what_was_asked(tmp_path: Path) -> None:
    gone = ProviderError("gone", kind="timeout")
    record, _ = record_of(tmp_path, "llmopt", ["elements", gone])
    assert record.run.error is not None and record.run.result is None
    assert [c.reply is not None for c in record.run.calls] == [True, False]


def test_a_baseline_learns_nothing_of_the_label(tmp_path: Path) -> None:
    made = problem(0, "160.125", text=BAKERY)
    for method in ("direct", "fewshot", "cot"):
        _, model = record_of(tmp_path / method, method, [fenced(PRINTED)], problem=made)
        assert "160.125" not in str(model.requests)
