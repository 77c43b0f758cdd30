"""A share of a sum that a small model takes of too little, or of other things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.wire import Form, read_wire

TEXT = (
    "A firm sends parcels by vans or carts. A van holds 8 crates and uses 3 litres, a cart 5 and "
    "2. At most 30% of {of} can be vans and at least 20 carts must be used. There are 200 litres, "
    "and room for 90 crates a trip. What is the greatest number of crates?"
)
VEHICLES = TEXT.format(of="the delivery vehicles")


def drafted(text: str, share: str, kind: str = "integer") -> Formulation:
    script = f"""```python
vans = {kind}(0, None)  # vans used
carts = {kind}(0, None)  # carts used
fuel = 3*vans + 2*carts  # litres
maximize(8*vans + 5*carts)
require({share})
require(carts >= 20)
require(fuel <= 200)
```"""
    return lift(read_wire(script, Form.FLAT), text)


def share_in(formulation: Formulation) -> str:
    return next(plain for _, plain in plain_relations(formulation))


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("vans <= 0.3*200", "vans <= 0.3 * (vans + carts)"),
        ("vans <= 0.3*vans + carts", "vans <= 0.3 * (vans + carts)"),
        ("carts >= 0.3*vans + carts", "carts >= 0.3 * (vans + carts)"),
        ("0.3*200 >= vans", "0.3 * (vans + carts) >= vans"),
        ("vans <= 0.3*carts", "vans <= 0.3 * (vans + carts)"),
        ("vans <= 0.3*fuel", "vans <= 0.3 * (vans + carts)"),
        ("0.3*carts + vans == vans", "0.3 * (carts + vans) == vans"),
        ("vans <= 0.3*vans + 0.7*carts", "vans <= 0.3 * (vans + carts)"),
    ],
)
def test_a_share_is_taken_of_the_whole_sum_and_that_is_said(written: str, mended: str) -> None:
    found = mend(drafted(VEHICLES, written), VEHICLES)
    assert share_in(found) == mended
    assert any("30% of the delivery vehicles" in a.text for a in found.assumptions)


@pytest.mark.parametrize(
    ("words", "mended"),
    [
        ("At most 30% of the vehicles can be vans", "vans <= 0.3 * vehicles"),
        ("At most 30% of the vehicles can be carts", "carts <= 0.3 * vehicles"),
        ("At most 30% of the vehicles stand still", "vehicles <= 0.3 * vehicles"),
        ("At most 30% of the vehicles can be vans or carts", "vehicles <= 0.3 * vehicles"),
    ],
)
def test_a_share_of_a_total_itself_is_of_what_the_text_names(words: str, mended: str) -> None:
    text = TEXT.format(of="the vehicles").replace("At most 30% of the vehicles can be vans", words)
    script = """vans = integer(0, None)  # vans used
carts = integer(0, None)  # carts used
vehicles = vans + carts  # vehicles used
maximize(8*vans + 5*carts)
require(vehicles <= 0.3*vehicles)"""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    assert share_in(made) == mended


def test_a_share_of_a_load_is_of_what_a_decision_carries() -> None:
    text = (
        "A van carries 8 crates for $30, a cart 5 for $20. At least 30% of the crates have to go "
        "by cart, and at least 200 crates go. What costs least?"
    )
    script = """vans = integer(0, None)  # trips by van
carts = integer(0, None)  # trips by cart
crates = 8*vans + 5*carts  # crates carried
minimize(30*vans + 20*carts)
require(crates >= 0.3*crates)
require(crates >= 200)"""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    assert share_in(made) == "5 * carts >= 0.3 * crates"


@pytest.mark.parametrize(
    "right", ["vans <= 0.3 * (vans + carts)", "vans <= 0.3 * vans",
              "vans <= 0.3 * vans + 0.3 * carts", "vans <= 0.3 * vans + 0.6 * carts",
              "vans <= 0.3 * carts + 0.7 * vans",
              "fuel <= 0.3 * 200", "vans <= 0.3 * fuel + carts", "vans + carts <= 0.3 * 200"]
)  # fmt: skip
def test_what_is_no_slip_stays(right: str) -> None:
    given = drafted(VEHICLES, right)
    assert mend(given, VEHICLES).constraints == given.constraints


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("carts <= 0.6*load", "carts <= 0.6 * (vans + carts)"),  # 5 crates a cart: always so
        ("vans <= 0.1*load", "vans <= 0.1 * load"),  # 8 crates a van: not always
    ],
)
def test_a_share_of_a_load_that_says_nothing_is_one_of_what_is_counted(
    written: str, mended: str
) -> None:
    share = written.split("*")[0][-3:]
    text = f"At most {float(share):.0%} of the traffic can be carts or vans. " + VEHICLES
    script = f"""vans = integer(0, None)  # vans used
