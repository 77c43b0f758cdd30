"""A planning formulation as a unified-planning problem, as it stands: nothing is filled in.

Every name gets a prefix, since there types, objects, fluents and actions share one space of names,
and words of PDDL cannot be names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from optiwright.formulators.planning import OBJECT, Action, Planning
from optiwright.formulators.planning_parser import (
    parse_atom,
    parse_change,
    parse_condition,
    parse_start,
    parse_term,
)
from optiwright.formulators.planning_terms import (
    Atom,
    Compare,
    Condition,
    Given,
    Holds,
    Number,
    Same,
    Term,
)
from optiwright.solver_tools.plan_outcome import PlanStep


def quiet_environment() -> Any:
    """Return unified-planning's environment, told to print no credits.

    It is the global one: up-fast-downward mixes expressions of any other with those of this.
    """
    from unified_planning.environment import get_environment

    environment = get_environment()
    environment.credits_stream = None
    return environment


class Translation:
    """The problem, and the way from plans to plans.

    Attributes:
        problem: unified-planning's.
    """

    def __init__(self, planning: Planning) -> None:
        from unified_planning.model import Problem

        self.planning = planning
        self.environment = quiet_environment()
        self._bare = frozenset(a.name for a in planning.amounts if not a.places)
        self._types = self._kinds()
        self.problem = Problem("plan", self.environment)
        self._fluents = self._declared()
        self._objects = {
            thing.name: self.problem.add_object(f"o_{thing.name}", self._types[thing.kind])
            for thing in planning.objects
        }
        self._actions = {action.name: self._action(action) for action in planning.actions}
        self._start()
        for text in planning.goal:
            self.problem.add_goal(self._condition(parse_condition(text, self._bare), {}))
        self._least()

    def plan(self, steps: Sequence[PlanStep]) -> Any:
        """Return a plan as unified-planning has it; raises KeyError for what is not there."""
        from unified_planning.plans import ActionInstance, SequentialPlan

        made = self.environment.expression_manager.ObjectExp
        return SequentialPlan(
            [
                ActionInstance(
                    self._actions[step.action],
                    tuple(made(self._objects[a]) for a in step.arguments),
                )
                for step in steps
            ],
            self.environment,
        )

    def steps(self, plan: Any) -> tuple[PlanStep, ...]:
        """Return the steps of unified-planning's plan."""
        return tuple(
            PlanStep(
                action=instance.action.name.removeprefix("a_"),
                arguments=tuple(
                    p.object().name.removeprefix("o_") for p in instance.actual_parameters
                ),
            )
            for instance in plan.actions
        )

    def _kinds(self) -> dict[str, Any]:
        manager = self.environment.type_manager
        found: dict[str, Any] = {OBJECT: manager.UserType("t_object")}
        parents = {kind.name: kind.parent for kind in self.planning.kinds}

        def kind_of(name: str, below: tuple[str, ...] = ()) -> Any:
            if name not in found:
                parent = parents.get(name, OBJECT)
                above = kind_of(OBJECT if parent in below else parent, (*below, name))
                found[name] = manager.UserType(f"t_{name}", above)
            return found[name]

        for name in parents:
            kind_of(name)
        return found

    def _declared(self) -> dict[str, Any]:
        from unified_planning.model import Fluent

        manager = self.environment.type_manager
        found = {}
        for part, kind, default in (
            *((fact, manager.BoolType(), False) for fact in self.planning.facts),
            *((amount, manager.RealType(), 0) for amount in self.planning.amounts),
        ):
            places = {f"p_{p.name}": self._types[p.kind] for p in part.places}
            fluent = Fluent(f"f_{part.name}", kind, environment=self.environment, **places)
            self.problem.add_fluent(fluent, default_initial_value=default)
            found[part.name] = fluent
        return found

    def _action(self, action: Action) -> Any:
        from unified_planning.model import InstantaneousAction

        places = {f"p_{p.name}": self._types[p.kind] for p in action.places}
        made = InstantaneousAction(f"a_{action.name}", _env=self.environment, **places)
        put = {p.name: made.parameter(f"p_{p.name}") for p in action.places}
        for text in action.needs:
            made.add_precondition(self._condition(parse_condition(text, self._bare), put))
        makes = [parse_atom(text) for text in action.makes]
        for atom in (parse_atom(text) for text in action.ends):
            if atom not in makes:
                made.add_effect(self._atom(atom, put), False)
        for atom in makes:
            made.add_effect(self._atom(atom, put), True)
        for change in map(parse_change, action.changes):
            add = {
                "=": made.add_effect,
                "+=": made.add_increase_effect,
                "-=": made.add_decrease_effect,
            }[change.op]
            add(self._atom(change.target, put), self._term(change.value, put))
        self.problem.add_action(made)
        return made

    def _start(self) -> None:
        for entry in map(parse_start, self.planning.start):
            value = entry.value if isinstance(entry, Given) else entry.positive
            self.problem.set_initial_value(self._atom(entry.atom, {}), value)

    def _least(self) -> None:
        from unified_planning.model.metrics import (
            MinimizeActionCosts,
            MinimizeSequentialPlanLength,
        )

        if self.planning.least == "cost":
            costs = {}
            for action in self.planning.actions:
                made = self._actions[action.name]
                put = {p.name: made.parameter(f"p_{p.name}") for p in action.places}
                costs[made] = self._term(parse_term(action.cost), put)
            metric = MinimizeActionCosts(costs, environment=self.environment)
            self.problem.add_quality_metric(metric)
        elif self.planning.least == "steps":
            self.problem.add_quality_metric(MinimizeSequentialPlanLength(self.environment))

    # --- terms ---

    def _name(self, name: str, put: Mapping[str, Any]) -> Any:
        manager = self.environment.expression_manager
        if name in put:
            return manager.ParameterExp(put[name])
        return manager.ObjectExp(self._objects[name])

    def _atom(self, atom: Atom, put: Mapping[str, Any]) -> Any:
        manager = self.environment.expression_manager
        arguments = tuple(self._name(a, put) for a in atom.arguments)
        return manager.FluentExp(self._fluents[atom.name], arguments)

    def _term(self, term: Term, put: Mapping[str, Any]) -> Any:
        manager = self.environment.expression_manager
        match term:
            case Number(value):
                return manager.Real(value) if value.denominator != 1 else manager.Int(int(value))
            case Atom():
                return self._atom(term, put)
        first, second = self._term(term.left, put), self._term(term.right, put)
        made = {"+": manager.Plus, "-": manager.Minus, "*": manager.Times, "/": manager.Div}
        return made[term.op](first, second)

    def _condition(self, condition: Condition, put: Mapping[str, Any]) -> Any:
        manager = self.environment.expression_manager
        match condition:
            case Holds(atom, positive):
                told = self._atom(atom, put)
                return told if positive else manager.Not(told)
            case Same(left, right, equal):
                told = manager.Equals(self._name(left, put), self._name(right, put))
                return told if equal else manager.Not(told)
            case Compare(op, left, right):
                first, second = self._term(left, put), self._term(right, put)
                if op in {"==", "!="}:
                    told = manager.Equals(first, second)
                    return told if op == "==" else manager.Not(told)
                made = {"<=": manager.LE, "<": manager.LT, ">=": manager.GE, ">": manager.GT}
                return made[op](first, second)
