"""The formulation of a plan (objects, facts, actions, start, goal) and of a search (a function)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from optiwright.agent.result import Result
from optiwright.formulators.black_box import BlackBox, Code, Unknown
from optiwright.formulators.figures import number
from optiwright.formulators.findings import Finding
from optiwright.formulators.model import Sense
from optiwright.formulators.phrases import counted
from optiwright.formulators.planning import OBJECT, Action, Amount, Fact, Place, Planning
from optiwright.formulators.planning_lines import write_planning
from optiwright.ui.formulation_notes import show_findings
from optiwright.ui.plain_text import plain, plain_line, told
from optiwright.ui.progress import show_pieces

_LEAST = {
    "steps": "The fewest steps.",
    "cost": "The least cost, all steps together.",
    "any": "Any plan that reaches the goal.",
}
_SHOWN = 60
"""Lines of a part that are shown; the lines at the end have all."""


def show_planning(result: Result, planning: Planning, findings: Sequence[Finding]) -> None:
    """Show a planning formulation part by part."""
    _show_text(result.text)
    _part("Objects", _objects(planning))
    _part("What can be true", [_declared(fact) for fact in planning.facts])
    _part("Amounts", [_declared(amount) for amount in planning.amounts])
    _part("What can be done", [_action(action) for action in planning.actions])
    _part("At the start", [_code(entry) for entry in planning.start], joined=True)
    _part("The goal", [_code(condition) for condition in planning.goal])
    most = counted(planning.most_steps, "step") if planning.most_steps is not None else ""
    _part("What is to be least", [_LEAST[planning.least], *([f"At most {most}."] if most else [])])
    _part("Assumptions", [told(text) for text in planning.assumptions])
    if findings:
        show_findings(findings)
    with st.expander("The formulation as lines", icon=":material/code:"):
        st.code(write_planning(planning), language=None, wrap_lines=True)


def show_black_box(result: Result, box: BlackBox) -> None:
    """Show what is sought, within which bounds, and the function that is asked."""
    _show_text(result.text)
    goal = "greatest" if box.sense is Sense.MAXIMIZE else "least"
    _part("What is sought", [f"The {goal} value, by {counted(box.budget, 'evaluation')} at most."])
    _part("Unknowns", [_unknown(unknown) for unknown in box.unknowns])
    asks = [
        f"{_code(ask.function)} is at most zero"
        + (f": {plain(ask.description)}" * bool(ask.description))
        for ask in box.constraints
    ]
    _part("Constraints", asks)
    st.markdown("## The function", anchors=False)
    if isinstance(box.oracle, Code):
        st.code(box.oracle.source, language="python")
    else:
        where = "as your own process" if box.oracle.trusted else "in the sandbox"
        st.markdown(f"A command that is asked for each point, {where}:")
        st.code(" ".join(box.oracle.arguments), language=None, wrap_lines=True)
    noise = {True: ["It answers differently for the same point."], False: [], None: []}
    start = [f"Begun at {plain(', '.join(map(str, box.start)))}."] if box.start else []
    _part("Assumptions", [*noise[box.noisy], *start, *map(told, box.assumptions)])


def _show_text(text: str) -> None:
    if text.strip():
        with st.expander("The problem's text", icon=":material/article:"):
            show_pieces(text)


def _part(title: str, lines: Iterable[str], *, joined: bool = False) -> None:
    kept = list(lines)
    if not kept:
        return
    st.markdown(f"## {title}", anchors=False)
    more = f"and {len(kept) - _SHOWN:,} more" if len(kept) > _SHOWN else ""
    shown = [*kept[:_SHOWN], *([more] if more else [])]
    st.markdown(", ".join(shown) if joined else "\n".join(f"- {line}" for line in shown))


def _objects(planning: Planning) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for thing in planning.objects:
        words = f" ({plain_line(thing.words)})" if thing.words else ""
        kinds.setdefault(thing.kind, []).append(f"{_code(thing.name)}{words}")
    lines = [f"{_kind(kind)}: {', '.join(names)}" for kind, names in kinds.items()]
    return lines + [
        f"each {_kind(k.name)} is a {_kind(k.parent)}" for k in planning.kinds if k.parent != OBJECT
    ]


def _kind(name: str) -> str:
    return plain(name.replace("_", " "))


def _declared(what: Fact | Amount) -> str:
    unit = f" in {plain(what.unit)}" if isinstance(what, Amount) and what.unit else ""
    words = f": {plain_line(what.description)}" if what.description else ""
    return f"{_code(_head(what.name, what.places))}{unit}{words}"


def _action(action: Action) -> str:
    words = f": {plain_line(action.description)}" if action.description else ""
    lines = [f"{_code(_head(action.name, action.places))}{words}"]
    parts = (
        ("needs", action.needs),
        ("makes true", action.makes),
        ("ends", action.ends),
        ("changes", action.changes),
        ("costs", () if action.cost == "1" else (action.cost,)),
    )
    lines += [f"    - {what} {', '.join(map(_code, of))}" for what, of in parts if of]
    return "\n".join(lines)


def _head(name: str, places: Sequence[Place]) -> str:
    if not places:
        return name
    told = (p.name if p.kind == OBJECT else f"{p.name}: {p.kind}" for p in places)
    return f"{name}({', '.join(told)})"


def _code(words: str) -> str:
    return f"`{words.replace('`', '')}`"


def _unknown(unknown: Unknown) -> str:
    name = _code(unknown.name)
    if unknown.kind == "one_of":
        return f"{name}: one of {plain(', '.join(unknown.choices))}"
    whole = "a whole number " if unknown.kind == "whole" else ""
    scale = ", by its magnitude" if unknown.kind == "real" and unknown.log else ""
    return f"{name}: {whole}from {number(unknown.lower)} to {number(unknown.upper)}{scale}"
