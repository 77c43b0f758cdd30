"""Functions of positive columns as sums of monomials with real exponents, where they are such sums.

A monomial is a coefficient times powers of columns; its key is the powers. All rewriting holds for
columns greater than zero: sqrt(x**2) is x.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

from optiwright.solver_tools.program import Operation, Scalar

Powers: TypeAlias = tuple[tuple[int, float], ...]
"""(column, exponent) in the order of the columns, no exponent zero."""
Signomial: TypeAlias = dict[Powers, float]
"""Coefficient of each monomial, none zero; that of `()` is the constant."""

MOST_TERMS = 2000
"""Monomials of one function beyond which it is not expanded."""

_CANCELLED = 1e-12
_DIGITS = 12


class NotASignomialError(Exception):
    """The function is no sum of monomials, or one of too many."""


def signomial(scalar: Scalar) -> Signomial:
    """Return a function as a sum of monomials, like terms merged.

    Raises:
        NotASignomialError: it is none.
    """
    terms: list[tuple[Powers, float]] = [((), scalar.constant)]
    terms += [(((column, 1.0),), value) for column, value in scalar.linear]
    terms += [
        (joined(((first, 1.0),), ((second, 1.0),)), value)
        for first, second, value in scalar.quadratic
    ]
    for coefficient, operation in scalar.operations:
        terms += [(key, coefficient * value) for key, value in _expanded(operation).items()]
    return _merged(terms)


def _expanded(operation: Operation) -> Signomial:
    parts = [signomial(argument) for argument in operation.arguments]
    match operation.op, parts:
        case "mul", [left, right]:
            return _times(left, right)
        case "div", [top, bottom]:
            return _times(top, _power(bottom, -1.0))
        case "pow", [base, exponent] if set(exponent) <= {()}:
            return _power(base, exponent.get((), 0.0))
        case "sqrt", [argument]:
            return _power(argument, 0.5)
    raise NotASignomialError


def _power(base: Signomial, exponent: float) -> Signomial:
    if len(base) == 1:
        ((powers, coefficient),) = base.items()
        if coefficient < 0 and not exponent.is_integer():
            raise NotASignomialError
        try:
            value = float(coefficient**exponent)
        except OverflowError as error:
            raise NotASignomialError from error
        return _merged([(_key((c, e * exponent) for c, e in powers), value)])
    if not base or not exponent.is_integer() or not 0 <= exponent <= MOST_TERMS:
        raise NotASignomialError
    result: Signomial = {(): 1.0}
    for _ in range(int(exponent)):
        result = _times(result, base)
    return result


def _times(left: Signomial, right: Signomial) -> Signomial:
    if len(left) * len(right) > MOST_TERMS:
        raise NotASignomialError
    return _merged(
        [(joined(a, b), left[a] * right[b]) for a in left for b in right],
    )


def joined(one: Powers, two: Powers) -> Powers:
    """Return the powers of the product of two monomials."""
    total = dict(one)
    for column, exponent in two:
        total[column] = total.get(column, 0.0) + exponent
    return _key(total.items())


def _key(powers: Iterable[tuple[int, float]]) -> Powers:
    # Rounded, or 0.1 + 0.2 and 0.3 would be different exponents.
    rounded = ((column, round(exponent, _DIGITS)) for column, exponent in powers)
    return tuple(sorted((column, exponent) for column, exponent in rounded if exponent != 0))


def _merged(terms: list[tuple[Powers, float]]) -> Signomial:
    """Adds up like terms; what is left of some that cancel is rounding, not a term."""
    total: Signomial = {}
    size: dict[Powers, float] = {}
    for key, value in terms:
        total[key] = total.get(key, 0.0) + value
        size[key] = max(size.get(key, 0.0), abs(value))
    kept = {key: value for key, value in total.items() if abs(value) > _CANCELLED * size[key]}
    if len(kept) > MOST_TERMS or not all(math.isfinite(value) for value in total.values()):
        raise NotASignomialError
    return kept
