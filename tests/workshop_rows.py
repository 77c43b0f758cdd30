"""A row of training data for the tests of trainers and rewards, and replies to it."""

from __future__ import annotations

from typing import Any

from optiwright.training.rows import AskedValue, TrainingRow

TEXT = (
    "A workshop makes desks and chairs. A desk takes 3 hours of work and earns 45, a chair takes 1 "
    "hour of work and earns 13. There are 40 hours of work, and at most 20 chairs can be sold. How "
    "many of each give the most profit?"
)
SCRIPT = """```python
# decisions
desks = integer(0, None)  # number of desks
chairs = integer(0, None)  # number of chairs
# totals
profit = 45*desks + 13*chairs  # profit
hours = 3*desks + 1*chairs  # hours of work
# objective: most profit
maximize(profit)
# there are 40 hours of work
require(hours <= 40)
# at most 20 chairs can be sold
require(chairs <= 20)
```"""
PROGRAM = """import pyomo.environ as pyo

model = pyo.ConcreteModel()
model.desks = pyo.Var(within=pyo.NonNegativeIntegers)
model.chairs = pyo.Var(within=pyo.NonNegativeIntegers)
model.profit = pyo.Objective(expr=45 * model.desks + 13 * model.chairs, sense=pyo.maximize)
model.hours = pyo.Constraint(expr=3 * model.desks + model.chairs <= 40)
model.sold = pyo.Constraint(expr=model.chairs <= 20)
pyo.SolverFactory("appsi_highs").solve(model)
print("desks:", pyo.value(model.desks))
print("chairs:", pyo.value(model.chairs))
print("objective:", pyo.value(model.profit))
"""
OPTIMUM = 598.0
INDEXED = """{
  "problem": "desks and chairs",
  "sets": [{"name": "Things", "meaning": "what is made", "elements": ["desk", "chair"]}],
  "parameters": [
    {"name": "earns", "meaning": "profit of each", "over": "t in Things", "unit": "",
     "values": [45, 13]},
    {"name": "takes", "meaning": "hours of each", "over": "t in Things", "unit": "",
     "values": [3, 1]}
  ],
  "variables": [{"name": "make", "meaning": "number made", "over": "t in Things",
                 "type": "integer", "lower": "0"}],
  "objective": {"sense": "maximize", "meaning": "profit", "expression":
                "sum(earns[t]*make[t] for t in Things)"},
  "constraints": [
    {"name": "hours", "meaning": "hours of work", "over": "",
     "expression": "sum(takes[t]*make[t] for t in Things) <= 40"},
    {"name": "sold", "meaning": "chairs sold", "over": "", "expression": "make[\\"chair\\"] <= 20"}
  ],
  "asked": []
}"""


def fenced(program: str) -> str:
    """Return a program in its fence."""
    return f"```python\n{program.strip()}\n```"


def workshop(**changed: Any) -> TrainingRow:
    """Return the row, with other fields where they are given."""
    fields: dict[str, Any] = {
        "source": "generated",
        "family": "workshop",
        "problem_class": "IP",
        "text": TEXT,
        "script": SCRIPT,
        "program": PROGRAM,
        "sense": "maximize",
        "optimum": OPTIMUM,
        "asked": (
            AskedValue(meaning="number of desks", expression="desks", value=13),
            AskedValue(meaning="number of chairs", expression="chairs", value=1),
        ),
        "verified": True,
    }
    return TrainingRow(**fields | changed)
