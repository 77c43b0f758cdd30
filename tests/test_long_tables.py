"""Wide tables in long form: what a model is told of them, and which rows play no part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import optiwright
from optiwright.formulators.binding import bind
from optiwright.formulators.data import read_data
from optiwright.formulators.data_brief import brief_of_tables
from optiwright.formulators.data_replacing import replaced
from optiwright.formulators.errors import DataError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Bound, Formulation, FromTable, Listed, Parameter, SetDef
from optiwright.formulators.table_symbols import ready_made
from optiwright.testing import ScriptedModel
from tests.coffee import bound, taken
from tests.wire_samples import (
    goal,
    indexed_reply,
    wire_constraint,
    wire_parameter,
    wire_set,
    wire_variable,
)

STORY = (
    "Ship salt from mines to ports at least cost. A mine that is worked costs its fixed cost and "
    "gives at most its output. Port 0 needs 30 and Port 1 needs 12."
)
MINES = pd.DataFrame(
    {
        "mine": ["Mine 0", "Mine 1"],
        "output (thousands)": [21, 23],
        "fixed cost": [110, 150],
        "to Port 0": [4, 2],
        "to Port 1": [2, 6],
    }
)
ROWS: list[Any] = MINES.to_numpy().tolist()
IN_TEXT = f"{STORY}\n\n" + "\n".join(
    f"| {' | '.join(str(cell) for cell in row)} |" for row in [list(MINES), ["---"] * 5, *ROWS]
)
LEAST = 110 + 150 + 12 * 2 + 7 * 4 + 23 * 2
"""Both mines are needed: the second sends all to Port 0, the first what is left."""


def salt(table: str = "table1", ports: Any = ("to Port 0", "to Port 1"), **given: Any) -> Any:
    """The problem as a larger model writes it, with a list of ports or with a set from a table."""
    usual = indexed_reply(
        problem="Which mines to work and what to ship at least cost",
        sets=[
            taken("Mines", table, "mine"),
            wire_set("Ports", *ports) if isinstance(ports, tuple) else ports,
        ],
        parameters=[
            bound("output", "Mines", f"{table}.output_thousands", "mine"),
            bound("fixed", "Mines", f"{table}.fixed_cost", "mine"),
            bound("freight", "Mines, Ports", f"{table}_long.value", "mine", "column"),
            wire_parameter("need", "Ports", 30, 12),
        ],
        variables=[
            wire_variable("ship", "m in Mines, p in Ports"),
            wire_variable("work", "m in Mines", type="binary"),
        ],
        objective=goal(
            "minimize",
            "sum(fixed[m]*work[m] for m in Mines) + "
            "sum(freight[m, p]*ship[m, p] for m in Mines for p in Ports)",
        ),
        constraints=[
            wire_constraint(
                "most", "sum(ship[m, p] for p in Ports) <= output[m]*work[m]", "m in Mines"
            ),
            wire_constraint("served", "sum(ship[m, p] for m in Mines) >= need[p]", "p in Ports"),
        ],
        asked=[],
    )
    return usual | given


def solve(*replies: Any, text: str = IN_TEXT, **options: Any) -> tuple[Any, ScriptedModel]:
    model = ScriptedModel(list(replies))
    result = optiwright.solve(text, model=model, route="compiled", effort="quick", **options)
    model.assert_played_out()
    return result, model


def freight(
    table: str,
    *ports: str,
    keys: tuple[str, str] = ("mine", "column"),
    default: float | None = None,
) -> Formulation:
    """A table's numbers over its mines and a list of ports."""
    return Formulation(
        sets=(
            SetDef(name="Mines", data=FromTable(table=table, columns=("mine",))),
            SetDef(name="Ports", data=Listed(elements=ports)),
        ),
        parameters=(
            Parameter(
                name="freight",
                over="m in Mines, p in Ports",
                data=Bound(table=table, value_column="value", key_columns=keys, default=default),
            ),
        ),
    )


