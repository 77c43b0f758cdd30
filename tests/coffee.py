"""The example's conversation about coffee: its files' problem, as a large model formulates it."""

from __future__ import annotations

from typing import Any

from tests.conversations import ROOT, Conversing, definition
from tests.wire_samples import goal, indexed_reply, wire_constraint, wire_parameter
from tests.wire_samples import wire_variable as decision

FOLDER = ROOT / "examples" / "conversation" / "coffee"
TURNS = (FOLDER / "turns.txt").read_text(encoding="utf-8")
PROBLEM = TURNS.split('"""')[1].strip()
OPEN: dict[str, Any] = {
    "settled": [],
    "more": [
        {
            "question": "Do the lorries carry 90 tonnes in all, or 90 from each roastery?",
            "guess": "in all",
            "other": "from each",
            "changes": ["drop lorries"],
        }
    ],
}
"""What a larger model finds to be open."""


def roasting() -> Conversing:
    """A model that formulates the problem, and says what its text leaves open."""
    return Conversing([coffee()], OPEN)


def taken(name: str, table: str, *columns: str) -> dict[str, Any]:
    """A set of the indexed form from a table."""
    return {"name": name, "meaning": name, "elements": {"table": table, "columns": list(columns)}}


def bound(
    name: str, over: str, source: str, *keys: str, unit: str = "", meaning: str = ""
) -> dict[str, Any]:
    """A parameter of the indexed form from a table's column, `table.column`."""
    table, _, column = source.partition(".")
    values = {"table": table, "column": column, "keys": list(keys), "missing": None}
    return {
        "name": name, "meaning": meaning or name, "unit": unit, "over": over, "values": values,
    }  # fmt: skip


def coffee(**given: Any) -> dict[str, Any]:
    """The problem over the example's tables."""
    sent = "send[r, c] for r in Roasteries for c in Cities"
    usual = indexed_reply(
        problem="Which roasteries run and what each sends where, for the largest profit",
        sets=[taken("Roasteries", "roasteries", "Roastery"), taken("Cities", "orders", "City")],
        parameters=[
            bound("capacity", "Roasteries", "roasteries.Capacity", "Roastery", unit="t"),
            bound("roasting", "Roasteries", "roasteries.Roasting", "Roastery"),
            bound("running", "Roasteries", "roasteries.Running", "Roastery"),
            bound("demand", "Cities", "orders.Demand", "City", unit="t"),
            bound("price", "Cities", "prices.price", "city"),
            wire_parameter("load", "", 90, meaning="what the lorries carry"),
            bound("freight", "Roasteries, Cities", "freight_long.value", "Roastery", "column"),
        ],
        variables=[
            decision("run", "r in Roasteries", type="binary", meaning="whether a roastery runs"),
            decision("send", "r in Roasteries, c in Cities", unit="t", meaning="tonnes sent"),
        ],
        definitions=[
            definition("sales", f"sum(price[c] * {sent})", "what the coffee sells for"),
            definition(
                "costs",
                "sum(running[r] * run[r] for r in Roasteries) + "
                f"sum((roasting[r] + freight[r, c]) * {sent})",
                "running, roasting and freight together",
            ),
        ],
        objective=goal("maximize", "sales - costs", "the profit", "euros"),
        constraints=[
            wire_constraint(
                "roasted", "sum(send[r, c] for c in Cities) <= capacity[r] * run[r]",
                "r in Roasteries", meaning="A roastery roasts no more than it can, if it runs.",
            ),
            wire_constraint(
                "taken", "sum(send[r, c] for r in Roasteries) <= demand[c]", "c in Cities",
                meaning="No city takes more than it ordered.",
            ),
            wire_constraint(
                "lorries", f"sum({sent}) <= load", meaning="The lorries carry 90 tonnes."
            ),
        ],
        asked=[
            {"meaning": "whether each runs", "over": "r in Roasteries", "expression": "run[r]"},
            {"meaning": "the profit", "over": "", "expression": "objective"},
        ],
        assumptions=["The lorries carry 90 tonnes from all roasteries together."],
    )  # fmt: skip
    return usual | given
