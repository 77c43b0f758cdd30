"""The conversation: the turns that were, the one under way, the questions that wait."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.session_state import Turn
from optiwright.ui.progress import show_progress
from optiwright.ui.scene import Scene


def show_conversation(scene: Scene) -> None:
    """Show the turns from the checkpointer's state, then what is under way."""
    for turn in scene.talk.turns:
        _show_turn(turn)
    if scene.busy:
        show_progress(scene)


def _show_turn(turn: Turn) -> None:
    with st.chat_message("user"):
        st.markdown(turn.text)
    with st.chat_message("assistant"):
        st.markdown(turn.answer)
