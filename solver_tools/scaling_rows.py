"""What no units mend: switches with a needlessly large factor, rows that nearly coincide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse

from optiwright.formulators.model import Index
from optiwright.solver_tools.arithmetic import keep_rows, matrix
from optiwright.solver_tools.intervals import tighten
from optiwright.solver_tools.program import Kind

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Ints, Program

Label: TypeAlias = tuple[str, Index]

LARGE = 1e5
"""How many times the other coefficients of its row a switch's factor may be."""
NEEDLESS = 100.0
"""How many times what suffices it may be, once it is a thousand times the others."""
_NOTEWORTHY = 1e3

SAME_DIRECTION = 1e-12
NEARLY = 1e-5
"""Distance of two rows, scaled to length 1, up to which they nearly coincide."""
_MOST_PAIRS = 5_000
_DERIVED = 20


@dataclass(frozen=True)
class LargeSwitch:
    """A large coefficient on a binary (big-M): the largest of its constraint, over its others."""

    row: Label
    column: Label
    factor: float
    others: float
    """The largest other coefficient of the row, those of binaries aside."""
    suffices: float | None
    """A smaller factor that says the same, by the bounds and the other constraints; if known."""


@dataclass(frozen=True)
class NearlyParallel:
    """Two rows that are multiples of each other up to a late digit."""

    first: Label
    second: Label
    distance: float
    """Between the two, each scaled to length 1, columns scaled to their largest coefficient."""


def large_switches(program: Program) -> tuple[LargeSwitch, ...]:
    """Return the binaries with a factor out of proportion, one a constraint, the worst first."""
    rows = program.rows
    curved = np.unique([*rows.quadratic_row, *(row for row, _, _ in rows.operations)])
    binary = (program.kind == Kind.INTEGER) & (program.lower >= 0) & (program.upper <= 1)
    size = np.abs(rows.value)
    on_binary = binary[rows.column] & ~np.isin(rows.row, curved.astype(np.int64))
    others = np.zeros(rows.count)
    np.maximum.at(others, rows.row[~on_binary], size[~on_binary])
    beside = np.where(on_binary, others[rows.row], 0.0)
    ratio = np.divide(size, beside, out=np.zeros_like(size), where=beside > 0)
    found: list[LargeSwitch] = []
    for block in program.row_blocks:
        entries = np.flatnonzero(
            (ratio >= _NOTEWORTHY) & (rows.row >= block.start) & (rows.row < block.stop)
        )
        if len(entries) == 0 or len(found) >= _DERIVED:
            continue
        worst = entries[np.argmax(ratio[entries])]
        row, column = int(rows.row[worst]), int(rows.column[worst])
        outside = np.r_[0 : block.start, block.stop : rows.count].astype(np.int64)
        enough = _enough(program, row, column, outside)
        factor = float(size[worst])
        needless = enough is not None and factor >= NEEDLESS * enough
        if ratio[worst] >= LARGE or needless:
            labels = list(program.row_labels())[row], list(program.column_labels())[column]
            smaller = enough if enough is not None and enough < factor else None
            found.append(LargeSwitch(*labels, factor, float(others[row]), smaller))
    return tuple(sorted(found, key=lambda switch: -switch.factor / switch.others))


def _enough(program: Program, row: int, switch: int, outside: Ints) -> float | None:
    """Returns the least factor of a switch that the rest of the row, at its most, cannot feel.

    The rest is bounded by the columns' bounds and by rows outside of the constraint.
    """
    kept = keep_rows(program, outside)
    integer = program.kind == Kind.INTEGER
    semi = program.kind == Kind.SEMICONTINUOUS
    lower = np.where(semi, np.minimum(program.lower, 0.0), program.lower)
    upper = np.where(semi, np.maximum(program.upper, 0.0), program.upper)
    low, high = tighten(kept.rows, kept.row_lower, kept.row_upper, lower, upper, integer)
    if np.any(low > high):
        return None
    terms = matrix(program.rows, program.columns)[row].toarray()[0]
    factor, terms[switch] = float(terms[switch]), 0.0
    with np.errstate(invalid="ignore"):
        ends = np.where(terms == 0, 0.0, np.stack([terms * low, terms * high]))
    needed = []
    for limit, most, push in (
        (program.row_upper[row], ends.max(axis=0).sum(), factor),
        (-program.row_lower[row], -ends.min(axis=0).sum(), -factor),
    ):
        if np.isfinite(limit):
            # With the switch on its lenient side the row asks no more than the rest ever gives.
            lenient = limit - min(push, 0.0)
            needed.append(abs(factor) - max(lenient - most, 0.0))
    return max(0.0, *needed) if needed and np.all(np.isfinite(needed)) else None


def nearly_parallel(program: Program) -> tuple[NearlyParallel, ...]:
    """Return pairs of linear rows that nearly coincide, exact multiples aside.

    Candidates are close to each other on four random projections, where what is close stays close:
    a distance becomes a normal deviate of that size, and is looked for up to six times it.
    """
    scaled, used = _unit_rows(program)
    if len(used) < 2:
        return ()
    places = scaled @ np.random.default_rng(0).normal(size=(program.columns, 4))
    flip = np.where(places[:, 0] < 0, -1.0, 1.0)
    places *= flip[:, None]
    order = np.argsort(places[:, 0], kind="stable")
    found = []
    for one, two in islice(_close(places[order]), _MOST_PAIRS):
        first, second = order[one], order[two]
        apart = scaled[first] * flip[first] - scaled[second] * flip[second]
        distance = float(sparse.linalg.norm(apart))
        if SAME_DIRECTION < distance <= NEARLY:
            ends = sorted((int(used[first]), int(used[second])))
            found.append((ends[0], ends[1], distance))
    labels = list(program.row_labels()) if found else []
    return tuple(NearlyParallel(labels[a], labels[b], apart) for a, b, apart in sorted(found))


def _close(places: Floats) -> Iterator[tuple[int, int]]:
    """Yields pairs of rows that are close on every projection; the first is sorted."""
    reach = 6 * NEARLY
    stops = np.searchsorted(places[:, 0], places[:, 0] + reach, side="right")
    for one in np.flatnonzero(stops > np.arange(len(places)) + 1).tolist():
        rest = places[one + 1 : stops[one]]
        near = np.all(np.abs(rest - places[one]) <= reach, axis=1)
        for step in np.flatnonzero(near).tolist():
            yield one, one + 1 + step


def _unit_rows(program: Program) -> tuple[Any, Ints]:
    """Returns the linear rows of two terms or more, scaled to length 1, and their positions."""
    every = matrix(program.rows, program.columns)
    every.eliminate_zeros()
    long_enough = np.diff(every.indptr) >= 2
    long_enough[program.rows.quadratic_row] = False
    long_enough[[row for row, _, _ in program.rows.operations]] = False
    used = np.flatnonzero(long_enough)
    rows = every[used]
    if len(used):
        widest = abs(rows).max(axis=0).toarray().ravel()
        rows = rows @ sparse.diags_array(1.0 / np.where(widest > 0, widest, 1.0))
        rows = sparse.diags_array(1.0 / sparse.linalg.norm(rows, axis=1)) @ rows
    return sparse.csr_array(rows), used
