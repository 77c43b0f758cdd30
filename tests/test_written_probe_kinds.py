"""What a point breaks in the model of a written program, where a library has kinds of its own."""

from __future__ import annotations

import pytest

from tests.probed import missed, probe, texts, total

# --- Pyomo ----------------------------------------------------------------------------------------


def test_pyomo_nonlinear_constraints_are_evaluated_too() -> None:
    source = """
m = ConcreteModel()
m.r = Var(bounds=(0, 10)); m.h = Var(bounds=(0, 10))
m.area = Constraint(expr=m.r * m.h <= 12)
m.o = Objective(expr=m.r + m.h, sense=maximize)
SolverFactory("ipopt").solve(m)
"""
    assert texts(probe(source, ("r", 4), ("h", 5))) == {"r*h <= 12": 8}
    assert probe(source, ("r", 4), ("h", 3)).breaches == ()
    assert missed(probe(source, ("r", 4))) == {}


def test_pyomo_a_variable_that_the_program_fixed_has_one_value() -> None:
    source = """
m = ConcreteModel()
m.x = Var(range(2), bounds=(0, 9)); m.x[0].fix(4)
m.c = Constraint(expr=3 <= m.x[0] + m.x[1]); m.o = Objective(expr=m.x[1])
SolverFactory("glpk").solve(m)
"""
    assert texts(probe(source, ("x", 0, 6))) == {"x[0] <= 4": 2}
    assert texts(probe(source, ("x", 0, 1), ("x", 1, 0))) == {"x[0] >= 4": 3, "3 <= x[0] + x[1]": 2}


def test_pyomo_names_in_blocks_and_what_is_not_told_are_held_to() -> None:
    source = """
m = ConcreteModel()
m.b = Block([1, 2])
for k in m.b:
    m.b[k].x = Var([7, 8], bounds=(0, 5))
m.one = SOSConstraint(var=m.b[2].x, sos=1)
m.all = Constraint(expr=m.b[1].x[7] + m.b[2].x[7] + m.b[2].x[8] >= 9)
m.o = Objective(expr=m.b[1].x[7])
SolverFactory("gurobi").solve(m)
"""
    assert missed(probe(source, ("b[1].x", 7, 4))) == {}
    # Of both in the second block only one is not zero.
    assert missed(probe(source, ("b[1].x", 7, 1))) == {"all": 3}
    assert missed(probe(source, ("b[1].x", 7, 1), ("b[2].x", 7, 0.5))) == {"all": 7.5}
    every = [(f"b[{k}].x", i, 3) for k in (1, 2) for i in (7, 8)]
    assert not probe(source, *every).settled  # two in the second block


# --- highspy and pywraplp -------------------------------------------------------------------------


def test_highspy_a_semicontinuous_column_may_be_zero() -> None:
    source = """
h = highspy.Highs()
x = h.addVariable(lb=3, ub=8); y = h.addVariable(ub=4)
h.changeColIntegrality(0, highspy.HighsVarType.kSemiContinuous)
h.addConstr(x + y <= 5, name="sum")
h.addConstr(x - y >= -1, name="difference")
h.maximize(x + 2 * y)
"""
    assert missed(probe(source, ("x", 0), ("y", 1))) == {}
    assert missed(probe(source, ("x", 2), ("y", 1))) == {"x": 1}
    assert missed(probe(source, ("x", 9), ("y", 1))) == {"x": 1, "sum": 5}
    assert missed(probe(source, ("y", 1))) == {}
    assert total(probe(source, ("y", 3))) == pytest.approx(1)


def test_highspy_a_quadratic_objective_is_not_evaluated() -> None:
    source = """
h = highspy.Highs()
x = h.addVariable(lb=1, ub=8)
square = np.array([0]), np.array([0]), np.array([2.0])
h.passHessian(1, 1, int(highspy.HessianFormat.kTriangular), *square)
h.minimize(x)
"""
    report = probe(source, ("x", 0))
    assert (missed(report), report.objective) == ({"x": 1}, None)


def test_names_in_an_array_are_found() -> None:
    source = """
h = highspy.Highs()
ship = h.addVariables(2, 2, ub=4)
h.addConstr(ship.sum() >= 9, name="all")
h.minimize(ship.sum())
"""
    given = [("ship", i, j, 1) for i in range(2) for j in range(2)]
    assert missed(probe(source, *given)) == {"all": 5}


def test_pywraplp_a_model_without_a_solution_is_probed() -> None:
    source = """
from ortools.linear_solver import pywraplp
s = pywraplp.Solver.CreateSolver("SCIP")
x = s.NumVar(0, 5, "x"); y = s.NumVar(0, 5, "")
s.Add(x + y >= 12); s.Add(x <= 4); s.Maximize(2 * x + 3)
s.Solve()
"""
    report = probe(source, ("x", 5))
    assert missed(report) == {"constraint 2": 1, "constraint 1": 2}
    assert report.objective == 13


