"""The answer: what came out, how sure it is, its picture and tables, what can be asked of it."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.answer_sheet import Sheet, case_rows, sheet_of
from optiwright.agent.result import Status
from optiwright.formulators.phrases import counted
from optiwright.ui.answer_evidence import show_evidence
from optiwright.ui.answer_kinds import show_plan, show_plan_proof, show_search
from optiwright.ui.answer_limits import show_compromises, show_limits
from optiwright.ui.answer_questions import show_questions
from optiwright.ui.answer_repairs import show_repairs
from optiwright.ui.answer_solution import show_pictures, show_tables
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene

_ICONS = {
    Status.OPTIMAL: ":material/check_circle:",
    Status.FEASIBLE: ":material/task_alt:",
    Status.INFEASIBLE: ":material/block:",
    Status.UNBOUNDED: ":material/all_inclusive:",
    Status.UNSOLVED: ":material/hourglass_disabled:",
    Status.FORMULATED: ":material/function:",
    Status.NO_FORMULATION: ":material/error:",
}
_SHOWN = 12
"""Quantities that are listed; more are behind a fold."""


def show_answer(scene: Scene) -> None:
    """Show the current version's answer."""
    result = scene.result
    if result is None:
        st.info(
            "The files of this answer are gone: its run was deleted, or lies on another machine. "
            "State the problem again.",
            icon=":material/folder_off:",
        )
        return
    sheet = sheet_of(result)
    _show_value(sheet)
    bold = "" if sheet.value else "**"
    st.markdown(f"{_ICONS[result.status]} {bold}{plain(sheet.status)}{bold}")
    if result.plan is not None:
        show_plan_proof(result.plan)
    _show_quantities(sheet)
    _show_conflict(sheet)
    if sheet.remedy:
        st.info(told(sheet.remedy), icon=":material/arrow_forward:")
    if result.status is Status.INFEASIBLE and result.formulation is not None:
        show_repairs(scene, result)
    if result.status is not Status.FORMULATED:
        show_evidence(scene, result)
    show_questions(scene, result)
    if result.plan is not None:
        show_plan(scene, result, result.plan)
        return
    if result.search is not None:
        show_search(scene, result, result.search)
        return
    show_pictures(result)
    show_tables(scene, result)
    show_limits(scene, result)
    show_compromises(scene, result)
    if result.scenarios:
        st.markdown("**Scenarios**")
        rows = case_rows(result, result.scenarios, "as stated")
        st.dataframe(rows, hide_index=True, alt="The scenarios with their outcomes")


def _show_value(sheet: Sheet) -> None:
    if sheet.value:
        unit = f" {sheet.unit}" if sheet.unit else ""
        with st.container(key="value", gap="xxsmall"):
            st.header(plain(f"{sheet.value}{unit}"), anchor=False)
            st.caption(plain(sheet.goal))


def _show_quantities(sheet: Sheet) -> None:
    lines = [f"- {plain(name)}: **{plain(value)}**" for name, value in sheet.quantities]
    if lines:
        st.markdown("\n".join(lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        with st.expander(counted(len(lines) - _SHOWN, "more quantity", "more quantities")):
            st.markdown("\n".join(lines[_SHOWN:]))


def _show_conflict(sheet: Sheet) -> None:
    if sheet.conflict:
        lines = "\n".join(f"- {told(line)}" for line in sheet.conflict)
        st.markdown(f"{sheet.lead}\n\n{lines}")
    if sheet.note:
        st.markdown(told(sheet.note))
