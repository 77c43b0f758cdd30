"""A goal that the text states in so many words, where an objective adds others to it."""

from __future__ import annotations

import re

from optiwright.formulators.model import Formulation, Objective, Sense
from optiwright.formulators.wording import stems

_GOAL = re.compile(
    r"\b(minimi[sz]|maximi[sz])e\s+(.{3,60}?)(?:[.?;,\n]|$|\band\b|\bwhile\b|\bsubject\b)",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\s*(?:,|and\b)([^.?;\n]{0,80})", re.IGNORECASE)
"""What a goal names after its first words."""
_LIMITING = re.compile(
    r"\d|\b(?:keep|stay|spend|under|below|without|within|while|subject|no more|at most|not)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"\w+(?:\s*\+\s*\w+)+")
_EMPTY = frozenset({"the", "total", "number", "amount", "its", "their", "his", "her", "overall"})
_MONEY = frozenset(
    {"cost", "dollar", "euro", "price", "profit", "revenue", "income", "expense", "wage", "money"}
    | {"budget", "earned", "spent", "usd", "eur", "salary", "fee", "saving", "earning"}
)


def stated_goal(formulation: Formulation, text: str) -> str:
    """Return the one named total that the text calls its goal; nothing where that is open.

    Only of an objective that adds up totals of which some are money and the stated one is not, or
    the other way round: "minimize the total number of trips", written as `trips + cost`.
    """
    if len(formulation.objectives) != 1:
        return ""
    (objective,) = formulation.objectives
    totals = {d.name: stems(f"{d.name} {d.description}".replace("_", " "))
              for d in formulation.definitions if not d.over}  # fmt: skip
    parts = re.findall(r"\w+", objective.expression)
    if not _SUM.fullmatch(objective.expression.strip()) or not set(parts) <= totals.keys():
        return ""
    found = [m for m in _GOAL.finditer(text) if _same_sense(m[1], objective)]
    found = [m for m in found if stems(m[2]) - _EMPTY]
    if len(found) != 1:
        return ""
    goal = stems(found[0][2]) - _EMPTY
    meant = [name for name in parts if goal <= totals[name]]
    if len(meant) != 1:
        return ""
    added = _ADDED.match(text, found[0].end(2))  # "minimize the total of trips and fuel"
    if added is not None and not _LIMITING.search(added[1]):
        also = stems(added[1])
        apart = [totals[name] - totals[meant[0]] for name in parts if name != meant[0]]
        if any(also & words or (also & _MONEY and words & _MONEY) for words in apart):
            return ""
    money = bool(goal & _MONEY)
    others = [bool(totals[name] & _MONEY) for name in parts if name != meant[0]]
    alone = not any(others) if money else any(others)
    return meant[0] if alone else ""


def _same_sense(verb: str, objective: Objective) -> bool:
    return verb.lower().startswith("min") == (objective.sense is Sense.MINIMIZE)
