"""How sure an answer is: a badge that opens to what was checked and what was assumed."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from optiwright.agent.answer import differences_told, sureness
from optiwright.agent.answer_sheet import case_rows, level_words
from optiwright.agent.evidence import Agreement, Level
from optiwright.agent.planning_answer import second_reading
from optiwright.agent.result import Result
from optiwright.agent.told_certainty import assumed_lines
from optiwright.formulators.findings import Severity
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene

Colour = Literal["green", "blue", "orange", "red"]

_COLOURS: dict[Level, Colour] = {
    Level.PROVED: "green",
    Level.CHECKED: "green",
    Level.FEASIBLE: "blue",
    Level.UNCHECKED: "orange",
    Level.DISPUTED: "red",
    Level.FAILED: "red",
}
_ICONS = {
    Level.PROVED: ":material/verified:",
    Level.CHECKED: ":material/fact_check:",
    Level.FEASIBLE: ":material/rule:",
    Level.UNCHECKED: ":material/help:",
    Level.DISPUTED: ":material/call_split:",
    Level.FAILED: ":material/gpp_bad:",
}
_AGREEMENT = {
    Agreement.CORROBORATED: "A second program, written from the text alone, agrees.",
    Agreement.RECONCILED: "A second program, written from the text alone, agrees after the two "
    "were shown to each other.",
    Agreement.SINGLE: "No second program confirms how the text was read.",
    Agreement.DISPUTED: "A second program, written from the text alone, says otherwise.",
}
_SEVERITY = {
    Severity.ERROR: ":material/error: wrong",
    Severity.WARNING: ":material/warning: doubtful",
    Severity.NOTE: ":material/info: noted",
}


def show_evidence(scene: Scene, result: Result) -> None:
    """Show the badge, and behind it everything that speaks for the answer or against it."""
    version = scene.version
    number = version.number if version is not None else 0
    badge = f":{_COLOURS[result.level]}-badge[{_ICONS[result.level]} {level_words(result.level)}]"
    with st.expander(f"How sure: {badge}", key=f"evidence-{scene.session.name}-{number}"):
        st.markdown(told(sureness(result)))
        _checks(result)
        _second_route(result)
        _assumptions(result)


def _checks(result: Result) -> None:
    lines = [f"- {_held(c.passed)} **{plain(c.name)}**: {told(c.detail)}" for c in result.checks]
    lines += [
        f"- {_SEVERITY[f.severity]} **{plain(f.where)}**: {told(f.message)}"
        for f in result.findings
    ]
    st.markdown("**What was checked**\n\n" + ("\n".join(lines) or "Nothing."))


def _held(passed: bool) -> str:
    return ":material/check: held" if passed else ":material/close: failed"


def _second_route(result: Result) -> None:
    if result.search is not None:
        return
    st.markdown(f"**A second reading**\n\n{_AGREEMENT[result.agreement]}")
    written = result.written
    if written is None:
        return
    if result.plan is not None:
        st.markdown(told(second_reading(result)))
    else:
        lines = [f"- {told(line)}" for line in differences_told(result)]
        st.markdown("\n".join([told(written.words), "", *lines]))
    if written.source:
        with st.expander("The second program", icon=":material/code:"):
            st.code(written.source, language="python")


def _assumptions(result: Result) -> None:
    lines = [f"- {told(line)}" for line in assumed_lines(result)]
    if lines:
        st.markdown("**What was assumed**\n\n" + "\n".join(lines))
    others = tuple(case for case in result.alternatives if case.matters)
    if others:
        st.markdown("**Read otherwise**\n\nThe text leaves open what changes the answer:")
        rows = case_rows(result, others, "as it was read")
        st.dataframe(rows, hide_index=True, alt="Other readings of the text with their outcomes")