carts = integer(0, None)  # carts used
load = 8*vans + 5*carts  # crates
maximize(load)
require({written})
require(3*vans + 2*carts <= 200)"""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    assert share_in(made) == mended


@pytest.mark.parametrize("done", ["vehicles used", "rides made", "trips sold"])
def test_what_a_share_is_of_may_be_followed_by_what_became_of_it(done: str) -> None:
    text = TEXT.format(of=done)
    mended = share_in(mend(drafted(text, "vans <= 0.3*carts"), text))
    assert mended == "vans <= 0.3 * (vans + carts)"


@pytest.mark.parametrize("of", ["the 200 vehicles", "the litres", "the fuel", "its funds", "it"])
def test_a_share_of_a_stock_or_of_a_stated_number_stays(of: str) -> None:
    text = TEXT.format(of=of)
    assert share_in(mend(drafted(text, "vans <= 0.3*200"), text)) == "vans <= 0.3 * 200"


def test_a_share_of_what_is_measured_and_not_counted_stays() -> None:
    given = drafted(VEHICLES, "vans <= 0.3*200", "continuous")
    assert share_in(mend(given, VEHICLES)) == "vans <= 0.3 * 200"


def test_a_share_of_what_one_decision_alone_is_called_stays() -> None:
    text = TEXT.format(of="the carts")
    assert share_in(mend(drafted(text, "vans <= 0.3*carts"), text)) == "vans <= 0.3 * carts"


@pytest.mark.parametrize("bound", ["30", "0.3"])
def test_a_share_that_became_a_bound_is_taken_of_the_sum(bound: str) -> None:
    script = f"""```python
vans = integer(0, {bound})  # vans used
carts = integer(20, None)  # carts used
fuel = 3*vans + 2*carts  # litres
maximize(8*vans + 5*carts)
require(fuel <= 200)
```"""
    given = lift(read_wire(script, Form.FLAT), VEHICLES)
    found = mend(given, VEHICLES)
    plain = [p for _, p in plain_relations(found)]
    assert "vans <= 0.3 * (vans + carts)" in plain
    assert (found.variables[0].lower, found.variables[0].upper) == ("0", None)
    assert found.variables[1] == given.variables[1]
    of_stock = TEXT.format(of="the fuel")
    kept = lift(read_wire(script, Form.FLAT), of_stock)
    assert mend(kept, of_stock).variables == kept.variables


@given(st.text(alphabet="vans crt0.3*+<=>( )2", max_size=24), st.text(max_size=30))
def test_whatever_is_written_mending_it_twice_changes_nothing_more(share: str, of: str) -> None:
    text = TEXT.replace("{of}", of)
    try:
        given = drafted(text, share)
    except FormulationError:
        return  # no formulation to mend
    once = mend(given, text)
    assert mend(once, text).constraints == once.constraints


SPENT = (
    "A school buys desks at $40, chairs at $15 and lamps at $25. It has $3000. At least 30% of the "
    "money should be spent on {thing}. A desk seats 2 and a chair 1, and 20 lamps are needed. How "
    "many can be seated?"
)


@pytest.mark.parametrize(
    ("thing", "held"),
    [
        ("chairs", "15 * chairs >= 0.3 * 3000"),
        ("the desks and chairs", "cost >= 0.3 * 3000"),
        ("new furniture", "cost >= 0.3 * 3000"),
        ("chairs. At most 30% of it is a loan", "cost >= 0.3 * 3000"),
    ],
)
def test_a_share_that_is_spent_on_some_things_is_held_against_these(thing: str, held: str) -> None:
    script = """```python
desks = integer(0, None)  # desks bought
chairs = integer(0, None)  # chairs bought
lamps = integer(0, None)  # lamps bought
cost = 40*desks + 15*chairs + 25*lamps  # dollars
maximize(2*desks + chairs)
require(cost <= 3000)
require(cost >= 0.3*3000)
require(lamps >= 20)
```"""
    text = SPENT.format(thing=thing)
    formulation = mend(lift(read_wire(script, Form.FLAT), text), text)
    assert held in [plain for _, plain in plain_relations(formulation)]
