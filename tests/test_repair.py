"""A formulation with something wrong in it: what the model is told, what is kept, what refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

import optiwright
from optiwright.agent.evidence import Level
from optiwright.agent.llm import Request
from optiwright.agent.result import Status
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.agent_runs import (
    NEED,
    OVEN,
    SLOPPY,
    UNKNOWN,
    notices,
    record_of,
    run,
    told,
)
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    goal,
    indexed_reply,
    wire_constraint,
    wire_parameter,
)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("I am sorry, I cannot.", "no Python"),
        ('{"problem": "x", "variables": [{"name": "x"', "not complete JSON"),
        (flat_reply(variables=[flat_variable("bread", type="real")]), "`variables.0.type`"),
        (flat_reply(variables=[]), "no variables"),
        (flat_reply(objective=goal("maximize", "2*bread + (5*cake")), "2*bread + (5*cake"),
        (UNKNOWN, "`pastries`"),
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


# --- a small model drafts afresh ------------------------------------------------------------------

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


IDLE = DRAFT.format("# each loaf takes 3 minutes of oven\nrequire(oven >= 3*bread)\n"
                    "# at most 240 minutes of oven\nrequire(3*bread + 8*cake <= 240)")  # fmt: skip


def test_a_small_model_drafts_afresh_and_minds_what_was_found() -> None:
    model = small(IDLE, MINDFUL)
    result = optiwright.solve(BAKERY, model=model, route="compiled")
    assert result.objective == pytest.approx(160)
    first, second = model.requests
    assert [m.role for m in first.messages] == [m.role for m in second.messages]
    assert second.messages[:-1] == first.messages[:-1]
    asked = second.messages[-1].content
    assert asked.startswith(BAKERY)
    assert "`oven >= 3 * bread` holds whatever is decided" in asked


def test_a_limit_that_the_text_names_is_put_where_an_idle_one_stood_without_a_call() -> None:
    model = small(FORGETFUL)
    result = optiwright.solve(BAKERY, model=model, route="compiled")
    assert result.objective == pytest.approx(160)
    assert result.formulation is not None
    (assumption,) = result.formulation.assumptions
    assert '"There are 240" in the text limits `oven`' in assumption.text


CRATES = """Aachen has 120 crates, Bonn has 80. Dover needs 70, Essen 60. Freight per crate:

| | Dover | Essen |
|---|---|---|
| Aachen | 14 | 6 |
| Bonn | 12 | 5 |

What is the cheapest way?"""
CITIES = """```python
# decisions
aachen = continuous(0, None)  # crates from Aachen
bonn = continuous(0, None)  # crates from Bonn
dover = continuous(0, None)  # crates to Dover
essen = continuous(0, None)  # crates to Essen
# totals
freight = 14*aachen + 6*bonn + 12*dover + 5*essen  # euros
# objective: cheapest
minimize(freight)
# needs
require(dover >= 70)
require(essen >= 60)
```"""
REST = """dover = aachen_dover + bonn_dover  # crates to Dover
essen = aachen_essen + bonn_essen  # crates to Essen
freight = 14*aachen_dover + 6*aachen_essen + 12*bonn_dover + 5*bonn_essen  # euros
# objective: cheapest
minimize(freight)
# needs
require(dover >= 70)
require(essen >= 60)
```"""


def test_a_small_model_goes_on_from_the_pairs_and_then_from_the_limits() -> None:
    model = small(
        CITIES,
        REST,
        "120 >= aachen_dover + aachen_essen)\n",
        "bonn_dover + bonn_essen <= 80)\n",
    )
    result = optiwright.solve(CRATES, model=model, route="compiled")
    model.assert_played_out()
    assert result.objective == pytest.approx(70 * 12 + 10 * 5 + 50 * 6)
    begun = [r.messages[-1].content for r in model.requests[1:]]
    assert all(r.messages[-1].role == "assistant" for r in model.requests[1:])
    assert begun[0].endswith("bonn_essen = continuous(0, None)  # Bonn and Essen\n# totals\n")
    assert begun[1].endswith("# Aachen has 120 crates\nrequire(")
    assert begun[2].endswith("aachen_essen)\n# Bonn has 80\nrequire(")


def test_a_server_that_repeats_the_beginning_is_understood() -> None:
    def reply(request: Request) -> str:
        if request.messages[-1].role == "user":
            return CITIES.replace("require(essen >= 60)\n", "")
        begun = request.messages[-1].content
        return begun + (REST if begun.endswith("# totals\n") else "bonn_dover <= 80)\n")

    model = ScriptedModel(reply)
    model.small = True
    result = optiwright.solve(CRATES, model=model, route="compiled")
    assert result.formulation is not None
    assert {v.name for v in result.formulation.variables} == {
        "aachen_dover", "aachen_essen", "bonn_dover", "bonn_essen",
    }  # fmt: skip


def test_of_a_small_models_drafts_the_one_with_the_fewest_faults_is_kept() -> None:
    model = small(MINDFUL.replace("<= 25", "<= 26"), FORGETFUL, FORGETFUL)
    result = optiwright.solve(BAKERY, model=model, route="compiled")
    assert len(model.requests) == 3
    assert result.objective == pytest.approx(160)


def test_a_small_models_sound_draft_costs_one_call() -> None:
    model = small(MINDFUL)
    assert optiwright.solve(BAKERY, model=model, route="compiled").objective == pytest.approx(160)
