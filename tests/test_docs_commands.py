"""Every `optiwright` command that README and the guides show is taken, with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from optiwright.cli import app
from optiwright.eval_cli import BenchmarkFirst

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FOR = {"ROUTE": "both", "$k/6": "1/6"}
"""What stands for words that a reader is to fill in, where not everything will do."""

UNFINISHED = {"MissingParameter", "BadOptionUsage", "NoArgsIsHelpError", "Exit"}
"""How a command ends that a sentence only names: something is still to be given, or `--help` is."""


def in_blocks(page: str) -> list[str]:
    shown = "\n".join(b for kind, b in FENCED.findall(page) if kind in ("sh", "console", ""))
    lines = shown.replace("\\\n", " ")
    return re.findall(r"(?:^|^\$ |; do |^ +)optiwright ([^;|<\n]+)", lines, re.MULTILINE)


def in_sentences(page: str) -> list[str]:
    return re.findall(r"`optiwright ([^`<]+)", FENCED.sub("", page))


def take(command: str) -> None:
    words = [FOR.get(word, word) for word in shlex.split(command, comments=True)]
    taking: Any = typer.main.get_command(app)
    while words and words[0] in getattr(taking, "commands", {}):
        taking = taking.commands[words.pop(0)]
        if isinstance(taking, BenchmarkFirst) and not {*words[:1]} & {*taking.commands}:
            taking = taking.commands["run"]
    assert not (hasattr(taking, "commands") and words), f"there is no {words[0]!r} ({command})"
    taking.make_context(command, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_taken(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for command in in_blocks(text):
        take(command)
    for command in in_sentences(text):
        try:
            take(command)
        except Exception as error:
            if type(error).__name__ not in UNFINISHED:
                raise


def test_there_are_some() -> None:
    assert sum(len(in_blocks(page.read_text(encoding="utf-8"))) for page in PAGES) > 100
