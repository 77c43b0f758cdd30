"""docs/questions.md walks through one problem: every command prints what it shows."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from optiwright import cli

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ (optiwright [^\n]*)\n(.*?)\n```", DOCUMENT, flags=re.DOTALL)


@pytest.fixture(autouse=True)
def a_folder_with_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "questions", tmp_path / "examples" / "questions")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


def told(text: str) -> str:
    """What a command printed, without what differs from run to run."""
    text = re.sub(r"Record: \S+", "Record: ...", text)
    text = re.sub(r"\n\n\d+ model calls?, .*\n", "\n", text)
    text = re.sub(r"[\d,]+ bytes", "some bytes", text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def test_every_kind_of_question_is_there() -> None:
    asked = [shlex.split(command)[1] for command, _ in BLOCKS]
    assert set(asked) >= {
        "solve", "explain", "prove", "sensitivity", "tornado", "sweep", "pareto", "whatif", "why",
        "repairs", "history", "undo", "export",
    }  # fmt: skip


def test_the_commands_print_what_the_page_shows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, shown in BLOCKS:
        monkeypatch.setattr("sys.argv", shlex.split(command))
        with pytest.raises(SystemExit):
            cli.main()
        assert told(capsys.readouterr().out) == told(shown), command


def test_the_program_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    exec(program, {})
    out = capsys.readouterr().out
    assert "11,380 euros" in out
    assert "need[Berlin]: 180 -> 225 pallets (+25%)" in out
    assert "raised from 5,000 to 5,310 euros" in out
    assert {p.name for p in tmp_path.iterdir()} >= {"berlin.svg", "plan.md"}
