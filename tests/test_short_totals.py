"""Totals that leave out one thing of a table, or of sentences that tell alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.decided import linear_form
from optiwright.formulators.facts import facts_in, told_together
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wire import Form, read_wire
from optiwright.testing import ScriptedModel
from tests.wire_samples import flat_reply

CARTS = (
    "A firm runs three carts: CartA, CartB, CartC. {}For CartB, the toll per day is $17, and the "
    "load is 150 sacks. For CartC, the toll per day is $23, and the load is 190 sacks. Tolls of "
    "$900 can be paid. Move as many sacks as can be.{}"
)
FIRST = "For CartA, the toll per day is $13, and the load is 110 sacks."
LAST_TOLD = CARTS.format("", f" {FIRST}")
TABLE = """Carts move sacks; tolls of $900 can be paid. Move as many sacks as can be.

| | CartA | CartB | CartC |
|---|---|---|---|
| Toll ($ per day) | 13 | 17 | 23 |
| Load (sacks) | 110 | 150 | 190 |
"""
TOLLS = {"cart_a": 13.0, "cart_b": 17.0, "cart_c": 23.0}
SACKS = "110*cart_a + 150*cart_b + 190*cart_c"


def drafted(
    text: str,
    tolls: str,
    sacks: str = SACKS,
    more: str = "",
    *,
    comment: str = "dollars of toll",
    mending: bool = True,
) -> Formulation:
    script = f"""cart_a = integer(0, None)  # CartA
cart_b = integer(0, None)  # CartB
cart_c = integer(0, None)  # CartC
tolls = {tolls}  # {comment}
sacks = {sacks}  # sacks moved
maximize(sacks)
require(tolls <= 900)
{more}"""
    written = lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text)
    return mend(written, text) if mending else written


@pytest.mark.parametrize(
    "text",
    [LAST_TOLD, CARTS.format(f"{FIRST} ", ""), TABLE],
    ids=["told last", "told first", "table"],
)
@pytest.mark.parametrize("left_out", sorted(TOLLS))
def test_what_a_total_left_out_is_added(text: str, left_out: str) -> None:
    tolls = " + ".join(f"{toll:g}*{cart}" for cart, toll in TOLLS.items() if cart != left_out)
    mended = drafted(text, tolls)
    assert linear_form(mended, "tolls") == TOLLS
    (said,) = [a.text for a in mended.assumptions if a.text.startswith("`tolls` has")]
    assert f"{TOLLS[left_out]:g} * {left_out}" in said


@pytest.mark.parametrize(
    ("tolls", "sacks", "more"),
    [
        ("17*cart_b + 23*cart_c", SACKS, "require(cart_a <= 13)"),  # the 13 is used elsewhere
        ("23*cart_c", SACKS, ""),  # two are left out
        ("17*cart_b + 24*cart_c", SACKS, ""),  # not the numbers of a column
        ("17*cart_b + 190*cart_c", SACKS, ""),  # nor those of one
        ("13*cart_a + 17*cart_b + 23*cart_c", SACKS, ""),
    ],
)
def test_a_total_that_may_be_meant_so_is_left(tolls: str, sacks: str, more: str) -> None:
    for text in (LAST_TOLD, TABLE):
        drawn = drafted(text, tolls, sacks, more, mending=False)
        mended = drafted(text, tolls, sacks, more)
        assert linear_form(mended, "tolls") == linear_form(drawn, "tolls")


@pytest.mark.parametrize(
    ("said", "comment", "left"),
    [
        ("The tolls of CartA are paid for by the town.", "dollars of toll", "cart_a"),
        ("Only CartB and CartC pay a toll.", "dollars of toll", "cart_a"),
        ("CartC has a free pass.", "dollars of toll of CartA and CartB", "cart_c"),
    ],
)
def test_a_total_of_some_things_alone_is_left(said: str, comment: str, left: str) -> None:
    tolls = " + ".join(f"{toll:g}*{cart}" for cart, toll in TOLLS.items() if cart != left)
    for text in (f"{LAST_TOLD} {said}", f"{said} {TABLE}"):
        mended = drafted(text, tolls, comment=comment)
        assert linear_form(mended, "tolls") == {c: t for c, t in TOLLS.items() if c != left}


def test_what_table_and_sentences_both_tell_is_added_once() -> None:
    told = LAST_TOLD.partition("CartC. ")[2]
    mended = drafted(f"{TABLE}\n{told}", "17*cart_b + 23*cart_c")
    assert linear_form(mended, "tolls") == TOLLS


def test_a_term_with_two_decisions_and_a_difference_is_made_alike() -> None:
    text = (
        "Three lines make sugar, flour and oil. For Flour, a unit costs $7, sells for $15, and a "
        "worker makes 80 units. For Oil, a unit costs $9, sells for $21, and a worker makes 60 "
        "units. 100 workers are there. For Sugar, a unit costs $5, sells for $11, and a worker "
        "makes 96 units. Earn the most."
    )
    script = """flour_lines = integer(0, None)  # lines for flour
