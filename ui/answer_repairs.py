"""Ways out of a contradiction: found when asked for, each with a button that takes it."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.repairs import Repairs, repairs_of
from optiwright.agent.result import Result
from optiwright.agent.session_state import Route
from optiwright.formulators.errors import OptiwrightError
from optiwright.solver_tools.variants import Allowance
from optiwright.ui.plain_text import told
from optiwright.ui.scene import Scene


def show_repairs(scene: Scene, result: Result) -> None:
    """Show the ways out, or the button that finds them."""
    assert scene.version is not None
    place = f"{scene.session.name}-{scene.version.number}"
    wanted = f"ways-out-wanted-{place}"
    if not st.session_state.get(wanted):
        if st.button("Show ways out", key=f"ways-out-{place}", icon=":material/build:"):
            st.session_state[wanted] = True
            st.rerun()
        return
    limit = scene.session.options.time_limit_s
    try:
        found = _found(result.run_id, result.record, limit, result)
    except OptiwrightError as error:
        st.info(told(str(error)), icon=":material/build:")
        return
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


@st.cache_data(show_spinner="Looking for the smallest changes that help", max_entries=100)
def _found(run_id: str, record: str, time_limit_s: float, _result: Result) -> Repairs:
    return repairs_of(_result, None, None, Allowance(time_limit_s=time_limit_s))
