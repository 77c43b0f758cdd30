"""What a text wants its answer rounded to: "rounded to the nearest dollar"."""

from __future__ import annotations

import re

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
"""How a text says so: the numbers in it are none of the problem's."""
_ONE_WAY = re.compile(r"\bround\w*\b[^.?!]{0,40}?\b(?:up|down)\b", re.IGNORECASE)
"""How it says so of one direction alone, which is another rule."""


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
