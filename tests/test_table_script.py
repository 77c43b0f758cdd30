"""The script that a small model writes over tables: what is read of it, and what it comes to."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.checks import check
from optiwright.formulators.data import Data
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Bound, Formulation, FromTable
from optiwright.formulators.table_grammar import table_grammar
from optiwright.formulators.table_script import read_table_script
from optiwright.formulators.table_symbols import ready_made
from tests.grammars import admits
from tests.table_samples import FILMS, SHIP, data_of, transport


def read(script: str, data: Data) -> Formulation:
    return lift(read_table_script(script, ready_made(data)), "").with_data(data)


def best(script: str, data: Data) -> float:
    formulation = read(script, data)
    assert [f.message for f in check(formulation) if f.severity == "error"] == []
    result = optiwright.solve(formulation)
    assert result.status == "optimal"
    assert result.objective is not None
    return result.objective


def test_a_first_column_that_counts_its_rows_is_their_key() -> None:
    """And not the first whose heading ends as a key's may: `units_hour` is a rate."""
    lines = pd.DataFrame({"line": [1, 2, 3], "units_hour": [20, 50, 30], "spoilt_hour": [1, 4, 2]})
    ready = ready_made(data_of(lines=lines))
    assert [s.columns for s in ready.sets] == [("line",)]
    for counted in (
        {"demand": [4, 5, 6], "month": [1, 2, 3]},
        {"ovens": [1, 2, 3], "day": [1, 2, 3]},
    ):
        ready = ready_made(data_of(t=pd.DataFrame(counted)))
        assert [s.columns for s in ready.sets] == [(list(counted)[1],)]
    stops = lines.rename(columns={"line": "cost", "units_hour": "hour"}).assign(cost=[3, 2, 9])
    ready = ready_made(data_of(stops=stops))
    assert [s.columns for s in ready.sets] == [("hour",)]


def test_a_script_binds_sets_and_numbers_to_the_tables() -> None:
    formulation = read(SHIP, data_of(**transport()))
    sets = {s.name: s.data for s in formulation.sets}
    assert sets["plants"] == FromTable(table="supply", columns=("plant",))
    bound = {p.name: p.data for p in formulation.parameters}
    assert bound["cost"] == Bound(
        table="costs", value_column="cost", key_columns=("plant", "market")
    )
    assert {p.unit for p in formulation.parameters} >= {"t", "EUR/t"}
    assert best(SHIP, data_of(**transport())) == pytest.approx(124)


def test_where_a_route_has_no_row_nothing_is_shipped_and_it_is_said() -> None:
    data = data_of(**transport(missing=1))
    assert best(SHIP, data) == pytest.approx(140)
    said = [a.text for a in read(SHIP, data).assumptions]
    assert said == ["`ship` is decided only where the table `costs` has a row."]


def test_a_sum_of_what_a_table_states_in_part_counts_missing_rows_as_zero() -> None:
    orders = pd.DataFrame({"good": ["a", "a", "b"], "month": [1, 2, 2], "orders": [3, 4, 5]})
    goods = pd.DataFrame({"good": ["a", "b"], "price": [1, 2]})
    script = """
make = continuous(goods, months)
minimize(sum(price[good]*make[good, month] for good in goods for month in months))
for good in goods:
    for month in months:
        require(make[good, month] >= orders[good, month])
"""
    data = data_of(orders=orders, goods=goods)
    assert best(script, data) == pytest.approx(3 + 4 + 10)
    assert "no row" in read(script, data).assumptions[0].text


def test_a_price_of_some_indices_of_a_decision_holds_for_all_of_them() -> None:
    script = """
ship = continuous(plants, months, markets)
minimize(sum(0.5*cost[p, m]*ship[p, t, m] for p in plants for m in markets for t in months))
for t in months:
    for p in plants:
        require(sum(ship[p, t, m] for m in markets) <= capacity[p])
    for m in markets:
        require(sum(ship[p, t, m] for p in plants) >= demand[m])
    require(ship["Lyon", t, "Oslo"] <= 3)
"""
    months = pd.DataFrame({"month": [1, 2], "days": [31, 28]})
    for missing, value in ((0, 124), (1, 140)):
        assert best(script, data_of(**transport(missing), months=months)) == pytest.approx(value)


