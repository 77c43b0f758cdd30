"""A heat map: a decision over two indices, a cell each, darker where there is more."""

from __future__ import annotations

from optiwright.agent.picture_parts import (
    EDGE,
    TOP,
    WIDTH,
    Decided,
    Picture,
    few_told,
    members,
    place_words,
)
from optiwright.agent.picture_table import HEIGHT, LABEL, MOST_COLUMNS, MOST_ROWS, layout_of
from optiwright.agent.svg import cut, document, text, titled, width_of
from optiwright.formulators.figures import ZERO, short
from optiwright.formulators.model import Element

_WIDEST = 72


def fits_grid(decided: Decided) -> bool:
    """Whether a decision over two indices has few enough members for a heat map."""
    rows, columns = _sides(decided)
    return len(rows) <= MOST_ROWS and len(columns) <= MOST_COLUMNS


def heat_map(decided: Decided) -> Picture:
    """Return the heat map of a decision over two indices that `fits_grid`."""
    title = decided.titled
    return Picture(kind="heat map", title=title, svg=_Grid(decided).drawn(title), alt=_alt(decided))


def _sides(decided: Decided) -> tuple[list[Element], list[Element]]:
    """Return the members down and across: times go across, else the fewer."""
    indices = list(decided.values)
    first, second = members(indices, 0), members(indices, 1)
    return (second, first) if _turned(decided, len(first), len(second)) else (first, second)


def _turned(decided: Decided, first: int, second: int) -> bool:
    if decided.timed[0] != decided.timed[1]:
        return decided.timed[0]
    return second > MOST_COLUMNS >= first


class _Grid:
    def __init__(self, decided: Decided) -> None:
        self.decided = decided
        indices = list(decided.values)
        counts = len(members(indices, 0)), len(members(indices, 1))
        self.turned = _turned(decided, *counts)
        self.rows, self.columns = _sides(decided)
        self.layout = layout_of(list(map(str, self.rows)), list(map(str, self.columns)), _WIDEST)
        self.left, self.top, self.cell = self.layout.left, self.layout.top, self.layout.cell
        self.scale = max(map(abs, decided.values.values())) or 1.0
        figures = [decided.told_bare(v) for v in decided.values.values()]
        self.figures = decided.yes_no or max(map(width_of, figures)) <= self.cell - 2

    def drawn(self, title: str) -> str:
        heads = self.decided.heads[::-1] if self.turned else self.decided.heads
        axes = cut(f"{heads[0]} down, {heads[1]} across", WIDTH - 2 * EDGE)
        parts = [text(EDGE, TOP + 10, axes), *self.layout.heads()]
        for k, row in enumerate(self.rows):
            top = self.top + k * HEIGHT
            parts.append(text(self.left - 8, top + 17, cut(str(row), LABEL), "end"))
            for j, column in enumerate(self.columns):
                parts += self._cell(row, column, self.left + j * self.cell, top)
        bottom = self.top + HEIGHT * len(self.rows)
        if not self.figures:
            said = f"The darkest is {short(self.scale)}; the tables have the figures."
            parts.append(text(self.left, bottom + 20, cut(said, WIDTH - self.left - EDGE)))
        return document(title, WIDTH, round(bottom + 30), parts)

    def _cell(self, row: Element, column: Element, x: float, y: float) -> list[str]:
        index = (column, row) if self.turned else (row, column)
        value = self.decided.values.get(index)
        if value is None:
            return []  # the decision is not there
        share = abs(value) / self.scale
        none = abs(value) < ZERO
        fill = (
            'fill="none"'
            if none
            else f'fill="var(--{"other" if value < 0 else "main"})" '
            f'fill-opacity="{0.12 + 0.36 * share:.3f}"'
        )
        shape = (
            f'rect x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{self.cell - 1:.1f}" '
            f'height="{HEIGHT - 1}" stroke="var(--line)" {fill}'
        )
        parts = [titled(shape, f"{place_words(index)}: {self.decided.told(value)}")]
        middle = x + self.cell / 2
        if self.decided.yes_no:
            return parts if none else [*parts, _tick(middle, y + HEIGHT / 2)]
        if self.figures and not none:
            parts.append(text(middle, y + 17, self.decided.told_bare(value), "middle"))
        elif value < 0 and not none:
            parts.append(text(middle, y + 17, "-", "middle"))
        return parts


def _tick(x: float, y: float) -> str:
    path = f"M{x - 5:.1f} {y:.1f}l4 4l7 -8"
    return f'<path d="{path}" fill="none" stroke="var(--ink)" stroke-width="2"/>'


def _alt(decided: Decided) -> str:
    taken = decided.taken
    greatest = sorted(taken, key=lambda i: -abs(taken[i]))
    if decided.yes_no:
        told = [place_words(i) for i in taken]
        return f"Heat map of {decided.title}, a cell each: yes for {few_told(told)}."
    told = [f"{place_words(i)} {decided.told(taken[i])}" for i in greatest]
    return (
        f"Heat map of {decided.title} by {decided.heads[0]} and {decided.heads[1]}. "
        f"{len(taken):,} of {len(decided.values):,} are not zero; the most: {few_told(told)}."
    )
