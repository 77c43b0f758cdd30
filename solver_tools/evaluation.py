"""What an evaluation of a point finds: the records, and a point from a solver's solution."""

from __future__ import annotations

import math
from typing import Literal

from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Index
from optiwright.solver_tools.solution import Record, Solution, ValueAt


class Violation(Record):
    """Something that the point breaks by more than the tolerance."""

    kind: Literal["constraint", "bound", "domain"]
    name: str
    """Of the constraint, or of the variable."""
    index: Index = ()
    amount: float | None
    """By how much, in the unit of its sides; none where it could not be evaluated."""
    relative: float | None
    """The amount over the largest magnitude among the terms, or over 1 if that is less."""
    left: float | None = None
    right: float | None = None
    message: str
    """One sentence: what is broken, with its figures."""


class Slack(Record):
    """How far an algebraic constraint is from being tight: at one index, its smallest side."""

    name: str
    index: Index = ()
    slack: float
    """In the unit of its sides; negative where it is violated."""
    binding: bool
    """Whether the slack is zero within the tolerance."""
    left: float
    right: float


class AskedValue(Record):
    """One of the quantities that the text asks for."""

    name: str
    index: Index = ()
    value: float | None
    """None where it could not be evaluated; `reason` says why."""
    unit: str = ""
    reason: str = ""


class Evaluation(Record):
    """A point held against a formulation by plain interpretation."""

    feasible: bool
    """Whether nothing is violated; soft constraints never are."""
    objectives: tuple[ValueAt, ...] = ()
    """Each goal's own value, in the order of the formulation."""
    levels: tuple[float, ...] = ()
    """Each priority level's value, the most important first: goals by weight, those of the other
    sense than the level's first negated; the first level with the soft constraints' penalties."""
    penalty: float = 0.0
    """What the soft constraints cost."""
    violations: tuple[Violation, ...] = ()
    """The worst first, by relative amount."""
    slacks: tuple[Slack, ...] = ()
    """Of the algebraic constraints."""
    asked: tuple[AskedValue, ...] = ()

    @property
    def worst(self) -> Violation | None:
        """The violation with the largest relative amount."""
        return self.violations[0] if self.violations else None


def point_of(solution: Solution) -> dict[str, dict[Index, float]]:
    """Return a solution's values by variable and index.

    Raises:
        UserError: if a value is missing or not finite.
    """
    point: dict[str, dict[Index, float]] = {}
    for entry in solution.values:
        if entry.value is None or not math.isfinite(entry.value):
            raise UserError(f"`{entry.name}` has no finite value at {entry.index}")
        point.setdefault(entry.name, {})[entry.index] = entry.value
    return point
