"""Requirements whose sign is not the one that the text's words around their number say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Node, Number, names_in, walk
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Formulation, Sense
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.text_numbers import TextNumber, numbers_in

_MOST = re.compile(
    r"(at most|no more than|not more than|not exceed|not to exceed|up to|maximum of|no longer than"
    r"|cannot be above|(?:has|have|is|are) only)\s+(?:a total of\s+)?[$€£]?\s*$",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(at least|no less than|not less than|no fewer than|not fewer than|minimum of)"
    r"\s+(?:a total of\s+)?[$€£]?\s*$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"(?<!must )(?<!should )(?<!to )\b((?:have|has|got|there are|there is))\s+[$€£]?\s*$",
    re.IGNORECASE,
)
"""Said of a stock; a maximum that asks for more than the stock has turned the sign around."""
_AVAILABLE = re.compile(r"^[^.;,:|\n]{0,30}?\b(available)\b", re.IGNORECASE)
_REACH = 40
_FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_SIGNS = {"<=": "at most", "<": "at most", ">=": "at least", ">": "at least", "==": "exactly"}


@dataclass(frozen=True)
class _Meaning:
    """What the words next to a number say of it."""

    words: str
    sign: str
    exactly: bool = False
    """Whether an equation fits the words too: a stock may have to be used up."""

    def fits(self, sign: str) -> bool:
        """Whether a relation's sign, seen from the decisions, is one that the words allow."""
        return sign[0] == self.sign[0] or (self.exactly and sign == "==")


def direction_findings(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Yield each requirement of decisions against a number whose sign the text contradicts.

    Only numbers that the text states once are looked at, and only words next to them: "at least
    20", "up to 20", "20 hours available"; where something is maximized, "we have 20" too.
    """
    said = _said(text, stocks=any(o.sense is Sense.MAXIMIZE for o in formulation.objectives))
    variables = {v.name for v in formulation.variables} | {d.name for d in formulation.definitions}
    for constraint, plain in plain_relations(formulation) if said else ():
        for value, sign in _limits(plain, variables):
            meant = said.get(value)
            if meant is not None and not meant.fits(sign):
                yield Finding(
                    code=Code.DIRECTION,
                    severity=Severity.WARNING,
                    where=f"constraint `{constraint.name}`",
                    message=f'The text says "{meant.words}", but `{plain}` says {_SIGNS[sign]}; '
                    f"write it with {meant.sign}.",
                    expression=constraint.expression,
                )


def _said(text: str, *, stocks: bool) -> dict[float, _Meaning]:
    """Return what the text says of the numbers that it states once, by value."""
    numbers = numbers_in(text)
    stated = [v for n in numbers for v in {*n.alternatives}]
    found: dict[float, _Meaning] = {}
    for number in numbers:
        meant = _meaning(text, number, stocks)
        for value in number.alternatives:
            if meant is not None and value > 0 and stated.count(value) == 1:
                found[value] = meant
    return found


def _meaning(text: str, number: TextNumber, stocks: bool) -> _Meaning | None:
    start, stop = number.span
    before = text[max(0, start - _REACH) : start]
    for pattern, sign in ((_MOST, "<="), (_LEAST, ">=")):
        if match := pattern.search(before):
            return _Meaning(f"{match.group(1)} {text[start:stop]}", sign)
    if match := _AVAILABLE.search(text[stop : stop + _REACH]):
        return _Meaning(text[start : stop + match.end()], "<=")
    if stocks and (match := _OWNED.search(before)):
        return _Meaning(f"{match.group(1)} {text[start:stop]}", "<=", exactly=True)
    return None


def _limits(expression: str, variables: set[str]) -> Iterator[tuple[float, str]]:
    """Yield each number that decisions are compared with, and the sign seen from the decisions."""
    try:
        relation = parse_relation(expression)
    except FormulationError:
        return
    for (left, right), sign in zip(pairwise(relation.operands), relation.ops, strict=True):
        if names_in(left) & variables and not names_in(right):
            yield from ((value, sign) for value in _values(right))
        elif names_in(right) & variables and not names_in(left):
            yield from ((value, _FLIPPED.get(sign, sign)) for value in _values(left))


def _values(node: Node) -> set[float]:
    return {part.value for part in walk(node) if isinstance(part, Number) and part.value > 0}
