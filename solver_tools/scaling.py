"""How evenly a program is scaled: the ranges of its numbers, and units that would even them out.

Solvers and certificates work in binary floats of 16 digits and to tolerances of about 1e-7, so that
what is small beside other numbers drowns in their rounding. Ranges are of linear terms; what is
quadratic or nonlinear is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from optiwright.solver_tools.arithmetic import first_objective
from optiwright.solver_tools.scaling_rows import (
    Label,
    LargeSwitch,
    NearlyParallel,
    large_switches,
    nearly_parallel,
)

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Block, Floats, Ints, Program

WIDE = 1e8
"""The ratio of greatest to least from which a range is named as bad."""
HUGE = 1e10
"""The size from which a number is named as bad, whatever the others are."""
TINY = 1e-6
"""The size below which all of an objective's numbers are hardly told from none."""
NARROW = 1e-6
"""How far apart two limits have to be, relative to their size or to 1, not to be nearly equal."""

_ROUNDS = 30
_STEP = 3  # units go by thousands

What: TypeAlias = Literal["requirements", "objective", "bounds", "right-hand sides"]


@dataclass(frozen=True)
class Entry:
    """One number of the program, and where it stands."""

    value: float
    row: Label | None = None
    """None in the objective and among the columns' bounds."""
    column: Label | None = None
    """None among the rows' limits."""


@dataclass(frozen=True)
class Range:
    """The least and the greatest magnitude of a kind of number; zeros and infinities aside."""

    what: What
    least: Entry
    greatest: Entry

    @property
    def ratio(self) -> float:
        """The greatest magnitude over the least."""
        return abs(self.greatest.value) / abs(self.least.value)

    @property
    def serious(self) -> bool:
        """Whether the range, or its greatest number, is beyond what tolerances allow for."""
        size = abs(self.greatest.value)
        return self.ratio > WIDE or size > HUGE or (self.what == "objective" and size < TINY)


@dataclass(frozen=True)
class Units:
    """Units in which the rows' coefficients come closest together."""

    columns: tuple[tuple[str, int], ...]
    """(variable, p): counted in units of 10**p, its coefficients grow by as much."""
    rows: tuple[tuple[str, int], ...]
    """(constraint, p): both of its sides in units of 10**p, that is divided by as much."""
    ratio: float
    """Greatest over least coefficient of the rows then."""


@dataclass(frozen=True)
class Narrow:
    """A row or a column whose lower and upper limit differ, but hardly."""

    label: Label
    is_row: bool
    lower: float
    upper: float


@dataclass(frozen=True)
class Scaling:
    """What was found about a program's scale."""

    ranges: tuple[Range, ...]
    units: Units | None
    """Where other units would help: the rows' range is serious, and in them 100 times less, or
    its numbers were too large."""
    switches: tuple[LargeSwitch, ...]
    parallel: tuple[NearlyParallel, ...]
    narrow: tuple[Narrow, ...]

    @property
    def serious(self) -> bool:
        """Whether anything of it is worth a word beside the answer."""
        wide = any(found.serious for found in self.ranges)
        return bool(wide or self.switches or self.parallel or self.narrow)


def examine_scaling(program: Program) -> Scaling:
    """Return the ranges of a program's numbers, and what is out of scale in it."""
    ranges = tuple(_ranges(program))
    rows = next((found for found in ranges if found.what == "requirements"), None)
    return Scaling(
        ranges=ranges,
        units=_units(program, rows) if rows is not None and rows.serious else None,
        switches=large_switches(program),
        parallel=nearly_parallel(program),
        narrow=tuple(_narrow(program)),
    )


# --- ranges ---------------------------------------------------------------------------------------


