"""Two or three versions side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from optiwright.agent.acts_tree import usual_pair
from optiwright.agent.desk import result_of
from optiwright.agent.session_state import Route
from optiwright.agent.versions_table import Row, VersionsTable, versions_table
from optiwright.ui.aside import show_aside
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene

_MOST = 3


def show_comparison(scene: Scene) -> None:
    """Show what versions of the visitor's choice come to, and what they differ in."""
    talk = scene.talk
    if len(talk.versions) < 2:
        return
    st.header("Side by side", anchor=False)
    usual = usual_pair(talk) or talk.versions[-2:]
    chosen = st.multiselect(
        f"Versions, {_MOST} at most",
        [v.number for v in talk.versions],
        default=[v.number for v in usual],
        format_func=lambda number: f"{number}: {talk.versions[number - 1].title}",
        max_selections=_MOST,
        key=f"compared-{scene.session.name}-{talk.current}-{len(talk.versions)}",
        placeholder="Choose versions",
    )
    if len(chosen) < 2:
        st.caption("Choose two or three.")
        return
    versions = [talk.versions[number - 1] for number in chosen]
    show_aside(
        f"versions {chosen} of {' '.join(v.record for v in versions)}",
        lambda: versions_table({v.number: result_of(v) for v in versions}),
        "Comparing",
        _show,
    )
    if len(chosen) == 2 and st.button(
        "Say it in the conversation",
        key=f"compare-{scene.session.name}",
        disabled=scene.busy,
        icon=":material/chat:",
    ):
        numbers = tuple(map(float, chosen))
        text = f"Compare version {chosen[0]} and version {chosen[1]}"
        scene.say(text, route=Route(kind="compare", way="given", numbers=numbers))


def _show(table: VersionsTable) -> None:
    heads = [f"Version {number}" for number in table.numbers]
    st.table(_frame(heads, table.rows))
    if table.decisions:
        st.markdown("**Decisions that differ**")
        st.table(_frame(heads, table.decisions))
        if table.more:
            st.caption(f"And {table.more:,} more.")
    elif table.solved:
        st.markdown("What to do is the same in all.")
    else:
        st.markdown("There is not a plan in each of them that could be held side by side.")
    for change in table.changes:
        st.markdown(f"**From version {table.numbers[0]} to version {change.number}**")
        st.markdown("\n".join(f"- {told(line)}" for line in change.lines or ("the same model",)))


def _frame(heads: Sequence[str], rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows as a frame of escaped texts; a word, not a colour, says that a row differs."""
    cells = [[plain(c) for c in row.cells] + ["differs" if row.differs else ""] for row in rows]
    return pd.DataFrame(cells, index=[plain(r.what) for r in rows], columns=[*heads, " "])
