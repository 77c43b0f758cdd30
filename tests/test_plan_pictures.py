"""A plan drawn: its cards, what stands on what, who acts when, how amounts move."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.agent.kind_tables import plan_table
from optiwright.agent.picture_plan import amounts, lanes
from optiwright.agent.picture_stacks import Stacks, fitted
from optiwright.agent.picture_storyboard import storyboard
from optiwright.agent.pictures import Picture, pictures_of
from optiwright.agent.plan_states import carried_out, parents_in, states_of, tree_of
from optiwright.agent.result import PlanAnswer, Result, Status
from optiwright.agent.svg import width_of
from optiwright.solver_tools.plan_outcome import PlanStatus
from tests.plans_by_hand import BLOCKS, BRIDGE, DELIVERY, JUGS, PARCELS, hand_made, steps_of
from tests.test_tried import assert_readable_plot

SVG = "{http://www.w3.org/2000/svg}"


def shown(picture: Picture) -> list[str]:
    return [t.text or "" for t in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def cards(picture: Picture) -> list[list[str]]:
    """What stands on each card, its title first, boxes left out; two cards are side by side."""
    root = ET.fromstring(picture.svg)
    frames = [r for r in root.iter(f"{SVG}rect") if r.get("rx") == "4"]
    found: list[list[str]] = []
    for frame in frames:
        x, y, w, h = (float(frame.get(k) or 0) for k in ("x", "y", "width", "height"))
        inside = [
            t.text or ""
            for t in root.iter(f"{SVG}text")
            if x <= float(t.get("x") or 0) <= x + w and y <= float(t.get("y") or 0) <= y + h
            if t.get("text-anchor") != "middle"
        ]
        found.append(inside)
    return found


def board(plan: PlanAnswer) -> Picture:
    picture = storyboard(plan)
    assert picture is not None
    assert_readable_plot(picture.svg)
    return picture


# --- the storyboard -------------------------------------------------------------------------------


def test_a_card_tells_what_its_step_made_true_and_ended() -> None:
    first, *steps, goal = cards(board(hand_made(PARCELS)))
    assert first == ["Start"]  # where things stand is drawn
    assert steps[0] == ["1. V1 goes from Ulm to Hof", "+", "v1 is in Hof", "\u2212", "v1 is in Ulm"]
    assert steps[1][:2] == ["2. Red is put into v1 at", "Hof"]
    assert steps[1][2:] == ["+", "aboard(red, v1)", "\u2212", "red is in Hof"]
    assert goal == ["The goal", "\u2713", "red is in Ulm", "\u2713", "blue is in Ulm"]
    assert len(steps) == 8


def test_amounts_and_costs_are_on_the_cards() -> None:
    found = cards(board(hand_made(JUGS)))
    assert found[0] == ["Start", "water(five) = 0 litres", "water(three) = 0 litres"]
    assert found[2][1:] == ["water(five) = 2 litres", "water(three) = 3 litres"]
    assert found[-1] == ["The goal", "\u2713", "water(five) == 4"]


def test_a_step_that_cannot_be_taken_and_a_goal_that_is_missed_are_marked() -> None:
    plan = hand_made((BLOCKS[0], "take(b, a) put(a, c)"))
    found = cards(board(plan))
    assert found[2] == ["2. put(a, c)", "\u00d7", "needs held(a)"]
    assert found[-1] == ["Of the goal", "\u00d7", "on(a, b)", "\u00d7", "on(b, c)"]


def test_of_an_impossible_goal_the_part_that_can_be_reached_is_drawn() -> None:
    plan = hand_made(PARCELS)
    outcome = plan.outcome.model_copy(
        update={
            "status": PlanStatus.IMPOSSIBLE,
            "steps": (),
            "reached": ("in_town(red, Ulm)",),
            "reached_by": steps_of("drive(v1, Ulm, Hof)"),
        }
    )
    picture = board(plan.model_copy(update={"outcome": outcome, "simulation": None}))
    assert picture.title == "What can be reached, step by step"
    assert cards(picture)[-1] == [
        "Of the goal", "\u2713", "red is in Ulm", "\u00d7", "blue is in Ulm",
    ]  # fmt: skip


def test_a_long_plan_is_cut_and_says_so() -> None:
    there_and_back = "drive(v1, Ulm, Hof) drive(v1, Hof, Ulm) " * 30
    picture = board(hand_made((PARCELS[0], there_and_back)))
    assert len(cards(picture)) == 40
    assert cards(picture)[-1][0] == "Of the goal"
    assert "22 more steps before the last card" in shown(picture)
    assert picture.alt.startswith("Storyboard of 60 steps: 1. V1 goes") and "52 more" in picture.alt


def test_nothing_is_drawn_of_no_plan() -> None:
    empty = hand_made((PARCELS[0], ""))
    assert storyboard(empty) is None and lanes(empty) is None and amounts(empty) is None
    broken = empty.planning.model_copy(update={"start": ("in_town(",)})
    plan = hand_made(PARCELS).model_copy(update={"planning": broken, "simulation": None})
    result = Result(run_id="x", text="", status=Status.OPTIMAL, plan=plan)
    assert pictures_of(result) == ()


def test_the_pictures_of_a_plan_come_with_the_storyboard_first() -> None:
    def kinds(case: tuple[str, str]) -> list[str]:
        result = Result(run_id="x", text="", status=Status.OPTIMAL, plan=hand_made(case))
        return [p.kind for p in pictures_of(result)]

    assert kinds(PARCELS) == ["storyboard", "schedule"]
    assert kinds(JUGS) == ["storyboard", "schedule", "amounts"]
    assert kinds(DELIVERY) == ["storyboard", "amounts"]
    assert kinds(BRIDGE) == ["storyboard"]


# --- what stands on what --------------------------------------------------------------------------


def where(case: tuple[str, str]) -> tuple[list[dict[str, str]], set[str]]:
    plan = hand_made(case)
    done = carried_out(plan)
    assert done is not None
    return parents_in(plan.planning, states_of(plan.planning, done))


def test_where_things_are_is_found_from_how_facts_behave() -> None:
    states, names = where(PARCELS)
    assert names == {"in_town", "aboard"}  # and not the roads, which never change
    assert states[0] == {"v1": "Ulm", "red": "Hof", "blue": "Jena"}
    assert states[2] == {"v1": "Hof", "red": "v1", "blue": "Jena"}
    states, names = where(BLOCKS)
    assert names == {"on"}
    assert [len(s) for s in states] == [1, 0, 1, 1, 2]


def test_what_was_done_to_several_tells_no_place() -> None:
    text = """
