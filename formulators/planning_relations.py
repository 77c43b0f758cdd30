"""Facts that were reached, found by name and by some of their objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from optiwright.formulators.planning_terms import Atom, Same


class Relations:
    """An index of facts that grows as they are asked for."""

    def __init__(self) -> None:
        self.levels: dict[Atom, int] = {}
        self._of: defaultdict[str, list[Atom]] = defaultdict(list)
        self._index: dict[tuple[str, tuple[int, ...]], defaultdict[tuple[str, ...], list[Atom]]]
        self._index = {}

    def add(self, atom: Atom, level: int) -> bool:
        if atom in self.levels:
            return False
        self.levels[atom] = level
        self._of[atom.name].append(atom)
        for (name, at), index in self._index.items():
            if name == atom.name and all(i < len(atom.arguments) for i in at):
                index[tuple(atom.arguments[i] for i in at)].append(atom)
        return True

    def matching(
        self, need: Atom, put: Mapping[str, str], places: Mapping[str, object]
    ) -> list[Atom]:
        """Return the facts that a need may be, with what its places stand for so far."""
        bound = tuple(i for i, a in enumerate(need.arguments) if a in put or a not in places)
        if not bound:
            return self._of[need.name]
        index = self._index.get((need.name, bound))
        if index is None:
            index = self._index[need.name, bound] = defaultdict(list)
            for atom in self._of[need.name]:
                if len(atom.arguments) == len(need.arguments):
                    index[tuple(atom.arguments[i] for i in bound)].append(atom)
        key = tuple(put.get(need.arguments[i], need.arguments[i]) for i in bound)
        return index[key]


def matched(
    need: Atom, atom: Atom, put: Mapping[str, str], places: Mapping[str, Collection[str]]
) -> dict[str, str] | None:
    """Return what places stand for if a need is this fact; None where it cannot be."""
    if need.name != atom.name or len(need.arguments) != len(atom.arguments):
        return None
    found = dict(put)
    for name, value in zip(need.arguments, atom.arguments, strict=True):
        objects = places.get(name)
        if objects is None:
            if name != value:
                return None
        elif found.setdefault(name, value) != value or value not in objects:
            return None
    return found


def may_be(same: Same, put: Mapping[str, str], places: Mapping[str, object]) -> bool:
    """Whether two names stand for one object, or not; true while either is open."""
    left, right = (put.get(n, None if n in places else n) for n in (same.left, same.right))
    return left is None or right is None or (left == right) == same.equal
