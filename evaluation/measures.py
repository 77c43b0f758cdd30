"""A run's measures: accuracy by any scorer, rates, samples, and two runs paired."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from optiwright.evaluation.frames import Row
from optiwright.evaluation.statistics import bootstrap, majority, mcnemar, pass_at, wilson

LEVELS = ("proved", "checked", "feasible", "unchecked", "disputed", "failed")
"""Evidence levels, strongest first."""


@dataclass(frozen=True)
class Share:
    """Right answers of those that were counted, with a 95% interval."""

    right: int
    total: int

    @property
    def percent(self) -> float:
        """Percent right; NaN of none."""
        return 100 * self.right / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval, in percent."""
        low, high = wilson(self.right, self.total)
        return 100 * low, 100 * high

    def __str__(self) -> str:
        if not self.total:
            return "-"
        low, high = self.interval
        return f"{self.percent:.1f}% ({low:.1f} to {high:.1f}), {self.right} of {self.total}"


def share(verdicts: Iterable[bool | None]) -> Share:
    """Count verdicts; those that do not arise are left out."""
    said = [v for v in verdicts if v is not None]
    return Share(sum(said), len(said))


def main_verdict(row: Row) -> bool | None:
    """Return the strict verdict, or OptiBench's where a problem has no objective."""
    strict = row.right("strict")
    return row.right("optibench") if strict is None else strict


def grouped(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    """Return the rows by a key, in the keys' order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return dict(sorted(groups.items()))


def first_samples(rows: Sequence[Row]) -> list[Row]:
    """Return each problem's first sample: what accuracy is counted on."""
    return [row for row in rows if row.sample == 0]


@dataclass(frozen=True)
class Rates:
    """What a method's runs came to, over first samples.

    Attributes:
        solving: SA, solving accuracy: the main verdict.
        execution: ER, execution rate: came to an answer.
        code_pass: ran to its end.
        corrections: AST, mean number of self-corrections.
        tokens: mean tokens a problem, prompt and completion.
        model_seconds: mean seconds of the model a problem.
    """

    solving: Share
    execution: Share
    code_pass: Share
    corrections: float
    calls: float
    prompt_tokens: float
    completion_tokens: float
    model_seconds: float


def rates(rows: Sequence[Row]) -> Rates:
    """Return the rates of rows.

    Raises:
        ValueError: of none.
    """
    first = first_samples(rows)
    if not first:
        raise ValueError("no rows")
    count = len(first)
    return Rates(
        solving=share(map(main_verdict, first)),
        execution=share(r.ran for r in first),
        code_pass=share(r.code_pass for r in first),
        corrections=sum(r.corrections for r in first) / count,
        calls=sum(r.calls for r in first) / count,
        prompt_tokens=sum(r.prompt_tokens for r in first) / count,
        completion_tokens=sum(r.completion_tokens for r in first) / count,
        model_seconds=sum(r.model_seconds for r in first) / count,
    )


@dataclass(frozen=True)
class PassRate:
    """Mean pass@k over problems, with its 95% interval over problems; between 0 and 1."""

    rate: float
    interval: tuple[float, float]

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.rate:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


def pass_rate(rows: Sequence[Row], k: int) -> PassRate | None:
    """Return mean pass@k over problems; None if some problem has fewer than `k` samples."""
    samples = [[bool(main_verdict(r)) for r in group] for group in _by_problem(rows)]
    if not samples or min(map(len, samples)) < k:
        return None
    rates = [pass_at(k, s) for s in samples]
    return PassRate(sum(rates) / len(rates), bootstrap(rates))


def majority_share(rows: Sequence[Row], k: int) -> Share | None:
    """Return accuracy of the majority of each problem's first `k` samples, or None."""
    groups = _by_problem(rows)
    if not groups or min(map(len, groups)) < k:
        return None
    verdicts = []
    for group in groups:
        answers = [((r.ending if r.ran else ""), r.objective) for r in group[:k]]
        place = majority(answers)
        verdicts.append(place is not None and bool(main_verdict(group[place])))
    return share(verdicts)


def _by_problem(rows: Sequence[Row]) -> list[list[Row]]:
    groups = grouped(rows, lambda r: f"{r.benchmark} {r.problem}").values()
    return [sorted(group, key=lambda r: r.sample) for group in groups]


@dataclass(frozen=True)
class Paired:
    """Two runs on the problems that both answered.

    Attributes:
        only_first: problems that the first alone got right.
    """

    both: tuple[str, ...]
    neither: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def total(self) -> int:
        """Problems that both answered."""
        return sum(map(len, (self.both, self.neither, self.only_first, self.only_second)))

    @property
    def p_value(self) -> float:
        """Two-sided, exact, by McNemar's test."""
        return mcnemar(len(self.only_first), len(self.only_second))


def paired(
    first: Sequence[Row],
    second: Sequence[Row],
    verdict: Callable[[Row], bool | None] = main_verdict,
) -> Paired:
    """Hold two runs against each other, problem by problem, on first samples."""
    left = {r.problem: verdict(r) for r in first_samples(first)}
    right = {r.problem: verdict(r) for r in first_samples(second)}
    cells: dict[tuple[bool, bool], list[str]] = {}
    for problem in left.keys() & right.keys():
        a, b = left[problem], right[problem]
        if a is not None and b is not None:
            cells.setdefault((a, b), []).append(problem)
    found = {cell: tuple(sorted(problems)) for cell, problems in cells.items()}
    return Paired(
        both=found.get((True, True), ()),
        neither=found.get((False, False), ()),
        only_first=found.get((True, False), ()),
        only_second=found.get((False, True), ()),
    )
