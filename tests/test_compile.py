"""Compiling: rows against Python's own evaluation, logic against enumeration, and the refusals."""

from __future__ import annotations

import importlib.util
import itertools
import math
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    AllDifferent,
    Circuit,
    Constraint,
    Cumulative,
    Definition,
    Derived,
    Domain,
    Either,
    Entry,
    Family,
    Formulation,
    Given,
    Implication,
    Listed,
    Logic,
    Members,
    Objective,
    Parameter,
    Piecewise,
    Range,
    Sense,
    SetDef,
    Table,
    Variable,
)
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Functions, Kind, ProblemClass, Program, Scalar

MIN, MAX = Sense.MINIMIZE, Sense.MAXIMIZE


# --- helpers --------------------------------------------------------------------------------------


def program_of(*parts: Any, changes: Any = ()) -> Program:
    fields: dict[str, list[Any]] = {
        "sets": [],
        "parameters": [],
        "variables": [],
        "definitions": [],
        "objectives": [],
        "constraints": [],
    }
    kinds: dict[Any, str] = {SetDef: "sets", Parameter: "parameters", Variable: "variables"}
    kinds |= {Definition: "definitions", Objective: "objectives"}
    for part in parts:
        fields[kinds.get(type(part), "constraints")].append(part)
    return compile_program(ground(Formulation.model_validate(fields), changes=changes))


def var(name: str, low: float | None = 0, high: float | None = None, **more: Any) -> Variable:
    ends = {
        "lower": None if low is None else str(low),
        "upper": None if high is None else str(high),
    }
    return Variable(**{"name": name, **ends, **more})


def binary(name: str) -> Variable:
    return Variable(name=name, domain=Domain.BINARY)


def goal(expression: str, sense: Sense = MIN, **more: Any) -> Objective:
    return Objective(sense=sense, expression=expression, **more)


def rule(expression: str, over: str = "", **more: Any) -> Algebraic:
    return Algebraic(**{"name": "rule", "expression": expression, "over": over, **more})


def scalar_value(scalar: Scalar, x: Any) -> float:
    value: float = scalar.constant + sum(c * x[k] for k, c in scalar.linear)
    value += sum(c * x[i] * x[j] for i, j, c in scalar.quadratic)
    return value + sum(c * operation_value(op, x) for c, op in scalar.operations)


def operation_value(operation: Any, x: Any) -> float:
    args = [scalar_value(argument, x) for argument in operation.arguments]
    table: dict[str, Callable[..., float]] = {
        "pow": lambda a, b: a**b,
        "div": lambda a, b: a / b,
        "mul": lambda a, b: a * b,
        "abs": abs,
    }
    function = table.get(operation.op) or getattr(math, operation.op)
    return float(function(*args))


def values_at(batch: Functions, x: Any) -> Any:
    x = np.asarray(x)
    out = batch.constant.copy()
    np.add.at(out, batch.row, batch.value * x[batch.column])
    product = x[batch.quadratic_first] * x[batch.quadratic_second]
    np.add.at(out, batch.quadratic_row, batch.quadratic_value * product)
    for row, coefficient, operation in batch.operations:
        out[row] += coefficient * operation_value(operation, x)
    return out


def solve(
    program: Program, fixed: dict[str, float] | None = None
) -> tuple[str, float, dict[str, float]]:
    """Solve a linear program or MIP with HiGHS, some scalar variables fixed."""
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("mip_rel_gap", 1e-9)
    low, high = program.lower.copy(), program.upper.copy()
    start = {block.name: block.start for block in program.column_blocks if len(block.indices) == 1}
    for name, value in (fixed or {}).items():
        low[start[name]] = high[start[name]] = value
    cost = np.bincount(
        program.objectives.column, weights=program.objectives.value, minlength=program.columns
    )
    kinds = [highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger]
    kinds.append(highspy.HighsVarType.kSemiContinuous)
    for k in range(program.columns):
        h.addCol(cost[k], low[k], high[k], 0, [], [])
        h.changeColIntegrality(k, kinds[program.kind[k]])
    merged: list[dict[int, float]] = [{} for _ in range(program.rows.count)]
    for row, column, value in zip(
        program.rows.row.tolist(), program.rows.column.tolist(), program.rows.value, strict=True
    ):
        merged[row][column] = merged[row].get(column, 0.0) + value
    for k, entries in enumerate(merged):
        h.addRow(
            program.row_lower[k],
            program.row_upper[k],
            len(entries),
            list(entries),
            list(entries.values()),
        )
    if not program.minimize[0]:
        h.changeObjectiveSense(highspy.ObjSense.kMaximize)
    h.run()
    x = h.getSolution().col_value
    total = h.getInfo().objective_function_value + program.objectives.constant[0]
    found = {name: x[k] for name, k in start.items()} if x else {}
    return h.modelStatusToString(h.getModelStatus()), total, found


