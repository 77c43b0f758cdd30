"""Exact confirmation of a small linear answer: every number a fraction, no tolerance anywhere.

The solver's basis is solved over the rationals (`exact_simplex`) and what comes out is checked by
the definitions (`exact_checks`): primal and dual feasibility, complementary slackness and equal
values at an optimum; a contradictory sum of the rows; a point and a direction that nothing stops.
Numbers are read as `rational` says. Of a mixed-integer program the integers are held where the
solver left them: the point is then exact, and how good it is among other integers is not this
module's to say.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

import numpy as np

from optiwright.solver_tools.basis import final_basis
from optiwright.solver_tools.exact_checks import (
    Numbers,
    fault_of_contradiction,
    fault_of_optimum,
    fault_of_ray,
    limits_cross,
)
from optiwright.solver_tools.exact_linear import OutOfTime
from optiwright.solver_tools.exact_simplex import Ending, Found, pivot_to_the_end, start_at_rows
from optiwright.solver_tools.program import Floats, Kind, Program
from optiwright.solver_tools.rational import ExactProgram, Readings, exact_program
from optiwright.solver_tools.solution import Termination

MOST_ROWS = 1500
"""Columns and rows together up to which it is tried."""
MOST_ENTRIES = 15_000
"""Coefficients up to which it is tried."""
MOST_PIVOTS = 500
"""Exact pivots that are made where the solver's basis is not the right one."""

_ZERO = Fraction(0)
_OFF = 1e-6
"""Below this a semicontinuous column counts as switched off."""


class Exactness(StrEnum):
    """What was shown exactly."""

    OPTIMUM = "optimum"
    POINT = "point"
    """Feasible, and the best with its integers as they are."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNDECIDED = "undecided"
    """Too large, out of time, or not what the solver said; `message` tells."""


@dataclass(frozen=True)
class ExactAnswer:
    """What exact arithmetic says; duals have the sign that they have in `Solution`."""

    exactness: Exactness
    message: str = ""
    objective: Fraction | None = None
    x: Numbers = ()
    """Shape (n,)."""
    multipliers: Numbers = ()
    """Shape (m,): duals; of an infeasible program the weights of a contradictory sum."""
    ray: Numbers = ()
    """Shape (n,)."""
    pivots: int = 0
    """Exact pivots made from the solver's basis; 0: the basis was right as it was."""
    readings: Readings | None = None


def exact_job(
    program: Program, termination: Termination, x: Floats | None, time_limit_s: float = 30
) -> ExactAnswer:
    """Confirm a solver's answer to a linear or mixed-integer linear program exactly.

    Args:
        program: its first level counts; rows and objective are linear.
        termination: what the solver said.
        x: its point, shape (n,); needed where the program has integers.
        time_limit_s: for all of it.
    """
    if not program.rows.is_linear or not program.objectives.is_linear:
        return _undecided("Only linear programs are confirmed exactly.")
    size, entries = program.columns + len(program.row_lower), len(program.rows.row)
    if size > MOST_ROWS or entries > MOST_ENTRIES:
        return _undecided(
            f"It is too large for exact arithmetic: {size:,} variables and requirements with "
            f"{entries:,} coefficients, where {MOST_ROWS:,} and {MOST_ENTRIES:,} are the most."
        )
    if program.globals and np.any(program.kind == Kind.CONTINUOUS):
        return _undecided(
            "Exact fractions confirm requirements that are sums; this model has others, over many "
            "decisions at once."
        )
    deadline = time.monotonic() + time_limit_s
    try:
        return _confirmed(program, termination, x, deadline)
    except OutOfTime:
        return _undecided(f"Exact arithmetic did not end within {time_limit_s:g} s.")


def _undecided(message: str) -> ExactAnswer:
    return ExactAnswer(Exactness.UNDECIDED, message)


def _confirmed(
    program: Program, termination: Termination, x: Floats | None, deadline: float
) -> ExactAnswer:
    discrete = bool(np.any(program.kind != Kind.CONTINUOUS)) or bool(program.globals)
    if termination is Termination.INFEASIBLE:
        return _expected(_solved(_relaxed(program), deadline), Exactness.INFEASIBLE, discrete)
    if termination is Termination.UNBOUNDED:
        answer = _expected(_solved(_relaxed(program), deadline), Exactness.UNBOUNDED, discrete)
        return _from_integers(program, answer, x, deadline) if discrete else answer
    if not termination.has_point or x is None:
        return _undecided(f"There is no answer to confirm: {termination.value}.")
    if not discrete:
        return _expected(_solved(program, deadline), Exactness.OPTIMUM, discrete)
    answer = _expected(_solved(_fixed(program, x), deadline), Exactness.OPTIMUM, discrete)
    shown = answer.exactness is Exactness.OPTIMUM
    return replace(answer, exactness=Exactness.POINT) if shown else answer


