"""The nodes that search a function without a formula, and hold what was found against it."""

from __future__ import annotations

import math
import statistics
import time

from langgraph.runtime import Runtime

from optiwright.agent.events import Notice
from optiwright.agent.result import Check
from optiwright.agent.search_written import writes
from optiwright.agent.state import Context, State
from optiwright.agent.steps import step
from optiwright.formulators.black_box import BlackBox, Code, OneOf, Unknown
from optiwright.formulators.bounds_lines import told
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.code_algebra import values_at
from optiwright.solver_tools.search import SearchProgress, search
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus
from optiwright.solver_tools.search_target import TOLERANCE

EVALUATIONS = "evaluations"
"""The folder below a run's record that keeps what was evaluated, so that nothing is paid twice."""
_SAME = 1e-7
_SLOW_S = 5.0
"""An evaluation that takes longer is not made once more for the check."""
_SPREADS = 5.0
_EVERY_S = 5.0


@step("search_run")
async def search_run(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Search within the budget; what an interrupted run has evaluated is taken from its journal."""
    context = runtime.context
    black_box = BlackBox.model_validate(state["black_box"])
    settings = context.settings
    share = black_box.budget // 2 if writes(context, black_box) else 0
    outcome = await search(
        black_box.model_copy(update={"budget": black_box.budget - share}),
        context.pool,
        optimizer=settings.optimizer,
        time_limit_s=settings.time_limit_s,
        seed=settings.seed,
        folder=context.evaluations or context.recorder.folder / EVALUATIONS,
        on_progress=_Progress(context).tell,
        isolation=settings.isolation,
        function=context.function,
    )
    return {"search": outcome.model_dump(mode="json")}, search_summary(outcome)


class _Progress:
    """Tells a search's progress as notices: each optimizer's beginning, then a few times more."""

    def __init__(self, context: Context) -> None:
        self._emit = context.recorder.emit
        self._optimizer = ""
        self._next = 0.0

    def tell(self, state: SearchProgress) -> None:
        """Take a state in."""
        began = state.optimizer != self._optimizer
        now = time.monotonic()
        if began:
            self._optimizer = state.optimizer
            why = f": {state.reason}" if state.reason else ""
            self._emit(Notice, message=f"{state.optimizer}{why}")
        elif now >= self._next and self._next:
            best = "" if state.best is None else f", best {number(state.best)}"
            asked = f"{state.evaluations:,} of {counted(state.budget, 'evaluation')}"
            self._emit(Notice, message=f"{asked}{best}")
        if began or now >= self._next:
            self._next = now + _EVERY_S


@step("search_verify")
async def search_verify(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Check bounds, constraints, budget, and the value by an evaluation of its own."""
    black_box = BlackBox.model_validate(state["black_box"])
    outcome = SearchOutcome.model_validate(state["search"])
    checks = await checks_of(runtime.context, black_box, outcome)
    failed = [check.name for check in checks if not check.passed]
    summary = f"not: {', '.join(failed)}" if failed else "; ".join(c.name for c in checks) or "none"
    return {"search_checks": [check.model_dump(mode="json") for check in checks]}, summary


def search_summary(outcome: SearchOutcome) -> str:
    """Return what a search came to, in a line."""
    asked = counted(outcome.evaluations, "evaluation")
    match outcome.status:
        case SearchStatus.FOUND:
            return f"{number(outcome.value)} after {asked}"
        case SearchStatus.NO_POINT:
            return f"no point meets every constraint, {asked}"
        case SearchStatus.FAILED:
            return outcome.message or "the function could not be evaluated"


async def checks_of(
    context: Context, black_box: BlackBox, outcome: SearchOutcome
) -> tuple[Check, ...]:
    """Return what there is to check of an outcome."""
    spent = Check(
        name="budget",
        passed=outcome.evaluations <= black_box.budget,
        detail=f"{outcome.evaluations:,} of {counted(black_box.budget, 'evaluation')}",
    )
    if not outcome.point:
        return (spent,)
    broken = [
        f"{unknown.name} = {value} is not in {told(unknown)}"
        for unknown, value in zip(black_box.unknowns, outcome.point, strict=True)
        if not within(unknown, value)
    ]
    bounds = Check(
        name="bounds and kinds",
        passed=not broken,
        detail="; ".join(broken) or "every unknown is within its bounds and of its kind",
    )
    again = await _again(context, black_box, outcome)
    return tuple(c for c in (again, bounds, _constraints(black_box, outcome), spent) if c)


def within(unknown: Unknown, value: float | int | str) -> bool:
    """Tell whether a value is one that an unknown may have."""
    if isinstance(unknown, OneOf):
        return value in unknown.choices
    if isinstance(value, str) or (unknown.kind == "whole" and not float(value).is_integer()):
        return False
    return unknown.lower <= value <= unknown.upper


def _constraints(black_box: BlackBox, outcome: SearchOutcome) -> Check | None:
    if not outcome.constraints:
        return None
    names = black_box.constraint_names(len(outcome.constraints))
    broken = [
        f"{name} is broken by {number(value)}"
        for name, value in zip(names, outcome.constraints, strict=False)
        if value > TOLERANCE
    ]
    detail = "; ".join(broken) or "every constraint is met"
    return Check(name="constraints", passed=not broken, detail=detail)


async def _again(context: Context, black_box: BlackBox, outcome: SearchOutcome) -> Check | None:
    """Hold the value against evaluations at the end: one of this code's own, where it is code."""
    if outcome.value is None:
        return None
    values = list(outcome.repeats)
    slow = outcome.traits is not None and outcome.traits.seconds > _SLOW_S
    who = "the search's own last evaluations"
    if isinstance(black_box.oracle, Code) and not slow and context.function is None:
        isolation = context.settings.isolation
        row, error = await values_at(black_box, context.pool, outcome.point, isolation=isolation)
        if error or not row or row[0] is None:
            return Check(name="evaluated again", passed=False, detail=error or "no number")
        values, who = [row[0]], "another evaluation, outside of the search"
    if not values:
        return None
    noisy = black_box.noisy or (outcome.traits is not None and bool(outcome.traits.noisy))
    room = _SAME * max(1.0, abs(outcome.value))
    if noisy:
        spread = statistics.pstdev(outcome.repeats) if len(outcome.repeats) > 1 else math.inf
        room += _SPREADS * spread
    off = max(abs(value - outcome.value) for value in values)
    verb = "give" if who.endswith("s") else "gives"
    detail = f"{who} {verb} {number(statistics.fmean(values))}"
    if noisy:
        detail += ", which the noise explains" if off <= room else ", which noise does not explain"
    return Check(name="evaluated again", passed=off <= room, detail=detail)
