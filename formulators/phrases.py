"""Small pieces of sentences that several explanations share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from optiwright.formulators.model import Index


def at(index: Index) -> str:
    """Return an index in brackets, as people write it; nothing for a scalar's."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def label(name: str, index: Index) -> str:
    """Return a symbol at an index as people write it: `ship[Seattle, Topeka]`."""
    return f"{name}{at(index)}"


def listing(parts: Iterable[str], word: str = "and") -> str:
    """Return parts as one enumeration: "a", "a and b", "a, b and c"."""
    words = list(parts)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {word} {words[-1]}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, with thousands apart: "1 requirement", "1,200 requirements"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def capitalised(text: str) -> str:
    """Return a text that begins with a capital; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """Return a text as it stands inside a sentence: "a mill" for "A mill"."""
    return text[:1].lower() + text[1:]


def measured(value: str, unit: str) -> str:
    """Return a number with its unit: "3 loads", "1 load", "1 person"."""
    if value == "1" and unit == "people":
        return "1 person"
    plural = value == "1" and re.fullmatch(r"[a-z]+[^su]s", unit)
    return f"{value} {unit[:-1] if plural else unit}".rstrip()
