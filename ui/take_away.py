"""What can be taken home: exports, the report, the session's link; thumbs."""

from __future__ import annotations

import streamlit as st

from optiwright.ui.scene import Scene


def show_take_away(scene: Scene) -> None:
    """Show the downloads of the current version."""
    if scene.result is not None:
        st.download_button(
            "Result as JSON",
            scene.result.model_dump_json(indent=1),
            "result.json",
            on_click="ignore",
        )
