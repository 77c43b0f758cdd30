"""What kind of problem a text states: algebra, a sequence of actions, or a function to ask."""

from __future__ import annotations

from enum import StrEnum

from optiwright.formulators.code_signals import looks_like_code


class ProblemKind(StrEnum):
    """Which formulation a problem is turned into."""

    MODEL = "model"
    """The five elements."""
    PLAN = "plan"
    """Objects, facts, actions, start and goal (`formulators.planning`)."""
    SEARCH = "search"
    """Unknowns and a function without a formula (`formulators.black_box`)."""


def kind_of(text: str) -> ProblemKind:
    """Return what a text is taken for, without a model; in doubt, algebra."""
    return ProblemKind.SEARCH if looks_like_code(text) else ProblemKind.MODEL
