"""The trace of a search and the roster of a plan of work, drawn and as tables."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import product

import pytest

from optiwright.agent.kind_tables import constraint_table, point_table, stage_table
from optiwright.agent.picture_trace import trace_picture
from optiwright.agent.pictures import Picture, picture_of, pictures_of
from optiwright.agent.result import SearchAnswer
from optiwright.agent.shown_tables import shown_tables
from optiwright.formulators.model import Domain, Element, Formulation, Sense, Variable
from optiwright.solver_tools.search_outcome import TracePoint
from tests.sample_formulations import listed
from tests.searches_by_hand import searched
from tests.test_pictures import found, pointed, shown
from tests.test_tried import assert_readable_plot

SVG = "{http://www.w3.org/2000/svg}"


def search_of(**changed: object) -> SearchAnswer:
    search = searched(**changed).search
    assert search is not None
    return search


def traced(values: list[float]) -> Picture:
    trace = [TracePoint(evaluation=9 * k + 1, value=v).model_dump() for k, v in enumerate(values)]
    picture = trace_picture(search_of(trace=trace))
    assert picture is not None
    return picture


# --- a trace --------------------------------------------------------------------------------------


def test_a_trace_has_its_values_and_where_methods_took_over() -> None:
    (picture,) = pictures_of(searched())
    assert_readable_plot(picture.svg, "evaluations", "two-points-de", "tpe", "best value")
    assert "after 30 evaluations: 2" in pointed(picture)
    assert "tpe took over" in pointed(picture)
    assert picture.alt == (
        "Trace of the search: 31.5 after 1 evaluation, 1.000002 after 150, of 200 in all. "
        "By two-points-de, then tpe."
    )
    assert picture.title == "The least value so far, by evaluation"
    (line,) = re.findall(r'd="M([\d.]+) [\d.]+V[\d.]+" stroke="var\(--other\)"', picture.svg)
    dots = [float(c.get("cx") or 0) for c in ET.fromstring(picture.svg).iter(f"{SVG}circle")]
    # The first method began after 19 evaluations of nobody's, and had 120.
    assert float(line) == pytest.approx(dots[3] + (dots[4] - dots[3]) * (139 - 80) / 70, abs=0.2)


def test_first_values_that_are_far_off_do_not_flatten_the_rest() -> None:
    picture = traced([5e6, 3e5, 90, 70, 60, 55, 54, 53.5, 53.2])
    assert any("it began at 5,000,000, beyond the picture" in t for t in shown(picture))
    heights = [float(c.get("cy") or 0) for c in ET.fromstring(picture.svg).iter(f"{SVG}circle")]
    assert heights[0] == heights[1] == min(heights)
    assert heights[-1] - heights[3] > 30
    near = traced([9.0, 7, 6, 5, 4, 3.5, 3])
    assert not any("beyond" in t for t in shown(near))


@pytest.mark.parametrize("values", [[1e300, 1.0, -1e300], [5.0, 5.0], [1e-12, 0.0], [-2.0, -3.0]])
def test_any_trace_can_be_drawn(values: list[float]) -> None:
    assert_readable_plot(traced(values).svg)


def test_one_value_is_no_trace() -> None:
    assert trace_picture(search_of(trace=[{"evaluation": 1, "value": 2.0}])) is None
    assert trace_picture(search_of(trace=[])) is None


def test_a_greatest_value_is_called_so() -> None:
    search = search_of()
    box = search.black_box.model_copy(update={"sense": Sense.MAXIMIZE})
    picture = trace_picture(search.model_copy(update={"black_box": box}))
    assert picture is not None and picture.title.startswith("The greatest value")


def test_a_search_has_its_tables() -> None:
    search = search_of()
    assert point_table(search).values.tolist() == [
        ["width", "2.00125", "0 to 9.5"],
        ["layers", "1", "1 to 20, whole"],
        ["paint", "red", "one of red, blue"],
    ]
    assert constraint_table(search).values.tolist() == [
        ["not wider than the door", "-1.99875", "met"]
    ]
    broken = constraint_table(search_of(constraints=(0.5, 2e-6)))
    assert broken["at most zero"].tolist() == ["broken", "broken"]
    assert broken["constraint"][1] == "constraint 2 <= 0"
    assert stage_table(search)["method"].tolist() == ["two-points-de", "tpe"]
    assert point_table(search_of(point=())).empty


# --- a roster -------------------------------------------------------------------------------------

PEOPLE, DAYS = ["Ada", "Ben", "Chloe"], ["Mon", "Tue", "Wed"]
WORKS = {
    ("Ada", "Mon", "early"),
    ("Ada", "Tue", "late"),
    ("Ben", "Mon", "late"),
    ("Ben", "Mon", "night"),
}
SHIFTS = ["early", "late", "night"]


def roster_drawn(
    over: str = "n in Nurses, d in Days, s in Shifts", names: dict[str, str] | None = None
) -> tuple[Picture, Formulation]:
    sets = {"Nurses": PEOPLE, "Days": DAYS, "Shifts": SHIFTS}
    renamed = {(names or {}).get(k, k): v for k, v in sets.items()}
    f = Formulation(
        sets=tuple(listed(name, members) for name, members in renamed.items()),
        variables=(Variable(name="x", over=over, domain=Domain.BINARY, description="who works"),),
    )
    order = re.findall(r"in (\w+)", over)
    back = {v: k for k, v in (names or {}).items()}
    places = [list(sets).index(back.get(name, name)) for name in order]
    values: dict[tuple[Element, ...], float] = {}
    for full in product(PEOPLE, DAYS, SHIFTS):
        values[tuple(full[k] for k in places)] = float(full in WORKS)
    result = found(f, {"x": values})
    picture = picture_of(result)
    assert picture is not None
    (table,) = shown_tables(result)
    assert picture.kind != "roster" or table.indexed
    return picture, f


@pytest.mark.parametrize(
    "over",
    ["n in Nurses, d in Days, s in Shifts", "d in Days, s in Shifts, n in Nurses"],
)
def test_a_roster_has_people_down_days_across_and_shifts_in_the_cells(over: str) -> None:
    picture, _ = roster_drawn(over)
    assert picture.kind == "roster"
    assert_readable_plot(picture.svg, "Nurses down, Days across")
    said = pointed(picture)
    assert said[:3] == ["Ada, Mon: early", "Ada, Tue: late", "Ada, Wed: free"]
    assert said[3] == "Ben, Mon: late, night" and said[8] == "Chloe, Wed: free"
    assert picture.alt == (
        "Roster of who works by Nurses and Days: Ada Mon early, Tue late; Ben Mon late, Mon night."
    )
    words = shown(picture)
    assert words.count("late") == 2 and words.count("night") == 1


def test_the_table_of_a_roster_says_the_same() -> None:
    _, f = roster_drawn()
    values = {at: float(at in WORKS) for at in product(PEOPLE, DAYS, SHIFTS)}
    (table,) = shown_tables(found(f, {"x": values}))
    assert table.frame.loc["Ben", "Mon"] == "late, night" and table.frame.loc["Chloe", "Tue"] == ""
    assert list(table.frame.columns) == DAYS and list(table.frame.index) == PEOPLE


def test_long_shifts_are_shortened_and_told_below() -> None:
    kinds = ["early shift at the desk", "late shift at the desk", "evening on call"]
    days = [f"day {k}" for k in range(10)]
    f = Formulation(
        sets=(listed("Nurses", PEOPLE), listed("Days", days), listed("Shifts", kinds)),
        variables=(
            Variable(name="x", over="n in Nurses, d in Days, s in Shifts", domain=Domain.BINARY),
        ),
    )
    turn = {day: kinds[k % 3] for k, day in enumerate(days)}
    values = {(p, d, s): float(s == turn[d]) for p, d, s in product(PEOPLE, days, kinds)}
    picture = picture_of(found(f, {"x": values}))
    assert picture is not None and picture.kind == "roster"
    words = shown(picture)
    assert words.count("Ea") == 12 and words.count("La") == 9 and words.count("Ev") == 9
    assert any("Ev evening on call" in line for line in words)
    assert_readable_plot(picture.svg)


def test_three_indices_without_a_time_are_no_roster() -> None:
    names = {"Days": "Rooms", "Shifts": "Tools"}
    picture, _ = roster_drawn("n in Nurses, d in Rooms, s in Tools", names)
    assert picture.kind == "bars"