def _expected(answer: ExactAnswer, wanted: Exactness, discrete: bool) -> ExactAnswer:
    """Returns the answer if it is the one that the solver gave, else says what it is instead."""
    if answer.exactness in (wanted, Exactness.UNDECIDED):
        return answer
    if discrete and wanted is Exactness.INFEASIBLE:
        return _undecided(
            "Without whole numbers there are plans, so that no sum of requirements can show that "
            "there is none with them."
        )
    what = "with integrality left out it" if discrete else "it"
    if discrete and wanted is Exactness.OPTIMUM:
        what = "with the integers held it"
    found = {Exactness.OPTIMUM: "has an optimum"}.get(answer.exactness, f"is {answer.exactness}")
    return _undecided(f"Read exactly, {what} {found}.")


def _from_integers(
    program: Program, answer: ExactAnswer, x: Floats | None, deadline: float
) -> ExactAnswer:
    """Returns an unbounded relaxation's answer with a point that has integers where it must."""
    if answer.exactness is not Exactness.UNBOUNDED:
        return answer
    if x is None:
        return _undecided("No point with integers is known to start from.")
    objective = replace(program.objectives, value=np.zeros_like(program.objectives.value))
    held = replace(_fixed(program, x), objectives=objective)
    point = _solved(held, deadline)
    if point.exactness is not Exactness.OPTIMUM:
        return _undecided("The point with integers does not hold exactly.")
    return replace(answer, x=point.x)


def _relaxed(program: Program) -> Program:
    semi = program.kind == Kind.SEMICONTINUOUS
    lower = np.where(semi, np.minimum(program.lower, 0.0), program.lower)
    upper = np.where(semi, np.maximum(program.upper, 0.0), program.upper)
    return replace(program, lower=lower, upper=upper, kind=np.zeros_like(program.kind))


def _fixed(program: Program, x: Floats) -> Program:
    integer = program.kind == Kind.INTEGER
    off = (program.kind == Kind.SEMICONTINUOUS) & (np.abs(x) < _OFF)
    whole = np.round(x) + 0.0
    # An integer outside its bounds must not widen them: crossed bounds are then found infeasible.
    lower = np.where(integer, np.maximum(whole, program.lower), np.where(off, 0.0, program.lower))
    upper = np.where(integer, np.minimum(whole, program.upper), np.where(off, 0.0, program.upper))
    return replace(program, lower=lower, upper=upper, kind=np.zeros_like(program.kind))


# --- solving and checking -------------------------------------------------------------------------


def _solved(program: Program, deadline: float) -> ExactAnswer:
    """Solves a continuous program exactly and checks what comes out."""
    exact = exact_program(program)
    if limits_cross(exact):
        answer = ExactAnswer(Exactness.INFEASIBLE, "A lower limit lies above its upper limit.")
        return replace(answer, multipliers=(_ZERO,) * len(exact.rows), readings=exact.readings)
    basis = final_basis(program, max(0.1, deadline - time.monotonic()))
    start = basis or start_at_rows(exact)
    found = pivot_to_the_end(exact, start, most_pivots=MOST_PIVOTS, deadline=deadline)
    if found.ending is Ending.SINGULAR:
        start = start_at_rows(exact)
        found = pivot_to_the_end(exact, start, most_pivots=MOST_PIVOTS, deadline=deadline)
    return _checked(exact, found)


def _checked(exact: ExactProgram, found: Found) -> ExactAnswer:
    if found.ending is Ending.OPTIMAL:
        fault = fault_of_optimum(exact, found.x, found.multipliers)
        kind, value = Exactness.OPTIMUM, exact.objective(found.x)
    elif found.ending is Ending.INFEASIBLE:
        fault = fault_of_contradiction(exact, found.multipliers)
        kind, value = Exactness.INFEASIBLE, None
    elif found.ending is Ending.UNBOUNDED:
        fault = fault_of_ray(exact, found.x, found.ray)
        kind, value = Exactness.UNBOUNDED, None
    else:
        return _undecided(f"After {found.pivots} exact pivots it was not solved.")
    if fault:
        return _undecided(f"The exact check did not hold: {fault}.")
    own = exact.minimize or kind is not Exactness.OPTIMUM
    return ExactAnswer(
        kind,
        objective=value,
        x=() if kind is Exactness.INFEASIBLE else found.x,
        multipliers=found.multipliers if own else tuple(-y for y in found.multipliers),
        ray=found.ray,
        pivots=found.pivots,
        readings=exact.readings,
    )
