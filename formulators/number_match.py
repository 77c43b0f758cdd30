"""The numbers of a text held against the values of a model of it, both ways.

What the model is does not matter here: a formulation (`number_checks`) or a program.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from optiwright.formulators.text_numbers import TextNumber, labels_in, numbers_in
from optiwright.formulators.text_times import times_in, values_of_dates, values_of_times
from optiwright.formulators.units import known_unit

COUNTS = "counts"
"""Where a use is that nobody wrote: how many a model has of something."""
CONVERSIONS = (60.0, 1000.0, 100.0, 12.0, 7.0, 24.0)
"""Factors between units that may lie between a number of the text and its use."""

_TRIVIAL = frozenset({0.0, 1.0, *CONVERSIONS, 0.01, 1e-3, 1e-4, 1e-6, 1e4})
_PI_DIGITS = 1e-2
_COUNTED = 12.0
_SCALES = frozenset({100.0, 1e3, 1e6, 1e9})
_SCALED = re.compile(r"\d\s*(?:k\b|m\b|thousand|million|billion)", re.IGNORECASE)
_FACTORS = {60.0: ("minutes", "seconds"), 24.0: ("hours",), 7.0: ("days",), 12.0: ("months",)}
_UNIT_FACTORS = {
    "h": (60.0, 3600.0), "min": (1 / 60, 60.0), "d": (24.0,), "week": (7.0,),
    "year": (12.0, 52.0, 365.0), "kg": (1e3, 1e-3), "g": (1e-3,), "t": (1e3,), "km": (1e3,),
    "m": (100.0, 1e3, 1e-3), "l": (1e3, 1e-3), "dozen": (12.0,), "gross": (144.0, 12.0),
    "cent": (0.01,), "cents": (0.01,), "pence": (0.01,), "cm": (0.01, 10.0), "mm": (1e-3, 0.1),
    "ml": (1e-3,), "m2": (1e4,), "cm2": (1e-4,), "m3": (1e3, 1e6), "m³": (1e3, 1e6),
    "ha": (1e4,), "MWh": (1e3,), "kWh": (1e-3,),
}  # fmt: skip
"""What a number with a unit may be multiplied by on its way into a model."""
_SPOKEN = (("square met", "m2"), ("cubic met", "m3"))
_PRICED = re.compile(
    r"\s?(?P<money>€|\$|£|EUR|USD|euros?|dollars?|pounds?|cents?)?\s?(?:per|/|an?)\s?(?P<unit>\w[\w²³]*"
    r"(?:(?<=square|.cubic)\s\w+)?)"
)
"""A price of a unit: `4.20 EUR per m²`, `$62/tonne`."""
_MONEY = frozenset("$€£")
_AND_A_HALF = re.compile(r"\band an? (?:half|third|quarter)\b", re.IGNORECASE)
_UNIT_TOLD = re.compile(
    r"\b(?:an?|one|each|1)\s+(?P<unit>[a-z]+)\s+(?:is|has|are|means|makes|contains|=)\s+$",
    re.IGNORECASE,
)
_UNIT_REACH = 40
_PARTS = frozenset({"sides", "corners", "edges", "faces"})
"""What a number only counts: the parts of a shape."""
_MOST_TRIALS = 200_000
_LEAST_END = 10
"""From here on a whole number next to one of the text's may be the end of a range."""
_END_REACH = 24
_END_BEFORE = re.compile(
    r"(?:\b(?:from|over|above|under|below|beyond|(?:more|less|fewer|greater) than|exceed\w*|to)"
    r"|[-–~])\s*$",
    re.IGNORECASE,
)
_END_AFTER = re.compile(r"\s*(?:\w+\s+)?(?:(?:or|and) (?:more|above|over)|up\b|onwards|\+|[-–~])")
"""Where a range ends or begins at a number: `from 300 boxes`, `600 and more`, `100 - 150`."""


@dataclass(frozen=True)
class NumberUse:
    """A number in a model and the element that has it.

    `stated` tells whether the text should have it; a count, an exponent or an index need not be.
    """

    value: float
    where: str
    stated: bool = True


