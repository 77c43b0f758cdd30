"""Tables read from files, databases and frames: what comes of them, and what is refused."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright import Options
from optiwright.formulators import data_excel, data_limits
from optiwright.formulators.data import Data, read_data
from optiwright.formulators.errors import UserError
from optiwright.formulators.number_text import read_numbers

PLAIN = [("Oslo", 1.5), ("Bergen", 1234.5)]


def rows(data: Data, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in data.tables[table].itertuples(index=False)]


def written(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("city,cost\nOslo,1.5\nBergen,1234.5\n", "utf-8"),
        ("city,cost\nOslo,1.5\nBergen,1234.5\n", "utf-8-sig"),
        ("city,cost\r\nOslo,1.5\r\nBergen,1234.5\r\n", "utf-16"),
        ("city;cost\nOslo;1,5\nBergen;1.234,5\n", "utf-8"),
        ("city\tcost\nOslo\t1.5\nBergen\t1,234.5\n", "utf-8"),
        ('city,cost\nOslo,1.5\nBergen,"1,234.5"\n', "utf-8"),
        ("city|cost\nOslo|1.5\nBergen|1234.50\n", "utf-8"),
        ("city;cost\nOslo;1,5\nBergen;1 234,5\n", "utf-8"),
        ("city;cost\nOslo;€ 1,5\nBergen;€ 1234,5\n", "utf-8"),
        ("city,cost\n Oslo ,1.5\n\nBergen ,1234.5\n", "utf-8"),
        ('"city","cost"\n"Oslo","1.5"\n"Bergen","1234.5"\n', "utf-8"),
    ],
)
def test_separators_encodings_and_signs_of_numbers_are_found_out(
    tmp_path: Path, content: str, encoding: str
) -> None:
    data = read_data([written(tmp_path / "prices.csv", content, encoding)])
    assert rows(data, "prices") == PLAIN


def test_what_was_done_is_written_down(tmp_path: Path) -> None:
    path = written(tmp_path / "unit prices.csv", "The city;Cost [kg]\nÅs ;1,5\n", "cp1252")
    data = read_data([path])
    assert list(data.tables["unit_prices"]) == ["The_city", "Cost"]
    assert data.originals["unit_prices"] == {"The_city": "The city", "Cost": "Cost [kg]"}
    assert data.units["unit_prices"] == {"Cost": "kg"}
    told = " ".join(data.notes)
    for part in ("Windows-1252", "semicolons", "decimal commas", "Stray spaces", "`unit_prices`"):
        assert part in told
    assert rows(data, "unit_prices") == [("Ås", 1.5)]


def test_rows_are_called_by_their_number_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "k,v\nx,1\n\ny,2\n")
    assert list(read_data([path]).tables["a"].index) == [2, 4]


def test_labels_keep_their_zeros_and_their_words(tmp_path: Path) -> None:
    content = "zip,land,flag,n\n007,NA,true,1\n010,None,false,2\n"
    frame = read_data([written(tmp_path / "a.csv", content)]).tables["a"]
    assert frame.to_numpy().tolist() == [["007", "NA", "true", 1], ["010", "None", "false", 2]]


def test_a_comma_that_can_be_read_two_ways_is_no_number_and_said(tmp_path: Path) -> None:
    data = read_data([written(tmp_path / "a.csv", "k;v\na;1,234\nb;5,678\n")])
    assert rows(data, "a") == [("a", "1,234"), ("b", "5,678")]
    assert "before fractions or thousands" in " ".join(data.notes)
    both = read_data([written(tmp_path / "b.csv", "k;v;w\na;1,234;0,5\n")])
    assert rows(both, "b") == [("a", 1.234, 0.5)]


def test_numbers_of_one_thing_are_numbers_but_in_the_first_column(tmp_path: Path) -> None:
    content = (
        "oven,rate,size,door\n2 doors,15 loaves per hour,10 B,2 doors\n4 doors,,20 B,4 sides\n"
    )
    data = read_data([written(tmp_path / "a.csv", content)])
    (first, second) = rows(data, "a")
    assert first == ("2 doors", 15, "10 B", "2 doors") and second[0] == "4 doors"
    assert math.isnan(second[1]) and second[2:] == ("20 B", "4 sides")
    assert "The cells of `rate` state loaves per hour." in " ".join(data.notes)


def test_a_scale_is_nothing_that_is_counted(tmp_path: Path) -> None:
    data = read_data([written(tmp_path / "a.csv", "k,v\na,3 million\nb,20 millions\n")])
    assert rows(data, "a") == [("a", "3 million"), ("b", "20 millions")]


def test_a_line_too_long_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "k,v\na,1\nb,2,3\n")
    with pytest.raises(UserError, match="line 3 has 3 fields, the header 2") as caught:
        read_data([path])
    assert caught.value.where == "a.csv"
    all_too_long = written(tmp_path / "b.csv", "k,v\na,1,2\nb,2,3\n")
    with pytest.raises(UserError, match="fields"):
        read_data([all_too_long])


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Unit costs"
    sheet["A1"] = "Costs of 2026"
    sheet.merge_cells("A1:C1")
    top: list[tuple[Any, ...]] = [("plant", "city", "cost"), ("A", "Oslo", 1), (None, "Bergen", 2)]
    for k, row in enumerate(top, 3):
        for c, cell in enumerate(row, 1):
            sheet.cell(row=k, column=c, value=cell)
    sheet.merge_cells("A4:A5")
    sheet["C6"], sheet["A6"], sheet["B6"] = "=C4+C5", "B", "Oslo"
    other = book.create_sheet("orders of ..")
    for record in [("id", "due", "on"), (7, pd.Timestamp("2026-03-01"), True)]:
        other.append(record)
    hidden = book.create_sheet("secret")
    hidden.append(["a", "b"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "plan.xlsx")
    _keep_value(tmp_path / "plan.xlsx", "3")
    data = read_data([tmp_path / "plan.xlsx"])
    assert set(data.tables) == {"Unit_costs", "orders_of"}
    assert rows(data, "Unit_costs") == [("A", "Oslo", 1), ("A", "Bergen", 2), ("B", "Oslo", 3)]
    assert list(data.tables["Unit_costs"].index) == [4, 5, 6]
    assert rows(data, "orders_of") == [(7, "2026-03-01", 1)]
    assert data.sources["orders_of"].file == "plan.xlsx"
    assert data.sources["orders_of"].sheet == "orders of .."


def _keep_value(path: Path, value: str) -> None:
    """Gives the formula of a workbook a kept value, as Excel does."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            kept = re.sub(rb"</f><v\s*/?>(</v>)?", f"</f><v>{value}</v>".encode(), content)
            archive.writestr(name, kept)


