"""What would make an infeasible problem possible: the least, each solved, nothing hard moved."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright import Formulation, Result, UserError, cli, solve
from optiwright.agent.loop import wait
from optiwright.agent.repairs import Repair, repairs_of
from optiwright.agent.result import Status
from optiwright.formulators.elastic import with_named_limits
from optiwright.formulators.model import (
    Algebraic,
    Definition,
    Derived,
    Domain,
    Element,
    Index,
    Objective,
    Parameter,
    Range,
    Sense,
    SetDef,
    Variable,
)
from optiwright.formulators.movable import Movable, movable_figures
from optiwright.solver_tools import relaxing
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.relaxing import Aim, outward
from optiwright.solver_tools.variants import Variant, solve_variant
from tests.sample_formulations import SAMPLES, listed, table
from tests.sample_formulations import given as figure


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


def described(parameter: Parameter, words: str) -> Parameter:
    return parameter.model_copy(update={"description": words})


def bakeries(**changed: object) -> Formulation:
    """560 loaves can be baked, 650 are needed, and delivery has a budget."""
    ovens, cafes = ("North", "South"), ("Quay", "Park", "Hall")
    base = {
        "title": "Two bakeries",
        "sets": (listed("Bakeries", ovens), listed("Cafes", cafes)),
        "parameters": (
            described(figure("capacity", {"North": 300, "South": 260}, "b in Bakeries",
                             unit="loaves"), "loaves that can be baked"),
            described(figure("demand", {"Quay": 220, "Park": 190, "Hall": 240}, "c in Cafes",
                             unit="loaves"), "loaves that are needed"),
            figure("cost", table(ovens, cafes, ((0.4, 0.3, 0.6), (0.5, 0.7, 0.35))),
                   "b in Bakeries, c in Cafes", unit="euros/loaf"),
            figure("budget", 300, unit="euros"),
        ),
        "variables": (
            Variable(name="bring", over="b in Bakeries, c in Cafes", domain=Domain.INTEGER),
        ),
        "objectives": (
            Objective(sense=Sense.MINIMIZE, description="cost of delivery", unit="euros",
                      expression="sum(cost[b, c] * bring[b, c] for b in Bakeries for c in Cafes)"),
        ),
        "constraints": (
            Algebraic(name="baked", over="b in Bakeries",
                      expression="sum(bring[b, c] for c in Cafes) <= capacity[b]"),
            Algebraic(name="served", over="c in Cafes",
                      expression="sum(bring[b, c] for b in Bakeries) >= demand[c]"),
            Algebraic(name="spend", expression="sum(cost[b, c] * bring[b, c] for b in Bakeries "
                      "for c in Cafes) <= budget"),
        ),
    }  # fmt: skip
    return Formulation.model_validate(base | changed)


def possible(formulation: Formulation, repair: Repair) -> float | None:
    """The optimum of the formulation with a repair's changes, solved anew."""
    solved = wait(solve_variant(default_pool(), Variant("x", formulation, repair.changes)))
    assert solved.evaluation is not None and solved.evaluation.feasible
    return solved.objective


# --- alternatives ---------------------------------------------------------------------------------


def test_the_least_change_comes_first_then_what_suffices_alone() -> None:
    case = bakeries()
    result = solve(case)
    assert result.status is Status.INFEASIBLE
    least, alone = result.repairs()
    assert [(s.name, s.index, s.before, s.after) for s in least.shifts] == [
        ("capacity", ("North",), 300, 390)
    ]
    assert (least.kind, least.status, least.least) == (Aim.LEAST, Status.OPTIMAL, True)
    assert least.words == (
        "The least change in all: it becomes possible with `capacity[North]` (loaves that can be "
        "baked) raised from 300 to 390 loaves (+30%); the best cost of delivery then is 231 euros."
    )
    assert alone.words == (
        "By `demand` alone: it becomes possible with `demand[Hall]` (loaves that are needed) "
        "lowered from 240 to 150 loaves (-37.5%); the best cost of delivery then is 208.5 euros."
    )
    for repair in (least, alone):
        assert possible(case, repair) == pytest.approx(repair.objective)


