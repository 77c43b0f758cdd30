"""The comparison of a formulation's solution with a written program's report, without a model."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from optiwright.agent.comparing import (
    RULES,
    Comparison,
    Rule,
    compare,
    describe,
    probed,
)
from optiwright.agent.evidence import Agreement, Level, Standing, written_level
from optiwright.agent.witness import Ours, Theirs
from optiwright.formulators.model import Asked, Domain, Formulation, Objective, Sense
from optiwright.formulators.model import Variable as Decision
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.solution import Solution, SolverStatus, Termination, ValueAt
from optiwright.solver_tools.written_result import (
    Breach,
    ProbeReport,
    ProgramReport,
    Quantity,
    Variable,
)


def formulation(*names: str, value: str, upper: str = "10") -> Formulation:
    return Formulation(
        variables=tuple(Decision(name=n, upper=upper, domain=Domain.INTEGER) for n in names),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression=value),),
        asked=(Asked(name="first", expression=names[0]),),
    )


def ours(model: Formulation, values: dict[str, float], **given: Any) -> Ours:
    held = evaluate(model, {name: {(): value} for name, value in values.items()})
    solution = Solution(
        status=SolverStatus.OK,
        termination=Termination.OPTIMAL,
        objective=held.levels[0],
        values=tuple(ValueAt(name=n, value=v) for n, v in values.items()),
    ).model_copy(update=given)
    gap = solution.bound is not None
    return Ours(Standing.FEASIBLE if gap else Standing.OPTIMAL, model, solution, held)


def theirs(objective: float, values: dict[str, float], **given: Any) -> Theirs:
    report = ProgramReport(
        outcome="finished",
        status="optimal",
        objective=objective,
        model_objective=objective,
        variables=tuple(Variable(name=n, value=v) for n, v in values.items()),
        n_variables=len(values),
        solves=1,
    ).model_copy(update=given)
    standing = {"optimal": Standing.OPTIMAL, "feasible": Standing.FEASIBLE}[report.status]
    return Theirs(standing, report)


TWO = formulation("x", "y", value="2*x + y")


@pytest.mark.parametrize(
    ("mine", "other", "agreement"),
    [
        (ours(TWO, {"x": 10, "y": 10}), theirs(30, {"x": 10, "y": 10}), "corroborated"),
        (ours(TWO, {"x": 10, "y": 10}), theirs(30 + 2e-5, {"x": 10, "y": 10}), "corroborated"),
        (ours(TWO, {"x": 10, "y": 10}), theirs(30.01, {"x": 10, "y": 10}), "disputed"),
        (ours(TWO, {"x": 10, "y": 10}), theirs(-30, {"x": 10, "y": 10}, sense="minimize"),
         "corroborated"),
        (ours(TWO, {"x": 10, "y": 10}), theirs(-30, {"x": 10, "y": 10}), "disputed"),
        # Another optimal plan, under other names and in another order, with one variable more.
        (ours(TWO, {"x": 10, "y": 10}), theirs(30, {"q": 10, "p": 30, "r": 10}), "corroborated"),
        # The same value by a point that is none of ours.
        (ours(TWO, {"x": 10, "y": 10}), theirs(30, {"x": 15, "y": 0}), "single"),
        (ours(TWO, {"x": 10, "y": 10}), theirs(30, {"total": 30}), "single"),
        # ... unless what is asked is answered alike.
        (ours(TWO, {"x": 10, "y": 10}),
         theirs(30, {"total": 30}, quantities=(Quantity(name="x", value=10),)), "corroborated"),
        # Coincidences: no model, or nothing but zeros.
        (ours(TWO, {"x": 10, "y": 10}), theirs(30, {}), "single"),
        (ours(TWO, {"x": 0, "y": 0}), theirs(0, {"x": 0, "y": 0}), "single"),
        # Gaps: intervals that overlap, and that do not.
        (ours(TWO, {"x": 9, "y": 10}, bound=31.0), theirs(30, {"x": 10, "y": 10}), "corroborated"),
        (ours(TWO, {"x": 9, "y": 10}, bound=29.0), theirs(30, {"x": 10, "y": 10}), "disputed"),
        # A local optimum that is worse says nothing; one that is better than an optimum disputes.
        (ours(TWO, {"x": 10, "y": 10}), theirs(28, {"x": 9, "y": 10}, status="feasible"), "single"),
        (ours(TWO, {"x": 10, "y": 10}), theirs(32, {"x": 9, "y": 10}, status="feasible"),
         "disputed"),
    ],
)  # fmt: skip
def test_what_counts_as_agreement(mine: Ours, other: Theirs, agreement: str) -> None:
    found = compare(mine, other, blind=True)
    assert found.agreement == agreement
    assert found.words.endswith(".")
    later = compare(mine, other, blind=False).agreement
    assert later == (Agreement.RECONCILED if agreement == "corroborated" else agreement)


@pytest.mark.parametrize(
    ("objective", "told", "agreement", "base_only", "said"),
    [
        (30, [], "corroborated", True, "base case alone: of `less`, `more`"),
        (30, [20], "corroborated", True, "base case alone"),
        (30, [20, 40], "corroborated", False, "every scenario's value too"),
        (40, [30, 20], "single", False, "value of the scenario `more`"),
        (50, [20, 40], "disputed", False, "differ"),
    ],
)
def test_scenarios_are_compared_or_said_not_to_be(
    objective: float, told: list[float], agreement: str, base_only: bool, said: str
) -> None:
    mine = replace(ours(TWO, {"x": 10, "y": 10}), scenarios=(("less", 20.0), ("more", 40.0)))
    quantities = tuple(Quantity(name=f"case {k}", value=value) for k, value in enumerate(told))
    other = theirs(objective, {"x": 10, "y": 10}, quantities=quantities)
    found = compare(mine, other, blind=True)
    assert (found.agreement, found.base_only) == (agreement, base_only)
    assert said in found.words
    assert compare(replace(mine, scenarios=(("less", None),)), other, blind=True).base_only == (
        agreement == "corroborated"
    )


def test_a_dispute_names_what_the_other_breaks() -> None:
    found = compare(ours(TWO, {"x": 10, "y": 10}), theirs(40, {"X": 15, "y": 10}), blind=True)
    (broken,) = found.broken
    assert "`x`" in broken and "15" in broken


@pytest.mark.parametrize(("mine", "other"), list(itertools.product(Standing, Standing)))
def test_every_pair_of_endings_has_its_rule_and_words(mine: Standing, other: Standing) -> None:
    answered = {s for s in Standing if written_level(s) is Level.UNCHECKED}
    rule = RULES[mine, other]
    assert (rule is Rule.NEITHER) == (mine not in answered and other not in answered)
    assert (rule is Rule.OURS_ALONE) == (mine in answered and other not in answered)
    assert (rule is Rule.THEIRS_ALONE) == (mine not in answered and other in answered)
    assert RULES[mine, other] is RULES[other, mine] or rule in {Rule.OURS_ALONE, Rule.THEIRS_ALONE}
    assert describe(mine, other).endswith(".")
    if rule is not Rule.VALUES:
        found = compare(Ours(mine, grounded=True), Theirs(other), blind=True)
        assert Comparison.model_validate_json(found.model_dump_json()) == found
        assert found.agreement is {
            Rule.SAME: Agreement.CORROBORATED,
            Rule.DIFFER: Agreement.DISPUTED,
        }.get(rule, Agreement.SINGLE)


@pytest.mark.parametrize(
    ("standing", "grounded", "agreement"),
    [
        (Standing.INFEASIBLE, True, Agreement.CORROBORATED),
        (Standing.INFEASIBLE, False, Agreement.SINGLE),
        (Standing.UNBOUNDED, False, Agreement.CORROBORATED),
    ],
)
def test_no_solution_twice_counts_where_the_conflict_is_the_texts(
    standing: Standing, grounded: bool, agreement: Agreement
) -> None:
    found = compare(Ours(standing, grounded=grounded), Theirs(standing), blind=True)
    assert (found.rule, found.agreement) == (Rule.SAME, agreement)
    assert ("a reason of its own" in found.words) == (agreement is Agreement.SINGLE)


@pytest.mark.parametrize(
    ("value", "sense", "goal", "agreement"),
    [
        (28, "maximize", 30, "single"),
        (-28, "minimize", -30, "disputed"),  # it need not mean the same
        (28, None, 30, "disputed"),  # nothing tells which of the two is better
        (28, "maximize", 29, "disputed"),  # our solution is worth something else there
        (28, "maximize", None, "disputed"),
        (32, "maximize", 30, "disputed"),  # its solver found more
    ],
)
def test_only_an_optimum_that_its_own_model_betters_is_no_dispute(
    value: float, sense: str | None, goal: float | None, agreement: str
) -> None:
    mine = ours(TWO, {"x": 10, "y": 10})
    other = theirs(value, {"x": 9, "y": 10}, sense=sense)
    found = compare(mine, other, blind=True)
    assert found.contested
    report = ProbeReport(matched=2, objective=goal, settled=True)
    assert probed(found, mine, other, report).agreement == agreement
    unsaid = report.model_copy(update={"settled": False})
    assert probed(found, mine, other, unsaid).agreement == "disputed"
    over = report.model_copy(
        update={"breaches": (Breach(name="x", expression="x <= 9", excess=1),)}
    )
    broken = probed(found, mine, other, over)
    assert (broken.agreement, broken.breaches) == ("disputed", ("`x` (`x <= 9`) is missed by 1.",))
