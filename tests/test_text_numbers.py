"""Numbers of a text, and of its formulation, held against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.formulators.checks import check
from optiwright.formulators.lift import lift
from optiwright.formulators.model import (
    Algebraic,
    Assumption,
    Formulation,
    Objective,
    Sense,
    Variable,
)
from optiwright.formulators.number_checks import unfounded_numbers, unused_numbers
from optiwright.formulators.number_match import COUNTS, NumberUse, match_numbers
from optiwright.formulators.rounding import rounding_asked
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wire import Form, read_wire
from tests.sample_formulations import given as parameter


def values(text: str) -> list[float]:
    return [n.value for n in numbers_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,250 hours and 1 250 kg", [1250, 1250]),
        ("1.250,5 euro or 1,250.5 or 2,5", [1250.5, 1250.5, 2.5]),
        ("1,2,3", [1, 2, 3]),
        ("20% of 3/4, ½ cup, 2½ cups", [20, 0.75, 0.5, 2.5]),
        ("forty percent, 12 per cent", [40, 12]),
        ("two dozen eggs, twenty-five men, a dozen", [24, 25, 12]),
        ("half, twice as many, a third of it, three-quarters of it", [0.5, 2, 1 / 3, 0.75]),
        ("one hundred and fifty", [150]),
        ("three hundred thousand two hundred and five", [300_205]),
        ("$5k, €3.5M, 4 million dollars, $ 7", [5000, 3.5e6, 4e6, 7]),
        ("10-20 units, 5 to 8 units", [10, 20, 5, 8]),
        ("| a | 12 | 3.5 |\n| b | 0 | 7 |", [12, 3.5, 0, 7]),
        ("x\t4\t5", [4, 5]),
        ("1'200 kg, CHF 1'234'500.50 and 5'10", [1200, 1234500.5, 5, 10]),
        ("100ft, 40-hour, 2x, 1e5", [100, 40, 2, 1e5]),
        ("1e999 or 3e-999 or 7", [0, 7]),
        ("Product 1 costs 5, products 2 and 3 cost 6", [5, 6]),
        ("Step 2: go\n1. First 7\n2) Second\n(3) Third", [7]),
        ("In 2024 we made 2024 units", [2024]),
        ("one of them, the third plant, nobody", []),
        ("Each week 240 hours, per day 8 hours", [240, 8]),
        ("A4 paper and x2", []),
    ],
)
def test_numbers_of_a_text(text: str, found: list[float]) -> None:
    assert values(text) == pytest.approx(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shown in Tables 3-23, 3-24, and 3-25. Ship 40 tons.", [40]),
        ("in Table 3.1. Figures 2.1 and 2.2 show 7 days", [7]),
        ("see Tab. 2.3 and Fig. 4-1 for 4-5 kg", [4, 5]),
        ("Each table 3.5 hours, Chair 2 hours", [3.5, 2]),
        ("Table 3.5 hours, chair 2 hours", [3.5, 2]),
        ("chairs 5-6 days", [5, 6]),
        ("Table 3.5 board feet, Chair 2.5 board feet", [3.5, 2.5]),
        ("Section 4.5 acres", [4.5]),
        ("100 t of product B-55", [100]),
        (
            "Profits: A-$20, B-$30 and C-$25; demand: A-10, B-20 units. Plant A-100",
            [20, 30, 25, 10, 20, 100],
        ),
        ("our mill (built 1956) grinds 1956 sacks", [1956]),
        ("| part | cost 2026 | cost 2027 |\n| A | 1999 | 2000 |", [1999, 2000]),
        ("Spend 2027 money in 2026? 30 € for 2027.\npart\t2026\t2027\nA\t5\t7", [30, 5, 7]),
        ("| Quantity | up to 1999 | from 2000 |\n| Price | 5 | 4 |", [1999, 5, 4]),
        ("Product   North   South\nbolts   1999   2000", [1999, 2000]),
        ("Buy at most 1999; sell at least 2000", [1999, 2000]),
        ("Last year we built 2000 cars", [2000]),
        ("1. Monday needs 3\n2. Tuesday needs 2\n3. Friday comes before 2.", [3, 2, 2]),
        ("1. Each shift needs 3.\n2. At most 5 days.\n3. Rest after 2, please.", [3, 5, 2]),
        ("1. Dig: 3 days\n2. Pour: 1 day, after 1\n3. Dry: after 1 and 2, 2 days", [3, 1, 2]),
        ("1. Dig: 3 days\n2. Pour: after 2 days, or after 7.", [3, 2, 7]),
        ("12 pumps. Give it rounded to two decimal places, or to the nearest $100.", [12]),
    ],
)
def test_the_numbers_of_tables_and_figures_are_none(text: str, found: list[float]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("free for 6 and a half hours", [6.5]),
        ("two and a quarter days, one and a half hours", [2.25, 1.5]),
        ("An hour and a half later, 1 1/2 pints", [1.5, 1.5]),
        ("six and three quarters", [6.75]),
        ("24 1/2-inch boards", [24, 0.5]),
        ("buy 20 and a third of them", [20, 1 / 3]),
        ("The most is 10\n1/3 of them must be red", [10, 1 / 3]),
        ("| Oven 40 | 1/2 |", [40, 0.5]),
        ("5 and half of them", [5, 0.5]),
    ],
)
def test_a_whole_and_a_part_are_one_number(text: str, found: list[float]) -> None:
    assert values(text) == pytest.approx(found)


def test_a_part_of_a_unit_has_the_unit() -> None:
    assert [n.unit_hint for n in numbers_in("half a kilo, 3/4 of an hour")] == ["kilo", "hour"]


@pytest.mark.parametrize(
    ("text", "number", "used"),
    [
        ("90 cents on a croissant", 0.9, True),
        ("a sack of 25 kg and 25 minutes", 25000, True),
        ("6 t of sand", 6000, True),
        ("the oven for a quarter of an hour", 15, True),
        ("takes 2 hours; at most 120 tables", 120, False),  # which are the tables
        ("5 kg of flour for 5000 people", 5000, False),
        ("rails of 215 cm, and 25 of them", 2150, True),
        ("1.85 m of tube", 1850, True),
        ("no wider than 180 mm", 18, True),
        ("35 gross of brushes", 5040, True),
        ("at least 30 mm thick", 3, True),
    ],
)
def test_a_number_may_be_written_in_another_unit(text: str, number: float, *, used: bool) -> None:
    left, loose = match_numbers(text, [NumberUse(number, "here"), NumberUse(25, "there")])
    assert not loose or loose[0].value == 25
    assert (numbers_in(text)[0] not in left) is used


@pytest.mark.parametrize(
    ("text", "value", "founded"),
    [
        ("sheet at 4.20 EUR per m²", 0.042, True),  # cents a cm2
        ("sheet at $4.20/m2", 0.00042, True),
        ("62 € per tonne", 0.062, True),
        ("0.3 cent for every cm", 0.042, False),
        ("4.20 EUR per sheet", 0.042, False),
        ("4.20 EUR per sheet", 4200, False),
        ("A clerk serves 5 per hour.", 500, False),
        ("A mixer costs 12 a ton.", 1200, False),
        ("Wage 20 dollars per hour", 2000, False),
    ],
)
def test_a_price_of_a_unit_may_be_one_of_a_smaller_unit(
    text: str, value: float, *, founded: bool
) -> None:
    uses = [NumberUse(value, "here"), *(NumberUse(n.value, "there") for n in numbers_in(text))]
    assert (match_numbers(text, uses)[1] == []) is founded


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("35 gross (a gross is 144, he thought its 100)", [100]),
        ("35 boxes, and a week has 7 days", []),
        ("35 boxes, and a box has 144", [144]),
        ("35 loads, and a week has 5 days", [5]),
    ],
)
def test_what_a_unit_is_need_not_be_used(text: str, left: list[float]) -> None:
    assert [n.value for n in match_numbers(text, [NumberUse(35, "here")])[0]] == left


def test_a_count_is_no_number_in_another_unit() -> None:
    text = "Boards must be at least 30 mm thick and cost 11 or 13."
    counted = NumberUse(3.0, COUNTS, stated=False)
    uses = [NumberUse(11.0, "here"), NumberUse(13.0, "there"), counted]
    assert [n.value for n in match_numbers(text, uses)[0]] == [30.0]


@pytest.mark.parametrize(("has_half", "left"), [(True, []), (False, [1.5])])
def test_one_and_a_half_may_be_all_of_one_and_half_of_another(
    left: list[float], *, has_half: bool
) -> None:
    text = "Stock is one and a half weeks of cover."
    uses = [NumberUse(0.5 if has_half else 0.75, "here")]
    assert [n.value for n in match_numbers(text, uses)[0]] == left


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("5.20 each from 300 boxes on", []),
        ("up to 100, 100 - 300 and above", []),
        ("There are 300 boxes at most.", [299]),
    ],
)
def test_the_end_of_a_range_may_be_the_whole_number_beside(text: str, loose: list[float]) -> None:
    assert [u.value for u in match_numbers(text, [NumberUse(299, "here")])[1]] == loose


def test_words_span_and_unit() -> None:
    text = "at most 1,200 hours, 20% waste and $7"
    hours, waste, price = numbers_in(text)
    assert (hours.words, hours.unit_hint) == ("1,200 hours", "hours")
    assert text[slice(*hours.span)] == "1,200"
    assert waste.alternatives == (20.0, 0.2)
    assert (price.value, price.unit_hint) == (7.0, "$")


@given(st.integers(0, 10**9))
def test_a_grouped_integer_comes_back(number: int) -> None:
    assert values(f"there are {number:,} of them") == [number]


@given(st.decimals(0, 10**6, places=3))
def test_a_decimal_comes_back(number: float) -> None:
    assert values(f"weighs {number} kg") == [float(number)]


ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@given(st.integers(1, 9), st.integers(2, 9), st.integers(1, 9))
def test_spelled_numbers_come_back(hundreds: int, tens: int, ones: int) -> None:
    words = f"{ONES[hundreds - 1]} hundred {TENS[tens - 2]}-{ONES[ones - 1]}"
    assert values(f"about {words} people") == [100 * hundreds + 10 * tens + ones]


@given(st.text(max_size=200))
def test_any_text_has_numbers_in_order(text: str) -> None:
    spans = [n.span for n in numbers_in(text)]
    assert spans == sorted(spans)


def model(*numbers: float, bound: str | None = None, expression: str = "x <= 1") -> Formulation:
    return Formulation(
        parameters=tuple(parameter(f"p{k}", v) for k, v in enumerate(numbers)),
        variables=(Variable(name="x", upper=bound),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="x"),),
        constraints=(Algebraic(name="c", expression=expression),),
    )


def unused(text: str, formulation: Formulation) -> list[float]:
    return [n.value for n in unused_numbers(text, formulation)]


def test_a_number_is_used_wherever_it_stands() -> None:
    text = "30 hours, 45 kg, 7 boxes"
    assert unused(text, model(30, bound="45", expression="7 * x <= 1")) == []
    assert unused(text, model(30)) == [45, 7]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a waste of 20%", 0.2),
        ("a waste of 20%", 20),
        ("a waste of 20%", 0.8),
        ("a markup of 20%", 1.2),
        ("8 hours a day", 480),
        ("90 minutes", 1.5),
        ("two thirds of it", 0.667),
        ("a price of 50 and a cost of 30", 20),
        ("5 crews of 14 men", 70),
    ],
)
def test_a_number_is_used_through_a_simple_change(text: str, number: float) -> None:
    assert unused(text, model(number)) == []
    assert unfounded_numbers(text, model(number)) == ()


def test_a_coincidence_is_no_use() -> None:
    # 1,200 is 12 times the 100 that the text also states.
    assert unused("100 kg and 1,200 hours", model(100)) == [1200]


def test_an_assumption_accounts_for_a_number() -> None:
    formulation = model(3).model_copy(
        update={"assumptions": (Assumption(text="The 45 seats do not matter."),)}
    )
    assert unused("3 buses with 45 seats", formulation) == []


@pytest.mark.parametrize(
    ("netting", "sides"),
    [("length + 2*depth", 0), ("2*length + 2*depth", 4), ("3*length + 4*depth", 0)],
)
def test_lengths_are_added_up_for_the_sides_that_the_text_has(netting: str, sides: int) -> None:
    text = "By a barn, the three other sides take 90 m of netting; there are 4 corners."
    script = f"""```python
length = continuous(0, None)
depth = continuous(0, None)
netting = {netting}
maximize(length*depth)
require(netting <= 90)
```"""
    model = lift(read_wire(script, Form.FLAT), text)
    assert unused(text, model) == []
    told = [f.message for f in check(model, text) if "sides" in f.message]
    assert [m.rpartition("`")[2] for m in told] == [
        f" = 2 * length + 2 * depth adds up {sides} lengths."
    ] * bool(sides)


def test_a_value_that_the_text_does_not_state() -> None:
    found = unfounded_numbers("30 hours", model(30, 777, expression="60 * x ** 3 <= p0"))
    assert [(use.value, use.where) for use in found] == [(777.0, "parameter `p1`")]


@pytest.mark.parametrize(
    ("words", "told"),
    [("a third of the boats", True), ("1/3 of the boats", True), ("0.25 and 0.5 tons", False)],
)
def test_a_part_tells_how_often_it_goes_into_the_whole(words: str, told: bool) -> None:
    value = 3 if told else 4
    found = unfounded_numbers(f"Ferries are {words}, 30 hours", model(30, value))
    assert [use.value for use in found] == ([] if told else [4.0])


@pytest.mark.parametrize(
    ("words", "part"),
    [("a third", True), ("1/4", True), ("½", True), ("$0.25", False), ("€ 0.5", False),
     ("0.25", False), (".5", False)],
)  # fmt: skip
def test_what_is_written_as_a_part(words: str, part: bool) -> None:
    (number,) = numbers_in(f"It takes {words} of it.")
    assert number.is_part is part


def test_a_part_is_used_by_no_number_that_another_one_tells() -> None:
    text = "A van takes 4 hours, a cart 3 hours. At least a third of the trips is by van."
    told = unused_numbers(text, model(4, 3))
    assert [n.value for n in told] == [pytest.approx(1 / 3)]


@pytest.mark.parametrize(
    ("text", "meanings", "left"),
    [
        ("Cabin 1 holds 90 kg, cabin 2 holds 70.", ["kg in cabin 1", "kg in cabin 2"], []),
        ("Cabin 1 holds 90 kg, cabin 2 holds 70.", ["kg in the first", "kg in cabin 2"], [2]),
        ("Cabin 1 holds 90 kg, cabin 4 holds 70.", ["kg in cabin 1", "kg in cabin 4"], [4]),
        ("Cabin 1 holds 90 kg, cabin 2 holds 70.", ["kg on run 1", "kg on run 2"], [2]),
        ("90 kg, 70 kg, at least 1 in, at least 2 out.", ["at least 1", "at least 2"], [2]),
        ("Cabin 1 takes 2 men, 90 kg and 70 kg.", ["kg in cabin 1", "kg in cabin 2"], [2]),
    ],
)
def test_numbers_that_tell_things_apart_are_no_data(
    text: str, meanings: list[str], left: list[float]
) -> None:
    decisions = [Variable(name=f"x{k}", description=m) for k, m in enumerate([*meanings, ""])]
    formulation = model(90, 70, 50).model_copy(update={"variables": tuple(decisions)})
    assert unused(text, formulation) == left


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Provide your answer rounded to the nearest dollar.", 1),
        ("the least cost, rounded to nearest whole number?", 1),
        ("Please round your answer to the nearest cent.", 0.01),
        ("What is it to the nearest $100?", 100),
        ("Give it rounded to two decimal places.", 0.01),
        ("rounded to 3 decimals", 0.001),
        ("A round table stands by the window. The nearest town is 5 miles away.", 0),
        ("How far is it to the nearest shop?", 0),
        ("A truck makes a round trip of 45 minutes to the nearest depot.", 0),
        ("Working hours are rounded to the nearest hour.", 0),
        ("Round the answer down to the nearest dollar.", 0),
        ("Round to the nearest two decimal places.", 0.01),
        ("rounded to the nearest ten thousand", 10000),
        ("rounded to the nearest five dollars", 5),
    ],
)
def test_what_a_text_wants_its_answer_rounded_to(text: str, unit: float) -> None:
    assert rounding_asked(text) == pytest.approx(unit)
