"""Whose an infeasible model is: the honest answer stands, the model's mistake is mended."""

from __future__ import annotations

import json

import pytest

import optiwright
from optiwright.agent.attempts import lost_data, lost_parts
from optiwright.agent.evidence import Level
from optiwright.agent.result import Status
from optiwright.formulators.conflict_origin import Origin, origin_of
from optiwright.formulators.lift import lift
from optiwright.formulators.loosening import loosened
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Algebraic, Formulation, Variable
from optiwright.formulators.wire import Form, read_wire
from optiwright.testing import ScriptedModel
from tests.agent_runs import notices, run, told
from tests.infeasible_problems import PROBLEMS, Impossible, Reply, Twin, but

TWINS = {name: p.twin for name, p in PROBLEMS.items() if p.twin is not None}
CHEATS = {
    f"{name}-{k}": (p, cheat) for name, p in PROBLEMS.items() for k, cheat in enumerate(p.cheats)
}
OWN = "Every number in the conflict is the text's own."


def test_there_are_enough_of_each() -> None:
    assert len(PROBLEMS) >= 12
    assert 2 * len(TWINS) >= len(PROBLEMS)


@pytest.mark.parametrize("name", PROBLEMS)
def test_an_honest_infeasible_answer_stands_after_one_doubt(name: str) -> None:
    problem = PROBLEMS[name]
    result, model = run([problem.right, problem.right], text=problem.text, form=problem.form)
    assert (result.status, result.level) == (Status.INFEASIBLE, Level.CHECKED)
    for words in problem.conflict:
        assert any(words in line for line in result.conflict), result.conflict
        assert words in told(model, 1) or "can never hold" in told(model, 1)
        assert words in result.explanation
    assert "unchanged" in told(model, 1)
    assert OWN in result.conflict_note
    assert OWN in result.explanation
    assert result.explanation.index("optiwright repairs") > result.explanation.index(OWN)


@pytest.mark.parametrize("case", CHEATS)
def test_a_repair_that_only_loosens_the_text_changes_nothing(case: str) -> None:
    problem, cheat = CHEATS[case]
    result, _ = run([problem.right, cheat], text=problem.text, form=problem.form)
    assert result.status is Status.INFEASIBLE
    assert OWN in result.conflict_note
    # A sign that the words contradict is turned back before anything is asked.
    turned_back = any(a.text.startswith('"at ') for a in lifted(cheat, problem).assumptions)
    assert turned_back or any("refused" in notice for notice in notices(result))


@pytest.mark.parametrize("case", CHEATS)
def test_what_a_repair_loosens_is_said(case: str) -> None:
    problem, cheat = CHEATS[case]
    before = lifted(problem.right, problem)
    names = [c.name for c in before.constraints]
    after = lifted(cheat, problem, mended=False)
    assert [
        *loosened(problem.text, before, after, names),
        *lost_parts(before, after),
        *lost_data(problem.text, before, after),
    ]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("staff-0", "left out the limit 9"),
        ("staff-2", "brought in the decision `shortage`"),
        ("purchases-1", 'the text says "at least 40", but it wrote `desks <= 40`'),
        ("purchases-2", "brought in 700"),
        ("ratios-0", "left out the limit 50"),
        ("protein-0", "made `energy` a mere preference"),
        ("protein-1", "left out the limit 500"),
        ("leaders-0", "left out the limit 3"),
        ("flour-0", "brought in the decision `unmet`"),
    ],
)
def test_each_way_of_loosening_is_named(case: str, said: str) -> None:
    problem, cheat = CHEATS[case]
    before, after = lifted(problem.right, problem), lifted(cheat, problem, mended=False)
    names = [c.name for c in before.constraints]
    assert any(said in line for line in loosened(problem.text, before, after, names))


@pytest.mark.parametrize("name", TWINS)
def test_mending_a_mistake_is_no_loosening(name: str) -> None:
    twin = TWINS[name]
    wrong, mended = (
        lift(read_wire(json.dumps(r), Form(twin.form)), twin.text)
        for r in (twin.wrong, twin.mended)
    )
    assert loosened(twin.text, wrong, mended, [c.name for c in wrong.constraints]) == []


def lifted(reply: Reply, problem: Impossible, *, mended: bool = True) -> Formulation:
    formulation = lift(read_wire(json.dumps(reply), Form(problem.form)), problem.text)
    return mend(formulation, problem.text) if mended and problem.form == "flat" else formulation


@pytest.mark.parametrize("name", TWINS)
def test_a_formulation_at_fault_is_told_the_conflict_and_mended(name: str) -> None:
    twin = TWINS[name]
    result, model = run([twin.wrong, twin.mended], text=twin.text, form=twin.form)
    for words in twin.told:
        assert words in told(model, 1), told(model, 1)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(twin.optimum)
    assert (result.conflict, result.conflict_note) == ((), "")


@pytest.mark.parametrize("name", ["staff", "purchases", "parity", "land"])
def test_a_fault_that_shows_is_not_offered_as_the_texts_own(name: str) -> None:
    twin: Twin = TWINS[name]
    result, model = run([twin.wrong, twin.wrong], text=twin.text, form=twin.form)
    assert "unchanged" not in told(model, 1)
    assert result.status is Status.INFEASIBLE
    assert OWN not in result.conflict_note
    assert "The formulation may be at fault" in result.explanation


def test_a_small_models_new_draft_does_not_loosen_an_honest_conflict() -> None:
    problem = PROBLEMS["land"]
    loose = but(problem.right, "land", "wheat + corn <= 75")
    model = ScriptedModel([problem.right, loose])
    model.small = True
    result = optiwright.solve(problem.text, model=model, form="flat", route="compiled")
    assert result.status is Status.INFEASIBLE
    assert any("refused" in notice for notice in notices(result))


@pytest.mark.parametrize(
    ("sentence", "expression", "origin"),
    [
        ("at most 9 nurses", "staff <= 9", Origin.TEXT),
        ("at most 17 nurses", "staff <= 17", Origin.FORMULATION),
        ("violins", "violins <= 9", Origin.OPEN),
        ("nothing", "staff <= violins", Origin.OPEN),
    ],
)
def test_a_number_is_the_texts_own_only_beside_its_words(
    sentence: str, expression: str, origin: Origin
) -> None:
    text = "There are 9 nurses on the staff."
    formulation = Formulation(
        variables=(Variable(name="staff"), Variable(name="violins")),
        constraints=(Algebraic(name="rule", description=sentence, expression=expression),),
    )
    assert origin_of(formulation, text, ["rule"]).origin is origin
    assert origin_of(formulation, "", ["rule"]).origin is Origin.OPEN
