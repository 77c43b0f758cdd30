"""What a text says of one decision against a multiple of another, and what a model makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.checks import check
from optiwright.formulators.findings import Code
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.ratios import ratios_in
from optiwright.formulators.wire import Form, read_wire

THINGS = {"vans": "vans used", "carts": "carts used"}
TEXT = (
    "A firm sends parcels by vans and carts. A van holds 8 crates and uses 3 litres, a cart 5 and "
    "2. {rule} There are 200 litres. What is the greatest number of crates?"
)


def drafted(rule: str, *requirements: str, totals: str = "", kind: str = "integer") -> Formulation:
    text = TEXT.format(rule=rule)
    required = "\n".join(f"# {rule}\nrequire({r})" for r in requirements)
    script = f"""```python
vans = {kind}(0, None)  # vans used
carts = {kind}(0, None)  # carts used
fuel = 3*vans + 2*carts  # litres
{totals}maximize(8*vans + 5*carts)
require(fuel <= 200)
{required}
```"""
    return mend(lift(read_wire(script, Form.FLAT), text), text)


def required(formulation: Formulation) -> list[str]:
    """The requirements but the first, which is the fuel's."""
    return [plain for _, plain in plain_relations(formulation)][1:]


@pytest.mark.parametrize(
    ("sentence", "first", "sign", "factor", "second"),
    [
        ("At least twice as many vans must be used as carts.", "vans", ">=", 2, "carts"),
        ("At least 3 times as many carts are needed than vans.", "carts", ">=", 3, "vans"),
        ("There can be at most 1.5 times more vans than carts.", "vans", "<=", 1.5, "carts"),
        ("At most twice the number of carts to that of vans.", "carts", "<=", 2, "vans"),
        ("The number of vans must be at least four times the carts.", "vans", ">=", 4, "carts"),
        ("The number of carts cannot exceed twice the vans.", "carts", "<=", 2, "vans"),
        ("The number of carts must not exceed the number of vans.", "carts", "<=", 1, "vans"),
        ("The number of vans must be thrice the number of carts.", "vans", "==", 3, "carts"),
        ("There must be half as many vans as carts.", "vans", "==", 0.5, "carts"),
        (
            "Since vans are dear, at least 5 times as many carts as vans go.",
            "carts",
            ">=",
            5,
            "vans",
        ),
        ("At least 9 carts go and the vans must be twice the carts.", "vans", "==", 2, "carts"),
    ],
)
def test_which_is_the_greater_is_told_by_the_words(
    sentence: str, first: str, sign: str, factor: float, second: str
) -> None:
    (found,) = ratios_in(sentence, THINGS)
    assert (found.first, found.sign, found.factor, found.second, found.strict) == (
        first,
        sign,
        factor,
        second,
        False,
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "The number of vans must exceed the number of carts.",
        "There must be more vans than carts.",
        "Vans should outnumber carts.",
    ],
)
def test_what_must_be_more_may_not_be_equal(sentence: str) -> None:
    (found,) = ratios_in(sentence, THINGS)
    assert (found.first, found.sign, found.second, found.strict) == ("vans", ">=", "carts", True)


@pytest.mark.parametrize(
    "sentence",
    [
        "He would like more vans than carts.",
        "A van takes twice the time.",
        "Vans and carts make at least 3 trips.",
        "At least 3 times a day vans and carts go.",
        "No more vans than carts must be washed.",
        "At least twice as many vans, bicycles or ships.",
        "The number of vans must be at least twice last year's.",
        "The combined number of vans and carts cannot exceed 20.",
        "The vans and carts together must not exceed 20 bicycles and vans.",
        r"The number of vans cannot exceed 20.\n- At least 10 carts go.",
        r"Vans must be at least twice\n- carts.",
    ],
)
def test_what_compares_no_two_of_them_is_none(sentence: str) -> None:
    assert list(ratios_in(sentence, THINGS)) == []


def test_a_word_of_two_things_tells_neither() -> None:
    things = {"large": "large jars of jam", "small": "small jars of jam"}
    (found,) = ratios_in("At least twice as many small jars as large jars go.", things)
    assert (found.first, found.second) == ("small", "large")
    assert list(ratios_in("At least twice as many jars as jam.", things)) == []


TWICE = "At least twice as many carts must be used as vans."
RIGHT = "carts >= 2 * vans"


