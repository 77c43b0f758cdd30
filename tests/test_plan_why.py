"""Why a step of a plan, and why not another: the opposite is solved, not made up."""

from __future__ import annotations

from functools import cache

import pytest

import optiwright
from optiwright import UserError
from optiwright.agent.plan_questions import read_asked
from optiwright.agent.plan_why import PlanWhy
from optiwright.agent.result import Result
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_checks import check_planning
from optiwright.formulators.planning_lines import read_planning
from optiwright.formulators.planning_opposite import Deed, with_deed, without
from optiwright.solver_tools.plan_outcome import PlanStatus, PlanStep
from optiwright.solver_tools.plan_simulation import simulate
from tests.plan_runs import LINES, NO_LANDING
from tests.searches_by_hand import searched


def planning(lines: str = LINES) -> Planning:
    found, _ = read_planning(lines)
    assert found is not None
    return found


@cache
def ferry() -> Result:
    return optiwright.solve(planning(), solver="cp-sat")


def why(question: str) -> PlanWhy:
    answer = ferry().why(question, solver="cp-sat")
    assert isinstance(answer, PlanWhy)
    return answer


@pytest.mark.parametrize(
    ("question", "cost", "words"),
    [
        ("Why is step 4 needed?", None, "no plan reaches the goal"),
        ("Why sail to Mill Quay first?", 1, "8 steps instead of 7 steps"),
        ("Why not sail to Old Stairs first?", 1, "`sail(..., old_stairs)` as the first step"),
        ("Why don't we land the baker's van at North Haven?", 3, "10 steps instead of 7 steps"),
        ("why not board the plumber first?", None, "It cannot be: with `board(plumber, ...)`"),
    ],
)
def test_the_opposite_is_solved(question: str, cost: float | None, words: str) -> None:
    found = why(question)
    assert found.holds and found.cost == cost
    assert words in found.answer
    assert found.opposite is not None
    if cost is None:
        assert found.opposite.status is PlanStatus.IMPOSSIBLE
        return
    # The other plan stands in the formulation's own names, and can be carried out.
    assert simulate(planning(), found.opposite.steps).valid
    assert len(found.opposite.steps) == 7 + cost
    assert "**That plan**" in found.answer


def test_a_step_is_said_to_make_what_later_steps_and_the_goal_need() -> None:
    found = why("why step 4?")
    assert "Step 4 brings about what later steps need: the ferry is empty (step 5)." in found.answer
    assert "Of the goal it brings about that the baker's van stands at Old Stairs." in found.answer


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Why not sail to Mill Quay first?", "the plan does it, in step 1"),
        ("Why sail to Old Stairs first?", "the plan begins otherwise, with Sail from North Haven"),
        ("Why land the plumber's van at Mill Quay?", "no step of the plan does that"),
    ],
)
def test_what_a_question_presumes_wrongly_is_said(question: str, words: str) -> None:
    found = why(question)
    assert not found.holds and found.opposite is None
    assert words in found.answer


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Why is the weather bad?", "names no step"),
        ("Why step 12?", "there is no step 12: the plan has 7"),
        ("Why step 0?", "there is no step 0"),
    ],
)
def test_a_question_about_no_step_is_refused_with_what_there_is(question: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        why(question)
    assert caught.value.remedy


def test_where_there_is_no_plan_there_is_no_step_to_ask_about() -> None:
    with pytest.raises(UserError, match="no plan whose steps"):
        optiwright.solve(planning(NO_LANDING)).why("why step 1?")


def test_an_equally_good_plan_without_a_step_is_no_difference() -> None:
    goal = "stands_at(baker, old_stairs), stands_at(plumber, north_haven)"
    lines = LINES.replace(f"goal {goal}", "goal lies_at(old_stairs)")
    lines = lines.replace("least steps", "least cost")
    lines = lines.replace("  ends lies_at(here)\n", "  ends lies_at(here)\n  cost 0\n", 1)
    result = optiwright.solve(planning(lines))
    assert result.objective == 0
    found = result.why("why step 1?")
    assert isinstance(found, PlanWhy)
    assert found.cost == 0 and "It makes no difference" in found.answer


# --- what a question is about ---------------------------------------------------------------------


def asked(question: str) -> set[Deed]:
    plan = ferry().plan
    assert plan is not None
    return set(read_asked(planning(), plan.outcome.steps, question).deeds)


def test_objects_stand_where_the_words_put_them() -> None:
    assert asked("why not sail from Mill Quay to North Haven?") == {
        Deed("sail", ("mill_quay", "north_haven"))
    }
    assert asked("why not sail to north_haven?") == {Deed("sail", (None, "north_haven"))}
    assert asked("why is the baker's van boarded?") == {Deed("board", ("baker", None))}
    assert asked("why anything with the plumber?") == {
        Deed("board", ("plumber", None)), Deed("land", ("plumber", None))
    }  # fmt: skip


# --- the changed formulations ---------------------------------------------------------------------


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("make", [with_deed, without])
@pytest.mark.parametrize(
    "deeds",
    [
        [Deed("sail", ("north_haven", None))],
        [Deed("sail", (None, None))],
        [Deed("board", ("baker", None)), Deed("land", ("plumber", "north_haven"))],
    ],
)
def test_the_opposite_is_a_sound_formulation(
    make: type[object], deeds: list[Deed], first: bool
) -> None:
    changed = make(planning(), deeds, first=first)  # type: ignore[call-arg]
    own = planning()
    assert not [f for f in check_planning(changed.planning) if f.severity == "error"]  # type: ignore[attr-defined]
    names = [a.name for a in changed.planning.actions]  # type: ignore[attr-defined]
    assert len(set(names)) == len(names)
    assert set(changed.copies.values()) <= {a.name for a in own.actions}  # type: ignore[attr-defined]


def test_names_of_the_formulation_are_not_taken_twice() -> None:
    lines = LINES.replace("fact empty", "fact barred\nfact begun\nfact empty")
    changed = without(planning(lines), [Deed("sail", ("north_haven", None))], first=True)
    facts = [f.name for f in changed.planning.facts]
    assert len(set(facts)) == len(facts)


def test_a_forbidden_first_step_can_be_taken_later() -> None:
    changed = without(planning(), [Deed("sail", ("north_haven", "mill_quay"))], first=True)
    out = PlanStep(action="sail", arguments=("north_haven", "old_stairs"))
    back = PlanStep(action="sail", arguments=("old_stairs", "north_haven"))
    again = PlanStep(action="sail", arguments=("north_haven", "mill_quay"))
    later = PlanStep(action="sail_later", arguments=("north_haven", "mill_quay"))
    assert simulate(changed.planning, [again]).steps[0].unmet
    assert simulate(changed.planning, [later]).steps[0].unmet
    assert not simulate(changed.planning, [out, back, later]).steps[2].unmet
    assert changed.copies == {"sail_later": "sail"}


def test_a_search_has_no_decisions_to_ask_about() -> None:
    with pytest.raises(UserError, match="a search of a function has no decisions"):
        searched().why("Why is x not 0?")
