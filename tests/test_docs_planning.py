"""Each command and snippet of docs/planning.md runs and says what is shown."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optiwright.testing import ScriptedModel
from tests.plan_runs import LINES, RIGHT, STEPS, program

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "planning.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)


def test_the_guide_is_as_it_says(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    optiwright_: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    model = ScriptedModel([LINES, RIGHT, program(STEPS)])
    monkeypatch.setattr("optiwright.agent.setting_up.choose_model", lambda *_, **__: model)
    said = ""
    for command in [line for block in blocks("sh") for line in block.splitlines()]:
        code, out, _ = optiwright_(*shlex.split(command)[1:])
        assert code == 0, command
        said += out
    lines = [line.strip() for line in said.splitlines()]
    shown = [line.strip() for block in blocks("text") for line in block.splitlines()]
    assert [line for line in shown if line not in lines] == []
    assert (tmp_path / "plan.md").is_file()
    (snippet,) = blocks("python")
    exec(compile(snippet, "planning.md", "exec"), dict[str, Any]())
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "optimal 7.0 checked"
    assert printed[1] == "sail(north_haven, mill_quay)" and printed[-1] == "1.0"
