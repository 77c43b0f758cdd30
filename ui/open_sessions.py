"""The sessions that this server has open: one object a session, whoever looks at it."""

from __future__ import annotations

import re
import secrets
import threading

import streamlit as st

from optiwright.agent.budgets import Budgets
from optiwright.agent.session import Session
from optiwright.ui.settings import PageSettings

_LONGEST_NAME = 40


class OpenSessions:
    """Sessions by full name; a second tab or a reload gets the one that is there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def get(self, name: str) -> Session:
        """Return the session of a name, opened when it is first asked for.

        Raises:
            UserError: if the name cannot be used.
        """
        with self._lock:
            opened = Session(name, budgets=Budgets(price=PageSettings.here().price))
            return self._sessions.setdefault(opened.name, opened)

    def forget(self, name: str) -> None:
        """Close a session that was renamed or deleted."""
        with self._lock:
            session = self._sessions.pop(name, None)
        if session is not None:
            session.close()


@st.cache_resource(show_spinner=False)
def open_sessions() -> OpenSessions:
    """Return this server's sessions."""
    return OpenSessions()


def new_name(text: str) -> str:
    """Return a name for a session that begins with a text: its first words and four letters."""
    return f"{_first_words(text)}-{secrets.token_hex(2)}"


def heading(name: str, title: str) -> str:
    """Return what the list shows of a session: its title, after a name that somebody gave it."""
    if not title:
        return name
    given = not re.fullmatch(re.escape(_first_words(title)) + "-[0-9a-f]{4}", name)
    return f"{name}: {title}" if given else title


def _first_words(text: str) -> str:
    words = "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:_LONGEST_NAME].strip("-")
    return words or "session"
