"""One question to the language model, with its events, its record and its cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from optiwright.agent.errors import ProviderError
from optiwright.agent.events import ModelCalled, ModelText
from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.prompting import load_prompt
from optiwright.agent.record import Call
from optiwright.agent.result import ErrorNote
from optiwright.agent.state import Context
from optiwright.formulators.errors import UserError
from optiwright.formulators.global_form import FUNCTIONS
from optiwright.formulators.script import GRAMMARS, MANY_GRAMMARS, Place
from optiwright.formulators.table_grammar import table_grammar
from optiwright.formulators.wire import Form, indexed_schema

MAX_TOKENS = {Form.FLAT: 2000, Form.INDEXED: 8000, Form.TABLES: 2000}
"""Longest reply; a flat formulation of forty variables takes about 1,200 tokens."""

CALL_LIMIT_S = 900.0
"""Wall-clock limit of one call; a small model on two busy cores makes 3 tokens a second."""

_PIECE_S = 0.2


async def ask_for_formulation(
    context: Context,
    step: str,
    attempt: int,
    messages: tuple[Message, ...],
    temperature: float,
    *,
    prompt: str,
    place: Place = Place.START,
) -> Reply:
    """Ask for a formulation in the run's wire form by a prompt's messages; raises what `ask` does.

    A script may be asked for from a later place on; the last message is then its beginning.
    """
    settings = context.settings
    request = Request(
        messages=messages,
        fixed=len(load_prompt(prompt).fixed),
        json_schema=indexed_schema() if settings.form is Form.INDEXED else None,
        schema_name="formulation",
        grammar=_grammar(context, place, messages),
        max_tokens=MAX_TOKENS[settings.form],
        temperature=temperature,
        tuned=context.model is not None and prompt == context.model.tuned,
    )
    return await ask(context, step, attempt, request)


async def ask_for_json(
    context: Context,
    step: str,
    attempt: int,
    schema: tuple[str, dict[str, Any]],
    max_tokens: int,
    **told: Any,
) -> str:
    """Ask for a JSON object and return it as it came; raises what `ask` does.

    Args:
        context: of the run.
        step: the node's name, and its prompt's.
        attempt: in which it is asked.
        schema: its name and itself.
        max_tokens: longest reply.
        told: what stands in the prompt's placeholders.
    """
    prompt = load_prompt(step)
    name, form = schema
    request = Request(
        messages=prompt.messages(**told),
        fixed=len(prompt.fixed),
        json_schema=form,
        schema_name=name,
        max_tokens=max_tokens,
    )
    return (await ask(context, step, attempt, request)).text


def _grammar(context: Context, place: Place, messages: tuple[Message, ...]) -> str:
    match context.settings.form:
        case Form.FLAT:
            shown = any(f"{name}(" in m.content for m in messages[1:-1] for name in FUNCTIONS)
            return (MANY_GRAMMARS if shown else GRAMMARS)[place]
        case Form.TABLES if context.offered is not None:
            return table_grammar(context.offered.ready)
    return ""


async def ask(context: Context, step: str, attempt: int, request: Request) -> Reply:
    """Ask with the run's seed, sample and limit of a call; record the call whatever comes of it.

    Raises:
        ProviderError: the model could not be reached or did not answer properly.
        UserError: there is no model to ask.
    """
    if context.model is None:
        raise UserError("a model is needed to formulate a text", remedy="Give --model.")
    drawn = {"seed": context.settings.seed, "sample": context.settings.sample}
    request = request.model_copy(update={**drawn, "timeout_s": CALL_LIMIT_S})
    pieces = _Pieces(lambda text: context.recorder.emit(ModelText, text=text))
    try:
        reply = await context.model.complete(request, pieces.add)
    except ProviderError as error:
        failed = Call(
            step=step, attempt=attempt, request=request, reply=None, error=ErrorNote.of(error)
        )
        context.recorder.add_call(failed)
        raise
    finally:
        pieces.flush()
    context.recorder.add_call(Call(step=step, attempt=attempt, request=request, reply=reply))
    context.recorder.emit(
        ModelCalled,
        step=step,
        prompt_tokens=reply.prompt_tokens,
        cached_prompt_tokens=reply.cached_prompt_tokens,
        completion_tokens=reply.completion_tokens,
        seconds=reply.seconds,
        cached=reply.cached,
    )
    return reply


class _Pieces:
    """Joins a stream's tokens into a few events a second."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._text = ""
        self._last = time.monotonic()

    def add(self, text: str) -> None:
        self._text += text
        if time.monotonic() - self._last >= _PIECE_S:
            self.flush()

    def flush(self) -> None:
        if self._text:
            self._emit(self._text)
        self._text, self._last = "", time.monotonic()
