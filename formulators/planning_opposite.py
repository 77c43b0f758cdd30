"""A planning formulation with the opposite of a step: it may not be taken, or has to be.

What is forbidden and what is asked for are facts of the start, so that engines need nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from optiwright.formulators.planning import Action, Fact, Place, Planning


@dataclass(frozen=True)
class Deed:
    """An action with some of its objects; None stands for any object."""

    action: str
    objects: tuple[str | None, ...] = ()

    def is_of(self, action: str, arguments: Sequence[str]) -> bool:
        """Whether a step is such a deed."""
        return self.action == action and all(
            wanted is None or wanted == held
            for wanted, held in zip(self.objects, arguments, strict=True)
        )


@dataclass(frozen=True)
class Opposite:
    """The changed formulation, and what its copies of actions are copies of, by name."""

    planning: Planning
    copies: dict[str, str] = field(default_factory=dict)


def without(planning: Planning, deeds: Sequence[Deed], *, first: bool = False) -> Opposite:
    """Return the formulation in which none of the deeds can be done, or none as the first step."""
    names = _Names(planning)
    begun = names.new("begun") if first else ""
    actions, facts, start, copies = [], [], [], {}
    for action in planning.actions:
        own = [deed for deed in deeds if deed.action == action.name]
        barred = []
        for deed in own:
            fact, atom, condition = _marked(names.new("barred"), action, deed)
            facts.append(fact)
            start.append(atom)
            barred.append(f"not {condition}")
        makes = (*action.makes, *([begun] if first else []))
        changed = {"needs": (*action.needs, *barred), "makes": makes}
        actions.append(action.model_copy(update=changed))
        if first and own:
            later = {"needs": (*action.needs, begun), "makes": makes}
            actions.append(_copy(action, names.new(f"{action.name}_later"), later, copies))
    if first:
        facts.append(Fact(name=begun))
    return Opposite(_with(planning, actions, facts, start), copies)


def with_deed(planning: Planning, deeds: Sequence[Deed], *, first: bool = False) -> Opposite:
    """Return the formulation in which one of the deeds has to be done, or be the first step."""
    names = _Names(planning)
    done = names.new("done_as_asked")
    actions, facts, start, copies = [], [Fact(name=done)], [], {}
    for action in planning.actions:
        needs = (*action.needs, *([done] if first else []))
        actions.append(action.model_copy(update={"needs": needs}))
        for deed in deeds:
            if deed.action != action.name:
                continue
            fact, atom, condition = _marked(names.new("asked_for"), action, deed)
            facts.append(fact)
            start.append(atom)
            asked = {
                "needs": (*action.needs, condition, *([f"not {done}"] if first else [])),
                "makes": (*action.makes, done),
            }
            actions.append(_copy(action, names.new(f"{action.name}_asked"), asked, copies))
    changed = _with(planning, actions, facts, start)
    return Opposite(changed.model_copy(update={"goal": (*planning.goal, done)}), copies)


def _marked(name: str, action: Action, deed: Deed) -> tuple[Fact, str, str]:
    """Return a fact of a deed's objects, the atom that holds of them, the action's condition."""
    held = [(p, o) for p, o in zip(action.places, deed.objects, strict=True) if o is not None]
    places = tuple(Place(name=f"p{n}", kind=p.kind) for n, (p, _) in enumerate(held, 1))
    objects = ", ".join(o for _, o in held)
    own = ", ".join(p.name for p, _ in held)
    fact = Fact(name=name, places=places)
    return fact, f"{name}({objects})" if held else name, f"{name}({own})" if held else name


def _copy(action: Action, name: str, changed: dict[str, object], copies: dict[str, str]) -> Action:
    copies[name] = action.name
    return action.model_copy(update={"name": name, **changed})


def _with(
    planning: Planning, actions: Iterable[Action], facts: Iterable[Fact], start: Iterable[str]
) -> Planning:
    return planning.model_copy(
        update={
            "actions": tuple(actions),
            "facts": (*planning.facts, *facts),
            "start": (*planning.start, *start),
        }
    )


class _Names:
    """Hands out names that the formulation has not."""

    def __init__(self, planning: Planning) -> None:
        parts = (planning.objects, planning.facts, planning.amounts, planning.actions)
        self._taken = {part.name for kind in parts for part in kind}
        self._taken |= {p.name for a in planning.actions for p in a.places}

    def new(self, wanted: str) -> str:
        """Return a name like the one wanted."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name
