"""Which actions can be reached: those that can be reached if nothing that was true became untrue.

Facts are joined, each new one with those that are there (semi-naive evaluation, as in a database),
so that an action of five places over roads costs as much as there are roads. Amounts are followed
as intervals that only grow; one that is counted up or down is soon unlimited.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.planning import OBJECT, Action, Planning
from optiwright.formulators.planning_folding import put_in
from optiwright.formulators.planning_intervals import Interval, hull, interval_of, may_hold
from optiwright.formulators.planning_parser import (
    parse_atom,
    parse_change,
    parse_condition,
    parse_start,
    parse_term,
)
from optiwright.formulators.planning_relations import Relations, matched, may_be
from optiwright.formulators.planning_terms import (
    Atom,
    Change,
    Compare,
    Given,
    Holds,
    Same,
    Term,
)

MOST_ACTIONS = 200_000
"""Actions with their objects; a formulation with more is refused."""
_MOST_TRIES = 5_000_000


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


@dataclass(frozen=True)
class Schema:
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
class Reached:
    """One way of filling in that was found, with what it still waits for."""

    schema: Schema
    put: dict[str, str]
    level: int


class Spreading:
    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.bare = frozenset(a.name for a in planning.amounts if not a.places)
        self.objects = objects_by_kind(planning)
        self.schemas = [self._schema(action) for action in planning.actions]
        self.relations = Relations()
        self.ended: dict[Atom, int] = {}
        self.values: dict[Atom, Fraction] = {}
        self.intervals: dict[Atom, Interval] = {}
        """Of amounts that an action found changes."""
        self.found: list[Reached] = []
        self.seen: set[tuple[str, tuple[str, ...]]] = set()
        self.waiting: list[Reached] = []
        self.tries = 0
        for entry in map(parse_start, planning.start):
            if isinstance(entry, Given):
                self.values[entry.atom] = entry.value
            elif entry.positive:
                self.relations.add(entry.atom, 0)
        self.true = frozenset(self.relations.levels)

    def _schema(self, action: Action) -> Schema:
        needs = [parse_condition(text, self.bare) for text in action.needs]
        return Schema(
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
                    put = matched(need, atom, {}, schema.kinds)
                    if put is not None:
                        self._all(schema, put, rest, level)

    def _all(self, schema: Schema, put: dict[str, str], rest: tuple[Atom, ...], level: int) -> None:
        for whole in self._bindings(schema, put, rest):
            arguments = tuple(whole[p.name] for p in schema.action.places)
            key = (schema.action.name, arguments)
            if key not in self.seen:
                self.seen.add(key)
                self.waiting.append(Reached(schema, whole, level))

    def _bindings(
        self, schema: Schema, put: dict[str, str], rest: tuple[Atom, ...]
    ) -> Iterator[dict[str, str]]:
        self.tries += 1
        if self.tries > _MOST_TRIES or len(self.seen) > MOST_ACTIONS:
            raise FormulationError(
                "there are too many ways to fill in the actions' places",
                where=f"action `{schema.action.name}`",
                remedy="Give places narrower kinds, or needs that say which objects go together.",
            )
        if not all(may_be(s, put, schema.kinds) for s in schema.same):
            return
        if rest:
            choices = [(self.relations.matching(n, put, schema.kinds), n) for n in rest]
            atoms, need = min(choices, key=lambda pair: len(pair[0]))
            left = list(rest)
            left.remove(need)
            for atom in list(atoms):
                more = matched(need, atom, put, schema.kinds)
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

    def _can(self, one: Reached) -> bool:
        """Whether what is not to be true can be untrue by now, and comparisons can hold."""
        for atom in one.schema.forbids:
            told = put_in(atom, one.put)
            if told in self.true and told not in self.ended:
                return False
        return all(may_hold(compare, self._of(one.put)) for compare in one.schema.compares)

    def _of(self, put: Mapping[str, str]) -> Callable[[Atom], Interval]:
        return lambda atom: self.interval(put_in(atom, put))

    def interval(self, atom: Atom) -> Interval:
        value = self.values.get(atom, Fraction(0))
        return self.intervals.get(atom, (value, value))

    def _move(self) -> bool:
        """Let amounts take the values that the actions found so far give them; say if any grew."""
        grown: dict[Atom, Interval] = {}
        for one in self.found:
            for change in one.schema.changes:
                target = put_in(change.target, one.put)
                value = interval_of(change.value, self._of(one.put))
                before = self.interval(target)
                if change.op == "+=":
                    value = before[0] + value[0], before[1] + value[1]
                elif change.op == "-=":
                    value = before[0] - value[1], before[1] - value[0]
                grown[target] = hull(grown.get(target, before), value)
        moved = False
        for target, interval in grown.items():
            before = self.interval(target)
            if target in self.intervals:
                interval = (
                    -math.inf if interval[0] < before[0] else before[0],
                    math.inf if interval[1] > before[1] else before[1],
                )
            moved |= interval != before
            self.intervals[target] = interval
        return moved
