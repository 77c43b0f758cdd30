"""The small language of plans as a tree: atoms, conditions, changes of amounts, terms.

`str` writes each as `optiwright.formulators.planning_parser` reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

Relation: TypeAlias = Literal["==", "!=", "<=", ">=", "<", ">"]
Assignment: TypeAlias = Literal["=", "+=", "-="]


@dataclass(frozen=True, slots=True)
class Atom:
    """A fact or an amount of objects (or of places of an action, which stand for objects)."""

    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction

    def __str__(self) -> str:
        return number_text(self.value)


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic of two terms."""

    op: Literal["+", "-", "*", "/"]
    left: Term
    right: Term

    def __str__(self) -> str:
        loose = self.op in "+-"
        left, right = str(self.left), str(self.right)
        if isinstance(self.left, Operation) and not loose and self.left.op in "+-":
            left = f"({left})"
        if isinstance(self.right, Operation) and not (self.op == "+" and self.right.op in "*/"):
            right = right if loose and self.right.op in "*/" else f"({right})"
        if right.startswith("-"):
            right = f"({right})"
        return f"{left} {self.op} {right}"


Term: TypeAlias = Number | Atom | Operation


@dataclass(frozen=True, slots=True)
class Holds:
    """A fact is true, or is not."""

    atom: Atom
    positive: bool = True

    def __str__(self) -> str:
        return str(self.atom) if self.positive else f"not {self.atom}"


@dataclass(frozen=True, slots=True)
class Same:
    """Two names stand for one object, or do not."""

    left: str
    right: str
    equal: bool = True

    def __str__(self) -> str:
        return f"{self.left} {'==' if self.equal else '!='} {self.right}"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two terms of amounts and numbers compared."""

    op: Relation
    left: Term
    right: Term

    def __str__(self) -> str:
        return f"{self.left} {self.op} {self.right}"


Condition: TypeAlias = Holds | Same | Compare


@dataclass(frozen=True, slots=True)
class Change:
    """An amount takes another value; `value` is of before the step."""

    target: Atom
    op: Assignment
    value: Term

    def __str__(self) -> str:
        return f"{self.target} {self.op} {self.value}"


@dataclass(frozen=True, slots=True)
class Given:
    """An amount's value at the start."""

    atom: Atom
    value: Fraction

    def __str__(self) -> str:
        return f"{self.atom} = {number_text(self.value)}"


def number_text(value: Fraction) -> str:
    """Return a number in decimals where it has finitely many, else as a quotient."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator} / {value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' * (value < 0)}{digits[:-places]}.{digits[-places:]}"


def constant(term: Term) -> Fraction | None:
    """Return the value of a term without amounts; None with any, or where it divides by zero."""
    match term:
        case Number(value):
            return value
        case Operation(op, left, right):
            first, second = constant(left), constant(right)
            if first is None or second is None or (op == "/" and second == 0):
                return None
            return combine(op, first, second)
    return None


def combine(op: Literal["+", "-", "*", "/"], left: Fraction, right: Fraction) -> Fraction:
    """Return the value of an operation; raises ZeroDivisionError."""
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    return left * right if op == "*" else left / right


def amounts_in(term: Term) -> Iterator[Atom]:
    """Yield the amounts of a term, from left to right."""
    if isinstance(term, Atom):
        yield term
    elif isinstance(term, Operation):
        yield from amounts_in(term.left)
        yield from amounts_in(term.right)