def test_typed_files_and_frames_are_the_same_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"city": ["Oslo", "Bergen"], "cost": [1.5, 1234.5]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_json(tmp_path / "b.json", orient="records")
    (tmp_path / "c.json").write_text(json.dumps(frame.to_dict("list")), encoding="utf-8")
    frame.to_json(tmp_path / "d.jsonl", orient="records", lines=True)
    with sqlite3.connect(tmp_path / "e.sqlite") as database:
        frame.to_sql("e", database, index=False)
    database.close()
    named = {
        "f": frame,
        "g": pl.DataFrame({"city": ["Oslo", "Bergen"], "cost": [1.5, 1234.5]}),
        "h": frame.set_index("city"),
    }
    data = read_data([*(str(p) for p in sorted(tmp_path.iterdir()))])
    frames = read_data(named)
    assert {t: rows(data, t) for t in data.tables} == {t: PLAIN for t in "abcde"}
    assert {t: rows(frames, t) for t in frames.tables} == {t: PLAIN for t in "fgh"}
    assert len({*data.hashes.values(), *frames.hashes.values()}) == 1
    by_url = read_data({"u": f"sqlite:///{tmp_path / 'e.sqlite'}"})
    assert rows(by_url, "u") == PLAIN and by_url.sources["u"].file == "e.sqlite"


def test_json_of_several_forms(tmp_path: Path) -> None:
    value = {
        "costs": {"Oslo": {"cost": 1.5}, "Bergen": {"cost": 1234.5}},
        "sites": [{"name": "A", "at": {"x": 1, "y": 2}}],
    }
    (tmp_path / "all.json").write_text(json.dumps(value), encoding="utf-8")
    data = read_data([tmp_path / "all.json"])
    assert rows(data, "costs") == PLAIN
    assert list(data.tables["sites"]) == ["name", "at_x", "at_y"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"a": [1, 2]', "not JSON"),
        ('[{"a": {"b": {"c": 1}}}]', "nested too deeply"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('[{"a": 1, "a": 2}]', "twice"),
        ('[{"a": NaN}]', "NaN"),
        ('{"a": [1], "b": [1, 2]}', "differ in length"),
        ("3", "no table"),
    ],
)
def test_json_that_is_no_table_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = written(tmp_path / "a.json", content)
    with pytest.raises(UserError, match=told):
        read_data([path])


