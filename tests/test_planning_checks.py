"""What the checks of planning formulations find, and that they find nothing where all is well."""

from __future__ import annotations

import pytest

from optiwright.formulators.findings import Code, Severity
from optiwright.formulators.planning_checks import check_planning
from optiwright.formulators.planning_lines import read_planning
from tests import plannings

SAMPLES = ("PARCELS", "BLOCKS", "JUGS", "BRIDGE", "DELIVERY")


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_found_where_all_is_well(name: str) -> None:
    assert check_planning(plannings.planning_of(getattr(plannings, name))) == ()


CHANGES = [
    ("goal in_town(red, Ulm)", "goal inn(red, Ulm)", Code.UNKNOWN_NAME, "`fact inn`"),
    ("goal in_town(red, Ulm)", "goal in_town(green, Ulm)", Code.UNKNOWN_NAME, "`object green`"),
    ("goal in_town(red, Ulm)", "goal in_town(red)", Code.ARITY, "2 objects"),
    ("goal in_town(red, Ulm)", "goal in_town(red, blue)", Code.WRONG_INDEX, "a `town` belongs"),
    ("goal in_town(red, Ulm)", "goal in_town > 2", Code.UNKNOWN_NAME, "without a number"),
    ("goal in_town(red, Ulm)", "goal green == red", Code.UNKNOWN_NAME, "`green`"),
    ("aboard(p: parcel, v: van)", "aboard(p: object, v: cart)", Code.WRONG_INDEX, "`cart` belongs"),
    (
        "needs in_town(v, a), road(a, b)",
        "needs in_town(v, a), road(a, c)",
        Code.UNKNOWN_NAME,
        "`c`",
    ),
    ("goal in_town(red, Ulm)", "goal not in_town(blue, Ulm)", Code.CONTRADICTION, "leave one"),
    ("start in_town(v1, Ulm)", "start not in_town(red, Hof)", Code.CONTRADICTION, "leave one"),
    (
        "needs aboard(p, v), in_town(v, t)",
        "needs aboard(p, v), not aboard(p, v)",
        Code.CONTRADICTION,
        "leave one of them out",
    ),
    ("  makes aboard(p, v)\n  ends in_town(p, t)\n", "", Code.IDLE, "`load` changes nothing"),
    ("ends in_town(v, a)", "ends in_town(v, b)", Code.CONTRADICTION, "makes and ends"),
    ("object red, blue", "object red, blue, red, v1", Code.DUPLICATE_NAME, "declared 2 times"),
    ("  makes in_town(p, t)", "", Code.IMPOSSIBLE, "`in_town(red, Ulm)` can never hold"),
    ("needs aboard(p, v), in_town(v, t)", "needs road(t, t)", Code.IMPOSSIBLE, "never be taken"),
    ("least steps", "amount w(p: parcel)\ngoal w(red) >= 2", Code.MISSING_ENTRY, "zero everywhere"),
    ("least steps", "amount w", Code.UNUSED, "`w` is declared and used nowhere"),
    ("object red, blue: parcel", "object red, blue, grey: parcel", Code.UNUSED, "`grey`"),
    ("action load", "action drive", Code.DUPLICATE_NAME, "`drive` is declared 2 times"),
    (
        "least steps",
        "amount w(t: town)\nstart w(Ulm) = -2\naction wait(t: town)\n  needs in_town(v1, t)\n"
        "  ends in_town(v1, t)\n  cost w(t)\nleast cost",
        Code.IMPOSSIBLE,
        "never negative",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "told"), CHANGES)
def test_what_is_wrong_is_found_and_said(old: str, new: str, code: Code, told: str) -> None:
    assert old in plannings.PARCELS
    planning, findings = read_planning(plannings.PARCELS.replace(old, new, 1))
    assert planning is not None and findings == ()
    found = check_planning(planning)
    assert any(f.code is code and told in f.message for f in found), found
    assert [f.severity for f in found] == sorted(
        (f.severity for f in found), key=list(Severity).index
    )


def test_what_is_missing_altogether_is_said() -> None:
    planning, _ = read_planning("object a\nkind x: y\nkind y: x")
    assert planning is not None
    messages = " ".join(f.message for f in check_planning(planning))
    assert "There is no action" in messages and "There is no goal" in messages
    assert "above itself" in messages


def test_a_formulation_with_a_text_that_cannot_be_read_is_no_crash() -> None:
    planning = plannings.planning_of(plannings.BLOCKS).model_copy(update={"goal": ("on(a,",)})
    assert any(f.code is Code.SYNTAX and f.where == "goal" for f in check_planning(planning))


def test_a_cost_that_changes_on_the_way_is_refused() -> None:
    lines = plannings.DELIVERY.replace(
        "changes fuel(t) = 10", "changes fuel(t) = 10\n  cost fuel(t)"
    )
    found = check_planning(plannings.planning_of(lines))
    assert any("amounts that actions change" in f.message for f in found)
