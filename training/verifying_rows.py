"""Rows held to be right: each solved by its formulation and by its program, which must agree.

The formulation is read, lifted, compiled and solved as the agent does it; the program runs in the
sandbox. What passes is proved optimal by our own arithmetic, has its numbers from its text, and is
no accident of its data (`row_checks`). Everything else is dropped for one of a closed set of
reasons.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from typing import Literal

from optiwright.agent.loop import submit
from optiwright.agent.writing import reported, run_written
from optiwright.formulators.checks import check
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.findings import Severity
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Formulation
from optiwright.formulators.wire import Form, read_wire
from optiwright.solver_tools import pool as pools
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.pool import Isolation, Pool
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import Allowance, Solved, Variant, solve_variant
from optiwright.solver_tools.written_check import faults
from optiwright.training.row_checks import does_nothing, idle_decisions, untold_numbers
from optiwright.training.row_verdicts import Reason, RowVerdict, content_of
from optiwright.training.rows import TrainingRow

SAME = 1e-6
"""Relative difference up to which two optima are the same."""
_NOTHING = 1e-9
_NAMED = 3


@dataclass(frozen=True)
class Care:
    """What verifying takes.

    Attributes:
        time_limit_s: wall-clock seconds for one solve, and for one program.
        isolation: whether programs run where too little protects from them.
        jobs: rows that are looked at at once; no more are solved than the pool has workers.
    """

    time_limit_s: float = 20.0
    isolation: Isolation = Isolation.REQUIRED
    jobs: int = 2


def verify(
    rows: Iterable[TrainingRow], pool: Pool, care: Care | None = None
) -> Iterator[RowVerdict]:
    """Yield a verdict on each row as it is ready, not in the rows' order.

    Closing the iterator, as an interrupt does, ends what is under way.

    Raises:
        UserError: if programs cannot be confined on this machine, or a limit is none.
    """
    care = care or Care()
    if not 0 < care.time_limit_s < math.inf or care.jobs < 1:
        raise UserError(
            f"{care.time_limit_s!r} s and {care.jobs} jobs are no limits",
            remedy="Give seconds above zero and at least one job.",
        )
    return _verdicts(rows, pool, care)


def _verdicts(rows: Iterable[TrainingRow], pool: Pool, care: Care) -> Iterator[RowVerdict]:
    under_way: set[Future[RowVerdict]] = set()
    try:
        for row in rows:
            under_way.add(submit(judge(row, pool, care)))
            if len(under_way) >= care.jobs:
                done, under_way = wait_for(under_way, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while under_way:
            done, under_way = wait_for(under_way, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    finally:
        for future in under_way:
            future.cancel()


def same_value(one: float, other: float) -> bool:
    """Tell whether two optima are the same."""
    return abs(one - other) <= max(SAME * max(abs(one), abs(other)), _NOTHING)


class _Dropped(Exception):
    """A row is not kept."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


async def judge(row: TrainingRow, pool: Pool, care: Care) -> RowVerdict:
    """Look at one row, within a loop that has others under way."""
    case, started = _Case(row, pool, care), time.monotonic()
    reason, detail = Reason.AGREED, ""
    try:
        await case.look()
    except _Dropped as dropped:
        reason, detail = dropped.reason, dropped.detail
    return RowVerdict(
        row=row.id,
        content=content_of(row),
        reason=reason,
        detail=detail,
        formulated=case.formulated,
        programmed=case.programmed,
        sense=case.sense,
        problem_class=case.problem_class,
        reported=case.reported,
        seconds=round(time.monotonic() - started, 3),
        limit_s=care.time_limit_s,
    )


