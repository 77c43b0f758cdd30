"""Limits of all together that a small model wrote for each: "the kiln takes 90 vases of any kind".

It makes `bowls <= 90` and `jugs <= 90` of it, beside the tighter 60 and 50 that each has of its
own, so that the two say nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import stated_once

_RELATION = re.compile(r"\s*(\w+)\s*<=\s*(\w+)\s*")


@dataclass(frozen=True)
class Together:
    """Requirements that say one number of the text of each decision, and nothing by it.

    Attributes:
        constraints: as they are written.
        mended: the one that stands for them all.
        value: the number.
    """

    constraints: tuple[Algebraic, ...]
    mended: str
    value: float


def limits_together(formulation: Formulation, text: str) -> Iterator[Together]:
    """Yield the limits that each decision has with one number, where a tighter one is its own.

    The text states the number once, and the sum of all could exceed it.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    values = scalar_values(formulation)
    decisions = [v.name for v in formulation.variables if v.domain is not Domain.BINARY]
    if len(decisions) < 2 or len(decisions) < len(formulation.variables):
        return
    limits: dict[str, dict[str, Algebraic]] = {}
    for constraint, found in relations_like(formulation, _RELATION):
        if found[1] in decisions and found[2] in values:
            limits.setdefault(found[2], {})[found[1]] = constraint
    bounds = {v.name: values[v.upper] for v in formulation.variables if v.upper in values}
    for limit, held in limits.items():
        value = values[limit]
        own = [_tightest(name, limits, values, bounds) for name in decisions]
        says_nothing = held.keys() == set(decisions) and max(own) < value < sum(own)
        if says_nothing and value in stated_once(text):
            yield Together(tuple(held.values()), f"{' + '.join(decisions)} <= {limit}", value)


def _tightest(
    name: str,
    limits: Mapping[str, Mapping[str, Algebraic]],
    values: Mapping[str, float],
    bounds: Mapping[str, float],
) -> float:
    """Return the least number that limits a decision, by a requirement or its own bound."""
    held = [values[limit] for limit, by_name in limits.items() if name in by_name]
    return min([*held, bounds.get(name, math.inf)])
