"""How many plans hold and how many are shortest, by task, as LLMFP counts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optiwright.evaluation.frames import Row
from optiwright.evaluation.measures import Share, grouped, main_verdict, share

PLANNING = "planning"
"""The benchmark's name, and how the names of its tasks begin."""
HEAD = ("task", "a plan that holds", "optimal")


def plan_figures(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    """Yield a line a task, and the mean of the tasks where there are several; maybe nothing.

    A decision has no plan that could hold; optimal is the label's value, or its number of steps.

    Args:
        rows: of a run, a problem each; those of other benchmarks are left out.
    """
    tasks = grouped([r for r in rows if r.benchmark == PLANNING], lambda r: r.kind)
    optimal = {task: share(map(main_verdict, members)) for task, members in tasks.items()}
    held = {task: share(r.right("valid-plan") for r in members) for task, members in tasks.items()}
    for task in tasks:
        yield task, str(held[task]), str(optimal[task])
    if len(tasks) > 1:
        yield f"mean of {len(tasks)} tasks", _mean(held), _mean(optimal)


def _mean(shares: dict[str, Share]) -> str:
    percents = [s.percent for s in shares.values() if s.total]
    return f"{sum(percents) / len(percents):.1f}%" if percents else "-"
