"""What every node has around it: its events and its time."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Protocol, TypeAlias

from langgraph.runtime import Runtime

from optiwright.agent.events import StepFinished, StepStarted
from optiwright.agent.state import Context, State

Work: TypeAlias = Callable[[State, Runtime[Context]], Awaitable[tuple[State, str]]]


class Node(Protocol):
    """What LangGraph calls."""

    async def __call__(self, state: State, *, runtime: Runtime[Context]) -> State:
        """Return the state's update."""
        ...


def step(name: str) -> Callable[[Work], Node]:
    """Make a node of a function that returns the state's update and a line for people."""

    def decorate(work: Work) -> Node:
        @wraps(work)
        async def node(state: State, *, runtime: Runtime[Context]) -> State:
            recorder = runtime.context.recorder
            before = state.get("attempt") or state.get("planning")
            number = before["number"] if before else 1
            recorder.emit(StepStarted, step=name, attempt=number)
            start = time.monotonic()
            update, summary = await work(state, runtime)
            # A step of the second route is judged by the program that it leaves.
            subject = update.get("written") or update.get("attempt") or update.get("planning")
            subject = subject or before
            failed = (update.get("search") or {}).get("status") == "failed"
            recorder.emit(
                StepFinished,
                step=name,
                attempt=subject["number"] if subject else 1,
                ok=not failed and not (subject and subject["complaints"]),
                summary=summary,
                seconds=time.monotonic() - start,
            )
            return update

        return node

    return decorate
