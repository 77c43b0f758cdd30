"""How the feasible region of two decisions is drawn: its area, edges, best point and key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optiwright.agent.picture_axes import Axes
from optiwright.agent.picture_parts import EDGE, WIDTH, Decided, few_told
from optiwright.agent.picture_plane import (
    FINE,
    Box,
    Limit,
    Point,
    Segment,
    all_hold,
    corners_of,
    feasible_polygon,
    level_segments,
    line_in,
    sampled,
    values,
)
from optiwright.agent.sensitivity import objective_unit
from optiwright.agent.svg import cut, document, text, titled, width_of
from optiwright.agent.told_point import plain
from optiwright.formulators.figures import amount
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.batches import scalars
from optiwright.solver_tools.program import Kind, Program, Scalar

_MOST_DOTS = 700
_MOST_KEYS = 8
_ALONG = (0.5, 0.3, 0.7, 0.15, 0.85, 0.4, 0.6)


@dataclass(frozen=True)
class Region:
    """Everything that one region is drawn from."""

    formulation: Formulation
    program: Program
    decided: tuple[Decided, ...]
    best: Point
    limits: list[Limit]
    linear: bool
    box: Box

    @property
    def title(self) -> str:
        return "What the limits allow, and the best of it"

    @property
    def whole(self) -> bool:
        """Whether both decisions are whole numbers."""
        return bool((self.program.kind == Kind.INTEGER).all())

    def svg(self) -> str:
        axes = Axes(self.box, *self.decided)
        parts = [*axes.parts, *self._allowed(axes), *map(axes.dot, self._dotted)]
        keys: list[str] = []
        marks: list[tuple[float, float]] = [axes.at(self.best)]
        shown, left_out = self._shown()
        for limit, segments in shown:
            parts.append(axes.curve(segments, "ink", 1.4, label=limit.name or limit.words))
            if limit.name:
                keys.append(limit.name + (f": {limit.words}" if limit.words else ""))
                parts += _numbered(axes, segments, len(keys), marks)
        level = self._level()
        if level:
            parts.append(axes.curve(level, "other", 2.0, dash="7 4", label=self._value_words()))
        x, y = marks[0]
        dot = f'circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="var(--other)" stroke="var(--paper)"'
        parts.append(titled(dot, f"The best: {self._best_words()}"))
        key = self._key(axes.bottom + 64, level)
        for number, words in enumerate(keys, 1):
            key.line(_badge(EDGE + 10, key.y, number), words)
        if left_out:
            key.line("", f"{left_out} more limits are not drawn")
        return document(self.title, WIDTH, round(key.y), [*parts, *key.parts])

    def _key(self, y: float, level: Sequence[Segment]) -> _Key:
        """Return what the marks but the numbers stand for."""
        key = _Key(y)
        mark = f'<circle cx="{EDGE + 10}" cy="{y:.1f}" r="6" fill="var(--other)"/>'
        best = f"the best: {self._best_words()}"
        if width_of(best) <= _Key.room:
            key.line(mark, best)
        else:
            key.line(mark, f"the best: {self.decided[0].told_with_title}")
            key.line("", self.decided[1].told_with_title)
        if level:
            dash = ' stroke-dasharray="7 4"' if len(level) < 3 else ""
            line = f"M{EDGE} {key.y:.1f}h22"
            shape = f'<path d="{line}" stroke="var(--other)" stroke-width="2"{dash}/>'
            key.line(shape, self._value_words())
        if self._dotted:
            shape = f'<circle cx="{EDGE + 10}" cy="{key.y:.1f}" r="1.8" fill="var(--main)"/>'
            key.line(shape, "whole numbers that the limits allow")
        return key

    def _allowed(self, axes: Axes) -> list[str]:
        words = "What the limits allow"
        if self.linear:
            polygon = feasible_polygon(self.limits, self.box)
            return [axes.area(polygon, words)] if len(polygon) > 1 else []
        inside = sampled(self.limits, self.box)
        return axes.cells(inside, FINE, words)

    @cached_property
    def _dotted(self) -> list[Point]:
        """The whole numbers that the limits allow, where only those count and they are few."""
        box = self.box
        if not self.whole:
            return []
        low, high = (math.ceil(box.left), math.ceil(box.bottom)), (box.right, box.top)
        across, up = (np.arange(a, math.floor(b) + 1.0) for a, b in zip(low, high, strict=True))
        if not 0 < len(across) * len(up) <= 4 * _MOST_DOTS:
            return []
        x, y = np.meshgrid(across, up)
        holding = all_hold(self.limits, x, y) > 0
        points = list(zip(x[holding].tolist(), y[holding].tolist(), strict=True))
        return points if len(points) <= _MOST_DOTS else []

    def _shown(self) -> tuple[list[tuple[Limit, list[Segment]]], int]:
        """Return the limits that are drawn with their edges, those at the best point first."""
        found = [(limit, self._edges(limit)) for limit in self.limits]
        seen = [(limit, segments) for limit, segments in found if segments]
        seen.sort(key=lambda pair: (not pair[0].name, not pair[0].tight(self.best)))
        named = [pair for pair in seen if pair[0].name]
        axes = [pair for pair in seen if not pair[0].name]
        return named[:_MOST_KEYS] + axes, max(0, len(named) - _MOST_KEYS)

    def _edges(self, limit: Limit) -> list[Segment]:
        if not limit.linear:
            return [s for end in limit.ends for s in level_segments(limit.function, end, self.box)]
        ends = [end - limit.function.constant for end in limit.ends]
        lines = [line_in(limit.slope, end, self.box) for end in ends]
        return [line for line in lines if line is not None]

    @property
    def _goal(self) -> Scalar | None:
        return scalars(self.program.objectives)[0] if self.formulation.objectives else None

    def _level(self) -> list[Segment]:
        """Return where the objective is as good as at the best point."""
        goal = self._goal
        if goal is None:
            return []
        value = float(values(goal, np.asarray(self.best[0]), np.asarray(self.best[1])))
        if not math.isfinite(value):
            return []
        limit = Limit("", "", goal, value, value)
        return self._edges(limit) if not limit.linear or any(limit.slope) else []

    def _value_words(self) -> str:
        goal, first = self._goal, self.formulation.leading
        if goal is None or first is None:
            return ""
        value = float(values(goal, np.asarray(self.best[0]), np.asarray(self.best[1])))
        what = plain(first.description) or "the objective"
        return f"as good as the best: {what} {amount(value, objective_unit(self.formulation))}"

    def _best_words(self) -> str:
        return ", ".join(d.told_with_title for d in self.decided)

    def alt(self) -> str:
        """Return the picture in words."""
        one, two = self.decided
        parts = [f"The feasible region of {one.title} across and {two.title} up."]
        corners = corners_of(self.limits) if self.linear and not self.whole else None
        if corners:
            told = [f"{one.told_bare(x)} and {two.told_bare(y)}" for x, y in _apart(corners)]
            parts.append(f"Its corners: {few_told(told)}.")
        parts.append(f"The best is {self._best_words()}; {self._value_words()}.")
        tight = [limit.name for limit in self.limits if limit.name and limit.tight(self.best)]
        if tight:
            parts.append(f"There these limits meet it: {few_told(tight)}.")
        return " ".join(parts)


def _apart(points: Sequence[Point]) -> list[Point]:
    """Return points each once, in the order of their places."""
    return sorted({(float(f"{x:.9g}") + 0.0, float(f"{y:.9g}") + 0.0) for x, y in points})


def _numbered(
    axes: Axes, segments: Sequence[Segment], number: int, marks: list[tuple[float, float]]
) -> list[str]:
    """Return a limit's number on its edge, where it lies on no other one."""
    longest = max(segments, key=lambda s: math.dist(axes.at(s[0]), axes.at(s[1])))
    pieces = [longest] if len(segments) <= 2 else list(segments)
    for t in _ALONG:
        one, other = pieces[int(t * (len(pieces) - 1))]
        share = t if len(pieces) == 1 else 0.5
        point = (one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]))
        x, y = axes.at(point)
        if all(math.dist((x, y), mark) > 22 for mark in marks):
            marks.append((x, y))
            return [_badge(x, y, number)]
    return []


def _badge(x: float, y: float, number: int) -> str:
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="var(--paper)" stroke="var(--ink)"/>'
    return circle + text(x, y + 4.5, str(number), "middle")


class _Key:
    """Lines that say what marks stand for."""

    room = WIDTH - 2 * EDGE - 30

    def __init__(self, y: float) -> None:
        self.y = y
        self.parts: list[str] = []

    def line(self, mark: str, words: str) -> None:
        """Add a line."""
        self.parts += [mark, text(EDGE + 30, self.y + 4.5, cut(words, self.room))]
        self.y += 22
