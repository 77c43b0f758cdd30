"""Which files the current answer can be written to, tried in the background once an answer."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st

from optiwright.agent.desk import result_of
from optiwright.agent.session_state import Version
from optiwright.agent.writable import Offer, offers, table_names

Tried = tuple[tuple[Offer, ...], tuple[str, ...]]
"""The files, and the names of the answer's tables."""


@st.cache_resource(show_spinner=False)
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="take-away")


@st.cache_resource(max_entries=200, show_spinner=False)
def tried(version: str) -> Future[Tried]:
    """Return what comes of trying an answer's formats, which is begun by the first who asks.

    Args:
        version: of the answer, as JSON.
    """
    return _worker().submit(_try, version)


def _try(version: str) -> Tried:
    result = result_of(Version.model_validate_json(version))
    return offers(result), table_names(result)
