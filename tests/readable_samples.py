"""Small formulations of every class with optima known by hand, for the tests of several parts."""

from __future__ import annotations

from typing import Any

from optiwright.formulators.model import Formulation


def listed(name: str, *elements: Any) -> dict[str, Any]:
    """A set written out."""
    return {"name": name, "data": {"kind": "listed", "elements": list(elements)}}


def periods(name: str, start: int, stop: int) -> dict[str, Any]:
    """A set of consecutive integers."""
    return {"name": name, "data": {"kind": "range", "start": str(start), "stop": str(stop)}}


def scalar(name: str, value: float, **more: Any) -> dict[str, Any]:
    """A parameter without indices."""
    return {
        "name": name,
        "data": {"kind": "given", "entries": [{"index": [], "value": value}]},
        **more,
    }


def table(name: str, over: str, values: dict[Any, float], **more: Any) -> dict[str, Any]:
    """A parameter with indices; keys are elements or tuples of them."""
    entries = [
        {"index": list(key) if isinstance(key, tuple) else [key], "value": value}
        for key, value in values.items()
    ]
    default = more.pop("default", None)
    data = {"kind": "given", "entries": entries, "default": default}
    return {"name": name, "over": over, "data": data, **more}


def derived(name: str, over: str, expression: str) -> dict[str, Any]:
    """A parameter computed from others."""
    return {"name": name, "over": over, "data": {"kind": "derived", "expression": expression}}


def goal(sense: str, expression: str, **more: Any) -> dict[str, Any]:
    """An objective."""
    return {"sense": sense, "expression": expression, **more}


def rule(name: str, expression: str, over: str = "", **more: Any) -> dict[str, Any]:
    """An algebraic constraint."""
    return {"name": name, "over": over, "expression": expression, "kind": "algebraic", **more}


def formulation(**parts: Any) -> Formulation:
    """A formulation from plain data."""
    return Formulation.model_validate(parts)


PRODUCT_MIX = formulation(
    title="Two products",
    parameters=[
        scalar("profit_a", 3, unit="EUR", description="profit of A", words="3 euros"),
        scalar("profit_b", 5, unit="EUR", description="profit of B"),
    ],
    variables=[
        {"name": "x1", "description": "units of A", "upper": "4"},
        {"name": "x2", "description": "units of B"},
    ],
    definitions=[{"name": "total", "expression": "x1 + x2"}],
    objectives=[goal("maximize", "profit_a*x1 + profit_b*x2", name="profit", unit="EUR")],
    constraints=[
        rule("plant_2", "2*x2 <= 12", description="Plant 2 has 12 hours.", words="12 hours"),
        rule("plant_3", "0 <= 3*x1 + 2*x2 <= 18", description="Plant 3 has 18 hours."),
    ],
    asked=[{"name": "units in all", "expression": "total", "unit": "pieces"}],
    assumptions=[{"text": "Fractions of a unit may be made.", "about": ["x1", "x2"]}],
)
"""Optimum 36."""

TRANSPORT = formulation(
    title="Transport",
    sets=[listed("Plants", "north", "south"), listed("Markets", "a", "b", "c")],
    parameters=[
        table("cap", "Plants", {"north": 20, "south": 30}, unit="t"),
        table("need", "Markets", {"a": 10, "b": 25, "c": 15}, unit="t"),
        table(
            "cost",
            "Plants, Markets",
            {("north", "a"): 2, ("north", "c"): 5, ("south", "a"): 3, ("south", "b"): 1},
            default=4,
            unit="EUR/t",
        ),
        derived("slack", "", "sum(cap[i] for i in Plants) - sum(need[j] for j in Markets)"),
    ],
    variables=[{"name": "ship", "over": "Plants, Markets", "unit": "t"}],
    objectives=[goal("minimize", "sum(cost[i, j]*ship[i, j] for i in Plants for j in Markets)")],
    constraints=[
        rule("supply", "sum(ship[i, j] for j in Markets) <= cap[i]", "i in Plants"),
        rule("demand", "sum(ship[i, j] for i in Plants) >= need[j] + slack", "j in Markets"),
    ],
    asked=[
        {"name": "shipped", "expression": "sum(ship[i,j] for j in Markets)", "over": "i in Plants"}
    ],
)
"""b by south 25, then south 5 units of c at 4, north 10 of a at 2 and 10 of c at 5: 115."""

