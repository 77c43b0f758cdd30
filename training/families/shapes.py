"""What the families of shapes share: units of area and volume, round numbers."""

from __future__ import annotations

UNITS = {
    "cm": ("square centimetres", "cubic centimetres"),
    "dm": ("square decimetres", "cubic decimetres"),
    "m": ("square metres", "cubic metres"),
    "feet": ("square feet", "cubic feet"),
    "inches": ("square inches", "cubic inches"),
}
"""For each unit of length those of area and volume."""


def one_of(unit: str) -> str:
    """Return the singular of a unit of area."""
    return unit.replace("metres", "metre").replace("inches", "inch").replace("feet", "foot")


def rounded(value: float) -> float:
    """Return a value to two significant digits."""
    return float(f"{value:.2g}")
