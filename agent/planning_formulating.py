"""The nodes that formulate a plan's problem: ask the model, read and check, ask again.

The repair is LLMFP's self-assessment (arXiv 2410.12112): the model rates goal, objects and facts,
actions and plan against the text; the first wrong part is replaced and what follows it made again.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, ValidationError

from optiwright.agent.asking import ask
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.formulating import SAMPLE_TEMPERATURE, cost
from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.planning_attempts import (
    PARTS,
    better,
    joined,
    keep,
    kept_parts,
    new_planning,
    outcome_of,
    planning_of,
    serious,
)
from optiwright.agent.planning_drafting import draft
from optiwright.agent.planning_told import outcome_told
from optiwright.agent.prompting import PLAN_PROMPT, load_prompt
from optiwright.agent.state import Context, PlanningState, State
from optiwright.agent.steps import step
from optiwright.formulators.findings import Finding, Severity
from optiwright.formulators.phrases import counted
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_checks import check_planning
from optiwright.formulators.planning_lines import planning_grammar, read_planning, write_planning
from optiwright.formulators.planning_untold import untold
from optiwright.solver_tools.plan_outcome import PlanStatus

_MAX_TOKENS = 4000
"""Longest reply; a planning problem of forty objects takes about 1,500 tokens."""
_JUDGED_TOKENS = 1200


@step("plan_formulate")
async def plan_formulate(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Ask for objects, facts, actions, start and goal in one call, zero-shot."""
    given = state.get("given")
    if given is not None:
        attempt = new_planning(1, "")
        attempt["planning"] = given
        return {"planning": attempt, "planned": None, "repairs": 0}, "given"
    context = runtime.context
    temperature = SAMPLE_TEMPERATURE if context.settings.sample else 0.0
    messages = load_prompt(PLAN_PROMPT).messages(problem=state["text"])
    lines, spent = await _write(context, "plan_formulate", 1, messages, temperature, state["text"])
    attempt = new_planning(1, lines)
    return {"planning": attempt, "planned": None, "repairs": 0}, spent


@step("plan_check")
async def plan_check(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Read the lines and check them; what is wrong is told in sentences that the model can act on.

    Of a formulation that replaces one with a wrong part, the parts before that are the earlier's.
    """
    text = "" if state.get("given") is not None else state["text"]
    attempt = await asyncio.to_thread(_judged, state["planning"], state.get("planned"), text)
    keep(runtime.context, attempt)
    return {"planning": attempt}, _summary(attempt)


@step("plan_repair")
async def plan_repair(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Have the model look at its formulation again, and replace the first part that is wrong.

    A formulation with faults is written again, told of them. A small model is not shown what was
    wrong: it copies what it sees, and drafts afresh instead, minding what was found.
    """
    context = runtime.context
    attempt = better(state["planned"], state["planning"]).copy()
    attempt["number"] = state["planning"]["number"]
    try:
        if not context.small and attempt["outcome"] is not None:
            if not attempt["ratings"]:
                attempt = await _rated(context, state["text"], attempt)
            if not attempt["wrong"]:
                said = "every part is right" if attempt["ratings"] else "no ratings"
                return {"planning": attempt, "stopped": "sound"}, said
        tried_before = state["planned"] is not None
        messages = _told(context, state["text"], attempt)
        temperature = SAMPLE_TEMPERATURE if tried_before else 0.0
        number = attempt["number"] + 1
        lines, spent = await _write(
            context, "plan_repair", number, messages, temperature, state["text"]
        )
    except ProviderError as error:
        if attempt["planning"] is None:
            raise
        context.recorder.emit(Notice, message=f"No further repair: {error}")
        return {"planning": attempt, "stopped": str(error)}, "the model did not answer"
    update: State = {
        "planning": new_planning(number, lines),
        "planned": attempt,
        "repairs": state["repairs"] + 1,
        "stopped": "",
    }
    wrong = f"{attempt['wrong']} to be replaced, " if attempt["wrong"] else ""
    return update, f"{wrong}{spent}"


def worth_a_repair(context: Context, state: State) -> bool:
    """Tell whether a formulation that was solved is to be looked at again.

    A small model is doubted where nothing can reach the goal, or the checks warn; any other looks
    at each of its formulations once.
    """
    attempt = state["planning"]
    if not context.small:
        return context.settings.effort != "quick" and not attempt["ratings"]
    outcome = outcome_of(attempt)
    empty = outcome is not None and outcome.status is PlanStatus.IMPOSSIBLE
    return state["planned"] is None and (empty or bool(serious(attempt)))


def _judged(attempt: PlanningState, before: PlanningState | None, text: str) -> PlanningState:
    judged = attempt.copy()
    if attempt["planning"] is not None:
        planning, findings = planning_of(attempt), check_planning(planning_of(attempt))
    else:
        found, findings = read_planning(attempt["reply"])
        if found is None:
            judged["findings"] = _plain(findings)
            judged["complaints"] = [f.message for f in findings] or ["There are no lines to read."]
            return judged
        planning = found
        findings = (*findings, *check_planning(planning))
    if before is not None and before["wrong"] and before["planning"] is not None:
        whole = joined(planning_of(before), planning, before["wrong"])
        checked = check_planning(whole)
        if not _errors(checked):
            planning, findings = whole, checked
            judged["kept"] = list(kept_parts(before["wrong"]))
    if not _errors(findings):
        findings = (*findings, *untold(text, planning))
    judged["planning"] = planning.model_dump(mode="json")
    judged["findings"] = _plain(findings)
    judged["complaints"] = _errors(findings)
    return judged


def _errors(findings: tuple[Finding, ...]) -> list[str]:
    return list(dict.fromkeys(f.message for f in findings if f.severity is Severity.ERROR))


def _plain(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [f.model_dump(mode="json") for f in dict.fromkeys(findings)]


class Rated(BaseModel):
    """What the model says of its own formulation."""

    model_config = ConfigDict(extra="forbid")

    analysis: str
    goal: bool
    objects_and_facts: bool
    actions: bool
    plan: bool

    @property
    def wrong(self) -> str:
        """The first part that is wrong; empty if none is."""
        said = (self.goal, self.objects_and_facts, self.actions, self.plan)
        return next((part for part, right in zip(PARTS, said, strict=True) if not right), "")


RATED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "analysis": {"type": "string"},
        **{n: {"type": "boolean"} for n in ("goal", "objects_and_facts", "actions", "plan")},
    },
    "required": ["analysis", "goal", "objects_and_facts", "actions", "plan"],
    "additionalProperties": False,
}
"""Written out, not derived: strict modes take no titles and descriptions."""