@pytest.mark.parametrize(
    "written",
    [["2*carts >= vans"], ["carts <= 2*vans"], ["vans >= 2*carts"], ["vans >= carts"], []],
    ids=["reversed", "wrong sign", "turned round", "no factor", "left out"],
)
def test_a_ratio_read_otherwise_becomes_what_the_text_says(written: list[str]) -> None:
    found = drafted(TWICE, *written)
    assert required(found) == [RIGHT]
    assert any(RIGHT in a.text and "twice as many carts" in a.text for a in found.assumptions)
    assert optiwright.solve(found).objective == pytest.approx(28 * 8 + 58 * 5)


def test_a_ratio_that_says_nothing_becomes_one() -> None:
    found = drafted(TWICE, "needed >= carts", totals="needed = 2*carts  # carts needed\n")
    assert required(found) == [RIGHT]


@pytest.mark.parametrize(
    "written",
    ["carts >= 2*vans", "2*vans <= carts", "carts == 2*vans", "0.5*carts >= vans",
     "carts/2 >= vans", "carts - 2*vans >= 0"],
)  # fmt: skip
def test_a_ratio_that_is_right_stays(written: str) -> None:
    found = drafted(TWICE, written)
    assert len(required(found)) == 1
    assert not any("twice" in a.text for a in found.assumptions)


def test_a_share_of_both_is_no_ratio_of_them() -> None:
    rule = f"At least 30% of all vehicles must be carts. {TWICE}"
    found = drafted(rule, "carts >= 0.3*(vans + carts)", "carts >= 2*vans")
    assert required(found) == ["carts >= 0.3 * (vans + carts)", RIGHT]


def test_two_sentences_of_the_same_two_are_left_to_the_model() -> None:
    rule = f"{TWICE} At most 5 times as many carts as vans go."
    assert required(drafted(rule, "2*carts >= vans")) == ["2 * carts >= vans"]


MORE = "There must be more vans than carts."


@pytest.mark.parametrize(
    "written", ["vans <= carts", "vans >= carts", "carts <= vans", "vans >= 1"]
)
def test_what_must_be_more_is_more_by_one_where_it_is_counted(written: str) -> None:
    assert required(drafted(MORE, written))[-1] == "vans >= carts + 1"


@pytest.mark.parametrize("written", ["vans >= carts + 1", "vans - 1 >= carts", "carts + 1 <= vans"])
def test_what_is_more_by_one_already_stays(written: str) -> None:
    assert len(required(drafted(MORE, written))) == 1
    assert "more vans" not in str(drafted(MORE, written).assumptions)


def test_amounts_have_no_next_one() -> None:
    assert required(drafted(MORE, "vans <= carts", kind="continuous")) == ["vans >= carts"]
    assert required(drafted(MORE, "vans >= carts", kind="continuous")) == ["vans >= carts"]


@settings(deadline=None)
@given(
    sign=st.sampled_from([">=", "<="]),
    factor=st.integers(2, 9),
    written=st.sampled_from([">=", "<="]),
    turned=st.booleans(),
    left=st.booleans(),
)
def test_however_the_two_are_held_against_each_other_the_texts_ratio_results(
    sign: str, factor: int, written: str, turned: bool, left: bool
) -> None:
    words = "At least" if sign == ">=" else "At most"
    rule = f"{words} {factor} times as many carts as vans are used."
    sides = ["vans", f"{factor}*carts"] if turned else ["carts", f"{factor}*vans"]
    (relation,) = required(drafted(rule, f" {written} ".join(sides[:: 1 if left else -1])))
    more, less = (eval(relation, {"carts": carts, "vans": 1}) for carts in (factor + 1, factor - 1))
    assert (more, less) == ((True, False) if sign == ">=" else (False, True))


def test_the_same_number_elsewhere_stays_a_fact_of_its_own() -> None:
    found = drafted(TWICE)  # a cart uses 2 litres as well
    (ratio,) = [p for p in found.parameters if p.name == "carts_times"]
    assert ratio.words == "At least twice as many carts must be used as vans"
    fuel = next(d.expression for d in found.definitions if d.name == "fuel")
    assert ratio.name not in fuel


def test_what_was_replaced_leaves_nothing_behind() -> None:
    found = drafted(TWICE, "needed >= carts", totals="needed = 2*carts  # carts needed\n")
    text = TEXT.format(rule=TWICE)
    assert not [f for f in check(found, text) if f.code is Code.UNUSED and "parameter" in f.where]
