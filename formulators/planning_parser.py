"""The small language of plans: atoms, conditions, changes of amounts, start entries and costs.

Read by Python's `ast`, white-listed node by node; nothing is ever evaluated by `eval`. Words that
are Python's keywords may be names here, as in `in(package, truck)`, but for `and`, `or` and `not`.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from optiwright.formulators.expressions import Span
from optiwright.formulators.parser import ExpressionError
from optiwright.formulators.planning_terms import (
    Assignment,
    Atom,
    Change,
    Compare,
    Condition,
    Given,
    Holds,
    Number,
    Operation,
    Relation,
    Same,
    Term,
    constant,
)
from optiwright.formulators.python_tree import expression_tree

MAX_LENGTH = 5_000
"""Characters in one condition, change or cost."""
_MAX_DEPTH = 50
_MOST_DIGITS = 18
_FILE = "<plan>"
warnings.filterwarnings("ignore", category=SyntaxWarning, module=_FILE)

_RELATIONS: dict[type[ast.cmpop], Relation] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.Gt: ">",
}
_OPPOSITE: dict[Relation, Relation] = {
    "==": "!=",
    "!=": "==",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "<": ">=",
}
_ARITHMETIC: dict[type[ast.operator], Literal["+", "-", "*", "/"]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_ASSIGNMENTS: tuple[Assignment, ...] = ("=", "+=", "-=")
_MARK = chr(0x1C3)
"""A letter that no text has; behind a keyword it makes a name of it."""
_KEYWORDS = re.compile(rf"\b({'|'.join(set(keyword.kwlist) - {'and', 'or', 'not'})})\b")
_ASSIGNED = re.compile(r"(\+=|-=|\*=|/=|(?<![<>=!])=(?!=))")


def parse_atom(source: str) -> Atom:
    """Read `on(b, c)` or `handempty`.

    Raises:
        ExpressionError: naming the place and the remedy, as every function here.
    """
    return _Reader(source).atom(_tree(source))


@lru_cache(maxsize=16384)
def parse_condition(source: str, amounts: frozenset[str] = frozenset()) -> Condition:
    """Read `on(b, c)`, `not holding(x)`, `x != y` or `fuel(t) >= distance(a, b)`.

    Args:
        source: the condition.
        amounts: names of amounts without places; `x == y` compares objects unless one is there.
    """
    return _Reader(source, amounts).condition(_tree(source))


@lru_cache(maxsize=4096)
def parse_term(source: str) -> Term:
    """Read arithmetic of amounts and numbers, as a cost is."""
    return _Reader(source).term(_tree(source))


@lru_cache(maxsize=4096)
def parse_change(source: str) -> Change:
    """Read `fuel(t) -= 5`, `+=` or `=`."""
    found = _ASSIGNED.split(source)
    if len(found) != 3:
        raise ExpressionError(
            "a change assigns one amount a value",
            source,
            Span(0, len(source)),
            "Write it as `fuel(t) -= 5`, with `=`, `+=` or `-=`.",
        )
    left, op, right = found
    reader = _Reader(source)
    target, value = reader.atom(_tree(left, source)), reader.term(_tree(right, source))
    if op in {"*=", "/="}:
        return Change(target, "=", Operation("*" if op == "*=" else "/", target, value))
    return Change(target, next(a for a in _ASSIGNMENTS if a == op), value)


@lru_cache(maxsize=16384)
def parse_start(source: str) -> Holds | Given:
    """Read what is so at the start: an atom, or an amount's value, `fuel(t1) = 10`."""
    found = re.split(r"(?<![<>!+\-*/=])==?(?!=)", source)
    reader = _Reader(source)
    if len(found) == 2:
        value = constant(reader.term(_tree(found[1], source)))
        if value is None:
            where = Span(len(source) - len(found[1]), len(source))
            raise ExpressionError("an amount starts as a number", source, where, "Write a number.")
        return Given(reader.atom(_tree(found[0], source)), value)
    condition = reader.condition(_tree(source))
    if not isinstance(condition, Holds):
        raise ExpressionError(
            "the start says what is true and how large amounts are, and compares nothing",
            source,
            Span(0, len(source)),
            "Write an atom, or an amount and its value as in `fuel(t) = 10`.",
        )
    return condition


def split_list(text: str, separators: Collection[str] = ",;") -> list[str]:
    """Return the parts of a list that separators outside of brackets part, without the empty."""
    parts, depth, begun = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if depth <= 0 and sign in separators:
            parts.append(text[begun:at])
            begun = at + 1
    parts.append(text[begun:])
    return [part.strip() for part in parts if part.strip()]


