"""Questions about an answer, each a button that begins a turn."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from optiwright.agent.result import Result, Status
from optiwright.agent.session_state import Kind, Route
from optiwright.ui.scene import Scene


class _Question(NamedTuple):
    said: str
    kind: Kind
    of: frozenset[Status]
    """The outcomes that it can be asked of."""


_ENDED = frozenset({Status.OPTIMAL, Status.FEASIBLE, Status.INFEASIBLE, Status.UNBOUNDED})
_QUESTIONS = (
    _Question("What limits it?", "sensitivity", frozenset({Status.OPTIMAL})),
    _Question("Which numbers matter?", "tornado", frozenset({Status.OPTIMAL})),
    _Question("Prove it", "prove", _ENDED),
    _Question("Explain at length", "explain", _ENDED | {Status.UNSOLVED}),
)


def show_questions(scene: Scene, result: Result) -> None:
    """Show the questions that fit the answer; of a plan or a search no limit has a price."""
    told = result.plan is not None or result.search is not None
    if scene.version is None or (result.formulation is None and not told):
        return
    priced = result.formulation is not None and bool(result.formulation.objectives)
    unfit = {"prove"} if told else set()
    unfit |= set() if priced else {"sensitivity", "tornado"}
    fitting = [q for q in _QUESTIONS if result.status in q.of and q.kind not in unfit]
    with st.container(horizontal=True, gap="xsmall"):
        for q in fitting:
            key = f"ask-{q.kind}-{scene.session.name}-{scene.version.number}"
            if st.button(q.said, key=key, disabled=scene.busy):
                scene.say(q.said, route=Route(kind=q.kind, way="given"))
