"""What a text says of its actions, where it lists them as `name(x, y): what it needs`, and words.

Nothing here tells what an action needs or makes; the text is taken apart, and a model reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from optiwright.formulators.planning_mending import fit

_MOST_WORDS = 250
_FEWEST_WORDS = 3
_LONGEST_WORD = 24
_NEVER_NAMED = frozenset(
    re.findall(
        r"\w+",
        "the an of and or to is are was were be been am it its this that these those he she they "
        "them his her their you your i my me we us with by from for as if then than there here "
        "which what while but so not no each every any all both",
    )
)
_PRONOUNS = frozenset(("it", "they", "them", "both", "he", "she", "there"))
_WORD = re.compile(r"[^\W_]+")
_HEAD = re.compile(r"`?([A-Za-z][A-Za-z0-9_-]*)\(([A-Za-z0-9_ ,-]*)\)`?(?: and|,)?\s*")
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])?\s*")
_NEEDS = re.compile(r"\b(?:needs?|requires?|only (?:if|when)|provided)\b:?", re.IGNORECASE)
_PART = re.compile(r"[.;:,]\s+|\b(?:afterwards|after it|then|that)\b:?", re.IGNORECASE)
_NOT = re.compile(r"\b(?:no longer|not any more|any more|not|no)\b\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """What may be so or not before or after an action, without its `not`."""

    words: str
    places: tuple[str, ...]
    """Those that it names, as they come."""
    key: str
    """The same for clauses that say the same of other places."""
    free: bool
    """Whether a pronoun may stand for a place."""


@dataclass(frozen=True)
class Head:
    """An action as a text names it: its places, and the text's words on it."""

    name: str
    places: tuple[str, ...]
    told: str

    def clauses(self) -> tuple[Clause, ...]:
        """Return what the words say of it from what it needs on, in their order."""
        needed = _NEEDS.search(self.told)
        parts: list[str] = []
        for part in _PART.split(self.told[needed.end() :] if needed else self.told):
            sides = part.split(" and ")
            whole = any(len(side.split()) < _FEWEST_WORDS for side in sides)
            parts += [part] if whole else sides
        bare = (_NOT.sub("", part).strip(" :,.;").removeprefix("and ") for part in parts)
        plain = (" ".join(part.split()) for part in bare)
        found = (self._clause(words) for words in plain if len(words.split()) >= _FEWEST_WORDS - 1)
        return tuple({clause.words: clause for clause in found}.values())

    def _clause(self, words: str) -> Clause:
        each = re.findall(r"\w+", words)
        named = tuple(dict.fromkeys(w for w in each if w in self.places))
        key = " ".join("_" if w in self.places else w.lower() for w in each)
        return Clause(words, named, key, bool(_PRONOUNS & {w.lower() for w in each}))


def heads_of(text: str) -> tuple[Head, ...]:
    """Return the actions that lines of a text begin with."""
    found: dict[str, Head] = {}
    for line in text.splitlines():
        at = _BULLET.match(line).end()  # type: ignore[union-attr]
        heads = []
        while head := _HEAD.match(line, at):
            heads.append(head)
            at = head.end()
        told = re.sub(r"\s+", " ", line[at:].replace("#", "")).strip(" :,.-")
        for head in heads if len(told.split()) >= _FEWEST_WORDS else ():
            places = tuple(fit(p) for p in head.group(2).split(",") if p.strip())
            name = fit(head.group(1))
            if len(set(places)) == len(places):
                found.setdefault(name, Head(name, places, told))
    return tuple(found.values())


def words_of(text: str) -> list[str]:
    """Return a text's words that may be part of a name, as they first come."""
    plain = (w if w.isascii() and w.isdigit() else fit(w).lower() for w in _WORD.findall(text))
    found = dict.fromkeys(w for w in plain if w.strip("_") == w and len(w) <= _LONGEST_WORD)
    lone = re.search(r"\ba\b(?=[,.;)]| (?:is|on|and)\b)", text)
    words = [w for w in found if w not in _NEVER_NAMED and (w != "a" or lone)]
    return words[:_MOST_WORDS]


def first_words(text: str) -> list[str]:
    """Return those that a name may begin with."""
    return [w for w in words_of(text) if not w[0].isdigit()]


def one_of(word: str) -> str:
    """Return a plural's singular, as far as its ending tells."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
