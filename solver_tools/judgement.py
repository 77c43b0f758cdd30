"""A solver's answer held against its formulation: the evaluation, and how well it is proved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.certify import Verdict, optimality
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import Evaluation, point_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.formulators.model import Change, Formulation
    from optiwright.solver_tools.program import Program
    from optiwright.solver_tools.solution import RawSolution, Solution

_SAME = 1e-6
"""Relative difference allowed between the solver's objective and the evaluator's."""


def judge(
    formulation: Formulation,
    changes: Sequence[Change],
    program: Program,
    raw: RawSolution,
    solution: Solution,
    second: RawSolution | None = None,
) -> tuple[Evaluation | None, Verdict]:
    """Evaluate a solution by code that did not produce it, and judge its claim to be the best.

    Args:
        formulation: the model.
        changes: new entries of parameters that were in force.
        program: what was solved.
        raw: what the solver said.
        solution: the same, with names.
        second: what another solver said, where one was asked.

    Returns:
        The evaluation, None where there is no point to evaluate, and the verdict.
    """
    evaluation, complaint = None, ""
    if solution.termination.has_point:
        evaluation, complaint = _evaluated(formulation, changes, solution)
    sound = evaluation is not None and evaluation.feasible and not complaint
    verdict = optimality(program, raw, evaluation_ok=sound, second=second)
    if complaint:
        verdict = replace(verdict, checks=(*verdict.checks, complaint))
    return evaluation, verdict


def _evaluated(
    formulation: Formulation, changes: Sequence[Change], solution: Solution
) -> tuple[Evaluation | None, str]:
    """Return the evaluation, and what is wrong with the reported objective, if anything is."""
    try:
        evaluation = evaluate(formulation, point_of(solution), changes=changes)
    except UserError as error:
        return None, str(error)
    if not evaluation.levels or solution.objective is None:
        return evaluation, ""
    own, reported = evaluation.levels[0], solution.objective
    if abs(own - reported) <= _SAME * max(1.0, abs(own), abs(reported)):
        return evaluation, ""
    return evaluation, f"The solver reports {reported:.9g}, the evaluator finds {own:.9g}."
