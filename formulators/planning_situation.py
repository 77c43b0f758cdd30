"""Which sentences of a text tell how things are at first, and which how they should be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Literal

from optiwright.formulators.planning import Fact, Planning
from optiwright.formulators.planning_clauses import (
    bared,
    denied,
    is_negated,
    listed_together,
    parts_of,
    subject_of,
)
from optiwright.formulators.planning_heads import action_lines, one_of
from optiwright.formulators.text_numbers import ONES

_GOAL = re.compile(
    r"\b(?:goals?|should|must|in the end|at the end|finally|end up|is to be|are to be|wants?)\b",
    re.IGNORECASE,
)
_START = re.compile(
    r"\b(?:at first|first of all|initial(?:ly)?|(?:at|in) the (?:start|beginning)|begins?|now"
    r"|currently|at present|to (?:begin|start) with|so far|(?:starts?|beginning|before)(?=\s*:)"
    r"|starting (?:state|position|situation))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+|\n\s*(?=\n|[-*•\d]|[A-Z])")
"""A line that begins with a small letter goes on with the one above, as where lines are wrapped."""
_NO_ONE = re.compile(r"\bno (?=\w+ (?:is|are|should|must|may|has)\b)", re.IGNORECASE)
_MOST_ATOMS = 200
_BUT = frozenset(("except", "but", "besides", "other", "apart", "rest"))
_SOME = _BUT | frozenset(
    [
        "or",
        "either",
        "unless",
        "if",
        "some",
        "any",
        "most",
        "few",
        "half",
        "several",
        "least",
        "only",
        "nothing",
        "nobody",
        "none",
        "before",
        "until",
        "while",
        "always",
        "instead",
        "without",
    ]
)


@dataclass(frozen=True)
class Told:
    """A clause on the start or the goal, without its `not`; one on the start has none."""

    part: Literal["start", "goal"]
    words: str
    negated: bool
    subject: str = ""
    """What the clause before it speaks of, for one that names nothing itself."""


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
    known = heading = False
    for sentence, before, behind in _sentences(denied("\n".join(lines))):
        asked = sentence.rstrip().endswith("?")
        if asked:
            pass
        elif _GOAL.search(sentence):
            part = "goal"
            heading = heading or (sentence.rstrip().endswith(":") and "\n" in behind)
        elif _START.search(sentence):
            part, heading = "start", False
        elif part == "goal" and not (known or heading) and before not in (":", ";"):
            part = "start"  # what was to be told first was the goal
        now = "goal" if asked else part
        known |= now == "start" and len(sentence.split()) > 2
        subject = ""
        for clause in listed_together(parts_of(" ".join(sentence.split()))):
            negated = is_negated(clause)
            clause = _NO_ONE.sub("not each ", clause.replace("#", ""))
            if (words := bared(clause)) and not (negated and now == "start"):
                yield Told(now, words, negated, subject)  # what is not said to be so is not
            subject = subject_of(words) or subject


def _sentences(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield sentences, each with the sign before it and the space behind it."""
    before, begin = "", 0
    for found in _SENTENCE.finditer(text):
        sentence = text[begin : found.start()]
        yield sentence, before, found.group()
        before, begin = sentence.rstrip()[-1:], found.end()
    yield text[begin:], before, ""


def is_about(planning: Planning, words: str) -> bool:
    """Whether words name an object or a kind of them."""
    return bool(_named(planning, words))


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
    choice = _leaves_choice(planning, words)
    exact = {f: found for f in full if (found := list(_filled(f, planning, things, in_order=True)))}
    covered = {word for f in exact for word in shares[f]}
    near = [f for f in planning.facts if f not in full and shares[f] - covered]
    rest = [atom for f in near for atom in _filled(f, planning, things)]
    return Candidates(
        atoms=(*(a for found in exact.values() for a in found), *rest)[:_MOST_ATOMS],
        exact=bool(exact),
        settled=bool(exact) and not rest and not choice and _is_settled(exact),
    )


def _leaves_choice(planning: Planning, words: str) -> bool:
    """Whether words speak of some of what they name, or of all but that."""
    said = _words(words)
    parts = {word for fact in planning.facts for word in fact.name.split("_")}
    return (
        bool((_SOME & set(said)) - parts)
        or _counted(planning, said)
        or any(_is_other(planning, side, parts) for side in words.split(" and ")[1:])
    )


def _is_other(planning: Planning, side: str, parts: Collection[str]) -> bool:
    """Whether words name a thing and say something of it that no fact's name has."""
    said = set(_words(side))
    named = {word for name in _named(planning, side) for word in name.lower().split("_")}
    known = {kind for k in planning.kinds for kind in (k.name, f"{k.name}s")}
    rest = said - known - {"the", "a", "an", "one", "ones", "and", "are", "is"}
    return bool(named & said and rest - named) and not said & set(parts) and not _verbed(said)


def _verbed(said: Collection[str]) -> bool:
    return bool({"is", "are", "be", "has", "have"} & set(said))


def _counted(planning: Planning, said: Sequence[str]) -> bool:
    """Whether words give a number of things that they do not name."""
    if any(_place(t.name, planning, " ".join(said)) >= 0 for t in planning.objects):
        return False
    return any(word.isdigit() or word in ONES[2:] for word in said)


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
    several |= set(re.findall(r"\b(?:each|every|any|no|other)(?: other)? (\w+)", low))
    every = [t.name for t in planning.objects if t.kind in several]
    named = sorted((name for name in places if places[name] >= 0), key=places.__getitem__)
    return every if every and _BUT & set(low.split()) else named or every


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
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=\w)'s\b", "", text))
    return re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
