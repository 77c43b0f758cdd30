"""Who is reached from where: covers that a small model writes wrongly beside a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.facts import squares_in
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.plain import relations_like

_WITHIN = re.compile(r"\bwithin\s+(?:a\s+)?(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_NAME = re.compile(r"\w+")
_COVER = re.compile(r"\s*(\w+(?:\s*\+\s*\w+)*)\s*>=\s*1\s*")


@dataclass(frozen=True)
class Cover:
    """A requirement that one of those within reach is chosen, written otherwise.

    Attributes:
        constraint: as it is written.
        mended: its expression with those that the table has within reach.
        place: what has to be reached.
        row: how far it is from each, in the table's order.
        reach: how far it may be.
    """

    constraint: Algebraic
    mended: str
    place: str
    row: tuple[float, ...]
    reach: float


def wrong_covers(formulation: Formulation, text: str) -> Iterator[Cover]:
    """Yield the covers that differ from what a symmetric table of the text has within reach.

    "At least one station within 15 minutes of each city": the text says one reach, its table has
    the same labels for rows and columns, each of them has a decision by yes or no and a
    requirement of its own, told by their descriptions.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    said = {float(found) for found in _WITHIN.findall(text)}
    if len(said) != 1:
        return
    (reach,) = said
    for grid in squares_in(text):
        distances, labels = grid.numbers, grid.columns
        same = all(line.endswith(label) for line, label in zip(grid.lines, labels, strict=True))
        if not same or distances != grid.turned.numbers:
            continue
        chosen = [_told(label, _decisions(formulation), labels) for label in labels]
        covers = [_told(label, _covers(formulation), labels) for label in labels]
        if not all(chosen) or not all(covers) or len({*covers}) != len(labels):
            continue
        by_name = {c.name: c for c in formulation.constraints if isinstance(c, Algebraic)}
        for label, cover, row in zip(labels, covers, distances, strict=True):
            written = _COVER.fullmatch(by_name[cover].expression)
            near = [name for name, far in zip(chosen, row, strict=True) if far <= reach]
            if near and (written is None or {*_NAME.findall(written[1])} != {*near}):
                mended = f"{' + '.join(near)} >= 1"
                yield Cover(by_name[cover], mended, label, row, reach)


def _decisions(formulation: Formulation) -> dict[str, str]:
    return {
        v.name: f"{v.name} {v.description}".replace("_", " ")
        for v in formulation.variables
        if v.domain is Domain.BINARY and not v.over
    }


def _covers(formulation: Formulation) -> dict[str, str]:
    """Returns the descriptions of the requirements that one is chosen, or that speak of reach."""
    names = _decisions(formulation)
    covers = {
        c.name
        for c, found in relations_like(formulation, _COVER)
        if {*_NAME.findall(found[1])} <= names.keys()
    }
    return {
        c.name: c.description
        for c in formulation.constraints
        if isinstance(c, Algebraic)
        and not c.over
        and (c.name in covers or _WITHIN.search(c.description))
    }


def _told(label: str, told: dict[str, str], labels: tuple[str, ...]) -> str:
    """Returns the one name that is told of a label, and of no other; empty if there is none."""

    def names(said: str) -> list[str]:
        return [x for x in labels if re.search(rf"\b{re.escape(x)}\b", said, re.IGNORECASE)]

    found = [name for name, said in told.items() if names(said) == [label]]
    return found[0] if len(found) == 1 else ""
