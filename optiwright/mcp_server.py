"""Optiwright as a server of the Model Context Protocol, over standard input and output.

Its tools formulate, solve, ask what if, explain, and run a program in the sandbox. What a text
leaves open is asked by elicitation; a client that cannot be asked gets the best guesses, said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeAlias

from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel, Field, create_model

from optiwright.agent.api import asolve
from optiwright.agent.events import Event, StepFinished, StepStarted
from optiwright.agent.explanation import explanation_of
from optiwright.agent.loop import submit
from optiwright.agent.options import Options
from optiwright.agent.past import open_result
from optiwright.agent.result import Plain, Result
from optiwright.agent.run import Waiting, execute, resume
from optiwright.agent.what_if import what_if as asked_what_if
from optiwright.agent.writing import run_file
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.plain import formulation_to_plain
from optiwright.formulators.questions import Question
from optiwright.solver_tools.sandbox_policy import Isolation

try:
    from mcp import MCPError
    from mcp.server.elicitation import render_elicitation_schema
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
except ImportError:
    raise UserError(
        "the MCP server needs the package `mcp`, which is not installed",
        where="optiwright mcp",
        remedy="Run `pip install 'optiwright[mcp]'`.",
    ) from None

Ctx: TypeAlias = Context[Any, Any]

_INPUT_REQUIRED = "2026-07-28"
"""The protocol from which on a client is asked by a result, and calls again with answers."""
_ANSWERS = "answers"
_INSTRUCTIONS = """Optimization problems in plain words, to answers to be checked. Call `solve`
with the whole text, its numbers and tables included; then `what_if` and `explain` about it."""


class Solved(Plain):
    """What a problem came to."""

    run: str
    """Names the answer for `what_if` and `explain`."""
    status: str
    level: str
    """How far to trust it: proved, checked, feasible, disputed, failed."""
    objective: float | None
    answer: str
    """Markdown."""
    formulation: str
    """The five elements, as plain text."""


class Explained(Plain):
    """An answer explained."""

    run: str
    explanation: str
    """Markdown."""


class Ran(Plain):
    """What a program's run in the sandbox came to."""

    outcome: str
    status: str
    objective: float | None
    values: dict[str, float | str | None]
    error: str
    warning: str
    """What protects too little on this machine."""


def server_of(options: dict[str, Any]) -> MCPServer[Any]:
    """Return the server; its tools run with these options."""
    server: MCPServer[Any] = MCPServer(
        "optiwright", instructions=_INSTRUCTIONS, version=version("optiwright"), log_level="ERROR"
    )

    saver = InMemorySaver()

    @server.tool()
    async def formulate(problem: str, ctx: Ctx) -> Solved | InputRequiredResult:
        """Turn a problem in plain words into its five elements, from sets to constraints."""
        return await _solved(problem, ctx, options | {"only_formulate": True}, saver)

    @server.tool()
    async def solve(problem: str, ctx: Ctx) -> Solved | InputRequiredResult:
        """Formulate and solve a problem in plain words, with what was checked of the answer."""
        return await _solved(problem, ctx, options, saver)

    @server.tool()
    async def what_if(question: str, run: str = "last") -> Solved:
        """Answer what would be otherwise, as in `What if demand grows by 10%?`, by solving."""
        changed = await _told(lambda: asked_what_if(open_result(run), question, **options))
        return _as_solved(changed.result, changed.explanation)

    @server.tool()
    async def explain(run: str = "last") -> Explained:
        """Explain an answer: what to do, what limits it, what was assumed, how sure it is."""
        result = await _told(lambda: open_result(run))
        return Explained(run=result.run_id, explanation=explanation_of(result).markdown)

    @server.tool()
    async def run_in_sandbox(program: str, time_limit_s: float = 60.0) -> Ran:
        """Run a Python program of Pyomo, CVXPY or highspy, confined: no files, no network."""
        report: Ran = await _told(lambda: _ran(program, time_limit_s))
        return report

    return server


def serve(options: dict[str, Any]) -> None:
    """Serve over standard input and output until the input ends.

    Raises:
        UserError: if an option cannot be used.
    """
    Options(**options)
    server_of(options).run("stdio")


