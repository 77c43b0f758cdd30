"""The graph: how a problem goes from its text to its result. Read it from the bottom."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from optiwright.agent.attempts import certified, lacks_knowingly, lacks_numbers
from optiwright.agent.checking import check_formulation
from optiwright.agent.clarifying import ask_user, clarify, to_clarify
from optiwright.agent.explaining import explain
from optiwright.agent.formulating import formulate, repair
from optiwright.agent.judging import compare_routes, judge
from optiwright.agent.planning_comparing import plan_compare
from optiwright.agent.planning_formulating import plan_check, plan_formulate, plan_repair
from optiwright.agent.planning_routing import (
    after_plan_check,
    after_plan_repair,
    after_plan_verify,
    after_plan_write,
    plan_first,
)
from optiwright.agent.planning_solving import plan_find, plan_verify
from optiwright.agent.planning_writing import plan_write
from optiwright.agent.search_reading import search_read
from optiwright.agent.search_running import search_run, search_verify
from optiwright.agent.search_written import search_write, writes
from optiwright.agent.solving import compile_cases, solve_cases
from optiwright.agent.state import Context, State
from optiwright.agent.verifying import verify
from optiwright.agent.writing import may_rewrite, rewrite, run, write
from optiwright.formulators.black_box import BlackBox
from optiwright.formulators.problem_kind import ProblemKind

Onward: TypeAlias = Literal["write", "rewrite", "compare", "explain", "search_run"]
"""Where a route goes that is done with its own work."""


def first(
    state: State, runtime: Runtime[Context]
) -> Literal["formulate", "write", "plan_formulate", "plan_write", "search_read"]:
    """A program is written first only where no formulation is wanted."""
    if state.get("problem_kind") == ProblemKind.PLAN:
        return plan_first(runtime)
    if state.get("problem_kind") == ProblemKind.SEARCH:
        return "search_read"
    return "write" if runtime.context.settings.route == "written" else "formulate"


def after_check(
    state: State, runtime: Runtime[Context]
) -> Literal["repair", "clarify", "compile"] | Onward:
    """Errors go back to the model; a sound formulation goes on, unless it is all that was asked.

    Where a user is there who was not asked yet, what the text leaves open is looked at first.
    Numbers that are said to be missing, or are left out again when they were asked for, are not
    given: a program of the second route would have to make them up.
    """
    attempt = state["attempt"]
    if attempt["cases"]:
        # A repair of a formulation that was solved already was refused: that one stands.
        return _onward(state, runtime)
    if lacks_numbers(attempt) and not (state["best"] and state["best"]["cases"]):
        asked = state["best"] is not None and lacks_numbers(state["best"])
        settled = asked or lacks_knowingly(attempt) or not _may_repair(state, runtime)
        return "explain" if settled else "repair"
    if attempt["complaints"]:
        return "repair" if _may_repair(state, runtime) else _onward(state, runtime)
    if state["only_formulate"]:
        return _onward(state, runtime)
    return "clarify" if to_clarify(state, runtime.context) else "compile"


def after_clarify(state: State) -> Literal["ask", "compile"]:
    """Only what changes the answer is asked."""
    return "ask" if state["attempt"]["questions"] else "compile"


def after_ask(state: State) -> Literal["formulate", "compile"]:
    """A number that the formulation has no place for is formulated with the text."""
    return "formulate" if any(a["into_text"] for a in state["answers"]) else "compile"


def after_compile(state: State, runtime: Runtime[Context]) -> Literal["repair", "solve"] | Onward:
    """What cannot be compiled goes back to the model."""
    if not state["attempt"]["complaints"]:
        return "solve"
    return "repair" if _may_repair(state, runtime) else _onward(state, runtime)


def after_verify(state: State, runtime: Runtime[Context]) -> Literal["repair"] | Onward:
    """An infeasible or unbounded model is doubted once, and so is one that leaves numbers out.

    What a model repeats when it is told, it means; a draft made afresh repeats nothing.
    """
    told_before = state["best"] is not None and bool(state["best"]["cases"])
    insisted = told_before and not runtime.context.redrafts
    doubted = bool(state["attempt"]["complaints"]) and not insisted
    return "repair" if doubted and _may_repair(state, runtime) else _onward(state, runtime)


def after_repair(state: State, runtime: Runtime[Context]) -> Literal["check"] | Onward:
    """A repair that the model could not be asked for ends the route with what there is."""
    return _onward(state, runtime) if state.get("stopped") else "check"


def after_write(state: State) -> Literal["run", "compare"]:
    """A program that the model could not be asked for is not run."""
    return "compare" if state["written"]["unasked"] else "run"


def after_run(state: State, runtime: Runtime[Context]) -> Literal["rewrite", "compare"]:
    """A program's own errors go back to the model."""
    return "rewrite" if may_rewrite(state, runtime.context) else "compare"


