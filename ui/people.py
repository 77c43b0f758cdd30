"""Whose page it is: one person's sessions are not another's."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from optiwright.agent.session_store import this_user
from optiwright.ui.settings import PageSettings
from optiwright.ui.sign_in import PERSON, SIGN_OUT


def owner() -> str | None:
    """Return the owner of the sessions that this visitor sees; None, with a way in, until known."""
    access = PageSettings.here().access
    if access == "loopback":
        return this_user()
    if access == "token":
        who = st.context.headers.get(PERSON)
        if who is None:  # the page was started past `optiwright ui`: nobody was asked
            st.error("Nobody is signed in. Start the page by `optiwright ui`.")
        return who
    who = signed_in(st.user.to_dict())
    if who is None:
        st.title("Optiwright")
        st.markdown("Sign in to see your sessions and to begin one.")
        st.button("Sign in", type="primary", on_click=st.login, key="sign-in")
    return who


def show_sign_out() -> None:
    """Show the way out where there was a sign-in."""
    access = PageSettings.here().access
    if access == "token":
        st.link_button("Sign out", SIGN_OUT, icon=":material/logout:", width="stretch")
    if access == "oidc":
        st.button("Sign out", on_click=st.logout, icon=":material/logout:", width="stretch")


def signed_in(claims: dict[str, Any]) -> str | None:
    """Return a name for whom a provider signed in: issuer and subject are what never changes."""
    if not claims.get("is_logged_in") or not claims.get("sub"):
        return None
    whole = f"{claims.get('iss', '')}\n{claims['sub']}"
    return f"person-{hashlib.sha256(whole.encode()).hexdigest()[:32]}"
