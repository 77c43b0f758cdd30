"""The numbers of a text and where each went in the formulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.text_places import Span, Traced, traced_numbers
from optiwright.formulators.wording import surroundings

_NAMED = 3
"""Places of a number that are named."""


@dataclass(frozen=True)
class ToldNumber:
    """A number of the text and what became of it.

    Attributes:
        written: the number as the text has it.
        around: it with up to four words before and after.
        span: its characters in the text, half-open.
        places: where it is used, as `price[Bonn]` or "constraint `oven`".
        how: as it stands, worked into another value, only as a count or a factor between units,
            or not used.
    """

    written: str
    value: float
    around: str
    span: Span
    places: tuple[str, ...]
    how: Literal["used", "worked in", "implied", "unused"]

    @property
    def told(self) -> str:
        """Where it went, in words."""
        more = len(self.places) - _NAMED
        listed = ", ".join(self.places[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        match self.how:
            case "used":
                return listed
            case "worked in":
                return f"worked into {listed}"
            case "implied":
                return "as a count or a unit"
            case "unused":
                return "not used"


def numbers_told(
    text: str, formulation: Formulation, traced: Sequence[Traced] | None = None
) -> tuple[ToldNumber, ...]:
    """Return every number of the text in its order, with the places that most likely use it.

    A spelled "one" or "zero" is left out where nothing takes its place.

    Args:
        text: the problem in words.
        formulation: of it.
        traced: its `traced_numbers`, where they are at hand.
    """
    unused = {n.value for n in unused_numbers(text, formulation)}
    found = []
    for one in traced_numbers(text, formulation) if traced is None else traced:
        number = one.number
        if number.value in (0.0, 1.0) and not any(c.isdigit() for c in number.words):
            continue
        places = tuple(dict.fromkeys(use.label for use in one.uses))
        how: Literal["used", "worked in", "implied", "unused"] = "implied"
        if places:
            how = "used" if one.direct else "worked in"
        elif number.value in unused:
            how = "unused"
        found.append(
            ToldNumber(
                written=text[slice(*number.span)],
                value=number.value,
                around=surroundings(text, number),
                span=number.span,
                places=places,
                how=how,
            )
        )
    return tuple(found)
