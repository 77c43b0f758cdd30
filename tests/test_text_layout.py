"""Digits that are no numbers of a problem: layout, lists, headings and the scales of units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.formulators.text_layout import laid_out, naming
from optiwright.formulators.text_numbers import labels_in, numbers_in

STORY = (
    "They press seeds, some of flax and some of rape, on presses that stand beside the mill race."
)


@pytest.mark.parametrize(
    ("text", "numbers", "labels"),
    [
        (r"\renewcommand{\arraystretch}{1.3}\begin{tabular}{c|p{3cm}} Oak & 5 \\[2pt]", [5], []),
        (r"\cmidrule(lr){2-4} \multicolumn{3}{c|}{Wood} \multirow{2}{*}{Oak} & 7", [7], []),
        ('<td colspan="2">7</td><td rowspan=3>8</td>', [7, 8], []),
        ("Oak is cut if x < 5 and y > 3.", [5, 3], []),
        ("The oils $A_{1}, A_{2}$ take 22 days.", [22], []),
        (f"7.12 The 90 mills need x_{{3}} men. {STORY}", [90], [7.12]),
        (f"7.12 Tonnes of oil are needed. {STORY}", [7.12], []),
        ("2.5 The week", [2.5], []),
        (
            "Demand/1000 crates & Cost per 1000 crates: 15, of 1000 in all.",
            [15, 1000],
            [1000, 1000],
        ),
        ("Price ($/100 lbs), per 100 lbs; 30 litres/100 km", [30], [100, 100, 100]),
        ("It takes 30 litres/100 km.", [30, 100], []),
        ("It sells 500 - price/1000 crates at 20 per 1000 crates.", [500, 1000, 20, 1000], []),
        (r"\\\\[ \max 3x + 5y \\\\]", [3, 5], []),
        (r"\begin{bmatrix}[7, 8] & 9", [7, 8, 9], []),
        (
            "Node A (demand: 1) and B (demand: 2) get f = (1)x + (2)y, mixed 3:1. So 3:2. It",
            None,
            [],
        ),
        ("It holds:1.Exactly one;2.At least 3;3.No more.", [3], [1, 2, 3]),
        (
            "Such that (1) it starts, (2) it ends and (3) it takes 4 h (5 at most).",
            [4, 5],
            [1, 2, 3],
        ),
        ("It takes 3. The rest takes 4. Then: 5. Again 6) and.", [3, 4, 5, 6], []),
    ],
)
def test_what_is_no_number_of_the_problem(
    text: str, numbers: list[float] | None, labels: list[float]
) -> None:
    assert numbers is None or [n.value for n in numbers_in(text)] == numbers
    assert [n.value for n in labels_in(text)] == labels


@given(st.text(alphabet="ab 12.,:;()/$<>{}\\_\n", max_size=60))
def test_places_are_of_the_text_and_no_number_is_in_what_lays_it_out(text: str) -> None:
    layout = laid_out(text)
    assert layout | naming(text) <= set(range(len(text)))
    assert not layout & {n.span[0] for n in (*numbers_in(text), *labels_in(text))}


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=6))
def test_prose_without_layout_keeps_its_numbers(values: list[int]) -> None:
    text = "They take " + ", ".join(f"{v} crates" for v in values)
    assert [n.value for n in numbers_in(text)] == values


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Call 0571 223 140, (030) 123 4567 or +49 171 2345678 for 20 pots.", [20]),
        ("| pots | phone |\n| 5 | 0160-555 7180 |", [5]),
        ("The budget changes by +1 500 000 EUR.", [1_500_000]),
        ("weights 05 10 15 20, flow 012 15 18", [5, 10, 15, 20, 12, 15, 18]),
        ("Team A works 0600-1400; 12 people.", [600, 1400, 12]),
    ],
)
def test_telephone_numbers_are_those_of_a_text_that_speaks_of_any(
    text: str, numbers: list[float]
) -> None:
    assert [n.value for n in numbers_in(text)] == numbers


@pytest.mark.parametrize("sign", [",", "0", " ", ", "])
def test_a_long_row_of_signs_is_read_at_once(sign: str) -> None:
    text = "abc/10" + sign * 30_000
    assert naming(text) <= set(range(len(text)))
