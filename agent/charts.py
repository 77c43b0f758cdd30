"""Plots as SVG that stands alone: lines, fronts and tornadoes, in light and dark, readable aloud.

Every point and bar has a `<title>` with its figures, and the whole has `role="img"` and a title of
its own. Words that have no room are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.agent.svg import (
    cut,
    document,
    inside,
    marks_across,
    text,
    tick_labels,
    ticks,
    width_of,
    written,
)
from optiwright.formulators.figures import amount

_WIDTH, _HEIGHT = 560, 340
_RIGHT, _TOP, _BOTTOM = 18, 46, 52
_LEAST_LEFT = 48
_ROW = 44
_EDGE = 24
_MANY = 60
"""Points from which they are drawn smaller."""


@dataclass(frozen=True)
class Axis:
    """What an axis shows, and its unit."""

    label: str
    unit: str = ""

    def title(self, room: float) -> str:
        """Return label and unit in a room in pixels; the label is cut first."""
        if not self.unit:
            return cut(self.label, room)
        unit = f" ({self.unit})"
        return cut(cut(self.label, max(room / 2, room - width_of(unit))) + unit, room)

    def at(self, value: float) -> str:
        """Return a value with the unit."""
        return amount(value, self.unit)


@dataclass(frozen=True)
class Dot:
    """A point of a plot; without a height it is a place where there is no solution."""

    x: float
    y: float | None
    words: str = ""
    """Shown with its figures."""
    marked: bool = False


@dataclass(frozen=True)
class Bar:
    """What one number does when it is less and when it is more; None is no solution."""

    label: str
    low: float | None
    high: float | None
    low_words: str
    high_words: str


def line_chart(
    title: str, across: Axis, up: Axis, dots: Sequence[Dot], *, joined: bool = True
) -> str:
    """Return points in a plane, joined where they are neighbours if wanted.

    A dot without a height is a cross at the bottom; a marked one is a ring in the second colour.
    """
    plane = _Plane([dot.x for dot in dots], [dot.y for dot in dots if dot.y is not None])
    legend = _legend(dots)
    parts = plane.axes(across, up, _WIDTH - _RIGHT - 8 - width_of(legend))
    if joined:
        parts.append(_path(plane, dots))
    small = len(dots) > _MANY
    parts += [_dot(plane, dot, across, up, small=small) for dot in dots]
    if legend:
        parts.append(text(_WIDTH - _RIGHT, _TOP - 10, legend, "end"))
    return document(title, _WIDTH, _HEIGHT, parts)


def tornado_chart(title: str, base: float, up: Axis, bars: Sequence[Bar]) -> str:
    """Return a row for each number: where the best value goes when it is less and when it is more.

    Both figures stand beside the row's label, so that nothing rests on the colours.
    """
    if not bars:
        said = text(_EDGE, _TOP + 16, f"None of them moves it: it stays {up.at(base)}.")
        return document(title, _WIDTH, _TOP + _ROW, [said])
    values = [v for bar in bars for v in (bar.low, bar.high) if v is not None]
    span = _span([base, *values])
    marks = marks_across(span, _EDGE, _WIDTH - _EDGE, _WIDTH)
    bottom = _TOP + _ROW * len(bars)
    parts = []
    for row, bar in enumerate(bars):
        top = _TOP + row * _ROW
        parts += [_upright(mark.x, top, "line", 1) for mark in marks]
        parts += _row(bar, top, base, span)
        parts.append(_upright(_across(base, span), top, "ink", 1.5))
    parts += [text(mark.middle, bottom + 18, mark.label, "middle") for mark in marks]
    parts.append(text(_WIDTH / 2, bottom + 40, up.title(_WIDTH - 16), "middle"))
    return document(title, _WIDTH, bottom + 52, parts)


def _upright(x: float, top: float, colour: str, width: float) -> str:
    """Return a line behind or before a row's bars, which leaves its words alone."""
    path = f"M{x:.1f} {top + 20}v18"
    return f'<path d="{path}" stroke="var(--{colour})" stroke-width="{width}"/>'


