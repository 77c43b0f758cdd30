"""Which sentences of a text tell how things are at first, and which how they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Literal

from optiwright.formulators.planning import Fact, Planning
from optiwright.formulators.planning_heads import (
    action_lines,
    bared,
    is_negated,
    one_of,
    parts_of,
)

_GOAL = re.compile(
    r"\b(?:goals?|should|must|in the end|at the end|finally|end up|is to be|are to be|wants?)\b",
    re.IGNORECASE,
)
_START = re.compile(
    r"\b(?:at first|first of all|initial(?:ly)?|at the (?:start|beginning)|begins?|now)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+|\n\s*(?=\n|[-*•\d]|[A-Z])")
"""A line that begins with a small letter goes on with the one above, as where lines are wrapped."""
_MOST_ATOMS = 200


@dataclass(frozen=True)
class Told:
    """A clause on the start or the goal, without its `not`; one on the start has none."""

    part: Literal["start", "goal"]
    words: str
    negated: bool


def situation(text: str) -> tuple[Told, ...]:
    """Return what a text that lists its actions says below them, or all beside them."""
    lines = text.splitlines()
    listed = action_lines(text)
    below = lines[listed[-1] + 1 :] if listed else lines
    if not any(_GOAL.search(line) for line in below):
        below = [line for at, line in enumerate(lines) if at not in listed]
    return tuple(_told(below))


def introduction(text: str) -> tuple[Told, ...]:
    """Return what a text says before it lists its actions."""
    listed = action_lines(text)
    return tuple(_told(text.splitlines()[: listed[0]] if listed else []))


def _told(lines: Sequence[str]) -> Iterator[Told]:
    part: Literal["start", "goal"] = "start"
    for sentence in _SENTENCE.split("\n".join(lines)):
        if _GOAL.search(sentence):
            part = "goal"
        elif _START.search(sentence):
            part = "start"
        for clause in parts_of(" ".join(sentence.split())):
            negated = is_negated(clause)
            if (words := bared(clause.replace("#", ""))) and not (negated and part == "start"):
                yield Told(part, words, negated)  # what is not said to be so at first is not


def lasting(planning: Planning) -> frozenset[str]:
    """Return facts that actions need and none changes, of which the start says nothing."""
    atoms = {
        field: {atom.removeprefix("not ").partition("(")[0] for atom in each}
        for field, each in (
            ("needed", (a for action in planning.actions for a in action.needs)),
            ("changed", (a for action in planning.actions for a in (*action.makes, *action.ends))),
            ("start", planning.start),
        )
    }
    return frozenset(atoms["needed"] - atoms["changed"] - atoms["start"])


@dataclass(frozen=True)
class Candidates:
    """Facts that a clause may mean."""

    atoms: tuple[str, ...]
    exact: bool
    """Whether all words of a fact's name stand in the clause."""
    settled: bool
    """Whether it can but mean all of them."""


def candidates(planning: Planning, words: str) -> Candidates:
    """Return facts of the objects that words name.

    Only facts whose names share a word with them that no better fitting fact has as well.
    """
    said = {form for word in _words(words) for form in (word, one_of(word))}
    said |= {"has"} if "have" in said else set()
    names = {f: _name_words(f) for f in planning.facts}
    shares = {f: {w for w in name if w in said or one_of(w) in said} for f, name in names.items()}
    whole = [f for f in planning.facts if shares[f] == names[f]]
    full = [  # what says less counts where its words stand there once more
        f
        for f in whole
        if not any(names[f] < names[other] for other in whole)
        or any(_words(words).count(word) > 1 for word in names[f])
    ]
    things = _named(planning, words)
    exact = {f: found for f in full if (found := list(_filled(f, planning, things, in_order=True)))}
    covered = {word for f in exact for word in shares[f]}
    near = [f for f in planning.facts if f not in full and shares[f] - covered]
    rest = [atom for f in near for atom in _filled(f, planning, things)]
    return Candidates(
        atoms=(*(a for found in exact.values() for a in found), *rest)[:_MOST_ATOMS],
        exact=bool(exact),
        settled=bool(exact) and not rest and _is_settled(exact),
    )


def _is_settled(exact: Mapping[Fact, Sequence[str]]) -> bool:
    """Whether facts with their fillings leave no choice: of one thing all, of one fact each."""
    placed = {f: found for f, found in exact.items() if f.places}
    if len(placed) > 1:
        return len({atom.partition("(")[2] for found in placed.values() for atom in found}) == 1
    for found in placed.values():
        each = [atom.partition("(")[2].removesuffix(")").split(", ") for atom in found]
        if sum(len(set(things)) > 1 for things in zip(*each, strict=True)) > 1:
            return False
    return True


def _name_words(fact: Fact) -> set[str]:
    """Return the words of a fact's name, without a kind that tells it from another."""
    kind = fact.places[0].kind if fact.places else ""
    said = {*_words(fact.description)} - {place.name for place in fact.places}
    told = kind and kind not in said
    return set((fact.name.removesuffix(f"_{kind}") if told else fact.name).split("_"))


def _filled(
    fact: Fact, planning: Planning, things: Sequence[str], *, in_order: bool = False
) -> Iterator[str]:
    """Yield atoms; `in_order`: places of one kind stand for things as they come."""
    kinds = {t.name: t.kind for t in planning.objects}
    wanted = [p.kind for p in fact.places]
    for chosen in permutations(range(len(things)), len(wanted)):
        names = [things[at] for at in chosen]
        each = list(zip(chosen, wanted, strict=True))
        if all(planning.is_of(kinds[n], w) for n, w in zip(names, wanted, strict=True)) and not (
            in_order and any(a > b and v == w for (a, v), (b, w) in combinations(each, 2))
        ):
            yield f"{fact.name}({', '.join(names)})" if names else fact.name


def _named(planning: Planning, words: str) -> list[str]:
    """Return the objects that words name, as they come; where none, all of a kind they name."""
    low = " ".join(_words(words))
    places = {t.name: _place(t.name, planning, low) for t in planning.objects}
    several = {one_of(w) for w in low.split() if one_of(w) != w}
    named = sorted((name for name in places if places[name] >= 0), key=places.__getitem__)
    return named or [t.name for t in planning.objects if t.kind in several]


def _place(name: str, planning: Planning, low: str) -> int:
    """Return where words name an object, by all of its name or a first word that is its alone."""
    if name == "a":  # and no article
        verbs = "|".join({re.escape(fact.name.split("_")[0]) for fact in planning.facts})
        found = re.search(rf"\ba\b(?= (?:is|are|should|has|and|or)\b|$)|^a(?= (?:{verbs})\b)", low)
        return found.start() if found else -1
    if found := re.search(rf"\b{re.escape(name.lower().replace('_', ' '))}\b", low):
        return found.start()
    first = name.lower().split("_")[0]
    alone = sum(t.name.lower().split("_")[0] == first for t in planning.objects) == 1
    found = re.search(rf"\b{re.escape(first)}\b", low) if "_" in name and alone else None
    return found.start() if found else -1


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())
