"""A script compiled and solved, a program run in the sandbox, and whether both found one value."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import ValidationError

from optiwright.agent.writing import run_written
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pool import Isolation, Reason, default_pool
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import Allowance, Variant, solve_variant
from optiwright.solver_tools.written_check import faults
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.training.resocratic_script import formulation_of
from optiwright.training.rows import AskedValue

TIME_LIMIT_S = 20.0
"""For each solve: what takes longer is dropped, since a row has to be verified again and again."""
_RELATIVE, _ABSOLUTE = 1e-5, 1e-6


@dataclass(frozen=True)
class Found:
    """What a script's solve came to: a finite best value at which something is done."""

    formulation: Formulation
    problem_class: str
    value: float
    sense: str
    asked: tuple[AskedValue, ...]
    """The objective and every decision."""


def agree(left: float, right: float) -> bool:
    """Tell whether two solves found one value."""
    return math.isclose(left, right, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)


async def solved(script: str, text: str = "") -> Found | str:
    """Solve a script; returns why not where it has no proved, finite answer that does anything."""
    try:
        formulation = formulation_of(script, text)
        found = await solve_variant(
            default_pool(), Variant("row", formulation), Allowance(time_limit_s=TIME_LIMIT_S)
        )
    except FormulationError as error:
        return f"formulation unreadable: {error}"
    if found.termination is not Termination.OPTIMAL or found.objective is None:
        return f"formulation without a best answer: {found.termination.value}"
    leading = formulation.leading
    names = {v.name: v.description or v.name for v in formulation.variables}
    decided = [(v.name, v.value or 0.0) for v in found.solution.values if v.name in names]
    if leading is None or all(abs(value) <= _ABSOLUTE for _, value in decided):
        return "nothing is done: every decision is zero at the best answer"
    goal = AskedValue(
        meaning=leading.description or "objective", expression="objective", value=found.objective
    )
    asked = tuple(AskedValue(meaning=names[n], expression=n, value=v) for n, v in decided)
    return Found(
        formulation,
        classify_program(found.program).value,
        found.objective,
        leading.sense.value,
        (goal, *asked),
    )


async def ran(source: str) -> float | str:
    """Run a program in the sandbox; returns its value, or why it has none."""
    if not source.strip():
        return "no program: the reply holds none"
    if refused := faults(source):
        return f"program refused: {refused[0]}"
    outcome = await run_written(default_pool(), source, TIME_LIMIT_S, Isolation.REQUIRED)
    if outcome.reason is Reason.TIMEOUT:
        return "program timed out: it was ended"
    if outcome.reason is not Reason.FINISHED:
        return f"program failed: its process ended ({outcome.reason})"
    try:
        report = ProgramReport.model_validate(outcome.value)
    except ValidationError:
        return "program failed: it left no report"
    if report.outcome != "finished":
        late = outcome.seconds >= TIME_LIMIT_S
        return f"program {'timed out' if late else 'failed'}: {report.error or report.outcome}"
    if report.objective is None or report.status in ("infeasible", "unbounded"):
        return f"program without a best answer: {report.status}"
    return report.objective
