"""Filling in actions: those that can be reached if nothing that was true became untrue.

Facts are joined, each new one with those that are there (semi-naive evaluation, as in a database),
so that an action of five places over roads costs as much as there are roads. Amounts are followed
as intervals that only grow; one that is counted up or down is soon unlimited.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.planning import OBJECT, Action, Planning
from optiwright.formulators.planning_folding import fold_change, fold_compare, fold_term, put_in
from optiwright.formulators.planning_ground import Goal, Ground, GroundAction
from optiwright.formulators.planning_intervals import Interval, hull, interval_of, may_hold
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
    Given,
    Holds,
    Same,
    Term,
    constant,
    number_text,
)

MOST_ACTIONS = 200_000
"""Actions with their objects; a formulation with more is refused."""
_MOST_TRIES = 5_000_000


@dataclass(frozen=True)
class _Schema:
    """An action as the language's trees have it."""

    action: Action
    kinds: Mapping[str, frozenset[str]]
    """The objects that each place may stand for."""
    needs: tuple[Atom, ...]
    forbids: tuple[Atom, ...]
    same: tuple[Same, ...]
    compares: tuple[Compare, ...]
    makes: tuple[Atom, ...]
    ends: tuple[Atom, ...]
    changes: tuple[Change, ...]
    cost: Term


@dataclass
class _Reached:
    """One way of filling in that was found, with what it still waits for."""

    schema: _Schema
    put: dict[str, str]
    level: int


def ground(planning: Planning) -> Ground:
    """Return what can happen in a formulation.

    Raises:
        FormulationError: something cannot be read, a cost changes with amounts that change or is
            negative, or there are too many actions.
    """
    grounding = _Grounding(planning)
    grounding.spread()
    return grounding.result()


def objects_by_kind(planning: Planning) -> dict[str, frozenset[str]]:
    """Return the objects of each kind, those of kinds below it among them."""
    parents = {kind.name: kind.parent for kind in planning.kinds}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for thing in planning.objects:
        found[OBJECT].add(thing.name)
        kind, passed = thing.kind, set[str]()
        while kind != OBJECT and kind not in passed:
            found[kind].add(thing.name)
            passed.add(kind)
            kind = parents.get(kind, OBJECT)
    return {kind: frozenset(names) for kind, names in found.items()}


class _Relations:
    """The facts that were reached, found by name and by some of their objects."""

    def __init__(self) -> None:
        self.levels: dict[Atom, int] = {}
        self._of: defaultdict[str, list[Atom]] = defaultdict(list)
        self._index: dict[tuple[str, tuple[int, ...]], defaultdict[tuple[str, ...], list[Atom]]]
        self._index = {}

    def add(self, atom: Atom, level: int) -> bool:
        if atom in self.levels:
            return False
        self.levels[atom] = level
        self._of[atom.name].append(atom)
        for (name, at), index in self._index.items():
            if name == atom.name and all(i < len(atom.arguments) for i in at):
                index[tuple(atom.arguments[i] for i in at)].append(atom)
        return True

    def matching(
        self, need: Atom, put: Mapping[str, str], places: Mapping[str, object]
    ) -> list[Atom]:
        """Return the facts that a need may be, with what its places stand for so far."""
        bound = tuple(i for i, a in enumerate(need.arguments) if a in put or a not in places)
        if not bound:
            return self._of[need.name]
        index = self._index.get((need.name, bound))
        if index is None:
            index = self._index[need.name, bound] = defaultdict(list)
            for atom in self._of[need.name]:
                if len(atom.arguments) == len(need.arguments):
                    index[tuple(atom.arguments[i] for i in bound)].append(atom)
        key = tuple(put.get(need.arguments[i], need.arguments[i]) for i in bound)
        return index[key]


