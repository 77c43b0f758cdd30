"""What a text is taken for: a sequence of deeds, or a problem of amounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from optiwright.evaluation.overlap import known_texts
from optiwright.formulators.problem_kind import ProblemKind, kind_of
from tests.plan_runs import FERRY

EXAMPLES = sorted(
    path
    for path in (Path(__file__).parents[1] / "examples").rglob("*.txt")
    if path.name not in {"ferry.txt", "pump.txt", "turns.txt"}
)

PLANS = {
    "farmer": "A farmer has to bring a wolf, a goat and a cabbage across a river. The boat is at "
    "the left bank and can carry the farmer and one of them. The wolf must not be left alone with "
    "the goat, nor the goat with the cabbage. What are the fewest crossings?",
    "pegs": "There are three pegs and three discs. At the start all discs are on the left peg, the "
    "largest at the bottom. You can move the top disc of a peg onto another peg, but never onto a "
    "smaller disc. All discs should end up on the right peg. In how few moves?",
    "boxes": "A robot is at the dock. Boxes b1 and b2 are in the store. The robot can go from a "
    "room to the next, pick up a box if it carries none, and put it down. In the end all boxes "
    "should be in the dock. What should the robot do?",
    "jugs": "You have a 5 litre jug and a 3 litre jug, both empty, and a tap. You can fill a jug, "
    "empty a jug, or pour one into the other until one is full or empty. In the end exactly 4 "
    "litres should be in the larger jug. What are the fewest steps?",
    "bridge": "Four people want to get across a bridge at night with one torch. At first all are "
    "on the left side. At most two can cross at a time, and they need the torch. Anna needs 1 "
    "minute, Ben 2, Carl 5, Dora 10. Goal: all on the right side in the least time.",
    "towers": "The arm can pick up a clear block from the table, put it down, stack it on a clear "
    "block or take it off one, one block at a time. a is on top of b, b is on the table, c is on "
    "the table, a and c are clear. Your goal is to move the blocks. b should be on top of c.",
    "ferry": FERRY,
}
MODELS = {
    "amounts": "We make desks and chairs. A desk earns 45 and a chair 13. We have 40 hours of work "
    "and can sell at most 20 chairs. Our goal is the largest profit.",
    "machines": "A machine can be moved one at a time; it is in hall A now and should be in hall B "
    "at the end. Moving costs $40, waiting $3 per day, and the budget is 400. Minimize the cost.",
    "no goal": "You can move a chair from one room to another. It is in the hall now.",
    "no deeds": "The goal is that all boxes are on the shelf. At first they are on the floor.",
}


@pytest.mark.parametrize("name", PLANS)
def test_a_text_that_tells_of_deeds_asks_for_a_plan(name: str) -> None:
    assert kind_of(PLANS[name]) is ProblemKind.PLAN


@pytest.mark.parametrize("name", MODELS)
def test_in_doubt_it_is_a_problem_of_amounts(name: str) -> None:
    assert kind_of(MODELS[name]) is ProblemKind.MODEL


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_examples_of_amounts_stay_what_they_are(path: Path) -> None:
    assert kind_of(path.read_text("utf-8")) is ProblemKind.MODEL


@pytest.mark.skipif(
    "OPTIWRIGHT_TEST_DATA" not in os.environ, reason="no benchmark files (OPTIWRIGHT_TEST_DATA)"
)
def test_no_benchmarks_problem_of_amounts_is_taken_for_a_plan() -> None:
    problems = known_texts(Path(os.environ["OPTIWRIGHT_TEST_DATA"])).problems
    told = [p for p in problems if kind_of(p.text) is not ProblemKind.MODEL]
    assert [p.id for p in told if "planning" not in p.benchmark] == []
    assert len(problems) > 0
