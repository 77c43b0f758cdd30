"""What a text says that an action takes or costs: `takes 3 minutes`, `costs five coins`."""

from __future__ import annotations

import re

from optiwright.formulators.text_numbers import ONES

_FIGURE = rf"\d+(?:\.\d+)?|{'|'.join(ONES[1:])}"
_COST = re.compile(
    r"\b(?:takes?|costs?|lasts?|needs?|duration|time|price)\b(?: of)?:? (?:about |only )?"
    rf"({_FIGURE}) (second|minute|min|hour|day|week|euro|dollar|pound|coin|point)s?\b"
    r"(?:(?:,| and)? that\b|,? and(?= needs?\b))?",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"\b\d+(?:[.,]\d+)?\b|\b(?:{'|'.join(ONES[2:])}) \w+s\b", re.IGNORECASE)


def cost_in(told: str) -> tuple[str, str]:
    """Return a cost in digits and its unit, where words give one; else two empty strings."""
    found = _COST.findall(told)
    if len(found) != 1:
        return "", ""
    figure, unit = (word.lower() for word in found[0])
    return (str(ONES.index(figure)) if figure in ONES else figure), unit.replace("minute", "min")


def without_cost(told: str) -> str:
    """Return words without the cost that they give."""
    if not cost_in(told)[0]:
        return told
    return _COST.sub(lambda m: "needs" if m.group().lower().startswith("need") else "", told)


def has_figures(told: str) -> bool:
    """Whether words state figures that are no cost that can be read."""
    return _OTHER.search(without_cost(told)) is not None
