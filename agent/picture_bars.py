"""Bars: a decision for each member of a set, or several decisions beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.agent.picture_parts import (
    EDGE,
    TOP,
    WIDTH,
    Decided,
    Picture,
    few_told,
    place_words,
)
from optiwright.agent.svg import cut, document, text, titled, width_of
from optiwright.formulators.figures import number
from optiwright.formulators.model import Index

_ROW, _THICK = 24, 14
_MOST = 24
"""Bars of one decision; more than these are told as a number."""
_MOST_TIMES = 60
_MOST_DECISIONS = 4
_LABEL = 170
"""The most room that labels take, in pixels."""

Row = tuple[str, float, str]
"""A label, a value, and the value in words."""


def bars(decided: Sequence[Decided]) -> Picture:
    """Return a block of bars for each decision; there is one at least, with a value not zero."""
    shown = decided[:_MOST_DECISIONS]
    alone = len(shown) == 1
    title = shown[0].titled if alone else f"The decisions by {shown[0].heads[0]}"
    blocks = [_block(d, "" if alone else d.titled) for d in shown]
    rest = len(decided) - len(shown)
    more = f"{rest} more decisions are in the tables." if rest else ""
    alt = f"Bars. {' '.join(f'{d.title}: {_told(d)}.' for d in shown)}"
    return Picture(kind="bars", title=title, svg=_drawn(title, blocks, more), alt=alt)


def scalar_bars(decided: Sequence[Decided]) -> Picture | None:
    """Return bars for decisions without an index; None where there are not two that compare."""
    if len(decided) < 2 or not any(d.taken for d in decided):
        return None
    units = list(dict.fromkeys((d.yes_no, d.unit) for d in decided))
    groups = [[d for d in decided if (d.yes_no, d.unit) == unit] for unit in units]
    blocks = [_scalars(group) for group in groups]
    title = "The decisions"
    told = [d.told_with_title for d in decided]
    svg = _drawn(title, blocks, "")
    return Picture(
        kind="bars", title=title, svg=svg, alt=f"Bars of the decisions: {few_told(told)}."
    )


@dataclass(frozen=True)
class _Block:
    """Bars that share a heading and a scale."""

    heading: str
    rows: list[Row]
    note: str = ""


def _told(decided: Decided) -> str:
    told = [f"{place_words(i)} {decided.told(v)}" for i, v in decided.taken.items()]
    zeros = len(decided.values) - len(told)
    return few_told(told) + (f"; {zeros} are zero" if zeros and not decided.yes_no else "")


def _block(decided: Decided, heading: str) -> _Block:
    kept = _kept(decided)
    rows = [(place_words(i), decided.values[i], _figure(decided, i)) for i in kept]
    return _Block(heading, rows, _left_out(decided, kept))


def _figure(decided: Decided, index: Index) -> str:
    value = decided.values[index]
    return decided.told(value) if decided.yes_no else number(value)


def _kept(decided: Decided) -> list[Index]:
    """Return the indices that are shown, in their order: of many those that are not zero."""
    timed = len(decided.heads) == 1 and decided.timed[0]
    if len(decided.values) <= (_MOST_TIMES if timed else _MOST):
        return list(decided.values)
    taken = decided.taken
    greatest = sorted(taken, key=lambda i: -abs(taken[i]))[:_MOST]
    return [i for i in taken if i in set(greatest)]


def _left_out(decided: Decided, kept: Sequence[Index]) -> str:
    rest = len(decided.values) - len(kept)
    if not rest:
        return ""
    zeros = len(decided.values) - len(decided.taken)
    if rest == zeros:
        return f"{rest:,} more, all {'no' if decided.yes_no else 'zero'}"
    return f"{rest:,} more, {zeros:,} of them {'no' if decided.yes_no else 'zero'}"


def _scalars(group: Sequence[Decided]) -> _Block:
    first = group[0]
    heading = "Yes or no" if first.yes_no else first.unit
    kept = group if len(group) <= _MOST else [d for d in group if d.taken][:_MOST]
    rows = [(d.title, d.values[()], _figure(d, ())) for d in kept]
    rest = len(group) - len(kept)
    return _Block(heading, rows, f"{rest:,} more are in the tables" if rest else "")


def _drawn(title: str, blocks: Sequence[_Block], note: str) -> str:
    rows = [row for block in blocks for row in block.rows]
    labels = min(_LABEL, max(width_of(label) for label, _, _ in rows))
    figures = max(width_of(words) for _, _, words in rows)
    sides = EDGE + labels + 10, WIDTH - EDGE - figures - 10
    parts: list[str] = []
    top = float(TOP)
    for block in blocks:
        if block.heading:
            parts.append(text(EDGE, top + 12, cut(block.heading, WIDTH - 2 * EDGE)))
            top += 22
        parts += _drawn_rows(block.rows, top, sides)
        top += _ROW * len(block.rows)
        if block.note:
            parts.append(text(sides[0], top + 15, block.note))
            top += 20
        top += 10
    if note:
        parts.append(text(EDGE, top + 12, note))
        top += 22
    return document(title, WIDTH, round(top), parts)


def _drawn_rows(rows: Sequence[Row], top: float, sides: tuple[float, float]) -> list[str]:
    left, right = sides
    scale = max(abs(value) for _, value, _ in rows) or 1.0
    shares = [value / scale for _, value, _ in rows]
    low, high = min(0.0, *shares), max(0.0, *shares)
    span = (high - low) or 1.0
    zero = left + (right - left) * -low / span
    parts = [f'<path d="M{zero:.1f} {top:.1f}v{_ROW * len(rows)}" stroke="var(--ink)"/>']
    for k, ((label, _, words), share) in enumerate(zip(rows, shares, strict=True)):
        x = left + (right - left) * (share - low) / span
        reach = min(x, zero), abs(x - zero)
        parts += _bar(label, words, reach, share, top + k * _ROW, left - 10)
    return parts


def _bar(
    label: str, words: str, reach: tuple[float, float], share: float, top: float, end: float
) -> list[str]:
    colour = "other" if share < 0 else "main"
    shape = (
        f'rect x="{reach[0]:.1f}" y="{top + 4:.1f}" width="{reach[1]:.1f}" height="{_THICK}" '
        f'fill="var(--{colour})"'
    )
    base = top + 16
    return [
        text(end, base, cut(label, end - EDGE), "end"),
        titled(shape, f"{label}: {words}"),
        text(WIDTH - EDGE, base, words, "end"),
    ]
