"""Pyomo in written programs: whatever solver is asked for, one that is here and fits answers.

Linear and mixed-integer programs and convex quadratic ones go to HiGHS, all others to SCIP. The
results look as Pyomo's do: `results.solver.status`, `termination_condition`, and a model whose
values are loaded only if there is a solution, without an exception if there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.collections import Bunch
from pyomo.contrib.solver.common import results as new_results
from pyomo.contrib.solver.common.factory import SolverFactory as NewFactory
from pyomo.contrib.solver.common.results import TerminationCondition as Termination
from pyomo.contrib.solver.solvers.scip import base as scip_base
from pyomo.core.base.symbol_map import SymbolMap
from pyomo.core.expr.numeric_expr import AbsExpression, NPV_AbsExpression
from pyomo.core.expr.numvalue import polynomial_degree
from pyomo.core.expr.visitor import identify_variables
from pyomo.core.staleflag import StaleFlagManager
from pyomo.opt import ProblemSense, Solution, SolverResults, SolverStatus
from pyomo.opt.base.solvers import SolverFactoryClass
from pyomo.repn import generate_standard_repn

from optiwright.solver_tools.written_faults import clean
from optiwright.solver_tools.written_names import plain_index
from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import (
    GAP,
    SCIP_SETTINGS,
    Watch,
    domain,
    finite,
    summed_up,
)

if TYPE_CHECKING:
    from optiwright.solver_tools.written_result import Sense, Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_LARGEST_HESSIAN = 600
_LOOSE_SHOWN = 8
_ABSOLUTE = (AbsExpression, NPV_AbsExpression)
"""Of Pyomo's own expressions the two that its translation to SCIP forgets, though SCIP has them."""
_STATUS: dict[Any, Status] = {
    Termination.convergenceCriteriaSatisfied: "optimal",
    Termination.unbounded: "unbounded",
    Termination.provenInfeasible: "infeasible",
    Termination.locallyInfeasible: "infeasible",
}


def install(watch: Watch, patches: Patches) -> None:
    """Has `SolverFactory` answer every name with a `FittingSolver`."""
    original = SolverFactoryClass.__call__

    def call(factory: Any, _name: Any = None, **options: Any) -> Any:
        if _name is None or watch.inside:
            return original(factory, _name, **options)
        return FittingSolver(watch, str(_name))

    patches.set(SolverFactoryClass, "__call__", call)
    known = scip_base._operator_map | dict.fromkeys(_ABSOLUTE, scip_base._handle_abs)
    patches.set(scip_base, "_operator_map", known)


class FittingSolver:
    """Stands where the program expects the solver it asked for; its options are kept unused."""

    def __init__(self, watch: Watch, name: str) -> None:
        self.name = name
        self.options = Bunch()
        self.config = Bunch()
        self._watch = watch
        self._instance: Any = None

    def __enter__(self) -> FittingSolver:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def available(self, *_: Any, **__: Any) -> bool:
        """Returns True: something that fits will solve."""
        return True

    license_is_valid = available

    def set_options(self, *_: Any, **__: Any) -> None:
        """Takes options and forgets them."""

    def set_instance(self, model: Any, **_: Any) -> None:
        """Keeps the model for a `solve` without one, as persistent solvers do."""
        self._instance = model

    def solve(self, model: Any = None, *, load_solutions: bool = True, **_: Any) -> Any:
        """Solves as `pyomo.opt` solvers do; every other option is dropped."""
        model = self._instance if model is None else model
        if not model.is_constructed():
            raise ValueError("An AbstractModel has no values: solve `model.create_instance()`.")

        def run() -> Any:
            found = _run(model, self._watch)
            values = _values(found)
            return found, values, _legacy(model, found, values, load_solutions)

        return self._watch.solve(run, lambda result: _read(model, *result[:2]))[2]


