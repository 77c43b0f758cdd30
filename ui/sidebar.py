"""The sidebar: sessions, what the next run uses, what has been spent."""

from __future__ import annotations

import os

import streamlit as st

from optiwright.agent.model_catalogue import CATALOGUE, DEFAULT_MODEL
from optiwright.agent.options import Options
from optiwright.agent.session import Session
from optiwright.agent.session_store import SessionNote
from optiwright.agent.session_thread import Standing
from optiwright.agent.sessions import delete, rename, sessions_of
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.solve import available_solvers
from optiwright.ui.open_sessions import heading, open_sessions
from optiwright.ui.plain_text import plain
from optiwright.ui.settings import PageSettings

_SHOWN = 12
_TITLE = 44
_EFFORTS = {
    "quick": "Quick: one formulation",
    "standard": "Standard: with a second reading",
    "thorough": "Thorough: three tries at both",
}
_ANY_SOLVER = "What suits the problem"


def show_sidebar(who: str, session: Session | None, standing: Standing | None) -> None:
    """Show it."""
    with st.sidebar:
        if st.button("New session", icon=":material/add:", width="stretch", key="new-session"):
            st.query_params.clear()
            st.rerun()
        _show_sessions(who, session)
        st.divider()
        _show_settings()
        if standing is not None and standing.talk.spent.calls:
            st.divider()
            spent = standing.talk.spent
            st.caption(plain(f"This session: {spent.words}, {spent.seconds:.0f} s"))


def _show_sessions(who: str, session: Session | None) -> None:
    notes = sessions_of(who)
    if not notes:
        st.caption("What you begin is kept here.")
        return
    sought = ""
    if len(notes) > 3:
        sought = st.text_input(
            "Search sessions",
            placeholder="Search sessions",
            label_visibility="collapsed",
            key="sought",
        ).lower()
    found = [n for n in notes if sought in f"{n.title} {n.name}".lower()]
    if not found:
        st.caption("No session has these words.")
    with st.container(gap="xxsmall"):
        for note in found[:_SHOWN]:
            _show_session(note, current=session is not None and note.full_name == session.name)
    if len(found) > _SHOWN:
        st.caption(f"{len(found) - _SHOWN} more; search for them.")


def _show_session(note: SessionNote, *, current: bool) -> None:
    title = " ".join(heading(note.name, note.title).split())
    title = title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"
    with st.container(horizontal=True, gap="xxsmall", wrap=False, vertical_alignment="center"):
        if st.button(
            plain(title),
            key=f"open-{note.id}",
            width="stretch",
            type="primary" if current else "tertiary",
            help=plain(f"{note.name}: {counted(note.turns, 'turn')}"),
        ):
            st.query_params["session"] = note.name
            st.rerun()
        with st.popover(
            plain(f"More for {note.name}"),
            type="tertiary",
            icon=":material/more_horiz:",
            key=f"more-{note.id}",
        ):
            _show_changes(note, current=current)


def _show_changes(note: SessionNote, *, current: bool) -> None:
    name = st.text_input("Name", note.name, key=f"name-{note.id}", max_chars=64)
    if st.button("Rename", key=f"rename-{note.id}", disabled=name == note.name):
        try:
            rename(note.full_name, f"{note.owner}/{name}")
        except UserError as error:
            st.error(plain(str(error)))
            return
        open_sessions().forget(note.full_name)
        if current:
            st.query_params["session"] = name
        st.rerun()
    st.caption("Deleting takes its runs and files with it.")
    sure = st.checkbox("Yes, delete it", key=f"sure-{note.id}")
    if st.button("Delete", key=f"delete-{note.id}", icon=":material/delete:", disabled=not sure):
        open_sessions().forget(note.full_name)
        try:
            delete(note.full_name)
        except UserError as error:
            st.error(plain(str(error)))
            return
        if current:
            st.query_params.clear()
        st.rerun()


def _show_settings() -> None:
    given = PageSettings.here()
    models = _models(given)
    if len(models) > 1:
        st.selectbox("Model", models, key="model")
    else:
        st.caption(plain(f"Model: {models[0]}"))
    efforts = list(_EFFORTS)
    st.selectbox(
        "Effort",
        efforts,
        index=efforts.index(given.effort),
        format_func=lambda effort: _EFFORTS[effort],
        key="effort",
    )
    st.toggle(
        "Look before solving",
        key="look-first",
        help="A problem is formulated and shown first. It can be changed, and is solved when you "
        "say so.",
    )
    with st.expander("Solver and time limit"):
        solvers = [_ANY_SOLVER, *(s.name for s in available_solvers() if s.version)]
        at = solvers.index(given.solver) if given.solver in solvers else 0
        st.selectbox("Solver", solvers, index=at, key="solver")
        st.number_input(
            "Time limit of one solve (s)",
            min_value=1.0,
            max_value=86_400.0,
            value=float(given.time_limit_s),
            step=30.0,
            format="%g",
            key="time-limit",
        )


def _models(given: PageSettings) -> list[str]:
    """Return what may be chosen: what the server was started with, else the embedded models."""
    if _settled(given):
        return [given.model or os.environ.get("OPTIWRIGHT_MODEL") or "what the server serves"]
    return [DEFAULT_MODEL, *CATALOGUE]


def _settled(given: PageSettings) -> bool:
    """Whether the model was chosen by who started the server, in its command or environment."""
    named = ("OPTIWRIGHT_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY")
    return bool(given.model or given.base_url or any(map(os.environ.get, named)))


def chosen_options() -> Options:
    """Return the options that the sidebar stands at."""
    given, state = PageSettings.here(), st.session_state
    solver = state.get("solver", given.solver)
    return Options(
        model=given.model if _settled(given) else state.get("model"),
        base_url=given.base_url,
        effort=state.get("effort", given.effort),
        solver=None if solver == _ANY_SOLVER else solver,
        time_limit_s=state.get("time-limit", given.time_limit_s),
        seed=given.seed,
        only_formulate=state.get("look-first", False),
    )
