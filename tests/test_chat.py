"""`optiwright chat` and `sessions` as users meet them: from a file, with questions, stopped."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optiwright import cli
from optiwright.agent import session as session_module
from optiwright.agent.session import Session
from optiwright.testing import ScriptedModel
from tests.conversations import PROBLEM, ROOT, TURNS, Conversing, creameries
from tests.plan_runs import FERRY, LINES
from tests.test_clarify import CHAIRS
from tests.waiting import eventually

DOCUMENT = (ROOT / "docs" / "chat.md").read_text(encoding="utf-8")
CHAT = ("chat", "--effort", "quick")
"""By one formulation, so that a script of replies is short."""
Chat = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Chat:
    """Runs a command line on turns from a file: exit code, output, standard error."""

    def run(turns: str, *arguments: str, model: Any = None) -> tuple[int, str, str]:
        played = model or Conversing([creameries()])
        monkeypatch.setattr(session_module, "choose_model", lambda *_, **__: played)
        monkeypatch.setattr("sys.argv", ["optiwright", *(arguments or CHAT)])
        monkeypatch.setattr("sys.stdin", io.StringIO(turns))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), *capsys.readouterr()

    return run


def test_the_examples_conversation_is_as_the_guide_shows_it(chat: Chat, tmp_path: Path) -> None:
    code, out, _ = chat(TURNS)
    assert code == 0
    assert out.count("\n> ") >= 10
    before, _, _ = DOCUMENT.partition("\n## Files")
    for shown in re.findall(r"```text\n(.*?)```", before, flags=re.DOTALL):
        for part in re.split(r"^\.\.\.$\n", shown, flags=re.MULTILINE):
            assert part.strip() in out, part
    assert (tmp_path / "plan.md").is_file()
    turns = Session("default").talk.turns
    assert len(turns) == 11 and all(turn.ok for turn in turns)
    assert [t.way for t in turns if t.way == "model"] == []


def test_every_command_of_the_guide_runs(chat: Chat) -> None:
    chat(TURNS)
    commands = re.findall(r"^\$ optiwright ((?!chat).*)$", DOCUMENT, flags=re.MULTILINE)
    assert {shlex.split(c)[1] for c in commands if c.startswith("sessions")} == {
        "list", "show", "rename", "resume", "export", "delete",
    }  # fmt: skip
    for command in commands:
        code, out, err = chat("", *shlex.split(command))
        assert code == 0, (command, out, err)
    assert set(re.findall(r"`(/[a-z-]+)", DOCUMENT)) >= {"/undo", "/branch", "/compare", "/export"}


def test_an_error_in_a_chat_begins_like_a_sentence(chat: Chat) -> None:
    code, out, _ = chat("/data nowhere.csv\n/nothing\n")
    assert code == 1
    assert "\nThe file cannot be read: No such file or directory" in out
    assert "\nThere is no command `/nothing`" in out


def test_a_session_is_resumed_by_name(chat: Chat) -> None:
    assert chat(f'"""\n{PROBLEM}\n"""\n', *CHAT, "--session", "cheese")[0] == 0
    code, out, _ = chat("undo\n", "sessions", "resume", "cheese")
    assert "Session `" in out and "/cheese`, 1 turn." in out
    assert code == 1 and "nothing to go back to" in out
    code, _, err = chat("", "sessions", "resume", "cheddar")
    assert code == 2 and "there is no session `cheddar`" in err and "`cheese`" in err


def test_questions_are_asked_in_the_terminal(chat: Chat) -> None:
    model = ScriptedModel(lambda request: str(CHAIRS["script"]))
    model.small = True
    code, out, _ = chat(f'"""\n{CHAIRS["text"]}\n"""\nperhaps\n2\n', model=model)
    assert code == 0, out
    assert "(best guess)" in out and "1. " in out and "is no answer" in out
    assert len(Session("default").talk.turns[0].exchanges) == 1


def test_what_waits_is_asked_again_when_the_session_goes_on(chat: Chat) -> None:
    model = ScriptedModel(lambda request: str(CHAIRS["script"]))
    model.small = True
    chat(f'"""\n{CHAIRS["text"]}\n"""\n', model=model)
    code, out, _ = chat("\n", model=model)
    assert "This waits for your answers" in out and code == 0
    assert Session("default").talk.turns[0].exchanges[0].answer.endswith("(best guess)")


def test_a_budget_that_cannot_be_kept_is_told_in_a_sentence(chat: Chat) -> None:
    code, _, err = chat("", "chat", "--turn-money", "1")
    assert code == 2 and "needs a price" in err and "Traceback" not in err


STOPPED = """
import sys
ASKED = sys.argv[1]
from optiwright.agent import session
from optiwright.testing import ScriptedModel

class Endless(ScriptedModel):
    async def complete(self, request, on_text=None):
        import asyncio
        open(ASKED, "w").close()
        await asyncio.sleep(600)

session.choose_model = lambda *_, **__: Endless([])
sys.argv = ["optiwright", "chat"]
from optiwright import cli
cli.main()
"""


def test_an_interrupt_stops_the_turn_and_not_the_session(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    running = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(asked)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert running.stdin is not None
    running.stdin.write(f'"""\n{PROBLEM}\n"""\nhello\n')
    running.stdin.flush()
    assert eventually(asked.exists, 60)
    os.kill(running.pid, signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "Stopped." in out and "State an optimization problem" in out
    turns = Session("default").talk.turns
    assert [(t.stopped, t.kind) for t in turns] == [("user", "problem"), ("", "talk")]


def test_the_transcript_can_be_said_again(chat: Chat, tmp_path: Path) -> None:
    chat(TURNS)
    chat("", "sessions", "export", "default", "again.txt")
    before = Session("default").talk.turns
    chat((tmp_path / "again.txt").read_text("utf-8").replace("plan.md", "plan2.md"),
         *CHAT, "--session", "again")  # fmt: skip
    after = Session("again").talk.turns
    assert [t.kind for t in after] == [t.kind for t in before]
    assert [t.current for t in after] == [t.current for t in before]
    listed = json.loads(chat("", "sessions", "list", "--json")[1])
    assert [n["name"] for n in listed] == ["again", "default"]


def test_the_python_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    exec(program, {})
    out = capsys.readouterr().out
    assert out.startswith("talk State an optimization problem")
    assert out.rstrip().endswith("turn_finished\nidle 1")


def test_a_plan_is_talked_about_as_any_answer_is(chat: Chat) -> None:
    turns = "\n".join(
        [
            " ".join(FERRY.split()),
            "why not sail to Old Stairs first?",
            "what if there is a fourth pier?",
        ]
    )
    code, out, _ = chat(turns + "\n", model=ScriptedModel([LINES]))
    assert code == 1  # of its turns one was refused
    assert "The best plan: 7 steps" in out
    assert "8 steps instead of 7 steps" in out
    assert "plan has no formulation that a question could change" in " ".join(out.split())
