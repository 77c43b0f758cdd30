"""Solving compiled programs: known optima, statuses, limits, duals, priorities, names."""

from __future__ import annotations

import math
import pickle
import time
from contextlib import closing
from dataclasses import replace

import cvxpy.settings
import highspy
import numpy as np
import pyscipopt.scip
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools import conic
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import point_of
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Block, Kind, ProblemClass, Program, Scalar
from optiwright.solver_tools.solution import SolverError, SolverStatus, Termination
from optiwright.solver_tools.solve import (
    available_solvers,
    confirm,
    solve_job,
    solve_program,
    to_solution,
)
from optiwright.solver_tools.status import Family, read_status
from tests.programs import (
    INF,
    affine,
    applied,
    column,
    contradiction,
    furniture,
    knapsack,
    market_split,
    plus,
    program,
    runaway,
)

INTEGER, SEMI, FREE = Kind.INTEGER, Kind.SEMICONTINUOUS, Kind.CONTINUOUS


def entropy(j: int) -> Scalar:
    """X log x."""
    return applied("mul", column(j), applied("log", column(j)))


def square(scalar: Scalar, times: float = 1.0) -> Scalar:
    return applied("pow", scalar, 2.0, times=times)


def rosenbrock(kind: Kind = FREE) -> Program:
    inner = Scalar(linear=((1, 1.0),), quadratic=((0, 0, -1.0),))
    goal = plus(square(affine(-1, constant=1)), square(inner, 100.0))
    bound = 5.0 if kind is INTEGER else INF
    return program(goal, lower=[-bound] * 2, upper=[bound] * 2, kind=[kind] * 2)


def cylinder() -> Program:
    """Least surface of a tin of volume 1000: r = (500 / pi)^(1/3)."""
    area = Scalar(quadratic=((0, 0, 2 * math.pi), (0, 1, 2 * math.pi)))
    volume = applied("mul", Scalar(quadratic=((0, 0, math.pi),)), column(1))
    return program(area, [(1000.0, volume, INF)], lower=[0, 0])


def pooling(kind: Kind = FREE) -> Program:
    """Maximise x0 x1 on x0 + 2 x1 <= 8: 8 at (4, 2)."""
    limits = [(-INF, affine(1, 2), 8.0)]
    goal = Scalar(quadratic=((0, 1, 1.0),))
    return program(goal, limits, lower=[0, 0], upper=[10, 10], kind=[kind] * 2, minimize=False)


def ball(*, minimize: bool = True) -> Program:
    """x0 + x1 on the disc of radius 2: the optimum is -+ 2 sqrt 2."""
    disc = Scalar(quadratic=((0, 0, 1.0), (1, 1, 1.0)))
    return program(affine(1, 1), [(-INF, disc, 4.0)], lower=[-INF, -INF], minimize=minimize)


def portfolio() -> Program:
    """A QP with a singular matrix: (x0 - x1)^2 / 2 on x0 + x1 = 4, x0 >= 3: 2 at (3, 1)."""
    goal = Scalar(quadratic=((0, 0, 0.5), (0, 1, -1.0), (1, 1, 0.5)))
    return program(goal, [(4.0, affine(1, 1), 4.0)], lower=[3, 0])


SURFACE = 2 * math.pi * (500 / math.pi) ** (2 / 3) * 3

