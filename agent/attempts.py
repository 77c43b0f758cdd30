"""Which attempt is the better one, and what a repair has lost."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from optiwright.agent.state import AttemptState
from optiwright.formulators.findings import Code
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.number_checks import dropped_numbers
from optiwright.formulators.open_data import says_what_is_missing
from optiwright.formulators.text_numbers import but_named
from optiwright.formulators.wording import quoted
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.solution import Solution, Termination

_WORTH_A_REPAIR = frozenset(
    {
        Code.UNUSED_NUMBER,
        Code.UNUSED,
        Code.IDLE,
        Code.LUMPED,
        Code.DIRECTION,
        Code.VACUOUS,
        Code.IMPOSSIBLE,
        Code.SUPERSEDED,
        Code.FREE,
        Code.PAIRS,
        Code.REPEATED,
    }
)
"""Findings that more often than not mean that the formulation misses something of the text."""

_MANY_UNFOUNDED = 2
"""One number that the text does not state may be a constant; more are another problem's."""


class Stage(IntEnum):
    """How far an attempt came."""

    UNREADABLE = 0
    FAULTY = 1
    """A formulation with errors."""
    SOUND = 2
    """A formulation that no solver ended with."""
    EMPTY_HANDED = 3
    """Infeasible or unbounded."""
    SOLVED = 4
    """A feasible point."""


def stage(attempt: AttemptState) -> Stage:
    """Return how far an attempt came."""
    if attempt["formulation"] is None:
        return Stage.UNREADABLE
    if not attempt["cases"]:
        return Stage.FAULTY if attempt["complaints"] else Stage.SOUND
    raw = attempt["cases"][0]["solution"]
    if raw is None:
        return Stage.SOUND
    termination = Solution.model_validate(raw).termination
    if termination.has_point:
        return Stage.SOLVED
    empty = {Termination.INFEASIBLE, Termination.UNBOUNDED}
    return Stage.EMPTY_HANDED if termination in empty else Stage.SOUND


def better(best: AttemptState | None, attempt: AttemptState) -> AttemptState:
    """Return the attempt that came further; of equals that with fewer findings, else the earlier.

    A small model's repair is as likely to spoil as to mend, so it has to show that it is better.
    """
    if best is None:
        return attempt
    return attempt if _rank(attempt) > _rank(best) else best


def lost_parts(before: Formulation, after: Formulation) -> list[str]:
    """Return what a repair dropped, as sentences; empty if it kept every decision and requirement.

    Variables are matched by name or, where a repair renames them, by number; constraints by number,
    a bound that a constraint became counted as one.
    """
    lost = []
    if len(after.variables) < len(before.variables):
        kept = {v.name for v in after.variables}
        gone = [f"`{v.name}`" for v in before.variables if v.name not in kept]
        lost.append(f"it dropped the decision {', '.join(gone) or 'count'}")
    if _requirements(after) < _requirements(before):
        kept = {c.name for c in after.constraints}
        gone = [f"`{c.name}`" for c in before.constraints if c.name not in kept]
        lost.append(f"it dropped the requirement {', '.join(gone) or 'count'}")
    return lost


def lost_data(
    text: str, before: Formulation, after: Formulation, told: Sequence[str] = ()
) -> list[str]:
    """Return the numbers of the text that a repair no longer uses, as a sentence.

    Args:
        text: the problem in words.
        before: the formulation that was to be mended.
        after: what the model made of it.
        told: what a judge said; a number named there was not dropped silently.
    """
    gone = but_named(dropped_numbers(text, before, after), told)
    shown = ", ".join(quoted(text, n) for n in gone)
    return [f"it dropped {shown}"] if gone else []


def strayed(before: AttemptState, after: AttemptState) -> list[str]:
    """Return whether a repair brought in numbers that the text does not state, as a sentence.

    A small model at times repeats a worked example in place of the problem.
    """
    more = _unfounded(after) - _unfounded(before)
    return [f"it brought in {more} numbers that the text does not state"] if more >= 2 else []


def _unfounded(attempt: AttemptState) -> int:
    return sum(f["code"] == Code.UNFOUNDED_NUMBER for f in attempt["findings"])


def worth_a_repair(attempt: AttemptState) -> list[str]:
    """Return the findings that the model should act on though the formulation compiles."""
    unfounded = [f["message"] for f in attempt["findings"] if f["code"] == Code.UNFOUNDED_NUMBER]
    others = [f["message"] for f in attempt["findings"] if f["code"] in _WORTH_A_REPAIR]
    return [
        *others,
        *(unfounded if len(unfounded) >= _MANY_UNFOUNDED else []),
    ]


def serious_findings(attempt: AttemptState) -> int:
    """Return how many findings say that a formulation may not be what the text means."""
    return sum(
        f["severity"] != "note" or f["code"] == Code.UNFOUNDED_NUMBER for f in attempt["findings"]
    )


def _rank(attempt: AttemptState) -> tuple[int, int]:
    return stage(attempt), -serious_findings(attempt)


def _requirements(formulation: Formulation) -> int:
    """Number of constraints and finite bounds; a duplicate or trivial one counts once."""
    distinct = {
        c.expression if isinstance(c, Algebraic) else c.model_dump_json(exclude={"name"})
        for c in formulation.constraints
    }
    bounds = sum(v.upper is not None for v in formulation.variables)
    bounds += sum(v.lower not in {None, "0"} for v in formulation.variables)
    return len(distinct) + bounds


def lacks_numbers(attempt: AttemptState) -> bool:
    """Whether a formulation leaves out numbers that it needs."""
    return any(f["code"] == Code.NO_VALUES for f in attempt["findings"])


def lacks_knowingly(attempt: AttemptState) -> bool:
    """Whether all that is wrong with a formulation are numbers that it says the text lacks."""
    wrong = [f for f in attempt["findings"] if f["severity"] == "error"]
    if attempt["formulation"] is None or any(f["code"] != Code.NO_VALUES for f in wrong):
        return False
    return bool(wrong) and says_what_is_missing(Formulation.model_validate(attempt["formulation"]))


def certified(attempt: AttemptState) -> bool:
    """Tell whether an attempt's answer is shown to be the best to its formulation."""
    return bool(attempt["cases"]) and attempt["cases"][0]["optimality"] == Optimality.CERTIFIED
