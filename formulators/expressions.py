"""The expression language's tree: what the parser makes and every reader of a formulation walks.

A node is a frozen dataclass with the `span` of its source, so that any later finding can point at
the place. The tree is untyped on its own; `optiwright.formulators.scope` gives names their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

FUNCTIONS: dict[str, int] = {"exp": 1, "log": 1, "sqrt": 1, "sin": 1, "cos": 1, "abs": 1}
"""Functions of one real argument; `log` is the natural logarithm, angles are in radians."""

EXTREMES = frozenset({"min", "max"})
"""Functions of two or more arguments, or of a generator."""

ORDER_FUNCTIONS = frozenset({"prev", "next", "first", "last"})
"""`prev(t)` and `next(t)` step within the ordered set that binds `t`; `first(T)`, `last(T)` name
its ends; `prev(t, T)` and `next(t, T)` name the set."""

SIZE_FUNCTION = "len"
"""`len(S)` is the number of a set's elements."""

ArithmeticOp: TypeAlias = Literal["*", "/", "**"]
ComparisonOp: TypeAlias = Literal["<=", ">=", "==", "!=", "<", ">", "in", "not in"]
ReductionOp: TypeAlias = Literal["sum", "prod", "min", "max"]


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of characters in the source of an expression."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric literal."""

    value: float
    span: Span


@dataclass(frozen=True, slots=True)
class Label:
    """A quoted set element, as in `x["north"]`."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A scalar parameter, variable or definition, a bound index, or a set."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """An indexed symbol: `cost[i, j]`, or an indexed set such as `Succ[i]`."""

    name: str
    indices: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus."""

    operand: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Addition:
    """A sum of two or more terms; a subtracted one is a `Negative`.

    One flat node for a whole chain, so that a sum of thousands of terms is no depth.
    """

    terms: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A product, a quotient or a power."""

    op: ArithmeticOp
    left: Node
    right: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chain of comparisons: `len(operands) == len(ops) + 1`; for `in` the last is a set."""

    ops: tuple[ComparisonOp, ...]
    operands: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Logical:
    """`and`, `or` over two or more operands, `not` over one."""

    op: Literal["and", "or", "not"]
    operands: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function of plain arguments."""

    function: str
    arguments: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Tuple:
    """`(i, j)`, only as the left side of `in`."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Generator:
    """`for targets in domain if conditions`; the domain is a set's name or an indexed set."""

    targets: tuple[str, ...]
    domain: Name | Item
    conditions: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Reduction:
    """`sum(body for ...)` and its kin; an empty `sum` is 0, an empty `prod` 1."""

    op: ReductionOp
    body: Node
    generators: tuple[Generator, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Choice:
    """`yes if condition else no`; the condition concerns indices and parameters only."""

    condition: Node
    yes: Node
    no: Node
    span: Span


Node: TypeAlias = (
    Number
    | Label
    | Name
    | Item
    | Negative
    | Addition
    | Arithmetic
    | Comparison
    | Logical
    | Call
    | Tuple
    | Reduction
    | Choice
)


def children(node: Node | Generator) -> Iterator[Node | Generator]:
    """Yield the direct children of a node, in source order of their fields."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            yield from (child for child in value if isinstance(child, _NODES))
        elif isinstance(value, _NODES):
            yield value


def walk(node: Node | Generator) -> Iterator[Node | Generator]:
    """Yield a node and all below it, depth first."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_in(node: Node | Generator) -> frozenset[str]:
    """Return every name that a tree mentions, sets and bound indices included."""
    return frozenset(n.name for n in walk(node) if isinstance(n, Name | Item))


_NODES = (
    Number,
    Label,
    Name,
    Item,
    Negative,
    Addition,
    Arithmetic,
    Comparison,
    Logical,
    Call,
    Tuple,
    Reduction,
    Choice,
    Generator,
)