CASES = {
    "lp": (furniture(), 36.0, ProblemClass.LP),
    "mip": (knapsack([5, 4, 3, 2], [10, 40, 30, 50], 8), 90.0, ProblemClass.MIP),
    "qp": (portfolio(), 2.0, ProblemClass.QP),
    "qcp": (ball(), -2 * math.sqrt(2), ProblemClass.QCP),
    "qcp, maximised": (ball(minimize=False), 2 * math.sqrt(2), ProblemClass.QCP),
    "nonconvex": (pooling(), 8.0, ProblemClass.NONCONVEX_QP),
    "miqp": (pooling(INTEGER), 8.0, ProblemClass.MINLP),
    "rosenbrock": (rosenbrock(), 0.0, ProblemClass.NLP),
    "rosenbrock, integer": (rosenbrock(INTEGER), 0.0, ProblemClass.MINLP),
    "cylinder": (cylinder(), SURFACE, ProblemClass.NLP),
    "x log x": (program(entropy(0), lower=[0.0]), -1 / math.e, ProblemClass.NLP),
    "entropy": (
        program(plus(entropy(0), entropy(1)), [(1, affine(1, 1), 1)], lower=[0, 0]),
        -math.log(2),
        ProblemClass.NLP,
    ),
    "entropy at the edge of its domain": (
        program(
            plus(entropy(0), entropy(1), affine(0, 1000)), [(1, affine(1, 1), 1)], lower=[0, 0]
        ),
        0.0,
        ProblemClass.NLP,
    ),
    "sine": (
        program(applied("sin", column(0)), lower=[0.0], upper=[6.0]),
        -1.0,
        ProblemClass.NLP,
    ),
    "cosine, exp, abs": (
        program(
            plus(applied("cos", column(0)), applied("exp", column(1)), applied("abs", column(2))),
            lower=[0, 1, -4],
            upper=[4, 3, -2],
        ),
        -1.0 + math.e + 2.0,
        ProblemClass.NLP,
    ),
    "revenue, integer": (
        program(
            applied("mul", column(0), affine(-2, constant=31.0)),
            lower=[0],
            upper=[15],
            kind=[INTEGER],
            minimize=False,
        ),
        120.0,
        ProblemClass.MINLP,
    ),
    "quotient": (
        program(plus(column(0), applied("div", 9.0, column(0))), lower=[0.0]),
        6.0,
        ProblemClass.NLP,
    ),
    "quadratic over linear": (
        program(
            applied("div", Scalar(quadratic=((0, 0, 1.0),)), column(1)),
            [(4.0, affine(1), INF), (-INF, affine(0, 1), 2.0)],
            lower=[0, 0],
        ),
        8.0,
        ProblemClass.NLP,
    ),
    "geometric mean": (
        program(
            applied("sqrt", Scalar(quadratic=((0, 1, 4.0),))),
            [(-INF, affine(1, 1), 6.0)],
            lower=[0, 0],
            minimize=False,
        ),
        6.0,
        ProblemClass.NLP,
    ),
    "distance": (
        program(
            applied(
                "sqrt",
                Scalar(25.0, ((0, -6.0), (1, -8.0)), ((0, 0, 1.0), (1, 1, 1.0))),
            ),
            [(-INF, affine(1), 0.0), (-INF, affine(0, 1), 4.0)],
            lower=[-INF, -INF],
        ),
        3.0,
        ProblemClass.NLP,
    ),
    "relative entropy": (
        program(
            applied("mul", column(0), applied("log", applied("div", column(0), column(1)))),
            [(1.0, affine(1), 1.0), (-INF, affine(0, 1), math.e)],
            lower=[0, 0],
        ),
        -1.0,
        ProblemClass.NLP,
    ),
    "negative base, negative denominator": (
        program(
            plus(applied("pow", column(0), 3.0), applied("div", 1.0, column(1))),
            lower=[-2, -4],
            upper=[1, -1],
        ),
        -9.0,
        ProblemClass.NLP,
    ),
    "2 ** x": (
        program(applied("pow", 2.0, column(0)), lower=[-3.0], upper=[3.0]),
        0.125,
        ProblemClass.NLP,
    ),
    "semicontinuous, off": (
        program(
            affine(1, 1.5), [(3, affine(1, 1), INF)], lower=[5, 0], upper=[9, 9], kind=[SEMI, FREE]
        ),
        4.5,
        ProblemClass.MIP,
    ),
    "semicontinuous, no upper bound": (
        program(affine(1, 3), [(3, affine(1, 1), INF)], lower=[5, 0], kind=[SEMI, FREE]),
        5.0,
        ProblemClass.MIP,
    ),
    "no rows": (program(affine(2, constant=7), lower=[-1.5]), 4.0, ProblemClass.LP),
    "no objective": (program(Scalar(), [(1, affine(1), 2)], lower=[0]), 0.0, ProblemClass.LP),
}


