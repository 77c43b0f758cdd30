"""The graph of a turn: where it goes, what it does, what it asks, what stays of it.

Each step's state is plain JSON in the checkpointer. A step that was cut off begins again from its
top, so that what it writes elsewhere has the same name both times: the run's, made in `route`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from optiwright.agent import (
    acts_asking,
    acts_data,
    acts_editing,
    acts_solving,
    acts_talking,
    acts_tree,
)
from optiwright.agent.attached import waiting_text
from optiwright.agent.budgets import OverBudget, Spent
from optiwright.agent.desk import Desk, Tools, result_of
from optiwright.agent.result import ErrorNote
from optiwright.agent.routing import Scene, route_plainly
from optiwright.agent.routing_asked import route_asked
from optiwright.agent.session_events import TurnFinished, TurnRouted
from optiwright.agent.session_state import Kind, Outcome, Route, SessionState, Talk, Turn
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.phrases import capitalised

Act = Callable[[Desk], Awaitable[Outcome]]

ACTS: dict[Kind, Act] = {
    "problem": acts_solving.solve_problem,
    "solve": acts_editing.solve_version,
    "edit": acts_editing.edit,
    "revision": acts_solving.revise,
    "what_if": acts_solving.what_if,
    "why": acts_solving.why,
    "repairs": acts_solving.repairs,
    "repair": acts_solving.take_repair,
    "explain": acts_asking.explain,
    "show": acts_asking.show,
    "prove": acts_asking.prove,
    "sensitivity": acts_asking.sensitivity,
    "tornado": acts_asking.tornado,
    "sweep": acts_asking.sweep,
    "pareto": acts_asking.pareto,
    "undo": acts_tree.undo,
    "back": acts_tree.back,
    "keep": acts_tree.keep,
    "branch": acts_tree.branch,
    "compare": acts_tree.compare,
    "history": acts_tree.history,
    "export": acts_tree.export,
    "data": acts_data.use_data,
    "talk": acts_talking.talk,
    "help": acts_talking.help_out,
    "unclear": acts_talking.unclear,
}
"""What each kind of turn does."""


async def route(state: SessionState, *, runtime: Runtime[Tools]) -> SessionState:
    """Say what the turn wants, and name the run that it may make."""
    desk = Desk(state, runtime.context)
    update: SessionState = {
        "run_id": f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:8]}",
        "outcome": None,
        "replies": None,
        "exchanges": [],
    }
    try:
        found = await _routed(desk)
    except OptiwrightError as error:
        found = Route(kind="unclear", way="rule")
        update["outcome"] = failed(error)
    desk.tools.listen(TurnRouted(number=state["number"], what=found.kind, way=found.way))
    update["route"] = found.model_dump(mode="json")
    return update


async def _routed(desk: Desk) -> Route:
    given = desk.state.get("asked")
    if given is not None:
        return Route.model_validate(given)
    scene = await asyncio.to_thread(_scene, desk)
    found = await asyncio.to_thread(route_plainly, desk.text, scene)
    if found is not None:
        return found
    version = desk.talk.version
    if version is None:
        return Route(kind="unclear", way="rule", to=desk.text)
    model = await desk.tools.model()
    return await route_asked(desk.text, version.title, model, desk.options.seed)


def _scene(desk: Desk) -> Scene:
    attached = tuple(f.name for f in desk.attached)
    waiting = waiting_text(desk.talk.turns)
    if desk.talk.version is None:
        return Scene(attached=attached, waiting=waiting)
    try:
        result = result_of(desk.talk.version)
    except UserError:  # its files are gone; a new problem can be stated
        return Scene(status=desk.talk.version.status, attached=attached, waiting=waiting)
    return Scene(result.formulation, result.status, attached, waiting)


async def act(state: SessionState, *, runtime: Runtime[Tools]) -> SessionState:
    """Do it; what goes wrong is the turn's answer."""
    desk = Desk(state, runtime.context)
    if state.get("outcome") is not None:
        return {"turn_spent": desk.tools.meter.spent.model_dump(mode="json")}
    # In a context of its own, so that a run inherits nothing of this graph's configuration.
    work = asyncio.get_running_loop().create_task(_done(desk), context=Context())
    try:
        outcome = await work
    except OptiwrightError as error:
        outcome = failed(error)
    return {"outcome": outcome, "turn_spent": desk.tools.meter.spent.model_dump(mode="json")}


async def _done(desk: Desk) -> Outcome:
    return await ACTS[desk.route.kind](desk)


async def ask(state: SessionState) -> SessionState:
    """Wait for the user's answers to the questions of a run."""
    outcome = state["outcome"]
    assert outcome is not None
    answered: dict[str, Any] = interrupt(outcome["waiting"])
    return {
        "replies": answered["replies"],
        "exchanges": [*state["exchanges"], *answered["exchanges"]],
        "outcome": None,
    }


async def record(state: SessionState, *, runtime: Runtime[Tools]) -> SessionState:
    """Make a turn of what came of it."""
    update, turn = recorded(state)
    runtime.context.listen(TurnFinished(turn=turn))
    return update


def recorded(state: SessionState) -> tuple[SessionState, Turn]:
    """Return the state with the turn in it, and the turn."""
    talk = Talk.of(state)
    outcome = state["outcome"] or Outcome(answer="", ok=False)
    version = outcome.get("version")
    routed = state.get("route") or {"kind": "unclear", "way": "rule"}
    current = outcome.get("current", talk.current)
    spent = Spent.model_validate(state.get("turn_spent") or {})
    turn = Turn.model_validate(
        {
            "number": state["number"],
            "text": state["text"],
            "kind": routed["kind"],
            "way": routed["way"],
            "answer": outcome.get("answer", ""),
            "ok": outcome.get("ok", False),
            "lacking": outcome.get("lacking", False),
            "stopped": outcome.get("stopped", ""),
            "made": version["number"] if version is not None else 0,
            "current": current,
            "exchanges": state.get("exchanges") or [],
            "files": state["attached"],
            "spent": spent,
            "started": state["started"],
        }
    )
    update: SessionState = {
        "turns": [*state.get("turns", []), turn.model_dump(mode="json")],
        "versions": [*state.get("versions", []), *([version] if version is not None else [])],
        "current": current,
        "names": outcome.get("names", state.get("names", {})),
        "files": [*state.get("files", []), *state["attached"]],
        "spent": (talk.spent + spent).model_dump(mode="json"),
        "outcome": None,
        "route": None,
        "replies": None,
        "attached": [],
        "turn_spent": {},
    }
    return update, turn


def failed(error: OptiwrightError) -> Outcome:
    """Return the outcome of a turn that an error ended."""
    stopped: Literal["", "budget"] = "budget" if isinstance(error, OverBudget) else ""
    words = str(ErrorNote.of(error))
    return Outcome(answer=capitalised(words), ok=False, stopped=stopped)


def after_act(state: SessionState) -> Literal["ask", "record"]:
    """A run that waits has its questions asked."""
    outcome = state["outcome"]
    return "ask" if outcome is not None and outcome.get("waiting") else "record"


turns = StateGraph(SessionState, context_schema=Tools)
turns.add_node("route", route)
turns.add_node("act", act)
turns.add_node("ask", ask)
turns.add_node("record", record)

turns.add_edge(START, "route")
turns.add_edge("route", "act")
turns.add_conditional_edges("act", after_act)
turns.add_edge("ask", "act")
turns.add_edge("record", END)
