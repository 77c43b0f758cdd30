"""Plots as inline SVG, so that a report is one file: bars with intervals, flows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from optiwright.evaluation.measures import Share

_LEFT, _WIDTH, _ROW = 18, 420, 40
_LONGEST = 52
"""Characters of a label beside its figure, in the width of the bars."""


def interval_bars(title: str, bars: Sequence[tuple[str, Share]]) -> str:
    """Return shares from 0 to 100% as bars, each with its 95% interval as a whisker."""
    rows = []
    for place, (name, share) in enumerate(bars):
        top = place * _ROW
        rows.append(_label(name, f"{share.right}/{share.total}", top))
        if share.total:
            low, high = (_across(v) for v in share.interval)
            middle = top + 28
            rows.append(_bar(top, _across(share.percent) - _LEFT, "bar"))
            rows.append(
                f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8'
                f'M{high:.1f} {middle - 4}v8" stroke="var(--ink)" stroke-width="1.5" fill="none"/>'
            )
    return _figure(title, rows, len(bars), axis=True)


def amounts(title: str, bars: Sequence[tuple[str, float]], unit: str) -> str:
    """Return amounts from zero as bars, scaled to the largest."""
    largest = max((value for _, value in bars), default=0.0) or 1.0
    rows = []
    for place, (name, value) in enumerate(bars):
        shown = f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.2g}"
        rows.append(_label(name, f"{shown} {unit}", place * _ROW))
        rows.append(_bar(place * _ROW, _WIDTH * value / largest, "bar"))
    return _figure(title, rows, len(bars))


def flow(title: str, stages: Sequence[tuple[str, int, int]]) -> str:
    """Return how many problems come as far as each stage, and how many of those end up right.

    Args:
        title: above the plot.
        stages: name, problems that came there, problems among them that are right.
    """
    most = max((count for _, count, _ in stages), default=0) or 1
    rows = []
    for place, (name, count, right) in enumerate(stages):
        rows.append(_label(name, f"{count}, {right} right", place * _ROW))
        rows.append(_bar(place * _ROW, _WIDTH * count / most, "rest"))
        rows.append(_bar(place * _ROW, _WIDTH * right / most, "bar"))
    return _figure(title, rows, len(stages))


def _across(percent: float) -> float:
    return _LEFT + _WIDTH * (0.0 if math.isnan(percent) else percent) / 100


def _label(name: str, figure: str, top: float) -> str:
    """Return the line above a bar: what it is on the left, its figure on the right."""
    half = _LONGEST // 2 - 1
    shown = name if len(name) <= _LONGEST else f"{name[:half]} … {name[-half:]}"
    return (
        f'<text x="{_LEFT}" y="{top + 16}">{escape(shown)}<title>{escape(name)}</title></text>'
        f'<text x="{_LEFT + _WIDTH}" y="{top + 16}" text-anchor="end">{escape(figure)}</text>'
    )


def _bar(top: float, width: float, colour: str) -> str:
    """Return a bar in a colour of the page: light or dark as the reader has it."""
    return (
        f'<rect x="{_LEFT}" y="{top + 21}" width="{max(0.0, width):.1f}" height="14" '
        f'fill="var(--{colour})"/>'
    )


def _figure(title: str, rows: list[str], count: int, *, axis: bool = False) -> str:
    bottom = count * _ROW
    marks = []
    for percent in range(0, 101, 25) if axis else ():
        x = _across(percent)
        lines = "".join(f"M{x} {place * _ROW + 20}v17" for place in range(count))
        marks.append(f'<path d="{lines}" stroke="var(--line)"/>')
        marks.append(f'<text x="{x}" y="{bottom + 14}" text-anchor="middle">{percent}%</text>')
    width, height = _WIDTH + 2 * _LEFT, bottom + (22 if axis else 4)
    drawing = "".join(marks + rows)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" font-family="sans-serif" font-size="13" fill="var(--ink)">'
        f"{drawing}</svg></figure>"
    )
