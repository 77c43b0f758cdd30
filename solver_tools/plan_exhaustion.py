"""Every state that can be reached, visited one by one, cheapest first: what finite spaces prove.

A constraint solver cannot show that no plan of any length exists; visiting every state can, where
there are few. It also tells how much of an impossible goal one plan can bring about.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from optiwright.formulators.planning_folding import fold_change, fold_compare
from optiwright.formulators.planning_ground import Goal, Ground, GroundAction
from optiwright.formulators.planning_terms import Atom, Change, Compare, Holds, Number
from optiwright.solver_tools.plan_outcome import PlanStep

State: TypeAlias = tuple[int, tuple[Fraction, ...]]
"""Which facts are true, a bit each, and the amounts."""

MOST_STATES = 200_000


@dataclass(frozen=True)
class Exhaustion:
    """What visiting states came to."""

    exhausted: bool
    """Whether there is no further state."""
    goal: tuple[PlanStep, ...] | None
    """A plan; none is cheaper."""
    bound: Fraction
    """A plan costs at least so much, if there is one."""
    states: int
    best: tuple[PlanStep, ...]
    """A plan that brings about as much of the goal as one can, of the states visited."""
    reached: tuple[Goal, ...]
    """What of the goal it brings about."""


def exhaust(
    ground: Ground,
    cost: Callable[[GroundAction], Fraction],
    *,
    seconds: float,
    most: int = MOST_STATES,
) -> Exhaustion:
    """Visit states by what it costs to get there, until the goal, the end, or the time is up."""
    space = _Space(ground)
    until = time.monotonic() + seconds
    start = space.start()
    came: dict[State, tuple[State, GroundAction] | None] = {start: None}
    costs: dict[State, Fraction] = {start: Fraction(0)}
    heap: list[tuple[Fraction, int, State]] = [(Fraction(0), 0, start)]
    closed: set[State] = set()
    best, met = start, space.met(start)
    spent, count = Fraction(0), 0
    while heap:
        spent, _, state = heapq.heappop(heap)
        if state in closed:
            continue
        closed.add(state)
        here = space.met(state)
        if sum(here) > sum(met):
            best, met = state, here
        if all(here) or len(closed) >= most or time.monotonic() > until:
            break
        for action, later in space.successors(state):
            total = spent + cost(action)
            if later not in costs or total < costs[later]:
                costs[later] = total
                came[later] = (state, action)
                count += 1
                heapq.heappush(heap, (total, count, later))
    else:
        return _told(ground, came, best, met, True, spent, len(closed))
    return _told(ground, came, best, met, False, spent, len(closed))


def _told(
    ground: Ground,
    came: dict[State, tuple[State, GroundAction] | None],
    best: State,
    met: list[bool],
    exhausted: bool,
    bound: Fraction,
    states: int,
) -> Exhaustion:
    path: list[PlanStep] = []
    link = came[best]
    while link is not None:
        state, action = link
        path.append(PlanStep(action=action.name, arguments=action.arguments))
        link = came[state]
    steps = tuple(reversed(path))
    return Exhaustion(
        exhausted=exhausted,
        goal=steps if all(met) else None,
        bound=bound,
        states=states,
        best=steps,
        reached=tuple(g for g, holds in zip(ground.goals, met, strict=True) if holds),
    )


class _Space:
    """States as bits and fractions, and what leads from one to the next."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.bits = {fact: 1 << i for i, fact in enumerate(ground.facts)}
        self.places = {atom: i for i, atom in enumerate(ground.amounts)}
        self.actions = [self._action(action) for action in ground.actions]
        self.goals = [self._goal(goal) for goal in ground.goals]

    def start(self) -> State:
        facts = sum(bit for fact, bit in self.bits.items() if fact in self.ground.true)
        return facts, tuple(self.ground.amounts.values())

    def _action(self, action: GroundAction) -> tuple[GroundAction, int, int, int, int]:
        def mask(facts: frozenset[Atom]) -> int:
            return sum(self.bits[f] for f in facts if f in self.bits)

        return (
            action,
            mask(action.needs),
            mask(action.forbids),
            mask(action.makes),
            mask(action.ends),
        )

    def _goal(self, goal: Goal) -> Callable[[State], bool]:
        match goal.condition:
            case Holds(atom, positive) if atom in self.bits:
                bit = self.bits[atom]
                return lambda state: bool(state[0] & bit) == positive
            case Compare() as compare:
                folded = fold_compare(compare, {}, self.ground.known)
                if isinstance(folded, Compare):
                    return lambda state: self._holds(folded, state)
                return lambda state: folded
        return lambda state: goal.reachable

    def met(self, state: State) -> list[bool]:
        return [holds(state) for holds in self.goals]

    def successors(self, state: State) -> Iterator[tuple[GroundAction, State]]:
        facts, amounts = state
        for action, needs, forbids, makes, ends in self.actions:
            if facts & needs != needs or facts & forbids:
                continue
            if action.compares and not all(self._holds(c, state) for c in action.compares):
                continue
            after = amounts
            if action.changes:
                changed = self._changed(action.changes, state)
                if changed is None:
                    continue
                after = changed
            later = (facts & ~ends | makes, after)
            if later != state:
                yield action, later

    def _holds(self, compare: Compare, state: State) -> bool:
        told = fold_compare(compare, {}, lambda atom: state[1][self.places[atom]])
        return told is True

    def _changed(self, changes: tuple[Change, ...], state: State) -> tuple[Fraction, ...] | None:
        after = list(state[1])
        for change in changes:
            try:
                told = fold_change(change, {}, lambda atom: state[1][self.places[atom]])
            except ZeroDivisionError:
                return None
            if isinstance(told.value, Number):
                value = told.value.value
                place = self.places[change.target]
                before = state[1][place]
                after[place] = {"=": value, "+=": before + value, "-=": before - value}[told.op]
        return tuple(after)
