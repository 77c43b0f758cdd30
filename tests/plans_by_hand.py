"""Plans for small problems, written by hand: as an engine would find them, without one."""

from __future__ import annotations

import re
from typing import Any

from optiwright.agent.evidence import Level
from optiwright.agent.planning_answer import plan_text
from optiwright.agent.result import Check, PlanAnswer, Result, Status
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep
from optiwright.solver_tools.plan_simulation import simulate
from tests import plannings
from tests.plannings import planning_of

PARCELS = (
    plannings.PARCELS,
    "drive(v1, Ulm, Hof) load(red, v1, Hof) drive(v1, Hof, Jena) load(blue, v1, Jena) "
    "drive(v1, Jena, Hof) drive(v1, Hof, Ulm) unload(red, v1, Ulm) unload(blue, v1, Ulm)",
)
BLOCKS = plannings.BLOCKS, "take(b, a) put(b, c) lift(a) put(a, b)"
JUGS = (
    plannings.JUGS,
    "fill(five) pour_part(five, three) empty(three) pour_all(five, three) fill(five) "
    "pour_part(five, three)",
)
BRIDGE = (
    plannings.BRIDGE,
    "cross_two(bob, ann, near, far) cross_alone(ann, far, near) cross_two(cy, ann, near, far)",
)
DELIVERY = plannings.DELIVERY, "drive(t1, d1, d2) refuel(t1) drive(t1, d2, d3)"


def steps_of(written: str) -> tuple[PlanStep, ...]:
    """Read steps such as `drive(v1, Ulm, Hof) load(red, v1, Hof)`."""
    return tuple(
        PlanStep(action=name, arguments=tuple(a.strip() for a in inside.split(",") if a.strip()))
        for name, inside in re.findall(r"(\w+)\(([^)]*)\)", written)
    )


def hand_made(case: tuple[str, str]) -> PlanAnswer:
    """A planning formulation's lines with a plan, carried out."""
    planning, steps = planning_of(case[0]), steps_of(case[1])
    done = simulate(planning, steps)
    outcome = PlanOutcome(
        status=PlanStatus.OPTIMAL,
        steps=steps,
        value=done.value,
        engine="cp-sat",
        proof="every shorter horizon is infeasible",
    )
    return PlanAnswer(planning=planning, outcome=outcome, simulation=done)


def as_result(plan: PlanAnswer, **known: Any) -> Result:
    """A plan as the result that a run would have."""
    fields: dict[str, Any] = {
        "status": Status.OPTIMAL,
        "objective": plan.outcome.value,
        "optimality": Optimality.CERTIFIED,
        "level": Level.CHECKED,
        "checks": (
            Check(name="carried out step by step", passed=True, detail="the goal holds"),
            Check(name="best answer", passed=True, detail=plan.outcome.proof),
        ),
    }
    result = Result(run_id="x", text="How is it done?", plan=plan, **(fields | known))
    return result.model_copy(update={"explanation": plan_text(result)})
