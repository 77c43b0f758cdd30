"""Requirements of each, of both and of all together: put right where one half was written."""

from __future__ import annotations

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.wire import Form, read_wire

CREWS = (
    "Three crews paint one boat each, every boat by exactly one crew. The hours that they need are "
    "north: skiff 5, ferry 9, tug 7; south: skiff 4, ferry 8, tug 9; west: skiff 6, ferry 7, tug 6."
)
BOATS, TEAMS = ("skiff", "ferry", "tug"), ("north", "south", "west")
HOURS = ((5, 9, 7), (4, 8, 9), (6, 7, 6))
VASES = (
    "A potter sells at most 60 bowls and at most 50 jugs a week, and the kiln takes 90 pieces of "
    "either kind. A bowl earns $7 and a jug $9. How many of each are best?"
)
FIRED = """bowls = integer(0, {most})  # bowls a week
jugs = integer(0, None)  # jugs a week
maximize(7*bowls + 9*jugs)
{limit}require(jugs <= 50)
require(bowls <= 90)
require(jugs <= 90)"""
FEED = (
    "A ration has to be at least 20 kg of oats and a total of 75 kg in weight. Oats cost $2 a kg "
    "and hay $1. What is cheapest?"
)


def mended(script: str, text: str) -> tuple[Formulation, list[str]]:
    """What becomes of a script, and its requirements with their numbers."""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    return made, [plain for _, plain in plain_relations(made)]


def painted(lines: list[list[str]], sign: str = "==") -> str:
    """An assignment that requires one of each line."""
    declared = [f"{t}_{b} = binary()  # 1 if {t} paints the {b}" for t in TEAMS for b in BOATS]
    hours = " + ".join(
        f"{h}*{t}_{b}"
        for t, row in zip(TEAMS, HOURS, strict=True)
        for b, h in zip(BOATS, row, strict=True)
    )
    required = [f"require({' + '.join(line)} {sign} 1)" for line in lines]
    return "\n".join([*declared, f"minimize({hours})", *required])


def by_team() -> list[list[str]]:
    return [[f"{t}_{b}" for b in BOATS] for t in TEAMS]


def by_boat() -> list[list[str]]:
    return [[f"{t}_{b}" for t in TEAMS] for b in BOATS]


@pytest.mark.parametrize(("written", "other"), [(by_team, by_boat), (by_boat, by_team)])
def test_the_half_of_an_assignment_that_is_left_out_is_required(written, other) -> None:  # type: ignore[no-untyped-def]
    made, plain = mended(painted(written()), CREWS)
    assert plain == [f"{' + '.join(line)} == 1" for line in [*written(), *other()]]
    assert len(made.assumptions) == 1


def test_a_whole_assignment_and_a_text_of_one_half_stay() -> None:
    made, plain = mended(painted([*by_team(), *by_boat()]), CREWS)
    assert len(plain) == 6 and not made.assumptions
    made, plain = mended(painted(by_team()), CREWS.replace(", every boat by exactly one crew", ""))
    assert len(plain) == 3 and not made.assumptions


def test_a_requirement_across_columns_stops_it() -> None:
    lines = [*by_team(), ["north_skiff", "south_skiff"]]
    made, plain = mended(painted(lines), CREWS)
    assert len(plain) == 4 and not made.assumptions


@pytest.mark.parametrize(
    ("most", "limit"), [("None", "require(bowls <= 60)\n"), ("60", "")], ids=["required", "bound"]
)
def test_a_limit_of_either_kind_beside_tighter_ones_is_of_both(most: str, limit: str) -> None:
    made, plain = mended(FIRED.format(most=most, limit=limit), VASES)
    assert "bowls + jugs <= 90" in plain and "jugs <= 90" not in plain
    assert any("90 is the limit of all together" in a.text for a in made.assumptions)


def test_a_limit_that_is_said_twice_or_binds_stays() -> None:
    script = FIRED.format(most="None", limit="require(bowls <= 60)\n")
    _, plain = mended(script, VASES.replace("pieces", "bowls or 90 jugs, not pieces"))
    assert "bowls <= 90" in plain
    _, plain = mended(FIRED.format(most="None", limit=""), VASES.replace("most 60", "most some"))
    assert "bowls <= 90" in plain  # its only limit


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ("a total of 75", ">="),
        ("at most a total of 75", "<="),
        ("must be carried by a total of 75", "<="),
    ],
)
def test_a_total_that_is_needed_is_no_cap_of_a_minimum(said: str, sign: str) -> None:
    script = (
        "oats = continuous(0, None)  # kg of oats\nhay = continuous(0, None)  # kg of hay\n"
        "minimize(2*oats + hay)\nrequire(oats >= 20)\nrequire(oats + hay <= 75)"
    )
    _, plain = mended(script, FEED.replace("a total of 75", said))
    assert f"oats + hay {sign} 75" in plain


SHIPPED = (
    "Two quarries send stone to three towns. Ash wants 40 t, Elm wants 35 t and Oak wants 30 t; "
    "the north quarry has 70 t, the south quarry 50 t. What is cheapest?"
)
TOWNS = ("ash", "elm", "oak")


def stone(needs: str) -> str:
    """Freight from two quarries to three towns, with these needs."""
    declared = [
        f"{q}_{t} = continuous(0, None)  # t to {t}" for q in ("north", "south") for t in TOWNS
    ]
    north = "4*north_ash + 7*north_elm + 5*north_oak"
    goal = f"minimize({north} + 6*south_ash + 3*south_elm + 8*south_oak)"
    return "\n".join([*declared, goal, needs])


def test_what_towns_want_is_wanted_of_all_quarries() -> None:
    needs = "\n".join(
        f"# {t.title()} wants {n} t\nrequire(north_{t} >= {n})"
        for t, n in zip(TOWNS, (40, 35, 30), strict=True)
    )
    made, plain = mended(stone(needs), SHIPPED)
    assert plain == [
        f"north_{t} + south_{t} >= {n}" for t, n in (("ash", 40), ("elm", 35), ("oak", 30))
    ]
    assert len(made.assumptions) == 3
    for other in (needs.replace("Ash wants", "Ash wants from the north"),
                  needs + "\nrequire(south_ash >= 5)", needs.rpartition("#")[0]):  # fmt: skip
        made, plain = mended(stone(other), SHIPPED)
        assert "north_ash >= 40" in plain and not made.assumptions
