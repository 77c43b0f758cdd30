"""Limits that go with each other's totals: "steel and oil must not exceed 425 and 310".

A small model at times lists totals and numbers in one breath and pairs them in another order than
the text, whose words after a number say what it is a limit of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import TextNumber, stated_once
from optiwright.formulators.wording import stems, words_after

_RELATION = re.compile(r"\s*(\w+)\s*(<=|>=)\s*(\w+)\s*")
_NEXT = re.compile(r"\b(?:and|but|or)\b")
_SAYING_NOTHING = frozenset(
    {"the", "for", "are", "that", "can", "per", "each", "all", "with", "available", "total", "used"}
)


@dataclass(frozen=True)
class Limit:
    """A requirement of one total against one number, which the text states once."""

    constraint: Algebraic
    total: str
    sign: str
    parameter: str
    number: TextNumber


def swapped_limits(formulation: Formulation, text: str) -> Iterator[tuple[Limit, Limit]]:
    """Yield each requirement that has another's number, and the one whose number is its own.

    The words after a number fit the other total better than its own and than any other, and the
    other total fits no number better; so it is for each of those that change places.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    for sign in ("<=", ">="):
        limits = [limit for limit in _limits(formulation, text) if limit.sign == sign]
        if len(limits) < 2:
            continue
        totals = [_words_of(formulation, limit.total) for limit in limits]
        said = [_words(_NEXT.split(words_after(text, limit.number))[0]) for limit in limits]
        fits = np.array([[len(total & words) for words in said] for total in totals])
        _, best = linear_sum_assignment(fits, maximize=True)
        moved = [(row, int(column)) for row, column in enumerate(best) if column != row]
        if moved and all(_is_plain(fits, row, column) for row, column in moved):
            yield from ((limits[row], limits[column]) for row, column in moved)


def _is_plain(fits: np.ndarray[tuple[int, ...], np.dtype[np.int64]], row: int, column: int) -> bool:
    """Tell whether a total and a number fit each other better than anything else, by words."""
    fit = fits[row, column]
    others = [*np.delete(fits[row], column), *np.delete(fits[:, column], row)]
    return bool(fit > max(others))


def _limits(formulation: Formulation, text: str) -> Iterator[Limit]:
    values = scalar_values(formulation)
    stated = stated_once(text)
    totals = {d.name for d in formulation.definitions if not d.over}
    seen: set[str] = set()
    for constraint, found in relations_like(formulation, _RELATION):
        total, sign, parameter = found.groups()
        number = stated.get(values[parameter]) if parameter in values else None
        if number is None or number.percent or total not in totals or parameter in seen:
            continue
        seen.add(parameter)
        yield Limit(constraint, total, sign, parameter, number)


def _words_of(formulation: Formulation, total: str) -> set[str]:
    description = next(d.description for d in formulation.definitions if d.name == total)
    return _words(f"{total.replace('_', ' ')} {description}")


def _words(said: str) -> set[str]:
    """Return the stems of words, and capitals that stand alone as names."""
    return (stems(said) - _SAYING_NOTHING) | set(re.findall(r"\b[A-Z]\b", said))
