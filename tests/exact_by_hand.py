"""Small linear programs solved exactly by trying every vertex, for the tests of exact arithmetic.

Independent of the package: data are fractions, a vertex is where as many limits meet as there are
columns, and unboundedness is looked for by closing the program with a box and widening it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np

from optiwright.solver_tools.program import Program
from tests.programs import INF, affine, program

Row = tuple[Fraction, ...]


@dataclass(frozen=True)
class Case:
    """A linear program in tenths: all data are whole numbers, to be divided by ten."""

    cost: tuple[int, ...]
    rows: tuple[tuple[int | None, tuple[int, ...], int | None], ...]
    lower: tuple[int | None, ...]
    upper: tuple[int | None, ...]
    minimize: bool = True

    def program(self) -> Program:
        """Returns it as floats: 3 is 0.3."""
        return program(
            affine(*(c / 10 for c in self.cost)),
            [
                (_float(low, -INF), affine(*(a / 10 for a in row)), _float(high, INF))
                for low, row, high in self.rows
            ],
            lower=[_float(v, -INF) for v in self.lower],
            upper=[_float(v, INF) for v in self.upper],
            minimize=self.minimize,
        )

    def halves(self) -> list[tuple[Row, Fraction]]:
        """Returns every limit as row . x <= right."""
        found: list[tuple[Row, Fraction]] = []
        units = np.eye(len(self.cost), dtype=int).tolist()
        bounds = [
            (low, tuple(10 * u for u in unit), high)
            for low, unit, high in zip(self.lower, units, self.upper, strict=True)
        ]
        for low, row, high in (*self.rows, *bounds):
            exact = tuple(Fraction(a, 10) for a in row)
            if high is not None:
                found.append((exact, Fraction(high, 10)))
            if low is not None:
                found.append((tuple(-a for a in exact), Fraction(-low, 10)))
        return found


def _float(value: int | None, missing: float) -> float:
    return missing if value is None else value / 10


def best(case: Case) -> tuple[str, Fraction | None]:
    """Returns `optimal` with the value, `infeasible` or `unbounded`."""
    values = []
    # Far outside every vertex of data this small: all numbers of a vertex are quotients of
    # determinants of at most 3 by 3 numbers below 100.
    for size in (10**9, 10**10):
        box = []
        for unit in np.eye(len(case.cost), dtype=int).tolist():
            box.append((tuple(Fraction(u) for u in unit), Fraction(size)))
            box.append((tuple(Fraction(-u) for u in unit), Fraction(size)))
        values.append(_best_vertex(case, [*case.halves(), *box]))
    if values[0] is None:
        return "infeasible", None
    return ("optimal", values[0]) if values[0] == values[1] else ("unbounded", None)


def _best_vertex(case: Case, halves: list[tuple[Row, Fraction]]) -> Fraction | None:
    found = [_value(case, x) for x in _vertices(halves, len(case.cost))]
    if not found:
        return None
    return min(found) if case.minimize else max(found)


def _value(case: Case, x: Row) -> Fraction:
    return sum((Fraction(c, 10) * v for c, v in zip(case.cost, x, strict=True)), Fraction(0))


def _vertices(halves: list[tuple[Row, Fraction]], n: int) -> Iterator[Row]:
    for chosen in combinations(halves, n):
        x = _meet([row for row, _ in chosen], [right for _, right in chosen])
        if x is not None and all(_dot(row, x) <= right for row, right in halves):
            yield x


def _dot(row: Row, x: Row) -> Fraction:
    return sum((a * v for a, v in zip(row, x, strict=True)), Fraction(0))


def _meet(rows: list[Row], right: list[Fraction]) -> Row | None:
    """Returns the one point of n equations, by Cramer's rule; None without exactly one."""
    whole = _determinant(rows)
    if whole == 0:
        return None
    return tuple(
        _determinant([(*row[:j], b, *row[j + 1 :]) for row, b in zip(rows, right, strict=True)])
        / whole
        for j in range(len(rows))
    )


def _determinant(rows: list[Row]) -> Fraction:
    if not rows:
        return Fraction(1)
    return sum(
        (
            (-1) ** j * a * _determinant([(*row[:j], *row[j + 1 :]) for row in rows[1:]])
            for j, a in enumerate(rows[0])
            if a
        ),
        Fraction(0),
    )
