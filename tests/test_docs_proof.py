"""What docs/questions-proof.md shows is what the command says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from optiwright import cli, solve
from tests.feed_model import feed

DOCUMENT = (Path(__file__).parents[1] / "docs" / "questions-proof.md").read_text(encoding="utf-8")
ROUNDING = re.compile(r"\d(\.\d+)?e-\d+|\b0(?= \(up to)")
"""What is left in the last digit differs between machines, and may be nothing."""


def test_the_command_says_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "feed.json").write_text(solve(feed()).to_json(), encoding="utf-8")
    (block,) = re.findall(r"```\n\$ optiwright (.*?)```", DOCUMENT, flags=re.DOTALL)
    command, _, shown = block.partition("\n")
    monkeypatch.setattr("sys.argv", ["optiwright", *shlex.split(command)])
    with pytest.raises(SystemExit):
        cli.main()
    said = ROUNDING.sub("~", "".join(capsys.readouterr()))
    for line in filter(None, shown.splitlines()):
        assert ROUNDING.sub("~", line) in said, (line, said)
