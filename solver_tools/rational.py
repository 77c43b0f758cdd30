"""A linear program in exact numbers: what each float of the compiled program stands for.

A model's 0.1 means one tenth, which no binary float is. So a float is read as the number that it
was rounded from: the decimal of at most 12 digits, or the fraction with a denominator up to 1000,
within four units of its last place, so that 0.1 + 0.2 is 0.3 and 1 / 3 a third; else the decimal of
at most 15 digits that rounds to it. What is none of these is taken as the float is. `Readings`
says how many numbers were read in which way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from optiwright.solver_tools.arithmetic import first_objective

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Functions, Program

_ROUNDINGS = 4
"""Units in the last place by which a few additions and multiplications may be off."""
_DIGITS, _MORE_DIGITS = 12, 15
_DENOMINATOR = 1000

Row: TypeAlias = dict[int, Fraction]
"""Coefficients by column; none is zero."""
Limit: TypeAlias = Fraction | None
"""A bound; None where there is none."""


class Reading(StrEnum):
    """How a float was read."""

    DECIMAL = "decimal"
    FRACTION = "fraction"
    AS_COMPUTED = "as computed"
    """Neither a short decimal nor a small fraction is near: the float's own value."""


@dataclass(frozen=True)
class Readings:
    """How many of the program's numbers were read in which way; each coefficient counts."""

    decimals: int
    fractions: int
    as_computed: int
    example: float | None = None
    """One that was taken as computed."""


@dataclass(frozen=True)
class ExactProgram:
    """Minimise or maximise cost x + constant, row_lower <= rows x <= row_upper, x in bounds."""

    rows: tuple[Row, ...]
    row_lower: tuple[Limit, ...]
    row_upper: tuple[Limit, ...]
    lower: tuple[Limit, ...]
    upper: tuple[Limit, ...]
    cost: tuple[Fraction, ...]
    constant: Fraction
    minimize: bool
    readings: Readings

    def activity(self, row: int, x: tuple[Fraction, ...]) -> Fraction:
        """Return the value of a row at `x`."""
        return sum((a * x[j] for j, a in self.rows[row].items()), Fraction(0))

    def objective(self, x: tuple[Fraction, ...]) -> Fraction:
        """Return the objective at `x`, in its own sense."""
        return sum((c * v for c, v in zip(self.cost, x, strict=True)), self.constant)


def read_number(value: float) -> tuple[Fraction, Reading]:
    """Return the number that a finite float stands for, and how it was read."""
    near = _ROUNDINGS * math.ulp(value)
    decimal = Fraction(f"{value:.{_DIGITS}g}")
    if abs(decimal - Fraction(value)) <= near:
        return decimal, Reading.DECIMAL
    fraction = Fraction(value).limit_denominator(_DENOMINATOR)
    if abs(fraction - Fraction(value)) <= near:
        return fraction, Reading.FRACTION
    longer = f"{value:.{_MORE_DIGITS}g}"
    if float(longer) == value:
        return Fraction(longer), Reading.DECIMAL
    return Fraction(value), Reading.AS_COMPUTED


def exact_program(program: Program) -> ExactProgram:
    """Return a linear program's first level in exact numbers; integrality is left out."""
    reader = _Reader()
    objective = first_objective(program)
    goal = reader.rows(objective, 1)[0]
    return ExactProgram(
        rows=tuple(reader.rows(program.rows, program.rows.count)),
        row_lower=reader.limits(program.row_lower),
        row_upper=reader.limits(program.row_upper),
        lower=reader.limits(program.lower),
        upper=reader.limits(program.upper),
        cost=tuple(goal.get(j, Fraction(0)) for j in range(program.columns)),
        constant=reader.number(float(objective.constant[0])),
        minimize=program.minimize[0],
        readings=reader.readings(),
    )


class _Reader:
    """Reads numbers and counts how."""

    def __init__(self) -> None:
        self._known: dict[float, tuple[Fraction, Reading]] = {}
        self._counts: Counter[Reading] = Counter()
        self._example: float | None = None

    def number(self, value: float) -> Fraction:
        if value not in self._known:
            self._known[value] = read_number(value)
        number, reading = self._known[value]
        self._counts[reading] += 1
        if reading is Reading.AS_COMPUTED and self._example is None:
            self._example = value
        return number

    def limits(self, values: Floats) -> tuple[Limit, ...]:
        return tuple(self._limit(value) for value in values.tolist())

    def _limit(self, value: float) -> Limit:
        return self.number(value) if math.isfinite(value) else None

    def rows(self, functions: Functions, count: int) -> list[Row]:
        """Returns the linear parts; entries that repeat a position add up."""
        rows: list[Row] = [{} for _ in range(count)]
        entries: Iterable[tuple[int, int, float]] = zip(
            functions.row.tolist(), functions.column.tolist(), functions.value.tolist(), strict=True
        )
        for row, column, value in entries:
            rows[row][column] = rows[row].get(column, Fraction(0)) + self.number(value)
        return [{j: a for j, a in row.items() if a} for row in rows]

    def readings(self) -> Readings:
        return Readings(
            self._counts[Reading.DECIMAL],
            self._counts[Reading.FRACTION],
            self._counts[Reading.AS_COMPUTED],
            self._example,
        )
