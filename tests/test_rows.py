"""Files of training rows: what is written is read back, and what is no row is named."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.evaluation.lines import append_line, open_lines
from optiwright.formulators.errors import UserError
from optiwright.training.row_files import read_rows, write_rows
from optiwright.training.rows import AskedValue, TrainingRow
from tests.training_rows import bakery, wells

FINITE = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=40)
ASKED = st.builds(AskedValue, meaning=WORDS, expression=WORDS, value=st.none() | FINITE)
ROWS = st.builds(
    TrainingRow,
    source=st.sampled_from(["generated", "resocratic", "augmented", "published", "record"]),
    family=WORDS,
    problem_class=WORDS,
    split=st.sampled_from(["train", "test"]),
    text=st.text(min_size=1, max_size=80),
    script=WORDS,
    indexed=WORDS,
    elements=WORDS,
    program=WORDS,
    sense=st.sampled_from(["minimize", "maximize", ""]),
    optimum=st.none() | FINITE,
    asked=st.lists(ASKED, max_size=3).map(tuple),
    voice=WORDS,
    seed=st.none() | st.integers(-(2**63), 2**63 - 1),
    parent=WORDS,
    made_by=WORDS,
    verified=st.booleans(),
)


def append(path: Path, rows: list[TrainingRow]) -> None:
    file = open_lines(path)
    for row in rows:
        append_line(file, row)
    os.close(file)


ENDINGS = pytest.mark.parametrize("ending", [".jsonl", ".parquet"])


@ENDINGS
@settings(deadline=None, max_examples=50)
@given(rows=st.lists(ROWS, max_size=4))
def test_rows_are_read_as_they_were_written(
    ending: str, tmp_path_factory: pytest.TempPathFactory, rows: list[TrainingRow]
) -> None:
    path = tmp_path_factory.mktemp("rows") / f"rows{ending}"
    assert write_rows(path, rows) == len(rows)
    assert list(read_rows(path)) == rows


@ENDINGS
def test_files_of_more_rows_than_are_taken_together(ending: str, tmp_path: Path) -> None:
    rows = [bakery(seed=seed, id=str(seed)) for seed in range(2345)]
    write_rows(tmp_path / f"rows{ending}", rows)
    assert list(read_rows(tmp_path / f"rows{ending}")) == rows


def test_appended_rows_outlive_a_kill_in_the_middle_of_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [bakery(), wells(), bakery(seed=3)]
    append(path, rows)
    path.write_bytes(path.read_bytes()[:-30])
    assert list(read_rows(path)) == rows[:2]
    append(path, rows[2:])
    assert list(read_rows(path)) == rows


def test_a_last_line_that_lacks_its_end_alone_counts_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{bakery().model_dump_json()}\n\n{wells().model_dump_json()}")
    assert list(read_rows(path)) == [bakery(), wells()]
    append(path, [bakery(seed=3)])
    assert list(read_rows(path)) == [bakery(), wells(), bakery(seed=3)]


@ENDINGS
def test_a_write_that_breaks_off_leaves_the_earlier_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{ending}"
    write_rows(path, [bakery()])

    def broken() -> Any:
        yield wells()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(path, broken())
    assert list(read_rows(path)) == [bakery()]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


GOOD: dict[str, Any] = {"source": "generated", "family": "x", "problem_class": "LP", "text": "a"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"optimum": "many"}, '`optimum`: found "many", expected a valid number'),
        ({"colour": 1, "size": 2}, "unknown fields `colour`, `size`"),
        ({"source": "found"}, "`source`: found \"found\", expected 'generated', "),
        ({"text": ""}, '`text`: found "": String should have at least 1 character'),
        ({"asked": [{"meaning": "x", "value": 1}]}, r"`asked.0.expression` is missing"),
        ({"schema_version": 9}, "`schema_version`: found 9, expected 1"),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_field(
    wrong: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{json.dumps(GOOD | wrong)}\n")
    with pytest.raises(UserError, match=f"line 2 is no training row: {said}") as told:
        list(read_rows(path))
    assert told.value.where == str(path) and told.value.remedy


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{{]\n{json.dumps(GOOD)}\n")
    with pytest.raises(UserError, match="line 2 is no training row: Invalid JSON"):
        list(read_rows(path))


def test_a_bad_row_of_parquet_is_named_and_nulls_were_not_given(tmp_path: Path) -> None:
    import pyarrow as pa

    path = tmp_path / "rows.parquet"
    rows = [GOOD | {"voice": None, "asked": None}, GOOD | {"voice": "memo", "split": "dev"}]
    pq.write_table(pa.Table.from_pylist([rows[0] | {"split": "train"}, *rows[1:]]), path)
    read = read_rows(path)
    assert next(read) == TrainingRow(**GOOD)
    with pytest.raises(UserError, match=r"row 2 is no training row: `split`: found .dev., e"):
        next(read)


def test_columns_of_parquet_that_are_none_are_named(tmp_path: Path) -> None:
    import pyarrow as pa

    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pylist([GOOD | {"question": "a", "answer": "b"}]), path)
    with pytest.raises(UserError, match="unknown fields `question`, `answer`"):
        list(read_rows(path))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"ends in \.jsonl or \.parquet, not in `\.csv`"):
        list(read_rows(tmp_path / "rows.csv"))
    with pytest.raises(UserError, match="no such file"):
        list(read_rows(tmp_path / "rows.jsonl"))
    (tmp_path / "rows.parquet").write_text("no")
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        list(read_rows(tmp_path / "rows.parquet"))
    with pytest.raises(UserError, match=r"row 1 .* cannot be written as Parquet.*seed"):
        write_rows(tmp_path / "more.parquet", [bakery(seed=2**64)])


def test_parquet_without_pyarrow_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"pyarrow, which is not installed.*optiwright\[data\]"):
        write_rows(tmp_path / "rows.parquet", [bakery()])
    write_rows(tmp_path / "rows.jsonl", [bakery()])
    assert list(read_rows(tmp_path / "rows.jsonl")) == [bakery()]
