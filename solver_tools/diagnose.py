"""Why a program has no feasible point: a small conflict of constraints, bounds and domains."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from optiwright.formulators.instance import ground
from optiwright.formulators.model import Either, Implication, Logic
from optiwright.solver_tools.arithmetic import keep_rows, matrix
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.linear_conflict import LinearThinning, Sides
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Kind, ProblemClass, Program, functions
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.formulators.lookup import Mask
    from optiwright.formulators.model import Change, Formulation, Index
    from optiwright.solver_tools.program import Block

Part: TypeAlias = Literal["constraint", "lower bound", "upper bound", "domain"]

_REACH = 100.0
"""How far big-M rows let a variable go without its bounds, in the largest bound of the model."""

_EXACT = 2.0**53
_SHARES = 8
"""No single solve may take more than this part of the time; integers without bounds can."""

_Item: TypeAlias = tuple[Part | Literal["global"], int]
"""A row, a `Global`, a column's bound, or the domain of a block of columns, by its position."""


@dataclass(frozen=True)
class Member:
    """One constraint, bound or domain of a conflict.

    A domain (whole numbers, yes or no, zero or a range) is a variable's at all its indices
    together, and has none of its own.
    """

    part: Part
    name: str
    index: Index


@dataclass(frozen=True)
class Conflict:
    """What cannot hold together; empty if nothing was found in time."""

    members: tuple[Member, ...]
    minimal: bool
    """Whether each member was shown to be needed: without any one of them the rest can hold."""
    message: str
    sides: Sides | None = None
    """What the members add up to, where they are linear and count alike."""


def conflict_job(program: Program, time_limit_s: float = 30) -> Conflict:
    """Run `conflict` in a worker of the pool."""
    return conflict(program, time_limit_s)


def for_conflicts(formulation: Formulation, changes: Sequence[Change], program: Program) -> Program:
    """Return a formulation's program as `conflict` needs it.

    Args:
        formulation: what was compiled.
        changes: new entries of parameters that were in force.
        program: what it was compiled to; returned as it is where it has no columns of its own.
    """
    own = _positions(program.column_blocks, auxiliary=True)
    if not own and not _is_logical(formulation):
        return program
    return compile_program(ground(formulation, changes=changes), reach=_reach(program))


def _reach(program: Program) -> float:
    ends = (program.lower, program.upper, program.row_lower, program.row_upper)
    finite = [np.abs(each[np.isfinite(each)]).max(initial=1.0) for each in ends]
    return float(_REACH * max(finite))


def _is_logical(formulation: Formulation) -> bool:
    return any(isinstance(c, Implication | Either | Logic) for c in formulation.constraints)


def conflict(program: Program, time_limit_s: float = 30) -> Conflict:
    """Find a small set of constraints, bounds and domains that cannot hold together.

    A deletion filter (Chinneck and Dravnieks, 1991): a part is left away for good if the rest
    stays infeasible. Domains go first, so that integrality is a member only where the conflict
    needs it. The compiler's own rows and columns stay in force throughout and are never named;
    `for_conflicts` sees to it that they do not keep up what was left away.
    """
    search = _Search(program, time_limit_s)
    kept = search.run()
    if not search.infeasible_seen:
        return Conflict((), False, "The program was not found infeasible.")
    members = tuple(search.member(item) for item in kept)
    message = "" if search.minimal else "Time ran out: some members may not be needed."
    return Conflict(members, search.minimal, message, search.sides)