async def _rated(context: Context, text: str, attempt: PlanningState) -> PlanningState:
    """Return the attempt with what the model says of each of its parts.

    An answer that cannot be read rates nothing, and the formulation stands.
    """
    prompt = load_prompt("assess_plan")
    outcome = outcome_of(attempt)
    assert outcome is not None
    planning = planning_of(attempt)
    request = Request(
        messages=prompt.messages(
            problem=text,
            formulation=write_planning(planning).strip(),
            plan=outcome_told(planning, outcome),
            remarks=serious(attempt),
        ),
        fixed=len(prompt.fixed),
        json_schema=RATED_SCHEMA,
        schema_name="ratings",
        max_tokens=_JUDGED_TOKENS,
    )
    reply = await ask(context, "plan_repair", attempt["number"], request)
    rated = attempt.copy()
    try:
        said = Rated.model_validate_json(reply.text)
    except ValidationError:
        context.recorder.emit(Notice, message="The model gave no ratings of its formulation.")
        return rated
    rated["ratings"] = [said.analysis]
    rated["wrong"] = said.wrong
    return rated


def _told(context: Context, text: str, attempt: PlanningState) -> tuple[Message, ...]:
    """Return what a model is asked after a formulation that has something wrong with it."""
    first = load_prompt(PLAN_PROMPT).messages(problem=text)
    complaints = attempt["ratings"] or attempt["complaints"] or _doubts(attempt)
    if context.small:
        told = load_prompt("redraft").text(problem=text, complaints=complaints)
        return (*first[:-1], Message(role="user", content=told))
    kept = ", ".join(f"the {part}" for part in kept_parts(attempt["wrong"]))
    part = f"the {attempt['wrong']}" if attempt["wrong"] else ""
    request = load_prompt("repair_plan").text(complaints=complaints, part=part, kept=kept)
    written = attempt["reply"]
    if attempt["planning"] is not None:
        written = write_planning(planning_of(attempt)).strip()
    return (
        *first,
        Message(role="assistant", content=written),
        Message(role="user", content=request),
    )


def _doubts(attempt: PlanningState) -> list[str]:
    """Return why a formulation that was solved may not be what the text means."""
    said = serious(attempt)
    outcome = outcome_of(attempt)
    if outcome is not None and outcome.status is PlanStatus.IMPOSSIBLE:
        goal = planning_of(attempt).goal
        missed = [c for c in goal if c not in outcome.reached] or list(goal)
        said.append(
            f"With its actions and its start nothing could bring about {' and '.join(missed)}."
        )
    return said


async def _write(
    context: Context,
    name: str,
    number: int,
    messages: tuple[Message, ...],
    temperature: float,
    text: str,
) -> tuple[str, str]:
    """Return lines and what they cost: a small model's piece by piece, another's at once."""

    async def asked(messages: tuple[Message, ...], grammar: str) -> Reply:
        request = Request(
            messages=messages,
            fixed=len(load_prompt(PLAN_PROMPT).fixed),
            grammar=grammar,
            max_tokens=_MAX_TOKENS,
            temperature=temperature,
        )
        return await ask(context, name, number, request)

    if not context.small:
        reply = await asked(messages, planning_grammar())
        return reply.text, cost(reply)
    lines, replies = await draft(asked, messages, text)
    tokens = sum(reply.completion_tokens for reply in replies)
    return lines, f"{tokens} tokens in {counted(len(replies), 'piece')}"


def _summary(attempt: PlanningState) -> str:
    if attempt["planning"] is None:
        return attempt["complaints"][0].partition("\n")[0]
    planning: Planning = planning_of(attempt)
    size = [
        counted(len(planning.objects), "object"),
        counted(len(planning.facts) + len(planning.amounts), "fact"),
        counted(len(planning.actions), "action"),
    ]
    faults = len(attempt["complaints"])
    return ", ".join([*size, *([counted(faults, "error")] if faults else [])])
