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
from optiwright.agent.trouble import conflict_in_words, conflict_note, growth_in_words
from optiwright.formulators.conflict_origin import Origin, Verdict, origin_of
from optiwright.formulators.findings import Code
from optiwright.solver_tools.diagnose import Conflict, for_conflicts
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.pool import Reason
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.runaway import Runaway
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
        text = "" if state.get("given") is not None else state["text"]
        attempt = await _doubt(context, attempt, termination, text)
    else:
        attempt["complaints"] = worth_a_repair(attempt)
    keep(context, attempt)
    return {"attempt": attempt}, " ".join(base["proof"])


async def _verify(context: Context, attempt: AttemptState, case: CaseState) -> CaseState:
    piece = await piece_of(context, attempt, case)
    return await asyncio.to_thread(_judge, context, case, piece)


def _judge(context: Context, case: CaseState, piece: Piece) -> CaseState:
    assert piece.raw is not None
    formulation = context.formulation(case["formulation"])
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


async def _doubt(
    context: Context, attempt: AttemptState, termination: Termination, text: str
) -> AttemptState:
    """Say why there is no answer, in the problem's words, and let the model reconsider once."""
    infeasible = termination is Termination.INFEASIBLE
    why = attempt["why"] = await (_conflict if infeasible else _runaway)(context, attempt, text)
    attempt["complaints"] = worth_a_repair(attempt)
    if not any(f["code"] == Code.IMPOSSIBLE for f in attempt["findings"]):
        attempt["complaints"].append(why)
    attempt["doubt"] = attempt["origin"] != Origin.FORMULATION
    return attempt


async def _conflict(context: Context, attempt: AttemptState, text: str) -> str:
    """Note what cannot hold together and whose it is; return what the model is told of it."""
    piece = await piece_of(context, attempt, attempt["cases"][0])
    formulation = context.formulation(attempt["formulation"])
    changes = changes_of(attempt["cases"][0])
    program = await asyncio.to_thread(for_conflicts, formulation, changes, piece.program)
    found = await _diagnosed(context, "diagnose:conflict_job", program)
    if not isinstance(found, Conflict):
        found = Conflict((), False, "")
    attempt["conflict"] = conflict_in_words(formulation, found.members, changes)
    attempt["clash"] = list(dict.fromkeys(member.name for member in found.members))
    verdict = origin_of(formulation, text, attempt["clash"])
    attempt["origin"] = verdict.origin.value
    attempt["note"] = " ".join(filter(None, [conflict_note(found), _whose(verdict)]))
    # A model that is shown a bound writes it down once more, as a requirement.
    shown = [m for m in found.members if m.part in {"constraint", "domain"}] or found.members
    clash = "; ".join(conflict_in_words(formulation, shown, changes))
    return f"As written it has no solution, since these cannot all hold: {clash}. {_look(verdict)}"


def _whose(verdict: Verdict) -> str:
    """Say whose a conflict is, to the user."""
    match verdict.origin:
        case Origin.TEXT:
            return "Every number in the conflict is the text's own."
        case Origin.FORMULATION:
            return f"The formulation may be at fault: {'; '.join(verdict.faults)}."
    return ""


def _look(verdict: Verdict) -> str:
    """Say where to look, to the model."""
    match verdict.origin:
        case Origin.TEXT:
            return (
                "Every number in them is the text's own. Look in the text for a direction or a "
                "unit misread in one of them; do not loosen what the text states."
            )
        case Origin.FORMULATION:
            return f"Mend this: {'; '.join(verdict.faults)}."
    return "Look in the text for a number, a direction or a unit misread in one of them."


async def _runaway(context: Context, attempt: AttemptState, text: str) -> str:
    """Note what grows without limit; return what the model is told of it."""
    piece = await piece_of(context, attempt, attempt["cases"][0])
    formulation = context.formulation(attempt["formulation"])
    found = await _diagnosed(context, "runaway:runaway_job", piece.program)
    growing = found if isinstance(found, Runaway) else Runaway((), None)
    attempt["conflict"] = growth_in_words(formulation, growing)
    return (
        f"As written the objective improves without limit: {'; '.join(attempt['conflict'])}. Look "
        "in the text for a limit or a need that is missing or turned around."
    )


async def _diagnosed(context: Context, job: str, program: Program) -> object:
    """Run a diagnosis in the pool; None where it did not come to an end."""
    outcome = await context.pool.run(
        f"optiwright.solver_tools.{job}", program, _DIAGNOSIS_S, time_limit_s=2 * _DIAGNOSIS_S
    )
    return outcome.value if outcome.reason is Reason.FINISHED else None
