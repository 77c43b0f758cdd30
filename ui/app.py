"""What Streamlit runs: the page, by its full name, so that every module has one home."""

from optiwright.ui.page import page

page()
