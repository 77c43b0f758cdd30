"""CP-SAT and the rows that say the same, every kind against all points of a small box."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.certify import Optimality, is_feasible
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program, to_solution

TASKS = {"name": "T", "data": {"kind": "range", "start": "1", "stop": "3"}}


def formulation(*constraints: dict[str, Any], **parts: Any) -> Formulation:
    named = [{"name": f"c{k}", **c} for k, c in enumerate(constraints)]
    return Formulation.model_validate({"sets": [TASKS], **parts, "constraints": named})


def program_of(f: Formulation) -> Program:
    return compile_program(ground(f))


def points(f: Formulation) -> Iterator[dict[str, dict[tuple[Any, ...], float]]]:
    """Every point of the whole variables' box."""
    instance = ground(f)
    places = [(v.name, i) for v in f.variables for i in instance.domain(v.name)]
    ranges = [
        range(int(v.lower or 0), int(v.upper or 1) + 1)
        for v in f.variables
        for _ in instance.domain(v.name)
    ]
    for taken in itertools.product(*ranges):
        point: dict[str, dict[tuple[Any, ...], float]] = {v.name: {} for v in f.variables}
        for (name, index), value in zip(places, taken, strict=True):
            point[name][index] = float(value)
        yield point


def best_of_all(f: Formulation) -> float | None:
    found = [evaluate(f, point) for point in points(f)]
    values = [e.levels[0] for e in found if e.feasible]
    if not values:
        return None
    return min(values) if f.objectives[0].sense == "minimize" else max(values)


SMALL = st.integers(-2, 3)
SIZES = st.integers(0, 3)
WHOLE = {"name": "x", "over": "t in T", "domain": "integer", "lower": "0", "upper": "3"}
BIT = {"name": "b", "over": "t in T", "domain": "binary"}


@st.composite
def kinds(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["all_different", "no_overlap", "cumulative", "table"]))
    shift = draw(SMALL)
    sign = draw(st.sampled_from(["", "-"]))
    start = f"{sign}x[t] + {shift}*t"
    length = draw(st.sampled_from(["1", "2", "t", "2*b[t]", "b[t] + t - 2", "1.5", "x[t] - 1"]))
    match kind:
        case "all_different":
            each = draw(st.sampled_from([start, "x[t] + 2*b[t]"]))
            return {"kind": kind, "among": "t in T", "each": each}
        case "no_overlap":
            return {"kind": kind, "among": "t in T", "start": start, "duration": length}
        case "cumulative":
            demand = draw(st.sampled_from(["1", "t", "b[t] + 1", "0.5*t"]))
            capacity = draw(st.sampled_from(["2", "3", "2*b[1]", "2.5"]))
            span = {"start": start, "duration": length, "demand": demand, "capacity": capacity}
            return {"kind": kind, "among": "t in T", **span}
        case _:
            condition = draw(st.sampled_from(["s < r", "s + r == 4", "s != r", "s > 5"]))
            values = ["x[1]", draw(st.sampled_from(["x[2]", "x[2] + x[3]", "x[3] - b[1] + 2"]))]
            return {"kind": kind, "among": f"s in T, r in T if {condition}", "values": values}


@st.composite
def small_problems(draw: st.DrawFn) -> Formulation:
    weights = [draw(SMALL) for _ in range(6)]
    terms = [f"{w}*x[{t}]" for t, w in enumerate(weights[:3], 1)]
    terms += [f"{w}*b[{t}]" for t, w in enumerate(weights[3:], 1)]
    sense = draw(st.sampled_from(["minimize", "maximize"]))
    return formulation(
        *draw(st.lists(kinds(), min_size=1, max_size=2)),
        variables=[WHOLE, BIT],
        objectives=[{"sense": sense, "expression": " + ".join(terms)}],
    )


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_every_kind_means_the_same_to_all(f: Formulation) -> None:
    program = program_of(f)
    best = best_of_all(f)
    for solver in ("cp-sat", "highs"):
        raw = solve_program(program, solver=solver)
        if best is None:
            assert raw.termination is Termination.INFEASIBLE, solver
            continue
        assert raw.termination is Termination.OPTIMAL, solver
        assert raw.objective == pytest.approx(best), solver
        solution = to_solution(program, raw)
        _, verdict = judge(f, (), program, raw, solution)
        assert verdict.optimality is Optimality.CERTIFIED, (solver, verdict.checks)


@settings(max_examples=30, deadline=None)
@given(small_problems(), st.data())
def test_a_point_holds_in_the_program_as_in_the_evaluator(
    f: Formulation, data: st.DataObject
) -> None:
    program = program_of(f)
    every = list(points(f))
    for point in data.draw(st.lists(st.sampled_from(every), min_size=8, max_size=8)):
        x = [point[name][index] for name, index in program.column_labels()]
        assert is_feasible(program, np.array(x)) == evaluate(f, point).feasible
