"""What a proof is made of: the formulation solved again, judged, and confirmed as asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from optiwright.agent.proof import ANOTHER
from optiwright.agent.result import Result
from optiwright.formulators.errors import UserError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools import geometric
from optiwright.solver_tools.certify import Verdict
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import Evaluation, point_of
from optiwright.solver_tools.exact import ExactAnswer, Exactness
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.pool import Outcome, Pool, Reason, default_pool
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import ProblemClass, Program
from optiwright.solver_tools.scaling import Scaling, examine_scaling
from optiwright.solver_tools.solution import RawSolution, SolverError
from optiwright.solver_tools.solve import available_solvers, to_solution
from optiwright.solver_tools.variants import Allowance, solve_in_pool

_GRACE_S = 20.0
_RULES_S = 30.0


@dataclass(frozen=True)
class Evidence:
    """Everything that the claims are made of."""

    result: Result
    formulation: Formulation
    program: Program
    kind: ProblemClass
    raw: RawSolution
    verdict: Verdict
    evaluation: Evaluation | None
    """Of the answer's own plan; None where it has none."""
    convex: bool
    """Shown to be convex by the rules of disciplined convex programming; for NLP alone."""
    second: RawSolution | None
    asked_second: bool
    exact: ExactAnswer | None
    scaling: Scaling

    @property
    def geometric(self) -> bool:
        """Whether it was solved as a geometric program."""
        return self.raw.message == geometric.MESSAGE


async def gather(result: Result, *, exact: bool, second: str, time_limit_s: float) -> Evidence:
    """Solve a result's formulation again and collect what can be shown about its answer.

    Raises:
        UserError: if the second solver is the one that solves it first.
        FormulationError: if the formulation cannot be compiled.
        SolverError: if the second solver is missing or does not take the class.
    """
    formulation = result.formulation
    assert formulation is not None
    pool = default_pool()
    program = await asyncio.to_thread(lambda: compile_program(ground(formulation)))
    kind = classify_program(program)
    raw, other = await solve_in_pool(pool, program, Allowance(time_limit_s=time_limit_s))
    if second:
        other = await _second(pool, program, raw, second, time_limit_s)
    _, verdict = await asyncio.to_thread(
        judge, formulation, (), program, raw, to_solution(program, raw), other
    )
    return Evidence(
        result=result,
        formulation=formulation,
        program=program,
        kind=kind,
        raw=raw,
        verdict=verdict,
        evaluation=await asyncio.to_thread(_evaluation, result, formulation),
        convex=kind is ProblemClass.NLP and await _by_rules(pool, program),
        second=other,
        asked_second=bool(second),
        exact=await _exact(pool, program, raw, time_limit_s) if exact else None,
        scaling=await asyncio.to_thread(examine_scaling, program),
    )


def _evaluation(result: Result, formulation: Formulation) -> Evaluation | None:
    if result.solution is None or not result.solution.termination.has_point:
        return None
    return evaluate(formulation, point_of(result.solution))


async def _second(
    pool: Pool, program: Program, raw: RawSolution, name: str, time_limit_s: float
) -> RawSolution | None:
    first = raw.solver.split(" ")[0]
    if name == first.lower():
        raise UserError(
            f"{first} is the solver that found the answer; a second one has to be another",
            where="second solver",
            remedy=f"Name another solver, or `{ANOTHER}`.",
        )
    if name != ANOTHER:
        _fit(name, classify_program(program))
    outcome = await pool.run(
        "optiwright.solver_tools.solve:confirm",
        program,
        raw,
        time_limit_s,
        None if name == ANOTHER else name,
        time_limit_s=2 * time_limit_s + _GRACE_S,
    )
    return outcome.value if outcome.reason is Reason.FINISHED else None


def _fit(name: str, kind: ProblemClass) -> None:
    """Refuse a solver that is not installed or does not take the class."""
    info = next(info for info in available_solvers() if info.name == name)
    if not info.version:
        raise SolverError(
            f"the solver `{name}` is not installed", where="second solver", remedy=info.remedy
        )
    if kind not in info.classes:
        fit = [i.name for i in available_solvers() if kind in i.classes and i.version]
        raise SolverError(
            f"`{name}` does not take a problem of class {kind.value}",
            where="second solver",
            remedy=f"Name one that does: {', '.join(fit)}.",
        )


async def _by_rules(pool: Pool, program: Program) -> bool:
    outcome = await pool.run("optiwright.solver_tools.conic:is_dcp", program, time_limit_s=_RULES_S)
    return outcome.reason is Reason.FINISHED and bool(outcome.value)


async def _exact(
    pool: Pool, program: Program, raw: RawSolution, time_limit_s: float
) -> ExactAnswer:
    outcome: Outcome = await pool.run(
        "optiwright.solver_tools.exact:exact_job",
        program,
        raw.termination,
        raw.x,
        time_limit_s,
        time_limit_s=time_limit_s + _GRACE_S,
    )
    if outcome.reason is Reason.FINISHED and isinstance(outcome.value, ExactAnswer):
        return outcome.value
    why = f"Exact arithmetic did not come to an end: {outcome.reason.value}."
    return ExactAnswer(Exactness.UNDECIDED, why)
