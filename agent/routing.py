"""Where a turn goes, by commands and plain rules; None where a model has to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from optiwright.agent.result import Status
from optiwright.agent.session_state import Kind, Route
from optiwright.agent.turn_words import GOAL, HYPOTHESIS, NEW, PLACES, REVISION, TABLE, WHAT_IF
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Formulation
from optiwright.formulators.problem_kind import ProblemKind, kind_of
from optiwright.formulators.question_reader import is_why, read_question
from optiwright.formulators.text_numbers import numbers_in

COMMANDS: dict[str, tuple[Kind, str]] = {
    "new": ("problem", "TEXT: a problem of its own"),
    "solve": ("solve", "solve the current formulation as it stands"),
    "what-if": ("what_if", "TEXT: what would be otherwise; nothing changes by it"),
    "why": ("why", "TEXT: why a decision is as it is"),
    "keep": ("keep", "make the last what-if the current answer"),
    "show": ("show", "the answer and its formulation again"),
    "explain": ("explain", "what to do, what limits it, what was assumed, how sure it is"),
    "sensitivity": ("sensitivity", "what each limit is worth"),
    "tornado": ("tornado", "which numbers matter most"),
    "sweep": ("sweep", "NAME from A to B: one number at several values"),
    "pareto": ("pareto", "NAME: the best compromises with a second goal"),
    "repairs": ("repairs", "what would make an infeasible problem possible"),
    "repair": ("repair", "N: take the Nth of the repairs"),
    "prove": ("prove", "what proves the answer"),
    "undo": ("undo", "go back to the version before"),
    "back": ("back", "VERSION: go to a version, by number or name"),
    "branch": ("branch", "NAME: name the current version, or go to the one of that name"),
    "compare": ("compare", "VERSION VERSION: two answers side by side"),
    "history": ("history", "the versions as a tree"),
    "export": ("export", "FILE: write the answer; the suffix says what"),
    "data": ("data", "FILE FILE: attach files; without any, list the tables at hand"),
    "help": ("help", "these commands"),
}
"""What begins with a slash: the kind of turn, and what it takes and does."""

_LONG_PROBLEM = 40
"""Words from which on a text with numbers is a problem of its own."""
_WORDY = 12
"""Words from which on what comes with files states a problem, whatever it begins with."""
_FILE = re.compile(r"`([^`]+)`|([\w./~-]+\.(?:formulation\.json|[A-Za-z]{2,5}))\b")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?![\w.]*\w)")


@dataclass(frozen=True)
class Scene:
    """What a turn falls into."""

    formulation: Formulation | None = None
    """Of the current answer."""
    status: Status | None = None
    """Of the current answer; None before the first."""
    attached: tuple[str, ...] = ()
    """The names of the files that came with the turn."""
    waiting: str = ""
    """The text of a problem that the turn before left without numbers."""


def route_plainly(text: str, scene: Scene) -> Route | None:
    """Return where a turn goes, by a slash command or by words that leave no doubt.

    Raises:
        UserError: if there is no such command.
    """
    said = without_files(text)
    if said.startswith("/") and not said.startswith("//"):
        return _command(said)
    if NEW.match(said) and (scene.attached or numbers_in(said)):
        return Route(kind="problem", way="rule", to=NEW.sub("", said, count=1))
    if scene.waiting and supplies(said):
        return Route(kind="problem", way="rule", to=f"{scene.waiting}\n\n{said}")
    if scene.status is None:
        return _before_an_answer(said, scene)
    return _about_the_answer(said, scene)


def supplies(text: str) -> bool:
    """Whether a text can be what was left out of the problem before it: numbers, and no problem."""
    said = without_files(text)
    new = NEW.match(said) or (_is_long(said) and GOAL.search(said))
    return bool(numbers_in(said)) and not new


def without_files(text: str) -> str:
    """Return what a turn says without a first line that only attaches files to it."""
    first, _, rest = text.strip().partition("\n")
    return rest.strip() if first.startswith("/data ") and rest else text.strip()


def _command(said: str) -> Route:
    name, _, rest = said[1:].partition(" ")
    if name not in COMMANDS:
        raise UserError(
            f"there is no command `/{name[:30]}`",
            where="the turn",
            remedy="`/help` lists them; a text that begins with a slash is told by `/new`.",
        )
    return _with_details(COMMANDS[name][0], rest.strip(), "command")


def _before_an_answer(said: str, scene: Scene) -> Route | None:
    for words in TABLE:
        if not words.answered and words.pattern.search(said) and not _is_problem(said, scene):
            return _with_details(words.kind, said, "rule")
    if HYPOTHESIS.match(said) and not _is_long(said):
        return Route(kind="what_if", way="rule", to=said)  # which says that there is no answer yet
    if numbers_in(said) or _is_problem(said, scene):
        return Route(kind="problem", way="rule", to=said)
    if scene.attached:
        return _with_details("data", said, "rule")
    for words in TABLE:
        if words.pattern.search(said):
            return _with_details(words.kind, said, "rule")
    return Route(kind="problem", way="rule", to=said) if len(said.split()) > 7 else None


def _about_the_answer(said: str, scene: Scene) -> Route | None:
    if _is_long(said, files=bool(scene.attached)):
        return Route(kind="problem", way="rule", to=said)
    if scene.attached:
        return _with_details("data", said, "rule")
    for words in TABLE:
        if words.pattern.search(said):
            return _with_details(words.kind, said, "rule")
    if is_why(said):
        return Route(kind="why", way="rule", to=said)
    if WHAT_IF.search(said) or (said.endswith("?") and _readable(said, scene)):
        return Route(kind="what_if", way="rule", to=said)
    if not said.endswith("?") and (REVISION.search(said) or _readable(said, scene)):
        return Route(kind="revision", way="rule", to=said)
    return None


def _is_long(said: str, *, files: bool = False) -> bool:
    """Whether it is as long as a problem; the numbers of one that comes with files are in those.

    A problem of steps and not of amounts has hardly any.
    """
    if len(said.split()) < _LONG_PROBLEM:
        return False
    return files or len(numbers_in(said)) >= 3 or kind_of(said) is ProblemKind.PLAN


def _is_problem(said: str, scene: Scene) -> bool:
    """Whether it states a problem, before there is an answer."""
    return _is_long(said) or (bool(scene.attached) and len(said.split()) > _WORDY)


def _readable(said: str, scene: Scene) -> bool:
    """Whether the plain reader finds a change in it."""
    if scene.formulation is None:
        return False
    try:
        return read_question(said, scene.formulation) is not None
    except FormulationError:
        return False


def _with_details(kind: Kind, said: str, way: str) -> Route:
    """Return a route with what its kind needs to know of the words."""
    to, numbers = said, tuple(float(n.replace(",", "")) for n in _NUMBER.findall(said))
    match kind:
        case "export":
            found = _FILE.search(said)
            to = (found[1] or found[2]) if found else ("" if way == "rule" else said)
        case "compare" | "back" | "repair":
            numbers = _places(said)
        case "branch" if way == "rule":
            to = _named(said)
    return Route.model_validate({"kind": kind, "way": way, "to": to, "numbers": numbers})


def _places(said: str) -> tuple[float, ...]:
    """Return the versions or places that are named by number, in their order."""
    words = re.findall(r"(?<![\w.])#?(\d+)(?:st|nd|rd|th)?(?![\w.])|\b(original|start|beginning|"
                       + "|".join(PLACES) + r")\b", said.lower())  # fmt: skip
    return tuple(float(digits or PLACES.get(word, 1)) for digits, word in words)


def _named(said: str) -> str:
    """Return the name that a sentence gives: what is quoted, else its last word."""
    quoted = re.search(r"[`\"“']([\w .-]+)[`\"”']", said)
    if quoted:
        return quoted[1].strip()
    words = re.findall(r"[\w.-]*\w", said)
    return words[-1] if len(words) > 1 else ""
