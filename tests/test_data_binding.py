"""Formulations on tables: keys matched, faults told all at once, answers keyed as the data were."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from optiwright import Formulation, Result, solve
from optiwright.agent.data_store import tables_dir
from optiwright.agent.past import open_result
from optiwright.formulators.binding import bind
from optiwright.formulators.changes import Scale, SetTo
from optiwright.formulators.data import read_data
from optiwright.formulators.errors import DataError, FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    FromTable,
    Listed,
    Objective,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.testing import ScriptedModel

TRANSPORT = Formulation(
    title="Transport",
    sets=(
        SetDef(name="Plants", data=FromTable(table="plants", columns=("plant",))),
        SetDef(name="Markets", data=FromTable(table="markets", columns=("market",))),
    ),
    parameters=(
        Parameter(
            name="supply",
            over="i in Plants",
            unit="t",
            data=Bound(table="plants", value_column="supply", key_columns=("plant",)),
        ),
        Parameter(
            name="need",
            over="j in Markets",
            unit="t",
            nonnegative=True,
            data=Bound(table="markets", value_column="need", key_columns=("market",)),
        ),
        Parameter(
            name="cost",
            over="i in Plants, j in Markets",
            data=Bound(table="costs", value_column="cost", key_columns=("plant", "market")),
        ),
    ),
    variables=(Variable(name="ship", over="i in Plants, j in Markets", unit="t"),),
    objectives=(
        Objective(
            sense=Sense.MINIMIZE,
            expression="sum(cost[i, j] * ship[i, j] for i in Plants for j in Markets)",
        ),
    ),
    constraints=(
        Algebraic(
            name="within",
            over="i in Plants",
            expression="sum(ship[i, j] for j in Markets) <= supply[i]",
        ),
        Algebraic(
            name="meet",
            over="j in Markets",
            expression="sum(ship[i, j] for i in Plants) >= need[j]",
        ),
    ),
)


def frames(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    given = {
        "plants": pd.DataFrame({"Plant": ["A", "B"], "supply": [5, 9]}),
        "markets": pd.DataFrame({"market": ["Oslo", 7], "need": [4, 6]}),
        "costs": pd.DataFrame(
            {
                "plant": ["a", "a ", "b", "b"],
                "market": ["OSLO", "7", "OSLO", "7"],
                "cost": [1, 2, 3, 1],
            }
        ),
    }
    return given | changed


def faults(**changed: pd.DataFrame) -> list[str]:
    with pytest.raises(DataError) as caught:
        bind(TRANSPORT.with_data(read_data(frames(**changed))))
    return [line.removeprefix("  - ") for line in caught.value.what.splitlines()[1:]]


def test_keys_are_matched_whatever_their_case_spaces_and_type() -> None:
    plants = TRANSPORT.sets[0].model_copy(
        update={"data": FromTable(table="PLANTS", columns=("Plant",))}
    )
    formulation = TRANSPORT.model_copy(update={"sets": (plants, TRANSPORT.sets[1])})
    instance = ground(formulation.with_data(read_data(frames())))
    assert instance.elements("Plants") == (("A",), ("B",))
    assert instance.parameter("cost")[("A", 7)] == 2
    notes = bind(formulation.with_data(read_data(frames()))).notes
    assert any("`OSLO` there is `Oslo`" in note for note in notes)


def test_a_solution_is_keyed_as_the_data_were() -> None:
    result = solve(TRANSPORT, data=frames())
    # By hand: Oslo from A at 1, 7 from B at 1.
    assert result.objective == pytest.approx(4 * 1 + 6 * 1)
    table = result.tables()["ship"]
    assert list(table) == ["Plant", "market", "ship"]
    assert table.to_numpy().tolist() == [
        ["A", "Oslo", 4],
        ["A", 7, 0],
        ["B", "Oslo", 0],
        ["B", 7, 6],
    ]
    assert result.data[0].file == "frame"


def test_the_given_frames_stay_as_they_are() -> None:
    given = frames()
    before = {name: frame.copy() for name, frame in given.items()}
    solve(TRANSPORT, data=given)
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = faults(
        plants=pd.DataFrame({"plant": ["A", "B", None], "supply": ["many", "2026-01-31", 3]}),
        markets=pd.DataFrame({"market": ["Oslo", 7, "Ulm"], "need [kg]": [4, -6, 1]}).rename(
            columns={"need [kg]": "need (kg)"}
        ),
        costs=pd.DataFrame(
            {
                "plant": ["A", "A", "B", "C", "A"],
                "market": ["Oslo", "7", "Oslo", "7", "Oslo"],
                "cost": [1, 2, None, 1, 3],
            }
        ),
    )
    told = "\n".join(found)
    for part in (
        "the key is blank in row 3",
        "text where a number is wanted, 'many' in row 1",
        "a date where a number is wanted, '2026-01-31' in row 2",
        "-6 below zero in row 2, which parameter `need` cannot be",
        "the column is in kg, parameter `need` in t",
        "column `cost` of table `costs`: blank in row 3",
        "has ('C', 7), not among the elements that the formulation knows in row 4",
        "more than one row for ('A', 'Oslo') in rows 1, 5",
        "no row for ('A', 'Ulm'), ('B', 7), ('B', 'Ulm') of the 6 that are needed",
    ):
        assert part in told, part
    assert len(found) == 9


def test_many_rows_are_counted() -> None:
    many = pd.DataFrame({"plant": ["A", "B"], "supply": [5, 9]})
    more = pd.DataFrame({"plant": [f"X{k}" for k in range(50)], "supply": ["?"] * 50})
    told = "\n".join(faults(plants=pd.concat([many, more], ignore_index=True)))
    assert "'?' in rows 3, 4, 5 and 47 more" in told
    assert "('X0', 'Oslo'), ('X0', 7), ('X1', 'Oslo') and 97 more" in told


@pytest.mark.parametrize("twin", ["OSLO", "oslo ", "Oslo"])
def test_one_key_in_two_spellings_is_no_key(twin: str) -> None:
    given = pd.DataFrame({"market": ["Oslo", twin, 7], "need": [4, 1, 6]})
    told = "\n".join(faults(markets=given))
    if twin == "Oslo":
        assert "more than one row for 'Oslo'" in told
    else:
        assert f"'Oslo' in row 1 and {twin.strip()!r} in row 2 are the same key" in told


def test_a_column_whose_cells_state_several_units_is_refused() -> None:
    given = pd.DataFrame({"market": ["Oslo", 7], "need": ["4 t", "6000 kg"]})
    assert "the cells state kg and t; write one unit, or none" in "\n".join(faults(markets=given))
    same = pd.DataFrame({"market": ["Oslo", 7], "need": ["4 t", "6 t"]})
    values = ground(TRANSPORT.with_data(read_data(frames(markets=same)))).parameter("need")
    assert dict(values) == {("Oslo",): 4, (7,): 6}


def test_elements_that_a_formulation_writes_out_may_differ_in_case() -> None:
    formulation = Formulation(
        sets=(SetDef(name="S", data=Listed(elements=("a", "A", "Bo"))),),
        parameters=(
            Parameter(
                name="p",
                over="i in S",
                data=Bound(table="t", value_column="v", key_columns=("k",)),
            ),
        ),
    )
    several = pd.DataFrame({"k": ["a", "BO"], "v": [1, 3]})
    one = Bound(table="t", value_column="v", key_columns=("k",), default=0)
    loose = formulation.parameters[0].model_copy(update={"data": one})
    held = formulation.model_copy(update={"parameters": (loose,)})
    values = ground(held.with_data(read_data({"t": several}))).parameter("p")
    assert dict(values) == {("a",): 1, ("A",): 0, ("Bo",): 3}
    other = pd.DataFrame({"k": ["A", "bo"], "v": [2, 3]})
    values = ground(held.with_data(read_data({"t": other}))).parameter("p")
    assert dict(values) == {("a",): 0, ("A",): 2, ("Bo",): 3}


def test_what_is_not_finite_is_no_number() -> None:
    given = pd.DataFrame({"market": ["Oslo", 7], "need": [4, float("inf")]})
    assert "no finite number in row 2" in "\n".join(faults(markets=given))


def test_a_missing_table_or_column_is_named_with_those_there_are() -> None:
    without = {name: frame for name, frame in frames().items() if name != "costs"}
    with pytest.raises(FormulationError, match=r"no table `costs`.*`plants`, `markets`"):
        ground(TRANSPORT.with_data(read_data(without)))
    other = pd.DataFrame({"plant": ["A"], "have": [1]})
    with pytest.raises(FormulationError, match=r"no column `supply`.*`plant`, `have`"):
        ground(TRANSPORT.with_data(read_data(frames(plants=other))))
    with pytest.raises(FormulationError, match=r"not at hand: `plants`, `markets`, `costs`"):
        ground(TRANSPORT)


def test_a_formulation_is_the_same_with_and_without_tables() -> None:
    held = TRANSPORT.with_data(read_data(frames()))
    assert held == TRANSPORT and hash(held) == hash(TRANSPORT)
    assert held.to_json() == TRANSPORT.to_json()
    assert held.model_copy(update={"title": "x"}).data is held.data
    assert held.model_copy(update={"title": "x"}) != TRANSPORT


# --- later ----------------------------------------------------------------------------------------


def test_what_is_asked_later_finds_the_tables_again() -> None:
    first = solve(TRANSPORT, data=frames())
    result = open_result(first.run_id)
    assert result == first
    changed = result.apply([SetTo(parameter="need", at=("Oslo",), value=5.0)])
    # One more at Oslo takes the last of A's five, at 1.
    assert changed.result.objective == pytest.approx(11)
    again = open_result(changed.result.record).apply(
        [Scale(parameter="need", at=(7,), factor=7 / 6)]
    )
    assert again.result.objective == pytest.approx(12)
    prices = first.sensitivity()
    assert not prices.empty
    assert "within(A)" in _exported(first, "plan.lp")


def _exported(result: Result, name: str) -> str:
    path = result.export(tables_dir().parent / name, overwrite=True)
    return path.read_text(encoding="utf-8")


def test_a_question_about_data_is_read_without_a_model() -> None:
    first = solve(TRANSPORT, data=frames())
    asked = first.what_if("What if need at Oslo grows by 25%?", model=ScriptedModel([]))
    assert asked.way == "reader"
    assert asked.result.objective == pytest.approx(11)


def test_sets_of_pairs_and_composite_keys() -> None:
    formulation = Formulation(
        sets=(SetDef(name="Arcs", data=FromTable(table="roads", columns=("from", "to"))),),
        parameters=(
            Parameter(
                name="cap",
                over="(i, j) in Arcs",
                data=Bound(table="caps", value_column="cap", key_columns=("start", "end")),
            ),
        ),
        variables=(Variable(name="x", over="(i, j) in Arcs"),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="sum(x[i, j] for (i, j) in Arcs)"),),
        constraints=(
            Algebraic(name="limit", over="(i, j) in Arcs", expression="x[i, j] <= cap[i, j]"),
        ),
    )
    roads = pd.DataFrame({"From": ["A", "A", "B"], "to": [1, 2, 1]})
    caps = pd.DataFrame({"start": ["b", "a", "a"], "end": ["1", "2", "1.0"], "cap": [5, 4, 3]})
    table = solve(formulation, data={"roads": roads, "caps": caps}).tables()["x"]
    assert list(table) == ["From", "to", "x"]
    assert table.to_numpy().tolist() == [["A", 1, 3], ["A", 2, 4], ["B", 1, 5]]


def test_secrets_and_folders_are_in_no_file_of_a_run(tmp_path: Path) -> None:
    database = tmp_path / "FOLDER" / "all.sqlite"
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as open_one:
        for name, frame in frames().items():
            frame.astype(object).to_sql(name, open_one, index=False)
    result = solve(TRANSPORT, data=[f"sqlite:///{database}?secret=PLANTED"])
    assert result.data[0].file == "all.sqlite"
    kept = [p for p in tables_dir().parent.rglob("*") if p.is_file()]
    assert kept
    for path in kept:
        assert b"PLANTED" not in path.read_bytes() and b"FOLDER" not in path.read_bytes(), path


def test_kept_tables_are_for_the_user_alone_and_checked() -> None:
    data = frames(plants=pd.DataFrame({"plant": ["A", "B"], "supply": [5, 90]}))
    result = solve(TRANSPORT, data=data)
    source = next(s for s in result.data if s.name == "plants")
    path = tables_dir() / f"{source.sha256}.npz"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(tables_dir().stat().st_mode) == 0o700
    settings = json.loads(Path(result.record, "record.json").read_text("utf-8"))["settings"]
    assert settings["data"] == {s.name: s.sha256 for s in result.data}
    other = next(s for s in result.data if s.name == "markets")
    shutil.copy(tables_dir() / f"{other.sha256}.npz", path)
    found = open_result(result.run_id)
    assert found.formulation is not None and found.formulation.data is None
    with pytest.raises(FormulationError, match="not at hand"):
        found.export(tables_dir().parent / "lost.lp")


def test_other_data_replace_those_of_a_formulation() -> None:
    result = solve(TRANSPORT, data=frames())
    assert result.formulation is not None
    more = frames(markets=pd.DataFrame({"market": ["Oslo", 7], "need": [1, 1]}))
    assert solve(result.formulation, data=more).objective == pytest.approx(2)
    assert solve(result.formulation).objective == result.objective


def test_formulas_in_labels_are_defused(tmp_path: Path) -> None:
    evil = "=HYPERLINK(1)"
    given = frames(
        markets=pd.DataFrame({"market": [evil, "-cmd"], "need": [4, 6]}),
        costs=pd.DataFrame(
            {"plant": list("AABB"), "market": [evil, "-cmd"] * 2, "cost": [1, 2, 3, 1]}
        ),
    )
    result = solve(TRANSPORT, data=given)
    text = result.export(tmp_path / "ship.csv", table="ship").read_text("utf-8")
    assert text.splitlines()[1:3] == [f"A,'{evil},4.0", "A,'-cmd,0.0"]
    result.export(tmp_path / "plan.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["ship"]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].quotePrefix) == (evil, "s", True)


# --- the command line -----------------------------------------------------------------------------


def test_a_saved_formulation_is_solved_on_files(
    tmp_path: Path,
    optiwright_: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The last run is that of a folder of its own: runs of one second have no order.
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    TRANSPORT.save(tmp_path / "f.json")
    given: list[str] = []
    for name, frame in frames().items():
        frame.to_csv(tmp_path / f"{name}-2026.csv", index=False)
        given += ["--data", f"{name}={tmp_path / name}-2026.csv"]
    code, out, _ = optiwright_("solve", "--formulation", str(tmp_path / "f.json"), *given)
    assert code == 0
    assert "Least value: 10" in out and "plants (plants-2026.csv): 2 rows" in out
    assert str(tmp_path) not in out.partition("Record:")[0]
    code, out, _ = optiwright_("export", str(tmp_path / "ship.csv"), "--table", "ship")
    assert code == 0
    assert (tmp_path / "ship.csv").read_text("utf-8").startswith("Plant,market,ship\nA,Oslo,4.0\n")
    code, _, err = optiwright_("export", str(tmp_path / "x.csv"), "--table", "boat")
    assert code == 2 and "There are `ship`" in err


def test_bad_data_end_the_command_before_anything_is_solved(
    tmp_path: Path, optiwright_: Callable[..., tuple[int, str, str]]
) -> None:
    TRANSPORT.save(tmp_path / "f.json")
    given: list[str] = []
    for name, frame in frames(plants=pd.DataFrame({"plant": ["A"], "supply": ["x"]})).items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        given += ["--data", str(tmp_path / f"{name}.csv")]
    code, out, err = optiwright_("solve", "--formulation", str(tmp_path / "f.json"), *given)
    assert code == 2 and out == ""
    assert "column `supply` of table `plants` (`plants.csv`): text where a number is wanted" in err
    assert "in row 2" in err and "Nothing was solved" in err and "Traceback" not in err


def test_missing_tables_end_the_command_and_are_all_named(
    tmp_path: Path, optiwright_: Callable[..., tuple[int, str, str]]
) -> None:
    TRANSPORT.save(tmp_path / "f.json")
    frames()["costs"].to_csv(tmp_path / "costs.csv", index=False)
    command = ("solve", "--formulation", str(tmp_path / "f.json"))
    before = optiwright_("runs")
    code, out, err = optiwright_(*command, "--data", str(tmp_path / "costs.csv"))
    assert code == 2 and out == ""
    assert "not given: `plants`, `markets`\n" in err and "Tables given: `costs`" in err
    code, out, err = optiwright_(*command)
    assert code == 2 and out == ""
    assert "not given: `plants`, `markets`, `costs`\n" in err and "`--data name=FILE`" in err
    assert optiwright_("runs") == before


def test_commas_that_can_be_read_two_ways_are_told_as_that() -> None:
    said = "\n".join(
        faults(markets=pd.DataFrame({"market": ["Oslo", 7], "need": ["1,340", "abo,ut"]}))
    )
    assert "commas of thousands or decimal (write 1234 or 1.234), '1,340' in row 1" in said
    assert "text where a number is wanted, 'abo,ut' in row 2" in said


def test_scalars_come_from_tables_of_one_row() -> None:
    formulation = Formulation(
        parameters=(Parameter(name="p", data=Bound(table="one", value_column="v")),),
        variables=(Variable(name="x"),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="x"),),
        constraints=(Algebraic(name="c", expression="x <= p"),),
    )
    one: dict[str, Any] = {"one": pd.DataFrame({"v": [3.5]})}
    result = solve(formulation, data=one)
    assert result.objective == pytest.approx(3.5)
    assert result.tables()["decisions"].to_numpy().tolist() == [["x", 3.5, ""]]
    two = {"one": pd.DataFrame({"v": [3.5, 4]})}
    with pytest.raises(DataError, match="one number is wanted, and there are 2 rows"):
        solve(formulation, data=two)