def _tree(source: str, shown: str | None = None) -> ast.expr:
    """Return Python's tree of an expression, with marks behind keywords that are names here."""
    whole = source if shown is None else shown
    if len(source) > MAX_LENGTH:
        raise ExpressionError(
            f"it has {len(source)} characters, more than {MAX_LENGTH}",
            whole,
            Span(0, 40),
            "Write one condition at a time.",
        )
    if not source.strip():
        raise ExpressionError(
            "there is nothing to read", whole, Span(0, len(whole)), "Write it out."
        )
    try:
        return expression_tree(_KEYWORDS.sub(rf"\1{_MARK}", source.strip()), _FILE).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(
            "it cannot be read",
            whole,
            Span(0, len(whole)),
            "Write atoms as `on(b, c)`, `not holding(x)`, and comparisons as `fuel(t) >= 5`.",
        ) from None


class _Reader:
    """Turns Python's tree into terms; a fault names what of the source it lies in."""

    def __init__(self, source: str, amounts: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.amounts = amounts

    def condition(self, node: ast.expr, depth: int = 0) -> Condition:
        self._deep(node, depth)
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return _negated(self.condition(inner, depth + 1))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._comparison(node, left, op, right)
            case ast.Compare():
                raise self._odd(node, "it compares more than two sides", "Write two conditions.")
            case ast.BoolOp(op=ast.And()):
                raise self._odd(node, "it is two conditions in one", "Part them by a comma.")
            case ast.BoolOp():
                raise self._odd(
                    node, "an alternative cannot be one condition", "Write an action for each case."
                )
        return Holds(self.atom(node))

    def _comparison(
        self, node: ast.expr, left: ast.expr, op: ast.cmpop, right: ast.expr
    ) -> Condition:
        relation = _RELATIONS.get(type(op))
        if relation is None:
            raise self._odd(node, "this comparison is not known", "Use == != <= >= < or >.")
        if isinstance(left, ast.Name) and isinstance(right, ast.Name) and relation in {"==", "!="}:
            names = (_name(left.id), _name(right.id))
            if not self.amounts.intersection(names):
                return Same(*names, equal=relation == "==")
        return Compare(relation, self.term(left), self.term(right))

    def term(self, node: ast.expr, depth: int = 0) -> Term:
        self._deep(node, depth)
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float()):
                return Number(self._number(node))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.term(inner, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                value = self.term(inner, depth + 1)
                if isinstance(value, Number):
                    return Number(-value.value)
                return Operation("-", Number(Fraction(0)), value)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return Operation(
                    _ARITHMETIC[type(op)], self.term(left, depth + 1), self.term(right, depth + 1)
                )
            case ast.Name() | ast.Call():
                return self.atom(node)
        raise self._odd(node, "it is no arithmetic of amounts and numbers", "Use + - * and /.")

    def atom(self, node: ast.expr) -> Atom:
        match node:
            case ast.Name(id=name):
                return Atom(_name(name))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return Atom(_name(name), tuple(self._argument(a) for a in args))
        raise self._odd(node, "it is no atom", "Write a name and its objects, as `on(b, c)`.")

    def _argument(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return _name(node.id)
        raise self._odd(
            node, "an atom is of objects, named one by one", "Write their names, as in `on(b, c)`."
        )

    def _number(self, node: ast.Constant) -> Fraction:
        value = Decimal(repr(node.value))
        if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
            raise self._odd(node, "the number is out of range", "Use other units.")
        return Fraction(value)

    def _deep(self, node: ast.expr, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise self._odd(node, "it is nested too deeply", "Write it with fewer brackets.")

    def _odd(self, node: ast.expr, what: str, remedy: str) -> ExpressionError:
        text = _segment(self.source, node)
        begun = self.source.find(text) if text else -1
        span = Span(begun, begun + len(text)) if begun >= 0 else Span(0, len(self.source))
        return ExpressionError(what, self.source, span, remedy)


def _negated(condition: Condition) -> Condition:
    match condition:
        case Holds(atom, positive):
            return Holds(atom, not positive)
        case Same(left, right, equal):
            return Same(left, right, not equal)
        case Compare(op, left, right):
            return Compare(_OPPOSITE[op], left, right)


def _name(marked: str) -> str:
    return marked.removesuffix(_MARK)


def _segment(source: str, node: ast.expr) -> str:
    """Return what of the source a node was read from, where that can be told."""
    try:
        return ast.unparse(node).replace(_MARK, "")
    except (ValueError, RecursionError):
        return ""