async def _solved(
    problem: str, ctx: Ctx, options: dict[str, Any], saver: InMemorySaver
) -> Solved | InputRequiredResult:
    """Solve, or ask: by a result that wants input, or as older clients do, in the middle."""
    loop, steps = asyncio.get_running_loop(), [0]

    def progress(event: Event) -> None:
        if isinstance(event, StepStarted | StepFinished):
            steps[0] += isinstance(event, StepFinished)
            told = event.step if isinstance(event, StepStarted) else event.summary
            sent = ctx.report_progress(float(steps[0]), message=told)
            asyncio.run_coroutine_threadsafe(sent, loop)

    def ask(questions: tuple[Question, ...]) -> dict[str, str] | None:
        asked = asyncio.run_coroutine_threadsafe(_elicited(ctx, questions), loop)
        return asked.result()

    try:
        if not _wants_input(ctx):
            result = await asolve(problem, ask=ask, on_event=progress, **options)
            return _as_solved(result, result.explanation)
        chosen = Options(**options)
        work = (
            execute(problem, chosen, progress, saver=saver)
            if ctx.request_state is None
            else resume(ctx.request_state, _given(ctx), chosen, progress, saver=saver)
        )
        ended = await asyncio.wrap_future(submit(work))
    except OptiwrightError as error:
        raise ToolError(str(error)) from None
    return _asking(ended) if isinstance(ended, Waiting) else _as_solved(ended, ended.explanation)


def _wants_input(ctx: Ctx) -> bool:
    """Whether the client is asked by a result, and can be asked at all."""
    modern = (ctx.protocol_version or "") >= _INPUT_REQUIRED
    able = ctx.client_capabilities
    return modern and able is not None and able.elicitation is not None


def _asking(waiting: Waiting) -> InputRequiredResult:
    message, form = _form(waiting.questions)
    asked = ElicitRequestFormParams(
        message=message, requested_schema=render_elicitation_schema(form)
    )
    return InputRequiredResult(
        input_requests={_ANSWERS: ElicitRequest(params=asked)}, request_state=waiting.run_id
    )


def _given(ctx: Ctx) -> dict[str, str]:
    """Return the client's answers; none, that is the best guesses, where the user gave none."""
    given = (ctx.input_responses or {}).get(_ANSWERS)
    content = getattr(given, "content", None) if getattr(given, "action", "") == "accept" else None
    return {name: str(reply) for name, reply in (content or {}).items()}


async def _elicited(ctx: Ctx, questions: tuple[Question, ...]) -> dict[str, str] | None:
    """Ask by the client; None, that is the best guesses, where it will not or cannot ask."""
    message, form = _form(questions)
    try:
        given = await ctx.elicit(message, form)
    except MCPError:
        return None
    return given.data.model_dump() if given.action == "accept" else None


def _form(questions: tuple[Question, ...]) -> tuple[str, type[BaseModel]]:
    """Return questions as a message and a form with a field for each."""
    fields: dict[str, Any] = {q.id: (str, _field(q)) for q in questions}
    return "\n".join(f"{q.text} {q.why}".strip() for q in questions), create_model(
        "Answers", **fields
    )


def _field(question: Question) -> Any:
    told = "; ".join(f"{c.label}: {c.meaning}" for c in question.choices)
    extra: dict[str, Any] = {"title": question.text}
    if not question.number:
        extra["enum"] = [c.label for c in question.choices]
    return Field(default=question.guess, description=told, json_schema_extra=extra)


def _as_solved(result: Result, answer: str) -> Solved:
    formulation = result.formulation
    return Solved(
        run=result.record or result.run_id,
        status=result.status.value,
        level=result.level.value,
        objective=result.objective,
        answer=answer,
        formulation=formulation_to_plain(formulation) if formulation is not None else "",
    )


def _ran(program: str, time_limit_s: float) -> Ran:
    report, warning = run_file(program, time_limit_s, Isolation.REQUIRED)
    return Ran(
        outcome=report.outcome,
        status=report.status,
        objective=report.objective,
        values={q.name: q.value for q in report.quantities},
        error=report.error,
        warning=warning,
    )


async def _told(work: Callable[[], Any]) -> Any:
    """Do work that waits on a thread of its own; an error is the tool's answer."""
    try:
        return await asyncio.to_thread(work)
    except OptiwrightError as error:
        raise ToolError(str(error)) from None
