"""A goal that is a time in the text, where an objective has what is made in an hour instead."""

from __future__ import annotations

import re

from optiwright.formulators.model import Algebraic, Definition, Formulation, Sense
from optiwright.formulators.plain import relations_like

_TIME = re.compile(
    r"\b(?:minimum|minimi[sz]e|least|shortest)\b[^.?;\n]{0,60}?\btimes?\b", re.IGNORECASE
)
_RATE = re.compile(
    r"(?:\b(?:per|an?|each|every)\s+|/\s*)(?:hour|hr|h|minute|min|day)\b", re.IGNORECASE
)
_LONGEST = re.compile(r"\s*max\(\s*(\w+(?:\s*,\s*\w+)+)\s*\)\s*")
_LASTS = re.compile(
    r"^(?:the\s+|total\s+|number\s+of\s+)*(?:hours?|minutes?|days?|weeks?|time)\b|time", re.I
)
_NEED = re.compile(r"\s*(\w+)\s*>=\s*([\w.]+)\s*")


def needs_at_a_rate(formulation: Formulation, text: str) -> tuple[tuple[Algebraic, str, str], ...]:
    """Return the needs that a least time has to meet: each constraint, its total, its number.

    Nothing where that is open. The text wants the least time and tells what is made in an hour; the
    objective is the greatest of some totals, none of them a time, and each of them has a need, and
    so is what is made in an hour: the time until the last need is met is what is wanted.
    """
    if len(formulation.objectives) != 1 or not _TIME.search(text) or not _RATE.search(text):
        return ()
    (objective,) = formulation.objectives
    totals = {d.name: d for d in formulation.definitions if not d.over}
    goal = objective.expression.strip()
    found = _LONGEST.fullmatch(totals[goal].expression if goal in totals else goal)
    if objective.sense is not Sense.MINIMIZE or found is None:
        return ()
    names = re.findall(r"\w+", found[1])
    if not set(names) <= totals.keys() or any(_lasts(totals[name]) for name in names):
        return ()
    needs = [
        (constraint, need[1], need[2])
        for constraint, need in relations_like(formulation, _NEED)
        if need[1] in names
    ]
    return tuple(needs) if sorted(name for _, name, _ in needs) == sorted(set(names)) else ()


def _lasts(total: Definition) -> bool:
    """Whether a total is a time already, or made from one."""
    named = _LASTS.search(total.description) or "time" in total.name.lower()
    return bool(named) or "/" in total.expression
