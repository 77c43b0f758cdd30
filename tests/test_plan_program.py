"""What a program prints is a plan or a sentence on what is wrong, and its names are matched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.agent.planning_matching import matched
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_lines import read_planning
from optiwright.solver_tools.plan_outcome import PlanStep
from optiwright.solver_tools.plan_program import MOST_STEPS, execute, read_printed
from optiwright.solver_tools.plan_simulation import simulate
from tests.plan_runs import LINES, STEPS


def step(action: str, *objects: str) -> str:
    return json.dumps({"action": action, "objects": objects})


def test_a_printed_plan_is_read_among_other_lines() -> None:
    printed = "\n".join(
        ["searching", step("a", "x"), "{not json", step("b"), '{"result": "found"}']
    )
    report = read_printed(printed)
    assert report.claim == "found" and not report.error
    assert [str(s) for s in report.steps] == ["a(x)", "b()"]


def test_steps_without_a_result_are_a_plan_that_was_found() -> None:
    assert read_printed(step("a")).claim == "found"


def test_of_several_plans_the_last_counts() -> None:
    first = "\n".join([step("a"), '{"result": "found"}', step("b"), '{"result": "optimal"}'])
    assert [str(s) for s in read_printed(first).steps] == ["b()"]


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("7 steps", "printed no plan"),
        ("", "printed no plan"),
        ('{"result": "best"}', '"best"'),
        (step("a") + '\n{"result": "impossible"}', "print one of both"),
        ('{"action": 3}', "is no step"),
        ('{"action": "a", "objects": 4}', "is no step"),
        ("\n".join([step("a")] * (MOST_STEPS + 1)), "more than 2,000"),
    ],
)
def test_what_is_wrong_with_it_is_said(printed: str, words: str) -> None:
    report = read_printed(printed)
    assert report.claim is None and words in report.error


@given(st.text())
def test_anything_may_be_printed(printed: str) -> None:
    report = read_printed(printed)
    assert (report.claim is None) == bool(report.error)


def test_a_program_that_fails_is_data_with_its_line() -> None:
    report = execute("x = 1\nx.plan()\n", 10)
    assert report["claim"] is None and "Line 2" in report["error"]
    assert execute("print('{", 10)["syntax"]


def test_a_plan_that_was_printed_before_an_error_stands() -> None:
    source = f'print({step("a")!r})\nprint(\'{{"result": "optimal"}}\')\nraise SystemExit(3)\n'
    assert execute(source, 10)["claim"] == "optimal"


# --- names ----------------------------------------------------------------------------------------


def planning(lines: str = LINES) -> Planning:
    found, _ = read_planning(lines)
    assert found is not None
    return found


def steps(*told: tuple[str, list[str]]) -> list[PlanStep]:
    return [PlanStep(action=a, arguments=tuple(o)) for a, o in told]


def test_names_are_matched_loosely() -> None:
    found, unmatched = matched(planning(), steps(*STEPS))
    assert unmatched == ()
    assert simulate(planning(), found).valid
    assert str(found[1]) == "board(baker, mill_quay)"


def test_objects_in_another_order_and_places_that_are_not_named_are_found() -> None:
    told = [
        ("go", ["mill-quay"]),
        ("load", ["mill-quay", "Baker"]),
        ("go", ["old-stairs"]),
        ("unload", ["old-stairs", "Baker"]),
        ("load", ["old-stairs", "Plumber"]),
        ("go", ["north-haven"]),
        ("unload", ["north-haven", "Plumber"]),
    ]
    found, unmatched = matched(planning(), steps(*told))
    assert unmatched == () and simulate(planning(), found).valid
    assert str(found[0]) == "sail(north_haven, mill_quay)"


def test_an_object_that_there_is_none_of_is_not_matched() -> None:
    found, unmatched = matched(planning(), steps(("sail", ["harbour", "island"])))
    assert found == () and "`sail(harbour, island)`" in unmatched[0]


def test_a_plan_that_cannot_be_carried_out_is_told_as_its_names_say() -> None:
    found, _ = matched(planning(), steps(*STEPS[1:]))
    done = simulate(planning(), found)
    assert str(found[0]) == "board(baker, mill_quay)"
    assert done.steps[0].unmet == ("lies_at(mill_quay)",)


def test_one_action_of_a_program_is_one_action_throughout() -> None:
    told = steps(("x", ["Baker", "Mill Quay"]), ("x", ["Baker", "Old Stairs"]))
    found, _ = matched(planning(), told)
    assert len({s.action for s in found}) == 1
