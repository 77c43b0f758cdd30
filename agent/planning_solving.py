"""The nodes that look for a plan and check it; no model has a part in them."""

from __future__ import annotations

import asyncio

from langgraph.runtime import Runtime

from optiwright.agent.planning_attempts import keep, outcome_of, planning_of
from optiwright.agent.planning_told import value_told
from optiwright.agent.state import Context, PlanningState, State
from optiwright.agent.steps import step
from optiwright.formulators.planning import Planning
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, Simulation
from optiwright.solver_tools.plan_simulation import simulate
from optiwright.solver_tools.pool import Isolation, Outcome, Pool, Profile, Reason

_GRACE_S = 15.0
"""What a job gets beyond the engines' own limit, at which they stop by themselves."""
_VALIDATOR_S = 30.0


@step("plan_find")
async def plan_find(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Look for the best plan, in a process of the pool that can be ended."""
    context = runtime.context
    attempt = state["planning"].copy()
    planning = planning_of(attempt)
    settings = context.settings
    found = await plan_in_pool(
        context.pool, planning, settings.time_limit_s, settings.seed, settings.solver
    )
    attempt["outcome"] = found.model_dump(mode="json")
    return {"planning": attempt}, _summary(planning, found)


@step("plan_verify")
async def plan_verify(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Carry the plan out on the formulation, by code that did not make it; ask a second validator.

    Of an impossible goal it is the plan that reaches a part of it.
    """
    context = runtime.context
    attempt = state["planning"].copy()
    planning, found = planning_of(attempt), outcome_of(attempt)
    assert found is not None
    summary = found.message or found.status.value
    steps = found.steps if found.status.has_plan else found.reached_by
    if found.status.has_plan or steps:
        done = await asyncio.to_thread(simulate, planning, steps)
        attempt["simulation"] = done.model_dump(mode="json")
        summary = _verified(done, part=not found.status.has_plan)
    if found.status.has_plan:
        attempt = await _validated(context.pool, planning, attempt, found)
        summary = " ".join(filter(None, (summary, attempt["validated"])))
    keep(context, attempt)
    return {"planning": attempt}, summary


async def plan_in_pool(
    pool: Pool, planning: Planning, time_limit_s: float, seed: int, engine: str | None
) -> PlanOutcome:
    """Return what the engines find; a job that was ended is data too."""
    outcome = await pool.run(
        "optiwright.solver_tools.planning:find_plan_job",
        planning.model_dump_json(),
        engine,
        time_limit_s,
        seed,
        time_limit_s=time_limit_s + _GRACE_S,
        profile=Profile.TOOL,
        isolation=Isolation.BEST_EFFORT,  # the engines are trusted
    )
    if outcome.reason is Reason.FINISHED:
        return PlanOutcome.model_validate(outcome.value)
    return PlanOutcome(
        status=PlanStatus.UNSOLVED, message=_ended(outcome, time_limit_s), seconds=outcome.seconds
    )


def _ended(outcome: Outcome, limit: float) -> str:
    match outcome.reason:
        case Reason.TIMEOUT:
            return f"No plan was found within {limit:g} s, nor that there is none."
        case Reason.MEMORY:
            return "Looking for a plan took more memory than it may."
    # Of a traceback the last line says what it was.
    last = outcome.error.strip().splitlines()[-1:] or [""]
    said = last[0].partition("Error: ")[2] or last[0]
    return f"Looking for a plan ended early ({outcome.reason}). {said}".strip()


async def _validated(
    pool: Pool, planning: Planning, attempt: PlanningState, found: PlanOutcome
) -> PlanningState:
    """Note what unified-planning's validator says; nothing where it is not installed."""
    outcome = await pool.run(
        "optiwright.solver_tools.plan_validation:validate_job",
        planning.model_dump_json(),
        [step.model_dump(mode="json") for step in found.steps],
        time_limit_s=_VALIDATOR_S,
        profile=Profile.TOOL,
        isolation=Isolation.BEST_EFFORT,
    )
    if outcome.reason is not Reason.FINISHED or outcome.value is None:
        return attempt
    validated = attempt.copy()
    validated["valid"], validated["validated"] = outcome.value
    return validated


def _verified(done: Simulation, *, part: bool) -> str:
    if done.valid:
        return "every step can be taken, and the goal holds after it"
    unmet = [f"`{s.step}` needs {', '.join(s.unmet)}" for s in done.steps if s.unmet]
    if unmet:
        return unmet[0]
    if part:
        return "every step can be taken, and part of the goal holds after it"
    return f"the goal is not reached: {', '.join(done.unmet_goal)}"


def _summary(planning: Planning, found: PlanOutcome) -> str:
    engine = f" ({found.engine})" if found.engine else ""
    value = f", {value_told(planning, found.value)}" if found.value is not None else ""
    return f"{found.status}{value}{engine}"
