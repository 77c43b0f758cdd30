"""A language model's look at what is open: what the words settle, and what else they do not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from optiwright.agent.asking import ask_for_json
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.state import Context
from optiwright.formulators.asked_numbers import asked_numbers
from optiwright.formulators.change_reply import read_changes
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import formulation_to_plain
from optiwright.formulators.questions import Choice, Kind, Question, slug
from optiwright.formulators.reading_again import reading

_MAX_TOKENS = 1500
_MOST_MORE = 3


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Point(_Reply):
    question: str
    guess: str
    other: str
    changes: list[str]


class _Look(_Reply):
    settled: list[str]
    more: list[_Point]


async def second_look(
    context: Context,
    formulation: Formulation,
    text: str,
    questions: Sequence[Question],
    number: int,
) -> list[Question]:
    """Return the questions less those that the words settle, and what else a model finds open.

    One call. What it proposes counts only as changes of this formulation, with numbers of the text.
    Where it does not answer, the questions stand as they are.

    Args:
        context: with a model that is not small.
        formulation: with the assumptions that were made.
        text: the problem in words.
        questions: found without a model.
        number: of the attempt.
    """
    try:
        look = await _asked(context, formulation, text, questions, number)
    except (ProviderError, ValidationError) as error:
        context.recorder.emit(Notice, message=f"No second look at what is open: {error}")
        return list(questions)
    kept = [q for q in questions if q.id not in look.settled]
    more = await asyncio.to_thread(lambda: list(_more(look, formulation, text)))
    known = {q.id for q in kept}
    return [*kept, *(q for q in more if q.id not in known)]


def _more(look: _Look, formulation: Formulation, text: str) -> Iterator[Question]:
    for point in look.more[:_MOST_MORE]:
        try:
            lines = "\n".join(point.changes)
            changes = read_changes(lines, formulation, asked_numbers(text))
            other = Choice(label=point.other, meaning=point.other, changes=changes)
            question = Question(
                id=slug("other", point.question),
                kind=Kind.OTHER,
                text=point.question,
                choices=(Choice(label=point.guess, meaning=point.guess), other),
                guess=point.guess,
            )
        except (FormulationError, ValidationError):
            continue  # no reading that could be solved
        if changes and reading(formulation, other) is not None:
            yield question


async def _asked(
    context: Context,
    formulation: Formulation,
    text: str,
    questions: Sequence[Question],
    number: int,
) -> _Look:
    reply = await ask_for_json(
        context,
        "clarify",
        number,
        ("open_points", LOOK_SCHEMA),
        _MAX_TOKENS,
        problem=text,
        formulation=formulation_to_plain(formulation),
        points=list(questions),
    )
    return _Look.model_validate_json(reply)


_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_POINT = {"question": _TEXT, "guess": _TEXT, "other": _TEXT, "changes": _TEXTS}
LOOK_SCHEMA = {
    "type": "object",
    "properties": {
        "settled": _TEXTS,
        "more": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": _POINT,
                "required": list(_POINT),
                "additionalProperties": False,
            },
        },
    },
    "required": ["settled", "more"],
    "additionalProperties": False,
}
"""Written out, not derived: strict modes take no titles and descriptions."""
