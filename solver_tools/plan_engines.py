"""Planners beside our own, reached through unified-planning: Fast Downward, pyperplan, ENHSP.

Fast Downward and pyperplan get the actions with their objects filled in, as plain STRIPS with costs
in whole numbers. ENHSP, and unified-planning's own validator, get the formulation as it stands
(`plan_translation`), so that a plan is checked by code that knows nothing of our filling in.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_ground import Ground, GroundAction
from optiwright.formulators.planning_terms import Atom, Compare, Holds
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep
from optiwright.solver_tools.plan_translation import Translation, quiet_environment

FAST_DOWNWARD = "fast-downward"
PYPERPLAN = "pyperplan"
ENHSP = "enhsp"

_BEST = {FAST_DOWNWARD: "fast-downward-opt", PYPERPLAN: "pyperplan-opt", ENHSP: "enhsp-opt"}
_ANY = {FAST_DOWNWARD: "fast-downward", PYPERPLAN: "pyperplan", ENHSP: "enhsp"}
_SEARCH = {
    FAST_DOWNWARD: "Fast Downward's A* search with the landmark-cut heuristic",
    PYPERPLAN: "pyperplan's A* search with the landmark-cut heuristic",
    ENHSP: "ENHSP's A* search with an admissible heuristic",
}
_BEST_SHARE = 0.8
"""Of the time, what the search for the best plan gets before any plan will do."""


def takes(planning: Planning, ground: Ground, engine: str) -> bool:
    """Whether an engine can do what is asked for."""
    if planning.most_steps is not None and planning.least == "cost":
        return False
    if engine == ENHSP:
        return True
    costs = planning.least == "cost" and len({a.cost for a in ground.actions}) > 1
    return not _counts(ground) and not (engine == PYPERPLAN and costs)


def _counts(ground: Ground) -> bool:
    """Whether amounts that change decide on anything."""
    goals = any(isinstance(g.condition, Compare) for g in ground.goals)
    return goals or any(action.compares for action in ground.actions)


def ask(planning: Planning, ground: Ground, engine: str, seconds: float) -> PlanOutcome:
    """Have an engine look for the best plan, and for any where the time for that runs out."""
    until = time.monotonic() + seconds
    if planning.least == "any" and planning.most_steps is None:
        return _asked(planning, ground, engine, _ANY[engine], seconds)
    first = _asked(planning, ground, engine, _BEST[engine], _BEST_SHARE * seconds)
    left = until - time.monotonic()
    if first.status is not PlanStatus.UNSOLVED or left <= 1 or _ANY[engine] == _BEST[engine]:
        return first
    second = _asked(planning, ground, engine, _ANY[engine], left)
    return second if second.status is PlanStatus.FOUND else first


def validate_with_unified_planning(planning: Planning, steps: Sequence[PlanStep]) -> str:
    """Return why unified-planning's own validator refuses a plan; empty where it holds good.

    Raises:
        ImportError: unified-planning is not installed.
        FormulationError: something of the formulation cannot be read.
    """
    from unified_planning.engines import SequentialPlanValidator
    from unified_planning.engines.results import ValidationResultStatus

    if planning.most_steps is not None and len(steps) > planning.most_steps:
        return f"the plan has {len(steps)} steps, more than {planning.most_steps}"
    translation = Translation(planning)
    try:
        plan = translation.plan(steps)
    except (KeyError, AssertionError) as error:
        return f"the plan is not of this formulation: {error}"
    with SequentialPlanValidator(environment=translation.environment) as validator:
        result = validator.validate(translation.problem, plan)
    if result.status is ValidationResultStatus.VALID:
        return ""
    told = [m.message for m in result.log_messages or ()]
    return " ".join(" ".join(told).split()) or f"the plan is {result.status.name.lower()}"


def _asked(
    planning: Planning, ground: Ground, engine: str, configuration: str, seconds: float
) -> PlanOutcome:
    from unified_planning.engines import PlanGenerationResultStatus as Result

    if engine == ENHSP:
        whole = Translation(planning)
        problem, environment, steps_of = whole.problem, whole.environment, whole.steps
    else:
        filled = _Filled(planning, ground)
        problem, environment, steps_of = filled.problem, filled.environment, filled.steps
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with environment.factory.OneshotPlanner(name=configuration) as planner:
            if not planner.supports(problem.kind):
                return _unsolved(engine, "It cannot take what this formulation has.")
            result = planner.solve(problem, timeout=seconds)
    if result.plan is not None:
        return _found(planning, ground, engine, steps_of(result.plan), result.status)
    if result.status is Result.UNSOLVABLE_PROVEN and engine != ENHSP:
        proof = (
            f"{_SEARCH[engine]} visited every state that can be reached without meeting the goal."
        )
        return PlanOutcome(status=PlanStatus.IMPOSSIBLE, engine=engine, proof=proof)
    if result.status is Result.TIMEOUT:
        return _unsolved(engine, "No plan was found within the time.")
    told = " ".join(m.message for m in result.log_messages or ())[-300:]
    return _unsolved(
        engine, f"It ended without a plan ({result.status.name.lower()}). {told}".strip()
    )


def _found(
    planning: Planning, ground: Ground, engine: str, steps: tuple[PlanStep, ...], status: Any
) -> PlanOutcome:
    from unified_planning.engines import PlanGenerationResultStatus as Result

    value = float(len(steps))
    if planning.least == "cost":
        costs = {(a.name, a.arguments): a.cost for a in ground.actions}
        value = float(sum((costs[s.action, s.arguments] for s in steps), Fraction(0)))
    if status is not Result.SOLVED_OPTIMALLY or planning.least == "any":
        return PlanOutcome(status=PlanStatus.FOUND, steps=steps, value=value, engine=engine)
    if planning.most_steps is not None and len(steps) > planning.most_steps:
        return PlanOutcome(
            status=PlanStatus.IMPOSSIBLE,
            engine=engine,
            proof=f"{_SEARCH[engine]} shows that a plan takes {len(steps)} steps, more than "
            f"{planning.most_steps}.",
        )
    better = "costs less" if planning.least == "cost" else "has fewer steps"
    return PlanOutcome(
        status=PlanStatus.OPTIMAL,
        steps=steps,
        value=value,
        bound=value,
        engine=engine,
        proof=f"{_SEARCH[engine]} ended with this plan, and so no other {better}.",
    )


def _unsolved(engine: str, message: str) -> PlanOutcome:
    return PlanOutcome(status=PlanStatus.UNSOLVED, engine=engine, message=message)


class _Filled:
    """The ground problem for unified-planning, with a second fact for each that is to be untrue.

    Attributes:
        problem: unified-planning's.
        environment: its environment.
    """

    def __init__(self, planning: Planning, ground: Ground) -> None:
        from unified_planning.model import Problem

        self.environment = quiet_environment()
        self.problem = Problem("plan", self.environment)
        self._changing = frozenset(ground.facts)
        self._untrue = self._to_be_untrue(ground)
        self._fluents: dict[tuple[Atom, bool], Any] = {}
        for number, fact in enumerate(ground.facts):
            self._declare(fact, True, f"f{number}", fact in ground.true)
            if fact in self._untrue:
                self._declare(fact, False, f"n{number}", fact not in ground.true)
        self._actions = {f"a{n}": action for n, action in enumerate(ground.actions)}
        made = {name: self._action(name, action) for name, action in self._actions.items()}
        for goal in ground.goals:
            if isinstance(goal.condition, Holds) and goal.condition.atom in self._changing:
                self.problem.add_goal(self._fluents[goal.condition.atom, goal.condition.positive]())
        self._least(planning, made)

    def _to_be_untrue(self, ground: Ground) -> frozenset[Atom]:
        found = {fact for action in ground.actions for fact in action.forbids}
        for goal in ground.goals:
            if isinstance(goal.condition, Holds) and not goal.condition.positive:
                found.add(goal.condition.atom)
        return frozenset(found & self._changing)

    def _declare(self, fact: Atom, positive: bool, name: str, true: bool) -> None:
        from unified_planning.model import Fluent

        boolean = self.environment.type_manager.BoolType()
        fluent = Fluent(name, boolean, environment=self.environment)
        self.problem.add_fluent(fluent, default_initial_value=true)
        self._fluents[fact, positive] = fluent

    def _action(self, name: str, action: GroundAction) -> Any:
        from unified_planning.model import InstantaneousAction

        made = InstantaneousAction(name, _env=self.environment)
        for fact in sorted(action.needs, key=str):
            made.add_precondition(self._fluents[fact, True]())
        for fact in sorted(action.forbids, key=str):
            made.add_precondition(self._fluents[fact, False]())
        for facts, true in ((action.makes, True), (action.ends, False)):
            for fact in sorted(facts & self._changing, key=str):
                made.add_effect(self._fluents[fact, True](), true)
                if fact in self._untrue:
                    made.add_effect(self._fluents[fact, False](), not true)
        self.problem.add_action(made)
        return made

    def _least(self, planning: Planning, made: dict[str, Any]) -> None:
        from unified_planning.model.metrics import (
            MinimizeActionCosts,
            MinimizeSequentialPlanLength,
        )

        if planning.least == "cost":
            unit = math.lcm(*(a.cost.denominator for a in self._actions.values()))
            number = self.environment.expression_manager.Int
            costs = {
                made[name]: number(int(action.cost * unit))
                for name, action in self._actions.items()
            }
            self.problem.add_quality_metric(
                MinimizeActionCosts(costs, environment=self.environment)
            )
        else:
            self.problem.add_quality_metric(MinimizeSequentialPlanLength(self.environment))

    def steps(self, plan: Any) -> tuple[PlanStep, ...]:
        """Return the steps of unified-planning's plan."""
        actions = [self._actions[instance.action.name] for instance in plan.actions]
        return tuple(PlanStep(action=a.name, arguments=a.arguments) for a in actions)
