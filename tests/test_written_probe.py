"""What a point breaks in the model of a written Pyomo program."""

from __future__ import annotations

import json
from typing import Any

import pytest

from optiwright.solver_tools.written_probe import execute_at
from optiwright.solver_tools.written_result import ProbeReport
from tests.written_programs import BAKERY_PROGRAM as PROGRAM
from tests.written_programs import LINEAR

FIXED_CHARGE = """
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
"""
ROUND = """
m = ConcreteModel()
m.r = Var(bounds=(0, 10))
m.h = Var(bounds=(0, 10))
m.area = Constraint(expr=m.r * m.h <= 12)
m.o = Objective(expr=m.r + m.h, sense=maximize)
SolverFactory("ipopt").solve(m)
"""


def probe(source: str, *point: tuple[Any, ...]) -> ProbeReport:
    given = [[name, list(index), value] for name, *index, value in point]
    return ProbeReport.model_validate(json.loads(json.dumps(execute_at(source, 20.0, given))))


def missed(report: ProbeReport) -> dict[str, float]:
    return {breach.expression: round(breach.excess, 4) for breach in report.breaches}


@pytest.mark.parametrize(
    ("bread", "cake", "broken"),
    [
        (80, 0, {}),
        (72, 3, {}),
        (80, 1, {"3*bread + 8*cake <= 240": 8}),
        (0, 26, {"cake <= 25": 1}),
        (-1, 0, {"bread >= 0": 1}),
        (1.5, 0, {"bread integer": 0.5}),
    ],
)
def test_constraints_bounds_and_domains_are_evaluated(
    bread: float, cake: float, broken: dict[str, float]
) -> None:
    report = probe(PROGRAM, ("bread", bread), ("cake", cake))
    assert {" ".join(text.split()): by for text, by in missed(report).items()} == broken
    assert (report.matched, report.objective) == (2, 2 * bread + 5 * cake)


def test_variables_that_are_not_given_take_what_suits() -> None:
    assert probe(FIXED_CHARGE, ("made", "a", 7), ("made", "b", 0)).breaches == ()
    assert probe(FIXED_CHARGE, ("made", "a", 3), ("made", "b", 0)).breaches[0].excess == 2
    # Both open is one too many, and one of them closed misses as much again.
    report = probe(FIXED_CHARGE, ("made", "a", 3), ("made", "b", 3))
    assert sum(breach.excess for breach in report.breaches) == pytest.approx(1)
    assert (report.matched, report.objective) == (2, None)


def test_nonlinear_constraints_are_evaluated_too() -> None:
    assert missed(probe(ROUND, ("r", 4), ("h", 5))) == {"r*h <= 12": 8} or missed(
        probe(ROUND, ("r", 4), ("h", 5))
    ) == {"r*h  <=  12": 8}
    assert probe(ROUND, ("r", 4), ("h", 3)).breaches == ()


@pytest.mark.parametrize("source", ["no Python (", "print(3)", LINEAR["highspy"]])
def test_a_program_without_a_model_of_pyomo_says_nothing(source: str) -> None:
    assert probe(source, ("x", 1)) == ProbeReport()
