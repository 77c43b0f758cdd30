"""The terminal's side of a conversation: lines in, answers out; the engine does the rest."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape

from optiwright.agent.run import Waiting
from optiwright.agent.session import Session
from optiwright.agent.session_events import (
    SessionEvent,
    TurnFinished,
    TurnNotice,
    TurnRouted,
    TurnStarted,
    WhatChanges,
)
from optiwright.agent.session_state import Turn
from optiwright.agent.session_thread import Ended
from optiwright.console import Progress, show_difference
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.phrases import capitalised, counted
from optiwright.formulators.questions import Question

ANSWERED, NOT_ANSWERED = 0, 1
QUOTES = '"""'

_OWN = """- `/sessions`: list your sessions
- `/drop`: leave the questions that a run waits with
- `/quit`: end; the session is kept

Every other line is a turn. Three quotes on a line of their own begin and end a turn of several
lines. Ctrl-C stops a turn, Ctrl-D ends."""


def converse(session: Session) -> int:
    """Talk until the input ends; return the exit code, 1 if the last turn came to nothing."""
    talker = _Talker(session)
    talker.welcome()
    talker.go_on()
    for said in talker.lines():
        if said.split(" ")[0] in {"/quit", "/exit"}:
            break
        talker.take(said)
    return ANSWERED if talker.ok else NOT_ANSWERED


class _Talker:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._terminal = sys.stdin.isatty()
        self._console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        self._questions: tuple[Question, ...] = ()
        self._replies: list[str] = []
        self.ok = True
        if self._terminal:
            _edit_lines()

    # --- in ---------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        """Yield what is said, a turn at a time."""
        while (line := self._line(self._prompt())) is not None:
            if line.strip() == QUOTES:
                line = self._block()
            if line.strip() or self._questions:
                yield line.strip()

    def _prompt(self) -> str:
        if self._questions:
            return f"{len(self._replies) + 1}/{len(self._questions)}> "
        return "> "

    def _line(self, prompt: str) -> str | None:
        try:
            return input(prompt if self._terminal else "")
        except EOFError:
            return None
        except KeyboardInterrupt:
            Console(stderr=True).print()
            return ""
        except UnicodeDecodeError as error:
            raise UserError(
                f"the turns are not text in UTF-8: {error.reason}",
                where="standard input",
                remedy="Save the file as UTF-8 text.",
            ) from None

    def _block(self) -> str:
        found: list[str] = []
        while (line := self._line("... ")) is not None and line.strip() != QUOTES:
            found.append(line)
        return "\n".join(found)

    # --- one turn ---------------------------------------------------------------------------------

    def take(self, said: str) -> None:
        """Do what one turn asks for, and print what comes of it."""
        if not self._terminal:
            self._echo(said)
        try:
            if self._questions and not said.startswith("/"):
                self._reply(said)
                return
            self._questions, self._replies = (), []
            self._command(said)
        except OptiwrightError as error:
            self.ok = False
            self._say(_sentence(error))
        except KeyboardInterrupt:
            self.ok = False
            self._say("Stopped. The session is as it was before this turn.")

    def _command(self, said: str) -> None:
        name = said.split()[0] if said else ""
        if name == "/sessions":
            from optiwright.sessions_cli import listed

            self._say(listed(self._session.name.partition("/")[0]))
        elif name == "/data":
            first = said.partition("\n")[0]
            self._turn(said, attached(first.removeprefix("/data").strip()))
        else:
            self._turn(said)
            if name == "/help":
                self._say(_OWN)

    def _reply(self, said: str) -> None:
        """Take one answer; the last of them sends them all."""
        question = self._questions[len(self._replies)]
        try:
            question.answered(said)
        except UserError as error:
            self._say(_sentence(error))
            return
        self._replies.append(said)
        if len(self._replies) < len(self._questions):
            self._ask(len(self._replies))
            return
        replies, self._questions, self._replies = self._replies, (), []
        self._turn("\n".join(replies) if any(replies) else "use your best guess")

    def _turn(self, said: str, files: dict[str, bytes] | None = None) -> None:
        with _Shown(self._console) as shown:
            ended = self._session.send(said, files=files, on_event=shown.show)
        self._ended(ended)

    def go_on(self) -> None:
        """Go on with what was cut off or waits."""
        standing = self._session.standing()
        if standing.state == "cut off":
            self._say(f"Going on with the turn that was cut off: {_brief(standing.text)}")
            with _Shown(self._console) as shown:
                ended = self._session.resume(on_event=shown.show)
            if ended is not None:
                self._ended(ended)
        elif standing.waiting is not None:
            self._say(f"This waits for your answers: {_brief(standing.text)}")
            self._ended(standing.waiting)

    # --- out --------------------------------------------------------------------------------------

    def welcome(self) -> None:
        """Say where the session stands."""
        talk = self._session.talk
        if talk.turns:
            last = talk.turns[-1]
            turns = counted(len(talk.turns), "turn")
            self._say(f"Session `{self._session.name}`, {turns}. Last: {_brief(last.text)}")
        elif self._terminal:
            self._say(
                "State a problem, or `/help`. Several lines: begin and end them with a line of "
                'three quotes (""").'
            )

    def _ended(self, ended: Ended) -> None:
        if isinstance(ended, Waiting):
            self._questions, self._replies = ended.questions, []
            self._ask(0)
            return
        self.ok = ended.ok
        self._say(ended.answer)
        self._footer(ended)

    def _ask(self, at: int) -> None:
        question = self._questions[at]
        lines = [f"**{question.text}** {question.why}".rstrip()]
        for k, choice in enumerate(question.choices, 1):
            guess = " (best guess)" if choice.label == question.guess else ""
            lines.append(f"{k}. {choice.label}: {choice.meaning}{guess}")
        own = ", or a number" if question.number else ""
        lines.append(f"Answer with a place or its words{own}; an empty line takes the best guess.")
        self._say("\n".join(lines))

    def _footer(self, turn: Turn) -> None:
        if turn.spent.calls:
            spent = f"{turn.spent.words}, {turn.spent.seconds:.1f} s"
            Console(stderr=True, highlight=False).print(f"[dim]{spent}[/dim]")

    def _say(self, markdown: str) -> None:
        if self._console.is_terminal:
            self._console.print(Markdown(markdown))
        else:
            self._console.print(escape(markdown.rstrip()))
        self._console.print()

    def _echo(self, said: str) -> None:
        """Print a turn that came from a file, so that the output reads as a conversation."""
        lines = said.split("\n")
        self._console.print(escape("\n".join(f"> {line}".rstrip() for line in lines)))
        self._console.print()


