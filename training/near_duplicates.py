"""Texts that are nearly one, by the cosine of their TF-IDF vectors."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from optiwright.evaluation.fingerprints import plain_words

ALIKE = 0.7
"""ReSocratic's limit (arXiv 2407.09887)."""


class NearDuplicates:
    """Takes texts one by one and says of each whether an earlier one that was kept is like it.

    A word weighs by how few of the texts so far have it; a text keeps the weights of its time, so
    that the outcome hangs on the order of the texts and on nothing else.
    """

    def __init__(self) -> None:
        self._texts = 0
        self._having: Counter[str] = Counter()
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self._kept: list[str] = []

    def add(self, text: str, name: str) -> str:
        """Return the name of the kept text that this one is like; "" keeps this one."""
        counts = Counter(word for word in plain_words(text) if not word[0].isdecimal())
        self._texts += 1
        self._having.update(counts.keys())
        vector = self._vector(counts)
        likeness: defaultdict[int, float] = defaultdict(float)
        for word, weight in vector.items():
            for place, other in self._postings.get(word, ()):
                likeness[place] += weight * other
        nearest = max(likeness, key=lambda place: likeness[place], default=None)
        if nearest is not None and likeness[nearest] > ALIKE:
            return self._kept[nearest]
        for word, weight in vector.items():
            self._postings[word].append((len(self._kept), weight))
        self._kept.append(name)
        return ""

    def _vector(self, counts: Counter[str]) -> dict[str, float]:
        """Return a text's weights, of length 1."""
        weights = {
            word: count * (1 + math.log((1 + self._texts) / (1 + self._having[word])))
            for word, count in counts.items()
        }
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()} if length else {}
