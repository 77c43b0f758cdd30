"""Random small linear and integer models, and what re-solving one says of it, for the tests."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Change,
    Domain,
    Entry,
    Formulation,
    Index,
    Objective,
    Sense,
    Variable,
)
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.effects import Effects
from optiwright.solver_tools.evaluation import point_of
from optiwright.solver_tools.sensitivity import surroundings
from optiwright.solver_tools.solution import Solution
from optiwright.solver_tools.solve import solve_program, to_solution
from tests.sample_formulations import given


@dataclass(frozen=True)
class Surrounded:
    """A model with its optimum and what is said of its surroundings."""

    formulation: Formulation
    best: Solution
    effects: Effects

    @property
    def objective(self) -> float:
        assert self.best.objective is not None
        return self.best.objective


def solved(formulation: Formulation, *changes: Change) -> Solution:
    """Returns the solution by a fresh solve."""
    program = compile_program(ground(formulation, changes=changes))
    return to_solution(program, solve_program(program))


def best_value(formulation: Formulation, *changes: Change) -> float | None:
    """Returns the best value by a fresh solve, None where there is no solution."""
    found = solved(formulation, *changes)
    assert found.termination.value in {"optimal", "infeasible", "unbounded"}, found
    return found.objective if found.termination.value == "optimal" else None


def change_to(name: str, value: float, index: Index = ()) -> Change:
    return Change(parameter=name, entries=(Entry(index=index, value=value),))


def surrounded(formulation: Formulation) -> Surrounded | None:
    """Returns what is said about a model's optimum, None where it has none."""
    best = solved(formulation)
    if best.termination.value != "optimal":
        return None
    return Surrounded(formulation, best, surroundings(formulation, point_of(best)))


_FORMS = {
    "<=": "{body} <= {limit}",
    ">=": "{body} >= {limit}",
    "==": "{body} == {limit}",
    "left>=": "{limit} >= {body}",
    "left<=": "{limit} <= {body}",
    "moved": "{body} - {limit} <= 1",
    "chain": "{limit} - 9 <= {body} <= {limit}",
    "falling": "{limit} >= {body} >= {limit} - 9",
    "doubled": "{body} <= 2 * {limit} + 1",
}


def random_linear(seed: int, domain: Domain = Domain.CONTINUOUS) -> Formulation:
    """Returns a linear model of up to three variables, often degenerate, at times infeasible."""
    dice = random.Random(seed)
    count, rows = dice.randint(1, 3), dice.randint(1, 4)
    names = [f"x{j}" for j in range(count)]
    parameters, constraints = [], []
    for i in range(rows):
        body = " + ".join(f"{dice.randint(-1, 3)} * {name}" for name in names)
        form = dice.choice(["<=", "<=", "<=", ">=", *_FORMS])
        limit = float(dice.randint(0, 8))
        parameters.append(given(f"b{i}", limit))
        text = _FORMS[form].format(body=f"({body})", limit=f"b{i}")
        constraints.append(Algebraic(name=f"row{i}", expression=text))
    if dice.random() < 0.5:
        parameters.append(given("cap", float(dice.randint(1, 6))))
    cap = "cap" if len(parameters) > rows else None
    variables = tuple(
        Variable(name=name, domain=domain, upper=dice.choice([cap, cap, None, "5"]))
        for name in names
    )
    costs = [float(dice.randint(-2, 4)) for _ in names]
    parameters += [given(f"c{j}", cost) for j, cost in enumerate(costs)]
    goal = Objective(
        sense=dice.choice([Sense.MAXIMIZE, Sense.MINIMIZE]),
        expression=" + ".join(f"c{j} * {name}" for j, name in enumerate(names)),
    )
    return Formulation(
        parameters=tuple(parameters),
        variables=variables,
        objectives=(goal,),
        constraints=tuple(constraints),
    )


def random_whole(seed: int) -> Formulation:
    """Returns an integer model whose variables all lie between 0 and 4."""
    plain = random_linear(seed, Domain.INTEGER)
    variables = tuple(v.model_copy(update={"upper": "4"}) for v in plain.variables)
    return plain.model_copy(update={"variables": variables})


def by_enumeration(formulation: Formulation, *changes: Change) -> float | None:
    """Returns the best value over all points of 0..4, by plain arithmetic of the test's own."""
    values = {p.name: p.data.entries[0].value for p in formulation.parameters}  # type: ignore[union-attr]
    values |= {c.parameter: c.entries[0].value for c in changes}
    names = [v.name for v in formulation.variables]
    goal = formulation.objectives[0]
    found: list[float] = []
    for point in itertools.product(range(5), repeat=len(names)):
        scope = values | dict(zip(names, map(float, point), strict=True))
        texts = (c.expression for c in formulation.constraints if isinstance(c, Algebraic))
        if all(eval(text, {}, scope) for text in texts):
            found.append(eval(goal.expression, {}, scope))
    if not found:
        return None
    return max(found) if goal.sense is Sense.MAXIMIZE else min(found)