def test_a_wide_table_has_a_long_form(tmp_path: Path) -> None:
    path = written(tmp_path / "cost.csv", "plant\\market,Oslo,New York\nA,1,2\nB,3,\n")
    data = read_data([path])
    assert rows(data, "cost_long") == [("A", "Oslo", 1), ("A", "New York", 2), ("B", "Oslo", 3)]
    assert list(data.tables["cost_long"]) == ["plant", "market", "value"]
    assert list(data.tables["cost_long"].index) == [2, 2, 3]
    assert "`cost_long` is the same" in " ".join(data.notes)
    years = read_data([written(tmp_path / "y.csv", "site,2026,2027\nA,1,2\n")])
    assert rows(years, "y_long") == [("A", 2026, 1), ("A", 2027, 2)]


@pytest.mark.parametrize(
    ("header", "series"),
    [
        ("nurse,wage,Mon,Tue,Wed,Thu,remark", ["Mon", "Tue", "Wed", "Thu"]),
        ("nurse,Monday,Tuesday,Wednesday,wage,bonus,remark", ["Monday", "Tuesday", "Wednesday"]),
        ("mill,Jan,Feb,Mar,stock,cost,remark", ["Jan", "Feb", "Mar"]),
        ("mill,stock,week 1,Week 2,Week 3,cost,remark", ["week 1", "Week 2", "Week 3"]),
        ("feed,Grain A,Grain B,Grain C,need,cost,remark", ["Grain A", "Grain B", "Grain C"]),
        ("site,area,2026,2027,2028,cost,remark", [2026, 2027, 2028]),
        ("mill,cost Mon,cost Tue,cost Wed,hours Mon,hours Tue,hours Wed,remark", None),
        ("mill,Week 1,Week 2,stock,cost,limit,remark", None),
        ("mill,steel,wood,iron,cost,limit,remark", None),
    ],
)
def test_a_series_of_headers_makes_the_long_form_alone(
    tmp_path: Path, header: str, series: list[Any] | None
) -> None:
    """Two such series are not told apart, and the last column of text is in the way."""
    numbers = ",".join(map(str, range(header.count(",") - 1)))
    path = written(tmp_path / "t.csv", f"{header}\nA,{numbers},x\nB,{numbers},y\n")
    long = read_data([path]).tables.get("t_long")
    assert (None if long is None else list(long["column"].unique())) == series


def test_lines_that_are_counted_have_a_long_form_of_a_series(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "line,Glue A,Glue B,Glue C\n1,20,30,40\n2,50,35,45\n")
    assert rows(read_data([path]), "t_long")[2:4] == [(1, "Glue C", 40), (2, "Glue A", 50)]


def test_dashes_among_numbers_are_blanks(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "part,cost,grade\nA,5,-\nB,–,x\nC,n/a,y\nD,7.5,-\n")
    data = read_data([path])
    assert data.tables["t"]["cost"].isna().tolist() == [False, True, True, False]
    assert list(data.tables["t"]["grade"]) == ["-", "x", "y", "-"]
    assert "Dashes in `cost` were read as blanks." in " ".join(data.notes)
    shares = read_data([written(tmp_path / "s.csv", "part,share\nA,5%\nB,-\nC,7%\n")])
    assert shares.units["s"]["share"] == "%"


def test_names_are_identifiers_whatever_files_are_called(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "..  passwd"
    for row in [("class", "1st", "a b", "a-b"), ("x", 1, 2, 3)]:
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    data = read_data({"../../etc/passwd": tmp_path / "b.xlsx"})
    assert set(data.tables) == {"etc_passwd", "etc_passwd_long"}
    assert list(data.tables["etc_passwd"]) == ["class_", "column_1st", "a_b", "a_b_2"]
    assert all(n.isidentifier() for t in data.tables for n in (t, *data.tables[t]))


def test_a_path_that_is_none_is_refused() -> None:
    for path in ("a\0.csv", "", ".", "x" * 5000 + ".csv"):
        with pytest.raises(UserError):
            read_data([path])


def test_a_name_may_stand_before_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "k,v\nx,1\n")
    assert set(read_data([f"costs={path}", path]).tables) == {"costs", "a"}


