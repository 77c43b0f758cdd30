"""The sidebar: sessions, what the next run uses, what has been spent."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.options import Options
from optiwright.agent.session import Session
from optiwright.agent.sessions import sessions_of
from optiwright.ui.settings import PageSettings


def show_sidebar(who: str, session: Session | None) -> None:
    """Show it."""
    with st.sidebar:
        if st.button("New session", icon=":material/add:", width="stretch"):
            st.query_params.clear()
            st.rerun()
        for note in sessions_of(who):
            if st.button(note.title or note.name, key=f"open-{note.id}", width="stretch"):
                st.query_params["session"] = note.name
                st.rerun()


def chosen_options() -> Options:
    """Return the options that the sidebar stands at."""
    given = PageSettings.here()
    return Options(
        model=given.model,
        base_url=given.base_url,
        effort=given.effort,
        solver=given.solver,
        time_limit_s=given.time_limit_s,
        seed=given.seed,
    )