U = TypeVar("U", bound=NumberUse)


def match_numbers(
    text: str, uses: Sequence[NumberUse], *, named: Iterable[float] = (), counts: float = 0
) -> tuple[list[TextNumber], list[NumberUse]]:
    """Return the numbers of the text and the values of a model that match nothing.

    A number counts as used if a value equals it up to sign, percent, complement (1 - p) or markup
    (1 + p), or is the same in another unit than its own and no other number of the text; a time of
    day if one equals it in minutes or hours, or how far it is from another. What is
    then left on both sides is matched by any unit's conversions, by how often a part
    ("a third") goes into the whole, by sums and differences of two numbers left, and by products
    and quotients with any number of the text.

    Args:
        text: the problem in words.
        uses: the model's values; those not `stated` account for numbers and need no origin.
        named: values that only words of the model have: they account for numbers too.
        counts: the most that the model has of anything a text may count.
    """
    numbers = numbers_in(text)
    values = _Values((*(use.value for use in uses), *named))
    said = _Values(use.value for use in uses if use.stated)
    written = _Values(use.value for use in uses if use.where != COUNTS)
    left = [
        n
        for n in numbers
        if not (
            _is_used(n, values, counts)
            or _is_converted(n, numbers, written)
            or _is_told_of_a_unit(n, text)
        )
    ]
    timed = _told_as_times(text, numbers, said)
    left = [n for n in left if n.span[0] not in timed]
    stated = [*numbers, *labels_in(text)]
    asserted = {u.value: u for u in reversed(uses) if u.stated and abs(u.value) not in _TRIVIAL}
    founded_values = _Values(
        (
            *(v for n in stated for v in (*_variants(n), *_converted(n), *_beside(n, text))),
            *(v for n in numbers for v in _per_unit(n, text)),
            *_of_times(text),
        )
    )
    loose = {
        v: u
        for v, u in reversed(asserted.items())
        if v not in founded_values and not _is_founded(v, stated)
    }
    if len(left) * len(loose) * len(numbers) > _MOST_TRIALS:
        return left, list(loose.values())
    made: set[tuple[int, int]] = set()
    founded: set[float] = set()
    for value in loose:
        for parts in _origins(value, left, numbers):
            founded.add(value)
            made.update(n.span for n in parts)
    return (
        [n for n in left if n.span not in made],
        [use for value, use in loose.items() if value not in founded],
    )


def untold_values(text: str, uses: Iterable[NumberUse]) -> list[NumberUse]:
    """Return the values of a model that its text does not have, each once.

    Had is what the text states, spelled out, rounded, as a percentage, a complement or in another
    unit; unlike in `match_numbers`, not what could be computed from two numbers of it.
    """
    numbers = [*numbers_in(text), *labels_in(text)]
    had = _Values(
        (
            *(w for n in numbers for v, factor in _scalings(n) for w in (v * factor, v / factor)),
            *_of_times(text),
        )
    )
    whole = _Values(1 / n.value for n in numbers if n.is_part)
    untold = {
        use.value: use
        for use in uses
        if use.stated and use.value not in had and use.value not in whole
        and not _is_founded(use.value, numbers)
    }  # fmt: skip
    return list(untold.values())


def sources_of(text: str, uses: Sequence[U]) -> list[tuple[TextNumber, tuple[U, ...], bool]]:
    """Return each number of the text with the uses that have it, and whether as it stands.

    Where no use has the number itself, those follow that can be computed from it, alone or with
    another number of the text, and whose value the text does not state.
    """
    numbers = numbers_in(text)
    by_value: dict[float, list[U]] = {}
    for use in uses:
        if use.stated:
            by_value.setdefault(_rounded(use.value), []).append(use)
    direct = [_uses_of(number, by_value) for number in numbers]
    left = [n for n, found in zip(numbers, direct, strict=True) if not found]
    stated = [*numbers, *labels_in(text)]
    made: dict[tuple[int, int], list[U]] = {}
    founded = _Values(v for n in stated for v in _variants(n))
    loose = [
        u for u in uses if u.stated and abs(u.value) not in _TRIVIAL
        and u.value not in founded and not _is_founded(u.value, stated)
    ]  # fmt: skip
    if len(left) * len(loose) * len(numbers) <= _MOST_TRIALS:
        for use in loose:
            for parts in _origins(use.value, left, numbers):
                for number in parts:
                    made.setdefault(number.span, []).append(use)
    return [
        (n, found, True) if found else (n, tuple(dict.fromkeys(made.get(n.span, ()))), False)
        for n, found in zip(numbers, direct, strict=True)
    ]


