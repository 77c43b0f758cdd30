"""How far verifying is: a line on standard error where there is a terminal, counts at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Self

from rich.console import Console
from rich.markup import escape

from optiwright.evaluation.tally import shown_time
from optiwright.formulators.phrases import counted
from optiwright.training.row_verdicts import Reason, RowVerdict

_TOLD_EVERY = 500
_EXAMPLES = 3
"""Rows that are named of each reason."""


class VerifyBar:
    """Counts verdicts and shows where the run stands; a context manager."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("reading the rows")  # shown on a terminal alone
        self._reasons = Counter[Reason]()
        self._examples: dict[Reason, list[RowVerdict]] = {}
        self._before = 0
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def add(self, verdict: RowVerdict, before: bool, total: int) -> None:
        """Count one verdict; those of an earlier run are not part of the rate."""
        self._reasons[verdict.reason] += 1
        self._before += before
        examples = self._examples.setdefault(verdict.reason, [])
        if not verdict.kept and len(examples) < _EXAMPLES:
            examples.append(verdict)
        done = self._reasons.total()
        line = escape(self._line(done, total))
        self._status.update(line)
        if not self._console.is_terminal and done % _TOLD_EVERY == 0 and not before:
            self._console.print(line, soft_wrap=True)

    def _line(self, done: int, total: int) -> str:
        kept = self._reasons[Reason.AGREED]
        fresh = done - self._before
        rate = fresh / max(time.monotonic() - self._started, 1e-9)
        left = (total - done) / rate if fresh else 0.0
        ahead = f", {rate:.1f} rows/s, {shown_time(left)} to go" if fresh else ""
        return f"{done:,} of {counted(total, 'row')}, {kept:,} kept{ahead}"

    def summary(self) -> Iterator[str]:
        """Yield the counts by reason, with examples of what was dropped."""
        yield f"{self._reasons.total():,} rows, {self._reasons[Reason.AGREED]:,} kept"
        for reason, count in self._reasons.most_common():
            if reason is not Reason.AGREED:
                yield f"  {reason}: {count:,}"
                yield from (f"    {v.row}  {v.detail}" for v in self._examples[reason])
