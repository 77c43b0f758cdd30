"""What two texts are compared by: their words in a plain form, word triples, numbers.

Numbers stand as words among the others, so that a story that is told again with other data is
another text, unless numbers are put aside on purpose.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from optiwright.formulators.text_numbers import numbers_in

SAME_WORDS = 0.6
"""Share of word triples in common (Jaccard) from which two texts may be the same."""
SAME_NUMBERS = 0.9
"""Share of numbers in common, with their repetitions."""
HELD_WORDS = 0.75
"""Share of a text's word triples that a longer one has: what `SAME_WORDS` is for equal lengths."""

_ANY_NUMBER = "#"
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_TAG = re.compile(
    r"</?(?:table|thead|tbody|tr|td|th|p|br|hr|div|span|sub|sup|b|i|u|em|strong|ul|ol|li)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_WRITTEN_BREAK = re.compile(r"(?:\\n){2,}|\\[nrt](?![a-z])")
"""A line break that somebody escaped twice; `\\nu` is LaTeX."""

Words: TypeAlias = tuple[str, ...]


def plain_words(text: str) -> Words:
    """Return a text's words and numbers, in small letters, without thousands separators."""
    return tuple(_WORD.findall(text.lower().replace(",", "")))


def words_of(text: str) -> Words:
    """Return a text's words and numbers, however it is set.

    Tags, entities, escaped line breaks, Unicode variants and trailing zeros make no difference:
    `<td>2.50</td>` is 2.5.
    """
    plain = _TAG.sub(" ", html.unescape(_WRITTEN_BREAK.sub(" ", text)))
    words = plain_words(unicodedata.normalize("NFKC", plain))
    return tuple(f"{float(word):.15g}" if word[0].isdecimal() else word for word in words)


def runs(words: Sequence[str], length: int) -> list[Words]:
    """Return every run of so many words, in order; a shorter text is one run."""
    return [tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))]


def numbers_of(text: str) -> frozenset[float]:
    """Return the distinct numbers that a text states, in digits or words; 40% is 0.4."""
    return frozenset(float(f"{n.alternatives[-1]:.9g}") for n in numbers_in(text))


def telling_digits(numbers: frozenset[float]) -> int:
    """Return how many digits two texts cannot well have in common by chance.

    Those of each number without its zeros at either end, so that 500 and 0.5 count as 1 and 12.75
    as 4; nothing for whole numbers to ten, nor for one that follows on another, as in a list.
    """
    return sum(_digits(n) for n in numbers if n - 1 not in numbers - {n})


@dataclass(frozen=True)
class Fingerprint:
    """A text's word triples and its numbers with their repetitions."""

    triples: frozenset[Words]
    numbers: Counter[float]

    @classmethod
    def of(cls, words: Words) -> Fingerprint:
        """Take it from a text's words."""
        return cls(frozenset(runs(words, 3)), Counter(float(w) for w in words if w[0].isdecimal()))

    @classmethod
    def without_numbers(cls, words: Words) -> Fingerprint:
        """Take it from a text's words as if all its numbers were the same."""
        masked = tuple(_ANY_NUMBER if word[0].isdecimal() else word for word in words)
        return cls(frozenset(runs(masked, 3)), Counter())

    def same(self, other: Fingerprint) -> bool:
        """Whether the two have most word triples in common and nearly the same numbers."""
        together = (self.numbers & other.numbers).total()
        all_numbers = (self.numbers | other.numbers).total()
        enough = not all_numbers or together / all_numbers >= SAME_NUMBERS
        return enough and self._likeness(other) >= SAME_WORDS

    def held_by(self, longer: Fingerprint) -> bool:
        """Whether a longer text has most of this one's word triples and numbers in it."""
        together = (self.numbers & longer.numbers).total()
        enough = together >= SAME_NUMBERS * self.numbers.total()
        return enough and self.share_in(longer) >= HELD_WORDS

    def share_in(self, other: Fingerprint) -> float:
        """Return the share of this one's word triples that another text has."""
        return len(self.triples & other.triples) / max(1, len(self.triples))

    def _likeness(self, other: Fingerprint) -> float:
        return len(self.triples & other.triples) / max(1, len(self.triples | other.triples))


def _digits(number: float) -> int:
    if number == int(number) and 0 <= number <= 10:
        return 0
    return len(f"{number:.9g}".split("e")[0].lstrip("-").replace(".", "").strip("0"))
