"""How a text tells numbers: its number format, its currency, its units, words for small ones.

A `Quantity` keeps three things together: the value that the formulation uses, the words that the
text has, and the factors that a script writes, so that "15 hours" of minutes is `15*60` there.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from optiwright.formulators.source import number_text
from optiwright.formulators.text_numbers import ONES, TENS

NumberFormat: TypeAlias = Literal["plain", "comma", "european", "apostrophe"]
"""1234.5; 1,234.5; 1.234,5; 1'234.5."""

CURRENCIES: tuple[Callable[[str], str], ...] = (
    lambda n: f"${n}",
    lambda n: f"€{n}",
    lambda n: f"£{n}",
    lambda n: f"{n} {'euro' if n == '1' else 'euros'}",
    lambda n: f"{n} {'dollar' if n == '1' else 'dollars'}",
    lambda n: f"EUR {n}",
    lambda n: f"{n} USD",
    lambda n: f"{n} {'crown' if n == '1' else 'crowns'}",
)
CURRENCY_WORDS = ("$", "€", "£", "euros", "dollars", "EUR", "USD", "crowns")

LARGER_UNITS: dict[str, tuple[tuple[str, int], ...]] = {
    "minutes": (("hours", 60),),
    "seconds": (("minutes", 60),),
    "hours": (("days", 24),),
    "days": (("weeks", 7),),
    "g": (("kg", 1000),),
    "grams": (("kilograms", 1000),),
    "kg": (("tonnes", 1000),),
    "ml": (("litres", 1000),),
    "cm": (("metres", 100),),
    "metres": (("km", 1000),),
    "mg": (("grams", 1000),),
}
"""For each unit those in which a larger amount may be told, and how many make one of them."""

_NO_PLURAL = {"kg", "g", "mg", "ml", "cm", "km", "m", "kWh", "MW", "MWh", "GB", "%", "m2", "m3"}


@dataclass(frozen=True)
class Quantity:
    """A number of a problem: its value, its words in the text, and what a script writes for it."""

    value: float
    """In the formulation's unit."""
    text: str
    """As a sentence has it, with its unit."""
    cell: str
    """As a table has it under a heading that names the unit `unit`."""
    unit: str
    """The unit of `cell`; "" for none."""
    factors: tuple[float, ...]
    """Whose product is the value: what a script writes."""

    def __str__(self) -> str:
        return self.text


def plural(count: float, unit: str) -> str:
    """Return a unit, given in the plural, as it stands behind a number."""
    if count != 1 or unit in _NO_PLURAL or not unit.endswith("s"):
        return unit
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    return unit[:-2] if unit.endswith(("xes", "ches", "shes", "sses")) else unit[:-1]


@dataclass(frozen=True)
class Speech:
    """One text's habits."""

    numbers: NumberFormat = "plain"
    currency: int = 0
    """Place in `CURRENCIES`."""
    spells: bool = False
    """Whether small whole numbers are written as words."""
    converts: bool = True
    """Whether amounts may be told in a larger unit than the one that they are used in."""
    rounds: bool = False
    """Whether thousands and millions are told as such: 1.2 million."""

    def number(self, value: float) -> str:
        """Return a number in this text's format."""
        text = number_text(round(float(value), 9))
        whole, point, decimals = text.partition(".")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        # "1.200" alone would be read as a fraction, and a comma before three digits as one of
        # thousands; so such numbers are told as others tell them.
        european = self.numbers == "european" and decimals and len(decimals) != 3
        groups = {"comma": ",", "apostrophe": "'", "european": "." if european else ""}
        if len(digits) > 3:
            digits = f"{int(digits):,}".replace(",", groups.get(self.numbers, ""))
        mark = "," if european else "."
        return sign + digits + (mark + decimals if point else "")

    def count(self, value: float, unit: str = "") -> Quantity:
        """Return a number of things, as a word where this text spells small ones."""
        text = self._spelled(value)
        said = f"{text} {plural(value, unit)}" if unit else text
        return Quantity(value, said, self.number(value), unit, (value,))

    def amount(self, value: float, unit: str) -> Quantity:
        """Return an amount in the unit that the formulation uses."""
        number = self.number(value)
        said = f"{number}{'' if unit == '%' else ' '}{plural(value, unit)}"
        return Quantity(value, said.strip(), number, unit, (value,))

    def stock(self, value: float, unit: str, draw: random.Random) -> Quantity:
        """Return an amount that may be told in a larger unit, or in thousands."""
        larger = LARGER_UNITS.get(unit, ()) if self.converts else ()
        for name, size in larger:
            told = value / size
            if told >= 1 and round(told, 2) == told and draw.random() < 0.7:
                number = self.number(told)
                said = f"{number} {plural(told, name)}"
                return Quantity(value, said, number, name, (told, float(size)))
        if self.rounds and value >= 1000 and value % 100 == 0 and self.numbers != "european":
            size, word = (10**6, "million") if value >= 10**6 else (1000, "thousand")
            number = self.number(value / size)
            said = f"{number} {word} {unit}".strip()
            return Quantity(value, said, f"{number} {word}", unit, (value / size, float(size)))
        return self.amount(value, unit)

    def money(self, value: float) -> Quantity:
        """Return a sum of money in this text's currency."""
        number = self.number(value)
        said = CURRENCIES[self.currency](number)
        return Quantity(value, said, number, CURRENCY_WORDS[self.currency], (value,))

    def share(self, value: float) -> Quantity:
        """Return a share of one, told in percent; the value is the fraction."""
        percent = round(value * 100, 6)
        said = f"{self.number(percent)}%"
        return Quantity(value, said, said, "", (value,))

    def plain(self, value: float) -> Quantity:
        """Return a number without a unit, never spelled."""
        return Quantity(value, self.number(value), self.number(value), "", (value,))

    def _spelled(self, value: float) -> str:
        if self.spells and float(value).is_integer():
            if 0 <= value <= 12:
                return ONES[int(value)]
            if value in range(20, 100, 10):
                return TENS[int(value) // 10 - 2]
        return self.number(value)
