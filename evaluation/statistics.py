"""Intervals, paired tests and measures over samples; every formula has its source."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Z95 = 1.959963984540054
"""Standard normal quantile of 0.975."""


def wilson(right: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion (Wilson 1927); (0, 1) of nothing."""
    if total == 0:
        return 0.0, 1.0
    share = right / total
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    middle = share + z * z / (2 * total)
    scale = 1 + z * z / total
    low, high = (middle - spread) / scale, (middle + spread) / scale
    # At the ends the formula is exact and only its arithmetic is not.
    return (0.0 if right == 0 else low), (1.0 if right == total else high)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided exact p-value of McNemar's test (McNemar 1947).

    Args:
        only_first: problems that the first run alone got right.
        only_second: problems that the second run alone got right.
    """
    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    tail = sum(math.comb(discordant, k) for k in range(min(only_first, only_second) + 1))
    return float(min(1.0, 2 * tail / 2**discordant))


def pass_at(k: int, right: Sequence[bool]) -> float:
    """Return the unbiased estimate of pass@k from a problem's samples (Chen et al. 2021).

    Raises:
        ValueError: if there are fewer than `k` samples.
    """
    n, c = len(right), sum(right)
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} cannot be estimated from {n} samples")
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def bootstrap(values: Sequence[float], draws: int = 2000) -> tuple[float, float]:
    """Return the 95% percentile interval of a mean over problems (Efron 1979); always the same one.

    For means of numbers between right and wrong, such as pass@k, of which Wilson's says nothing.
    """
    drawn = np.random.default_rng(0).choice(values, size=(draws, len(values))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def majority(answers: Sequence[tuple[str, float | None]]) -> int | None:
    """Return which sample stands for the most frequent answer; None if none has an answer.

    Args:
        answers: each sample's ending and value; an ending of "" has no vote. Values within 1e-6
            relative of a group's first are one answer; of equal groups the earlier one wins.
    """
    groups: list[list[int]] = []
    for place, answer in enumerate(answers):
        if not answer[0]:
            continue
        home = next((g for g in groups if same_answer(answers[g[0]], answer)), None)
        if home is None:
            groups.append([place])
        else:
            home.append(place)
    return max(groups, key=len)[0] if groups else None


def same_answer(left: tuple[str, float | None], right: tuple[str, float | None]) -> bool:
    """Return whether two answers, an ending and a value each, are the same within 1e-6 relative."""
    if left[0] != right[0] or left[1] is None or right[1] is None:
        return left == right
    return abs(left[1] - right[1]) <= 1e-6 * max(1.0, abs(left[1]), abs(right[1]))
