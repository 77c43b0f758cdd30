"""The nodes that ask the user what the text leaves open: what to ask, and the asking.

They are two, since a node that is interrupted runs again from its top when the answer comes.
"""

from __future__ import annotations

import asyncio

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from optiwright.agent.checking import keep
from optiwright.agent.events import QuestionsAnswered
from optiwright.agent.second_look import second_look
from optiwright.agent.state import Context, State
from optiwright.agent.steps import step
from optiwright.agent.weighing import weighed
from optiwright.formulators.model import Assumption
from optiwright.formulators.phrases import capitalised, counted
from optiwright.formulators.questions import Answer, Question
from optiwright.formulators.reading_again import read_again, with_assumptions

MOST_QUESTIONS = 3


def to_clarify(state: State, context: Context) -> bool:
    """Whether there is a user who was not asked yet, and something that he may be asked.

    That is what was found open, or, with a model that can judge it, what the formulation assumes.
    """
    attempt = state["attempt"]
    if not context.asks or "answers" in state or state.get("given") is not None:
        return False
    assumed = bool((attempt["formulation"] or {}).get("assumptions"))
    return bool(attempt["questions"]) or (_can_judge(context) and assumed)


def _can_judge(context: Context) -> bool:
    return context.model is not None and not context.model.small


@step("clarify")
async def clarify(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Solve each reading of what is open; what changes the answer is asked, the rest assumed."""
    context = runtime.context
    attempt = state["attempt"].copy()
    formulation = context.formulation(attempt["formulation"])
    questions = [Question.model_validate(q) for q in attempt["questions"]]
    if _can_judge(context):
        questions = await second_look(
            context, formulation, state["text"], questions, attempt["number"]
        )
    matter, idle = await weighed(context, formulation, questions)
    lines = [_idle(q) for q in idle] + [_unasked(q) for q in matter[MOST_QUESTIONS:]]
    formulation = with_assumptions(formulation, lines)
    attempt["formulation"] = formulation.model_dump(mode="json")
    attempt["questions"] = [q.model_dump(mode="json") for q in matter[:MOST_QUESTIONS]]
    await asyncio.to_thread(keep, context, attempt)
    asked = len(attempt["questions"])
    return {"attempt": attempt}, counted(asked, "question") if asked else "nothing to ask"


async def ask_user(state: State, *, runtime: Runtime[Context]) -> State:
    """Wait for the answers, and read the text by them."""
    answers = [Answer.model_validate(a) for a in interrupt(state["attempt"]["questions"])]
    context = runtime.context
    attempt = state["attempt"].copy()
    formulation, text = read_again(
        context.formulation(attempt["formulation"]), state["text"], answers
    )
    attempt["formulation"] = formulation.model_dump(mode="json")
    attempt["questions"] = []
    keep(context, attempt)
    context.recorder.update(answers=tuple(answers))
    context.recorder.emit(QuestionsAnswered, answers=tuple(answers))
    return {
        "attempt": attempt,
        "text": text,
        "answers": [a.model_dump(mode="json") for a in answers],
    }


def _idle(question: Question) -> Assumption:
    others = " or ".join(f"`{c.label}`" for c in question.choices if c.label != question.guess)
    return Assumption(
        text=capitalised(question.best.meaning)
        + (f"; {others} gives the same answer." if others else ".")
    )


def _unasked(question: Question) -> Assumption:
    meaning = question.best.meaning
    return Assumption(text=f"{capitalised(meaning)}, which the text leaves open.")
