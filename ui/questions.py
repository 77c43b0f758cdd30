"""What a text leaves open, as choices."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from optiwright.formulators.figures import number
from optiwright.formulators.questions import Question
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene

_OTHER = "another number"


def show_questions(scene: Scene, questions: Sequence[Question]) -> None:
    """Ask, with a best guess each; the answers go on with the turn."""
    key = f"{scene.session.name}-{len(scene.talk.turns)}"
    with st.chat_message("assistant", avatar=":material/target:"):
        st.markdown("Before this is solved: the answer hangs on what the text leaves open.")
        with st.form(f"questions-{key}"):
            replies = [_asked(question, key) for question in questions]
            with st.container(horizontal=True):
                answer = st.form_submit_button("Answer", type="primary")
                guess = st.form_submit_button("Use your best guess")
                drop = st.form_submit_button("Never mind", type="tertiary")
    if answer:
        scene.say("\n".join(replies))
    elif guess:
        scene.say("use your best guess")
    elif drop:
        scene.say("/drop")


def _asked(question: Question, key: str) -> str:
    """Ask one question; return the reply."""
    st.markdown(f"**{plain(question.text)}** {told(question.why)}")
    labels = [choice.label for choice in question.choices]
    meant = {choice.label: choice.meaning for choice in question.choices}
    options = [*labels, _OTHER] if question.number and labels else labels
    picked = ""
    if options:
        picked = st.radio(
            question.text,
            options,
            index=labels.index(question.guess) if question.guess in labels else 0,
            format_func=lambda label: (
                plain(label) + (" (best guess)" if label == question.guess else "")
            ),
            captions=[plain(meant.get(label, "")) for label in options],
            label_visibility="collapsed",
            key=f"answer-{key}-{question.id}",
        )
    if not question.number:
        return picked
    value = st.number_input(
        f"The number, if it is {_OTHER}" if labels else "The number",
        value=None,
        format="%g",
        key=f"number-{key}-{question.id}",
    )
    if labels and picked != _OTHER:
        return picked
    return "" if value is None else number(value)
