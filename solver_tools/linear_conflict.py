"""Thinning a linear conflict out on one model that stays warm: a thousand rows in a second.

Each infeasible solve comes with a Farkas ray, and what has no weight in it goes at once (Gleeson
and Ryan, 1990: the support of a vertex of rays is an irreducible conflict); what is left is then
dropped and put back one by one, each time from the last basis.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import highspy
import numpy as np

from optiwright.solver_tools import highs
from optiwright.solver_tools.arithmetic import matrix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from optiwright.solver_tools.program import Floats, Program

_WEIGHTLESS = 1e-9
_ALIKE = 1e-6

Item = TypeVar("Item", bound="tuple[str, int]")


@dataclass(frozen=True)
class Sides:
    """A conflict's members added up: at least `needed` against at most `possible`."""

    needed: float
    possible: float


class LinearThinning:
    """A deletion filter for an infeasible LP without an objective.

    Args:
        program: with every item in force; rows and columns are named by their positions in it.
        deadline: on the clock of `time.monotonic`.
    """

    def __init__(self, program: Program, deadline: float) -> None:
        self._program = program
        self._deadline = deadline
        self._matrix = matrix(program.rows, program.columns)
        self._model: Any = highs.load(program)
        self._model.setOptionValue("presolve", "off")
        self._model.setOptionValue("threads", 1)
        self.finished = True
        """Whether every item that is left was tried, each solve to its end."""

    def thin(self, items: Sequence[Item]) -> list[Item] | None:
        """Return items that conflict still, or None if the model is not found infeasible."""
        if self._infeasible() is not True:
            return None
        kept, at = self._weighty(list(items)), 0
        while at < len(kept):
            if time.monotonic() > self._deadline:
                self.finished = False
                break
            self._drop(kept[at])
            infeasible = self._infeasible()
            if infeasible:
                # What comes before was needed beside more than what is left now: it is still.
                kept = [*kept[:at], *self._weighty(kept[at + 1 :])]
                continue
            self.finished = self.finished and infeasible is not None
            self._restore(kept[at])
            at += 1
        return kept

    def sides(self, items: Sequence[tuple[str, int]]) -> Sides | None:
        """Return what the items add up to, where each row counts once and each bound is zero."""
        ray = self._ray() if self._infeasible() else None
        if ray is None:
            return None
        rows = np.array([at for part, at in items if part == "constraint"], dtype=np.int64)
        weights = np.abs(ray[rows])
        bounds = [self._bound(part, at) for part, at in items if part != "constraint"]
        alike = len(rows) > 1 and np.ptp(weights) <= _ALIKE * weights.max()
        if not alike or any(bounds):
            return None
        return self._added_up(rows, np.sign(ray[rows]))

    def _added_up(self, rows: Any, signs: Floats) -> Sides | None:
        """Add the rows' bounds up; the ray's sign says which side of a row is the tight one."""
        low, high = self._program.row_lower[rows], self._program.row_upper[rows]
        for sign in (signs, -signs):
            needed, possible = low[sign > 0].sum(), high[sign < 0].sum()
            if np.isfinite(needed) and np.isfinite(possible) and needed > possible:
                return Sides(float(needed), float(possible))
        return None

    def _bound(self, part: str, at: int) -> float:
        bounds = self._program.lower if part == "lower bound" else self._program.upper
        return float(bounds[at])

    def _weighty(self, items: list[Item]) -> list[Item]:
        """Drop the items without weight in the ray, if what is left is infeasible still."""
        ray = self._ray()
        if ray is None:
            return items
        pull = np.abs(self._matrix.T @ ray)
        weights = {"constraint": np.abs(ray)}
        least = _WEIGHTLESS * max(1.0, float(np.abs(ray).max(initial=0.0)))
        light = [i for i in items if weights.get(i[0], pull)[i[1]] <= least]
        for item in light:
            self._drop(item)
        if self._infeasible():
            gone = set(light)
            return [item for item in items if item not in gone]
        for item in light:
            self._restore(item)
        return items

    def _ray(self) -> Floats | None:
        _, found, ray = self._model.getDualRay()
        return np.array(ray) if found else None

    def _infeasible(self) -> bool | None:
        """Whether the model as it stands is infeasible; None if that was not found out."""
        left = max(0.05, self._deadline - time.monotonic())
        self._model.setOptionValue("time_limit", self._model.getRunTime() + left)
        self._model.run()
        match self._model.getModelStatus():
            case highspy.HighsModelStatus.kInfeasible:
                return True
            case highspy.HighsModelStatus.kOptimal:
                return False
        return None

    def _drop(self, item: tuple[str, int]) -> None:
        part, at = item
        if part == "constraint":
            self._model.changeRowBounds(at, -np.inf, np.inf)
            return
        lower, upper = self._current(at)
        ends = (-np.inf, upper) if part == "lower bound" else (lower, np.inf)
        self._model.changeColBounds(at, *ends)

    def _restore(self, item: tuple[str, int]) -> None:
        part, at = item
        if part == "constraint":
            ends = self._program.row_lower[at], self._program.row_upper[at]
            self._model.changeRowBounds(at, *ends)
            return
        lower, upper = self._current(at)
        if part == "lower bound":
            self._model.changeColBounds(at, self._program.lower[at], upper)
        else:
            self._model.changeColBounds(at, lower, self._program.upper[at])

    def _current(self, column: int) -> tuple[float, float]:
        _, _, lower, upper, _ = self._model.getCol(column)
        return lower, upper
