"""What a few evaluations tell of a black box, with how each was found out."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.solver_tools.search_outcome import Traits
from optiwright.solver_tools.search_target import Axis, Point, Spent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.solver_tools.oracle import Evaluation
    from optiwright.solver_tools.search_ledger import Ledger

_SHARE = 10
_STEP = 1e-5
_EXACT = 1e-7


def probe(
    axes: Sequence[Axis],
    kinds: Sequence[str],
    ledger: Ledger,
    rng: np.random.Generator,
    *,
    noisy: bool | None = None,
    constraints: int = 0,
    maximize: bool = False,
    start: Sequence[float] | None = None,
) -> Traits:
    """Spends at most a tenth of the budget on what can be known; sets `ledger.noisy`.

    Args:
        axes: the unknowns.
        kinds: what each of them is.
        ledger: what is asked.
        rng: where points are drawn from.
        noisy: whether the same point may have several values, where that is known.
        constraints: how many there are.
        maximize: whether the value is to be greatest; then it is concave that counts as convex.
        start: a place of the unit cube to look at first.
    """
    looking = _Probe(axes, ledger, rng, max(1, ledger.left // _SHARE))
    try:
        looking.look_around(start)
        looking.repeat(noisy)
        if not looking.noisy and not any(axis.levels for axis in axes):
            looking.try_gradient()
            looking.split()
            looking.bend(-1.0 if maximize else 1.0)
    except Spent:
        pass
    looking.notes.append(f"Cost: one evaluation takes {_duration(ledger.seconds)}, the median.")
    ledger.noisy = bool(looking.noisy)
    return Traits(
        dimension=len(axes),
        kinds=tuple(dict.fromkeys(kinds)),
        noisy=looking.noisy,
        noise=looking.noise,
        seconds=ledger.seconds,
        constrained=constraints > 0 or any(e.constraints for e in ledger.values),
        notes=tuple(looking.notes),
        **looking.found,
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 0.1 else f"{1000 * seconds:.2g} ms"


class _Probe:
    """A look at a black box that is not to ask more than so often."""

    def __init__(
        self, axes: Sequence[Axis], ledger: Ledger, rng: np.random.Generator, most: int
    ) -> None:
        self._axes, self._ledger, self._rng, self._left = axes, ledger, rng, most
        self._most = most
        self.places: list[np.ndarray] = []
        self.values: list[float] = []
        self.noisy: bool | None = None
        self.noise = 0.0
        self.found: dict[str, Any] = {}
        self.notes: list[str] = []

    def _ask(self, place: np.ndarray, *, again: bool = False) -> float:
        """Returns the value at a place, NaN where it failed."""
        if self._left <= 0:
            raise Spent("the share of looking around is spent")
        self._left -= 1
        evaluation: Evaluation = self._ledger.ask(self._point(place), again=again)
        return math.nan if evaluation.value is None else evaluation.value

    def _point(self, place: np.ndarray) -> Point:
        return tuple(axis.value(u) for axis, u in zip(self._axes, place, strict=True))

    @property
    def spread(self) -> float:
        """How far the values lie apart."""
        return max(self.values) - min(self.values) if self.values else 0.0

    def look_around(self, start: Sequence[float] | None) -> None:
        """Asks at the start or the middle, and at a few places more."""
        count = max(1, min(self._most // 3, 4 + len(self._axes) // 2))
        middle = np.full(len(self._axes), 0.5) if start is None else np.array(start, dtype=float)
        for place in [middle, *self._rng.random((count - 1, len(self._axes)))]:
            value = self._ask(place)
            if math.isfinite(value):
                self.places.append(place)
                self.values.append(value)

    def repeat(self, noisy: bool | None) -> None:
        """Asks at the same places again."""
        if noisy is False:
            self.noisy = False
            self.notes.append("Noise: none, as the problem says.")
            return
        self.noisy = noisy
        if not self.places:
            return
        pairs = []
        for place, value in list(zip(self.places, self.values, strict=True))[:2]:
            pairs.append((value, self._ask(place, again=True)))
        differ = [pair for pair in pairs if math.isfinite(pair[1]) and pair[0] != pair[1]]
        if not differ:
            self.noisy = bool(noisy)
            said = "the problem says that there is" if noisy else "taken for none"
            self.notes.append(
                f"Noise: {len(pairs)} of the points, asked again, gave the same value; {said}."
            )
            return
        self.noisy = True
        values = list(differ[0])
        while len(values) < 6 and self._left > 0:
            again = self._ask(self.places[0], again=True)
            values += [again] if math.isfinite(again) else []
        scatter, apart = statistics.stdev(values), len(self.values) > 1
        self.noise = scatter / self.spread if self.spread > 0 else 1.0
        self.notes.append(
            f"Noise: the same point gave {values[0]:.6g} and {values[1]:.6g}; values of one point "
            f"scatter by {scatter:.3g}"
            + (f", those of different points lie {self.spread:.3g} apart." if apart else ".")
        )

    def try_gradient(self) -> None:
        """Holds gradients against differences of values."""
        tried, steepest = 0, 0.0
        for place in self.places[:2]:
            inner = place.clip(2 * _STEP, 1 - 2 * _STEP)
            try:
                slope = np.array(self._ledger.slope(self._point(inner)), dtype=float)
            except Spent:
                if tried == 0 and not self._ledger.is_over:
                    self.notes.append("Gradients: not known.")
                    self.found["differentiable"] = None
                return
            self._left -= 1
            along = [axis.slope(u) for axis, u in zip(self._axes, inner, strict=True)]
            way = self._rng.choice([-1.0, 1.0], len(self._axes))
            up, down = self._ask(inner + _STEP * way), self._ask(inner - _STEP * way)
            expected, measured = float(slope * along @ way), (up - down) / (2 * _STEP)
            scale = 1e-3 * max(abs(expected), abs(measured)) + 1e-8 * max(map(abs, self.values))
            if not abs(expected - measured) <= scale + 1e-12:
                self.found["differentiable"] = False
                self.notes.append(
                    f"Gradients: one by automatic differentiation gives {expected:.6g} where "
                    f"differences give {measured:.6g}; none are used."
                )
                return
            tried += 1
            steepest = max(steepest, float(np.abs(slope).max()))
        if tried and not steepest:
            self.notes.append("Gradients: nothing but zeros where it was tried; none are used.")
        elif tried:
            self.found["differentiable"] = True
            self.notes.append(
                "Gradients: by automatic differentiation of the source, which agrees with "
                f"differences at {tried} point{'s' if tried > 1 else ''}."
            )

    def split(self) -> None:
        """Tests whether the function is a sum of functions of one unknown each.

        Of such a one, f(a, d) + f(c, b) = f(a, b) + f(c, d) for every split of the unknowns in two;
        splits by the binary digits of their numbers part every two of them.
        """
        size = len(self._axes)
        if size < 2 or len(self.places) < 2:
            return
        first, second = self.places[:2]
        total = self.values[0] + self.values[1]
        for digit in range(max(1, math.ceil(math.log2(size)))):
            part = np.array([index >> digit & 1 for index in range(size)], dtype=bool)
            crossed = self._ask(np.where(part, first, second))
            crossed += self._ask(np.where(part, second, first))
            if not abs(crossed - total) <= _EXACT * max(abs(total), self.spread, 1e-12):
                self.found["separable"] = False
                self.notes.append("Separability: contradicted by exchanging part of two points.")
                return
        self.found["separable"] = True
        self.notes.append("Separability: not contradicted by exchanging parts of two points.")

    def bend(self, sign: float) -> None:
        """Looks along lines: whether the function bulges upwards, and how often it turns."""
        ends = list(pairwise(range(min(len(self.places), 4))))
        for one, other in ends:
            middle = self._ask((self.places[one] + self.places[other]) / 2)
            mean = (self.values[one] + self.values[other]) / 2
            linear = not any(axis.log for axis in self._axes)
            if linear and sign * (middle - mean) > _EXACT * max(self.spread, abs(mean), 1e-12):
                self.found["convex"] = False
                self.notes.append("Convexity: contradicted halfway between two points.")
                break
        if len(ends) == 0:
            return
        line = np.linspace(self.places[0], self.places[1], 9)[1:-1]
        along = [self.values[0], *(self._ask(place) for place in line), self.values[1]]
        rises = [sign * (b - a) > 0 for a, b in pairwise(along) if a != b]
        valleys = sum(not before and after for before, after in pairwise(rises))
        if valleys > 1:
            self.found["modality"] = "many"
            self.notes.append(f"Ruggedness: {valleys} valleys along a line between two points.")
