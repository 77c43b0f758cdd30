"""SCIP: everything nonlinear, integer or nonconvex, to global optimality."""

from __future__ import annotations

import contextlib
import io
import math
import time
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyscipopt

from optiwright.solver_tools.arithmetic import (
    as_functions,
    first_objective,
    function_values,
    off_the_edge,
    operations_in,
    scalar_value,
    with_rows,
)
from optiwright.solver_tools.certify import violation
from optiwright.solver_tools.polishing import neighbour, polished
from optiwright.solver_tools.program import Kind, Program, Scalar, functions
from optiwright.solver_tools.scip_model import INFINITE, Builder, constant_value
from optiwright.solver_tools.solution import Limits, RawSolution, Termination
from optiwright.solver_tools.status import read_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from optiwright.solver_tools.program import Floats

_CONSISTENT = 1e-4
_FIRST_LOOK = 0.1
"""Share of the time for a program with open bounds before it is tried within finite ones."""
_BOX = 1e3
"""Size of those, times the largest value met so far."""
_ENDLESS = 1e18
"""An objective that is worth this at a point that meets the limits grows without one, where a
column has no bound."""
_SINGULAR = 1e-5
_TOLERATED = 1e-5
_TOLERANCE = 1e-7
_SCIPS_OWN = 1e-6
_BESIDE = "A better point lies beside the one that SCIP calls optimal"
_DISTANCES = (1e-2, 1e-4, 1e-6)


def version() -> str:
    """Return the solver's name and version."""
    model = pyscipopt.Model()
    return f"SCIP {model.version()}"


def solve(program: Program, limits: Limits) -> RawSolution:
    """Solve for the first objective, any class.

    SCIP's claim is held against our own arithmetic: an optimum whose objective is not what SCIP
    says, or that sits on the edge of a logarithm's or a quotient's domain, is examined for
    growing without limit.
    """
    start = time.monotonic()
    wide = _is_wide(program)
    raw, claimed = _run(program, _part(limits, _FIRST_LOOK) if wide else limits)
    if wide and _is_broken(program, raw):
        unknown = replace(raw, x=None, objectives=(), bound=None)
        found, value = _boxed(program, limits, unknown, claimed)
        raw, claimed = (raw, claimed) if found.x is None else (found, value)
    if wide and raw.termination in {Termination.FEASIBLE, Termination.TIME_LIMIT}:
        raw, claimed = _boxed(program, limits, raw, claimed)
    elif raw.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
        raw = _resolve(program, limits, raw)
    elif raw.termination is Termination.OPTIMAL and not _credible(program, raw, claimed):
        raw = _examine(program, limits, raw)
    if raw.termination is Termination.OPTIMAL:
        raw = _unbeaten(program, limits, raw)
    return replace(_polished(program, raw), solver=version(), seconds=time.monotonic() - start)


def _unbeaten(program: Program, limits: Limits, raw: RawSolution) -> RawSolution:
    """Returns an optimum that no step of a whole number betters, or what is left of the claim.

    SCIP is asked once more, with the tolerance that it comes with.
    """
    better = _bettered(program, raw)
    if better is None:
        return raw
    again, claimed = _run(program, limits, tolerance=_SCIPS_OWN)
    optimal = again.termination is Termination.OPTIMAL and _credible(program, again, claimed)
    if optimal and _bettered(program, again) is None:
        return again
    objective = float(function_values(first_objective(program), better)[0])
    return _doubtful(replace(raw, x=better, objectives=(objective,)), _BESIDE)


def _bettered(program: Program, raw: RawSolution) -> Floats | None:
    return None if raw.x is None else neighbour(program, raw.x)


def _polished(program: Program, raw: RawSolution) -> RawSolution:
    """Takes a point to its local optimum, which SCIP's absolute tolerances miss by a little.

    A bound that it passes by no more than those was theirs; beyond that it is no bound.
    """
    if raw.x is None or not raw.termination.has_point or raw.objective is None:
        return raw
    x = polished(program, raw.x)
    if x is raw.x:
        return raw
    objective = float(function_values(first_objective(program), x)[0])
    better = replace(raw, x=x, objectives=(objective,))
    passed = 0.0 if raw.bound is None else objective - raw.bound
    passed = -passed if program.minimize[0] else passed
    if raw.bound is None or passed <= 0:
        return better
    if passed > _TOLERATED * max(1.0, abs(objective)):
        return _doubtful(better, _BESIDE)
    return replace(better, bound=objective)


