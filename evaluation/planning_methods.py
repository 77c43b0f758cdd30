"""Ways of answering that come to a plan: our own formulation solved, and a model's word for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.agent.errors import ProviderError
from optiwright.agent.evidence import Level
from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import RunRecord
from optiwright.agent.result import PlanAnswer, Result, Status
from optiwright.evaluation.methods import Method, Outcome, run_agent
from optiwright.evaluation.planning_given import given_planning
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.evaluation.trials import Trial
from optiwright.formulators.planning import Planning
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep

_PROMPT = "baseline_plan"
_FENCE = re.compile(r"```[a-z]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_STEP = re.compile(
    r"^[ \t]*(?:\d+[.):]|[-*])?[ \t]*`?(?P<name>[A-Za-z][\w-]*)[ \t]*\((?P<objects>[^()\n]*)\)"
    r"`?[.;,]?[ \t]*$",
    re.MULTILINE,
)
_LISP = re.compile(
    r"^[ \t]*(?:\d+[.):])?[ \t]*`?\((?P<name>[A-Za-z][\w-]*)(?P<objects>[^()\n]*)\)",
    re.MULTILINE,
)


async def ask_given_plan(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Answer with our own formulation of the instance; no model is asked."""
    return await run_agent(given_planning(problem), problem, model, settings)


async def ask_direct_plan(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Answer with the steps that the model writes down at once."""
    trial = Trial(problem, model, settings)
    try:
        reply = await trial.ask(_PROMPT, problem=trial.text)
    except ProviderError as error:
        return trial.ended(None, error)
    steps = tuple(written_steps(reply))
    return trial.ended(lambda record: _result(record, steps))


def written_steps(reply: str) -> Iterator[PlanStep]:
    """Yield the steps in a reply, a line each: `stack(a, b)` or `(stack a b)`.

    What stands in the last fence counts, where there is one.
    """
    fenced = _FENCE.findall(reply)
    text = fenced[-1] if fenced else reply
    for found in (_STEP if _STEP.search(text) else _LISP).finditer(text):
        objects = re.split(r"[\s,]+", found["objects"].strip())
        yield PlanStep(action=found["name"], arguments=tuple(o for o in objects if o))


def _result(record: RunRecord, steps: tuple[PlanStep, ...]) -> Result:
    found = PlanOutcome(status=PlanStatus.UNSOLVED)
    if steps:
        found = PlanOutcome(status=PlanStatus.FOUND, steps=steps, value=len(steps))
    return Result(
        run_id=record.run_id,
        text=record.text,
        status=Status.FEASIBLE if steps else Status.UNSOLVED,
        objective=found.value,
        level=Level.UNCHECKED if steps else Level.FAILED,
        plan=PlanAnswer(planning=Planning(), outcome=found),
    )


PLANNING = (
    Method(
        "given",
        "plans: our own formulation, without a model",
        (),
        ask_given_plan,
        answers="plans",
    ),
    Method(
        "direct-plan",
        "plans: the steps themselves, zero-shot",
        (_PROMPT,),
        ask_direct_plan,
        answers="plans",
        one_shot=True,
    ),
)
