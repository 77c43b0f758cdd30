"""A question's words to typed changes: the plain reader first, else one call to the model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from optiwright.agent.asking import ask
from optiwright.agent.events import Notice
from optiwright.agent.history import Way
from optiwright.agent.llm import LanguageModel, Message, Request
from optiwright.agent.options import Options
from optiwright.agent.prompting import load_prompt, prompt_hashes
from optiwright.agent.recorder import Recorder
from optiwright.agent.revised import context_of
from optiwright.agent.setting_up import model_of
from optiwright.agent.state import Context
from optiwright.formulators.asked_numbers import asked_numbers
from optiwright.formulators.change_grammar import change_grammar, outline
from optiwright.formulators.change_reply import read_changes
from optiwright.formulators.changes import Changes
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Formulation
from optiwright.formulators.question_reader import read_question
from optiwright.formulators.revising import apply
from optiwright.formulators.whole_numbers import whole_where_needed

PROMPT = "what_if"

_MAX_TOKENS = 400
_MAX_QUESTION = 2000
_TOLD = {True: 1, False: 2}
"""How often a small model, and another one, is told what is wrong with its changes."""


@dataclass(frozen=True)
class Read:
    """What a question came to."""

    changes: Changes
    way: Way
    revised: Formulation


async def read_changes_asked(
    question: str, formulation: Formulation, options: Options, recorder: Recorder
) -> Read:
    """Return the changes that a question means, applied.

    Raises:
        UserError: if it is empty, too long, or changes nothing in the formulation.
        FormulationError: if what the model answers cannot be applied, told of it and all.
        ProviderError: if the model cannot be reached or does not answer properly.
    """
    question = _accepted(question)
    found = await asyncio.to_thread(read_question, question, formulation)
    if found is not None:
        found = whole_where_needed(formulation, found)
        try:
            return Read(found, "reader", await asyncio.to_thread(apply, formulation, found))
        except FormulationError as error:
            recorder.emit(Notice, message=f"The plain reading cannot be applied: {error}")
    model = await asyncio.to_thread(model_of, options, recorder)
    try:
        return await _asked_of(model, question, formulation, options, recorder)
    finally:
        if not isinstance(options.model, LanguageModel):
            await model.aclose()


async def _asked_of(
    model: LanguageModel,
    question: str,
    formulation: Formulation,
    options: Options,
    recorder: Recorder,
) -> Read:
    context = context_of(options, model, recorder, formulation.data)
    recorder.update(prompts=prompt_hashes((PROMPT,)))
    numbers = asked_numbers(question)
    prompt = load_prompt(PROMPT)
    samples = options.samples_in_prompt or not formulation.from_tables
    shown = outline(formulation, question, samples=samples)
    messages = prompt.messages(outline=shown, question=question)
    grammar = change_grammar(formulation, question, numbers, samples=samples)
    for attempt in range(1, _TOLD[model.small] + 2):
        reply = await _reply(context, attempt, messages, len(prompt.fixed), grammar)
        try:
            changes = read_changes(reply, formulation, numbers, question)
            if not changes:
                raise _nothing(question)
            changes = whole_where_needed(formulation, changes)
            return Read(changes, "model", await asyncio.to_thread(apply, formulation, changes))
        except FormulationError as error:
            if attempt > _TOLD[model.small]:
                raise _unread(error) from error
            recorder.emit(Notice, message=f"The changes cannot be applied: {error}")
            messages = (
                *messages,
                Message(role="assistant", content=reply),
                Message(role="user", content=f"{_told(error, samples)} Write the lines again."),
            )
    raise AssertionError("the last attempt returns or raises")


def _unread(error: FormulationError) -> FormulationError:
    """Return what the user is told: a line at fault is one that only the model saw."""
    if not error.where.startswith("line "):
        return error
    return FormulationError(
        f"the language model could not put this into changes: {error.what}",
        where=f"{error.where} of its reply",
        remedy="Say it in other words: what changes, and to which number.",
    )


def _told(error: FormulationError, samples: bool) -> str:
    """Return what the model is told; a remedy may name labels of a table."""
    return str(error) if samples else f"{error.what} (in {error.where})."


async def _reply(
    context: Context, attempt: int, messages: tuple[Message, ...], fixed: int, grammar: str
) -> str:
    request = Request(
        messages=messages,
        fixed=fixed,
        grammar=grammar,
        max_tokens=_MAX_TOKENS,
    )
    return (await ask(context, "question", attempt, request)).text


def _accepted(question: str) -> str:
    stripped = question.strip()
    if not any(c.isalpha() for c in stripped):
        raise UserError(
            "the question has no words",
            where="question",
            remedy='Ask, for instance, "What if demand grows by 10%?".',
        )
    if len(stripped) > _MAX_QUESTION:
        raise UserError(
            f"the question has {len(stripped):,} characters, more than {_MAX_QUESTION:,}",
            where="question",
            remedy="Ask for one change at a time; a new problem is solved by `optiwright solve`.",
        )
    return stripped


def _nothing(question: str) -> UserError:
    return UserError(
        "the question names nothing that this formulation has",
        where=f"{question[:80]!r}",
        remedy="Name a quantity, a decision or a requirement in the formulation's words; "
        "`optiwright show` lists them.",
    )
