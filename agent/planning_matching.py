"""Which action and objects of a formulation a written program's steps are, names apart.

A program has names of its own: `pick-up`, `PickUp`, `b1` or `Block 1`. A step is the action and
objects of the formulation that are called most alike, and that can be taken where the plan stands;
places that the program does not name are filled by what can be done there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice, permutations, product

from optiwright.formulators.planning import OBJECT, Action, Planning
from optiwright.solver_tools.plan_outcome import PlanStep
from optiwright.solver_tools.plan_simulation import simulate

_ALIKE = 0.6
"""Names that have less in common say nothing."""
_MOST_CHOICES = 400
"""Ways to fill an action's places that are looked at."""
_MOST_TRIES = 2000
"""Steps that are tried in all."""


def matched(
    planning: Planning, steps: Sequence[PlanStep]
) -> tuple[tuple[PlanStep, ...], tuple[str, ...]]:
    """Return a program's steps in the formulation's names, and what of them could not be matched.

    Of several ways to read the steps, one that can be carried out; where there is none, that whose
    names fit best.
    """
    choices, unmatched = [], []
    for step in steps:
        found = tuple(dict.fromkeys(_choices(planning, step)))
        if not found:
            unmatched.append(f"`{step}` is no action of the formulation with objects of it")
        choices.append(found)
    if unmatched:
        return (), tuple(unmatched)
    plainest = tuple(found[0] for found in choices)
    return _carried_out(planning, choices) or plainest, ()


def _carried_out(
    planning: Planning, choices: Sequence[Sequence[PlanStep]]
) -> tuple[PlanStep, ...] | None:
    """Return choices that can be carried out one after the other, found by going back where not."""
    tries, taken = 0, []
    farthest: list[PlanStep] = []
    open_choices = [iter(choices[0])] if choices else []
    while open_choices and tries < _MOST_TRIES:
        choice = next(open_choices[-1], None)
        if choice is None:
            open_choices.pop()
            taken = taken[:-1]
            continue
        tries += 1
        done = simulate(planning, (*taken, choice))
        if done.steps[-1].unmet:
            continue
        if len(taken) + 1 > len(farthest):
            farthest = [*taken, choice]
        if len(taken) + 1 < len(choices):
            taken = [*taken, choice]
            open_choices.append(iter(choices[len(taken)]))
        elif done.valid:
            return (*taken, choice)
    rest = [found[0] for found in choices[len(farthest) :]]
    return (*farthest, *rest) if farthest else None


def _choices(planning: Planning, step: PlanStep) -> Iterator[PlanStep]:
    """Yield what a step may be in the formulation, the most alike first."""
    rated = [(_alike(step.action, action.name), action) for action in planning.actions]
    # Under another verb an action is known by its objects, and by where it can be done.
    rated = [(score if score >= _ALIKE else 0.0, action) for score, action in rated]
    objects = [_object(planning, argument) for argument in step.arguments]
    known = [o for o in objects if o is not None]
    if step.arguments and not known:
        return
    for _, action in sorted(rated, key=lambda pair: -pair[0]):
        for arguments in _arguments(planning, action, objects, known):
            yield PlanStep(action=action.name, arguments=arguments)


def _arguments(
    planning: Planning, action: Action, objects: Sequence[str | None], known: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield how a program's objects may stand in an action's places, in their order first."""
    size = len(action.places)
    kinds = [place.kind for place in action.places]
    if len(objects) == size and None not in objects and _fit(planning, known, kinds):
        yield tuple(known)
    if len(known) >= size:
        ways = permutations(known, size)
        yield from islice((w for w in ways if _fit(planning, w, kinds)), _MOST_CHOICES)
        return
    free = [[t.name for t in planning.objects if is_of(planning, t.kind, k)] for k in kinds]
    needed = [name for name in known if any(name in names for names in free)]
    # The program's objects in every order over the places, and any others in those left.
    ways = (
        way
        for held in permutations(range(size), len(needed))
        for way in product(
            *([needed[held.index(at)]] if at in held else free[at] for at in range(size))
        )
        if _fit(planning, way, kinds)
    )
    yield from islice(ways, _MOST_CHOICES)


def _fit(planning: Planning, names: Sequence[str], kinds: Sequence[str]) -> bool:
    of = {t.name: t.kind for t in planning.objects}
    return all(is_of(planning, of[n], k) for n, k in zip(names, kinds, strict=False))


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
    ending = [name for key, name in names.items() if key and _ends_alike(plain, key)]
    return ending[0] if len(ending) == 1 else None


def _ends_alike(said: str, name: str) -> bool:
    """Whether one is the other with a word before or behind: `block a` and `a`, `room 1`, `1`."""
    longer, shorter = (said, name) if len(said) >= len(name) else (name, said)
    rest = longer.removesuffix(shorter) if longer.endswith(shorter) else longer[len(shorter) :]
    touches = longer.endswith(shorter) or longer.startswith(shorter)
    digits = shorter.isdigit() and rest[-1:].isdigit()
    return bool(shorter) and touches and not digits and rest.isalpha() and len(rest) > 2


def _alike(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1."""
    first, second = bare(one), bare(other)
    if first == second:
        return 1.0
    ratio = SequenceMatcher(None, first, second).ratio()
    words = set(_words(one)) & set(_words(other))
    return max(ratio, 0.8 if words and (first in second or second in first) else 0.0)


def bare(name: str) -> str:
    """Return a name's letters and digits alone, small."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", parted.lower())
