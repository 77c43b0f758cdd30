"""What limits an answer and what more of it is worth; compromises between two goals. On demand."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.limit_table import basis_told, limit_table
from optiwright.agent.pictures import picture_of_front
from optiwright.agent.result import Result, Status
from optiwright.agent.sensitivity import Sensitivity, analyse
from optiwright.agent.told_limits import limits
from optiwright.agent.told_point import point_in
from optiwright.ui.answer_solution import draw
from optiwright.ui.aside import show_aside
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene


def show_limits(scene: Scene, result: Result) -> None:
    """Show a fold that, when it is opened, works out limits and prices."""
    if result.formulation is None or not result.status.has_point:
        return
    priced = result.status is Status.OPTIMAL and bool(result.formulation.objectives)
    title = "Limits and what more of each is worth" if priced else "Limits"
    fold = st.expander(title, key=_key("limits", scene), on_change="rerun")
    if not fold.open:
        return
    with fold:
        if priced:
            show_aside(
                f"prices of {result.record} {result.run_id}",
                lambda: analyse(result),
                "Working out what each limit is worth",
                lambda found: _show_prices(result, found),
            )
        else:
            show_aside(
                f"limits of {result.record} {result.run_id}",
                lambda: _limits(result),
                "Holding the solution against its limits",
                lambda words: st.markdown(told(words)),
            )


def _show_prices(result: Result, found: Sensitivity) -> None:
    table = limit_table(result, found)
    if table.empty:
        st.markdown("No limit that has a price is reached.")
        return
    st.dataframe(table, hide_index=True, alt="The limits that are reached, and what each is worth")
    unit = f" in {plain(found.unit)}" if found.unit else ""
    st.caption(
        f"One more, one less: what the best value changes by{unit}. {told(basis_told(found))}"
    )


def _limits(result: Result) -> str:
    point = point_in(result)
    if point is None:
        return "The data that the limits rest on are not at hand."
    return limits(result, point)


def show_compromises(scene: Scene, result: Result) -> None:
    """Show a fold that, when it is opened, solves for compromises between two goals."""
    formulation = result.formulation
    if formulation is None or len(formulation.objectives) != 2:
        return
    if not result.status.has_point:
        return
    title = "The best compromises between the two goals"
    fold = st.expander(title, key=_key("compromises", scene), on_change="rerun")
    if not fold.open:
        return
    with fold:
        show_aside(
            f"compromises of {result.record} {result.run_id}",
            lambda: picture_of_front(result.pareto()),
            "Solving for compromises between the goals",
            draw,
        )


def _key(what: str, scene: Scene) -> str:
    number = scene.version.number if scene.version is not None else 0
    return f"{what}-{scene.session.name}-{number}"
