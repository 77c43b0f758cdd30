"""The problem's text with the words of an element marked in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from optiwright.formulators.text_places import Span, TextPlace
from optiwright.ui.plain_text import plain_line

_HOW = {
    "quoted": "",
    "numbers": "Found by its numbers; the formulation quotes no words.",
    "words": "Found by its words; the formulation quotes none.",
    "unknown": "No words of the text are known for this.",
}
_AROUND = 60
"""Characters of the text that are shown before and after the words of an element."""
_PLACES = 6
"""Places of an element that are shown below its line."""


def show_text(text: str, place: TextPlace | None) -> None:
    """Show the problem's text, the words of the chosen element marked."""
    with st.expander("The problem's text", expanded=False, icon=":material/article:"):
        st.markdown(marked(text, place.spans if place is not None else ()))


def show_words(text: str, place: TextPlace) -> None:
    """Show the words of an element below its line, with some of the text around them."""
    with st.container(border=True, gap="xxsmall"):
        for start, stop in place.spans[:_PLACES]:
            first, last = _cut(text, start, stop)
            begin, end = "… " if first else "", " …" if last < len(text) else ""
            st.markdown(begin + marked(text[first:last], [(start - first, stop - first)]) + end)
        if len(place.spans) > _PLACES:
            st.caption(f"and {len(place.spans) - _PLACES} more places")
        if _HOW[place.how]:
            st.caption(_HOW[place.how])


def words_of(text: str, place: TextPlace) -> str:
    """Return an element's words for a tooltip, as Markdown."""
    if not place.spans:
        return _HOW["unknown"]
    return " … ".join(plain_line(text[start:stop]) for start, stop in place.spans[:4])


def marked(text: str, spans: Sequence[Span]) -> str:
    """Return a text as Markdown, line by line, with spans in bold on a coloured ground."""
    return "  \n".join(_lines(text, spans))


def _lines(text: str, spans: Sequence[Span]) -> Iterator[str]:
    offset = 0
    for line in text.split("\n"):
        parts, at = [], 0
        for start, stop in spans:
            a, b = max(start - offset, at), min(stop - offset, len(line))
            if a < b and line[a:b].strip():
                parts += [_piece(line[at:a]), f":yellow-background[**{plain_line(line[a:b])}**]"]
                at = b
        yield "".join([*parts, _piece(line[at:])]) or "\u00a0"
        offset += len(line) + 1


def _piece(text: str) -> str:
    """Return a piece of a line, the space at its ends kept."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{plain_line(text)}{after}"


def _cut(text: str, start: int, stop: int) -> Span:
    """Return where a piece of the text around a span begins and ends; of a table its row."""
    row = text.rfind("\n", 0, start) + 1, (text + "\n").find("\n", stop)
    if text[slice(*row)].count("|") > 1 and "\n" not in text[start:stop]:
        return row
    first = max(0, start - _AROUND)
    last = min(len(text), stop + _AROUND)
    if first:
        first += len(text[first:start]) - len(text[first:start].partition(" ")[2])
        first = min(first, start)
    if last < len(text):
        last = stop + len(text[stop:last].rpartition(" ")[0])
    return first, last
