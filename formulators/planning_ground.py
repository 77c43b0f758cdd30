"""A planning formulation with its actions' places filled in: plain data that engines work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from optiwright.formulators.planning_terms import Atom, Change, Compare, Condition


@dataclass(frozen=True)
class GroundAction:
    """One action with objects; what always holds is left out of its needs."""

    name: str
    arguments: tuple[str, ...]
    needs: frozenset[Atom]
    """Facts that are true before it."""
    forbids: frozenset[Atom]
    """Facts that are not."""
    compares: tuple[Compare, ...]
    """Over amounts that change; those that do not are numbers here."""
    makes: frozenset[Atom]
    ends: frozenset[Atom]
    """Without what it makes."""
    changes: tuple[Change, ...]
    cost: Fraction
    level: int
    """It cannot be taken before so many other steps."""

    def __str__(self) -> str:
        return str(Atom(self.name, self.arguments))


@dataclass(frozen=True)
class Goal:
    """One condition of the goal, as the formulation has it and taken apart."""

    text: str
    condition: Condition
    reachable: bool
    """Whether it can ever hold if nothing that was true became untrue; if not, it never does."""
    level: int
    """It cannot hold before so many steps."""


@dataclass(frozen=True)
class Ground:
    """What can happen at all: the actions that can be reached, and what they change."""

    actions: tuple[GroundAction, ...]
    facts: tuple[Atom, ...]
    """Those that can change."""
    true: frozenset[Atom]
    """Those of all facts that are true at the start."""
    amounts: Mapping[Atom, Fraction]
    """Those that can change, with their values at the start."""
    given: Mapping[Atom, Fraction]
    """Those that cannot; one that is not here is zero."""
    goals: tuple[Goal, ...]
    levels: Mapping[Atom, int] = field(default_factory=dict)
    """A fact cannot become true before so many steps; without those that never can."""

    def known(self, atom: Atom) -> Fraction | None:
        """Return an amount's value where no action changes it."""
        return None if atom in self.amounts else self.given.get(atom, Fraction(0))

    @property
    def reachable(self) -> bool:
        """Whether every condition of the goal can be met, each for itself."""
        return all(goal.reachable for goal in self.goals)

    @property
    def fewest(self) -> int:
        """No plan has fewer steps."""
        return max((goal.level for goal in self.goals), default=0)
