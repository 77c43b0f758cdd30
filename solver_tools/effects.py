"""What a change of one number does to the best value: the records of a sensitivity."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from optiwright.formulators.model import Index
from optiwright.solver_tools.solution import Record


class Basis(StrEnum):
    """What an effect rests on."""

    EXACT = "exact"
    """A linear program's one-sided derivatives; each holds over the range that is given."""
    MARGIN = "margin"
    """The same of a convex quadratic program: true for very small changes only."""
    RESOLVED = "re-solved"
    """The problem was solved again with the number changed by a step."""
    HELD = "integers held"
    """Exact, but with every whole-numbered decision held at its value in the plan."""


class Way(Record):
    """What happens when a number moves one way, up or down."""

    possible: bool = True
    """Whether there is a solution that way at all."""
    rate: float | None = None
    """Change of the objective, in its own sense and unit, for one more unit; the same sign
    convention for the way down, so that equal rates mean a kink is absent."""
    reach: float | None = None
    """How far the rate holds, in the number's unit; none means without end, zero at the margin
    only. Of a re-solved one: the step."""
    end: float | None = None
    """How far there are solutions at all; none means without end, or not known."""
    objective: float | None = None
    """Of a re-solved one: the best value after the step."""
    note: str = ""
    """Why there is no rate, where there is none."""


class Effect(Record):
    """One number of the model, or one of its constraints or variables, and what hangs on it."""

    kind: Literal["limit", "coefficient", "constraint", "variable"]
    """limit: a parameter that stands in right-hand sides or bounds. coefficient: one that stands in
    the objective; its ways say how far it may go with the plan still best."""
    name: str
    index: Index = ()
    value: float
    """The parameter's or variable's value; a constraint's side that holds data, else its right."""
    other: float | None = None
    """A constraint's other side."""
    slack: float | None = None
    """Of a constraint: what is left before it is broken."""
    binding: bool | None = None
    up: Way | None = None
    """None where the question does not arise, or was not asked."""
    down: Way | None = None
    basis: Basis = Basis.EXACT
    places: tuple[tuple[str, Index], ...] = ()
    """Of a limit: the constraints, and variables with a bound, that it stands in."""

    @property
    def price(self) -> float | None:
        """Change of the objective for one more unit; none where the two ways differ."""
        if self.up is None or self.down is None:
            return None
        one, other = self.up.rate, self.down.rate
        if one is None or other is None:
            return None
        return one if abs(one - other) <= 1e-7 * max(1.0, abs(one), abs(other)) else None


class Effects(Record):
    """Everything that was found out about the surroundings of an answer."""

    effects: tuple[Effect, ...] = ()
    left_out: int = 0
    """Entries, rows and columns that were not looked at since there are too many."""
    limits: tuple[tuple[str, Index], ...] = ()
    """Entries of parameters that stand in limits, the tightest first."""
    inside: tuple[str, ...] = ()
    """Parameters that enter in another way, such as by multiplying decisions inside constraints:
    they have no price of this kind."""


def step_of(value: float) -> float:
    """Return a step that means something for a number of this size: one, or about a hundredth.

    1 for whole numbers below 1,000 and others from 10; 0.1 from 1 to 10; 0.01 below 1.
    """
    size = abs(value)
    if size >= 1000:
        return 10.0 ** (len(str(int(size))) - 3)
    if size == 0 or size == int(size) or size >= 10:
        return 1.0
    if size >= 1:
        return 0.1
    step = 0.01
    while step > size / 2:
        step /= 10
    return step
