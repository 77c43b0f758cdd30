"""What a second validator says of a plan: unified-planning's, where it is installed."""

from __future__ import annotations

import importlib.util

from optiwright.formulators.planning import Planning
from optiwright.solver_tools.plan_outcome import PlanStep


def validate_job(planning_json: str, steps: list[dict[str, object]]) -> tuple[bool, str] | None:
    """Return whether a plan is valid, and a sentence on it; None where nobody can be asked.

    For a job of the pool, since the library is slow to import: JSON in, JSON out.
    """
    if importlib.util.find_spec("unified_planning") is None:
        return None
    from optiwright.solver_tools.plan_engines import validate_with_unified_planning

    planning = Planning.from_json(planning_json)
    refused = validate_with_unified_planning(planning, [PlanStep.model_validate(s) for s in steps])
    if refused:
        return False, f"unified-planning's validator refuses the plan: {refused}"
    return True, "unified-planning's validator, which did not make the plan, accepts it"