def feasible(program: Program, point: dict[str, float]) -> bool:
    return solve(program, point)[0] == "Optimal"


# --- rows against Python's own evaluation of the same text ----------------------------------------

I_SET, T_SET = ["a", "b", "c"], [1, 2, 3, 4]
ARCS = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")]
SUCC = {"a": ["b", "c"], "b": [], "c": ["a"]}
RNG = random.Random(7)
COST = {(i, t): RNG.randint(-4, 4) for i in I_SET for t in T_SET}
GAIN = {i: RNG.choice([-2, 0.5, 3]) for i in I_SET}

WORLD = (
    SetDef(name="I", data=Listed(elements=tuple(I_SET))),
    SetDef(name="T", data=Range(start="1", stop="horizon")),
    SetDef(name="Arcs", data=Listed(elements=tuple(ARCS))),
    SetDef(
        name="Succ",
        data=Family(
            over="I",
            members=tuple(Members(index=(i,), elements=tuple(e)) for i, e in SUCC.items()),
        ),
    ),
    Parameter(name="horizon", data=Given(entries=(Entry(index=(), value=4),))),
    Parameter(
        name="cost",
        over="i in I, t in T",
        data=Given(entries=tuple(Entry(index=k, value=v) for k, v in COST.items())),
    ),
    Parameter(
        name="gain",
        over="i in I",
        data=Given(entries=tuple(Entry(index=(k,), value=v) for k, v in GAIN.items())),
    ),
    Variable(name="x", over="i in I, t in T", lower="-gain[i] * t", upper="10 + t"),
    Variable(name="f", over="(i, j) in Arcs", lower=None),
    Variable(name="y", lower=None),
    Definition(name="total", over="i in I", expression="sum(x[i, t] for t in T) - y"),
)

LINEAR = [
    "x[i, s]",
    "cost[i, s] * x[i, s]",
    "y * gain[i] / s",
    "-3 * total[i]",
    "sum(cost[k, s] * x[k, s] for k in I)",
    "sum(f[p, q] for (p, q) in Arcs if p == i)",
    "sum(f[p, q] for (p, q) in Arcs if q == i if p != i)",
    "sum(f[p, q] * cost[q, s] for q in I for p in I if (p, q) in Arcs and p != i)",
    "sum(x[k, s] * t for k in Succ[i] for t in T if t <= s)",
    "sum(x[k, t] for t in T if t == s - 1 for k in I if k == i)",
    "sum(x[k, t] for k in I for t in T if k < i)",
    "(x[i, prev(s)] if s > 1 else 0)",
    "(x[i, s] if cost[i, s] > 0 or s == 2 else y)",
    "(x[i, s - 1] - x[i, next(s - 1, T)] if s != first(T) else 5)",
    "len(Succ[i]) * y + gain[i] ** 2 - max(s, 2)",
    "sum(total[k] for k in I if gain[k] > 0)",
    '2 * x["a", 3] - x[last(I), last(T)]',
    "sum(x[k, t] for t in T for k in I if t == 2 * s)",
]
CURVED = [
    "x[i, s] * y",
    "total[i] ** 2",
    "(x[i, s] + 1) * (y - 2) * s",
    "exp(y / 10) * gain[i]",
    "x[i, s] * sin(y)",
    "y / (x[i, s] + 50)",
    "(x[i, s] + 40) ** 0.5",
    "prod(x[i, t] + 1 for t in T if t <= s)",
    "sum(cos(x[k, t]) for k in I for t in T if t != s)",
    "y ** 3",
]


