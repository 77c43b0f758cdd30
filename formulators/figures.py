"""Numbers as people write them: with few digits, signs of a rise, units, money."""

from __future__ import annotations

import math
import re

_MONEY = re.compile(
    r"[$€£¥]|\b(?:usd|eur|gbp|dollars?|euros?|cents?|pence|yen|francs?|rupees?|rupiah|yuan|krone[rn]?)\b",
    re.IGNORECASE,
)
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
