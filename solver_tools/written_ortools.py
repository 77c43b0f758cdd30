"""OR-Tools in written programs: `pywraplp` with what is here, CP-SAT within the time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from optiwright.solver_tools.written_names import split_name
from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import GAP, Watch, domain, finite, summed_up

if TYPE_CHECKING:
    from optiwright.solver_tools.written_result import Sense, Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_LINEAR = re.compile(r"GLOP|CLP|PDLP|LINEAR_PROGRAMMING|_LP$", re.IGNORECASE)
"""Names of solvers for continuous programs; every other gets SCIP, which takes both kinds."""
WORKERS = 4
"""CP-SAT takes a worker a core by itself, each with memory of its own."""
_RELAXED = (
    "The program asked for a linear solver although some variables are integer: their "
    "integrality was ignored."
)
_LP_STATUS: dict[int, Status] = {
    pywraplp.Solver.OPTIMAL: "optimal",
    pywraplp.Solver.FEASIBLE: "feasible",
    pywraplp.Solver.INFEASIBLE: "infeasible",
    pywraplp.Solver.UNBOUNDED: "unbounded",
}
_CP_STATUS: dict[Any, Status] = {
    cp_model.OPTIMAL: "optimal",
    cp_model.FEASIBLE: "feasible",
    cp_model.INFEASIBLE: "infeasible",
}


def install(watch: Watch, patches: Patches) -> None:
    """Puts itself before `pywraplp.Solver` and `cp_model.CpSolver`."""
    _install_linear(watch, patches)
    _install_cp_sat(watch, patches)


def _install_linear(watch: Watch, patches: Patches) -> None:
    cls = pywraplp.Solver
    start, solve = cls.__init__, cls.Solve

    linear, mixed = cls.GLOP_LINEAR_PROGRAMMING, cls.SCIP_MIXED_INTEGER_PROGRAMMING
    linear_types = {getattr(cls, n) for n in dir(cls) if n.endswith("_LINEAR_PROGRAMMING")}

    def create(name: str) -> Any:
        return cls(name, linear if _LINEAR.search(name) else mixed)

    def begin(solver: Any, name: str, problem_type: int) -> None:
        start(solver, name, linear if problem_type in linear_types else mixed)

    def run(solver: Any, parameters: Any = None) -> Any:
        if watch.inside:
            return solve(solver)
        return watch.solve(lambda: _run_linear(solver, solve, watch), lambda s: _linear(solver, s))

    patches.set(cls, "CreateSolver", staticmethod(create))
    patches.set(cls, "__init__", begin)
    patches.set(cls, "Solve", run)
    patches.set(cls, "EnableOutput", lambda solver: None)


def _run_linear(solver: Any, solve: Any, watch: Watch) -> Any:
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, GAP)
    solver.SetTimeLimit(max(1, int(1000 * watch.seconds)))
    code = solve(solver, parameters)
    if code == pywraplp.Solver.INFEASIBLE and not solver.IsMip():
        parameters.SetIntegerParam(parameters.PRESOLVE, parameters.PRESOLVE_OFF)
        return solve(solver, parameters)  # with it, GLOP says infeasible of the unbounded too
    return code


def _linear(solver: Any, code: int) -> Solved:
    status: Status = _LP_STATUS.get(code, "unknown")
    has_point = status in ("optimal", "feasible")
    variables = [_linear_variable(v, n, has_point) for n, v in enumerate(solver.variables())]
    relaxed = not solver.IsMip() and any(v.domain != "continuous" for v in variables)
    goal = solver.Objective()
    return summed_up(
        "ortools",
        "unknown" if relaxed and has_point else status,
        variables,
        n_constraints=solver.NumConstraints(),
        objective=goal.Value() if has_point else None,
        sense="maximize" if goal.maximization() else "minimize",
        bound=goal.BestBound() if solver.IsMip() and has_point else None,
        note=_RELAXED if relaxed else "",
        source=[(id(solver), n) if _is_numbered(v) else None for n, v in enumerate(variables)],
        model=solver,
    )


def _is_numbered(variable: Variable) -> bool:
    """Tells whether OR-Tools named it, for want of a name of the program's."""
    return re.fullmatch(r"auto_v_\d+", variable.name) is not None


def _linear_variable(variable: Any, number: int, has_point: bool) -> Variable:
    name, index = split_name(variable.name(), number)
    kind = domain(variable.integer(), variable.lb(), variable.ub())
    value = finite(variable.solution_value()) if has_point else None
    return Variable(name=name, index=index, value=value, domain=kind)


def _install_cp_sat(watch: Watch, patches: Patches) -> None:
    cls = cp_model.CpSolver
    solve = cls.solve

    def run(solver: Any, model: Any, callback: Any = None) -> Any:
        if watch.inside:
            return solve(solver, model, callback)
        solver.parameters.max_time_in_seconds = watch.seconds
        solver.parameters.relative_gap_limit = 0.0
        solver.parameters.log_search_progress = False
        if not 0 < solver.parameters.num_workers <= WORKERS:
            solver.parameters.num_workers = WORKERS
        return watch.solve(
            lambda: solve(solver, model, callback), lambda code: _cp_sat(solver, model, code)
        )

    patches.set(cls, "solve", run)
    patches.set(cls, "Solve", run)


def _cp_sat(solver: Any, model: Any, code: Any) -> Solved:
    proto = model.Proto()
    status: Status = _CP_STATUS.get(code, "unknown")
    has_point = status in ("optimal", "feasible")
    has_goal = proto.has_objective() or proto.has_floating_point_objective()
    values = list(solver.ResponseProto().solution) if has_point else [None] * len(proto.variables)
    return summed_up(
        "ortools",
        status,
        [_cp_variable(entry, values[n], n) for n, entry in enumerate(proto.variables)],
        n_constraints=len(proto.constraints),
        objective=solver.ObjectiveValue() if has_goal and has_point else None,
        sense=_cp_sense(proto) if has_goal else None,
        bound=solver.BestObjectiveBound() if has_goal and has_point else None,
        source=[None if v.name else (id(model), n) for n, v in enumerate(proto.variables)],
        model=model,
    )


def _cp_sense(proto: Any) -> Sense:
    if proto.has_floating_point_objective():
        return "maximize" if proto.floating_point_objective.maximize else "minimize"
    return "maximize" if proto.objective.scaling_factor < 0 else "minimize"


def _cp_variable(entry: Any, value: int | None, number: int) -> Variable:
    name, index = split_name(entry.name, number)
    kind = domain(True, min(entry.domain), max(entry.domain))
    return Variable(name=name, index=index, value=value, domain=kind)