WRITTEN_OTHERWISE = [
    ("ship = continuous(plants, markets)", "ship = continuous(0, None, over=(plants, markets))"),
    ("ship = continuous(plants, markets)",
     "ship = {(p, m): continuous(0, None) for p in plants for m in markets}"),
    ("ship = continuous(plants, markets)", "ship = continuous(supply.plant, demand.market)"),
    ("ship = continuous(plants, markets)",
     "for p in plants:\n    for m in markets:\n        ship[p, m] = continuous()"),
    ("cost[plant, market]*", "cost[market, plant]*"),
    ("cost[plant, market]*", "cost[plant][market]*"),
    ("cost[plant, market]*", "costs.cost[plant, market]*"),
    ("sum(cost", "lpSum(cost"),
    ("sum(ship[plant, market] for market in markets)",
     "sum([ship[plant, m] for m in list(markets)])"),
    ("sum(ship[plant, market] for market in markets)",
     "sum(ship[plant, plants] for plants in markets)"),
    ('ship["Lyon", "Oslo"]', 'ship["LYON", "oslo "]'),
    ("for plant in plants:\n    require(sum(ship[plant, market] for market in markets) <= "
     "capacity[plant])",
     "require(sum(ship[plant, market] for market in markets) <= capacity[plant] "
     "for plant in plants)"),
    ("capacity[plant]", "Capacity[plant]"),
]  # fmt: skip


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize(("usual", "otherwise"), WRITTEN_OTHERWISE)
def test_the_same_written_otherwise_is_the_same(usual: str, otherwise: str, missing: int) -> None:
    assert usual in SHIP
    data = data_of(**transport(missing))
    script = SHIP.replace(usual, otherwise, 1)
    formulation = read(script, data)
    assert [f.message for f in check(formulation) if f.severity == "error"] == []
    assert best(script, data) == pytest.approx(140 if missing else 124)


def films(requirement: str) -> float:
    return best(
        "pick = binary(films)\n"
        "maximize(sum(audience[film]*pick[film] for film in films))\n"
        f"# the limit\n{requirement}\n",
        data_of(films=FILMS, limits=pd.DataFrame({"budget": [9], "least": [1]})),
    )


@pytest.mark.parametrize(
    ("requirement", "value"),
    [
        ("require(sum(cost[f]*pick[f] for f in films) <= budget)", 14),
        ("for country in countries:\n"
         "    require(sum(pick[f] for f in films if country[f] == country) <= least)", 14),
        ("for film in films:\n    if country[film] == 'NO':\n        require(pick[film] <= 0)", 13),
        ("for film in films:\n    if country[film] == 'no':\n        require(pick[film] <= 0)\n"
         "    else:\n        require(pick[film] <= pick['Kelp'])\n"
         "require(sum(cost[f]*pick[f] for f in films if f != 'Tide') <= 2)", 0),
        ("for film in films:\n"
         "    require(sum(pick[f] for f in films if country[f] == country[film]) <= 1)", 14),
    ],
)  # fmt: skip
def test_labels_of_elements_choose_among_them(requirement: str, value: float) -> None:
    assert films(requirement) == pytest.approx(value)


MONTHS = pd.DataFrame({"month": ["Jan", "Feb", "Mar"], "need": [30, 50, 40], "price": [4, 5, 6]})


@pytest.mark.parametrize("before", ["prev(month)", "month - 1"])
@pytest.mark.parametrize("first", ["first(months)", "months[0]", "'jan'"])
@pytest.mark.parametrize("labels", [["Jan", "Feb", "Mar"], [1, 2, 3]])
def test_periods_go_from_one_to_the_next(before: str, first: str, labels: list[Any]) -> None:
    first = "1" if labels[0] == 1 and first == "'jan'" else first
    script = f"""
make = continuous(months, upper=60)
stock = continuous(months)
minimize(sum(price[month]*make[month] + 0.5*stock[month] for month in months))
for month in months:
    require((5 if month == {first} else stock[{before}]) + make[month]
        == need[month] + stock[month])
"""
    assert best(script, data_of(plan=MONTHS.assign(month=labels))) == pytest.approx(_cheapest())


