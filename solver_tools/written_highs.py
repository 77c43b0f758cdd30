"""highspy in written programs: quiet, with a closed gap and within the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from optiwright.solver_tools.solution import UNPRESOLVED_COLUMNS
from optiwright.solver_tools.written_names import split_name
from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import GAP, Watch, domain, summed_up

if TYPE_CHECKING:
    from optiwright.solver_tools.written_result import Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_WHOLE = 1e-9
_State = highspy.HighsModelStatus
_STATUS: dict[Any, Status] = {
    _State.kOptimal: "optimal",
    _State.kInfeasible: "infeasible",
    _State.kUnbounded: "unbounded",
}


def install(watch: Watch, patches: Patches) -> None:
    """Has `Highs` start quiet, and its runs observed."""
    cls = highspy.Highs
    start, run = cls.__init__, cls.run

    def quiet(solver: Any) -> None:
        start(solver)
        solver.setOptionValue("output_flag", False)

    def solve(solver: Any) -> Any:
        _prepare(solver)
        if watch.inside:
            return run(solver)
        return watch.solve(lambda: _run(solver, run, watch), lambda _: _read(solver))

    patches.set(cls, "__init__", quiet)
    for name in ("run", "solve", "optimize"):
        patches.set(cls, name, solve)


def _prepare(solver: Any) -> None:
    """Rounds integer columns' bounds and leaves presolve out, also for the libraries above.

    HiGHS 1.14 calls points optimal at which an integer column sits on a fractional bound, and its
    presolve has been seen to cut the optimum of a mixed-integer program off.
    """
    lp = solver.getLp()
    whole = [k for k, kind in enumerate(lp.integrality_) if kind == highspy.HighsVarType.kInteger]
    for column in whole:
        low, high = lp.col_lower_[column], lp.col_upper_[column]
        rounded = np.ceil(low - _WHOLE), np.floor(high + _WHOLE)
        if rounded != (low, high):
            solver.changeColBounds(column, *rounded)
    if whole and lp.num_col_ <= UNPRESOLVED_COLUMNS:
        solver.setOptionValue("presolve", "off")


def _run(solver: Any, run: Any, watch: Watch) -> Any:
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("time_limit", solver.getRunTime() + watch.seconds)
    outcome = run(solver)
    if solver.getModelStatus() == _State.kUnboundedOrInfeasible:
        solver.setOptionValue("presolve", "off")  # which of the two, presolve does not find out
        outcome = run(solver)
    return outcome


def _read(solver: Any) -> Solved:
    lp, info = solver.getLp(), solver.getInfo()
    status: Status = _STATUS.get(solver.getModelStatus(), "unknown")
    if status == "unknown" and info.primal_solution_status == 2:
        status = "feasible"
    values, kinds = solver.getSolution().col_value, lp.integrality_
    names = lp.col_names_ or [""] * lp.num_col_
    is_mip = any(kind == highspy.HighsVarType.kInteger for kind in kinds)
    bound = info.mip_dual_bound if is_mip else info.objective_function_value
    maximize = solver.getObjectiveSense()[1] == highspy.ObjSense.kMaximize
    return summed_up(
        "highspy",
        status,
        [_variable(lp, values, number) for number in range(lp.num_col_)],
        n_constraints=lp.num_row_,
        objective=info.objective_function_value,
        sense="maximize" if maximize else "minimize",
        bound=bound if is_mip or status == "optimal" else None,
        source=[None if name else (id(solver), n) for n, name in enumerate(names)],
        model=solver,
    )


def _variable(lp: Any, values: Any, number: int) -> Variable:
    names, kinds = lp.col_names_, lp.integrality_
    name, index = split_name(names[number] if names else "", number)
    is_integer = bool(len(kinds)) and kinds[number] == highspy.HighsVarType.kInteger
    kind = domain(is_integer, lp.col_lower_[number], lp.col_upper_[number])
    value = float(values[number]) if len(values) else None
    return Variable(name=name, index=index, value=value, domain=kind)
