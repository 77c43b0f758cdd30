"""Right formulations, in wordings that mending once took for slips: they stay as they are."""

from __future__ import annotations

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.wire import Form, read_wire


def stays(text: str, script: str) -> None:
    written = lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text)
    assert mend(written, text) == written


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (
            "Split a sum between hay and oats; the shares add up to 90%. Hay earns 2, oats 3, "
            "and oats may take 45%. What earns the most?",
            """hay = continuous(0, None)  # share of hay
oats = continuous(0, 0.45)  # share of oats
maximize(2*hay + 3*oats)
require(hay + oats == 0.9)""",
        ),
        (
            "Of a tent and a stove only one can go, and at least 1 of rope and stove must. A tent "
            "is worth 5, a stove 4, rope 2. What is packed?",
            """tent = binary()  # 1 if the tent is packed
stove = binary()  # 1 if the stove is packed
rope = binary()  # 1 if the rope is packed
maximize(5*tent + 4*stove + 2*rope)
require(tent + stove <= 1)
require(rope + stove >= 1)""",
        ),
        (
            "Scrap has 60% copper and 0.6% lead, swarf 75% and 2.1%. At least 66% of 80 kg of "
            "bronze must be copper, lead at most 1.5%. Scrap costs 5, swarf 6. Make it cheaply.",
            """scrap = continuous(0, None)  # kg of scrap
swarf = continuous(0, None)  # kg of swarf
copper = 0.6*scrap + 0.75*swarf  # kg of copper
lead = 0.006*scrap + 0.021*swarf  # kg of lead
minimize(5*scrap + 6*swarf)
require(scrap + swarf == 80)
require(copper >= 0.66*80)
require(lead <= 0.015*80)""",
        ),
        (
            "Paste is 60% soap and meal 5%. At least 18% of 900 kg of powder must be soap. Paste "
            "costs 3 a kg, meal 2, and filler 1. Mix it cheaply.",
            """paste = continuous(0, None)  # kg of paste
meal = continuous(0, None)  # kg of meal
filler = continuous(0, None)  # kg of filler
soap = 60/100*paste + 5/100*meal  # kg of soap
minimize(3*paste + 2*meal + filler)
require(paste + meal + filler == 900)
require(soap >= 0.18*900)""",
        ),
        (
            "At least $45 thousand must go into spice. No more than 45% of the money may be in "
            "tolls. At most $300 thousand may be spent. Spice brings 12, tolls 6. Earn the most.",
            """spice = continuous(0, None)  # thousand dollars into spice
tolls = continuous(0, None)  # thousand dollars into tolls
money = spice + tolls  # thousand dollars
maximize(12*spice + 6*tolls)
require(money <= 300)
require(spice >= 45)
require(tolls <= 0.45*money)""",
        ),
        (
            "The hotel has 200 kg of old cheese on order. We sell 900 kg in all, old at 9 and "
            "young at 12. Earn the most.",
            """old = continuous(0, None)  # kg of old cheese
young = continuous(0, None)  # kg of young cheese
maximize(9*old + 12*young)
require(old + young <= 900)
require(old >= 200)""",
        ),
        (
            "Orion may send no more than 65% of the required tents. Orion asks 9 and 5, Vega 11 "
            "and 6. What is needed comes to 40 and 90 pieces. Spend the least.",
            """tents_orion = integer(0, None)  # tents from Orion
tents_vega = integer(0, None)  # tents from Vega
beds_orion = integer(0, None)  # beds from Orion
beds_vega = integer(0, None)  # beds from Vega
tents = tents_orion + tents_vega  # tents sent
minimize(9*tents_orion + 11*tents_vega + 5*beds_orion + 6*beds_vega)
require(tents >= 40)
require(beds_orion + beds_vega >= 90)
require(tents_orion <= 0.65*40)""",
        ),
        (
            "Two ponds cost 4 and 5 a litre to clean, in thousands. At least $2,000 must be spent "
            "on each pond. They take 6 litres in all. Spend the least.",
            """upper = continuous(0, None)  # litres cleaned of the upper pond
lower = continuous(0, None)  # litres cleaned of the lower pond
spending = 4*upper + 5*lower  # thousand dollars spent
minimize(spending)
require(upper + lower >= 6)
require(4*upper >= 2)
require(5*lower >= 2)""",
        ),
        (
            "There are 40 kennels; a dog sold brings 7, a dog kept 11. At least one third of all "
            "dogs must be sold. Earn the most.",
            """sold = integer(0, None)  # sold
kept = integer(0, None)  # kept
dogs = sold + kept  # dogs
maximize(7*sold + 11*kept)
require(3*sold >= dogs)
require(dogs <= 40)""",
        ),
        (
            "1,200 hectares are available, and all of them must be planted. A hectare of rice "
            "brings 42, one of reed loses 3; rice may take 700 at most. Earn the most.",
            """rice = continuous(0, None)  # hectares of rice
reed = continuous(0, None)  # hectares of reed
land = rice + reed  # hectares planted
maximize(42*rice - 3*reed)
require(land == 1200)
require(rice <= 700)""",
        ),
        (
            "Paste is 60% soap and meal 5%. At least 18% of 900 kg of powder must be soap. Paste "
            "costs 3 a kg, meal 2, and filler 1. Mix it cheaply.",
            """paste = continuous(0, None)  # kg of paste
meal = continuous(0, None)  # kg of meal
filler = continuous(0, None)  # kg of filler
soap = 0.01*(60*paste + 5*meal)  # kg of soap
minimize(3*paste + 2*meal + filler)
require(paste + meal + filler == 900)
require(soap >= 0.18*900)""",
        ),
    ],
    ids=[
        "add up to",
        "one",
        "a percentage and a fraction alike",
        "parts of a hundred",
        "a percentage and an amount alike",
        "on order",
        "a share of what is required",
        "on each",
        "a third",
        "all of it",
        "hundredths",
    ],
)
def test_what_is_right_stays(text: str, script: str) -> None:
    stays(text, script)


