"""What docs/questions-diagnosis.md shows is what the commands say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from optiwright import cli

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "questions-diagnosis.md").read_text(encoding="utf-8")


def test_every_command_says_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path))
    blocks = re.findall(r"```console\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    shown = [part for block in blocks for part in block.split("$ optiwright ")[1:]]
    assert len(shown) >= 6
    for part in shown:
        command, _, output = part.partition("\n")
        monkeypatch.setattr("sys.argv", ["optiwright", *shlex.split(command)])
        with pytest.raises(SystemExit):
            cli.main()
        said = "".join(capsys.readouterr())
        for line in filter(None, output.splitlines()):
            assert line in said, (command, said)
