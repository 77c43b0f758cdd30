"""Whose page it is: one person's sessions are not another's."""

from __future__ import annotations

from optiwright.agent.session_store import this_user


def owner() -> str:
    """Return the owner of the sessions that this visitor sees."""
    return this_user()
