"""A script compiled and solved on its own, before calls are paid for to hold it against.

What is looked for are the reasons for which a row would not be kept (`verifying_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pool import default_pool
from optiwright.training.proved_optima import TIME_LIMIT_S, Dropped, best_of, require_telling
from optiwright.training.resocratic_script import formulation_of
from optiwright.training.row_verdicts import Reason
from optiwright.training.rows import AskedValue


@dataclass(frozen=True)
class Found:
    """What a script's solve came to: a finite best value at which something is done."""

    formulation: Formulation
    value: float
    asked: tuple[AskedValue, ...]
    """The objective and every decision."""


async def solved(script: str, text: str = "") -> Found | str:
    """Solve a script; returns a reason, and what it was, where no row can come of it.

    Args:
        script: in its fence or without.
        text: the problem in words, for what the numbers are called.
    """
    try:
        formulation = formulation_of(script, text)
        best = await best_of(default_pool(), "script", formulation, TIME_LIMIT_S)
        require_telling("script", best)
    except FormulationError as error:
        return f"{Reason.UNREADABLE}: {error}"
    except Dropped as dropped:
        return f"{dropped.reason}: {dropped.detail}"
    meanings = {v.name: v.description or v.name for v in formulation.variables}
    decisions = tuple(
        AskedValue(meaning=meanings[at.name], expression=at.name, value=at.value)
        for at in best.solved.solution.values
        if at.name in meanings and at.value is not None
    )
    leading = formulation.leading
    meaning = (leading.description if leading else "") or "objective"
    goal = AskedValue(meaning=meaning, expression="objective", value=best.value)
    return Found(formulation, best.value, (goal, *decisions))
