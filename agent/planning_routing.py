"""Where the branch of the graph goes that looks for a plan."""

from __future__ import annotations

from typing import Literal, TypeAlias

from langgraph.runtime import Runtime

from optiwright.agent.planning_formulating import worth_a_repair
from optiwright.agent.planning_writing import may_write_again
from optiwright.agent.state import Context, State

PlanOnward: TypeAlias = Literal["plan_write", "explain"]
"""Where the formulation's route ends: the second route's turn, or the answer."""


def plan_first(runtime: Runtime[Context]) -> Literal["plan_formulate", "plan_write"]:
    """A program is written first only where no formulation is wanted."""
    written = runtime.context.settings.route == "written"
    return "plan_write" if written else "plan_formulate"


def after_plan_check(
    state: State, runtime: Runtime[Context]
) -> Literal["plan_repair", "plan_find"] | PlanOnward:
    """Errors go back to the model; a sound formulation goes on, unless it is all that was asked."""
    if state["planning"]["complaints"]:
        return "plan_repair" if _may_repair(state, runtime) else _onward(runtime)
    return _onward(runtime) if state["only_formulate"] else "plan_find"


def after_plan_verify(
    state: State, runtime: Runtime[Context]
) -> Literal["plan_repair"] | PlanOnward:
    """The model looks at its own formulation again; a small one where there is a doubt."""
    doubted = worth_a_repair(runtime.context, state)
    return "plan_repair" if doubted and _may_repair(state, runtime) else _onward(runtime)


def after_plan_repair(
    state: State, runtime: Runtime[Context]
) -> Literal["plan_check"] | PlanOnward:
    """What stands, or could not be asked for, ends the route with what there is."""
    return _onward(runtime) if state.get("stopped") else "plan_check"


def after_plan_write(
    state: State, runtime: Runtime[Context]
) -> Literal["plan_write", "plan_compare"]:
    """A program's own errors go back to the model."""
    return "plan_write" if may_write_again(state, runtime.context) else "plan_compare"


def _onward(runtime: Runtime[Context]) -> PlanOnward:
    return "plan_write" if runtime.context.settings.route == "both" else "explain"


def _may_repair(state: State, runtime: Runtime[Context]) -> bool:
    asked = runtime.context.model is not None
    return asked and state["repairs"] < runtime.context.repair_rounds
