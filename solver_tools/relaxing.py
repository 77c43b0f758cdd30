"""The smallest changes of a formulation's figures that make it possible, each of them solved.

Elastic relaxation: what may move is let move at a price (`optiwright.formulators.elastic`), the
figures found are rounded outward to few digits, and the formulation is solved again with them.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from optiwright.formulators.elastic import DOWN, UP, elastic
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Change, Domain, Entry, Formulation, Index
from optiwright.formulators.movable import Movable
from optiwright.solver_tools.solution import Solution, Termination
from optiwright.solver_tools.variants import Allowance, Solved, Variant, solve_variant

if TYPE_CHECKING:
    from optiwright.solver_tools.pool import Pool

_DIGITS, _PLAIN = 3, 4
"""Of a change that is rounded, and of a figure that is kept as it is."""
_NOTHING = 1e-6
"""A change below this, relative to the figure, is a solver's rounding."""
_EXACT = 1e-7
_TRIES = 3
"""How often a rounded figure is moved a step further where it does not suffice yet."""
_MEASURED = re.compile(
    r"%|[$€£]|\b(?:eur|euros?|usd|dollars?|k?g|mg|t|tons?|tonnes?|lbs?|pounds?|oz|ounces?|l|ml"
    r"|lit(?:re|er)s?|gallons?|[kcm]?m|miles?|ft|feet|hr?|hours?|min|minutes?|s|sec|seconds?|days?"
    r"|[km]wh?|m[23²³]|acres?|ha|hectares?|shares?|fractions?)\b"
)


class Aim(StrEnum):
    """What an alternative is the least of."""

    LEAST = "least"
    """The least change in all, relative to each figure."""
    ALONE = "alone"
    """The least change of one parameter, the others as they are."""
    FEWEST = "fewest"
    """The least number of figures that change, by the least in all."""


@dataclass(frozen=True)
class Moved:
    """One figure's change."""

    parameter: str
    index: Index
    before: float
    after: float


@dataclass(frozen=True)
class Relaxation:
    """A change that makes the formulation possible, and what comes of it."""

    aim: Aim
    moved: tuple[Moved, ...]
    solved: Solved
    """The formulation with the changes."""
    least: bool
    """Whether the solver proved that no smaller change of this kind suffices."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The new entries, parameter by parameter."""
        return _changes(self.moved)


async def relaxations(
    pool: Pool,
    formulation: Formulation,
    movable: Sequence[Movable],
    allowance: Allowance | None = None,
) -> list[Relaxation]:
    """Find changes of movable figures that make an infeasible formulation possible.

    One with the least change in all, one for each parameter that suffices alone, and one with the
    fewest figures where one alone does not suffice; what comes out twice is there once. Solved in
    the pool, as many at once as it has workers.

    Raises:
        FormulationError: if the formulation cannot be compiled.
    """
    instance = ground(formulation)
    figures = {m.parameter: dict(instance.parameter(m.parameter)) for m in movable}
    search = _Search(pool, formulation, figures, allowance or Allowance())
    tasks = [search.seek(Aim.LEAST, movable)]
    if len(movable) > 1:
        tasks += [search.seek(Aim.ALONE, [each]) for each in movable]
    found = [r for r in await asyncio.gather(*tasks) if r is not None]
    if found and all(len(r.moved) > 1 for r in found):
        fewest = await search.seek(Aim.FEWEST, movable)
        found += [fewest] if fewest is not None else []
    once = {r.moved: r for r in reversed(found)}
    return sorted(once.values(), key=lambda r: (list(Aim).index(r.aim), search.size(r)))


