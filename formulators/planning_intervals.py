"""Between which values a term over amounts can lie; an infinite end is a float's infinity."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from optiwright.formulators.planning_terms import Atom, Compare, Number, Operation, Term

End: TypeAlias = Fraction | float
"""A fraction, or an infinity."""
Interval: TypeAlias = tuple[End, End]

EVERYTHING: Interval = (-math.inf, math.inf)


def interval_of(term: Term, of: Callable[[Atom], Interval]) -> Interval:
    """Return an interval that a term's value lies in, given the amounts'."""
    match term:
        case Number(value):
            return value, value
        case Atom():
            return of(term)
        case Operation(op, left, right):
            first, second = interval_of(left, of), interval_of(right, of)
            if op == "+":
                return first[0] + second[0], first[1] + second[1]
            if op == "-":
                return first[0] - second[1], first[1] - second[0]
            return _product(first, second) if op == "*" else _quotient(first, second)


def may_hold(compare: Compare, of: Callable[[Atom], Interval]) -> bool:
    """Whether a comparison can be met by some values in the amounts' intervals."""
    low, high = interval_of(Operation("-", compare.left, compare.right), of)
    match compare.op:
        case "==":
            return low <= 0 <= high
        case "!=":
            return not low == high == 0
        case "<=":
            return low <= 0
        case "<":
            return low < 0
        case ">=":
            return high >= 0
        case ">":
            return high > 0


def hull(first: Interval, second: Interval) -> Interval:
    """Return the smallest interval that holds both."""
    return min(first[0], second[0]), max(first[1], second[1])


def _times(first: End, second: End) -> End:
    return Fraction(0) if first == 0 or second == 0 else first * second


def _product(first: Interval, second: Interval) -> Interval:
    ends = [_times(a, b) for a in first for b in second]
    return min(ends), max(ends)


def _quotient(first: Interval, second: Interval) -> Interval:
    if second[0] <= 0 <= second[1]:
        return EVERYTHING
    inverse = [Fraction(0) if math.isinf(end) else 1 / end for end in second]
    return _product(first, (min(inverse), max(inverse)))
