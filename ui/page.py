"""The page: which session is open, the conversation, and what it has come to."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from optiwright.agent.result import Status
from optiwright.agent.session import Session
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.phrases import capitalised
from optiwright.ui.answer_view import show_answer
from optiwright.ui.conversation import show_conversation
from optiwright.ui.formulation_view import show_formulation
from optiwright.ui.gallery import show_gallery
from optiwright.ui.look import look
from optiwright.ui.open_sessions import new_name, open_sessions
from optiwright.ui.people import owner, show_sign_out
from optiwright.ui.plain_text import plain, plain_line
from optiwright.ui.say import say_box
from optiwright.ui.scene import Scene
from optiwright.ui.sidebar import chosen_options, show_sidebar
from optiwright.ui.take_away import show_take_away
from optiwright.ui.thumbs import show_thumbs
from optiwright.ui.versions_view import show_versions


def page() -> None:
    """Show the whole page once; Streamlit calls it anew for every click and for every new event."""
    st.set_page_config(
        page_title="Optiwright",
        page_icon=_drawing("icon"),
        layout="wide",
        initial_sidebar_state="auto",
        menu_items={"About": "Optimization problems in plain words, answered with evidence."},
    )
    st.logo(_drawing("wordmark"), size="large", icon_image=_drawing("icon"))
    look()
    who = owner()
    if who is None:
        return
    try:
        _shown_to(who)
    except OptiwrightError as error:  # the store of sessions cannot be reached or read
        st.error(plain(capitalised(str(error))), icon=":material/error:")


def _shown_to(who: str) -> None:
    session = _session(who)
    standing = session.standing() if session is not None else None
    show_sidebar(who, session, standing)
    with st.sidebar:
        show_sign_out()
    if session is None or standing is None:
        _first_page(who)
        return
    session.options = chosen_options()
    scene = Scene(session, standing)
    with st.container(key="session-heading"):  # for screen readers; the sidebar shows it
        versions = scene.talk.versions
        st.title(plain_line(versions[0].title if versions else "A new session"), anchor=False)
    if scene.version is None:
        show_conversation(scene)
    else:
        left, right = st.columns([5, 6], gap="large")
        with left:
            show_conversation(scene)
        with right, st.container(key="panel"):
            _panel(scene)
    say_box(scene)


def _drawing(name: str) -> str:
    return str(Path(__file__).with_name(f"{name}.svg"))


def _panel(scene: Scene) -> None:
    unsolved = scene.version is not None and scene.version.status is Status.FORMULATED
    answer, formulation, versions, take_away = st.tabs(
        ["Answer", "Formulation", "Versions", "Take away"],
        default="Formulation" if unsolved else "Answer",
        key=f"panel-{scene.session.name}-{'unsolved' if unsolved else 'solved'}",
    )
    with answer:
        show_answer(scene)
        if not unsolved:
            show_thumbs(scene)
    with formulation:
        show_formulation(scene)
    with versions:
        show_versions(scene)
    with take_away:
        show_take_away(scene)


def _session(who: str) -> Session | None:
    """Return the session that the address names, if it is this person's; None for a new one."""
    name = st.query_params.get("session")
    if not name:
        return None
    try:
        return open_sessions().get(f"{who}/{name}")
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _first_page(who: str) -> None:
    """Invite a problem; the session begins with it."""
    st.title("What is to be decided?")
    st.markdown(
        "Describe it as you would to a colleague: what can be chosen, what limits it, what is to "
        "be best. Numbers, units and tables as you have them; files can be attached."
    )
    with st.container():  # at the page's foot it would have the page scrolled down to it
        box = say_box(None)
    example = show_gallery()
    said, files = example if example[0] else box
    if said or files:
        name = new_name(said or next(iter(files)))
        session = open_sessions().get(f"{who}/{name}")
        session.options = chosen_options()
        st.query_params["session"] = name
        Scene(session, session.standing()).say(said, files=files)
