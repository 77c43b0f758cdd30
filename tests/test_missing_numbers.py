"""Numbers that a text does not give: said to be missing, not made up, given later; and rounding."""

from __future__ import annotations

import json
from typing import Any

import pytest

import optiwright
from optiwright.agent.evidence import Agreement, Level
from optiwright.formulators.changes import SetTo
from optiwright.formulators.model import Entry, Formulation, Given, Parameter
from optiwright.formulators.open_data import made_up_told, open_data
from optiwright.testing import ScriptedModel
from tests.test_clarify import fenced
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    indexed_reply,
    wire_constraint,
    wire_parameter,
)

PRICELESS = "A bakery makes bread and cakes. It has 240 minutes of oven. Which earn the most?"
MISSING = "Missing: what a loaf and a cake earn, and how long each takes."


def lacking(*profit: float) -> str:
    """The bakery's formulation, of a text that gives neither profits nor minutes."""
    return json.dumps(
        indexed_reply(
            parameters=[
                wire_parameter("profit", "Goods", *profit, meaning="profit of one"),
                wire_parameter("minutes", "Goods", 1, meaning="minutes of one"),
                wire_parameter("oven", "", 240, meaning="minutes of oven"),
            ],
            constraints=[wire_constraint("time", "sum(minutes[g]*make[g] for g in Goods) <= oven")],
            assumptions=[MISSING],
        )
    )


def stand_ins(request: Any) -> str:
    if "formulation" in request.messages[0].content:
        return lacking(1)
    return fenced(
        "from pyomo.environ import *\n"
        "model = ConcreteModel()\n"
        "model.make = Var(['bread', 'cake'], within=NonNegativeIntegers)\n"
        "model.limit = Constraint(expr=model.make['bread'] + model.make['cake'] <= 240)\n"
        "model.obj = Objective(expr=model.make['bread'] + model.make['cake'], sense=maximize)\n"
        "SolverFactory('highs').solve(model)\n"
        "report(objective=value(model.obj))"
    )


def test_an_answer_is_rounded_as_the_text_asks() -> None:
    text = BAKERY.replace("240", "241.5") + " Round the profit to the nearest ten euros."
    reply = flat_reply(
        variables=[flat_variable("bread", type="continuous"), flat_variable("cake", upper=25)],
        constraints=[flat_constraint("oven", "3*bread + 8*cake <= 241.5")],
    )
    result = optiwright.solve(text, model=ScriptedModel([reply]), form="flat", route="compiled")
    assert result.objective == pytest.approx(161)
    assert "**total profit (greatest): 161 euros (rounded as asked: 160).**" in result.explanation


@pytest.mark.parametrize("declared", [True, False])
def test_numbers_that_are_left_out_are_missing_and_none_are_made_up(declared: bool) -> None:
    reply = lacking() if declared else lacking().replace("Missing:", "Unknown:")
    model = ScriptedModel([reply] * (1 if declared else 2))
    result = optiwright.solve(PRICELESS, model=model, form="indexed", route="both")
    model.assert_played_out()  # no program is asked for, which would have to make them up
    if not declared:
        assert "`profit` (profit of one) has no values" in model.requests[1].messages[-1].content
    assert (result.level, result.status.value) == (Level.FAILED, "no formulation")
    assert result.missing == ("profit of one (`profit[Goods]`)",)
    assert "**Nothing was solved" in result.explanation and result.missing[0] in result.explanation
    assert result.formulation is not None


def test_numbers_that_were_only_forgotten_are_put_in_when_asked_for() -> None:
    whole = indexed_reply()
    first, *others = whole["parameters"]
    forgotten = whole | {"parameters": [first | {"values": []}, *others]}
    model = ScriptedModel([forgotten, whole])
    result = optiwright.solve(BAKERY, model=model, form="indexed", route="compiled")
    assert (result.missing, result.level, result.objective) == ((), Level.CHECKED, 160)


def test_a_word_such_as_missing_says_nothing_of_the_text() -> None:
    reply = indexed_reply(assumptions=["Missing pieces are not sold.", "Missing: none."])
    model = ScriptedModel([reply])
    result = optiwright.solve(BAKERY, model=model, form="indexed", route="compiled")
    assert (result.missing, result.level) == ((), Level.CHECKED)


def test_a_change_that_gives_what_was_missing_lets_the_answer_be_checked() -> None:
    said = MISSING.replace("a loaf", "a loaf (`oven`)")
    base = optiwright.solve(
        BAKERY,
        model=ScriptedModel([indexed_reply(assumptions=[said])]),
        form="indexed",
        route="compiled",
    )
    assert (base.level, base.missing) == (Level.UNCHECKED, (said,))
    other = base.apply([SetTo(parameter="profit", at=("bread",), value=3)]).result
    assert (other.level, other.missing) == (Level.UNCHECKED, (said,))
    known = base.apply([SetTo(parameter="oven", value=480)]).result
    assert (known.level, known.missing) == (Level.CHECKED, ())


def test_an_answer_on_stand_ins_is_unchecked_though_two_models_agree_on_them() -> None:
    result = optiwright.solve(PRICELESS, model=ScriptedModel(stand_ins), form="indexed")
    assert result.agreement is Agreement.CORROBORATED and result.objective == pytest.approx(240)
    assert (result.level, result.missing) == (Level.UNCHECKED, (MISSING,))
    assert "it rests on what the text does not give" in result.explanation


@pytest.mark.parametrize(
    ("meaning", "made_up"),
    [
        ("small weight, so that the rest is used only if it saves a bar", False),
        ("large enough number of minutes", False),
        ("big-M of the oven", False),
        ("weight of a small loaf", True),
        ("price of a large box", True),
    ],
)
def test_a_number_that_a_model_needs_for_its_own_sake_is_none_that_the_text_lacks(
    meaning: str, *, made_up: bool
) -> None:
    number = Parameter(
        name="w", description=meaning, data=Given(entries=(Entry(index=(), value=0.1),))
    )
    told = made_up_told(Formulation(parameters=(number,)), BAKERY)
    assert (told == (f'0.1 for "{meaning}"',)) is made_up


@pytest.mark.parametrize(
    ("said", "asked"), [("Call me if unclear.", False), ("The price of a box is unclear.", True)]
)
def test_what_is_asked_to_be_said_if_unclear_is_no_number(said: str, *, asked: bool) -> None:
    assert bool(list(open_data(Formulation(), f"{BAKERY} {said}"))) is asked
