"""The lines of one element: the formula, its sentence and unit, its words, its inputs."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from optiwright.formulators.phrases import counted
from optiwright.formulators.reading import Line, Section
from optiwright.formulators.text_places import TextPlace
from optiwright.ui.editing import Editing
from optiwright.ui.formulation_text import show_words, words_of
from optiwright.ui.plain_text import plain_line

SHOWN = 50
"""Lines of an element that are shown at first, and again with each click."""


def show_section(
    section: Section,
    text: str,
    places: Mapping[str, TextPlace],
    key: str,
    editing: Editing | None,
) -> None:
    """Show the lines of an element, the first fifty of many; with `editing` their inputs too."""
    st.markdown(f"##### {section.title}", anchors=False)
    if not section.lines:
        st.caption("None.")
    shown_key = f"{key}-{section.title}-shown"
    shown = st.session_state.get(shown_key, SHOWN)
    for number, line in enumerate(section.lines[:shown]):
        own = f"{key}-{section.title}-{number}"
        _show_line(line, text, places.get(line.where), own, key, table=editing is None)
        if editing is not None:
            editing.line(line.where)
    left = len(section.lines) - shown
    if left > 0:
        st.button(
            f"{counted(left, 'more line')} of {section.title.lower()}",
            key=f"{shown_key}-more",
            icon=":material/expand_more:",
            on_click=_show_more,
            args=(shown_key, shown),
        )


def _show_more(key: str, shown: int) -> None:
    st.session_state[key] = shown + SHOWN


def _show_line(
    line: Line, text: str, place: TextPlace | None, own: str, key: str, *, table: bool
) -> None:
    chosen = st.session_state.get(f"{key}-chosen") == line.where
    with st.container(key=f"line-{own}", gap="xxsmall"):
        if line.formula:
            st.latex(line.formula, width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_sentence(line), width="stretch")
            if place is not None and text:
                st.button(
                    "Text",
                    key=f"{own}-words",
                    type="tertiary",
                    icon=":material/keyboard_arrow_up:" if chosen else ":material/format_quote:",
                    help=words_of(text, place),
                    on_click=_choose,
                    args=(f"{key}-chosen", "" if chosen else line.where),
                )
        if line.table and table:
            st.markdown(_table(line.table))
        if chosen and place is not None:
            show_words(text, place)


def _choose(key: str, where: str) -> None:
    st.session_state[key] = where


def _sentence(line: Line) -> str:
    same = line.meaning.replace("_", " ").lower() == line.name.replace("_", " ").lower()
    said = "" if same else line.meaning
    unit = f" *in {plain_line(line.unit)}*" if line.unit else ""
    return f"**{plain_line(line.name)}**{': ' if said else ''}{plain_line(said)}{unit}"


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    top, *body = ([plain_line(cell) or " " for cell in row] for row in rows)
    lines = [f"| {' | '.join(row)} |" for row in (top, ["---"] * len(top), *body)]
    return "\n".join(lines)
