"""Facts that can never be true together, and how soon others can: reachability of pairs.

The heuristic h2 of Haslum and Geffner (2000), followed until nothing changes: two facts can be true
together if some action makes both, or makes one while the other stays and goes with what it needs.
Rows of bits stand for the sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from optiwright.formulators.planning_ground import Goal, Ground, GroundAction
from optiwright.formulators.planning_terms import Atom, Holds

_MOST_FACTS = 2_000
_MOST_WORK = 3_000_000
"""Actions times rounds that are looked at; beyond, nothing is said."""


@dataclass(frozen=True)
class Pairs:
    """What pairs of facts tell.

    Attributes:
        facts: the facts, in the order of the bits.
        rows: for each, the facts that it can be true together with, itself among them.
        level: no plan for the goal has fewer steps; None where the goal is impossible.
        clash: two conditions of the goal that exclude each other, as the formulation has them.
    """

    facts: tuple[Atom, ...]
    rows: tuple[int, ...]
    level: int | None
    clash: tuple[str, str] | None = None

    def groups(self) -> list[list[Atom]]:
        """Return sets of facts of which one at most is true, so that most exclusions are in one."""
        everything = (1 << len(self.facts)) - 1
        excluded = [everything & ~row & ~(1 << i) for i, row in enumerate(self.rows)]
        left = list(excluded)
        found = []
        for first in range(len(self.facts)):
            while left[first]:
                clique, common = [first], excluded[first]
                while common:
                    fresh = common & left[clique[-1]] or common
                    clique.append((fresh & -fresh).bit_length() - 1)
                    common &= excluded[clique[-1]]
                mask = sum(1 << one for one in clique)
                for one in clique:
                    left[one] &= ~mask
                found.append([self.facts[one] for one in clique])
        return found


def pairs_of(ground: Ground) -> Pairs | None:
    """Return what pairs of a ground problem's facts tell; None where there are too many."""
    if len(ground.facts) > _MOST_FACTS:
        return None
    return _Spreading(ground).spread()


class _Spreading:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.number = {fact: i for i, fact in enumerate(ground.facts)}
        true = self._mask(ground.true)
        self.rows = [true if true >> i & 1 else 0 for i in range(len(ground.facts))]
        self.actions = [self._action(action) for action in ground.actions]
        goals = [
            (goal, self.number[goal.condition.atom])
            for goal in ground.goals
            if isinstance(goal.condition, Holds)
            and goal.condition.positive
            and goal.condition.atom in self.number
        ]
        self.goals: list[tuple[Goal, int]] = goals
        self.goal_mask = sum(1 << i for _, i in goals)

    def _mask(self, facts: frozenset[Atom]) -> int:
        return sum(1 << self.number[f] for f in facts if f in self.number)

    def _action(self, action: GroundAction) -> tuple[list[int], int, list[int], int, int]:
        needs = [self.number[f] for f in action.needs if f in self.number]
        makes = [self.number[f] for f in action.makes if f in self.number]
        gone = self._mask(action.ends | action.forbids)
        return needs, self._mask(action.needs), makes, self._mask(action.makes), gone

    def spread(self) -> Pairs | None:
        """Let pairs become possible, step by step, until none does any more."""
        level: int | None = None
        step = work = 0
        while True:
            if level is None and self._met():
                level = step
            work += len(self.actions)
            if work > _MOST_WORK:
                return None
            rows = list(self.rows)
            for action in self.actions:
                self._take(action, rows)
            if rows == self.rows:
                return Pairs(self.ground.facts, tuple(rows), level, self._clash())
            self.rows = rows
            step += 1

    def _take(self, action: tuple[list[int], int, list[int], int, int], rows: list[int]) -> None:
        """Add what an action makes possible to `rows`, from what was possible before it."""
        needs, need_mask, makes, make_mask, gone = action
        stays = (1 << len(rows)) - 1
        for need in needs:
            row = self.rows[need]
            if row & need_mask != need_mask:
                return
            stays &= row
        if not needs:
            stays = self._reached()
        beside = (stays & ~gone) | make_mask
        for fact in makes:
            new = beside & ~rows[fact]
            rows[fact] |= beside
            while new:
                bit = new & -new
                rows[bit.bit_length() - 1] |= 1 << fact
                new ^= bit

    def _reached(self) -> int:
        return sum(1 << i for i, row in enumerate(self.rows) if row)

    def _met(self) -> bool:
        return all(self.rows[i] & self.goal_mask == self.goal_mask for _, i in self.goals)

    def _clash(self) -> tuple[str, str] | None:
        for (goal, i), (other, j) in combinations(self.goals, 2):
            if not self.rows[i] >> j & 1:
                return goal.text, other.text
        return None
