"""The node in which a plan and that of a program written from the text alone are held together.

The program's plan is carried out on the formulation. The two agree where it can be, and has as many
steps or costs as much.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from langgraph.runtime import Runtime

from optiwright.agent.comparing import RULES, WITNESS, Comparison, Reading, Rule, describe
from optiwright.agent.evidence import Agreement, Standing
from optiwright.agent.planning_attempts import better, outcome_of, planning_of, serious
from optiwright.agent.planning_matching import bare, matched
from optiwright.agent.planning_told import value_told
from optiwright.agent.programs import standing_of
from optiwright.agent.state import Context, PlanningState, State
from optiwright.agent.steps import step
from optiwright.formulators.planning import Planning
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep, Simulation
from optiwright.solver_tools.plan_program import PlanReport
from optiwright.solver_tools.plan_simulation import simulate

STANDING_OF = {
    PlanStatus.OPTIMAL: Standing.OPTIMAL,
    PlanStatus.FOUND: Standing.FEASIBLE,
    PlanStatus.IMPOSSIBLE: Standing.INFEASIBLE,
    PlanStatus.UNSOLVED: Standing.TIMED_OUT,
}
_MOST_BROKEN = 5
_SAME = 1e-6


@dataclass(frozen=True)
class Said:
    """What a program's plan comes to on a formulation."""

    steps: tuple[PlanStep, ...] = ()
    """In the formulation's names; the program's own where they could not be matched."""
    simulation: Simulation | None = None
    unmatched: tuple[str, ...] = ()


@step("plan_compare")
async def plan_compare(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Say whether the second route ended as the better of our own formulations did."""
    attempt = better(state.get("planned"), state["planning"]) if "planning" in state else None
    report = PlanReport.model_validate(state["program_plan"])
    theirs = standing_of(state["written"])
    said = await asyncio.to_thread(
        compare_plans, attempt, theirs, report, state["written"]["source"]
    )
    return {"comparison": said.model_dump(mode="json")}, f"{said.agreement}: {said.words}"


def compare_plans(
    attempt: PlanningState | None, theirs: Standing, report: PlanReport, source: str
) -> Comparison:
    """Return what a formulation's and a program's outcome say of each other."""
    outcome = outcome_of(attempt) if attempt is not None else None
    if attempt is None or outcome is None:
        ours = Standing.NOT_RUN if attempt is None or attempt["planning"] is None else None
        ours = ours or Standing.NO_ANSWER
    else:
        ours = STANDING_OF[outcome.status]
    rule, words = RULES[ours, theirs], describe(ours, theirs)
    match rule:
        case Rule.VALUES:
            assert attempt is not None and outcome is not None
            return _by_plans(attempt, outcome, theirs, report, source)
        case Rule.SAME:
            return Comparison(agreement=Agreement.CORROBORATED, rule=rule, words=words)
        case Rule.DIFFER:
            assert attempt is not None
            return _contested(attempt, rule, words, source, report)
        case Rule.OURS_ALONE | Rule.THEIRS_ALONE | Rule.NEITHER:
            return Comparison(agreement=Agreement.SINGLE, rule=rule, words=words)


def on_formulation(planning: Planning, steps: tuple[PlanStep, ...]) -> Said:
    """Carry a program's plan out on a formulation, its steps matched by their names."""
    found, unmatched = matched(planning, steps)
    if unmatched:
        return Said(steps, None, unmatched)
    return Said(found, simulate(planning, found))


def _by_plans(
    attempt: PlanningState,
    outcome: PlanOutcome,
    theirs: Standing,
    report: PlanReport,
    source: str,
) -> Comparison:
    planning, rule = planning_of(attempt), Rule.VALUES
    said = on_formulation(planning, report.steps)
    done, program = said.simulation, "The program written from the text"

    def found(agreement: Agreement, words: str, broken: tuple[str, ...] = ()) -> Comparison:
        return Comparison(agreement=agreement, rule=rule, words=words, broken=broken)

    if done is None:
        alike = len(report.steps) == len(outcome.steps)
        size = "as many steps" if alike else f"{len(report.steps)} steps"
        return found(
            Agreement.SINGLE,
            f"{program} finds a plan of {size}, but it could not be matched with the "
            "formulation's actions and objects.",
            said.unmatched[:_MOST_BROKEN],
        )
    if not done.valid:
        words = f"{program} finds another plan, and by the formulation it cannot be carried out."
        return _contested(attempt, rule, words, source, report, _broken(done))
    ours, value = outcome.value, done.value
    if not outcome.steps and not report.steps:
        return found(
            Agreement.SINGLE, f"{program} ends alike, but both plans are empty: nothing is to do."
        )
    shown = value_told(planning, value)
    if planning.least == "any" or ours is None or abs(value - ours) <= _SAME * max(1, abs(ours)):
        same = "too" if planning.least == "any" else f"of {shown} too"
        return found(
            Agreement.CORROBORATED,
            f"A program written from the text alone finds a plan {same}, and carried out on the "
            "formulation it reaches the goal.",
        )
    if value < ours and outcome.status is not PlanStatus.OPTIMAL:
        return found(
            Agreement.SINGLE,
            f"{program} finds a better plan, {shown}, and by the formulation it can be carried "
            "out: see its steps.",
        )
    if theirs is Standing.FEASIBLE:
        return found(
            Agreement.SINGLE,
            f"{program} finds a plan of {shown} that can be carried out and does not say that it "
            "is the best, so it neither confirms nor refutes.",
        )
    words = f"{program} says that {shown} is the least, and the formulation "
    words += f"{value_told(planning, ours)}."
    return _contested(attempt, rule, words, source, report)


def _contested(
    attempt: PlanningState,
    rule: Rule,
    words: str,
    source: str,
    report: PlanReport,
    broken: tuple[str, ...] = (),
) -> Comparison:
    """Return what a difference means, by what each of the two readings is worth."""
    outcome = outcome_of(attempt)
    proved = outcome is not None and outcome.status in {PlanStatus.OPTIMAL, PlanStatus.IMPOSSIBLE}
    reading = Reading.WHOLE if proved and not serious(attempt) else Reading.POOR
    flaws = left_out(planning_of(attempt), source, report)
    agreement = WITNESS[reading, Reading.POOR if flaws else Reading.WHOLE]
    if agreement is Agreement.SINGLE:
        words += f" The program does not count as a witness: {'; '.join(flaws)}."
    return Comparison(
        agreement=agreement, rule=rule, words=words, broken=broken, flaws=flaws, contested=True
    )


def left_out(planning: Planning, source: str, report: PlanReport) -> tuple[str, ...]:
    """Return the objects of the text that a program does not know, half a sentence each.

    A name that a program puts together, as `f"ball{i}"`, is known by its beginning.
    """
    said = bare(source) + "".join(bare(" ".join(s.arguments)) for s in report.steps)
    missing = []
    for thing in planning.objects:
        names = {bare(thing.name), bare(thing.words)} - {""}
        names |= {stem for n in names if len(stem := n.rstrip("0123456789")) > 1}
        if not any(name in said for name in names):
            missing.append(f"it leaves out `{thing.name}`")
    return tuple(missing[:_MOST_BROKEN])


def _broken(done: Simulation) -> tuple[str, ...]:
    steps = [
        f"step {place}, `{s.step}`, needs {' and '.join(f'`{u}`' for u in s.unmet)}"
        for place, s in enumerate(done.steps, 1)
        if s.unmet
    ]
    goal = [f"at its end `{condition}` does not hold" for condition in done.unmet_goal]
    return tuple([*steps, *goal][:_MOST_BROKEN])
