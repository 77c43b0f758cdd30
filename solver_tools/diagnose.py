"""Why a program has no answer: a small conflict of constraints, or the variables that run away."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import highspy
import numpy as np

from optiwright.solver_tools import highs
from optiwright.solver_tools.arithmetic import keep_rows
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import ProblemClass, Program, functions
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program

if TYPE_CHECKING:
    from optiwright.formulators.model import Index
    from optiwright.solver_tools.program import Block

_IRREDUCIBLE = 2 + 4  # kIisStrategyFromLp, kIisStrategyIrreducible
_BOX = 1e6
_MOVES = 1e-6

Part: TypeAlias = Literal["constraint", "lower bound", "upper bound"]


@dataclass(frozen=True)
class Member:
    """One constraint or bound of a conflict."""

    part: Part
    name: str
    index: Index


@dataclass(frozen=True)
class Conflict:
    """Constraints and bounds that cannot hold together; empty if none was found in time."""

    members: tuple[Member, ...]
    minimal: bool
    """Whether each member was shown to be needed: without any one of them the rest can hold."""
    message: str


@dataclass(frozen=True)
class Growth:
    """A variable that grows without limit while the objective improves, and how fast."""

    name: str
    index: Index
    rate: float
    """Relative to the fastest; its sign is the direction."""


def conflict_job(program: Program, time_limit_s: float = 30) -> Conflict:
    """Run `conflict` in a worker of the pool."""
    return conflict(program, time_limit_s)


def conflict(program: Program, time_limit_s: float = 30) -> Conflict:
    """Find a small set of constraints and bounds that cannot hold together.

    The compiler's own rows and columns, and integrality, stay in force throughout and are never
    named. For an LP the search starts from HiGHS's irreducible set, else from everything; what
    is left is thinned out by leaving parts away while the rest stays infeasible.
    """
    search = _Search(program, time.monotonic() + time_limit_s)
    kept = search.thin(search.start())
    members = tuple(search.member(item) for item in kept)
    if not search.infeasible_seen:
        return Conflict((), False, "The program was not found infeasible.")
    message = "" if search.minimal else "Time ran out: some members may not be needed."
    return Conflict(members, search.minimal, message)


_Item: TypeAlias = tuple[Part, int]


class _Search:
    """A deletion filter over rows and bounds, in halves first and then one by one."""

    def __init__(self, program: Program, deadline: float) -> None:
        zero = functions(1)
        self._program = replace(program, objectives=zero, minimize=(True,), tolerances=(0.0,))
        self._deadline = deadline
        self._rows = list(program.row_labels())
        self._columns = list(program.column_labels())
        self.minimal = True
        self.infeasible_seen = False

    def member(self, item: _Item) -> Member:
        """Returns the item by its label."""
        part, position = item
        name, index = (self._rows if part == "constraint" else self._columns)[position]
        return Member(part, name, index)

    def start(self) -> list[_Item]:
        """Returns the items to thin out."""
        everything = self._everything()
        if classify_program(self._program) is ProblemClass.LP:
            hinted = self._hinted()
            smaller = [item for item in everything if item in hinted]
            if smaller and self._infeasible(smaller):
                return smaller
        return everything if self._infeasible(everything) else []

    def thin(self, items: list[_Item]) -> list[_Item]:
        """Returns items that conflict still, with none to spare unless time runs out."""
        size = max(1, len(items) // 2)
        while items:
            position = 0
            while position < len(items):
                rest = items[:position] + items[position + size :]
                if time.monotonic() > self._deadline:
                    self.minimal = False
                    return items
                if self._infeasible(rest):
                    items = rest
                else:
                    position += size
            if size == 1:
                break
            size = max(1, min(size, len(items)) // 2)
        return items

    def _everything(self) -> list[_Item]:
        program = self._program
        rows = [(("constraint"), at) for at in _positions(program.row_blocks)]
        columns = _positions(program.column_blocks)
        below = [("lower bound", at) for at in columns if np.isfinite(program.lower[at])]
        above = [("upper bound", at) for at in columns if np.isfinite(program.upper[at])]
        return [*rows, *below, *above]  # type: ignore[list-item]

    def _hinted(self) -> set[_Item]:
        """Returns HiGHS's irreducible infeasible set."""
        solver = highs.load(self._program)
        solver.setOptionValue("iis_strategy", _IRREDUCIBLE)
        solver.setOptionValue("iis_time_limit", max(0.1, self._deadline - time.monotonic()))
        _, found = solver.getIis()
        items: set[_Item] = {("constraint", at) for at in found.row_index_}
        lower = int(highspy.IisBoundStatus.kIisBoundStatusLower)
        upper = int(highspy.IisBoundStatus.kIisBoundStatusUpper)
        boxed = int(highspy.IisBoundStatus.kIisBoundStatusBoxed)
        for at, side in zip(found.col_index_, found.col_bound_, strict=True):
            if side in (lower, boxed):
                items.add(("lower bound", at))
            if side in (upper, boxed):
                items.add(("upper bound", at))
        return items

    def _infeasible(self, items: list[_Item]) -> bool:
        remaining = max(0.1, self._deadline - time.monotonic())
        raw = solve_program(self._only(items), time_limit_s=remaining)
        if raw.termination is Termination.INFEASIBLE:
            self.infeasible_seen = True
            return True
        if not raw.termination.has_point:
            self.minimal = False
        return False

    def _only(self, items: list[_Item]) -> Program:
        """Returns the program with these items and the compiler's own."""
        program = self._program
        wanted = {part: [at for p, at in items if p == part] for part, _ in items}
        own_rows = _positions(program.row_blocks, auxiliary=True)
        keep = np.array(sorted([*own_rows, *wanted.get("constraint", [])]), dtype=np.int64)
        free = np.zeros(program.columns, dtype=bool)
        free[_positions(program.column_blocks)] = True
        drop_lower, drop_upper = free.copy(), free.copy()
        drop_lower[wanted.get("lower bound", [])] = False
        drop_upper[wanted.get("upper bound", [])] = False
        lower = np.where(drop_lower, -np.inf, program.lower)
        upper = np.where(drop_upper, np.inf, program.upper)
        return replace(keep_rows(program, keep), lower=lower, upper=upper)


