"""A turn under way, as it happens: where the graph is, the reply, the solver's log, the gap."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from optiwright.agent.past import record_of
from optiwright.agent.prices import shown_money
from optiwright.agent.progress_told import GapPoint, Progress, Stage, StepTold, progress_of
from optiwright.agent.record import RunRecord
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.phrases import capitalised, counted
from optiwright.ui.plain_text import pieces_of, plain, told
from optiwright.ui.scene import Scene
from optiwright.ui.settings import PageSettings

_EVERY_S = 0.5
_LOG_LINES = 60
MARKS = {
    "running": ":material/pending:",
    "done": ":material/check:",
    "to mend": ":material/build:",
}
_STAGE = {
    "ahead": ("gray", ":material/circle:", ""),
    "now": ("blue", ":material/pending:", " (now)"),
    "done": ("green", ":material/check:", ""),
    "to mend": ("orange", ":material/build:", " (to mend)"),
}


@st.fragment(run_every=_EVERY_S)
def show_progress(scene: Scene) -> None:
    """Show what has happened until now; when the turn is over the page is shown anew."""
    if not scene.session.running:
        st.rerun()
    events = scene.session.so_far
    said = next((e.text for e in events if e.kind == "turn_started"), "")
    if not said and events:  # a turn that goes on after its questions, or was cut off
        said = scene.standing.text
    if said:
        show_said(said)
    progress = progress_of(events)
    with st.chat_message("assistant", avatar=":material/target:"):
        with st.container(horizontal=True, vertical_alignment="center"):
            doing = progress.now or "getting ready"
            st.markdown(f"**{plain(capitalised(doing))}** … {_spent(scene, progress)}")
            if st.button("Stop", icon=":material/stop_circle:", key="stop"):
                scene.session.stop()
        if progress.steps:
            with st.container(horizontal=True, gap="xxsmall"):
                for stage in progress.stages:
                    _show_stage(stage)
        if progress.changes:
            st.code("\n".join(progress.changes), language="diff")
        done = [step for step in progress.steps if step.state != "running"]
        if done:  # folded, so that the page's foot, where it stands, is near `Stop`
            with st.expander("Steps so far", type="compact", key="steps-so-far"):
                for step in done:
                    show_step(step)
        if any(step.state == "to mend" for step in done):
            with st.expander("What failed, and what was changed", type="compact", key="failed"):
                _show_failures_so_far(progress.record)
        if progress.reply:
            st.caption("The model is writing")
            with st.container(height=180, autoscroll=True, key="reply"):
                st.code(progress.reply, language=None, wrap_lines=True)
        if progress.log and progress.now == "solving":
            _show_log(progress)


def show_said(text: str, files: Sequence[str] = ()) -> None:
    """Show what the user said, and the names of the files with it."""
    with st.chat_message("user", avatar=":material/person:"):
        show_pieces(text)
        if files:
            names = ", ".join(plain(name) for name in files)
            st.markdown(f":material/attach_file: {counted(len(files), 'file')}: {names}")


def show_pieces(text: str) -> None:
    """Show somebody's words: code and tables in it line by line, the rest as paragraphs."""
    for piece, kind in pieces_of(text):
        if kind == "words":
            st.markdown(plain(piece))
        else:
            st.code(piece, language="python" if kind == "code" else None)


def show_step(step: StepTold) -> None:
    """Show a step that is done in a line."""
    summary = f": {plain(step.summary)}" if step.summary else ""
    st.markdown(f"{MARKS[step.state]} **{plain(step.name)}**{summary} ({step.seconds:.1f} s)")


def show_failures(record: RunRecord) -> None:
    """Show of each attempt what was not good enough, and what it changed."""
    for attempt in record.attempts:
        if attempt.complaints:
            st.markdown(f"Attempt {attempt.number} was not good enough:")
            st.markdown("\n".join(f"- {told(c)}" for c in attempt.complaints))
        if attempt.difference:
            kept = "" if attempt.adopted else ", which was refused"
            st.markdown(f"What attempt {attempt.number} changed{kept}:")
            st.code(attempt.difference, language="diff")
    for program in record.programs:
        if program.complaints:
            st.markdown(f"Program {program.number} was not good enough:")
            st.markdown("\n".join(f"- {told(c)}" for c in program.complaints))
        if program.difference:
            st.code(program.difference, language="diff")


def _show_failures_so_far(folder: str) -> None:
    try:
        show_failures(record_of(folder)[0])
    except OptiwrightError:
        st.markdown("Not written down yet.")


def _spent(scene: Scene, progress: Progress) -> str:
    parts = [f"{scene.session.seconds:.0f} s"]
    if progress.calls:
        parts.append(f"{counted(progress.calls, 'model call')}, {progress.tokens:,} tokens")
    price = PageSettings.here().price
    if price is not None and progress.calls:
        parts.append(f"{shown_money(price.of(progress.paid))} in money")
    return " · ".join(parts)


def _show_stage(stage: Stage) -> None:
    colour, icon, words = _STAGE[stage.state]
    times = f" ×{stage.times}" if stage.times > 1 else ""
    st.badge(f"{stage.name}{times}{words}", icon=icon, color=colour)  # type: ignore[arg-type]


def _show_log(progress: Progress) -> None:
    st.caption("The solver's log")
    with st.container(height=180, autoscroll=True, key="solver-log"):
        st.code("\n".join(progress.log.splitlines()[-_LOG_LINES:]), language=None)
    show_gap(progress.gap)


def show_gap(points: tuple[GapPoint, ...]) -> None:
    """Plot bound and best value over time, where there is something to see."""
    if len(points) < 2:
        return
    frame = pd.DataFrame(
        {"bound": [p.bound for p in points], "best so far": [p.best for p in points]},
        index=pd.Index([p.seconds for p in points], name="seconds"),
    )
    last = points[-1]
    st.line_chart(
        frame,
        height=220,
        alt=f"Bound and best value over time; after {last.seconds:g} s the bound is {last.bound} "
        f"and the best value {last.best}.",
    )
