"""Lengths that are added up for more or fewer sides than the text speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import scalar_values, with_numbers
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.wording import quoted

_LENGTHS = re.compile(r"\s*(?:([1-9])\s*\*\s*)?([A-Za-z_]\w*)\s*")
_TERM = re.compile(r"(\w+)\s*\*\s*(\w+)")
_ALONG = re.compile(r"\b(?:along|alongside|parallel)\b", re.IGNORECASE)
_AROUND = (3.0, 4.0)


@dataclass(frozen=True)
class Miscounted:
    """A total of two lengths that counts another number of sides than the text.

    Attributes:
        total: its name.
        written: its expression with numbers.
        sides: how many lengths it adds up.
        said: the text's number.
        once: the parameter that counts the length along what closes the fourth side, which is
            there once and not twice; empty where no length is said to be that.
    """

    total: str
    written: str
    sides: int
    said: TextNumber
    once: str


def miscounted_sides(formulation: Formulation, text: str) -> Iterator[Miscounted]:
    """Yield the totals that add up other numbers of two lengths than the text has sides.

    `2*length + 2*depth` is four sides; "the other three sides take 90 m of netting" is three.
    """
    said = [n for n in numbers_in(text) if n.unit_hint == "sides" and n.value in _AROUND]
    if len({n.value for n in said}) != 1:
        return
    values = scalar_values(formulation)
    told = {v.name: v.description for v in formulation.variables}
    for total in formulation.definitions:
        written = with_numbers(total.expression, values)
        terms = [_LENGTHS.fullmatch(term) for term in written.split("+")]
        lengths = {m[2]: int(m[1] or 1) for m in terms if m is not None}
        sides = sum(lengths.values())
        plain = len(lengths) == len(terms) == 2 and lengths.keys() <= told.keys()
        if plain and sides in _AROUND and sides != said[0].value:
            along = [name for name in lengths if _ALONG.search(told[name])]
            times = [p for p, x in _TERM.findall(total.expression) if x in along and p in values]
            once = times[0] if len(along) == len(times) == 1 and sides == 4 else ""
            yield Miscounted(total.name, written, sides, said[0], once)


def side_findings(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Yield what `miscounted_sides` finds."""
    for found in miscounted_sides(formulation, text):
        yield Finding(
            code=Code.UNUSED_NUMBER,
            severity=Severity.WARNING,
            where="text",
            message=f"The text says {quoted(text, found.said)}, but `{found.total}` = "
            f"{found.written} adds up {found.sides} lengths.",
        )
