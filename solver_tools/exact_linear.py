"""Square systems of linear equations over the rationals, sparse, by elimination without fractions.

Rows are integers throughout: a multiple of the pivot's row is taken from a multiple of another so
that no division is needed, and what a row has in common is divided out (a sparse relative of
Bareiss' fraction-free elimination, Math. Comp. 22, 1968). Pivots are taken where they fill in least
(Markowitz, Management Science 3, 1957).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction

_RIGHT = -1
"""The key under which a row holds its right-hand side."""


class OutOfTime(Exception):
    """The deadline passed before the work was done."""


def check_clock(deadline: float) -> None:
    """Raise OutOfTime once `time.monotonic()` is past the deadline."""
    if time.monotonic() > deadline:
        raise OutOfTime


def solve_exactly(
    rows: Sequence[Mapping[int, Fraction]], right: Sequence[Fraction], deadline: float = math.inf
) -> list[Fraction] | None:
    """Return the solution of `rows x = right`, None if the matrix is singular.

    Args:
        rows: n rows, each its coefficients by column 0..n-1.
        right: n right-hand sides.
        deadline: on the clock of `time.monotonic`.

    Raises:
        OutOfTime: if the deadline passes first.
    """
    work = [_integers(row, value) for row, value in zip(rows, right, strict=True)]
    holders = _holders(work)
    open_rows = set(range(len(work)))
    order: list[tuple[int, int]] = []
    while open_rows:
        check_clock(deadline)
        pivot = _pivot(work, holders, open_rows)
        if pivot is None:
            return None
        at, column = pivot
        open_rows.remove(at)
        order.append(pivot)
        for row in sorted(holders[column] & open_rows):
            _eliminate(work, holders, row, at, column)
    return _substituted(work, order)


def _integers(row: Mapping[int, Fraction], right: Fraction) -> dict[int, int]:
    entries = {j: a for j, a in row.items() if a} | {_RIGHT: right}
    common = math.lcm(*(value.denominator for value in entries.values()))
    return _primitive({j: int(value * common) for j, value in entries.items()})


def _primitive(row: dict[int, int]) -> dict[int, int]:
    """Returns the row without zeros, divided by what its entries have in common."""
    shared = math.gcd(*row.values()) or 1
    return {j: value // shared for j, value in row.items() if value}


def _holders(work: Sequence[Mapping[int, int]]) -> dict[int, set[int]]:
    """Returns the rows in which each column occurs."""
    found: dict[int, set[int]] = {j: set() for j in range(len(work))}
    for at, row in enumerate(work):
        for j in row:
            if j != _RIGHT:
                found[j].add(at)
    return found


def _pivot(
    work: Sequence[Mapping[int, int]], holders: Mapping[int, set[int]], open_rows: set[int]
) -> tuple[int, int] | None:
    """Returns a row with fewest entries, and its column that occurs least; None if one is empty."""
    at = min(open_rows, key=lambda row: (len(work[row]) - (_RIGHT in work[row]), row))
    columns = [j for j in work[at] if j != _RIGHT]
    if not columns:
        return None
    return at, min(columns, key=lambda j: (len(holders[j] & open_rows), j))


def _eliminate(
    work: list[dict[int, int]], holders: dict[int, set[int]], row: int, at: int, column: int
) -> None:
    """Takes the column out of a row by a multiple of the pivot's row."""
    target, source = work[row], work[at]
    shared = math.gcd(source[column], target[column])
    keep, take = source[column] // shared, target[column] // shared
    changed = {j: keep * value for j, value in target.items()}
    for j, value in source.items():
        changed[j] = changed.get(j, 0) - take * value
    work[row] = _primitive(changed)
    for j in changed:
        if j != _RIGHT:
            (holders[j].add if j in work[row] else holders[j].discard)(row)


def _substituted(
    work: Sequence[Mapping[int, int]], order: Sequence[tuple[int, int]]
) -> list[Fraction]:
    x = [Fraction(0)] * len(work)
    for at, column in reversed(order):
        row = work[at]
        rest = sum((v * x[j] for j, v in row.items() if j not in (_RIGHT, column)), Fraction(0))
        x[column] = (row.get(_RIGHT, 0) - rest) / row[column]
    return x
