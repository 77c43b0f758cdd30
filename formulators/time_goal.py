"""A goal that is a time in the text, where an objective has what is made in an hour instead."""

from __future__ import annotations

import re

from optiwright.formulators.decided import linear_form
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Call
from optiwright.formulators.model import Algebraic, Definition, Formulation, Sense, Variable
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.plain import relations_like

_TIME = re.compile(
    r"\b(?:minimum|minimi[sz]e|least|shortest)\b[^.?;\n]{0,60}?\btimes?\b", re.IGNORECASE
)
_RATE = re.compile(
    r"(?:\b(?:per|an?|each|every)\s+|/\s*)(?:hour|hr|h|minute|min|day)\b", re.IGNORECASE
)
_LASTS = re.compile(
    r"^(?:the\s+|total\s+|number\s+of\s+)*(?:hours?|minutes?|days?|weeks?|time)\b|time", re.I
)
_NEED = re.compile(r"\s*(\w+)\s*>=\s*([\w.]+)\s*")
_CLOSE = 1e-9


def needs_at_a_rate(formulation: Formulation, text: str) -> tuple[tuple[Algebraic, str, str], ...]:
    """Return the needs that a least time has to meet: each constraint, its total, its number.

    Nothing where that is open. The text wants the least time and tells what is made in an hour; no
    decision is a time, and neither is a total that has a need. The objective is the greatest of
    some values that have no numbers but those of what is made in an hour: such totals, each as it
    is or over a rate of its own, and then it is their needs; or parts of one and the same total,
    and then it is all. So the time until the last need is met is what is wanted.
    """
    if len(formulation.objectives) != 1 or not _TIME.search(text) or not _RATE.search(text):
        return ()
    (objective,) = formulation.objectives
    totals = {d.name: d for d in formulation.definitions if not d.over}
    greatest = _arguments(objective.expression, totals)
    if objective.sense is not Sense.MINIMIZE or any(map(_lasts, formulation.variables)):
        return ()
    needs = [
        (constraint, need[1], need[2])
        for constraint, need in relations_like(formulation, _NEED)
        if need[1] in totals
    ]
    made = {total: linear_form(formulation, total) or {} for _, total, _ in needs}
    at_a_rate = {t: form for t, form in made.items() if any(abs(c) != 1 for c in form.values())}
    if not greatest or any(_lasts(totals[total]) for total in at_a_rate):
        return ()
    forms = [linear_form(formulation, argument) or {} for argument in greatest]
    whole = [{t for t, rates in at_a_rate.items() if _is_over_a_rate(f, rates)} for f in forms]
    parts = any(all(_is_part(f, rates) for f in forms) for rates in at_a_rate.values())
    met = set[str]().union(*whole) if all(whole) else set(at_a_rate) if parts else set()
    return tuple(need for need in needs if need[1] in met)


def _arguments(goal: str, totals: dict[str, Definition]) -> list[str]:
    """Return what an objective is the greatest of; nothing if it is no `max`."""
    written = totals[goal.strip()].expression if goal.strip() in totals else goal
    try:
        node = parse_expression(written)
    except FormulationError:
        return []
    if not isinstance(node, Call) or node.function != "max":
        return []
    return [written[part.span.start : part.span.stop] for part in node.arguments]


def _is_over_a_rate(form: dict[str, float], rates: dict[str, float]) -> bool:
    """Whether a value is a total, or the total over one of its rates."""
    if not form or form.keys() != rates.keys():
        return False
    shares = [form[name] / rate for name, rate in rates.items()]
    if max(shares) - min(shares) > _CLOSE * max(map(abs, shares)):
        return False
    return any(abs(shares[0] * by - 1) <= _CLOSE for by in (1.0, *rates.values()))


def _is_part(form: dict[str, float], rates: dict[str, float]) -> bool:
    """Whether a value is what some decisions have in a total, none of them once."""
    return bool(form) and all(c == rates.get(name) and abs(c) != 1 for name, c in form.items())


def _lasts(part: Definition | Variable) -> bool:
    """Whether a decision or a total is a time already, or a total is made from one."""
    named = _LASTS.search(part.description) or "time" in part.name.lower()
    return bool(named) or (isinstance(part, Definition) and "/" in part.expression)
