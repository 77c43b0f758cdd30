"""Conditions and terms with an action's objects put in and known amounts as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from optiwright.formulators.planning_terms import (
    Atom,
    Change,
    Compare,
    Number,
    Operation,
    Relation,
    Term,
    combine,
    constant,
)

Known: TypeAlias = Callable[[Atom], Fraction | None]
"""An amount's value where it never changes."""


def put_in(atom: Atom, put: Mapping[str, str]) -> Atom:
    """Return an atom with what places stand for."""
    return Atom(atom.name, tuple(put.get(a, a) for a in atom.arguments))


def fold_term(term: Term, put: Mapping[str, str], known: Known) -> Term:
    """Return a term with objects put in, arithmetic of numbers done; raises ZeroDivisionError."""
    match term:
        case Number():
            return term
        case Atom():
            atom = put_in(term, put)
            value = known(atom)
            return atom if value is None else Number(value)
        case Operation(op, left, right):
            first, second = fold_term(left, put, known), fold_term(right, put, known)
            if isinstance(first, Number) and isinstance(second, Number):
                return Number(combine(op, first.value, second.value))
            if op == "/" and second == Number(Fraction(0)):
                raise ZeroDivisionError
            return Operation(op, first, second)


def fold_change(change: Change, put: Mapping[str, str], known: Known) -> Change:
    """Return a change with objects put in; raises ZeroDivisionError."""
    return Change(put_in(change.target, put), change.op, fold_term(change.value, put, known))


def fold_compare(compare: Compare, put: Mapping[str, str], known: Known) -> Compare | bool:
    """Return a comparison with objects put in, or what it comes to where nothing in it changes."""
    try:
        left = fold_term(compare.left, put, known)
        right = fold_term(compare.right, put, known)
    except ZeroDivisionError:
        return False
    first, second = constant(left), constant(right)
    if first is None or second is None:
        return Compare(compare.op, left, right)
    return compared(compare.op, first, second)


def compared(op: Relation, left: Fraction, right: Fraction) -> bool:
    """Return whether two values are related so."""
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case "<":
            return left < right
        case ">":
            return left > right
