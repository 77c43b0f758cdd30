"""HiGHS: linear, mixed-integer and convex quadratic programs, as arrays."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from optiwright.solver_tools.arithmetic import (
    first_objective,
    function_values,
    hessian,
    matrix,
    whole_bounds,
    with_switches,
)
from optiwright.solver_tools.batches import stack
from optiwright.solver_tools.certify import certify_lp
from optiwright.solver_tools.program import Floats, Kind, Program, functions
from optiwright.solver_tools.solution import (
    ABSOLUTE_GAP,
    GAP,
    UNPRESOLVED_COLUMNS,
    Limits,
    RawSolution,
    SolverError,
    SolverStatus,
    Termination,
)
from optiwright.solver_tools.status import StatusPair, read_status

CHECK_S = 5.0
"""Seconds that this check may take."""

FEASIBILITY = 1e-7
"""Feasibility and integrality tolerance, absolute."""

_TYPES = {
    Kind.CONTINUOUS: highspy.HighsVarType.kContinuous,
    Kind.INTEGER: highspy.HighsVarType.kInteger,
}
_FEASIBLE_POINT = 2  # SolutionStatus::kSolutionStatusFeasible


def version() -> str:
    """Return the solver's name and version."""
    return f"HiGHS {highspy.Highs().version()}"


def supports(program: Program) -> bool:
    """Return whether every semicontinuous column has the finite bounds that a switch needs."""
    semi = program.kind == Kind.SEMICONTINUOUS
    return bool(np.all(np.isfinite(program.lower[semi]) & np.isfinite(program.upper[semi])))


def solve(program: Program, limits: Limits) -> RawSolution:
    """Solve for the first objective; the program is an LP, a MIP or a convex QP.

    "Infeasible or unbounded" is resolved where the time allows it. An LP's infeasible and
    unbounded answers come with a ray.
    """
    if program.rows.operations or program.objectives.operations or not program.rows.is_linear:
        raise SolverError(
            "HiGHS takes linear rows and a linear or convex quadratic objective only",
            remedy="Use `scip`, or name no solver.",
        )
    start = time.monotonic()
    written = with_switches(program)
    raw = _solve_guarded(written, limits)
    if raw.termination in {Termination.INFEASIBLE_OR_UNBOUNDED, Termination.UNBOUNDED}:
        raw = _resolve(written, limits, raw)
    if written.columns > program.columns:
        raw = replace(raw, ray=None, x=None if raw.x is None else raw.x[: program.columns])
    return replace(raw, solver=version(), seconds=time.monotonic() - start)


def _solve_guarded(program: Program, limits: Limits) -> RawSolution:
    """Rules out a ray first: without it unbounded MIPs have come back as optimal.

    And on an unbounded QP the active-set method never ends, while its regularisation, which would
    end it, reports a far point as optimal.
    """
    quadratic = not first_objective(program).is_linear
    open_ended = not (np.all(np.isfinite(program.lower)) and np.all(np.isfinite(program.upper)))
    integer = bool(np.any(program.kind != Kind.CONTINUOUS))
    if not open_ended or not (quadratic or integer):
        return _certain(_run(program, limits), program, limits)
    direction = _run(recession(program), limits)
    objective = direction.objective
    if direction.x is None or objective is None:
        return direction
    sign = 1.0 if program.minimize[0] else -1.0
    if sign * objective < -FEASIBILITY * _scale(program):
        unbounded = (SolverStatus.OK, Termination.UNBOUNDED)
        return RawSolution(*unbounded, ray=direction.x, log=direction.log)
    return _certain(_run(program, limits), program, limits)