object robot, north, south
fact painted(who, wall)
action paint(who, wall)
  needs not painted(who, wall)
  makes painted(who, wall)
goal painted(robot, north), painted(robot, south)
"""
    _, names = where((text, "paint(robot, north) paint(robot, south)"))
    assert names == set()


def test_a_fact_that_never_changes_tells_no_place() -> None:
    text = PARCELS[0].replace("fact in_town", "fact home(v: van, t: town)\nfact in_town")
    text = text.replace("start in_town(v1, Ulm)", "start home(v1, Jena), in_town(v1, Ulm)")
    assert where((text, PARCELS[1]))[1] == {"in_town", "aboard"}


def test_a_fact_that_only_grows_tells_no_place() -> None:
    text = PARCELS[0].replace("makes in_town(v, b)", "makes in_town(v, b), been(v, b)")
    text = text.replace("fact road", "fact been(v: van, t: town)\nfact road")
    states, names = where((text, PARCELS[1]))
    assert names == {"in_town", "aboard"}
    assert states[-1]["red"] == "Ulm"


def test_what_is_held_by_several_is_no_tower() -> None:
    text = PARCELS[0].replace("ends in_town(v, a)", "ends road(b, b)")
    _, names = where((text, "drive(v1, Ulm, Hof) drive(v1, Hof, Jena)"))
    assert "in_town" not in names  # v1 is in three towns at once


def test_a_circle_is_no_tower() -> None:
    text = """
object a, b
fact faces(x, y)
action turn(x, y)
  needs x != y
  makes faces(x, y)
