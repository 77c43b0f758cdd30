"""A network: what goes from where to where, for a decision over two indices that is mostly zero.

Two kinds of places stand opposite each other; places of one kind stand in a ring, in the order in
which one leads to the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from optiwright.agent.picture_parts import (
    EDGE,
    TOP,
    WIDTH,
    Decided,
    Picture,
    few_told,
    members,
)
from optiwright.agent.svg import cut, document, inside, over_lines, text, titled, width_of
from optiwright.formulators.model import Element, Index

_MOST_SIDE, _MOST_RING = 18, 24
_MOST_LINKS = 60
_DENSE = 0.5
"""Share of entries that are not zero from which on a heat map is plainer."""
_ROW = 34
_NAMES = 270
"""The most room that the names of both sides take, in pixels."""
_RADIUS = 130
_PLACES = (0.5, 0.36, 0.64, 0.24, 0.76, 0.86, 0.14)
"""Where along a link its figure may stand, the best first."""

Point: TypeAlias = tuple[float, float]
Along: TypeAlias = Callable[[float], Point]
"""Returns where a link is, from 0 at its start to 1 at its end."""


def fits_network(decided: Decided) -> bool:
    """Whether a decision over two indices is between places, most of them not linked."""
    if any(decided.timed):
        return False
    links = len(decided.taken)
    indices = list(decided.values)
    first, second = members(indices, 0), members(indices, 1)
    ring = _is_ring(decided)
    nodes = len(set(first) | set(second))
    pairs = nodes * (nodes - 1) if ring else len(first) * len(second)
    if links > min(_MOST_LINKS, _DENSE * pairs):
        return False
    if ring:
        return nodes <= _MOST_RING
    return max(len(first), len(second)) <= _MOST_SIDE


def network(decided: Decided) -> Picture:
    """Return the network of a decision that `fits_network`."""
    title = decided.titled
    drawn = _ring(decided, title) if _is_ring(decided) else _opposite(decided, title)
    told = [
        f"{_link(i)}" + ("" if decided.yes_no else f" {decided.told(v)}")
        for i, v in decided.taken.items()
    ]
    alt = f"Network of {decided.title}, {len(told)} links: {few_told(told)}."
    return Picture(kind="network", title=title, svg=drawn, alt=alt)


def _is_ring(decided: Decided) -> bool:
    """Whether both indices are places of one kind: most names of one side stand on the other."""
    indices = list(decided.values)
    first, second = set(members(indices, 0)), set(members(indices, 1))
    return 2 * len(first & second) > min(len(first), len(second))


def _link(index: Index) -> str:
    return f"{index[0]} to {index[1]}"


def _opposite(decided: Decided, title: str) -> str:
    indices = list(decided.values)
    left, right = members(indices, 0), members(indices, 1)
    rooms = _rooms(*(max(width_of(str(e)) for e in side) for side in (left, right)))
    x = (EDGE + rooms[0] + 14, WIDTH - EDGE - rooms[1] - 14)
    height = _ROW * max(len(left), len(right))
    top = TOP + 26
    starts = _column(left, x[0], top, height)
    ends = _column(right, x[1], top, height)
    heads = decided.heads
    parts = [
        text(EDGE, TOP + 8, cut(heads[0], WIDTH / 2 - 2 * EDGE)),
        text(WIDTH - EDGE, TOP + 8, cut(heads[1], WIDTH / 2 - 2 * EDGE), "end"),
    ]
    drawn = _Links(decided)
    for index in decided.taken:
        drawn.straight(index, starts[index[0]], ends[index[1]])
    parts += drawn.parts
    linked = {e for index in decided.taken for e in index}
    for side, points, anchor, step in ((left, starts, "end", -12), (right, ends, "start", 12)):
        room = rooms[0] if anchor == "end" else rooms[1]
        for e in side:
            parts.append(_node(points[e], str(e), linked=e in linked))
            px, py = points[e]
            parts.append(text(px + step, py + 4.5, cut(str(e), room), anchor))
    return document(title, WIDTH, round(top + height + 6), [*parts, *drawn.figures])


def _rooms(left: float, right: float) -> tuple[float, float]:
    """Return the rooms of two sides' names: what they need, and half of all at least."""
    half = _NAMES / 2
    if left + right <= _NAMES:
        return left, right
    return min(left, max(half, _NAMES - right)), min(right, max(half, _NAMES - left))


def _column(side: Sequence[Element], x: float, top: float, height: float) -> dict[Element, Point]:
    step = height / len(side)
    return {e: (x, top + (k + 0.5) * step) for k, e in enumerate(side)}