class _Shown:
    """The progress of a turn, on standard error but for what it changes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress()

    def __enter__(self) -> _Shown:
        self._progress.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.__exit__(*error)

    def show(self, event: SessionEvent) -> None:
        """Show one event."""
        match event:
            case TurnNotice(message=message):
                Console(stderr=True, highlight=False).print(f"  [dim]{escape(message)}[/dim]")
            case TurnStarted() | TurnRouted() | TurnFinished():
                pass
            case WhatChanges(lines=lines):
                if self._console.is_terminal:
                    show_difference(lines)
            case _:
                self._progress.show(event)


def attached(named: str) -> dict[str, bytes]:
    """Return the files that are named, one after the other, each by its name without the folder.

    Raises:
        UserError: if one cannot be read, or two have one name.
    """
    whole = Path(named).expanduser()
    try:
        paths = [whole] if named and whole.is_file() else _split(named)
    except OSError:  # too long for one name
        paths = _split(named)
    found: dict[str, bytes] = {}
    for path in paths:
        if path.name in found:
            raise UserError(
                f"two files are called `{path.name}`",
                where="/data",
                remedy="Attach them one after the other, or rename one.",
            )
        try:
            found[path.name] = path.read_bytes()
        except OSError as error:
            raise UserError(
                f"the file cannot be read: {error.strerror}",
                where=str(path),
                remedy="Give the path of a file that is there, one with blanks in quotes.",
            ) from None
    return found


def _split(named: str) -> list[Path]:
    try:
        return [Path(name).expanduser() for name in shlex.split(named)]
    except ValueError:
        raise UserError(
            "a quote is opened and not closed",
            where=f"/data {named}",
            remedy='Write `/data "my costs.csv"`.',
        ) from None


def _edit_lines() -> None:
    """Let lines be edited and called back, with the readline of the standard library."""
    try:
        import readline
    except ImportError:
        return
    readline.parse_and_bind("set enable-bracketed-paste on")


def _brief(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 70 else words[:67] + "..."


def _sentence(error: OptiwrightError) -> str:
    return capitalised(str(error))
