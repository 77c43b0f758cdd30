"""A written program's variables matched with a formulation's: which value belongs to which.

Pure functions. A mapping is only a guess; what makes one a witness is that the point it gives is
feasible in the formulation with the program's own objective, however the mapping was found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import permutations
from typing import TypeAlias

from optiwright.formulators.model import Index
from optiwright.solver_tools.solution import ValueAt
from optiwright.solver_tools.written_result import Variable

Point: TypeAlias = dict[str, dict[Index, float]]

_PERMUTED = 6
"""Most variables of a program whose every order is tried: 720 at the most."""
_PAIRED = 60
"""Most variables on either side that are paired by likeness: 3,600 comparisons."""
_ALIKE = 0.6
"""Likeness of two names from which on a pair counts as found by name."""


def named_point(ours: Sequence[ValueAt], theirs: Sequence[Variable]) -> Point | None:
    """Return the program's point by names alone, as `named_pairs` has them."""
    pairs = named_pairs(ours, theirs)
    return _point(ours, [other for _, other in pairs]) if pairs else None


def named_pairs(
    ours: Sequence[ValueAt], theirs: Sequence[Variable]
) -> list[tuple[ValueAt, Variable]]:
    """Return each of ours with the program's by the same name, else the best pairs of like names.

    None at all where a variable of ours has no partner whose name is like its own.
    """
    partners = _same_named(ours, theirs)
    if partners is None:
        order, likeness = _best_pairs(ours, theirs)
        if order is None or likeness < _ALIKE:
            return []
        partners = [theirs[k] for k in order]
    return list(zip(ours, partners, strict=True))


def points(ours: Sequence[ValueAt], theirs: Sequence[Variable]) -> Iterator[Point]:
    """Yield the program's point under ever wilder mappings of its variables to ours."""
    if not ours or len(theirs) < len(ours):
        return
    same = _same_named(ours, theirs)
    if same is not None and (found := _point(ours, same)) is not None:
        yield found
    order, _ = _best_pairs(ours, theirs)
    if order is not None and (found := _point(ours, [theirs[k] for k in order])) is not None:
        yield found
    if len(theirs) == len(ours) and (found := _point(ours, theirs)) is not None:
        yield found
    if len(theirs) <= _PERMUTED:
        for chosen in permutations(theirs, len(ours)):
            if (found := _point(ours, chosen)) is not None:
                yield found


def _same_named(ours: Sequence[ValueAt], theirs: Sequence[Variable]) -> list[Variable] | None:
    counted = Counter(_plain(v.name, v.index) for v in theirs)
    known = {_plain(v.name, v.index): v for v in theirs}
    names = [_plain(v.name, v.index) for v in ours]
    if len(set(names)) < len(names) or any(counted[name] != 1 for name in names):
        return None
    return [known[name] for name in names]


def _best_pairs(
    ours: Sequence[ValueAt], theirs: Sequence[Variable]
) -> tuple[list[int] | None, float]:
    """Return whose place each of ours takes, by total likeness of names, and the least likeness."""
    if not ours or not len(ours) <= len(theirs) <= _PAIRED:
        return None, 0.0
    from scipy.optimize import linear_sum_assignment

    likeness = [
        [_likeness(_plain(a.name, a.index), _plain(b.name, b.index)) for b in theirs] for a in ours
    ]
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    least = min(likeness[i][j] for i, j in zip(rows, columns, strict=True))
    return [int(j) for j in columns], least


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _plain(name: str, index: Sequence[object]) -> str:
    """Return name and index as one word: `Ship[1, 'North']` and `ship_1_north` are the same."""
    return re.sub(r"[^a-z0-9]", "", "".join([name, *map(str, index)]).lower())


def _point(ours: Sequence[ValueAt], theirs: Sequence[Variable]) -> Point | None:
    point: Point = {}
    for mine, other in zip(ours, theirs, strict=True):
        if other.value is None:
            return None
        point.setdefault(mine.name, {})[mine.index] = other.value
    return point
