"""`optiwright eval overlap`: which of a user's texts stand in a benchmark, whatever holds them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import optiwright.evaluation as evaluation
from optiwright.evaluation.contamination import How
from optiwright.evaluation.given_texts import GivenText, given_texts
from optiwright.evaluation.overlap import overlaps_of
from optiwright.evaluation.problems import Finding
from optiwright.formulators.errors import UserError
from tests.evaluations import Optiwright

BAKERY = (
    "A bakery sells bread at 2.50 euros and cakes at 14 euros; an oven is free for 1,240 minutes, "
    "of which a loaf takes 3.5 and a cake 16. How many of each bring in the most money?"
)
JOINERY = (
    "A joiner makes 12 stools or 9 tables a day from 30 boards of oak, sells a stool for 45 and a "
    "table for 110 dollars, and wants to know what to make in 21 days for the best earnings."
)
HARMLESS = "A well holds 500 litres and two villages drink from it every day of the week."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two benchmarks that have a text in common."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    rows = [{"en_question": text, "en_answer": "1"} for text in (BAKERY, JOINERY)]
    (folder / "NL4OPT.json").write_text(json.dumps(rows))
    (folder / "BWOR.json").write_text(json.dumps(rows[:1]))
    return folder


def found_in(path: Path, data: Path) -> dict[str, list[str]]:
    """By the name of each text of a file what it repeats, and how."""
    known = evaluation.known_texts(data)
    return {
        text.name.removeprefix(str(path)): [
            f"{o.problem} {o.how}" for o in overlaps_of(text, known.overlaps)
        ]
        for text in given_texts([path])
        if isinstance(text, GivenText)
    }


ROWS = [
    {"prompt": "Solve this.", "completion": HARMLESS},
    {"messages": [{"role": "system", "content": "You solve problems."},
                  {"role": "user", "content": JOINERY}], "n": 3},
    {"description": JOINERY[:90], "rest": JOINERY[90:]},
]  # fmt: skip
JOINED = ["nl4opt-1 word for word"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "lines.json", "one.json"])
def test_rows_are_read_whatever_their_fields_are_called(
    name: str, tmp_path: Path, data: Path
) -> None:
    path = tmp_path / name
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    whole = {"rows.json": json.dumps(ROWS), "one.json": json.dumps(ROWS[1])}
    path.write_text(whole.get(name, lines))
    expected = [JOINED] if name == "one.json" else [[], JOINED, JOINED]
    assert found_in(path, data) == {f", row {k}": found for k, found in enumerate(expected)}


def test_a_row_that_is_none_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"text": "{HARMLESS}\u2028more"}}\n{{"text": \n\n"a"\n')
    first, wrong, last = given_texts([path])
    assert isinstance(first, GivenText) and first.parts == (f"{HARMLESS}\u2028more",)
    assert isinstance(wrong, Finding) and wrong.where.endswith("row 1") and "not JSON" in wrong.what
    assert isinstance(last, GivenText) and last.parts == ("a",)


def test_a_table_is_read_row_by_row(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [["id", "text"], ["1", BAKERY.replace(";", "\n")], ["2", HARMLESS]]
        )
    both = ["nl4opt-0 word for word", "bwor-0 word for word"]
    assert found_in(path, data) == {", row 0": [], ", row 1": both, ", row 2": []}


def test_a_section_of_a_page_is_a_text_by_itself(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "page.md"
    told = "Make 12 of them daily or 9, cut from 30; worth 45 and 110. Make what, over 21?"
    for text, found in ((told, ["nl4opt-1 by its numbers"]), (told.replace("45", "46"), [])):
        path.write_text(f"# Well\n\n{HARMLESS} It costs 7,125.\n\n# Wood\n\n{text}\n")
        assert found_in(path, data) == {"": found}


def test_files_of_a_folder_are_read_but_for_hidden_ones_and_pictures(tmp_path: Path) -> None:
    for name in ("b/one.txt", "a.py", ".git/two.txt", "b/__pycache__/three.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    code, one, picture = given_texts([tmp_path])
    assert isinstance(code, GivenText) and code.parts == ("a.py",)
    assert isinstance(one, GivenText) and one.parts == ("b/one.txt",)
    assert isinstance(picture, Finding) and picture.where.endswith("c.png")
    with pytest.raises(UserError, match="no file or folder"):
        list(given_texts([tmp_path / "nowhere"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no file in it"):
        list(given_texts([tmp_path / "empty"]))


def test_known_texts_are_every_benchmark_and_say_which_are_absent(data: Path) -> None:
    known = evaluation.known_texts(data)
    others = [p.id for p in known.problems if not p.id.startswith("clarify-")]
    assert others == ["nl4opt-0", "nl4opt-1", "bwor-0"] and "clarify" not in known.absent
    assert {"optibench", "logior", "mamo-complex"} < set(known.absent)
    assert {"nl4opt", "bwor"}.isdisjoint(known.absent)
    (found,) = [o for o in known.overlaps(JOINERY.replace("21", "22"))]
    assert (found.problem, found.benchmark, found.how) == ("nl4opt-1", "nl4opt", How.OTHER_NUMBERS)


def test_the_command_names_texts_benchmarks_and_how(
    optiwright_: Optiwright, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    clean, rows = tmp_path / "clean.txt", tmp_path / "rows.jsonl"
    clean.write_text(HARMLESS)
    rows.write_text("\n".join(json.dumps({"text": t}) for t in (HARMLESS, BAKERY)) + "\nx")
    code, out, err = optiwright_("eval", "overlap", str(clean), "--data", str(data))
    assert (code, err.strip()) == (0, "")
    assert out.splitlines() == [
        "0 texts repeat a benchmark's problem, of 1",
        "held against: nl4opt 2, bwor 1, clarify 37",
        out.splitlines()[2],
    ]
    assert "not here" in out.splitlines()[2] and "optibench, " in out.splitlines()[2]
    code, out, err = optiwright_("eval", "overlap", str(clean), str(rows), "--data", str(data))
    assert code == 1 and f"{rows}, row 2: not JSON" in err
    assert out.splitlines()[:4] == [
        f"{rows}, row 1",
        "  nl4opt-0 word for word: all its 38 words",
        "  bwor-0 word for word: all its 38 words",
        "1 text repeats a benchmark's problem, of 3 (nl4opt 1, bwor 1)",
    ]
    assert out.splitlines()[-1] == "not read, see above: 1"


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["nowhere"], "no file or folder 'nowhere'"),
        (["picture.png"], "none of the texts could be read"),
        ([], "Missing argument"),
    ],
)
def test_a_command_that_cannot_be_is_one_sentence(
    paths: list[str],
    said: str,
    optiwright_: Optiwright,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(data)
    (data / "picture.png").write_bytes(b"\x89PNG\xff")
    code, _, err = optiwright_("eval", "overlap", *paths, "--data", str(data))
    assert code == 2 and said in err and "Traceback" not in err
