"""A run's figures as they come: what progress shows and what is printed at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from optiwright.agent.prices import Price, shown_money
from optiwright.evaluation.frames import Row
from optiwright.evaluation.statistics import wilson

MAIN = ("strict", "optibench", "optibench-objective")
"""The scorers that progress and summaries name."""


@dataclass
class Count:
    """Right answers of those that a scorer had a say on."""

    right: int = 0
    total: int = 0

    def add(self, verdict: bool | None) -> None:
        """Count one verdict."""
        if verdict is not None:
            self.right += verdict
            self.total += 1

    def __str__(self) -> str:
        if not self.total:
            return "-"
        low, high = wilson(self.right, self.total)
        share = 100 * self.right / self.total
        return f"{self.right} of {self.total}, {share:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


@dataclass
class Tally:
    """What has come in so far.

    Args:
        total: how many records the run will have.
        price: of its tokens, if the user has named one.
    """

    total: int
    price: Price | None = None
    done: int = 0
    before: int = 0
    """Of those done, what an earlier run had made."""
    scores: dict[str, Count] = field(default_factory=dict)
    kinds: dict[str, Count] = field(default_factory=dict)
    """By benchmark's type, strictly."""
    tokens: int = 0
    cost: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def add(self, row: Row, before: bool) -> None:
        """Count one record."""
        self.done += 1
        self.before += before
        self.tokens += row.prompt_tokens + row.completion_tokens
        self.cost += self.price.of(row) if self.price is not None else 0.0
        for scorer, verdict in row.scores.items():
            self.scores.setdefault(scorer, Count()).add(verdict)
        verdict = row.right("strict")
        if verdict is None:
            verdict = row.right("optibench")
        self.kinds.setdefault(row.kind, Count()).add(verdict)

    @property
    def seconds_each(self) -> float | None:
        """Seconds a problem so far, side by side ones counted once; None before there is one."""
        fresh = self.done - self.before
        return (time.monotonic() - self.started) / fresh if fresh else None

    def line(self) -> str:
        """Return where the run stands, in a line."""
        parts = [f"{self.done} of {self.total}"]
        parts += [f"{name} {self.scores[name]}" for name in MAIN if self._said(name)]
        parts.append(self.spent)
        pace = self.seconds_each
        if pace is not None and self.done < self.total:
            left = shown_time(pace * (self.total - self.done))
            parts.append(f"{shown_time(pace)} a problem, {left} left")
        return "; ".join(parts)

    @property
    def spent(self) -> str:
        """Tokens, and what they cost where a price is known."""
        money = f", cost {shown_money(self.cost)}" if self.price is not None else ""
        return f"{self.tokens:,} tokens{money}"

    def by_kind(self) -> str:
        """Return the types with their counts, in a line."""
        ordered = sorted(self.kinds.items())
        return ", ".join(f"{kind} {count.right}/{count.total}" for kind, count in ordered)

    def _said(self, scorer: str) -> bool:
        return scorer in self.scores and self.scores[scorer].total > 0


def tally_of(rows: Iterable[Row], price: Price | None = None) -> Tally:
    """Return the figures of rows that are all there."""
    tally = Tally(0, price)
    for row in rows:
        tally.add(row, before=True)
    return tally


def shown_time(seconds: float) -> str:
    """Return `2 h 05 min`, `3 min` or `40 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
