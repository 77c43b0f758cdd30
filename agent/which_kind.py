"""Which kind of problem a run is about: as chosen, as given, or as the text looks."""

from __future__ import annotations

from typing import TypeAlias

from optiwright.agent.options import Options
from optiwright.formulators.black_box import BlackBox
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation
from optiwright.formulators.planning import Planning
from optiwright.formulators.problem_kind import ProblemKind, kind_of
from optiwright.solver_tools.planning import available_engines
from optiwright.solver_tools.solve import available_solvers

Problem: TypeAlias = str | Formulation | Planning | BlackBox
"""A text, or a formulation, which needs no language model."""


def kind_for(problem: Problem, options: Options) -> ProblemKind:
    """Return what kind of problem it is; with tables it is algebra, unless another was chosen.

    Raises:
        UserError: the choice does not fit what was given.
    """
    kind = _kind(problem, options)
    if options.solver is not None:
        _check_solver(options.solver, kind)
    return kind


def _check_solver(solver: str, kind: ProblemKind) -> None:
    """Refuse a solver for the wrong kind of problem.

    Raises:
        UserError: naming those there are.
    """
    solvers = [s.name for s in available_solvers() if s.version]
    engines = list(available_engines())
    plan = kind is ProblemKind.PLAN
    if solver not in (engines if plan else solvers):
        raise UserError(
            f"{solver!r} {'finds no plans' if plan else 'is for plans, and no plan is asked for'}",
            where="solver",
            remedy=f"Leave it out, or choose one of {', '.join(engines if plan else solvers)}.",
        )


def _kind(problem: Problem, options: Options) -> ProblemKind:
    if isinstance(problem, BlackBox) or options.asks:
        return ProblemKind.SEARCH
    if isinstance(problem, Planning):
        return ProblemKind.PLAN
    if isinstance(problem, Formulation):
        return ProblemKind.MODEL
    if options.kind == ProblemKind.PLAN and options.data is not None:
        raise UserError(
            "a plan is made from the text alone, and sees no tables",
            where="kind",
            remedy="Leave out the tables, and say in the text what they hold.",
        )
    if options.kind is not None:
        return ProblemKind(options.kind)
    return ProblemKind.MODEL if options.data is not None else kind_of(problem)