def steps(values: dict[Any, float]) -> dict[str, Any]:
    """Return Python's meaning of the world's names."""
    sets = {"I": I_SET, "T": T_SET, "Arcs": ARCS, "Succ": SUCC}
    x = {(i, t): values["x", (i, t)] for i in I_SET for t in T_SET}
    y = values["y", ()]

    def follow(step: int) -> Callable[..., Any]:
        def stepped(element: Any, order: list[Any] = T_SET) -> Any:
            return order[order.index(element) + step]

        return stepped

    return {
        **sets,
        "cost": COST,
        "gain": GAIN,
        "x": x,
        "y": y,
        "f": {arc: values["f", arc] for arc in ARCS},
        "total": {i: sum(x[i, t] for t in T_SET) - y for i in I_SET},
        "prev": follow(-1),
        "next": follow(1),
        "first": lambda s: s[0],
        "last": lambda s: s[-1],
        "prod": math.prod,
        **{name: getattr(math, name) for name in ("exp", "log", "sqrt", "sin", "cos")},
    }


def check_rows(expression: str) -> None:
    program = program_of(*WORLD, rule(f"{expression} <= 0", "i in I, s in T"))
    point = np.random.default_rng(len(expression)).uniform(0.5, 3, program.columns)
    labels = list(program.column_labels())
    namespace = steps(dict(zip(labels, point.tolist(), strict=True)))
    found = values_at(program.rows, point) - program.row_upper
    wanted = [eval(expression, {**namespace, "i": i, "s": s}) for _, (i, s) in program.row_labels()]
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("expression", LINEAR + CURVED)
def test_each_form_means_what_python_says(expression: str) -> None:
    check_rows(expression)


@given(
    st.lists(st.tuples(st.sampled_from(LINEAR), st.sampled_from(["+", "-", "* 2 -"])), max_size=5),
    st.sampled_from(LINEAR + CURVED),
)
@settings(max_examples=60, deadline=None)
def test_sums_of_forms_mean_what_python_says(terms: list[tuple[str, str]], last: str) -> None:
    check_rows(" ".join(f"{term} {op}" for term, op in terms) + f" ({last})")


@given(st.sampled_from(LINEAR), st.sampled_from(LINEAR))
@settings(max_examples=30, deadline=None)
def test_products_of_affine_forms_are_quadratic(left: str, right: str) -> None:
    check_rows(f"({left}) * ({right})")
    program = program_of(*WORLD, rule(f"({left}) * ({right}) >= 1", "i in I, s in T"))
    assert not program.rows.operations


def test_variables_get_bounds_and_labels() -> None:
    program = program_of(*WORLD, binary("b"), var("n", -2, 7, domain=Domain.INTEGER))
    labels = list(program.column_labels())
    at = {label: k for k, label in enumerate(labels)}
    k = at["x", ("b", 3)]
    assert (program.lower[k], program.upper[k]) == (-3 * GAIN["b"], 13)
    assert program.lower[at["f", ("a", "c")]] == -math.inf
    assert (program.upper[at["b", ()]], program.kind[at["b", ()]]) == (1, Kind.INTEGER)
    assert program.lower[at["n", ()]] == -2


def test_chains_and_rows_without_variables() -> None:
    program = program_of(
        var("x"),
        rule("2 <= x + 1 <= 5", name="sides"),
        rule("5 >= x >= 2", name="falling"),
        rule("0 <= x <= 2 * x <= 9", name="chain"),
        rule("3 <= 2", name="false"),
        rule("1 < 2", name="true"),
    )
    names = [name for name, _ in program.row_labels()]
    assert names == ["sides", "falling", "chain", "chain", "chain", "false", "true"]
    assert (program.row_lower[0], program.row_upper[0]) == (1, 4)
    assert (program.row_lower[1], program.row_upper[1]) == (2, 5)
    assert program.row_upper[5] == -1
    assert program.row_upper[6] >= 0
    assert solve(program)[0] == "Infeasible"


