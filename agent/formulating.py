"""The nodes that ask the model: the first formulation, and its repair."""

from __future__ import annotations

from langgraph.runtime import Runtime

from optiwright.agent.asking import ask_for_formulation
from optiwright.agent.attempts import better
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.llm import Message, Reply
from optiwright.agent.prompting import load_prompt
from optiwright.agent.state import AttemptState, Context, State
from optiwright.agent.steps import step
from optiwright.formulators.model import Formulation
from optiwright.formulators.openings import Opening, gone_on, opening_of
from optiwright.formulators.wire import Form

SAMPLE_TEMPERATURE = 0.7
"""For the second and further draws of a formulation, and for a repair tried again."""


@step("formulate")
async def formulate(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask for the five elements, in one call; a formulation that was given needs none."""
    if state.get("given") is not None:
        attempt = new_attempt(1, "")
        attempt["formulation"] = state["given"]
        return {"attempt": attempt, "best": None, "repairs": 0}, "given"
    context = runtime.context
    temperature = SAMPLE_TEMPERATURE if context.settings.sample else 0.0
    messages = opening(context, state["text"], context.prompt)
    # Formulated anew where the user gave a number that the first formulation has no place for.
    number = state["attempt"]["number"] + 1 if "attempt" in state else 1
    reply = await ask_for_formulation(
        context, "formulate", number, messages, temperature, prompt=context.prompt
    )
    return {"attempt": new_attempt(number, reply.text), "best": None, "repairs": 0}, cost(reply)


@step("repair")
async def repair(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask for the formulation again, told in its own terms what failed and where.

    It always starts from the best attempt so far; a second repair of the same one is drawn at a
    temperature, since at zero it would be the first one again. A small model is not shown what was
    wrong with its formulation: it copies what it sees. It goes on from the draft's sound part where
    there is one, else it drafts afresh, minding what was found. After a tuned model's draft that is
    its base's part.
    """
    context = runtime.context
    best = better(state["best"], state["attempt"])
    tried_before = state["best"] is not None and best["number"] == state["best"]["number"]
    number = state["attempt"]["number"] + 1
    try:
        text, spent = await _again(context, state["text"], best, number, tried_before)
    except ProviderError as error:
        if best["formulation"] is None:
            raise
        context.recorder.emit(Notice, message=f"No further repair: {error}")
        return {"attempt": best, "best": best, "stopped": str(error)}, "the model did not answer"
    update: State = {
        "attempt": new_attempt(number, text),
        "best": best,
        "repairs": state["repairs"] + 1,
        "stopped": "",
    }
    return update, spent


def opening(context: Context, text: str, prompt: str) -> tuple[Message, ...]:
    """Return a prompt's fixed messages and the problem, with what there is of tables."""
    return load_prompt(prompt).messages(problem=_problem(context, text))


def _problem(context: Context, text: str) -> str:
    return context.as_read(text) if context.offered is None else context.offered.problem(text)


async def _again(
    context: Context, text: str, best: AttemptState, number: int, tried_before: bool
) -> tuple[str, str]:
    """Return the next version of a formulation, and what it cost."""
    flat = context.settings.form is Form.FLAT
    if flat and context.redrafts and not tried_before and best["formulation"] is not None:
        before = Formulation.model_validate(best["formulation"])
        beginning = opening_of(best["reply"], before, text)
        if beginning is not None:
            return await _go_on(context, text, beginning, number)
    temperature = SAMPLE_TEMPERATURE if tried_before else 0.0
    messages = _told(context, text, best)
    reply = await ask_for_formulation(
        context, "repair", number, messages, temperature, prompt=context.prompt_again
    )
    return reply.text, cost(reply)


async def _go_on(context: Context, text: str, beginning: Opening, number: int) -> tuple[str, str]:
    """Return the script that comes of an opening, each step of it gone on from in turn."""
    prompt = context.prompt_again
    first, script, replies = opening(context, text, prompt), "", []
    for part in beginning:
        script += part.words
        messages = (*first, Message(role="assistant", content=script))
        reply = await ask_for_formulation(
            context, "repair", number, messages, 0.0, prompt=prompt, place=part.place
        )
        # Some servers repeat the beginning, some do not.
        script = gone_on(script, part, reply.text.removeprefix(script))
        replies.append(reply)
    tokens = sum(reply.completion_tokens for reply in replies)
    return script, f"{tokens} tokens, from the draft's sound part on"


def _told(context: Context, text: str, best: AttemptState) -> tuple[Message, ...]:
    """Return what a model is asked after a formulation that has something wrong with it."""
    first = opening(context, text, context.prompt_again)
    if context.redrafts:
        problem = _problem(context, text)
        told = load_prompt("redraft").text(problem=problem, complaints=best["complaints"])
        return (*first[:-1], Message(role="user", content=told))
    request = load_prompt("repair").text(complaints=best["complaints"], truth=best["doubt"])
    return (
        *first,
        Message(role="assistant", content=best["reply"]),
        Message(role="user", content=request),
    )


def new_attempt(number: int, reply: str) -> AttemptState:
    """Return an attempt of which only the reply is known."""
    return AttemptState(
        number=number,
        reply=reply,
        formulation=None,
        findings=[],
        complaints=[],
        doubt=False,
        conflict=[],
        note="",
        why="",
        clash=[],
        origin="",
        questions=[],
        cases=[],
    )


def cost(reply: Reply) -> str:
    """Return what a reply cost, in a few words."""
    held = ", from the reply cache" if reply.cached else ""
    return f"{reply.completion_tokens} tokens{held}"
