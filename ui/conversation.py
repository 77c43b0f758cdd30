"""The conversation: the turns that were, the one under way, the questions that wait."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.answer_short import in_short
from optiwright.agent.session_state import Turn
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.phrases import capitalised
from optiwright.ui.attempts import show_attempts
from optiwright.ui.plain_text import plain, told
from optiwright.ui.progress import show_progress, show_said
from optiwright.ui.questions import show_questions
from optiwright.ui.scene import Scene

_SHOWN = 30
"""Turns that are shown at once; earlier ones behind a button."""
_STOPPED = {
    "user": "stopped by you",
    "budget": "stopped: the budget is spent",
    "killed": "cut off",
}
_OURS = (
    "Something went wrong in Optiwright itself, and this turn was ended. Nothing else is lost; "
    "say it again, or otherwise. The server's log has the details."
)


def show_conversation(scene: Scene) -> None:
    """Show the turns from the checkpointer's state, then what is under way."""
    turns = scene.talk.turns
    if len(turns) > _SHOWN and not st.toggle(f"Show all {len(turns)} turns", key="all-turns"):
        turns = turns[-_SHOWN:]
    for turn in turns:
        _show_turn(scene, turn)
    if scene.busy:
        show_progress(scene)
        return
    refused = _show_trouble(scene)
    match scene.standing.state:
        case "waiting" if scene.standing.waiting is not None:
            show_said(scene.standing.text)
            show_questions(scene, scene.standing.waiting.questions)
        case "cut off":
            show_said(scene.standing.text)
            _show_cut_off(scene)
        case _ if not turns and not refused:
            st.info("Nothing was said in this session yet, or it was deleted. Begin below.")
        case _:
            pass


def _show_turn(scene: Scene, turn: Turn) -> None:
    show_said(turn.text, [f.name for f in turn.files])
    with st.chat_message("assistant", avatar=":material/target:"):
        for exchange in turn.exchanges:
            st.markdown(f"{plain(exchange.question)} **{plain(exchange.answer)}**")
        if turn.stopped:
            st.badge(_STOPPED[turn.stopped], icon=":material/stop_circle:", color="orange")
        elif not turn.ok:
            st.badge("not answered", icon=":material/error:", color="orange")
        said, beside = in_short(turn.answer) if _beside(scene, turn) else (turn.answer, "")
        st.markdown(told(said))
        if beside:
            with st.expander("More in words", type="compact"):
                st.markdown(told(beside))
        notes = [f"version {turn.made}"] if turn.made else []
        if turn.spent.calls:
            notes += [turn.spent.words, f"{turn.spent.seconds:.1f} s"]
        if notes:
            st.caption(plain(" · ".join(notes)))
        _show_again(scene, turn)
        if turn.made and turn.made <= len(scene.talk.versions):
            show_attempts(scene.talk.versions[turn.made - 1])


def _beside(scene: Scene, turn: Turn) -> bool:
    """Whether the panel shows more of a turn's answer: it does not of a what-if's."""
    made = scene.talk.versions[turn.made - 1 : turn.made] if turn.made else ()
    return any(version.how != "what_if" for version in made)


def _show_again(scene: Scene, turn: Turn) -> None:
    """Offer to say the last thing again that came to nothing."""
    failed = (turn.stopped or not turn.ok) and not turn.files
    if (
        not failed
        or turn is not scene.talk.turns[-1]
        or scene.standing.state != "idle"
        or scene.busy
    ):
        return
    if st.button("Try again", icon=":material/refresh:", key="again"):
        scene.say(turn.text)


def _show_trouble(scene: Scene) -> bool:
    """Show what the last turn was refused with; return whether it was."""
    trouble = scene.session.trouble
    if trouble is None:
        return False
    if scene.said_last:  # no turn keeps it, and it may have been long
        show_said(scene.said_last)
    words = str(trouble) if isinstance(trouble, OptiwrightError) else _OURS
    st.error(plain(capitalised(words)), icon=":material/error:")
    return True


def _show_cut_off(scene: Scene) -> None:
    with st.chat_message("assistant", avatar=":material/target:"):
        st.markdown(
            "This turn was cut off: the program that worked on it has ended, or another window "
            "works on it now. Nothing that was done is lost."
        )
        if st.button("Go on with it", icon=":material/play_arrow:", type="primary"):
            scene.go_on()
