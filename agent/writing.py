"""The nodes of the second route: a program written from the text alone, run, and mended.

Neither is ever shown the formulation. Before the comparison a program is corrected by nothing but
its own errors and by the text: numbers that it leaves out, and numbers that the text does not have.
"""

from __future__ import annotations

import math
import re

from langgraph.runtime import Runtime
from pydantic import ValidationError

from optiwright.agent.asking import ask
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.formulating import SAMPLE_TEMPERATURE, cost, new_attempt
from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.loop import wait
from optiwright.agent.programs import (
    NEVER_RUN,
    TOLD,
    dropped_data,
    dropped_parts,
    fuller,
    has_solved,
    keep_program,
    new_program,
    number_findings,
    summary_of,
)
from optiwright.agent.prompting import PROGRAM_PROMPT, load_prompt
from optiwright.agent.state import Context, State, WrittenState
from optiwright.agent.steps import step
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pool import Isolation, Outcome, Pool, Profile, Reason, default_pool
from optiwright.solver_tools.written_check import faults, strip_code
from optiwright.solver_tools.written_result import ProgramReport

_GRACE_S = 10.0
"""What a run gets beyond the program's own limit, at which it is interrupted and reported."""

_MAX_TOKENS = 2500
_UNCHANGED = re.compile(r"\W*unchanged\W*", re.IGNORECASE)
"""What stands for the same program once more."""


async def run_written(
    pool: Pool, source: str, time_limit_s: float, isolation: Isolation
) -> Outcome:
    """Run a program that a language model wrote, confined; its value is a report as data."""
    return await pool.run(
        "optiwright.solver_tools.written_run:execute",
        source,
        time_limit_s,
        time_limit_s=time_limit_s + _GRACE_S,
        profile=Profile.WRITTEN,
        isolation=isolation,
    )


def run_file(source: str, time_limit_s: float, isolation: Isolation) -> tuple[ProgramReport, str]:
    """Run a program outside any graph, as `optiwright run` does; a warning comes with the report.

    Raises:
        UserError: if the time limit is none.
    """
    if not 0 < time_limit_s < math.inf:
        raise UserError(f"{time_limit_s!r} is no time limit", remedy="Give seconds above zero.")
    outcome = wait(run_written(default_pool(), source, time_limit_s, isolation))
    ended = f"The program left no report ({outcome.reason}). {outcome.error}".strip()
    return reported(outcome) or ProgramReport(outcome="error", error=ended), outcome.warning


