"""The graph: how a problem goes from its text to its result. Read it from the bottom."""

from __future__ import annotations

from typing import Literal

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from optiwright.agent.checking import check_formulation
from optiwright.agent.explaining import explain
from optiwright.agent.formulating import formulate, repair
from optiwright.agent.solving import compile_cases, solve_cases
from optiwright.agent.state import Context, State
from optiwright.agent.verifying import verify


def after_check(state: State, runtime: Runtime[Context]) -> Literal["repair", "compile", "explain"]:
    """Errors go back to the model; a sound formulation goes on, unless it is all that was asked."""
    attempt = state["attempt"]
    if attempt["cases"]:
        # A repair of a formulation that was solved already was refused: that one stands.
        return "explain"
    if attempt["complaints"]:
        return "repair" if _may_repair(state, runtime) else "explain"
    return "explain" if state["only_formulate"] else "compile"


def after_compile(state: State, runtime: Runtime[Context]) -> Literal["repair", "solve", "explain"]:
    """What cannot be compiled goes back to the model."""
    if not state["attempt"]["complaints"]:
        return "solve"
    return "repair" if _may_repair(state, runtime) else "explain"


def after_verify(state: State, runtime: Runtime[Context]) -> Literal["repair", "explain"]:
    """An infeasible or unbounded model is doubted once, and so is one that leaves numbers out."""
    told_before = state["best"] is not None and bool(state["best"]["cases"])
    doubted = bool(state["attempt"]["complaints"]) and not told_before
    return "repair" if doubted and _may_repair(state, runtime) else "explain"


def after_repair(state: State) -> Literal["check", "explain"]:
    """A repair that the model could not be asked for ends the run with what there is."""
    return "explain" if state.get("stopped") else "check"


def _may_repair(state: State, runtime: Runtime[Context]) -> bool:
    asked = runtime.context.model is not None
    return asked and state["repairs"] < runtime.context.repair_rounds


_builder = StateGraph(State, context_schema=Context)
_builder.add_node("formulate", formulate)
_builder.add_node("check", check_formulation)
_builder.add_node("compile", compile_cases)
_builder.add_node("solve", solve_cases)
_builder.add_node("verify", verify)
_builder.add_node("repair", repair)
_builder.add_node("explain", explain)

_builder.add_edge(START, "formulate")
_builder.add_edge("formulate", "check")
_builder.add_conditional_edges("check", after_check)
_builder.add_conditional_edges("compile", after_compile)
_builder.add_edge("solve", "verify")
_builder.add_conditional_edges("verify", after_verify)
_builder.add_conditional_edges("repair", after_repair)
_builder.add_edge("explain", END)

graph = _builder.compile().with_config(recursion_limit=60)
"""The limit is a guard, well above what the repair rounds allow; not a budget."""
