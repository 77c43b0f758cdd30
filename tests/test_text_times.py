"""Times of day and dates: which words are some, and what a model may make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.formulators.number_match import COUNTS, NumberUse, match_numbers
from optiwright.formulators.text_times import times_in, values_of_dates


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("leaves at 8:30, back by 9:45", [510, 585]),
        ("from 22:00 - 2:00, or 24:00", [1320, 120, 1440]),
        ("open 10.30 until 19.00", [630, 1140]),
        ("from 10.50 to 12.50 per kg, costs 19.00, 12.30 EUR", []),
        ("between 9.15 € and 11.30 euros each", []),
        ("The pH lies between 6.30 and 6.50, prices rise from 2.30 to 2.45.", []),
        ("The lathe needs 2 h 15 workers, sand and cement are mixed 1:20 or better.", []),
        ("| wine | 3:15 | 5:20 |", [195, 320]),
        ("2:30 pm, 11 a.m., 12 am, 12 pm, noon", [870, 660, 0, 720, 720]),
        ("8h15 or 7h05", [495, 425]),
        ("in a ratio of 3:10, on a scale 1:25, 10:95, 25:10, 1:2:30", []),
        ("12 pm and 3 o'clock, at midnight", [720, 180, 900, 0, 1440]),
        ("10 pmol, 5 amples, 3.75 m", []),
    ],
)
def test_times_of_day_are_known(text: str, minutes: list[int]) -> None:
    assert [m for time in times_in(text) for m in time.minutes] == minutes


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_any_two_times_are_told_from_each_other(first: int, second: int) -> None:
    text = f"From {first // 60}:{first % 60:02d} to {second // 60}:{second % 60:02d} we bake."
    for value in (first, second / 60, abs(second - first), (second - first) % 1440 / 60):
        assert match_numbers(text, [NumberUse(float(value), "here")])[1] == []


@pytest.mark.parametrize(
    ("text", "value", "founded"),
    [
        ("We leave at 8:30 and are due at 9:45.", 75, True),
        ("We leave at 8:30 and are due at 9:45.", 1.25, True),
        ("We leave at 8:30 and are due at 9:45.", 85, False),
        ("The day goes from 10.30 until 19.00.", 10.5, True),
        ("The day goes from 10.30 until 19.00.", 8.5, True),
        ("Bread costs 10.30 here and 19.00 there.", 10.5, False),
        ("| wine | 3:15 | 5:20 |", 320, True),
        ("From Monday 2 March to Saturday 28 March.", 27, True),
        ("Begun on March 2nd, over on 28th of March.", 26, True),
        ("From 2026-03-02 to 2026-04-02.", 31, True),
        ("From 2 March to 28 March.", 31, False),
        ("The 28 March is fixed.", 27, False),
        ("Shifts start at 6:00, 8:30, 12:00, 14:00, 17:00 and 22:00.", 330, False),
        ("Shifts start at 6:00, 8:30, 12:00, 14:00, 17:00 and 22:00.", 180, True),
        ("Market 3 takes 310, market 7 420, market 12 530.", 14, False),
        ("Make 20 decorative and 45 plain tiles.", 51, False),
        ("Fairs are on 3 March, 10 March, 21 March and 8 April.", 35, False),
        ("Fairs are on 3 March, 10 March, 21 March and 8 April.", 36, True),
    ],
)
def test_what_lies_between_times_and_dates_is_founded(
    text: str, value: float, *, founded: bool
) -> None:
    loose = match_numbers(text, [NumberUse(value, "here")])[1]
    assert (loose == []) is founded


def test_a_time_is_used_where_what_lies_between_it_and_another_is() -> None:
    text = "We leave at 8:30, the clinic is due at 9:45 and the hotel at 9:30."
    left, _ = match_numbers(text, [NumberUse(75.0, "here")])
    assert {text[slice(*n.span)] for n in left} == {"9", "30"}  # the hotel's alone
    left, _ = match_numbers(text, [NumberUse(75.0, "clinic"), NumberUse(60.0, "hotel")])
    assert left == []


def test_a_count_is_no_time() -> None:
    text = "The van leaves at 8:00 and must be back by 17:00. Stops take 45 minutes."
    uses = [NumberUse(45.0, "here"), NumberUse(9.0, COUNTS, stated=False)]
    assert {n.value for n in match_numbers(text, uses)[0]} >= {17.0}
    nine = f"{text} There are 9 vans."
    left = match_numbers(nine, [NumberUse(45.0, "here"), NumberUse(9.0, "vans")])[0]
    assert {n.value for n in left} >= {17.0}
    assert match_numbers(text, [NumberUse(45.0, "here"), NumberUse(9.0, "day")])[0] == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("We open at 7:30 and close at 16:00.", set()),
        ("Our cafe opens at 7:30 and closes at 16.00.", set()),
        ("Leave at 8:30, back by 17:15.", {"17", "15"}),
        ("Church 9:00 the latest, not before 8:20. We close at 18:00.", {"9", "00", "8", "20"}),
    ],
)
def test_opening_hours_need_not_be_used_and_deadlines_do(text: str, left: set[str]) -> None:
    found, _ = match_numbers(text, [NumberUse(3.0, "here")])
    assert {text[slice(*n.span)] for n in found} == left - {"00"}


def test_dates_are_counted_within_a_year() -> None:
    assert {29.0, 30.0} <= values_of_dates("1 February and 2 March")
    assert values_of_dates("31 February, May 99, just March, 5 marbles") == set()
    assert 2.0 in values_of_dates("from 1 June on, until 15 June")  # weeks


@pytest.mark.parametrize("sign", ["1:", "9", "3 pm ", "1 May ", "from 1.1"])
def test_long_rows_are_read_at_once(sign: str) -> None:
    text = sign * 4000
    times_in(text)
    values_of_dates(text)
