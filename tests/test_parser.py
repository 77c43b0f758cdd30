"""The expression language's parser: what it makes of good text, and that bad text is an error."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.expressions import (
    Addition,
    Comparison,
    Generator,
    Item,
    Name,
    Negative,
    Number,
    Reduction,
    walk,
)
from optiwright.formulators.parser import (
    ExpressionError,
    parse_expression,
    parse_over,
    parse_relation,
)

PIECES = st.sampled_from(
    re.split(
        " ",
        "x y[i] sum( for i in I ) ( [ ] , + - * / ** <= == >= < != and or not 1 2.5 1e999 'a' \" "
        "lambda : . max( prev( t ) else é \n \r \t # \\ ; {} 0x1 1_000 None True @ ^ ~",
    )
)
TEXTS = st.one_of(
    st.text(max_size=60), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES).map("".join)
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_is_parsed_or_refused_with_a_place(text: str) -> None:
    for parse in (parse_expression, parse_relation, parse_over):
        try:
            parse(text)
        except ExpressionError as error:
            assert 0 <= error.span.start <= error.span.stop
            assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("source", ["cost[i, j] * x[i, j]", "  é2 + β[k]", "a +\n  b[t - 1]"])
def test_a_span_is_the_place_in_the_source(source: str) -> None:
    for node in walk(parse_expression(source)):
        if isinstance(node, Name):
            assert source[node.span.start : node.span.stop] == node.name
        if isinstance(node, Item):
            assert source[node.span.start : node.span.stop].startswith(f"{node.name}[")


def test_a_chain_of_terms_is_one_flat_node() -> None:
    node = parse_expression(" + ".join(f"x{k}" for k in range(2000)) + " - y")
    assert isinstance(node, Addition)
    assert len(node.terms) == 2001
    assert isinstance(node.terms[-1], Negative)


def test_minus_binds_less_than_power() -> None:
    node = parse_expression("-2 ** 2")
    assert isinstance(node, Negative)
    assert parse_expression("-2") == Number(-2.0, node.span.__class__(1, 2))


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("x = 3", "`==`"),
        ("x ^ 2", "`**`"),
        ("2 x", "`*`"),
        ("x[1:2]", "sum()"),
        ("sum([x[i] for i in I]) + f(x)", "Known functions"),
        ("x ** 1000", "Rescale"),
        ("9" * 4000, "finite"),
        ("(" * 150 + "x" + ")" * 150 + " + " + "-" * 150 + "x", "definitions"),
        ("__import__('os').system('true')", "Known functions"),
    ],
)
def test_a_refusal_says_what_to_do(source: str, remedy: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(source)
    assert remedy in caught.value.remedy or caught.value.what.startswith("nested")


def test_a_constraint_must_be_a_comparison() -> None:
    assert isinstance(parse_relation("1 <= x <= 2"), Comparison)
    for bad in ("x + y", "x != 3", "i in I", "x and y"):
        with pytest.raises(ExpressionError):
            parse_relation(bad)


def test_an_index_clause_gives_its_generators_in_order() -> None:
    source = "i in Plants, (j, k) in Arcs if cost[j, k] > 0 and j != 'a, b', Days"
    generators = parse_over(source)
    assert [g.targets for g in generators] == [("i",), ("j", "k"), ("_2",)]
    assert [g.domain.name for g in generators] == ["Plants", "Arcs", "Days"]
    for generator in generators:
        span = generator.domain.span
        assert source[span.start : span.stop] == generator.domain.name
    assert parse_over("  ") == ()


def test_for_separates_clauses_but_not_inside_brackets() -> None:
    generators = parse_over("for i in I if sum(a[i, j] for j in J) > 0 for k in K")
    assert [g.targets for g in generators] == [("i",), ("k",)]
    inner = [n for n in walk(generators[0]) if isinstance(n, Reduction)]
    assert isinstance(inner[0].generators[0], Generator)


@pytest.mark.parametrize("source", ["i in 3", "i in I, , j in J", "i in I) or (0", "3 in I", ","])
def test_a_bad_index_clause_is_shown_as_it_was_written(source: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_over(source)
    assert caught.value.source == source
    assert "sum(0" not in str(caught.value)
