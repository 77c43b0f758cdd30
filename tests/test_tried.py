"""Sweeps, tornadoes and fronts agree with solving again, and their plots and files are sound."""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import re
import shlex
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, settings
from hypothesis import given as draws
from hypothesis import strategies as st

from optiwright import Result, UserError, cli, solve
from optiwright.agent.charts import Axis, Bar, Dot, line_chart, tornado_chart
from optiwright.agent.fronts import Front
from optiwright.agent.svg import tick_labels, ticks
from optiwright.agent.sweeping import Sweep, spread
from optiwright.agent.tornado import Tornado
from optiwright.formulators.addressing import find_place
from optiwright.formulators.model import (
    Algebraic,
    Definition,
    Domain,
    Formulation,
    Objective,
    Sense,
    Variable,
)
from tests.feed_model import feed
from tests.sample_formulations import SAMPLES, given, maximize, minimize
from tests.surrounded import best_value, change_to

MIX = SAMPLES["product_mix"].formulation
TRANSPORT = SAMPLES["transport"].formulation


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def mix() -> Result:
    return solve(MIX)


@pytest.fixture(scope="module")
def transport() -> Result:
    return solve(TRANSPORT)


# --- sweeps ---------------------------------------------------------------------------------------


def test_a_sweep_solves_at_each_value_and_says_what_switches(mix: Result) -> None:
    swept = mix.sweep("carpentry", range(320, 179, -20))
    assert [p.value for p in swept.points] == list(range(180, 321, 20))
    for point in swept.points:
        best = best_value(MIX, change_to("carpentry", point.value))
        assert point.objective == pytest.approx(best)
    by_value = {p.value: p.switches for p in swept.points}
    assert by_value[180] == ()
    assert by_value[220] == ("`chairs` begins",)
    assert by_value[300] == ("`tables` ends",)
    assert by_value[320] == ("`carpentry_time` is no longer tight",)
    frame = swept.frame
    assert list(frame.columns) == [
        "value", "status", "objective", "number of tables", "number of chairs", "switches", "note",
    ]  # fmt: skip
    assert frame.loc[frame.value == 240, "number of tables"].item() == pytest.approx(30)


def test_a_sweep_of_one_entry_and_of_a_table_by_factors(transport: Result) -> None:
    entry = transport.sweep("demand[New York]", [300, 325, 400])
    assert [p.status.value for p in entry.points] == ["optimal", "optimal", "infeasible"]
    change = change_to("demand", 300, ("New York",))
    assert entry.points[0].objective == pytest.approx(best_value(TRANSPORT, change))
    assert entry.points[2].objective is None
    scaled = transport.sweep("demand", [0.5, 1.0], scaled=True)
    assert scaled.points[0].objective == pytest.approx(153_675 / 2)
    assert (scaled.now, scaled.unit) == (1.0, "")


def test_a_value_that_the_formulation_does_not_take_is_noted() -> None:
    swept = solve(SAMPLES["inventory"].formulation).sweep("horizon", [3, 3.5, 4])
    assert [p.objective is None for p in swept.points] == [True, True, False]
    assert "3.5" in swept.points[1].note


def test_binaries_switch_between_yes_and_no() -> None:
    formulation = Formulation(
        parameters=(given("budget", 5),),
        variables=(Variable(name="built", domain=Domain.BINARY),),
        objectives=maximize("built"),
        constraints=(Algebraic(name="paid", expression="4 * built <= budget"),),
    )
    swept = solve(formulation).sweep("budget", [3, 4])
    assert swept.points[1].switches == ("`built` becomes yes", "`paid` becomes tight")