def _is_wide(program: Program) -> bool:
    """Tells whether a continuous column of a nonlinear program has no bound on some side."""
    linear = program.rows.is_linear and program.objectives.is_linear
    infinite = np.isinf(program.lower) | np.isinf(program.upper)
    return not linear and bool(np.any(infinite & (program.kind == Kind.CONTINUOUS)))


def _is_broken(program: Program, raw: RawSolution) -> bool:
    """Whether an optimum lies so far out that it meets the limits only by SCIP's own account."""
    optimal = raw.termination is Termination.OPTIMAL
    return optimal and raw.x is not None and violation(program, raw.x) > _CONSISTENT


def _part(limits: Limits, share: float) -> Limits:
    return replace(limits, deadline=time.monotonic() + share * limits.remaining_s)


def _boxed(
    program: Program, limits: Limits, wide: RawSolution, claimed: float
) -> tuple[RawSolution, float]:
    """Searches within wide finite bounds, where the open ones keep SCIP from closing the gap.

    An optimum inside such a box is a local one of the program: nothing is proved outside it. The
    run without the box stands where this one does no better.
    """
    size = _BOX if wide.x is None else _BOX * max(1.0, float(np.max(np.abs(wide.x))))
    lower, upper = np.maximum(program.lower, -size), np.minimum(program.upper, size)
    raw, value = _run(replace(program, lower=lower, upper=upper), limits)
    if raw.termination is not Termination.OPTIMAL or raw.x is None:
        return wide, claimed
    edge = (np.isinf(program.lower) | np.isinf(program.upper)) & (np.abs(raw.x) > 0.99 * size)
    if np.any(edge) or not _credible(program, raw, value):
        return wide, claimed
    message = f"Optimal among values up to {size:.3g}; beyond them nothing is proved."
    local = Termination.LOCALLY_OPTIMAL
    return replace(raw, termination=local, bound=wide.bound, message=message), value


def _resolve(program: Program, limits: Limits, raw: RawSolution) -> RawSolution:
    """Tells infeasible from unbounded by solving without the objective."""
    feasible, _ = _run(replace(program, objectives=functions(1), minimize=(True,)), limits)
    log = raw.log + feasible.log
    if feasible.x is not None:
        return replace(raw, termination=Termination.UNBOUNDED, x=feasible.x, log=log)
    return replace(raw, termination=feasible.termination, log=log)


# --- claims that do not hold ----------------------------------------------------------------------


def _credible(program: Program, raw: RawSolution, claimed: float) -> bool:
    objective, x = raw.objective, raw.x
    if objective is None or x is None or not math.isfinite(objective):
        return False
    if abs(objective - claimed) > _CONSISTENT * max(1.0, abs(objective)):
        return False
    return all(abs(scalar_value(a, x)) > _SINGULAR for a in _singular_arguments(program))


def _singular_arguments(program: Program) -> list[Scalar]:
    """Returns the arguments at whose zero a function of the program is infinite."""
    found = []
    for batch in (program.rows, first_objective(program)):
        for operation in operations_in(batch):
            if operation.op == "log":
                found.append(operation.arguments[0])
            elif operation.op == "div":
                found.append(operation.arguments[1])
            elif operation.op == "pow" and constant_value(operation.arguments[1]) < 0:
                found.append(operation.arguments[0])
    return found


