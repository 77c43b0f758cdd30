"""A planning formulation filled in: the actions that can be reached, with what decides on them."""

from __future__ import annotations

from fractions import Fraction

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_folding import fold_change, fold_compare, fold_term, put_in
from optiwright.formulators.planning_ground import Goal, Ground, GroundAction
from optiwright.formulators.planning_intervals import may_hold
from optiwright.formulators.planning_parser import parse_condition
from optiwright.formulators.planning_spreading import Reached, Schema, Spreading
from optiwright.formulators.planning_terms import Atom, Compare, Holds, Same, constant, number_text


def ground(planning: Planning) -> Ground:
    """Return what can happen in a formulation.

    Raises:
        FormulationError: something cannot be read, a cost changes with amounts that change or is
            negative, or there are too many actions.
    """
    spreading = Spreading(planning)
    spreading.spread()
    return _Filling(spreading).result()


class _Filling:
    """Fills in what was reached, and leaves out what is always so."""

    def __init__(self, spreading: Spreading) -> None:
        self.planning = spreading.planning
        self.reached = spreading
        self.levels = spreading.relations.levels
        self.true, self.ended = spreading.true, spreading.ended
        self.values, self.intervals = spreading.values, spreading.intervals

    def result(self) -> Ground:
        actions = [a for one in self.reached.found if (a := self._ground(one)) is not None]
        facts = tuple(a for a in self.levels if a not in self.true or a in self.ended)
        return Ground(
            actions=tuple(actions),
            facts=facts,
            true=self.true,
            amounts={a: self.values.get(a, Fraction(0)) for a in self.intervals},
            given={a: v for a, v in self.values.items() if a not in self.intervals},
            goals=tuple(map(self._goal, self.planning.goal)),
            levels=self.levels,
        )

    def _known(self, atom: Atom) -> Fraction | None:
        return None if atom in self.intervals else self.values.get(atom, Fraction(0))

    def _ground(self, one: Reached) -> GroundAction | None:
        """Return an action; None for one that can never be taken, or changes nothing."""
        schema, put = one.schema, one.put
        needs = {put_in(a, put) for a in schema.needs}
        forbids = {put_in(a, put) for a in schema.forbids}
        folded = [fold_compare(c, put, self._known) for c in schema.compares]
        try:
            changes = tuple(fold_change(c, put, self._known) for c in schema.changes)
            cost = constant(fold_term(schema.cost, put, self._known))
        except ZeroDivisionError:
            return None
        if needs & forbids or not all(folded):
            return None
        makes = {put_in(a, put) for a in schema.makes}
        ends = {put_in(a, put) for a in schema.ends} - makes
        makes = {a for a in makes if self._changes(a)}
        ends = {a for a in ends if a in self.levels}
        if not (makes or ends or changes):
            return None
        return GroundAction(
            name=schema.action.name,
            arguments=tuple(put[p.name] for p in schema.action.places),
            needs=frozenset(a for a in needs if self._changes(a)),
            forbids=frozenset(a for a in forbids if a in self.levels),
            compares=tuple(c for c in folded if isinstance(c, Compare)),
            makes=frozenset(makes),
            ends=frozenset(ends),
            changes=changes,
            cost=_cost(schema, cost),
            level=one.level,
        )

    def _changes(self, atom: Atom) -> bool:
        return atom not in self.true or atom in self.ended

    def _goal(self, text: str) -> Goal:
        condition = parse_condition(text, self.reached.bare)
        level: int | None = 0
        match condition:
            case Holds(atom, True):
                level = self.levels.get(atom)
            case Holds(atom, False):
                level = self.ended.get(atom) if atom in self.true else 0
            case Same(left, right, equal):
                level = 0 if (left == right) == equal else None
            case Compare():
                level = self._compare_level(condition)
        return Goal(text, condition, level is not None, level or 0)

    def _compare_level(self, condition: Compare) -> int | None:
        if not may_hold(condition, self.reached.interval):
            return None
        folded = fold_compare(condition, {}, lambda atom: self.values.get(atom, Fraction(0)))
        return 0 if folded else 1


def _cost(schema: Schema, cost: Fraction | None) -> Fraction:
    where = f"cost of action `{schema.action.name}`"
    if cost is None:
        raise FormulationError(
            f"`{schema.action.cost}` is of amounts that actions change",
            where=where,
            remedy="Let a cost be of numbers and of amounts that stay as they are.",
        )
    if cost < 0:
        raise FormulationError(
            f"`{schema.action.cost}` comes to {number_text(cost)}, and a cost is never negative",
            where=where,
            remedy="Make it zero or more.",
        )
    return cost
