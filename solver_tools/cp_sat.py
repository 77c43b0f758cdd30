"""CP-SAT: programs in whole numbers, with constraints over many functions at once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.solver_tools.arithmetic import first_objective, function_values
from optiwright.solver_tools.solution import (
    Limits,
    RawSolution,
    SolverError,
    SolverStatus,
    Termination,
)
from optiwright.solver_tools.status import read_status
from optiwright.solver_tools.whole_form import NotWholeError, WholeProgram, whole_form

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Program

_WIDER = 4
"""How many times as far columns without a bound may go when it is asked whether that helps."""


def version() -> str:
    """Return the solver's name and version."""
    import ortools

    return f"CP-SAT {ortools.__version__}"


def refusal(program: Program) -> str:
    """Return why CP-SAT cannot take a program, as half a sentence; empty if it can."""
    try:
        whole_form(program)
    except NotWholeError as error:
        return str(error)
    return ""


def solve(program: Program, limits: Limits) -> RawSolution:
    """Solve for the first objective, exactly: whole numbers have no tolerance.

    Raises:
        SolverError: if the program has no form in whole numbers.
    """
    start = time.monotonic()
    try:
        whole = whole_form(program)
        raw, touched = _run(program, whole, limits)
        if touched and raw.termination is Termination.OPTIMAL:
            raw = _further(program, raw, limits)
    except NotWholeError as error:
        raise SolverError(
            f"CP-SAT takes whole numbers only, and here {error}",
            where="solver `cp-sat`",
            remedy="Make the variables integer with finite bounds, or name no solver.",
        ) from None
    return replace(raw, solver=version(), seconds=time.monotonic() - start)


def _further(program: Program, raw: RawSolution, limits: Limits) -> RawSolution:
    """Looks whether going on past our own bounds, where a best point need not go, still helps."""
    again, _ = _run(program, whole_form(program, _WIDER), limits)
    if again.objective is None or raw.objective is None:
        return replace(raw, termination=Termination.FEASIBLE, bound=None)
    sign = 1.0 if program.minimize[0] else -1.0
    gain = sign * (raw.objective - again.objective)
    if gain <= 0:
        return replace(raw, log=raw.log + again.log)
    unbounded = (SolverStatus.OK, Termination.UNBOUNDED)
    return RawSolution(*unbounded, x=again.x, log=raw.log + again.log)


def _run(program: Program, whole: WholeProgram, limits: Limits) -> tuple[RawSolution, bool]:
    """Runs CP-SAT once; returns what it says, and whether it went as far as our own bounds."""
    from ortools.sat.python import cp_model

    from optiwright.solver_tools.cp_sat_model import build

    model, variables = build(program, whole)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # the pool runs as many jobs at once as it may use cores
    solver.parameters.max_time_in_seconds = limits.remaining_s
    solver.parameters.random_seed = limits.seed % 2**31
    solver.parameters.absolute_gap_limit = 0.0
    solver.parameters.log_search_progress = True
    solver.parameters.log_to_stdout = False
    lines: list[str] = []

    def log(line: str) -> None:
        lines.append(f"{line}\n")
        if limits.on_log is not None:
            limits.on_log(f"{line}\n")

    solver.log_callback = log
    status = solver.solve(model)
    raw, touched = _read(program, whole, solver, variables, solver.status_name(status))
    return replace(raw, log="".join(lines)), touched


def _read(
    program: Program, whole: WholeProgram, solver: Any, variables: list[Any], status: str
) -> tuple[RawSolution, bool]:
    has_point = status in ("OPTIMAL", "FEASIBLE")
    raw = RawSolution(*read_status("cp-sat", status, has_point=has_point))
    if not raw.termination.has_point:
        return raw, False
    found = [int(solver.value(variable)) for variable in variables]
    x = whole.point(found)
    objective = float(function_values(first_objective(program), x)[0])
    touched = any(
        ours and y in (low, high)
        for ours, y, low, high in zip(whole.boxed, found, whole.lower, whole.upper, strict=True)
    )
    bound = _bound(program, whole, solver, objective)
    return replace(raw, x=x, objectives=(objective,), bound=bound), touched


def _bound(program: Program, whole: WholeProgram, solver: Any, objective: float) -> float:
    """Returns what CP-SAT proved, in the objective's own unit, rounding on the safe side."""
    if not whole.objective.columns:
        return objective
    constant = float(first_objective(program).constant[0])
    proved = float(solver.best_objective_bound / float(whole.objective_scale)) + constant
    sign = 1.0 if program.minimize[0] else -1.0
    bound = proved - sign * whole.objective_slack
    return float(np.minimum(bound, objective) if sign > 0 else np.maximum(bound, objective))
