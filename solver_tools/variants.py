"""Variants of a formulation, solved and judged side by side without a language model.

What every question about an answer rests on: what if, why not, sensitivity, repair of an
infeasible model. The solves run in the pool, as many at once as it has workers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Change, Formulation
from optiwright.solver_tools.certify import Verdict
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.evaluation import Evaluation
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.pool import Outcome, Pool, Reason
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solution import (
    RawSolution,
    Solution,
    SolverStatus,
    Termination,
)
from optiwright.solver_tools.solve import to_solution

_GRACE_S = 20.0
"""What a worker gets beyond the solver's own limit, for a clean end and a second solver."""

_TERMINATIONS = {
    Reason.TIMEOUT: Termination.TIME_LIMIT,
    Reason.MEMORY: Termination.MEMORY,
    Reason.STOPPED: Termination.INTERRUPTED,
}


@dataclass(frozen=True)
class Allowance:
    """What each solve is allowed."""

    solver: str | None = None
    """A solver's name; None for the one that suits the class."""
    time_limit_s: float = 60.0
    """Wall-clock seconds for one solve."""
    seed: int = 0


@dataclass(frozen=True)
class Variant:
    """A formulation, with new values for some of its parameters' entries."""

    name: str
    formulation: Formulation
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Solved:
    """A variant's outcome."""

    variant: Variant
    program: Program
    raw: RawSolution
    solution: Solution
    evaluation: Evaluation | None
    """None where there is no point."""
    verdict: Verdict

    @property
    def termination(self) -> Termination:
        """What the solve found out."""
        return self.solution.termination

    @property
    def objective(self) -> float | None:
        """In the formulation's own sense and unit; None without a point."""
        return self.solution.objective


async def solve_variant(pool: Pool, variant: Variant, allowance: Allowance | None = None) -> Solved:
    """Compile, solve and judge one variant.

    Raises:
        FormulationError: if it cannot be compiled.
        SolverError: if the solver named is missing or not for its class.
    """
    allowance = allowance or Allowance()
    program = await asyncio.to_thread(_compiled, variant)
    raw, second = await solve_in_pool(pool, program, allowance)
    return await asyncio.to_thread(_judged, variant, program, raw, second)


async def solve_variants(
    pool: Pool, variants: Sequence[Variant], allowance: Allowance | None = None
) -> list[Solved | FormulationError]:
    """Solve several variants at once, in their order; one that cannot be compiled is its error."""
    found = await asyncio.gather(*(_or_error(pool, variant, allowance) for variant in variants))
    return list(found)


async def solve_in_pool(
    pool: Pool,
    program: Program,
    allowance: Allowance,
    on_output: Callable[[str], None] | None = None,
) -> tuple[RawSolution, RawSolution | None]:
    """Solve a program in a worker; an empty answer is put to a second solver too.

    `on_output` is called with pieces of the solver's log as they come.
    """
    outcome = await pool.run(
        "optiwright.solver_tools.solve:solve_job",
        program,
        allowance.solver,
        allowance.time_limit_s,
        allowance.seed,
        time_limit_s=allowance.time_limit_s + _GRACE_S,
        on_output=on_output,
    )
    raw = _raw_of(outcome)
    if raw.termination not in {Termination.INFEASIBLE, Termination.UNBOUNDED}:
        return raw, None
    return raw, await _confirmed(pool, program, raw, allowance.time_limit_s)


async def _confirmed(
    pool: Pool, program: Program, raw: RawSolution, time_limit_s: float
) -> RawSolution | None:
    """Return a second solver's word; None where there is none."""
    second = await pool.run(
        "optiwright.solver_tools.solve:confirm", program, raw, time_limit_s=time_limit_s + _GRACE_S
    )
    return second.value if second.reason is Reason.FINISHED else None


def _raw_of(outcome: Outcome) -> RawSolution:
    """Return what a job found; a job that did not finish is a status too."""
    if outcome.reason is Reason.FINISHED and isinstance(outcome.value, RawSolution):
        return outcome.value
    return RawSolution(
        SolverStatus.ERROR,
        _TERMINATIONS.get(outcome.reason, Termination.ERROR),
        seconds=outcome.seconds,
        log=outcome.output,
        message=outcome.error.strip().rpartition("\n")[2],
    )


async def _or_error(
    pool: Pool, variant: Variant, allowance: Allowance | None
) -> Solved | FormulationError:
    try:
        return await solve_variant(pool, variant, allowance)
    except FormulationError as error:
        return error


def _compiled(variant: Variant) -> Program:
    return compile_program(ground(variant.formulation, changes=variant.changes))


def _judged(
    variant: Variant, program: Program, raw: RawSolution, second: RawSolution | None
) -> Solved:
    solution = to_solution(program, raw)
    evaluation, verdict = judge(
        variant.formulation, variant.changes, program, raw, solution, second
    )
    return Solved(variant, program, raw, solution, evaluation, verdict)
