"""What `explain` says: every number is a value of the record, and the right one in its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from optiwright import Formulation, Result, cli, solve
from optiwright.agent.evidence import Level, Standing
from optiwright.agent.explanation import explanation_of
from optiwright.agent.result import Answer, Case, Check, Status, WrittenAnswer
from optiwright.formulators.text_numbers import numbers_in
from tests.random_formulations import formulations
from tests.readable_samples import (
    OPTIMA,
    formulation,
    goal,
    listed,
    periods,
    rule,
    scalar,
    table,
)  # fmt: skip
from tests.record_numbers import stray_numbers
from tests.sample_formulations import SAMPLES
from tests.solved_results import solved

CASES: dict[str, tuple[Formulation, str]] = {
    **{f"sample {name}": (s.formulation, s.text) for name, s in SAMPLES.items()},
    **{name: (f, "") for name, (f, _) in OPTIMA.items()},
}
PLAN = formulation(
    title="Crates",
    sets=[
        listed("Depots", "Lyon", "Metz"),
        listed("Shops", "Bonn", "Kiel"),
        periods("Weeks", 1, 2),
    ],
    parameters=[
        table("stock", "Depots", {"Lyon": 90, "Metz": 50}, unit="crates", description="at hand"),
        table("wish", "Shops", {"Bonn": 70, "Kiel": 45}, unit="crates"),
        scalar("hours", 1200, unit="h", description="hours of driving", words="1,200 hours"),
    ],
    variables=[
        {
            "name": "send",
            "over": "d in Depots, s in Shops",
            "description": "crates sent from depot d to shop s",
            "unit": "crates",
            "domain": "integer",
            "domain_basis": "assumed",
            "upper": "60",
        },
        {"name": "open", "over": "d in Depots, w in Weeks", "domain": "binary",
         "description": "depot open"},
        {"name": "late", "over": "s in Shops", "domain": "binary"},
        {"name": "load", "over": "d in Depots, s in Shops, w in Weeks", "bounds_basis": "assumed"},
        {"name": "spare", "description": "hours to spare", "unit": "h"},
    ],
    definitions=[
        {"name": "driven", "over": "d in Depots", "description": "driving time", "unit": "h",
         "expression": "12 * sum(send[d, s] for s in Shops)"},
        {"name": "total", "expression": "sum(driven[d] for d in Depots)", "unit": "h"},
    ],
    objectives=[goal("maximize", "sum(7 * send[d, s] for d in Depots for s in Shops) + spare"
                     " - sum(late[s] for s in Shops)"
                     " - sum(open[d, w] for d in Depots for w in Weeks)"
                     " - sum(load[d, s, w] for d in Depots for s in Shops for w in Weeks)",
                     unit="EUR", description="profit")],
    constraints=[
        rule("driving", "total <= hours", description="There are 1,200 hours of driving.",
             words="1,200 hours"),
        rule("at_hand", "sum(send[d, s] for s in Shops) <= stock[d]", "d in Depots",
             description="No depot sends more than it has."),
        rule("wanted", "sum(send[d, s] for d in Depots) <= wish[s]", "s in Shops"),
        rule("idle", "spare <= 30"),
        rule("first", "open['Lyon', 1] == 1"),
        rule("loaded", "load['Lyon', 'Bonn', 2] >= 2.5"),
    ],
    asked=[{"name": "profit per hour", "expression": "700 / hours", "unit": "EUR/h"}],
    assumptions=[{"text": "Crates are whole.", "about": ["send"]}],
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.parametrize("name", CASES)
def test_every_number_is_a_value_of_the_record(name: str) -> None:
    result = solved(*CASES[name])
    assert stray_numbers(result.explain(), result) == []


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(f=formulations())
def test_every_number_is_a_value_of_the_record_on_random_models(f: Formulation) -> None:
    result = solved(f)
    assert stray_numbers(result.explain(), result) == []


def test_a_wrong_number_planted_anywhere_is_found() -> None:
    result = solved(PLAN)
    text = result.explain()
    places = [n for n in numbers_in(text) if n.words[0].isdigit()]
    assert len(places) > 20
    for number in places:
        start, stop = number.span
        planted = f"{text[:start]}{number.value + 1317.25:.7g}{text[stop:]}"
        assert stray_numbers(planted, result), number


def test_decisions_are_sentences_where_the_description_allows_it() -> None:
    text = solved(PLAN).explain()
    assert "- Crates sent from depot Metz to shop Bonn: 50 crates" in text
    told = [line for line in text.splitlines() if line.startswith("- Crates sent from depot")]
    result = solved(PLAN)
    assert result.solution is not None
    values = [v for v in result.solution.values if v.name == "send" and v.value]
    assert len(told) == len(values)
    assert all(line.endswith(" crates") for line in told)
    assert "- hours to spare, `spare`: 30 h" in text


def test_decisions_yes_or_no_and_over_three_indices() -> None:
    text = solved(PLAN).explain()
    assert "depot open, `open`: yes for\n\n- Lyon: 1\n\nFor all others: no." in text
    assert "`late`: none is chosen." in text
    assert "| Depots | Shops | Weeks | load |\n| --- | --- | --- | --- |\n" in text
    assert "| Lyon | Bonn | 2 | 2.5 |\n\nWhat is not listed is zero." in text


@pytest.mark.parametrize(
    ("description", "line"),
    [
        ("1 if site s is opened", "- Site Ulm is opened: yes\n\nFor all others: no."),
        ("1 if it is opened, 0 otherwise", "it is opened, `open`: yes for Ulm; no for Bonn."),
    ],
)
def test_a_choice_is_told_by_what_it_is_about(description: str, line: str) -> None:
    over = {"over": "s in Sites", "domain": "binary", "description": description}
    sites = formulation(
        sets=[listed("Sites", "Ulm", "Bonn")],
        variables=[{"name": "open", **over}],
        objectives=[goal("minimize", "sum(open[s] for s in Sites)")],
        constraints=[rule("one", 'open["Ulm"] >= 1')],
    )
    assert line in solved(sites).explain()


def test_indexed_decisions_are_tables_keyed_by_index() -> None:
    text = solved(SAMPLES["transport"].formulation).explain()
    assert "| Plants | New York | Chicago | Topeka |" in text
    text = solved(SAMPLES["inventory"].formulation).explain()
    assert "| Months | make [units] | stock [units] |\n| --- | --- | --- |\n| 1 | 80 | 50 |" in text
    text = solved(SAMPLES["covering"].formulation).explain()
    assert "`opened`: yes for B and C; no for A and D." in text


def test_limits_come_with_sentence_data_and_price() -> None:
    text = solved(SAMPLES["product_mix"].formulation).explain()
    assert "- **`carpentry_time`**: `4 * tables + 3 * chairs <= 240`" in text
    price = "One more unit on its right-hand side changes the objective by 15 euro."
    assert f"  - At its limit: 240 <= 240. {price}\n  - Data: `carpentry` = 240 hours." in text
    text = solved(PLAN).explain()
    assert (
        "- **There are 1,200 hours of driving.** (“1,200 hours”): `total <= 1200`\n"
        "  - At its limit: 1,200 <= 1,200.\n"
        "  - Data: hours of driving, `hours` = 1,200 h (“1,200 hours”)."
    ) in text
    text = solved(SAMPLES["transport"].formulation).explain()
    assert "  - Seattle: 350 <= 350. Data: `supply[Seattle]` = 350 cases." in text
    assert "- `within_supply` at San Diego: 550 <= 600, 50 left." in text


def test_a_constraint_of_two_rows_is_told_no_price() -> None:
    f = formulation(
        variables=[{"name": "x"}, {"name": "y"}],
        objectives=[goal("maximize", "x + 2*y")],
        constraints=[rule("chain", "3 >= y >= x"), rule("plain", "x <= 2")],
    )
    result = solved(f)
    assert result.solution is not None
    assert [d.name for d in result.solution.duals].count("chain") == 2
    told = result.explain().split("`chain`")[1].split("`plain`")[0]
    assert "At its limit" in told and "One more unit" not in told


def test_bounds_that_limit_soft_limits_and_rules() -> None:
    text = solved(SAMPLES["inventory"].formulation).explain()
    assert "`make` stands at its upper bound, `capacity`, at 1: 80 units; 3: 80 units." in text
    text = solved(OPTIMA["soft"][0]).explain()
    assert "- `demand` at 1: missed by 5 (3 against 8)." in text
    text = solved(OPTIMA["implication"][0]).explain()
    assert "- `batch` stands at its lower bound: 3." in text
    assert "Rules that hold besides: `off`, `no_both`, `one_small` and `many`." in text
    text = solved(SAMPLES["revenue"].formulation).explain()
    assert "No limit is reached." in text
    assert "Met with room to spare: `can_get`." in text
    text = solved(SAMPLES["assignment"].formulation).explain()
    assert "Nothing limits it but equations." in text
    assert "Equations, which hold exactly: `one_task` and `one_worker`." in text


def test_what_is_asked_and_what_is_defined_is_told_once() -> None:
    text = solved(PLAN).explain()
    assert "- profit per hour: 0.5833333 EUR/h" in text
    assert "- `total`: 1,200 h" in text
    assert "driving time, `driven` [h]:\n\n| Depots | driven |" in text
    text = solved(SAMPLES["product_mix"].formulation).explain()
    assert text.count("30\n") == 1 and "- number of tables, `tables`: 30" in text
    assert "total cost" not in solved(SAMPLES["inventory"].formulation).explain()


def test_assumptions_say_whether_they_mattered() -> None:
    result = solved(PLAN)
    same = Case(name="with `send` continuous", status=Status.OPTIMAL, objective=result.objective)
    other = same.model_copy(update={"objective": 4000.5})
    none = Case(name="with more", status=Status.INFEASIBLE)
    text = result.model_copy(update={"alternatives": (same, other, none)}).explain()
    assert "- Crates are whole. (`send`)" in text
    assert "- `send` is integer, which the text leaves open." in text
    assert "- `load` is `>= 0`, which the text does not state." in text
    value = f"{result.objective:,.7g}"
    assert f"- With `send` continuous, the objective is the same, {value} EUR: it did not" in text
    assert f"the objective is 4,000.5 EUR instead of {value} EUR: it mattered." in text
    assert "- With more: infeasible. It mattered." in text


def test_scenarios_are_told_with_their_data() -> None:
    changes = [{"parameter": "wish", "entries": [{"index": ["Bonn"], "value": 20}]}]
    f = Formulation.model_validate(
        {**PLAN.model_dump(), "scenarios": [{"name": "less", "changes": changes}]}
    )
    case = Case(name="less", status=Status.OPTIMAL, objective=312.5)
    text = solved(f).model_copy(update={"scenarios": (case,)}).explain()
    assert "| less | optimal | 312.5 |" in text
    assert "- less: `wish[Bonn]` = 20" in text


def test_what_was_checked_is_said_exactly() -> None:
    result = solved(PLAN)
    checks = (*result.checks, Check(name="second", passed=False, detail="a gap of 3 is left"))
    text = result.model_copy(update={"checks": checks, "level": Level.CHECKED}).explain()
    assert f"- held: proof: {result.checks[0].detail}" in text
    assert "- **failed:** second: a gap of 3 is left" in text
    assert "Found by HiGHS" in text
    assert "rests on one formulation." in text


def test_an_answer_without_a_solution_is_explained_too() -> None:
    f = formulation(
        title="Too much",
        variables=[{"name": "x", "upper": "3"}],
        objectives=[goal("maximize", "x")],
        constraints=[rule("c", "x >= 4")],
    )
    result = solve(f)
    text = result.explain()
    assert text.startswith("# Too much\n\n**There is no solution")
    assert "x >= 4" in text and "## What to do" not in text
    assert stray_numbers(text, result) == []
    empty = Result(run_id="r", text="", status=Status.NO_FORMULATION)
    assert "No formulation came about" in empty.explain()
    written = WrittenAnswer(source="", standing=Standing.OPTIMAL, objective=12, words="It ran.")
    alone = Result(
        run_id="r", text="", status=Status.OPTIMAL, objective=12, level=Level.UNCHECKED,
        written=written, answers=(Answer(name="desks", value=3),),
    )  # fmt: skip
    assert "the value is 12" in alone.explain()
    assert "- desks: 3" in alone.explain()


def test_tables_stay_tables_whatever_a_label_is() -> None:
    f = formulation(
        sets=[listed("I", "a|b", "c\nd")],
        variables=[{"name": "x", "over": "I", "upper": "3"}],
        objectives=[goal("maximize", "sum(x[i] for i in I)")],
    )
    text = solved(f).explain()
    assert "| a\\|b | 3 |\n| c d | 3 |" in text


def test_long_lists_are_cut_and_say_so() -> None:
    f = formulation(
        sets=[{"name": "T", "data": {"kind": "range", "start": "1", "stop": "45"}}],
        variables=[{"name": "x", "over": "T", "upper": "3"}],
        objectives=[goal("maximize", "sum(x[t] for t in T)")],
        constraints=[rule("c", "x[t] <= 2", "t in T")],
    )
    text = solved(f).explain()
    assert "... and 5 more rows" in text and "  - ... and 5 more" in text


def test_the_command_explains(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = solve(SAMPLES["product_mix"].formulation)
    monkeypatch.setattr("sys.argv", ["optiwright", "explain"])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    assert capsys.readouterr().out.strip() == result.explain().strip()
    monkeypatch.setattr("sys.argv", ["optiwright", "explain", "--json", "--run", result.run_id])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    shown = json.loads(capsys.readouterr().out)
    assert shown == explanation_of(result).model_dump(mode="json")
    assert [s["title"] for s in shown["sections"]] == [
        "What to do", "What limits it", "How sure this is, and why",
    ]  # fmt: skip
