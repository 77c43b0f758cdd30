"""Why and why not: a decision's opposite forced, and what that would cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optiwright.agent.events import Event
from optiwright.agent.loop import wait
from optiwright.agent.options import Options
from optiwright.agent.plan_why import PlanWhy, answer_plan_why
from optiwright.agent.refusing import refuse_search
from optiwright.agent.result import Plain, Result, Status
from optiwright.agent.side_by_side import goal_words, same, shift
from optiwright.agent.what_if import OnDifference, WhatIf, answer_what_if
from optiwright.formulators.changes import EACH, SUMMED, Decide
from optiwright.formulators.errors import UserError
from optiwright.formulators.figures import measured, number
from optiwright.formulators.model import Domain, Formulation, Sense
from optiwright.formulators.picking import is_picked, shown_at

_SLACK = 1e-6


class Why(Plain):
    """The reason of a decision: what its opposite would come to."""

    question: str
    answer: str
    """In a sentence or two."""
    holds: bool
    """Whether the answer has the decision that the question presumes."""
    cost: float | None
    """By how much the objective would be worse, in its unit; None where there is no solution."""
    what_if: WhatIf
    """The opposite, solved."""

    def _repr_markdown_(self) -> str:
        return f"{self.answer}\n\n{self.what_if.explanation}"


def why(base: Result, question: str, **options: Any) -> Why | PlanWhy:
    """Answer from ordinary code; see `answer_why`."""
    return wait(answer_why(base, question, Options(**options)))


async def answer_why(
    base: Result,
    question: str,
    options: Options,
    *,
    listen: Callable[[Event], None] | None = None,
    on_difference: OnDifference | None = None,
    token: str = "",
) -> Why | PlanWhy:
    """Find the decision that a question asks about, force its opposite, and hold both together.

    Raises:
        UserError: if there is no solution to ask about, or the question names no decision.
        FormulationError: if what the model answers cannot be applied.
        ProviderError: if the model cannot be reached or does not answer properly.
    """
    if base.plan is not None:
        return await answer_plan_why(base, question, options)
    refuse_search(base, "decisions whose opposite could be solved")
    if not base.status.has_point or base.solution is None:
        raise UserError(
            f"there is no solution whose decisions could be asked about: it is {base.status}",
            where=base.record or "the result",
            remedy='Ask "what if" something else held: `optiwright whatif "..."`.',
        )
    tried = await answer_what_if(
        base, question, options, listen=listen, on_difference=on_difference, token=token
    )
    decisions = [c for c in tried.changes if isinstance(c, Decide)]
    if not decisions:
        raise UserError(
            "the question was read as one about the data, not about a decision: "
            + "; ".join(tried.difference),
            where=f"{question[:80]!r}",
            remedy='Name a decision, or ask it as a what-if: `optiwright whatif "..."`.',
        )
    holds = not _true_already(base, decisions)
    return Why(
        question=question,
        answer=_answer(base, tried, decisions, holds),
        holds=holds,
        cost=_worse(base, tried),
        what_if=tried,
    )


def _true_already(base: Result, decisions: list[Decide]) -> bool:
    """Whether the answer has all that was to be forced as the opposite."""
    assert base.solution is not None
    return all(
        _meets(value, change)
        for change in decisions
        for value in _held(base, change)
    )  # fmt: skip


def _held(base: Result, change: Decide) -> list[float]:
    """Return the values that a change would hold; of a sum, the sum."""
    assert base.solution is not None
    found = [
        v.value
        for v in base.solution.values
        if v.name == change.decision and v.value is not None and is_picked(v.index, change.at)
    ]
    return [sum(found)] if SUMMED in change.at else found


def _meets(value: float, change: Decide) -> bool:
    match change.relation:
        case "<=":
            return value <= change.value + _SLACK
        case ">=":
            return value >= change.value - _SLACK
        case "==":
            return abs(value - change.value) <= _SLACK


def _worse(base: Result, tried: WhatIf) -> float | None:
    """Return by how much the opposite is worse; below zero where it is better."""
    if base.objective is None or tried.new.objective is None:
        return None
    change = tried.new.objective - base.objective
    return -change if base.sense is Sense.MAXIMIZE else change


def _answer(base: Result, tried: WhatIf, decisions: list[Decide], holds: bool) -> str:
    opposite = _opposite(base.formulation, decisions)
    if not holds:
        return (
            f"The question presumes what is not so: in this answer {opposite} already. "
            f"{_now(base, decisions)}"
        ).strip()
    if tried.new.status is Status.INFEASIBLE:
        clash = "; ".join(tried.conflict)
        return f"It cannot be otherwise. If {opposite}, these cannot all hold: {clash}."
    cost = _worse(base, tried)
    if cost is None or base.objective is None or tried.new.objective is None:
        if tried.new.status.has_point:
            return f"It could be otherwise: there is also a solution in which {opposite}."
        return f"No solver came to an end with the opposite: it is {tried.new.status}."
    what, unit = goal_words(base)
    if same(base.objective, tried.new.objective):
        return (
            f"It makes no difference: there is an equally good answer in which {opposite}, "
            f"with {what} at {number(tried.new.objective)}{unit} too."
        )
    moved = shift(base.objective, tried.new.objective, unit)
    values = f"{number(tried.new.objective)}{unit} instead of {number(base.objective)}{unit}"
    if cost < 0:
        return (
            f"There is no good reason: if {opposite}, {what} is {values}, {moved}. The answer so "
            "far was not the best one."
        )
    return f"Because otherwise it is worse: if {opposite}, {what} is {values}, {moved}."


def _opposite(formulation: Formulation | None, decisions: list[Decide]) -> str:
    """Say what was forced, in the formulation's names: `open[Plant 2]` is no."""
    domains = {v.name: v.domain for v in formulation.variables} if formulation else {}
    units = {v.name: v.unit for v in formulation.variables} if formulation else {}
    return " and ".join(
        _one(change, domains.get(change.decision), units.get(change.decision, ""))
        for change in decisions
    )


def _one(change: Decide, domain: Domain | None, unit: str) -> str:
    words = {SUMMED: "all", EACH: "each"}
    picks = tuple(words.get(p, p) if isinstance(p, str) else p for p in change.at)
    place = f"`{change.decision}{shown_at(picks)}`"
    if domain is Domain.BINARY and change.relation == "==":
        return f"{place} is {'yes' if change.value else 'no'}"
    bound = {"<=": "at most ", ">=": "at least ", "==": ""}[change.relation]
    return f"{place} is {bound}{measured(change.value, unit)}"


def _now(base: Result, decisions: list[Decide]) -> str:
    """Say what the decisions are in the answer, where they are a few and no mere yes or no."""
    assert base.solution is not None
    domains = {v.name: v.domain for v in base.formulation.variables} if base.formulation else {}
    said = [
        f"`{v.name}{shown_at(v.index)}` is {number(v.value)}"
        for change in decisions
        if domains.get(change.decision) is not Domain.BINARY or change.relation != "=="
        for v in base.solution.values
        if v.name == change.decision and is_picked(v.index, change.at)
    ]
    return f"There {', '.join(said)}." if 0 < len(said) <= 3 else ""