@pytest.mark.parametrize(
    ("name", "complaint", "remedy"),
    [
        ("carpntry", "no parameter `carpntry`", "Did you mean `carpentry`"),
        ("profit", "no parameter `profit`", "`table_profit`"),
        ("zzz", "no parameter `zzz`", "There are `table_profit`, `chair_profit`"),
        ("carpentry[1]", "single number", "Write `carpentry`"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    mix: Result, name: str, complaint: str, remedy: str
) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        mix.sweep(name, [1])
    assert remedy in caught.value.remedy


def test_a_table_its_entries_and_what_is_computed(transport: Result) -> None:
    with pytest.raises(UserError, match="3 entries") as caught:
        transport.sweep("demand", [1])
    assert "`demand[New York]`" in caught.value.remedy
    with pytest.raises(UserError, match="no entry `Chcago`") as caught:
        transport.sweep("demand[Chcago]", [1])
    assert "`Chicago`" in caught.value.remedy
    with pytest.raises(UserError, match="is computed") as caught:
        transport.sweep("cost", [1])
    assert "`distance`, `freight`" in caught.value.remedy
    assert find_place(TRANSPORT, "distance['Seattle',New York]").value == 2.5
    assert find_place(SAMPLES["inventory"].formulation, "demand[3]").value == 90


@pytest.mark.parametrize("values", [[], [math.nan], [1, math.inf], range(2000), ["x"], 3])
def test_values_that_are_none_are_refused(mix: Result, values: object) -> None:
    with pytest.raises(UserError, match="values"):
        mix.sweep("carpentry", values)  # type: ignore[arg-type]


def test_values_are_spread_evenly() -> None:
    assert spread(0.1, 0.5, 5) == [0.1, 0.2, 0.3, 0.4, 0.5]
    for wrong in ((1, 1, 5), (0, 1, 1), (0, math.inf, 3)):
        with pytest.raises(UserError):
            spread(*wrong)


# --- tornadoes ------------------------------------------------------------------------------------


def test_a_tornado_solves_each_less_and_more_the_widest_first(mix: Result) -> None:
    found = mix.tornado()
    for swing in found.swings:
        assert swing.value is not None
        for turn, factor in ((swing.less, 0.9), (swing.more, 1.1)):
            best = best_value(MIX, change_to(swing.name, swing.value * factor))
            assert turn.objective == pytest.approx(best)
    spans = [s.span or 0.0 for s in found.swings]
    assert spans == sorted(spans, reverse=True)
    assert [s.name for s in found.swings][:2] == ["carpentry", "chair_profit"]
    assert found.objective == pytest.approx(4100)
    assert list(found.frame.parameter) == [s.name for s in found.swings]


def test_a_tornado_scales_tables_and_puts_what_breaks_first(transport: Result) -> None:
    found = transport.tornado(change=0.2)
    by_name = {s.name: s for s in found.swings}
    assert set(by_name) == {"supply", "demand", "distance", "freight"}
    assert {s.name for s in found.swings[:2]} == {"supply", "demand"}
    assert by_name["demand"].more.status.value == "infeasible"
    assert by_name["distance"].less.objective == pytest.approx(153_675 * 0.8)
    assert by_name["distance"].value is None
    assert by_name["demand"].span is None


def test_a_tornado_of_some_names_only(transport: Result) -> None:
    found = transport.tornado(["freight", "demand[Topeka]"], 0.05)
    assert {s.name for s in found.swings} == {"freight", "demand[Topeka]"}
    with pytest.raises(UserError, match="no parameter"):
        transport.tornado(["frieght"])
    for wrong in (0.0, 1.0, -0.1, math.nan):
        with pytest.raises(UserError, match="share"):
            transport.tornado(change=wrong)


def test_what_cannot_be_scaled_is_said_and_comes_last() -> None:
    found = solve(SAMPLES["inventory"].formulation).tornado()
    assert found.swings[-1].name == "horizon"
    assert found.swings[-1].less.note
    zero = Formulation(
        parameters=(given("nothing", 0),),
        variables=(Variable(name="x", upper="1"),),
        objectives=maximize("x + nothing"),
    )
    assert solve(zero).tornado().swings == ()
    with pytest.raises(UserError, match="zero"):
        solve(zero).tornado(["nothing"])


# --- fronts ---------------------------------------------------------------------------------------


def two_goals(seed: int) -> Formulation:
    """Cost and damage of up to four yes-or-no measures that must reach a need."""
    import random

    dice = random.Random(seed)
    count = dice.randint(2, 4)
    rows = [[dice.randint(1, 9) for _ in range(count)] for _ in range(3)]
    names = [f"m{k}" for k in range(count)]
    sums = [" + ".join(f"{v} * {n}" for v, n in zip(row, names, strict=True)) for row in rows]
    sense = dice.choice([Sense.MINIMIZE, Sense.MAXIMIZE])
    return Formulation(
        variables=tuple(Variable(name=n, domain=Domain.BINARY) for n in names),
        objectives=(
            Objective(sense=Sense.MINIMIZE, expression=sums[0], name="cost", weight=3),
            Objective(sense=sense, expression=sums[1], name="damage", priority=5),
        ),
        constraints=(Algebraic(name="need", expression=f"{sums[2]} >= {dice.randint(1, 12)}"),),
    )


def efficient(formulation: Formulation) -> list[tuple[float, float]]:
    """Returns every best compromise, by trying all points."""
    names = [v.name for v in formulation.variables]
    one, two = formulation.objectives
    (need,) = (c.expression for c in formulation.constraints if isinstance(c, Algebraic))
    found = set()
    for point in itertools.product((0, 1), repeat=len(names)):
        scope = dict(zip(names, point, strict=True))
        if eval(need, {}, scope):
            sign = 1 if two.sense is Sense.MINIMIZE else -1
            found.add((eval(one.expression, {}, scope), sign * eval(two.expression, {}, scope)))
    best = [p for p in found if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in found)]
    return [(p[0], p[1] if two.sense is Sense.MINIMIZE else -p[1]) for p in sorted(best)]


@settings(max_examples=15, deadline=None)
@draws(st.integers(0, 10**6))
def test_an_integer_front_has_every_best_compromise_and_no_other(seed: int) -> None:
    formulation = two_goals(seed)
    every = efficient(formulation)
    assume(every)
    found = solve(formulation).pareto(n=20)
    assert found.complete
    assert [(p.first, p.second) for p in found.points] == [pytest.approx(p) for p in every]


def test_large_whole_numbers_are_told_apart() -> None:
    base = 10**8
    formulation = Formulation(
        variables=tuple(Variable(name=n, domain=Domain.BINARY) for n in ("a", "b")),
        objectives=(
            Objective(sense=Sense.MINIMIZE, expression="2 * a + 3 * b", name="cost"),
            Objective(sense=Sense.MINIMIZE, expression=f"{base} - a - 2 * b", name="damage"),
        ),
    )
    found = solve(formulation).pareto(n=9)
    assert [p.second - base for p in found.points] == [0, -1, -2, -3]
    assert found.complete


def test_a_front_of_few_points_keeps_its_ends() -> None:
    formulation = next(f for f in map(two_goals, range(1000)) if len(efficient(f)) > 4)
    every = efficient(formulation)
    found = solve(formulation).pareto(n=3)
    assert not found.complete
    assert (found.points[0].first, found.points[0].second) == pytest.approx(every[0])
    assert (found.points[-1].first, found.points[-1].second) == pytest.approx(every[-1])
    for point in found.points:
        assert (point.first, point.second) in [pytest.approx(p) for p in every]


def mixture() -> Formulation:
    """Two fuels; the cheap one emits more. The cost alone leaves a third, idle one open."""
    return Formulation(
        parameters=(given("need", 10, unit="MWh"),),
        variables=(Variable(name="coal"), Variable(name="gas"), Variable(name="flare", upper="4")),
        definitions=(
            Definition(
                name="emissions",
                expression="3 * coal + gas + flare",
                unit="tons",
                description="emissions",
            ),
        ),
        objectives=minimize("20 * coal + 50 * gas", "$"),
        constraints=(Algebraic(name="met", expression="coal + gas >= need"),),
    )


def test_a_linear_front_is_exact_at_its_ends_and_no_point_is_weakly_dominated() -> None:
    found = solve(mixture()).pareto(second="emissions", n=5)
    points = [(p.first, p.second) for p in found.points]
    # Had only the cost been optimised, the flare could be anything at the first end.
    assert points == [
        pytest.approx(p) for p in [(200, 30), (275, 25), (350, 20), (425, 15), (500, 10)]
    ]
    assert not found.complete
    assert [p.exchange for p in found.points] == [None, *[pytest.approx(15)] * 4]
    assert (found.first.unit, found.second.name, found.second.unit) == ("$", "emissions", "tons")


def test_a_second_goal_that_is_maximised_or_an_expression(mix: Result) -> None:
    found = mix.pareto(second="tables", sense="maximize", n=2)
    assert [(p.first, p.second) for p in found.points] == [
        pytest.approx((4100, 30)), pytest.approx((3500, 50)),
    ]  # fmt: skip
    assert found.points[1].exchange == pytest.approx(30)
    less = mix.pareto(second="tables + chairs", n=2)
    assert (less.points[-1].first, less.points[-1].second) == pytest.approx((0, 0))


def test_goals_that_do_not_conflict_have_one_point() -> None:
    found = solve(SAMPLES["covering"].formulation).pareto(second="sum(opened[s] for s in Sites)")
    assert len(found.points) == 1
    assert found.complete


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "1 goal"),
        ({"second": "emisions"}, "no definition or variable `emisions`"),
        ({"second": "coal +"}, "cannot be read"),
        ({"second": "emissions", "n": 1}, "2 to 200 points"),
        ({"second": "emissions", "sense": "maximise"}, "maximise"),
        ({"second": "gas", "sense": "maximize"}, "no best value"),
    ],
)
def test_what_is_no_front_is_refused(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        solve(mixture()).pareto(**arguments)  # type: ignore[arg-type]


def test_soft_limits_count_with_the_first_goal() -> None:
    formulation = mixture().model_copy(
        update={
            "constraints": (
                *mixture().constraints,
                Algebraic(name="quota", expression="gas <= 4", penalty="100"),
            )
        }
    )
    found = solve(formulation).pareto(second="emissions", n=2)
    assert [(p.first, p.second) for p in found.points] == [
        pytest.approx((200, 30)), pytest.approx((1100, 10)),
    ]  # fmt: skip


def test_the_benchmark_of_warm_starts_comes_to_the_same_values_every_way() -> None:
    path = Path(__file__).parents[1] / "benchmarks" / "warm_sweep.py"
    spec = importlib.util.spec_from_file_location("warm_sweep", path)
    assert spec and spec.loader
    script: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    for series in (
        script.sites(5, 8, 3, integer=False),
        script.sites(5, 6, 3, integer=True),
        script.stocks(3, 3, 3, integer=True),
    ):
        spent = script.measure(series)
        assert len(spent.values) == len(series.values) > 1
        assert all(len(ways) == 3 and script.agree(ways) for ways in spent.values)
        assert len({ways[0] for ways in spent.values}) > 1
    assert not script.agree((1.0, 1.0, 1.1)) and not script.agree((1.0, None, 1.0))


# --- plots and files ------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def assert_readable_plot(svg: str, *words: str) -> None:
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert root.get("aria-label") == (title.text or "")
    shown = " ".join(root.itertext())
    for word in words:
        assert word in shown, shown
    width, height = map(float, (root.get("viewBox") or "").split()[2:])
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x") or -1) <= width
        assert 0 <= float(text.get("y") or -1) <= height
    assert "prefers-color-scheme" in svg
    assert "nan" not in svg


def test_plots_have_titles_axes_units_and_figures(mix: Result, transport: Result) -> None:
    swept = transport.sweep("demand[New York]", [300, 325, 400])
    assert_readable_plot(
        swept.to_svg(), "demand[New York] (cases)", "best value ($)", "no solution",
        "demand[New York] 325 cases: best value 153,675 $",
    )  # fmt: skip
    assert_readable_plot(mix.sweep("carpentry", [180, 240, 320]).to_svg(), "`tables` ends")
    assert_readable_plot(transport.tornado().to_svg(), "demand", "infeasible", "freight (90 $/case")
    assert_readable_plot(solve(mixture()).pareto(second="emissions").to_svg(), "emissions (tons)")


def test_a_line_is_broken_where_there_is_no_solution() -> None:
    dots = [Dot(0, 1), Dot(1, 2), Dot(2, None), Dot(3, 4), Dot(4, 5)]
    svg = line_chart("Line", Axis("x"), Axis("y"), dots)
    (line,) = re.findall(r'<path d="([^"]*)" fill="none" stroke="var\(--main\)"', svg)
    assert re.sub(r"[^ML]", "", line) == "MLML"


def test_a_plot_says_what_rings_and_crosses_are_and_joins_only_what_can_be_had(
    mix: Result, transport: Result
) -> None:
    switching = mix.sweep("carpentry", [180, 240, 320]).to_svg()
    assert "the plan switches" in switching
    assert "no solution" not in switching
    assert "\u00d7 no solution" in transport.sweep("demand[Topeka]", [10, 10_000]).to_svg()

    fractions = solve(mixture()).pareto(second="emissions", n=5)
    whole = solve(two_goals(next(k for k in range(99) if len(efficient(two_goals(k))) > 4)))
    few = whole.pareto(n=3)
    assert fractions.divisible and not few.divisible and not few.complete
    assert fractions.to_svg().count('fill="none" stroke="var(--main)"') == 1
    assert few.to_svg().count('fill="none" stroke="var(--main)"') == 0


_NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=120)
_VALUES = st.floats(-1e15, 1e15) | st.floats(-1, 1) | st.integers(-99, 99).map(float)


