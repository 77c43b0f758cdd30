"""Each command and snippet of docs/clarification.md runs and says what is shown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.test_clarify import CHAIRS, ROWS, small, typed

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "clarification.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)


def test_the_commands_run_and_the_question_is_the_one_shown(
    monkeypatch: pytest.MonkeyPatch, optiwright_: Callable[..., tuple[int, str, str]]
) -> None:
    monkeypatch.chdir(ROOT)
    (shown,) = blocks("text")
    commands = [shlex.split(line)[1:] for b in blocks("sh") for line in b.splitlines()]
    said = {}
    for command in commands:
        if command[0] == "solve":
            said[tuple(command[2:])] = typed(
                monkeypatch, optiwright_, "2\n", *command[2:], problem=command[1]
            )
    lines = said[()].splitlines()
    assert all(line in lines for line in shown.splitlines())
    assert "Read otherwise" in said["--no-questions",] and '"questions"' in said["--json",]
    assert ["eval", "clarify"] in commands
    open_ = sum(row["kind"] != "clear" for row in ROWS)
    assert f"{len(ROWS)} texts of our own, {open_} with something open" in DOCUMENT


def test_the_snippets_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("optiwright.agent.setting_up.choose_model", lambda *a, **k: small(CHAIRS))
    names: dict[str, Any] = {}
    first, second = blocks("python")
    exec(compile(first, "clarification.md", "exec"), names)
    said = capsys.readouterr().out
    assert names["result"].objective == pytest.approx(1050)
    assert "exactly 10 chairs" in said and "1050" in said
    exec(compile(second, "clarification.md", "exec"), names)
    assert names["result"].objective == pytest.approx(1050)
