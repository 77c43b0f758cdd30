"""What a text says of its actions, where it lists them as `name(x, y): what it needs`, and words.

`It needs: x is dry. Afterwards x is wet; x is no longer dry.` says in so many words what is needed,
made and ended, and names the facts; what is said less plainly is left for a model to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from optiwright.formulators.planning_clauses import (
    bared,
    is_negated,
    parts_of,
    plainly,
    subject_of,
)
from optiwright.formulators.planning_costs import without_cost
from optiwright.formulators.planning_mending import fit

_MOST_WORDS = 250
_FEWEST_WORDS = 3
_LONGEST_WORD = 24
_LONGEST_NAME = 3
_NEVER_NAMED = frozenset(
    re.findall(
        r"\w+",
        "the an of and or to is are was were be been am it its this that these those he she they "
        "them his her their you your i my me we us with by from for as if then than there here "
        "which what while but so not no each every any all both",
    )
)
_ARTICLES = frozenset(("a", "an", "the"))
_PRONOUNS = frozenset(("it", "they", "he", "she"))
_VAGUE = frozenset((*_PRONOUNS, "them", "both", "there", "one", "each", "and"))
_LINKS = frozenset(("at", "in", "on", "of", "to", "from", "with", "by", "for", "upon", "under"))
_VERBS = frozenset(("is", "are", "has", "have"))
_WORD = re.compile(r"[^\W_]+")
_HEAD = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\(([A-Za-z0-9_ ,-]*)\)(?: and|,)?\s*")
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])?\s*")
_NEEDS = re.compile(
    r"\b(?:needs?|requires?|only (?:if|when)|provided)\b:?"
    r"|\b(?:requirements?|conditions?|pre(?:-?conditions?)?|before)\s*:",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:afterwards|after (?:it|that)|then)\b:?"
    r"|\b(?:effects?|results?|outcome|post(?:-?conditions?)?|after)\s*:",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:must|may|can|has to|have to|should|if|when|while|where|unless|allowed|possible)\b",
    re.IGNORECASE,
)
_SAID_AS_IS = re.compile(
    r"\b(?:must(?P<a> not)? be|(?:has|have|needs) to(?P<b> not)? be|should(?P<c> not)? be"
    r"|will(?P<d> not)? be|becomes?|is now|are now)\b",
    re.IGNORECASE,
)
_UNPLAIN = frozenset(
    [
        "or",
        "either",
        "unless",
        "except",
        "if",
        "when",
        "while",
        "until",
        "only",
        "must",
        "may",
        "can",
        "could",
        "might",
        "should",
        "will",
    ]
)
"""Words that say more than what is so, or less."""
_IDLE_END = re.compile(r"(?:^|[\s.;:,]+)(?:it|each|both|this|which)$", re.IGNORECASE)
_BOTH = re.compile(r"(.+) and (.+) are (.+)", re.IGNORECASE)
_LIST = re.compile(r"(.+? is) (.+) and ((?:\S+ ?){1,2})", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """What may be so or not before or after an action, without its `not`."""

    words: str
    places: tuple[str, ...]
    """Those that it names, as they come."""
    key: str
    """The same for clauses that say the same of other places: a `_` for each of them."""
    when: Literal["needed", "after", ""]
    """Empty where the text does not tell."""
    negated: bool
    plain: bool
    """Whether it names all that it speaks of, and speaks of one thing alone."""

    @property
    def name(self) -> str:
        """Return a name for the fact, of the clause's own words."""
        words = [w for w in self.key.split() if w != "_" and w not in _NEVER_NAMED]
        return fit("_".join(words[-_LONGEST_NAME:]) or "of")