def _positions(blocks: tuple[Block, ...], *, auxiliary: bool = False) -> list[int]:
    return [
        position
        for block in blocks
        if block.auxiliary == auxiliary
        for position in range(block.start, block.stop)
    ]


def growth(program: Program, time_limit_s: float = 30) -> tuple[Growth, ...]:
    """Find the variables that run away in an unbounded program, the fastest first.

    By the solver's ray where it gives one; else the open bounds are closed at a million and the
    variables named that reach them.
    """
    raw = solve_program(program, time_limit_s=time_limit_s / 2)
    direction = raw.ray if raw.termination is Termination.UNBOUNDED else None
    if direction is None:
        lower = np.where(np.isfinite(program.lower), program.lower, -_BOX)
        upper = np.where(np.isfinite(program.upper), program.upper, _BOX)
        boxed = solve_program(
            replace(program, lower=lower, upper=upper), time_limit_s=time_limit_s / 2
        )
        if boxed.x is None:
            return ()
        open_end = (lower != program.lower) | (upper != program.upper)
        direction = np.where(open_end & (np.abs(boxed.x) >= _BOX / 2), boxed.x, 0.0)
    fastest = float(np.abs(direction).max(initial=0.0))
    moving = [
        Growth(name, index, float(rate / fastest))
        for (name, index), rate in zip(program.column_labels(), direction, strict=True)
        if fastest and abs(rate) > _MOVES * fastest and not name.startswith("_")
    ]
    return tuple(sorted(moving, key=lambda item: -abs(item.rate)))
