"""Solving a compiled program: the solver by class or by name, priority levels, clean values.

`solve_job` is what runs inside the pool's worker.
"""

from __future__ import annotations

import importlib.metadata
import math
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.solver_tools.arithmetic import function_values, with_rows
from optiwright.solver_tools.batches import collect, gather, scale
from optiwright.solver_tools.certify import bounds_cross, is_feasible
from optiwright.solver_tools.global_rows import in_rows
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Kind, ProblemClass, Program
from optiwright.solver_tools.solution import (
    Limits,
    RawSolution,
    Solution,
    SolverError,
    SolverStatus,
    Termination,
    ValueAt,
)
from optiwright.solver_tools.whole_form import with_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optiwright.formulators.lookup import Mask
    from optiwright.solver_tools.program import Block, Floats

LOG_LIMIT = 200_000
"""Characters of a log that are kept and printed; of a longer one, its two ends."""

_LINEAR = (ProblemClass.LP, ProblemClass.MIP, ProblemClass.QP)
_CONVEX = (ProblemClass.LP, ProblemClass.QP, ProblemClass.QCP, ProblemClass.NLP)
_QUADRATIC = (*_LINEAR, ProblemClass.MIQP, ProblemClass.QCP, ProblemClass.MIQCP)
_FAILED = (Termination.NUMERICAL, Termination.ERROR)
_INTEGRAL = 1e-5
_SWITCHED_OFF = 1e-6
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SolverInfo:
    """A solver that can be named, and what it is for."""

    name: str
    package: str
    classes: tuple[ProblemClass, ...]
    licence: str

    @property
    def version(self) -> str:
        """The package's version; empty where it is not installed."""
        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return ""

    @property
    def remedy(self) -> str:
        """How to get it, where it is not installed."""
        if self.version:
            return ""
        suffix = " and its licence" if self.licence == "commercial" else ""
        return f"Install the package `{self.package}`{suffix}."


_SOLVERS = (
    SolverInfo("highs", "highspy", _LINEAR, "MIT"),
    SolverInfo("scip", "pyscipopt", tuple(ProblemClass), "Apache-2.0"),
    SolverInfo("cp-sat", "ortools", (ProblemClass.MIP,), "Apache-2.0"),
    SolverInfo("clarabel", "clarabel", _CONVEX, "Apache-2.0"),
    SolverInfo("gurobi", "gurobipy", _QUADRATIC, "commercial"),
    SolverInfo("cplex", "cplex", _QUADRATIC, "commercial"),
    SolverInfo("xpress", "xpress", _QUADRATIC, "commercial"),
    SolverInfo("mosek", "mosek", (*_QUADRATIC, ProblemClass.NLP), "commercial"),
)


def available_solvers() -> list[SolverInfo]:
    """Return every solver that can be named; `remedy` tells how to get what is missing."""
    return list(_SOLVERS)


def solve_job(
    program: Program, solver: str | None = None, time_limit_s: float = 60, seed: int = 0
) -> RawSolution:
    """Solve in a worker of the pool: the solver's log goes to standard output as it comes."""
    return solve_program(
        program, solver=solver, time_limit_s=time_limit_s, seed=seed, on_log=_Printer()
    )


class _Printer:
    """Writes a log to standard output, up to a cap: the pool kills a job that prints too much."""

    def __init__(self) -> None:
        self._left = LOG_LIMIT

    def __call__(self, text: str) -> None:
        # Not `sys.stdout`: the SCIP back end has that one redirected to itself meanwhile.
        if sys.__stdout__ is not None and self._left > 0:
            sys.__stdout__.write(text[: self._left])
            sys.__stdout__.flush()  # a file or a pipe would hold it back until the end
            self._left -= len(text)


def _shortened(log: str) -> str:
    if len(log) <= LOG_LIMIT:
        return log
    half = LOG_LIMIT // 2
    return f"{log[:half]}\n... {len(log) - 2 * half} characters left out ...\n{log[-half:]}"