oil_lines = integer(0, None)  # lines for oil
sugar_lines = integer(0, None)  # lines for sugar
flour_workers = integer(0, None)  # workers on a line for flour
oil_workers = integer(0, None)  # workers on a line for oil
sugar_workers = integer(0, None)  # workers on a line for sugar
profit = (15 - 7)*80*flour_lines*flour_workers + (21 - 9)*60*oil_lines*oil_workers  # dollars
workers = flour_lines*flour_workers + oil_lines*oil_workers + sugar_lines*sugar_workers  # workers
maximize(profit)
require(workers <= 100)"""
    mended = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    said = "`profit` has Sugar too: (11 - 5) * 96 * sugar_lines * sugar_workers."
    assert said in [a.text for a in mended.assumptions]


def test_sentences_that_tell_other_facts_make_no_lines() -> None:
    assert len(facts_in(LAST_TOLD)) == 1
    (facts,) = facts_in(LAST_TOLD)
    assert facts.lines == ("CartB", "CartC", "CartA")
    assert facts.numbers == ((17.0, 150.0), (23.0, 190.0), (13.0, 110.0))
    assert facts_in("For CartA, the toll is $13. For CartB, the load is 150 sacks.") == []
    assert facts_in("For CartA, the toll is $13. For CartA, the toll is $15.") == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(101, 997), min_size=6, max_size=6, unique=True),
    st.integers(0, 2),
    st.permutations([0, 1, 2]),
)
def test_whatever_the_numbers_the_total_is_whole(
    numbers: list[int], left_out: int, order: list[int]
) -> None:
    tolls, loads = numbers[:3], numbers[3:]
    told = [f"For Cart{'ABC'[k]}, the toll is ${tolls[k]}, and it carries {loads[k]} sacks."
            for k in order]  # fmt: skip
    text = f"Tolls of $9,000 can be paid. Move as much as can be. {' '.join(told)}"
    carts = ["cart_a", "cart_b", "cart_c"]
    terms = [f"{tolls[k]}*{carts[k]}" for k in range(3) if k != left_out]
    sacks = " + ".join(f"{loads[k]}*{carts[k]}" for k in range(3))
    mended = drafted(text, " + ".join(terms), sacks)
    assert linear_form(mended, "tolls") == dict(zip(carts, map(float, tolls), strict=True))


def test_what_is_told_apart_is_told_together_where_its_thing_comes_first() -> None:
    together = told_together(LAST_TOLD)
    assert together == CARTS.format(f"{FIRST} ", "").rstrip()
    assert told_together(together) == together
    assert told_together(TABLE) == TABLE


@given(st.permutations([0, 1, 2, 3]), st.integers(0, 3))
def test_telling_together_moves_sentences_and_changes_none(order: list[int], gap: int) -> None:
    names = ["Rye", "Oat mix", "Spelt", "Malt"]
    told = [f"For {names[k]}, a sack costs ${20 + k} and fills {3 + k} bags." for k in order]
    told.insert(gap + 1, "We have $900.")
    text = f"We mill rye, oat mix, spelt and malt. {' '.join(told)}"
    together = told_together(text)
    assert sorted(n.value for n in numbers_in(together)) == sorted(
        n.value for n in numbers_in(text)
    )
    assert sorted(together.split()) == sorted(text.split())
    (facts,) = facts_in(together)
    moved = told.index("We have $900.") not in (0, 4)
    assert not moved or facts.lines == tuple(names)
    assert told_together(together) == together


@pytest.mark.parametrize("small", [True, False])
def test_a_small_model_reads_it_together_and_a_large_one_as_it_stands(small: bool) -> None:
    model = ScriptedModel(lambda request: flat_reply())
    model.small = small
    optiwright.solve(LAST_TOLD, model=model, form="flat", route="compiled", effort="quick")
    asked = model.requests[0].messages[-1].content
    assert (f"{FIRST} For CartB" in asked) is small
    assert (f"can be. {FIRST}" in asked) is not small