@dataclass
class _Case:
    """A row under way, and what was found of it so far."""

    row: TrainingRow
    pool: Pool
    care: Care
    formulated: float | None = None
    programmed: float | None = None
    sense: Literal["minimize", "maximize", ""] = ""
    problem_class: str = ""
    reported: dict[str, float] = field(default_factory=dict)

    async def look(self) -> None:
        """Go through all that a row has to be, the cheap before the dear."""
        if not (self.row.script or self.row.indexed) or not self.row.program:
            raise _Dropped(Reason.ONE_WAY)
        complaints = faults(self.row.program)
        if complaints:
            raise _Dropped(Reason.PROGRAM_FAILED, complaints[0])
        values = {}
        for form, formulation in (await asyncio.to_thread(_formulations, self.row)).items():
            solved = await self._solved(form, formulation)
            values[form] = self._optimum(form, solved)
        self._compare_forms(values)
        self._compare_label()
        self.programmed = await self._by_program()
        if not same_value(self.programmed, self._value):
            raise _Dropped(
                Reason.PROGRAM_DIFFERS, f"{self.programmed:.10g} instead of {self._value:.10g}"
            )

    @property
    def _value(self) -> float:
        assert self.formulated is not None
        return self.formulated

    async def _solved(self, form: str, formulation: Formulation) -> Solved:
        if not formulation.objectives:
            raise _Dropped(Reason.NO_OPTIMUM, f"the {form} has no objective")
        allowance = Allowance(time_limit_s=self.care.time_limit_s)
        try:
            return await solve_variant(self.pool, Variant(form, formulation), allowance)
        except OptiwrightError as error:
            raise _Dropped(Reason.UNREADABLE, f"{form}: {error}") from None

    def _optimum(self, form: str, solved: Solved) -> float:
        """Return a proved optimum that is no accident."""
        ending, proof = solved.termination, solved.verdict
        if ending is not Termination.OPTIMAL:
            said = solved.raw.message or str(ending)
            raise _Dropped(_ENDINGS.get(ending, Reason.NOT_PROVED), f"{form}: {said}")
        value, x = solved.objective, solved.raw.x
        if value is None or x is None:
            raise _Dropped(Reason.NO_OPTIMUM, f"{form}: no value")
        self.formulated = value
        self.problem_class = str(classify_program(solved.program))
        self.sense = "minimize" if solved.program.minimize[0] else "maximize"
        if proof.optimality is not Optimality.CERTIFIED:
            raise _Dropped(Reason.NOT_PROVED, f"{form}: {' '.join(proof.checks[-1:])}")
        if does_nothing(solved.program, x, value):
            raise _Dropped(Reason.NOTHING_DONE, form)
        if idle := list(idle_decisions(solved.program, x)):
            raise _Dropped(Reason.IDLE_DECISION, f"{form}: {_some(idle)}")
        return value

    def _compare_forms(self, values: Mapping[str, float]) -> None:
        first, *others = values.values()
        if not all(same_value(first, other) for other in others):
            told = ", ".join(f"{form} {value:.10g}" for form, value in values.items())
            raise _Dropped(Reason.FORMS_DIFFER, told)

    def _compare_label(self) -> None:
        own = self.row.optimum
        if own is not None and not same_value(own, self._value):
            raise _Dropped(Reason.LABEL_DIFFERS, f"{own:.10g} instead of {self._value:.10g}")
        if self.row.sense not in ("", self.sense):
            raise _Dropped(Reason.LABEL_DIFFERS, f"{self.row.sense} instead of {self.sense}")

    async def _by_program(self) -> float:
        limit = self.care.time_limit_s
        outcome = await run_written(self.pool, self.row.program, limit, self.care.isolation)
        if outcome.reason is pools.Reason.REFUSED:
            raise UserError(
                f"programs cannot be run here: {outcome.error}",
                remedy="See `optiwright doctor`; `--isolation best-effort` runs them all the same.",
            )
        report = reported(outcome)
        if report is None:
            reason = _BROKEN_OFF.get(outcome.reason, Reason.PROGRAM_FAILED)
            raise _Dropped(reason, f"{outcome.reason}: {_last_line(outcome.error)}")
        if report.outcome != "finished":
            late = report.outcome == "error" and outcome.seconds >= limit
            reason = Reason.TIMED_OUT if late else Reason.PROGRAM_FAILED
            raise _Dropped(reason, report.error.strip().partition("\n")[0] or report.outcome)
        if report.objective is None or report.status in {"infeasible", "unbounded"}:
            raise _Dropped(Reason.PROGRAM_FAILED, f"no value, status {report.status}")
        self.reported = {q.name: q.value for q in report.quantities if isinstance(q.value, float)}
        return report.objective


_ENDINGS = {
    Termination.INFEASIBLE: Reason.NO_OPTIMUM,
    Termination.UNBOUNDED: Reason.NO_OPTIMUM,
    Termination.INFEASIBLE_OR_UNBOUNDED: Reason.NO_OPTIMUM,
    Termination.FEASIBLE: Reason.TIMED_OUT,
    Termination.TIME_LIMIT: Reason.TIMED_OUT,
    Termination.INTERRUPTED: Reason.NOT_JUDGED,
    Termination.ERROR: Reason.NOT_JUDGED,
}
"""Of a solve of the formulation; any other that is not optimal is not proved."""

_BROKEN_OFF = {
    pools.Reason.TIMEOUT: Reason.TIMED_OUT,
    pools.Reason.KILLED: Reason.NOT_JUDGED,
    pools.Reason.STOPPED: Reason.NOT_JUDGED,
}
"""Of a program's job without a report; any other is the program's failure."""


def _formulations(row: TrainingRow) -> dict[str, Formulation]:
    """Return a row's formulations by form, sound and with numbers that the text has."""
    found = {}
    for name, form, reply in (
        ("script", Form.FLAT, row.script),
        ("indexed form", Form.INDEXED, row.indexed),
    ):
        if not reply:
            continue
        try:
            formulation = lift(read_wire(reply, form), row.text)
            errors = [f for f in check(formulation) if f.severity is Severity.ERROR]
        except OptiwrightError as error:
            raise _Dropped(Reason.UNREADABLE, f"{name}: {error}") from None
        if errors:
            raise _Dropped(Reason.UNREADABLE, f"{name}: {errors[0].message}")
        if untold := untold_numbers(row.text, formulation):
            told = _some([f"{use.value:,.10g} ({use.where})" for use in untold])
            raise _Dropped(Reason.UNTOLD_NUMBER, f"{name}: {told}")
        found[name] = formulation
    return found


def _some(parts: list[str]) -> str:
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return ", ".join(parts[:_NAMED]) + more


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
