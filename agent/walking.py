"""The walk through the graph: straight on, or with stops at which a user is asked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, StateSnapshot

from optiwright.agent.events import QuestionsAsked
from optiwright.agent.graph import RECURSION_LIMIT, graph, kept_in
from optiwright.agent.options import Ask, Replies
from optiwright.agent.state import Context, State
from optiwright.formulators.errors import UserError
from optiwright.formulators.questions import Question, answers_to

Questions: TypeAlias = tuple[Question, ...]


@dataclass(frozen=True)
class Way:
    """How a run goes through the graph.

    Attributes:
        saver: keeps the steps; None where nothing is to be resumed.
        ask: asks the user and brings the answers back; None: the run stops at questions, if there
            is a saver, and has no user else.
        answers: to the questions at which it stopped, by id; None goes on where it was interrupted.
    """

    saver: BaseCheckpointSaver[Any] | None = None
    ask: Ask | None = None
    answers: Mapping[str, str] | None = None

    @property
    def asks(self) -> bool:
        """Whether a user is there."""
        return self.saver is not None or self.ask is not None

    async def walk(self, state: State, context: Context) -> State | Questions:
        """Go from a state to the end, or to questions that nobody is there to answer at once.

        What the saver has of this run and draw already is gone on from.

        Raises:
            UserError: if an answer is none.
            OptiwrightError: as the nodes do.
        """
        if not self.asks:
            return cast(State, await graph.ainvoke(state, context=context))
        kept = kept_in(self.saver or InMemorySaver())
        thread = f"{context.recorder.record.run_id}.{context.settings.sample}"
        config: RunnableConfig = {
            "configurable": {"thread_id": thread},
            "recursion_limit": RECURSION_LIMIT,
        }
        before = await kept.aget_state(config)
        waiting = _questions(before)
        step: State | Command[Any] | None = state
        if before.values:
            if not before.next:
                return cast(State, before.values)
            step = None
        while True:
            if waiting:
                replies = await self._replies(waiting, context)
                if replies is None:
                    return waiting
                step = _resumed(waiting, replies)
            # Each step is written down before the next begins.
            final = await kept.ainvoke(step, config, context=context, durability="sync")
            waiting = _questions(await kept.aget_state(config))
            if not waiting:
                return cast(State, final)
            context.recorder.update(questions=waiting, answers=())
            context.recorder.emit(QuestionsAsked, questions=waiting)

    async def _replies(self, questions: Questions, context: Context) -> Mapping[str, str] | None:
        """Return the answers that are there or can be had; None where the run has to wait."""
        if self.answers is not None and not context.recorder.record.answers:
            return self.answers
        return None if self.ask is None else (await _called(self.ask, questions)) or {}


async def _called(ask: Ask, questions: Questions) -> Replies:
    if inspect.iscoroutinefunction(ask):
        return cast(Replies, await ask(questions))
    found = await asyncio.to_thread(ask, questions)
    return await found if inspect.isawaitable(found) else found


def _resumed(questions: Questions, replies: Mapping[str, str]) -> Command[Any]:
    if not isinstance(replies, Mapping):
        raise UserError(
            f"answers are {type(replies).__name__}, not a mapping from question to answer",
            where="ask",
            remedy="Return {question.id: label}, or None for the best guesses.",
        )
    said = {name: str(reply) for name, reply in replies.items()}
    answers = answers_to(questions, said)
    return Command(resume=[a.model_dump(mode="json") for a in answers])


def _questions(snapshot: StateSnapshot) -> Questions:
    return tuple(Question.model_validate(q) for i in snapshot.interrupts for q in i.value)