def _certain(raw: RawSolution, program: Program, limits: Limits) -> RawSolution:
    """Returns what was found, after the checks that HiGHS 1.14 has been seen to need."""
    whole = bool(np.any(program.kind == Kind.INTEGER))
    if whole and raw.termination in {Termination.OPTIMAL, Termination.INFEASIBLE}:
        return _without_presolve(raw, program, limits)
    if raw.termination is not Termination.OPTIMAL or raw.x is None:
        return raw
    quadratic = not first_objective(program).is_linear
    if not quadratic or raw.row_dual is None or certify_lp(program, raw.x, raw.row_dual).holds:
        return raw
    # Seen at one singular matrix in ten: "optimal" at a point that is not.
    failed = RawSolution(SolverStatus.ERROR, Termination.NUMERICAL, log=raw.log)
    return replace(failed, message="The duals do not certify the optimum that HiGHS claims.")


def _without_presolve(raw: RawSolution, program: Program, limits: Limits) -> RawSolution:
    """Solves a small MIP again without presolve, which has been seen to cut the optimum off.

    The second run gets a few seconds; only a better point than the first one's counts, or any
    where the first found none.
    """
    if program.columns > UNPRESOLVED_COLUMNS:
        return raw
    few = min(limits.deadline, time.monotonic() + CHECK_S)
    again = _run(program, replace(limits, deadline=few, on_log=None), presolve=False)
    if again.objective is None:
        return raw
    if raw.objective is None:
        return replace(again, log=raw.log + again.log)
    ahead = raw.objective - again.objective
    gain = ahead if program.minimize[0] else -ahead
    if gain <= max(ABSOLUTE_GAP, GAP * abs(raw.objective)):
        return raw
    return replace(again, log=raw.log + again.log)


def recession(program: Program) -> Program:
    """Return the LP over directions d in the unit box that no row, bound or curvature stops."""
    objective = first_objective(program)
    flat = sparse.coo_matrix(hessian(objective, 0, program.columns))
    # Relative, or a small curvature would pass for none within the solver's tolerance.
    relative = flat.data / max(float(np.abs(flat.data).max(initial=0.0)), np.finfo(float).tiny)
    curvature = functions(program.columns, row=flat.row, column=flat.col, value=relative)
    zeros = np.zeros(program.columns)
    linear = {"row": objective.row, "column": objective.column, "value": objective.value}
    return replace(
        program,
        lower=np.where(np.isfinite(program.lower), 0.0, -1.0),
        upper=np.where(np.isfinite(program.upper), 0.0, 1.0),
        rows=stack([program.rows, curvature]),
        row_lower=np.append(np.where(np.isfinite(program.row_lower), 0.0, -np.inf), zeros),
        row_upper=np.append(np.where(np.isfinite(program.row_upper), 0.0, np.inf), zeros),
        kind=np.zeros_like(program.kind),
        row_blocks=(),
        globals=(),
        objectives=functions(1, **linear),
    )


def _scale(program: Program) -> float:
    values = program.objectives.value[program.objectives.row == 0]
    return max(1.0, float(np.abs(values).max(initial=0.0)))


def _resolve(program: Program, limits: Limits, raw: RawSolution) -> RawSolution:
    """Tells infeasible from unbounded by solving without the objective."""
    constant = replace(program, objectives=functions(1), minimize=(True,))
    feasible = _certain(_run(constant, limits), constant, limits)
    log = raw.log + feasible.log
    if feasible.termination is Termination.INFEASIBLE:
        return replace(feasible, log=log)
    if feasible.x is None:
        return replace(raw, termination=feasible.termination, log=log)
    ray = raw.ray
    if ray is None and raw.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
        ray = _run(program, limits, presolve=False).ray
    unbounded = Termination.UNBOUNDED
    return replace(raw, termination=unbounded, x=feasible.x, objectives=(), ray=ray, log=log)


def _run(program: Program, limits: Limits, *, presolve: bool = True) -> RawSolution:
    """Runs HiGHS once and reads what it says."""
    solver = load(program)
    lines: list[str] = []

    def log(event: Any) -> None:
        lines.append(event.message)
        if limits.on_log is not None:
            limits.on_log(event.message)

    solver.cbLogging += log
    _configure(solver, limits, presolve=presolve)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kNotset:
        # Another user of HiGHS in this process has set its one scheduler to other threads.
        solver.resetGlobalScheduler(True)
        solver.run()
    solver.cbLogging -= log
    return replace(_read(program, solver), log="".join(lines))


