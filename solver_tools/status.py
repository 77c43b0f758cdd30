"""Total mappings of every solver's statuses into (SolverStatus, Termination).

Keys are the solvers' own names, so that this module imports none of them. A name that is not
listed maps to unknown and never raises.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from optiwright.solver_tools.solution import SolverStatus, Termination

StatusPair: TypeAlias = tuple[SolverStatus, Termination]
Family: TypeAlias = Literal["highs", "scip", "cvxpy", "cp-sat"]

UNKNOWN: StatusPair = (SolverStatus.UNKNOWN, Termination.UNKNOWN)

_OPTIMAL = (SolverStatus.OK, Termination.OPTIMAL)
_FEASIBLE = (SolverStatus.OK, Termination.FEASIBLE)
_INFEASIBLE = (SolverStatus.OK, Termination.INFEASIBLE)
_UNBOUNDED = (SolverStatus.OK, Termination.UNBOUNDED)
_EITHER = (SolverStatus.OK, Termination.INFEASIBLE_OR_UNBOUNDED)
_LIMIT = (SolverStatus.OK, Termination.TIME_LIMIT)
_INTERRUPTED = (SolverStatus.OK, Termination.INTERRUPTED)
_MEMORY = (SolverStatus.ERROR, Termination.MEMORY)
_NUMERICAL = (SolverStatus.ERROR, Termination.NUMERICAL)
_ERROR = (SolverStatus.ERROR, Termination.ERROR)

_HIGHS: dict[str, StatusPair] = {
    "kNotset": _ERROR,
    "kLoadError": _ERROR,
    "kModelError": _ERROR,
    "kPresolveError": _ERROR,
    "kSolveError": _ERROR,
    "kPostsolveError": _ERROR,
    "kModelEmpty": _OPTIMAL,
    "kOptimal": _OPTIMAL,
    "kInfeasible": _INFEASIBLE,
    "kUnboundedOrInfeasible": _EITHER,
    "kUnbounded": _UNBOUNDED,
    "kObjectiveBound": _LIMIT,
    "kObjectiveTarget": _LIMIT,
    "kTimeLimit": _LIMIT,
    "kIterationLimit": _LIMIT,
    "kUnknown": _NUMERICAL,
    "kSolutionLimit": _LIMIT,
    "kInterrupt": _INTERRUPTED,
    "kHighsInterrupt": _INTERRUPTED,
    "kMemoryLimit": _MEMORY,
}

_SCIP: dict[str, StatusPair] = {
    "optimal": _OPTIMAL,
    "gaplimit": _OPTIMAL,  # the limit that is set is the gap that counts as closed
    "infeasible": _INFEASIBLE,
    "unbounded": _UNBOUNDED,
    "inforunbd": _EITHER,
    "timelimit": _LIMIT,
    "nodelimit": _LIMIT,
    "totalnodelimit": _LIMIT,
    "stallnodelimit": _LIMIT,
    "sollimit": _LIMIT,
    "bestsollimit": _LIMIT,
    "restartlimit": _LIMIT,
    "primallimit": _LIMIT,
    "duallimit": _LIMIT,
    "userinterrupt": _INTERRUPTED,
    "memlimit": _MEMORY,
    "unknown": UNKNOWN,
}

_CVXPY: dict[str, StatusPair] = {
    "optimal": _OPTIMAL,
    "optimal_inaccurate": _FEASIBLE,
    "infeasible": _INFEASIBLE,
    "infeasible_inaccurate": _NUMERICAL,
    "unbounded": _UNBOUNDED,
    "unbounded_inaccurate": _NUMERICAL,
    "infeasible_or_unbounded": _EITHER,
    "user_limit": _LIMIT,
    "solver_error": _NUMERICAL,
}

_CP_SAT: dict[str, StatusPair] = {
    "OPTIMAL": _OPTIMAL,
    "FEASIBLE": _LIMIT,
    "INFEASIBLE": _INFEASIBLE,
    "UNKNOWN": _LIMIT,
    "MODEL_INVALID": _ERROR,
}

_TABLES: dict[Family, dict[str, StatusPair]] = {
    "highs": _HIGHS,
    "scip": _SCIP,
    "cvxpy": _CVXPY,
    "cp-sat": _CP_SAT,
}


def read_status(family: Family, name: str, *, has_point: bool) -> StatusPair:
    """Return what a solver's status means, given whether it left a feasible point.

    A limit or an interruption with a point in hand is `FEASIBLE`; a claim of a point that is not
    there is an error.
    """
    status, termination = _TABLES[family].get(name, UNKNOWN)
    stopped = {Termination.TIME_LIMIT, Termination.INTERRUPTED, Termination.MEMORY}
    if has_point and termination in stopped:
        return SolverStatus.OK, Termination.FEASIBLE
    if not has_point and termination.has_point:
        return _ERROR
    return status, termination
