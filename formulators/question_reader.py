"""Plain questions read without a model: one number, one thing it is about, no doubt about either.

Everything that is not plain is left to a language model: None is returned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from optiwright.formulators.asked_numbers import AskedNumber, asked_numbers
from optiwright.formulators.changes import Changes
from optiwright.formulators.goal_reader import read_goal
from optiwright.formulators.model import Formulation
from optiwright.formulators.named_places import places_of
from optiwright.formulators.newcomers import brings_in
from optiwright.formulators.question_data import ONLY, changed_data
from optiwright.formulators.question_decisions import (
    BROKEN,
    NOT,
    apart,
    limit_of,
    limited,
    opposite,
    switched,
)
from optiwright.formulators.question_words import Mention, mentions_of

_WHY = re.compile(
    r"\bwhy\b|\breasons?\b|\brationale\b|\bpurpose\b|\bmotivat|\bjustif|\bnecessitat"
    r"|\bwhat (?:prompted|led|drove|made)\b|\bwhat\b[^?]*\bprevents?\b",
    re.I,
)
_SWITCH = re.compile(
    rf"\b(?:clos(?:e|es|ed)|shut|stops?|stopped|opens?|opened|reopen\w*|{BROKEN})\b", re.I
)
_JOINT = re.compile(r"[;,]|\b(?:and|but|while|whereas)\b", re.I)


def is_why(question: str) -> bool:
    """Whether a question asks for the reason of something, so that its opposite is to be tried."""
    return bool(_WHY.search(question))


def read_question(question: str, formulation: Formulation) -> Changes | None:
    """Return the changes that a plain question means; of a why-question, the opposite.

    None where the question names nothing or several things, or leaves open what is to be done.

    Raises:
        FormulationError: if the formulation does not join with its data.
    """
    if brings_in(question) and not is_why(question):
        return None
    names = places_of(formulation)
    mentions = mentions_of(question, names)
    numbers = [n for n in asked_numbers(question) if not _within(n, mentions)]
    if is_why(question):
        return None if numbers else opposite(question, formulation, names, mentions)
    if not numbers and (goal := read_goal(question, formulation)) is not None:
        return (goal,)
    if not numbers:
        return apart(question, formulation, names, mentions) or switched(
            question, formulation, names, mentions
        )
    if len(numbers) > 1 or _says_more(question, numbers[0]):
        return None
    limit = limit_of(question)
    if limit is not None and not numbers[0].percent:
        return limited(question, names, mentions, numbers[0], limit)
    if limit is not None and not ONLY.search(question):
        return None
    return changed_data(question, formulation, names, mentions, numbers[0])


def _says_more(question: str, said: AskedNumber) -> bool:
    """Whether a clause without the number wants something too, as in `..., and it is closed`."""
    start = 0
    for joint in [*_JOINT.finditer(question), None]:
        end = joint.start() if joint else len(question)
        clause = question[start:end]
        if not start <= said.span[0] < end and (_SWITCH.search(clause) or NOT.search(clause)):
            return True
        start = joint.end() if joint else end
    return False


def _within(number: AskedNumber, mentions: Sequence[Mention]) -> bool:
    return any(m.span[0] <= number.span[0] < m.span[1] for m in mentions)
