"""The formulation by its five elements, where each comes from, and its editing."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from optiwright.agent.result import Result, Status
from optiwright.agent.session_state import Route, Version
from optiwright.formulators.changes import Changes
from optiwright.formulators.checks import check
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.findings import Finding
from optiwright.formulators.model import Formulation
from optiwright.formulators.numbers_told import ToldNumber, numbers_told
from optiwright.formulators.open_points import left_open
from optiwright.formulators.questions import Question
from optiwright.formulators.reading import sections
from optiwright.formulators.text_places import TextPlace, text_places, traced_numbers
from optiwright.formulators.value_grids import Grid, value_grids
from optiwright.ui.editing import Editing, apply_bar
from optiwright.ui.formulation_lines import show_section
from optiwright.ui.formulation_notes import show_assumptions, show_findings, show_numbers, show_open
from optiwright.ui.formulation_text import show_text
from optiwright.ui.kinds_view import show_black_box, show_planning
from optiwright.ui.scene import Scene

_LONGEST = 10_000
"""Characters of a text that is looked through for open points; longer ones are tables."""
FIVE = ("Sets", "Parameters", "Variables", "Objective", "Constraints")


@dataclass(frozen=True)
class Looked:
    """What the view shows of a formulation beside itself; worked out once a version."""

    places: dict[str, TextPlace]
    numbers: tuple[ToldNumber, ...]
    findings: tuple[Finding, ...]
    open: tuple[Question, ...]
    grids: dict[str, Grid]
    fault: str = ""
    """Why there are no tables to edit."""


def show_formulation(scene: Scene) -> None:
    """Show the current version's formulation."""
    if scene.version is None:
        return
    if scene.result is None:
        st.info("The files of this version are gone. State the problem again.")
    elif scene.result.plan is not None and scene.result.plan.planning.actions:
        show_planning(scene.result, scene.result.plan.planning, scene.result.findings)
    elif scene.result.search is not None:
        show_black_box(scene.result, scene.result.search.black_box)
    elif scene.result.formulation is None and scene.result.plan is not None:
        st.info("No formulation came about that a plan can be looked for with.")
    elif scene.result.formulation is None:
        st.info("This answer rests on no formulation: it is a program that was written at once.")
    else:
        _show(scene, scene.version, scene.result, scene.result.formulation)


@st.fragment
def _show(scene: Scene, version: Version, result: Result, formulation: Formulation) -> None:
    looked = _looked(f"{scene.session.name}/{version.number}/{version.record}", result, formulation)
    key = f"formulation-{scene.session.name}-{version.number}"
    unsolved = version.status is Status.FORMULATED
    bar = st.container(key=f"{key}-accept", border=True) if unsolved else None
    editing = Editing(key, formulation, looked.grids, looked.fault)
    on = st.toggle(
        "Edit",
        key=f"{key}-edit",
        disabled=scene.busy,
        help="Change numbers, bounds, constraints and the objective by hand; no model is asked.",
    )
    chosen = looked.places.get(st.session_state.get(f"{key}-chosen", ""))
    if result.text:
        show_text(result.text, chosen)
    for section in sections(formulation):
        if section.title in FIVE:
            show_section(section, result.text, looked.places, key, editing if on else None)
    if on:
        editing.new_constraint()
    _notes(scene, version, looked, formulation, key)
    if on:
        apply_bar(scene, version, editing)
    if bar is not None:
        with bar:
            _accept(scene, key, pending=bool(on and editing.changes))


def _accept(scene: Scene, key: str, *, pending: bool) -> None:
    """Offer to solve the formulation or to take it back."""
    st.markdown("**Nothing is solved yet.** Look it through, edit it if you like, then solve it.")
    with st.container(horizontal=True):
        solve = st.button(
            "Solve it",
            key=f"{key}-solve",
            type="primary",
            icon=":material/play_arrow:",
            disabled=scene.busy or pending,
            help="Apply the edits first." if pending else None,
        )
        reject = st.button(
            "Take it back", key=f"{key}-reject", icon=":material/undo:", disabled=scene.busy
        )
    if solve:
        scene.say("Solve it", route=Route(kind="solve", way="given"))
    if reject:
        scene.say("Take it back", route=Route(kind="undo", way="given"))


def _notes(
    scene: Scene, version: Version, looked: Looked, formulation: Formulation, key: str
) -> None:
    show_assumptions(formulation.assumptions)
    if version.status is Status.FORMULATED:
        taken = show_open(looked.open, key, disabled=scene.busy)
        if taken is not None:
            _read_otherwise(scene, version, *taken)
    show_findings(looked.findings)
    show_numbers(looked.numbers)


def _read_otherwise(scene: Scene, version: Version, label: str, changes: Changes) -> None:
    route = Route(kind="edit", way="given", numbers=(version.number,), changes=changes)
    scene.say(f"Read it as: {label}", route=route)


@st.cache_data(max_entries=64, show_spinner=False)
def _looked(key: str, _result: Result, _formulation: Formulation) -> Looked:
    """Work out what the view shows; `key` names the version."""
    text = _result.text
    asks = bool(text) and _result.status is Status.FORMULATED
    grids: dict[str, Grid] = {}
    fault = ""
    try:
        grids = value_grids(_formulation)
    except OptiwrightError as error:
        fault = str(error)
    traced = traced_numbers(text, _formulation)
    return Looked(
        places=text_places(text, _formulation, traced),
        numbers=numbers_told(text, _formulation, traced),
        findings=check(_formulation, text),
        open=tuple(left_open(_formulation, text)) if asks and len(text) <= _LONGEST else (),
        grids=grids,
        fault=fault,
    )
