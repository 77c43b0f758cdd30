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
from optiwright.solver_tools.pool import Isolation, Pool
from optiwright.solver_tools.written_check import faults
from optiwright.training.proved_optima import (
    TIME_LIMIT_S,
    Dropped,
    best_of,
    require_telling,
    same_value,
    some,
)
from optiwright.training.row_checks import untold_numbers
from optiwright.training.row_verdicts import Reason, RowVerdict, content_of
from optiwright.training.rows import TrainingRow


@dataclass(frozen=True)
class Care:
    """What verifying takes.

    Attributes:
        time_limit_s: wall-clock seconds for one solve, and for one program.
        isolation: whether programs run where too little protects from them.
        jobs: rows that are looked at at once; no more are solved than the pool has workers.
    """

    time_limit_s: float = TIME_LIMIT_S
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


async def judge(row: TrainingRow, pool: Pool, care: Care) -> RowVerdict:
    """Look at one row, within a loop that has others under way."""
    case, started = _Case(row, pool, care), time.monotonic()
    reason, detail = Reason.AGREED, ""
    try:
        await case.look()
    except Dropped as dropped:
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
            lacking = "program" if self.row.script or self.row.indexed else "formulation"
            raise Dropped(Reason.ONE_WAY, f"it has no {lacking}")
        complaints = faults(self.row.program)
        if complaints:
            raise Dropped(Reason.PROGRAM_FAILED, complaints[0])
        values = {}
        for form, formulation in (await asyncio.to_thread(_formulations, self.row)).items():
            values[form] = await self._best(form, formulation)
        self._compare_forms(values)
        self._compare_label()
        self.programmed = await self._by_program()
        if not same_value(self.programmed, self._value):
            raise Dropped(
                Reason.PROGRAM_DIFFERS, f"{self.programmed:.10g} instead of {self._value:.10g}"
            )

    @property
    def _value(self) -> float:
        assert self.formulated is not None
        return self.formulated

    async def _best(self, form: str, formulation: Formulation) -> float:
        best = await best_of(self.pool, form, formulation, self.care.time_limit_s)
        self.formulated, self.sense = best.value, best.sense
        self.problem_class = best.problem_class
        require_telling(form, best)
        return best.value

    def _compare_forms(self, values: Mapping[str, float]) -> None:
        first, *others = values.values()
        if not all(same_value(first, other) for other in others):
            told = ", ".join(f"{form} {value:.10g}" for form, value in values.items())
            raise Dropped(Reason.FORMS_DIFFER, told)

    def _compare_label(self) -> None:
        own = self.row.optimum
        if own is not None and not same_value(own, self._value):
            raise Dropped(Reason.LABEL_DIFFERS, f"{own:.10g} instead of {self._value:.10g}")
        if self.row.sense not in ("", self.sense):
            raise Dropped(Reason.LABEL_DIFFERS, f"{self.row.sense} instead of {self.sense}")

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
            raise Dropped(reason, f"{outcome.reason}: {_last_line(outcome.error)}")
        if report.outcome != "finished":
            reason = Reason.TIMED_OUT if report.out_of_time else Reason.PROGRAM_FAILED
            raise Dropped(reason, report.error.strip().partition("\n")[0] or report.outcome)
        if report.objective is None or report.status in {"infeasible", "unbounded"}:
            raise Dropped(Reason.PROGRAM_FAILED, f"no value, status {report.status}")
        self.reported = {q.name: q.value for q in report.quantities if isinstance(q.value, float)}
        return report.objective


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
            raise Dropped(Reason.UNREADABLE, f"{name}: {error}") from None
        if errors:
            raise Dropped(Reason.UNREADABLE, f"{name}: {errors[0].message}")
        if untold := untold_numbers(row.text, formulation):
            told = some([f"{use.value:,.10g} ({use.where})" for use in untold])
            raise Dropped(Reason.UNTOLD_NUMBER, f"{name}: {told}")
        found[name] = formulation
    return found


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