@step("write")
async def write(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask for a program, from the text alone; a model that fails costs no formulation."""
    context = runtime.context
    update: State = {"rewrites": 0, "ran": None}
    if "attempt" not in state:
        update |= {"attempt": new_attempt(1, ""), "best": None, "repairs": 0}
    temperature = SAMPLE_TEMPERATURE if context.settings.sample else 0.0
    try:
        reply = await _ask(context, "write", 1, _opening(context, state["text"]), temperature)
    except ProviderError as error:
        if context.settings.route == "written":
            raise
        context.recorder.emit(Notice, message=f"No second route: {error}")
        return update | {"written": new_program(1, "", unasked=str(error))}, "no answer"
    return update | {"written": _program(1, reply)}, cost(reply)


@step("rewrite")
async def rewrite(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask for the program again, told what its own run, its numbers or the judge complained of."""
    context = runtime.context
    before = state["written"]
    doubted = not before["complaints"]
    told = before["complaints"] or [f"On a second look {f}." for f in _doubts(state, before)]
    tried_before = state["ran"] is not None and state["ran"]["source"] == before["source"]
    messages = (
        *_opening(context, state["text"]),
        Message(role="assistant", content=before["reply"]),
        Message(role="user", content=load_prompt("rewrite").text(complaints=told, truth=doubted)),
    )
    number = before["number"] + 1
    temperature = SAMPLE_TEMPERATURE if tried_before else 0.0
    update: State = {
        "rewrites": state["rewrites"] + 1,
        "doubted": doubted or state.get("doubted", False),
        "ran": before if has_solved(before) or state["ran"] is None else state["ran"],
    }
    try:
        reply = await _ask(context, "rewrite", number, messages, temperature)
    except ProviderError as error:
        context.recorder.emit(Notice, message=f"No further rewrite: {error}")
        stopped = WrittenState(**before | {"unasked": str(error)})
        return update | {"written": stopped}, "the model did not answer"
    if doubted and _UNCHANGED.fullmatch(reply.text):
        kept = new_program(number, before["reply"], source=before["source"])
        return update | {"written": kept}, f"unchanged, {cost(reply)}"
    return update | {"written": _program(number, reply)}, cost(reply)


@step("run")
async def run(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Run the program; what stops it goes back to the model, in the program's own lines."""
    context = runtime.context
    written, before = state["written"].copy(), state.get("ran")
    if not written["source"]:
        written["complaints"] = ["The reply holds no program: write one in a ```python fence."]
    else:
        written["complaints"] = faults(written["source"])
    if not written["complaints"]:
        limit = context.settings.time_limit_s
        outcome = await run_written(
            context.pool, written["source"], limit, context.settings.isolation
        )
        if outcome.warning:
            context.recorder.emit(Notice, message=outcome.warning)
        written = _ended(written, outcome, limit)
    written["findings"] = number_findings(state["text"], written)
    told = before["complaints"] if before is not None and "verdict" in state else []
    dropped = [
        *dropped_parts(before, written),
        *dropped_data(state["text"], before, written, told),
    ]
    keep_program(context, written, adopted=not dropped)
    if not dropped:
        return _adopted(state, context, written)
    context.recorder.emit(Notice, message=f"The rewrite is refused: {'; '.join(dropped)}.")
    assert before is not None
    standing = WrittenState(**before | {"number": written["number"]})
    return {"written": standing}, "refused, the earlier program stays"


def _doubts(state: State, written: WrittenState) -> list[str]:
    """Return what of the text's numbers is open about a program, with the formulation at hand."""
    ours = state["attempt"]["formulation"]
    formulation = Formulation.model_validate(ours) if ours is not None else None
    return number_findings(state["text"], written, formulation)


def may_rewrite(state: State, context: Context) -> bool:
    """Tell whether the program's own errors, or once its numbers, are worth another round.

    Not with a small model: it repeats them, mends what was right, or copies a worked example.
    """
    small = context.model is None or context.model.small
    written = state["written"]
    if written["unasked"] or small or state["rewrites"] >= 2:
        return False
    doubtful = bool(_doubts(state, written)) and not state.get("doubted")
    return bool(written["complaints"]) or (doubtful and "verdict" not in state)


def _adopted(state: State, context: Context, written: WrittenState) -> tuple[State, str]:
    """Return the program to go on with: the best one, where no further is asked for."""
    onward: State = {**state, "written": written}
    if "verdict" not in state and not may_rewrite(onward, context):
        best = fuller(state.get("ran"), written)
        if best is not written:
            return {"written": WrittenState(**best | {"number": written["number"]})}, (
                f"the earlier program stays: {summary_of(best)}"
            )
    return {"written": written}, summary_of(written)


async def _ask(
    context: Context, name: str, number: int, messages: tuple[Message, ...], temperature: float
) -> Reply:
    settings = context.settings
    request = Request(
        messages=messages,
        fixed=len(load_prompt(PROGRAM_PROMPT[settings.library]).fixed),
        max_tokens=_MAX_TOKENS,
        temperature=temperature,
    )
    return await ask(context, name, number, request)


def _opening(context: Context, text: str) -> tuple[Message, ...]:
    prompt = load_prompt(PROGRAM_PROMPT[context.settings.library])
    return prompt.messages(problem=context.as_read(text))


def _program(number: int, reply: Reply) -> WrittenState:
    return new_program(number, reply.text, source=strip_code(reply.text))


def _ended(written: WrittenState, outcome: Outcome, limit: float) -> WrittenState:
    """Note how the pool's job ended, and what the model has to be told of it."""
    ended = written.copy()
    ended["reason"] = outcome.reason.value
    ended["protections"] = list(outcome.protections)
    if outcome.reason in NEVER_RUN:
        ended["unasked"] = outcome.error
        return ended
    report = reported(outcome)
    if report is None:
        said = TOLD.get(outcome.reason, "Its process ended without a result.")
        ended["complaints"] = [said.format(limit=limit)]
        return ended
    ended["report"] = report.model_dump(mode="json")
    if report.outcome != "finished":
        ended["complaints"] = [report.error]
        if report.out_of_time:  # interrupted from within, and not by the pool
            ended["reason"] = Reason.TIMEOUT.value
    return ended


def reported(outcome: Outcome) -> ProgramReport | None:
    """Return the job's report; a program can forge its process's answer, so it is validated."""
    if outcome.reason is not Reason.FINISHED:
        return None
    try:
        return ProgramReport.model_validate(outcome.value)
    except ValidationError:
        return None
