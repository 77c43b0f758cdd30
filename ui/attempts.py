"""How an answer came about: each step, each attempt, what failed and what was changed."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.past import record_of
from optiwright.agent.progress_told import progress_of
from optiwright.agent.record import RunRecord
from optiwright.agent.recorder import read_events
from optiwright.agent.session_state import Version
from optiwright.formulators.errors import OptiwrightError
from optiwright.ui.plain_text import told
from optiwright.ui.progress import show_step


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
    _show_failures(record)


def _show_failures(record: RunRecord) -> None:
    for attempt in record.attempts:
        if attempt.complaints:
            st.markdown(f"Attempt {attempt.number} was not good enough:")
            st.markdown("\n".join(f"- {told(c)}" for c in attempt.complaints))
        if attempt.difference:
            kept = "" if attempt.adopted else ", which was refused"
            st.markdown(f"What attempt {attempt.number} changed{kept}:")
            st.code(attempt.difference, language="diff")
    for program in record.programs:
        if program.complaints:
            st.markdown(f"Program {program.number} was not good enough:")
            st.markdown("\n".join(f"- {told(c)}" for c in program.complaints))
        if program.difference:
            st.code(program.difference, language="diff")