# --- what a model is told -------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [True, False])
def test_the_headings_that_a_long_form_is_keyed_by_are_told_as_they_are(samples: bool) -> None:
    told = brief_of_tables(read_data({"mines": MINES}), samples=samples).text
    heads = '"output (thousands)", "fixed cost", "to Port 0", "to Port 1"'
    assert f'as table "mines_long": "mine", "column" ({heads}), "value"\n' in told
    many = MINES.assign(**{f"to Pier {k}": k for k in range(30)})
    told = brief_of_tables(read_data({"mines": many}), samples=samples).text
    assert '"to Pier 23", ...), "value"' in told and '"to Pier 24"' not in told


@pytest.mark.parametrize(
    "columns",
    [
        {"Store 1": [4, 3], "Store 2": [5, 2], "Store 3": [6, 7], "supply": [120, 90]},
        {"budget": [50, 60], "2026": [4, 3], "2027": [5, 2], "2028": [6, 7]},
    ],
)
def test_a_column_beside_a_series_is_told_and_given(columns: dict[str, list[int]]) -> None:
    plants = pd.DataFrame({"plant": ["P1", "P2"]} | columns)
    stores = pd.DataFrame({"store": ["Store 1", "Store 2", "Store 3"], "demand": [50, 60, 70]})
    data = read_data({"plants": plants, "stores": stores})
    (own,) = set(columns) & {"supply", "budget"}
    assert f'"{own}": whole numbers' in brief_of_tables(data).text
    assert own in {p.name for p in ready_made(data).parameters}


def test_a_file_that_is_called_like_a_long_form_is_told_as_a_table_of_its_own(
    tmp_path: Path,
) -> None:
    own = pd.DataFrame({"mine": ["Mine 0"], "column": ["east"], "value": [1]})
    for name, frame in {"mines_long": own, "mines": MINES}.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    files = [tmp_path / "mines_long.csv", tmp_path / "mines.csv"]
    told = brief_of_tables(read_data(files)).text
    assert 'as table "mines_long"' not in told and 'table "mines_long": 1 row' in told


# --- rows that play no part -----------------------------------------------------------------------


def test_a_mixed_table_of_the_text_gives_its_columns_and_its_matrix() -> None:
    result, model = solve(salt())
    assert '"to Port 0", "to Port 1")' in model.requests[0].messages[-1].content
    assert (result.objective, result.level) == (pytest.approx(LEAST), "checked")


def test_columns_of_a_file_that_no_index_has_are_left_out_and_told() -> None:
    data = read_data({"mines": MINES})
    result, _ = solve(salt("mines"), text=STORY, data=data)
    assert (result.objective, result.level) == (pytest.approx(LEAST), "checked")
    assert (
        "Left out of parameter `freight`, since no index is one: 4 rows of table `mines_long` with "
        "`output (thousands)`, `fixed cost`."
    ) in result.data_notes
    assert not [f.message for f in result.findings if "play no part" in f.message]
    again = ground(result.formulation.with_data(data)).parameter("freight")
    assert dict(again) == {
        ("Mine 0", "to Port 0"): 4,
        ("Mine 0", "to Port 1"): 2,
        ("Mine 1", "to Port 0"): 2,
        ("Mine 1", "to Port 1"): 6,
    }


def test_a_column_that_is_used_in_neither_form_is_noted() -> None:
    more = MINES.assign(**{"to Port 2": [9, 9]})
    result, _ = solve(salt("mines"), text=STORY, data={"mines": more})
    assert (result.objective, result.level) == (pytest.approx(LEAST), "checked")
    assert [f.message for f in result.findings if "play no part" in f.message] == [
        "Of the table `mines` the numbers in `to_Port_2` play no part."
    ]


def test_a_set_of_another_table_may_have_fewer_than_the_columns() -> None:
    ports = pd.DataFrame({"port": ["TO PORT 1", "to Port 0"], "need": [12, 30]})
    reply = salt("mines", taken("Ports", "ports", "port"))
    reply["parameters"][3] = bound("need", "Ports", "ports.need", "port")
    text = STORY.partition(" Port 0 needs")[0] + " Every port gets its need."
    result, _ = solve(reply, text=text, data={"mines": MINES, "ports": ports})
    assert (result.objective, result.level) == (pytest.approx(LEAST), "checked")


