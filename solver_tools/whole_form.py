"""Programs in whole numbers: what CP-SAT takes, with nothing rounded away.

Every number is read as the fraction that it stands for (`rational.read_number`), and each row is
multiplied by what makes its coefficients whole. Continuous columns are allowed where they occur in
differences alone: with the whole columns held, the matrix of what is left is totally unimodular,
so that some best point has them at multiples of 1/k, k a common denominator of all limits; the
order of intervals in time is such differences too. Columns without a bound get one, beyond which a
best point need not go: where two neighbours in time lie farther apart than any limit reaches, all
that is later can be moved towards the earlier by a whole number, or for ever away from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from optiwright.solver_tools.arithmetic import first_objective, whole_bounds
from optiwright.solver_tools.global_rows import bounds_of, in_rows
from optiwright.solver_tools.program import Kind, Program
from optiwright.solver_tools.rational import read_number

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Functions

LARGEST = 2**61
"""What sums of CP-SAT have to stay below, in magnitude."""
FINEST = 10**6
"""Largest common denominator of the continuous columns' limits."""
_PRECISE = 2**50
"""Size that an objective is scaled to where its own numbers are not whole."""
_SNAP = 3e-9
"""How far a limit may be from a simple fraction and still be meant as it, relative."""
_SIMPLE = 1000

_APART = ("no_overlap", "cumulative", "all_different")
"""Kinds that hold moments apart: whichever comes first, what they demand is a difference."""

_Terms: TypeAlias = dict[int, Fraction]


class NotWholeError(Exception):
    """The program has no form in whole numbers; says why, in a sentence."""


@dataclass(frozen=True)
class Linear:
    """A sum of whole multiples of columns, plus a whole constant."""

    columns: tuple[int, ...]
    factors: tuple[int, ...]
    constant: int


@dataclass(frozen=True)
class WholeRow:
    """lower <= sum <= upper; None where there is no limit."""

    body: Linear
    lower: int | None
    upper: int | None


@dataclass(frozen=True)
class WholeGlobal:
    """A `Global` of the program with its parts in whole numbers, times scaled by one factor."""

    position: int
    parts: tuple[tuple[Linear, ...], ...]


@dataclass(frozen=True)
class WholeProgram:
    """A program in whole columns y = denominators * x."""

    denominators: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    boxed: tuple[bool, ...]
    """Columns with a bound of ours, not of the program's."""
    rows: tuple[WholeRow, ...]
    globals: tuple[WholeGlobal, ...]
    objective: Linear
    objective_scale: Fraction
    """The sum is the objective's linear part times this."""
    objective_slack: float
    """How far the sum over the scale may be from the objective, by rounding."""

    def point(self, whole: Sequence[int]) -> Floats:
        """Return the program's columns for a whole point."""
        return np.array([y / d for y, d in zip(whole, self.denominators, strict=True)])


def whole_form(program: Program, room: int = 1) -> WholeProgram:
    """Return a program in whole numbers; its first objective counts.

    Args:
        program: linear, with a `Global` or without.
        room: how many times as far as has to be columns may go that have no bound.

    Raises:
        NotWholeError: if a continuous column is more than a difference in time, a column without a
            bound has none that follows, or numbers become too large.
    """
    return _Form(program, room).form()


def refuse_open_ended(program: Program) -> None:
    """Refuse a program that neither whole numbers nor rows can say.

    Raises:
        FormulationError: naming the variable without a bound that one follows for.
    """
    try:
        whole_form(program)
    except NotWholeError:
        in_rows(program)


def with_bounds(program: Program) -> Program:
    """Return the program with a bound for each column that has none, where one follows.

    Some best point, if there is any, keeps to them.
    """
    try:
        whole = whole_form(program)
    except NotWholeError:
        return program
    parts = np.array(whole.denominators)
    boxed = np.array(whole.boxed, dtype=np.bool_)
    return replace(
        program,
        lower=np.where(boxed, np.maximum(program.lower, whole.lower / parts), program.lower),
        upper=np.where(boxed, np.minimum(program.upper, whole.upper / parts), program.upper),
    )


