"""A script compiled and solved on its own, before calls are paid for to hold it against.

What is looked for are the reasons for which a row would not be kept (`verifying_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import Allowance, Variant, solve_variant
from optiwright.training.resocratic_script import formulation_of
from optiwright.training.row_checks import does_nothing, idle_decisions
from optiwright.training.row_verdicts import Reason
from optiwright.training.rows import AskedValue

TIME_LIMIT_S = 20.0
"""For each solve: what takes longer is dropped, since a row is solved again and again."""
_EMPTY = frozenset(
    {Termination.INFEASIBLE, Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED}
)


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
        found = await solve_variant(
            default_pool(), Variant("row", formulation), Allowance(time_limit_s=TIME_LIMIT_S)
        )
    except FormulationError as error:
        return f"{Reason.UNREADABLE}: {error}"
    value, x, leading = found.objective, found.raw.x, formulation.leading
    if found.termination is not Termination.OPTIMAL or value is None or x is None:
        kind = Reason.NO_OPTIMUM if found.termination in _EMPTY else Reason.NOT_PROVED
        return f"{kind}: {found.termination.value}"
    if leading is None or does_nothing(found.program, x, value):
        return f"{Reason.NOTHING_DONE}: every decision is zero"
    if idle := next(idle_decisions(found.program, x), ""):
        return f"{Reason.IDLE_DECISION}: {idle}"
    meanings = {v.name: v.description or v.name for v in formulation.variables}
    decisions = tuple(
        AskedValue(meaning=meanings[at.name], expression=at.name, value=at.value)
        for at in found.solution.values
        if at.name in meanings and at.value is not None
    )
    meaning = leading.description or "objective"
    goal = AskedValue(meaning=meaning, expression="objective", value=value)
    return Found(formulation, value, (goal, *decisions))
