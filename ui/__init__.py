"""The chat in the browser: Streamlit over the sessions of `optiwright.agent`; no logic of its own.

`launch` starts the server, `page` is what it runs; each other module shows one part of the page.
"""
