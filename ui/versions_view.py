"""Versions and what-ifs: the tree, side by side, undo."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.acts_tree import tree_told
from optiwright.ui.scene import Scene


def show_versions(scene: Scene) -> None:
    """Show the session's versions."""
    st.markdown(tree_told(scene.talk))
