"""Numbers as people write them."""

from __future__ import annotations

ZERO = 1e-7
"""Below this, relative to nothing, a value is shown as zero and left out of lists."""


def number(value: float | None) -> str:
    """Return a number as people write it: seven significant digits, no noise, thousands apart."""
    if value is None:
        return "none"
    if abs(value) < ZERO:
        return "0"
    rounded = float(f"{value:.7g}")
    if rounded == int(rounded) and abs(rounded) < 1e15:
        return f"{int(rounded):,}"
    magnitude = abs(rounded)
    return f"{rounded:,.7g}" if 1e-4 <= magnitude < 1e7 else f"{rounded:.7g}"


def rise(before: float, after: float) -> str:
    """Return by how much a value rose, in percent with its sign; empty where it was zero."""
    if abs(before) < ZERO:
        return ""
    percent = 100 * (after - before) / abs(before)
    shown = f"{percent:.3g}" if abs(percent) < 1000 else f"{percent:,.0f}"
    return f"{'+' if percent > 0 else ''}{shown}%"


def measured(value: float | None, unit: str) -> str:
    """Return a number with its unit; of one `units`, `1 unit`."""
    shown = number(value)
    plain = unit.isalpha() and unit.endswith("s") and not unit.endswith("ss")
    singular = unit.removesuffix("s") if shown == "1" and plain else unit
    return f"{shown} {singular}" if singular and value is not None else shown
