"""Choosing among the results of several draws: the answer that most of them give."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.result import Check, Result

_SAME = 1e-6
"""Relative difference of objectives below which two answers count as one."""


def choose_sample(results: Sequence[Result]) -> Result:
    """Return a member of the largest group of equal answers, with a note on the vote.

    An unanswered result never outvotes an answered one; of groups of equal size the one with the
    earliest draw wins, since the first draw is the model's most likely reply.
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
    largest = max(groups, key=len)
    vote = Check(
        name="independent formulations",
        passed=len(largest) > len(results) / 2,
        detail=f"{len(largest)} of {len(results)} drawn formulations give this answer",
    )
    return largest[0].model_copy(update={"checks": (*largest[0].checks, vote)})


def _same_answer(left: Result, right: Result) -> bool:
    if left.status is not right.status:
        return False
    if left.objective is None or right.objective is None:
        return left.objective is right.objective
    scale = max(1.0, abs(left.objective), abs(right.objective))
    return abs(left.objective - right.objective) <= _SAME * scale