def test_objectives_are_grouped_by_priority_and_sense() -> None:
    program = program_of(
        var("x"),
        var("y"),
        goal("x + 1", MAX, priority=2, weight=3, tolerance=0.1),
        goal("y", MIN, priority=2, tolerance=0.2),
        goal("x", MIN, priority=5),
    )
    assert program.minimize == (True, False)
    assert program.tolerances == (0, 0.1)
    assert values_at(program.objectives, [2, 5]).tolist() == [2, 3 * 3 - 5]
    nothing = program_of(var("x"))
    assert nothing.objectives.count == 1 and nothing.minimize == (True,)


# --- extremes -------------------------------------------------------------------------------------

EXTREMES = {
    "abs(x)": lambda x, y: abs(x),
    "abs(x - y)": lambda x, y: abs(x - y),
    "max(x, y, 1)": lambda x, y: max(x, y, 1),
    "min(x, 2 * y)": lambda x, y: min(x, 2 * y),
    "max(abs(x), y) - min(x, y)": lambda x, y: max(abs(x), y) - min(x, y),
    "3 - 2 * max(x, min(y, 1))": lambda x, y: 3 - 2 * max(x, min(y, 1)),
    "max(k * x - y for k in K)": lambda x, y: max(k * x - y for k in (1, 2, 3)),
    "peak * 2": lambda x, y: 2 * max(x, y),
}
K = SetDef(name="K", data=Range(start="1", stop="3"))


@pytest.mark.parametrize("expression", EXTREMES)
def test_extremes_are_exact_in_both_directions(expression: str) -> None:
    free = (K, var("x", -3, 4), var("y", -2, 5), Definition(name="peak", expression="max(x, y)"))
    for sense in (MIN, MAX):
        program = program_of(*free, goal(expression, sense))
        equal = program_of(*free, var("v", None), rule(f"v == {expression}"), goal("v", sense))
        for x, y in itertools.product((-3, -1.5, 0, 4), (-2, 1, 2.5)):
            wanted = EXTREMES[expression](x, y)
            assert solve(program, {"x": x, "y": y})[1] == pytest.approx(wanted, abs=1e-6)
            assert solve(equal, {"x": x, "y": y})[1] == pytest.approx(wanted, abs=1e-6)


def test_convex_use_needs_neither_binaries_nor_bounds() -> None:
    program = program_of(
        var("x", None),
        goal("abs(x) + max(x, 2 * x)"),
        rule("min(x, 3) >= abs(x) - 5"),
        rule("0 >= abs(x - 1) - 9", name="other"),
    )
    assert (program.kind == Kind.CONTINUOUS).all()


def test_binaries_without_bounds_are_refused_by_name() -> None:
    with pytest.raises(FormulationError, match=r"finite bounds on `x\['a'\]`.*i = 'a'"):
        program_of(
            SetDef(name="I", data=Listed(elements=("a", "b"))),
            Variable(name="x", over="i in I"),
            rule("max(x[i], 1) >= 3", "i in I"),
        )


def test_rows_supply_bounds_for_binaries() -> None:
    program = program_of(
        var("x", None), rule("max(x, 1) >= 3"), rule("-5 <= 2 * x <= 20", name="box"), goal("x")
    )
    assert [b.name for b in program.row_blocks][-1] == "box"
    assert solve(program)[1] == pytest.approx(3)


def test_contradictory_rows_stay_a_matter_for_the_solver() -> None:
    program = program_of(
        var("x", -9, 9),
        rule("x >= 5", name="low"),
        rule("x <= 2", name="high"),
        rule("abs(x) >= 1"),
    )
    assert (program.lower <= program.upper).all()
    assert solve(program)[0] == "Infeasible"


