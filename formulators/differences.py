"""Differences that are turned round: "300 more for each dollar below $12" is 300*(12 - p)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.model import Definition, Formulation
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.text_numbers import numbers_in

_STEP = re.compile(
    r"\b(?:each|every|per)\s+(?:[\w$€£]+\s+){1,4}?(below|under|above|over)\s+[$€£]?\s*$",
    re.IGNORECASE,
)
_REACH = 60
_PRODUCT = re.compile(r"\s*(\w+)\s*\*\s*\(\s*(\w+)\s*-\s*(\w+)\s*\)\s*")


def turned_differences(formulation: Formulation, text: str) -> Iterator[tuple[Definition, str]]:
    """Yield the totals that are a multiple of a difference whose sign the text contradicts.

    A total that is so much for each dollar below a price has the price first, and one for each
    above it has it last.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    said: dict[float, set[bool]] = {}
    for number in numbers_in(text):
        step = _STEP.search(text[max(0, number.span[0] - _REACH) : number.span[0]])
        if step is not None:
            below = step[1].lower() in {"below", "under"}
            said.setdefault(number.value, set()).add(below)
    if not said:
        return
    values = scalar_values(formulation)
    decisions = {v.name for v in formulation.variables}
    for total in formulation.definitions:
        found = _PRODUCT.fullmatch(total.expression)
        if found is None:
            continue
        factor, first, last = found.groups()
        below = first in decisions and said.get(values.get(last, 0.0)) == {True}
        above = last in decisions and said.get(values.get(first, 0.0)) == {False}
        if below or above:
            yield total, f"{factor} * ({last} - {first})"