def solve_program(
    program: Program,
    *,
    solver: str | None = None,
    time_limit_s: float = 60,
    seed: int = 0,
    on_log: Callable[[str], None] | None = None,
) -> RawSolution:
    """Solve a program level by level, by the solver named or the one that fits its class.

    Integers come back rounded, with the continuous columns solved again around them. What a
    solver leaves open between infeasible and unbounded is decided where the time allows it.

    Raises:
        SolverError: the solver is unknown, missing, or not for this class.
    """
    start = time.monotonic()
    if (crossed := bounds_cross(program)) is not None:
        proof = (SolverStatus.OK, Termination.INFEASIBLE)
        return RawSolution(*proof, solver="bounds", message=f"The bounds of {crossed} cross.")
    limits = Limits(start + time_limit_s, seed, on_log)
    raw = _solve_level(_at_level(program, 0), solver, limits)
    for level in range(1, program.objectives.count):
        if raw.termination is not Termination.OPTIMAL or raw.x is None:
            break
        raw = _next_level(program, level, raw, solver, limits)
    if program.objectives.count > 1 and raw.x is not None:
        raw = replace(raw, x=_settled(program, raw.x, limits))
    if raw.x is not None and raw.termination.has_point:
        values = function_values(program.objectives, raw.x)
        raw = replace(raw, objectives=tuple(values.tolist()))
    return replace(raw, log=_shortened(raw.log), seconds=time.monotonic() - start)


def confirm(
    program: Program, raw: RawSolution, time_limit_s: float = 30, solver: str | None = None
) -> RawSolution | None:
    """Ask a second solver about the first level; None where no other takes the class.

    Args:
        program: what was solved.
        raw: what the first solver said; the second one is another.
        time_limit_s: for each solver that is tried.
        solver: the one to ask; None for the first that takes the class and does not fail.

    Raises:
        SolverError: the solver named is unknown, missing, or not for this class.
    """
    kind = classify_program(program)
    level = _at_level(program, 0)
    if solver is not None:
        limits = Limits(time.monotonic() + time_limit_s, seed=1)
        return _solve_level(level, solver, limits)
    first = raw.solver.split(" ")[0].lower()
    for name in ("highs", "clarabel", "scip"):
        if name == first or not _takes(name, program, kind):
            continue
        limits = Limits(time.monotonic() + time_limit_s, seed=1)
        try:
            raw = _solve_level(level, name, limits)
        except FormulationError:  # rows need bounds that are not there
            return None
        if raw.termination not in _FAILED:
            return raw
    return None


def _takes(name: str, program: Program, kind: ProblemClass) -> bool:
    info = next(info for info in _SOLVERS if info.name == name)
    if kind not in info.classes:
        return False
    if name == "highs":
        from optiwright.solver_tools import highs

        return highs.supports(program)
    if name == "clarabel":
        from optiwright.solver_tools import conic

        return conic.is_dcp(program)
    return True


# --- priority levels ------------------------------------------------------------------------------


def _at_level(program: Program, level: int) -> Program:
    """Returns the program with the objective of one level only."""
    if program.objectives.count == 1:
        return program
    objective = gather(program.objectives, np.array([level]))
    sense = (program.minimize[level],)
    return replace(program, objectives=objective, minimize=sense, tolerances=(0.0,))


def _next_level(
    program: Program, level: int, raw: RawSolution, solver: str | None, limits: Limits
) -> RawSolution:
    """Solves a later level, the earlier ones held at their values within their tolerances."""
    assert raw.x is not None
    held = gather(program.objectives, np.arange(level))
    # Values reached by earlier levels: those of the latest point, which kept them all.
    values = function_values(held, raw.x)
    tolerances = np.array(program.tolerances[:level])
    slack = (tolerances + _ROUNDING) * np.abs(values) + _ROUNDING
    minimize = np.array(program.minimize[:level])
    lower = np.where(minimize, -np.inf, values - slack)
    upper = np.where(minimize, values + slack, np.inf)
    restricted = with_rows(_at_level(program, level), held, lower, upper)
    found = _solve_level(restricted, solver, limits)
    log = raw.log + found.log
    if found.termination is Termination.UNBOUNDED:
        message = f"The objective of priority level {level + 1} is unbounded."
        return replace(found, bound=None, ray=None, log=log, message=message)
    if not found.termination.has_point:
        message = f"Priority level {level + 1} was not solved: {found.termination.value}."
        raw = replace(raw, row_dual=None, reduced_cost=None, log=log, message=message)
        return replace(raw, termination=Termination.FEASIBLE)
    closed = found.termination is Termination.OPTIMAL and found.gap == 0
    message = "" if closed else f"The gap of priority level {level + 1} is not closed."
    return replace(
        raw,
        termination=found.termination if closed else Termination.FEASIBLE,
        x=found.x,
        row_dual=None,
        reduced_cost=None,
        solver=found.solver,
        log=log,
        message=message,
    )


