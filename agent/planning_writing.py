"""The node of a plan's second route: a program written from the text alone, run, and mended.

It is never shown the formulation, and corrected by nothing but its own errors.
"""

from __future__ import annotations

from langgraph.runtime import Runtime
from pydantic import ValidationError

from optiwright.agent.asking import ask
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.formulating import SAMPLE_TEMPERATURE, cost
from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.programs import NEVER_RUN, TOLD, keep_program, new_program
from optiwright.agent.prompting import PLAN_PROGRAM_PROMPT, load_prompt
from optiwright.agent.state import Context, State, WrittenState
from optiwright.agent.steps import step
from optiwright.solver_tools.plan_program import PlanReport
from optiwright.solver_tools.pool import Outcome, Profile, Reason
from optiwright.solver_tools.written_check import strip_code
from optiwright.solver_tools.written_result import ProgramReport, Status

_GRACE_S = 10.0
_MAX_TOKENS = 3000
_MOST_REWRITES = 2
_STATUS: dict[str, Status] = {
    "optimal": "optimal",
    "found": "feasible",
    "impossible": "infeasible",
}


@step("plan_write")
async def plan_write(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask for a program and run it; one that came to nothing is asked for again, told why."""
    context, before = runtime.context, state.get("written")
    number = before["number"] + 1 if before is not None else 1
    update: State = {"rewrites": state.get("rewrites", 0) + (before is not None)}
    try:
        reply = await _ask(context, state["text"], number, before)
    except ProviderError as error:
        if "planning" not in state:
            raise
        context.recorder.emit(Notice, message=f"No second route: {error}")
        stopped = before or new_program(number, "")
        written = WrittenState(**stopped | {"unasked": str(error)})
        kept = state.get("program_plan", PlanReport().model_dump(mode="json"))
        return update | {"written": written, "program_plan": kept}, "no answer"
    written = new_program(number, reply.text, source=strip_code(reply.text))
    written, report = await _run(context, written)
    keep_program(context, written, adopted=True)
    update |= {"written": written, "program_plan": report.model_dump(mode="json")}
    return update, f"{_summary(written, report)}, {cost(reply)}"


def may_write_again(state: State, context: Context) -> bool:
    """Tell whether a program's own errors are worth another round; a small model repeats them."""
    written = state["written"]
    asked = bool(written["complaints"]) and not written["unasked"]
    return asked and not context.small and state["rewrites"] < _MOST_REWRITES


async def _run(context: Context, written: WrittenState) -> tuple[WrittenState, PlanReport]:
    """Run a program confined, and note how it ended."""
    ended = written.copy()
    if not written["source"]:
        ended["complaints"] = ["The reply holds no program: write one in a ```python fence."]
        return ended, PlanReport()
    limit, isolation = context.settings.time_limit_s, context.settings.isolation
    outcome = await context.pool.run(
        "optiwright.solver_tools.plan_program:execute",
        written["source"],
        limit,
        time_limit_s=limit + _GRACE_S,
        profile=Profile.WRITTEN,
        isolation=isolation,
    )
    if outcome.warning:
        context.recorder.emit(Notice, message=outcome.warning)
    ended["reason"] = outcome.reason.value
    ended["protections"] = list(outcome.protections)
    if outcome.reason in NEVER_RUN:
        ended["unasked"] = outcome.error
        return ended, PlanReport()
    report = _reported(outcome)
    if report is None:
        said = TOLD.get(outcome.reason, "Its process ended without a result.")
        ended["complaints"] = [said.format(limit=limit)]
        return ended, PlanReport()
    if report.error:
        ended["complaints"] = [report.error]
        if report.out_of_time:  # interrupted from within, and not by the pool
            ended["reason"] = Reason.TIMEOUT.value
    ended["report"] = _as_program(report).model_dump(mode="json")
    return ended, report


def _reported(outcome: Outcome) -> PlanReport | None:
    """Return the job's report; a program can forge its process's answer, so it is validated."""
    if outcome.reason is not Reason.FINISHED:
        return None
    try:
        return PlanReport.model_validate(outcome.value)
    except ValidationError:
        return None


def _as_program(report: PlanReport) -> ProgramReport:
    """Return a plan's report as any program's."""
    if report.claim is None:
        outcome = "syntax" if report.syntax else "error"
        return ProgramReport(outcome=outcome, error=report.error)  # type: ignore[arg-type]
    value = None if report.claim == "impossible" else float(len(report.steps))
    return ProgramReport(
        outcome="finished", status=_STATUS[report.claim], objective=value, how="text"
    )


async def _ask(context: Context, text: str, number: int, before: WrittenState | None) -> Reply:
    prompt = load_prompt(PLAN_PROGRAM_PROMPT)
    messages: tuple[Message, ...] = prompt.messages(problem=text)
    if before is not None:
        told = load_prompt("rewrite").text(complaints=before["complaints"], truth=False)
        messages += (
            Message(role="assistant", content=before["reply"]),
            Message(role="user", content=told),
        )
    settings = context.settings
    request = Request(
        messages=messages,
        fixed=len(prompt.fixed),
        max_tokens=_MAX_TOKENS,
        temperature=SAMPLE_TEMPERATURE if settings.sample else 0.0,
    )
    return await ask(context, "plan_write", number, request)


def _summary(written: WrittenState, report: PlanReport) -> str:
    if written["complaints"]:
        return written["complaints"][0].partition("\n")[0]
    if report.claim is None:
        return "not run"
    return f"{report.claim}, {len(report.steps)} steps" if report.steps else report.claim
