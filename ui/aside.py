"""Work that takes a while, done in the background once; the page goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import streamlit as st

from optiwright.formulators.errors import OptiwrightError
from optiwright.ui.plain_text import told

T = TypeVar("T")

_AT_ONCE_S = 0.2
"""How long the page waits before it goes on without the outcome."""
_EVERY_S = 0.5


def show_aside(key: str, work: Callable[[], T], doing: str, show: Callable[[T], object]) -> None:
    """Show what comes of some work, or that it is being done; an error of ours in its words.

    Args:
        key: of the work and what it rests on; the same work is done once a server.
        work: what may take seconds; it touches nothing of Streamlit's.
        doing: what is said meanwhile.
        show: takes what came of it.
    """
    under_way = _begun(key, work)
    try:
        found: T = under_way.result(timeout=_AT_ONCE_S)
    except TimeoutError:
        if not under_way.done():
            st.fragment(_wait_for, run_every=_EVERY_S)(under_way, doing)
            return
        raise
    except OptiwrightError as error:
        st.info(told(str(error)))
        return
    show(found)


def _wait_for(under_way: Future[Any], doing: str) -> None:
    if under_way.done():
        st.rerun()
    st.caption(f":material/pending: {doing} …")


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="page-aside")


@st.cache_resource(max_entries=400, show_spinner=False)
def _begun(key: str, _work: Callable[[], Any]) -> Future[Any]:
    return _workers().submit(_work)