@pytest.mark.parametrize("name", CASES)
def test_known_optima(name: str) -> None:
    case, optimum, kind = CASES[name]
    raw = solve_program(case, time_limit_s=20)
    assert classify_program(case) is kind
    assert (raw.status, raw.termination) == (SolverStatus.OK, Termination.OPTIMAL)
    assert raw.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    assert raw.gap == 0
    assert raw.solver
    if kind in (ProblemClass.LP, ProblemClass.QP):
        assert raw.row_dual is not None


@pytest.mark.parametrize("name", ["lp", "mip", "qp", "qcp", "entropy", "semicontinuous, off"])
def test_a_second_solver_agrees(name: str) -> None:
    case, optimum, _ = CASES[name]
    first = solve_program(case)
    second = confirm(case, first)
    assert second is not None
    assert second.solver.split()[0] != first.solver.split()[0]
    assert second.objective == pytest.approx(optimum, rel=1e-5, abs=1e-6)


def test_scip_settles_on_the_edge_of_a_domain() -> None:
    case, optimum, _ = CASES["entropy at the edge of its domain"]
    raw = solve_program(case, solver="scip")
    assert raw.termination is Termination.OPTIMAL
    assert raw.objective == pytest.approx(optimum, abs=1e-6)


def test_no_second_solver_for_nonconvex() -> None:
    assert confirm(pooling(), solve_program(pooling(), solver="scip")) is None


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        (entropy(0), True),
        (applied("sqrt", column(0), times=-1.0), True),
        (applied("div", 1.0, column(0)), True),
        (applied("div", 1.0, column(1)), False),
        (applied("pow", column(1), 3.0), False),
        (applied("pow", column(1), 4.0), True),
        (applied("sin", column(0)), False),
        (applied("mul", column(0), column(1)), False),
    ],
)
def test_is_dcp(scalar: Scalar, expected: bool) -> None:
    assert conic.is_dcp(program(scalar, lower=[0.0, -INF])) is expected


# --- infeasible and unbounded ---------------------------------------------------------------------


def _integer(case: Program) -> Program:
    return replace(case, kind=np.full_like(case.kind, INTEGER))