def _uses_of(number: TextNumber, by_value: dict[float, list[U]]) -> tuple[U, ...]:
    exact = [use for v in number.alternatives for use in by_value.get(_rounded(v), ())]
    near = [_rounded(v) for v in _variants(number)]
    if not number.value.is_integer() and not number.percent:
        near += [_rounded(round(number.value, digits)) for digits in (2, 3, 4)]
    found = exact or [use for v in near for use in by_value.get(v, ())]
    return tuple(dict.fromkeys(found))


def _origins(
    value: float, left: list[TextNumber], numbers: list[TextNumber]
) -> Iterator[tuple[TextNumber, ...]]:
    """Yield the numbers of the text from which a value can be computed."""
    for a in left:
        if any(_same(value, v * f) or _same(value, v / f) for v, f in _scalings(a)):
            yield (a,)
        if a.is_part and _same(value, 1 / a.value):  # a third of the boats: 3*ferries <= boats
            yield (a,)
        for b in left:
            if a.span < b.span and any(_same(value, r) for r in _sums(a, b)):
                yield (a, b)
    for k, a in enumerate(numbers):
        for b in numbers[k + 1 :]:
            if any(_same(value, r) for r in _products(a, b)):
                yield (a, b)


def _scalings(number: TextNumber) -> Iterator[tuple[float, float]]:
    yield from ((value, factor) for value in number.alternatives for factor in CONVERSIONS)


def _sums(a: TextNumber, b: TextNumber) -> Iterator[float]:
    for x in a.alternatives:
        for y in b.alternatives:
            yield x + y
            yield x - y


def _products(a: TextNumber, b: TextNumber) -> Iterator[float]:
    for x in a.alternatives:
        for y in b.alternatives:
            yield x * y
            if x and y:
                yield x / y
                yield y / x


def _same(a: float, b: float) -> bool:
    return math.isclose(abs(a), abs(b), rel_tol=1e-9)


class _Values:
    """Values with look-up up to sign and rounding."""

    def __init__(self, values: Iterable[float]) -> None:
        self._rounded = {_rounded(value) for value in values}

    def __contains__(self, value: float) -> bool:
        return _rounded(value) in self._rounded


def _rounded(value: float) -> float:
    """Return the magnitude to nine significant digits."""
    return float(f"{abs(value):.9g}")


def _variants(number: TextNumber) -> list[float]:
    """Return the values as which a number of the text may appear, `5 thousand` as 5 too."""
    found = list(number.alternatives)
    if _SCALED.search(number.words):
        found += [number.value / scale for scale in (1e3, 1e6, 1e9)]
    elif number.value >= 1e4:
        found.append(number.value / 1e3)
    share = number.alternatives[-1]
    if number.percent or 0 < share < 1:
        found += [1 - share, 1 + share, 1 / (1 - share) if share != 1 else 1.0]
    return found


def _converted(number: TextNumber) -> Iterator[float]:
    """Yield a number in other units than its own: 25 kg as 25000, 90 cents as 0.9."""
    yield from (number.value * factor for factor in _factors_of(number.unit_hint))


def _factors_of(unit: str) -> tuple[float, ...]:
    """Return by what a number in a unit may be multiplied; in words, a volume or an area too."""
    spoken = next((short for words, short in _SPOKEN if unit.lower().startswith(words)), unit)
    return _UNIT_FACTORS.get(known_unit(spoken) or spoken.lower(), ())


