"""Texts that stand in several benchmarks, word for word or nearly.

Two problems are the same if they have nearly the same numbers and most of their word triples in
common. The numbers matter: benchmarks made from templates repeat a story with other data, which is
another problem.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from optiwright.evaluation.fingerprints import SAME_NUMBERS, SAME_WORDS, Fingerprint, plain_words
from optiwright.evaluation.problems import Finding, Problem

Token: TypeAlias = "tuple[float, int] | tuple[str, ...]"
_ROUNDING = 1e-9


def without_repeats(problems: Sequence[Problem]) -> tuple[list[Problem], list[Finding]]:
    """Return the problems without those that repeat an earlier one, and a finding for each of them.

    A finding says so where the two labels differ: one of them is wrong.
    """
    firsts = first_of_the_same([Fingerprint.of(plain_words(p.text)) for p in problems])
    kept = [problem for place, problem in enumerate(problems) if firsts[place] == place]
    findings = [
        _repeat(problem, problems[firsts[place]])
        for place, problem in enumerate(problems)
        if firsts[place] != place
    ]
    return kept, findings


def first_of_the_same(prints: Sequence[Fingerprint]) -> list[int]:
    """Return for each text the place of the first that is the same; its own if there is none.

    Only texts that share a rare number, or where they have none a rare word triple, are compared:
    two that are the same have one of their rarest in common (prefix filtering, Chaudhuri et al.,
    2006). So thousands that tell one story with other numbers cost no more than so many stories.
    """
    tokens = [_tokens(mark) for mark in prints]
    frequency = Counter(token for found in tokens for token in found)
    firsts: list[int] = []
    homes: dict[Token, list[int]] = {}
    for place, mark in enumerate(prints):
        rarest = _rarest(tokens[place], frequency, SAME_NUMBERS if mark.numbers else SAME_WORDS)
        candidates = {earlier for token in rarest for earlier in homes.get(token, ())}
        first = next((c for c in sorted(candidates) if mark.same(prints[c])), place)
        firsts.append(first)
        if first == place:
            for token in rarest:
                homes.setdefault(token, []).append(place)
    return firsts


def _tokens(mark: Fingerprint) -> list[Token]:
    """Return the numbers with their repetitions told apart, or the triples where there are none."""
    if mark.numbers:
        return [(n, k) for n, times in mark.numbers.items() for k in range(times)]
    return list(mark.triples)


def _rarest(tokens: list[Token], frequency: Counter[Token], share: float) -> list[Token]:
    """Return so many of the rarest that two texts with that share in common share one of them."""
    count = len(tokens) - math.ceil(share * len(tokens) - _ROUNDING) + 1
    return sorted(tokens, key=lambda token: (frequency[token], token))[:count]


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
