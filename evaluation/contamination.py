"""Whether a text repeats a benchmark's problem, so that it may neither be trained on nor shown.

Five ways in which it can, from the plainest on: word for word, nearly, with other numbers, in part,
and by its numbers alone under other words. They go by word triples (`fingerprints`), by runs of
eight words with numbers kept (GPT-3, arXiv 2005.14165, took thirteen), and by the set of numbers.
A run that stands in many problems is a turn of phrase and shows nothing. The limits were set where
1,137 different problems of nine benchmarks fall apart into those that retell each other and those
that do not.

A text may be longer than the problem that it repeats: it is searched for the problem's words. The
numbers alone are compared whole, so they want the problem and not the page around it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self, TypeVar

from optiwright.evaluation.duplicates import first_of_the_same
from optiwright.evaluation.fingerprints import (
    HELD_WORDS,
    SAME_NUMBERS,
    SAME_WORDS,
    Fingerprint,
    Words,
    numbers_of,
    runs,
    telling_digits,
    words_of,
)
from optiwright.evaluation.problems import Problem

T = TypeVar("T", bound=Hashable)

RUN = 8
"""Words in a run."""
_PHRASE = 5
"""A run that stands in more different texts than this is a turn of phrase."""
_PART = 0.25
"""Share of a problem's words in shared runs from which a text has a part of it."""
_PART_WORDS = 2 * RUN
"""And so many words at least; a sentence of a short problem may be anybody's."""
_LONG_RUN = 25
"""Words in a row that are a part of a problem, however long it is."""
_STORY = 20
"""Least word triples of a problem that has a story to be told with other numbers."""
_DIGITS = 8
"""Digits in common from which the same numbers are no chance."""
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][^\W\d_]{2,}")
_SMALL_WORD = re.compile(r"(?<![^\W_])[a-z][^\W\d_]+")
_CALENDAR = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january",
    "february", "march", "april", "june", "july", "august", "september", "october", "november",
    "december",
}  # fmt: skip


class How(StrEnum):
    """How a text repeats a problem, the plainest first."""

    EXACT = "word for word"
    NEARLY = "nearly"
    OTHER_NUMBERS = "with other numbers"
    IN_PART = "in part"
    SAME_NUMBERS = "by its numbers"


@dataclass(frozen=True)
class Overlap:
    """A benchmark's problem that a text repeats.

    Attributes:
        problem: its id, such as `optibench-12`.
        evidence: what the two have in common, for a person to judge by.
    """

    problem: str
    benchmark: str
    how: How
    evidence: str

    def __str__(self) -> str:
        return f"{self.problem} {self.how.value}: {self.evidence}"


@dataclass(frozen=True)
class _Mark:
    """What is compared of a text."""

    words: Words
    print: Fingerprint
    story: Fingerprint
    """With all numbers the same."""
    numbers: frozenset[float]

    @classmethod
    def of(cls, text: str) -> Self:
        words = words_of(text)
        story = Fingerprint.without_numbers(words)
        return cls(words, Fingerprint.of(words), story, numbers_of(text))


