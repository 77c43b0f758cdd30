"""What a text leaves open and a formulation had to decide, found without a language model."""

from __future__ import annotations

from optiwright.formulators.model import Formulation
from optiwright.formulators.open_domains import open_domains
from optiwright.formulators.questions import Question


def left_open(formulation: Formulation, text: str) -> list[Question]:
    """Return what is open, the weightiest first.

    Whether it changes the answer is for the solvers to say.

    Args:
        formulation: a sound one.
        text: the problem in words; empty where the formulation was given.
    """
    return list(open_domains(formulation, text))