def after_compare(state: State, runtime: Runtime[Context]) -> Literal["judge", "explain"]:
    """A difference goes before the judge once, where the model is one that can judge."""
    model = runtime.context.model
    able = model is not None and not model.small
    differ = state["comparison"]["contested"]
    return "judge" if able and differ and "verdict" not in state else "explain"


def after_judge(state: State) -> Literal["repair", "rewrite", "explain"]:
    """The route at fault is made again; if both are, both, the formulation first."""
    if not state["verdict"]["formulation_right"]:
        return "repair"
    return "explain" if state["verdict"]["program_right"] else "rewrite"


def after_search_read(state: State) -> Literal["formulate", "search_run"]:
    """A function that is a formula is solved as one."""
    return "formulate" if state.get("given") is not None else "search_run"


def after_search_run(
    state: State, runtime: Runtime[Context]
) -> Literal["search_write", "search_verify"]:
    """A program of the model's has its share of the budget where one is wanted."""
    black_box = BlackBox.model_validate(state["black_box"])
    return "search_write" if writes(runtime.context, black_box) else "search_verify"


def _onward(state: State, runtime: Runtime[Context]) -> Onward:
    """Where the compiled route ends: the second route's turn, or a second comparison.

    A formula of a function that was not solved to a certain end is searched as well.
    """
    if "black_box" in state and not certified(state["attempt"]) and not state["only_formulate"]:
        return "search_run"
    if runtime.context.settings.route != "both":
        return "explain"
    if "verdict" not in state:
        return "write"
    # The judge found the program wrong too, and it was not made again since.
    return "rewrite" if state["verdict"]["rewrites"] == state["rewrites"] else "compare"


def _may_repair(state: State, runtime: Runtime[Context]) -> bool:
    asked = runtime.context.model is not None
    return asked and state["repairs"] < runtime.context.repair_rounds


_builder = StateGraph(State, context_schema=Context)
_builder.add_node("formulate", formulate)
_builder.add_node("check", check_formulation)
_builder.add_node("clarify", clarify)
_builder.add_node("ask", ask_user)
_builder.add_node("compile", compile_cases)
_builder.add_node("solve", solve_cases)
_builder.add_node("verify", verify)
_builder.add_node("repair", repair)
_builder.add_node("write", write)
_builder.add_node("run", run)
_builder.add_node("rewrite", rewrite)
_builder.add_node("compare", compare_routes)
_builder.add_node("judge", judge)
_builder.add_node("search_read", search_read)
_builder.add_node("search_run", search_run)
_builder.add_node("search_write", search_write)
_builder.add_node("search_verify", search_verify)
_builder.add_node("plan_formulate", plan_formulate)
_builder.add_node("plan_check", plan_check)
_builder.add_node("plan_find", plan_find)
_builder.add_node("plan_verify", plan_verify)
_builder.add_node("plan_repair", plan_repair)
_builder.add_node("plan_write", plan_write)
_builder.add_node("plan_compare", plan_compare)
_builder.add_node("explain", explain)

_builder.add_conditional_edges(START, first)
_builder.add_edge("formulate", "check")
_builder.add_conditional_edges("check", after_check)
_builder.add_conditional_edges("clarify", after_clarify)
_builder.add_conditional_edges("ask", after_ask)
_builder.add_conditional_edges("compile", after_compile)
_builder.add_edge("solve", "verify")
_builder.add_conditional_edges("verify", after_verify)
_builder.add_conditional_edges("repair", after_repair)
_builder.add_conditional_edges("write", after_write)
_builder.add_conditional_edges("run", after_run)
_builder.add_conditional_edges("rewrite", after_write)
_builder.add_conditional_edges("compare", after_compare)
_builder.add_conditional_edges("judge", after_judge)
_builder.add_conditional_edges("search_read", after_search_read)
_builder.add_conditional_edges("search_run", after_search_run)
_builder.add_edge("search_write", "search_verify")
_builder.add_edge("search_verify", "explain")
_builder.add_edge("plan_formulate", "plan_check")
_builder.add_conditional_edges("plan_check", after_plan_check)
_builder.add_edge("plan_find", "plan_verify")
_builder.add_conditional_edges("plan_verify", after_plan_verify)
_builder.add_conditional_edges("plan_repair", after_plan_repair)
_builder.add_conditional_edges("plan_write", after_plan_write)
_builder.add_edge("plan_compare", "explain")
_builder.add_edge("explain", END)

RECURSION_LIMIT = 60
"""A guard, well above what the repair rounds allow; not a budget."""

graph = _builder.compile().with_config(recursion_limit=RECURSION_LIMIT)
"""For runs that nobody is asked in: it keeps no steps."""


def kept_in(saver: BaseCheckpointSaver[Any]) -> CompiledStateGraph[State, Context, State, State]:
    """Return the graph with its steps kept in a saver, so that it can stop and go on."""
    return _builder.compile(checkpointer=saver)
