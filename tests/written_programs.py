"""Programs as language models write them, for the tests of the second route."""

from __future__ import annotations

LLMOPT = """
from pyomo.environ import *

class ProductionSolver:
    def __init__(self, data):
        self.data = data

    def build(self):
        model = ConcreteModel()
        model.P = Set(initialize=self.data.keys())
        model.x = Var(model.P, within=NonNegativeIntegers)
        profit = sum(self.data[p][0] * model.x[p] for p in model.P)
        model.obj = Objective(expr=profit, sense=maximize)
        model.hours = Constraint(expr=sum(self.data[p][1] * model.x[p] for p in model.P) <= 17)
        return model

    def main(self):
        model = self.build()
        result = SolverFactory('gurobi').solve(model, tee=True)
        if result.solver.termination_condition == TerminationCondition.optimal:
            print("Optimal solution:")
            for p in model.P:
                print(f"  {p}: {model.x[p].value}")
            print(f"Optimal objective value: {value(model.obj)}")

if __name__ == '__main__':
    ProductionSolver({'desk': (5, 3), 'chair': (4, 2)}).main()
"""
"""A class with a main function and a printed result; the optimum is 33 at 1 desk, 7 chairs."""

OPTIBENCH = """
import math
import pyscipopt

model = pyscipopt.Model()
A = model.addVar(vtype="INTEGER", name="A", lb=0, ub=100)
B = model.addVar(vtype="CONTINUOUS", name="B", lb=0, ub=100)
model.setObjective(A * B - A**2, "maximize")
model.addCons(A + B <= 10)
print('-' * 10)
model.optimize()
if model.getStatus() == "optimal":
    print("Number of A: ", model.getVal(A))
    print("Amount of B: ", model.getVal(B))
    print("Maximized Profit: ", model.getObjVal())
else:
    print("The problem could not be solved to optimality.")
"""
"""pyscipopt with a nonlinear objective, printed after dashes; 12 at A 2, B 8 or A 3, B 7."""

PYOMO_LP = """
m = pyo.ConcreteModel()
m.x = pyo.Var(domain=pyo.NonNegativeReals)
m.y = pyo.Var(domain=pyo.NonNegativeReals)
m.z = pyo.Var(bounds=(0, 4))
m.profit = pyo.Objective(expr=3 * m.x + 2 * m.y + m.z, sense=pyo.maximize)
m.hours = pyo.Constraint(expr=m.x + m.y + m.z <= 4)
m.wood = pyo.Constraint(expr=m.x + 3 * m.y <= 3)
solver = pyo.SolverFactory({asked!r}, executable="/usr/bin/none")
solver.options["mipgap"] = 0.5
result = solver.solve(m, timelimit=7, keepfiles=True)
assert result.solver.status == pyo.SolverStatus.ok
assert result.solver.termination_condition == pyo.TerminationCondition.optimal
report(objective=m.profit, x=m.x, total=m.x + m.y + m.z)
"""
"""A linear program with a solver to be asked for; 10 at x 3, y 0, z 1."""

