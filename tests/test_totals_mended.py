"""Totals that a small model got wrong in one way: put right where the text leaves no choice."""

from __future__ import annotations

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Domain, Formulation
from optiwright.formulators.plain import plain_relations, scalar_values, with_numbers
from optiwright.formulators.wire import Form, read_wire

LAMPS = (
    "Two lamps dry a statue. The red lamp gives 7 units of heat a minute to the front and 11 units "
    "of heat a minute to the back. The blue lamp gives 5 units of heat a minute to the front, 2 "
    "units a minute to the back. At most 900 units may reach the front, at least 400 the back. How "
    "many minutes of each use least current, at 3 watts and 4 watts?"
)
HEATED = """red = continuous(0, None)  # minutes of the red lamp
blue = continuous(0, None)  # minutes of the blue lamp
front = {front}  # units of heat to the front
back = {back}  # units of heat to the back
minimize(3*red + 4*blue)
require(front <= 900)
require(back >= 400)"""
TO_FRONT, TO_BACK = "7*red + 5*blue", "11*red + 2*blue"

TIN = "Make a tin of 750 cm^3 {lid}, with the least sheet metal. What are its radius and height?"
ROUND = """radius = continuous(0, None)  # centimetres
height = continuous(0, None)  # centimetres
metal = 2*3.14159*radius*height + 2*3.14159*radius**2  # square centimetres of metal
minimize(metal)
require(3.14159*radius**2*height == 750)"""
SQUARE = """side = continuous(0, None)  # side of the base
depth = continuous(0, None)  # depth of the crate
area = 2*side**2 + 4*side*depth  # surface
minimize(area)
require(side**2*depth == 750)"""
OBLONG = """length = continuous(0, None)  # metres
width = continuous(0, None)  # metres
height = continuous(0, None)  # metres
surface = 2*length*width + 2*length*height + 2*width*height  # square metres
minimize(surface)
require(length*width*height == 750)"""

SEATS = (
    "A theatre sells nothing at $30 a seat, and 25 seats more for each dollar below $30. What "
    "price, in whole dollars, brings in the most?"
)
PRICED = """price = integer(0, None)  # price of a seat
seats = {seats}  # seats sold
maximize(price*seats)"""

FARM = (
    "A farm has a budget of $8,000 for wages and {for_what}. A day of work costs $120 and brings "
    "$300; each day brings $1 more for every $50 put into tools. How many days, and how much for "
    "tools, bring in the most?"
)
WORKED = """days = integer(0, None)  # days of work
tools = continuous(0, None)  # dollars for tools
wages = 120*days  # dollars of wages
maximize(days*(300 + tools/50))
require(wages <= 8000)"""


def mended(script: str, text: str) -> tuple[Formulation, dict[str, str]]:
    """What becomes of a script, and its totals with their numbers, by name."""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    numbers = scalar_values(made)
    return made, {d.name: with_numbers(d.expression, numbers) for d in made.definitions}


@pytest.mark.parametrize("swapped", [True, False])
def test_totals_with_each_others_numbers_change_places(swapped: bool) -> None:
    front, back = (TO_BACK, TO_FRONT) if swapped else (TO_FRONT, TO_BACK)
    made, totals = mended(HEATED.format(front=front, back=back), LAMPS)
    assert totals == {"front": "7 * red + 5 * blue", "back": "11 * red + 2 * blue"}
    assert bool(made.assumptions) is swapped


def test_totals_that_the_text_does_not_tell_apart_stay() -> None:
    text = LAMPS.replace("to the front", "there").replace("to the back", "there")
    made, totals = mended(HEATED.format(front=TO_BACK, back=TO_FRONT), text)
    assert totals["front"] == "11 * red + 2 * blue" and not made.assumptions