def _per_unit(number: TextNumber, text: str) -> Iterator[float]:
    """Yield a price of a unit as one of a smaller unit, in the same money or in its hundredths."""
    found = _PRICED.match(text, number.span[1])
    if found and (found["money"] or number.unit_hint in _MONEY):
        for factor in _factors_of(found["unit"]):
            if factor > 1:
                yield from (number.value / factor, number.value * 100 / factor)


def _of_times(text: str) -> Iterator[float]:
    """Yield what a model may make of the times and dates of a text."""
    times = times_in(text)
    yield from (v for time in times for v in time.values)
    yield from values_of_times(times)
    yield from values_of_dates(text)


def _told_as_times(text: str, numbers: list[TextNumber], values: _Values) -> set[int]:
    """Return the places of a text that belong to times of day which a model has in its way.

    Of a model that has none of them, those that nothing says are to be kept, as opening hours.
    How far two times are apart is not looked at where another number of the text is the same.
    """
    times = times_in(text)
    if not times:
        return set()
    spans = [range(*time.span) for time in times]
    others = _Values(
        v for n in numbers if not any(n.span[0] in span for span in spans) for v in n.alternatives
    )
    made = values_of_times(times)
    had = {
        k
        for value, places in made.items()
        if value in values and value not in others
        for k in places
    }
    had |= {k for k, time in enumerate(times) if any(v in values for v in time.values)}
    if not had:
        had = {k for k, time in enumerate(times) if not time.is_due(text)}
    return {place for k in had for place in spans[k]}


def _is_converted(number: TextNumber, numbers: list[TextNumber], values: _Values) -> bool:
    """Whether a model has a number in another unit, and that is no other number of the text."""
    found = [value for value in _converted(number) if value in values]
    others = _Values(v for n in numbers if n is not number for v in _variants(n)) if found else ()
    return any(value not in others for value in found)


def _is_told_of_a_unit(number: TextNumber, text: str) -> bool:
    """Whether a text only says with it what a unit is: a gross is 144."""
    told = _UNIT_TOLD.search(text[: number.span[0]][-_UNIT_REACH:])
    return told is not None and number.value in _factors_of(told["unit"])


def _beside(number: TextNumber, text: str) -> Iterator[float]:
    """Yield the whole numbers next to one where a range ends: up to 299, from 300 on."""
    if not number.value.is_integer() or number.percent or number.value < _LEAST_END:
        return
    before, after = text[: number.span[0]][-_END_REACH:], text[number.span[1] :][:_END_REACH]
    if _END_BEFORE.search(before) or _END_AFTER.match(after):
        yield from (number.value - 1, number.value + 1)


def _is_used(number: TextNumber, values: _Values, counts: float) -> bool:
    if any(value in {0.0, 1.0} for value in number.alternatives):
        return True
    if number.unit_hint in _FACTORS.get(number.value, ()):
        return True  # said of an hour, a day, a week, a year
    spelled = not any(c.isdigit() for c in number.words)
    if spelled and number.value in _SCALES:
        return True  # a unit, as in "per thousand litres"
    if spelled and number.value.is_integer() and number.value <= min(counts, _COUNTED):
        return True
    if number.unit_hint.lower() in _PARTS:
        return True
    if _AND_A_HALF.search(number.words) and number.value % 1 in values:
        return True  # all of one week and half of another
    if any(value in values for value in _variants(number)):
        return True
    # A third and the like are written with few digits.
    fraction = not number.value.is_integer() and not number.percent
    return fraction and any(round(number.value, digits) in values for digits in (2, 3, 4))


def _is_founded(value: float, numbers: list[TextNumber]) -> bool:
    constant = abs(value) in _TRIVIAL or abs(abs(value) - math.pi) < _PI_DIGITS
    return constant or any(_near(value, v) for n in numbers for v in _variants(n))


def _near(a: float, b: float) -> bool:
    if math.isclose(abs(a), abs(b), rel_tol=1e-6):
        return True
    # A third and the like are written with few digits.
    return 0 < b < 1 and any(math.isclose(abs(a), round(b, digits)) for digits in (2, 3, 4))