goal faces(a, b)
"""
    _, names = where((text, "turn(a, b) turn(b, a)"))
    assert names == set()


def test_towers_are_told_from_their_foot() -> None:
    parents = {"a": "b", "b": "c", "d": "c"}
    assert tree_of(parents, ["e", "a", "b", "c", "d"]) == [
        [("e", 0)],
        [("c", 0), ("b", 1), ("a", 2), ("d", 1)],
    ]


@pytest.mark.parametrize("objects", [3, 12, 24])
def test_columns_stay_within_their_width(objects: int) -> None:
    names = [f"box{k}" for k in range(objects)]
    states = [{}, {"box1": "box0", "box2": "box1"}]
    stacks = Stacks(states, names, 200.0)
    assert stacks.worth
    drawn = "".join(stacks.drawn(1, 10.0, 0.0, ("box2",)))
    boxes = re.findall(r'x="([\d.]+)" y="[-\d.]+" width="([\d.]+)', drawn)
    ends = [float(x) + float(w) for x, w in boxes]
    assert len(ends) == objects and max(ends) <= 210.5
    tops = [float(y) for y in re.findall(r'<rect x="[\d.]+" y="([-\d.]+)"', drawn)]
    assert min(tops) >= 0 and max(tops) + 20 <= stacks.height(1)
    assert drawn.count('fill="var(--other)"') == 1


def test_an_object_keeps_its_column() -> None:
    stacks = Stacks([{"b": "a"}, {"b": "c"}], ["a", "b", "c"], 200.0)
    before, after = ("".join(stacks.drawn(k, 0.0, 0.0, ())) for k in (0, 1))

    def place(drawn: str, name: str) -> float:
        found = re.search(rf'<rect x="([\d.]+)"[^>]*><title>{name}<', drawn)
        assert found is not None
        return float(found[1])

    assert place(before, "a") == place(after, "a") and place(before, "c") == place(after, "c")
    assert place(before, "b") < place(after, "b")
    stacks = Stacks([{"b": "a"}, {}], ["b", "a", "c"], 200.0)
    before, after = ("".join(stacks.drawn(k, 0.0, 0.0, ())) for k in (0, 1))
    assert place(before, "a") == place(after, "a")


def test_too_many_objects_are_not_drawn() -> None:
    assert not Stacks([{"a": "b"}], [f"o{k}" for k in range(25)], 200.0).worth
    assert not Stacks([{}, {}], ["a", "b"], 200.0).worth


@given(st.text("abm_0123456789", min_size=1, max_size=30), st.floats(20, 90))
@settings(max_examples=60, deadline=None)
def test_a_cut_name_keeps_its_number(name: str, room: float) -> None:
    told = fitted(name, room)
    digits = name[len(name.rstrip("0123456789")) :]
    assert (told == name) == (width_of(name) <= room) or "\u2026" in told
    assert told.startswith(name[:1]) and told.endswith(digits)


# --- over the steps -------------------------------------------------------------------------------


def test_lanes_show_who_acts_when() -> None:
    picture = lanes(hand_made(PARCELS))
    assert picture is not None
    assert_readable_plot(picture.svg, "v1", "red", "blue", "drive", "steps")
    assert "load: 1 to 2 steps on red" in picture.alt
    assert lanes(hand_made(DELIVERY)) is None  # one truck has one lane


def test_where_steps_cost_differently_a_lane_is_as_long_as_they_cost() -> None:
    text = BRIDGE[0]
    crossing = "cross_alone(ann, near, far) cross_alone(ann, far, near) cross_alone(bob, near, far)"
    picture = lanes(hand_made((text, f"{crossing} cross_alone(bob, far, near)")))
    # The torch goes with who crosses: bob cannot, as it is at the near side again.
    assert picture is not None
    assert "cross alone: 2 to 4.5 cost so far on bob" in picture.alt


def test_amounts_are_drawn_with_their_values() -> None:
    picture = amounts(hand_made(DELIVERY))
    assert picture is not None
    assert_readable_plot(picture.svg, "fuel(t1)", "fuel(t1) after step 2: 10 litres")
    assert [t for t in shown(picture) if re.fullmatch(r"[\d.]+", t)][-4:] == [
        "4.5", "0", "10", "2.75",
    ]  # fmt: skip
    assert picture.alt == "Amounts over the steps: fuel(t1) from 4.5 to 2.75 litres."


def test_the_table_of_steps_leaves_out_what_says_nothing() -> None:
    table = plan_table(hand_made(DELIVERY))
    assert list(table.columns) == ["step", "action", "becomes true", "not true any more", "amounts"]
    assert table["amounts"].tolist() == ["fuel(t1) = 0", "fuel(t1) = 10", "fuel(t1) = 2.75"]
    by_cost = plan_table(hand_made(BRIDGE))
    assert by_cost["cost"].tolist() == [2.5, 1.0, 4.0]
    words = plan_table(hand_made(PARCELS))
    assert words["what to do"][0] == "V1 goes from Ulm to Hof" and "amounts" not in words
    assert plan_table(hand_made((PARCELS[0], ""))).empty
