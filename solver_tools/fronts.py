"""The best compromises of two goals: a Pareto front by limits on the second goal.

For each limit the first goal is optimised and, its value held, the second after it. That second
solve is what the augmented epsilon-constraint method does with a small weight (Mavrotas, Applied
Mathematics and Computation 213, 2009), without a weight to choose: no point that it finds is weakly
dominated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Change,
    Entry,
    Formulation,
    Given,
    Objective,
    Parameter,
    Sense,
)
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.program import Kind
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import (
    Allowance,
    Solved,
    Variant,
    solve_variant,
    solve_variants,
)

_SAME = 1e-6
"""Relative difference below which two values of a goal are one."""
_CUSHION = 1e-9
_DECIMALS = 4


@dataclass(frozen=True)
class Compromise:
    """One point of the front."""

    first: float
    second: float
    solved: Solved


@dataclass(frozen=True)
class Front:
    """The points from the best of the first goal to the best of the second."""

    points: tuple[Compromise, ...]
    complete: bool
    """Whether no other point exists; else they are some of a front with more."""
    unsolved: int
    """Limits at which the solver found no proved best point."""


async def front(
    pool: Pool,
    formulation: Formulation,
    first: Objective,
    second: Objective,
    n: int,
    allowance: Allowance | None = None,
) -> Front:
    """Return up to `n` points, the two ends among them.

    Where the second goal takes whole values only (times a step), and no more than `n` of them are
    best compromises, these are all. Else the limits are spread evenly between the ends.

    Raises:
        UserError: if one of the goals has no best value.
        FormulationError: if a goal cannot be compiled.
    """
    search = _Search(pool, formulation, first, second, allowance)
    start, ideal = await search.first_end(), await search.ideal()
    step = search.step()
    if _close(start.second, ideal, step and step / 4):
        return Front((start,), True, 0)
    if step is not None:
        every = await _walk(search, start, ideal, step, n)
        if every is not None:
            return Front(tuple(every), True, search.unsolved)
    limits = np.linspace(start.second, ideal, n)[1:-1].tolist()
    points = search.distinct([start, *await search.at([*limits, ideal])])
    return Front(tuple(points), False, search.unsolved)


async def _walk(
    search: _Search, start: Compromise, ideal: float, step: float, n: int
) -> list[Compromise] | None:
    """Return every point, from one to the next; None if there are more than `n`."""
    values = round(abs(start.second - ideal) / step) + 1
    if values <= n:
        limits = [start.second - search.sign * step * k for k in range(1, values)]
        return search.distinct([start, *await search.at(limits, step / 4)], step / 4)
    points = [start]
    while abs(points[-1].second - ideal) > step / 4:
        if len(points) == n:
            return None
        found = await search.at([points[-1].second - search.sign * step], step / 4)
        if not found:
            return None
        points += found
    return points


class _Search:
    def __init__(
        self,
        pool: Pool,
        formulation: Formulation,
        first: Objective,
        second: Objective,
        allowance: Allowance | None,
    ) -> None:
        self._pool, self._allowance, self._plain = pool, allowance, formulation
        self.first = first.model_copy(update={"weight": 1.0, "priority": 1, "tolerance": 0.0})
        self.second = second.model_copy(update={"weight": 1.0, "priority": 0, "tolerance": 0.0})
        self.sign = 1.0 if second.sense is Sense.MINIMIZE else -1.0
        self._limit = _free_name(formulation, "second_goal_limit")
        self.unsolved = 0

    async def first_end(self) -> Compromise:
        """Returns the best of the first goal, and of the second among those."""
        both = self._with((self.first, self.second))
        solved = await solve_variant(self._pool, Variant("first goal", both), self._allowance)
        point = _point(solved)
        if point is None:
            raise _no_end("first", solved)
        return point

    async def ideal(self) -> float:
        """Returns the best value of the second goal, whatever the first; soft limits apart."""
        hard = tuple(
            c
            for c in self._plain.constraints
            if not (isinstance(c, Algebraic) and c.penalty is not None)
        )
        alone = self._with((self.second,)).model_copy(update={"constraints": hard})
        solved = await solve_variant(self._pool, Variant("second goal", alone), self._allowance)
        if solved.termination is not Termination.OPTIMAL or solved.objective is None:
            raise _no_end("second", solved)
        return solved.objective

    async def at(self, limits: Sequence[float], cushion: float | None = None) -> list[Compromise]:
        """Returns the best point within each limit on the second goal, where there is one."""
        limited = self._limited()
        variants = [
            Variant(f"within {limit:g}", limited, (self._change(limit, cushion),))
            for limit in limits
        ]
        found = await solve_variants(self._pool, variants, self._allowance)
        points = [_point(s) for s in found if not isinstance(s, FormulationError)]
        self.unsolved += len(limits) - sum(p is not None for p in points)
        return [point for point in points if point is not None]

    def step(self) -> float | None:
        """Returns a step of which all values of the second goal are multiples, up to a constant."""
        program = compile_program(ground(self._with((self.first, self.second))))
        goal = program.objectives
        own = goal.row == 1
        if not goal.is_linear or not bool((program.kind[goal.column[own]] == Kind.INTEGER).all()):
            return None
        scaled = goal.value[own] * 10**_DECIMALS
        if not len(scaled) or not np.allclose(scaled, np.round(scaled), rtol=0, atol=1e-6):
            return None
        divisor = math.gcd(*(abs(round(v)) for v in scaled.tolist()))
        return divisor / 10**_DECIMALS if divisor else None

    def distinct(
        self, points: Sequence[Compromise], apart: float | None = None
    ) -> list[Compromise]:
        """Returns the points from the first end on, without those that repeat another."""
        kept: list[Compromise] = []
        for point in sorted(points, key=lambda p: -self.sign * p.second):
            if not kept or not _close(kept[-1].second, point.second, apart):
                kept.append(point)
        return kept

    def _with(self, goals: tuple[Objective, ...]) -> Formulation:
        return self._plain.model_copy(update={"objectives": goals})

    def _limited(self) -> Formulation:
        both = self._with((self.first, self.second))
        limit = Parameter(name=self._limit, data=Given(entries=(Entry(index=(), value=0.0),)))
        relation = "<=" if self.second.sense is Sense.MINIMIZE else ">="
        row = Algebraic(
            name=_free_name(self._plain, "within_second_goal_limit"),
            expression=f"({self.second.expression}) {relation} {self._limit}",
        )
        return both.model_copy(
            update={
                "parameters": (*both.parameters, limit),
                "constraints": (*both.constraints, row),
            }
        )

    def _change(self, limit: float, cushion: float | None) -> Change:
        room = _CUSHION * max(1.0, abs(limit)) if cushion is None else cushion
        entry = Entry(index=(), value=limit + self.sign * room)
        return Change(parameter=self._limit, entries=(entry,))


def _point(solved: Solved) -> Compromise | None:
    """Return the point of a solve of both goals; None unless both levels were closed."""
    if solved.termination is not Termination.OPTIMAL or solved.evaluation is None:
        return None
    first, second = solved.evaluation.levels
    return Compromise(first, second, solved)


def _no_end(which: str, solved: Solved) -> UserError:
    return UserError(
        f"the {which} goal alone has no best value: {solved.termination.value}",
        where=f"{which} goal",
        remedy="Check its sense (`minimize`, `maximize`), or limit what it can grow with.",
    )


def _close(one: float, other: float, apart: float | None = None) -> bool:
    """Whether two values of a goal are one: within rounding, or nearer than `apart`."""
    return abs(one - other) <= (apart or _SAME * max(1.0, abs(one), abs(other)))


def _free_name(formulation: Formulation, wanted: str) -> str:
    parts = (
        *formulation.sets, *formulation.parameters, *formulation.variables,
        *formulation.definitions, *formulation.constraints,
    )  # fmt: skip
    taken = {part.name for part in parts}
    while wanted in taken:
        wanted += "_"
    return wanted
