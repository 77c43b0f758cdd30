"""Plots as SVG that stands alone: lines, fronts and tornadoes, in light and dark, readable aloud.

Colours are variables that follow the reader's light or dark; every point and bar has a `<title>`
with its figures, and the whole has `role="img"` and a title of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from optiwright.formulators.figures import amount, short

_WIDTH, _HEIGHT = 560, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 18, 46, 52
_ROW = 44
_EDGE = 24
_LONGEST = 38
_STYLE = (
    ".ow{--ink:#1f2328;--line:#d0d7de;--main:#0b62c4;--other:#c2570c;"
    "font:13px system-ui,sans-serif;fill:var(--ink)}"
    "@media(prefers-color-scheme:dark){.ow{--ink:#e6edf3;--line:#454c56;--main:#6cb0ff;"
    "--other:#ff9d5c}}"
)


@dataclass(frozen=True)
class Axis:
    """What an axis shows, and its unit."""

    label: str
    unit: str = ""

    @property
    def title(self) -> str:
        """Label and unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

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


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers within [low, high], about as many as wanted."""
    if not high > low:
        return [low]
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def line_chart(
    title: str, across: Axis, up: Axis, dots: Sequence[Dot], *, joined: bool = True
) -> str:
    """Return points in a plane, joined where they are neighbours if wanted.

    A dot without a height is a cross at the bottom; a marked one is a ring in the second colour.
    """
    heights = [dot.y for dot in dots if dot.y is not None]
    plane = _Plane(_span([dot.x for dot in dots]), _span(heights))
    parts = [*plane.axes(across, up)]
    if joined:
        parts.append(_path(plane, dots))
    parts += [_dot(plane, dot, across, up) for dot in dots]
    if legend := _legend(dots):
        parts.append(_text(_WIDTH - _RIGHT, _TOP - 10, legend, "end"))
    return _svg(title, _WIDTH, _HEIGHT, parts)


def tornado_chart(title: str, base: float, up: Axis, bars: Sequence[Bar]) -> str:
    """Return a row for each number: where the best value goes when it is less and when it is more.

    Both figures stand beside the row's label, so that nothing rests on the colours.
    """
    values = [v for bar in bars for v in (bar.low, bar.high) if v is not None]
    span = _span([base, *values])
    bottom = _TOP + _ROW * len(bars)
    parts = []
    for tick in ticks(*span):
        x = _across(tick, span)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="var(--line)"/>')
        parts.append(_text(x, bottom + 18, short(tick), "middle"))
    for row, bar in enumerate(bars):
        parts += _row(bar, _TOP + row * _ROW, base, span)
    x = _across(base, span)
    parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="var(--ink)" stroke-width="1.5"/>')
    parts.append(_text(_WIDTH / 2, bottom + 40, up.title, "middle"))
    return _svg(title, _WIDTH, bottom + 52, parts)


def _row(bar: Bar, top: float, base: float, span: tuple[float, float]) -> list[str]:
    parts = [_text(_EDGE, top + 16, _cut(bar.label))]
    for value, words, colour in (
        (bar.low, bar.low_words, "other"),
        (bar.high, bar.high_words, "main"),
    ):
        if value is None:
            continue
        start, stop = sorted((_across(base, span), _across(value, span)))
        said = f"<title>{escape(f'{bar.label}, {words}')}</title>"
        parts.append(
            f'<rect x="{start:.1f}" y="{top + 22}" width="{max(1.0, stop - start):.1f}" '
            f'height="14" fill="var(--{colour})">{said}</rect>'
        )
    figures = f"{bar.low_words}; {bar.high_words}"
    parts.append(_text(_WIDTH - _EDGE, top + 16, figures, "end"))
    return parts


class _Plane:
    """Maps values to places."""

    def __init__(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        self.x_span, self.y_span = across, up

    def x(self, value: float) -> float:
        low, high = self.x_span
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        low, high = self.y_span
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)

    def axes(self, across: Axis, up: Axis) -> list[str]:
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        parts = []
        for tick in ticks(*self.y_span):
            y = self.y(tick)
            parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="var(--line)"/>')
            parts.append(_text(_LEFT - 8, y + 4, short(tick), "end"))
        for tick in ticks(*self.x_span):
            x = self.x(tick)
            parts.append(f'<path d="M{x:.1f} {bottom}v5" stroke="var(--ink)"/>')
            parts.append(_text(x, bottom + 20, short(tick), "middle"))
        parts.append(f'<path d="M{_LEFT} {bottom}H{right}" stroke="var(--ink)"/>')
        parts.append(_text((_LEFT + right) / 2, _HEIGHT - 10, across.title, "middle"))
        parts.append(_text(8, _TOP - 10, up.title))
        return parts


def _legend(dots: Sequence[Dot]) -> str:
    """Return what rings and crosses stand for, where there are any."""
    rings = ["\u25cb the plan switches"] if any(d.marked and d.y is not None for d in dots) else []
    crosses = ["\u00d7 no solution"] if any(d.y is None for d in dots) else []
    return "   ".join([*rings, *crosses])


def _path(plane: _Plane, dots: Sequence[Dot]) -> str:
    """Return a line through the dots, broken where there is no solution."""
    steps, pen_down = [], False
    for dot in dots:
        if dot.y is not None:
            steps.append(f"{'L' if pen_down else 'M'}{plane.x(dot.x):.1f} {plane.y(dot.y):.1f}")
        pen_down = dot.y is not None
    return f'<path d="{"".join(steps)}" fill="none" stroke="var(--main)" stroke-width="2"/>'


def _dot(plane: _Plane, dot: Dot, across: Axis, up: Axis) -> str:
    x = plane.x(dot.x)
    value = "no solution" if dot.y is None else f"{up.label} {up.at(dot.y)}"
    words = f"{across.label} {across.at(dot.x)}: {value}" + (f"; {dot.words}" if dot.words else "")
    said = f"<title>{escape(words)}</title>"
    if dot.y is None:
        y = _HEIGHT - _BOTTOM - 9
        cross = f"M{x - 4:.1f} {y - 4}l8 8m0 -8l-8 8"
        return f'<path d="{cross}" stroke="var(--other)" stroke-width="2">{said}</path>'
    ring = ' fill="none" stroke="var(--other)" stroke-width="2.5" r="6"'
    full = ' fill="var(--main)" r="4"'
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


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 2]} …"


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    heading = f'<text x="8" y="20" font-weight="600">{escape(title)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ow" role="img" '
        f'aria-label="{escape(title)}" viewBox="0 0 {width} {height}" width="{width}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{heading}{''.join(parts)}</svg>"
    )
