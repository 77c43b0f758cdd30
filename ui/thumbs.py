"""Thumbs up or down on an answer, with a reason."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.feedback import LONGEST, Feedback, Thumb, feedback_of, give_feedback
from optiwright.agent.session_state import Version
from optiwright.formulators.errors import UserError
from optiwright.ui.plain_text import plain
from optiwright.ui.scene import Scene

_THUMBS: tuple[Thumb, ...] = ("down", "up")
"""In the order of Streamlit's numbers."""


def show_thumbs(scene: Scene) -> None:
    """Show what this visitor said of the current answer, to be given, changed or taken back."""
    version = scene.version
    if version is None:
        return
    try:
        given = feedback_of(version.record, _user(scene))
    except UserError as error:
        st.caption(plain(str(error)))
        return
    st.caption("Is this answer right? What you say is kept beside the record of its run.")
    key = f"{scene.session.name}-{version.number}"
    # Not by `default`: a default that changes makes another widget of it.
    st.session_state.setdefault(f"thumb-{key}", _place(given))
    st.feedback(
        "thumbs",
        key=f"thumb-{key}",
        on_change=_judged,
        args=(scene, version, f"thumb-{key}"),
    )
    if given is None:
        return
    with st.form(f"reason-form-{key}", border=False):
        reason = st.text_input(
            "Why? You may leave it open.", given.reason, LONGEST, key=f"reason-{key}"
        )
        said = st.form_submit_button("Keep the reason", key=f"reason-kept-{key}")
    if said and _keep(scene, version, given.thumb, reason):
        st.caption("Kept.")


def _judged(scene: Scene, version: Version, key: str) -> None:
    chosen = st.session_state[key]
    given = feedback_of(version.record, _user(scene))
    if chosen == _place(given):
        return
    thumb: Thumb = "none" if chosen is None else _THUMBS[chosen]
    _keep(scene, version, thumb, given.reason if given else "")


def _place(given: Feedback | None) -> int | None:
    """Return Streamlit's number of a judgement."""
    return None if given is None or given.thumb == "none" else _THUMBS.index(given.thumb)


def _keep(scene: Scene, version: Version, thumb: Thumb, reason: str) -> bool:
    try:
        give_feedback(
            version.record,
            _user(scene),
            thumb,
            reason,
            session=scene.session.name,
            version=version.number,
            api_key=scene.session.options.api_key,
        )
    except UserError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return False
    return True


def _user(scene: Scene) -> str:
    return scene.session.name.partition("/")[0]