class _Search:
    """A deletion filter over domains, rows and bounds."""

    def __init__(self, program: Program, time_limit_s: float) -> None:
        zero = functions(1)
        self._program = replace(program, objectives=zero, minimize=(True,), tolerances=(0.0,))
        self._deadline = time.monotonic() + time_limit_s
        self._one_s = time_limit_s / _SHARES
        self._rows = list(program.row_labels())
        self._columns = list(program.column_labels())
        self._far = _reach(program)
        self.minimal = True
        self.infeasible_seen = False
        self.sides: Sides | None = None

    def member(self, item: _Item) -> Member:
        """Returns the item by its label."""
        part, position = item
        if part == "global":
            found = self._program.globals[position]
            return Member("constraint", found.name, found.index)
        if part == "domain":
            return Member(part, self._program.column_blocks[position].name, ())
        name, index = (self._rows if part == "constraint" else self._columns)[position]
        return Member(part, name, index)

    def run(self) -> list[_Item]:
        """Returns items that conflict, with none to spare unless time runs out."""
        rest, domains = self._everything(), self._domains()
        if domains and self._infeasible(rest):
            domains = []
        elif not self._infeasible([*rest, *domains]):
            return []
        domains = self._thin(domains, beside=rest)
        if not domains and self._is_linear():
            found = self._thin_linear(rest)
            if found is not None:
                return found
        return [*self._thin(rest, beside=domains), *domains]

    def _is_linear(self) -> bool:
        return classify_program(self._only(self._everything())) is ProblemClass.LP

    def _thin_linear(self, items: list[_Item]) -> list[_Item] | None:
        """Returns what a warm-started model leaves; None if a fresh solve does not agree."""
        thinning = LinearThinning(self._only(items), self._deadline)
        kept = thinning.thin(items)
        if kept is None or not self._infeasible(kept):
            return None
        self.minimal = self.minimal and thinning.finished
        self.sides = thinning.sides(kept) if self.minimal else None
        return kept

    def _thin(self, items: list[_Item], beside: Sequence[_Item]) -> list[_Item]:
        """Leaves away what is not needed beside the others, in halves first, then one by one."""
        size = max(1, len(items) // 2)
        while items:
            position = 0
            while position < len(items):
                rest = items[:position] + items[position + size :]
                if time.monotonic() > self._deadline:
                    self.minimal = False
                    return items
                if self._infeasible([*rest, *beside]):
                    items = rest
                else:
                    position += size
            if size == 1:
                break
            size = max(1, min(size, len(items)) // 2)
        return items

    def _everything(self) -> list[_Item]:
        """Returns all rows and finite bounds."""
        program = self._program
        rows: list[_Item] = [("constraint", at) for at in _positions(program.row_blocks)]
        columns = _positions(program.column_blocks)
        below: list[_Item] = [("lower bound", c) for c in columns if np.isfinite(program.lower[c])]
        above: list[_Item] = [("upper bound", c) for c in columns if np.isfinite(program.upper[c])]
        whole: list[_Item] = [("global", at) for at in range(len(program.globals))]
        return [*rows, *whole, *below, *above]

    def _domains(self) -> list[_Item]:
        """Returns the domains that allow only some of the values between the bounds.

        None where there is a `Global`: these are about whole numbers.
        """
        if self._program.globals:
            return []
        kind = self._program.kind
        return [
            ("domain", at)
            for at, block in enumerate(self._program.column_blocks)
            if not block.auxiliary and np.any(kind[block.start : block.stop] != Kind.CONTINUOUS)
        ]

    def _infeasible(self, items: Sequence[_Item]) -> bool:
        only = self._only(items)
        if indivisible(only):
            self.infeasible_seen = True
            return True
        left = max(0.1, min(self._one_s, self._deadline - time.monotonic()))
        raw = solve_program(only, time_limit_s=left)
        if raw.termination is Termination.INFEASIBLE:
            self.infeasible_seen = True
            return True
        if not raw.termination.has_point:
            self.minimal = False
        return False

    def _only(self, items: Sequence[_Item]) -> Program:
        """Returns the program with these items and the compiler's own."""
        program = self._program
        wanted: dict[str, list[int]] = {}
        for part, at in items:
            wanted.setdefault(part, []).append(at)
        own_rows = _positions(program.row_blocks, auxiliary=True)
        keep = np.array(sorted([*own_rows, *wanted.get("constraint", [])]), dtype=np.int64)
        free = np.zeros(program.columns, dtype=bool)
        free[_positions(program.column_blocks)] = True
        drop_lower, drop_upper = free.copy(), free.copy()
        drop_lower[wanted.get("lower bound", [])] = False
        drop_upper[wanted.get("upper bound", [])] = False
        if program.globals:
            kept = tuple(program.globals[at] for at in wanted.get("global", []))
            bounded, far = replace(program, globals=kept), self._far
        else:
            bounded = _relaxed(program, set(wanted.get("domain", [])), drop_lower | drop_upper)
            far = np.inf
        lower = np.where(drop_lower, np.minimum(-far, bounded.lower), bounded.lower)
        upper = np.where(drop_upper, np.maximum(far, bounded.upper), bounded.upper)
        return replace(keep_rows(bounded, keep), lower=lower, upper=upper)


def indivisible(program: Program) -> bool:
    """Whether an equation of integers with integer coefficients misses their common divisor.

    A search over integers without bounds would never end there.
    """
    rows = program.rows
    if not rows.is_linear:
        return False
    entries = matrix(rows, program.columns)
    fixed = np.flatnonzero(program.row_lower == program.row_upper)
    for row in fixed:
        start, stop = entries.indptr[row], entries.indptr[row + 1]
        values, target = entries.data[start:stop], program.row_lower[row]
        whole = np.all(program.kind[entries.indices[start:stop]] == Kind.INTEGER)
        exact = np.all(values == np.rint(values)) and float(target).is_integer()
        if whole and exact and len(values) and np.abs(values).max() < _EXACT:
            divisor = np.gcd.reduce(values.astype(np.int64))
            if divisor and int(target) % divisor:
                return True
    return False


def _relaxed(program: Program, kept: set[int], open_ended: Mask) -> Program:
    """Returns the program with the domains of these blocks and of the compiler's own only.

    A semicontinuous column that lacks a bound has no gap between zero and its range any more.
    """
    kind = program.kind.copy()
    for at, block in enumerate(program.column_blocks):
        if not block.auxiliary and at not in kept:
            kind[block.start : block.stop] = Kind.CONTINUOUS
    kind[(kind == Kind.SEMICONTINUOUS) & open_ended] = Kind.CONTINUOUS
    joined = (program.kind == Kind.SEMICONTINUOUS) & (kind == Kind.CONTINUOUS)
    return replace(
        program,
        kind=kind,
        lower=np.where(joined, np.minimum(program.lower, 0.0), program.lower),
        upper=np.where(joined, np.maximum(program.upper, 0.0), program.upper),
    )


def _positions(blocks: tuple[Block, ...], *, auxiliary: bool = False) -> list[int]:
    return [
        position
        for block in blocks
        if block.auxiliary == auxiliary
        for position in range(block.start, block.stop)
    ]
