"""The interpreter and the evaluator: right points pass, wrong ones are named with their figures."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Bound as BoundData
from optiwright.formulators.model import (
    Change,
    Definition,
    Entry,
    Formulation,
    FromTable,
    Index,
    Parameter,
    SetDef,
)
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import Evaluation, point_of
from optiwright.solver_tools.interpret import Interpreter
from optiwright.solver_tools.solution import Solution, SolverStatus, Termination, ValueAt
from tests.sample_formulations import SAMPLES, listed, table
from tests.sample_formulations import given as parameter

Point = dict[str, dict[Index, float]]


def over(*values: float, keys: tuple[Any, ...] = ()) -> dict[Index, float]:
    names = keys or tuple(range(1, len(values) + 1))
    return {k if isinstance(k, tuple) else (k,): v for k, v in zip(names, values, strict=True)}


def matrix(rows: tuple[str, ...], columns: tuple[str, ...], values: Any) -> dict[Index, float]:
    return {k if isinstance(k, tuple) else (k,): v for k, v in table(rows, columns, values).items()}


ARCS = (("port", "hub"), ("port", "depot"), ("hub", "depot"), ("hub", "city"), ("depot", "city"))
BEST: dict[str, Point] = {
    "product_mix": {"tables": {(): 30.0}, "chairs": {(): 40.0}},
    "transport": {
        "ship": matrix(
            ("Seattle", "San Diego"),
            ("New York", "Chicago", "Topeka"),
            ((50, 300, 0), (275, 0, 275)),
        )
    },
    "assignment": {
        "does": matrix(
            ("Ana", "Ben", "Cleo"),
            ("wiring", "painting", "plumbing"),
            ((0, 1, 0), (1, 0, 0), (0, 0, 1)),
        )
    },
    "covering": {"opened": over(0, 1, 1, 0, keys=("A", "B", "C", "D"))},
    "inventory": {"make": over(50, 60, 80, 60), "stock": over(20, 10, 0, 0)},
    "blending": {"use": over(1530 / 7, 920 / 7, 150, keys=("corn", "soy", "bran"))},
    "revenue": {"price": {(): 60.0}},
    "network": {"flow": over(7, 3, 6, 1, 9, keys=ARCS)},
    "portfolio": {"share": over(0.4, 0.6, keys=("fund", "bond"))},
    "machine": {"start": over(2, 5, 0)},
}


def at_best(name: str, **changed: dict[Index, float]) -> Evaluation:
    return evaluate(SAMPLES[name].formulation, {**BEST[name], **changed})


@pytest.mark.parametrize("name", SAMPLES)
def test_the_best_point_of_a_sample_is_feasible_and_has_its_value(name: str) -> None:
    found = at_best(name)
    assert found.violations == ()
    assert found.feasible
    assert found.levels == pytest.approx((SAMPLES[name].optimum,), rel=1e-9)
    assert all(a.value is not None for a in found.asked)


def test_a_broken_constraint_is_named_with_its_sides() -> None:
    found = at_best("product_mix", tables={(): 31.0})
    assert [v.name for v in found.violations] == ["painting_time", "carpentry_time"]
    broken = next(v for v in found.violations if v.name == "carpentry_time")
    assert (broken.amount, broken.left, broken.right) == (4.0, 244.0, 240.0)
    assert broken.relative == pytest.approx(4 / 240)
    assert "244" in broken.message


def test_slacks_say_what_binds() -> None:
    slacks = {s.name: s for s in at_best("product_mix", tables={(): 20.0}).slacks}
    assert (slacks["carpentry_time"].slack, slacks["carpentry_time"].binding) == (40.0, False)
    assert all(s.binding for s in at_best("product_mix").slacks)


def test_the_tolerance_is_relative_to_the_terms() -> None:
    assert at_best("product_mix", chairs={(): 40.0 + 5e-5}).feasible
    assert not at_best("product_mix", chairs={(): 40.01}).feasible


def test_bounds_and_domains() -> None:
    below = at_best("inventory", make=over(50, 60, 81, 59), stock=over(20, 10, 1, 0))
    assert [(v.kind, v.name, v.index) for v in below.violations] == [("bound", "make", (3,))]
    half = at_best("covering", opened=over(0.5, 1, 1, 0, keys=("A", "B", "C", "D")))
    assert [(v.kind, v.index, v.amount) for v in half.violations] == [("domain", ("A",), 0.5)]


def test_asked_quantities_have_values_and_units() -> None:
    asked = {(a.name, a.index): a for a in at_best("transport").asked}
    assert asked["sent from Seattle", ()].value == 350
    assert asked["shipment", ("San Diego", "Topeka")].value == 275
    assert at_best("inventory").asked[1].unit == "$"


def small(constraints: list[dict[str, Any]], **more: Any) -> Formulation:
    """Return a formulation with integers a, b, reals p, q, binaries u, v and starts over 1..3."""
    data = {
        "sets": [{"name": "K", "data": {"kind": "range", "start": "1", "stop": "3"}}],
        "variables": [
            {"name": "a", "domain": "integer"},
            {"name": "b", "domain": "integer"},
            {"name": "p", "lower": None},
            {"name": "q", "lower": None},
            {"name": "u", "domain": "binary"},
            {"name": "v", "domain": "binary"},
            {"name": "s", "over": "k in K"},
            {"name": "arc", "over": "i in K, j in K if i != j", "domain": "binary"},
        ],
        "constraints": [{"name": "rule", **c} for c in constraints],
        **more,
    }
    return Formulation.from_json(json.dumps(data))


def point(**values: Any) -> Point:
    full: Point = {name: {(): float(values.get(name, 0))} for name in "abpquv"}
    full["s"] = over(*values.get("s", (0, 0, 0)))
    arcs = values.get("arcs", ())
    pairs = [(i, j) for i in (1, 2, 3) for j in (1, 2, 3) if i != j]
    full["arc"] = {pair: float(pair in arcs) for pair in pairs}
    return full


INTERVALS = {"among": "k in K", "start": "s[k]", "duration": "k"}
KINDS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], float]] = [
    ({"kind": "algebraic", "expression": "1 <= p + q <= 3"}, {"p": 2}, {"p": 5}, 2),
    ({"kind": "algebraic", "expression": "p == q"}, {"p": 2, "q": 2}, {"p": 2}, 2),
    ({"kind": "algebraic", "expression": "a < b"}, {"b": 1}, {}, 1),
    ({"kind": "implication", "condition": "u", "then": "p <= 3"}, {"p": 9}, {"u": 1, "p": 9}, 6),
    (
        {"kind": "implication", "condition": "u and not v", "then": "p <= 3"},
        {"u": 1, "v": 1, "p": 9}, {"u": 1, "p": 3.5}, 0.5,
    ),
    (
        {"kind": "implication", "condition": "q > 2", "then": "p <= 3"},
        {"q": 2, "p": 9}, {"q": 2.5, "p": 9}, 0.5,
    ),
    (
        {"kind": "implication", "condition": "a >= 2", "then": "p == 3"},
        {"a": 1}, {"a": 2}, 1,
    ),
    (
        {"kind": "implication", "condition": "a == 2", "then": "p == 3"},
        {"a": 3}, {"a": 2}, 1,
    ),
    ({"kind": "either", "options": ["p >= 5", "p <= 1"]}, {"p": 6}, {"p": 2}, 1),
    (
        {"kind": "either", "options": ["p >= 5", "q >= 5", "a >= 5"], "at_least": 2},
        {"p": 5, "a": 5}, {"p": 5, "a": 3}, 2,
    ),
    ({"kind": "logic", "expression": "u or v"}, {"v": 1}, {}, 1),
    ({"kind": "logic", "expression": "not (u and v)"}, {"v": 1}, {"u": 1, "v": 1}, 1),
    ({"kind": "logic", "expression": "u == v"}, {"u": 1, "v": 1}, {"u": 1}, 1),
    (
        {"kind": "piecewise", "argument": "p", "value": "q", "points": [[0, 0], [2, 4], [4, 5]]},
        {"p": 3, "q": 4.5}, {"p": 1, "q": 3}, 1,
    ),
    (
        {"kind": "piecewise", "argument": "p", "value": "q",
         "points": [[0, 0], [1, 1], [1, 5], [2, 6]]},
        {"p": 1, "q": 5}, {"p": 1, "q": 3}, 2,
    ),
    (
        {"kind": "piecewise", "argument": "p", "value": "q", "points": [[0, 0], [2, 4]]},
        {"p": 2, "q": 4}, {"p": 5, "q": 4}, 3,
    ),
    ({"kind": "all_different", "among": "k in K", "each": "s[k]"}, {"s": (1, 2, 3)},
     {"s": (1, 2, 1)}, 1),
    ({"kind": "no_overlap", **INTERVALS}, {"s": (5, 3, 0)}, {"s": (5, 2, 0)}, 1),
    (
        {"kind": "cumulative", **INTERVALS, "demand": "2", "capacity": "4"},
        {"s": (0, 0, 2)}, {"s": (0, 0, 0)}, 2,
    ),
    (
        {"kind": "circuit", "among": "i in K, j in K if i != j", "arc": "arc[i, j]"},
        {"arcs": {(1, 2), (2, 3), (3, 1)}}, {"arcs": {(1, 2), (2, 1)}}, 1,
    ),
    (
        {"kind": "table", "among": "i in K, j in K if i < j", "values": ["s[1]", "s[2] - 1"]},
        {"s": (1, 3, 0)}, {"s": (1, 1, 0)}, 2,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "good", "bad", "amount"), KINDS)
def test_every_kind_of_constraint(
    constraint: dict[str, Any], good: dict[str, Any], bad: dict[str, Any], amount: float
) -> None:
    formulation = small([constraint])
    assert evaluate(formulation, point(**good)).violations == ()
    (broken,) = evaluate(formulation, point(**bad)).violations
    assert broken.name == "rule"
    assert broken.amount == pytest.approx(amount)


def test_a_soft_constraint_costs_its_penalty() -> None:
    soft = [{"kind": "algebraic", "expression": "p >= 5", "penalty": "10"}]
    goal = [{"sense": "maximize", "expression": "a"}]
    found = evaluate(small(soft, objectives=goal), point(p=3, a=7))
    assert found.feasible
    assert (found.penalty, found.levels) == (20.0, (-13.0,))
    assert found.objectives[0].value == 7.0


def test_each_link_of_a_soft_chain_costs_its_penalty() -> None:
    soft = [{"kind": "algebraic", "expression": "p <= q <= a", "penalty": "2"}]
    assert evaluate(small(soft), point(p=5, q=2, a=1)).penalty == 2 * (3 + 1)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("k in K", True), ("not (k in K)", False), ("k > 0.5", True), ("k == 9 or u", False)],
)
def test_conditions_on_data_hold_exactly(condition: str, holds: bool) -> None:
    rule = {"kind": "implication", "over": "k in K", "condition": condition, "then": "p >= 1"}
    assert evaluate(small([rule]), point(p=0)).feasible is not holds


def test_goals_add_up_by_level() -> None:
    goals = [
        {"sense": "minimize", "expression": "a", "name": "low", "priority": 0},
        {"sense": "maximize", "expression": "b", "name": "top", "priority": 1, "weight": 2},
        {"sense": "minimize", "expression": "p", "name": "too", "priority": 1},
    ]
    assert evaluate(small([], objectives=goals), point(a=3, b=5, p=1)).levels == (9.0, 3.0)


def test_semicontinuous_is_zero_or_between_its_bounds() -> None:
    data = {"variables": [{"name": "w", "domain": "semicontinuous", "lower": "3", "upper": "9"}]}
    formulation = Formulation.from_json(json.dumps(data))
    verdicts = {w: evaluate(formulation, {"w": {(): w}}).feasible for w in (0.0, 1.0, 3.0, 10.0)}
    assert verdicts == {0.0: True, 1.0: False, 3.0: True, 10.0: False}


def test_a_constraint_without_a_value_is_a_violation_with_the_reason() -> None:
    formulation = small([{"kind": "algebraic", "expression": "log(p) <= 3"}])
    found = evaluate(formulation, point(p=-1))
    assert not found.feasible
    assert found.worst is not None
    assert found.worst.amount is None
    assert "log(-1)" in found.worst.message


def test_a_root_of_a_rounding_error_is_zero() -> None:
    formulation = small([{"kind": "algebraic", "expression": "sqrt(p) + q ** 0.5 <= 3"}])
    assert evaluate(formulation, point(p=-1e-9, q=-1e-9)).feasible


@pytest.mark.parametrize(
    "values",
    [{"x": {}}, {"x": {(): math.nan}}, {"x": {(): 1.0, (2,): 1.0}}, {"x": {(): 1.0}, "xx": {}}],
)
def test_a_point_must_fit_the_variables(values: Point) -> None:
    formulation = Formulation.from_json('{"variables": [{"name": "x"}]}')
    with pytest.raises(UserError, match="`x"):
        evaluate(formulation, values)


def test_a_point_from_a_solution() -> None:
    solution = Solution(
        status=SolverStatus.OK,
        termination=Termination.OPTIMAL,
        values=(ValueAt(name="tables", value=30), ValueAt(name="chairs", value=40)),
    )
    assert evaluate(SAMPLES["product_mix"].formulation, point_of(solution)).feasible
    assert point_of(solution) == BEST["product_mix"]


def test_a_change_replaces_entries() -> None:
    change = Change(parameter="supply", entries=(Entry(index=("Seattle",), value=300),))
    sample = SAMPLES["transport"]
    found = evaluate(sample.formulation, BEST["transport"], changes=[change])
    assert [(v.name, v.index, v.amount) for v in found.violations] == [
        ("within_supply", ("Seattle",), 50.0)
    ]


def test_data_from_tables() -> None:
    formulation = Formulation(
        sets=(SetDef(name="Shops", data=FromTable(table="t", columns=("shop",))),),
        parameters=(
            Parameter(
                name="need",
                over="s in Shops",
                data=BoundData(table="t", value_column="need", key_columns=("shop",)),
            ),
        ),
        definitions=(Definition(name="all", expression="sum(need[s] for s in Shops)"),),
    )
    data: dict[str, dict[str, list[Any]]] = {
        "t": {"shop": ["a", 2.0, "c"], "need": [1, 2, 4]},
    }
    interpreter = Interpreter(formulation, tables=data)
    assert interpreter.elements("Shops") == (("a",), (2,), ("c",))
    assert interpreter.parameter("need") == {("a",): 1.0, (2,): 2.0, ("c",): 4.0}
    assert interpreter.quantity("all", {}, "all", ()) == 7.0
    with pytest.raises(FormulationError, match="no column"):
        Interpreter(formulation, tables={"t": {"shop": ["a"]}}).parameter("need")


# --- the interpreter ------------------------------------------------------------------------------

WORLD = Formulation(
    sets=(
        listed("T", ("mon", "tue", "wed")),
        listed("N", (1, 2, 3, 4)),
        listed("A", ((1, 2), (2, 3), (1, 4))),
    ),
    parameters=(
        parameter("w", {1: 10, 2: 20, 3: 30}, "n in N", default=5),
        parameter("k", 2),
        parameter("m", {"mon": 1, "tue": 2, "wed": 4}, "t in T"),
    ),
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum(w[n] for n in N)", 65),
        ("sum(w[n - 1] for n in N if n > 1)", 60),
        ("sum(w[j] for (i, j) in A if i == 1)", 25),
        ("sum(w[j] for (i, j) in A if 1 == i and j != 4)", 20),
        ("sum(n * m[t] for n in N for t in T if t != 'tue')", 50),
        ("sum(m[prev(t)] for t in T if t > first(T))", 3),
        ("sum(m[next(t)] if t != last(T) else 100 for t in T)", 106),
        ("m[prev('wed', T)] + m[last(T)]", 6),
        ("sum(1 for i in N for j in N if (i, j) in A)", 3),
        ("sum(1 for n in N if not (n in N and n <= k))", 2),
        ("prod(m[t] for t in T) + prod(0 for n in N if n > 9)", 9),
        ("max(w[n] for n in N) - min(w[n] for n in N) + len(N)", 29),
        ("max(1, k, 3) * abs(-k) + w[k]", 26),
        ("sqrt(16) + exp(0) + log(1) + sin(0) + cos(0) + k ** 3", 14),
        ("sum(0 for n in N if n > 9)", 0),
    ],
)
def test_values_of_expressions(expression: str, value: float) -> None:
    assert Interpreter(WORLD).quantity(expression, {}, "e", ()) == pytest.approx(value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("w[5]", "does not exist"),
        ("w[1.5]", "whole"),
        ("sum(m[prev(t)] for t in T)", "steps off"),
        ("1 / (k - 2)", "division by zero"),
        ("log(k - 2)", "log"),
        ("(0 - 8) ** 0.5", "not real"),
        ("exp(1000)", "exp"),
        ("10.0 ** 99 * 10.0 ** 99 * 10.0 ** 99 * 10.0 ** 99", "overflows"),
        ("min(w[n] for n in N if n > 9)", "over nothing"),
        ("sum(t for t in T)", "not a number"),
        ("sum(1 for n in N if w[n])", "not a condition"),
        ("sum(1 for n in A)", "components"),
        ("T", "no value"),
        ("unknown", "no value"),
    ],
)
def test_an_expression_without_a_value_is_an_error_with_its_place(
    expression: str, words: str
) -> None:
    with pytest.raises(FormulationError, match=words) as caught:
        Interpreter(WORLD).quantity(expression, {}, "profit", (3,))
    assert "`profit[3]`" in caught.value.where


def numbers() -> st.SearchStrategy[str]:
    return st.one_of(
        st.integers(0, 50).map(str), st.floats(0.01, 50).map(lambda v: repr(round(v, 3)))
    )


ARITHMETIC = st.recursive(
    numbers(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda e: f"-{e}"),
        inner.map(lambda e: f"abs({e})"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} <= {t[2]} else {t[2]})"),
        inner.map(lambda e: f"(0 + {e}) ** 2"),
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(ARITHMETIC)
def test_arithmetic_agrees_with_python(expression: str) -> None:
    interpreter = Interpreter(Formulation())
    try:
        expected = eval(expression, {"abs": abs, "max": max})
    except ZeroDivisionError:
        with pytest.raises(FormulationError):
            interpreter.quantity(expression, {}, "e", ())
        return
    found, scale = interpreter.measured(expression, {}, "e", ())
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9 * max(1.0, scale))


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), unique=True, min_size=1))
def test_a_join_gives_what_a_filter_gives(pairs: list[tuple[int, int]]) -> None:
    formulation = Formulation(sets=(listed("N", range(1, 7)), listed("A", pairs)))
    interpreter = Interpreter(formulation)
    for n in range(1, 7):
        joined = interpreter.quantity(f"sum(10 * i + j for (i, j) in A if j == {n})", {}, "e", ())
        assert joined == sum(10 * i + j for i, j in pairs if j == n)
