"""Numbers as people write them: with few digits, signs of a rise, units, money."""

from __future__ import annotations

import math
import re

_MONEY = re.compile(
    r"[$€£¥]|\b(?:usd|eur|gbp|dollars?|euros?|cents?|pence|yen|francs?|rupees?|rupiah|yuan|krone[rn]?)\b",
    re.IGNORECASE,
)
_PLACES = {
    "cent": 0.01, "penny": 0.01, "tenth": 0.1, "hundredth": 0.01, "thousandth": 0.001,
    "half": 0.5, "two": 2.0, "five": 5.0, "ten": 10.0, "hundred": 100.0, "thousand": 1e3,
    "ten thousand": 1e4, "hundred thousand": 1e5, "million": 1e6,
}  # fmt: skip
"""What is rounded to by name; any other thing is rounded to whole ones."""
_FEW = ("no", "one", "two", "three", "four", "five", "six")
ROUNDED = re.compile(
    r"(?:(?<!is )(?<!are )(?<!be )\bround(?:ed|ing)?\b(?!\s+(?:trip|table|tour|off-?peak)s?\b)"
    r"(?:(?!\b(?:up|down)\b)[^.?!\d]){0,40}?\b"
    r"|\bto (?:the )?(?=nearest (?:[$€£]?\d|whole|integer|unit|dollar|euro|cent|hundred|thousand)))"
    rf"(?:(?:nearest\s+)?(?P<places>\d|{'|'.join(_FEW)})\s+(?:decimal|digits?\s+after)"
    r"|nearest\s+(?:(?P<amount>[$€£]?\d[\d,]*(?:\.\d+)?)"
    r"|(?P<thing>(?:ten|hundred)\s+thousand|[a-z]+)))",
    re.IGNORECASE,
)
"""How a text says what its answer is to be rounded to: its numbers are none of the problem's."""
_ONE_WAY = re.compile(r"\bround\w*\b[^.?!]{0,40}?\b(?:up|down)\b", re.IGNORECASE)
"""How it says so of one direction alone, which is another rule."""
_SAME_IN_BOTH = frozenset({"gross", "series", "species"})
ZERO = 1e-7
"""Below this, relative to nothing, a value is shown as zero and left out of lists."""


def number(value: float | None) -> str:
    """Return a number as people write it: without noise, thousands apart.

    Seven significant digits, but all of those before the point up to 15.
    """
    if value is None:
        return "none"
    if abs(value) < ZERO:
        return "0"
    rounded = float(f"{value:.7g}") if abs(value) < 1e7 else round(value, 0)
    if rounded == int(rounded) and abs(rounded) < 1e15:
        return f"{int(rounded):,}"
    return f"{rounded:,.7g}" if 1e-4 <= abs(rounded) < 1e7 else f"{rounded:.7g}"


def rounding_asked(text: str) -> float:
    """Return what a text wants its answer rounded to, 1 for whole dollars; 0 if nothing."""
    found = ROUNDED.search(text)
    if found is None or _ONE_WAY.search(text):
        return 0.0
    if found["places"]:
        places = found["places"].lower()
        return 10.0 ** -(int(places) if places.isdigit() else _FEW.index(places))
    if found["amount"]:
        return float(found["amount"].lstrip("$€£").replace(",", ""))
    thing = " ".join(found["thing"].lower().split())
    return _PLACES.get(thing, _PLACES.get(thing.removesuffix("s"), 1.0))


def rise(before: float, after: float) -> str:
    """Return by how much a value rose, in percent with its sign; empty where it was zero."""
    if abs(before) < ZERO:
        return ""
    percent = 100 * (after - before) / abs(before)
    shown = f"{percent:.3g}" if abs(percent) < 1000 else f"{percent:,.0f}"
    return f"{'+' if percent > 0 else ''}{shown}%"


def measured(value: float | None, unit: str) -> str:
    """Return a number with all its digits and its unit; of one `units`, `1 unit`."""
    shown = number(value)
    if value is None or not unit:
        return shown
    return f"{shown} {singular(unit) if shown == '1' else unit}"


def short(value: float | None) -> str:
    """Return a number with four significant digits, but all of those before the point."""
    if value is None or value == 0 or not math.isfinite(value):
        return number(value)
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    return number(round(value, decimals))


def amount(value: float, unit: str) -> str:
    """Return a number with its unit: `1 hour`, `2 hours`, `12.5 $`, `16%`."""
    shown = short(value)
    if unit.startswith("%"):
        return f"{shown}{unit}"
    return f"{shown} {singular(unit) if shown in {'1', '-1'} else unit}".strip()


def step_unit(unit: str) -> str:
    """Return the unit of a difference: that of two percentages is percentage points."""
    return "percentage points" if unit == "%" else unit


def singular(unit: str) -> str:
    """Return a unit's singular: `hours` is `hour`, `boxes` is `box`; others stay."""
    word, slash, rest = unit.partition("/")
    ending = re.search(r"[A-Za-z]+$", word)
    if ending is None or len(ending[0]) < 4 or ending[0].lower() in _SAME_IN_BOTH:
        return unit
    last = ending[0]
    if last.endswith("ies"):
        one = last[:-3] + "y"
    elif re.search(r"(?:x|ch|sh|ss)es$", last):
        one = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")):
        one = last[:-1]
    else:
        return unit
    return word[: ending.start()] + one + slash + rest


def is_money(unit: str) -> bool:
    """Whether a unit is an amount of money, by the day or not."""
    return _MONEY.search(unit.partition("/")[0]) is not None