class _Form:
    def __init__(self, program: Program, room: int) -> None:
        if not program.rows.is_linear or not first_objective(program).is_linear:
            raise NotWholeError("it is not linear")
        if any(not part.is_linear for g in program.globals for part in g.parts):
            raise NotWholeError("it is not linear")
        if (program.kind == Kind.SEMICONTINUOUS).any():
            raise NotWholeError("it has semicontinuous variables")
        self.program = program
        self.room = room
        self.labels = list(program.column_labels())
        self.rows = _terms(program.rows)
        low, high = bounds_of(program)
        self.whole = program.kind == Kind.INTEGER
        tight = whole_bounds(program)
        self.low, self.high = np.maximum(low, tight[0]), np.minimum(high, tight[1])
        open_ended = ~(np.isfinite(self.low) & np.isfinite(self.high))
        self.free = ~self.whole | open_ended
        """Columns that have to occur in differences alone."""
        self.limits: list[Fraction] = []
        """What such a difference is limited by."""

    def form(self) -> WholeProgram:
        program = self.program
        self.differences()
        common = 1
        if not self.whole.all():  # whole columns alone keep to the whole part of any limit
            common = math.lcm(*(limit.denominator for limit in self.limits))
        if common > FINEST:
            raise NotWholeError("its times have no common unit that is coarse enough")
        self.denominators = [1 if whole else common for whole in self.whole.tolist()]
        self.boxes()
        rows = tuple(
            self.row(terms, float(lower), float(upper))
            for terms, lower, upper in zip(
                self.rows, program.row_lower, program.row_upper, strict=True
            )
        )
        body, scale, slack = self.objective()
        return WholeProgram(
            denominators=tuple(self.denominators),
            lower=tuple(self.lower),
            upper=tuple(self.upper),
            boxed=tuple(self.boxed),
            rows=rows,
            globals=tuple(self.one_global(k) for k in range(len(program.globals))),
            objective=body,
            objective_scale=scale,
            objective_slack=slack,
        )

    def name(self, column: int) -> str:
        symbol, index = self.labels[column]
        return f"{symbol}[{', '.join(map(repr, index))}]" if index else symbol

    # --- differences ------------------------------------------------------------------------------

    def differences(self) -> None:
        """Checks that the free columns occur in differences alone, and notes their limits."""
        if not self.free.any():
            return
        ends = zip(self.program.row_lower.tolist(), self.program.row_upper.tolist(), strict=True)
        for terms, (lower, upper) in zip(self.rows, ends, strict=True):
            self.difference(terms, [e for e in (lower, upper) if math.isfinite(e)])
        for column in np.flatnonzero(self.free).tolist():
            bounds = (self.low[column], self.high[column])
            self.limits += [snapped(float(b)) for b in bounds if math.isfinite(b)]
        for constraint in self.program.globals:
            parts = [_terms(part) for part in constraint.parts]
            for k, terms_of in enumerate(parts):
                start = k == 0 and constraint.kind in _APART
                for terms in terms_of:
                    self.item(terms, constraint.name, start=start)
            if constraint.kind in _APART:
                self.limits.append(Fraction(1))  # how far different whole numbers lie apart
                self.times(constraint.parts)

    def difference(self, terms: _Terms, ends: list[float]) -> None:
        mine = {j: a for j, a in terms.items() if self.free[j]}
        if not mine:
            return
        factor = abs(next(iter(mine.values())))
        if len(mine) > 2 or (len(mine) == 2 and sum(mine.values()) != 0):
            at = next(iter(mine))
            what = "is continuous" if not self.whole[at] else "has no bound"
            raise NotWholeError(f"`{self.name(at)}` {what} and is more than a moment in time")
        rest = [a / factor for j, a in terms.items() if j not in mine]
        self.limits += [snapped(end) / factor for end in ends]
        self.limits += rest

    def item(self, terms: _Terms, name: str, *, start: bool) -> None:
        mine = {j: a for j, a in terms.items() if self.free[j]}
        if not mine:
            return
        at = next(iter(mine))
        if not start or list(mine.values()) != [1]:
            what = "is continuous" if not self.whole[at] else "has no bound"
            raise NotWholeError(f"`{self.name(at)}` {what} and stands in `{name}`")

    def times(self, parts: Sequence[Functions]) -> None:
        for part in parts[:2]:
            self.limits += [read(value) for value in (*part.constant, *part.value)]

    # --- columns ----------------------------------------------------------------------------------

    def boxes(self) -> None:
        """Sets every column's bounds, those that are missing as far as a best point may need."""
        far = 0
        missing = ~(np.isfinite(self.low) & np.isfinite(self.high))
        if missing.any():
            far = self.room * self.far()
        self.boxed = missing.tolist()
        self.lower, self.upper = [], []
        for column, unit in enumerate(self.denominators):
            low, high = float(self.low[column]), float(self.high[column])
            least = math.ceil(snapped(low) * unit) if math.isfinite(low) else -far * unit
            most = math.floor(snapped(high) * unit) if math.isfinite(high) else far * unit
            self.lower.append(least)
            self.upper.append(most)

    def far(self) -> int:
        """Returns how far from zero a best point need go: no gap in it exceeds the largest limit."""
        sizes = [abs(limit) for limit in self.limits]
        fixed = np.maximum(np.abs(self.low), np.abs(self.high))
        fixed = np.where(np.isfinite(fixed) & ~self.free, fixed, 0.0)
        spans = [
            sum((abs(a) * Fraction(float(fixed[j])) for j, a in terms.items()), Fraction(0))
            for terms in self._timed()
        ]
        step = max([*sizes, Fraction(1)]) + 2 * max(spans, default=Fraction(0))
        far = (int(self.free.sum()) + 1) * (math.ceil(step) + 1)
        if far > 2**40:
            raise NotWholeError("a variable has no bound, and none follows")
        return far

    def _timed(self) -> list[_Terms]:
        """Returns every row with a free column, per unit of it, and the intervals' functions."""
        found = []
        for terms in self.rows:
            mine = [a for j, a in terms.items() if self.free[j]]
            if mine:
                found.append({j: a / abs(mine[0]) for j, a in terms.items()})
        for constraint in self.program.globals:
            if constraint.kind in _APART:
                found += [t for part in constraint.parts[:2] for t in _terms(part)]
        return found

    # --- rows, globals, objective -----------------------------------------------------------------

    def scaled(self, terms: _Terms) -> _Terms:
        return {j: a / self.denominators[j] for j, a in terms.items()}

    def linear(self, terms: _Terms, constant: Fraction, factor: int) -> Linear:
        """Returns a sum times a factor that makes it whole.

        Raises:
            NotWholeError: if it may become too large.
        """
        columns = tuple(terms)
        factors = tuple(int(terms[j] * factor) for j in columns)
        most = sum(
            abs(f) * max(abs(self.lower[j]), abs(self.upper[j]))
            for j, f in zip(columns, factors, strict=True)
        )
        if most + abs(constant * factor) > LARGEST:
            raise NotWholeError("its numbers are too large or too finely divided")
        return Linear(columns, factors, int(constant * factor))

    def row(self, terms: _Terms, lower: float, upper: float) -> WholeRow:
        mine = self.scaled(terms)
        factor = math.lcm(*(a.denominator for a in mine.values())) if mine else 1
        body = self.linear(mine, Fraction(0), factor)
        return WholeRow(
            body,
            None if math.isinf(lower) else math.ceil(snapped(lower) * factor),
            None if math.isinf(upper) else math.floor(snapped(upper) * factor),
        )

    def one_global(self, position: int) -> WholeGlobal:
        constraint = self.program.globals[position]
        groups = {"cumulative": ((0, 1), (2, 3)), "no_overlap": ((0, 1),)}
        parts: dict[int, tuple[Linear, ...]] = {}
        for group in groups.get(constraint.kind, ((0,),)):
            exact = {
                k: [
                    (self.scaled(terms), read(value))
                    for terms, value in zip(
                        _terms(constraint.parts[k]), constraint.parts[k].constant, strict=True
                    )
                ]
                for k in group
            }
            every = [pair for pairs in exact.values() for pair in pairs]
            denominators = [c.denominator for _, c in every]
            denominators += [a.denominator for terms, _ in every for a in terms.values()]
            factor = math.lcm(*denominators) if denominators else 1
            for k, pairs in exact.items():
                parts[k] = tuple(self.linear(t, c, factor) for t, c in pairs)
        return WholeGlobal(position, tuple(parts[k] for k in sorted(parts)))

    def objective(self) -> tuple[Linear, Fraction, float]:
        terms = self.scaled(_terms(first_objective(self.program))[0])
        sizes = {j: max(abs(self.lower[j]), abs(self.upper[j])) for j in terms}
        exact = math.lcm(*(a.denominator for a in terms.values())) if terms else 1
        most = sum((abs(a) * sizes[j] for j, a in terms.items()), Fraction(0))
        if most * exact <= _PRECISE:
            return self.linear(terms, Fraction(0), exact), Fraction(exact), 0.0
        scale = Fraction(_PRECISE) / most
        rounded = {j: Fraction(round(a * scale)) for j, a in terms.items()}
        off = sum((abs(rounded[j] - a * scale) * sizes[j] for j, a in terms.items()), Fraction(0))
        return self.linear(rounded, Fraction(0), 1), scale, float(off / scale)


@cache
def read(value: float) -> Fraction:
    """Return the number that a float stands for."""
    return read_number(float(value))[0]


def snapped(value: float) -> Fraction:
    """Return the simple fraction that a limit is meant as, where one is near enough."""
    simple = Fraction(value).limit_denominator(_SIMPLE)
    if abs(simple - Fraction(value)) <= Fraction(_SNAP) * max(1, abs(round(value))):
        return simple
    return read(value)


def _terms(functions: Functions) -> list[_Terms]:
    """Return the linear parts; entries that repeat a position add up."""
    rows: list[_Terms] = [{} for _ in range(functions.count)]
    for row, column, value in zip(
        functions.row.tolist(), functions.column.tolist(), functions.value.tolist(), strict=True
    ):
        rows[row][column] = rows[row].get(column, Fraction(0)) + read(value)
    return [{j: a for j, a in row.items() if a} for row in rows]
