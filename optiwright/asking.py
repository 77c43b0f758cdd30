"""A run's questions asked on the terminal: shown and answered in the main thread."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from concurrent.futures import Future

from rich.console import Console
from rich.markup import escape

from optiwright.formulators.errors import UserError
from optiwright.formulators.questions import Question


def is_terminal() -> bool:
    """Whether somebody can be asked: standard input and output are both a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class TerminalUser:
    """Brings a run's questions from the background loop to the terminal, and the answers back."""

    def __init__(self) -> None:
        self._replies: Future[Mapping[str, str]] = Future()

    async def ask(self, questions: tuple[Question, ...]) -> Mapping[str, str]:
        """Wait until `answer` has the replies; for `Options.ask`."""
        return await asyncio.wrap_future(self._replies)

    def answer(self, questions: tuple[Question, ...]) -> None:
        """Ask on the terminal; at the end of the input the best guesses are taken."""
        console = Console(highlight=False, soft_wrap=True)
        replies: dict[str, str] = {}
        try:
            for place, question in enumerate(questions, 1):
                console.print(f"\n[bold]Question {place} of {len(questions)}.[/bold]")
                replies[question.id] = _reply(console, question)
        except EOFError:
            console.print("The best guesses are taken.")
        self._replies.set_result(replies)


def _reply(console: Console, question: Question) -> str:
    console.print(escape(question.text))
    if question.why:
        console.print(f"[dim]{escape(question.why)}[/dim]")
    for place, choice in enumerate(question.choices, 1):
        mark = " (best guess)" if choice.label == question.guess else ""
        console.print(escape(f"  {place}. {choice.label}{mark}"))
    what = "a number" if question.number else f"1 to {len(question.choices)}"
    while True:
        said = input(f"Answer ({what}; Enter takes {question.guess}): ")
        try:
            question.answered(said)
        except UserError as error:
            console.print(escape(str(error)))
            continue
        return said
