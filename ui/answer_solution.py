"""The solution: its picture, and its tables."""

from __future__ import annotations

import math

import streamlit as st

from optiwright.agent.pictures import Picture, pictures_of
from optiwright.agent.result import Result
from optiwright.agent.shown_tables import ShownTable, shown_tables
from optiwright.agent.svg import in_scheme
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import counted
from optiwright.ui.plain_text import plain
from optiwright.ui.scene import Scene

_STYLED = 20_000
"""Cells up to which numbers are written as everywhere else."""


def show_pictures(result: Result) -> None:
    """Show the pictures that fit, if any do."""
    for picture in _pictures(result.run_id, result.record, result):
        draw(picture)


def draw(picture: Picture) -> None:
    """Show a picture in the page's own light or dark, with what it shows in words."""
    dark = st.context.theme.type == "dark"
    st.image(in_scheme(picture.svg, dark=dark), alt=picture.alt)


@st.cache_data(show_spinner=False, max_entries=200)
def _pictures(run_id: str, record: str, _result: Result) -> tuple[Picture, ...]:
    return pictures_of(_result)


def show_tables(scene: Scene, result: Result) -> None:
    """Show the solution's tables, with what is zero left out unless it is wanted."""
    tables = shown_tables(result)
    if not tables:
        return
    left_out = sum(table.left_out for table in tables)
    st.markdown("**What to do**")
    if left_out:
        version = scene.version.number if scene.version is not None else 0
        key = f"all-rows-{scene.session.name}-{version}"
        if st.toggle("Show what is zero too", key=key):
            tables = shown_tables(result, everything=True)
    for table in tables:
        _show(table)


def _show(table: ShownTable) -> None:
    left_out = counted(table.left_out, "row or column", "rows and columns")
    note = f"; {left_out} of zeros left out" if table.left_out else ""
    st.caption(plain(f"{table.title}{note}"))
    if table.frame.empty:
        st.markdown("All zero.")
        return
    frame = table.frame
    st.dataframe(
        frame.style.format(_cell) if frame.size <= _STYLED else frame,
        hide_index=not table.indexed,
        placeholder="",
        alt=f"Table of {table.title}",
    )


def _cell(value: object) -> str:
    """Return a cell as it is written everywhere else; what is no decision is blank."""
    if isinstance(value, float):
        return "" if math.isnan(value) else number(value)
    return str(value)
