"""Scripted runs of the agent and the replies that the tests of several of its nodes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optiwright
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Event, Notice, RunFailed
from optiwright.agent.llm import Request
from optiwright.agent.record import RunRecord
from optiwright.agent.recorder import read_events
from optiwright.agent.result import Result
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    goal,
)

OVEN = flat_constraint("oven", "3*bread + 8*cake <= 240", "at most 240 minutes of oven")
UNKNOWN = flat_reply(objective=goal("maximize", "2*bread + 5*pastries", "total profit"))
"""Names a variable that is not declared."""
SLOPPY = flat_reply(
    variables=[flat_variable("bread", meaning="loaves"), flat_variable("cake", meaning="cakes")],
    objective=goal("maximize", "2*bread", "total profit"),
)
"""Solves to 160, but uses neither the 5 euros nor the limit of 25."""

CROWDED = BAKERY + " At least 100 loaves must be baked."
NEED = flat_constraint("need", "bread >= 100", "at least 100 loaves are baked")
INFEASIBLE = flat_reply(constraints=[OVEN, NEED])
UNBOUNDED = flat_reply(
    variables=[flat_variable("bread", meaning="loaves baked"), flat_variable("cake")],
    objective=goal("maximize", "2*bread", "total profit"),
    constraints=[flat_constraint("few", "cake <= 25", "at most 25 cakes")],
)
ENDLESS = "A loaf earns 2 euros, and at most 25 cakes are sold. What is the best plan?"


def run(
    replies: Sequence[ScriptedReply] | Callable[[Request], ScriptedReply],
    text: str = BAKERY,
    **options: Any,
) -> tuple[Result, ScriptedModel]:
    """The result of a scripted run, every reply of which was asked for."""
    model = ScriptedModel(replies)
    chosen: dict[str, Any] = {"model": model, "form": "flat", "route": "compiled"} | options
    result = optiwright.solve(text, **chosen)
    model.assert_played_out()
    return result, model


def record_of(folder: str | Path) -> RunRecord:
    return RunRecord.model_validate_json((Path(folder) / "record.json").read_text("utf-8"))


def told(model: ScriptedModel, number: int) -> str:
    """The last message of a call."""
    return model.requests[number].messages[-1].content


def notices(result: Result) -> list[str]:
    return [e.message for e in read_events(Path(result.record)) if isinstance(e, Notice)]


def failure(events: Sequence[Event]) -> RunRecord:
    """The record of a run that ended without a result."""
    assert isinstance(events[-1], RunFailed)
    folder = next(e.record for e in events if e.kind == "run_started")
    return record_of(folder)


def dropped() -> ProviderError:
    return ProviderError("the server dropped the connection", kind="dropped", remedy="Try again.")
