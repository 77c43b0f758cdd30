"""How the constraint-programming kinds are evaluated: all-different, intervals, circuit, table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optiwright.formulators.model import Element, Index


@dataclass(frozen=True)
class Interval:
    """[start, start + duration) with its index and what it demands of a shared resource."""

    index: Index
    start: float
    duration: float
    demand: float = 0.0

    @property
    def end(self) -> float:
        """The first moment after it."""
        return self.start + self.duration


@dataclass(frozen=True)
class Breach:
    """A breach: by how much, the two sides that show it, and what it is in words."""

    amount: float
    left: float
    right: float
    words: str


def repeated(values: Mapping[Index, float]) -> list[Breach]:
    """Return the values taken more than once, each with how many too many."""
    places: dict[int, list[Index]] = {}
    for index, value in values.items():
        places.setdefault(round(value), []).append(index)
    return [
        Breach(len(at) - 1.0, float(len(at)), 1.0, f"the value {value} is taken at {_list(at)}")
        for value, at in places.items()
        if len(at) > 1
    ]


def overlaps(intervals: Sequence[Interval]) -> list[Breach]:
    """Return each interval that starts before an earlier one ends; empty ones overlap nothing."""
    ordered = sorted((i for i in intervals if i.duration > 0), key=lambda i: (i.start, i.end))
    found: list[Breach] = []
    if not ordered:
        return found
    last = ordered[0]
    for interval in ordered[1:]:
        if interval.start < last.end:
            amount = min(last.end, interval.end) - interval.start
            words = f"{_list([last.index])} ends after {_list([interval.index])} starts"
            found.append(Breach(amount, last.end, interval.start, words))
        last = max(last, interval, key=lambda i: i.end)
    return found


def overload(intervals: Sequence[Interval], capacity: float, tolerance: float) -> Breach | None:
    """Return the greatest excess of the demands that run at once over the capacity."""
    events = [(i.start, i.demand) for i in intervals if i.duration > tolerance]
    # An interval ends a little early, so that a solver's rounding makes no overlap.
    events += [(i.end - tolerance, -i.demand) for i in intervals if i.duration > tolerance]
    running, worst, moment = 0.0, 0.0, 0.0
    for time, change in sorted(events):
        running += change
        if running > worst:
            worst, moment = running, time
    if worst <= capacity:
        return None
    return Breach(worst - capacity, worst, capacity, f"at {moment:g} the demands exceed it")


def broken_circuit(arcs: Mapping[Index, float]) -> Breach | None:
    """Return why the arcs whose value is 1 are not one cycle through all nodes, if so."""
    chosen = [index for index, value in arcs.items() if value > 0.5]
    nodes = {node for index in arcs for node in index}
    outgoing, incoming = Counter(a for a, _ in chosen), Counter(b for _, b in chosen)
    for node in nodes:
        if (outgoing[node], incoming[node]) != (1, 1):
            words = f"{node!r} is left {outgoing[node]} and entered {incoming[node]} times"
            return Breach(1.0, float(outgoing[node]), 1.0, words)
    length = _cycle_length({a: b for a, b in chosen})
    if length == len(nodes):
        return None
    words = f"the cycle closes after {length} of {len(nodes)} nodes"
    return Breach(float(len(nodes) - length), float(length), float(len(nodes)), words)


def not_allowed(values: Sequence[float], allowed: Iterable[Sequence[float]]) -> Breach | None:
    """Return how far the values are from the nearest of the rows that are allowed, if from all."""
    nearest = min(allowed, key=lambda row: _distance(values, row), default=None)
    shown = ", ".join(f"{value:g}" for value in values)
    if nearest is None:
        return Breach(1.0, 1.0, 0.0, f"({shown}) is taken and no combination is allowed")
    amount = _distance(values, nearest)
    if amount == 0:
        return None
    beside = ", ".join(f"{value:g}" for value in nearest)
    words = f"({shown}) is no allowed combination; the nearest is ({beside})"
    return Breach(amount, amount, 0.0, words)


def _distance(values: Sequence[float], row: Sequence[float]) -> float:
    return max((abs(a - b) for a, b in zip(values, row, strict=True)), default=0.0)


def _cycle_length(successor: Mapping[Element, Element]) -> int:
    if not successor:
        return 0
    start = next(iter(successor))
    node, length = successor[start], 1
    while node != start:
        node, length = successor[node], length + 1
    return length


def _list(indices: Sequence[Index]) -> str:
    return ", ".join(str(i[0]) if len(i) == 1 else str(i) for i in indices[:5])
