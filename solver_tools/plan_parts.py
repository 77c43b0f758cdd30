"""How much of an impossible goal one plan can bring about: as many of its conditions as can be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

from optiwright.formulators.phrases import counted, listing
from optiwright.formulators.planning_ground import Goal, Ground
from optiwright.formulators.planning_pairs import pairs_of
from optiwright.solver_tools.plan_cp_sat import Horizon
from optiwright.solver_tools.plan_exhaustion import exhaust
from optiwright.solver_tools.plan_numbers import BeyondCpSat
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep

REACHABILITY = "reachability"
Ask: TypeAlias = Callable[[Ground, float], PlanOutcome]
"""Looks for any plan for so many seconds."""

_VISITS_S = 5.0
_ONE_S = 10.0
"""For one part of the goal."""
_NOT_ALL = "There may be a larger part: not every one was tried to the end."


def with_largest_part(
    ground: Ground, most_steps: int | None, outcome: PlanOutcome, until: float, ask: Ask
) -> PlanOutcome:
    """Add to an impossible outcome the largest part of its goal that one plan brings about.

    Args:
        ground: what can happen.
        most_steps: a limit on the steps; None without one.
        outcome: that the whole goal is impossible.
        until: when to stop, as `time.monotonic` has it.
        ask: looks for a plan for part of the goal.
    """
    if most_steps is not None:
        goals, steps, largest = _within(ground, most_steps, until)
    else:
        goals, steps, largest = _visited(ground, until) or _tried(ground, until, ask)
    return outcome.model_copy(
        update={
            "reached": tuple(goal.text for goal in goals),
            "reached_by": steps,
            "message": " ".join(filter(None, [outcome.message, "" if largest else _NOT_ALL])),
        }
    )


_Part: TypeAlias = tuple[tuple[Goal, ...], tuple[PlanStep, ...], bool]
"""Conditions, the plan that brings them about, and whether no part is larger."""


def _within(ground: Ground, most_steps: int, until: float) -> _Part:
    """Return the largest part within a limit on the steps."""
    try:
        horizon = Horizon(ground, most_steps, idle=True)
        horizon.want_most(ground.goals)
        answer = horizon.solve(until - time.monotonic(), 0)
    except BeyondCpSat:
        return (), (), False
    if answer.status != "plan":
        return (), (), False
    goals = tuple(g for g, holds in zip(ground.goals, answer.wanted, strict=True) if holds)
    return goals, answer.steps, answer.proved


def _visited(ground: Ground, until: float) -> _Part | None:
    """Return the largest part where all states can be visited; None where they are too many."""
    seconds = min(_VISITS_S, until - time.monotonic())
    seen = exhaust(ground, lambda action: Fraction(1), seconds=seconds)
    return (seen.reached, seen.best, True) if seen.exhausted else None


def _tried(ground: Ground, until: float, ask: Ask) -> _Part:
    """Try parts of the goal, the large ones first, until one has a plan."""
    goals = [goal for goal in ground.goals if goal.reachable]
    certain = True
    for size in range(len(goals), 0, -1):
        if size == len(ground.goals):
            continue
        for part in combinations(goals, size):
            left = until - time.monotonic()
            if left <= 0:
                return (), (), False
            found = ask(replace(ground, goals=part), min(_ONE_S, left))
            if found.steps or found.status.has_plan:
                return part, found.steps, certain
            certain &= found.status is PlanStatus.IMPOSSIBLE
    return (), (), certain


def impossible_at_once(ground: Ground) -> PlanOutcome | None:
    """Return that the goal can never hold, where one condition or two together show it."""
    never = [f"`{goal.text}`" for goal in ground.goals if not goal.reachable]
    if never:
        return PlanOutcome(
            status=PlanStatus.IMPOSSIBLE,
            engine=REACHABILITY,
            proof=f"{listing(never)} can never hold, even if nothing that was once true became "
            f"untrue: {counted(len(ground.actions), 'action')} can be reached, and none of them "
            "brings that about.",
        )
    pairs = pairs_of(ground)
    if pairs is None or pairs.clash is None:
        return None
    return PlanOutcome(
        status=PlanStatus.IMPOSSIBLE,
        engine=REACHABILITY,
        proof=f"`{pairs.clash[0]}` and `{pairs.clash[1]}` can never hold together: whichever of "
        "them an action makes, the other is untrue then.",
    )
