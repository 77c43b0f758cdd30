"""What a text leaves open and a formulation had to decide, found without a language model.

Each finder looks for words that leave something open and for the place in the formulation where it
was decided. Where the text says it, or the formulation has no such place, nothing is open. Whether
a reading changes the answer is for the solvers to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.model import Formulation
from optiwright.formulators.open_data import open_data
from optiwright.formulators.open_domains import one_or_several, open_domains
from optiwright.formulators.open_goals import open_goals
from optiwright.formulators.open_limits import open_limits
from optiwright.formulators.open_periods import open_periods
from optiwright.formulators.open_scopes import open_bases, open_scopes
from optiwright.formulators.questions import Question
from optiwright.formulators.stated_limits import stated_limits

_LONGEST = 20_000
"""Characters of a text that is looked through; longer ones are tables."""


def left_open(formulation: Formulation, text: str) -> list[Question]:
    """Return what is open, the weightiest first, each once.

    Args:
        formulation: a sound one.
        text: the problem in words; empty where the formulation was given.
    """
    found: dict[str, Question] = {}
    for question in _found(formulation, text[:_LONGEST]):
        found.setdefault(question.id, question)
    return list(found.values())


def _found(formulation: Formulation, text: str) -> Iterator[Question]:
    if not text:
        yield from open_domains(formulation, text)
        return
    limits = stated_limits(formulation, text)
    yield from open_data(formulation, text)
    yield from open_goals(formulation, text)
    yield from open_periods(formulation, text, limits)
    yield from open_scopes(formulation, text, limits)
    yield from open_limits(formulation, text, limits)
    yield from one_or_several(formulation, text)
    yield from open_bases(formulation, text)
    yield from open_domains(formulation, text)
