"""Hypothesis strategies for expression trees, in the form in which the parser makes them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Span,
    Tuple,
)

NOWHERE = Span(0, 0)
NAMES = ("x", "y", "cost", "unit_cost", "alpha", "I", "Plants", "t", "i", "j")

AnyNode = TypeVar("AnyNode")


def without_spans(node: AnyNode) -> AnyNode:
    """Return the same tree with every span the same, so that trees compare by meaning."""
    changes: dict[str, Any] = {}
    for field in fields(node):  # type: ignore[arg-type]
        value = getattr(node, field.name)
        if isinstance(value, Span):
            changes[field.name] = NOWHERE
        elif isinstance(value, tuple):
            changes[field.name] = tuple(
                without_spans(v) if hasattr(v, "span") else v for v in value
            )
        elif hasattr(value, "span"):
            changes[field.name] = without_spans(value)
    return replace(node, **changes)  # type: ignore[type-var]


names = st.sampled_from(NAMES)
numbers = st.one_of(
    st.integers(-999, 999).map(float), st.floats(allow_nan=False, allow_infinity=False)
).map(lambda value: Number(value, NOWHERE))
labels = st.text(st.characters(exclude_categories=["Cs"]), max_size=6).map(
    lambda text: Label(text, NOWHERE)
)
leaves = numbers | names.map(lambda name: Name(name, NOWHERE))


def _negative(node: Node) -> Node:
    return Number(-node.value, NOWHERE) if isinstance(node, Number) else Negative(node, NOWHERE)


def _is_power(node: Node) -> bool:
    return isinstance(node, Arithmetic) and node.op == "**"


def _items(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Item]:
    indices = st.lists(inner | labels, min_size=1, max_size=3).map(tuple)
    # A lone tuple in brackets is the same as its items.
    return st.builds(Item, names, indices, st.just(NOWHERE))


def _additions(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Addition]:
    first = inner.filter(lambda node: not isinstance(node, Addition))
    terms = st.tuples(first, st.lists(inner, min_size=1, max_size=3))
    return terms.map(lambda pair: Addition((pair[0], *pair[1]), NOWHERE))


def _arithmetic(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Arithmetic]:
    products = st.builds(Arithmetic, st.sampled_from(["*", "/"]), inner, inner, st.just(NOWHERE))
    plain = inner.filter(lambda node: not _is_power(node))
    exponents = plain.filter(lambda node: not isinstance(node, Number) or abs(node.value) <= 100)
    return products | st.builds(Arithmetic, st.just("**"), plain, exponents, st.just(NOWHERE))


def _calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Call]:
    one = st.tuples(st.sampled_from(["exp", "log", "sqrt", "sin", "cos", "abs"]), st.tuples(inner))
    more = st.lists(inner, min_size=2, max_size=3).map(tuple)
    many = st.tuples(st.sampled_from(["min", "max"]), more)
    return (one | many).map(lambda pair: Call(pair[0], pair[1], NOWHERE))


def _conditions(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    ops = st.sampled_from(["<=", ">=", "==", "!=", "<", ">"])
    relations = st.builds(
        lambda op, left, right: Comparison((op,), (left, right), NOWHERE), ops, inner, inner
    )
    memberships = st.builds(
        lambda op, pair, domain: Comparison(
            (op,), (Tuple(pair, NOWHERE), Name(domain, NOWHERE)), NOWHERE
        ),
        st.sampled_from(["in", "not in"]),
        st.tuples(inner, inner),
        names,
    )
    plain = relations | memberships
    joined = st.builds(
        lambda op, parts: Logical(op, tuple(parts), NOWHERE),
        st.sampled_from(["and", "or"]),
        st.lists(plain, min_size=2, max_size=3),
    )
    either = plain | joined
    return either | either.map(lambda node: Logical("not", (node,), NOWHERE))


def _generators(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Generator]:
    targets = st.lists(names, min_size=1, max_size=3).map(tuple)
    domains = names.map(lambda name: Name(name, NOWHERE)) | _items(inner)
    conditions = st.lists(_conditions(inner), max_size=2).map(tuple)
    return st.builds(Generator, targets, domains, conditions, st.just(NOWHERE))


def _reductions(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Reduction]:
    return st.builds(
        Reduction,
        st.sampled_from(["sum", "prod", "min", "max"]),
        inner,
        st.lists(_generators(inner), min_size=1, max_size=2).map(tuple),
        st.just(NOWHERE),
    )


def _compound(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        _items(inner),
        inner.map(_negative),
        _additions(inner),
        _arithmetic(inner),
        _calls(inner),
        _reductions(inner),
        st.builds(Choice, _conditions(inner), inner, inner, st.just(NOWHERE)),
    )


values: st.SearchStrategy[Node] = st.recursive(leaves, _compound, max_leaves=12)
"""Trees of values: numbers, names, items, sums, products, powers, functions, choices."""

conditions: st.SearchStrategy[Node] = _conditions(values)
"""Trees of comparisons joined by and, or, not."""

expressions: st.SearchStrategy[Node] = values | conditions
"""Any tree that an expression can be."""
