"""How an answer came about: each step, each attempt, what failed and what was changed."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.past import record_of
from optiwright.agent.progress_told import progress_of
from optiwright.agent.recorder import read_events
from optiwright.agent.session_state import Version
from optiwright.formulators.errors import OptiwrightError
from optiwright.ui.progress import show_failures, show_step


def show_attempts(version: Version) -> None:
    """Offer the steps of a version's run, read only when they are asked for."""
    if not st.toggle("How this came about", key=f"how-{version.record}"):
        return
    try:
        record, folder = record_of(version.record)
        steps = progress_of(read_events(folder)).steps
    except (OptiwrightError, OSError):
        st.markdown("The record of this run is gone.")
        return
    for step in steps:
        show_step(step)
    show_failures(record)
