"""The trace of a search: the best value after so many evaluations, and where methods took over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from optiwright.agent.picture_parts import EDGE, TOP, WIDTH, Picture
from optiwright.agent.result import SearchAnswer
from optiwright.agent.svg import (
    cut,
    document,
    inside,
    marks_across,
    text,
    tick_labels,
    ticks,
    titled,
    width_of,
)
from optiwright.formulators.figures import number, short
from optiwright.formulators.model import Sense
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.search_outcome import SearchOutcome, TracePoint

_HEIGHT = 220
_RIGHT = 16.0
_FAR = 0.1
"""A first value is beyond the picture where the next is this much nearer to the last, or more."""
_NOTHING = 1e-3
"""Relative to the last value, what is no difference worth a look."""


def trace_picture(search: SearchAnswer) -> Picture | None:
    """Return the best value by evaluation; None where there was no more than one."""
    outcome = search.outcome
    if len(outcome.trace) < 2:
        return None
    best = "least" if search.black_box.sense is Sense.MINIMIZE else "greatest"
    title = f"The {best} value so far, by evaluation"
    first, last = outcome.trace[0], outcome.trace[-1]
    methods = ", then ".join(dict.fromkeys(s.optimizer for s in outcome.stages))
    by = f" By {methods}." if methods else ""
    alt = (
        f"Trace of the search: {number(first.value)} after "
        f"{counted(first.evaluation, 'evaluation')}, {number(last.value)} after "
        f"{last.evaluation:,}, of {_asked(outcome):,} in all.{by}"
    )
    return Picture(kind="trace", title=title, svg=_drawn(title, outcome), alt=alt)


def _asked(outcome: SearchOutcome) -> int:
    """Return how many evaluations there were, those known from an earlier search included."""
    return max(outcome.evaluations + outcome.cached, outcome.trace[-1].evaluation)


def _drawn(title: str, outcome: SearchOutcome) -> str:
    low, high = _span(outcome.trace)
    scale = max(abs(low), abs(high)) or 1.0
    top, bottom = TOP + 40.0, TOP + 40.0 + _HEIGHT
    levels = ticks(low, high)
    labels = tick_labels(levels)
    left = max(40.0, 14 + max(map(width_of, labels), default=0.0))
    right = WIDTH - _RIGHT
    count = _asked(outcome)

    def x(evaluation: float) -> float:
        return left + (right - left) * evaluation / count

    def y(value: float) -> float:
        share = (min(max(value, low), high) / scale - low / scale) / (high / scale - low / scale)
        return bottom - _HEIGHT * share

    parts = []
    for level, label in zip(levels, labels, strict=True):
        parts.append(f'<path d="M{left:.1f} {y(level):.1f}H{right}" stroke="var(--line)"/>')
        parts.append(text(left - 8, y(level) + 4, label, "end"))
    for mark in marks_across((0.0, float(count)), left, right, WIDTH):
        parts.append(f'<path d="M{mark.x:.1f} {bottom}v5" stroke="var(--ink)"/>')
        parts.append(text(mark.middle, bottom + 20, mark.label, "middle"))
    parts += _stages(outcome, x, top, bottom)
    path = f"M{x(outcome.trace[0].evaluation):.1f} {y(outcome.trace[0].value):.1f}"
    path += "".join(f"H{x(p.evaluation):.1f}V{y(p.value):.1f}" for p in outcome.trace[1:])
    parts.append(f'<path d="{path}H{right}" fill="none" stroke="var(--main)" stroke-width="2"/>')
    for point in outcome.trace:
        dot = f'circle cx="{x(point.evaluation):.1f}" cy="{y(point.value):.1f}" r="3"'
        words = f"after {counted(point.evaluation, 'evaluation')}: {number(point.value)}"
        parts.append(titled(f'{dot} fill="var(--main)"', words))
    out = [p.value for p in outcome.trace if not low <= p.value <= high]
    note = f"; it began at {short(out[0])}, beyond the picture" if out else ""
    parts.append(text(EDGE, TOP + 6, cut(f"best value{note}", WIDTH - 2 * EDGE)))
    parts.append(text((left + right) / 2, bottom + 40, "evaluations", "middle"))
    return document(title, WIDTH, round(bottom + 52), parts)


def _span(trace: Sequence[TracePoint]) -> tuple[float, float]:
    """Return the values in view: first ones that lie far beyond all others are left out."""
    values = [point.value for point in trace]
    last = values[-1]
    while len(values) > 4:
        far, next_far = abs(values[0] - last), abs(values[1] - last)
        if next_far > _FAR * far or next_far <= _NOTHING * abs(last):
            break
        values = values[1:]
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 0.05 * abs(low) or 1.0
    return low - room, high + room


def _stages(
    outcome: SearchOutcome, x: Callable[[float], float], top: float, bottom: float
) -> list[str]:
    """Return a line where another method took over, with its name where there is room."""
    if len(outcome.stages) < 2:
        return []
    # What was asked before the first method, to get to know the function, belongs to none.
    within = sum(stage.evaluations for stage in outcome.stages)
    first = max(0, _asked(outcome) - len(outcome.repeats) - within)
    ends = accumulate((stage.evaluations for stage in outcome.stages), initial=first)
    parts = []
    said_until = 0.0
    for stage, (start, end) in zip(outcome.stages, pairwise(ends), strict=True):
        at = x(min(start, _asked(outcome)))
        if stage is not outcome.stages[0]:
            line = f'path d="M{at:.1f} {top - 6}V{bottom:.1f}" stroke="var(--other)"'
            parts.append(titled(f'{line} stroke-dasharray="4 3"', f"{stage.optimizer} took over"))
        middle = inside((at + x(min(end, _asked(outcome)))) / 2, stage.optimizer, WIDTH)
        half = width_of(stage.optimizer) / 2
        if middle - half >= said_until:
            parts.append(text(middle, top - 4, stage.optimizer, "middle"))
            said_until = middle + half + 6
    return parts