HOPELESS = {
    "lp": contradiction(),
    "mip": program(affine(1), [(1, affine(2, 2), 1)], lower=[0, 0], kind=[INTEGER] * 2),
    "qp": replace(contradiction(), objectives=portfolio().objectives),
    "qcp": replace(ball(), lower=np.array([2.0, 2.0])),
    "nonconvex": program(
        affine(1),
        [(4, Scalar(quadratic=((0, 1, 1.0),)), INF), (-INF, affine(1, 1), 3)],
        lower=[0, 0],
    ),
    "log": program(affine(1), [(1, applied("log", column(0)), INF)], lower=[0.0], upper=[2.0]),
    "crossed bounds": program(affine(1), lower=[2.0], upper=[1.0]),
    "empty row": program(affine(1), [(1.0, Scalar(), INF)], lower=[0.0]),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_infeasible(name: str) -> None:
    raw = solve_program(HOPELESS[name], time_limit_s=20)
    assert (raw.status, raw.termination) == (SolverStatus.OK, Termination.INFEASIBLE)
    assert to_solution(HOPELESS[name], raw).values == ()


ENDLESS = {
    "lp": runaway(),
    "mip": _integer(runaway()),
    "qp": program(
        Scalar(linear=((0, -2.0), (1, 1.0)), quadratic=((0, 0, 1.0),)),
        [(-INF, affine(1, 1), 2)],
        lower=[-INF, -INF],
    ),
    "exp": program(applied("exp", column(0)), lower=[-INF], minimize=False),
    "log at zero": program(applied("log", column(0)), lower=[0.0]),
    "log at zero, bounded above": program(applied("log", column(0)), lower=[0.0], upper=[10.0]),
    "pole": program(applied("div", -1.0, column(0)), lower=[0.0]),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_unbounded(name: str) -> None:
    raw = solve_program(ENDLESS[name], time_limit_s=20)
    assert (raw.status, raw.termination) == (SolverStatus.OK, Termination.UNBOUNDED)
    solution = to_solution(ENDLESS[name], raw)
    assert solution.objective is None
    assert solution.values == ()


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_an_unbounded_objective_over_nothing_is_infeasible(solver: str) -> None:
    rows = [(3.0, affine(1, 1), INF), (-INF, affine(1, 1), 2.0)]
    case = program(affine(0, 0, -1), rows, lower=[0, 0, 0])
    assert solve_program(case, solver=solver).termination is Termination.INFEASIBLE
    assert solve_program(_integer(case), solver=solver).termination is Termination.INFEASIBLE


# --- statuses -------------------------------------------------------------------------------------

SCIP_NAMES = [name.lower() for name in dir(pyscipopt.scip.PY_SCIP_STATUS) if name.isupper()]
CVXPY_NAMES = [
    *cvxpy.settings.SOLUTION_PRESENT,
    *cvxpy.settings.INF_OR_UNB,
    *cvxpy.settings.ERROR,
    *cvxpy.settings.INACCURATE,
]
STATUSES: list[tuple[Family, str]] = [
    *(("highs", name) for name in highspy.HighsModelStatus.__members__),
    *(("scip", name) for name in SCIP_NAMES),
    *(("cvxpy", name) for name in sorted(set(CVXPY_NAMES))),
]


@pytest.mark.parametrize(("family", "name"), STATUSES)
def test_every_status_of_every_solver_is_mapped(family: Family, name: str) -> None:
    status, termination = read_status(family, name, has_point=False)
    assert (termination is Termination.UNKNOWN) == (name == "unknown")
    assert not termination.has_point
    assert not (status is SolverStatus.ERROR and termination is Termination.UNKNOWN)
    if read_status(family, name, has_point=True)[1] is Termination.OPTIMAL:
        assert name in ("kOptimal", "kModelEmpty", "optimal", "gaplimit")


@pytest.mark.parametrize("family", ["highs", "scip", "cvxpy"])
def test_an_unknown_status_is_unknown(family: Family) -> None:
    pair = (SolverStatus.UNKNOWN, Termination.UNKNOWN)
    assert read_status(family, "brand new", has_point=True) == pair


def test_claims_of_highs_that_were_wrong() -> None:
    """An unbounded MIP, and a semicontinuous one, at which HiGHS alone says "optimal"."""
    unbounded = program(
        affine(1, -2, 3, 1, 4, -2),
        [
            (-INF, affine(4, -2, 3, 4, 0, -4), -3),
            (-INF, affine(0, -1, -1, 0, -3, 3), 1),
            (-INF, affine(2, 3, -3, -1, 2, -2), 4),
            (-INF, affine(-4, 0, -1, -1, -2, -3), -1),
        ],
        lower=[-INF, 0, -INF, 0, 0, -2],
        upper=[4, INF, INF, INF, 4, INF],
        kind=[INTEGER, INTEGER, FREE, INTEGER, INTEGER, INTEGER],
        minimize=False,
    )
    assert solve_program(unbounded).termination is Termination.UNBOUNDED
    semicontinuous = program(
        affine(4, 5, 3, -1, 4),
        [(-INF, affine(1, 3, 4, -2, 1), 0)],
        lower=[2, 0, -2, -INF, -2],
        upper=[4, 4, 4, 4, INF],
        kind=[SEMI, FREE, FREE, FREE, INTEGER],
        minimize=False,
    )
    assert solve_program(semicontinuous).objective == pytest.approx(54.0)


SUPPLIERS = program(
    affine(0.2, 0.25, 0.09, 90, 40, 320),
    [
        (2900, affine(1, 1, 1), INF),
        (-INF, affine(1, 0, 0, -1500), 0),
        (-INF, affine(0, 1, 0, 0, -2900), 0),
        (-INF, affine(0, 0, 1, 0, 0, -600), 0),
    ],
    lower=[0] * 6,
    upper=[INF] * 3 + [1] * 3,
    kind=[FREE] * 3 + [INTEGER] * 3,
)
"""Three suppliers, each with a fee where anything is bought of it."""


def test_the_presolve_of_highs_cuts_no_optimum_off() -> None:
    assert solve_program(SUPPLIERS).objective == pytest.approx(765)  # with presolve alone: 1004


def test_no_solution_that_presolve_alone_claims_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = highspy.Highs.run

    def presolved_away(solver: highspy.Highs) -> object:
        whole = highspy.HighsVarType.kInteger in solver.getLp().integrality_
        if whole and solver.getOptionValue("presolve")[1] == "choose":
            solver.addRow(1.0, INF, 0, [], [])  # 0 >= 1, as a faulty presolve would find
        return run(solver)

    monkeypatch.setattr(highspy.Highs, "run", presolved_away)
    assert solve_program(SUPPLIERS).objective == pytest.approx(765)
    whole = replace(contradiction(), kind=np.array([INTEGER, INTEGER]))
    assert solve_program(whole).termination is Termination.INFEASIBLE


@pytest.mark.parametrize(
    ("lower", "upper", "best"), [(0, 3.5, 8.0), (0.5, 3.0000000001, 8.0), (1.2, 1.8, None)]
)
def test_integers_keep_within_fractional_bounds(
    lower: float, upper: float, best: float | None
) -> None:
    bounded = program(
        affine(1, 2),
        [(-INF, affine(1, 1), 5)],
        lower=[lower, lower],
        upper=[upper, upper],
        kind=[INTEGER, INTEGER],
        minimize=False,
    )
    found = solve_program(bounded)
    assert found.objective == best
    assert (found.termination is Termination.INFEASIBLE) is (best is None)


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_time_limit_leaves_the_incumbent_with_bound_and_gap(solver: str) -> None:
    case = market_split()
    start = time.monotonic()
    raw = solve_program(case, solver=solver, time_limit_s=1)
    assert time.monotonic() - start < 3
    assert (raw.status, raw.termination) == (SolverStatus.OK, Termination.FEASIBLE)
    assert raw.objective is not None
    assert raw.bound is not None
    assert raw.bound < raw.objective
    assert raw.gap is not None
    assert raw.gap > 0
    assert to_solution(case, raw).gap == raw.gap


def test_integers_come_back_whole() -> None:
    raw = solve_program(market_split(2, 12), time_limit_s=5)
    assert raw.x is not None
    assert np.array_equal(raw.x[:12], np.round(raw.x[:12]))


def test_the_log_streams() -> None:
    for solver in ("highs", "scip"):
        pieces: list[str] = []
        raw = solve_program(furniture(), solver=solver, on_log=pieces.append)
        assert pieces
        assert "".join(pieces) == raw.log


def test_the_job_prints_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    raw = pickle.loads(pickle.dumps(solve_job(pickle.loads(pickle.dumps(furniture())))))
    assert raw.objective == pytest.approx(36.0)
    assert "HiGHS" in capfd.readouterr().out


def test_in_the_pool() -> None:
    with closing(Pool(1)) as pool:
        out: list[str] = []
        job = "optiwright.solver_tools.solve:solve_job"
        done = pool.submit(job, furniture(), "scip", time_limit_s=60, on_output=out.append)
        slow = pool.submit(job, market_split(), None, 0.5, 3, time_limit_s=60)
        wrong = pool.submit(job, rosenbrock(), "highs", time_limit_s=60)
        why = "optiwright.solver_tools.diagnose:conflict_job"
        conflict = pool.submit(why, contradiction(), 10.0, time_limit_s=60)
        assert done.result(60).value.objective == pytest.approx(36.0)
        assert "SCIP Status" in "".join(out)
        assert slow.result(60).value.termination is Termination.FEASIBLE
        assert "does not take" in wrong.result(60).error
        assert conflict.result(60).value.minimal


# --- duals ----------------------------------------------------------------------------------------

SMOOTH = {
    "lp": furniture(),
    "lp, minimised": program(
        affine(2, 3), [(4.0, affine(1, 1), INF), (6.0, affine(1, 3), 6.0)], lower=[0, 0]
    ),
    "qp": portfolio(),
    "qp, maximised": program(
        Scalar(linear=((0, 6.0), (1, 8.0)), quadratic=((0, 0, -1.0), (1, 1, -1.0))),
        [(-INF, affine(1, 1), 4.0)],
        lower=[0, 0],
        upper=[1.0, INF],
        minimize=False,
    ),
    "disc": ball(),
    "disc, maximised": ball(minimize=False),
    "entropy": CASES["entropy"][0],
}


@pytest.mark.parametrize("name", SMOOTH)
def test_duals_are_the_change_of_the_objective(name: str) -> None:
    """By finite differences on the right-hand sides and the bounds, in the objective's sense."""
    case, step = SMOOTH[name], 1e-3
    raw = solve_program(case)
    assert raw.row_dual is not None
    assert raw.reduced_cost is not None

    def moved(lower: str, upper: str, at: int) -> float:
        values = []
        for shift in (step, -step):
            low, high = getattr(case, lower).copy(), getattr(case, upper).copy()
            low[at] += shift
            high[at] += shift
            values.append(
                solve_program(replace(case, **{lower: low, upper: high})).objective or 0.0
            )
        return (values[0] - values[1]) / (2 * step)

    for row in range(len(case.row_lower)):
        assert raw.row_dual[row] == pytest.approx(moved("row_lower", "row_upper", row), abs=2e-4)
    for at in range(case.columns):
        change = moved("lower", "upper", at)
        assert raw.reduced_cost[at] == pytest.approx(change, abs=2e-4)


def test_no_duals_with_integers() -> None:
    raw = solve_program(CASES["mip"][0])
    assert raw.row_dual is None
    assert raw.reduced_cost is None


# --- priorities -----------------------------------------------------------------------------------


def test_levels_are_solved_in_order() -> None:
    """First maximise x0 + x1 (10), then minimise x0 (4, since x1 <= 6)."""
    rows = [(-INF, affine(1, 1), 10.0)]
    goals = [affine(1, 1), affine(1, 0)]
    case = program(goals, rows, lower=[0, 0], upper=[8, 6], minimize=(False, True))
    raw = solve_program(case)
    assert raw.termination is Termination.OPTIMAL
    assert raw.objectives == pytest.approx((10.0, 4.0), abs=1e-6)
    assert raw.bound == pytest.approx(10.0)
    assert raw.gap == 0
    loose = solve_program(replace(case, tolerances=(0.1, 0.0)))
    assert loose.objectives == pytest.approx((9.0, 3.0), abs=1e-6)


def test_an_unbounded_later_level_is_named() -> None:
    case = program([affine(1, 0), affine(0, -1)], lower=[0, 0])
    raw = solve_program(case)
    assert raw.termination is Termination.UNBOUNDED
    assert "level 2" in raw.message


def test_levels_of_integers() -> None:
    case = program(
        [affine(1, 1), affine(1, -1)],
        [(-INF, affine(2, 2), 7.0)],
        lower=[0, 0],
        kind=[INTEGER] * 2,
        minimize=(False, False),
    )
    assert solve_program(case).objectives == pytest.approx((3.0, 3.0))


# --- solvers by name ------------------------------------------------------------------------------


def test_solvers_say_what_they_are_and_how_to_get_them() -> None:
    by_name = {info.name: info for info in available_solvers()}
    for name in ("highs", "scip", "clarabel"):
        assert by_name[name].version
        assert by_name[name].remedy == ""
    for info in by_name.values():
        assert bool(info.version) != bool(info.remedy)


@pytest.mark.parametrize(
    ("case", "solver", "words"),
    [
        (furniture(), "cplex9", "no solver"),
        (pooling(), "highs", "does not take"),
        (knapsack([1], [1], 1), "clarabel", "does not take"),
        (rosenbrock(), "clarabel", "not convex"),
    ],
)
def test_a_solver_that_does_not_fit_is_refused(case: Program, solver: str, words: str) -> None:
    with pytest.raises(SolverError, match=words) as caught:
        solve_program(case, solver=solver)
    assert caught.value.remedy


def test_a_users_own_solver_is_asked_for_where_missing() -> None:
    missing = next(info for info in available_solvers() if not info.version)
    with pytest.raises(SolverError, match="not installed") as caught:
        solve_program(furniture(), solver=missing.name)
    assert missing.package in caught.value.remedy


# --- agreement ------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), integer=st.booleans())
def test_solvers_agree_on_random_programs(seed: int, integer: bool) -> None:
    random = np.random.default_rng(seed)
    columns, count = random.integers(2, 6), random.integers(1, 5)
    weights = random.integers(-5, 9, size=(count, columns))
    rows = [(-INF, affine(*w), float(random.integers(0, 30))) for w in weights.tolist()]
    case = program(
        affine(*random.integers(-9, 9, size=columns).tolist()),
        rows,
        lower=[0.0] * columns,
        upper=random.choice([4.0, 7.5, INF], size=columns).tolist(),
        kind=[INTEGER if integer else FREE] * columns,
        minimize=bool(random.integers(0, 2)),
    )
    first = solve_program(case)
    second = confirm(case, first)
    assert second is not None
    assert first.termination in (Termination.OPTIMAL, Termination.UNBOUNDED)
    assert second.termination is first.termination
    if first.objective is not None:
        assert second.objective == pytest.approx(first.objective, rel=1e-6, abs=1e-6)


# --- names ----------------------------------------------------------------------------------------


def test_labels_are_applied_and_the_compilers_own_left_out() -> None:
    case = replace(
        furniture(),
        column_blocks=(Block("make", 0, [("desk",)]), Block("_aux", 1, [()])),
        row_blocks=(Block("wood", 0, [()]), Block("_link", 1, [(1,)]), Block("time", 2, [()])),
    )
    solution = to_solution(case, solve_program(case))
    (value,), (wood, hours) = solution.values, solution.duals
    assert (value.name, value.index, wood.name, hours.name) == ("make", ("desk",), "wood", "time")
    assert (value.value, wood.value, hours.value) == pytest.approx((2.0, 0.0, 1.0))
    assert solution.objective == pytest.approx(36.0)
    assert solution.objectives == ()


def test_infinite_values_become_null_with_a_reason() -> None:
    raw = solve_program(furniture())
    odd = replace(raw, x=np.array([INF, math.nan]), bound=INF)
    solution = to_solution(furniture(), odd)
    assert [(v.value, v.reason) for v in solution.values] == [
        (None, "infinite"),
        (None, "not a number"),
    ]
    assert solution.bound is None


def test_levels_are_reported_with_max_and_min_at_their_values() -> None:
    formulation = Formulation.model_validate(
        {
            "variables": [{"name": "x", "upper": "10"}, {"name": "v", "upper": "20"}],
            "objectives": [
                {
                    "sense": "maximize",
                    "expression": "min(x, 4) + v",
                    "priority": 1,
                    "tolerance": 0.5,
                },
                {"sense": "minimize", "expression": "v + max(x, 3)"},
            ],
        }
    )
    compiled = compile_program(ground(formulation))
    raw = solve_program(compiled)
    point = point_of(to_solution(compiled, raw))
    assert evaluate(formulation, point).levels == pytest.approx(raw.objectives, rel=1e-6)
    x, v = point["x"][()], point["v"][()]
    assert raw.objectives == pytest.approx((min(x, 4) + v, v + max(x, 3)), rel=1e-6)
