"""What an optimizer sees of a black box: a function over the unit cube, and when to stop.

Only numpy is needed: a program to take away (`search_program`) has this file's text in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

TOLERANCE = 1e-6
"""A constraint's value up to which it counts as met."""
_IDLE = 500
"""Questions in a row that were asked before, after which an optimizer is going round in circles."""
_NOTABLE = 1e-9


class Spent(Exception):
    """Raised in an optimizer that has to stop; says why."""


@dataclass(frozen=True)
class Axis:
    """One unknown, and how it lies along an edge of the unit cube."""

    lower: float = 0.0
    upper: float = 1.0
    log: bool = False
    whole: bool = False
    choices: tuple[str, ...] = ()

    @property
    def levels(self) -> int:
        """How many values it has; 0 for a real number."""
        if self.choices:
            return len(self.choices)
        return int(self.upper) - int(self.lower) + 1 if self.whole else 0

    def holds(self, value: float | int | str) -> bool:
        """Tells whether it is one of the unknown's values."""
        if self.choices or isinstance(value, str):
            return value in self.choices
        return self.lower <= value <= self.upper and (not self.whole or value == int(value))

    def value(self, unit: float) -> float | int | str:
        """Returns the value at a place of the edge, from 0 to 1."""
        unit = min(max(float(unit), 0.0), 1.0)
        if self.levels:
            level = min(int(unit * self.levels), self.levels - 1)
            return self.choices[level] if self.choices else int(self.lower) + level
        if self.log:
            found = self.lower * math.exp(unit * math.log(self.upper / self.lower))
        else:
            found = self.lower + (self.upper - self.lower) * unit
        return min(max(found, self.lower), self.upper)

    def unit(self, value: float | int | str) -> float:
        """Returns a place of the edge that has this value."""
        if self.levels:
            level = self.choices.index(str(value)) if self.choices else int(value) - int(self.lower)
            return (level + 0.5) / self.levels
        if self.upper <= self.lower:
            return 0.5
        if self.log:
            return math.log(float(value) / self.lower) / math.log(self.upper / self.lower)
        return (float(value) - self.lower) / (self.upper - self.lower)

    def slope(self, unit: float) -> float:
        """Returns how fast the value of a real number changes along the edge."""
        if not self.log:
            return self.upper - self.lower
        return float(self.value(unit)) * math.log(self.upper / self.lower)


Point = tuple[float | int | str, ...]
Answer = tuple[float, Sequence[float]]
"""The function's value, NaN where it failed, and the constraints' values."""