def _settled(program: Program, x: Floats, limits: Limits) -> Floats:
    """Returns the point with the compiler's own columns at the values that they stand for.

    A later level leaves the columns for `max`, `min` and violations of an earlier one loose within
    that one's tolerance: each is pushed home by its own level, the formulation's columns held.
    """
    free = np.zeros(program.columns, dtype=np.bool_)
    for block in program.column_blocks:
        free[block.start : block.stop] = block.auxiliary
    if not free.any() or _uses(program, free):
        return x
    signs = np.where(program.minimize, 1.0, -1.0)
    everything = np.zeros(program.objectives.count, dtype=np.int64)
    fixed = replace(
        program,
        lower=np.where(free, program.lower, x),
        upper=np.where(free, program.upper, x),
        kind=np.where(free, program.kind, np.uint8(Kind.CONTINUOUS)),
        objectives=collect(scale(program.objectives, signs), everything, 1),
        minimize=(True,),
        tolerances=(0.0,),
        globals=(),
    )
    found = _solve_level(fixed, None, replace(limits, on_log=None))
    if found.termination is not Termination.OPTIMAL or found.x is None:
        return x
    return np.where(free, found.x, x)


def _uses(program: Program, free: Mask) -> bool:
    """Whether a constraint over many functions has a column that is free to move."""
    return any(bool(free[part.column].any()) for g in program.globals for part in g.parts)


# --- one level ------------------------------------------------------------------------------------


def _solve_level(program: Program, solver: str | None, limits: Limits) -> RawSolution:
    kind = classify_program(program)
    if solver is not None:
        _check_named(kind, solver)
    if solver == "cp-sat" or (solver is None and program.globals):
        raw = _whole(program, solver, limits)
        if raw is not None:
            return raw
    if program.globals:
        return _in_rows(program, solver, limits)
    raw = _by_class(program, kind, limits) if solver is None else _call(solver, program, limits)
    return _clean(program, raw, limits)


def _whole(program: Program, solver: str | None, limits: Limits) -> RawSolution | None:
    """Returns what CP-SAT finds; None where it was not asked for and cannot take the program."""
    from optiwright.solver_tools import cp_sat

    if solver is None and (not _installed("cp-sat") or cp_sat.refusal(program)):
        return None
    return cp_sat.solve(program, limits)


def _in_rows(program: Program, solver: str | None, limits: Limits) -> RawSolution:
    """Solves with the constraints over many functions written as rows over binaries."""
    raw = _solve_level(in_rows(with_bounds(program)), solver, limits)
    own = None if raw.x is None else raw.x[: program.columns]
    return replace(raw, x=own, row_dual=None, reduced_cost=None, ray=None)


def _installed(name: str) -> bool:
    return bool(next(info for info in _SOLVERS if info.name == name).version)


def _check_named(kind: ProblemClass, solver: str) -> None:
    info = next((info for info in _SOLVERS if info.name == solver), None)
    if info is None:
        names = ", ".join(f"`{info.name}`" for info in _SOLVERS)
        raise SolverError(f"there is no solver {solver!r}", remedy=f"Choose from {names}.")
    if not info.version:
        raise SolverError(f"the solver {info.name!r} is not installed", remedy=info.remedy)
    if kind not in info.classes:
        raise SolverError(
            f"{info.name!r} does not take a problem of class {kind.value}", remedy="Use `scip`."
        )


def _call(name: str, program: Program, limits: Limits) -> RawSolution:
    # Each back end brings a heavy library, so that each is imported only where it is used.
    if name == "highs":
        from optiwright.solver_tools import highs

        return highs.solve(program, limits)
    if name == "scip":
        from optiwright.solver_tools import scip

        return scip.solve(program, limits)
    from optiwright.solver_tools import conic

    return conic.solve(program, limits, name)


