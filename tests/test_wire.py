"""The wire forms: their schemas, how replies are read, and how expressions are mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Node
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.source import expression_to_source
from optiwright.formulators.wire import Form, indexed_schema, read_wire
from optiwright.formulators.wire_records import IndexedWire
from optiwright.formulators.wire_text import mend_clause, mend_relation, mend_value
from tests.strategies import conditions, values, without_spans
from tests.wire_samples import flat_reply, flat_variable, goal, indexed_reply, wire_parameter

BOTH = pytest.mark.parametrize("form", [Form.FLAT, Form.INDEXED])
REPLIES = {Form.FLAT: flat_reply(), Form.INDEXED: indexed_reply()}


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object's schema within a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


# --- schemas --------------------------------------------------------------------------------------


def test_every_object_is_closed_and_requires_all_of_its_fields() -> None:
    found = list(objects(indexed_schema()))
    assert len(found) >= 5
    for schema in found:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])


def test_a_schema_is_written_out_and_carries_no_defaults() -> None:
    text = json.dumps(indexed_schema())
    for keyword in ('"$ref"', '"$defs"', '"default"', '"patternProperties"', '"minItems"'):
        assert keyword not in text


def test_a_schema_is_the_same_from_call_to_call() -> None:
    assert json.dumps(indexed_schema()) == json.dumps(indexed_schema())


def test_the_model_writes_the_problem_first() -> None:
    assert next(iter(indexed_schema()["properties"])) == "problem"


# --- reading --------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "wrapping",
    [
        "{}",
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here is the formulation:\n\n{}\n\nI hope that this helps.",
        "Sure!\n```json\n{}\n```\nThe {{objective}} is linear.",
        "\ufeff  {}  ",
    ],
)
def test_what_stands_around_the_json_is_passed_over(form: Form, wrapping: str) -> None:
    reply = json.dumps(REPLIES[form], indent=1)
    wrapped = wrapping.replace("{}", reply).replace("{{", "{").replace("}}", "}")
    assert read_wire(wrapped, form) == read_wire(reply, form)


@BOTH
def test_unknown_fields_are_passed_over(form: Form) -> None:
    reply = REPLIES[form] | {"confidence": 0.9}
    assert read_wire(json.dumps(reply), form) == read_wire(json.dumps(REPLIES[form]), form)


@pytest.mark.parametrize("sign", ["pi", "π"])
def test_a_parameter_called_pi_is_not_taken_for_the_constant(sign: str) -> None:
    own = [wire_parameter("pi", "", 3.14), wire_parameter("pie", "", 5)]
    reply = indexed_reply(parameters=own, objective=goal("maximize", f"2*{sign}*bread + pie*cake"))
    wire = read_wire(json.dumps(reply), Form.INDEXED)
    assert isinstance(wire, IndexedWire) and wire.objective is not None
    assert [p.name for p in wire.parameters] == ["pi_given", "pie"]
    assert wire.objective.expression == "2*pi_given*bread + pie*cake"


@BOTH
def test_what_has_a_plain_meaning_may_be_left_out(form: Form) -> None:
    bare = {"variables": [{"name": "x", "meaning": "amount", "type": "continuous"}]}
    wire = read_wire(json.dumps(bare), form)
    assert wire.objective is None
    assert (wire.constraints, wire.asked) == ([], [])
    assert wire.variables[0].lower is None


@BOTH
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.97])
def test_a_cut_off_reply_is_named_as_one(form: Form, kept: float) -> None:
    reply = json.dumps(REPLIES[form])
    with pytest.raises(FormulationError, match="not complete JSON") as caught:
        read_wire(reply[: int(kept * len(reply))], form)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("variables", None, "`variables`"),
        ("variables", [flat_variable("x", type="real")], "`variables.0.type`"),
        ("variables", [flat_variable("x", lower="much")], "`variables.0.lower`"),
        ("variables", [flat_variable("2 x")], "`variables.0.name`"),
        ("variables", [flat_variable("x", upper=float("inf"))], "not complete JSON"),
        ("objective", {"sense": "best", "meaning": "", "expression": "x"}, "`objective.sense`"),
        ("objective", {"sense": "maximize", "meaning": ""}, "`objective.expression`"),
        ("constraints", [{"name": "c", "meaning": "m"}], "`constraints.0.expression`"),
        ("constraints", "x <= 3", "`constraints`"),
        ("asked", [3], "`asked.0`"),
        ("problem", ["a"], "`problem`"),
    ],
)
def test_a_field_at_fault_is_named(field: str, value: Any, named: str) -> None:
    with pytest.raises(FormulationError) as caught:
        read_wire(json.dumps(flat_reply() | {field: value}), Form.FLAT)
    assert named in caught.value.what


def test_an_empty_list_of_values_or_elements_is_refused() -> None:
    with pytest.raises(FormulationError, match=r"sets\.0\.elements"):
        read_wire(
            json.dumps(indexed_reply(sets=[{"name": "S", "meaning": "", "elements": []}])),
            Form.INDEXED,
        )


@BOTH
@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I cannot help with that.",
        "null",
        "[]",
        "{}",
        "{]}",
        '{"a": NaN}',
        '{"variables": [{"lower": 1e999}]}',
        '{"a": ' + "1" * 5000 + "}",
        '{"a":' * 50_000 + "}",
        '{"a":' + "[" * 50_000 + "}",
        r'{"problem": "\ud800", "variables": []}',
        '{"problem": "\ud800", "variables": [], "objective": 3}',
        '{"objective": [], "variables": {}}',
    ],
)
def test_odd_replies_are_refused_in_words(form: Form, reply: str) -> None:
    with pytest.raises(FormulationError):
        read_wire(reply, form)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
fields = st.sampled_from([*indexed_reply(), "name", "meaning", "lower", "elements", "values"])
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=6),
    max_leaves=25,
)


@BOTH
@settings(max_examples=120, deadline=None)
@given(text=st.text(max_size=60) | trees.map(json.dumps))
@example(text='{"a": 1}}{')
def test_reading_raises_nothing_but_its_own_error(form: Form, text: str) -> None:
    try:
        read_wire(text, form)
    except FormulationError as error:
        assert error.what


# --- mending --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3x + 2 y", "3*x + 2*y"),
        ("0.5(a + b)", "0.5*(a + b)"),
        (".5y", ".5*y"),
        ("(x + 1)(y - 1)", "(x + 1)*(y - 1)"),
        ("Profit = 3*x", "3*x"),
        ("Z == 3*x", "3*x"),
        ("Maximize: 3x", "3*x"),
        ("maximise sum(c[i]*x[i] for i in S)", "sum(c[i]*x[i] for i in S)"),
        ("minimize (a + b)*2", "(a + b)*2"),
        ("Max Z = 3x", "3*x"),
        ("max(3x, 2)", "max(3*x, 2)"),
        ("min (3x, 2)", "min (3*x, 2)"),
        ("max_gain*x", "max_gain*x"),
        ("1,200x + 3,000,000", "1200*x + 3000000"),
        ("max(1,200)", "max(1,200)"),
        ("x[1,200]", "x[1,200]"),
        ("$5*x + €2*y", "5*x + 2*y"),
        ("40%*x + 2.5 % * y", "0.4*x + 0.025 * y"),
        ("2×r² − 4·h³ ÷ 3", "2*r**2 - 4*h**3 / 3"),
        ("x^2", "x**2"),
        ("2 pi r^2", "2*3.141592653589793*r**2"),
        ("2*math.pi*r", "2*3.141592653589793*r"),
        ("π*r", "3.141592653589793*r"),
        ("pi[i]*x", "pi[i]*x"),
        ("2e3*x + 1.5E-2", "2e3*x + 1.5E-2"),
        ("(3 if t == 2 else 4)*x", "(3 if t == 2 else 4)*x"),
        ("x_2y + x1", "x_2y + x1"),
        ('x["2 doors"] + 3y["5% {mix}"]', 'x["2 doors"] + 3*y["5% {mix}"]'),
        ("x['1,000 = $1']", "x['1,000 = $1']"),
    ],
)
def test_values_are_mended(written: str, meant: str) -> None:
    assert mend_value(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("x ≤ 5", "x <= 5"),
        ("x => 5", "x >= 5"),
        ("x =< 5", "x <= 5"),
        ("x ⩾ 1,000", "x >= 1000"),
        ("x = 5", "x == 5"),
        ("x == 5", "x == 5"),
        ("a != b", "a != b"),
        ("3 not in S", "3 not in S"),
    ],
)
def test_relations_are_mended(written: str, meant: str) -> None:
    assert mend_relation(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("∀ i ∈ Plants,  j ∈ Markets", "i in Plants, j in Markets"),
        ("for all t in T if t > 1", "t in T if t > 1"),
        ("for each t in T", "t in T"),
        ("forall (i, j) in Arcs", "(i, j) in Arcs"),
        ("for t in T", "t in T"),
        ("", ""),
        ("Plants, Markets", "Plants, Markets"),
    ],
)
def test_clauses_are_mended(written: str, meant: str) -> None:
    assert mend_clause(written) == meant


@settings(max_examples=120, deadline=None)
@given(tree=values | conditions)
def test_what_is_proper_already_keeps_its_meaning(tree: Node) -> None:
    mended = mend_relation(expression_to_source(tree))
    assert without_spans(parse_expression(mended)) == tree
