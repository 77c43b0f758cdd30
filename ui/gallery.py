"""Starting points: example problems by field, each one click."""

from __future__ import annotations

import streamlit as st

_EXAMPLES = {
    "Which toys to make": (
        "A workshop makes toy trains and toy boats. A train takes 3 hours and sells for 21 euros, "
        "a boat takes 2 hours and sells for 15. There are 120 hours, and at most 30 trains can be "
        "sold. How many of each bring in the most?"
    ),
}


def show_gallery() -> str:
    """Show the examples; return the text of the one that was clicked, or nothing."""
    for title, text in _EXAMPLES.items():
        if st.button(title, help=text):
            return text
    return ""