def solved_values(model: Any, watch: Watch) -> bool:
    """Solves a model to a proved optimum and loads its values; False where there is none.

    By SCIP, which takes every class: HiGHS 1.14's presolve gives a wrong optimum for one of the
    small programs in the tests of `written_probe_pyomo`.
    """
    found = _solve_with("scip_direct", model, watch)
    is_optimal = found.termination_condition is Termination.convergenceCriteriaSatisfied
    if not is_optimal or _values(found) is None:
        return False
    found.solution_loader.load_vars()
    return True


def _run(model: Any, watch: Watch) -> Any:
    StaleFlagManager.mark_all_as_stale()
    name = "highs" if _fits_highs(model) else "scip_direct"
    found = _solve_with(name, model, watch)
    if found.termination_condition is Termination.infeasibleOrUnbounded:
        found.termination_condition = _told_apart(model, watch)
    return found


def _solve_with(name: str, model: Any, watch: Watch) -> Any:
    settings = SCIP_SETTINGS | {"display/verblevel": 0} if name == "scip_direct" else {}
    return NewFactory(name).solve(
        model,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
        time_limit=watch.seconds,
        rel_gap=GAP,
        solver_options=settings,
    )


def _told_apart(model: Any, watch: Watch) -> Any:
    """Tells infeasible from unbounded by a solve without the objective.

    By SCIP: what is left may have no columns, and HiGHS says nothing of an empty program.
    """
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    objective.deactivate()
    try:
        found = _solve_with("scip_direct", model, watch)
    finally:
        objective.activate()
    if found.termination_condition is Termination.convergenceCriteriaSatisfied:
        return Termination.unbounded
    return found.termination_condition


def _fits_highs(model: Any) -> bool:
    if any(True for _ in model.component_data_objects(pyo.SOSConstraint, active=True)):
        return False
    for row in model.component_data_objects(pyo.Constraint, active=True):
        if polynomial_degree(row.body) not in (0, 1):
            return False
    degrees = [polynomial_degree(goal.expr) for goal in _goals(model)]
    if all(degree in (0, 1) for degree in degrees):
        return True
    return degrees == [2] and not _has_integers(model) and _is_convex(*_goals(model))


def _goals(model: Any) -> list[Any]:
    return list(model.component_data_objects(pyo.Objective, active=True))


def _has_integers(model: Any) -> bool:
    variables = model.component_data_objects(pyo.Var)
    return any(not variable.is_continuous() and not variable.fixed for variable in variables)


def _is_convex(goal: Any) -> bool:
    """Tells whether a quadratic objective curves the way its sense needs."""
    form = generate_standard_repn(goal.expr, quadratic=True)
    places = {
        id(v): k for k, v in enumerate({id(v): v for p in form.quadratic_vars for v in p}.values())
    }
    if form.nonlinear_vars or len(places) > _LARGEST_HESSIAN:
        return False
    hessian = np.zeros((len(places), len(places)))
    for (first, second), weight in zip(form.quadratic_vars, form.quadratic_coefs, strict=True):
        i, j = places[id(first)], places[id(second)]
        hessian[i, j] += weight
        hessian[j, i] += weight
    least = np.min(np.linalg.eigvalsh(hessian * (1 if goal.sense == pyo.minimize else -1)))
    return bool(least >= -1e-9 * max(1.0, float(np.max(np.abs(hessian)))))


def _values(found: Any) -> Any:
    """Returns the values by variable, or None where there is no solution."""
    if found.solution_loader.get_number_of_solutions() == 0 or not _is_solution(found):
        return None
    return found.solution_loader.get_vars()


def _is_solution(found: Any) -> bool:
    return found.incumbent_objective is not None or found.solution_status in (
        new_results.SolutionStatus.feasible,
        new_results.SolutionStatus.optimal,
    )