def test_several_conflicts_need_several_figures_and_the_fewest_are_found() -> None:
    """Two sums fall short; one big helper figure serves both, but is dear in relative terms."""
    case = Formulation(
        variables=(Variable(name="x", upper="cap_x"), Variable(name="y", upper="cap_y"),
                   Variable(name="z", upper="cap_z"), Variable(name="w", upper="cap_w")),
        parameters=(figure("cap_x", 10), figure("cap_y", 10), figure("cap_z", 10),
                    figure("cap_w", 1), figure("need_a", 12), figure("need_b", 12),
                    figure("need_c", 12)),
        constraints=(
            Algebraic(name="a", expression="x + w >= need_a"),
            Algebraic(name="b", expression="y + w >= need_b"),
            Algebraic(name="c", expression="z + w / 2 >= need_c"),
        ),
    )  # fmt: skip
    found = repairs_of(solve(case), forbid="need").repairs
    by_kind = {r.kind: r for r in found}
    assert len(by_kind[Aim.LEAST].shifts) == 3
    assert {s.name for s in by_kind[Aim.LEAST].shifts} == {"cap_x", "cap_y", "cap_z"}
    assert [(s.name, s.after) for s in by_kind[Aim.ALONE].shifts] == [("cap_w", 4)]
    assert Aim.FEWEST not in by_kind  # one alone is the fewest
    walled = repairs_of(solve(case), forbid=["need", "cap_w"]).repairs
    assert [len(r.shifts) for r in walled] == [3]


def test_the_fewest_figures_are_counted_where_none_suffices_alone() -> None:
    network = SAMPLES["network"].formulation
    arcs: dict[Element | Index, float] = {
        ("port", "hub"): 4, ("port", "depot"): 2.5, ("hub", "depot"): 3, ("hub", "city"): 2,
        ("depot", "city"): 4.5,
    }  # fmt: skip
    half = figure("capacity", arcs, "Arcs", unit="tons")
    halved = tuple(half if p.name == "capacity" else p for p in network.parameters)
    found = solve(network.model_copy(update={"parameters": halved})).repairs()
    assert [(r.kind, len(r.shifts)) for r in found] == [(Aim.LEAST, 3), (Aim.FEWEST, 2)]


def test_a_number_written_into_a_limit_moves_too() -> None:
    case = Formulation(
        variables=(Variable(name="x", upper="25"), Variable(name="y", upper="10")),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="x + y"),),
        constraints=(Algebraic(name="need", expression="x + y >= 40"),),
    )
    first, *others = solve(case).repairs()
    assert first.changes == ()
    assert [(s.name, s.before, s.after) for s in first.shifts] == [("need", 40, 35)]
    assert "the limit of `need` lowered from 40 to 35 (-12.5%)" in first.words
    assert [r.words.partition(":")[0] for r in others] == [
        "By the maximum of `x` alone", "By the maximum of `y` alone",
    ]  # fmt: skip


def test_a_curved_model_is_repaired() -> None:
    portfolio = SAMPLES["portfolio"].formulation
    greedy = tuple(figure("least_gain", 0.09) if p.name == "least_gain" else p
                   for p in portfolio.parameters)  # fmt: skip
    (repair,) = solve(portfolio.model_copy(update={"parameters": greedy})).repairs()
    assert [s.after for s in repair.shifts] == [pytest.approx(0.08)]
    assert repair.objective == pytest.approx(0.04)


def test_a_problem_that_has_no_best_point_then_says_so() -> None:
    case = Formulation(
        variables=(Variable(name="x"),),
        parameters=(figure("need", 3), figure("budget", 8)),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="x"),),
        constraints=(Algebraic(name="budget_kept", expression="0*x + need >= budget"),),
    )
    (repair,) = solve(case).repairs(allow="budget")
    assert (repair.status, repair.objective) == (Status.UNBOUNDED, None)
    assert repair.words.endswith("; nothing limits the objective then.")