NONLINEAR = {
    "ipopt": """
m = ConcreteModel()
m.r = Var(bounds=(0.1, 50), initialize=1)
m.h = Var(bounds=(0.1, 50), initialize=1)
m.volume = Constraint(expr=math.pi * m.r**2 * m.h >= 100)
m.o = Objective(expr=2 * math.pi * m.r**2 + 2 * math.pi * m.r * m.h)
SolverFactory("ipopt").solve(m)
print("Objective:", m.o())
""",
    "bonmin": """
m = ConcreteModel()
m.x = Var(range(2), domain=NonNegativeInteger, bounds=(0, 10))
m.c = Constraint(expr=m.x[0] * m.x[1] >= 8)
m.o = Objective(expr=math.exp(m.x[0] / 10) + abs(m.x[1] - 3.5) + np.exp(m.x[1] / 10))
SolverFactory("bonmin").solve(m)
""",
    "gurobi": """
m = ConcreteModel()
m.x = Var(bounds=(-1, 2)); m.y = Var(bounds=(0, 1))
m.o = Objective(expr=-m.x**2 + m.x * m.y)
SolverFactory("gurobi", solver_io="python").solve(m)
""",
    "cvxpy": """
import cvxpy as cp
x = cp.Variable(2, integer=True)
problem = cp.Problem(cp.Minimize(cp.sum_squares(x - np.array([1.4, 2.6]))), [x >= 0])
problem.solve(solver=cp.GUROBI, verbose=True, MIPGap=0.1)
""",
    "integer quadratic": """
m = ConcreteModel()
m.x = Var([1, 2], domain=Integers, bounds=(-9, 9))
m.o = Objective(expr=(m.x[1] - 1.4)**2 + (m.x[2] - 2.6)**2)
SolverFactory("gurobi").solve(m)
""",
    "largest square": """
m = ConcreteModel()
m.x = Var(bounds=(-1, 2))
m.o = Objective(expr=m.x**2, sense=maximize)
SolverFactory("cplex").solve(m)
""",
    "semidefinite": """
X = cp.Variable((2, 2), PSD=True)
problem = cp.Problem(cp.Minimize(cp.trace(X)), [X[0, 1] == 1])
problem.solve(solver="MOSEK", mosek_params={})
""",
    "scipy": """
from scipy.optimize import minimize
found = minimize(lambda v: (v[0] - 1) ** 2 + v[1] ** 2 + 3, [5.0, 5.0],
                 constraints=[{"type": "ineq", "fun": lambda v: v[0]}])
print(found.x)
""",
}

LINEAR = {
    "cvxpy": """
import cvxpy as cp
x = cp.Variable(2, integer=True)
y = cp.Variable(nonneg=True)
problem = cp.Problem(cp.Maximize(x[0] + 2 * x[1] - y), [x <= 3.5, x >= 0, cp.sum(x) <= 5])
problem.solve(solver=cp.GUROBI, verbose=True, MIPGap=1)
""",
    "highspy": """
import highspy
h = highspy.Highs()
x = [h.addIntegral(lb=0, ub=3.5) for _ in range(2)]
h.addConstr(x[0] + x[1] <= 5)
h.maximize(x[0] + 2 * x[1])
""",
    "pyscipopt": """
from pyscipopt import Model, quicksum
m = Model("bakery")
m.setParam("no/such/parameter", 3)
x = {i: m.addVar(vtype="I", name=f"x[{i}]", lb=0, ub=3) for i in range(2)}
m.addCons(quicksum(x.values()) <= 5)
m.setObjective(x[0] + 2 * x[1], sense="maximize")
m.optimize()
""",
    "ortools": """
from ortools.linear_solver import pywraplp
solver = pywraplp.Solver.CreateSolver("GUROBI")
x = [solver.IntVar(0, 3.5, f"x[{i}]") for i in range(2)]
solver.Add(x[0] + x[1] <= 5)
solver.Maximize(x[0] + 2 * x[1])
assert solver.Solve() == pywraplp.Solver.OPTIMAL
""",
    "cp_sat": """
from ortools.sat.python import cp_model
model = cp_model.CpModel()
x = [model.NewIntVar(0, 3, f"x[{i}]") for i in range(2)]
model.Add(x[0] + x[1] <= 5)
model.Maximize(x[0] + 2 * x[1])
solver = cp_model.CpSolver()
assert solver.Solve(model) == cp_model.OPTIMAL
""",
    "milp": """
from scipy.optimize import Bounds, LinearConstraint, milp
found = milp([-1, -2], integrality=[1, 1], bounds=Bounds(0, 3.5),
             constraints=LinearConstraint([[1, 1]], ub=5))
print("Maximum profit:", -found.fun)
""",
    "linprog": """
from scipy.optimize import linprog
found = linprog([-1, -2], A_ub=[[1, 1]], b_ub=[5], bounds=[(0, 3), (0, 3)], method="simplex")
print("Maximum profit:", -found.fun)
""",
}
"""The same model in each library; 8 at 2 and 3."""