def _row(bar: Bar, top: float, base: float, span: tuple[float, float]) -> list[str]:
    figures = f"{bar.low_words}; {bar.high_words}"
    room = _WIDTH - 2 * _EDGE - width_of(figures) - 8
    parts = [text(_EDGE, top + 16, cut(bar.label, room))]
    for value, words, colour in (
        (bar.low, bar.low_words, "other"),
        (bar.high, bar.high_words, "main"),
    ):
        if value is None:
            continue
        start, stop = sorted((_across(base, span), _across(value, span)))
        said = f"<title>{written(f'{bar.label}, {words}')}</title>"
        parts.append(
            f'<rect x="{start:.1f}" y="{top + 22}" width="{max(1.0, stop - start):.1f}" '
            f'height="14" fill="var(--{colour})">{said}</rect>'
        )
    parts.append(text(_WIDTH - _EDGE, top + 16, figures, "end"))
    return parts


class _Plane:
    """Maps values to places; the labels of the heights decide where it begins."""

    def __init__(self, across: Sequence[float], heights: Sequence[float]) -> None:
        self.x_span, self.y_span = _span(across), _span(heights)
        places = ticks(*self.y_span) if heights else []
        self.levels = list(zip(places, tick_labels(places), strict=True))
        widest = max((width_of(label) for _, label in self.levels), default=0.0)
        self.left = max(_LEAST_LEFT, 14 + widest)

    def x(self, value: float) -> float:
        low, high = self.x_span
        return self.left + (_WIDTH - self.left - _RIGHT) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        low, high = self.y_span
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)

    def axes(self, across: Axis, up: Axis, room: float) -> list[str]:
        """Return both axes; above the upright one there is so much room for its title."""
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        parts = []
        for tick, label in self.levels:
            y = self.y(tick)
            parts.append(f'<path d="M{self.left:.1f} {y:.1f}H{right}" stroke="var(--line)"/>')
            parts.append(text(self.left - 8, y + 4, label, "end"))
        for mark in marks_across(self.x_span, self.left, right, _WIDTH):
            parts.append(f'<path d="M{mark.x:.1f} {bottom}v5" stroke="var(--ink)"/>')
            parts.append(text(mark.middle, bottom + 20, mark.label, "middle"))
        parts.append(f'<path d="M{self.left:.1f} {bottom}H{right}" stroke="var(--ink)"/>')
        title = across.title(_WIDTH - 16)
        middle = inside((self.left + right) / 2, title, _WIDTH)
        parts.append(text(middle, _HEIGHT - 10, title, "middle"))
        parts.append(text(8, _TOP - 10, up.title(room - 8)))
        return parts


def _legend(dots: Sequence[Dot]) -> str:
    """Return what rings and crosses stand for, where there are any."""
    rings = ["\u25cb the plan switches"] if any(d.marked and d.y is not None for d in dots) else []
    crosses = ["\u00d7 no solution"] if any(d.y is None for d in dots) else []
    return ", ".join([*rings, *crosses])


def _path(plane: _Plane, dots: Sequence[Dot]) -> str:
    """Return a line through the dots, broken where there is no solution."""
    steps, pen_down = [], False
    for dot in dots:
        if dot.y is not None:
            steps.append(f"{'L' if pen_down else 'M'}{plane.x(dot.x):.1f} {plane.y(dot.y):.1f}")
        pen_down = dot.y is not None
    return f'<path d="{"".join(steps)}" fill="none" stroke="var(--main)" stroke-width="2"/>'


def _dot(plane: _Plane, dot: Dot, across: Axis, up: Axis, *, small: bool) -> str:
    x = plane.x(dot.x)
    value = "no solution" if dot.y is None else f"{up.label} {up.at(dot.y)}"
    words = f"{across.label} {across.at(dot.x)}: {value}" + (f"; {dot.words}" if dot.words else "")
    said = f"<title>{written(words)}</title>"
    if dot.y is None:
        y = _HEIGHT - _BOTTOM - 9
        cross = f"M{x - 4:.1f} {y - 4}l8 8m0 -8l-8 8"
        return f'<path d="{cross}" stroke="var(--other)" stroke-width="2">{said}</path>'
    ring = f' fill="none" stroke="var(--other)" stroke-width="2.5" r="{4 if small else 6}"'
    full = f' fill="var(--main)" r="{2 if small else 4}"'
    shape = f'cx="{x:.1f}" cy="{plane.y(dot.y):.1f}"'
    return f"<circle {shape}{ring if dot.marked else full}>{said}</circle>"


def _across(value: float, span: tuple[float, float]) -> float:
    return _EDGE + (_WIDTH - 2 * _EDGE) * (value - span[0]) / (span[1] - span[0])


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Return a range that holds all values with a little room; never empty."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 0.05 * abs(low) or 1.0
    return low - room, high + room
