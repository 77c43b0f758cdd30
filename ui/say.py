"""The box in which things are said, with files."""

from __future__ import annotations

import streamlit as st

from optiwright.ui.scene import Scene

FILE_TYPES = ("csv", "tsv", "xlsx", "parquet", "json", "sqlite", "db", "txt", "md")


def say_box(scene: Scene | None) -> tuple[str, dict[str, bytes]]:
    """Show the box at the foot of the page; say what is entered, or return it before a session."""
    entered = st.chat_input(
        "Describe your problem" if scene is None else "Change it, ask about it, or answer",
        accept_file="multiple",
        file_type=FILE_TYPES,
        key="say",
        disabled=scene is not None and scene.busy,
    )
    if entered is None:
        return "", {}
    text, files = entered.text.strip(), {f.name: f.getvalue() for f in entered.files}
    if scene is not None and (text or files):
        scene.say(text, files=files)
    return text, files
