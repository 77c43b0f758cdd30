"""Which action and objects of a formulation a written program's steps are, names apart.

A program has names of its own: `pick-up`, `PickUp`, `b1` or `Block 1`. Each of its actions is read
as one action of the formulation throughout, its objects always in the same places: the one that is
called most alike and that can be taken where the plan stands. Places that the program does not name
are filled by what can be done there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, permutations, product

from optiwright.formulators.planning import OBJECT, Action, Planning
from optiwright.solver_tools.plan_outcome import PlanStep
from optiwright.solver_tools.plan_simulation import simulate

_ALIKE = 0.6
"""Names that have less in common say nothing."""
_DESCRIBED = 0.7
"""What a name counts all of whose words stand in an action's description."""
_ROOT = 4
"""Letters by which a word is known in another form."""
_MOST_CHOICES = 400
"""Ways to fill an action's places that are looked at."""
_MOST_TRIES = 2000
"""Steps that are tried in all."""


@dataclass(frozen=True)
class Reading:
    """How an action of a program is read: which of its objects stands in which place."""

    action: Action
    named: bool
    """Whether the two are called alike, and are not only done to the same objects."""
    places: tuple[int | None, ...]
    """For each place the object's number in the program's step; None: the program names none."""


_Readings = Mapping[tuple[str, int], Reading]
"""What the actions of a program were read as until now, by their names and sizes."""


def matched(
    planning: Planning, steps: Sequence[PlanStep]
) -> tuple[tuple[PlanStep, ...], tuple[str, ...]]:
    """Return a program's steps in the formulation's names, and what of them could not be matched.

    Of several ways to read the steps, one that can be carried out; where there is none, that which
    comes farthest and whose names fit best.
    """
    search = _Search(planning, steps)
    unmatched = tuple(
        f"`{step}` is no action of the formulation with objects of it"
        for step in dict.fromkeys(steps)
        if next(search.choices(step, {}), None) is None
    )
    return ((), unmatched) if unmatched else (search.found(), ())


class _Search:
    """A search, with steps back, for a reading of a plan that can be carried out."""

    def __init__(self, planning: Planning, steps: Sequence[PlanStep]) -> None:
        self.planning = planning
        self.steps = steps
        self.kinds = {t.name: t.kind for t in planning.objects}

    def found(self) -> tuple[PlanStep, ...]:
        """Return the plan in the formulation's names."""
        if not self.steps:
            return ()
        tries, taken = 0, list[PlanStep]()
        farthest: tuple[list[PlanStep], _Readings] = ([], {})
        waiting = [self.choices(self.steps[0], {})]
        while waiting and tries < _MOST_TRIES:
            choice = next(waiting[-1], None)
            if choice is None:
                waiting.pop()
                taken = taken[:-1]
                continue
            tries += 1
            step, readings = choice
            done = simulate(self.planning, (*taken, step))
            if done.steps[-1].unmet:
                continue
            if len(taken) + 1 > len(farthest[0]):
                farthest = ([*taken, step], readings)
            if len(taken) + 1 < len(self.steps):
                taken = [*taken, step]
                waiting.append(self.choices(self.steps[len(taken)], readings))
            elif done.valid:
                return (*taken, step)
        return self._plainly(*farthest)

    def _plainly(self, taken: list[PlanStep], readings: _Readings) -> tuple[PlanStep, ...]:
        """Return the plan as its names say where it cannot be carried out as a whole."""
        for step in self.steps[len(taken) :]:
            choice = next(self.choices(step, readings), None) or next(self.choices(step, {}))
            taken, readings = [*taken, choice[0]], choice[1]
        return tuple(taken)

    def choices(self, step: PlanStep, readings: _Readings) -> Iterator[tuple[PlanStep, _Readings]]:
        """Yield what a step may be, the most alike first, with what its action is then read as."""
        objects = [_object(self.planning, argument) for argument in step.arguments]
        key = (step.action, len(objects))
        known = readings.get(key)
        for reading in [known] if known is not None else self._readings(step, objects, readings):
            for arguments in islice(self._filled(reading, objects), _MOST_CHOICES):
                yield (
                    PlanStep(action=reading.action.name, arguments=arguments),
                    {**readings, key: reading},
                )

    def _readings(
        self, step: PlanStep, objects: Sequence[str | None], readings: _Readings
    ) -> Iterator[Reading]:
        named = [number for number, name in enumerate(objects) if name is not None]
        if objects and not named:
            return
        taken = {r.action.name for r in readings.values()}
        rated = [(_alike(step.action, a), a) for a in self.planning.actions]
        for score, action in sorted(rated, key=lambda pair: -pair[0]):
            alike = score >= _ALIKE
            if not alike and action.name in taken:
                continue  # two actions of a program that are called otherwise are not one
            for places in _orders(named, len(action.places)):
                yield Reading(action, alike, places)

    def _filled(self, reading: Reading, objects: Sequence[str | None]) -> Iterator[tuple[str, ...]]:
        """Yield the arguments of a step that is read so."""
        held = [
            [name for name in self._at(number, objects) if self._is_of(name, place.kind)]
            for number, place in zip(reading.places, reading.action.places, strict=True)
        ]
        yield from product(*held)

    def _at(self, number: int | None, objects: Sequence[str | None]) -> list[str]:
        if number is None:
            return list(self.kinds)
        name = objects[number]
        return [] if name is None else [name]

    def _is_of(self, name: str, kind: str) -> bool:
        return is_of(self.planning, self.kinds[name], kind)


