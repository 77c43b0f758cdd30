"""Choosing among the results of several draws: the answer that has the most evidence behind it."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.evidence import Level
from optiwright.agent.result import Check, Result

_SAME = 1e-6
"""Relative difference of objectives below which two answers count as one."""
_WEIGHTS = {Level.PROVED: 3, Level.CHECKED: 2}
"""What a draw counts in its group, by its evidence; any other counts once."""


def choose_sample(results: Sequence[Result]) -> Result:
    """Return the best supported member of the weightiest group of equal answers, with the vote.

    A draw counts by its evidence. An unanswered result never outvotes an answered one; of groups of
    equal weight the one with the earliest draw wins, since the first draw is the model's most
    likely reply.
    """
    if len(results) == 1:
        return results[0]
    candidates = [r for r in results if r.level.answered] or list(results)
    groups: list[list[Result]] = []
    for result in candidates:
        home = next((g for g in groups if _same_answer(g[0], result)), None)
        if home is None:
            groups.append([result])
        else:
            home.append(result)
    weightiest = max(groups, key=_weight)
    detail = f"{len(weightiest)} of {len(results)} drawn formulations give this answer"
    if len(groups) > 1:
        detail += f" ({'; '.join(map(_shown, groups))})"
    vote = Check(
        name="independent formulations",
        passed=len(weightiest) > len(results) / 2,
        detail=detail,
    )
    chosen = max(weightiest, key=lambda result: _weight([result]))
    return chosen.model_copy(update={"checks": (*chosen.checks, vote)})


def _weight(group: Sequence[Result]) -> int:
    return sum(_WEIGHTS.get(result.level, 1) for result in group)


def _shown(group: Sequence[Result]) -> str:
    first = group[0]
    answer = first.status.value if first.objective is None else f"{first.objective:.7g}"
    return f"{answer}: {', '.join(result.level.value for result in group)}"


def _same_answer(left: Result, right: Result) -> bool:
    if left.status is not right.status:
        return False
    if left.objective is None or right.objective is None:
        return left.objective is right.objective
    scale = max(1.0, abs(left.objective), abs(right.objective))
    return abs(left.objective - right.objective) <= _SAME * scale