INVENTORY = formulation(
    title="Inventory",
    sets=[periods("T", 1, 4)],
    parameters=[
        table("demand", "T", {1: 10, 2: 20, 3: 30, 4: 10}),
        table("price", "T", {1: 1, 2: 2, 3: 2, 4: 3}),
        scalar("hold", 0.5),
    ],
    variables=[
        {"name": "make", "over": "t in T", "upper": "25"},
        {"name": "stock", "over": "t in T"},
    ],
    objectives=[goal("minimize", "sum(price[t]*make[t] + hold*stock[t] for t in T)")],
    constraints=[
        rule(
            "balance", "stock[prev(t)] + make[t] == demand[t] + stock[t]", "t in T if t != first(T)"
        ),
        rule("start", "make[first(T)] == demand[1] + stock[first(T)]"),
        rule("end", "stock[last(T)] == 0"),
        rule("rest", "make[t - 1] + make[t] <= 50", "t in T if t > 1"),
    ],
)
"""By cheapest source of each demand: 10 + (22.5 + 10) + (50 + 12.5) + 30 = 135."""

COVERING = formulation(
    title="Covering with fixed cost",
    sets=[
        listed("Sites", "p", "q", "r"),
        listed("Towns", 1, 2, 3),
        {
            "name": "Near",
            "data": {
                "kind": "family",
                "over": "i in Towns",
                "members": [
                    {"index": [1], "elements": ["p", "q"]},
                    {"index": [2], "elements": ["q", "r"]},
                    {"index": [3], "elements": ["r"]},
                ],
            },
        },
    ],
    parameters=[table("fixed", "Sites", {"p": 2, "q": 4, "r": 3})],
    variables=[{"name": "open", "over": "Sites", "domain": "binary"}],
    objectives=[goal("minimize", "sum(fixed[s]*open[s] for s in Sites)")],
    constraints=[rule("cover", "sum(open[s] for s in Near[i]) >= 1", "i in Towns")],
)
"""p and r: 5."""

NETWORK = formulation(
    title="Shortest path",
    sets=[
        listed("Nodes", "s", "a", "b", "t"),
        listed("Arcs", ("s", "a"), ("s", "b"), ("a", "b"), ("a", "t"), ("b", "t")),
    ],
    parameters=[
        table(
            "length",
            "Arcs",
            {("s", "a"): 1, ("s", "b"): 5, ("a", "b"): 1, ("a", "t"): 6, ("b", "t"): 2},
        ),
        table("net", "Nodes", {"s": 1, "t": -1}, default=0),
    ],
    variables=[{"name": "flow", "over": "(i, j) in Arcs"}],
    objectives=[goal("minimize", "sum(length[i, j]*flow[i, j] for (i, j) in Arcs)")],
    constraints=[
        rule(
            "balance",
            "sum(flow[i, j] for (i, j) in Arcs if i == n)"
            " - sum(flow[i, j] for (i, j) in Arcs if j == n) == net[n]",
            "n in Nodes",
        ),
    ],
)
"""s, a, b, t: 4."""

NONLINEAR = formulation(
    title="Cylinder",
    variables=[
        {"name": "r", "lower": "0.1", "upper": "10"},
        {"name": "h", "lower": "0.1", "upper": "100"},
    ],
    objectives=[goal("minimize", "2*3.141592653589793*r**2 + 2*3.141592653589793*r*h")],
    constraints=[rule("volume", "3.141592653589793*r**2*h >= 1000")],
)
"""r = (500 / pi) ** (1/3), area 553.58."""

QUADRATIC = formulation(
    title="Least variance",
    sets=[listed("I", "a", "b")],
    parameters=[table("cov", "I, I", {("a", "a"): 1, ("a", "b"): 0, ("b", "a"): 0, ("b", "b"): 4})],
    variables=[{"name": "w", "over": "I"}],
    objectives=[goal("minimize", "sum(cov[i, j]*w[i]*w[j] for i in I for j in I)")],
    constraints=[rule("whole", "sum(w[i] for i in I) == 1")],
)
"""w = 0.8, 0.2: 0.8."""

PIECEWISE = formulation(
    title="Quantity discount",
    sets=[listed("K", "u", "v")],
    variables=[{"name": "x", "over": "K", "upper": "20"}, {"name": "c", "over": "K"}],
    objectives=[goal("minimize", "sum(c[k] for k in K)")],
    constraints=[
        {
            "name": "price",
            "kind": "piecewise",
            "over": "k in K",
            "argument": "x[k]",
            "value": "c[k]",
            "points": [[0, 0], [10, 20], [20, 30]],
        },
        rule("total", "sum(x[k] for k in K) == 25"),
    ],
)
"""20 at 30 and 5 at 10: 40."""

