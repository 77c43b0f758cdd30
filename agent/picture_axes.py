"""Two axes with round numbers, and how points, areas and curves stand between them."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.picture_parts import EDGE, TOP, WIDTH, Decided
from optiwright.agent.picture_plane import Box, Point, Segment
from optiwright.agent.svg import (
    cut,
    inside,
    marks_across,
    text,
    tick_labels,
    ticks,
    titled,
    width_of,
)
from optiwright.solver_tools.program import Floats

_HEIGHT = 280
_RIGHT = 16


class Axes:
    """The plane of two decisions in a picture: the first goes across, the second up."""

    def __init__(self, box: Box, across: Decided, up: Decided) -> None:
        self.box = box
        places = ticks(box.bottom, box.top)
        levels = list(zip(places, tick_labels(places), strict=True))
        self.left = max(40.0, 14 + max((width_of(words) for _, words in levels), default=0.0))
        self.right = float(WIDTH - _RIGHT)
        self.top, self.bottom = TOP + 22.0, TOP + 22.0 + _HEIGHT
        self.parts = [text(EDGE, TOP + 8, cut(up.titled, WIDTH - 2 * EDGE))]
        for tick, words in levels:
            y = self.at((box.left, tick))[1]
            self.parts.append(
                f'<path d="M{self.left:.1f} {y:.1f}H{self.right}" stroke="var(--line)"/>'
            )
            self.parts.append(text(self.left - 8, y + 4, words, "end"))
        for mark in marks_across((box.left, box.right), self.left, self.right, WIDTH):
            line = f"M{mark.x:.1f} {self.top:.1f}V{self.bottom + 4:.1f}"
            self.parts.append(f'<path d="{line}" stroke="var(--line)"/>')
            self.parts.append(text(mark.middle, self.bottom + 20, mark.label, "middle"))
        title = cut(across.titled, WIDTH - 2 * EDGE)
        middle = inside((self.left + self.right) / 2, title, WIDTH)
        self.parts.append(text(middle, self.bottom + 40, title, "middle"))

    def at(self, point: Point) -> Point:
        """Return where a point is."""
        box = self.box
        x = (point[0] - box.left) / (box.right - box.left)
        y = (point[1] - box.bottom) / (box.top - box.bottom)
        return (
            self.left + x * (self.right - self.left),
            self.bottom - y * (self.bottom - self.top),
        )

    def area(self, polygon: Sequence[Point], words: str) -> str:
        """Return a polygon, shaded."""
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self.at, polygon))
        shape = f'path d="M{corners}Z" fill="var(--main)" fill-opacity="0.2"'
        line = ' stroke="var(--main)" stroke-width="5"' if len(polygon) < 3 else ""
        return titled(f"{shape}{line}", words)

    def cells(self, inside: Floats, count: int, words: str) -> list[str]:
        """Return the samples that are inside as shaded rows; shape (count, count)."""
        wide, high = (self.right - self.left) / (count - 1), (self.bottom - self.top) / (count - 1)
        paths = []
        for j, row in enumerate(inside.tolist()):
            y = self.bottom - (j + 0.5) * high
            first = None
            for k, held in enumerate([*row, 0.0]):
                if held and first is None:
                    first = k
                elif not held and first is not None:
                    x = max(self.left, self.left + (first - 0.5) * wide)
                    end = min(self.right, self.left + (k - 0.5) * wide)
                    paths.append(f"M{x:.1f} {y:.1f}H{end:.1f}v{high + 0.1:.1f}H{x:.1f}Z")
                    first = None
        shape = f'path d="{"".join(paths)}" fill="var(--main)" fill-opacity="0.2"'
        return [titled(shape, words)] if paths else []

    def curve(
        self, segments: Sequence[Segment], colour: str, width: float, *, dash: str = "", label: str
    ) -> str:
        """Return pieces of a curve; what is short is never dashed."""
        steps = []
        for one, other in segments:
            (a, b), (c, d) = self.at(one), self.at(other)
            steps.append(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}")
        dashed = f' stroke-dasharray="{dash}"' if dash and len(segments) < 3 else ""
        shape = f'path d="{"".join(steps)}" fill="none" stroke="var(--{colour})"'
        return titled(f'{shape} stroke-width="{width}"{dashed}', label)

    def dot(self, point: Point) -> str:
        """Return a small dot."""
        x, y = self.at(point)
        shape = f'circle cx="{x:.1f}" cy="{y:.1f}" r="1.8" fill="var(--main)"'
        return titled(shape, f"{point[0]:g}, {point[1]:g}")
