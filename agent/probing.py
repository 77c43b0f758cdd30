"""The other way round: what the formulation's solution comes to in the written program's model.

Only where the program's variables can be told by their names, in any library that gives them one.
The program runs again in the sandbox, so what comes back is its process's word, and is validated.
"""

from __future__ import annotations

from pydantic import ValidationError

from optiwright.agent.matching import named_pairs
from optiwright.agent.state import Context
from optiwright.agent.witness import Ours, Theirs
from optiwright.solver_tools.pool import Outcome, Profile, Reason
from optiwright.solver_tools.written_result import ProbeReport

_GRACE_S = 10.0


async def probe(context: Context, ours: Ours, theirs: Theirs, source: str) -> ProbeReport | None:
    """Return what our solution comes to in the program's model; None where nothing tells."""
    point = _point(ours, theirs)
    if not point:
        return None
    limit = context.settings.time_limit_s
    outcome = await context.pool.run(
        "optiwright.solver_tools.written_probe:execute_at",
        source,
        limit,
        point,
        time_limit_s=limit + _GRACE_S,
        profile=Profile.WRITTEN,
        isolation=context.settings.isolation,
    )
    return _report(outcome)


def _point(ours: Ours, theirs: Theirs) -> list[list[object]]:
    """Return our values under the program's names; empty where they cannot be matched."""
    report = theirs.report
    if ours.solution is None or report is None:
        return []
    pairs = named_pairs(ours.solution.values, report.variables)
    return [
        [other.name, list(other.index), mine.value]
        for mine, other in pairs
        if mine.value is not None
    ]


def _report(outcome: Outcome) -> ProbeReport | None:
    if outcome.reason is not Reason.FINISHED:
        return None
    try:
        return ProbeReport.model_validate(outcome.value)
    except ValidationError:
        return None
