"""Times of day and dates of a text, and the numbers that a model makes of them.

A model counts minutes or hours from midnight or from another time of the text, and days from
another date of it: "unloaded by 9:45" is 75 for a van that leaves at 8:30, and 28 March the 27th
day from 2 March on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

_COLON = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])\s?(?P<sign>[:.h])\s?(?P<minute>[0-5]\d)"
    r"(?![\d:%]|[.,]\d)(?:\s?(?P<half>[ap])\.?m\b)?",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"(?<![\d:.])(?P<hour>1[0-2]|0?[1-9])(?:\s?(?P<half>[ap])\.?m\b|\s?o['’]?clock\b)"
    r"|\b(?P<named>noon|midnight)\b",
    re.IGNORECASE,
)
_RATIO_BEFORE = re.compile(r"\b(?:ratios?|scale|proportions?)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_TIME_BEFORE = re.compile(
    r"(?:\b(?:at|from|until|till|til|to|by|before|after|between|and|opens?|closes?|starts?|ends?"
    r"|begins?|leaves?|since|around|about)|[-–~])\s*$",
    re.IGNORECASE,
)
"""What a time written with a point follows; by itself, 10.30 is an amount."""
_AMOUNT_AFTER = re.compile(
    r"(?:\s?(?:to|and|-|–)\s?\d+\.\d\d)?"
    r"\s?(?:[$€£%]|\w+\s+(?:per|an?|each)\b|(?:EUR|USD|kg|km|per|an?)\b)"
)
_DAY = 24 * 60
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = r"(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES = (
    re.compile(rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\.?(?:\s+of)?\s+{_MONTH}\b", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?![.,:]?\d)", re.IGNORECASE),
    re.compile(r"\b\d{4}-(?P<number>\d\d)-(?P<day>\d\d)\b"),
)
_YEARS = (2027, 2028)
"""One of 365 days and one of 366: which it is, a text hardly says."""
_MOST = 60
"""Times and dates that are looked at: differences grow with their square."""


@dataclass(frozen=True)
class TimeOfDay:
    """A time of day.

    Attributes:
        minutes: since midnight; several where a text leaves open which half of the day it is.
        span: its characters, half-open.
    """

    minutes: tuple[int, ...]
    span: tuple[int, int]

    @property
    def values(self) -> tuple[float, ...]:
        """It in minutes and in hours since midnight."""
        return tuple(v for m in self.minutes for v in (float(m), m / 60))


def times_in(text: str) -> list[TimeOfDay]:
    """Return the times of day that a text names: 9:45, 10.30 where it can be one, 3 pm, noon."""
    found = [*_with_minutes(text), *_whole(text)]
    return sorted(found, key=lambda time: time.span)[:_MOST]


def values_of_times(times: list[TimeOfDay]) -> dict[float, set[int]]:
    """Return what a model may make of times, each with the places of the times that it takes.

    That is each in minutes and hours since midnight, and how far two are from each other, past
    midnight too.
    """
    made: dict[float, set[int]] = {}
    for k, time in enumerate(times):
        for value in time.values:
            made.setdefault(value, set()).add(k)
    for (j, first), (k, second) in combinations(enumerate(times), 2):
        for a in first.minutes:
            for b in second.minutes:
                for apart in {abs(b - a), (b - a) % _DAY, (a - b) % _DAY} - {0}:
                    for value in (float(apart), apart / 60):
                        made.setdefault(value, set()).update((j, k))
    return made


def values_of_dates(text: str) -> set[float]:
    """Return how many days, and whole weeks, lie between two dates of a text, or are in between.

    The later one is the day of that number where the earlier one is day 0, or day 1.
    """
    made = set()
    for year in _YEARS:
        days = sorted(set(_days(text, year)))[:_MOST]
        for first, second in combinations(days, 2):
            apart = second - first
            made |= {float(apart), float(apart + 1), float(apart - 1)}
            made |= {apart / 7} if apart % 7 == 0 else set()
    return made


def _with_minutes(text: str) -> Iterator[TimeOfDay]:
    for found in _COLON.finditer(text):
        before = text[: found.start()][-24:]
        if found["sign"] != ".":
            named = not _RATIO_BEFORE.search(before)
        else:
            named = bool(_TIME_BEFORE.search(before)) and not _AMOUNT_AFTER.match(text, found.end())
        if named:
            yield _time(found, int(found["minute"]))


def _whole(text: str) -> Iterator[TimeOfDay]:
    for found in _HOUR.finditer(text):
        if found["named"]:
            noon = found["named"].lower() == "noon"
            yield TimeOfDay((12 * 60,) if noon else (0, _DAY), found.span())
        else:
            yield _time(found, 0)


def _time(found: re.Match[str], minute: int) -> TimeOfDay:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half and hour <= 12:
        minutes: tuple[int, ...] = ((hour % 12 + (12 if half == "p" else 0)) * 60 + minute,)
    elif hour <= 12 and "clock" in found[0].lower():
        minutes = (hour * 60 + minute, (hour + 12) % 24 * 60 + minute)
    else:
        minutes = (hour * 60 + minute,)
    return TimeOfDay(minutes, found.span())


def _days(text: str, year: int) -> Iterator[int]:
    """Yield the dates of a text as if all were of one year."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            month = int(parts["number"]) if "number" in parts else _month(parts["month"])
            try:
                yield date(year, month, int(found["day"])).toordinal()
            except ValueError:
                continue


def _month(word: str) -> int:
    return next(k for k, name in enumerate(_MONTHS, 1) if name.startswith(word.lower()[:3]))
