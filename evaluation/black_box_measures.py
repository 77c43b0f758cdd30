"""What runs of the benchmark `blackbox` came to: LLaMoCo's metrics, beside the best of the pool.

Error rate, recovery cost, optimization performance and overhead, after arXiv 2403.01131. A value is
measured without noise at the point that was found, never taken from the answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import fmean

from optiwright.agent.documents import Heading, Paragraph, Part, Table
from optiwright.agent.record import RunRecord
from optiwright.agent.result import Result
from optiwright.evaluation.black_box_problems import BLACK_BOX, function_of
from optiwright.evaluation.black_box_run import SINGLE
from optiwright.evaluation.evaluated import Evaluated
from optiwright.evaluation.function_sources import WORST, FunctionProblem
from optiwright.evaluation.records import EvaluationRecord, read_records
from optiwright.evaluation.statistics import wilson

_FOUND = -6.0
"""Logarithm of the gap from which a function's lowest value counts as found."""
_TENFOLD = 1.0
_MISSED = 1e-5
"""By how much a point may break a constraint or a bound."""


@dataclass(frozen=True)
class Reached:
    """One problem's outcome.

    Attributes:
        log_gap: log10 of the gap that is left, of a random point's; `WORST` without a point.
        failed: whether the first try came to nothing: no point, or a program that did not run.
        recovery: the share of a failed program's lines that had to change until it ran; None where
            nothing failed, or nothing helped.
        evaluations: None where they were not counted, as where it was solved as algebra.
    """

    problem: str
    log_gap: float
    failed: bool
    recovery: float | None
    evaluations: int | None
    seconds: float
    tokens: int

    @property
    def performance(self) -> float:
        """1 at the lowest value, 0 at a random point's or with none."""
        return max(0.0, 1.0 - math.pow(10.0, self.log_gap))


def reached(record: EvaluationRecord) -> Reached:
    """Return what a record of the benchmark came to."""
    function = function_of(record.problem)
    run, result = record.run, record.run.result
    gap = WORST if result is None else _log_gap(function, result)
    tries = run.programs
    failed = bool(tries[0].complaints) if tries else gap >= WORST
    tokens = [c.reply.completion_tokens for c in run.calls if c.reply is not None]
    return Reached(
        problem=record.problem.id,
        log_gap=gap,
        failed=failed or result is None,
        recovery=_recovery(run),
        evaluations=_evaluations(result),
        seconds=record.seconds,
        tokens=sum(tokens),
    )


def _log_gap(function: FunctionProblem, result: Result) -> float:
    point = _point(function, result)
    if point is not None:
        kept = function.excess(point) <= _MISSED
        return function.log_gap(function.value(point)) if kept else WORST
    value = result.objective
    # Solved as algebra, under names of its own: a value below the lowest is no value of it.
    if value is None or value - function.lowest < -1e-4 * max(1.0, abs(function.lowest)):
        return WORST
    return function.log_gap(value)


def _point(function: FunctionProblem, result: Result) -> list[float] | None:
    search = result.search.outcome if result.search is not None else None
    if search is not None:
        return [float(v) for v in search.point] or None
    values = {a.name: a.value for a in result.answers}
    found = [values.get(f"x{k + 1}") for k in range(function.dimension)]
    return [v for v in found if v is not None] if None not in found else None


def _evaluations(result: Result | None) -> int | None:
    if result is None:
        return None
    if result.search is not None:
        return result.search.outcome.evaluations
    counted = next((a.value for a in result.answers if a.name == "evaluations"), None)
    return None if counted is None else int(counted)


def _recovery(run: RunRecord) -> float | None:
    """Return the changed share of lines between the first program and the one that ran."""
    tries = run.programs
    if len(tries) < 2 or tries[-1].complaints or not tries[0].complaints:
        return None
    before, after = tries[0].source.splitlines(), tries[-1].source.splitlines()
    same = sum(b.size for b in SequenceMatcher(None, before, after).get_matching_blocks())
    return 1 - same / max(len(before), len(after), 1)


