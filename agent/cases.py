"""The variants of a formulation that are solved beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optiwright.agent.state import CaseKind, CaseState
from optiwright.formulators.model import Change, Formulation
from optiwright.formulators.questions import Choice, Question
from optiwright.formulators.reading_again import reading
from optiwright.solver_tools.certify import Optimality

BASE = ""
"""Name of the formulation itself among its cases."""

_MOST_OTHERS = 2
"""Readings beside the first one that are solved where nobody was asked."""


def cases_of(formulation: Formulation, questions: Sequence[Question]) -> list[CaseState]:
    """Return the formulation, its scenarios, and the likeliest other readings of what is open."""
    cases = [_case(BASE, "base", formulation)]
    for scenario in formulation.scenarios:
        case = _case(scenario.name, "scenario", formulation)
        case["changes"] = [c.model_dump(mode="json") for c in scenario.changes]
        cases.append(case)
    for question, choice in _others(questions):
        other = reading(formulation, choice)
        if other is not None and sum(c["kind"] == "alternative" for c in cases) < _MOST_OTHERS:
            case = _case(choice.meaning, "alternative", other)
            case["question"], case["choice"] = question.id, choice.label
            cases.append(case)
    return cases


def changes_of(case: CaseState) -> tuple[Change, ...]:
    """Return a case's new parameter values."""
    return tuple(Change.model_validate(c) for c in case["changes"])


def _others(questions: Sequence[Question]) -> Iterator[tuple[Question, Choice]]:
    """Yield the choices beside the best guess, the second of every question before a third."""
    others = [[c for c in q.choices if c.label != q.guess] for q in questions]
    for place in range(max(map(len, others), default=0)):
        for question, choices in zip(questions, others, strict=True):
            if place < len(choices):
                yield question, choices[place]


def _case(name: str, kind: CaseKind, formulation: Formulation) -> CaseState:
    return CaseState(
        name=name,
        kind=kind,
        formulation=formulation.model_dump(mode="json"),
        changes=[],
        question="",
        choice="",
        solution=None,
        evaluation=None,
        optimality=Optimality.NONE.value,
        proof=[],
        scaling=[],
    )
