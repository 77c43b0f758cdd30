"""Limits about their own number, and choices that are counts: put right where the text is plain."""

from __future__ import annotations

import pytest

from optiwright.formulators.checks import check
from optiwright.formulators.findings import Code
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.wire import Form, read_wire

KITES = (
    "One table sews at most 40 delta kites a day, the other at most 70 box kites. Both go through "
    "a shared drier, which takes no more than 90 kites a day. A delta kite earns $9 and a box kite "
    "$5. How many of each are best?"
)
DECIDED = """delta = integer(0, None)  # delta kites sewn
box = integer(0, None)  # box kites sewn
profit = 9*delta + 5*box  # dollars
"""
CHOSEN = """truck = binary()  # 1 if a truck is hired
van = binary()  # 1 if a van is hired
load = 30*truck + 8*van  # crates carried
minimize(200*truck + 70*van)
require(load >= {need})
"""
CRATES = "A truck carries 30 crates for $200, a van 8 for $70. {asked} carry {need} crates?"


def mended(script: str, text: str = KITES) -> tuple[Formulation, dict[str, str]]:
    """What becomes of a script, and its requirements with their numbers, by name."""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    plain = {c.name: p for c, p in plain_relations(made) if isinstance(c, Algebraic)}
    return made, plain


def test_a_limit_on_its_own_number_times_a_decision_is_one_on_the_decision() -> None:
    made, plain = mended(
        DECIDED + "table = 40*delta  # kites of one table\nmaximize(profit)\n"
        "require(table <= 40)\nrequire(box <= 70)\nrequire(delta + box <= 90)"
    )
    assert plain["requirement_1"] == "delta <= 40"
    assert "table" not in {d.name for d in made.definitions}
    assert Code.IDLE not in {f.code for f in check(made, KITES)}
    assert any("40 is the limit" in a.text for a in made.assumptions)


def test_a_limit_on_a_total_that_is_the_number_is_one_on_all() -> None:
    made, plain = mended(
        DECIDED + "drier = 90  # kites through the shared drier\nmaximize(profit)\n"
        "require(delta <= 40)\nrequire(box <= 70)\nrequire(drier <= 90)"
    )
    assert plain["requirement_3"] == "delta + box <= 90"
    assert {f.code for f in check(made, KITES)} == set()


@pytest.mark.parametrize(
    ("total", "text"),
    [
        ("drier = 90  # hours of the shared drier", KITES),  # of something else
        ("drier = 90  # kites through the shared drier", f"{KITES} It has 90 racks."),
        ("drier = 90*delta  # kites through the drier", f"{KITES} A delta kite takes 90 minutes."),
        ("drier = 85  # kites through the shared drier", KITES),
        ("drier = 90*delta + 90*box  # kites through the drier", KITES),
    ],
)
def test_where_the_number_may_be_another_it_is_left(total: str, text: str) -> None:
    made, _ = mended(DECIDED + f"{total}\nmaximize(profit)\nrequire(drier <= 90)", text)
    assert not any("is the limit" in a.text for a in made.assumptions)


def test_what_is_chosen_where_the_text_asks_how_many_is_counted() -> None:
    text = CRATES.format(asked="How many of each", need=100)
    made, _ = mended(CHOSEN.format(need=100), text)
    assert {(v.domain, v.upper) for v in made.variables} == {(Domain.INTEGER, None)}
    assert any("not chosen by yes or no: `truck`, `van`" in a.text for a in made.assumptions)


@pytest.mark.parametrize(
    ("asked", "need"), [("Which of them", 100), ("How many of each", 38), ("What number of", 20)]
)
def test_a_choice_that_is_asked_for_or_does_is_left(asked: str, need: int) -> None:
    made, _ = mended(CHOSEN.format(need=need), CRATES.format(asked=asked, need=need))
    assert {v.domain for v in made.variables} == {Domain.BINARY}


def test_where_one_is_counted_the_choices_stay() -> None:
    text = CRATES.format(asked="How many of each", need=100)
    made, _ = mended(CHOSEN.format(need=100).replace("binary()", "integer(0, 1)", 1), text)
    assert [v.domain for v in made.variables] == [Domain.INTEGER, Domain.BINARY]


LOAVES = "Rye earns 3 a batch and oats 2, in 9 hours of one an hour each. {each} What earns most?"


@pytest.mark.parametrize(
    ("each", "comment", "least"),
    [
        ("Each is baked at least once.", "rye at least once", 1),
        ("At least one batch of each is baked.", "at least one batch of rye", 1),
        ("Each is baked at least once.", "rye is baked", 0),
        ("At least 1.5 batches of each are baked.", "rye at least 1.5 batches", 0),
        ("Rye is baked.", "rye at least once", 0),  # a worked example's words
    ],
)
def test_at_least_one_is_no_less_than_nothing(each: str, comment: str, least: int) -> None:
    script = f"""rye = integer(0, None)  # batches of rye
oats = integer(0, None)  # batches of oats
maximize(3*rye + 2*oats)
# {comment}
require(rye >= 0)
# 9 hours
require(rye + oats <= 9)"""
    _, plain = mended(script, LOAVES.format(each=each))
    assert next(iter(plain.values())) == f"rye >= {least}"