@pytest.mark.parametrize("default", [None, 0.0])
def test_a_column_that_an_index_lacks_may_be_misspelt_and_nothing_is_left_out(
    default: float | None,
) -> None:
    data = read_data({"mines": MINES})
    written = freight("mines_long", "to Port 0", "to Prot 1", default=default)
    with pytest.raises(DataError) as caught:
        bind(written.with_data(data))
    told = "('Mine 0', 'output (thousands)'), ('Mine 0', 'fixed cost'), ('Mine 0', 'to Port 1')"
    assert f"{told} and 3 more, not among the elements" in caught.value.what


@pytest.mark.parametrize("beside", [True, False])
def test_a_row_too_many_of_a_table_that_was_given_is_an_error(beside: bool) -> None:
    own = pd.DataFrame(
        {"mine": ["Mine 0", "Mine 1"] * 2, "column": ["east"] * 2 + ["west"] * 2, "value": 1}
    )
    data = read_data({"own_long": own} | ({"own": own} if beside else {}))
    with pytest.raises(DataError, match=r"has \('Mine 0', 'west'\), \('Mine 1', 'west'\), not"):
        bind(freight("own_long", "east").with_data(data))


def test_rows_of_other_columns_do_not_stand_for_those_that_are_missing() -> None:
    gaps = MINES.assign(**{"to Port 1": pd.Series([2, None])})
    mended = salt("mines")
    mended["parameters"][2]["values"] |= {"missing": 6}
    result, model = solve(salt("mines"), mended, text=STORY, data={"mines": gaps})
    asked = model.requests[1].messages[-1].content
    assert "`mines_long` has rows for 3 of the 4 combinations that `freight` is over" in asked
    assert (result.objective, result.level) == (pytest.approx(LEAST), "checked")


OILS = """Mix oil from seeds, at least 40 litres in all, at most 50 of them flax. What is cheapest?

| item | flax | cost | stock |
|---|---|---|---|
| flax | 1 | 3.5 | 30 |
| rape | 0 | 4 | 25 |
| Price of a litre | 9 | | |"""


def oils(*seeds: str) -> dict[str, Any]:
    return indexed_reply(
        sets=[wire_set("Seeds", *seeds)],
        parameters=[
            bound("cost", "Seeds", "table1.cost", "item"),
            bound("stock", "Seeds", "table1.stock", "item"),
        ],
        variables=[wire_variable("press", "s in Seeds", upper="stock[s]")],
        objective=goal("minimize", "sum(cost[s]*press[s] for s in Seeds)"),
        constraints=[wire_constraint("all", "sum(press[s] for s in Seeds) >= 40")],
        asked=[],
        assumptions=["The 9 and the 50 play no part."],
    )


def test_a_row_that_is_no_listed_element_of_a_table_of_the_text_is_passed_over() -> None:
    result, _ = solve(oils("flax", "rape"), text=OILS)
    assert result.objective == pytest.approx(30 * 3.5 + 10 * 4)


def test_a_listed_set_of_pairs_takes_its_numbers_from_a_table_of_the_text() -> None:
    text = """Send 7 loads from a to y at least cost over these roads, at most 9 over each of them.

| from | to | cost |
|---|---|---|
| a | x | 3 |
| a | y | 8 |
| x | y | 4 |"""
    reply = indexed_reply(
        sets=[wire_set("Roads", ["a", "x"], ["a", "y"], ["x", "y"])],
        parameters=[bound("cost", "Roads", "table1.cost", "from", "to")],
        variables=[wire_variable("send", "(i, j) in Roads", upper="9")],
        objective=goal("minimize", "sum(cost[i, j]*send[i, j] for (i, j) in Roads)"),
        constraints=[
            wire_constraint("sent", 'send["a", "x"] + send["a", "y"] == 7'),
            wire_constraint("passed", 'send["a", "x"] == send["x", "y"]'),
        ],
        asked=[],
    )
    result, _ = solve(reply, text=text)
    assert result.objective == pytest.approx(7 * 7)


def test_a_listed_element_without_a_row_is_still_told() -> None:
    result, model = solve(oils("flax", "rapeseed"), oils("flax", "rape"), text=OILS)
    assert "'rape', 'Price of a litre', not among" in model.requests[1].messages[-1].content
    assert result.objective == pytest.approx(30 * 3.5 + 10 * 4)


