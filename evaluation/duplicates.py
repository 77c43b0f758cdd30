"""Texts that stand in several benchmarks, word for word or nearly.

Two problems are the same if they have nearly the same numbers and most of their word triples in
common. The numbers matter: benchmarks made from templates repeat a story with other data, which is
another problem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from optiwright.evaluation.fingerprints import SAME_WORDS, Fingerprint, Words, plain_words
from optiwright.evaluation.problems import Finding, Problem


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
    """Return for each text the place of the first that is the same; its own if there is none."""
    firsts: list[int] = []
    homes: dict[Words, list[int]] = {}
    for place, mark in enumerate(prints):
        earlier = _earlier(mark, prints, homes)
        firsts.append(place if earlier is None else earlier)
        if earlier is None:
            for triple in mark.triples:
                homes.setdefault(triple, []).append(place)
    return firsts


def _earlier(
    mark: Fingerprint, prints: Sequence[Fingerprint], homes: dict[Words, list[int]]
) -> int | None:
    """Return the first earlier text that is the same; only those that share much are compared."""
    shared = Counter(place for triple in mark.triples for place in homes.get(triple, ()))
    least = SAME_WORDS * len(mark.triples)
    for place in sorted(place for place, count in shared.items() if count >= least):
        if mark.same(prints[place]):
            return place
    return None


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
