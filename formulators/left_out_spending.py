"""Money that a budget is said to pay for, and that the requirement on the budget leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.limits import constraint_texts
from optiwright.formulators.model import Algebraic, Formulation, Variable
from optiwright.formulators.parser import names_through
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import stated_once
from optiwright.formulators.wording import sentence_of, stems

_BUDGET = re.compile(r"([^<>=]+)<=\s*(\w+)\s*")
_MONEY = frozenset({"dollar", "euro", "pound", "usd", "eur", "money", "fund"})
_SAYING_NOTHING = frozenset(
    {"the", "for", "and", "per", "each", "all", "total", "budget", "cost", "spent", "invested"}
    | {"investment", "amount", "company"}
)


def left_out_spending(formulation: Formulation, text: str) -> Iterator[tuple[Algebraic, list[str]]]:
    """Yield the budgets that leave out decisions which nothing limits, and those decisions.

    A decision is left out where it is an amount of money, no requirement has it, and the one
    sentence of a budget names it ("$900 for wages and for adverts").

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    inside = {d.name: d.expression for d in formulation.definitions}
    sources = [s for c in formulation.constraints for s in constraint_texts(c)]
    reached = names_through(sources, inside)
    free = [
        v
        for v in formulation.variables
        if v.name not in reached and v.upper is None and stems(v.description) & _MONEY
    ]
    values, stated = scalar_values(formulation), stated_once(text)
    budgets = [
        (constraint, words)
        for constraint, found in relations_like(formulation, _BUDGET)
        if (number := stated.get(values.get(found[2], 0.0))) is not None
        and "budget" in (sentence := sentence_of(text, number)[0]).lower()
        and (words := stems(sentence) - _SAYING_NOTHING)
    ]
    if free and len(budgets) == 1:
        constraint, words = budgets[0]
        named = [v.name for v in free if _words_of(v) & words]
        if named:
            yield constraint, named


def _words_of(variable: Variable) -> set[str]:
    said = stems(f"{variable.name} {variable.description}".replace("_", " "))
    return said - _MONEY - _SAYING_NOTHING
