"""Amounts of a plan as whole numbers: polynomials of them, how finely each is counted, how far.

CP-SAT knows whole numbers only. Each amount is counted in a unit so fine that every value that a
plan can give it is whole; where there is no such unit (an amount halved again and again) this says
so, since rounding would make a proof of something else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from optiwright.formulators.planning_ground import Ground
from optiwright.formulators.planning_intervals import Interval, hull, interval_of
from optiwright.formulators.planning_terms import Atom, Change, Number, Operation, Term, constant

Monomial: TypeAlias = tuple[Atom, ...]
"""Amounts multiplied, in order; none of them for the constant."""
Polynomial: TypeAlias = dict[Monomial, Fraction]

MOST = 1 << 40
"""Units that an amount may come to."""
_FINEST = 1_000_000
_ROUNDS = 30


class BeyondCpSat(Exception):
    """The amounts cannot be put in whole numbers; the message says which and why."""


def polynomial(term: Term) -> Polynomial:
    """Return a term as a sum of products.

    Raises:
        BeyondCpSat: it divides by an amount that changes.
    """
    match term:
        case Number(value):
            return {(): value} if value else {}
        case Atom():
            return {(term,): Fraction(1)}
        case Operation(op, left, right):
            first, second = polynomial(left), polynomial(right)
            if op == "/":
                divisor = constant(right)
                if not divisor:
                    raise BeyondCpSat(f"`{term}` divides by an amount that changes")
                return {m: c / divisor for m, c in first.items()}
            return _times(first, second) if op == "*" else _plus(first, second, op)


def difference(left: Term, right: Term) -> Polynomial:
    """Return what is left of a comparison with everything on one side."""
    return _plus(polynomial(left), polynomial(right), "-")


def after(change: Change) -> Polynomial:
    """Return an amount's value after a change."""
    value = polynomial(change.value)
    return value if change.op == "=" else _plus({(change.target,): Fraction(1)}, value, change.op)


def _plus(first: Polynomial, second: Polynomial, op: str) -> Polynomial:
    found = dict(first)
    for monomial, factor in second.items():
        found[monomial] = found.get(monomial, Fraction(0)) + (
            -factor if op.startswith("-") else factor
        )
    return {m: c for m, c in found.items() if c}


def _times(first: Polynomial, second: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for left, a in first.items():
        for right, b in second.items():
            monomial = tuple(sorted((*left, *right), key=str))
            found[monomial] = found.get(monomial, Fraction(0)) + a * b
    return {m: c for m, c in found.items() if c}


def units_of(ground: Ground) -> dict[Atom, int]:
    """Return into how many parts the unit of each amount is divided.

    Raises:
        BeyondCpSat: no such number makes every value whole.
    """
    units = {atom: value.denominator for atom, value in ground.amounts.items()}
    changes = [change for action in ground.actions for change in action.changes]
    for _ in range(_ROUNDS):
        grown = False
        for change in changes:
            needed = units[change.target]
            for monomial, factor in after(change).items():
                share = factor / math.prod(units[a] for a in monomial)
                needed = math.lcm(needed, share.denominator)
            if needed > _FINEST:
                raise BeyondCpSat(f"`{change}` makes ever finer fractions of `{change.target}`")
            grown |= needed != units[change.target]
            units[change.target] = needed
        if not grown:
            return units
    raise BeyondCpSat("amounts are divided into ever finer fractions")


def ranges_of(ground: Ground, horizon: int) -> list[dict[Atom, Interval]]:
    """Return between what values each amount lies after 0, 1, ... steps."""
    now: dict[Atom, Interval] = {a: (v, v) for a, v in ground.amounts.items()}
    found = [now]
    changes = list(dict.fromkeys(c for action in ground.actions for c in action.changes))
    for _ in range(horizon):
        later = dict(now)
        for change in changes:
            value = _after(change, now)
            later[change.target] = hull(later[change.target], value)
        now = later
        found.append(now)
    return found


def _after(change: Change, now: Mapping[Atom, Interval]) -> Interval:
    low, high = interval_of(change.value, lambda atom: now[atom])
    before = now[change.target]
    if change.op == "=":
        return low, high
    if change.op == "+=":
        return before[0] + low, before[1] + high
    return before[0] - high, before[1] - low


def whole(polynomial: Polynomial, units: Mapping[Atom, int]) -> dict[Monomial, int]:
    """Return a polynomial's factors in units, multiplied until all are whole."""
    shares = {m: c / math.prod(units[a] for a in m) for m, c in polynomial.items()}
    factor = math.lcm(*(share.denominator for share in shares.values()))
    return {m: int(share * factor) for m, share in shares.items()}


def scaled(interval: Interval, unit: int, what: Sequence[object]) -> tuple[int, int]:
    """Return an interval in units.

    Raises:
        BeyondCpSat: it is too wide.
    """
    if any(math.isinf(end) or abs(end * unit) > MOST for end in interval):
        raise BeyondCpSat(f"`{' * '.join(map(str, what))}` may grow beyond what is counted")
    return math.floor(interval[0] * unit), math.ceil(interval[1] * unit)
