"""Texts that stand in several benchmarks, word for word or nearly.

Two problems are the same if they have nearly the same numbers and most of their word triples in
common. The numbers matter: benchmarks made from templates repeat a story with other data, which is
another problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.evaluation.problems import Finding, Problem

SAME_WORDS = 0.6
"""Share of word triples in common (Jaccard) from which two texts may be the same."""
SAME_NUMBERS = 0.9
"""Share of numbers in common, with their repetitions."""

_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")


@dataclass(frozen=True)
class _Print:
    triples: frozenset[tuple[str, ...]]
    numbers: Counter[float]

    def same(self, other: _Print) -> bool:
        shared = len(self.triples & other.triples)
        words = shared / max(1, len(self.triples | other.triples))
        together = (self.numbers & other.numbers).total()
        all_numbers = (self.numbers | other.numbers).total()
        return words >= SAME_WORDS and (not all_numbers or together / all_numbers >= SAME_NUMBERS)


def without_repeats(problems: Sequence[Problem]) -> tuple[list[Problem], list[Finding]]:
    """Return the problems without those that repeat an earlier one, and a finding for each of them.

    A finding says so where the two labels differ: one of them is wrong.
    """
    kept: list[Problem] = []
    prints: list[_Print] = []
    homes: dict[tuple[str, ...], list[int]] = {}
    findings: list[Finding] = []
    for problem in problems:
        mark = _print(problem.text)
        earlier = _earlier(mark, prints, homes)
        if earlier is not None:
            findings.append(_repeat(problem, kept[earlier]))
            continue
        for triple in mark.triples:
            homes.setdefault(triple, []).append(len(kept))
        kept.append(problem)
        prints.append(mark)
    return kept, findings


def _earlier(
    mark: _Print, prints: list[_Print], homes: dict[tuple[str, ...], list[int]]
) -> int | None:
    """Return the first earlier text that is the same; only those that share much are compared."""
    shared = Counter(place for triple in mark.triples for place in homes.get(triple, ()))
    least = SAME_WORDS * len(mark.triples)
    for place in sorted(place for place, count in shared.items() if count >= least):
        if mark.same(prints[place]):
            return place
    return None


def _print(text: str) -> _Print:
    words = _WORD.findall(text.lower().replace(",", ""))
    triples = frozenset(tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2)))
    return _Print(triples, Counter(float(w) for w in words if w[0].isdigit()))


def _repeat(problem: Problem, earlier: Problem) -> Finding:
    what = f"the text is that of {earlier.id}, and counts once"
    ours, theirs = problem.label.accepted[:1], earlier.label.accepted[:1]
    if ours and theirs and not _alike(ours[0], theirs[0]):
        what += f"; the labels differ: {ours[0]} here, {theirs[0]} there, which counts"
    return Finding(where=problem.id, what=what)


def _alike(left: str, right: str) -> bool:
    try:
        return abs(float(left) - float(right)) <= 1e-4 * max(1.0, abs(float(right)))
    except ValueError:
        return left == right