def _ranges(program: Program) -> list[Range]:
    rows, columns = list(program.row_labels()), list(program.column_labels())
    matrix, goal = program.rows, first_objective(program)
    n, m = program.columns, len(program.row_lower)
    positions: list[tuple[What, Floats, Ints | None, Ints | None]] = [
        ("requirements", matrix.value, matrix.row, matrix.column),
        ("objective", goal.value, None, goal.column),
        ("bounds", np.append(program.lower, program.upper), None, np.tile(np.arange(n), 2)),
        (
            "right-hand sides",
            np.append(program.row_lower, program.row_upper),
            np.tile(np.arange(m), 2),
            None,
        ),
    ]
    found = []
    for what, values, at_row, at_column in positions:
        sizes = np.abs(values)
        use = np.flatnonzero(np.isfinite(sizes) & (sizes > 0))
        if len(use) == 0:
            continue
        ends = [
            Entry(
                float(values[k]),
                rows[int(at_row[k])] if at_row is not None else None,
                columns[int(at_column[k])] if at_column is not None else None,
            )
            for k in (use[np.argmin(sizes[use])], use[np.argmax(sizes[use])])
        ]
        found.append(Range(what, *ends))
    return found


def _narrow(program: Program) -> list[Narrow]:
    found = []
    for is_row, labels, lower, upper in (
        (False, program.column_labels, program.lower, program.upper),
        (True, program.row_labels, program.row_lower, program.row_upper),
    ):
        with np.errstate(invalid="ignore"):
            apart = upper - lower
        size = np.maximum(1.0, np.minimum(np.abs(lower), np.abs(upper)))
        close = np.isfinite(apart) & (apart > 0)
        close[close] = apart[close] <= NARROW * size[close]
        at = np.flatnonzero(close)
        if len(at):
            names = list(labels())
            found += [Narrow(names[k], is_row, float(lower[k]), float(upper[k])) for k in at]
    return found


# --- units ----------------------------------------------------------------------------------------


def _units(program: Program, found: Range) -> Units | None:
    """Returns better units, found by evening out the logarithms of the coefficients.

    The fit is that of geometric-mean scaling (Fulkerson and Wolfe, SIAM Review 4, 1962), with one
    factor a variable and a constraint; a factor is then rounded to a power of a thousand, and as
    many variables as can be keep their unit.
    """
    matrix = program.rows
    use = (matrix.value != 0) & np.isfinite(matrix.value)
    logs = np.log10(np.abs(matrix.value[use]))
    column = _block_of(program.column_blocks, program.columns)[matrix.column[use]]
    row = _block_of(program.row_blocks, len(program.row_lower))[matrix.row[use]]
    by_column, by_row = np.zeros(len(program.column_blocks)), np.zeros(len(program.row_blocks))
    for _ in range(_ROUNDS):
        by_row = -_mean(logs + by_column[column], row, len(by_row))
        by_column = -_mean(logs + by_row[row], column, len(by_column))
    by_column = _stepped(min((by_column - c for c in by_column), key=_changes))
    by_row = _stepped(-_mean(logs + by_column[column], row, len(by_row)))
    after = logs + by_column[column] + by_row[row]
    spread = float(10 ** (after.max() - after.min()))
    if spread * 100 > found.ratio and abs(found.greatest.value) <= HUGE:
        return None
    return Units(
        tuple(_named(program.column_blocks, by_column)),
        tuple(_named(program.row_blocks, -by_row)),
        spread,
    )


def _changes(powers: Floats) -> tuple[int, float]:
    stepped = _stepped(powers)
    return int(np.count_nonzero(stepped)), float(-stepped.sum())


def _stepped(powers: Floats) -> Floats:
    return _STEP * np.round(powers / _STEP)


def _mean(values: Floats, group: Ints, count: int) -> Floats:
    sizes = np.maximum(np.bincount(group, minlength=count), 1)
    return np.bincount(group, weights=values, minlength=count) / sizes


def _block_of(blocks: tuple[Block, ...], count: int) -> Ints:
    owner = np.zeros(count, dtype=np.int64)
    for place, block in enumerate(blocks):
        owner[block.start : block.stop] = place
    return owner


def _named(blocks: tuple[Block, ...], powers: Floats) -> list[tuple[str, int]]:
    return [
        (block.name, int(p)) for block, p in zip(blocks, powers.tolist(), strict=True) if p != 0
    ]
