"""docs/black-box.md: its commands run, its Python runs, and the answer says what is shown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "black-box.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(optiwright .*?)\n```", DOCUMENT, flags=re.DOTALL)
SIMULATOR = """import json, sys
point = json.load(sys.stdin)
print((point["x"] - 2) ** 2 + point["n"])
"""

RunCli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "kiln.py").write_text((ROOT / "examples" / "kiln.py").read_text())
    (tmp_path / "simulator.py").write_text(SIMULATOR)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("there")
def test_every_command_answers_and_the_first_says_what_is_shown(optiwright_: RunCli) -> None:
    (shown,) = re.findall(r"```\n(\*\*Least.*?)```", DOCUMENT, flags=re.DOTALL)
    for place, command in enumerate(COMMANDS):
        code, out, err = optiwright_(*shlex.split(command)[1:])
        assert code == 0, (command, err)
        assert place or all(line in out for line in shown.splitlines()), out
    assert len(COMMANDS) == 4


def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    exec(example, {})
    assert "How sure this is" in capsys.readouterr().out
