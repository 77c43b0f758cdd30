"""Limits that a small model wrote about their own number, so that they limit nothing or one piece.

"At most 40 vans a day" becomes `vans_made = 40*vans` with `vans_made <= 40`, which is one van, and
"one machine tests at most 90 vans and carts" becomes `tests = 90` with `tests <= 90`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.decided import linear_form
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import stated_once
from optiwright.formulators.wording import stems

_RELATION = re.compile(r"\s*(\w+)\s*(<=|>=|==)\s*(\w+)\s*")
_ONE = re.compile(r"\bat least (?:one|once|1)\b(?![.,]?\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Hollow:
    """A requirement that compares a total with the number that the total itself is made with.

    Attributes:
        constraint: as it is written.
        mended: its expression, about what is decided.
        total: the total's name.
        value: the number.
    """

    constraint: Algebraic
    mended: str
    total: str
    value: float


def hollow_limits(formulation: Formulation, text: str) -> Iterator[Hollow]:
    """Yield the requirements whose total is their own number, alone or times one decision.

    A total that is the number alone stands for all that is decided, where each decision is
    described by the total's words. The text states the number once, so that it cannot be both.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    values = scalar_values(formulation)
    stated = stated_once(text)
    totals = {d.name for d in formulation.definitions if not d.over}
    for constraint, found in relations_like(formulation, _RELATION):
        total, sign, limit = found.groups()
        value = values.get(limit)
        if total not in totals or value is None or value <= 1 or value not in stated:
            continue
        form = linear_form(formulation, total) or {}
        if list(form.values()) != [value]:
            continue
        (name,) = form
        whole = name or _all_of(formulation, total)
        if whole:
            yield Hollow(constraint, f"{whole} {sign} {limit}", total, value)


def nothing_for_one(formulation: Formulation, text: str) -> Iterator[tuple[Algebraic, str]]:
    """Yield the requirements of "at least one", or once, that are `>= 0`, and each mended.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    if not _ONE.search(text):
        return
    for constraint, found in relations_like(formulation, _RELATION):
        name, sign, limit = found.groups()
        if sign == ">=" and limit == "0" and _ONE.search(constraint.description):
            yield constraint, f"{name} >= 1"


def _all_of(formulation: Formulation, total: str) -> str:
    """Return the sum of all decisions, if each is a number of the things that a total is of."""
    variables = formulation.variables
    if len(variables) < 2 or any(v.domain is not Domain.INTEGER or v.over for v in variables):
        return ""
    description = next(d.description for d in formulation.definitions if d.name == total)
    shared = set.intersection(*(stems(v.description) for v in variables))
    return " + ".join(v.name for v in variables) if shared & stems(description) else ""