# --- labels that differ ---------------------------------------------------------------------------


def test_labels_that_differ_are_named_and_the_order_is_not_blamed() -> None:
    slip = salt(ports=("to_Port_0", "to_Port_1"))
    result, model = solve(slip, salt())
    asked = model.requests[1].messages[-1].content
    assert "The column `column` of table `table1_long` holds no element of its set in " in asked
    assert '(the column has "output (thousands)", "fixed cost", "to Port 0", ...; ' in asked
    assert 'the set has "to_Port_0", "to_Port_1")' in asked
    assert "the labels differ: write the set's elements as the column has them" in asked
    assert "take the set from" not in asked
    assert "Give `keys` in the order of" not in asked
    assert (result.objective, result.level) == (pytest.approx(LEAST), "checked")


def test_an_order_that_is_wrong_is_named_as_that() -> None:
    slip = salt()
    slip["parameters"][2]["values"]["keys"] = ["column", "mine"]
    _, model = solve(slip, salt())
    asked = model.requests[1].messages[-1].content
    assert "The column that does: `mine`. Give `keys` in the order of `over`." in asked
    assert "labels differ" not in asked


def test_another_column_that_fits_is_named() -> None:
    costs = pd.DataFrame(
        {
            "no": ["a", "b", "c", "d"],
            "mine": ["Mine 0", "Mine 0", "Mine 1", "Mine 1"],
            "port": ["to Port 0", "to Port 1"] * 2,
            "cost": [4, 2, 2, 6],
        }
    )
    right = salt("mines")
    right["parameters"][2] = bound("freight", "Mines, Ports", "costs.cost", "mine", "port")
    slip = json.loads(json.dumps(right))
    slip["parameters"][2]["values"]["keys"] = ["mine", "no"]
    _, model = solve(slip, right, text=STORY, data={"mines": MINES, "costs": costs})
    asked = model.requests[1].messages[-1].content
    assert "The column that does: `port`. Give that as the key." in asked


def test_cells_of_a_file_are_in_no_message() -> None:
    costs = pd.DataFrame(
        {"mine": ["Qaz"] * 2 + ["Wsx"] * 2, "port": ["east", "west"] * 2, "cost": [4, 2, 2, 6]}
    )
    right = salt("mines", ("east", "west"))
    right["parameters"][2] = bound("freight", "M, Ports", "costs.cost", "mine", "port")
    right["sets"].append(taken("M", "costs", "mine"))
    slip = json.loads(json.dumps(right).replace("M, Ports", "Mines, Ports"))
    mended = salt("mines")
    files = {"mines": MINES, "costs": costs}
    _, model = solve(slip, mended, text=STORY, data=files, samples_in_prompt=False)
    asked = model.requests[1].messages[-1].content
    assert "write the set's elements as the column has them, or take the set from that" in asked
    assert "Qaz" not in asked and "Mine 0" not in asked


# --- lists in cells -------------------------------------------------------------------------------

HELPERS = pd.DataFrame(
    {
        "helper": ["Ida", "Ole", "Per", "Ann"],
        "pay a day": [10, 12, 11, 9],
        "free on": ["Mo2, Tu3, Fr6", "Mo2; Sa7", "Tu3,Fr6, Sa7, Fr6", None],
        "note": ["tall, kind and always on time", "new", "likes tea, and cake", "fast"],
    }
)
SHIFTS = pd.DataFrame({"day": ["Mo2", "Tu3", "Fr6", "Sa7"], "need": [1, 1, 2, 1]})
ROSTER = indexed_reply(
    problem="Who works when at the least pay",
    sets=[
        taken("Helpers", "helpers", "helper"),
        taken("Days", "shifts", "day"),
        taken("Free", "helpers_free_on", "helper", "free_on"),
    ],
    parameters=[
        bound("pay", "Helpers", "helpers.pay_a_day", "helper"),
        bound("need", "Days", "shifts.need", "day"),
    ],
    variables=[wire_variable("work", "(h, d) in Free", type="binary")],
    objective=goal("minimize", "sum(pay[h]*work[h, d] for (h, d) in Free)"),
    constraints=[
        wire_constraint("manned", "sum(work[h, e] for (h, e) in Free if e == d) >= need[d]",
                        "d in Days"),
    ],
    asked=[],
)  # fmt: skip


