"""Whether the values of two routes can both be right, and whether they belong to one model.

Pure functions. Equal values may be chance; a witness is the program's solution, feasible in our
formulation with the program's own value, or every quantity asked for given alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.agent.evidence import Standing
from optiwright.agent.matching import Point, named_point, points
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Formulation, Sense
from optiwright.formulators.phrases import listing
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import Evaluation
from optiwright.solver_tools.solution import Solution
from optiwright.solver_tools.written_result import ProbeReport, ProgramReport

SAME = 1e-6
"""Relative difference up to which two values are the same."""
_TOLERANCE = 1e-5
"""For the program's point in our formulation: its solver has tolerances of its own."""
_BROKEN_SHOWN = 8


@dataclass(frozen=True)
class Ours:
    """How the compiled route ended; without a formulation there is only the standing."""

    standing: Standing
    formulation: Formulation | None = None
    solution: Solution | None = None
    evaluation: Evaluation | None = None
    scenarios: tuple[tuple[str, float | None], ...] = ()
    """The cases beside the base that the text asks for, each with its value."""
    whole: bool = False
    """Its answer is certified, and the checks found nothing, its numbers against the text's too."""
    grounded: bool = False
    """Where nothing is possible: every number that cannot hold with another is the text's own."""


@dataclass(frozen=True)
class Theirs:
    """How the written program ended."""

    standing: Standing
    report: ProgramReport | None = None
    findings: tuple[str, ...] = ()
    """How its numbers differ from the text's, half a sentence each."""


def values_agree(ours: Ours, theirs: Theirs) -> bool | None:
    """Return whether the two values can both be right; None where neither contradicts the other.

    Where a gap is open a value is the interval from it to its bound. A local optimum without a
    bound says nothing about values better than its own.
    """
    mine, other = value_of(ours), told(ours, theirs)
    if not has_goal(ours):
        return True  # only feasibility was asked for: the witness decides
    if mine is None or other is None:
        return None
    slack = SAME * max(1.0, abs(mine), abs(other))
    if abs(mine - other) <= slack:
        return True
    sign = 1.0 if _sense(ours) is Sense.MAXIMIZE else -1.0
    # As if both maximized: each may in truth be as good as its bound.
    reach = [sign * mine, sign * other]
    bounds = [_bound(ours), _their_bound(theirs)]
    open_ended = [ours.standing is Standing.FEASIBLE, theirs.standing is Standing.FEASIBLE]
    worse = 0 if reach[0] < reach[1] else 1
    if not open_ended[worse]:
        return False
    bound = bounds[worse]
    if bound is None:
        return None
    return sign * bound >= reach[1 - worse] - slack


def coincidence(ours: Ours, theirs: Theirs) -> str:
    """Return why equal values prove nothing, as half a sentence; empty if they do."""
    report, solution = theirs.report, ours.solution
    if report is None or report.n_variables == 0:
        return "it solved no model that could be looked at"
    if solution is None or not solution.values:
        return "the formulation decides nothing"
    if has_goal(ours) and abs(told(ours, theirs) or 0.0) > SAME:
        return ""
    zero = all(abs(v.value or 0.0) <= SAME for v in solution.values)
    if zero or all(abs(v.value or 0.0) <= SAME for v in report.variables):
        return "with nothing but zeros, which many models have as their answer"
    return ""


def scenario_told(ours: Ours, theirs: Theirs) -> str:
    """Return the scenario whose value the program reports as its own; empty if it is of none."""
    value = theirs.report.objective if theirs.report is not None else None
    for name, wanted in ours.scenarios:
        if value is not None and wanted is not None and close(value, wanted):
            return name
    return ""


def scenarios_agree(ours: Ours, theirs: Theirs) -> bool:
    """Tell whether the program also reports the value of every scenario."""
    if theirs.report is None:
        return False
    given = [q.value for q in theirs.report.quantities if isinstance(q.value, int | float)]
    wanted = [value for _, value in ours.scenarios if value is not None]
    return len(wanted) == len(ours.scenarios) and _all_among(wanted, given)


def flaws_of(ours: Ours, theirs: Theirs) -> tuple[str, ...]:
    """Return what speaks against the program's reading of the text, half a sentence each.

    A text that asks for a best plan has one as a rule, and not that of doing nothing.
    """
    found = list(theirs.findings)
    if ours.standing in {Standing.OPTIMAL, Standing.FEASIBLE}:
        empty = {
            Standing.INFEASIBLE: "its model has no solution at all",
            Standing.UNBOUNDED: "its model has no limit to its objective",
        }
        found += [empty[theirs.standing]] if theirs.standing in empty else []
        values = theirs.report.variables if theirs.report is not None else ()
        idle = theirs.standing in {Standing.OPTIMAL, Standing.FEASIBLE} and bool(values)
        if idle and all(abs(v.value or 0.0) <= SAME for v in values):
            found.append("its plan is to do nothing")
        if theirs.report is not None and theirs.report.loose:
            names = listing([f"`{name}`" for name in theirs.report.loose])
            found.append(f"what it limits has no part in its objective: {names}")
    return tuple(found)


