"""What docs/page.md says is so: its commands are ours, its shell lines make a file that opens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from optiwright.ui import launch
from optiwright.ui.access import SHORTEST_TOKEN, TOKEN_FILE, people_with_tokens
from optiwright.ui.gallery import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)


def test_beyond_this_machine_it_says_what_is_shown(
    optiwright_: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (block,) = blocks("console")
    command, _, shown = block.removeprefix("$ optiwright ").partition("\n")
    code, _, err = optiwright_(*shlex.split(command))
    assert code == 2 and err.startswith(shown.strip())


def test_the_shell_lines_make_tokens_and_a_file_of_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, several = (b for b in blocks("sh") if "secrets.token_urlsafe" in b)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def said(block: str) -> list[str]:
        lines = [line for line in block.splitlines() if not line.startswith("optiwright")]
        done = subprocess.run(
            ["bash", "-euc", "\n".join(lines)],
            cwd=tmp_path,
            env={"PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    assert len(said(one)[0]) >= SHORTEST_TOKEN
    given = dict(line.split(" gets ") for line in said(several))
    monkeypatch.setenv(TOKEN_FILE, str(tmp_path / "people.txt"))
    people = people_with_tokens()
    assert people is not None
    assert {name: people.who(token) for name, token in given.items()} == {
        "ada": "ada",
        "ben": "ben",
    }


def test_the_provider_that_is_shown_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "find_spec", lambda name: name)
    (block,) = blocks("toml")
    launch._check_oidc({**tomllib.loads(block)["auth"]}, Path("secrets.toml"))


def test_the_figures_are_those_of_the_page() -> None:
    words = {15: "fifteen", 14: "fourteen", 13: "thirteen", 12: "twelve"}
    assert f"{words[len(EXAMPLES)]} examples by field" in DOCUMENT
    assert f"It has {SHORTEST_TOKEN} characters or more" in DOCUMENT
    from optiwright.ui import server, sign_in

    assert f"Files of up to {server._LARGEST_UPLOAD_MB} MB" in DOCUMENT
    assert f"cookie for {sign_in._DAYS} days" in DOCUMENT and sign_in.SIGN_OUT in DOCUMENT
