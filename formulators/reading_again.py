"""A formulation read by the answers that a user gave, or by a choice that nobody made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Assumption, Formulation
from optiwright.formulators.phrases import capitalised
from optiwright.formulators.questions import Answer, Choice, Question
from optiwright.formulators.revising import apply


def read_again(
    formulation: Formulation, text: str, answers: Sequence[Answer]
) -> tuple[Formulation, str]:
    """Return the formulation and the text with answers in both.

    The formulation is turned by the answers' typed changes and stays else as it is. The text gets
    the user's answers below it, so that whoever reads it from now on reads it alike.

    Raises:
        FormulationError: if a change cannot be made.
    """
    for answer in answers:
        formulation = apply(formulation, answer.changes)
    guesses = [
        Assumption(text=f"{capitalised(a.meaning)}, which the text leaves open.")
        for a in answers
        if a.guessed
    ]
    said = [
        f"{capitalised(a.meaning)}." if a.into_text else f"{a.text} {capitalised(a.meaning)}."
        for a in answers
        if not a.guessed
    ]
    if said:
        text = "\n".join([text.rstrip(), "", *said])
    return with_assumptions(formulation, guesses), text


def answered_before(
    formulation: Formulation, questions: Sequence[Question], answers: Sequence[Answer]
) -> tuple[Formulation, list[Question]]:
    """Return a later formulation of the same text, turned by what was answered, and the rest.

    Raises:
        FormulationError: if a change cannot be made.
    """
    given = {a.question: a for a in answers}
    left = []
    for question in questions:
        if question.id not in given:
            left.append(question)
            continue
        try:
            changes = question.answered(given[question.id].label).changes
        except UserError:
            continue  # the later formulation offers no such reading
        formulation = apply(formulation, changes)
    return formulation, left


def reading(formulation: Formulation, choice: Choice) -> Formulation | None:
    """Return the formulation under a choice; None where it cannot be had."""
    try:
        return apply(formulation, choice.changes)
    except FormulationError:
        return None


def with_assumptions(formulation: Formulation, more: Iterable[Assumption]) -> Formulation:
    """Return a formulation with further assumptions, each once."""
    known = {a.text for a in formulation.assumptions}
    new = [a for a in more if a.text not in known]
    return formulation.model_copy(update={"assumptions": (*formulation.assumptions, *new)})
