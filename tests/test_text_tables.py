"""Tables inside a problem's text: written in many ways they are read back; prose is none."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.text_data import with_text_tables
from optiwright.formulators.text_tables import TextTable, tables_in

Grid = list[list[str]]


def markdown(grid: Grid) -> str:
    lines = ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in grid]
    return "\n".join([lines[0], "|" + "---|" * len(grid[0]), *lines[1:]])


def narrow_markdown(grid: Grid) -> str:
    lines = ["|".join(c.replace("|", "\\|") for c in row) for row in grid]
    return "\n".join([lines[0], "|".join([":-:"] * len(grid[0])), *lines[1:]])


def box(grid: Grid) -> str:
    widths = [max(len(row[k]) for row in grid) for k in range(len(grid[0]))]
    rule = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in grid
    ]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def drawn_box(grid: Grid) -> str:
    lines = box(grid).split("\n")
    return "\n".join(
        line.translate(str.maketrans("+-", "┼─")) if line[0] == "+" else line.replace("|", "│")
        for line in lines
    )


def tabbed(grid: Grid) -> str:
    return "\n".join("\t".join(row) for row in grid)


def comma(grid: Grid, sign: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=sign, lineterminator="\n").writerows(grid)
    return out.getvalue().rstrip("\n")


def semicolons(grid: Grid) -> str:
    return comma(grid, ";")


def aligned(grid: Grid, justify: Callable[[str, int], str] = str.ljust, rule: str = "") -> str:
    widths = [max(len(row[k]) for row in grid) for k in range(len(grid[0]))]
    lines = [
        "   ".join(justify(c, w) for c, w in zip(row, widths, strict=True)).rstrip() for row in grid
    ]
    ruled = [rule * sum(w + 3 for w in widths)] if rule else []
    return "\n".join([lines[0], *ruled, *lines[1:]])


def aligned_right(grid: Grid) -> str:
    return aligned(grid, str.rjust)


def aligned_ruled(grid: Grid) -> str:
    return aligned(grid, rule="=")


def simple(grid: Grid) -> str:
    """The simple tables of Markdown dialects: groups of dashes below the heading."""
    widths = [max(len(row[k]) for row in grid) for k in range(len(grid[0]))]
    lines = aligned(grid).split("\n")
    return "\n".join([lines[0], "   ".join("-" * max(w, 2) for w in widths), *lines[1:]])


WAYS = [
    markdown, narrow_markdown, box, drawn_box, tabbed, comma, semicolons, aligned, aligned_right,
    aligned_ruled, simple,
]  # fmt: skip

words = st.lists(
    st.text("abcxyz", min_size=3, max_size=8).map(str.title), min_size=1, max_size=2
).map(" ".join)
numbers = st.one_of(
    st.integers(-9999, 99999).map(str),
    st.floats(0, 1e4, allow_nan=False).map(lambda v: f"{v:.2f}"),
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    labels, values = draw(st.integers(1, 2)), draw(st.integers(1, 4))
    header = draw(
        st.lists(
            st.text("abcdefg", min_size=2, max_size=8),
            min_size=labels + values,
            max_size=labels + values,
            unique=True,
        )
    )
    rows = draw(st.integers(2, 6))
    cells = [
        [draw(words) for _ in range(labels)] + [draw(numbers) for _ in range(values)]
        for _ in range(rows)
    ]
    return [header, *cells]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.__name__))
@settings(max_examples=15, deadline=None)
@given(grid=grids(), indent=st.sampled_from(["", "  ", "    "]))
def test_a_table_written_in_any_way_is_read_back(
    way: Callable[[Grid], str], grid: Grid, indent: str
) -> None:
    written = "\n".join(indent + line for line in way(grid).split("\n"))
    text = f"We ship goods at least cost.\n\nShipping costs:\n{written}\n\nEach order is 5, or 6."
    (table,) = tables_in(text)
    assert [list(table.header), *map(list, table.rows)] == grid
    assert table.name == "shipping_costs"
    assert text[slice(*table.span)].strip() == written.strip()


def read(text: str) -> list[TextTable]:
    return list(tables_in(text))


def test_a_bar_inside_a_cell_and_a_quoted_comma_stay_there() -> None:
    (table,) = read("| a | b |\n|---|---|\n| x \\| y | 3 |")
    assert table.rows == (("x | y", "3"),)
    (table,) = read('city,need\n"Lyon, east",3\n"Lyon, west","1,200"')
    assert table.rows == (("Lyon, east", "3"), ("Lyon, west", "1,200"))


def test_an_empty_corner_is_a_heading_without_a_name() -> None:
    (table,) = read("        Oslo   Rome\nLyon       4      5\nGraz       3      7")
    assert table.header == ("", "Oslo", "Rome")
    (table,) = read("| | Oslo |\n|-|-|\n| Lyon | 4 |")
    assert table.header == ("", "Oslo")


def test_a_missing_cell_is_empty() -> None:
    (table,) = read("| a | b | c |\n|---|---|---|\n| x | 3 |\n| y | | 4 |")
    assert table.rows == (("x", "3", ""), ("y", "", "4"))
    (table,) = read("month  need\n-----  ----\nJan    40\nFeb\nMar    30")
    assert table.rows == (("Jan", "40"), ("Feb", ""), ("Mar", "30"))


def test_headings_that_count_up_are_headings() -> None:
    (table,) = read("plant  2024  2025\nLyon      3     4\nGraz      5     6")
    assert table.header == ("plant", "2024", "2025")


def test_formulas_in_a_texts_table_are_numbers_and_names() -> None:
    data = with_text_tables(
        "| oil | $A_{1}$ | $B$ |\n|---|---|---|\n| price | $12$ | $7.50$ |", None
    )
    assert data is not None
    frame = data.tables["table1"]
    assert list(frame) == ["oil", "A_1", "B"]
    assert frame.to_numpy().tolist() == [["price", 12, 7.5]]


def test_several_tables_have_names_of_their_own() -> None:
    one = "| a | b |\n|---|---|\n| x | 3 |"
    tables = read(f"Costs\n{one}\n\nIt goes on here, as long as it likes.\n\n{one}\n\nCosts\n{one}")
    assert [t.name for t in tables] == ["costs", "table2", "costs_2"]


@pytest.mark.parametrize(
    ("above", "name"),
    [
        ("Costs", "costs"),
        ("Table 2: Shipping costs (EUR/t)", "shipping_costs"),
        ("## The demand of the cities", "demand_cities"),
        ("**Yields**", "yields"),
        ("There are two depots. Cost per tonne:", "cost_tonne"),
        ("Table 4", "table1"),
        ("2024", "table_2024"),
        ("Everything that we know of the plants and of the markets stands here:", "table1"),
        ("It was a long day; in the end, we stopped.", "table1"),
        ("", "table1"),
    ],
)
def test_a_name_comes_from_the_line_above_where_that_is_a_title(above: str, name: str) -> None:
    (table,) = read(f"{above}\n| a | b |\n|---|---|\n| x | 3 |")
    assert table.name == name


PROSE = [
    "glue a chair: 22 g, 30 g, 26 g\npaint a chair: 4 ml, 6 ml, 7 ml\nhours: 1, 2, 3",
    "A loaf earns 2 euros, takes 3 minutes, and sells.\nA cake earns 5, takes 8, and waits.",
    "We need 3, 4, and 5 of them,\nwe have 2, 3, and 4 of these,\nwe sell 1, 2, and 3.",
    "Costs are 4, 6, 9\nNeeds are 3, 5, 7\nLimits are 8, 9, 9",
    "Plant A, 40\nPlant B, 50\nPlant C, 60",
    "1, 2, 3\n4, 5, 6\n7, 8, 9",
    "Minimise |x - 3| + |y|\nwith |x| + |y| <= 4.",
    "- steel, 4 t\n- iron, 5 t\n- coal, 6 t",
    "Dear team,\nplease find, below, the plan;\nregards, Ann",
    "We have:\n  40 kg of flour\n  20 kg of sugar\n  10 kg of butter",
    "First sentence.  Second sentence.\nThird sentence.  Fourth 4.\nFifth one.  Sixth 6.",
    "A --- B\nC --- D",
    "red, green, blue\nsmall, large, huge\nhot, cold, warm",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_table(text: str) -> None:
    assert read(text) == []


sentences = st.lists(
    st.sampled_from(
        ["we", "need", "12", "tonnes", "or", "5.5", "kg,", "each", "3,", "plant", "and", "1,200",
         "costs", "$4", "at", "most", "per", "day,", "20%", "then", "(2", "shifts)"]
    ),
    min_size=3,
    max_size=14,
).map(lambda ws: " ".join(ws).capitalize() + ".")  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(sentences, min_size=1, max_size=8))
def test_sentences_with_numbers_and_commas_are_no_table(lines: Sequence[str]) -> None:
    assert read("\n".join(lines)) == []


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab1,;|\t \n-=.:", max_size=120))
def test_whatever_the_text_tables_lie_in_it_in_order(text: str) -> None:
    tables, last = tables_in(text), 0
    for table in tables:
        assert last <= table.span[0] < table.span[1] <= len(text)
        last = table.span[1]
        assert all(len(row) == len(table.header) for row in table.rows)
    assert len({t.name for t in tables}) == len(tables)