def test_constraints_over_nothing_leave_no_rows() -> None:
    over: Any = {"over": "i in Empty"}
    program = program_of(
        SetDef(name="Empty", data=Listed(elements=())),
        Variable(name="x", **over),
        binary("b"),
        rule("abs(x[i]) + max(x[i], 2) + x[i]**2 + prod(x[j] for j in Empty) <= 3", **over),
        Implication(name="im", condition="b", then="x[i] <= 3", **over),
        Either(name="ei", options=("x[i] <= 3", "x[i] >= 7"), **over),
        Piecewise(name="pw", argument="x[i]", value="b", points=POINTS["wavy"], **over),
        goal("sum(x[i] for i in Empty) + b"),
    )
    assert (program.columns, program.rows.count) == (1, 0)


# --- logic ----------------------------------------------------------------------------------------


def compare(
    constraints: list[Constraint], holds: Callable[..., bool], grid: dict[str, Any], *parts: Any
) -> None:
    """Check feasibility at every point of a grid against a Python function."""
    program = program_of(*parts, *constraints)
    for point in itertools.product(*grid.values()):
        values = dict(zip(grid, point, strict=True))
        assert feasible(program, values) == holds(**values), values


INT: Any = {"domain": Domain.INTEGER}
PAIR = (var("x", -2, 2, **INT), var("y", -1, 2, **INT), binary("b"), binary("c"))
GRID = {"x": range(-2, 3), "y": range(-1, 3), "b": (0, 1), "c": (0, 1)}


@pytest.mark.parametrize(
    ("condition", "then"),
    [
        ("b", "x <= y"),
        ("not b", "x == y"),
        ("b and not c", "x + 1 <= y <= 2"),
        ("b or c", "x >= 1"),
        ("x > y", "x + y >= 1"),
        ("x >= y and b", "y < 1"),
        ("x == y", "b + c == 1"),
        ("not (x == y)", "b >= c"),
        ("-1 <= x <= 1", "y == 2 * x"),
        ("1 - b", "abs(x) <= 1"),
        ("1 == 1", "max(x, y) >= 1"),
    ],
)
def test_implications_hold_exactly(condition: str, then: str) -> None:
    def holds(**values: float) -> bool:
        return not eval(condition, dict(values)) or bool(eval(then, dict(values)))

    compare([Implication(name="im", condition=condition, then=then)], holds, GRID, *PAIR)


@pytest.mark.parametrize(
    ("options", "at_least"),
    [
        (("x <= -1", "x >= 2"), 1),
        (("x <= 0", "y <= 0", "x == y"), 2),
        (("x + y <= 1", "x - y <= 1"), 2),
    ],
)
def test_alternatives_hold_exactly(options: tuple[str, ...], at_least: int) -> None:
    def holds(**values: float) -> bool:
        return sum(bool(eval(option, dict(values))) for option in options) >= at_least

    grid = {"x": range(-2, 3), "y": range(-1, 3)}
    rules: list[Constraint] = [Either(name="ei", options=options, at_least=at_least)]
    compare(rules, holds, grid, *PAIR[:2])


@pytest.mark.parametrize(
    "proposition",
    [
        "a and not (b or c)",
        "(a or b) and (not a or c)",
        "a != b",
        "not (a == b) or c",
        "a + b + c >= 2 or not a",
        "a <= b < c or (a and c)",
        "not (a and b and c)",
    ],
)
def test_propositions_hold_exactly(proposition: str) -> None:
    def holds(**values: float) -> bool:
        return bool(eval(proposition, dict(values)))

    grid = {name: (0, 1) for name in "abc"}
    rules: list[Constraint] = [Logic(name="lo", expression=proposition)]
    compare(rules, holds, grid, *(binary(name) for name in grid))


def test_indexed_logic_takes_conditions_on_data() -> None:
    program = program_of(
        K,
        Variable(name="b", over="k in K", domain=Domain.BINARY),
        Logic(name="lo", over="k in K", expression="b[k] or k > 2"),
        goal("sum(b[k] for k in K)"),
    )
    assert solve(program)[1] == pytest.approx(2)
    assert [name for name, _ in program.row_labels()][-3:] == ["lo"] * 3


