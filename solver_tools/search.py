"""Looks for the best point of a black box within a budget, where its function may run.

A source runs in the sandbox, with the optimizer in one job; a command as a tool there, or as the
user's own process where that is trusted, as does a function of the caller's own. Evaluations are
kept as they come, so that a search that was ended, whatever ended it, goes on without paying again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optiwright.formulators.black_box import BlackBox, Command
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.optimizers import named
from optiwright.solver_tools.oracle import axes_of
from optiwright.solver_tools.sandbox_policy import Isolation
from optiwright.solver_tools.search_broken_off import broken_off
from optiwright.solver_tools.search_confined import Confined
from optiwright.solver_tools.search_here import Here
from optiwright.solver_tools.search_journal import Journal
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus
from optiwright.solver_tools.search_program import write_program
from optiwright.solver_tools.search_progress import Follower, SearchProgress
from optiwright.solver_tools.search_run import Found
from optiwright.solver_tools.search_target import TOLERANCE

if TYPE_CHECKING:
    from optiwright.solver_tools.oracle import Evaluation
    from optiwright.solver_tools.pool import Pool

__all__ = ["SearchProgress", "search"]

_SAME = 1e-9
_SLOW_S = 5.0
"""An evaluation that takes longer is not made once more after the time is over."""


async def search(
    black_box: BlackBox,
    pool: Pool,
    *,
    optimizer: str | None = None,
    time_limit_s: float,
    seed: int = 0,
    folder: Path | None = None,
    on_progress: Callable[[SearchProgress], None] | None = None,
    isolation: Isolation = Isolation.REQUIRED,
    function: Callable[..., Any] | None = None,
) -> SearchOutcome:
    """Searches a black box; cancelling ends the function as well.

    Args:
        black_box: what is sought, of what, and how many evaluations it may take.
        pool: where a source or an untrusted command runs.
        optimizer: a name of `optimizers.OPTIMIZERS`, to use that alone; None: what promises most.
        time_limit_s: wall-clock seconds.
        seed: of all that is random: the same seed takes the same way.
        folder: where evaluations are kept, and found again; None: they are forgotten.
        on_progress: called in the event loop as evaluations come.
        isolation: whether a source runs where too little protects from it.
        function: of the caller's own process, asked instead of the black box's source, of which it
            is what the source says. It returns a number, or a number and a list of constraints'
            values, and has no time-out of its own.

    Raises:
        UserError: bounds, start, optimizer or folder cannot be used.
    """
    _check(black_box, optimizer)
    began = time.monotonic()
    journal = Journal(folder, black_box)
    paid = len(journal.known)
    follower = Follower(black_box, on_progress)
    trusted = isinstance(black_box.oracle, Command) and black_box.oracle.trusted
    host: Here | Confined
    if function is not None or trusted:
        host = Here(black_box, journal, follower, function, began + time_limit_s)
    else:
        host = Confined(black_box, pool, journal, follower, isolation)
    try:
        found = await host.search(optimizer, seed, began + time_limit_s)
        if isinstance(found, str):
            found = Found(broken_off(black_box, journal.known, found))
        again = await _again(host, journal, found, began + time_limit_s)
    finally:
        journal.close()
    outcome = _settled(found, again)
    new = len(journal.known) - paid
    used = [stage.optimizer for stage in outcome.stages] or follower.optimizers
    return outcome.model_copy(
        update={
            "message": f"{outcome.message} {host.warning}".strip(),
            "cached": max(0, outcome.evaluations - new),
            "program": write_program(black_box, used, seed) if outcome.point else "",
            "seconds": time.monotonic() - began,
        }
    )


def _check(box: BlackBox, optimizer: str | None) -> None:
    """Raises for what can be known to be wrong before anything is asked."""
    axes = axes_of(box)
    if box.start is not None:
        _check_start(box)
    if optimizer is not None:
        named(optimizer, dimension=len(axes), mixed=any(axis.levels for axis in axes))


def _check_start(box: BlackBox) -> None:
    start = box.start or ()
    if len(start) != len(box.unknowns):
        raise UserError(
            f"the start has {len(start)} values, and there are {len(box.unknowns)} unknowns",
            where="`start`",
            remedy="Give one value for each unknown, in their order.",
        )
    for axis, unknown, value in zip(axes_of(box), box.unknowns, start, strict=True):
        if not axis.holds(value):
            there = ", ".join(axis.choices) if axis.choices else f"{axis.lower:g} to {axis.upper:g}"
            raise UserError(
                f"the start of `{unknown.name}` is {value!r}, which is none of its values: {there}",
                where="`start`",
            )


async def _again(
    host: Here | Confined, journal: Journal, found: Found, deadline: float
) -> list[Evaluation]:
    """Evaluates the point again, as often as there is budget for; what is paid for is taken."""
    outcome = found.outcome
    noisy = outcome.traits is not None and bool(outcome.traits.noisy)
    times = found.repeats if noisy else min(found.repeats, 1)
    if outcome.status is SearchStatus.FAILED or times <= 0:
        return []
    at_point = [e for e in journal.known if e.point == outcome.point and e.gradient is None]
    known = at_point[found.taken : found.taken + times]
    slow = outcome.traits is not None and outcome.traits.seconds > _SLOW_S
    if len(known) < times and not (slow and time.monotonic() >= deadline):
        known += await host.evaluate(outcome.point, times - len(known), deadline)
    return known


def _settled(found: Found, again: list[Evaluation]) -> SearchOutcome:
    """Puts what the last evaluations say into the outcome."""
    outcome = found.outcome
    values = [e.value for e in again if e.value is not None]
    if not again:
        said = "The time was over before the best point was evaluated again."
        missing = found.repeats > 0 and bool(outcome.point)
        return outcome.model_copy(update={"message": said} if missing else {})
    updates: dict[str, Any] = {
        "repeats": tuple(values),
        "evaluations": outcome.evaluations + len(again),
        "failures": outcome.failures + len(again) - len(values),
    }
    if not values:
        said = f"Evaluated again, the best point had no value: {again[0].failure}"
        return outcome.model_copy(update=updates | {"message": f"{outcome.message} {said}".strip()})
    mean = math.fsum(values) / len(values)
    noisy = outcome.traits is not None and bool(outcome.traits.noisy)
    before = outcome.value if outcome.value is not None else mean
    if not noisy and abs(mean - before) > _SAME * max(1.0, abs(before)):
        said = f"Evaluated again, the best point gave {mean:.6g} and not {before:.6g}."
        updates["message"] = f"{outcome.message} {said}".strip()
    limits = [e.constraints for e in again if e.value is not None]
    means = tuple(math.fsum(column) / len(limits) for column in zip(*limits, strict=True))
    updates |= {"value": mean, "constraints": means}
    if outcome.status is SearchStatus.FOUND and any(limit > TOLERANCE for limit in means):
        updates["status"] = SearchStatus.NO_POINT
        updates["message"] = "Evaluated again, the best point breaks a constraint."
    return outcome.model_copy(update=updates)