def test_a_column_of_lists_is_offered_with_a_row_for_each_entry() -> None:
    text = "Man each day with helpers who are free then, at the least pay."
    files = {"helpers": HELPERS, "shifts": SHIFTS}
    result, model = solve(ROSTER, text=text, data=files)
    asked = model.requests[0].messages[-1].content
    row = 'also with a row for each entry of "free_on", as table "helpers_free_on": "helper", '
    assert f'  {row}"free_on" ("Mo2", "Tu3", "Fr6", "Sa7")\n' in asked
    assert asked.count('table "helpers_') == 1
    # Mo2 from Ida, Tu3 from Ida, Fr6 from Ida and Per, Sa7 from Per.
    assert result.objective == pytest.approx(10 + 10 + 10 + 11 + 11)
    assert result.level == "checked"
    assert not [f for f in result.findings if f.code == "unused"]
    _, model = solve(ROSTER, text=text, data=files, samples_in_prompt=False)
    assert f'  {row}"free_on"\n' in model.requests[0].messages[-1].content


def test_a_matrix_beside_a_column_of_lists_has_both_forms() -> None:
    depots = pd.DataFrame(
        {
            "depot": ["Nord", "West"],
            "capacity": [60, 50],
            "Koeln": [3, 5],
            "Trier": [6, 2],
            "Bonn": [4, 4],
            "open on": ["Mo2; Tu3", "Tu3, Mo2"],
        }
    )
    towns = pd.DataFrame({"town": ["Koeln", "Trier", "Bonn"]})
    data = read_data({"depots": depots, "towns": towns})
    assert {"depots_long", "depots_open_on"} < set(data.tables)
    assert data.tables["depots_long"].to_numpy().tolist()[:3] == [
        ["Nord", "capacity", 60], ["Nord", "Koeln", 3], ["Nord", "Trier", 6],
    ]  # fmt: skip
    bare = read_data({"depots": depots.drop(columns="capacity"), "towns": towns})
    brief = brief_of_tables(bare).text
    assert '"depots_long"' in brief and '"depots_open_on"' in brief


def test_what_is_no_list_is_not_taken_apart() -> None:
    data = read_data({"helpers": HELPERS})
    assert set(data.tables) == {"helpers", "helpers_free_on"}
    entries = data.tables["helpers_free_on"]
    assert entries.to_numpy().tolist() == [
        ["Ida", "Mo2"], ["Ida", "Tu3"], ["Ida", "Fr6"], ["Ole", "Mo2"], ["Ole", "Sa7"],
        ["Per", "Tu3"], ["Per", "Fr6"], ["Per", "Sa7"],
    ]  # fmt: skip
    for cells in (
        ["Oslo, NO", "Bern, CH", "Rome, IT"],
        ["red", "red, blue", "blue"],
        ["1,200 t", "3,400 t", "1,200 t"],
        ["a long word or two of praise, b", "a long word or two of praise, b", "b, c"],
    ):
        table = pd.DataFrame({"helper": ["a", "b", "c"], "tag": cells})
        assert set(read_data({"t": table}).tables) == {"t"}, cells
    twice = pd.DataFrame({"helper": ["a", "a"], "tag": ["x, y", "y, x"]})
    assert set(read_data({"t": twice}).tables) == {"t"}


def test_a_new_table_brings_its_lists_along() -> None:
    base = read_data({"helpers": HELPERS, "shifts": SHIFTS})
    later = HELPERS.assign(**{"free on": pd.Series(["Mo2, Tu3", "Tu3, Mo2", "Sa7, Mo2", "Sa7"])})
    taken_now = {"helpers": {"helper", "pay_a_day"}, "helpers_free_on": {"helper", "free_on"}}
    new = read_data({"helpers_of_may": later})
    found = replaced(base, new, taken_now)
    assert found.instead == ("helpers",)
    assert set(found.data.tables) == {"helpers", "helpers_free_on", "shifts"}
    assert len(found.data.tables["helpers_free_on"]) == 7
    plain = read_data({"helpers_of_may": later.assign(**{"free on": "Mo2"})})
    assert replaced(base, plain, taken_now).instead == ()
