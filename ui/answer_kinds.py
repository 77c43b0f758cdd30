"""The answer of a plan or of a search below its value: proof, pictures, tables."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optiwright.agent.kind_tables import constraint_table, plan_table, point_table
from optiwright.agent.plan_states import carried_out, steps_shown
from optiwright.agent.planning_told import fact_words
from optiwright.agent.result import PlanAnswer, Result, SearchAnswer
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import capitalised, counted
from optiwright.solver_tools.plan_outcome import PlanStatus
from optiwright.ui.answer_solution import show_pictures
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene


def show_plan(scene: Scene, result: Result, plan: PlanAnswer) -> None:
    """Show the plan card by card and as a table, or what of the goal can be reached."""
    if plan.outcome.status is PlanStatus.IMPOSSIBLE and plan.outcome.reached:
        _reached(plan)
    show_pictures(result)
    if steps_shown(plan):
        with st.expander("The steps as a table", icon=":material/table:", key=_key("steps", scene)):
            _table(plan_table(plan))


def show_plan_proof(plan: PlanAnswer) -> None:
    """Show what proves a plan or that there is none, and whether it can be carried out."""
    st.markdown("  \n".join(_proof(plan)))


def _proof(plan: PlanAnswer) -> list[str]:
    """Return what shows that the plan is best, or that there is none, and that it works."""
    outcome, lines = plan.outcome, []
    if outcome.proof:
        lines.append(f":material/verified: {told(capitalised(outcome.proof.rstrip('.')))}.")
    done = carried_out(plan)
    if done is None or not done.steps:
        return lines
    if plan.outcome.status is PlanStatus.IMPOSSIBLE:
        return lines
    if done.valid:
        said = f"Each of {counted(len(done.steps), 'step')} has all that it needs when its turn "
        lines.append(f":material/check: {said}comes, and the goal holds at the end.")
    for place, step in enumerate(done.steps, 1):
        if step.unmet:
            needs = plain(", ".join(step.unmet))
            lines.append(f":material/close: Step {place}, {plain(str(step.step))}, lacks {needs}.")
    for condition in done.unmet_goal:
        lines.append(f":material/close: The goal's {plain(condition)} does not hold at the end.")
    return lines


def _reached(plan: PlanAnswer) -> None:
    lines = [f"- {told(fact_words(plan.planning, c))}" for c in plan.outcome.reached]
    steps = counted(len(plan.outcome.reached_by), "step")
    how = f"in {steps}" if plan.outcome.reached_by else "from the start"
    st.markdown(f"**This much of the goal can be reached, {how}**\n\n" + "\n".join(lines))


def show_search(scene: Scene, result: Result, search: SearchAnswer) -> None:
    """Show the best point, the way to it, and the program that found it."""
    point, held = point_table(search), constraint_table(search)
    if len(point):
        st.markdown("**The point**" if search.outcome.value is not None else "**The nearest**")
        _table(point)
    if len(held):
        _table(held)
    show_pictures(result)
    stages = [
        f"1. **{plain(s.optimizer)}**, {counted(s.evaluations, 'evaluation')}"
        + (f", best {plain(number(s.best))}" if s.best is not None else "")
        + (f": {told(s.reason)}" if s.reason else "")
        for s in search.outcome.stages
    ]
    if stages:
        st.markdown("**How it was found**\n\n" + "\n".join(stages))
    notes = search.outcome.traits.notes if search.outcome.traits is not None else ()
    if notes:
        with st.expander("What is known of the function", key=_key("traits", scene)):
            st.markdown("\n".join(f"- {told(note)}" for note in notes))
    if search.outcome.program:
        with st.expander(
            "The program that searched", icon=":material/code:", key=_key("program", scene)
        ):
            st.code(search.outcome.program, language="python")


def _table(frame: pd.DataFrame) -> None:
    """Show a table whose words wrap, so that it is read where it is narrow too."""
    shown = frame.map(lambda cell: plain(cell) if isinstance(cell, str) else cell)
    st.table(shown.set_index(shown.columns[0]))


def _key(what: str, scene: Scene) -> str:
    number = scene.version.number if scene.version is not None else 0
    return f"{what}-{scene.session.name}-{number}"
