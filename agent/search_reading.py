"""The node that reads a problem without a formula, and sees whether it has one after all."""

from __future__ import annotations

from dataclasses import replace

from langgraph.runtime import Runtime

from optiwright.agent.asking import ask
from optiwright.agent.events import Notice
from optiwright.agent.formulating import new_attempt
from optiwright.agent.llm import Request
from optiwright.agent.prompting import load_prompt
from optiwright.agent.state import Context, State
from optiwright.agent.steps import step
from optiwright.formulators.black_box import BlackBox, Code
from optiwright.formulators.black_box_lines import read_lines
from optiwright.formulators.black_box_reader import Told, Unread, read_black_box
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.code_algebra import algebra_of

_MAX_TOKENS = 400


@step("search_read")
async def search_read(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Read the problem; a function that is a formula goes on as a formulation.

    Raises:
        UserError: if something of it is not clear, and no model made it so.
        ProviderError: if the model could not be asked.
    """
    context = runtime.context
    found = await _read(state, context)
    update: State = {
        "attempt": new_attempt(1, ""),
        "best": None,
        "repairs": 0,
        "black_box": found.model_dump(mode="json"),
    }
    if context.told.as_it_is or context.function is not None:
        return update, _summary(found)
    settings = context.settings
    algebra = await algebra_of(
        found, context.pool, isolation=settings.isolation, seed=settings.seed
    )
    update["translated"] = algebra.words
    if algebra.formulation is None:
        return update, f"{_summary(found)}. {algebra.words}"
    if (named := settings.optimizer) is not None:
        update["translated"] += f" So `{named}` is not used; with `--kind search` it is."
    context.recorder.emit(Notice, message=update["translated"])
    return update | {"given": algebra.formulation.model_dump(mode="json")}, _summary(found)


async def _read(state: State, context: Context) -> BlackBox:
    if "black_box" in state:
        return BlackBox.model_validate(state["black_box"])
    found = read_black_box(state["text"], context.told)
    if isinstance(found, Unread) and context.model is not None and found.answerable:
        told = await _asked(context, context.told, found)
        found = read_black_box(state["text"], told)
    if isinstance(found, Unread):
        raise _unread(found)
    return found


async def _asked(context: Context, told: Told, unread: Unread) -> Told:
    """Ask the model for what is not clear; what the user said stays as it is."""
    prompt = load_prompt("read_black_box")
    request = Request(
        messages=prompt.messages(
            words=unread.words, source=unread.source, unclear=[str(u) for u in unread.unclear]
        ),
        fixed=len(prompt.fixed),
        max_tokens=_MAX_TOKENS,
    )
    reply = await ask(context, "search_read", 1, request)
    try:
        said = read_lines(reply.text)
    except FormulationError as error:
        context.recorder.emit(Notice, message=f"The model's reply is not used: {error}")
        return told
    return replace(
        told,
        source=told.source or unread.source,
        function=told.function or said.function,
        bounds=told.bounds or said.bounds,
        constraints=told.constraints or said.constraints,
        budget=told.budget if told.budget is not None else said.budget,
        sense=told.sense or said.sense,
        noisy=told.noisy if told.noisy is not None else said.noisy,
    )


def _unread(unread: Unread) -> UserError:
    first, *others = unread.unclear
    more = "".join(f" Also {other}." for other in others)
    return UserError(
        f"the function to search cannot be read without doubt: found {first.found}",
        where=first.field,
        remedy=f"Expected: {first.expected}.{more}",
    )


def _summary(black_box: BlackBox) -> str:
    oracle = black_box.oracle
    asked = f"`{oracle.function}`" if isinstance(oracle, Code) else "a command"
    parts = [f"{asked} of {counted(len(black_box.unknowns), 'unknown')}"]
    if black_box.constraints:
        parts.append(counted(len(black_box.constraints), "constraint"))
    return ", ".join([*parts, f"at most {counted(black_box.budget, 'evaluation')}"])
