"""The formulation by its five elements, and its editing."""

from __future__ import annotations

import streamlit as st

from optiwright.formulators.markdown import formulation_to_markdown
from optiwright.ui.scene import Scene


def show_formulation(scene: Scene) -> None:
    """Show the current version's formulation."""
    if scene.result is not None and scene.result.formulation is not None:
        st.markdown(formulation_to_markdown(scene.result.formulation))
