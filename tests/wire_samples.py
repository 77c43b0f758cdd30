"""Small replies of a model in both wire forms, as mappings to change and to play."""

from __future__ import annotations

from typing import Any

BAKERY = (
    "A bakery makes bread and cakes. A loaf earns 2 euros and takes 3 minutes of oven, a cake "
    "earns 5 euros and takes 8 minutes. There are 240 minutes of oven and at most 25 cakes are "
    "sold. What is the best plan?"
)
"""Optimum 160 with 80 loaves and no cake: bread earns more a minute."""


def flat_variable(name: str, **given: Any) -> dict[str, Any]:
    """A decision of the flat form."""
    usual = {"name": name, "meaning": name, "type": "integer", "lower": 0, "upper": None}
    return usual | given


def flat_constraint(name: str, expression: str, meaning: str = "") -> dict[str, Any]:
    """A requirement of the flat form."""
    return {"name": name, "meaning": meaning or name, "expression": expression}


def goal(sense: str, expression: str, meaning: str = "total", unit: str = "") -> dict[str, Any]:
    """An objective of either form."""
    return {"sense": sense, "meaning": meaning, "unit": unit, "expression": expression}


def flat_reply(**given: Any) -> dict[str, Any]:
    """The bakery in the flat form."""
    usual = {
        "problem": "How much to bake for the greatest profit",
        "variables": [
            flat_variable("bread", meaning="loaves baked"),
            flat_variable("cake", meaning="cakes baked", upper=25),
        ],
        "objective": goal("maximize", "2*bread + 5*cake", "total profit", "euros"),
        "constraints": [
            flat_constraint("oven", "3*bread + 8*cake <= 240", "at most 240 minutes of oven")
        ],
        "asked": [{"meaning": "greatest profit", "expression": "objective"}],
    }
    return usual | given


def wire_set(name: str, *elements: Any) -> dict[str, Any]:
    """A set of the indexed form."""
    return {"name": name, "meaning": name.lower(), "elements": list(elements)}


def wire_parameter(name: str, over: str, *values: float, meaning: str = "") -> dict[str, Any]:
    """A parameter of the indexed form."""
    return {
        "name": name, "meaning": meaning or name, "unit": "", "over": over, "values": list(values)
    }  # fmt: skip


def wire_variable(name: str, over: str = "", **given: Any) -> dict[str, Any]:
    """A decision of the indexed form."""
    usual = {
        "name": name,
        "meaning": name,
        "unit": "",
        "over": over,
        "type": "continuous",
        "type_basis": "inferred",
        "lower": "0",
        "upper": None,
    }
    return usual | given


def wire_constraint(name: str, expression: str, over: str = "", **given: Any) -> dict[str, Any]:
    """A requirement of the indexed form."""
    usual = {
        "name": name,
        "meaning": name,
        "over": over,
        "condition": None,
        "expression": expression,
        "penalty": None,
    }
    return usual | given


def indexed_reply(**given: Any) -> dict[str, Any]:
    """The bakery in the indexed form."""
    usual = {
        "problem": "How much to bake for the greatest profit",
        "sets": [wire_set("Goods", "bread", "cake")],
        "parameters": [
            wire_parameter("profit", "Goods", 2, 5),
            wire_parameter("minutes", "Goods", 3, 8),
            wire_parameter("oven", "", 240, meaning="minutes of oven"),
        ],
        "variables": [wire_variable("make", "g in Goods", type="integer")],
        "definitions": [],
        "objective": goal("maximize", "sum(profit[g]*make[g] for g in Goods)", "total profit"),
        "constraints": [
            wire_constraint("time", "sum(minutes[g]*make[g] for g in Goods) <= oven"),
            wire_constraint("sold", 'make["cake"] <= 25'),
        ],
        "asked": [
            {"meaning": "pieces to make", "over": "g in Goods", "expression": "make[g]"},
            {"meaning": "greatest profit", "over": "", "expression": "objective"},
        ],
        "assumptions": [],
    }
    return usual | given