def test_soft_rows_cost_their_violation() -> None:
    parts = (var("x", 0, 10), rule("x >= 4", name="hard"))
    for expression, penalty, wanted in (
        ("x <= 1", 5, 4 + 3 * 5),
        ("2 <= x <= 3", 0.5, 4 + 0.5),
        ("x == 9", 10, 9),
        ("x == 9", 0.1, 4 + 0.5),
    ):
        soft = rule(expression, penalty=str(penalty), name="soft")
        assert solve(program_of(*parts, soft, goal("x")))[1] == pytest.approx(wanted)
    soft = rule("x <= 1", penalty="2", name="soft")
    assert solve(program_of(*parts, soft, goal("x", MAX)))[1] == pytest.approx(4 - 6)


# --- piecewise ------------------------------------------------------------------------------------

POINTS = {
    "convex": ((-2.0, 4.0), (0.0, 0.0), (3.0, 9.0)),
    "concave": ((-2.0, -4.0), (0.0, 3.0), (1.0, 4.0), (3.0, 4.5)),
    "wavy": ((-2.0, 1.0), (0.0, 3.0), (1.0, 0.0), (3.0, 4.0)),
    "line": ((-2.0, 1.0), (0.0, 3.0), (3.0, 6.0)),
    "flat": ((-2.0, 1.0), (0.0, 1.0), (3.0, 6.0)),
}


@pytest.mark.parametrize("shape", POINTS)
@pytest.mark.parametrize("sense", [MIN, MAX])
def test_piecewise_is_exact(shape: str, sense: Sense) -> None:
    points = POINTS[shape]
    piecewise = Piecewise(name="pw", argument="x + 1", value="v", points=points)
    program = program_of(var("x", None), var("v", -9), piecewise, goal("v", sense))
    for x in (-3, -2.5, -1, 0, 0.5, 2):
        wanted = float(np.interp(x + 1, *np.array(points).T))
        assert solve(program, {"x": x})[1] == pytest.approx(wanted, abs=1e-6)
    assert not feasible(program, {"x": 2.1})
    assert not feasible(program, {"x": -3.1})


def test_convex_pieces_need_binaries_only_against_the_pressure() -> None:
    curve = Piecewise(name="pw", argument="x", value="v", points=POINTS["convex"])

    def binaries(*more: Any, low: float | None = None) -> int:
        program = program_of(var("x", -2, 3), var("v", low), curve, *more)
        return int((program.kind == Kind.INTEGER).sum())

    assert binaries(goal("v - x")) == 0
    assert binaries(goal("v - x"), rule("v + x <= 7")) == 0
    assert binaries(goal("v", MAX)) == 2
    assert binaries(goal("x")) == 2
    assert binaries(goal("v - x"), rule("v >= x + 1")) == 2
    assert binaries(goal("v"), low=1) == 2
    assert binaries(goal("v + v * v")) == 2


def test_a_jump_takes_either_value_and_nothing_between() -> None:
    points = ((0.0, 0.0), (1.0, 1.0), (1.0, 3.0), (2.0, 3.0))
    piecewise = Piecewise(name="pw", argument="x", value="v", points=points)
    program = program_of(var("x"), var("v"), piecewise)
    assert [feasible(program, {"x": 1, "v": v}) for v in (1, 2, 3)] == [True, False, True]
    assert not feasible(program, {"x": 0.5, "v": 2})