# --- pyscipopt ------------------------------------------------------------------------------------

CURVED = """
from pyscipopt import Model, cos, exp, log, sin, sqrt
m = Model()
x = m.addVar("x", lb=0, ub=10); y = m.addVar("y", lb=0, ub=10, vtype="I")
{rows}
m.setObjective({goal}, "maximize")
m.optimize()
"""


@pytest.mark.parametrize(
    ("row", "text", "excess"),
    [
        ("x * y + 2 * x**2 <= 10", "x*y + 2*x**2 <= 10", 4),
        ("2 * x + 1 >= x * y", "2*x - x*y >= -1", 1),
        ("(x + y <= 4) >= 1", "1 <= x + y <= 4", 1),
        ("(x * y <= 40) >= 8", "8 <= x*y <= 40", 2),
        ("x**3 - y <= 1", "-y + x**3 <= 1", 4),
        ("(x + y) ** 2 == 20", None, 5),
        ("exp(x - 2) + y >= 9", "y + exp(x - 2) >= 9", 5),
        ("sqrt(x + 2) - abs(x - y) + 3 <= 1", "sqrt(x + 2) - abs(x - y) <= -2", 3),
        ("log(x - 1) + sin(x - 2) + cos(y - 3) >= 4", None, 3),
        ("6 * x / (y + 1) <= 2", "(6*x)*((y + 1)**(-1)) <= 2", 1),
        ("x**0.5 * 2 + y >= 3 + x**0.5 * 2 + 3", None, 3),
    ],
)
def test_pyscipopt_curved_constraints_are_evaluated(
    row: str, text: str | None, excess: float
) -> None:
    source = CURVED.format(rows=f"m.addCons({row})", goal="x")
    (breach,) = probe(source, ("x", 2), ("y", 3)).breaches
    assert breach.excess == pytest.approx(excess)
    assert text is None or breach.expression == text


@pytest.mark.parametrize(
    ("row", "excess"),
    [
        ("exp(x) + y >= 9", 0),
        ("3 * sqrt(exp(x) + 1) + y >= 9", 0),
        ("3 * abs(x - 5) + y <= 4", 0),
        ("2 * sqrt(x**2 + 1) + y >= 9", 0),
        ("y / (x + 1) + sqrt(y + 1) >= 9", 4),
    ],
)
def test_pyscipopt_a_variable_is_open_wherever_it_stands(row: str, excess: float) -> None:
    source = CURVED.format(rows=f"m.addCons({row})", goal="x")
    assert total(probe(source, ("y", 3))) == pytest.approx(excess, abs=1e-5)


def test_pyscipopt_curved_constraints_are_met_as_nearly_as_can_be() -> None:
    rows = 'm.addCons(x * y >= 40, name="area"); m.addCons(x**2 + y <= 20, name="top")'
    source = CURVED.format(rows=rows, goal="x")
    assert missed(probe(source, ("x", 4), ("y", 10))) == {"top": 6}
    # With x at 3 the area takes more than 10 of y, which misses nothing else until then.
    assert missed(probe(source, ("x", 3))) == {"area": 10}
    # x at 4 makes the area and is 6 over the top, and less of x costs more of the area.
    assert missed(probe(source, ("y", 10))) == {"top": 6}


def test_pyscipopt_an_excess_without_a_number_is_not_told() -> None:
    source = CURVED.format(rows="m.addConss([exp(x) <= 5, log(x) >= 1, x * y <= 3])", goal="x")
    assert missed(probe(source, ("x", 2000), ("y", 0))) == {"x": 1990}
    assert missed(probe(source, ("x", -2), ("y", -3))) == {"x": 2, "y": 3, "c3": 3}


def test_pyscipopt_a_nonlinear_objective_is_no_requirement() -> None:
    report = probe(CURVED.format(rows="m.addCons(x + y <= 4)", goal="x * y"), ("x", 3), ("y", 2))
    assert (missed(report), report.matched, report.objective) == ({"c1": 1}, 2, None)


def test_pyscipopt_what_cannot_be_read_back_is_not_told() -> None:
    rows = """
m.addConsIndicator(x <= 3, m.addVar("b", vtype="B"))
m.addConsSOS1([x, y])
m.addCons(x + y <= 8, name="both")
"""
    report = probe(CURVED.format(rows=rows, goal="x"), ("x", 5), ("y", 4), ("b", 1))
    assert (missed(report), report.matched, report.settled) == ({"both": 1}, 3, False)
