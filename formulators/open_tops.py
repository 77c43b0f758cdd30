"""Areas of a vessel with two ends where the text's has one: a tin without a lid, an open box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import expressions_in
from optiwright.formulators.parser import names_of
from optiwright.formulators.plain import scalar_values

_OPEN = re.compile(
    r"\b(?:open[- ]top(?:ped)?|open at the top|topless|lidless"
    r"|open\s+(?:rectangular\s+|cylindrical\s+)?(?:box|can|tank|container|bin|tray|vessel|tub)"
    r"|(?:no|without|without a|lacks a|has no)\s+(?:top|lid|cover))\b",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"\bno bottom\b|\bwithout (?:a )?(?:bottom|base)\b|\bclosed\b", re.IGNORECASE)
_HEIGHT = re.compile(r"height|depth|\bhigh\b|\bdeep\b|\btall\b", re.IGNORECASE)
_AREA = re.compile(r"area|material|surface|sheet|metal|tin|cardboard|steel|glass", re.IGNORECASE)
_END = re.compile(
    r"(?P<twice>\w+)\s*\*\s*(?:(?:pi|3\.14\d*)\s*\*\s*)?(?P<one>[A-Za-z_]\w*)\s*"
    r"(?:\*\*\s*2(?!\d)|\*\s*(?P<other>[A-Za-z_]\w*))"
)


def ends_of_open_vessels(formulation: Formulation, text: str) -> Iterator[tuple[str, str]]:
    """Yield the totals that count an open vessel's end twice, and the parameter that does it.

    An end is a product of lengths other than the height; the text has no such 2.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    if not _OPEN.search(text) or _CLOSED.search(text):
        return
    values = scalar_values(formulation)
    own = {p.name for p in formulation.parameters if not p.words}
    lengths = {v.name: f"{v.name} {v.description}" for v in formulation.variables}
    heights = {name for name, said in lengths.items() if _HEIGHT.search(said)}
    uses = [n for _, source in expressions_in(formulation) for n in names_of(source)]
    if len(heights) != 1:
        return
    for total in formulation.definitions:
        if not _AREA.search(f"{total.name} {total.description}"):
            continue
        ends = [
            m
            for m in _END.finditer(total.expression)
            if {m["one"], m["other"] or m["one"]} <= lengths.keys() - heights
        ]
        if len(ends) == 1 and names_of(total.expression) & heights:
            twice = ends[0]["twice"]
            if values.get(twice) == 2 and twice in own and uses.count(twice) == 1:
                yield total.name, twice
