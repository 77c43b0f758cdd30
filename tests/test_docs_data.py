"""docs/data.md: every command prints what it shows, and the program runs."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from optiwright import cli

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ (optiwright [^\n]*)\n(.*?)\n```", DOCUMENT, flags=re.DOTALL)
TEXTS = re.findall(r"```text\n(.*?)```", DOCUMENT, flags=re.DOTALL)


@pytest.fixture(autouse=True)
def a_folder_with_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "data", tmp_path / "examples" / "data")
    (tmp_path / "markets-bad.csv").write_text(TEXTS[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


def told(text: str) -> str:
    """What a command printed, without steps and what differs from run to run."""
    text = re.sub(r"\n\n\d+ model calls?, .*", "\n", text)
    text = re.sub(r"(?m)^\w+ +ok  .*\n", "", text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def test_the_commands_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, shown in BLOCKS:
        monkeypatch.setattr("sys.argv", shlex.split(command))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        assert told(out if ended.value.code in {0, None} else err) == told(shown), command
        if "markets-bad" in command:
            assert ended.value.code == cli.USAGE
    assert (tmp_path / "ship.csv").read_text(encoding="utf-8") == TEXTS[2]


def test_the_page_shows_the_file_as_it_is() -> None:
    assert (ROOT / "examples" / "data" / "freight.csv").read_text(encoding="utf-8") == TEXTS[0]


def test_the_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    exec(program, {})
    out = capsys.readouterr().out
    assert "Plant" in out and "Aachen" in out and "325.0" in out