class _Grounding:
    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.bare = frozenset(a.name for a in planning.amounts if not a.places)
        self.objects = objects_by_kind(planning)
        self.schemas = [self._schema(action) for action in planning.actions]
        self.relations = _Relations()
        self.ended: dict[Atom, int] = {}
        self.values: dict[Atom, Fraction] = {}
        self.intervals: dict[Atom, Interval] = {}
        """Of amounts that an action found changes."""
        self.found: list[_Reached] = []
        self.seen: set[tuple[str, tuple[str, ...]]] = set()
        self.waiting: list[_Reached] = []
        self.tries = 0
        for entry in map(parse_start, planning.start):
            if isinstance(entry, Given):
                self.values[entry.atom] = entry.value
            elif entry.positive:
                self.relations.add(entry.atom, 0)
        self.true = frozenset(self.relations.levels)

    def _schema(self, action: Action) -> _Schema:
        needs = [parse_condition(text, self.bare) for text in action.needs]
        return _Schema(
            action=action,
            kinds={p.name: self.objects.get(p.kind, frozenset()) for p in action.places},
            needs=tuple(c.atom for c in needs if isinstance(c, Holds) and c.positive),
            forbids=tuple(c.atom for c in needs if isinstance(c, Holds) and not c.positive),
            same=tuple(c for c in needs if isinstance(c, Same)),
            compares=tuple(c for c in needs if isinstance(c, Compare)),
            makes=tuple(map(parse_atom, action.makes)),
            ends=tuple(map(parse_atom, action.ends)),
            changes=tuple(map(parse_change, action.changes)),
            cost=parse_term(action.cost),
        )

    # --- spreading ---

    def spread(self) -> None:
        """Find actions level by level, until nothing new comes."""
        fresh = list(self.relations.levels)
        level = 0
        first = True
        moved = False
        while fresh or first or moved:
            self._offer(fresh, level, first)
            fresh, moved = self._take(level)
            level += 1
            first = False

    def _offer(self, fresh: list[Atom], level: int, first: bool) -> None:
        """Put every new way of filling in among those that wait."""
        new: defaultdict[str, list[Atom]] = defaultdict(list)
        for atom in fresh:
            new[atom.name].append(atom)
        for schema in self.schemas:
            if not schema.needs and first:
                self._all(schema, {}, schema.needs, level)
            for at, need in enumerate(schema.needs):
                rest = schema.needs[:at] + schema.needs[at + 1 :]
                for atom in new[need.name]:
                    put = _matched(need, atom, {}, schema)
                    if put is not None:
                        self._all(schema, put, rest, level)

    def _all(
        self, schema: _Schema, put: dict[str, str], rest: tuple[Atom, ...], level: int
    ) -> None:
        for whole in self._bindings(schema, put, rest):
            arguments = tuple(whole[p.name] for p in schema.action.places)
            key = (schema.action.name, arguments)
            if key not in self.seen:
                self.seen.add(key)
                self.waiting.append(_Reached(schema, whole, level))

    def _bindings(
        self, schema: _Schema, put: dict[str, str], rest: tuple[Atom, ...]
    ) -> Iterator[dict[str, str]]:
        self.tries += 1
        if self.tries > _MOST_TRIES or len(self.seen) > MOST_ACTIONS:
            raise FormulationError(
                "there are too many ways to fill in the actions' places",
                where=f"action `{schema.action.name}`",
                remedy="Give places narrower kinds, or needs that say which objects go together.",
            )
        if not all(_same(s, put, schema.kinds) for s in schema.same):
            return
        if rest:
            choices = [(self.relations.matching(n, put, schema.kinds), n) for n in rest]
            atoms, need = min(choices, key=lambda pair: len(pair[0]))
            left = list(rest)
            left.remove(need)
            for atom in list(atoms):
                more = _matched(need, atom, put, schema)
                if more is not None:
                    yield from self._bindings(schema, more, tuple(left))
            return
        open_place = next((p.name for p in schema.action.places if p.name not in put), None)
        if open_place is None:
            yield put
            return
        for name in sorted(schema.kinds[open_place]):
            yield from self._bindings(schema, {**put, open_place: name}, ())

    def _take(self, level: int) -> tuple[list[Atom], bool]:
        """Take those that wait and can be taken; return new facts, and whether more may be able."""
        fresh: list[Atom] = []
        moved = False
        ready = [w for w in self.waiting if self._can(w)]
        taken = set(map(id, ready))
        self.waiting = [w for w in self.waiting if id(w) not in taken]
        for one in ready:
            one.level = level
            self.found.append(one)
            makes = {put_in(atom, one.put) for atom in one.schema.makes}
            fresh += [
                made for made in sorted(makes, key=str) if self.relations.add(made, level + 1)
            ]
            for atom in one.schema.ends:
                ended = put_in(atom, one.put)
                if ended not in makes and ended not in self.ended:
                    self.ended[ended] = level + 1
                    moved = True
        return fresh, self._move() or moved

    def _can(self, one: _Reached) -> bool:
        """Whether what is not to be true can be untrue by now, and comparisons can hold."""
        for atom in one.schema.forbids:
            told = put_in(atom, one.put)
            if told in self.true and told not in self.ended:
                return False
        return all(
            may_hold(compare, lambda atom: self._interval(put_in(atom, one.put)))
            for compare in one.schema.compares
        )

    def _interval(self, atom: Atom) -> Interval:
        value = self.values.get(atom, Fraction(0))
        return self.intervals.get(atom, (value, value))

    def _move(self) -> bool:
        """Let amounts take the values that the actions found so far give them; say if any grew."""
        grown: dict[Atom, Interval] = {}
        for one in self.found:
            for change in one.schema.changes:
                target = put_in(change.target, one.put)
                value = interval_of(
                    change.value, lambda atom: self._interval(put_in(atom, one.put))
                )
                before = self._interval(target)
                if change.op == "+=":
                    value = before[0] + value[0], before[1] + value[1]
                elif change.op == "-=":
                    value = before[0] - value[1], before[1] - value[0]
                grown[target] = hull(grown.get(target, before), value)
        moved = False
        for target, interval in grown.items():
            before = self._interval(target)
            if target in self.intervals:
                interval = (
                    -math.inf if interval[0] < before[0] else before[0],
                    math.inf if interval[1] > before[1] else before[1],
                )
            moved |= interval != before
            self.intervals[target] = interval
        return moved

    # --- what came of it ---

    def result(self) -> Ground:
        actions = [a for one in self.found if (a := self._ground(one)) is not None]
        levels = self.relations.levels
        facts = tuple(a for a in levels if a not in self.true or a in self.ended)
        return Ground(
            actions=tuple(actions),
            facts=facts,
            true=self.true,
            amounts={a: self.values.get(a, Fraction(0)) for a in self.intervals},
            given={a: v for a, v in self.values.items() if a not in self.intervals},
            goals=tuple(map(self._goal, self.planning.goal)),
            levels=levels,
        )

    def _known(self, atom: Atom) -> Fraction | None:
        return None if atom in self.intervals else self.values.get(atom, Fraction(0))

    def _ground(self, one: _Reached) -> GroundAction | None:
        """Return an action; None for one that can never be taken, or changes nothing."""
        schema, put = one.schema, one.put
        levels = self.relations.levels
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
        ends = {a for a in ends if a in levels}
        if not (makes or ends or changes):
            return None
        return GroundAction(
            name=schema.action.name,
            arguments=tuple(put[p.name] for p in schema.action.places),
            needs=frozenset(a for a in needs if self._changes(a)),
            forbids=frozenset(a for a in forbids if a in levels),
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
        condition = parse_condition(text, self.bare)
        level: int | None = 0
        match condition:
            case Holds(atom, True):
                level = self.relations.levels.get(atom)
            case Holds(atom, False):
                level = self.ended.get(atom) if atom in self.true else 0
            case Same(left, right, equal):
                level = 0 if (left == right) == equal else None
            case Compare():
                level = self._compare_level(condition)
        return Goal(text, condition, level is not None, level or 0)

    def _compare_level(self, condition: Compare) -> int | None:
        if not may_hold(condition, self._interval):
            return None
        folded = fold_compare(condition, {}, lambda atom: self.values.get(atom, Fraction(0)))
        return 0 if folded else 1


def _matched(
    need: Atom, atom: Atom, put: Mapping[str, str], schema: _Schema
) -> dict[str, str] | None:
    """Return what places stand for if a need is this fact; None where it cannot be."""
    if need.name != atom.name or len(need.arguments) != len(atom.arguments):
        return None
    found = dict(put)
    for name, value in zip(need.arguments, atom.arguments, strict=True):
        objects = schema.kinds.get(name)
        if objects is None:
            if name != value:
                return None
        elif found.setdefault(name, value) != value or value not in objects:
            return None
    return found


def _same(same: Same, put: Mapping[str, str], places: Mapping[str, object]) -> bool:
    """Whether two names stand for one object, or not; true while either is open."""
    left, right = (put.get(n, None if n in places else n) for n in (same.left, same.right))
    return left is None or right is None or (left == right) == same.equal


def _cost(schema: _Schema, cost: Fraction | None) -> Fraction:
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
