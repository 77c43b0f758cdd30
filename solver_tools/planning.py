"""Finding a plan: which engine, what it says, and what of an impossible goal can be reached."""

from __future__ import annotations

import importlib.util
import shutil
import time
from typing import Any

from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.phrases import listing
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_ground import Ground
from optiwright.formulators.planning_grounding import ground
from optiwright.solver_tools.plan_engines import ENHSP, FAST_DOWNWARD, PYPERPLAN, ask, takes
from optiwright.solver_tools.plan_growing import ENGINE as CP_SAT
from optiwright.solver_tools.plan_growing import Growing
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus
from optiwright.solver_tools.plan_parts import impossible_at_once, with_largest_part
from optiwright.solver_tools.plan_simulation import simulate

_PACKAGES = {
    FAST_DOWNWARD: ("unified_planning", "up_fast_downward"),
    PYPERPLAN: ("unified_planning", "up_pyperplan"),
    ENHSP: ("unified_planning", "up_enhsp"),
}
_SEARCH_SHARE = 0.8
"""Of the time, what an engine gets; the rest is for what an impossible goal leaves."""


def available_engines() -> tuple[str, ...]:
    """Return the engines that can be used here; CP-SAT always can."""
    found = [name for name, needed in _PACKAGES.items() if all(map(_installed, needed))]
    if ENHSP in found and shutil.which("java") is None:
        found.remove(ENHSP)
    return (CP_SAT, *found)


def find_plan(
    planning: Planning, *, engine: str | None = None, time_limit_s: float = 60, seed: int = 0
) -> PlanOutcome:
    """Look for the best plan.

    Without an engine given, Fast Downward is asked where it is installed and the problem has no
    amounts that change, else CP-SAT. A plan that the simulation refuses is not handed on.

    Args:
        planning: the formulation, without errors (`check_planning`).
        engine: `cp-sat`, `fast-downward`, `pyperplan` or `enhsp`.
        time_limit_s: wall-clock seconds; pyperplan keeps to them only in a job of the pool.
        seed: CP-SAT's.

    Raises:
        UserError: the engine is unknown, not installed, or cannot do this.
        FormulationError: something of the formulation cannot be read, or there is too much of it.
    """
    begun = time.monotonic()
    until = begun + time_limit_s
    _check_engine(engine)
    outcome = _outcome(planning, engine, begun, until, seed)
    outcome = _simulated(planning, outcome)
    return outcome.model_copy(update={"seconds": time.monotonic() - begun})


def find_plan_job(
    planning_json: str, engine: str | None, time_limit_s: float, seed: int
) -> dict[str, Any]:
    """Be `find_plan` for a job of the pool (`Profile.TOOL`): JSON in, JSON out.

    What it raises is the message of an outcome without a plan.
    """
    try:
        planning = Planning.from_json(planning_json)
        outcome = find_plan(planning, engine=engine, time_limit_s=time_limit_s, seed=seed)
    except OptiwrightError as error:
        outcome = PlanOutcome(status=PlanStatus.UNSOLVED, engine=engine or "", message=str(error))
    return outcome.model_dump(mode="json")


def _outcome(
    planning: Planning, engine: str | None, begun: float, until: float, seed: int
) -> PlanOutcome:
    found = ground(planning)
    outcome = impossible_at_once(found)
    if outcome is None:
        enough = begun + _SEARCH_SHARE * (until - begun)
        outcome = _asked(planning, found, engine, enough, seed)
    if outcome.status is not PlanStatus.IMPOSSIBLE:
        return outcome

    def part(smaller: Ground, seconds: float) -> PlanOutcome:
        anyhow = planning.model_copy(update={"least": "any"})
        return _asked(anyhow, smaller, engine, time.monotonic() + seconds, seed)

    return with_largest_part(found, planning.most_steps, outcome, until, part)


def _asked(
    planning: Planning, found: Ground, engine: str | None, until: float, seed: int
) -> PlanOutcome:
    """Ask the engine that was named; else the one that suits, and CP-SAT where it fails."""
    if engine is not None:
        if engine != CP_SAT and not takes(planning, found, engine):
            raise UserError(
                f"the engine `{engine}` cannot take what this formulation asks for",
                where="engine",
                remedy=f"Use `{CP_SAT}`, which takes amounts, costs and limits on the steps.",
            )
        return _by(engine, planning, found, until, seed)
    first, *others = _suited(planning, found)
    outcome = _by(first, planning, found, until, seed)
    for other in others:
        if outcome.status is not PlanStatus.UNSOLVED or until - time.monotonic() < 1:
            break
        outcome = _by(other, planning, found, until, seed)
    return outcome


def _suited(planning: Planning, found: Ground) -> list[str]:
    """Return the engines to try, in order."""
    there = available_engines()
    planners = [name for name in (FAST_DOWNWARD, ENHSP) if name in there]
    usable = [name for name in planners if takes(planning, found, name)]
    if FAST_DOWNWARD in usable:
        return [FAST_DOWNWARD, CP_SAT]
    return [CP_SAT, *usable]


def _by(engine: str, planning: Planning, found: Ground, until: float, seed: int) -> PlanOutcome:
    if engine == CP_SAT:
        return Growing(found, planning.least, planning.most_steps, until, seed).run()
    return ask(planning, found, engine, until - time.monotonic())


def _check_engine(engine: str | None) -> None:
    if engine is None or engine == CP_SAT:
        return
    if engine not in _PACKAGES:
        raise UserError(
            f"`{engine}` is no engine for plans",
            where="engine",
            remedy=f"Use {listing([CP_SAT, *_PACKAGES], 'or')}.",
        )
    if engine not in available_engines():
        java = " and Java" if engine == ENHSP else ""
        extra = "up-enhsp" if engine == ENHSP else "'optiwright[plan]'"
        raise UserError(
            f"the engine `{engine}` is not installed",
            where="engine",
            remedy=f"Install it with `pip install {extra}`{java}, or use `{CP_SAT}`.",
        )


def _simulated(planning: Planning, outcome: PlanOutcome) -> PlanOutcome:
    """Return an outcome without a plan that the simulation refuses."""
    if not outcome.status.has_plan:
        return outcome
    simulation = simulate(planning, outcome.steps)
    if simulation.valid:
        return outcome
    unmet = [*simulation.unmet_goal, *(u for s in simulation.steps for u in s.unmet)]
    return PlanOutcome(
        status=PlanStatus.UNSOLVED,
        engine=outcome.engine,
        message=f"A plan was found and does not hold good: {listing(unmet[:3])} is not met.",
    )


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