HOPELESS = {
    "pyomo": """
m = ConcreteModel()
m.x = Var(domain={kind})
m.c = Constraint(expr=m.x >= 2)
m.d = Constraint(expr={sign} * m.x >= -1)
m.o = Objective(expr=m.x, sense=maximize)
results = SolverFactory("glpk").solve(m)
print(results.solver.termination_condition)
print("Objective: 12")
""",
    "nonlinear": """
m = ConcreteModel()
m.x = Var(domain=NonNegativeReals)
m.c = Constraint(expr=m.x**2 >= 2)
m.d = Constraint(expr={sign} * m.x >= -1)
m.o = Objective(expr=m.x, sense=maximize)
SolverFactory("ipopt").solve(m)
report(objective=12, x=3)
""",
    "cvxpy": """
x = cp.Variable(nonneg=True{integer})
problem = cp.Problem(cp.Maximize(x), [x >= 2, {sign} * x >= -1])
problem.solve()
print(problem.status)
print("Objective:", 12)
""",
    "highspy": """
h = highspy.Highs()
x = h.{add}(lb=0)
h.addConstr(x >= 2)
h.addConstr({sign} * x >= -1)
h.maximize(x)
print("Objective:", 12)
""",
    "pyscipopt": """
from pyscipopt import Model
m = Model()
x = m.addVar("x", vtype="{vtype}", lb=0)
m.addCons(x >= 2)
m.addCons({sign} * x >= -1)
m.setObjective(x, "maximize")
m.optimize()
print("Objective:", m.getVal(x))
""",
    "ortools": """
from ortools.linear_solver import pywraplp
s = pywraplp.Solver.CreateSolver("{solver}")
x = s.{var}(0, s.infinity(), "x")
s.Add(x >= 2)
s.Add({sign} * x >= -1)
s.Maximize(x)
s.Solve()
print("Objective:", 12)
""",
    "scipy": """
from scipy.optimize import linprog
found = linprog([-1], A_ub=[[-1], [-({sign})]], b_ub=[-2, 1], integrality=[{flag}])
print("Objective:", 12)
""",
}
"""One variable, at least 2 and growing; with `sign` -1 at most 1 as well."""

MARKET_SPLIT = """
rng = np.random.default_rng(1)
n = 60
W = rng.integers(1000, 99999, (6, n))
b = W.sum(axis=1) // 2
"""
"""Data for binary programs that no solver solves while a test waits."""

ENDLESS = {
    "pyomo": """
m = ConcreteModel()
m.x = Var(range(n), domain=Binary)
def rule(m, j):
    return sum(int(W[j, i]) * m.x[i] for i in range(n)) == int(b[j])
m.c = Constraint(range(6), rule=rule)
m.o = Objective(expr=sum(m.x[i] for i in range(n)))
SolverFactory("cbc").solve(m)
""",
    "nonlinear": """
m = ConcreteModel()
m.x = Var(range(n), domain=Binary)
def rule(m, j):
    return sum(int(W[j, i]) * m.x[i] for i in range(n)) == int(b[j])
m.c = Constraint(range(6), rule=rule)
m.o = Objective(expr=sum(m.x[i] * m.x[(i + 1) % n] for i in range(n)))
SolverFactory("ipopt").solve(m)
""",
    "cvxpy": """
x = cp.Variable(n, boolean=True)
cp.Problem(cp.Minimize(cp.sum(x)), [W @ x == b]).solve(solver="CBC")
""",
    "highspy": """
h = highspy.Highs()
x = h.addBinaries(n)
for j in range(6):
    h.addConstr(sum(int(W[j, i]) * x[i] for i in range(n)) == int(b[j]))
h.minimize(sum(x[i] for i in range(n)))
""",
    "pyscipopt": """
from pyscipopt import Model, quicksum
m = Model()
x = [m.addVar(vtype="B") for i in range(n)]
for j in range(6):
    m.addCons(quicksum(int(W[j, i]) * x[i] for i in range(n)) == int(b[j]))
m.setObjective(quicksum(x))
m.optimize()
""",
    "pywraplp": """
from ortools.linear_solver import pywraplp
s = pywraplp.Solver.CreateSolver("CBC")
x = [s.BoolVar(f"x[{i}]") for i in range(n)]
for j in range(6):
    s.Add(sum(int(W[j, i]) * x[i] for i in range(n)) == int(b[j]))
s.Minimize(sum(x))
s.Solve()
""",
    "cp_sat": """
from ortools.sat.python import cp_model
m = cp_model.CpModel()
x = [m.NewBoolVar(f"x[{i}]") for i in range(n)]
for j in range(6):
    m.Add(sum(int(W[j, i]) * x[i] for i in range(n)) == int(b[j]))
m.Minimize(sum(x))
cp_model.CpSolver().Solve(m)
""",
    "milp": """
from scipy.optimize import Bounds, LinearConstraint, milp
milp(np.ones(n), integrality=np.ones(n), bounds=Bounds(0, 1), constraints=LinearConstraint(W, b, b))
""",
}

