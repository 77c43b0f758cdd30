"""Names of tables and columns as Python identifiers, and the units that headers state."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import Any

from optiwright.formulators.units import known_unit

_LONGEST = 60
_NAMED = re.compile(r"^([^\W\d]\w*)=(.+)$", re.DOTALL)
_UNIT = re.compile(r"^(?P<name>.*?\S)\s*[\[(]\s*(?P<unit>[^\[\]()]{1,20}?)\s*[\])]$", re.DOTALL)


@dataclass(frozen=True)
class Header:
    """A column's header taken apart."""

    name: str
    """The words of it, without a unit."""
    unit: str
    """What stands in brackets behind them, if it is a unit; else empty."""


def canonical_name(text: str, default: str = "table") -> str:
    """Return a Python identifier for a name: `Unit cost` becomes `Unit_cost`."""
    normal = unicodedata.normalize("NFKC", str(text)).strip()
    name = re.sub(r"\W+", "_", normal).strip("_")[:_LONGEST].rstrip("_")
    if not name:
        return default
    if not name.isidentifier():
        name = f"{default}_{name}"
    if not name.isidentifier():
        return default
    return f"{name}_" if iskeyword(name) else name


def fresh_name(wanted: str, taken: Collection[str]) -> str:
    """Return `wanted`, numbered where it is taken."""
    name, k = wanted, 1
    while name in taken:
        k += 1
        name = f"{wanted}_{k}"
    return name


def header_of(text: object) -> Header:
    """Take a header apart: `Weight [kg]` is `Weight` in `kg`.

    A known unit counts in round and square brackets, an unknown one in square ones.
    """
    shown = " ".join(str(text).split())
    found = _UNIT.match(shown)
    if found is None:
        return Header(shown, "")
    unit = found["unit"]
    if known_unit(unit) or shown.endswith("]"):
        return Header(found["name"], unit)
    return Header(shown, "")


def split_given(one: Any) -> tuple[str, Any]:
    """Return the name and the rest of `name=FILE`; the name is empty where there is none."""
    if isinstance(one, str) and not os.path.exists(one):
        found = _NAMED.match(one)
        if found is not None:
            return found[1], found[2]
    return "", str(one) if isinstance(one, Path) else one
