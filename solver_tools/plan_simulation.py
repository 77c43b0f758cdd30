"""A plan carried out step by step on the formulation, by code that no engine uses.

Only the parser of the language is shared; what conditions mean, what a step changes and what it
costs is worked out here, in fractions, on one state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from optiwright.formulators.phrases import counted
from optiwright.formulators.planning import Action, Planning
from optiwright.formulators.planning_parser import (
    parse_atom,
    parse_change,
    parse_condition,
    parse_start,
    parse_term,
)
from optiwright.formulators.planning_terms import (
    Atom,
    Change,
    Compare,
    Condition,
    Given,
    Holds,
    Number,
    Same,
    Term,
    number_text,
)
from optiwright.solver_tools.plan_outcome import PlanStep, SimulatedStep, Simulation

_Put: TypeAlias = Mapping[str, str]
"""What an action's places stand for in a step."""


def simulate(planning: Planning, steps: Sequence[PlanStep]) -> Simulation:
    """Carry out a plan; what a step needs and has not is named with its objects.

    A step that cannot be taken changes nothing, and those after it are tried all the same.

    Raises:
        FormulationError: something of the formulation cannot be read.
    """
    world = _World.at_start(planning)
    taken = tuple(world.take(step) for step in steps)
    unmet = [str(c) for c in world.conditions(planning.goal) if not world.holds(c, {})]
    if planning.most_steps is not None and len(steps) > planning.most_steps:
        unmet.append(f"at most {counted(planning.most_steps, 'step')}")
    value = sum(s.cost for s in taken) if planning.least == "cost" else float(len(taken))
    return Simulation(steps=taken, unmet_goal=tuple(unmet), value=value)


@dataclass
class _World:
    """What is true and how large amounts are."""

    planning: Planning
    true: set[Atom] = field(default_factory=set)
    amounts: dict[Atom, Fraction] = field(default_factory=dict)

    @classmethod
    def at_start(cls, planning: Planning) -> _World:
        world = cls(planning)
        for entry in map(parse_start, planning.start):
            if isinstance(entry, Given):
                world.amounts[entry.atom] = entry.value
            elif entry.positive:
                world.true.add(entry.atom)
        return world

    def conditions(self, texts: Sequence[str]) -> list[Condition]:
        bare = frozenset(a.name for a in self.planning.amounts if not a.places)
        return [parse_condition(text, bare) for text in texts]

    def take(self, step: PlanStep) -> SimulatedStep:
        """Do one step where it can be done, and say what came of it."""
        action = next((a for a in self.planning.actions if a.name == step.action), None)
        faults = list(self._misfits(step, action))
        if action is None or faults:
            return SimulatedStep(step=step, unmet=tuple(faults))
        put = dict(zip((p.name for p in action.places), step.arguments, strict=True))
        unmet = [said for c in self.conditions(action.needs) if (said := self._unmet(c, put))]
        if unmet:
            return SimulatedStep(step=step, unmet=tuple(unmet))
        try:
            return self._done(step, action, put)
        except ZeroDivisionError:
            return SimulatedStep(step=step, unmet=("a change that divides by zero",))

    def _misfits(self, step: PlanStep, action: Action | None) -> Iterator[str]:
        if action is None:
            yield f"there is no action `{step.action}`"
            return
        if len(step.arguments) != len(action.places):
            yield (
                f"`{action.name}` is of {counted(len(action.places), 'object')}, "
                f"not {len(step.arguments)}"
            )
            return
        kinds = {thing.name: thing.kind for thing in self.planning.objects}
        for place, name in zip(action.places, step.arguments, strict=True):
            if name not in kinds:
                yield f"there is no object `{name}`"
            elif not self.planning.is_of(kinds[name], place.kind):
                yield f"`{place.name}` is a {place.kind}, and `{name}` is a {kinds[name]}"

    def _done(self, step: PlanStep, action: Action, put: _Put) -> SimulatedStep:
        made = {_put_in(parse_atom(a), put) for a in action.makes}
        ended = {_put_in(parse_atom(a), put) for a in action.ends} - made
        became_true, became_false = made - self.true, ended & self.true
        cost = self.value(parse_term(action.cost), put)
        changes = [parse_change(c) for c in action.changes]
        after = {_put_in(c.target, put): self._after(c, put) for c in changes}
        changed = {a: v for a, v in after.items() if v != self.amounts.get(a, Fraction(0))}
        self.true = (self.true - ended) | made
        self.amounts |= after
        return SimulatedStep(
            step=step,
            became_true=tuple(sorted(map(str, became_true))),
            became_false=tuple(sorted(map(str, became_false))),
            amounts=tuple((str(a), float(v)) for a, v in changed.items()),
            cost=float(cost),
        )

    def _after(self, change: Change, put: _Put) -> Fraction:
        value = self.value(change.value, put)
        before = self.amounts.get(_put_in(change.target, put), Fraction(0))
        if change.op == "=":
            return value
        return before + value if change.op == "+=" else before - value

    def _unmet(self, condition: Condition, put: _Put) -> str:
        """Return a condition that does not hold in words, with its objects; else nothing."""
        if self.holds(condition, put):
            return ""
        match condition:
            case Holds(atom, positive):
                return str(Holds(_put_in(atom, put), positive))
            case Same(left, right, equal):
                return str(Same(put.get(left, left), put.get(right, right), equal))
            case Compare(op, left, right):
                told = Compare(op, _filled(left, put), _filled(right, put))
                return f"{told} ({self._told(left, put)} {op} {self._told(right, put)})"

    def holds(self, condition: Condition, put: _Put) -> bool:
        """Whether a condition is met now; a comparison that divides by zero is not."""
        match condition:
            case Holds(atom, positive):
                return (_put_in(atom, put) in self.true) == positive
            case Same(left, right, equal):
                return (put.get(left, left) == put.get(right, right)) == equal
            case Compare(op, left, right):
                try:
                    first, second = self.value(left, put), self.value(right, put)
                except ZeroDivisionError:
                    return False
                return {
                    "==": first == second,
                    "!=": first != second,
                    "<=": first <= second,
                    ">=": first >= second,
                    "<": first < second,
                    ">": first > second,
                }[op]

    def value(self, term: Term, put: _Put) -> Fraction:
        """Return a term's value now; raises ZeroDivisionError."""
        match term:
            case Number(value):
                return value
            case Atom():
                return self.amounts.get(_put_in(term, put), Fraction(0))
        first, second = self.value(term.left, put), self.value(term.right, put)
        if term.op == "+":
            return first + second
        if term.op == "-":
            return first - second
        return first * second if term.op == "*" else first / second

    def _told(self, term: Term, put: _Put) -> str:
        try:
            return number_text(self.value(term, put))
        except ZeroDivisionError:
            return "a division by zero"


def _put_in(atom: Atom, put: _Put) -> Atom:
    return Atom(atom.name, tuple(put.get(a, a) for a in atom.arguments))


def _filled(term: Term, put: _Put) -> Term:
    match term:
        case Number():
            return term
        case Atom():
            return _put_in(term, put)
    return type(term)(term.op, _filled(term.left, put), _filled(term.right, put))