IMPLICATION = formulation(
    title="Logic",
    sets=[listed("I", "a", "b", "c")],
    parameters=[table("gain", "I", {"a": 5, "b": 4, "c": 3})],
    variables=[
        {"name": "on", "over": "I", "domain": "binary"},
        {"name": "x", "over": "I", "upper": "10"},
        {"name": "n", "domain": "integer", "upper": "9"},
        {"name": "batch", "domain": "semicontinuous", "lower": "3", "upper": "8"},
    ],
    objectives=[goal("maximize", "sum(gain[i]*x[i] for i in I) - 20*on['c'] + n - batch")],
    constraints=[
        {
            "name": "off",
            "kind": "implication",
            "over": "i in I",
            "condition": "not on[i]",
            "then": "x[i] <= 2",
        },
        {"name": "no_both", "kind": "logic", "expression": "not (on['a'] and on['b'])"},
        {
            "name": "one_small",
            "kind": "either",
            "options": ["x['a'] <= 4", "x['b'] <= 1"],
        },
        {
            "name": "many",
            "kind": "implication",
            "condition": "x['a'] + x['b'] > 10.5",
            "then": "n <= 3",
        },
        rule("strict", "n < 8"),
        rule("some", "batch >= 1"),
    ],
)
"""a 10, b 1 (50 + 4) cuts n to 3; c on gives 30 - 20, 4 more than off: 54 + 10 + 3 - 3 = 64; a bit
less of b gives n = 7: 50 + 2 + 10 + 7 - 3 = 66, the optimum."""

SOFT = formulation(
    title="Soft demand",
    sets=[listed("I", 1, 2)],
    parameters=[table("want", "I", {1: 8, 2: 7}), table("fine", "I", {1: 3, 2: 5})],
    variables=[{"name": "x", "over": "I"}],
    objectives=[goal("minimize", "sum(x[i] for i in I)")],
    constraints=[
        rule("demand", "x[i] >= want[i]", "i in I", penalty="fine[i]"),
        rule("capacity", "sum(x[i] for i in I) <= 10"),
        rule("even", "x[1] == x[2]", penalty="0.5"),
    ],
)
"""x = 3, 7: 10 + 3 * 5 + 0.5 * 4 = 27."""

LEXICOGRAPHIC = formulation(
    title="Two goals",
    variables=[{"name": "x", "upper": "10"}, {"name": "y", "upper": "10"}],
    objectives=[
        goal("minimize", "x", name="second", priority=1),
        goal("maximize", "x + y", name="first", priority=2),
        goal("minimize", "y", name="half", priority=2, weight=0.5),
    ],
    constraints=[rule("cap", "x + 0.25*y <= 8")],
)
"""First x + y - y/2 at most: x 5.5, y 10 gives 10.5; x is then fixed."""

EXTREMES = formulation(
    title="Makespan",
    sets=[listed("J", 5, 3, 2), periods("M", 1, 2)],
    variables=[
        {"name": "to", "over": "J, M", "domain": "binary"},
        {"name": "z", "lower": "-5", "upper": "5"},
    ],
    definitions=[
        {"name": "load", "over": "m in M", "expression": "sum(j*to[j, m] for j in J)"},
        {"name": "makespan", "expression": "max(load[m] for m in M)"},
        {"name": "spread", "expression": "abs(load[1] - load[2])"},
    ],
    objectives=[goal("minimize", "makespan - abs(z - 1) - min(z + 2, 3)")],
    constraints=[rule("once", "sum(to[j, m] for m in M) == 1", "j in J")],
    asked=[{"name": "spread", "expression": "spread"}],
)
"""Loads of 5 and 5, z = 5: 5 - 4 - 3 = -2, spread 0."""

OPTIMA = {
    "product mix": (PRODUCT_MIX, 36.0),
    "transport": (TRANSPORT, 115.0),
    "inventory": (INVENTORY, 135.0),
    "covering": (COVERING, 5.0),
    "network": (NETWORK, 4.0),
    "nonlinear": (NONLINEAR, 553.5810),
    "quadratic": (QUADRATIC, 0.8),
    "piecewise": (PIECEWISE, 40.0),
    "implication": (IMPLICATION, 66.0),
    "soft": (SOFT, 27.0),
    "lexicographic": (LEXICOGRAPHIC, 10.5),
    "extremes": (EXTREMES, -2.0),
}
"""Formulations with their optimal values."""
