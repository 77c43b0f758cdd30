"""The data card counts right, rows are shown with all their forms, and the commands say so."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from optiwright.formulators.errors import UserError
from optiwright.training.data_card import data_card, tokens_by
from optiwright.training.families import families
from optiwright.training.revision import code_revision
from optiwright.training.row_files import read_rows, write_rows
from optiwright.training.rows import AskedValue
from optiwright.training.showing import chosen, show_rows
from tests.evaluations import Optiwright
from tests.training_rows import BAKERY, BEST, WELLS, bakery, ferry, wells

ROWS = [
    bakery(seed=11, voice="story", verified=True),
    bakery(seed=42, voice="table", split="test"),
    wells(source="resocratic", made_by="some-model", parent="0123456789abcdef"),
    ferry(source="published", family="or-instruct", script="", seed=None),
]


# --- card -----------------------------------------------------------------------------------------


def test_the_card_counts() -> None:
    card = data_card(iter(ROWS), count_tokens=lambda text: len(text.split()), tokenizer="words")
    assert (card.rows, card.verified, card.seeds) == (4, 1, "2 from 11 to 42")
    assert card.counts == {
        "source": {"generated": 2, "resocratic": 1, "published": 1},
        "family": {"bakery": 2, "wells": 1, "or-instruct": 1},
        "class": {"MIP": 2, "not known": 1, "QP": 1},
        "split": {"train": 3, "test": 1},
        "voice": {"not known": 2, "story": 1, "table": 1},
        "model": {"no model": 2, "some-model": 1, "not known": 1},
    }
    assert set(card.characters) == {"text", "script", "indexed", "program"}
    text = card.characters["text"]
    assert text.rows == 4 and text.longest == len(WELLS)
    assert text.median == len(BAKERY) == card.characters["script"].rows * len(BAKERY) // 2
    assert card.tokens["text"].longest == len(WELLS.split())
    assert card.licences["or-instruct"].startswith("CC BY-NC")
    assert set(card.licences) == {"generated", "or-instruct", "resocratic"}
    assert card.code == code_revision() and card.code.startswith("optiwright ")


def test_lengths_are_those_of_the_ordered_rows() -> None:
    rows = [bakery(text="x" * length) for length in range(100, 0, -1)]
    found = data_card(rows).characters["text"]
    assert found.model_dump() == {
        "rows": 100, "shortest": 1, "median": 50, "nineteen_of_twenty": 95, "longest": 100,
    }  # fmt: skip


def test_the_page_has_it_all() -> None:
    page = data_card(ROWS).markdown()
    assert "4 rows, of which 1 (25.0%) are verified" in page
    assert "| bakery | 2 | 50.0% |" in page and "## By voice" in page
    assert "- Seeds: 2 from 11 to 42" in page
    assert (
        f"| text | 4 | {len(ROWS[3].text)} | {len(BAKERY)} | {len(WELLS)} | {len(WELLS)} |" in page
    )
    assert "tokens" not in page


def test_no_rows_and_no_tokenizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="there are no rows"):
        data_card([])
    with pytest.raises(UserError, match=r"there is no tokenizer\.json"):
        tokens_by(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UserError, match="it is no tokenizer"):
        tokens_by(tmp_path)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UserError, match=r"tokenizers, which is not installed.*\[train\]"):
        tokens_by(tmp_path)


def test_lengths_in_the_tokens_of_a_tokenizer(tmp_path: Path, optiwright_: Optiwright) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    folder = tmp_path / "tiny"
    folder.mkdir()
    made.save(str(folder / "tokenizer.json"))
    write_rows(tmp_path / "rows.jsonl", ROWS[:1])
    code, out, _ = optiwright_(
        "data", "stats", str(tmp_path / "rows.jsonl"), "--tokenizer", str(folder)
    )
    words = len(BAKERY.split())
    assert code == 0 and "## Lengths in tokens of tiny" in out
    assert f"| text | 1 | {words} | {words} | {words} | {words} |" in out


# --- showing --------------------------------------------------------------------------------------


def test_a_row_is_shown_with_all_its_forms() -> None:
    row = wells(
        script="```python\npump = continuous(0, None)\n```",
        elements="## Sets:\n- Wells",
        optimum=1335.0,
        sense="minimize",
        asked=(AskedValue(meaning="least cost", expression="objective", value=1335.0),),
        seed=7,
    )
    console = Console(file=io.StringIO(), width=200)
    show_rows([row], console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    for part in (
        f"{row.id} ─", "wells, class not known, generated, train, not verified, seed 7",
        WELLS[:150],
        "\npump = continuous(0, None)", "Indexed form", "## Sets:\n- Wells", "import cvxpy as cp",
        "Optimum: 1,335 (minimize)", "least cost: 1,335  (objective)",
    ):  # fmt: skip
        assert part in shown, part
    assert "```" not in shown
    assert '  {"name": "capacity", "meaning": "capacity", "unit": "", "over": "Wells"' in shown


def test_markup_in_a_row_is_shown_as_it_is() -> None:
    console = Console(file=io.StringIO(), width=200)
    show_rows([bakery(text="Make [bold]bread[/bold] of [2, 3].", indexed="{half")], console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Make [bold]bread[/bold] of [2, 3]." in shown and "{half" in shown


def test_rows_are_chosen_by_id_and_family() -> None:
    assert chosen(ROWS, n=2) == ROWS[:2]
    assert chosen(ROWS, ids=[ROWS[2].id[:6]]) == [ROWS[2]]
    assert chosen(ROWS, families=["wells", "or-instruct"]) == ROWS[2:]
    with pytest.raises(UserError, match="no such row"):
        chosen(ROWS, ids=[ROWS[2].id], families=["bakery"])


# --- commands -------------------------------------------------------------------------------------


def test_verify_stats_and_show_from_the_command_line(
    tmp_path: Path, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "mine"))
    write_rows(tmp_path / "rows.jsonl", [bakery(), bakery(optimum=7.0), wells()])
    code, out, err = optiwright_("data", "verify", str(tmp_path / "rows.jsonl"))
    (kept,) = (tmp_path / "mine" / "training").glob("rows-*-verified.jsonl")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "3 rows, 2 kept",
        "  own optimum differs: 1",
        f"    {bakery(optimum=7.0).id}  7 instead of 189",
        f"2 rows in {kept}",
        f"verdicts in {kept}.verdicts.jsonl",
    ]
    assert sorted(row.optimum or 0.0 for row in read_rows(kept)) == [BEST, pytest.approx(1335.0)]

    card = tmp_path / "card" / "card.json"
    code, out, _ = optiwright_("data", "stats", str(kept), "--json", "--out", str(card))
    assert (code, out) == (0, f"{card}\n")
    assert json.loads(card.read_text())["verified"] == 2

    code, out, _ = optiwright_("data", "show", str(kept), "--family", "wells", "-n", "5")
    assert code == 0 and "wells, MIP, generated, train, verified" in out and "bakery" not in out


def test_faults_are_a_sentence(tmp_path: Path, optiwright_: Optiwright) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "a"}\n')
    for command in ("verify", "stats", "show", "dedupe"):
        code, _, err = optiwright_("data", command, str(tmp_path / "bad.jsonl"))
        assert code == 2 and "line 1 is no training row: `source` is missing" in err
        assert "Traceback" not in err
    code, _, err = optiwright_("data", "verify", str(tmp_path / "bad.jsonl"), "--out", "rows.csv")
    assert code == 2 and "ends in .jsonl or .parquet" in err


@pytest.mark.parametrize("place", ["folder.jsonl", "file/rows.jsonl", "file/rows.parquet"])
def test_an_output_that_cannot_be_written_is_a_sentence(
    place: str, tmp_path: Path, optiwright_: Optiwright
) -> None:
    write_rows(tmp_path / "rows.jsonl", [bakery()])
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "file").write_text("mine")
    for command in ("verify", "stats", "dedupe"):
        code, _, err = optiwright_(
            "data", command, str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / place)
        )
        assert code == 2 and (f"in {tmp_path / place}" in err), err
        assert "cannot be written" in err or "that is a folder" in err
    assert {p.name for p in tmp_path.iterdir()} == {"rows.jsonl", "folder.jsonl", "file"}


@pytest.mark.parametrize(("room", "full"), [(100, "out.jsonl.verdicts.jsonl"), (500, "out.jsonl")])
def test_a_full_disk_is_a_sentence_and_the_earlier_file_stays(
    room: int, full: str, tmp_path: Path
) -> None:
    write_rows(tmp_path / "rows.jsonl", [bakery()] * 3)
    write_rows(tmp_path / "out.jsonl", [bakery()])
    said = subprocess.run(
        [sys.executable, "-m", "optiwright", "data", "verify", "rows.jsonl", "--out", "out.jsonl"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "OPTIWRIGHT_DATA_DIR": str(tmp_path / "mine")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert said.returncode == 2
    assert f"it cannot be written: File too large (in {full}). Make room" in said.stderr
    assert list(read_rows(tmp_path / "out.jsonl")) == [bakery()]


def test_parquet_without_its_library_is_refused_before_anything_is_solved(
    tmp_path: Path, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write_rows(tmp_path / "rows.jsonl", [bakery()])
    for typed in (["synth", "--n", "1"], ["verify", str(tmp_path / "rows.jsonl")]):
        code, _, err = optiwright_("data", *typed, "--out", str(tmp_path / "rows.parquet"))
        assert code == 2 and 'pip install "optiwright[data]"' in err
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_file_without_rows_is_called_so(tmp_path: Path, optiwright_: Optiwright) -> None:
    (tmp_path / "none.jsonl").touch()
    code, _, err = optiwright_("data", "show", str(tmp_path / "none.jsonl"))
    assert code == 2 and "there are no rows" in err


def test_families_of_another_split_are_refused_and_draws_do_not_take_each_others_place(
    optiwright_: Optiwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path))
    aside = next(f.name for f in families().values() if f.aside)
    code, _, err = optiwright_("data", "synth", "--family", "blending", "--split", "test")
    assert code == 2 and "none of these families is of split test" in err
    code, _, err = optiwright_("data", "synth", "--family", aside, "--split", "train")
    assert code == 2 and "none of these families is of split train" in err
    for options in ((), ("--family", "blending"), ("--family", aside), ("--split", "test")):
        assert optiwright_("data", "synth", "--n", "1", *options)[0] == 0
    drawn = {
        p.name: list(read_rows(p)) for p in (tmp_path / "training").glob("generated-*-0.jsonl")
    }
    assert {name: row.split for name, (row,) in drawn.items()} == {
        "generated-train-0.jsonl": "train",
        "generated-blending-0.jsonl": "train",
        f"generated-{aside.replace(' ', '_')}-0.jsonl": "test",
        "generated-test-0.jsonl": "test",
    }


def test_rows_of_other_options_are_not_written_over(
    optiwright_: Optiwright, tmp_path: Path
) -> None:
    out = tmp_path / "drawn.jsonl"
    options = ("--family", "blending", "--out", str(out))
    assert optiwright_("data", "synth", "--n", "1", *options)[0] == 0
    assert optiwright_("data", "synth", "--n", "2", *options)[0] == 0  # more of the same
    before, verdicts = out.read_bytes(), Path(f"{out}.verdicts.jsonl").read_bytes()
    for others, lost in ((("--n", "1"), 1), (("--n", "3", "--seed", "5"), 2)):
        code, _, err = optiwright_("data", "synth", *others, *options)
        assert code == 2 and f"would be lost: {lost} of 2" in err and "`--out`" in err
    assert (out.read_bytes(), Path(f"{out}.verdicts.jsonl").read_bytes()) == (before, verdicts)


@pytest.mark.parametrize("command", ["verify", "dedupe"])
def test_an_output_that_is_read_or_holds_something_else_stays(
    command: str, optiwright_: Optiwright, tmp_path: Path
) -> None:
    rows, others, notes = (tmp_path / f"{name}.jsonl" for name in ("rows", "others", "notes"))
    write_rows(rows, [bakery(), bakery(optimum=7.0)])
    write_rows(others, [wells()])
    notes.write_text("to do\n")
    for out, said in (
        (rows, "it is read, and what is left out would be lost"),
        (others, "other rows are there and would be lost: 1 of 1"),
        (notes, "something other than rows is there"),
    ):
        before = out.read_bytes()
        code, _, err = optiwright_("data", command, str(rows), "--out", str(out))
        assert code == 2 and said in err
        assert out.read_bytes() == before


def test_files_of_one_name_have_outputs_of_their_own(
    optiwright_: Optiwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "mine"))
    for folder, row in (("a", bakery()), ("b", wells())):
        (tmp_path / folder).mkdir()
        write_rows(tmp_path / folder / "rows.jsonl", [row])
        for command in ("verify", "dedupe"):
            assert optiwright_("data", command, str(tmp_path / folder / "rows.jsonl"))[0] == 0
    for what in ("verified", "deduplicated"):
        files = (tmp_path / "mine" / "training").glob(f"rows-*-{what}.jsonl")
        assert sorted(row.family for p in files for row in read_rows(p)) == ["bakery", "wells"]


def test_a_last_row_that_is_cut_off_is_said_once(
    optiwright_: Optiwright, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [bakery(), wells()])
    rows.write_bytes(rows.read_bytes()[:-30])
    code, out, _ = optiwright_("data", "verify", str(rows), "--out", str(tmp_path / "out.jsonl"))
    assert code == 0 and "1 rows, 1 kept" in out
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"optiwright: line 2 of {rows}, the last one, is cut off and left out"]
