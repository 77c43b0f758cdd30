"""What Streamlit's own settings cannot say about how the page looks."""

from __future__ import annotations

import streamlit as st

_STYLE = """<style>
.block-container { padding-top: 3.2rem; }
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-panel) {
    position: sticky; top: 3.8rem; align-self: flex-start;
  }
  .st-key-panel { max-height: calc(100vh - 14rem); overflow-y: auto; }
}
.st-key-panel { padding-right: .4rem; }
.st-key-panel .stMarkdown .katex-display {
  text-align: left; margin: 0; padding: .3rem 0; overflow-x: auto; overflow-y: hidden;
}
.st-key-panel .stMarkdown .katex-display > .katex { text-align: left; white-space: nowrap; }
div:has(> .st-key-edit-bar) { position: sticky; bottom: 0; z-index: 5; }
.st-key-edit-bar { backdrop-filter: blur(14px); }
</style>"""


def look() -> None:
    """Set the page's style; nothing that anybody wrote but us."""
    st.html(_STYLE)
