"""The checks: each code is found where it should be, and clean formulations are left in peace."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.checks import Code, Severity, check
from optiwright.formulators.classify import Shape, formulation_class
from optiwright.formulators.data import read_data
from optiwright.formulators.model import Assumption, Formulation
from tests.faulty_formulations import algebraic, codes, derived, formulation, listed, rule, scalar
from tests.sample_formulations import SAMPLES


def with_table(column: str) -> Formulation:
    """The base with a number from a column of a table of one row."""
    data = {"kind": "bound", "table": "rates", "value_column": column}
    tables = read_data({"rates": pd.DataFrame({"weight": [5], "fee": [3]})})
    return formulation(parameters_plus=[{"name": "rate", "data": data}]).with_data(tables)


FAULTY: list[tuple[Code, Formulation, str]] = [
    (Code.SYNTAX, rule("total <= "), "total <="),
    (Code.SYNTAX, rule("s[t] <= 3", "t inn T"), "t inn T"),
    (Code.UNKNOWN_NAME, rule("totl <= 3"), "`total`"),
    (Code.UNKNOWN_NAME, rule("x[a] <= 3"), '"a"'),
    (Code.UNKNOWN_NAME, rule("x[i] <= 3", "i in II"), "`I`"),
    (Code.UNKNOWN_NAME, formulation(asked=[{"name": "q", "expression": "profit"}]), "profit"),
    (Code.ARITY, rule('y["a"] <= 3'), "2 indices"),
    (Code.ARITY, rule("sum(y[k, k] for k in Arcs) <= 3"), "components"),
    (Code.WRONG_INDEX, rule("x[j] <= 3", "j in J"), "`j`"),
    (Code.WRONG_INDEX, rule('x["w"] <= 3'), "'w'"),
    (Code.WRONG_INDEX, rule("s[4] <= 3"), "4"),
    (Code.WRONG_INDEX, rule("x[i] <= 3", 'i in I if i == "u"'), "never"),
    (Code.SCALAR_INDEXED, rule("z[i] <= x[i]", "i in I"), "`z`"),
    (Code.INDEX_MISSING, rule("x <= 3"), "`i in I`"),
    (Code.SHADOWING, rule("sum(x[i] for i in I) <= x[i]", "i in I"), "`i`"),
    (Code.SHADOWING, rule("x[z] <= 3", "z in I"), "`z`"),
    (Code.DUPLICATE_NAME, formulation(parameters_plus=[scalar("x", 1)]), "parameter and variable"),
    (Code.RESERVED_NAME, formulation(variables_plus=[{"name": "max"}]), "max"),
    (Code.LABEL_AS_NUMBER, rule('x["a"] <= "b"'), "'b'"),
    (Code.LABEL_AS_NUMBER, rule("x[i] <= i", "i in I"), "names"),
    (Code.RELATION_AS_VALUE, rule("2 * (z <= 1) <= 3"), "relation"),
    (Code.VALUE_AS_CONDITION, rule("x[i] <= 3", "i in I if c[i]"), "c == 1"),
    (Code.VARIABLE_IN_CONDITION, rule("x[i] <= 3", "i in I if x[i] > 0"), "implication"),
    (Code.VARIABLE_IN_DATA, formulation(variables_plus=[{"name": "w", "upper": "z"}]), "bound"),
    (Code.VARIABLE_IN_INDEX, rule("s[z + 1] <= 3"), "index"),
    (Code.STEP, rule("s[prev(2)] <= 3"), "prev(t, T)"),
    (Code.NOT_A_SET, rule("x[i] <= 3", "i in cap"), "`cap`"),
    (Code.SET_AS_VALUE, rule("total <= I"), "len(I)"),
    (
        Code.NOT_BINARY,
        formulation(constraints_plus=[{"kind": "logic", "name": "l", "expression": "z or s[1]"}]),
        "not binary",
    ),
    (
        Code.CIRCULAR,
        formulation(parameters_plus=[derived("p", "q"), derived("q", "p + 1")]),
        "itself",
    ),
    (Code.EMPTY_SET, formulation(sets_plus=[listed("E", [])]), "`E`"),
    (Code.UNUSED, formulation(parameters_plus=[scalar("lost", 5)]), "`lost`"),
    (Code.UNUSED, formulation(variables_plus=[{"name": "idle"}]), "`idle`"),
    (
        Code.IDLE,
        formulation(definitions_plus=[
            {"name": "work", "expression": "cap * s[1] + s[2]", "description": "hours"}]),
        "`work` (hours) = 9 * s[1] + s[2]",
    ),
    (Code.NO_VALUES, formulation(parameters_plus=[{**scalar("m", 1), "over": "i in I", "data": {
        "kind": "given", "entries": []}}]), "`m` has no values"),
    (Code.MISSING_ENTRY, formulation(parameters_plus=[{**scalar("m", 1), "over": "i in I", "data": {
        "kind": "given", "entries": [{"index": ["a"], "value": 1}]}}]), "['b']"),
    (Code.WRONG_INDEX, formulation(parameters_plus=[{**scalar("m", 1), "over": "i in I", "data": {
        "kind": "given", "default": 0, "entries": [{"index": ["c"], "value": 1}]}}]), "['c']"),
    (Code.DUPLICATE_ENTRY, formulation(sets_plus=[listed("D", ["k", "k"])]), "twice"),
    (Code.CROSSED_BOUNDS, formulation(variables_plus=[{"name": "w", "lower": "cap", "upper": "2"}]),
     "above"),
    (Code.MISSING_BOUNDS, formulation(variables_plus=[{"name": "w", "domain": "semicontinuous"}]),
     "both bounds"),
    (Code.NO_VARIABLES, rule("cap >= 3"), "no variable"),
    (Code.DUPLICATE_CONSTRAINT, rule("total+sum(y[i, j] for (i, j) in Arcs)<=cap"), "`limit`"),
    (
        Code.REPEATED,
        formulation(
            variables_plus=[{"name": "w"}, {"name": "v"}],
            definitions_plus=[{"name": "d", "expression": "6 * w + 9 * v + cap * w"}],
        ),
        "`w` stands twice in `6 * w + 9 * v + 9 * w`",
    ),
    (
        Code.REPEATED,
        formulation(
            variables_plus=[{"name": "w"}, {"name": "v"}],
            constraints_plus=[algebraic("w >= v + w")],
        ),
        "`w` stands on both sides of `w >= v + w` and drops out",
    ),
    (
        Code.VACUOUS,
        formulation(
            variables_plus=[{"name": "w"}],
            definitions_plus=[{"name": "d", "expression": "cap * w + z"}],
            constraints_plus=[algebraic("d >= 2 * w")],
        ),
        "`d >= 2 * w` holds",
    ),
    (
        Code.IMPOSSIBLE,
        formulation(
            variables_plus=[{"name": "w", "upper": "3"}], constraints_plus=[algebraic("w + z >= 6")]
        ),
        "`w + z >= 6` can never hold: by the bounds of its decisions it is missed by at least 2.",
    ),
    (
        Code.SUPERSEDED,
        formulation(
            variables_plus=[{"name": "w"}],
            constraints_plus=[
                algebraic("w + z >= 6", name="may"),
                algebraic("w + z >= 8", name="june"),
            ],
        ),
        "`w + z` is held against 6, 8 with the same >=",
    ),
    (
        Code.FREE,
        formulation(
            variables_plus=[{"name": "w"}, {"name": "v"}],
            constraints_plus=[
                algebraic("w ** 2 * v >= 6", name="r1"),
                algebraic("v <= 9", name="r2"),
            ],
        ),
        "`w` may grow without limit",
    ),
    (Code.LUMPED, rule("total <= 120 + 80 + cap"), "120 + 80 + "),
    (Code.CONSTANT_OBJECTIVE, formulation(objectives=[{"sense": "minimize", "expression": "cap"}]),
     "nothing to choose"),
    (Code.NO_OBJECTIVE, formulation(objectives=[]), "feasible"),
    (Code.STRICT, rule("total < 3"), "<="),
    (
        Code.STRICT,
        formulation(constraints_plus=[
            {"kind": "implication", "name": "r", "condition": "s[1] >= 2", "then": "z >= 1"}]),
        "Write >",
    ),
    (
        Code.POINTS,
        formulation(constraints_plus=[{"kind": "piecewise", "name": "pw", "argument": "s[1]",
                                       "value": "s[2]", "points": [[2, 1], [1, 2]]}]),
        "sort",
    ),
    (Code.TABLE, with_table("price"), "no column `price`; its columns are `weight`, `fee`"),
    (Code.UNUSED_COLUMN, with_table("fee"), "the numbers in `weight` play no part"),
    (Code.UNITS, rule('c["a"] + cap >= z'), "kg"),
    (Code.UNBOUNDED, formulation(objectives=[{"sense": "maximize", "expression": "total + w"}],
                                 variables_plus=[{"name": "w"}]), "`w`"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "faulty", "words"), FAULTY, ids=[c.value for c, _, _ in FAULTY])
def test_a_fault_is_found_and_named(code: Code, faulty: Formulation, words: str) -> None:
    messages = [f.message for f in check(faulty) if f.code is code]
    assert messages, check(faulty)
    assert any(words in message for message in messages), messages


def test_every_code_is_tested() -> None:
    of_text = {Code.UNUSED_NUMBER, Code.UNFOUNDED_NUMBER, Code.DIRECTION, Code.PAIRS}
    of_plans = {Code.CONTRADICTION}  # tests/test_planning_checks.py
    assert {code for code, _, _ in FAULTY} | of_text | of_plans == set(Code)


def test_the_base_has_no_finding() -> None:
    assert check(formulation()) == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_clean_formulation_has_no_finding(name: str) -> None:
    sample = SAMPLES[name]
    assert check(sample.formulation, sample.text) == ()


def test_a_span_shows_the_place() -> None:
    found = next(f for f in check(rule("total + totl <= 3")) if f.code is Code.UNKNOWN_NAME)
    assert found.span is not None
    assert found.expression[slice(*found.span)] == "totl"


def test_an_over_clause_is_quoted_as_written() -> None:
    found = next(f for f in check(rule("x[i] <= 3", "i in I if c[i]")))
    assert "`c[i]`" in found.message


def test_errors_come_first() -> None:
    findings = check(formulation(parameters_plus=[scalar("lost", 5)], objectives=[],
                                 constraints_plus=[algebraic("totl <= 3")]))  # fmt: skip
    ranks = [list(Severity).index(f.severity) for f in findings]
    assert ranks == sorted(ranks)


def test_a_number_of_the_text_that_is_lost_is_a_warning() -> None:
    sample = SAMPLES["product_mix"]
    text = sample.text + " There are also 1,200 hours of assembly."
    (found,) = check(sample.formulation, text)
    assert found.code is Code.UNUSED_NUMBER
    assert "1,200 hours" in found.message


def test_a_value_from_nowhere_is_a_note() -> None:
    sample = SAMPLES["product_mix"]
    text = sample.text.replace("240", "340").replace("4 hours", "5 hours")
    text = text.replace("50 euros", "40 euros")
    assert codes(check(sample.formulation, text)) == {Code.UNUSED_NUMBER, Code.UNFOUNDED_NUMBER}


def test_a_value_that_an_assumption_names_comes_from_there() -> None:
    sample = SAMPLES["product_mix"]
    text = sample.text.replace("240", "340").replace("4 hours", "5 hours")
    text = text.replace("50 euros", "40 euros")
    said = (Assumption(text="The 340 hours less 100 of cleaning are 240; 4 of 5 hours, 50 euros."),)
    known = sample.formulation.model_copy(update={"assumptions": said})
    assert Code.UNFOUNDED_NUMBER not in codes(check(known, text))


@pytest.mark.parametrize(
    "expression",
    ["w - 0.1 * w", "w * v + w", "(3 + w) * v + v * w", "w / 2 + 3 * v", "2 * w ** 2 + w"],
)
def test_a_decision_may_stand_twice_where_the_terms_differ_in_kind(expression: str) -> None:
    twice = {"name": "d", "expression": expression}
    both = [{"name": "w"}, {"name": "v"}]
    found = codes(check(formulation(variables_plus=both, definitions_plus=[twice])))
    assert Code.REPEATED not in found


WORDS = re.split(
    " ",
    "x y s z c cap total I J T Arcs i j t prev( next( first( len( sum( for in if ( ) [ ] , + * <= "
    "== > and 'a' 3 0.5 ** -",
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_check_never_raises(data: st.DataObject) -> None:
    words = st.sampled_from(WORDS)
    text = st.lists(words, max_size=10).map(" ".join)
    broken = formulation(
        constraints_plus=[algebraic(data.draw(text), data.draw(text))],
        definitions_plus=[{"name": "d", "over": data.draw(text), "expression": data.draw(text)}],
        asked=[{"name": "q", "expression": data.draw(text)}],
    )
    assert isinstance(check(broken, data.draw(st.text(max_size=80))), tuple)


@pytest.mark.parametrize(
    ("name", "shape", "convex", "integer"),
    [
        ("product_mix", Shape.LINEAR, True, False),
        ("assignment", Shape.LINEAR, True, True),
        ("revenue", Shape.QUADRATIC, False, False),
        ("portfolio", Shape.QUADRATIC, True, False),
        ("machine", Shape.LINEAR, True, True),
    ],
)
def test_the_class_of_a_sample(name: str, shape: Shape, convex: bool, integer: bool) -> None:
    found = formulation_class(SAMPLES[name].formulation)
    assert (found.shape, found.convex, found.integer) == (shape, convex, integer)


@pytest.mark.parametrize(
    ("expression", "shape", "convex"),
    [
        ("exp(w) + w ** 4 - log(w)", Shape.CONVEX, True),
        ("sqrt(w)", Shape.NONLINEAR, False),
        ("abs(w - 3) + max(w, 2)", Shape.CONVEX, True),
        ("1 / w", Shape.CONVEX, True),
        ("w * z", Shape.QUADRATIC, False),
        ("cap * w ** 2", Shape.QUADRATIC, True),
        ("-cap * w ** 2", Shape.QUADRATIC, False),
        ("sin(w)", Shape.NONLINEAR, False),
        ("w / cap + cap ** 2", Shape.LINEAR, True),
        ("w ** 3", Shape.CONVEX, True),
    ],
)
def test_the_class_of_an_expression(expression: str, shape: Shape, convex: bool) -> None:
    goal = [{"sense": "minimize", "expression": expression}]
    found = formulation_class(formulation(objectives=goal, variables_plus=[{"name": "w"}]))
    assert (found.shape, found.convex) == (shape, convex)
