"""Which symbol a quantity's name means, by its words; and nothing where they do not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.evaluation.name_matching import match_names
from optiwright.evaluation.solutions import Symbol

SHELF = (
    Symbol("pine", "kg of pine used"),
    Symbol("oak_income", "euros from oak shelves"),
    Symbol("ash_income", "euros from ash shelves"),
    Symbol("oak", "oak shelves made", True),
    Symbol("ash", "ash shelves made", True),
)


@pytest.mark.parametrize(
    ("names", "symbols", "expected"),
    [
        (("The number of oak shelves", "The number of ash shelves"), SHELF, ("oak", "ash")),
        (("Income from oak shelves", "Ash shelves made"), SHELF, ("oak_income", "ash")),
        (("Oak", "Kilograms of pine"), SHELF, ("oak", None)),
        (("Pine", "Birch"), SHELF, ("pine", None)),
        (
            ("The side length of the square lid", "The height of the chest"),
            (
                Symbol("side", "side of the lid", True),
                Symbol("height", "centimetres", True),
                Symbol("lid", "square centimetres of the lid"),
            ),
            ("side", "height"),
        ),
        (
            ("Number of buses for line A", "Investment in wheels for line A"),
            (
                Symbol("bus_a", "buses of line A", True),
                Symbol("wheels_a", "dollars invested in wheels for A", True),
                Symbol("cost_a", "dollars per bus of line A"),
            ),
            ("bus_a", "wheels_a"),
        ),
        (
            ("Wheels of oak", "Chains of ash"),
            (Symbol("a", "wheels", True), Symbol("b", "chains", True), Symbol("c", "bells", True)),
            (None, None),
        ),
        (
            ("Grant to project 1", "Grant to project 2"),
            (Symbol("project1", "1 if chosen", True), Symbol("project2", "1 if chosen", True)),
            ("project1", "project2"),
        ),
        (
            ("Number of ferries needed", "Number of boats in all"),
            (
                Symbol("rafts", "rafts", True),
                Symbol("ferries", "ferries", True),
                Symbol("boats", "boats in all"),
            ),
            ("ferries", "boats"),
        ),
        # The single decision that is left is meant, but not where a total has some of the words.
        (
            ("The depth of the tray",),
            (Symbol("cut", "", True), Symbol("rim", "cm of rim")),
            ("cut",),
        ),
        (
            ("The rim of the tray",),
            (Symbol("cut", "", True), Symbol("rim", "cm of rim")),
            (None,),
        ),
        (
            ("Tons of waste",),
            (Symbol("cut", "", True), Symbol("a", "tons of steel"), Symbol("b", "tons of tin")),
            (None,),
        ),
        (
            ("The depth of the tray", "The lid of the tray"),
            (Symbol("cut", "", True), Symbol("bent", "", True)),
            (None, None),
        ),
        (
            ("Type A lamps", "Type B lamps"),
            (Symbol("a", "lamps of type A"), Symbol("b", "lamps of type B")),
            ("a", "b"),
        ),
        (
            ("The number of a lamp", "The number of a chair"),
            (Symbol("a", "", True), Symbol("lamp", "", True), Symbol("chair", "", True)),
            ("lamp", "chair"),
        ),
        (
            ("Boxes sent north", "Boxes sent south"),
            (Symbol('ship["north"]', "boxes", True), Symbol('ship["south"]', "boxes", True)),
            ('ship["north"]', 'ship["south"]'),
        ),
        (
            ("Big vans in May", "Big vans in June"),
            (Symbol("van_may", "", True), Symbol("big_may", "", True), Symbol("june", "", True)),
            (None, "june"),
        ),
        (
            ("The length of the field", "The width of the field"),
            (
                Symbol("l", "length in ft", True),
                Symbol("w", "width in ft", True),
                Symbol("hedge", "total length of the hedge"),
            ),
            ("l", "w"),
        ),
        (
            ("The number of plain lamps", "The number of gilded lamps"),
            (
                Symbol("x1", "plain lamps made per day", True),
                Symbol("x2", "gilded lamps made per day", True),
                Symbol("plain", "profit from plain lamps"),
                Symbol("gilded", "profit from gilded lamps"),
            ),
            ("x1", "x2"),
        ),
        (
            ("The number of in-house tests", "The number of out-of-house tests"),
            (
                Symbol("in_house", "in-house tests", True),
                Symbol("out_of_house", "out-of-house tests", True),
                Symbol("hours_in", "hours for in-house tests"),
            ),
            ("in_house", "out_of_house"),
        ),
        (
            ("Large bags", "Small bags"),
            (Symbol("largeBags", ""), Symbol("smallBags", "")),
            ("largeBags", "smallBags"),
        ),
    ],
)
def test_what_words_tell_plainly(
    names: tuple[str, ...], symbols: tuple[Symbol, ...], expected: tuple[str | None, ...]
) -> None:
    found = match_names(names, symbols)
    assert tuple(found.get(name) for name in names) == expected


def test_a_decision_goes_before_a_total_that_fits_as_well() -> None:
    total, decided = Symbol("oak_shelves", ""), Symbol("oakShelf", "", True)
    assert match_names(["oak shelf"], [total, decided]) == {"oak shelf": "oakShelf"}


def test_two_names_never_mean_one_symbol() -> None:
    symbols = [Symbol("hours", "hours of cutting and sewing", True)]
    assert match_names(["Hours of cutting", "Hours of sewing"], symbols) == {}


WORDS = st.sampled_from(["oak", "ash", "shelf", "shelves", "A", "b", "2", "the number of", "x_1"])
TEXTS = st.lists(WORDS, max_size=4).map(" ".join)


@given(
    st.lists(TEXTS, unique=True, max_size=4),
    st.lists(st.builds(Symbol, TEXTS, TEXTS, st.booleans()), max_size=5),
)
def test_only_symbols_that_are_there_are_named_and_each_once(
    names: list[str], symbols: list[Symbol]
) -> None:
    found = match_names(names, symbols)
    assert found.keys() <= set(names)
    assert set(found.values()) <= {s.expression for s in symbols}
    assert len(set(found.values())) == len(found)
    assert match_names(names[::-1], symbols[::-1]) == found
