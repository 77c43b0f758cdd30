"""What Streamlit's own settings cannot say about how the page looks."""

from __future__ import annotations

import streamlit as st

_STYLE = """<style>
.block-container { padding-top: 4.2rem; }
.st-key-session-heading {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
.st-key-gallery h2 { font-size: 1.35rem; padding: .6rem 0 .8rem; }
.st-key-panel h2 { font-size: 1.15rem; padding: .6rem 0 .1rem; }
.st-key-value h2 { font-size: 1.9rem; padding: 0 0 .6rem; }
/* What only tells buttons apart that look alike: read aloud, not seen. */
.st-key-gallery [data-testid="stPopover"] button em,
[class*="st-key-line-"] button em,
[class*="st-key-more-"] button [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
[class*="st-key-more-"] button > div > div:last-child:not(:first-child) { display: none; }
[data-testid="stSidebar"] hr { margin: .5rem 0; }
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-panel) {
    position: sticky; top: 3.8rem; align-self: flex-start;
  }
  .st-key-panel [role="tabpanel"] { max-height: calc(100vh - 17rem); }
}
@media (max-width: 899px) {
  /* The page opens at its foot: low enough for the conversation's end and the answer's head. */
  .st-key-panel [role="tabpanel"] { max-height: calc(100vh - 25rem); min-height: 20rem; }
}
.st-key-panel [role="tabpanel"] { overflow-y: auto; overflow-x: hidden; padding-right: .4rem; }
.st-key-panel [role="tabpanel"]:has(.st-key-edit-bar) { scroll-padding-bottom: 9rem; }
.st-key-panel .stMarkdown .katex-display {
  text-align: left; margin: 0; padding: .3rem 0; overflow-x: auto; overflow-y: hidden;
}
.st-key-panel .stMarkdown .katex-display > .katex { text-align: left; white-space: nowrap; }
div:has(> .st-key-edit-bar) { position: sticky; bottom: 0; z-index: 5; }
.st-key-edit-bar { background: light-dark(#fff, #171614); }
</style>"""


def look() -> None:
    """Set the page's style; nothing that anybody wrote but us."""
    st.html(_STYLE)