def _examine(program: Program, limits: Limits, raw: RawSolution) -> RawSolution:
    """Keeps the singular arguments off zero by less and less and watches the objective.

    One that moves on by equal or growing steps has no limit; one that settles has.
    """
    arguments = _singular_arguments(program)
    if not arguments:
        return _doubtful(raw, "SCIP's objective is not the value of its point")
    best: list[float] = []
    for distance in _DISTANCES:
        kept, _ = _run(_away(program, arguments, distance), limits)
        if kept.termination is not Termination.OPTIMAL or kept.objective is None:
            return _doubtful(raw, "SCIP's point lies on the edge of a function's domain")
        best.append(kept.objective)
    steps = [abs(after - before) for before, after in pairwise(best)]
    if steps[1] >= 0.9 * steps[0] > 1e-3:
        message = "The objective grows without limit as a function's argument goes to zero."
        unbounded = Termination.UNBOUNDED
        return replace(
            raw, termination=unbounded, x=kept.x, objectives=(), bound=None, message=message
        )
    if raw.objective is not None and abs(best[-1] - raw.objective) <= steps[1] < 0.5 * steps[0]:
        return raw
    return _doubtful(kept, "SCIP's point lies on the edge of a function's domain")


def _away(program: Program, arguments: list[Scalar], distance: float) -> Program:
    rows = as_functions(arguments)
    return with_rows(program, rows, np.full(rows.count, distance), np.full(rows.count, np.inf))


def _doubtful(raw: RawSolution, message: str) -> RawSolution:
    finite = raw.objective is not None and math.isfinite(raw.objective)
    termination = Termination.FEASIBLE if finite else Termination.NUMERICAL
    return replace(raw, termination=termination, bound=None, message=f"{message}.")


# --- one run --------------------------------------------------------------------------------------


class _Log(io.TextIOBase):
    """A text stream that keeps what is written and hands it on."""

    def __init__(self, on_log: Callable[[str], None] | None) -> None:
        self._on_log = on_log
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        if self._on_log is not None:
            self._on_log(text)
        return len(text)


def _run(
    program: Program, limits: Limits, *, tolerance: float = _TOLERANCE
) -> tuple[RawSolution, float]:
    """Runs SCIP once; returns what it found and the objective that it claims."""
    model = pyscipopt.Model()
    columns = Builder(model, program).build()
    for name, value in {
        "limits/time": limits.remaining_s,
        "limits/gap": 1e-8,
        "limits/absgap": 1e-9,
        "numerics/feastol": tolerance,
        "randomization/randomseedshift": limits.seed % (2**31),
        "limits/primal": math.copysign(_endless(program), -1 if program.minimize[0] else 1),
    }.items():
        model.setParam(name, value)
    log = _Log(limits.on_log)
    model.redirectOutput()  # through Python's stdout: the C library's pipe can fill and hang
    with contextlib.redirect_stdout(log):
        model.optimize()
    return _read(program, model, columns, "".join(log.parts))


def _read(program: Program, model: Any, columns: list[Any], log: str) -> tuple[RawSolution, float]:
    has_point = model.getNSols() > 0
    raw = RawSolution(*read_status("scip", model.getStatus(), has_point=has_point), log=log)
    bound = float(model.getDualbound())
    claimed = float(model.getPrimalbound())
    if raw.termination.has_point and abs(claimed) >= INFINITE:
        return replace(raw, termination=Termination.UNBOUNDED), claimed
    if not raw.termination.has_point:
        return raw, claimed
    best = model.getBestSol()
    x = off_the_edge(program, np.clip([best[column] for column in columns], *_box(program)))
    objective = float(function_values(first_objective(program), x)[0])
    if abs(objective) >= _endless(program) and violation(program, x) <= _CONSISTENT:
        return replace(raw, termination=Termination.UNBOUNDED, x=x), claimed
    proved = bound if abs(bound) < INFINITE else None
    return replace(raw, x=x, objectives=(objective,), bound=proved), claimed


def _endless(program: Program) -> float:
    """Returns what an objective is worth that has no limit: none is where all bounds are finite."""
    bounded = np.all(np.isfinite(program.lower) & np.isfinite(program.upper))
    return INFINITE if bounded else _ENDLESS


def _box(program: Program) -> tuple[Floats, Floats]:
    """Returns the bounds that a column's value cannot leave, zero included where it may be zero."""
    semi = program.kind == Kind.SEMICONTINUOUS
    lower = np.where(semi, np.minimum(program.lower, 0.0), program.lower)
    return lower, np.where(semi, np.maximum(program.upper, 0.0), program.upper)
