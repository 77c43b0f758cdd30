"""A conversation to test with: the example's problem, as a large model would formulate it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from optiwright.agent.llm import Reply, Request
from optiwright.agent.prompting import load_prompt
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.wire_samples import goal, indexed_reply, wire_constraint, wire_parameter, wire_set
from tests.wire_samples import wire_variable as decision

CLEAR: dict[str, Any] = {"settled": [], "more": []}
"""What a larger model says that finds nothing more to be open."""


class Conversing(ScriptedModel):
    """Plays a list of replies; asked what a text leaves open, it finds what it is given."""

    def __init__(
        self,
        replies: Sequence[ScriptedReply] | Callable[[Request], ScriptedReply],
        finds: dict[str, Any] = CLEAR,
    ) -> None:
        super().__init__(replies)
        self._finds = finds

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        if request.messages[0] == load_prompt("clarify").fixed[0]:
            return await ScriptedModel([self._finds]).complete(request, on_text)
        return await super().complete(request, on_text)


ROOT = Path(__file__).resolve().parents[1]
TURNS = (ROOT / "examples" / "conversation" / "turns.txt").read_text(encoding="utf-8")
PROBLEM = TURNS.split('"""')[1].strip()


def definition(name: str, expression: str, meaning: str) -> dict[str, Any]:
    return {
        "name": name, "meaning": meaning, "unit": "euros", "over": "", "expression": expression,
    }  # fmt: skip


PROFIT = 7060.0


def creameries() -> dict[str, Any]:
    """The example's problem in the indexed form; its optimum is `PROFIT`."""
    sent = "send[c, t] for c in Creameries for t in Towns"
    return indexed_reply(
        problem="Which creameries run and what each sends where, for the largest profit",
        sets=[
            wire_set("Creameries", "Ash", "Birch", "Cedar"),
            wire_set("Towns", "Arle", "Bonn", "Corve"),
        ],
        parameters=[
            wire_parameter("capacity", "Creameries", 300, 260, 220),
            wire_parameter("running_cost", "Creameries", 2500, 1900, 900),
            wire_parameter("making_cost", "Creameries", 31, 34, 36),
            wire_parameter("transport_cost", "Creameries, Towns", 4, 9, 7, 8, 3, 6, 6, 7, 2),
            wire_parameter("price", "Towns", 58, 55, 56),
            wire_parameter("demand", "Towns", 240, 200, 180),
        ],
        variables=[
            decision("run", "c in Creameries", type="binary", meaning="whether a creamery runs"),
            decision("send", "c in Creameries, t in Towns", unit="crates", meaning="crates sent"),
        ],
        definitions=[
            definition("revenue", f"sum(price[t] * {sent})", "what the crates sell for"),
            definition(
                "costs",
                "sum(running_cost[c] * run[c] for c in Creameries) + "
                f"sum((making_cost[c] + transport_cost[c, t]) * {sent})",
                "running, making and transport together",
            ),
            definition("profit", "revenue - costs", "revenue less all costs"),
        ],
        objective=goal("maximize", "profit", "the profit", "euros"),
        constraints=[
            wire_constraint(
                "made", "sum(send[c, t] for t in Towns) <= capacity[c] * run[c]", "c in Creameries"
            ),
            wire_constraint(
                "bought", "sum(send[c, t] for c in Creameries) <= demand[t]", "t in Towns"
            ),
        ],
        asked=[
            {"meaning": "whether each runs", "over": "c in Creameries", "expression": "run[c]"},
            {"meaning": "the profit", "over": "", "expression": "profit"},
        ],
    )