@dataclass(frozen=True)
class Head:
    """An action as a text names it: its places, and the text's words on it."""

    name: str
    places: tuple[str, ...]
    told: str

    @property
    def words(self) -> str:
        """Return what is done, as far as the text says it before what is needed; else the name."""
        marks = (_NEEDS.search(self.told), _AFTER.search(self.told))
        begin = min((mark.start() for mark in marks if mark), default=len(self.told))
        lead = _IDLE_END.sub("", self.told[:begin].strip(" :,.;-"))
        return lead if len(lead.split()) > 1 else self.name.replace("_", " ")

    def clauses(self, kinds: Mapping[str, str] = MappingProxyType({})) -> tuple[Clause, ...]:
        """Return what the words say of it from what it needs on, in their order.

        Args:
            kinds: of its places; `the robot is at the room x` says no more than `at x` then.
        """
        text = without_cost(self.told)
        needed = _NEEDS.search(text)
        begin = needed.end() if needed else 0
        after = _AFTER.search(text, begin)
        parts: list[tuple[str, Literal["needed", "after", ""]]] = []
        first = needed or after
        if first is not None and _CONDITION.search(before := text[: first.start()]):
            parts += ((part, "") for part in _parts(before))
        if after is None:
            parts += ((part, "needed" if needed else "") for part in _parts(text[begin:]))
        else:
            before = text[begin : after.start()] if needed else ""
            parts += ((part, "needed") for part in _parts(before))
            parts += ((part, "after") for part in _parts(text[after.end() :]))
        subject, denied = "", False
        found: list[Clause] = []
        for told, when in parts:
            part = _SAID_AS_IS.sub(lambda m: "is not" if any(m.groups()) else "is", told)
            several = _apart(bared(part))
            for bare in filter(None, several):
                if " " not in bare and found and not found[-1].plain:
                    continue  # `of that kind`
                whole = self._with_subject(bare, subject)
                if len(whole.split()) >= _FEWEST_WORDS - 1:
                    plain = "(" not in part and ")" not in part
                    if is_negated(part) and len(several) > 1 and not _BOTH.fullmatch(bared(part)):
                        plain = False  # `not wet and cold`
                    if denied and " " not in bare and not is_negated(part):
                        plain = False  # `not wet, cold`
                    subject, denied = self._subject(whole), is_negated(part)
                    found.append(self._clause(whole, when, denied, plain, kinds))
        return tuple(found)

    def _with_subject(self, clause: str, subject: str) -> str:
        """Return a clause with what the one before it speaks of where it names nothing itself."""
        first, _, rest = clause.partition(" ")
        low = first.lower()
        if not subject:
            return clause
        if low in _PRONOUNS:
            return f"{subject} {rest}"
        if low in _LINKS - set(self.places):
            return f"{subject} is {clause}"
        if not rest and low not in self.places:
            return f"{subject} is {clause}"
        return f"{subject} {clause}" if low in _VERBS else clause

    def _subject(self, clause: str) -> str:
        words = clause.split()
        for at, word in enumerate(words[:2]):
            if word in self.places:
                return " ".join(words[: at + 1])
        return subject_of(clause)

    def _clause(
        self,
        words: str,
        when: Literal["needed", "after", ""],
        negated: bool,
        plain: bool,
        kinds: Mapping[str, str],
    ) -> Clause:
        each = re.findall(r"\w+", words.replace("'s", ""))
        low = [w.lower() for w in each]
        told = [
            "_" if w in self.places else lower
            for w, lower, following in zip(each, low, [*each[1:], ""], strict=True)
            if w in self.places
            or (lower not in _ARTICLES and kinds.get(following, "_") not in (lower, one_of(lower)))
        ]
        links = _LINKS - set(self.places)
        return Clause(
            words=words,
            places=tuple(dict.fromkeys(w for w in each if w in self.places)),
            key=" ".join(told),
            when=when,
            negated=negated,
            plain=plain
            and low[0] not in links | _VERBS
            and low[-1] not in links
            and not (_VAGUE | _UNPLAIN) & set(low),
        )


def _apart(clause: str) -> list[str]:
    """Return what `x and y are so`, and `x is so and such`, say of each."""
    if both := _BOTH.fullmatch(clause):
        return [f"{both.group(1)} is {both.group(3)}", f"{both.group(2)} is {both.group(3)}"]
    if several := _LIST.fullmatch(clause):
        return [f"{several.group(1)} {several.group(at)}" for at in (2, 3)]
    return [clause]


def _parts(told: str) -> Iterator[str]:
    """Yield the same, and what stands around `and` where either side may be a clause."""
    for part in parts_of(told):
        sides = part.split(" and ")
        whole = any(len(side.split()) < _FEWEST_WORDS for side in sides)
        yield from [part] if whole else sides


def heads_of(text: str) -> tuple[Head, ...]:
    """Return the actions that lines of a text begin with."""
    found: dict[str, Head] = {}
    for line in text.splitlines():
        heads, told = _heads_in(line)
        for head in heads if len(told.split()) >= _FEWEST_WORDS else ():
            places = tuple(fit(p) for p in head.group(2).split(",") if p.strip())
            name = fit(head.group(1))
            if len(set(places)) == len(places):
                found.setdefault(name, Head(name, places, told))
    return tuple(found.values())


def kinds_of(text: str, heads: Sequence[Head]) -> tuple[str, ...]:
    """Return the places that listed actions name by a kind: by a word of the text beside them."""
    listed = action_lines(text)
    lines = enumerate(text.splitlines())
    beside = "\n".join(line for at, line in lines if at not in listed)
    words = {form for w in words_of(beside) for form in (w, one_of(w))}
    places = dict.fromkeys(place for head in heads for place in head.places)
    return tuple(p for p in places if len(p) > 2 and p in words and p not in _LINKS)


def action_lines(text: str) -> tuple[int, ...]:
    """Return which lines of a text, from 0 on, begin with actions."""
    each = enumerate(text.splitlines())
    return tuple(at for at, line in each if _heads_in(line)[0])


def _heads_in(line: str) -> tuple[list[re.Match[str]], str]:
    """Return the actions that a line begins with, and what it says of them."""
    line = plainly(line)
    at = _BULLET.match(line).end()  # type: ignore[union-attr]
    heads = []
    while head := _HEAD.match(line, at):
        heads.append(head)
        at = head.end()
    return heads, re.sub(r"\s+", " ", line[at:].replace("#", "")).strip(" :,.-\u2013\u2014")


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
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