# --- classes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((goal("x + y"),), ProblemClass.LP),
        ((goal("x + n"),), ProblemClass.MIP),
        ((goal("x*x + y*y - 2*x*y + x"),), ProblemClass.QP),
        ((goal("x*y"),), ProblemClass.NONCONVEX_QP),
        ((goal("x*y", MAX),), ProblemClass.NONCONVEX_QP),
        ((goal("-(x - y)**2", MAX),), ProblemClass.QP),
        ((goal("x*x + x*y + y*y + n"),), ProblemClass.MIQP),
        ((goal("n*x"),), ProblemClass.MINLP),
        ((goal("x"), rule("x*x + y**2 <= 4")), ProblemClass.QCP),
        ((goal("x + n"), rule("4 >= x*x + y**2")), ProblemClass.MIQCP),
        ((goal("x"), rule("x*x + y*y == 4")), ProblemClass.NLP),
        ((goal("x"), rule("x*x + y*y >= 4")), ProblemClass.NLP),
        ((goal("exp(x)"),), ProblemClass.NLP),
        ((goal("x"), rule("n * sin(x) <= 1")), ProblemClass.MINLP),
        (
            (goal("x"), Variable(name="s", upper="4", domain=Domain.SEMICONTINUOUS)),
            ProblemClass.MIP,
        ),
    ],
)
def test_classes(parts: tuple[Any, ...], expected: ProblemClass) -> None:
    used = " ".join(p.expression for p in parts if isinstance(p, Objective | Algebraic))
    integer = (var("n", **INT),) if re.search(r"\bn\b", used) else ()
    assert classify_program(program_of(var("x"), var("y"), *integer, *parts)) is expected