# --- against all that is smaller ------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
    st.lists(st.integers(3, 12), min_size=2, max_size=2),
)
def test_no_smaller_whole_change_makes_it_possible(caps: list[int], needs: list[int]) -> None:
    """Every combination of whole changes up to the one found is tried by arithmetic."""
    total_caps, total_needs = sum(caps), sum(needs)
    case = Formulation(
        sets=(listed("Plants", ("a", "b", "c")), listed("Towns", ("u", "v"))),
        parameters=(
            figure("capacity", dict(zip("abc", caps, strict=True)), "p in Plants"),
            figure("demand", dict(zip("uv", needs, strict=True)), "t in Towns"),
        ),
        variables=(Variable(name="x", over="p in Plants, t in Towns", domain=Domain.INTEGER),),
        constraints=(
            Algebraic(name="made", over="p in Plants",
                      expression="sum(x[p, t] for t in Towns) <= capacity[p]"),
            Algebraic(name="met", over="t in Towns",
                      expression="sum(x[p, t] for p in Plants) >= demand[t]"),
        ),
    )  # fmt: skip
    result = solve(case)
    if total_caps >= total_needs:
        assert result.status is not Status.INFEASIBLE
        return
    short = total_needs - total_caps
    cheapest = min(
        sum(up / cap for up, cap in zip(ups, caps, strict=True))
        + sum(down / need for down, need in zip(downs, needs, strict=True))
        for ups in itertools.product(range(short + 1), repeat=3)
        for downs in itertools.product(*(range(min(short, n) + 1) for n in needs))
        if sum(ups) + sum(downs) == short
    )
    least = result.repairs()[0]
    moved = sum(abs(s.after - s.before) / s.before for s in least.shifts)
    assert moved == pytest.approx(cheapest)
    assert all(s.after.is_integer() for s in least.shifts)


@pytest.mark.parametrize(
    ("before", "shift", "whole", "after"),
    [
        (500, 120, False, 620),
        (500, 113.372, False, 614),
        (500, 113.372, True, 614),
        (500, -0.30000001, False, 499.7),
        (500, -113.372, False, 386),
        (40, 3.0000000001, True, 43),
        (40, 3.2, True, 44),
        (0.09, -0.0100000004, False, 0.08),
        (0.09, -0.0123456, False, 0.0776),
        (2.5, 1234.5678, False, 1240),
        (2, -1.9999999999, True, 0),
    ],
)
def test_figures_are_rounded_outward(
    before: float, shift: float, whole: bool, after: float
) -> None:
    assert outward(before, shift, whole=whole) == pytest.approx(after, rel=1e-12)


def test_a_step_further_goes_outward_again() -> None:
    assert outward(500, 113.372, further=1) == 615
    assert outward(500, -120, further=1) == 379


def test_a_change_that_does_not_suffice_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    result = solve(bakeries())
    monkeypatch.setattr(relaxing, "outward", lambda before, shift, **_: before + round(shift / 2))
    assert result.repairs() == ()


# --- what may move --------------------------------------------------------------------------------


def moving(formulation: Formulation) -> dict[str, Movable]:
    return {m.parameter: m for m in movable_figures(with_named_limits(formulation)[0])}


def test_prices_balances_and_counts_do_not_move() -> None:
    found = moving(SAMPLES["inventory"].formulation)
    assert {n: (m.up, m.down, m.by_default) for n, m in found.items()} == {
        "demand": (False, True, True),
        "capacity": (True, False, True),
    }
    network = moving(SAMPLES["network"].formulation)
    assert network["capacity"].by_default
    assert not network["surplus"].by_default
    assert "cost" not in network
    assert moving(SAMPLES["assignment"].formulation) == {}


@pytest.mark.parametrize(
    ("rule", "movable"),
    [
        (Algebraic(name="r", expression="x + y <= p", description="At most so many hours"), True),
        (Algebraic(name="r", expression="x + y <= p", description="Colour of the walls"), False),
        (Algebraic(name="r", expression="x + y <= p", description="Safety limit"), False),
        (Algebraic(name="r", expression="x == y + p", description="Stock balance"), False),
        (Algebraic(name="r", expression="p*x <= 3*y", description="At most a share"), None),
        (Algebraic(name="r", expression="x**p <= 9", description="At most nine"), None),
        (Algebraic(name="r", expression="x <= p", penalty="2", description="At most"), None),
        (Algebraic(name="r", expression="2*p + q >= x", description="At most twice"), True),
        (Algebraic(name="r", expression="x >= p * q", description="At least so many"), None),
    ],
)
def test_wording_and_structure_say_what_may_move(rule: Algebraic, movable: bool | None) -> None:
    """None: by its place it cannot move at all."""
    case = Formulation(
        parameters=(figure("p", 5), figure("q", 2)),
        variables=(Variable(name="x"), Variable(name="y")),
        constraints=(rule,),
    )
    found = moving(case).get("p")
    if movable is None and "p * q" not in rule.expression:
        assert found is None
    else:
        assert found is not None and found.by_default == (movable is not False)


