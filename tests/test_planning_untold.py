"""A plan's formulation that leaves out what its text speaks of is doubted, in words."""

from __future__ import annotations

import pytest

import optiwright
from optiwright.agent.evidence import Level
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_lines import read_planning
from optiwright.formulators.planning_untold import untold
from optiwright.testing import ScriptedModel
from tests.plan_runs import FERRY, LINES

LEFT_OUT = """\
kind van, pier
object baker, plumber: van
object north_haven, mill_quay, old_stairs: pier
fact at(who: van, spot: pier)  # who is at spot
action roll(who: van, here: pier, there: pier)  # who rolls from here to there
  needs at(who, here), here != there
  makes at(who, there)
  ends at(who, here)
start at(baker, mill_quay), at(plumber, old_stairs)
goal at(baker, old_stairs), at(plumber, north_haven)
least steps
"""


def drawn(lines: str) -> Planning:
    planning, _ = read_planning(lines)
    assert planning is not None
    return planning


def test_what_a_text_says_again_and_again_and_lines_never_do_is_named() -> None:
    (found,) = untold(FERRY, drawn(LEFT_OUT))
    assert "`ferry`" in found.message and found.where == "the text"
    assert untold(FERRY, drawn(LINES)) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "The lorry is here. Lorries are red. A lorry, a lorry. " + "baker baker baker baker ",
            True,
        ),
        (
            "The lorry is here. Lorries are red. A lorry. " + "baker baker baker baker ",
            False,
        ),  # thrice
        ("Rolling vans roll on; all vans rolled; a van rolls. Roll the van! ", False),
        ("The step, that step, a step, each step. " + "baker baker baker baker ", False),
        ("Ein Boot, zwei Boote, das Boot, kein Boot. ", False),  # in other words altogether
        ("", False),
    ],
)
def test_few_words_endings_and_other_languages_are_no_doubt(text: str, named: bool) -> None:
    assert bool(untold(text, drawn(LEFT_OUT))) is named


def test_the_answer_says_that_the_checks_speak_against_it() -> None:
    model = ScriptedModel([LEFT_OUT])
    result = optiwright.solve(FERRY, model=model, route="compiled", effort="quick")
    assert result.level is Level.CHECKED and result.objective == 2
    assert any("`ferry`" in check.detail and not check.passed for check in result.checks)
    assert "Something of the checks is not met" in result.explanation
    sound = optiwright.solve(FERRY, model=ScriptedModel([LINES]), route="compiled", effort="quick")
    assert "is not met" not in sound.explanation


def test_a_formulation_that_was_given_is_held_against_no_text() -> None:
    result = optiwright.solve(drawn(LEFT_OUT))
    assert all(check.passed for check in result.checks)
