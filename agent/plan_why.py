"""Why a step of a plan, and why not another: the opposite is solved, and the two are compared."""

from __future__ import annotations

import asyncio

from optiwright.agent.options import Options
from optiwright.agent.plan_questions import Asked, read_asked
from optiwright.agent.planning_solving import plan_in_pool
from optiwright.agent.planning_told import (
    fact_words,
    goal_links,
    links,
    step_words,
    steps_told,
    value_told,
)
from optiwright.agent.result import Plain, PlanAnswer, Result
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import listing
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_opposite import Opposite, with_deed, without
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep, Simulation
from optiwright.solver_tools.plan_simulation import simulate
from optiwright.solver_tools.pool import default_pool

_SAME = 1e-6


class PlanWhy(Plain):
    """The reason of a step: what the plan would be without it, or with another."""

    question: str
    answer: str
    """Markdown: a sentence or two, and the other plan where there is one."""
    holds: bool
    """Whether the plan is as the question presumes."""
    cost: float | None = None
    """By how many steps or how much cost the other plan is worse; None where there is none."""
    opposite: PlanOutcome | None = None
    """What the opposite came to, in the formulation's own names; None where it was not solved."""

    def _repr_markdown_(self) -> str:
        return self.answer


async def answer_plan_why(base: Result, question: str, options: Options) -> PlanWhy:
    """Solve with a step forbidden, or with another one forced, and say what that would cost.

    Raises:
        UserError: there is no plan, or the question names no step.
    """
    plan = base.plan
    if plan is None or not base.status.has_point or plan.simulation is None:
        raise UserError(
            f"there is no plan whose steps could be asked about: it is {base.status}",
            where=base.record or "the result",
            remedy="`optiwright explain` says why there is none, and what can be reached.",
        )
    planning, steps = plan.planning, plan.outcome.steps
    asked = read_asked(planning, steps, question)
    there = [n for n, s in enumerate(steps, 1) if _is_asked(asked, s)]
    if asked.first:
        there = [n for n in there if n == 1]
    if bool(there) == asked.negative:
        return PlanWhy(question=question, answer=_not_so(plan, asked, there), holds=False)
    make = with_deed if asked.negative else without
    opposite = make(planning, asked.deeds, first=asked.first)
    found = await plan_in_pool(
        default_pool(), opposite.planning, options.time_limit_s, options.seed, options.solver
    )
    found = await asyncio.to_thread(_named, planning, opposite, found)
    told = _answer(plan, asked, there, found)
    other = f"\n\n{_other(planning, found)}" if found.status.has_plan and found.steps else ""
    return PlanWhy(
        question=question,
        answer=told + other,
        holds=True,
        cost=_worse(plan, found),
        opposite=found,
    )


def _is_asked(asked: Asked, step: PlanStep) -> bool:
    return any(deed.is_of(step.action, step.arguments) for deed in asked.deeds if deed.objects) or (
        any(deed.action == step.action for deed in asked.deeds if not deed.objects)
    )


def _named(planning: Planning, opposite: Opposite, found: PlanOutcome) -> PlanOutcome:
    """Return an outcome in the formulation's names, its value as its own simulation has it."""
    steps = tuple(
        PlanStep(action=opposite.copies.get(s.action, s.action), arguments=s.arguments)
        for s in found.steps
    )
    value = simulate(planning, steps).value if found.status.has_plan else None
    reached = tuple(c for c in found.reached if c in planning.goal)
    return found.model_copy(
        update={"steps": steps, "value": value, "reached": reached, "reached_by": ()}
    )


def _worse(plan: PlanAnswer, found: PlanOutcome) -> float | None:
    if plan.outcome.value is None or found.value is None:
        return None
    return found.value - plan.outcome.value


def _not_so(plan: PlanAnswer, asked: Asked, there: list[int]) -> str:
    planning, steps = plan.planning, plan.outcome.steps
    if there:
        shown = listing([f"step {n}, {step_words(planning, steps[n - 1])}" for n in there[:5]])
        return f"The question presumes what is not so: the plan does it, in {shown}."
    if asked.first and steps:
        begins = step_words(planning, steps[0])
        return f"The question presumes what is not so: the plan begins otherwise, with {begins}."
    return "The question presumes what is not so: no step of the plan does that."


def _answer(plan: PlanAnswer, asked: Asked, there: list[int], found: PlanOutcome) -> str:
    planning = plan.planning
    what = _what(plan, asked, there)
    used = "" if asked.negative else _used(planning, plan.simulation, there)
    before, after = value_told(planning, plan.outcome.value), value_told(planning, found.value)
    word = "with" if asked.negative else "without"
    best = "the best plan" if found.status is PlanStatus.OPTIMAL else "the best plan found"
    cost = _worse(plan, found)
    match found.status:
        case PlanStatus.IMPOSSIBLE:
            said = f"It cannot be otherwise: {word} {what} no plan reaches the goal."
            if asked.negative:
                said = f"It cannot be: with {what} no plan reaches the goal."
        case PlanStatus.UNSOLVED:
            said = f"No plan {word} {what} was found, nor that there is none. {found.message}"
        case _ if planning.least == "any" or cost is None or abs(cost) <= _SAME:
            said = f"It makes no difference: there is an equally good plan {word} {what}, {after}."
        case _ if cost > 0:
            said = f"Because otherwise it is worse: {word} {what}, {best} is {after}"
            said += f" instead of {before}."
        case _:
            said = f"There is no good reason: {word} {what}, {best} is {after} instead of {before}."
    return " ".join(filter(None, (said.strip(), used)))


def _what(plan: PlanAnswer, asked: Asked, there: list[int]) -> str:
    """Return the deed that is forbidden or forced, in a few words."""
    first = " as the first step" if asked.first else ""
    if there:
        step = plan.outcome.steps[there[0] - 1]
        more = f" (and step {listing([str(n) for n in there[1:6]])})" if there[1:] else ""
        return f"`{step}`{more}{first}"
    shown = [
        f"`{deed.action}({', '.join(o or '...' for o in deed.objects)})`"
        for deed in dict.fromkeys(asked.deeds)
    ]
    return f"{listing(shown[:4], 'or')}{first}"


def _used(planning: Planning, done: Simulation | None, there: list[int]) -> str:
    """Say which later steps need what a step makes."""
    if done is None:
        return ""
    needed, said = links(planning, done), []
    reached = goal_links(planning, done)
    for place in there[:3]:
        uses: dict[str, list[int]] = {}
        for later, those in enumerate(needed, 1):
            for link in those:
                if link.made_by == place:
                    uses.setdefault(link.condition, []).append(later)
        made = [
            f"{fact_words(planning, condition)} (step {listing([str(n) for n in steps])})"
            for condition, steps in uses.items()
        ]
        if made:
            said.append(f"Step {place} brings about what later steps need: {'; '.join(made)}.")
        goal = [fact_words(planning, condition) for condition, by in reached.items() if by == place]
        if goal:
            said.append(f"Of the goal it brings about that {listing(goal)}.")
    return " ".join(said)


def _other(planning: Planning, found: PlanOutcome) -> str:
    return f"**That plan**\n\n{steps_told(planning, simulate(planning, found.steps))}"
