"""A small model's plan is written piece by piece, each piece held to what the others declare."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_heads import Head, heads_of
from optiwright.formulators.planning_lines import read_planning
from optiwright.formulators.planning_situation import candidates
from optiwright.formulators.planning_stages import (
    body_grammar,
    ends_grammar,
    facts_grammar,
    head_grammar,
    kinds_grammar,
    lines_so_far,
    objects_grammar,
)
from optiwright.testing import ScriptedModel
from tests.grammars import admits
from tests.plan_runs import FERRY

THINGS = """\
kind van, pier
object baker, plumber: van
object north_haven, mill_quay, old_stairs: pier
"""
FACTS = """\
fact lies_at(spot: pier)  # the ferry lies at spot
fact stands_at(car: van, spot: pier)  # car stands at spot
fact on_board(car: van)  # car is on board
fact empty  # the ferry is empty
"""
SAIL = "action sail(here: pier, there: pier)  # sail from any pier to any other\n"
SAILS = """\
  needs lies_at(here), here != there
  makes lies_at(there)
  ends lies_at(here)
"""
BOARD = "action roll(car: van, spot: pier)  # a van rolls on board at the pier where it stands\n"
BOARDS = """\
  needs stands_at(car, spot), lies_at(spot), empty
  makes on_board(car)
  ends stands_at(car, spot), empty
"""
LAND = "action roll_off(car: van, spot: pier)  # it rolls off where the ferry lies\n"
LANDS = """\
  needs on_board(car), lies_at(spot)
  makes stands_at(car, spot), empty
  ends on_board(car)
"""
ENDS = """\
start lies_at(north_haven), empty, stands_at(baker, mill_quay), stands_at(plumber, old_stairs)
goal stands_at(baker, old_stairs), stands_at(plumber, north_haven)
least steps"""
PIECES = [
    f"{THINGS}fact",
    f"{FACTS}action",
    SAIL,
    f"{SAILS}action",
    BOARD,
    f"{BOARDS}action",
    LAND,
    f"{LANDS}start",
    "start",
    ENDS,
]
NAMED = """Parcels are brought by two riders from the shop to two customers.

1. `go(r, a, b)`: rider r goes from a to b. It needs: r is at a.
- take(r, p), give(r, p): both need that the rider is where the parcel is.
* see at(x, y): this names no action, and neither do f(x) or
- idle(r)
"""


class Small(ScriptedModel):
    """A scripted model that counts as a small one."""

    def __init__(self, replies: Any) -> None:
        super().__init__(replies)
        self.small = True


def drawn(lines: str) -> Planning:
    found = lines_so_far(lines)
    assert found is not None
    return found[0]


def test_a_small_model_writes_a_plan_piece_by_piece_under_a_grammar_of_what_it_declared() -> None:
    # A van that rolls off may do so anywhere the ferry lies: seven steps are the least.
    model = Small(PIECES)
    result = optiwright.solve(FERRY, model=model, route="compiled")
    model.assert_played_out()
    assert result.objective == 7
    for request, piece in zip(model.requests, PIECES, strict=True):
        assert admits(request.grammar, piece)
    assert model.requests[0].messages[-1].role == "user"
    assert model.requests[4].messages[-1].content == THINGS + FACTS + SAIL + SAILS
    assert all(r.fixed == model.requests[0].fixed for r in model.requests)


def test_a_server_that_repeats_the_beginning_is_understood() -> None:
    so_far, replies = "", []
    for piece in PIECES:
        replies.append(so_far + piece)
        so_far = re.sub(r"(fact|action|start)$", "", so_far + piece)
    assert optiwright.solve(FERRY, model=Small(replies), route="compiled").objective == 7


def test_actions_that_a_text_names_are_taken_from_it() -> None:
    told = "both need that the rider is where the parcel is"
    assert heads_of(NAMED) == (
        Head("go", ("r", "a", "b"), "rider r goes from a to b. It needs: r is at a"),
        Head("take", ("r", "p"), told),
        Head("give", ("r", "p"), told),
    )
    planning = drawn(THINGS)
    kinds = kinds_grammar(planning, ("r", "a"))
    assert admits(kinds, " van, a: pier)")
    assert not admits(kinds, " van, b: pier)") and not admits(kinds, " boat, a: pier)")


def test_what_a_text_says_of_an_action_is_taken_apart() -> None:
    told = (
        "rider r mounts at a. It needs: r is at a and the bike is free. Afterwards r rides it; "
        "r is no longer at a and not in bed, the bike is not free, and it moves"
    )
    clauses = Head("mount", ("r", "a"), told).clauses()
    assert [(c.words, c.name, c.places, c.when, c.negated, c.plain) for c in clauses] == [
        ("r is at a", "at", ("r", "a"), "needed", False, True),
        ("the bike is free", "bike_free", (), "needed", False, True),
        ("r rides it", "rides", ("r",), "after", False, False),
        ("r is at a", "at", ("r", "a"), "after", True, True),
        ("r is in bed", "in_bed", ("r",), "after", True, True),
        ("the bike is free", "bike_free", (), "after", True, True),
        ("the bike moves", "bike_moves", (), "after", False, True),
    ]
    other = Head("go", ("x", "y"), "only if x is at y").clauses()
    assert [(c.key, c.when) for c in other] == [(clauses[0].key, "needed")]
    assert Head("go", ("x",), "x rests here").clauses()[0].when == ""


KETTLE = """\
Water is boiled in the old hut. Steps are these:

- `light(s)`: it needs: s is off. Afterwards s is lit; s is no longer off.
- `boil(k, s)`: it needs k is cold, s is lit, k is not tied to s. Then k is hot; k is not cold.
- `wait()`: it needs: the day is long. Afterwards the day is not long.

At first the green kettle and the red kettle are cold, the red kettle is not tied to the stove,
the day is long and the stove is off, and the blue kettle is hot and the black kettle cold.
In the end the red kettle and the green kettle should be hot, the stove should not be off.
"""


def test_what_a_text_says_in_so_many_words_no_model_is_asked_for() -> None:
    pieces = [
        "kind kettle, stove\nobject green, red, blue, black: kettle\nobject stove: stove\nfact",
        " stove)",
        " kettle, s: stove)",
        " hot(blue), cold(black)\n",
    ]
    model = Small(pieces)
    result = optiwright.solve(KETTLE, model=model, route="compiled", kind="plan")
    model.assert_played_out()
    assert result.objective == 3 and result.plan is not None
    planning = result.plan.planning
    assert [(a.needs, a.makes, a.ends) for a in planning.actions] == [
        (("off(s)",), ("lit(s)",), ("off(s)",)),
        (("cold(k)", "lit(s)", "not tied(k, s)"), ("hot(k)",), ("cold(k)",)),
        (("day_long",), (), ("day_long",)),
    ]
    assert set(planning.start) == {
        *("cold(green)", "cold(red)", "day_long", "off(stove)", "hot(blue)", "cold(black)")
    }
    assert set(planning.goal) == {"hot(red)", "hot(green)", "not off(stove)"}
    for request, piece in zip(model.requests, pieces, strict=True):
        assert admits(request.grammar, piece)
    told = model.requests[3]
    assert told.messages[-1].content.endswith(
        "# the blue kettle is hot and the black kettle cold\nstart"
    )
    assert not admits(told.grammar, " hot(red)\n") and not admits(told.grammar, " none\n")


def test_a_server_without_grammars_spoils_nothing() -> None:
    text = KETTLE.replace("it needs k is cold", "it needs it is cold")
    first = "kind kettle, stove\nobject green, red, blue, black: kettle\nobject stove: stove\nfact"
    model = Small([])
    model = Small(lambda request: "Sure! Here it is." if len(model.requests) > 1 else first)
    result = optiwright.solve(text, model=model, route="compiled", kind="plan", effort="quick")
    assert result.plan is not None and len(model.requests) > 4
    assert [a.name for a in result.plan.planning.actions] == ["light", "boil", "wait"]


def test_the_same_words_of_other_kinds_are_another_fact() -> None:
    text = (
        "A porter tidies up. What are the fewest steps?\n"
        "- `lift(b)`: it needs: b lies low. Afterwards b is up.\n"
        "- `fold(c)`: it needs: c is up. Afterwards c is flat.\n"
        "At first b1 lies low and c1 is up. The goal: b1 is up, c1 is flat.\n"
    )
    model = Small(
        [
            "kind box, chair\nobject b1: box\nobject c1: chair\nfact",
            " box)",
            " chair)",
            " lies_low(b1), up_chair(c1)\n",
        ]
    )
    result = optiwright.solve(text, model=model, route="compiled", kind="plan")
    model.assert_played_out()
    assert result.objective == 2
    assert result.plan is not None
    assert [f.name for f in result.plan.planning.facts] == ["lies_low", "up", "up_chair", "flat"]


def test_names_are_the_texts_own() -> None:
    grammar = objects_grammar(FERRY)
    assert admits(grammar, "none")
    assert not admits(grammar, "kind person, book\nobject ada: person\nfact")
    assert not admits(grammar, THINGS.replace("baker", "baker2") + "fact")
    facts = facts_grammar(FERRY, drawn(THINGS))
    assert admits(facts, f"{FACTS}action")
    assert not admits(facts, FACTS.replace("car: van", "car: boat") + "action")
    assert not admits(facts, FACTS.replace("lies_at", "hangs_at") + "action")
    heads = head_grammar(FERRY, drawn(THINGS + FACTS))
    assert admits(heads, "start") and not admits(heads, SAIL.replace("sail(", "walk("))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("lies_at(here)", "lies_at(spot)"),
        ("lies_at(here)", "lies_at(mill_quay)"),
        ("lies_at(here)", "moored(here)"),
        ("  makes lies_at(there)\n", "  makes stands_at(here, there)\n"),
        ("here != there", "here != here"),
        ("action", "  cost 3\naction"),
    ],
)
def test_an_action_speaks_of_its_own_places_and_declared_facts(right: str, wrong: str) -> None:
    grammar = body_grammar(drawn(THINGS + FACTS + SAIL))
    body = f"{SAILS}action"
    assert admits(grammar, body) and right in body
    assert not admits(grammar, body.replace(right, wrong))


def test_an_action_may_speak_of_objects_that_no_place_stands_for_or_its_words_name() -> None:
    lines = THINGS + FACTS
    named = body_grammar(drawn(f"{lines}action moor(here: pier)  # from here to Mill Quay\n"))
    assert admits(named, "  needs lies_at(here)\n  makes lies_at(mill_quay)\naction")
    assert not admits(named, "  needs lies_at(old_stairs)\naction")
    bare = body_grammar(drawn(f"{lines}action leave\n"))
    assert admits(bare, "  ends lies_at(old_stairs)\nstart")


def test_amounts_and_costs_are_held_to_what_is_declared() -> None:
    lines = THINGS + FACTS + "amount coins(car: van)\n" + BOARD
    grammar = body_grammar(drawn(lines))
    body = (
        "  needs empty, coins(car) >= 2\n  changes coins(car) -= 2\n  cost coins(car) * 3\naction"
    )
    assert admits(grammar, body)
    assert not admits(grammar, body.replace("coins(car) >=", "coins(spot) >="))
    priced = body_grammar(drawn(THINGS + FACTS + SAIL.replace("any other", "another in 5 minutes")))
    assert admits(priced, f"{SAILS}  cost 5\naction")
    ends = ends_grammar(drawn(lines))
    assert admits(ends, ENDS.replace("empty, ", "empty, coins(baker) = 4, "))
    assert not admits(ends, ENDS.replace("empty, ", "empty, coins(mill_quay) = 4, "))


def test_start_and_goal_are_of_declared_facts_and_objects_of_their_kinds() -> None:
    grammar = ends_grammar(drawn(THINGS + FACTS + SAIL + SAILS))
    assert admits(grammar, ENDS)
    assert admits(grammar, ENDS.replace("goal ", "goal not empty, "))
    assert not admits(grammar, ENDS.replace("stands_at(baker", "stands_at(mill_quay"))
    assert not admits(grammar, ENDS.replace("lies_at(north_haven)", "lies_at(harbour)"))


def test_what_is_declared_twice_or_of_no_kind_is_left_out() -> None:
    twice = f"{THINGS}object baker: pier\nkind crane\n{FACTS}fact empty\nfact up(c: crane)\n"
    found = lines_so_far(twice)
    assert found is not None
    planning, lines = found
    assert [t.kind for t in planning.objects if t.name == "baker"] == ["van"]
    assert [f.name for f in planning.facts] == ["lies_at", "stands_at", "on_board", "empty"]
    assert "crane" not in lines and "least" not in lines
    assert read_planning(lines)[0] == planning


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_makes_grammars_whose_rules_are_all_there(text: str) -> None:
    planning = drawn(THINGS + FACTS + SAIL)
    for grammar in (
        objects_grammar(text),
        facts_grammar(text, planning),
        head_grammar(text, planning),
        *(kinds_grammar(planning, head.places) for head in heads_of(text) if head.places),
    ):
        rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())
        for rule in rules.values():
            assert rule.strip()
            bare = re.sub(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)+\]', "", rule)
            assert set(re.findall(r"[a-z]+", bare)) <= set(rules)


STACKS = """\
kind box, floor
object a, big_b, c1: box
object floor_1, floor_2: floor
fact on(x: box, y: box)  # x is on y
fact leans_on(x: box, y: box)  # x leans on y
fact on_floor(x: box, f: floor)  # x is on floor f
fact clear(x: box)  # x is clear
fact still  # it is still
"""


@pytest.mark.parametrize(
    ("words", "atoms", "settled"),
    [
        ("c1 is on top of a", ["on(c1, a)"], True),
        ("Big B should be on c1", ["on(big_b, c1)"], True),
        ("a box is on c1", [], False),
        ("c1 is on a", ["on(c1, a)"], True),
        ("a leans on c1", ["leans_on(a, c1)"], True),
        ("a is on floor 2", ["on_floor(a, floor_2)"], True),
        ("on floor 2 there is c1", ["on_floor(c1, floor_2)"], True),
        ("c1 is on a and a is on floor 1", ["on(c1, a)", "on_floor(a, floor_1)"], False),
        ("a and c1 are clear", ["clear(a)", "clear(c1)"], True),
        ("c1 and a are on floor 1", ["on_floor(c1, floor_1)", "on_floor(a, floor_1)"], True),
        ("all boxes are clear", ["clear(a)", "clear(big_b)", "clear(c1)"], True),
        ("everything is still", ["still"], True),
        ("c1 is clear and still", ["clear(c1)", "still"], True),
        ("a is clear and c1 is on big b", ["on(a, c1)", "on(a, big_b)", "on(c1, big_b)"], False),
        ("nothing is said", [], False),
    ],
)
def test_what_a_clause_may_mean(words: str, atoms: list[str], settled: bool) -> None:
    found = candidates(drawn(STACKS), words)
    assert found.settled is settled
    assert set(atoms) == set(found.atoms) if settled else set(atoms) <= set(found.atoms)


def test_places_named_by_kinds_give_the_kinds() -> None:
    text = (
        "A porter has trunks and carts, hugo and cart2; those of Pia are called red and blue.\n"
        "- `load(porter, trunk, cart)`: it needs: the trunk is the porter's, the cart is empty. "
        "Afterwards the trunk is in the cart and it is not empty.\n"
        "At first all carts are empty. In the end red should be in cart2.\n"
    )
    pieces = [
        "\nobject pia: porter\nobject red, blue: trunk\nobject hugo: cart\nfact",
    ]
    model = Small(pieces)
    result = optiwright.solve(text, model=model, route="compiled", kind="plan")
    model.assert_played_out()
    assert result.plan is not None and result.objective == 1
    assert model.requests[0].messages[-1].content == "kind porter, trunk, cart"
    assert admits(model.requests[0].grammar, pieces[0])
    assert set(result.plan.planning.start) == {
        *("empty(hugo)", "empty(cart2)", "of(red, pia)", "of(blue, pia)")
    }


def test_a_fact_that_lasts_is_looked_for_before_the_actions_too() -> None:
    text = (
        "The door of the hut is blue. Anns key fits the door of the hut, and Bo has none.\n"
        "- `unlock(k, d)`: it needs: k fits the door d. Afterwards d stands open.\n"
        "What are the fewest steps? The goal: the hut stands open.\n"
    )
    model = Small(
        [
            "kind key, door, tint\nobject anns, stands_open: key\nobject hut: door\n"
            "object blue: tint\nfact",
            " key, d: door)",
        ]
    )
    result = optiwright.solve(text, model=model, route="compiled", kind="plan")
    model.assert_played_out()
    assert result.plan is not None and result.objective == 1
    assert result.plan.planning.start == ("fits(anns, hut)",)
    assert [thing.name for thing in result.plan.planning.objects] == ["anns", "hut"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("cloth p is made wet. It needs: p is dry. Afterwards p is wet", "cloth p is made wet"),
        ("It needs: p is dry. Afterwards p is wet", "soak"),
        ("each needs that p is dry", "soak"),
        ("p is soaked in the vat; afterwards p is wet", "p is soaked in the vat"),
        ("p is soaked in the vat", "p is soaked in the vat"),
    ],
)
def test_a_step_is_told_by_what_is_done_and_not_by_what_it_needs(told: str, words: str) -> None:
    assert Head("soak", ("p",), told).words == words


def test_what_is_no_longer_so_is_ended_also_in_two_words() -> None:
    text = (
        "1. clean(t): It needs: tank t is empty, t is dirty. Afterwards t is clean and no longer "
        "dirty.\nAt first t1 is empty and dirty. Our goal: t1 is clean. The shortest plan?\n"
    )
    model = Small(["kind tank\nobject t1: tank\nfact"])
    result = optiwright.solve(text, model=model, route="compiled", kind="plan")
    model.assert_played_out()
    assert result.plan is not None
    (action,) = result.plan.planning.actions
    assert (action.makes, action.ends) == (("clean(t)",), ("dirty(t)",))
    assert "1. Clean (t1)" in result.explanation and "It needs" not in result.explanation