def _configure(solver: Any, limits: Limits, *, presolve: bool) -> None:
    for name, value in {
        "log_to_console": False,  # output_flag off would silence the callback too
        "threads": 1,
        "random_seed": limits.seed % (2**31),
        "time_limit": limits.remaining_s,
        "presolve": "choose" if presolve else "off",
        "mip_rel_gap": 1e-8,
        "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": FEASIBILITY,
        "primal_feasibility_tolerance": FEASIBILITY,
        "dual_feasibility_tolerance": FEASIBILITY,
        "qp_regularization_value": 0.0,
    }.items():
        solver.setOptionValue(name, value)


def load(program: Program) -> Any:
    """Return a `highspy.Highs` that holds the program with its first objective."""
    model = highspy.HighsModel()
    lp = model.lp_
    objective = first_objective(program)
    lp.num_col_, lp.num_row_ = program.columns, len(program.row_lower)
    lp.col_cost_ = matrix(objective, program.columns).toarray()[0]
    lp.offset_ = float(objective.constant[0])
    minimize = program.minimize[0]
    lp.sense_ = highspy.ObjSense.kMinimize if minimize else highspy.ObjSense.kMaximize
    lp.col_lower_, lp.col_upper_ = whole_bounds(program)
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    rows = matrix(program.rows, program.columns)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.indptr, rows.indices
    lp.a_matrix_.value_ = rows.data
    if np.any(program.kind != Kind.CONTINUOUS):
        lp.integrality_ = [_TYPES[Kind(kind)] for kind in program.kind.tolist()]
    if not objective.is_linear:
        _load_hessian(model, sparse.tril(hessian(objective, 0, program.columns), format="csc"))
    solver = highspy.Highs()
    solver.setOptionValue("log_to_console", False)
    if solver.passModel(model) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the program's arrays", remedy="Use `scip`.")
    return solver


def _load_hessian(model: Any, lower_triangle: Any) -> None:
    model.hessian_.dim_ = lower_triangle.shape[0]
    model.hessian_.format_ = highspy.HessianFormat.kTriangular
    model.hessian_.start_, model.hessian_.index_ = lower_triangle.indptr, lower_triangle.indices
    model.hessian_.value_ = lower_triangle.data


def _read(program: Program, solver: Any) -> RawSolution:
    info, solution = solver.getInfo(), solver.getSolution()
    has_point = info.primal_solution_status == _FEASIBLE_POINT
    pair = read_status("highs", solver.getModelStatus().name, has_point=has_point)
    raw = RawSolution(*pair, ray=_ray(solver, pair))
    integer = bool(np.any(program.kind != Kind.CONTINUOUS))
    if integer and np.isfinite(info.mip_dual_bound):
        raw = replace(raw, bound=float(info.mip_dual_bound))
    if not raw.termination.has_point:
        return replace(raw, bound=None)
    x = np.array(solution.col_value)
    objective = float(function_values(first_objective(program), x)[0])
    raw = replace(raw, x=x, objectives=(objective,))
    if integer or raw.termination is not Termination.OPTIMAL:
        return raw
    row_dual, reduced_cost = np.array(solution.row_dual), np.array(solution.col_dual)
    return replace(raw, bound=objective, row_dual=row_dual, reduced_cost=reduced_cost)


def _ray(solver: Any, pair: StatusPair) -> Floats | None:
    """Returns the LP's proof that it is infeasible or unbounded, where HiGHS has one."""
    if pair[1] is Termination.INFEASIBLE:
        _, found, ray = solver.getDualRay()
    elif pair[1] is Termination.UNBOUNDED:
        _, found, ray = solver.getPrimalRay()
    else:
        return None
    return np.array(ray) if found else None