def _orders(named: Sequence[int], size: int) -> Iterator[tuple[int | None, ...]]:
    """Yield how named objects may stand in so many places, in their own order first."""
    if len(named) >= size:
        yield from permutations(named, size)
        return
    for held in permutations(range(size), len(named)):
        order: list[int | None] = [None] * size
        for number, place in zip(named, held, strict=True):
            order[place] = number
        yield tuple(order)


def is_of(planning: Planning, kind: str, wanted: str) -> bool:
    """Whether what is of one kind is of another too."""
    parents = {k.name: k.parent for k in planning.kinds}
    seen: set[str] = set()
    while kind not in seen:
        if kind == wanted:
            return True
        seen.add(kind)
        kind = parents.get(kind, OBJECT)
    return wanted == OBJECT


def _object(planning: Planning, said: str) -> str | None:
    """Return the object that a program's name stands for, if one is called alike."""
    plain = bare(said)
    names = {bare(t.name): t.name for t in planning.objects}
    names |= {bare(t.words): t.name for t in planning.objects if bare(t.words) not in names}
    if plain in names:
        return names[plain]
    ending = {name for key, name in names.items() if key and _ends_alike(plain, key)}
    return ending.pop() if len(ending) == 1 else None


def _ends_alike(said: str, name: str) -> bool:
    """Whether one is the other with a word before or behind: `block a` and `a`, `room 1`, `1`."""
    longer, shorter = (said, name) if len(said) >= len(name) else (name, said)
    rest = longer.removesuffix(shorter) if longer.endswith(shorter) else longer[len(shorter) :]
    touches = longer.endswith(shorter) or longer.startswith(shorter)
    digits = shorter.isdigit() and rest[-1:].isdigit()
    return bool(shorter) and touches and not digits and rest.isalpha() and len(rest) > 2


def _alike(said: str, action: Action) -> float:
    """Return how alike a program's name and an action are, from 0 to 1, its description too."""
    first, second = bare(said), bare(action.name)
    if first == second:
        return 1.0
    words = _words(said)
    described = {word[:_ROOT] for word in _words(action.description)}
    share = sum(word[:_ROOT] in described for word in words) / max(1, len(words))
    common = set(words) & set(_words(action.name)) and (first in second or second in first)
    return max(
        SequenceMatcher(None, first, second).ratio(), 0.8 if common else 0.0, _DESCRIBED * share
    )


def bare(name: str) -> str:
    """Return a name's letters and digits alone, small."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", parted.lower())
