"""Geometric programs: recognised and written down in the logarithms of their columns.

With y = log x a monomial is the exponential of an affine function, and a sum of monomials with
positive coefficients (a posynomial) has a convex logarithm. Boyd, Kim, Vandenberghe, Hassibi, "A
tutorial on geometric programming", 2007.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from optiwright.solver_tools.arithmetic import first_objective
from optiwright.solver_tools.batches import scalars
from optiwright.solver_tools.program import Floats, Ints, Kind, Program, Scalar
from optiwright.solver_tools.signomials import (
    NotASignomialError,
    Powers,
    Signomial,
    joined,
    signomial,
)

LARGEST = 50_000
"""Entries of the matrix of exponents beyond which the program is left to others."""


@dataclass(frozen=True)
class Geometric:
    """Minimise F(0) subject to F(i) <= 0 and equal @ y + equal_log == 0, where y = log x.

    F(i) is the logarithm of the sum of exp(exponents @ y + logs) over the monomials of group i.
    """

    columns: Ints
    """The program's columns that y stands for, shape (k,); one beyond them is a gain's."""
    exponents: Floats
    """Shape (monomials, k)."""
    logs: Floats
    """Logarithm of each monomial's coefficient."""
    group: Ints
    """Of each monomial; 0 is the objective, and every group from 0 to the last has monomials."""
    equal: Floats
    """Shape (equations, k)."""
    equal_log: Floats
    offset: float
    sense: float
    """1 where the program minimises, -1 where it maximises."""
    inverted: bool
    """Whether sense * (objective - offset) is -exp(-F(0)), a gain, and not exp(F(0)), a cost."""

    def objective(self, log_value: float) -> float:
        """Return the program's objective where F(0) is `log_value`."""
        with np.errstate(over="ignore"):
            value = float(np.exp(-log_value if self.inverted else log_value))
        return self.offset + (-self.sense if self.inverted else self.sense) * value

    def values(self, y: Floats) -> tuple[Floats, Floats]:
        """Return every F(i) at `y`, and each monomial's share of its group."""
        terms = self.exponents @ y + self.logs
        count = int(self.group[-1]) + 1
        top = np.full(count, -np.inf)
        np.maximum.at(top, self.group, terms)
        scaled = np.exp(terms - top[self.group])
        total = np.bincount(self.group, weights=scaled, minlength=count)
        return top + np.log(total), scaled / total[self.group]


class _NotGeometricError(Exception):
    pass


@dataclass(frozen=True)
class _Parts:
    """A geometric program under construction."""

    groups: list[Signomial]
    """Posynomials: the objective, then those that are at most 1."""
    equal: list[Signomial]
    """Monomials that are 1."""
    sides: list[tuple[Signomial, Powers]]
    """A posynomial and a monomial above it, as they stood before the one was divided by the
    other: what is divided out could be zero."""


def as_geometric(program: Program) -> Geometric | None:
    """Return the program as a geometric one for its first objective; None where it is not.

    Columns must be continuous and at least 0, and positive at every point that could be optimal:
    what has its best value at zero has no best value for the logarithms. Minimised is a
    posynomial, or maximised a monomial less a posynomial, with a constant or without.
    """
    bounded = np.all(program.lower >= 0) and np.all(program.lower <= program.upper)
    if not bounded or np.any(program.kind != Kind.CONTINUOUS):
        return None
    try:
        return _recognised(program)
    except (NotASignomialError, _NotGeometricError):
        return None


def _recognised(program: Program) -> Geometric:
    sense = 1.0 if program.minimize[0] else -1.0
    goal = _scaled(signomial(*scalars(first_objective(program))), sense)
    offset = goal.pop((), 0.0)
    inverted = any(value < 0 for value in goal.values())
    parts = _Parts([goal], [], [])
    if inverted:
        # max M - P is max t subject to t + P <= M, and that is min 1/t.
        gain = program.columns
        parts.groups[0] = {((gain, -1.0),): 1.0}
        _add_at_most(parts, {**goal, ((gain, 1.0),): 1.0})
    limits = zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for row, (lower, upper) in zip(scalars(program.rows), limits, strict=True):
        _add_row(parts, row, lower, upper)
    used = {column for key in _keys(parts) for column, _ in key}
    if not goal or not _positive(parts, program) >= used:
        raise _NotGeometricError
    own = np.array(sorted(used - {program.columns}), dtype=np.int64)
    _add_bounds(parts, program, own)
    columns = np.append(own, program.columns) if inverted else own
    return _as_arrays(parts, columns, sense * offset, sense, inverted)