class KnownTexts:
    """Problems that texts are held against; made once, asked often.

    Args:
        problems: of every benchmark, repeated ones too, since each of them is to be named.
        absent: names of benchmarks that were not at hand, whose texts are not recognised.
    """

    def __init__(self, problems: Iterable[Problem], absent: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        self.absent = tuple(absent)
        self._marks = [_Mark.of(problem.text) for problem in self.problems]
        self._runs = _places(runs(mark.words, RUN) for mark in self._marks)
        self._triples = _places(mark.story.triples for mark in self._marks)
        self._numbers = _places(mark.numbers for mark in self._marks)
        firsts = first_of_the_same([mark.print for mark in self._marks])
        self._phrases = {
            run for run, places in self._runs.items() if len({firsts[p] for p in places}) > _PHRASE
        }

    def overlaps(self, text: str) -> list[Overlap]:
        """Return the problems that a text repeats, each with the plainest way in which it does."""
        mark = _Mark.of(text)
        found: dict[int, Overlap] = {}
        for look in (self._retold, self._in_part, self._by_numbers):
            for place, how, evidence in look(mark):
                problem = self.problems[place]
                found.setdefault(place, Overlap(problem.id, problem.benchmark, how, evidence))
        return [found[place] for place in sorted(found)]

    def shared_runs(self, text: str) -> dict[str, list[str]]:
        """Return every run of eight words that a text shares with problems, and with which.

        Turns of phrase are among them: this is for texts that are to share none at all.
        """
        return {
            " ".join(run): [self.problems[place].id for place in self._runs[run]]
            for run in runs(words_of(text), RUN)
            if run in self._runs
        }

    def shared_names(self, text: str) -> dict[str, list[str]]:
        """Return the proper names that a text shares with problems, and with which.

        A proper name has a capital within a sentence and is a common word in no problem; days and
        months are none.
        """
        mine = self._names(text)
        return {name: self._named[name] for name in sorted(mine) if name in self._named}

    @cached_property
    def _common_words(self) -> frozenset[str]:
        texts = (problem.text for problem in self.problems)
        return frozenset(word for text in texts for word in _SMALL_WORD.findall(text)) | _CALENDAR

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        places = _places(self._names(problem.text) for problem in self.problems)
        return {name: [self.problems[p].id for p in found] for name, found in places.items()}

    def _names(self, text: str) -> set[str]:
        return {name for name in _NAME.findall(text) if name.lower() not in self._common_words}

    def _retold(self, mark: _Mark) -> Iterator[tuple[int, How, str]]:
        """Yield the problems that are told again as a whole."""
        shared = Counter(p for triple in mark.story.triples for p in self._triples.get(triple, ()))
        for place, count in shared.items():
            known = self._marks[place]
            if count >= SAME_WORDS * len(known.story.triples):
                yield from ((place, *said) for said in _told_again(known, mark))

    def _in_part(self, mark: _Mark) -> Iterator[tuple[int, How, str]]:
        """Yield the problems of which the text has a part."""
        shared = {run for run in runs(mark.words, RUN) if run in self._runs} - self._phrases
        for place in sorted({place for run in shared for place in self._runs[run]}):
            words = self._marks[place].words
            covered, longest = _covered(words, shared)
            if covered >= max(_PART * len(words), _PART_WORDS) or len(longest) >= _LONG_RUN:
                shown = f'{len(longest)} in a row from "{" ".join(longest[:RUN])}" on'
                yield place, How.IN_PART, f"{covered} of its {len(words)} words, {shown}"

    def _by_numbers(self, mark: _Mark) -> Iterator[tuple[int, How, str]]:
        """Yield the problems that have the same numbers, too many of them for chance."""
        shared = Counter(p for number in mark.numbers for p in self._numbers.get(number, ()))
        for place, count in sorted(shared.items()):
            theirs = self._marks[place].numbers
            if count < SAME_NUMBERS * len(theirs | mark.numbers):
                continue
            together = theirs & mark.numbers
            if telling_digits(together) >= _DIGITS:
                yield place, How.SAME_NUMBERS, ", ".join(f"{n:g}" for n in sorted(together))


def _told_again(known: _Mark, mark: _Mark) -> Iterator[tuple[How, str]]:
    if f" {' '.join(known.words)} " in f" {' '.join(mark.words)} ":
        yield How.EXACT, f"all its {len(known.words)} words"
    elif known.print.same(mark.print) or known.print.held_by(mark.print):
        share = known.print.share_in(mark.print)
        yield How.NEARLY, f"{share:.0%} of its word triples, and its numbers"
    elif len(known.story.triples) >= _STORY and (
        known.story.same(mark.story) or known.story.share_in(mark.story) >= HELD_WORDS
    ):
        share = known.story.share_in(mark.story)
        yield How.OTHER_NUMBERS, f"{share:.0%} of its word triples, numbers aside"


def _covered(words: Words, shared: Set[Words]) -> tuple[int, Words]:
    """Return how many of the words lie in a shared run, and the longest stretch of them."""
    inside = [False] * len(words)
    for start, run in enumerate(runs(words, RUN)):
        if run in shared:
            inside[start : start + len(run)] = [True] * len(run)
    longest: Words = ()
    start = 0
    for place, is_in in enumerate([*inside, False]):
        if not is_in:
            longest = max(longest, words[start:place], key=len)
            start = place + 1
    return sum(inside), longest


def _places(texts: Iterable[Collection[T]]) -> dict[T, list[int]]:
    """Return where each thing is found: the places of the texts that have it."""
    homes: dict[T, list[int]] = {}
    for place, things in enumerate(texts):
        for thing in dict.fromkeys(things):
            homes.setdefault(thing, []).append(place)
    return homes
