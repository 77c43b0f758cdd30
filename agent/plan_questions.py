"""Which step of a plan a question is about: by its number, or by its action and its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from optiwright.agent.planning_matching import is_of
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import listing
from optiwright.formulators.planning import Action, Planning
from optiwright.formulators.planning_opposite import Deed
from optiwright.solver_tools.plan_outcome import PlanStep

_NOT = re.compile(r"\bnot\b|n['’]t\b|\bnever\b|\binstead of\b", re.I)
_FIRST = re.compile(
    r"\bfirst\b|\bat (?:the )?(?:start|beginning)\b|\bto begin with\b|\bbefore (?:anything|all)\b",
    re.I,
)
_NUMBER = re.compile(r"\b(?:step|move|action) (?:number |no\.? ?)?(\d+)\b", re.I)
_ROOT = 4
"""Letters by which a verb is known in another form: `load`, `loading`, `loaded`."""
_SMALL = re.compile(
    r"why|not|does|doesn|did|don|isn|are|was|the|and|with|first|then|from|into|onto|that|this|step"
    r"|move|can|could|should|would|there|here|instead|before|after"
)
"""Words that name no action."""


@dataclass(frozen=True)
class Asked:
    """What a question is about."""

    deeds: tuple[Deed, ...]
    negative: bool
    """Why not: the plan does not do it, and the question would have it do so."""
    first: bool = False
    step: int = 0
    """The number of the step that is named by it; 0 where none is."""


def read_asked(planning: Planning, steps: Sequence[PlanStep], question: str) -> Asked:
    """Return what a question is about.

    Raises:
        UserError: it names no step, or none that there is.
    """
    negative, first = bool(_NOT.search(question)), bool(_FIRST.search(question))
    numbered = _NUMBER.search(question)
    if numbered is not None:
        number = int(numbered[1])
        if not 1 <= number <= len(steps):
            raise UserError(
                f"there is no step {number}: the plan has {len(steps)}",
                where=f"{question[:80]!r}",
                remedy="Name one of its steps.",
            )
        step = steps[number - 1]
        return Asked((Deed(step.action, step.arguments),), negative, False, number)
    objects = _objects(planning, question)
    actions = _actions(planning, question, objects)
    deeds = _deeds(planning, actions or list(planning.actions), objects)
    if not deeds or not (actions or objects):
        names = listing([f"`{a.name}`" for a in planning.actions[:12]])
        raise UserError(
            "the question names no step of the plan, nor one that there could be",
            where=f"{question[:80]!r}",
            remedy=f"Name a step by its number, or one of the actions {names} and its objects.",
        )
    return Asked(tuple(_as_said(planning, deeds, objects, question)), negative, first)


def _objects(planning: Planning, question: str) -> list[str]:
    """Return the objects that a question names, the longest names first."""
    left, found = question.lower(), []
    named = [
        (word.lower(), thing.name)
        for thing in planning.objects
        for word in {thing.name, thing.name.replace("_", " "), thing.words}
        if word.strip()
    ]
    for word, name in sorted(named, key=lambda pair: -len(pair[0])):
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        # A single letter may be an article: it counts where no other object is called so long.
        if name not in found and pattern.search(left):
            found.append(name)
            left = pattern.sub(" ", left)
    return found


def _actions(planning: Planning, question: str, objects: Sequence[str]) -> list[Action]:
    """Return the actions that a question names by a word of their name or of what they are."""
    of_objects = {w for o in objects for w in re.findall(r"[a-z]+", o.lower())}
    said = _roots(question) - {w[:_ROOT] for w in of_objects}
    by_name = [a for a in planning.actions if _roots(a.name.replace("_", " ")) & said]
    if by_name:
        return by_name
    places = {p.name for a in planning.actions for p in a.places}
    return [
        a for a in planning.actions if (_roots(a.description) - {p[:_ROOT] for p in places}) & said
    ]


def _roots(text: str) -> set[str]:
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    return {w[:_ROOT] for w in words if len(w) > 2 and not _SMALL.fullmatch(w)}


def _deeds(planning: Planning, actions: Sequence[Action], objects: Sequence[str]) -> list[Deed]:
    """Return the actions with the named objects in their places, in every way that kinds allow."""
    return [
        Deed(action.name, held) for action in actions for held in _held(planning, action, objects)
    ]


def _as_said(
    planning: Planning, deeds: Sequence[Deed], objects: Sequence[str], question: str
) -> list[Deed]:
    """Return the deeds whose objects stand behind the same words as in the question.

    `to Old Stairs` is the place that an action's description has behind `to`.
    """
    described = {a.name: a for a in planning.actions}
    words = {t.name: t.words for t in planning.objects}
    said = {o: _before(question, (o, o.replace("_", " "), words[o])) for o in objects}

    def fitting(deed: Deed) -> int:
        action = described[deed.action]
        return sum(
            held is not None
            and said[held] != ""
            and said[held] == _before(action.description, (place.name,))
            for place, held in zip(action.places, deed.objects, strict=True)
        )

    most = max(map(fitting, deeds), default=0)
    return [deed for deed in deeds if fitting(deed) == most]


def _before(text: str, names: Sequence[str]) -> str:
    """Return the word before the first of the names that a text has."""
    for name in names:
        found = re.search(rf"([a-z]+) (?:the )?{re.escape(name.lower())}(?![\w-])", text.lower())
        if name and found is not None:
            return found[1]
    return ""


def _held(
    planning: Planning, action: Action, objects: Sequence[str]
) -> Iterator[tuple[str | None, ...]]:
    kinds = {t.name: t.kind for t in planning.objects}
    size = len(action.places)
    seen: set[tuple[str | None, ...]] = set()
    if len(objects) > size:
        return
    for order in permutations(range(size), len(objects)):
        if all(
            is_of(planning, kinds[name], action.places[place].kind)
            for name, place in zip(objects, order, strict=True)
        ):
            held: list[str | None] = [None] * size
            for name, place in zip(objects, order, strict=True):
                held[place] = name
            if tuple(held) not in seen:
                seen.add(tuple(held))
                yield tuple(held)
