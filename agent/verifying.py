"""The node that holds an answer against the formulation, by code that did not produce it."""

from __future__ import annotations

import asyncio

from langgraph.runtime import Runtime

from optiwright.agent.attempts import worth_a_repair
from optiwright.agent.cases import changes_of
from optiwright.agent.checking import keep
from optiwright.agent.scaling_words import scaling_notes
from optiwright.agent.solving import piece_of
from optiwright.agent.state import AttemptState, CaseState, Context, Piece, State
from optiwright.agent.steps import step
from optiwright.agent.trouble import conflict_in_words, growth_in_words
from optiwright.formulators.findings import Code
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.diagnose import Conflict, Growth
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.pool import Reason
from optiwright.solver_tools.scaling import examine_scaling
from optiwright.solver_tools.solution import Solution, Termination

_DIAGNOSIS_S = 20.0


@step("verify")
async def verify(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Evaluate each variant's solution, judge its proof, and say what an empty answer is due to."""
    context = runtime.context
    attempt = state["attempt"].copy()
    attempt["cases"] = [await _verify(context, attempt, case) for case in attempt["cases"]]
    base = attempt["cases"][0]
    termination = Solution.model_validate(base["solution"]).termination
    if termination in {Termination.INFEASIBLE, Termination.UNBOUNDED}:
        attempt = await _doubt(context, attempt, termination)
    else:
        attempt["complaints"] = worth_a_repair(attempt)
    keep(context, attempt)
    return {"attempt": attempt}, " ".join(base["proof"])


async def _verify(context: Context, attempt: AttemptState, case: CaseState) -> CaseState:
    piece = await piece_of(context, attempt, case)
    return await asyncio.to_thread(_judge, case, piece)


def _judge(case: CaseState, piece: Piece) -> CaseState:
    assert piece.raw is not None
    formulation = Formulation.model_validate(case["formulation"])
    solution = Solution.model_validate(case["solution"])
    evaluation, verdict = judge(
        formulation, changes_of(case), piece.program, piece.raw, solution, piece.second
    )
    judged = case.copy()
    judged["evaluation"] = evaluation.model_dump(mode="json") if evaluation else None
    judged["optimality"] = verdict.optimality.value
    judged["proof"] = list(verdict.checks)
    if case["kind"] == "base":
        notes = scaling_notes(formulation, examine_scaling(piece.program))
        judged["scaling"] = [f"{note.message} {note.remedy}" for note in notes]
    return judged


async def _doubt(context: Context, attempt: AttemptState, termination: Termination) -> AttemptState:
    """Say why there is no answer, in the problem's words, and let the model reconsider once."""
    piece = await piece_of(context, attempt, attempt["cases"][0])
    formulation = Formulation.model_validate(attempt["formulation"])
    infeasible = termination is Termination.INFEASIBLE
    outcome = await context.pool.run(
        f"optiwright.solver_tools.diagnose:{'conflict_job' if infeasible else 'growth'}",
        piece.program,
        _DIAGNOSIS_S,
        time_limit_s=2 * _DIAGNOSIS_S,
    )
    found = outcome.value if outcome.reason is Reason.FINISHED else None
    if infeasible:
        members = found.members if isinstance(found, Conflict) else ()
        attempt["conflict"] = conflict_in_words(formulation, members)
        # A model that is shown a bound writes it down once more, as a requirement.
        shown = [m for m in members if m.part == "constraint"] or members
        clash = conflict_in_words(formulation, shown)
        lead = "As written it has no solution, since these cannot all hold: "
        advice = ". Look in the text for a number, a direction or a unit misread in one of them."
    else:
        growing: tuple[Growth, ...] = found if isinstance(found, tuple) else ()
        attempt["conflict"] = clash = growth_in_words(formulation, growing)
        lead = "As written the objective improves without limit; what can grow: "
        advice = ". Look in the text for a limit or a need that is missing or turned around."
    attempt["complaints"] = worth_a_repair(attempt)
    if not any(f["code"] == Code.IMPOSSIBLE for f in attempt["findings"]):
        attempt["complaints"].append(lead + "; ".join(clash) + advice)
    attempt["doubt"] = True
    return attempt
