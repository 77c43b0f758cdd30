"""The rules of published systems, for comparison with their figures and for nothing else.

Each has a flaw that its docstring names; none is used where this project reports its own accuracy.
What changes a program and runs it again until it fits (SIRL and OptMATH swap variable types and
directions) is an oracle and not reproduced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from optiwright.evaluation.claims import Claim
from optiwright.evaluation.problems import Ending, Label

_Number: TypeAlias = Callable[[str, float], bool]
"""From the label as written and the answer to whether it is right."""
_EMPTY = {Ending.INFEASIBLE, Ending.UNBOUNDED}


def orlm(label: Label, claim: Claim) -> bool | None:
    """ORLM: both rounded to whole numbers, then within 5% relative. 0.6 equals 1."""
    return _any(label, claim, _orlm_number, _EMPTY)


def sirl(label: Label, claim: Claim) -> bool | None:
    """SIRL and OptiMind: within 1e-6 of |label| + 1. A time-out is right where there is no best."""
    return _any(label, claim, _sirl_number, _EMPTY | {Ending.TIMED_OUT})


def mamo(label: Label, claim: Claim) -> bool | None:
    """MAMO: equal at the label's decimals, or within 1e-4 relative. 0.6 equals a label of 1."""
    return _any(label, claim, _mamo_number, _EMPTY)


def _any(label: Label, claim: Claim, number: _Number, empty: set[Ending]) -> bool | None:
    if not label.accepted:
        return None
    return any(_one(answer, claim, number, empty) for answer in label.accepted)


def _one(answer: str, claim: Claim, number: _Number, empty: set[Ending]) -> bool:
    if answer in list(Ending):
        return claim.ending in empty
    solved = claim.ending is Ending.SOLVED and claim.objective is not None
    return solved and number(answer, claim.objective or 0.0)


def _orlm_number(written: str, found: float) -> bool:
    wanted, got = round(float(written)), round(found)
    if wanted == 0:
        return abs(got) <= 0.05
    return abs((got - wanted) / wanted) <= 0.05


def _sirl_number(written: str, found: float) -> bool:
    wanted = float(written)
    return abs(found - wanted) / (abs(wanted) + 1) <= 1e-6


def _mamo_number(written: str, found: float) -> bool:
    wanted = float(written)
    decimals = 0 if "e" in written.lower() else len(written.partition(".")[2])
    if round(found, decimals) == round(wanted, decimals):
        return True
    return wanted != 0 and abs((found - wanted) / wanted) <= 1e-4