def _cheapest() -> float:
    """The least cost by trying all whole plans."""
    found = []
    for january in range(25, 61):
        for february in range(max(0, 75 - january), 61):
            march = 115 - january - february
            if 0 <= march <= 60:
                kept = (january - 25) + (january + february - 75)
                found.append(4 * january + 5 * february + 6 * march + 0.5 * kept)
    return min(found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("for i in range(3): require(ship[i] <= 2)", "a loop runs over a set"),
        ("x = continuous(plant_names)", "is no set"),
        ("while True: pass", "only decisions"),
        ("__import__('os').system('true')", "only decisions"),
        ("for plant in plants:\n    minimize(total)", "only decisions"),
        ("minimize(total)", "one objective already"),
        ("require(total)", "a comparison"),
        ("x = (3", "no Python"),
        ("x[1] = 3", "a name stands left"),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, said: str) -> None:
    script = SHIP.removeprefix("```python\n").removesuffix("\n```") + "\n" + line
    with pytest.raises(FormulationError) as caught:
        read(script, data_of(**transport()))
    assert said in caught.value.what
    assert int(caught.value.where.split()[1]) >= len(SHIP.splitlines()) - 1


def test_a_script_without_an_objective_and_a_text_without_a_problem() -> None:
    data = data_of(**transport())
    with pytest.raises(FormulationError, match="no objective"):
        read("ship = continuous(plants, markets)", data)
    assert read_table_script("none", ready_made(data)).variables == []


def test_names_that_clash_are_told_apart() -> None:
    """A decision called like the index of its set, as a small model writes it."""
    script = """
plant = binary(plants)
minimize(sum(capacity[p]*plant[p] for p in plants))
require(sum(capacity[plant2]*plant[plant2] for plant2 in plants) >= 35)
"""
    assert best(script, data_of(supply=transport()["supply"])) == pytest.approx(40)


def test_a_total_called_like_a_tables_numbers_is_another_name() -> None:
    """As the embedded model writes it."""
    script = SHIP.replace("total = ", "cost = ").replace("minimize(total)", "minimize(cost)")
    assert best(script, data_of(**transport())) == pytest.approx(124)
    script += (
        "\n# no more than 130\nrequire(cost <= 130)\nrequire(cost - 1 >= 2*cost['Lyon', 'Bern'])"
    )
    script = script.replace("```", "")
    assert best(script.removeprefix("python"), data_of(**transport())) == pytest.approx(124)


def test_a_decision_called_like_a_set_or_a_tables_numbers_is_another_name() -> None:
    script = """
plants = binary(plants)
capacity = continuous(plants, upper=capacity)
minimize(sum(capacity[p] + 3*plants[p] for p in plants))
for p in plants:
    require(capacity[p] <= 100*plants[p])
require(sum(capacity[p] for p in plants) >= 50)
"""
    with pytest.raises(AssertionError, match="index"):
        best(script, data_of(supply=transport()["supply"]))
    script = script.replace("upper=capacity", "upper=45")
    assert best(script, data_of(supply=transport()["supply"])) == pytest.approx(56)


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="()[]{}+-*/ x=1,\n'\":forinplants<", max_size=120))
def test_torn_code_raises_nothing_but_its_own_error(text: str) -> None:
    ready = ready_made(data_of(**transport()))
    try:
        read_table_script("x = integer(plants)\nmaximize(x)\n" + text, ready)
    except FormulationError as error:
        assert error.what


def test_the_grammar_admits_scripts_over_the_tables_sets_and_nothing_else() -> None:
    grammar = table_grammar(ready_made(data_of(**transport())))
    assert admits(grammar, "none")
    script = SHIP.replace(" for market in markets)\n#", " for market in markets)  # cost\n#")
    assert admits(grammar, script)
    for wrong in ("in plants", "continuous(", "```\n"):
        assert not admits(grammar, script.replace(wrong, wrong[:-1] + "z", 1) + " ")
    assert not admits(grammar, script.replace("in plants", "in cities"))


def test_a_requirement_in_loops_holds_where_the_table_has_a_row() -> None:
    script = SHIP.removesuffix("```") + (
        "# no route carries more than 20\nfor plant in plants:\n    for market in markets:\n"
        "        require(ship[plant, market] <= 20)\n```"
    )
    assert best(script, data_of(**transport(missing=1))) == pytest.approx(140)
