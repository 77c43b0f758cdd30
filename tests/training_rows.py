"""Rows of training data for the tests: a bakery as a script, wells in the indexed form, a ferry."""

from __future__ import annotations

import json
from typing import Any

from optiwright.training.rows import TrainingRow
from tests.wire_samples import goal, wire_constraint, wire_parameter, wire_set, wire_variable

BAKERY = (
    "A bakery has 15 hours of oven time. A loaf takes 20 minutes and a cake 50; a loaf earns 3.5 "
    "and a cake eleven dollars, and at most 14 cakes are sold. What is the best plan?"
)
BAKERY_SCRIPT = """```python
# decisions
bread = integer(0, None)  # loaves
cake = integer(0, 14)  # cakes
# totals
minutes = 20*bread + 50*cake  # minutes of oven
# objective: most profit
maximize(3.5*bread + 11*cake)
# oven time
require(minutes <= 15*60)
```"""
BAKERY_PROGRAM = """import pyomo.environ as pyo

m = pyo.ConcreteModel()
m.bread = pyo.Var(domain=pyo.NonNegativeIntegers)
m.cake = pyo.Var(domain=pyo.NonNegativeIntegers, bounds=(0, 14))
m.profit = pyo.Objective(expr=3.5*m.bread + 11*m.cake, sense=pyo.maximize)
m.oven = pyo.Constraint(expr=20*m.bread + 50*m.cake <= 15*60)
pyo.SolverFactory("appsi_highs").solve(m)
print("best profit", pyo.value(m.profit))
"""
BEST = 189.0
"""14 cakes and 10 loaves."""

WELLS = (
    "Two wells, North and South, serve three villages that need 30, 25 and 40 thousand litres. "
    "North gives at most 70 and costs 500 to open, South gives 60 and costs 350. Pumping a "
    "thousand litres costs 4, 6 and 9 from North, 5, 3 and 7 from South. What is the cheapest way?"
)
WELLS_INDEXED = json.dumps({
    "problem": "Which wells to open and what to pump at the least cost",
    "sets": [wire_set("Wells", "North", "South"), wire_set("Villages", 1, 2, 3)],
    "parameters": [
        wire_parameter("capacity", "Wells", 70, 60),
        wire_parameter("opening", "Wells", 500, 350),
        wire_parameter("need", "Villages", 30, 25, 40),
        wire_parameter("pumping", "Wells, Villages", 4, 6, 9, 5, 3, 7),
    ],
    "variables": [
        wire_variable("pump", "w in Wells, v in Villages"),
        wire_variable("opened", "w in Wells", type="binary", upper="1"),
    ],
    "definitions": [],
    "objective": goal(
        "minimize",
        "sum(opening[w]*opened[w] for w in Wells) "
        "+ sum(pumping[w, v]*pump[w, v] for w in Wells for v in Villages)",
    ),
    "constraints": [
        wire_constraint(
            "limit", "sum(pump[w, v] for v in Villages) <= capacity[w]*opened[w]", "w in Wells"
        ),
        wire_constraint("served", "sum(pump[w, v] for w in Wells) >= need[v]", "v in Villages"),
    ],
    "asked": [],
    "assumptions": [],
    "scenarios": [],
})  # fmt: skip
WELLS_PROGRAM = """import cvxpy as cp
import numpy as np

cost = np.array([[4, 6, 9], [5, 3, 7]])
pump = cp.Variable((2, 3), nonneg=True)
opened = cp.Variable(2, boolean=True)
total = cp.sum(cp.multiply(cost, pump)) + 500*opened[0] + 350*opened[1]
limits = [cp.sum(pump[0]) <= 70*opened[0], cp.sum(pump[1]) <= 60*opened[1]]
needs = [cp.sum(pump[:, v]) >= need for v, need in enumerate([30, 25, 40])]
model = cp.Problem(cp.Minimize(total), limits + needs)
model.solve(solver=cp.HIGHS)
report(objective=model.value)
"""

FERRY = (
    "At a price of p a ferry line sells 900 - 12p tickets a day. A ticket costs it 8. Which price "
    "brings the most?"
)
FERRY_SCRIPT = """```python
# decisions
p = continuous(0, None)  # price
# totals
tickets = 900 - 12*p
# objective: most profit
maximize((p - 8)*tickets)
```"""
FERRY_PROGRAM = """from scipy.optimize import minimize_scalar

found = minimize_scalar(lambda p: -(p - 8)*(900 - 12*p), bounds=(0, 75), method="bounded")
report(objective=-found.fun)
"""


def bakery(**given: Any) -> TrainingRow:
    """A right row of the bakery; what is given is otherwise."""
    usual: dict[str, Any] = {
        "source": "generated",
        "family": "bakery",
        "problem_class": "MIP",
        "text": BAKERY,
        "script": BAKERY_SCRIPT,
        "program": BAKERY_PROGRAM,
    }
    return TrainingRow(**usual | given)


def wells(**given: Any) -> TrainingRow:
    """A right row of the wells."""
    usual: dict[str, Any] = {
        "source": "generated",
        "family": "wells",
        "problem_class": "",
        "text": WELLS,
        "indexed": WELLS_INDEXED,
        "program": WELLS_PROGRAM,
    }
    return TrainingRow(**usual | given)


def ferry(**given: Any) -> TrainingRow:
    """A right row of the ferry, which is not linear."""
    usual: dict[str, Any] = {
        "source": "generated",
        "family": "ferry",
        "problem_class": "QP",
        "text": FERRY,
        "script": FERRY_SCRIPT,
        "program": FERRY_PROGRAM,
    }
    return TrainingRow(**usual | given)
