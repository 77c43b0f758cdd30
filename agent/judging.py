"""The nodes in which the two routes meet: the comparison, and one round before a judge.

Until the first comparison neither route has seen the other. After it, in LLMOPT's manner, the model
is shown both and says which of them the text supports; the one at fault is made again once.
"""

from __future__ import annotations

import asyncio

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, ValidationError

from optiwright.agent.asking import ask_for_json
from optiwright.agent.attempts import better, serious_findings
from optiwright.agent.comparing import STANDING_OF, Comparison, compare, probed
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.evidence import Agreement, Standing
from optiwright.agent.probing import probe
from optiwright.agent.programs import number_findings, report_of, standing_of
from optiwright.agent.state import AttemptState, Context, State, VerdictState, WrittenState
from optiwright.agent.steps import step
from optiwright.agent.witness import Ours, Theirs, value_of
from optiwright.formulators.conflict_origin import Origin
from optiwright.formulators.figures import number
from optiwright.formulators.llmopt import formulation_to_text
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.evaluation import Evaluation
from optiwright.solver_tools.solution import Solution, Termination

_MAX_TOKENS = 2000


class Verdict(BaseModel):
    """What the judge replies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    analysis: str
    formulation_right: bool
    program_right: bool


@step("compare")
async def compare_routes(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Hold the routes against each other; a round before the judge counts only if it ends in one.

    What the judge's round has made replaces what there was before only where the two agree: the
    best state is kept, not the last.
    """
    verdict = state.get("verdict")
    attempt = better(state["best"], state["attempt"]) if verdict is None else state["attempt"]
    ours = ours_of(runtime.context, attempt)
    theirs = theirs_of(state["written"], state["text"], ours.formulation)
    found = await asyncio.to_thread(compare, ours, theirs, blind=verdict is None)
    if found.contested:
        report = await probe(runtime.context, ours, theirs, state["written"]["source"])
        found = probed(found, ours, theirs, report) if report is not None else found
    written, said = state["written"], found
    if verdict is not None and found.agreement is not Agreement.RECONCILED:
        attempt, written = verdict["attempt"], verdict["written"]
        said = Comparison.model_validate(verdict["comparison"])
        if not verdict["formulation_right"]:
            # The judge outweighs what speaks against the program.
            said = said.model_copy(update={"agreement": Agreement.DISPUTED})
    update: State = {
        "attempt": attempt,
        "best": attempt,
        "written": written,
        "comparison": said.model_dump(mode="json"),
    }
    return update, f"{said.agreement}: {said.words}"


@step("judge")
async def judge(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask which of the two the text supports, and tell the other what has to be mended."""
    context = runtime.context
    attempt, written = state["attempt"].copy(), state["written"].copy()
    verdict = VerdictState(
        analysis="",
        formulation_right=True,
        program_right=True,
        rewrites=-1,
        attempt=state["attempt"],
        written=state["written"],
        comparison=state["comparison"],
    )
    try:
        said = await _verdict(context, state)
    except (ProviderError, ValidationError) as error:
        context.recorder.emit(Notice, message=f"The judge gave no verdict: {error}")
        return {"verdict": verdict}, "no verdict"
    verdict["analysis"] = said.analysis
    verdict["formulation_right"], verdict["program_right"] = (
        said.formulation_right,
        said.program_right,
    )
    found = Comparison.model_validate(state["comparison"])
    update: State = {"verdict": verdict}
    if not said.formulation_right:
        attempt["complaints"], attempt["doubt"] = [said.analysis, *found.broken], False
        update |= {"attempt": attempt, "best": None}
    if not said.program_right:
        verdict["rewrites"] = state["rewrites"]
        written["complaints"] = [said.analysis, *found.breaches]
        update |= {"written": written}
    return update, said.analysis.partition("\n")[0]


def ours_of(context: Context, attempt: AttemptState) -> Ours:
    """Return how the compiled route ended."""
    case = attempt["cases"][0] if attempt["cases"] else None
    if case is None or case["solution"] is None:
        empty = attempt["formulation"] is None
        return Ours(Standing.NOT_RUN if empty else Standing.NO_ANSWER)
    solution = Solution.model_validate(case["solution"])
    held = case["evaluation"]
    return Ours(
        STANDING_OF[solution.termination],
        context.formulation(case["formulation"]),
        solution,
        Evaluation.model_validate(held) if held is not None else None,
        scenarios=_scenarios(attempt),
        whole=_is_whole(attempt, solution, case["optimality"]),
        grounded=attempt["origin"] == Origin.TEXT,
    )


def _scenarios(attempt: AttemptState) -> tuple[tuple[str, float | None], ...]:
    cases = [c for c in attempt["cases"] if c["kind"] == "scenario"]
    return tuple(
        (c["name"], Solution.model_validate(c["solution"]).objective if c["solution"] else None)
        for c in cases
    )


def _is_whole(attempt: AttemptState, solution: Solution, optimality: str) -> bool:
    """Tell whether a formulation's reading holds up: an optimum, certified, and nothing found."""
    certified = optimality == Optimality.CERTIFIED and solution.termination is Termination.OPTIMAL
    return certified and not serious_findings(attempt)


def theirs_of(written: WrittenState, text: str, formulation: Formulation | None) -> Theirs:
    """Return how the written program ended, beside the formulation that it is held against."""
    findings = number_findings(text, written, formulation)
    return Theirs(standing_of(written), report_of(written), tuple(findings))


async def _verdict(context: Context, state: State) -> Verdict:
    formulation = Formulation.model_validate(state["attempt"]["formulation"])
    ours = ours_of(context, state["attempt"])
    theirs = theirs_of(state["written"], state["text"], ours.formulation)
    value = theirs.report.objective if theirs.report is not None else None
    reply = await ask_for_json(
        context,
        "judge",
        state["written"]["number"],
        ("verdict", VERDICT_SCHEMA),
        _MAX_TOKENS,
        problem=state["text"],
        formulation=formulation_to_text(formulation),
        formulation_answer=_answer(ours.standing, value_of(ours)),
        program=state["written"]["source"].strip(),
        program_answer=_answer(theirs.standing, value),
        broken=list(state["comparison"]["broken"]),
        breaches=list(state["comparison"]["breaches"]),
    )
    return Verdict.model_validate_json(reply)


VERDICT_SCHEMA = {
    "type": "object",
    "properties": {
        "analysis": {"type": "string"},
        "formulation_right": {"type": "boolean"},
        "program_right": {"type": "boolean"},
    },
    "required": ["analysis", "formulation_right", "program_right"],
    "additionalProperties": False,
}
"""Written out, not derived: strict modes take no titles and descriptions."""


def _answer(standing: Standing, objective: float | None) -> str:
    return f"{standing}, {number(objective)}" if objective is not None else standing.value
