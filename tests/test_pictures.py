"""The picture of an answer: which one it is, what it says, and that it can always be drawn."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given as draws
from hypothesis import settings
from hypothesis import strategies as st

from optiwright.agent.picture_plane import Box, level_segments
from optiwright.agent.pictures import Picture, picture_of, picture_of_front
from optiwright.agent.result import Result, Status
from optiwright.agent.svg import in_scheme
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Domain,
    Element,
    Formulation,
    Index,
    NoOverlap,
    Objective,
    Parameter,
    Range,
    SetDef,
    Variable,
)
from optiwright.solver_tools.program import Scalar
from optiwright.solver_tools.solution import Solution, SolverStatus, Termination, ValueAt
from tests.sample_formulations import SAMPLES, given, listed, maximize, minimize
from tests.solved_results import solved
from tests.test_tried import assert_readable_plot

SVG = "{http://www.w3.org/2000/svg}"


def drawn(formulation: Formulation) -> Picture:
    picture = picture_of(solved(formulation))
    assert picture is not None
    return picture


def sample(name: str) -> Picture:
    return drawn(SAMPLES[name].formulation)


def pointed(picture: Picture) -> list[str]:
    """What marks say when they are pointed at."""
    root = ET.fromstring(picture.svg)
    return [t.text or "" for child in root.iter() for t in child.findall(f"{SVG}title")][1:]


def shown(picture: Picture) -> list[str]:
    return [t.text or "" for t in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def spans(picture: Picture) -> list[tuple[float, float]]:
    """Where each bar, cell or block begins, and how wide it is."""
    rects = ET.fromstring(picture.svg).iter(f"{SVG}rect")
    return [(float(r.get("x") or 0), float(r.get("width") or 0)) for r in rects]


def found(formulation: Formulation, values: Mapping[str, Mapping[Any, float]]) -> Result:
    """A result with values as if a solver had found them."""
    solution = Solution(
        status=SolverStatus.OK,
        termination=Termination.OPTIMAL,
        values=tuple(
            ValueAt(name=name, index=index, value=value)
            for name, table in values.items()
            for index, value in table.items()
        ),
    )
    return Result(
        run_id="x", text="", status=Status.OPTIMAL, formulation=formulation, solution=solution
    )


def over_one(elements: Sequence[Element], **variable: object) -> Formulation:
    v = Variable.model_validate({"name": "x", "over": "i in Items", **variable})
    return Formulation(sets=(listed("Items", elements),), variables=(v,))


# --- which picture --------------------------------------------------------------------------------


def test_each_shape_has_its_picture() -> None:
    kinds = {name: (p.kind if p else None) for name in SAMPLES if (p := _of(name)) or True}
    assert kinds == {
        "product_mix": "region", "transport": "heat map", "assignment": "network",
        "covering": "bars", "inventory": "bars", "blending": "bars", "revenue": None,
        "network": "network", "portfolio": "bars", "machine": "schedule",
    }  # fmt: skip


def _of(name: str) -> Picture | None:
    return picture_of(solved(SAMPLES[name].formulation))


def test_a_picture_says_what_it_shows_and_is_readable() -> None:
    for name in SAMPLES:
        picture = _of(name)
        if picture is not None:
            assert_readable_plot(picture.svg)
            assert picture.alt.endswith(".")
            assert picture.title in picture.svg.replace("&amp;", "&")
            assert "--dark" not in picture.svg
            assert "prefers-color-scheme" not in in_scheme(picture.svg, dark=True)
            assert "#e6edf3" in in_scheme(picture.svg, dark=True)
            assert "#e6edf3" not in in_scheme(picture.svg, dark=False)


def test_nothing_is_drawn_where_nothing_says_anything() -> None:
    whole = SAMPLES["transport"].formulation
    none = {(i, j): 0.0 for i in ("Seattle",) for j in ("Topeka", "Chicago")}
    assert picture_of(found(whole, {"ship": none})) is None  # all of it zero
    assert picture_of(found(over_one(["a"]), {"x": {("a",): 3.0}})) is None  # one member
    assert picture_of(Result(run_id="x", text="", status=Status.INFEASIBLE)) is None
    unsolved = solved(whole).model_copy(update={"solution": None})
    assert picture_of(unsolved) is None


def test_a_solution_without_a_point_has_no_picture() -> None:
    result = solved(SAMPLES["blending"].formulation)
    assert result.solution is not None
    hint = result.solution.model_copy(update={"termination": Termination.TIME_LIMIT})
    assert picture_of(result.model_copy(update={"solution": hint})) is None


# --- bars -----------------------------------------------------------------------------------------


def test_bars_stand_in_the_order_of_the_set_and_are_as_long_as_the_values() -> None:
    f = over_one(["b", "c", "a"], unit="kg", description="kilos of each")
    picture = picture_of(found(f, {"x": {("b",): 4.0, ("c",): 0.0, ("a",): -2.0}}))
    assert picture is not None
    assert picture.title == "kilos of each (kg)"
    assert pointed(picture) == ["b: 4", "c: 0", "a: -2"]
    (b, wide), (_, none), (a, half) = spans(picture)
    assert wide == pytest.approx(2 * half, abs=0.2) and none == 0
    assert a + half == pytest.approx(b, abs=0.2)  # below zero to the left of it
    assert "b 4 kg; a -2 kg; 1 are zero" in picture.alt


def test_of_many_bars_those_that_are_not_zero_come_and_the_rest_is_counted() -> None:
    names = [f"item {k}" for k in range(200)]
    values = {(n,): (k % 4 == 0) * float(k) for k, n in enumerate(names)}
    picture = picture_of(found(over_one(names), {"x": values}))
    assert picture is not None
    marks = pointed(picture)
    assert len(marks) == 24 and marks[-1] == "item 196: 196"
    assert "176 more, 151 of them zero" in shown(picture)
    few = {(n,): float(k == 7) for k, n in enumerate(names)}
    other = picture_of(found(over_one(names), {"x": few}))
    assert other is not None
    assert pointed(other) == ["item 7: 1"] and "199 more, all zero" in shown(other)


def test_several_decisions_over_one_set_stand_below_each_other() -> None:
    assert sample("inventory").title == "The decisions by Months"
    assert {"make (units)", "stock (units)"} <= set(shown(sample("inventory")))


def test_decisions_without_an_index_are_told_by_their_meaning_and_by_unit() -> None:
    variables = (
        Variable(name="desks", unit="pieces", upper="3", description="desks made"),
        Variable(name="rent", domain=Domain.BINARY, description="whether it is rented"),
        Variable(name="hours", unit="hours", upper="7.5"),
    )
    f = Formulation(variables=variables, objectives=maximize("desks + rent + hours"))
    picture = drawn(f)
    assert pointed(picture) == ["desks made: 3", "whether it is rented: yes", "hours: 7.5"]
    assert {"pieces", "Yes or no", "hours"} <= set(shown(picture))


# --- over two indices -----------------------------------------------------------------------------


def pairs(
    rows: Sequence[Element], columns: Sequence[Element], *, across: str = "Columns", **more: object
) -> Formulation:
    v = {"name": "x", "over": f"i in Rows, j in {across}", **more}
    return Formulation(
        sets=(listed("Rows", rows), listed(across, columns)),
        variables=(Variable.model_validate(v),),
    )


def test_a_heat_map_is_darker_where_there_is_more_and_has_the_figures() -> None:
    values = {("a", "c"): 10.0, ("a", "d"): 5.0, ("b", "c"): -10.0, ("b", "d"): 0.0}
    picture = picture_of(found(pairs("ab", "cd", unit="t"), {"x": values}))
    assert picture is not None and picture.kind == "heat map"
    assert pointed(picture) == ["a, c: 10 t", "a, d: 5 t", "b, c: -10 t", "b, d: 0 t"]
    depth = [r.get("fill-opacity") for r in ET.fromstring(picture.svg).iter(f"{SVG}rect")]
    assert depth == ["0.480", "0.300", "0.480", None]
    assert {"10", "5", "-10"} <= set(shown(picture)) and "0" not in shown(picture)
    assert "3 of 4 are not zero" in picture.alt


def test_times_go_across_whichever_index_they_are() -> None:
    values = {(week, p): 1.0 + week for week in (1, 2, 3) for p in ("lamp", "desk")}
    f = Formulation(
        sets=(SetDef(name="Weeks", data=Range(start="1", stop="3")), listed("Goods", ["lamp"])),
        variables=(Variable(name="x", over="t in Weeks, g in Goods"),),
    )
    picture = picture_of(found(f, {"x": values}))
    assert picture is not None and picture.kind == "heat map"
    assert "Goods down, Weeks across" in shown(picture)
    assert "2, desk: 3" in pointed(picture) and len(pointed(picture)) == 6
    few = {index: value * (index == (3, "lamp")) for index, value in values.items()}
    sparse = picture_of(found(f, {"x": few}))
    assert sparse is not None and sparse.kind == "heat map"  # times are no places


def test_what_is_on_in_time_is_a_schedule_of_its_runs() -> None:
    days = ["Mon", "Tue", "Wed", "Thu"]
    on = {("Ana", d): float(d != "Wed") for d in days} | {("Ben", d): 0.0 for d in days}
    f = pairs(["Ana", "Ben"], days, across="Days", domain="binary", description="who works")
    picture = picture_of(found(f, {"x": on}))
    assert picture is not None and picture.kind == "schedule"
    assert pointed(picture) == ["Ana, Mon to Tue", "Ana, Thu"]
    (first, two), (last, one) = spans(picture)
    assert two == pytest.approx(2 * one, abs=0.2) and last == pytest.approx(first + 3 * one, abs=1)
    assert picture.alt == "Schedule of who works by Days: Ana Mon to Tue; Ana Thu."
    assert "Ben" in shown(picture)


def test_what_is_mostly_zero_between_places_is_a_network() -> None:
    values = {(a, b): 3.0 * (a + b == "pz") for a in "pq" for b in "xyz"}
    picture = picture_of(found(pairs("pq", "xyz", unit="t"), {"x": values}))
    assert picture is not None and picture.kind == "network"
    assert "p to z: 3 t" in pointed(picture) and "q: nothing" in pointed(picture)
    assert "3" in shown(picture)


def test_a_network_of_one_kind_of_places_is_a_ring_with_heads_in_the_order_of_the_way() -> None:
    cities = ["Ulm", "Bonn", "Kiel", "Jena"]
    tour = {("Ulm", "Kiel"), ("Kiel", "Bonn"), ("Bonn", "Jena"), ("Jena", "Ulm")}
    f = Formulation(
        sets=(listed("Cities", cities),),
        variables=(
            Variable(name="go", over="i in Cities, j in Cities if i != j", domain=Domain.BINARY),
        ),
    )
    values = {(a, b): float((a, b) in tour) for a in cities for b in cities if a != b}
    picture = picture_of(found(f, {"go": values}))
    assert picture is not None and picture.kind == "network"
    assert [t for t in shown(picture) if t in cities] == ["Ulm", "Kiel", "Bonn", "Jena"]
    assert picture.svg.count('Z" fill="var(--main)"/>') == 4
    assert "Ulm to Kiel: yes" in pointed(picture)


def test_what_is_too_large_for_a_map_is_told_by_its_greatest_entries() -> None:
    values = {(f"r{i}", f"c{j}"): float(i * j) for i in range(60) for j in range(60)}
    rows, columns = [f"r{i}" for i in range(60)], [f"c{j}" for j in range(60)]
    picture = picture_of(found(pairs(rows, columns), {"x": values}))
    assert picture is not None and picture.kind == "bars"
    assert pointed(picture)[-1] == "r59, c59: 3,481"


# --- schedules ------------------------------------------------------------------------------------


def machines() -> tuple[Formulation, dict[str, dict[Any, float]]]:
    jobs, where = ("bed", "desk"), ("saw", "lathe")
    rule: Constraint = NoOverlap(
        name="one", over="m in Machines", among="j in Jobs", start="start[j, m]",
        duration="length[j, m]",
    )  # fmt: skip
    f = Formulation(
        sets=(listed("Jobs", jobs), listed("Machines", where)),
        parameters=(
            given("length", {(j, m): 2.0 for j in jobs for m in where}, "j in Jobs, m in Machines"),
        ),
        variables=(Variable(name="start", over="j in Jobs, m in Machines", unit="hours"),),
        constraints=(rule,),
    )
    start = {("bed", "saw"): 0.0, ("bed", "lathe"): 2.0, ("desk", "saw"): 2.0}
    return f, {"start": start | {("desk", "lathe"): 4.5}}


def test_a_rule_that_keeps_tasks_apart_gives_a_row_for_each_machine() -> None:
    picture = picture_of(found(*machines()))
    assert picture is not None and picture.kind == "schedule"
    assert [t for t in shown(picture) if t in ("saw", "lathe")] == ["saw", "lathe"]
    assert "desk: 4.5 to 6.5 hours" in pointed(picture)
    assert "bed: 0 to 2 hours on saw" in picture.alt


def test_a_start_and_a_duration_give_a_schedule_without_such_a_rule() -> None:
    picture = sample("machine")
    assert picture.kind == "schedule"
    assert set(pointed(picture)) == {"3: 0 to 2 hours", "1: 2 to 5 hours", "2: 5 to 10 hours"}


# --- regions --------------------------------------------------------------------------------------


def plane(
    *rules: str, goal: tuple[Objective, ...], domain: Domain = Domain.CONTINUOUS,
    lower: str | None = "0", parameters: tuple[Parameter, ...] = (),
) -> Formulation:  # fmt: skip
    return Formulation(
        parameters=parameters,
        variables=tuple(Variable(name=n, domain=domain, lower=lower) for n in ("x", "y")),
        objectives=goal,
        constraints=tuple(
            Algebraic(name=f"rule_{k}", expression=rule) for k, rule in enumerate(rules)
        ),
    )


def test_a_region_has_its_corners_its_limits_and_the_best_point() -> None:
    picture = sample("product_mix")
    assert "Its corners: 0 and 0; 0 and 80; 30 and 40; 50 and 0." in picture.alt
    assert picture.alt.endswith("There these limits meet it: carpentry_time; painting_time.")
    assert "The best: number of tables 30, number of chairs 40" in pointed(picture)
    assert "as good as the best: the objective 4,100 euro" in shown(picture)
    path = next(
        p.get("d") or ""
        for p in ET.fromstring(picture.svg).iter(f"{SVG}path")
        if p.find(f"{SVG}title") is not None
        and p.find(f"{SVG}title").text == "What the limits allow"  # type: ignore[union-attr]
    )
    assert len(re.findall(r"[\d.-]+ [\d.-]+", path)) == 4  # its corners
    axes = {t for t in shown(picture) if re.fullmatch(r"[\d,.]+", t)}
    assert {"0", "20", "40", "60", "80"} <= axes


def test_an_open_region_goes_to_the_edge_of_the_picture() -> None:
    f = plane("x + 2*y >= 4", "3*x + y >= 6", "x + y <= 500", goal=minimize("x + y"))
    picture = drawn(f)
    assert "0 and 6; 1.6 and 1.2; 4 and 0" in picture.alt.replace("0 and 500; ", "")
    assert picture.alt.endswith("There these limits meet it: rule_0; rule_1.")


def test_an_equation_leaves_a_line_that_is_drawn() -> None:
    picture = drawn(plane("x + y == 10", "x >= 1", goal=maximize("x + 2*y")))
    assert "Its corners: 1 and 9; 10 and 0." in picture.alt
    assert 'stroke-width="5"' in picture.svg


def test_whole_numbers_are_dots() -> None:
    picture = drawn(plane("2*x + 3*y <= 6", goal=maximize("x + y"), domain=Domain.INTEGER))
    dots = [t for t in pointed(picture) if re.fullmatch(r"\d, \d", t)]
    assert sorted(dots) == ["0, 0", "0, 1", "0, 2", "1, 0", "1, 1", "2, 0", "3, 0"]
    assert "whole numbers that the limits allow" in shown(picture)


def test_two_numbers_without_any_limit_are_drawn_all_the_same() -> None:
    f = plane(goal=maximize("x + y"), domain=Domain.INTEGER, lower=None)
    picture = picture_of(found(f, {"x": {(): 0.0}, "y": {(): 0.0}}))
    assert picture is not None and picture.kind == "region"


def test_a_round_region_is_sampled_and_its_edge_and_level_line_are_curves() -> None:
    picture = drawn(plane("x**2 + y**2 <= 25", goal=maximize("x + 2*y"), lower=None))
    assert "There these limits meet it: rule_0." in picture.alt
    edge = next(
        p.get("d") or ""
        for p in ET.fromstring(picture.svg).iter(f"{SVG}path")
        if (t := p.find(f"{SVG}title")) is not None and t.text == "rule_0"
    )
    assert edge.count("M") > 50
    # The sampled points lie within the circle's picture, which has about pi/4 of its square.
    cells = next(
        p.get("d") or ""
        for p in ET.fromstring(picture.svg).iter(f"{SVG}path")
        if (t := p.find(f"{SVG}title")) is not None and t.text == "What the limits allow"
    )
    runs = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", cells)
    assert runs and max(float(b) - float(a) for a, b in runs) > 250


def test_a_level_curve_lies_on_its_level() -> None:
    circle = Scalar(quadratic=((0, 0, 1.0), (1, 1, 1.0)))
    ends = [p for piece in level_segments(circle, 25.0, Box(-6, 6, -6, 6)) for p in piece]
    assert len(ends) > 100
    assert all(x**2 + y**2 == pytest.approx(25, abs=0.05) for x, y in ends)


def test_a_curved_goal_has_a_curved_level_line() -> None:
    picture = drawn(plane("x + y <= 4", goal=minimize("(x - 3)**2 + (y - 2)**2")))
    level = next(
        p.get("d") or ""
        for p in ET.fromstring(picture.svg).iter(f"{SVG}path")
        if (t := p.find(f"{SVG}title")) is not None and (t.text or "").startswith("as good")
    )
    assert level.count("M") > 20


def test_what_is_no_function_of_two_numbers_alone_has_no_region() -> None:
    switched = Formulation(
        variables=(Variable(name="x", domain=Domain.BINARY), Variable(name="y", upper="4")),
        objectives=maximize("x + y"),
    )
    assert drawn(switched).kind == "bars"
    assert drawn(plane("abs(x - y) <= 2", "x <= 3", goal=maximize("x + y"))).kind == "bars"


def test_compromises_are_told_in_words_too() -> None:
    f = plane("x + y <= 4", goal=(*maximize("x", "kg"), *maximize("y", "$")))
    goals = (
        f.objectives[0].model_copy(update={"name": "one", "description": "the first"}),
        f.objectives[1].model_copy(update={"name": "two", "description": "the second"}),
    )
    front = solved(f.model_copy(update={"objectives": goals})).pareto(n=3)
    picture = picture_of_front(front)
    assert picture.kind == "compromises"
    assert "0 kg with 4 $" in picture.alt and "4 kg with 0 $" in picture.alt
    assert_readable_plot(picture.svg, "the first")


# --- whatever comes -------------------------------------------------------------------------------

_WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80) | st.sampled_from(
    ["<b>&\"'", "]]>", "-->", "m" * 300, "\x00\x1b", "a\nb", "$x^2$", "\u202eabc", "\U0001f600"]
)
_NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, 1e-9, 1.0, 1.0])
    | st.integers(-99, 99).map(float)
)
_SIZES = st.sampled_from([0, 1, 2, 3, 17, 33])
_DOMAINS = st.sampled_from(list(Domain)[:3])


def assert_drawn(result: Result) -> None:
    picture = picture_of(result)
    if picture is None:
        return
    assert_readable_plot(picture.svg)
    root = ET.fromstring(picture.svg)
    width = float(root.get("width") or 0)
    for word in root.iter(f"{SVG}text"):
        said, x = word.text or "", float(word.get("x") or 0)
        if word.get("transform") is None:
            long = 5.0 * len(said)
            start = {"middle": x - long / 2, "end": x - long}.get(word.get("text-anchor") or "", x)
            assert start >= -1 and start + long <= width + 1, (said, x)
    for mark in root.iter():
        if mark.tag in (f"{SVG}circle", f"{SVG}rect") and mark.get("stroke") is None:
            assert mark.find(f"{SVG}title") is not None or mark.get("fill") is not None
    assert not re.search(r'"[^"]*\b(?:nan|inf)\b[^"]*"', re.sub(r">[^<]*<", "><", picture.svg))


@settings(max_examples=60, deadline=None)
@draws(_SIZES, st.data())
def test_bars_of_anything(size: int, data: st.DataObject) -> None:
    names = data.draw(st.lists(_WORDS, min_size=size, max_size=size, unique=True))
    numbers = data.draw(st.lists(_NUMBERS, min_size=size, max_size=size))
    domain, words = data.draw(_DOMAINS), data.draw(_WORDS)
    f = over_one(names or ["none"], domain=domain, description=words, unit=data.draw(_WORDS))
    table = {(n,): v for n, v in zip(names, numbers, strict=True)}
    assert_drawn(found(f, {"x": table}))


@settings(max_examples=80, deadline=None)
@draws(_SIZES, _SIZES, st.sampled_from(["Columns", "Rows", "Days"]), st.data())
def test_pairs_of_anything(rows: int, columns: int, across: str, data: st.DataObject) -> None:
    def members(count: int) -> list[Element]:
        words = st.lists(_WORDS | st.integers(-9, 99), min_size=count, max_size=count, unique=True)
        return data.draw(words)

    first = members(min(rows, 17)) or ["none"]
    second = first if across == "Rows" else members(min(columns, 17)) or ["none"]
    f = pairs(first, second, across=across, domain=data.draw(_DOMAINS), unit=data.draw(_WORDS))
    sparse = data.draw(st.floats(0, 1))
    seed = data.draw(st.randoms(use_true_random=False))
    some = data.draw(st.lists(_NUMBERS, min_size=1, max_size=5))
    table = {(a, b): seed.choice(some) * (seed.random() < sparse) for a in first for b in second}
    assert_drawn(found(f, {"x": table}))


@settings(max_examples=60, deadline=None)
@draws(st.lists(st.tuples(_NUMBERS, _NUMBERS), min_size=0, max_size=9), _WORDS)
def test_schedules_of_anything(tasks: list[tuple[float, float]], unit: str) -> None:
    names = [f"{k}<{unit}" for k in range(len(tasks))] or ["none"]
    lengths: dict[Element | Index, float] = {
        n: length for n, (_, length) in zip(names, tasks, strict=False)
    } or {"none": 1.0}
    f = Formulation(
        sets=(listed("Tasks", names),),
        parameters=(given("duration", lengths, "k in Tasks"),),
        variables=(Variable(name="start", over="k in Tasks", unit=unit, lower=None),),
    )
    starts: dict[Index, float] = {(n,): s for n, (s, _) in zip(names, tasks, strict=False)}
    assert_drawn(found(f, {"start": starts}))


_SMALL = st.integers(-9, 9).map(float) | st.sampled_from([1e-7, 1e6, 123456.789, -1e12, 1e300])


@settings(max_examples=80, deadline=None)
@draws(st.lists(st.tuples(_SMALL, _SMALL, _SMALL, st.sampled_from(["<=", ">=", "=="])),
                max_size=6), _NUMBERS, _NUMBERS, _DOMAINS, st.booleans())  # fmt: skip
def test_regions_of_anything(
    rows: list[tuple[float, float, float, str]], x: float, y: float, domain: Domain, curved: bool
) -> None:
    power = "**2" if curved else ""
    rules = [f"({a})*x{power} + ({b})*y {op} ({c})" for a, b, c, op in rows]
    f = plane(*rules, goal=maximize("x + 2*y", "<&"), domain=domain, lower=None)
    assert_drawn(found(f, {"x": {(): x}, "y": {(): y}}))
