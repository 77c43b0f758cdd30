"""Choosing among the results of several draws: the answer that has the most evidence behind it."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.result import Check, Result, Status

_SAME = 1e-6
"""Relative difference of objectives below which two answers count as one."""
_STATUS = {
    Standing.OPTIMAL: Status.OPTIMAL,
    Standing.FEASIBLE: Status.FEASIBLE,
    Standing.INFEASIBLE: Status.INFEASIBLE,
    Standing.UNBOUNDED: Status.UNBOUNDED,
}
_WEIGHTS = {Level.PROVED: 3, Level.CHECKED: 2}
"""What a draw counts in its group, by its evidence; any other counts once."""


def choose_sample(results: Sequence[Result]) -> Result:
    """Return the best supported member of the weightiest group of equal answers, with the vote.

    A draw counts by its evidence, and a program that its own draw's formulation does not agree with
    counts once for the group that has its answer. An unanswered result never outvotes an answered
    one; of groups of equal weight the one with the earliest draw wins, since the first draw is the
    model's most likely reply.
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
    programs = [r for r in results if _speaks_for_itself(r)]
    weightiest = max(groups, key=lambda group: _weight(group) + len(_backing(group, programs)))
    detail = f"{len(weightiest)} of {len(results)} drawn formulations give this answer"
    if len(groups) > 1 or programs:
        detail += f" ({'; '.join(_shown(group, programs) for group in groups)})"
    vote = Check(
        name="independent formulations",
        passed=len(weightiest) > len(results) / 2,
        detail=detail,
    )
    chosen = max(weightiest, key=lambda result: _weight([result]))
    return chosen.model_copy(update={"checks": (*chosen.checks, vote)})


def _weight(group: Sequence[Result]) -> int:
    return sum(_WEIGHTS.get(result.level, 1) for result in group)


def _speaks_for_itself(result: Result) -> bool:
    """Tell whether a draw's program has an answer that its level does not count yet."""
    if result.written is None or result.written.flaws or result.is_programs_word:
        return False
    apart = result.agreement in {Agreement.SINGLE, Agreement.DISPUTED}
    return apart and result.written.standing in _STATUS


def _backing(group: Sequence[Result], programs: Sequence[Result]) -> list[Result]:
    """Return the draws whose programs have a group's answer."""
    return [r for r in programs if _same_answer(group[0], _program_of(r))]


def _program_of(result: Result) -> Result:
    """Return what a draw's program says, as a result."""
    assert result.written is not None
    said = {
        "status": _STATUS[result.written.standing],
        "objective": result.written.objective,
    }
    return result.model_copy(update=said)


def _shown(group: Sequence[Result], programs: Sequence[Result]) -> str:
    first = group[0]
    answer = first.status.value if first.objective is None else f"{first.objective:.7g}"
    voices = [result.level.value for result in group]
    voices += ["a program" for _ in _backing(group, programs)]
    return f"{answer}: {', '.join(voices)}"


def _same_answer(left: Result, right: Result) -> bool:
    if left.status is not right.status and not (left.status.has_point and right.status.has_point):
        return False
    if left.objective is None or right.objective is None:
        return left.objective is right.objective
    scale = max(1.0, abs(left.objective), abs(right.objective))
    return abs(left.objective - right.objective) <= _SAME * scale