def black_box_figures(records: Iterable[EvaluationRecord]) -> Iterator[tuple[str, str]]:
    """Yield a run's figures with their names; nothing where it is of another benchmark."""
    rows = [reached(r) for r in records if r.problem.benchmark == BLACK_BOX and r.sample == 0]
    if rows:
        yield "failed at first (error rate)", _share(sum(r.failed for r in rows), len(rows))
        yield "performance (1: the lowest value, 0: a random point)", f"{_performance(rows):.3f}"
        yield "log10 of the gap that is left, on average", f"{_gap(rows):.2f}"
        found = sum(r.log_gap <= _FOUND for r in rows)
        yield "lowest value found to a millionth", _share(found, len(rows))


def black_box_parts(runs: Sequence[Evaluated]) -> Iterator[Part]:
    """Yield a report's part on runs of the benchmark; nothing where there are none."""
    ours = [run for run in runs if run.settings.benchmark == BLACK_BOX]
    if not ours:
        return
    outcomes = [(run, _of_run(run)) for run in ours]
    shared = set.intersection(*({r.problem for r in rows} for _, rows in outcomes))
    yield Heading("Functions without a formula")
    yield Paragraph(
        f"Problems that every run answered: {len(shared)}. Error rate: what failed at first. "
        "Performance: 1 at the known lowest value, 0 at a random point's. The gap is of a random "
        "point's, floored at 1e-8; without a point it counts as 10. Near the best: within ten "
        "times the smallest gap of the single optimizers shown here. Recovery: the share of lines "
        "that changed until a failed program ran."
    )
    kept = [(run.way, [r for r in rows if r.problem in shared]) for run, rows in outcomes]
    yield Table(_HEAD, tuple(_table(kept)))


_HEAD = (
    "", "error rate", "performance", "log10 gap", "found to 1e-6", "near the best", "recovery",
    "evaluations", "s", "tokens out",
)  # fmt: skip


def _of_run(run: Evaluated) -> list[Reached]:
    records = (r for path in run.paths for r in read_records(path) if r.sample == 0)
    return [reached(r) for r in records]


def _table(kept: Sequence[tuple[str, list[Reached]]]) -> Iterator[tuple[str, ...]]:
    singles = [(name, rows) for name, rows in kept if name.startswith(SINGLE)]
    best = _virtual_best([rows for _, rows in singles] or [rows for _, rows in kept])
    for name, rows in sorted(kept, key=lambda k: _gap(k[1])):
        yield _line(name, rows, best)
    if len(singles) > 1:
        name, rows = min(singles, key=lambda k: _gap(k[1]))
        yield _line(f"best single ({name.partition(',')[0]})", rows, best)
        yield _line("virtual best of the singles", list(best.values()), best)


def _virtual_best(runs: Sequence[Sequence[Reached]]) -> dict[str, Reached]:
    best: dict[str, Reached] = {}
    for row in (row for rows in runs for row in rows):
        before = best.get(row.problem)
        if before is None or row.log_gap < before.log_gap:
            best[row.problem] = row
    return best


def _line(name: str, rows: Sequence[Reached], best: dict[str, Reached]) -> tuple[str, ...]:
    if not rows:
        return (name, *("-" for _ in _HEAD[1:]))
    near = sum(r.log_gap < WORST and r.log_gap <= best[r.problem].log_gap + _TENFOLD for r in rows)
    recoveries = [r.recovery for r in rows if r.recovery is not None]
    counts = [r.evaluations for r in rows if r.evaluations is not None]
    return (
        name,
        _share(sum(r.failed for r in rows), len(rows)),
        f"{_performance(rows):.3f}",
        f"{_gap(rows):.2f}",
        _share(sum(r.log_gap <= _FOUND for r in rows), len(rows)),
        _share(near, len(rows)),
        f"{fmean(recoveries):.2f}" if recoveries else "-",
        f"{fmean(counts):,.0f}" if counts else "-",
        f"{fmean(r.seconds for r in rows):.1f}",
        f"{fmean(r.tokens for r in rows):,.0f}",
    )


def _performance(rows: Sequence[Reached]) -> float:
    return fmean(r.performance for r in rows)


def _gap(rows: Sequence[Reached]) -> float:
    return fmean(r.log_gap for r in rows)


def _share(right: int, total: int) -> str:
    low, high = wilson(right, total)
    return f"{right} of {total} ({100 * low:.0f} to {100 * high:.0f}%)"