def broken_by(ours: Ours, theirs: Theirs) -> tuple[str, ...]:
    """Return what the program's solution breaks in the formulation, where the names tell it."""
    if ours.solution is None or theirs.report is None or ours.formulation is None:
        return ()
    point = named_point(ours.solution.values, theirs.report.variables)
    held = _held(ours.formulation, point) if point is not None else None
    return tuple(v.message for v in held.violations[:_BROKEN_SHOWN]) if held is not None else ()


def stopped_short(ours: Ours, theirs: Theirs, probe: ProbeReport) -> bool:
    """Tell whether our solution is one of the program's model, and better than its optimum.

    The model then does not contradict us; its solver did not find the best of it.
    """
    value, best = value_of(ours), theirs.report.model_objective if theirs.report else None
    goal = probe.objective
    if not probe.settled or probe.breaches:
        return False
    if goal is None or value is None or best is None or not close(goal, value):
        return False
    sense = _sense(ours)
    if sense is None or theirs.report is None or theirs.report.sense != sense or close(goal, best):
        return False
    return goal > best if sense is Sense.MAXIMIZE else goal < best


def witness(ours: Ours, theirs: Theirs) -> str:
    """Return what shows that the two equal values belong to one model; empty if nothing does."""
    assert ours.solution is not None and theirs.report is not None and ours.formulation is not None
    for point in points(ours.solution.values, theirs.report.variables):
        held = _held(ours.formulation, point)
        if held is not None and held.feasible and _same_goal(held, told(ours, theirs)):
            return "its solution meets every requirement of the formulation"
    if _asked_agree(ours, theirs):
        return "it gives the same quantities for what is asked"
    return ""


def _same_goal(held: Evaluation, value: float | None) -> bool:
    if not held.levels:
        return True
    return value is not None and close(held.levels[0], value, 10 * SAME)


def _held(formulation: Formulation, point: Point) -> Evaluation | None:
    try:
        return evaluate(formulation, point, tolerance=_TOLERANCE)
    except (UserError, FormulationError):
        return None  # the mapping gives no point of the formulation


def _asked_agree(ours: Ours, theirs: Theirs) -> bool:
    """Tell whether every quantity asked for, beside the value itself, is among those reported."""
    assert theirs.report is not None
    if ours.evaluation is None:
        return False
    value = value_of(ours)
    asked = [a.value for a in ours.evaluation.asked if a.value is not None]
    asked = [a for a in asked if value is None or not close(a, value)]
    given = [q.value for q in theirs.report.quantities if isinstance(q.value, int | float)]
    return any(a != 0 for a in asked) and _all_among(asked, given)


def _all_among(wanted: Sequence[float], there: Sequence[float]) -> bool:
    left = list(there)
    for value in wanted:
        partner = next((k for k, other in enumerate(left) if close(value, other)), None)
        if partner is None:
            return False
        del left[partner]
    return True


def close(left: float, right: float, tolerance: float = SAME) -> bool:
    """Tell whether two numbers are the same, relative to the larger or to 1."""
    return abs(left - right) <= tolerance * max(1.0, abs(left), abs(right))


def has_goal(ours: Ours) -> bool:
    """Tell whether there is anything to be best at."""
    return ours.formulation is not None and ours.formulation.leading is not None


def _sense(ours: Ours) -> Sense | None:
    goal = ours.formulation.leading if ours.formulation is not None else None
    return goal.sense if goal is not None else None


def value_of(ours: Ours) -> float | None:
    """Return the formulation's value."""
    return ours.solution.objective if ours.solution is not None else None


def _bound(ours: Ours) -> float | None:
    return ours.solution.bound if ours.solution is not None else None


def _their_bound(theirs: Theirs) -> float | None:
    """Return the program's bound, if it is one on the value that it reports."""
    report = theirs.report
    if report is None or report.objective is None or report.model_objective is None:
        return None
    return report.bound if close(report.objective, report.model_objective) else None


def told(ours: Ours, theirs: Theirs) -> float | None:
    """Return the program's value; of one that minimizes the negative, in our sense."""
    if theirs.report is None or theirs.report.objective is None:
        return None
    value, mine = theirs.report.objective, value_of(ours)
    turned = _sense(ours) is not None and theirs.report.sense not in {None, _sense(ours)}
    return -value if turned and mine is not None and close(-value, mine) else value