def _scaled(terms: Signomial, factor: float) -> Signomial:
    return {key: factor * value for key, value in terms.items()}


def _add_row(parts: _Parts, row: Scalar, lower: float, upper: float) -> None:
    terms = signomial(row)
    constant = terms.pop((), 0.0)
    if lower == upper:
        _add_equal(parts, _moved(terms, constant - upper, 1.0))
        return
    for limit, sign in ((upper, 1.0), (lower, -1.0)):
        if math.isfinite(limit):
            _add_at_most(parts, _moved(terms, constant - limit, sign))


def _moved(terms: Signomial, constant: float, sign: float) -> Signomial:
    return _scaled({**terms, (): constant} if constant else terms, sign)


def _add_equal(parts: _Parts, terms: Signomial) -> None:
    """Adds terms == 0, which must be one monomial less another."""
    if len(terms) != 2:
        raise _NotGeometricError
    parts.equal.append(_compared(parts, terms))
    (one,), other = parts.sides[-1]
    parts.sides.append(({other: 1.0}, one))


def _add_at_most(parts: _Parts, terms: Signomial) -> None:
    """Adds terms <= 0, unless it holds for whatever is positive."""
    if any(value > 0 for value in terms.values()):
        parts.groups.append(_compared(parts, terms))


def _compared(parts: _Parts, terms: Signomial) -> Signomial:
    """Returns the positive terms over the only negative one."""
    greater = [key for key, value in terms.items() if value < 0]
    if len(greater) != 1:
        raise _NotGeometricError
    smaller = {key: value for key, value in terms.items() if value > 0}
    parts.sides.append((smaller, greater[0]))
    divisor = tuple((column, -exponent) for column, exponent in greater[0])
    weight = -1.0 / terms[greater[0]]
    return {joined(key, divisor): weight * value for key, value in smaller.items()}


def _add_bounds(parts: _Parts, program: Program, columns: Ints) -> None:
    for column in columns.tolist():
        lower, upper = float(program.lower[column]), float(program.upper[column])
        if upper == 0:
            raise _NotGeometricError
        if lower == upper:
            parts.equal.append({((column, 1.0),): 1.0 / lower})
            continue
        if lower > 0:
            parts.groups.append({((column, -1.0),): lower})
        if math.isfinite(upper):
            parts.groups.append({((column, 1.0),): 1.0 / upper})


def _keys(parts: _Parts) -> list[Powers]:
    """Returns the monomials of the objective and the rows, nothing divided out."""
    rows = [key for smaller, greater in parts.sides for key in (*smaller, greater)]
    return [*parts.groups[0], *rows]


def _positive(parts: _Parts, program: Program) -> set[int]:
    """Returns columns that are positive wherever the functions have values and the rows hold.

    A column is so by its bound, below a fraction line, or as a factor of what is at least some
    positive amount.
    """
    positive = {program.columns, *np.flatnonzero(program.lower > 0).tolist()}
    positive |= {column for key in _keys(parts) for column, exponent in key if exponent < 0}
    known = 0
    while known < len(positive):
        known = len(positive)
        for smaller, greater in parts.sides:
            if any(positive >= {column for column, _ in key} for key in smaller):
                positive |= {column for column, _ in greater}
    return positive


def _as_arrays(
    parts: _Parts, columns: Ints, offset: float, sense: float, inverted: bool
) -> Geometric:
    count = sum(len(part) for part in parts.groups)
    if (count + len(parts.equal)) * len(columns) > LARGEST:
        raise _NotGeometricError
    exponents, logs = _matrix(parts.groups, columns)
    equal, equal_log = _matrix(parts.equal, columns)
    group = np.repeat(np.arange(len(parts.groups)), [len(part) for part in parts.groups])
    return Geometric(columns, exponents, logs, group, equal, equal_log, offset, sense, inverted)


def _matrix(parts: list[Signomial], columns: Ints) -> tuple[Floats, Floats]:
    terms = [(key, value) for part in parts for key, value in part.items()]
    place = {column: at for at, column in enumerate(columns.tolist())}
    exponents = np.zeros((len(terms), len(columns)))
    for row, (key, _) in enumerate(terms):
        for column, exponent in key:
            exponents[row, place[column]] = exponent
    return exponents, np.log([value for _, value in terms])