def _by_class(program: Program, kind: ProblemClass, limits: Limits) -> RawSolution:
    if kind in _LINEAR and _takes("highs", program, kind):
        raw = _call("highs", program, limits)
        if kind is not ProblemClass.QP or raw.termination not in _FAILED:
            return raw
    if kind in (ProblemClass.QP, ProblemClass.QCP, ProblemClass.NLP) and _takes(
        "clarabel", program, kind
    ):
        raw = _call("clarabel", program, limits)
        if raw.termination not in (*_FAILED, Termination.FEASIBLE):
            return raw
    if kind in (ProblemClass.NONCONVEX_QP, ProblemClass.QCP, ProblemClass.NLP):
        from optiwright.solver_tools import geometric

        found = geometric.solve(program, limits)
        if found is not None and found.termination is Termination.OPTIMAL:
            return found
    return _call("scip", program, limits)


def _clean(program: Program, raw: RawSolution, limits: Limits) -> RawSolution:
    """Rounds the integers, fixes them and solves the continuous rest again."""
    if raw.x is None or not raw.termination.has_point or np.all(program.kind == Kind.CONTINUOUS):
        return raw
    integer = program.kind == Kind.INTEGER
    rounded = np.where(integer, np.round(raw.x), raw.x) + 0.0
    if float(np.abs(rounded - raw.x).max(initial=0.0)) > _INTEGRAL:
        return replace(raw, message="The solver's integers are not integral.")
    fixed = _fix(program, rounded)
    if np.all(fixed.lower == fixed.upper):
        return _take(program, raw, fixed.lower) if is_feasible(program, fixed.lower) else raw
    again = _by_class(fixed, classify_program(fixed), replace(limits, on_log=None))
    if again.termination is not Termination.OPTIMAL or again.x is None:
        return replace(raw, message="The continuous values could not be solved again.")
    return _take(program, raw, np.where(integer, rounded, again.x))


def _fix(program: Program, x: Floats) -> Program:
    integer = program.kind == Kind.INTEGER
    off = (program.kind == Kind.SEMICONTINUOUS) & (np.abs(x) < _SWITCHED_OFF)
    lower = np.where(integer, x, np.where(off, 0.0, program.lower))
    upper = np.where(integer, x, np.where(off, 0.0, program.upper))
    return replace(program, lower=lower, upper=upper, kind=np.zeros_like(program.kind))


def _take(program: Program, raw: RawSolution, x: Floats) -> RawSolution:
    return replace(raw, x=x, objectives=tuple(function_values(program.objectives, x).tolist()))


# --- names ----------------------------------------------------------------------------------------


def to_solution(program: Program, raw: RawSolution) -> Solution:
    """Put the names on a raw solution; the compiler's own columns and rows are left out."""
    named = raw.termination.has_point
    return Solution(
        status=raw.status,
        termination=raw.termination,
        objective=_finite(raw.objective) if named else None,
        bound=_finite(raw.bound),
        gap=_finite(raw.gap) if named else None,
        objectives=raw.objectives if len(raw.objectives) > 1 and named else (),
        values=_values(program.column_blocks, raw.x if named else None),
        duals=_values(program.row_blocks, raw.row_dual),
        reduced_costs=_values(program.column_blocks, raw.reduced_cost),
        solver=raw.solver,
        seconds=raw.seconds,
        log=raw.log,
        message=raw.message,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _values(blocks: tuple[Block, ...], values: Floats | None) -> tuple[ValueAt, ...]:
    return () if values is None else tuple(_labelled(blocks, values))


def _labelled(blocks: tuple[Block, ...], values: Floats) -> Iterator[ValueAt]:
    for block in blocks:
        if block.auxiliary:
            continue
        part = (values[block.start : block.stop] + 0.0).tolist()
        for index, value in zip(block.indices, part, strict=True):
            if math.isfinite(value):
                yield ValueAt(name=block.name, index=index, value=value)
            else:
                reason = "not a number" if math.isnan(value) else "infinite"
                yield ValueAt(name=block.name, index=index, value=None, reason=reason)
