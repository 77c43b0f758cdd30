"""What pictures of rows and columns share: the labels, and the room that they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.agent.picture_parts import EDGE, TOP, WIDTH
from optiwright.agent.svg import cut, text, upward, width_of

MOST_COLUMNS, MOST_ROWS = 31, 40
LABEL = 130
"""The most room that the labels of rows take, in pixels."""
HEIGHT = 26
"""Of a row."""
_HEAD = 96
_NARROW = 14
"""Where columns are narrower than that, not each has its label."""


@dataclass(frozen=True)
class Layout:
    """Where the cells of a table lie, in pixels."""

    left: float
    top: float
    cell: float
    """How wide a cell is."""
    columns: tuple[str, ...]
    flat: bool
    """Whether the columns' labels have room side by side; else they are written upward."""

    def heads(self) -> list[str]:
        """Return the labels above the columns."""
        places = [self.left + (j + 0.5) * self.cell for j in range(len(self.columns))]
        pairs = list(zip(places, self.columns, strict=True))
        if self.flat:
            return [text(x, self.top - 8, label, "middle") for x, label in pairs]
        kept = pairs[:: max(1, round(_NARROW / self.cell))]
        return [upward(x + 4, self.top - 6, cut(label, _HEAD)) for x, label in kept]


def layout_of(rows: Sequence[str], columns: Sequence[str], widest: float) -> Layout:
    """Return where the cells lie, none of them wider than `widest`."""
    left = EDGE + min(LABEL, max(map(width_of, rows))) + 8
    cell = min(widest, (WIDTH - EDGE - left) / len(columns))
    longest = max(map(width_of, columns))
    flat = longest <= cell - 4
    head = 20.0 if flat else min(_HEAD, longest) + 8
    return Layout(left, TOP + 20 + head, cell, tuple(columns), flat)