def assert_words_have_their_place(svg: str) -> None:
    """Holds that no word leaves the picture and none lies on another, each 6 pixels a letter."""
    root = ET.fromstring(svg)
    width = float(root.get("width") or 0)
    lines: dict[str, list[tuple[float, float, str]]] = {}
    for word in root.iter(f"{SVG}text"):
        said = word.text or ""
        x, long = float(word.get("x") or 0), 6.0 * len(said)
        start = {"middle": x - long / 2, "end": x - long}.get(word.get("text-anchor") or "", x)
        assert start >= 0 and start + long <= width, said
        lines.setdefault(word.get("y") or "", []).append((start, start + long, said))
    for line in lines.values():
        for one, two in pairwise(sorted(line)):
            assert one[1] <= two[0], (one[2], two[2])


@settings(max_examples=150)
@draws(_NAMES, _NAMES, _NAMES, st.lists(st.tuples(_VALUES, st.none() | _VALUES), max_size=6))
def test_words_of_a_line_chart_have_their_place(
    title: str, label: str, unit: str, points: list[tuple[float, float | None]]
) -> None:
    dots = [Dot(x, y, marked=k % 2 == 1) for k, (x, y) in enumerate(sorted(points, key=str))]
    svg = line_chart(title, Axis(label, unit), Axis(unit, label), dots)
    assert_words_have_their_place(svg)
    assert_readable_plot(svg)