OPEN_GAP = """
m = ConcreteModel()
m.x = Var(range(n), domain=Binary)
m.miss = Var(range(np.int64(6)), domain=NonNegativeReals)
m.slack = Var(range(6), domain=NonNegativeReals)
def rule(m, j):
    made = sum(int(W[j, i]) * m.x[i] for i in range(n))
    return made + m.slack[j] - m.miss[j] == int(b[j])
m.c = Constraint(range(6), rule=rule)
m.o = Objective(expr=sum(m.slack[j] + m.miss[j] for j in range(6)))
print(SolverFactory("cbc").solve(m).solver.termination_condition)
"""
"""The same with misses allowed: easy to find something, hard to prove it best."""

BAKERY_PROGRAM = """from pyomo.environ import *
model = ConcreteModel()
model.bread = Var(within=NonNegativeIntegers)
model.cake = Var(within=NonNegativeIntegers, bounds=(0, 25))
model.obj = Objective(expr=2 * model.bread + 5 * model.cake, sense=maximize)
# at most 240 minutes of oven
model.oven = Constraint(expr=3 * model.bread + 8 * model.cake <= 240)
SolverFactory('glpk').solve(model)
report(objective=value(model.obj), loaves=value(model.bread), cakes=value(model.cake))
"""
"""The bakery of `wire_samples`, as its text has it: 160."""

SUPPLIERS = {
    "pyomo": """
import pyomo.environ as pyo
m = pyo.ConcreteModel()
m.x = pyo.Var(range(3), within=pyo.NonNegativeReals)
m.used = pyo.Var(range(3), within=pyo.Binary)
m.need = pyo.Constraint(expr=sum(m.x[k] for k in range(3)) >= 2900)
m.most = pyo.Constraint(range(3), rule=lambda m, k: m.x[k] <= (1500, 2900, 600)[k] * m.used[k])
price, fee = (0.2, 0.25, 0.09), (90, 40, 320)
m.cost = pyo.Objective(expr=sum(price[k] * m.x[k] + fee[k] * m.used[k] for k in range(3)))
pyo.SolverFactory("appsi_highs").solve(m)
""",
    "cvxpy": """
import cvxpy as cp
import numpy as np
x, used = cp.Variable(3, nonneg=True), cp.Variable(3, boolean=True)
cost = np.array([0.2, 0.25, 0.09]) @ x + np.array([90, 40, 320]) @ used
limits = [cp.sum(x) >= 2900, x <= cp.multiply([1500, 2900, 600], used)]
cp.Problem(cp.Minimize(cost), limits).solve()
""",
    "highspy": """
import highspy
h = highspy.Highs()
x = [h.addVariable() for _ in range(3)]
used = [h.addBinary() for _ in range(3)]
h.addConstr(x[0] + x[1] + x[2] >= 2900)
for k, most in enumerate((1500, 2900, 600)):
    h.addConstr(x[k] <= most * used[k])
h.minimize(0.2 * x[0] + 0.25 * x[1] + 0.09 * x[2] + 90 * used[0] + 40 * used[1] + 320 * used[2])
""",
}
"""A fee for each supplier of whom anything is bought: 765 at best, as one library says it each."""
