"""Whether a reading changes the answer: decided by solving it."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.result import STATUS_OF, Status
from optiwright.agent.solving import LONGEST_LOOK_S
from optiwright.agent.state import Context
from optiwright.formulators.changes import Scale
from optiwright.formulators.errors import FormulationError, OptiwrightError
from optiwright.formulators.figures import number
from optiwright.formulators.model import Formulation
from optiwright.formulators.questions import Choice, Kind, Question
from optiwright.formulators.reading_again import reading
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import point_of
from optiwright.solver_tools.solution import Solution
from optiwright.solver_tools.variants import Allowance, Solved, Variant, solve_variants

_SAME = 1e-6
"""Relative difference of two objectives up to which they count as the same."""
_TRIED = (0.5, 2.0)
"""Factors on a number that the text does not give, to see whether it bears on the answer."""
_EMPTY = {Status.INFEASIBLE, Status.UNBOUNDED}


async def weighed(
    context: Context, formulation: Formulation, questions: Sequence[Question]
) -> tuple[list[Question], list[Question]]:
    """Return the questions that change the answer, with what hangs on them, and the others.

    A number that the formulation has no place for is always one of the first.
    """
    variants = [Variant("", formulation)]
    for question in questions:
        if not question.number or question.parameters:
            variants += _variants(formulation, question)
    settings = context.settings
    allowance = Allowance(
        settings.solver, min(settings.time_limit_s, LONGEST_LOOK_S), settings.seed
    )
    found = await solve_variants(context.pool, variants, allowance)
    base, matter, idle = found[0], [], []
    outcomes = {v.name: s for v, s in zip(variants, found, strict=True)}
    for question in questions:
        if question.number and not question.parameters:
            matter.append(question)
            continue
        others = {
            name.partition(":")[2]: solved
            for name, solved in outcomes.items()
            if name.startswith(f"{question.id}:")
        }
        if isinstance(base, FormulationError) or not _any_differs(base, others, question.kind):
            idle.append(question)
        else:
            matter.append(question.model_copy(update={"why": _why(base, others, question)}))
    return matter, idle


def differs(formulation: Formulation, base: Solution, other: Solution, kind: Kind) -> bool:
    """Whether the answer under another reading is another one than the base's.

    A reading under which nothing is possible, or nothing is best, is no plausible one, unless the
    first reading fares no better. Nor is a goal that is best met by doing nothing. Where the goal
    itself is read otherwise, that is asked of the base's plan: whether it is the best one to the
    other goal as well.

    Args:
        formulation: of the other reading.
        base: the first reading's solution.
        other: the other reading's.
        kind: of what is read otherwise.
    """
    first, second = STATUS_OF[base.termination], STATUS_OF[other.termination]
    if not second.has_point:
        return False
    if not first.has_point:
        return first in _EMPTY
    value = base.objective
    if kind is Kind.OBJECTIVE:
        if not any(v.value for v in other.values):
            return False
        try:
            levels = evaluate(formulation, point_of(base)).levels
        except OptiwrightError:
            return True
        value = levels[0] if levels else None
    if value is None or other.objective is None:
        return value is not other.objective
    scale = max(1.0, abs(value), abs(other.objective))
    return abs(value - other.objective) > _SAME * scale + _slack(base) + _slack(other)


def _slack(solution: Solution) -> float:
    """Return how far a solution's value may still be from the best one's."""
    return abs(solution.objective or 0.0) * (solution.gap or 0.0)


def _variants(formulation: Formulation, question: Question) -> list[Variant]:
    choices = [c for c in question.choices if c.label != question.guess]
    if question.number:
        choices = [
            Choice(
                label=f"x{factor:g}",
                meaning="another number",
                changes=tuple(Scale(parameter=p, factor=factor) for p in question.parameters),
            )
            for factor in _TRIED
        ]
    read = ((c.label, reading(formulation, c)) for c in choices)
    return [Variant(f"{question.id}:{label}", f) for label, f in read if f is not None]


def _any_differs(base: Solved, others: dict[str, Solved | FormulationError], kind: Kind) -> bool:
    return any(
        differs(other.variant.formulation, base.solution, other.solution, kind)
        for other in others.values()
        if not isinstance(other, FormulationError)
    )


def _why(base: Solved, others: dict[str, Solved | FormulationError], question: Question) -> str:
    told = [f"With `{question.guess}` the best value is {_told(base)}"]
    if question.number:
        return f"{told[0]}; another number changes it."
    told += [
        f"with `{label}` {_told(other)}"
        for label, other in others.items()
        if not isinstance(other, FormulationError)
    ]
    return ", ".join(told) + "."


def _told(solved: Solved) -> str:
    status = STATUS_OF[solved.termination]
    if solved.objective is not None and solved.termination.has_point:
        return number(solved.objective)
    return {Status.INFEASIBLE: "none: nothing is possible", Status.UNBOUNDED: "without limit"}.get(
        status, "not found in time"
    )
