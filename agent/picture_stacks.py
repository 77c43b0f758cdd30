"""A state of a plan as columns: what stands on or is in what, whatever the things are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from optiwright.agent.plan_states import Parents, tree_of
from optiwright.agent.svg import cut, text, titled, width_of

_BOX, _GAP, _INSET = 20, 6, 4
_LEAST, _MOST = 36.0, 104.0
"""Of a column's width, in pixels."""
_MOST_OBJECTS = 24


class Stacks:
    """Draws the states of a plan in one way: what never moves has the same column in all."""

    def __init__(self, states: Sequence[Parents], objects: Sequence[str], width: float) -> None:
        self.states, self.width = states, width
        # What is always at the foot comes first, so that it has the same column in every state.
        feet = [o for o in objects if all(o not in state for state in states)]
        self.objects = [*feet, *(o for o in objects if o not in feet)]
        columns = max((len(tree_of(s, self.objects)) for s in states), default=1)
        widest = max(map(width_of, objects), default=0.0) + 10
        least = min(_MOST, max(_LEAST, widest))
        self.across = max(1, min(columns, int((width + _GAP) // (least + _GAP))))
        self.column = min(_MOST, (width + _GAP) / self.across - _GAP)

    @property
    def worth(self) -> bool:
        """Whether anything stands on anything, and there is room for it."""
        return any(self.states) and len(self.objects) <= _MOST_OBJECTS

    def height(self, place: int) -> float:
        """Return how high the picture of a state is."""
        return sum(self._heights(place))

    def drawn(self, place: int, left: float, top: float, marked: Collection[str]) -> list[str]:
        """Return the picture of a state, the objects of its step in the second colour."""
        parts: list[str] = []
        for row, height in zip(self._rows(place), self._heights(place), strict=True):
            top += height
            for k, tower in enumerate(row):
                x = left + k * (self.column + _GAP)
                for level, (name, depth) in enumerate(tower):
                    parts += self._box(name, depth, x, top - 8 - _BOX * (level + 1), marked)
            wide = self.across * (self.column + _GAP) - _GAP
            parts.append(f'<path d="M{left:.1f} {top - 8:.1f}h{wide:.1f}" stroke="var(--ink)"/>')
        return parts

    def _rows(self, place: int) -> list[list[list[tuple[str, int]]]]:
        towers = tree_of(self.states[place], self.objects)
        return [towers[k : k + self.across] for k in range(0, len(towers), self.across)]

    def _heights(self, place: int) -> list[float]:
        return [_BOX * max(map(len, row)) + 12.0 for row in self._rows(place)]

    def _box(self, name: str, depth: int, x: float, y: float, marked: Collection[str]) -> list[str]:
        inset = min(_INSET * depth, (self.column - 20) / 2)
        wide = self.column - 2 * inset
        colour, full = ("other", 0.3) if name in marked else ("main", 0.18)
        shape = (
            f'rect x="{x + inset:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{_BOX - 1}" rx="2" '
            f'fill="var(--{colour})" fill-opacity="{full}" stroke="var(--{colour})"'
        )
        middle = x + inset + wide / 2
        return [titled(shape, name), text(middle, y + 14, fitted(name, wide - 4), "middle")]


def fitted(name: str, room: float) -> str:
    """Return a name cut to its room; of one that ends in a number its ends, `pa..12`."""
    shown = cut(name, room)
    if shown == name:
        return name
    tail = name[len(name.rstrip("0123456789")) :]
    head = cut(name[: len(name) - len(tail)], room - 9.0 * len(tail))
    kept = head.removesuffix("\u2026").strip()
    return f"{kept or name[:1]}\u2026{tail}" if tail else f"{kept or name[:2]}\u2026"