# --- what is refused ------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<c " + b" " * (64 * 2**20))
    with pytest.raises(UserError, match="unpacks to 64 MiB"):
        read_data([path])


def test_a_giant_sheet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    for k in range(40):
        book.active.append([k, k])
    book.save(tmp_path / "a.xlsx")
    monkeypatch.setattr(data_excel, "MOST_SHEET_CELLS", 60)
    with pytest.raises(UserError, match="more than 60 cells"):
        read_data([tmp_path / "a.xlsx"])


def test_a_sheet_that_claims_a_size_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("k", "v"), ("a", 1)]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"'))
    assert rows(read_data([tmp_path / "a.xlsx"]), "Sheet") == [("a", 1)]


def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    with pytest.raises(UserError, match="declares entities"):
        read_data([tmp_path / "a.xlsx"])


def test_files_and_tables_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.csv", "k,v\n" + "a,1\n" * 50)
    monkeypatch.setattr(data_limits, "MOST_CELLS", 60)
    with pytest.raises(UserError, match="100 cells, more than the 60"):
        read_data([path])
    monkeypatch.setattr(data_limits, "LARGEST_FILE", 100)
    with pytest.raises(UserError, match="of a data file"):
        read_data([path])


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.pdf", "a.sqlite", "a.parquet", "a.csv"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00\x01 rubbish \x00")
    with pytest.raises(UserError) as caught:
        read_data([path])
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(UserError, match="cannot be read"):
        read_data([tmp_path / f"missing-{name}"])


def test_a_database_is_opened_for_reading_only(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute('create table "a ""b"" c" (k text, v real)')
        database.execute('insert into "a ""b"" c" values (\'x\', 1)')
    database.close()
    before = path.read_bytes()
    assert list(read_data([path]).tables) == ["a_b_c"]
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]


def test_the_first_line_that_is_too_long_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\njob;sheets\nA;1\n\nB;2;;\nC;3;4;5\n", "utf-8")
    with pytest.raises(UserError, match="line 5 has 4 fields, the header 2"):
        read_data([path])


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+nothere://user:PLANTED@host.invalid/db",
        "mysql://user:PLANTED@host.invalid/db?password=PLANTED",
        "sqlite:////PLANTED/none.db",
        "nothing://PLANTED:PLANTED@host/db",
        "postgresql://user:PLANTED@host:port/db",
    ],
)
def test_a_password_is_in_no_error_and_no_options(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError) as caught:
        read_data([address])
    assert "PLANTED" not in str(caught.value)
    assert "PLANTED" not in repr(caught.value.__cause__)
    assert "PLANTED" not in repr(Options(data=[address]))
    assert "PLANTED" not in "".join(capsys.readouterr())


def test_what_a_driver_says_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlalchemy.exc.OperationalError("s", {}, Exception("no login for PLANTED at host"))

    monkeypatch.setattr(sqlalchemy, "create_engine", refuse)
    with pytest.raises(UserError, match="no login for") as caught:
        read_data(["mysql://user:PLANTED@host/db"])
    assert "PLANTED" not in str(caught.value) and caught.value.where == "mysql db"
    with pytest.raises(UserError, match=r"no \.\.\. for PLANTED at"):
        read_data(["mysql://login@elsewhere/db"])
    with pytest.raises(UserError, match="no login for PLANTED at"):
        read_data(["mysql://log@elsewhere/db"])


# --- whatever comes -------------------------------------------------------------------------------


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "a.csv"
        path.write_bytes(content)
        try:
            data = read_data([path])
        except UserError:
            return
    assert "a" in data.tables


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(["point", "comma"]))
def test_numbers_with_separators_are_read_back(value: float, style: Any) -> None:
    text = f"{value:,.3f}"
    if style == "comma":
        text = text.translate(str.maketrans(",.", ".,"))
    read = read_numbers(pd.Series([text], dtype=object), style)
    assert read.values[0] == pytest.approx(round(value, 3), abs=1e-9 * max(1, abs(value)))
