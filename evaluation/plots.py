"""Plots as inline SVG, so that a report is one file: bars with intervals, flows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from optiwright.evaluation.measures import Share

_LEFT, _WIDTH, _ROW = 190, 420, 26
_BLUE, _GREY, _RED, _INK = "#3b6ea5", "#c9d3de", "#b5483a", "#222"


def interval_bars(title: str, bars: Sequence[tuple[str, Share]]) -> str:
    """Return shares from 0 to 100% as bars, each with its 95% interval as a whisker."""
    rows = []
    for place, (name, share) in enumerate(bars):
        top = 12 + place * _ROW
        middle = top + _ROW / 2 - 4
        rows.append(_name(name, middle))
        if share.total:
            low, high = (_across(v) for v in share.interval)
            rows.append(_bar(_LEFT, top, _across(share.percent) - _LEFT, _BLUE))
            rows.append(
                f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8'
                f'M{high:.1f} {middle - 4}v8" stroke="{_INK}" fill="none"/>'
            )
        rows.append(_text(_LEFT + _WIDTH + 8, middle, f"{share.right}/{share.total}"))
    return _figure(title, rows, len(bars), axis=True)


def amounts(title: str, bars: Sequence[tuple[str, float]], unit: str) -> str:
    """Return amounts from zero as bars, scaled to the largest."""
    largest = max((value for _, value in bars), default=0.0) or 1.0
    rows = []
    for place, (name, value) in enumerate(bars):
        top = 12 + place * _ROW
        middle = top + _ROW / 2 - 4
        rows.append(_name(name, middle))
        rows.append(_bar(_LEFT, top, _WIDTH * value / largest, _BLUE))
        rows.append(_text(_LEFT + _WIDTH + 8, middle, f"{value:,.0f} {unit}"))
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
        top = 12 + place * _ROW
        middle = top + _ROW / 2 - 4
        rows.append(_name(name, middle))
        rows.append(_bar(_LEFT, top, _WIDTH * count / most, _GREY))
        rows.append(_bar(_LEFT, top, _WIDTH * right / most, _BLUE))
        rows.append(_text(_LEFT + _WIDTH + 8, middle, f"{count}, {right} right"))
    return _figure(title, rows, len(stages))


def _across(percent: float) -> float:
    return _LEFT + _WIDTH * (0.0 if math.isnan(percent) else percent) / 100


def _name(name: str, middle: float) -> str:
    shown = name if len(name) <= 30 else f"{name[:29]}…"
    return (
        f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(shown)}'
        f"<title>{escape(name)}</title></text>"
    )


def _text(x: float, middle: float, text: str) -> str:
    return f'<text x="{x}" y="{middle + 4}">{escape(text)}</text>'


def _bar(x: float, top: float, width: float, colour: str) -> str:
    return f'<rect x="{x}" y="{top}" width="{max(0.0, width):.1f}" height="18" fill="{colour}"/>'


def _figure(title: str, rows: list[str], count: int, *, axis: bool = False) -> str:
    bottom = 14 + count * _ROW
    marks = []
    for percent in range(0, 101, 25) if axis else ():
        x = _across(percent)
        marks.append(f'<path d="M{x} 8V{bottom}" stroke="#ddd"/>')
        marks.append(f'<text x="{x}" y="{bottom + 14}" text-anchor="middle">{percent}%</text>')
    height = bottom + (22 if axis else 6)
    drawing = "".join(marks + rows)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 760 {height}" '
        f'width="760" font-family="sans-serif" font-size="12">{drawing}</svg></figure>'
    )
