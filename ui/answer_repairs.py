"""Ways out of a contradiction: found when asked for, each with a button that takes it."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.repairs import Repairs, repairs_of
from optiwright.agent.result import Result
from optiwright.agent.session_state import Route
from optiwright.solver_tools.variants import Allowance
from optiwright.ui.aside import show_aside
from optiwright.ui.plain_text import told
from optiwright.ui.scene import Scene


def show_repairs(scene: Scene, result: Result) -> None:
    """Show the ways out, or the button that finds them."""
    assert scene.version is not None
    place = f"{scene.session.name}-{scene.version.number}"
    wanted = f"ways-out-wanted-{place}"
    if not st.session_state.get(wanted):
        if st.button(
            "Show ways out", key=f"ways-out-{place}", icon=":material/build:", type="primary"
        ):
            st.session_state[wanted] = True
            st.rerun()
        return
    limit = scene.session.options.time_limit_s
    show_aside(
        f"ways out of {result.record} {result.run_id} in {limit:g} s",
        lambda: repairs_of(result, None, None, Allowance(time_limit_s=limit)),
        "Looking for the smallest changes that help",
        lambda found: _show_found(scene, found, place),
    )


def _show_found(scene: Scene, found: Repairs, place: str) -> None:
    if not found.repairs:
        st.markdown(told(found.words))
        return
    st.markdown("**Ways out**, each one solved:")
    for number, repair in enumerate(found.repairs, 1):
        with st.container(border=True):
            st.markdown(f"{number}\\. {told(repair.words)}")
            key = f"way-out-{number}-{place}"
            label = f"Take way out {number}"
            if st.button(label, key=key, icon=":material/check:", disabled=scene.busy):
                route = Route(kind="repair", way="given", numbers=(float(number),))
                words = repair.words.replace("`", "")
                scene.say(f"Take way out {number}. {words}", route=route)
