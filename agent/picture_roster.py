"""A roster: who works when, a row for each person, a column for each day, the shift in the cell.

It is a yes or no over three indices or more of which at least one is a time: the first that is none
goes down, the first time across, and whatever is left, such as the shift, stands in the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
from optiwright.formulators.model import Index

_MOST_KINDS = 12
_WIDEST = 96
_LINE = 17


@dataclass(frozen=True)
class Roster:
    """Who works when."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], tuple[str, ...]]
    """Of row and column what is done there, in the order of the data; nothing where it is free."""
    kinds: tuple[str, ...]
    """All that can stand in a cell."""
    heads: tuple[str, str, str]
    """What goes down, what across, and what stands in the cells."""


def roster_of(decided: Decided) -> Roster | None:
    """Return a decision as a roster; None where it is none, or too large for a picture."""
    if not decided.yes_no or len(decided.heads) < 3 or not any(decided.timed):
        return None
    across = decided.timed.index(True)
    down = (
        decided.timed.index(False)
        if False in decided.timed
        else next(k for k in range(len(decided.heads)) if k != across)
    )
    rest = [k for k in range(len(decided.heads)) if k not in (down, across)]
    indices = list(decided.values)
    rows, columns = members(indices, down), members(indices, across)
    kinds = tuple(dict.fromkeys(_part(i, rest) for i in indices))
    if len(rows) > MOST_ROWS or len(columns) > MOST_COLUMNS or len(kinds) > _MOST_KINDS:
        return None
    cells: dict[tuple[str, str], tuple[str, ...]] = {}
    for index in decided.taken:
        key = str(index[down]), str(index[across])
        cells[key] = (*cells.get(key, ()), _part(index, rest))
    heads = decided.heads[down], decided.heads[across], ", ".join(decided.heads[k] for k in rest)
    return Roster(tuple(map(str, rows)), tuple(map(str, columns)), cells, kinds, heads)


def roster(decided: Decided, found: Roster) -> Picture:
    """Return the picture of a roster."""
    told = [
        f"{row} {', '.join(f'{c} {place}' for c in found.columns for place in _at(found, row, c))}"
        for row in found.rows
        if any(_at(found, row, c) for c in found.columns)
    ]
    down, across, _ = found.heads
    alt = f"Roster of {decided.title} by {down} and {across}: {few_told(told) or 'nobody'}."
    svg = _Table(found).drawn(decided.title)
    return Picture(kind="roster", title=decided.title, svg=svg, alt=alt)


def _at(found: Roster, row: str, column: str) -> tuple[str, ...]:
    return found.cells.get((row, column), ())


def _part(index: Index, components: Sequence[int]) -> str:
    return place_words(tuple(index[k] for k in components))


class _Table:
    def __init__(self, found: Roster) -> None:
        self.found = found
        self.layout = layout_of(found.rows, found.columns, _WIDEST)
        self.left, self.top, self.cell = self.layout.left, self.layout.top, self.layout.cell
        self.short = _short(found.kinds, self.cell - 6)

    def drawn(self, title: str) -> str:
        found = self.found
        down, across, within = found.heads
        axes = f"{down} down, {across} across, {within} in the cells"
        parts = [text(EDGE, TOP + 10, cut(axes, WIDTH - 2 * EDGE)), *self.layout.heads()]
        top = self.top
        for row in found.rows:
            most = max(len(_at(found, row, c)) for c in found.columns)
            height = HEIGHT + _LINE * max(0, most - 1)
            parts.append(text(self.left - 8, top + 17, cut(row, LABEL), "end"))
            for j, column in enumerate(found.columns):
                parts += self._cell(row, column, self.left + j * self.cell, top, height)
            top += height
        if any(self.short[kind] != kind for kind in found.kinds):
            told = [f"{within}:", *(f"{self.short[kind]} {kind}" for kind in found.kinds)]
            for line in _lines(told, WIDTH - 2 * EDGE):
                parts.append(text(EDGE, top + 20, cut(line, WIDTH - 2 * EDGE)))
                top += _LINE + 2
        return document(title, WIDTH, round(top + 12), parts)

    def _cell(self, row: str, column: str, x: float, y: float, height: float) -> list[str]:
        done = _at(self.found, row, column)
        share = (self.found.kinds.index(done[0]) + 1) / len(self.found.kinds) if done else 0.0
        fill = 'fill="none"'
        if done:
            fill = f'fill="var(--main)" fill-opacity="{0.08 + 0.34 * share:.2f}"'
        shape = (
            f'rect x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{self.cell - 1:.1f}" '
            f'height="{height - 1}" stroke="var(--line)" {fill}'
        )
        parts = [titled(shape, f"{row}, {column}: {', '.join(done) or 'free'}")]
        for k, kind in enumerate(done):
            parts.append(text(x + self.cell / 2, y + 17 + k * _LINE, self.short[kind], "middle"))
        return parts


def _short(kinds: Sequence[str], room: float) -> dict[str, str]:
    """Return what stands for each kind in a cell: itself, else its first letters, else a number."""
    if all(width_of(kind) <= room for kind in kinds):
        return {kind: kind for kind in kinds}
    for length in range(1, 4):
        heads = [kind[:length].strip().capitalize() for kind in kinds]
        if len(set(heads)) == len(kinds):
            return dict(zip(kinds, heads, strict=True))
    return {kind: str(k) for k, kind in enumerate(kinds, 1)}


def _lines(phrases: Sequence[str], room: float) -> list[str]:
    """Return phrases side by side on as many lines as they take."""
    lines = [phrases[0]]
    for k, phrase in enumerate(phrases[1:]):
        longer = f"{lines[-1]}{', ' if k else ' '}{phrase}"
        if width_of(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(phrase)
    return lines
