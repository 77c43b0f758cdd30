"""Some plan, soon: greedy search led by how far the goal seems, if effects only ever added facts.

The estimate is the additive heuristic of Bonet and Geffner (2001): the sum over the goal of what it
takes to make each fact, what an action needs added up. Amounts have no part in it, but for the
conditions of the goal that are not met yet. It proves nothing.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence

from optiwright.formulators.planning_ground import Ground, GroundAction
from optiwright.formulators.planning_terms import Holds
from optiwright.solver_tools.plan_exhaustion import Space, State
from optiwright.solver_tools.plan_outcome import PlanStep

_MOST_STATES = 50_000


def greedy_plan(ground: Ground, seconds: float) -> tuple[PlanStep, ...] | None:
    """Return a plan without idle detours; None where none was found in the time."""
    until = time.monotonic() + seconds
    space = Space(ground)
    estimate = _Estimate(ground, space)
    start = space.start()
    came: dict[State, tuple[State, GroundAction] | None] = {start: None}
    heap: list[tuple[int, int, State]] = [(0, 0, start)]
    count = 0
    while heap and time.monotonic() < until and len(came) < _MOST_STATES:
        state = heapq.heappop(heap)[2]
        if all(space.met(state)):
            return _steps(_shortened(space, _path(came, state)))
        far = estimate.of(state)
        if far is None:
            continue
        for action, later in space.successors(state):
            if later not in came:
                came[later] = (state, action)
                count += 1
                heapq.heappush(heap, (far, -count, later))
    return None


class _Estimate:
    def __init__(self, ground: Ground, space: Space) -> None:
        self._space = space
        number = {fact: i for i, fact in enumerate(ground.facts)}
        self._needed: list[list[int]] = [[] for _ in number]
        self._makes: list[list[int]] = []
        self._waits: list[int] = []
        self._free: list[int] = []
        for index, action in enumerate(ground.actions):
            needs = [number[f] for f in action.needs if f in number]
            for need in needs:
                self._needed[need].append(index)
            self._waits.append(len(needs))
            self._makes.append([number[f] for f in action.makes if f in number])
            if not needs:
                self._free.append(index)
        conditions = [goal.condition for goal in ground.goals]
        self._goals = [
            number[c.atom]
            for c in conditions
            if isinstance(c, Holds) and c.positive and c.atom in number
        ]

    def of(self, state: State) -> int | None:
        """Return how far the goal seems; None where it cannot be reached any more."""
        costs: dict[int, int] = {}
        heap = [(0, i) for i in range(len(self._needed)) if state[0] >> i & 1]
        waits, spent = list(self._waits), [1] * len(self._waits)
        heap += [(1, fact) for action in self._free for fact in self._makes[action]]
        heapq.heapify(heap)
        while heap:
            cost, fact = heapq.heappop(heap)
            if fact in costs:
                continue
            costs[fact] = cost
            for action in self._needed[fact]:
                waits[action] -= 1
                spent[action] += cost
                if not waits[action]:
                    for made in self._makes[action]:
                        if made not in costs:
                            heapq.heappush(heap, (spent[action], made))
        if any(goal not in costs for goal in self._goals):
            return None
        return sum(costs[goal] for goal in self._goals) + self._space.met(state).count(False)


def _path(came: dict[State, tuple[State, GroundAction] | None], state: State) -> list[GroundAction]:
    path = []
    link = came[state]
    while link is not None:
        before, action = link
        path.append(action)
        link = came[before]
    return path[::-1]


def _shortened(space: Space, plan: list[GroundAction]) -> list[GroundAction]:
    """Leave out steps, each with the later ones that needed it, as long as the goal still holds."""
    at = 0
    while at < len(plan):
        kept = plan[:at]
        state = space.start()
        for action in kept:
            state = space.after(action, state) or state
        for action in plan[at + 1 :]:
            later = space.after(action, state)
            if later is not None:
                kept.append(action)
                state = later
        if all(space.met(state)):
            plan = kept
        else:
            at += 1
    return plan


def _steps(plan: Sequence[GroundAction]) -> tuple[PlanStep, ...]:
    return tuple(PlanStep(action=a.name, arguments=a.arguments) for a in plan)
