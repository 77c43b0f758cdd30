"""What a text leaves open, as data: a question with choices, and the answer that was given to it.

Each choice is a reading of the text. What it does to the formulation is typed changes, none for the
reading that the formulation has already; only a number that the formulation has no place for goes
back into the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field, model_validator

from optiwright.formulators.changes import Changes, SetTo
from optiwright.formulators.errors import UserError
from optiwright.formulators.figures import number
from optiwright.formulators.model import Part
from optiwright.formulators.text_numbers import numbers_in


class Kind(StrEnum):
    """What it is that a text leaves open."""

    INTEGRALITY = "integrality"
    """Whole things, or parts of them too."""
    EXACTLY = "at least or exactly"
    """A number that is to be made, met or delivered: no less, or just that."""
    USE = "used up or some left"
    """A stock that is there to be used: all of it, or as much as helps."""
    PERIOD = "per day or per week"
    """Which period a number is for, where the text speaks of two."""
    LIMIT = "limited or not"
    """How much of something may be had: a demand that limits sales, one of a kind or several."""
    SCOPE = "each or in all"
    """A number for each of several things, or for all of them together."""
    BASE = "the base of a rate"
    """Of what a percentage is meant."""
    OBJECTIVE = "objective"
    """What is to be best."""
    DATA = "missing data"
    """A number that the problem needs and the text does not give."""
    OTHER = "other"
    """What a language model found to be open, of none of these kinds."""


class Choice(Part):
    """One reading of what is open."""

    label: str = Field(min_length=1)
    """Short and unlike the others'; what a user answers."""
    meaning: str
    """The reading in a sentence."""
    changes: Changes = ()
    """What it does to the formulation; nothing where that reads the text so already."""


class Answer(Part):
    """What a user said to a question, or the best guess where nothing was said."""

    question: str
    """Its id."""
    kind: Kind
    text: str
    """What was asked."""
    label: str
    """The choice's, or the number that was given."""
    meaning: str
    changes: Changes = ()
    guessed: bool = False
    """Whether it is the best guess, for want of an answer."""
    into_text: bool = False
    """Whether the formulation has no place for it, so that the text is formulated anew with it."""


class Question(Part):
    """Something that the text leaves open and that may change the answer."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    """The same whenever the same text is looked at again."""
    kind: Kind
    text: str
    """The question, a sentence."""
    choices: tuple[Choice, ...] = Field(min_length=1)
    """The best guess comes first."""
    guess: str
    """The label of the choice that is taken where nobody answers."""
    why: str = ""
    """What hangs on it, a sentence or two; empty until the readings are solved."""
    words: str = ""
    """The words of the text that leave it open."""
    number: bool = False
    """Whether a number of one's own is an answer too."""
    parameters: tuple[str, ...] = ()
    """Those that take such a number; none where the text has to be formulated anew with it."""

    @model_validator(mode="after")
    def _guess_is_a_choice(self) -> Question:
        labels = [c.label.casefold() for c in self.choices]
        if len(set(labels)) < len(labels):
            raise ValueError("two choices have one label")
        if self.guess not in {c.label for c in self.choices}:
            raise ValueError("`guess` is the label of none of the choices")
        return self

    @property
    def best(self) -> Choice:
        """The choice that is the best guess."""
        return next(c for c in self.choices if c.label == self.guess)

    def answered(self, reply: str | None) -> Answer:
        """Return what a reply means: a choice's label or its place from 1 on, or a number.

        Nothing, or nothing but blanks, is the best guess.

        Raises:
            UserError: if it is none of those; says what can be answered.
        """
        said = (reply or "").strip()
        if not said:
            return self._answer(self.best, guessed=True)
        chosen = next((c for c in self.choices if c.label.casefold() == said.casefold()), None)
        if chosen is None and self.number:
            return self._given(said)
        if chosen is None and said.isdecimal() and 1 <= int(said) <= len(self.choices):
            chosen = self.choices[int(said) - 1]
        if chosen is None:
            raise self._unreadable(said)
        return self._answer(chosen)

    def _answer(self, choice: Choice, *, guessed: bool = False) -> Answer:
        return Answer(
            question=self.id,
            kind=self.kind,
            text=self.text,
            label=choice.label,
            meaning=choice.meaning,
            changes=choice.changes,
            guessed=guessed,
        )

    def _given(self, said: str) -> Answer:
        found = numbers_in(said)
        if len(found) != 1 or not math.isfinite(found[0].value):
            raise self._unreadable(said)
        value = found[0].value / 100 if found[0].percent else found[0].value
        changes = tuple(SetTo(parameter=name, value=value) for name in self.parameters)
        shown = number(value) if found[0].percent and changes else said
        return Answer(
            question=self.id,
            kind=self.kind,
            text=self.text,
            label=said,
            meaning=f"{self.words}: {shown}",
            changes=changes,
            into_text=not changes,
        )

    def _unreadable(self, said: str) -> UserError:
        labels = ", ".join(f"`{c.label}`" for c in self.choices)
        own = ", or a number" if self.number else ""
        return UserError(
            f"`{said[:60]}` is no answer to the question {self.text!r}",
            where=self.id,
            remedy=f"Answer {labels} or its place in that list{own}; nothing takes `{self.guess}`.",
        )


def of_two(
    name: str,
    kind: Kind,
    text: str,
    meant: tuple[str, str],
    other: tuple[str, str],
    changes: Changes,
    words: str = "",
) -> Question:
    """Return a question between two readings, each a label and its meaning.

    Args:
        name: the question's id.
        kind: of what is open.
        text: the question.
        meant: as the formulation reads it; the best guess.
        other: the other reading.
        changes: what that does to the formulation.
        words: of the text that leave it open.
    """
    (label, meaning), (other_label, other_meaning) = meant, other
    return Question(
        id=name,
        kind=kind,
        text=text,
        choices=(
            Choice(label=label, meaning=meaning),
            Choice(label=other_label, meaning=other_meaning, changes=changes),
        ),
        guess=label,
        words=words,
    )


def slug(kind: str, words: str) -> str:
    """Return a question's id, made of a kind and words of the text."""
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return f"{kind}_{plain[:40].strip('_')}" if plain else kind


def answers_to(questions: Sequence[Question], replies: Mapping[str, str]) -> tuple[Answer, ...]:
    """Return the answers to questions, the best guess where there is no reply.

    Raises:
        UserError: if a reply is no answer, or belongs to none of the questions.
    """
    known = {q.id for q in questions}
    for name in replies:
        if name not in known:
            raise UserError(
                f"there is no open question `{name}`",
                where="answers",
                remedy=f"Open are {', '.join(f'`{q.id}`' for q in questions) or 'none'}.",
            )
    return tuple(q.answered(replies.get(q.id)) for q in questions)
