"""What belongs to a formulation: assumptions, findings, open points, numbers of the text."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from optiwright.formulators.changes import Changes
from optiwright.formulators.findings import Finding, Severity
from optiwright.formulators.model import Assumption
from optiwright.formulators.numbers_told import ToldNumber
from optiwright.formulators.phrases import counted
from optiwright.formulators.questions import Question
from optiwright.ui.plain_text import plain_line

_SIGNS = {
    Severity.ERROR: ":material/error: **Error**",
    Severity.WARNING: ":material/warning: **Warning**",
    Severity.NOTE: ":material/info: **Note**",
}


def show_assumptions(assumptions: Sequence[Assumption]) -> None:
    """List what the text leaves open and how it was read."""
    if assumptions:
        st.markdown("##### Assumptions", anchors=False)
        st.markdown("\n".join(f"- {plain_line(a.text)}" for a in assumptions))


def show_open(
    questions: Sequence[Question], key: str, *, disabled: bool
) -> tuple[str, Changes] | None:
    """List what the text leaves open with its other readings; return the one that was taken."""
    if not questions:
        return None
    taken: tuple[str, Changes] | None = None
    st.markdown("##### What the text leaves open", anchors=False)
    for question in questions:
        st.markdown(f"{plain_line(question.text)} Here: {plain_line(question.best.meaning)}.")
        with st.container(horizontal=True, gap="small"):
            for number, choice in enumerate(question.choices):
                if not choice.changes:
                    continue
                if st.button(
                    f"Read it as: {plain_line(choice.label)}",
                    key=f"{key}-{question.id}-{number}",
                    help=plain_line(choice.meaning),
                    disabled=disabled,
                ):
                    taken = choice.label, choice.changes
    return taken


def show_findings(findings: Sequence[Finding]) -> None:
    """List what the checks of the formulation have to say."""
    st.markdown("##### What the checks say", anchors=False)
    if not findings:
        st.caption("Nothing: names, indices, units and the numbers of the text fit.")
    for finding in findings:
        told = plain_line(f"{finding.where}: {finding.message}")
        st.markdown(f"{_SIGNS[finding.severity]} {told}")


def show_numbers(numbers: Sequence[ToldNumber]) -> None:
    """Show the numbers of the text and where each went."""
    if not numbers:
        return
    unused = sum(n.how == "unused" for n in numbers)
    left = f", {counted(unused, 'is', 'are')} not used" if unused else ""
    st.markdown("##### The numbers of the text", anchors=False)
    st.caption(f"{counted(len(numbers), 'number')}{left}.")
    frame = pd.DataFrame(
        {
            "Number": [n.written for n in numbers],
            "In the text": [n.around for n in numbers],
            "Where it went": [n.told for n in numbers],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(numbers), 400),
        alt="The numbers of the text, the words around them, and what uses them",
    )