class _Search:
    def __init__(
        self,
        pool: Pool,
        formulation: Formulation,
        figures: Mapping[str, Mapping[Index, float]],
        allowance: Allowance,
    ) -> None:
        self._pool = pool
        self._formulation = formulation
        self._figures = figures
        self._allowance = allowance
        self._whole = whole_figures(formulation, figures)

    async def seek(self, aim: Aim, movable: Sequence[Movable]) -> Relaxation | None:
        """Returns the least change by which these figures suffice; None if they do not."""
        figures = {m.parameter: self._figures[m.parameter] for m in movable}
        eased, movers = elastic(
            self._formulation,
            movable,
            figures,
            whole=self._whole & figures.keys(),
            fewest=aim is Aim.FEWEST,
        )
        try:
            outcome = await solve_variant(self._pool, Variant(aim, eased), self._allowance)
        except FormulationError:
            # Freed bounds can leave a rule without the big-M that it needs.
            return None
        if not outcome.termination.has_point:
            return None
        shifts = _shifts(outcome.solution, movers)
        for further in range(_TRIES):
            moved = tuple(self._rounded(shifts, further))
            solved = await self._solved(aim, _changes(moved)) if moved else None
            if solved is not None:
                return Relaxation(aim, moved, solved, outcome.termination is Termination.OPTIMAL)
        return None

    def size(self, relaxation: Relaxation) -> float:
        """Returns a relaxation's change in all, relative to each figure."""
        return sum(abs(m.after - m.before) / (abs(m.before) or 1.0) for m in relaxation.moved)

    def _rounded(self, shifts: Mapping[tuple[str, Index], float], further: int) -> Iterable[Moved]:
        for (name, index), shift in shifts.items():
            before = self._figures[name][index]
            if abs(shift) > _NOTHING * max(1.0, abs(before)):
                after = outward(before, shift, whole=name in self._whole, further=further)
                yield Moved(name, index, before, after)

    async def _solved(self, aim: Aim, changes: tuple[Change, ...]) -> Solved | None:
        """Returns the formulation with the changes solved, if they make it possible."""
        variant = Variant(aim, self._formulation, changes)
        solved = await solve_variant(self._pool, variant, self._allowance)
        if solved.termination is Termination.UNBOUNDED:
            return solved
        sound = solved.evaluation is not None and solved.evaluation.feasible
        return solved if sound and solved.termination.has_point else None


def outward(before: float, shift: float, *, whole: bool = False, further: int = 0) -> float:
    """Return a figure moved by at least `shift`, rounded away from where it was.

    Args:
        before: the figure as it is.
        shift: the least change that suffices; not zero.
        whole: whether it counts whole things.
        further: how many more steps to go.
    """
    exact = before + shift
    for plain in (float(round(exact)), float(f"{exact:.{_PLAIN}g}")):
        close = abs(plain - exact) <= _EXACT * max(abs(exact), abs(before))
        if close and not further and (not whole or plain.is_integer()):
            return plain
    exponent = math.floor(math.log10(abs(shift))) - (_DIGITS - 1)
    exponent = max(exponent, 0) if whole else exponent
    step, way = 10.0**exponent, math.copysign(1.0, shift)
    steps = math.ceil(way * exact / step - _EXACT) + further
    rounded = way * (steps * step if exponent >= 0 else steps / 10.0**-exponent)
    # A fall goes past zero by rounding only.
    return max(rounded, 0.0) if before >= 0 and shift < 0 else rounded


def whole_figures(
    formulation: Formulation, figures: Mapping[str, Mapping[Index, float]]
) -> frozenset[str]:
    """Return the parameters that count whole things: integers, in no unit of measure.

    Without a unit, the decisions tell: of whole decisions there are whole numbers.
    """
    units = {p.name: p.unit.strip().lower() for p in formulation.parameters}
    discrete = any(v.domain in {Domain.INTEGER, Domain.BINARY} for v in formulation.variables)
    return frozenset(
        name
        for name, values in figures.items()
        if all(value.is_integer() for value in values.values())
        and (_counts(units[name]) if units[name] else discrete)
    )


def _counts(unit: str) -> bool:
    return "/" not in unit and not _MEASURED.search(unit)


def _shifts(
    solution: Solution, movers: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, Index], float]:
    """Return each figure's change: its rise less its fall."""
    signs = {
        mover: (name, {UP: 1.0, DOWN: -1.0}[way])
        for name, ways in movers.items()
        for way, mover in ways.items()
    }
    shifts: dict[tuple[str, Index], float] = {}
    for entry in solution.values:
        if entry.name in signs:
            name, sign = signs[entry.name]
            key = name, entry.index
            shifts[key] = shifts.get(key, 0.0) + sign * (entry.value or 0.0)
    return shifts


def _changes(moved: Sequence[Moved]) -> tuple[Change, ...]:
    entries: dict[str, list[Entry]] = {}
    for each in moved:
        entries.setdefault(each.parameter, []).append(Entry(index=each.index, value=each.after))
    return tuple(Change(parameter=name, entries=tuple(e)) for name, e in entries.items())
