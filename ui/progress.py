"""A turn under way, as it happens."""

from __future__ import annotations

import streamlit as st

from optiwright.ui.scene import Scene


@st.fragment(run_every=0.5)
def show_progress(scene: Scene) -> None:
    """Show what has happened; when the turn is over the page is shown anew."""
    if not scene.session.running:
        st.rerun()
    with st.chat_message("assistant"):
        st.markdown("Working")
        if st.button("Stop", icon=":material/stop_circle:"):
            scene.session.stop()
