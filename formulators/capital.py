"""Returns of shares of a capital that are held against money: 5% of 10,000 is 500, not 0.05."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.decided import linear_form
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import TextNumber

_WHOLE = re.compile(r"([^<>=]+)(==|<=)([^<>=]+)")
_LIMIT = re.compile(r"\s*(\w+)\s*(<=|>=)\s*(\w+)\s*")


@dataclass(frozen=True)
class LeftOut:
    """A requirement on a total of shares that lacks the capital which they are shares of.

    Attributes:
        constraint: as it is written.
        total: what it is of.
        sign: `<=` or `>=`.
        limit: the parameter that it is held against.
        capital: the text's number that the formulation has no use for.
    """

    constraint: Algebraic
    total: str
    sign: str
    limit: str
    capital: TextNumber


def capital_left_out(formulation: Formulation, text: str) -> Iterator[LeftOut]:
    """Yield the requirements in money on totals of shares that add up to 1.

    No shares could reach the limit, and of the numbers that are left over in the text one alone
    makes it lie between what the least and the greatest rate bring.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    shares = {v.name for v in formulation.variables if v.domain is Domain.CONTINUOUS}
    if len(shares) != len(formulation.variables) or not _add_up_to_one(formulation, shares):
        return
    values = scalar_values(formulation)
    totals = {d.name for d in formulation.definitions if not d.over}
    left = [n for n in unused_numbers(text, formulation) if not n.percent and n.value > 1]
    for constraint, found in relations_like(formulation, _LIMIT):
        total, sign, limit = found.groups()
        form = linear_form(formulation, total) if total in totals and limit in values else None
        if not form or "" in form or max(form.values()) >= values[limit]:
            continue
        rates = [form.get(name, 0.0) for name in shares]
        fit = [n for n in left if min(rates) * n.value <= values[limit] <= max(rates) * n.value]
        if len(fit) == 1:
            yield LeftOut(constraint, total, sign, limit, fit[0])


def _add_up_to_one(formulation: Formulation, shares: set[str]) -> bool:
    for _, found in relations_like(formulation, _WHOLE):
        form = linear_form(formulation, f"({found[1]}) - ({found[3]})") or {}
        if form.pop("", 0.0) == -1 and form == dict.fromkeys(shares, 1.0):
            return True
    return False