@settings(max_examples=150)
@draws(
    _NAMES, _NAMES, _VALUES, st.lists(st.tuples(_NAMES, _VALUES, st.none() | _VALUES), max_size=6)
)
def test_words_of_a_tornado_have_their_place(
    title: str, unit: str, base: float, rows: list[tuple[str, float, float | None]]
) -> None:
    bars = [Bar(name, low, high, f"less: {low:.4g}", f"more: {high}") for name, low, high in rows]
    svg = tornado_chart(title, base, Axis("best value", unit), bars)
    assert_words_have_their_place(svg)
    assert_readable_plot(svg, *(["None of them moves it"] if not rows else []))


def test_what_is_cut_is_whole_where_one_points_and_a_unit_stays() -> None:
    long = "costs of transport from any of the plants to any of the depots, tolls included"
    svg = line_chart(long, Axis(long, "euros"), Axis(long, "pallets"), [Dot(0, 1), Dot(1, 2)])
    shown = [t.text or "" for t in ET.fromstring(svg).iter(f"{SVG}text")]
    assert long not in shown
    assert sum(t.endswith("\u2026 (euros)") or t.endswith("\u2026 (pallets)") for t in shown) == 2
    assert_readable_plot(svg, f"{long} 1 euro: {long} 2 pallets")


