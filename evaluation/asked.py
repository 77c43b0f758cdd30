"""How well a run asked, on texts that leave something open and on clear ones: benchmark `clarify`.

A problem's kind says what its text leaves open, as `open: integrality`, or that it is `clear`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from optiwright.agent.options import Options
from optiwright.evaluation.frames import Row
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.statistics import wilson
from optiwright.formulators.questions import Question

CLARIFY = "clarify"
"""The benchmark's name."""
_OPEN = "open: "


def with_a_user(options: Options, problem: Problem) -> Options:
    """Return a run's options with somebody to ask where that is what is measured."""
    return replace(options, ask=_shrug) if problem.benchmark == CLARIFY else options


def _shrug(questions: tuple[Question, ...]) -> None:
    """Take the best guesses; what was asked is in the record."""


def asked_figures(rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Yield what is counted of a run, and the count with Wilson's interval at 95%; maybe nothing.

    Args:
        rows: of a run; those of other benchmarks are left out.
    """
    ours = [row for row in rows if row.benchmark == CLARIFY]
    if not ours:
        return
    open_, clear = ([r for r in ours if r.kind.startswith(_OPEN) is o] for o in (True, False))
    asked = [row for row in open_ if row.asked]
    yield "asked where something is open", _share(len(asked), len(open_))
    right = sum(row.kind.removeprefix(_OPEN) in row.asked.split("; ") for row in asked)
    yield "of these, what is open was asked", _share(right, len(asked))
    yield "silent where nothing is open", _share(sum(not r.asked for r in clear), len(clear))
    for kind in dict.fromkeys(row.kind for row in open_):
        same = [row for row in open_ if row.kind == kind]
        hits = sum(kind.removeprefix(_OPEN) in row.asked.split("; ") for row in same)
        yield f"asked: {kind.removeprefix(_OPEN)}", _share(hits, len(same))


def _share(right: int, total: int) -> str:
    low, high = wilson(right, total)
    return f"{right} of {total} ({100 * low:.0f}% to {100 * high:.0f}%)"