@pytest.mark.parametrize("middle", [2.0, 1.9])
def test_convexity_of_a_large_block_is_found_without_eigenvalues(middle: float) -> None:
    # The path graph's Laplacian is singular and positive semidefinite; less of it is indefinite.
    program = program_of(
        SetDef(name="N", data=Range(start="1", stop="600")),
        Variable(name="x", over="k in N"),
        goal(
            f"sum({middle} * x[k]**2 for k in N) - sum(x[1]**2 for k in N if k == 1)"
            " - sum(x[600]**2 for k in N if k == 1) - sum(2*x[k]*x[next(k)] for k in N if k < 600)"
        ),
    )
    expected = ProblemClass.QP if middle == 2 else ProblemClass.NONCONVEX_QP
    assert classify_program(program) is expected


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((var("x"), rule("x < 3")), "`<` between values that are not all integers"),
        ((var("x"), rule("x / 0 <= 3")), r"division by zero \(in constraint `rule`"),
        ((var("x"), rule("unknown * x <= 3")), "`unknown` is not declared"),
        ((var("x"), rule("x[1] <= 3")), "`x` takes 0 indices, not 1"),
        ((K, Variable(name="x", over="K"), rule("x <= 3")), "`x` takes 1 indices, not 0"),
        (
            (K, Variable(name="x", over="K"), rule("x[k + 1] <= 3", "k in K")),
            "4 is no index of `x`",
        ),
        ((K, Variable(name="x", over="K"), rule("x[next(k)] <= 3", "k in K")), "at k = 3"),
        ((var("x"), rule("(1 if x > 2 else 0) <= 3")), "the variable `x` stands where only data"),
        ((K, var("x"), rule("sum(1 for k in K if k > x) <= 3")), "the variable `x` stands where"),
        ((K, var("x"), rule("max(x for k in K if k > 9) <= 3")), "`max` of nothing"),
        ((var("x", upper="y"), var("y")), "the variable `y` stands where only data"),
        ((Variable(name="s", domain=Domain.SEMICONTINUOUS),), "needs both bounds"),
        ((var("x"), rule("x <= 1", penalty="-2")), "a penalty below zero"),
        (
            (
                Definition(name="d", expression="e + 1"),
                Definition(name="e", expression="d"),
                rule("d <= 1"),
            ),
            "`d` is defined by itself: d -> e -> d",
        ),
        ((var("x"), binary("b"), Implication(name="im", condition="x >= 1", then="b >= 1")), "`>`"),
        (
            (var("x"), binary("b"), Implication(name="im", condition="x == 1", then="b >= 1")),
            "fails",
        ),
        (
            (var("x"), binary("b"), Implication(name="im", condition="b", then="x <= 1")),
            "bounds on `x`",
        ),
        ((var("x"), Implication(name="im", condition="x", then="x <= 1")), "this is no binary"),
        ((var("n", 0, 2, **INT), Logic(name="lo", expression="n")), "this is no binary"),
        ((Either(name="ei", options=("1 <= 2", "1 <= 3"), at_least=3),), "at least 3 of 2"),
        (
            (var("x"), Piecewise(name="pw", argument="x", value="x", points=((1, 1), (0, 0)))),
            "must increase",
        ),
        ((var("x"), AllDifferent(name="ad", among="", each="x")), "values that are not whole.*`x`"),
        (
            (
                var("n", -1, 2, **INT),
                Cumulative(name="cu", among="", start="1", duration="1", demand="n", capacity="1"),
            ),
            "a demand may be below zero",
        ),
        ((Circuit(name="ci", among="", arc="1"),), "arcs need two indices.*binds 0"),
        (
            (K, var("n", 0, 2, **INT), Circuit(name="ci", among="i in K, j in K", arc="n")),
            "no binary",
        ),
        (
            (var("n", 0, 2, **INT), Table(name="ta", among="", values=("n", "n"))),
            "2 values, and 0 indices",
        ),
    ],
)
def test_refusals_name_the_place(parts: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(FormulationError, match=expected):
        program_of(*parts)


def test_strict_relations_of_integers_are_rows() -> None:
    program = program_of(var("n", **INT), rule("2 * n < 7"), goal("n", MAX))
    assert solve(program)[1] == pytest.approx(3)
    program = program_of(var("n", **INT), rule("n > 2.5"), rule("n > 3", name="other"), goal("n"))
    assert solve(program)[1] == pytest.approx(4)


def test_derived_data_reach_rows() -> None:
    program = program_of(
        K,
        Parameter(name="twice", over="k in K", data=Derived(expression="2 * k")),
        Variable(name="x", over="k in K", lower="twice[k]"),
        goal("sum(twice[k] * x[k] for k in K)"),
    )
    assert solve(program)[1] == pytest.approx(4 + 16 + 36)


# --- speed ----------------------------------------------------------------------------------------


def test_the_benchmark_builds_the_same_program_every_way() -> None:
    path = Path(__file__).parents[1] / "benchmarks" / "compile_transport.py"
    spec = importlib.util.spec_from_file_location("compile_transport", path)
    assert spec and spec.loader
    script: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    # The other libraries are slow to import, and extras.
    ways: dict[str, Any] = script.WAYS
    for name in list(ways)[4:]:
        del ways[name]
    values = script.optimal_values(6)
    assert len(values) == 4
    assert list(values.values()) == pytest.approx([values["highspy arrays, by hand"]] * 4)
    assert all(len(runs) == 1 for runs in script.measure(6, 1).values())


def test_a_jump_at_an_end_keeps_its_outer_point() -> None:
    fixed_charge = ((0.0, 0.0), (0.0, 5.0), (2.0, 7.0))
    program = program_of(
        var("x"), var("v"), Piecewise(name="pw", argument="x", value="v", points=fixed_charge)
    )
    found = [feasible(program, {"x": 0, "v": v}) for v in (0, 3, 5)]
    assert found == [True, False, True]
    assert feasible(program, {"x": 1, "v": 6}) and not feasible(program, {"x": 1, "v": 3})


def test_numbers_that_overflow_are_refused_by_name() -> None:
    with pytest.raises(FormulationError, match=r"overflow.*`product`"):
        program_of(var("x"), rule("1e300 * (1e300 * x) <= 1", name="product"))
    with pytest.raises(FormulationError, match="overflow"):
        program_of(var("x"), goal("1e300 * x", weight=1e300))


def test_names_of_the_compiler_are_refused() -> None:
    with pytest.raises(FormulationError, match="underscore"):
        program_of(var("_x"), goal("_x"))


def test_a_soft_range_without_values_is_paid_for_at_both_ends() -> None:
    program = program_of(var("x"), goal("x"), rule("5 <= x <= 3", penalty="1"))
    assert solve(program)[1] == pytest.approx(5.0)


def test_a_long_chain_of_definitions_is_refused() -> None:
    chain = [Definition(name=f"d{k}", expression=f"d{k + 1} + 1") for k in range(2000)]
    last = Definition(name="d2000", expression="x")
    with pytest.raises(FormulationError, match="too long a chain"):
        program_of(var("x"), *chain, last, goal("d0"))
