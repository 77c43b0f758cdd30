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
from pathlib import Path

from optiwright.agent.llm import Request
from optiwright.agent.options import Options
from optiwright.agent.session import Session
from optiwright.agent.session_events import SessionEvent
from optiwright.solver_tools.pool import default_pool
from tests.conversations import Conversing, creameries


def name_of(event: SessionEvent) -> str:
    """An event's kind, with the step that it belongs to."""
    step = getattr(event, "step", "")
    return f"{event.kind} {step}".strip()


def session(name: str, asked: Path) -> Session:
    """A session whose model notes down each time that it is asked."""

    def reply(request: Request) -> dict[str, object]:
        with asked.open("a", encoding="utf-8") as file:
            file.write("asked\n")
        return creameries()

    model = Conversing(reply)
    return Session(name, options=Options(model=model, route="compiled"))


def killed_at(name: str, texts: list[str], at: str, asked: Path) -> int:
    """Fork, say `texts` there, and kill the child at the last turn's event `at`.

    Returns the child's signal; 0 where the event did not come. To be called in a process that has
    started nothing yet.
    """
    child = os.fork()
    if child == 0:
        talking = session(name, asked)
        for text in texts[:-1]:
            talking.send(text)

        def watch(event: SessionEvent) -> None:
            if name_of(event) == at:
                os.kill(os.getpid(), signal.SIGKILL)

        talking.send(texts[-1], on_event=watch)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def main(folder: Path, points: list[str], texts: list[str]) -> None:
    """Kill a child at each point, each in a session of its own; print which were hit."""
    hit = []
    for number, point in enumerate(points):
        asked = folder / f"asked{number}"
        if killed_at(f"killed{number}", texts, point, asked) == signal.SIGKILL:
            hit.append(point)
    print(json.dumps(hit))  # noqa: T201


if __name__ == "__main__":
    assert threading.active_count() == 1
    assert default_pool is not None
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3]))
