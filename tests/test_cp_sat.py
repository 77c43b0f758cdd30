"""CP-SAT and the rows that say the same, every kind against all points of a small box."""

from __future__ import annotations

import itertools
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.solver_tools import cp_sat
from optiwright.solver_tools.certify import Optimality, is_feasible
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.cp_sat_source import cp_sat_source
from optiwright.solver_tools.diagnose import conflict, for_conflicts
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.export_lp import lp_text
from optiwright.solver_tools.export_mps import mps_text
from optiwright.solver_tools.highspy_source import highspy_source
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.pyomo_source import pyomo_source
from optiwright.solver_tools.solution import SolverError, Termination
from optiwright.solver_tools.solve import confirm, solve_program, to_solution
from tests import planned

TASKS = {"name": "T", "data": {"kind": "range", "start": "1", "stop": "3"}}


def formulation(*constraints: dict[str, Any], **parts: Any) -> Formulation:
    named = [{"name": f"c{k}", **c} for k, c in enumerate(constraints)]
    sets = [TASKS, *parts.pop("sets", [])]
    return Formulation.model_validate({**parts, "sets": sets, "constraints": named})


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


@settings(max_examples=15, deadline=None)
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


@settings(max_examples=10, deadline=None)
@given(small_problems(), st.data())
def test_a_point_holds_in_the_program_as_in_the_evaluator(
    f: Formulation, data: st.DataObject
) -> None:
    program = program_of(f)
    every = list(points(f))
    for point in data.draw(st.lists(st.sampled_from(every), min_size=8, max_size=8)):
        x = [point[name][index] for name, index in program.column_labels()]
        assert is_feasible(program, np.array(x)) == evaluate(f, point).feasible


@pytest.mark.parametrize("solver", ["cp-sat", "highs"])
def test_tasks_that_all_have_to_start_at_once(solver: str) -> None:
    now = {"name": "x", "over": "t in T", "domain": "integer", "lower": "0", "upper": "0"}
    span = {"among": "t in T", "start": "x[t]", "duration": "1"}
    for capacity, fits in (("3", True), ("2", False)):
        kind = {"kind": "cumulative", **span, "demand": "1", "capacity": capacity}
        raw = solve_program(program_of(formulation(kind, variables=[now])), solver=solver)
        assert raw.termination.has_point == fits
    one = formulation({"kind": "no_overlap", **span}, variables=[now])
    assert solve_program(program_of(one), solver=solver).termination is Termination.INFEASIBLE


# --- time that is not whole, and no bounds --------------------------------------------------------


def jobs(domain: str, *more: dict[str, Any], upper: str | None = None) -> Formulation:
    """Three tasks of 1.5, 2.5 and 0.75 hours on one machine, each not before its own moment."""
    hours = {1: 1.5, 2: 2.5, 3: 0.75}
    entries = [{"index": [t], "value": h} for t, h in hours.items()]
    start = {"name": "s", "over": "t in T", "domain": domain, "lower": "0", "upper": upper}
    machine = {"kind": "no_overlap", "among": "t in T", "start": "s[t]", "duration": "hours[t]"}
    data = {"kind": "given", "entries": entries}
    return formulation(
        machine,
        *more,
        parameters=[{"name": "hours", "over": "t in T", "data": data}],
        variables=[start],
        objectives=[{"sense": "minimize", "expression": "sum(s[t] for t in T)"}],
    )


def test_times_in_fractions_are_found_exactly_where_rows_find_them() -> None:
    # The shortest first: 0 + 0.75 + 2.25.
    program = program_of(jobs("continuous"))
    raw = solve_program(program)
    assert raw.solver.startswith("CP-SAT")
    assert (raw.objective, raw.bound) == (3.0, 3.0)
    rows = solve_program(program, solver="highs")
    assert rows.objective == pytest.approx(3.0)
    whole = solve_program(program_of(jobs("integer")))
    # Whole starts: 0, 1 and 3.
    assert whole.objective == 4.0


def test_a_goal_without_end_is_unbounded_and_not_a_number_at_our_own_bound() -> None:
    program = program_of(jobs("continuous"))
    raw = solve_program(replace(program, minimize=(False,)))
    assert raw.termination is Termination.UNBOUNDED