@pytest.mark.parametrize(
    ("script", "total", "open_", "closed"),
    [
        (ROUND, "metal", "1 * 3.14159 * radius ** 2", "2 * 3.14159 * radius ** 2"),
        (SQUARE, "area", "1 * side ** 2", "2 * side ** 2"),
        (OBLONG, "surface", "1 * length * width", "2 * length * width"),
    ],
)
@pytest.mark.parametrize("lid", ["that is open at the top", "with a bottom but no lid", "with lid"])
def test_an_open_vessel_has_one_end(
    script: str, total: str, open_: str, closed: str, lid: str
) -> None:
    made, totals = mended(script, TIN.format(lid=lid))
    if lid == "with lid":
        assert closed in totals[total] and not made.assumptions
    else:
        assert open_ in totals[total] and closed not in totals[total]
        assert any("open" in a.text for a in made.assumptions)


def test_a_two_that_the_text_states_is_no_second_end() -> None:
    text = TIN.format(lid="without a lid") + " The base costs $2 a square centimetre, the side $4."
    costs = SQUARE.replace("area", "material").replace("surface", "dollars of material")
    _, totals = mended(costs, text)
    assert totals["material"].startswith("2 * side ** 2")


@pytest.mark.parametrize("written", ["25*(price - 30)", "25*(30 - price)"])
def test_so_much_for_each_dollar_below_a_price_grows_as_it_falls(written: str) -> None:
    _, totals = mended(PRICED.format(seats=written), SEATS)
    assert totals["seats"] == "25 * (30 - price)"


def test_a_loss_for_each_dollar_above_a_price_stays_with_its_sign() -> None:
    text = "A stall sells 400 pies at $5, and 60 fewer for each dollar above $5. Best price?"
    right = PRICED.format(seats="400 - 60*(price - 5)")
    made, totals = mended(right, text)
    assert totals["seats"] == "400 - 60 * (price - 5)" and not made.assumptions


def test_a_budget_pays_for_what_its_sentence_names() -> None:
    made, _ = mended(WORKED, FARM.format(for_what="tools"))
    plain = {c.name: p for c, p in plain_relations(made)}
    assert plain["requirement_1"] == "tools + wages <= 8000"
    made, _ = mended(WORKED, FARM.format(for_what="seed"))
    assert not made.assumptions
    limited, _ = mended(WORKED + "\nrequire(tools <= 500)", FARM.format(for_what="tools"))
    assert not limited.assumptions


@pytest.mark.parametrize("written", ["round(price)", "round_price", "int(price)"])
def test_an_equation_with_itself_rounded_makes_it_whole(written: str) -> None:
    script = PRICED.format(seats="25*(30 - price)").replace("integer(0", "continuous(0")
    made, _ = mended(f"{script}\n# in whole dollars\nrequire(price == {written})", SEATS)
    assert made.variables[0].domain is Domain.INTEGER and not made.constraints
    assert any("is whole" in a.text for a in made.assumptions)


FUNDS = (
    "I have {have} to put into timber and tea, all of it. Timber yields 4% and tea 9% a year, the "
    "risk is 0.1 times the square of timber's share plus 0.5 times the square of tea's. I want "
    "{want} a year at the least risk."
)
SHARED = """timber = continuous(0, None)  # share of the money in timber
tea = continuous(0, None)  # share of the money in tea
yield_ = 0.04*timber + 0.09*tea  # euros a year
minimize(0.1*timber**2 + 0.5*tea**2)
require(timber + tea {sign} 1)
require(yield_ >= {want})"""


@pytest.mark.parametrize(
    ("have", "want", "sign", "mended_to"),
    [
        ("20,000 euros", "1,200 euros", "==", "20000 * yield_ >= 1200"),
        ("20,000 euros", "1,200 euros", "<=", "20000 * yield_ >= 1200"),
        ("20,000 euros", "5,000 euros", "==", "yield_ >= 5000"),  # more than any share brings
        ("20,000 or 21,000 euros", "1,200 euros", "==", "yield_ >= 1200"),  # which?
        ("my savings", "6%", "==", "yield_ >= 0.06"),
    ],
)
def test_a_return_in_money_is_the_capital_times_that_of_shares(
    have: str, want: str, sign: str, mended_to: str
) -> None:
    number = "0.06" if want == "6%" else want.split()[0].replace(",", "")
    script = SHARED.format(sign=sign, want=number)
    made, _ = mended(script, FUNDS.format(have=have, want=want))
    assert [p for _, p in plain_relations(made)][1] == mended_to
