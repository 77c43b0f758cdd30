"""The numbers of a question about a formulation: digits, percents, words such as half or doubled.

What a change is told to do with a number is the model's or the reader's to say; the number itself
is only ever taken from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from optiwright.formulators.source import number_text
from optiwright.formulators.text_numbers import TextNumber, labels_in, numbers_in

_FACTORS = (
    (re.compile(r"\bhal(?:f|ved?|ving)\b", re.I), 50.0, True),
    (re.compile(r"\b(?:a|one) quarter\b", re.I), 25.0, True),
    (re.compile(r"\b(?:a|one) third\b", re.I), 100.0 / 3.0, True),
    (re.compile(r"\b(?:doubl(?:e[sd]?|ing)|twice)\b", re.I), 2.0, False),
    (re.compile(r"\b(?:tripl(?:e[sd]?|ing)|thrice)\b", re.I), 3.0, False),
    (re.compile(r"\bquadrupl(?:e[sd]?|ing)\b", re.I), 4.0, False),
)
"""Words for a share in percent, or for a factor."""


@dataclass(frozen=True)
class AskedNumber:
    """A number of a question.

    Attributes:
        value: as said; of 29% it is 29, of half 50.
        percent: whether it is a share in percent.
        factor: whether it is a word that multiplies, such as doubled.
        span: the characters it stands at.
    """

    value: float
    percent: bool
    factor: bool
    span: tuple[int, int]

    @property
    def token(self) -> str:
        """How a reply writes it: `29%`, `4`."""
        return f"{number_text(float(f'{self.value:.12g}'))}{'%' if self.percent else ''}"

    @property
    def ratio(self) -> float:
        """The part of one that it is: of 29% 0.29, of 4 itself."""
        return self.value / 100 if self.percent else self.value


def asked_numbers(question: str) -> list[AskedNumber]:
    """Return a question's numbers in its order; those that only name something are left out.

    Where that leaves none, the numbers that seem to name something are given instead.
    """
    words = [
        AskedNumber(value, percent, not percent, match.span())
        for pattern, value, percent in _FACTORS
        for match in pattern.finditer(question)
    ]
    taken = [n.span for n in words]
    stated = numbers_in(question) or ([] if words else labels_in(question))
    plain = [
        AskedNumber(n.value, n.percent, factor=False, span=n.span)
        for n in stated
        if not any(_overlap(n, span) for span in taken)
    ]
    return sorted([*words, *plain], key=lambda n: n.span)


def _overlap(number: TextNumber, span: tuple[int, int]) -> bool:
    return number.span[0] < span[1] and span[0] < number.span[1]