@pytest.mark.parametrize(
    "said",
    [
        "1,200 hectares are available, all of which must be planted.",
        "1,200 hectares are available. All of it must be planted.",
        "1,200 hectares are available and must all be planted.",
        "1,200 hectares are available, and none may be left idle.",
        "All 1,200 hectares available must be planted.",
        "The farm has available 1,200 hectares, and all of them must be planted.",
    ],
)
def test_a_stock_that_must_be_used_up_is_no_limit(said: str) -> None:
    text = f"{said} Rice brings 42, reed loses 3; rice may take 700 at most. Earn the most."
    script = """rice = continuous(0, None)  # hectares of rice
reed = continuous(0, None)  # hectares of reed
land = rice + reed  # hectares planted
maximize(42*rice - 3*reed)
require(land == 1200)
require(rice <= 700)"""
    stays(text, script)


@pytest.mark.parametrize(
    "said",
    [
        "At least $2,000 must be spent per pond.",
        "Each pond must have at least $2,000 spent on it.",
        "On each pond, at least $2,000 must be spent.",
    ],
)
def test_a_limit_of_things_one_by_one_is_none_of_their_total(said: str) -> None:
    text = f"Two ponds cost 4 and 5 a litre, in thousands. {said} They take 6 litres in all."
    script = """upper = continuous(0, None)  # litres cleaned of the upper pond
lower = continuous(0, None)  # litres cleaned of the lower pond
spending = 4*upper + 5*lower  # thousand dollars spent
minimize(spending)
require(upper + lower >= 6)
require(4*upper >= 2)
require(5*lower >= 2)"""
    stays(text, script)


@pytest.mark.parametrize(
    "said",
    [
        "The school has 120 rye loaves on order.",
        "We have 120 orders for rye loaves that must be filled.",
        "We have 120 rye loaves reserved for regular customers.",
    ],
)
def test_what_others_have_asked_for_is_no_stock(said: str) -> None:
    text = f"{said} The oven bakes 500 in all; rye brings 2, white 3. Earn the most."
    script = """rye = integer(0, None)  # rye loaves
white = integer(0, None)  # white loaves
maximize(2*rye + 3*white)
require(rye >= 120)
require(rye + white <= 500)"""
    stays(text, script)