def test_numbers_that_are_not_whole_are_scaled_or_refused_with_the_reason() -> None:
    exact = {"kind": "algebraic", "expression": "0.1*s[1] + 0.2*s[2] >= 0.7"}
    raw = solve_program(program_of(jobs("integer", exact, upper="9")))
    # s = (5, 1, 0) leaves 0.7, and 5 + 1 is the least that does with the machine's order.
    assert raw.objective == pytest.approx(
        solve_program(program_of(jobs("integer", exact, upper="9")), solver="scip").objective
    )
    half = {"kind": "algebraic", "expression": "s[1] + s[2] >= 4.5"}
    # The third from 0, the first from 1, the second from 4.
    assert solve_program(program_of(jobs("integer", half, upper="9"))).objective == 5
    mixed = {"kind": "algebraic", "expression": "s[1] + s[2] + s[3] >= 4"}
    program = program_of(jobs("continuous", mixed, upper="20"))
    assert "more than a moment in time" in cp_sat.refusal(program)
    with pytest.raises(SolverError, match=r"`s.*is continuous"):
        solve_program(program, solver="cp-sat")
    raw = solve_program(program)
    assert raw.solver.startswith("HiGHS")
    assert raw.objective == pytest.approx(4.0)
    with pytest.raises(FormulationError, match=r"`s\[2\]` has no upper bound"):
        program_of(jobs("continuous", mixed))


def test_a_limit_on_time_and_the_log() -> None:
    lines: list[str] = []
    program = program_of(planned.job_shop())
    raw = solve_program(program, time_limit_s=20, seed=3, on_log=lines.append)
    assert raw.objective == planned.JOB_SHOP_BEST
    assert "".join(lines) == raw.log
    assert "CpSolver" in raw.log
    stopped = solve_program(hard_shop(), time_limit_s=4.0)
    assert stopped.termination is Termination.FEASIBLE
    assert stopped.bound is not None
    assert stopped.objective is not None
    assert stopped.bound < stopped.objective
    assert stopped.seconds < 10


def hard_shop() -> Program:
    """Thirty tasks on each of twelve machines in orders of their own: more than seconds of work."""
    order = random.Random(1)
    machines, tasks = range(1, 13), range(1, 31)
    hours = {(t, m): order.randint(1, 99) for t in tasks for m in machines}
    entries = [{"index": list(k), "value": v} for k, v in hours.items()]
    turns = [order.sample(machines, 12) for _ in tasks]
    chains = [
        {"kind": "algebraic", "expression": f"s[{t}, {a}] + hours[{t}, {a}] <= s[{t}, {b}]"}
        for t, turn in zip(tasks, turns, strict=True)
        for a, b in itertools.pairwise(turn)
    ]
    span = {"start": "s[t, m]", "duration": "hours[t, m]"}
    machine = {"kind": "no_overlap", "over": "m in M", "among": "t in Q", **span}
    f = formulation(
        *chains,
        machine,
        sets=[
            {"name": "Q", "data": {"kind": "range", "start": "1", "stop": "30"}},
            {"name": "M", "data": {"kind": "range", "start": "1", "stop": "12"}},
        ],
        parameters=[
            {
                "name": "hours",
                "over": "t in Q, m in M",
                "data": {"kind": "given", "entries": entries},
            }
        ],
        variables=[{"name": "s", "over": "t in Q, m in M", "domain": "integer"}],
        objectives=[
            {
                "sense": "minimize",
                "expression": "max(s[t, m] + hours[t, m] for t in Q for m in M)",
            }
        ],
    )
    return program_of(f)


# --- circuits -------------------------------------------------------------------------------------

ARCS = [(i, j) for i in range(1, 5) for j in range(1, 5)]


@settings(max_examples=15, deadline=None)
@given(
    st.sets(st.sampled_from(ARCS), min_size=1),
    st.lists(SMALL, min_size=16, max_size=16),
    st.lists(st.booleans(), min_size=16, max_size=16),
)
def test_circuits_mean_the_same_to_all(
    arcs: set[tuple[int, int]], costs: list[int], taken: list[bool]
) -> None:
    chosen = sorted(arcs)
    terms = [f"{c}*go[{i}, {j}]" for c, (i, j) in zip(costs, chosen, strict=False)]
    data = {"kind": "listed", "elements": [list(a) for a in chosen]}
    f = formulation(
        {"kind": "circuit", "among": "(i, j) in A", "arc": "go[i, j]"},
        sets=[{"name": "A", "data": data}],
        variables=[{"name": "go", "over": "(i, j) in A", "domain": "binary"}],
        objectives=[{"sense": "minimize", "expression": " + ".join(terms)}],
    )
    program = program_of(f)
    nodes = {node for arc in chosen for node in arc}
    tours = [
        sum(costs[chosen.index(arc)] for arc in zip(order, (*order[1:], order[0]), strict=True))
        for order in itertools.permutations(sorted(nodes))
        if all(arc in arcs for arc in zip(order, (*order[1:], order[0]), strict=True))
    ]
    for solver in ("cp-sat", "highs"):
        raw = solve_program(program, solver=solver)
        assert raw.objective == (pytest.approx(min(tours)) if tours else None), solver
        if not tours:
            assert raw.termination is Termination.INFEASIBLE
    point: dict[tuple[int | str, ...], float] = {
        arc: float(on) for arc, on in zip(chosen, taken, strict=False)
    }
    held = evaluate(f, {"go": point}).feasible
    assert is_feasible(program, np.array([point[arc] for arc in chosen])) == held


