"""Drawing problems by seed, plainly or in the benchmark's own proportions."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence

from optiwright.evaluation.problems import Problem
from optiwright.formulators.errors import UserError


def draw(
    problems: Sequence[Problem], n: int | None, seed: int, *, stratified: bool = True
) -> list[Problem]:
    """Return `n` problems in random order; a larger `n` of the same plain draw adds to a smaller.

    Args:
        problems: what to draw from.
        n: how many; None takes all, in their own order.
        seed: of the draw.
        stratified: each benchmark's kinds in their own proportions, to the nearest whole number.

    Raises:
        UserError: if there are not that many.
    """
    if n is None:
        return list(problems)
    if not 0 < n <= len(problems):
        raise UserError(f"{n} problems of {len(problems)} cannot be drawn", where="--n")
    shuffled = random.Random(seed).sample(list(problems), len(problems))
    if not stratified:
        return shuffled[:n]
    left = _quotas(shuffled, n)
    drawn = []
    for problem in shuffled:
        stratum = (problem.benchmark, problem.kind)
        if left[stratum]:
            left[stratum] -= 1
            drawn.append(problem)
    return drawn


def part_of(problems: Sequence[Problem], part: str | None) -> list[Problem]:
    """Return one part of a draw, so that several machines or evenings can share it.

    Args:
        problems: the whole draw.
        part: `2/6` for the second of six consecutive parts, whose sizes differ by one at most;
            None takes all.

    Raises:
        UserError: if there is no such part.
    """
    if part is None:
        return list(problems)
    found = re.fullmatch(r"(\d+)/(\d+)", part)
    which, parts = map(int, found.groups()) if found else (0, 0)
    if not 1 <= which <= parts <= len(problems):
        raise UserError(
            f"there is no part `{part}` of {len(problems)} problems",
            where="--part",
            remedy="Write 2/6 for the second of six parts.",
        )
    ends = [len(problems) * k // parts for k in range(parts + 1)]
    return list(problems[ends[which - 1] : ends[which]])


def _quotas(problems: Sequence[Problem], n: int) -> dict[tuple[str, str], int]:
    """Share `n` out among the strata by largest remainders; ties go by the strata's names."""
    sizes: dict[tuple[str, str], int] = {}
    for problem in problems:
        stratum = (problem.benchmark, problem.kind)
        sizes[stratum] = sizes.get(stratum, 0) + 1
    exact = {stratum: n * size / len(problems) for stratum, size in sizes.items()}
    quotas = {stratum: math.floor(share) for stratum, share in exact.items()}
    by_rest = sorted(exact, key=lambda stratum: (quotas[stratum] - exact[stratum], stratum))
    for stratum in by_rest[: n - sum(quotas.values())]:
        quotas[stratum] += 1
    return quotas