def _ring(decided: Decided, title: str) -> str:
    indices = list(decided.values)
    nodes = _in_order(list(dict.fromkeys(members(indices, 0) + members(indices, 1))), decided)
    middle = (WIDTH / 2, TOP + 30 + _RADIUS)
    angles = [2 * math.pi * k / len(nodes) - math.pi / 2 for k in range(len(nodes))]
    points = {
        e: (middle[0] + _RADIUS * math.cos(a), middle[1] + _RADIUS * math.sin(a))
        for e, a in zip(nodes, angles, strict=True)
    }
    drawn = _Links(decided)
    for index in decided.taken:
        if index[0] != index[1]:
            drawn.arrow(index, points[index[0]], points[index[1]])
    linked = {e for index in decided.taken for e in index}
    parts = list(drawn.parts)
    for e, a in zip(nodes, angles, strict=True):
        parts.append(_node(points[e], str(e), linked=e in linked))
        parts.append(_ring_label(points[e], a, str(e)))
    height = round(middle[1] + _RADIUS + 34)
    return document(title, WIDTH, height, [*parts, *drawn.figures])


def _ring_label(point: Point, angle: float, words: str) -> str:
    x, y = point[0] + 12 * math.cos(angle), point[1] + 14 * math.sin(angle) + 4.5
    if abs(math.cos(angle)) < 0.25:
        shown = cut(words, WIDTH / 3)
        return text(inside(x, shown, WIDTH), y, shown, "middle")
    if math.cos(angle) > 0:
        return text(x, y, cut(words, WIDTH - EDGE - x), "start")
    return text(x, y, cut(words, x - EDGE), "end")


def _in_order(nodes: list[Element], decided: Decided) -> list[Element]:
    """Return the nodes, each followed by one that it leads to, where it leads to a single one."""
    after = {}
    for start, end in decided.taken:
        after[start] = None if start in after else end
    ordered: dict[Element, None] = {}
    for node in nodes:
        at: Element | None = node
        while at is not None and at not in ordered:
            ordered[at] = None
            at = after.get(at)
    return list(ordered)


def _node(point: Point, words: str, *, linked: bool) -> str:
    fill = "var(--ink)" if linked else "var(--paper)"
    shape = (
        f'circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="5" fill="{fill}" stroke="var(--ink)"'
    )
    return titled(shape, words if linked else f"{words}: nothing")


class _Links:
    """The links, thicker where there is more, and their figures where there is room for them."""

    def __init__(self, decided: Decided) -> None:
        self.decided = decided
        self.scale = max(map(abs, decided.taken.values()))
        self.parts: list[str] = []
        self.figures: list[str] = []
        self._taken: list[tuple[float, float, float]] = []

    def straight(self, index: Index, start: Point, end: Point) -> None:
        """Draw a link between two sides."""
        path = f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"
        self._draw(index, path, lambda t: _between(start, end, t))

    def arrow(self, index: Index, start: Point, end: Point) -> None:
        """Draw a link that bends, so that one back stands beside it, with a head at its end."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = math.hypot(dx, dy) or 1.0
        unit = (dx / length, dy / length)
        bend = min(18.0, 0.1 * length)
        way = ((start[0] + end[0]) / 2 - unit[1] * bend, (start[1] + end[1]) / 2 + unit[0] * bend)
        path = f"M{start[0]:.1f} {start[1]:.1f}Q{way[0]:.1f} {way[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
        self._draw(
            index, path, lambda t: _between(_between(start, way, t), _between(way, end, t), t)
        )
        self.parts.append(_head(way, end))

    def _draw(self, index: Index, path: str, at: Along) -> None:
        value = self.decided.values[index]
        colour = "other" if value < 0 else "main"
        thick = 1.5 if self.decided.yes_no else 1.2 + 5 * (abs(value) / self.scale)
        words = f"{_link(index)}: {self.decided.told(value)}"
        shape = (
            f'path d="{path}" fill="none" stroke="var(--{colour})" stroke-opacity="0.75" '
            f'stroke-width="{thick:.1f}"'
        )
        self.parts.append(titled(shape, words))
        if not self.decided.yes_no:
            self._figure(self.decided.told_bare(value), at)

    def _figure(self, words: str, at: Along) -> None:
        half = width_of(words) / 2 + 3
        for t in _PLACES:
            x, y = at(t)
            if all(abs(x - a) > half + h or abs(y - b) > 15 for a, b, h in self._taken):
                self._taken.append((x, y, half))
                self.figures.append(over_lines(x, y + 4.5, words))
                return


def _between(one: Point, other: Point, t: float) -> Point:
    return one[0] + (other[0] - one[0]) * t, one[1] + (other[1] - one[1]) * t


def _head(before: Point, end: Point) -> str:
    dx, dy = end[0] - before[0], end[1] - before[1]
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    tip = (end[0] - 5 * ux, end[1] - 5 * uy)
    left = (tip[0] - 9 * ux - 4.5 * uy, tip[1] - 9 * uy + 4.5 * ux)
    right = (tip[0] - 9 * ux + 4.5 * uy, tip[1] - 9 * uy - 4.5 * ux)
    corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in (tip, left, right))
    return f'<path d="M{corners}Z" fill="var(--main)"/>'
