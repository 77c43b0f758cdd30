"""A goal that is a profit in the text, where an objective takes no cost off the takings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from optiwright.formulators.model import Definition, Formulation, Sense
from optiwright.formulators.parser import names_through
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.wording import stems

_PROFIT = re.compile(r"\bmaximi[sz]e\b[^.?;\n]{0,80}?\bprofit|\b(?:greatest|most|highest)\s+profit",
                     re.IGNORECASE)  # fmt: skip
_STATED = re.compile(
    r"\bprofits?\b[^.;|\n]{0,40}?[$€£]?\d|\d[^.;|,\n]{0,20}\bprofit|\|[^|\n]*\bprofit[^|\n]*\|",
    re.IGNORECASE,
)
_OF_A_PIECE = re.compile(r"\bprofit (?:of|is) [$€£]?\s?(\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)
_LESS = re.compile(r"\((\w+) - \w+\) \* (\w+)")
_TAKINGS = frozenset({"revenue", "sale", "selling", "income", "taking"})
_COST = frozenset({"cost", "expense"})
_NET = frozenset({"net", "minus", "les", "after"})
_WHOLE = re.compile(r"\s*(\w+)\s*(/.*)?", re.DOTALL)


@dataclass(frozen=True)
class Profit:
    """A profit that an objective is meant to be: names of its two totals, and its expression."""

    takings: str
    cost: str
    profit: str


def profit_without_cost(formulation: Formulation, text: str) -> Profit | None:
    """Return the profit that the objective's takings are meant to be part of; None where open.

    The text wants the greatest profit, or profit over something, and tells no profit of a piece;
    the objective is a total of sales, alone or over something, and one total of costs is in none.
    """
    if len(formulation.objectives) != 1 or not _PROFIT.search(text) or _STATED.search(text):
        return None
    (objective,) = formulation.objectives
    shape = _WHOLE.fullmatch(objective.expression)
    totals = {d.name: d for d in formulation.definitions if not d.over}
    if objective.sense is not Sense.MAXIMIZE or shape is None or shape[1] not in totals:
        return None
    takings, over = totals[shape[1]], shape[2] or ""
    inside = {d.name: d.expression for d in formulation.definitions}
    reached = names_through([objective.expression], inside)
    if not _words(takings) & _TAKINGS or _words(takings) & (_COST | _NET):
        return None
    if any("-" in inside.get(name, "") for name in (*reached, takings.name)):
        return None
    costs = [d for d in totals.values() if _words(d) & _COST and d.name not in reached]
    parts = {n for d in costs for n in names_through([d.expression], inside)}
    whole = [d.name for d in costs if d.name not in parts]
    if len(whole) != 1:
        return None
    profit = f"{takings.name} - {whole[0]}"
    return Profit(takings.name, whole[0], f"({profit}) {over}" if over else profit)


def profits_less_cost(formulation: Formulation, text: str) -> dict[str, str]:
    """Return the totals that take a cost off what the text calls the profit of a piece, mended.

    "Sold for a profit of $200" as `(200 - 300)*consoles`, where a console costs 300.
    """
    stated = {float(found.replace(",", "")) for found in _OF_A_PIECE.findall(text)}
    values = scalar_values(formulation)
    mended = {}
    for total in formulation.definitions:
        pieces = _LESS.findall(total.expression)
        if "profit" in _words(total) and pieces and {values.get(p) for p, _ in pieces} <= stated:
            mended[total.name] = _LESS.sub(r"\1 * \2", total.expression)
    return mended


def _words(total: Definition) -> set[str]:
    return stems(f"{total.name} {total.description}".replace("_", " "))
