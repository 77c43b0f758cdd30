"""Planning formulations as data: a new one, which is the better one, what the record keeps."""

from __future__ import annotations

from enum import IntEnum

from optiwright.agent.record import Attempt
from optiwright.agent.state import Context, PlanningState
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.planning import Planning
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus

PARTS = ("goal", "objects and facts", "actions", "plan")
"""What a formulation is looked at in again, in this order."""
_FIELDS = {
    "goal": ("goal", "least", "most_steps"),
    "objects and facts": ("kinds", "objects", "facts", "amounts", "start"),
    "actions": ("actions",),
}


class Stage(IntEnum):
    """How far a formulation came."""

    UNREADABLE = 0
    FAULTY = 1
    UNSOLVED = 2
    IMPOSSIBLE = 3
    PLANNED = 4


def new_planning(number: int, reply: str) -> PlanningState:
    """Return a formulation of which only the reply is known."""
    return PlanningState(
        number=number,
        reply=reply,
        planning=None,
        findings=[],
        complaints=[],
        outcome=None,
        simulation=None,
        validated="",
        valid=True,
        ratings=[],
        wrong="",
        kept=[],
    )


def planning_of(attempt: PlanningState) -> Planning:
    """Return the formulation of an attempt that has one."""
    return Planning.model_validate(attempt["planning"])


def outcome_of(attempt: PlanningState) -> PlanOutcome | None:
    """Return what looking for a plan came to, if one was looked for."""
    return PlanOutcome.model_validate(attempt["outcome"]) if attempt["outcome"] else None


def stage(attempt: PlanningState) -> Stage:
    """Return how far a formulation came."""
    if attempt["planning"] is None:
        return Stage.UNREADABLE
    outcome = outcome_of(attempt)
    if outcome is None:
        return Stage.FAULTY if attempt["complaints"] else Stage.UNSOLVED
    match outcome.status:
        case PlanStatus.OPTIMAL | PlanStatus.FOUND:
            return Stage.PLANNED
        case PlanStatus.IMPOSSIBLE:
            return Stage.IMPOSSIBLE
        case PlanStatus.UNSOLVED:
            return Stage.UNSOLVED


def serious(attempt: PlanningState) -> list[str]:
    """Return what says that a formulation may not be what the text means, a sentence each.

    That the goal cannot be reached is no doubt where that is what was proved.
    """
    empty = stage(attempt) is Stage.IMPOSSIBLE
    return [
        f["message"]
        for f in attempt["findings"]
        if f["severity"] != Severity.NOTE and not (empty and f["code"] == Code.IMPOSSIBLE)
    ]


def better(before: PlanningState | None, after: PlanningState) -> PlanningState:
    """Return the attempt that came further; of equals the one with fewer findings.

    Of those the later one where the model itself had found a fault in the earlier, else the
    earlier: a small model's second draft is as likely to spoil as to mend.
    """
    if before is None:
        return after
    ranks = [(stage(a), -len(serious(a))) for a in (before, after)]
    if ranks[0] == ranks[1]:
        return after if before["wrong"] else before
    return after if ranks[1] > ranks[0] else before


def joined(before: Planning, after: Planning, wrong: str) -> Planning:
    """Return the later formulation with the parts of the earlier that precede the wrong one.

    A part that is replaced has those after it made again; what was right before it stays.
    """
    fields = [field for part in kept_parts(wrong) for field in _FIELDS[part]]
    return after.model_copy(update={field: getattr(before, field) for field in fields})


def kept_parts(wrong: str) -> tuple[str, ...]:
    """Return the parts that stay as they are where one is wrong."""
    return PARTS[: PARTS.index(wrong)] if wrong in PARTS[:-1] else ()


def keep(context: Context, attempt: PlanningState, adopted: bool = True) -> None:
    """Keep an attempt in the run's record."""
    context.recorder.add_attempt(
        Attempt(
            number=attempt["number"],
            sample=context.settings.sample,
            planning=planning_of(attempt) if attempt["planning"] is not None else None,
            findings=tuple(map(Finding.model_validate, attempt["findings"])),
            plan=outcome_of(attempt),
            complaints=tuple(attempt["complaints"]),
            adopted=adopted,
        )
    )
