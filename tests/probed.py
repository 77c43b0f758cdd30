"""The same small models in each library, and the probing of a point in them."""

from __future__ import annotations

import json
from typing import Any

from optiwright.solver_tools.written_probe import execute_at
from optiwright.solver_tools.written_result import ProbeReport
from tests.written_programs import BAKERY_PROGRAM


def probe(source: str, *point: tuple[Any, ...], limit: float = 20.0) -> ProbeReport:
    """Probes (name, *index, value) each, and takes the report over the boundary it has to cross."""
    given = [[name, list(index), value] for name, *index, value in point]
    found = json.dumps(execute_at(source, limit, given), allow_nan=False)
    return ProbeReport.model_validate(json.loads(found))


def missed(report: ProbeReport) -> dict[str, float]:
    """Returns by how much each constraint or variable is missed, by its name."""
    found = {breach.name: round(breach.excess, 4) for breach in report.breaches}
    assert len(found) == len(report.breaches), report.breaches
    return found


def texts(report: ProbeReport) -> dict[str, float]:
    """Returns by how much each constraint or bound is missed, by its text."""
    return {breach.expression: round(breach.excess, 4) for breach in report.breaches}


def total(report: ProbeReport) -> float:
    """Returns by how much all of them together are missed."""
    return sum(breach.excess for breach in report.breaches)


BAKERY = {
    "pyomo": BAKERY_PROGRAM,
    "cvxpy": """
bread = cp.Variable(integer=True, nonneg=True, name="bread")
cake = cp.Variable(integer=True, bounds=[0, 25])
oven = (3 * bread + 8 * cake <= 240).set_label("oven")
cp.Problem(cp.Maximize(2 * bread + 5 * cake), [oven]).solve()
""",
    "highspy": """
h = highspy.Highs()
bread = h.addIntegral(lb=0)
cake = h.addIntegral(lb=0, ub=25, name="cake")
h.addConstr(3 * bread + 8 * cake <= 240, name="oven")
h.maximize(2 * bread + 5 * cake)
""",
    "pyscipopt": """
from pyscipopt import Model
m = Model()
bread = m.addVar(vtype="I", lb=0)
cake = m.addVar("cake", vtype="I", lb=0, ub=25)
m.addCons(3 * bread + 8 * cake <= 240, name="oven")
m.setObjective(2 * bread + 5 * cake, sense="maximize")
m.optimize()
""",
    "pywraplp": """
from ortools.linear_solver import pywraplp
solver = pywraplp.Solver.CreateSolver("CBC")
bread = solver.IntVar(0, solver.infinity(), "bread")
cake = solver.IntVar(0, 25, "cake")
solver.Add(3 * bread + 8 * cake <= 240, "oven")
solver.Maximize(2 * bread + 5 * cake)
solver.Solve()
""",
    "cp_sat": """
from ortools.sat.python import cp_model
model = cp_model.CpModel()
bread = model.new_int_var(0, 900, "bread")
cake = model.new_int_var(0, 25, "cake")
model.add(3 * bread + 8 * cake <= 240).with_name("oven")
model.maximize(2 * bread + 5 * cake)
cp_model.CpSolver().solve(model)
""",
}
"""Whole loaves and cakes: `cake <= 25`, `oven`: 3*bread + 8*cake <= 240, value 2*bread + 5*cake."""

