"""A session's turn in a child that kills itself at a given event; run as a program.

It prints the kinds of the events it saw, and appends to a file whenever the model is asked, so that
a test can tell what was done twice.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from optiwright.agent.llm import Request
from optiwright.agent.options import Options
from optiwright.agent.session import Session
from optiwright.agent.session_events import SessionEvent
from optiwright.solver_tools.pool import default_pool
from tests.coffee import coffee
from tests.conversations import Conversing, creameries


def name_of(event: SessionEvent) -> str:
    """An event's kind, with the step that it belongs to."""
    step = getattr(event, "step", "")
    return f"{event.kind} {step}".strip()


Said: TypeAlias = tuple[str, dict[str, str]]
"""What a turn says, and the files that come with it: their names and paths."""


def session(name: str, asked: Path, reply_with: Callable[[], Any] = creameries) -> Session:
    """A session whose model notes down each time that it is asked."""

    def reply(request: Request) -> dict[str, object]:
        with asked.open("a", encoding="utf-8") as file:
            file.write("asked\n")
        formulation: dict[str, object] = reply_with()
        return formulation

    model = Conversing(reply)
    return Session(name, options=Options(model=model, route="compiled"))


def killed_at(name: str, said: list[Said], at: str, asked: Path) -> int:
    """Fork, say `said` there, and kill the child at the last turn's event `at`.

    Returns the child's signal; 0 where the event did not come. To be called in a process that has
    started nothing yet.
    """
    child = os.fork()
    if child == 0:
        talking = session(name, asked, coffee if said[0][1] else creameries)
        for text, files in said[:-1]:
            talking.send(text, files=contents(files))

        def watch(event: SessionEvent) -> None:
            if name_of(event) == at:
                os.kill(os.getpid(), signal.SIGKILL)

        text, files = said[-1]
        talking.send(text, files=contents(files), on_event=watch)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def contents(files: dict[str, str]) -> dict[str, bytes]:
    """The files to attach, read."""
    return {name: Path(path).read_bytes() for name, path in files.items()}


def main(folder: Path, points: list[str], said: list[Said]) -> None:
    """Kill a child at each point, each in a session of its own; print which were hit."""
    hit = []
    for number, point in enumerate(points):
        asked = folder / f"asked{number}"
        if killed_at(f"killed{number}", said, point, asked) == signal.SIGKILL:
            hit.append(point)
    print(json.dumps(hit))  # noqa: T201


if __name__ == "__main__":
    assert threading.active_count() == 1
    assert default_pool is not None
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3]))