@pytest.mark.parametrize(
    ("expression", "up", "down"),
    [
        ("x <= p", True, False),
        ("p >= x", True, False),
        ("x >= p", False, True),
        ("x <= 20 - p", False, True),
        ("x <= 20 + (-2)*p", False, True),
        ("x - p / 4 >= 1", False, True),
        ("p <= x <= 9", False, True),
        ("2*p <= x + y", False, True),
    ],
)
def test_the_way_that_eases_a_limit(expression: str, up: bool, down: bool) -> None:
    case = Formulation(
        parameters=(figure("p", 5),),
        variables=(Variable(name="x"), Variable(name="y")),
        constraints=(Algebraic(name="r", expression=expression),),
    )
    assert (moving(case)["p"].up, moving(case)["p"].down) == (up, down)


def test_a_figure_that_is_not_negative_does_not_become_so() -> None:
    case = Formulation(
        parameters=(figure("demand", 3),),
        variables=(Variable(name="x", upper="4"),),
        constraints=(Algebraic(name="met", expression="x >= demand + 6"),),
    )
    assert solve(case).repairs(allow="demand") == ()


def test_a_figure_that_counts_elements_or_makes_others_does_not_move() -> None:
    case = Formulation(
        sets=(SetDef(name="Days", data=Range(start="1", stop="days")),),
        parameters=(
            figure("days", 3), figure("rate", 4),
            Parameter(name="need", data=Derived(expression="rate * 2")),
        ),
        variables=(Variable(name="x", over="d in Days"),),
        definitions=(Definition(name="total", expression="sum(x[d] for d in Days)"),),
        constraints=(
            Algebraic(name="at_least", expression="total >= need"),
            Algebraic(name="at_most", expression="total <= days"),
        ),
    )  # fmt: skip
    assert moving(case) == {}


def test_allow_and_forbid_by_name_by_constraint_and_by_word() -> None:
    result = solve(bakeries())
    for allow in ("demand", "served", "are needed", "DEMAND"):
        (only,) = result.repairs(allow=allow)
        assert {s.name for s in only.shifts} == {"demand"}
    (only,) = result.repairs(forbid=["demand"])
    assert {s.name for s in only.shifts} == {"capacity"}
    assert result.repairs(allow="budget") == ()


@pytest.mark.parametrize(
    ("given_", "complaint"),
    [
        ({"allow": "wages"}, "nothing that can move is called 'wages'"),
        ({"forbid": "wages"}, "nothing that can move is called 'wages'"),
        ({"allow": "cost"}, "`cost` is multiplied with decisions"),
        ({"forbid": ["capacity", "demand", "budget"]}, "nothing is left that may move"),
        ({"allow": " "}, "nothing that can move"),
    ],
)
def test_what_cannot_be_allowed_is_refused(given_: dict[str, object], complaint: str) -> None:
    result = solve(bakeries())
    with pytest.raises(UserError, match=complaint) as caught:
        result.repairs(**given_)  # type: ignore[arg-type]
    assert "`capacity`, `demand`, `budget`" in caught.value.remedy


def test_only_an_infeasible_result_is_repaired() -> None:
    with pytest.raises(UserError, match="not infeasible: its status is optimal"):
        solve(SAMPLES["product_mix"].formulation).repairs()
    with pytest.raises(UserError, match="no formulation"):
        Result(run_id="1", text="x", status=Status.NO_FORMULATION).repairs()


# --- the command ----------------------------------------------------------------------------------


def command(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["optiwright", "repairs", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out + out.err


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bakeries().save(tmp_path / "bakeries.json")
    result = solve(bakeries())
    code, text = command([], monkeypatch, capsys)
    assert code == 0
    assert text.splitlines() == [f"- {repair.words}" for repair in result.repairs()]
    given_ = ["--run", str(tmp_path / "bakeries.json"), "--forbid", "demand", "--json"]
    code, text = command(given_, monkeypatch, capsys)
    (read,) = [Repair.model_validate(r) for r in json.loads(text[text.index("[") :])]
    assert code == 0 and read.shifts[0].name == "capacity"
    code, text = command(["--allow", "budget"], monkeypatch, capsys)
    assert code == 1
    assert "No change of `budget` makes it possible" in text
    code, text = command(["--allow", "wages"], monkeypatch, capsys)
    assert code == 2 and "called 'wages'" in text