FIXED_CHARGE = {
    "pyomo": """
m = ConcreteModel()
m.made = Var(["a", "b"], within=NonNegativeReals)
m.open = Var(["a", "b"], within=Binary)
m.cost = Objective(expr=sum(m.made[i] + 9 * m.open[i] for i in m.made))
m.link = ConstraintList()
for i in m.made:
    m.link.add(m.made[i] <= 10 * m.open[i])
m.one = Constraint(expr=m.open["a"] + m.open["b"] <= 1)
m.need = Constraint(expr=m.made["a"] + m.made["b"] >= 5)
SolverFactory("cbc").solve(m)
""",
    "cvxpy": """
made = {i: cp.Variable(nonneg=True) for i in "ab"}
open_ = cp.Variable(2, boolean=True)
rows = [made[i] <= 10 * open_[k] for k, i in enumerate("ab")]
rows += [cp.sum(open_) <= 1, made["a"] + made["b"] >= 5]
cp.Problem(cp.Minimize(made["a"] + made["b"] + 9 * cp.sum(open_)), rows).solve()
""",
    "highspy": """
h = highspy.Highs()
made = {i: h.addVariable() for i in "ab"}
open_ = {i: h.addBinary() for i in "ab"}
for i in "ab":
    h.addConstr(made[i] <= 10 * open_[i])
h.addConstr(open_["a"] + open_["b"] <= 1)
h.addConstr(made["a"] + made["b"] >= 5)
h.minimize(made["a"] + made["b"] + 9 * open_["a"] + 9 * open_["b"])
""",
    "pyscipopt": """
from pyscipopt import Model
m = Model()
made = {i: m.addVar(f"made[{i}]") for i in "ab"}
open_ = {i: m.addVar(f"open[{i}]", vtype="B") for i in "ab"}
for i in "ab":
    m.addCons(made[i] <= 10 * open_[i])
m.addCons(open_["a"] + open_["b"] <= 1)
m.addCons(made["a"] + made["b"] >= 5)
m.setObjective(made["a"] + made["b"] + 9 * open_["a"] + 9 * open_["b"])
m.optimize()
""",
    "pywraplp": """
from ortools.linear_solver import pywraplp
s = pywraplp.Solver.CreateSolver("SCIP")
made = {i: s.NumVar(0, s.infinity(), f"made[{i}]") for i in "ab"}
open_ = {i: s.BoolVar(f"open[{i}]") for i in "ab"}
for i in "ab":
    s.Add(made[i] <= 10 * open_[i])
s.Add(open_["a"] + open_["b"] <= 1)
s.Add(made["a"] + made["b"] >= 5)
s.Minimize(made["a"] + made["b"] + 9 * open_["a"] + 9 * open_["b"])
s.Solve()
""",
    "cp_sat": """
from ortools.sat.python import cp_model
m = cp_model.CpModel()
made = {i: m.new_int_var(0, 99, f"made[{i}]") for i in "ab"}
open_ = {i: m.new_bool_var(f"open[{i}]") for i in "ab"}
m.add(made["a"] <= 10 * open_["a"])
m.add(made["b"] <= 10 * open_["b"])
m.add_at_most_one(open_.values())
m.add(made["a"] + made["b"] >= 5)
m.minimize(made["a"] + made["b"] + 9 * open_["a"] + 9 * open_["b"])
cp_model.CpSolver().solve(m)
""",
}
"""Two machines, one of which may be open and make up to 10; 5 are needed."""

BALANCE = {
    "pyomo": """
m = ConcreteModel()
m.x = Var(bounds=(0, 9)); m.y = Var(bounds=(0, 9)); m.z = Var(bounds=(0, 3))
m.mix = Constraint(expr=m.x + m.y + m.z == 10)
m.pair = Constraint(expr=2 * m.x - m.y == 0)
m.o = Objective(expr=m.z)
SolverFactory("glpk").solve(m)
""",
    "cvxpy": """
x = cp.Variable(bounds=[0, 9]); y = cp.Variable(bounds=[0, 9]); z = cp.Variable(bounds=[0, 3])
mix = (x + y + z == 10).set_label("mix")
pair = (2 * x - y == 0).set_label("pair")
cp.Problem(cp.Minimize(z), [mix, pair]).solve()
""",
    "highspy": """
h = highspy.Highs()
x, y, z = (h.addVariable(lb=0, ub=top) for top in (9, 9, 3))
h.addConstr(x + y + z == 10, name="mix")
h.addConstr(2 * x - y == 0, name="pair")
h.minimize(z)
""",
    "pyscipopt": """
from pyscipopt import Model
m = Model()
x, y, z = (m.addVar(name, lb=0, ub=top) for name, top in (("x", 9), ("y", 9), ("z", 3)))
m.addCons(x + y + z == 10, name="mix")
m.addCons(2 * x - y == 0, name="pair")
m.setObjective(z)
m.optimize()
""",
    "pywraplp": """
from ortools.linear_solver import pywraplp
s = pywraplp.Solver.CreateSolver("GLOP")
x, y, z = (s.NumVar(0, top, name) for name, top in (("x", 9), ("y", 9), ("z", 3)))
s.Add(x + y + z == 10, "mix")
s.Add(2 * x - y == 0, "pair")
s.Minimize(z)
s.Solve()
""",
    "cp_sat": """
from ortools.sat.python import cp_model
m = cp_model.CpModel()
x, y, z = (m.new_int_var(0, top, name) for name, top in (("x", 9), ("y", 9), ("z", 3)))
m.add(x + y + z == 10).with_name("mix")
m.add(2 * x - y == 0).with_name("pair")
m.minimize(z)
cp_model.CpSolver().solve(m)
""",
}
"""x and y up to 9, z up to 3; `mix`: x + y + z == 10, `pair`: 2*x - y == 0."""
