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
from itertools import pairwise

_COLON = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])(?P<sign>[:.h])(?P<minute>[0-5]\d)"
    r"(?![\d:%]|[.,]\d)(?:\s?(?P<half>[ap])\.?m\b)?",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"(?<![\d:.])(?P<hour>1[0-2]|0?[1-9])(?:\s?(?P<half>[ap])\.?m\b|\s?o['’]?clock\b)"
    r"|\b(?P<named>noon|midnight)\b",
    re.IGNORECASE,
)
_TIME_BEFORE = re.compile(
    r"(?:\b(?:at|from|until|till|til|to|by|before|after|between|and|opens?|closes?|starts?|ends?"
    r"|begins?|leaves?|since|around|about)|[-–~])\s*$",
    re.IGNORECASE,
)
_CLOCK_BEFORE = re.compile(
    r"\b(?:until|till|(?:opens?|closes?|leaves?|arrives?|starts?|begins?|ends?)(?: at)?)\s*$",
    re.IGNORECASE,
)
"""What only a time follows; by itself, 10.30 is an amount."""
_RATIO_BEFORE = re.compile(r"\b(?:ratios?|scale|proportions?)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_AMOUNT_AFTER = re.compile(r"\s?(?:[$€£%]|\w+\s+(?:per|an?|each)\b|(?:EUR|USD|kg|km|per|an?)\b)")
_DUE_BEFORE = re.compile(
    r"\b(?:by|before|no (?:later|earlier) than|not until|latest|earliest|due|due at|deadline)\W*$",
    re.IGNORECASE,
)
_DUE_AFTER = re.compile(r"\W*(?:at )?the (?:latest|earliest)\b|\W*latest\b", re.IGNORECASE)
"""What makes a time one that has to be kept: `back by 17:00`, `9:00 the latest`."""
_DAY = 24 * 60
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
"""Names of months, in their order, as alternatives of a pattern."""
_MONTH = rf"(?P<month>{MONTHS})\b\.?"
_DATES = (
    re.compile(rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\.?(?:\s+of)?\s+{_MONTH}", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?![.,:]?\d)", re.IGNORECASE),
    re.compile(r"\b\d{4}-(?P<number>\d\d)-(?P<day>\d\d)\b"),
)
_YEARS = (2027, 2028)
"""One of 365 days and one of 366: which it is, a text hardly says."""
_MOST = 200
"""Times and dates that are looked at."""
_REACH = 24
"""Characters before a time in which a word may tell that it is one."""


@dataclass(frozen=True)
class TimeOfDay:
    """A time of day.

    Attributes:
        minutes: since midnight; several where a text leaves open which half of the day it is.
        span: its characters, half-open.
    """

    minutes: tuple[int, ...]
    span: tuple[int, int]

    def is_due(self, text: str) -> bool:
        """Whether its words make it one that has to be kept; opening hours are none."""
        before = text[max(0, self.span[0] - _REACH) : self.span[0]]
        return bool(_DUE_BEFORE.search(before) or _DUE_AFTER.match(text, self.span[1]))

    @property
    def values(self) -> tuple[float, ...]:
        """It in minutes and in hours since midnight."""
        return tuple(v for m in self.minutes for v in (float(m), m / 60))


def times_in(text: str) -> list[TimeOfDay]:
    """Return the times of day that a text names: 9:45, 10.30 where it must be one, 3 pm, noon."""
    found = [*_with_minutes(text), *_whole(text)]
    return sorted(found, key=lambda time: time.span)[:_MOST]


def values_of_times(times: list[TimeOfDay]) -> dict[float, set[int]]:
    """Return how far times are from each other, each with the places of the two that it takes.

    That is in minutes and in hours, past midnight too: of every time from the first one and from
    the earliest, which are what a model counts from, and from the one before it.
    """
    made: dict[float, set[int]] = {}
    if len(times) < 2:
        return made
    earliest = min(range(len(times)), key=lambda k: times[k].minutes[0])
    pairs = {(j, k) for k in range(len(times)) for j in (0, earliest, k - 1) if j != k and j >= 0}
    for j, k in pairs:
        for a in times[j].minutes:
            for b in times[k].minutes:
                for apart in {abs(b - a), (b - a) % _DAY} - {0}:
                    for value in (float(apart), apart / 60):
                        made.setdefault(value, set()).update((j, k))
    return made


def values_of_dates(text: str) -> set[float]:
    """Return how many days, and whole weeks, the dates of a text are after its earliest one.

    And after the date before them; the day itself counted, too: the earliest is day 0 or day 1.
    """
    made = set()
    for year in _YEARS:
        days = list(_days(text, year))[:_MOST]
        pairs = [(min(days), day) for day in days] if days else []
        for first, second in (*pairs, *pairwise(days)):
            if apart := abs(second - first):
                made |= {float(apart), float(apart + 1)}
                made |= {apart / 7} if apart % 7 == 0 else set()
    return made


def _with_minutes(text: str) -> Iterator[TimeOfDay]:
    """Yield times written with minutes: several with a colon, or one that its words make one.

    With a point they are amounts, unless one of them only can be a time.
    """
    found = [m for m in _COLON.finditer(text) if not _AMOUNT_AFTER.match(text, m.end())]
    before = [text[: m.start()][-_REACH:] for m in found]
    points = any(
        m["sign"] == "." and _CLOCK_BEFORE.search(b) for m, b in zip(found, before, strict=True)
    )
    several = sum(m["sign"] != "." for m in found) > 1
    for m, b in zip(found, before, strict=True):
        told = bool(_TIME_BEFORE.search(b)) or m["half"] is not None
        if m["sign"] == ".":
            named = points and told and int(m["minute"]) % 5 == 0
        else:
            named = (told or several) and not _RATIO_BEFORE.search(b)
        if named:
            yield _time(m, int(m["minute"]))


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
    """Yield the dates of a text, in its order, as if all were of one year."""
    dates = [found for pattern in _DATES for found in pattern.finditer(text)]
    for found in sorted(dates, key=lambda m: m.start()):
        parts = found.groupdict()
        month = int(parts["number"]) if "number" in parts else _month(parts["month"])
        try:
            yield date(year, month, int(found["day"])).toordinal()
        except ValueError:
            continue


def _month(word: str) -> int:
    return next(k for k, name in enumerate(MONTHS.split("|"), 1) if name[:3] == word[:3].lower())
