"""The answer: status in words, objective, quantities, evidence, solution."""

from __future__ import annotations

import streamlit as st

from optiwright.ui.scene import Scene


def show_answer(scene: Scene) -> None:
    """Show the current version's answer."""
    if scene.result is None:
        st.info("The files of this answer are gone. State the problem again.")
        return
    st.markdown(scene.result.explanation)
