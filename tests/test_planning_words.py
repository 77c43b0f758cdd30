"""Texts that list their actions, in words of many manners: nothing is read that is not said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.planning_drafting import Ask, draft
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_heads import Head
from optiwright.formulators.planning_lines import read_planning
from tests.test_planning_stages import Small

WALLS = "kind wall\nobject north, south, rough_wall: wall\nfact"
PAINT = "- `paint(w)`: It needs: w is dry. Afterwards w is painted; w is no longer dry."
KETTLES = "kind kettle, place\nobject red, blue, green: kettle\nobject mill, quay: place\nfact"
HEAT = """\
- `put(k, p)`: It needs: k is cold. Afterwards k is at p; k is no longer cold.
- `heat(k)`: It needs: k is cold, k is not wet. Afterwards k is hot; k is no longer cold.
"""


def drafted(text: str, *replies: str) -> Planning:
    model = Small(list(replies))
    script, _ = asyncio.run(draft(asking(model), (Message(role="user", content=text),), text))
    model.assert_played_out()
    planning, _ = read_planning(script)
    assert planning is not None
    return planning


def asking(model: Small) -> Ask:
    def ask(messages: tuple[Message, ...], grammar: str) -> Awaitable[Reply]:
        return model.complete(Request(messages=messages, grammar=grammar), lambda _: None)

    return ask


def walls(action: str, *replies: str, told: str = "At first north is dry.") -> Planning:
    text = f"{action}\n\n{told} In the end north should be painted.\n"
    return drafted(f"What are the fewest steps?\n\n{text}", WALLS, *replies)


def kettles(told: str, *replies: str) -> Planning:
    text = f"A cook boils.\n\n{HEAT}\n{told}\n"
    return drafted(text, KETTLES, " kettle, p: place)", " kettle)", *replies)


@pytest.mark.parametrize(
    ("told", "needs", "makes", "ends"),
    [
        (
            "paint(w): requires that w is dry; effect: w is painted, w is not dry",
            *(("dry(w)",), ("painted(w)",), ("dry(w)",)),
        ),
        (
            "\u201cpaint(w)\u201d \u2014 Preconditions: \u2018w\u2019 isn\u2019t wet. "
            "Effects: w is painted, dry.",
            *(("not wet(w)",), ("painted(w)", "dry(w)"), ()),
        ),
        (
            "paint(w): it needs: w is dry and not dirty. "
            "Afterwards w is painted but no longer dry.",
            *(("dry(w)", "not dirty(w)"), ("painted(w)",), ("dry(w)",)),
        ),
        (
            "paint(w): it needs: w is neither wet nor dirty, w must not be hot. "
            "Afterwards w becomes painted.",
            *(("not wet(w)", "not dirty(w)", "not hot(w)"), ("painted(w)",), ()),
        ),
        (
            "paint(w): it needs: w has never been hot. Then w will be painted and will not be dry.",
            *(("not has_hot(w)",), ("painted(w)",), ("dry(w)",)),
        ),
    ],
)
def test_what_actions_need_and_deny_is_read_in_many_manners(
    told: str, needs: tuple[str, ...], makes: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    action = walls(f"1. {told}").actions[0]
    assert (action.needs, action.makes, action.ends) == (needs, makes, ends)


@pytest.mark.parametrize("told", ["neither x nor y is wet", "x and y are not wet"])
def test_what_is_not_so_of_two_is_so_of_neither(told: str) -> None:
    clauses = Head("join", ("x", "y"), f"it needs: {told}").clauses()
    assert [(c.words, c.negated, c.plain) for c in clauses] == [
        ("x is wet", True, True),
        ("y is wet", True, True),
    ]


@pytest.mark.parametrize(
    "told",
    [
        "it needs that w is dry, it makes w painted",
        "if w is dry, then w is painted",
        "w must be dry. Afterwards w is painted",
        "it needs: w is dry. Afterwards w is not dry and old",
        "it needs: w is dry or old. Afterwards w is painted",
        "it needs: w is not wet, old. Afterwards w is painted",
    ],
)
def test_what_is_not_said_in_so_many_words_a_model_reads(told: str) -> None:
    asked: list[str] = []

    def play(request: Request) -> str:
        last = request.messages[-1].content
        asked.append(last.splitlines()[-1])
        return WALLS if len(asked) == 1 else ""

    text = f"- paint(w): {told}.\n\nAt first north is dry. In the end north should be painted.\n"
    asyncio.run(draft(asking(Small(play)), (Message(role="user", content=text),), text))
    assert any(line.startswith("action paint(w: wall)") for line in asked)


@pytest.mark.parametrize(
    ("told", "start", "goal"),
    [
        (
            "Goal: red is hot. Start: red is cold.",
            *({"cold(red)"}, {"hot(red)"}),
        ),
        ("Red should be hot. Red is cold.", {"cold(red)"}, {"hot(red)"}),
        (
            "At first red is cold. In the end red and blue are not cold.",
            *({"cold(red)"}, {"not cold(red)", "not cold(blue)"}),
        ),
        (
            "Goal:\n- red is hot\n- blue is hot\n\nStart:\n- red is cold\n- blue is cold",
            *({"cold(red)", "cold(blue)"}, {"hot(red)", "hot(blue)"}),
        ),
        (
            "How can red be hot and blue not be cold? Red is cold. Blue is cold too.",
            *({"cold(red)", "cold(blue)"}, {"hot(red)", "not cold(blue)"}),
        ),
        (
            "Red is cold and blue is cold. In the end red should be hot. Blue should be hot.",
            *({"cold(red)", "cold(blue)"}, {"hot(red)", "hot(blue)"}),
        ),
        (
            "At first red, blue and green are cold. Goal: red, blue and green are hot.",
            *({f"cold({k})" for k in ("red", "blue", "green")},),
            *({f"hot({k})" for k in ("red", "blue", "green")},),
        ),
        (
            "At first red is cold, wet, blue is cold but not wet. "
            "In the end blue should be hot and red must not be cold.",
            *({"cold(red)", "wet(red)", "cold(blue)"}, {"hot(blue)", "not cold(red)"}),
        ),
        (
            "At first none of the kettles is wet, red and blue are cold. "
            "In the end neither red nor blue should be cold, and no kettle should be wet.",
            {"cold(red)", "cold(blue)"},
            {
                *("not cold(red)", "not cold(blue)"),
                *(f"not wet({k})" for k in ("red", "blue", "green")),
            },
        ),
        (
            "At first red isn\u2019t wet, red is cold. "
            "In the end it is forbidden that green is hot. Red must be hot without blue being hot.",
            *({"cold(red)"}, {"not hot(green)", "hot(red)", "not hot(blue)"}),
        ),
    ],
)
def test_start_and_goal_are_kept_apart_and_nothing_denied_is_said(
    told: str, start: set[str], goal: set[str]
) -> None:
    planning = kettles(told)
    assert (set(planning.start), set(planning.goal)) == (start, goal)


@pytest.mark.parametrize(
    "told",
    [
        "red or blue should be hot",
        "every kettle but green should be hot",
        "all kettles except green should be hot",
        "two kettles should be hot",
        "red should be hot and blue sings loudly",
    ],
)
def test_what_speaks_of_some_only_is_asked_for(told: str) -> None:
    planning = kettles(f"At first red is cold and not wet. In the end {told}.", " hot(red)\n")
    assert planning.goal == ("hot(red)",)


def test_names_with_marks_above_letters_are_found() -> None:
    text = (
        "Bread.\n- `bake(d)`: it needs: d is raw. Afterwards d is baked.\n\n"
        "At first Müller's rye and Müller's white are raw, Käse is raw. "
        "In the end Müller\u2019s white and Käse should be baked.\n"
    )
    things = "kind dough\nobject muller_rye, muller_white, kase: dough\nfact"
    planning = drafted(text, things)
    assert set(planning.start) == {"raw(muller_rye)", "raw(muller_white)", "raw(kase)"}
    assert set(planning.goal) == {"baked(muller_white)", "baked(kase)"}


def test_a_start_before_the_actions_is_not_lost() -> None:
    text = f"At first north is dry.\n\n{PAINT}\n\nIn the end north should be painted.\n"
    assert drafted(text, WALLS).start == ("dry(north)",)


def test_costs_are_read_and_figures_that_are_none_are_named() -> None:
    action = (
        f"{PAINT.replace('It needs', 'It takes 3 minutes. It needs')}\n"
        "- `spray(w)`: takes five minutes. It needs: w is dry. Afterwards w is painted.\n"
        "- `rush(w)`: it needs 2 minutes and needs that w is dry. Afterwards w is painted.\n"
        "- `wash(w)`: it needs: w is dry, 4 buckets are full. Afterwards w is painted."
    )
    planning = walls(action, " cost")
    assert [a.cost for a in planning.actions] == ["3", "5", "2", "1"]
    assert planning.least == "cost"
    assert planning.actions[2].needs == ("dry(w)",)
    assert any("figures" in a and "wash" in a for a in planning.assumptions)
    assert any("no cost for wash" in a for a in planning.assumptions)


def test_a_goal_that_cannot_be_read_is_named() -> None:
    told = "At first red is cold. In the end red should be hot. Blue should sing."
    planning = kettles(told)
    assert planning.goal == ("hot(red)",)
    assert planning.assumptions == (
        'Of the goal, "Blue should sing" could not be read and is left out.',
    )
