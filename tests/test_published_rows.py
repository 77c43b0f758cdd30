"""Published training sets are read in their own formats, and what is no row is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optiwright.evaluation.problems import Finding
from optiwright.formulators.errors import UserError
from optiwright.training.published_rows import PUBLISHED, read_published
from optiwright.training.row_files import read_rows
from optiwright.training.rows import TrainingRow
from tests.evaluations import Optiwright
from tests.training_rows import BAKERY, BAKERY_PROGRAM

FRAME = (
    "\nBelow is an operations research question. Build a mathematical model and corresponding "
    "python code using `coptpy` that appropriately addresses the question.\n\n# Question:\n"
    f"{BAKERY}\n\n# Response:\n"
)
EXPLAINED = f"## Mathematical Model:\nLet x be bread.\n```python\n{BAKERY_PROGRAM}```\nThis works."

ROWS: dict[str, dict[str, Any]] = {
    "resocratic-29k": {
        "question": BAKERY, "nl_solution": "## Define Variables", "code_solution": BAKERY_PROGRAM,
    },
    "or-instruct": {"prompt": FRAME, "completion": EXPLAINED},
    "optmath-train": {"input": BAKERY, "output": EXPLAINED},
}  # fmt: skip


def read(path: Path, name: str, text: str) -> list[TrainingRow | Finding]:
    path.write_text(text, encoding="utf-8")
    return list(read_published(name, path))


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("lines", [False, True], ids=["a list", "lines"])
def test_a_row_is_text_and_program(name: str, lines: bool, tmp_path: Path) -> None:
    rows = [ROWS[name]] * 2
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    (row, again) = read(tmp_path / "set.json", name, text)
    assert isinstance(row, TrainingRow) and row == again
    assert (row.text, row.program) == (BAKERY, BAKERY_PROGRAM.strip())
    assert (row.source, row.family, row.verified) == ("published", name, False)
    assert not (row.script or row.indexed or row.elements or row.made_by)


def test_a_question_keeps_its_own_headings(tmp_path: Path) -> None:
    text = f"# Plan\n{BAKERY}\n# Data\n5 ovens"
    (row,) = read(tmp_path / "s.json", "optmath-train",
                  json.dumps([ROWS["optmath-train"] | {"input": text}]))  # fmt: skip
    assert isinstance(row, TrainingRow) and row.text == text


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("resocratic-29k", {"question": BAKERY, "code_solution": None}, "`code_solution` has no"),
        ("resocratic-29k", {"en_question": BAKERY}, "`question` is missing"),
        ("or-instruct", {"prompt": FRAME, "completion": "Let x be bread."}, "`completion` has no"),
        ("or-instruct", {"prompt": 3, "completion": EXPLAINED}, "`prompt` is no text"),
        ("optmath-train", [1, 2], "an object with `input` and `output` was expected"),
    ],
)
def test_what_is_no_row_is_a_finding(name: str, row: Any, said: str, tmp_path: Path) -> None:
    good = ROWS[name]
    found = read(tmp_path / "s.json", name, json.dumps([good, row]))
    assert isinstance(found[0], TrainingRow)
    assert isinstance(found[1], Finding)
    assert said in found[1].what and found[1].where.endswith("s.json, row 2")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    with pytest.raises(UserError, match=r"no published set `orlm`.*resocratic-29k"):
        read_published("orlm", path)
    with pytest.raises(UserError, match="cannot be read"):
        read_published("or-instruct", path)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n")
    with pytest.raises(UserError, match="a pointer of Git LFS"):
        read_published("or-instruct", path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not text in UTF-8"):
        read_published("or-instruct", path)


def test_the_command_writes_the_rows_and_counts_the_others(
    tmp_path: Path, optiwright_: Optiwright
) -> None:
    path, to = tmp_path / "set.jsonl", tmp_path / "rows.jsonl"
    rows = [ROWS["or-instruct"], {"prompt": FRAME}, {"prompt": FRAME}]
    path.write_text("\n".join(map(json.dumps, rows)))
    code, out, err = optiwright_("data", "import", "or-instruct", str(path), "--out", str(to))
    assert code == 0 and "1 rows in" in out and "CC BY-NC 4.0" in out
    assert err == "left out, 2 rows: `completion` has no program\n"
    assert [row.text for row in read_rows(to)] == [BAKERY]
    before = to.read_bytes()
    code, _, err = optiwright_("data", "import", "optmath-train", str(path), "--out", str(to))
    assert code == 2 and "nothing in it is a row of optmath-train" in err
    assert to.read_bytes() == before
    other = tmp_path / "other.jsonl"
    other.write_text(
        json.dumps({**ROWS["or-instruct"], "prompt": FRAME.replace("bakery", "bistro")})
    )
    code, _, err = optiwright_("data", "import", "or-instruct", str(other), "--out", str(to))
    assert code == 2 and "other rows are there and would be lost: 1 of 1" in err
    assert to.read_bytes() == before