def _legacy(model: Any, found: Any, values: Any, load: bool) -> Any:
    """Returns the results in the form that programs know, and loads the values if asked to."""
    results = SolverResults()
    condition = found.termination_condition
    status = new_results.legacy_solver_status_map[condition]
    if _STATUS.get(condition) in ("infeasible", "unbounded"):
        status = SolverStatus.warning  # as from the solvers that programs know, and not "error"
    results.solver.status = status
    results.solver.termination_condition = new_results.legacy_termination_condition_map[condition]
    results.solver.termination_message = str(condition)
    results.solver.time = found.timing_info.wall_time
    _describe(model, found, results.problem)
    results._smap_id = None
    if values is None:
        return results
    if load:
        _load(model, found)
    else:
        _attach(results, values)
    return results


def _describe(model: Any, found: Any, problem: Any) -> None:
    goals = _goals(model)
    problem.name = model.name
    problem.number_of_objectives = len(goals)
    problem.number_of_variables = sum(1 for _ in model.component_data_objects(pyo.Var))
    problem.number_of_constraints = sum(
        1 for _ in model.component_data_objects(pyo.Constraint, active=True)
    )
    if goals:
        maximize = goals[0].sense == pyo.maximize
        problem.sense = ProblemSense.maximize if maximize else ProblemSense.minimize
        ends = (found.objective_bound, found.incumbent_objective)
        problem.lower_bound, problem.upper_bound = ends[::-1] if maximize else ends


def _load(model: Any, found: Any) -> None:
    found.solution_loader.load_vars()
    imports = any(s.import_enabled() for s in model.component_objects(pyo.Suffix, active=True))
    if imports and _fits_highs(model) and not _has_integers(model):
        found.solution_loader.load_import_suffixes()


def _attach(results: Any, values: Any) -> None:
    """Puts a solution into the results, from which `model.solutions.load_from` takes it."""
    symbols = SymbolMap()
    solution = Solution()
    for number, (variable, value) in enumerate(values.items()):
        name = f"x{number}"
        symbols.addSymbol(variable, name)
        solution.variable[name] = {"Value": value}
    results.solution.insert(solution)
    results._smap_id = id(symbols)
    results._smap = symbols


def _read(model: Any, found: Any, values: Any) -> Solved:
    status: Status = _STATUS.get(found.termination_condition, "unknown")
    if status == "unknown" and values is not None:
        status = "feasible"
    variables = [_variable(v, values) for v in model.component_data_objects(pyo.Var)]
    rows = sum(1 for _ in model.component_data_objects(pyo.Constraint, active=True))
    goals = _goals(model)
    sense: Sense | None = None
    if goals:
        sense = "maximize" if goals[0].sense == pyo.maximize else "minimize"
    return summed_up(
        "pyomo",
        status,
        variables,
        n_constraints=rows,
        objective=found.incumbent_objective if goals else None,
        sense=sense,
        bound=found.objective_bound,
        loose=_loose(model, goals),
        model=model,
    )


def _loose(model: Any, goals: list[Any]) -> tuple[str, ...]:
    """Returns the variables in constraints that no chain of constraints ties to the objective.

    A total that is declared as a decision and never set equal to its sum is limited in vain.
    """
    reached = {id(v) for goal in goals for v in identify_variables(goal.expr)}
    left = [
        tuple(identify_variables(row.body))
        for row in model.component_data_objects(pyo.Constraint, active=True)
    ]
    if not reached:
        return ()
    grown = True
    while grown:
        near = [row for row in left if any(id(v) in reached for v in row)]
        left = [row for row in left if not any(id(v) in reached for v in row)]
        reached |= {id(v) for row in near for v in row}
        grown = bool(near)
    return tuple(dict.fromkeys(clean(v.name) for row in left for v in row))[:_LOOSE_SHOWN]


def _variable(variable: Any, values: Any) -> Variable:
    value = variable.value if values is None else values.get(variable, variable.value)
    low, high = variable.bounds
    kind = domain(
        not variable.is_continuous(),
        -np.inf if low is None else low,
        np.inf if high is None else high,
    )
    return Variable(
        name=variable.parent_component().name,
        index=plain_index(variable.index()),
        value=finite(value),
        domain=kind,
    )
