"""The basis that HiGHS ends a linear program with: what is basic, and where the rest stands."""

from __future__ import annotations

import time
from typing import Any

import highspy

from optiwright.solver_tools import highs
from optiwright.solver_tools.exact_simplex import At
from optiwright.solver_tools.program import Program

_STANDS = {
    highspy.HighsBasisStatus.kBasic: At.BASIC,
    highspy.HighsBasisStatus.kLower: At.LOWER,
    highspy.HighsBasisStatus.kUpper: At.UPPER,
    highspy.HighsBasisStatus.kZero: At.ZERO,
    highspy.HighsBasisStatus.kNonbasic: At.LOWER,
}


def final_basis(program: Program, time_limit_s: float) -> list[At] | None:
    """Return HiGHS's basis of the n columns, then the m rows' activities; None if it leaves none.

    With presolve first, as the answer was found, so that of several best points it is the same one;
    presolve alone may find a program infeasible, and then there is no basis without a second run.
    """
    deadline = time.monotonic() + time_limit_s
    for presolve in ("choose", "off"):
        solver = highs.load(program)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("time_limit", max(0.05, deadline - time.monotonic()))
        solver.setOptionValue("presolve", presolve)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kNotset:
            solver.resetGlobalScheduler(True)  # as in `highs`: somebody else's threads
            solver.run()
        found = _read(solver.getBasis(), program)
        if found is not None:
            return found
    return None


def _read(basis: Any, program: Program) -> list[At] | None:
    if not basis.valid:
        return None
    stands = [_STANDS[status] for status in [*basis.col_status, *basis.row_status]]
    whole = len(stands) == program.columns + len(program.row_lower)
    right = stands.count(At.BASIC) == len(program.row_lower)
    return stands if whole and right else None
