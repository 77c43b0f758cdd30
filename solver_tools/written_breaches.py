"""What a point breaks in a written program's model, judged and worded alike for every library.

A prober (`written_probe_pyomo` and so on) reads its library's variables and constraints into
columns and rows. Of rows that the point settles it says by how much they are missed; of the others
it finds the least total miss, so that what the point leaves open, such as a binary beside an
amount, takes the values that suit the point best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from optiwright.solver_tools.written_faults import clean
from optiwright.solver_tools.written_result import Breach, ProbeReport
from optiwright.solver_tools.written_watch import finite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

TOLERANCE = 1e-5
"""Relative to a bound, or to 1 where that is less: solvers' own tolerances are no violations."""
_SHOWN = 8
_LONGEST = 160


class ChangedModelError(Exception):
    """A model that has other variables than when it was solved, so that none can be told."""


@dataclass(frozen=True)
class Limits:
    """What values a variable may take."""

    low: float = -math.inf
    high: float = math.inf
    is_integer: bool = False
    or_zero: bool = False
    """It may also be zero, outside of its bounds."""


@dataclass(frozen=True)
class Point:
    """The values to be probed, in the order of the variables of the model that was solved."""

    names: tuple[str, ...]
    """As the program calls them, with their indices in brackets."""
    values: tuple[float | None, ...]
    """None where the point has none."""

    def require(self, count: int) -> None:
        """Raises `ChangedModelError` where the model has not that many variables any more."""
        if count != len(self.values):
            raise ChangedModelError(f"{len(self.values)} variables were solved, {count} are there")


@dataclass(frozen=True)
class Row:
    """A constraint with one number on either side of it."""

    name: str
    text: Callable[[], str]
    """As a reader of the program would write it; called only for what is missed."""
    excess: float | None = None
    """By how much the point misses it; None where variables that it leaves open are in it."""
    size: float = 1.0
    """What the tolerance is relative to, from 1 on."""
    source: Any = None
    """The library's own constraint."""


Least: TypeAlias = "Callable[[list[Row]], Iterable[Row]]"
"""Takes the open rows and returns rows with the excess that is left at best, or none of them."""


def told(
    point: Point,
    limits: Sequence[Limits],
    rows: Iterable[Row],
    least: Least,
    goal: float | None = None,
    *,
    all_told: bool = False,
) -> ProbeReport:
    """Returns what the point breaks: bounds and integrality, settled rows, then open ones.

    Args:
        point: names and values, one a variable.
        limits: of each variable, in the same order.
        rows: the constraints; None as excess where one is open.
        least: called with the open rows, if there are any.
        goal: the program's objective at the point, where the point decides it.
        all_told: whether limits and rows are all that the model requires.
    """
    each = zip(point.names, point.values, limits, strict=True)
    breaches = [breach for entry in each for breach in _outside(*entry)]
    open_rows: list[Row] = []
    settled: list[Row] = []
    for row in rows:
        (open_rows if row.excess is None else settled).append(row)
    breaches += _missed(settled)
    breaches += _missed(least(open_rows)) if open_rows else []
    return ProbeReport(
        matched=sum(value is not None for value in point.values),
        breaches=tuple(breaches[:_SHOWN]),
        objective=finite(goal),
        settled=all_told
        and None not in point.values
        and all(row.excess is not None and math.isfinite(row.excess) for row in settled)
        and not open_rows,
    )


def beyond(value: float, low: float, high: float) -> float:
    """Returns how far a value lies outside of an interval; zero for NaN, which lies nowhere."""
    return max(0.0, low - value, value - high)


def size_of(*bounds: float) -> float:
    """Returns what the tolerance of bounds is relative to: the largest finite one, 1 at least."""
    return max([1.0, *(abs(bound) for bound in bounds if math.isfinite(bound))])


def _outside(name: str, value: float | None, limits: Limits) -> list[Breach]:
    if value is None or (limits.or_zero and abs(value) <= TOLERANCE):
        return []
    found = []
    off = abs(value - round(value))
    if limits.is_integer and off > TOLERANCE:
        found.append(_breach(name, f"{name} integer", off))
    for bound, over, sign in ((limits.low, -1, ">="), (limits.high, 1, "<=")):
        excess = over * (value - bound)
        if math.isfinite(excess) and excess > TOLERANCE * size_of(bound):
            found.append(_breach(name, f"{name} {sign} {bound:.10g}", excess))
    return found


def _missed(rows: Iterable[Row]) -> list[Breach]:
    return [
        _breach(row.name, row.text(), row.excess)
        for row in rows
        if row.excess is not None
        and math.isfinite(row.excess)
        and row.excess > TOLERANCE * row.size
    ]


def _breach(name: str, text: str, excess: float) -> Breach:
    shown = " ".join(text.split())
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ..."
    return Breach(name=clean(name), expression=clean(shown), excess=excess)