def test_ticks_that_lie_close_have_digits_enough_to_differ() -> None:
    assert tick_labels([4.9999999, 5.0, 5.0000001]) == ["4.9999999", "5", "5.0000001"]
    assert tick_labels([0.0, 1e-9, 2e-9]) == ["0", "1e-09", "2e-09"]
    assert tick_labels([1e12, 1e12 + 1000]) == ["1,000,000,000,000", "1,000,000,001,000"]


def test_a_tornado_of_more_than_it_shows_says_so(mix: Result) -> None:
    swings = mix.tornado().swings
    many = mix.tornado().model_copy(update={"swings": swings[:1] * 23})
    assert_readable_plot(many.to_svg(), "(the first 20 of 23)")


def test_a_plot_of_nothing_but_failures_is_a_plot(transport: Result) -> None:
    assert_readable_plot(transport.sweep("demand[Topeka]", [10_000]).to_svg(), "no solution")


@settings(max_examples=200)
@draws(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_few_round_and_inside(low: float, width: float) -> None:
    assume(width > 1e-9 * abs(low))
    found = ticks(low, low + width)
    assert 1 <= len(found) <= 8
    assert all(low - 1e-6 * width <= t <= low + width * (1 + 1e-6) for t in found)
    assert found == sorted(set(found))


def test_what_was_tried_is_saved_by_its_ending(mix: Result, tmp_path: Path) -> None:
    swept = mix.sweep("carpentry", [200, 240])
    for name in ("a.svg", "a.csv", "a.json"):
        swept.save(tmp_path / name)
    assert_readable_plot((tmp_path / "a.svg").read_text())
    assert list(pd.read_csv(tmp_path / "a.csv").objective) == pytest.approx([3500, 4100])
    assert Sweep.model_validate_json((tmp_path / "a.json").read_text()) == swept
    with pytest.raises(UserError, match=r"cannot save as `\.png`"):
        swept.save(tmp_path / "a.png")
    with pytest.raises(UserError, match="cannot be written"):
        swept.save(tmp_path / "no" / "a.svg")


# --- the commands ---------------------------------------------------------------------------------


def run_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["optiwright", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    solve(MIX)

    def run(*arguments: str) -> tuple[int, str, str]:
        return run_command(monkeypatch, capsys, *arguments)

    code, out, _ = run("sensitivity")
    assert code == 0
    assert "one more hour is worth 15 euro" in out
    _, out, _ = run("sensitivity", "--json")
    assert json.loads(out)["objective"] == pytest.approx(4100)

    plot = tmp_path / "plot.svg"
    code, out, err = run(
        "sweep", "carpentry", "--from", "180", "--to", "320", "--steps", "8", "--save", str(plot)
    )
    assert (code, "saved" in err) == (0, True)
    assert "4,100" in out
    assert "`tables` ends" in out
    assert_readable_plot(plot.read_text())
    _, out, _ = run("sweep", "carpentry", "--from", "1", "--to", "2", "--steps", "2", "--json")
    assert len(Sweep.model_validate_json(out).points) == 2

    code, out, _ = run("tornado")
    assert code == 0
    assert out.index("carpentry") < out.index("painting")
    _, out, _ = run("tornado", "painting", "--change", "0.2", "--json")
    assert [s.name for s in Tornado.model_validate_json(out).swings] == ["painting"]

    code, out, _ = run("pareto", "tables", "--sense", "maximize", "--n", "3")
    assert code == 0
    assert "3,500" in out
    _, out, _ = run("pareto", "tables", "--sense", "maximize", "--n", "2", "--json")
    assert len(Front.model_validate_json(out).points) == 2

    code, _, err = run("sweep", "carpntry", "--from", "1", "--to", "2")
    assert code == 2
    assert "`carpentry`" in err
    code, _, err = run("pareto")
    assert code == 2
    assert "Traceback" not in err


# --- docs/questions-sensitivity.md ----------------------------------------------------------------

_DOCUMENT = (Path(__file__).parents[1] / "docs" / "questions-sensitivity.md").read_text()


@pytest.mark.parametrize(
    "block", re.findall(r"```\n(\$ optiwright .*?)\n```", _DOCUMENT, flags=re.DOTALL)
)
def test_the_documents_commands_print_what_it_shows(
    block: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "feed").mkdir()
    feed().save(tmp_path / "feed" / "formulation.json")
    monkeypatch.chdir(tmp_path)
    command, _, shown = block.partition("\n")
    _, out, err = run_command(monkeypatch, capsys, *shlex.split(command)[2:])
    printed = "\n".join(line.rstrip() for line in (out + err).rstrip("\n").splitlines())
    assert printed == shown


def test_the_documents_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feed").mkdir()
    feed().save(tmp_path / "feed" / "formulation.json")
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", _DOCUMENT, flags=re.DOTALL)
    exec(program, {})
    assert_readable_plot((tmp_path / "tornado.svg").read_text(), "20% less and more")
