"""A formulation in which every kind of part occurs, and what turns it into a faulty one."""

from __future__ import annotations

import json
from typing import Any

from optiwright.formulators.checks import Code, Finding
from optiwright.formulators.model import Formulation

BASE: dict[str, Any] = {
    "sets": [
        {"name": "I", "data": {"kind": "listed", "elements": ["a", "b"]}},
        {"name": "J", "data": {"kind": "listed", "elements": ["u", "v"]}},
        {"name": "T", "data": {"kind": "range", "start": "1", "stop": "3"}},
        {"name": "Arcs", "data": {"kind": "listed", "elements": [["a", "u"], ["b", "v"]]}},
    ],
    "parameters": [
        {
            "name": "c",
            "over": "i in I",
            "unit": "kg",
            "data": {
                "kind": "given",
                "entries": [{"index": ["a"], "value": 3}, {"index": ["b"], "value": 4}],
            },
        },
        {
            "name": "cap",
            "unit": "hours",
            "data": {"kind": "given", "entries": [{"index": [], "value": 9}]},
        },
    ],
    "variables": [
        {"name": "x", "over": "i in I"},
        {"name": "y", "over": "(i, j) in Arcs", "upper": "1"},
        {"name": "s", "over": "t in T"},
        {"name": "z", "domain": "binary"},
    ],
    "definitions": [{"name": "total", "expression": "sum(c[i] * x[i] for i in I)"}],
    "objectives": [{"sense": "maximize", "expression": "total - z"}],
    "constraints": [
        {"kind": "algebraic", "name": "limit",
         "expression": "total + sum(y[i, j] for (i, j) in Arcs) <= cap"},
        {"kind": "algebraic", "name": "rows", "over": "j in J",
         "expression": "sum(y[i, k] for (i, k) in Arcs if k == j) <= z"},
        {"kind": "algebraic", "name": "steps",
         "over": "t in T if t > first(T)", "expression": "s[t] == s[prev(t)] + z"},
    ],
}  # fmt: skip


def formulation(**changes: Any) -> Formulation:
    """Return the base with whole fields replaced, or parts added by `field_plus=[...]`."""
    data = dict(BASE)
    for field, value in changes.items():
        name = field.removesuffix("_plus")
        data[name] = [*BASE.get(name, []), *value] if field != name else value
    return Formulation.model_validate_json(json.dumps(data))


def algebraic(expression: str, over: str = "", name: str = "rule") -> dict[str, str]:
    return {"kind": "algebraic", "name": name, "expression": expression, "over": over}


def scalar(name: str, value: float, **more: Any) -> dict[str, Any]:
    entries = [{"index": [], "value": value}]
    return {"name": name, "data": {"kind": "given", "entries": entries}, **more}


def derived(name: str, expression: str) -> dict[str, Any]:
    return {"name": name, "data": {"kind": "derived", "expression": expression}}


def rule(expression: str, over: str = "") -> Formulation:
    return formulation(constraints_plus=[algebraic(expression, over)])


def listed(name: str, elements: list[Any]) -> dict[str, Any]:
    return {"name": name, "data": {"kind": "listed", "elements": elements}}


def codes(findings: tuple[Finding, ...]) -> set[Code]:
    return {f.code for f in findings}