def test_two_circuits_are_none() -> None:
    arcs = [(1, 2), (2, 1), (3, 4), (4, 3), (2, 3)]
    f = formulation(
        {"kind": "circuit", "among": "(i, j) in A", "arc": "go[i, j]"},
        sets=[{"name": "A", "data": {"kind": "listed", "elements": [list(a) for a in arcs]}}],
        variables=[{"name": "go", "over": "(i, j) in A", "domain": "binary"}],
    )
    assert not is_feasible(program_of(f), np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    for solver in ("cp-sat", "highs"):
        assert solve_program(program_of(f), solver=solver).termination is Termination.INFEASIBLE


# --- whole problems -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "best"),
    [("roster", 0), ("job_shop", planned.JOB_SHOP_BEST), ("project", planned.PROJECT_BEST),
     ("tour", 56.50623471), ("sudoku", 0)],
)  # fmt: skip
def test_problems_of_planning_are_solved_and_certified(name: str, best: float) -> None:
    f = getattr(planned, name)()
    program = program_of(f)
    raw = solve_program(program, solver="cp-sat")
    solution = to_solution(program, raw)
    evaluation, verdict = judge(f, (), program, raw, solution)
    assert evaluation is not None
    assert evaluation.feasible
    assert verdict.optimality is Optimality.CERTIFIED
    assert solution.objective == pytest.approx(best)
    if name == "tour":  # its distances are rounded, on the safe side
        assert raw.bound is not None
        assert raw.objective is not None
        assert raw.bound < raw.objective
    if name == "sudoku":
        row = [round(v.value or 0) for v in solution.values if v.index[0] == 1]
        assert "".join(map(str, row)) == planned.SUDOKU_FIRST


def test_what_cannot_be_has_a_second_solvers_word_or_a_complete_search() -> None:
    f = planned.project(crew=2)  # the walls need three
    program = program_of(f)
    raw = solve_program(program)
    assert raw.termination is Termination.INFEASIBLE
    second = confirm(program, raw)
    assert second is not None
    assert second.solver.startswith("HiGHS")
    _, verdict = judge(f, (), program, raw, to_solution(program, raw), second)
    assert verdict.optimality is Optimality.CERTIFIED
    assert verdict.checks[1].endswith("found the same.")
    _, alone = judge(f, (), program, raw, to_solution(program, raw), None)
    assert alone.optimality is Optimality.CERTIFIED
    assert "ruled every one of them out" in alone.checks[1]
    doubted = replace(second, termination=Termination.OPTIMAL)
    _, verdict = judge(f, (), program, raw, to_solution(program, raw), doubted)
    assert verdict.optimality is Optimality.NONE


def test_a_conflict_names_the_constraint_over_many() -> None:
    f = planned.project(crew=2)
    found = conflict(for_conflicts(f, (), program_of(f)))
    assert found.minimal
    assert {m.name for m in found.members} == {"people"}
    late = Algebraic(name="soon", expression="makespan <= 10")
    shop = planned.job_shop()
    shop = shop.model_copy(update={"constraints": (*shop.constraints, late)})
    found = conflict(for_conflicts(shop, (), program_of(shop)))
    assert found.minimal
    assert {"soon", "machine"} <= {m.name for m in found.members}


@pytest.mark.parametrize("name", ["project", "tour"])
def test_programs_to_take_away_come_to_the_same(name: str, tmp_path: Path) -> None:
    f = getattr(planned, name)()
    expected = solve_program(program_of(f)).objective
    for write in (cp_sat_source, highspy_source):
        path = tmp_path / "program.py"
        path.write_text(write(f))
        done = subprocess.run(
            [sys.executable, str(path)], capture_output=True, text=True, timeout=120, check=True
        )
        value = re.search(r"objective: ([\d.]+)", done.stdout)
        assert value is not None
        assert float(value[1]) == pytest.approx(expected)
        assert "status: optimal" in done.stdout
    assert "End" in lp_text(f)
    assert "ENDATA" in mps_text(f)
    with pytest.raises(FormulationError, match="--as cp-sat"):
        pyomo_source(f)
