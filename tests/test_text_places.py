"""Where in the text the elements and numbers of a formulation come from."""

from __future__ import annotations

import json

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.model import Algebraic, Entry, Formulation, Given, Parameter, Variable
from optiwright.formulators.numbers_told import numbers_told
from optiwright.formulators.reading import sections
from optiwright.formulators.text_places import text_places
from optiwright.formulators.wire import Form, read_wire
from tests.conversations import PROBLEM, creameries
from tests.sample_formulations import SAMPLES, given, maximize
from tests.wire_samples import BAKERY, flat_reply


def told(text: str, formulation: Formulation) -> dict[str, str]:
    """What became of each number of a text, by the number as it is written; the last of equals."""
    return {n.written: n.told for n in numbers_told(text, formulation)}


def places(text: str, formulation: Formulation) -> dict[str, tuple[str, ...]]:
    return {
        where: tuple(text[slice(*span)] for span in place.spans)
        for where, place in text_places(text, formulation).items()
    }


def bakery() -> Formulation:
    return lift(read_wire(json.dumps(flat_reply()), Form.FLAT), BAKERY)


def cheese() -> Formulation:
    return lift(read_wire(json.dumps(creameries()), Form.INDEXED), PROBLEM)


def test_each_number_of_a_text_goes_to_the_parameter_that_has_it() -> None:
    assert told(BAKERY, bakery()) == {
        "2": "objective_bread", "3": "oven_bread", "5": "objective_cake", "8": "oven_cake",
        "240": "oven_limit", "25": "cake_maximum",
    }  # fmt: skip


def test_equal_numbers_are_told_apart_by_the_words_around_them() -> None:
    found = told(PROBLEM, cheese())
    assert (found["55"], found["200"]) == ("price[Bonn]", "demand[Bonn]")
    assert [n.told for n in numbers_told(PROBLEM, cheese()) if n.written == "7"] == [
        "transport_cost[Ash, Corve]",
        "transport_cost[Cedar, Bonn]",
    ]
    sample = SAMPLES["blending"]
    feed = told(sample.text, sample.formulation)
    assert (feed["$0.20"], feed["20%"]) == ("price[bran]", "least_protein")
    assert (feed["$0.30"], feed["30%"]) == ("price[corn]", "most_bran")


def test_a_count_is_no_number_of_a_table_that_has_its_value() -> None:
    sample = SAMPLES["assignment"]
    assert told(sample.text, sample.formulation)["Three"] == "as a count or a unit"


def test_a_number_that_goes_nowhere_is_not_used() -> None:
    text = f"{BAKERY} The shop has 17 chairs."
    found = {n.written: n for n in numbers_told(text, bakery())}
    assert found["17"].told == "not used" and found["17"].how == "unused"
    assert found["17"].around == "plan? The shop has 17 chairs."
    assert text[slice(*found["17"].span)] == "17"


def test_a_number_that_is_worked_into_another_is_told_as_that() -> None:
    hours = Formulation(
        parameters=(
            Parameter(name="minutes", data=Given(entries=(Entry(index=(), value=420),))),
            given("price", 5),
        ),
        variables=(Variable(name="x", upper="minutes"),),
        objectives=maximize("price*x"),
    )
    found = told("There are 7 hours of work. An x sells for 5.", hours)
    assert found == {"7": "worked into minutes", "5": "price"}


def test_words_that_are_quoted_are_found_and_shown_as_a_whole_clause() -> None:
    found = places(BAKERY, bakery())
    assert found["parameter `oven_bread`"] == ("takes 3 minutes of oven",)
    assert "There are 240 minutes of oven" in found["constraint `oven`"]
    assert text_places(BAKERY, bakery())["parameter `oven_bread`"].how == "quoted"


def test_a_quote_is_found_whatever_its_spaces_and_case() -> None:
    rule = Algebraic(name="r", expression="x <= 4", words="At  most four\nboxes")
    formulation = Formulation(variables=(Variable(name="x"),), constraints=(rule,))
    text = "Use at most\nfour boxes a day."
    assert places(text, formulation)["constraint `r`"] == ("at most\nfour boxes",)


def test_a_number_belongs_to_the_one_of_equal_elements_that_quotes_it() -> None:
    text = "Rent is 5 here and 5 there."
    formulation = Formulation(
        parameters=(
            given("a", 5).model_copy(update={"words": "5 there"}),
            given("b", 5).model_copy(update={"words": "Rent is 5"}),
        ),
        variables=(Variable(name="x", upper="a + b"),),
    )
    assert [n.told for n in numbers_told(text, formulation)] == ["b", "a"]


def test_a_quote_inside_another_one_cuts_nothing_off() -> None:
    rule = Algebraic(name="r", expression="x <= 4", words="at most four boxes a day ... four")
    formulation = Formulation(variables=(Variable(name="x"),), constraints=(rule,))
    assert places("Use at most four boxes a day.", formulation)["constraint `r`"] == (
        "at most four boxes a day",
    )


def test_numbers_of_a_table_are_its_cells() -> None:
    assert places(PROBLEM, cheese())["parameter `capacity`"] == ("300", "260", "220")


def test_an_element_without_numbers_is_found_by_its_words_or_not_at_all() -> None:
    found = text_places(PROBLEM, cheese())
    run = found["variable `run`"]
    assert run.how == "words"
    assert PROBLEM[slice(*run.spans[0])].startswith("Running a creamery")
    nothing = Formulation(variables=(Variable(name="qqq"),))
    assert text_places(PROBLEM, nothing)["variable `qqq`"].how == "unknown"


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_element_has_a_place_and_every_line_its_element(name: str) -> None:
    sample = SAMPLES[name]
    found = text_places(sample.text, sample.formulation)
    five = [line for section in sections(sample.formulation)[:5] for line in section.lines]
    assert {line.where for line in five if line.where} == set(found)
    for place in found.values():
        assert all(0 <= a < b <= len(sample.text) for a, b in place.spans)
        assert all(x[1] < y[0] for x, y in zip(place.spans, place.spans[1:], strict=False))
        assert (place.how == "unknown") == (not place.spans)


def test_a_text_without_numbers_or_without_words_is_no_trouble() -> None:
    for text in ("", "Nothing is said.", "| | |\n|--|"):
        assert numbers_told(text, cheese()) == ()
        assert text_places(text, cheese())
