"""The inputs by which a formulation is edited, and the bar that says all edits as one turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from optiwright.agent.acts_editing import SOLVE
from optiwright.agent.result import Status
from optiwright.agent.session_state import Route, Version
from optiwright.formulators.changes import TypedChange
from optiwright.formulators.editing import (
    added_constraint,
    bound_text,
    constraint_edit,
    definition_edit,
    edit_faults,
    edits_told,
    entries_edit,
    goal_edit,
    plain_bound,
    variable_edit,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Definition,
    Derived,
    Domain,
    Formulation,
    Logic,
    Objective,
    Parameter,
    Sense,
    Variable,
)
from optiwright.formulators.phrases import capitalised, counted
from optiwright.formulators.value_grids import MOST_CELLS, Grid
from optiwright.ui.plain_text import plain_line, told
from optiwright.ui.scene import Scene

_LINE = 64
"""Characters of an expression that one line shows."""
_DOMAINS = (Domain.CONTINUOUS, Domain.INTEGER, Domain.BINARY)
_KINDS = {
    Domain.CONTINUOUS: "any number",
    Domain.INTEGER: "whole numbers",
    Domain.BINARY: "yes or no",
    Domain.SEMICONTINUOUS: "zero or between its bounds",
}


class Editing:
    """One run's inputs over a formulation; collects the changes that stand in them.

    Args:
        key: of the version; every widget's key begins with it.
        formulation: what is edited.
        grids: the tables of its parameters.
        fault: why there are none.
    """

    def __init__(
        self, key: str, formulation: Formulation, grids: Mapping[str, Grid], fault: str
    ) -> None:
        self.changes: list[TypedChange] = []
        self.faults: list[str] = []
        self._key = key
        self._formulation = formulation
        self._grids = grids
        self._fault = fault
        self._inputs: dict[str, Callable[[], None]] = {}
        f = formulation
        self._inputs |= {f"parameter `{p.name}`": _call(self._parameter, p) for p in f.parameters}
        self._inputs |= {f"variable `{v.name}`": _call(self._variable, v) for v in f.variables}
        self._inputs |= {f"definition `{d.name}`": _call(self._total, d) for d in f.definitions}
        self._inputs |= {f"constraint `{c.name}`": _call(self._rule, c) for c in f.constraints}
        leading = f.leading
        name = leading.name if leading is not None else ""
        self._inputs[f"objective `{name}`" if name else ""] = _call(self._goal, leading)

    def line(self, where: str) -> None:
        """Show the inputs of one line, if it can be edited."""
        show = self._inputs.pop(where, None)
        if show is not None:
            show()

    # --- data -------------------------------------------------------------------------------------

    def _parameter(self, part: Parameter) -> None:
        grid = self._grids.get(part.name)
        if isinstance(part.data, Derived):
            st.caption("Worked out from other numbers: edit those.")
        elif grid is None and self._fault:
            st.caption(f"Its numbers cannot be edited: {plain_line(self._fault)}")
        elif grid is None:
            st.caption(
                f"It has more than {MOST_CELLS:,} numbers: attach a file with other ones, or say "
                "the change in words."
            )
        elif grid.single:
            self._number(part, grid)
        else:
            self._table(part, grid)

    def _number(self, part: Parameter, grid: Grid) -> None:
        old = grid.values[()]
        unit = f" ({plain_line(part.unit)})" if part.unit else ""
        new = st.number_input(
            f"{plain_line(part.name)}{unit}",
            value=old,
            format="%.12g",
            key=f"{self._key}-value-{part.name}",
            width=260,
        )
        if new is None:
            self._say(f"{part.name} is empty. Give a number.")
        else:
            self.changes += entries_edit(part.name, {(): old}, {(): float(new)})
        _from_file(grid)

    def _table(self, part: Parameter, grid: Grid) -> None:
        edited = st.data_editor(
            grid.frame,
            key=f"{self._key}-table-{part.name}",
            height=min(38 + 35 * len(grid.frame), 400),
            alt=f"The values of {part.name}, to be edited",
        )
        try:
            self.changes += entries_edit(part.name, grid.values, grid.read(edited))
        except FormulationError as error:
            self._say(str(error))
        _from_file(grid)

    # --- decisions --------------------------------------------------------------------------------

    def _variable(self, part: Variable) -> None:
        own = f"{self._key}-variable-{part.name}"
        name = plain_line(part.name)
        domains = _DOMAINS if part.domain in _DOMAINS else (part.domain, *_DOMAINS)
        kind, low, high = st.columns(3)
        with kind:
            domain = st.selectbox(
                f"{name} takes",
                domains,
                index=domains.index(part.domain),
                format_func=lambda d: _KINDS[d],
                key=f"{own}-kind",
            )
        if domain is Domain.BINARY:
            self._add(variable_edit(part, part.lower, part.upper, domain))
            return
        with low:
            lower = self._bound(f"{name} is at least", part.lower, f"{own}-lower")
        with high:
            upper = self._bound(f"{name} is at most", part.upper, f"{own}-upper")
        self._add(variable_edit(part, lower, upper, domain))

    def _bound(self, label: str, old: str | None, key: str) -> str | None:
        """Show a bound: a number if it is one or none, else an expression."""
        is_plain, value = plain_bound(old)
        if not is_plain:
            return st.text_input(label, value=old or "", key=key, help="Empty for no bound.")
        new = st.number_input(
            label, value=value, format="%.12g", key=key, placeholder="no bound", step=1.0
        )
        return bound_text(old, new)

    def _total(self, part: Definition) -> None:
        key = f"{self._key}-total-{part.name}"
        new = _expression(f"{plain_line(part.name)} is", part.expression, key)
        self._add(definition_edit(part, new))

    # --- objective and constraints ----------------------------------------------------------------

    def _goal(self, goal: Objective | None) -> None:
        if goal is None:
            return
        senses = list(Sense)
        sense = st.segmented_control(
            "The goal is to",
            senses,
            default=goal.sense,
            required=True,
            format_func=lambda s: s.value,
            key=f"{self._key}-sense",
        )
        new = _expression("The objective", goal.expression, f"{self._key}-goal")
        self._add(goal_edit(goal, sense or goal.sense, new))

    def _rule(self, part: Constraint) -> None:
        own, name = f"{self._key}-rule-{part.name}", plain_line(part.name)
        if not isinstance(part, Algebraic | Logic):
            dropped = st.checkbox(f"Drop {name}", key=f"{own}-drop")
            self._add(constraint_edit(part, "", "", dropped=dropped))
            return
        over = f", for {plain_line(part.over)}" if part.over else ""
        label = f"{name} demands{over}"
        expression = _expression(label, part.expression, f"{own}-expression")
        changed = " ".join(expression.split()) != part.expression
        sentence = part.description
        if changed:
            sentence = st.text_input(
                f"{name} in words",
                value="",
                placeholder=part.description,
                key=f"{own}-sentence",
                help="What it demands now, in a sentence; empty keeps the old one, unless that "
                "has a number in it.",
            )
        dropped = st.checkbox(f"Drop {name}", key=f"{own}-drop")
        self._add(constraint_edit(part, expression, sentence, dropped=dropped))

    def new_constraint(self) -> None:
        """Show the inputs of a constraint that is added."""
        own = f"{self._key}-new"
        with st.expander("Add a constraint", icon=":material/add:", key=own):
            expression = st.text_input(
                "It demands",
                key=f"{own}-expression",
                placeholder="sum(make[i] for i in Goods) <= 40",
            )
            over = st.text_input(
                "For each (empty for once)", key=f"{own}-over", placeholder="i in Goods"
            )
            sentence = st.text_input("In words", key=f"{own}-sentence")
            self._add(added_constraint(self._formulation, expression, over, sentence))

    # --- what is collected ------------------------------------------------------------------------

    def _add(self, changes: Sequence[TypedChange]) -> None:
        """Collect changes; what is wrong in one is shown right here, with its place."""
        for change in changes:
            for fault in edit_faults(self._formulation, change):
                if fault.expression:
                    st.code(fault.pointed, language=None)
                place = f"{capitalised(fault.place)}: " if fault.place else ""
                self._say(f"{place}{fault.message}")
        self.changes += changes

    def _say(self, fault: str) -> None:
        self.faults.append(fault)
        st.error(told(fault), icon=":material/error:")


def apply_bar(scene: Scene, version: Version, editing: Editing) -> None:
    """Show how many edits there are and the buttons that say them as one turn."""
    count = len(editing.changes)
    unsolved = version.status is Status.FORMULATED
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", border=True, key="edit-bar"
    ):
        if editing.faults:
            st.markdown(f":material/error: {told(editing.faults[0])}", width="stretch")
        elif count:
            edits = plain_line(edits_told(editing.changes))
            st.markdown(f"**{counted(count, 'edit')}**: {edits}", width="stretch")
        else:
            st.caption("Nothing is edited yet.", width="stretch")
        barred = not count or bool(editing.faults) or scene.busy
        solve = st.button(
            "Apply and solve",
            key=f"apply-solve-{version.number}",
            type="primary",
            icon=":material/play_arrow:",
            disabled=barred,
        )
        only = unsolved and st.button(
            "Apply", key=f"apply-{version.number}", icon=":material/check:", disabled=barred
        )
    if solve or only:
        route = Route(
            kind="edit",
            way="given",
            to=SOLVE if solve else "",
            numbers=(version.number,),
            changes=tuple(editing.changes),
        )
        scene.say(f"Edit: {edits_told(editing.changes)}", route=route)


def _expression(label: str, value: str, key: str) -> str:
    """Show an expression to edit; a long one on several lines."""
    if len(value) <= _LINE:
        return st.text_input(label, value=value, key=key)
    return st.text_area(label, value=value, key=key, height="content")


def _from_file(grid: Grid) -> None:
    if grid.file:
        st.caption(
            f"From {plain_line(grid.file.replace('`', ''))}. What is edited here stands beside the "
            "file, which stays as it is."
        )


def _call(show: Callable[..., None], part: object) -> Callable[[], None]:
    return lambda: show(part)
