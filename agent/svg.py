"""SVG by hand: text that is cut to its room, round ticks, a document that stands alone.

Colours are variables that follow the reader's light or dark. Widths of text are estimated for wide
letters, since nothing here knows the reader's font.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from optiwright.formulators.figures import short

_NARROW = frozenset(" ,.:;'|!()[]fijlrt-")
_WIDE = frozenset("mwMW%@")
_BOLD = 1.12
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIGHT = "--ink:#1f2328;--line:#d0d7de;--main:#0b62c4;--other:#c2570c;--paper:#fff"
_DARK = "--ink:#e6edf3;--line:#454c56;--main:#6cb0ff;--other:#ff9d5c;--paper:#0e1117"
_SWITCH = f"@media screen and (prefers-color-scheme:dark){{.ow{{{_DARK}}}}}"
_STYLE = f".ow{{{_LIGHT};font:13px system-ui,sans-serif;fill:var(--ink)}}{_SWITCH}"


def width_of(words: str) -> float:
    """Return about how wide words are in the charts' font, in pixels, rather too much."""
    return sum(5.2 if c in _NARROW else 12.5 if c in _WIDE else 8.3 for c in words)


def cut(words: str, room: float) -> str:
    """Return words cut to a room in pixels, with an ellipsis where they had to be."""
    if width_of(words) <= room:
        return words
    kept = next((k for k in range(len(words), 0, -1) if width_of(words[:k]) + 16 <= room), 0)
    return f"{words[:kept].rstrip()} \u2026"


def written(words: str) -> str:
    """Return words as they stand in a document; what no document may hold is a question mark."""
    return escape(_ILLEGAL.sub("\ufffd", words))


def text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """Return words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{written(words)}</text>'


def upward(x: float, y: float, words: str) -> str:
    """Return words that run upward from a place."""
    turn = f'transform="rotate(-90 {x:.1f} {y:.1f})"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {turn}>{written(words)}</text>'


def over_lines(x: float, y: float, words: str) -> str:
    """Return words with their middle at a place, kept clear of the lines below them."""
    clear = 'style="paint-order:stroke" stroke="var(--paper)" stroke-width="4"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" {clear}>{written(words)}</text>'


def titled(shape: str, words: str) -> str:
    """Return an element, such as `rect width="3"`, with words for who points at it."""
    return f"<{shape}><title>{written(words)}</title></{shape.partition(' ')[0]}>"


def in_scheme(svg: str, *, dark: bool) -> str:
    """Return a document that is light or dark whatever its reader's system prefers."""
    return svg.replace(_SWITCH, f".ow{{{_DARK}}}" if dark else "", 1)


def document(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    """Return an SVG document with its title on top, which is whole only for who asks for it."""
    shown = cut(title, (width - 16) / _BOLD)
    heading = f'<text x="8" y="20" font-weight="600">{written(shown)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ow" role="img" '
        f'aria-label="{written(title)}" viewBox="0 0 {width} {height}" width="{width}">'
        f"<title>{written(title)}</title><style>{_STYLE}</style>{heading}{''.join(parts)}</svg>"
    )


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers within [low, high], about as many as wanted."""
    if not high > low:
        return [low]
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def tick_labels(places: Sequence[float]) -> list[str]:
    """Return ticks in words, with as many digits as it takes to tell them apart."""
    labels = [short(place) for place in places]
    digits = 2
    while len(set(labels)) < len(places) and digits < 16:
        labels = [f"{place:,.{digits}g}" for place in places]
        digits += 1
    return labels


@dataclass(frozen=True)
class Mark:
    """A tick of an axis that goes across."""

    x: float
    middle: float
    """Of its label, which stays within the picture."""
    label: str


def marks_across(span: tuple[float, float], left: float, right: float, width: float) -> list[Mark]:
    """Return ticks between two places of a picture, as many as have labels beside each other."""
    low, high = span
    marks: list[Mark] = []
    for wanted in (5, 4, 3, 2):
        places = ticks(low, high, wanted)
        xs = [left + (right - left) * (place - low) / (high - low) for place in places]
        marks = [
            Mark(x, inside(x, label, width), label)
            for x, label in zip(xs, tick_labels(places), strict=True)
        ]
        if all(a.middle + _apart(a.label, b.label) <= b.middle for a, b in pairwise(marks)):
            return marks
    return marks[:1]


def inside(x: float, words: str, width: float) -> float:
    """Return where words have their middle so that they stay within a picture's width."""
    half = width_of(words) / 2
    return min(max(x, half + 2), width - half - 2)


def _apart(one: str, two: str) -> float:
    return (width_of(one) + width_of(two)) / 2 + 6