class Target:
    """A function over the unit cube, to be least, asked at most `budget` times.

    Args:
        axes: the unknowns.
        ask: the function, of a point in the unknowns' own values.
        budget: calls of `ask` at most; then `Spent` is raised.
        maximize: whether the function is to be greatest.
        constraints: how many values that have to be at most zero `ask` returns.
        start: a place of the cube to begin at.
        gradient: of a point, what `ask` rises by in each unknown.
        noisy: whether the same place may be asked again for another value.
        patience: calls without progress after which `Spent` is raised.
        big: a value that no place which meets the constraints is expected to reach.
        counted: what is left of the budget, where `ask` counts itself.
    """

    def __init__(
        self,
        axes: Sequence[Axis],
        ask: Callable[[Point], Answer],
        budget: int,
        *,
        maximize: bool = False,
        constraints: int = 0,
        start: Sequence[float] | None = None,
        gradient: Callable[[Point], Sequence[float]] | None = None,
        noisy: bool = False,
        patience: int | None = None,
        big: float = 1e6,
        counted: Callable[[], int] | None = None,
    ) -> None:
        self.axes = tuple(axes)
        self.dimension = len(self.axes)
        self.bounds = [(0.0, 1.0)] * self.dimension
        self.mixed = any(axis.levels for axis in self.axes)
        self.constraints = constraints
        self.noisy = noisy
        self.start = None if start is None else np.array(start, dtype=float)
        self.ends: list[float] = []
        """The values at which runs from different starts came to rest."""
        self.best = math.inf
        self.best_place = np.full(self.dimension, 0.5)
        self._ask, self._sign, self._big = ask, -1.0 if maximize else 1.0, big
        self._gradient = gradient
        self._budget, self._asked, self._counted = budget, 0, counted
        self._patience = budget if patience is None else patience
        self._seen: dict[Point, Answer] = {}
        self._idle = self._since = 0

    @property
    def left(self) -> int:
        """How many evaluations are left."""
        return self._budget - self._asked if self._counted is None else self._counted()

    def point(self, place: Any) -> Point:
        """Returns the unknowns' values at a place of the cube."""
        return tuple(axis.value(u) for axis, u in zip(self.axes, place, strict=True))

    def evaluate(self, place: Any) -> tuple[float, np.ndarray]:
        """Returns the value to be least, NaN where it failed, and the constraints' values."""
        point = self.point(place)
        known = self._seen.get(point)
        if known is not None:
            self._idle += 1
            if self._idle > _IDLE:
                raise Spent("it asked for nothing new any more")
        else:
            known = self._pay(point)
            value = self._scalar(known)
            self._since += 1
            if value < self.best - _NOTABLE * max(1e-12, min(abs(self.best), 1e300)):
                self._since = 0
            if value < self.best:
                self.best, self.best_place = value, np.array(place, dtype=float)
        if self._since > self._patience:
            raise Spent(f"no progress in {self._patience} evaluations")
        return self._sign * known[0], np.array(known[1], dtype=float)

    def _pay(self, point: Point) -> Answer:
        if self.left <= 0:
            raise Spent("its share of the budget is spent")
        self._asked += 1
        self._idle = 0
        known = self._ask(point)
        if self.noisy:
            self._seen.clear()  # but for a value and its constraints, which are asked in turn
        self._seen[point] = known
        return known

    def _scalar(self, answer: Answer) -> float:
        """One figure: every place that breaks a constraint is worse than any that meets them."""
        value, limits = answer
        if not math.isfinite(value):
            return 3 * self._big
        miss = sum(max(0.0, limit) for limit in limits if limit > TOLERANCE)
        return self._sign * value if not miss else self._big * (1 + miss / (1 + miss))

    def __call__(self, place: Any) -> float:
        """Returns the figure that is to be least, constraints and failures in it."""
        value, limits = self.evaluate(place)
        return self._scalar((self._sign * value, tuple(limits)))

    def objective(self, place: Any) -> float:
        """Returns the value alone, for optimizers that see to constraints themselves."""
        value, _ = self.evaluate(place)
        return value if math.isfinite(value) else 3 * self._big

    def limits(self, place: Any) -> np.ndarray:
        """Returns the constraints' values; at most zero where they are met."""
        value, limits = self.evaluate(place)
        return limits if math.isfinite(value) else np.full(self.constraints, 1.0)

    def meets(self, place: Any) -> bool:
        """Tells whether a place has a value and meets every constraint."""
        value, limits = self.evaluate(place)
        return math.isfinite(value) and bool((limits <= TOLERANCE).all())

    @property
    def slope(self) -> Callable[[Any], np.ndarray] | None:
        """The gradient of `objective` over the cube, where it is known."""
        return None if self._gradient is None else self._slope

    def _slope(self, place: Any) -> np.ndarray:
        if self._gradient is None or self.left <= 0:
            raise Spent("its share of the budget is spent")
        self._asked += 1
        along = [axis.slope(u) for axis, u in zip(self.axes, place, strict=True)]
        return self._sign * np.array(self._gradient(self.point(place)), dtype=float) * along

    def starts(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yields places to begin at, without end: the given one or the middle, then at random."""
        yield np.full(self.dimension, 0.5) if self.start is None else self.start
        while True:
            yield rng.random(self.dimension)

    def ended(self, value: float) -> None:
        """Takes note that a run came to rest at this value."""
        self.ends.append(float(value))
