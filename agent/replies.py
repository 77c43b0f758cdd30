"""A user's words to the answers of the questions that a run waits with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from optiwright.agent.session_state import Exchange
from optiwright.formulators.errors import UserError
from optiwright.formulators.questions import Question, answers_to

_GUESS = re.compile(
    r"(?:(?:use|take)?\s*(?:your|the)\s+(?:best\s+)?guess(?:es)?|whatever(?: you think)?|"
    r"i (?:do not|don't) know|no idea|you (?:choose|decide)|default)[\s.!]*",
    re.I,
)
_DROP = re.compile(r"(?:never\s?mind|forget it|cancel|drop (?:it|that)|/drop)[\s.!]*", re.I)


def dropped(said: str) -> Literal["", "drop", "instead"]:
    """Whether a user leaves the questions: to say nothing more, or with a command instead."""
    if _DROP.fullmatch(said):
        return "drop"
    return "instead" if said.startswith("/") else ""


def replies_of(said: str, questions: Sequence[Question]) -> dict[str, str]:
    """Return the replies by their questions' ids; what is left out takes the best guess.

    Of several questions each is answered on a line of its own, in order; an empty line is the best
    guess. `use your best guess` is all of them.

    Raises:
        UserError: if a reply is none; says what can be answered.
    """
    if _GUESS.fullmatch(said):
        return {}
    lines = [said] if len(questions) == 1 else said.split("\n")
    if len(lines) > len(questions):
        raise UserError(
            f"there are {len(lines)} lines and {len(questions)} questions",
            where="the answers",
            remedy="Answer each question on a line of its own; an empty line is the best guess.",
        )
    replies = {
        question.id: line.strip()
        for question, line in zip(questions, lines, strict=False)
        if line.strip() and not _GUESS.fullmatch(line.strip())
    }
    answers_to(tuple(questions), replies)
    return replies


def exchanges_of(questions: Sequence[Question], replies: dict[str, str]) -> list[Exchange]:
    """Return questions and answers in words, for the turn."""
    answers = answers_to(tuple(questions), replies)
    return [
        Exchange(
            question=answer.text,
            answer=f"{answer.label}{' (best guess)' if answer.guessed else ''}",
        )
        for answer in answers
    ]
