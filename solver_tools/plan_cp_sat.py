"""A plan of a given number of steps as a CP-SAT model: what is true after each, and what is done.

Facts and amounts after each step are the unknowns; a fact changes only where an action changes it
(explanatory frame axioms; Kautz and Selman 1992), and a step is one action. A model for exactly `h`
steps that has no solution proves that no plan has `h` of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from optiwright.formulators.planning_folding import fold_compare
from optiwright.formulators.planning_ground import Goal, Ground, GroundAction
from optiwright.formulators.planning_terms import Atom, Compare, Holds, Same
from optiwright.solver_tools.plan_numbers import (
    Monomial,
    after,
    difference,
    ranges_of,
    scaled,
    units_of,
    whole,
)
from optiwright.solver_tools.plan_outcome import PlanStep


@dataclass(frozen=True)
class Answer:
    """What one model came to."""

    status: Literal["plan", "none", "open"]
    steps: tuple[PlanStep, ...] = ()
    proved: bool = False
    """Whether none is better, where something is to be."""
    wanted: tuple[bool, ...] = ()
    """Which of the conditions that were wanted hold."""


@dataclass
class Horizon:
    """A model of so many steps; build it once, ask it once.

    Args:
        ground: what can happen.
        steps: how many steps there are.
        idle: whether steps at the end may be left out.
        groups: facts of which one at most is true at any time.
    """

    ground: Ground
    steps: int
    idle: bool = False
    groups: Sequence[Sequence[Atom]] = ()
    model: Any = field(init=False)
    done: list[dict[int, Any]] = field(init=False)
    """For each step, the literal of each action that can be taken there, by its number."""

    def __post_init__(self) -> None:
        from ortools.sat.python import cp_model

        self.model = cp_model.CpModel()
        self._yes = self.model.new_constant(1)
        self._units = units_of(self.ground)
        self._ranges = ranges_of(self.ground, self.steps)
        self._wanted: list[Any] = []
        self._products: dict[tuple[Monomial, int], Any] = {}
        self._changing = frozenset(self.ground.facts)
        self.done = [self._choices(t) for t in range(self.steps)]
        self._true = [self._facts(t) for t in range(self.steps + 1)]
        self._amounts = [self._values(t) for t in range(self.steps + 1)]
        for t in range(self.steps):
            self._step(t)
            for group in self.groups:
                self.model.add_at_most_one(self._true[t + 1][fact] for fact in group)
        if self.idle:
            for earlier, later in pairwise(self.done):
                self.model.add(sum(later.values()) <= sum(earlier.values()))

    # --- the unknowns ---

    def _choices(self, t: int) -> dict[int, Any]:
        chosen = {
            number: self.model.new_bool_var(f"{action}@{t}")
            for number, action in enumerate(self.ground.actions)
            if action.level <= t
        }
        if self.idle:
            self.model.add_at_most_one(chosen.values())
        else:
            self.model.add_exactly_one(chosen.values())
        return chosen

    def _facts(self, t: int) -> dict[Atom, Any]:
        """Return the literals of the facts that may be either by then; others are in neither."""
        levels, true = self.ground.levels, self.ground.true
        found: dict[Atom, Any] = {}
        for fact in self.ground.facts:
            if t == 0 or (fact not in true and levels[fact] > t):
                found[fact] = self._yes if fact in true else ~self._yes
            else:
                found[fact] = self.model.new_bool_var(f"{fact}@{t}")
        return found

    def _values(self, t: int) -> dict[Atom, Any]:
        return {
            atom: self.model.new_int_var(
                *scaled(self._ranges[t][atom], unit, [atom]), f"{atom}@{t}"
            )
            for atom, unit in self._units.items()
        }

    # --- one step ---

    def _step(self, t: int) -> None:
        before, behind = self._true[t], self._true[t + 1]
        makers: dict[Atom, list[Any]] = {fact: [] for fact in self.ground.facts}
        enders: dict[Atom, list[Any]] = {fact: [] for fact in self.ground.facts}
        movers: dict[Atom, list[Any]] = {atom: [] for atom in self._units}
        for number, chosen in self.done[t].items():
            action = self.ground.actions[number]
            for fact in action.needs:
                self.model.add_implication(chosen, before[fact])
            for fact in action.forbids:
                self.model.add_implication(chosen, ~before[fact])
            for fact in action.makes:
                self.model.add_implication(chosen, behind[fact])
                makers[fact].append(chosen)
            for fact in action.ends:
                self.model.add_implication(chosen, ~behind[fact])
                enders[fact].append(chosen)
            for compare in action.compares:
                self._compare(compare, t, chosen)
            self._change(action, t, chosen, movers)
        for fact in self.ground.facts:
            self.model.add_bool_or([before[fact], ~behind[fact], *makers[fact]])
            self.model.add_bool_or([~before[fact], behind[fact], *enders[fact]])
        for atom, literals in movers.items():
            kept = self.model.add(self._amounts[t + 1][atom] == self._amounts[t][atom])
            kept.only_enforce_if([~literal for literal in literals])

    def _change(
        self, action: GroundAction, t: int, chosen: Any, movers: dict[Atom, list[Any]]
    ) -> None:
        for change in action.changes:
            value = after(change)
            unit = self._units[change.target]
            shares = {m: c * unit / math.prod(self._units[a] for a in m) for m, c in value.items()}
            factors = {m: int(share) for m, share in shares.items()}
            told = self._sum(factors, t)
            equal = self.model.add(self._amounts[t + 1][change.target] == told)
            equal.only_enforce_if(chosen)
            movers[change.target].append(chosen)

    def _compare(self, compare: Compare, t: int, literal: Any) -> None:
        """Have a comparison hold after `t` steps where a literal does."""
        factors = whole(difference(compare.left, compare.right), self._units)
        told = self._sum(factors, t)
        bounded = {
            "==": told == 0,
            "!=": told != 0,
            "<=": told <= 0,
            "<": told <= -1,
            ">=": told >= 0,
            ">": told >= 1,
        }[compare.op]
        self.model.add(bounded).only_enforce_if(literal)

    def _sum(self, factors: Mapping[Monomial, int], t: int) -> Any:
        from ortools.sat.python import cp_model

        monomials = [m for m in factors if m]
        return cp_model.LinearExpr.weighted_sum(
            [self._product(m, t) for m in monomials], [factors[m] for m in monomials]
        ) + factors.get((), 0)

    def _product(self, monomial: Monomial, t: int) -> Any:
        if len(monomial) == 1:
            return self._amounts[t][monomial[0]]
        if (monomial, t) not in self._products:
            low, high = Fraction(1), Fraction(1)
            for atom in monomial:
                ends = [a * b for a in (low, high) for b in self._ranges[t][atom]]
                low, high = Fraction(min(ends)), Fraction(max(ends))
            unit = math.prod(self._units[a] for a in monomial)
            product = self.model.new_int_var(*scaled((low, high), unit, monomial), "")
            self.model.add_multiplication_equality(product, [self._amounts[t][a] for a in monomial])
            self._products[monomial, t] = product
        return self._products[monomial, t]

    # --- goals and costs ---

    def want(self, goals: Sequence[Goal]) -> None:
        """Have conditions hold at the end."""
        for goal in goals:
            self._hold(goal, self._yes)

    def want_most(self, goals: Sequence[Goal]) -> None:
        """Have as many conditions hold at the end as can."""
        self._wanted = [self.model.new_bool_var(goal.text) for goal in goals]
        for goal, literal in zip(goals, self._wanted, strict=True):
            self._hold(goal, literal)
        self.model.maximize(sum(self._wanted))

    def _hold(self, goal: Goal, literal: Any) -> None:
        match goal.condition:
            case Holds(atom, positive) if atom in self._changing:
                fact = self._true[self.steps][atom]
                self.model.add_implication(literal, fact if positive else ~fact)
            case Compare() as compare:
                folded = fold_compare(compare, {}, self.ground.known)
                if isinstance(folded, Compare):
                    self._compare(folded, self.steps, literal)
                elif not folded:
                    self.model.add_bool_or([~literal])
            case Holds() | Same() if not goal.reachable:
                self.model.add_bool_or([~literal])

    def cost_below(self, limit: Fraction) -> None:
        """Have the plan cost less."""
        total, unit = self._total()
        self.model.add(total <= math.ceil(limit * unit) - 1)

    def least_cost(self) -> None:
        """Have the plan cost as little as can be."""
        self.model.minimize(self._total()[0])

    def _total(self) -> tuple[Any, int]:
        """Return what the plan costs, in so many parts of the unit of cost."""
        actions = self.ground.actions
        unit = math.lcm(*(action.cost.denominator for action in actions))
        costs = [int(action.cost * unit) for action in actions]
        return sum(costs[n] * x for step in self.done for n, x in step.items()), unit

    def solve(self, seconds: float, seed: int) -> Answer:
        """Ask the model once; it has no time where there is none left."""
        from ortools.sat.python import cp_model

        if seconds <= 0:
            return Answer("open")
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return Answer("none")
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Answer("open")
        taken = [
            self.ground.actions[n] for step in self.done for n, x in step.items() if solver.value(x)
        ]
        return Answer(
            "plan",
            tuple(PlanStep(action=a.name, arguments=a.arguments) for a in taken),
            proved=status == cp_model.OPTIMAL,
            wanted=tuple(bool(solver.value(literal)) for literal in self._wanted),
        )
