"""Requirements whose sign is not the one that the text's words around their number say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Arithmetic,
    Name,
    Node,
    Number,
    names_in,
    walk,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Algebraic, Formulation, Sense
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.text_numbers import TextNumber, stated_once

_MOST = re.compile(
    r"(at most|no more than|not more than|not exceed|not to exceed|maximum of|no longer than"
    r"|(?<!add )(?<!adds )(?<!sum )(?<!sums )up to"
    r"|cannot be above|budget of|budget is|(?:has|have|there are) available"
    r"|(?:has|have|is|are) only)\s+(?:a total of\s+)?[$€£]?\s*$",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(at least|no less than|not less than|no fewer than|not fewer than|minimum of)"
    r"\s+(?:a total of\s+)?[$€£]?\s*$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"(?<!must )(?<!should )(?<!to )\b((?:have|has|got|we get|there are|there is))\s+[$€£]?\s*$",
    re.IGNORECASE,
)
"""Said of a stock; a maximum that asks for more than the stock has turned the sign around."""
_ORDERED = re.compile(
    r"^[^.;:\n]{0,40}?\b(?:on order|ordered|orders?|booked|bookings?|reserved|reservations?"
    r"|promised|contracted|committed|owed|(?:to|must) be (?:delivered|filled|met|served))\b",
    re.IGNORECASE,
)
"""Said of what others have asked for: it is no stock."""
_IN_ALL = re.compile(
    r"\b((?:(?:has|have|needs?) to be|must be|must have|needs?|requires?)\s+"
    r"(?:[^.;:\n]{0,60}\band\s+)?a total of)\s+[$€£]?\s*$",
    re.IGNORECASE,
)
"""Said of a need; a minimum that allows less has turned the sign around."""
_AVAILABLE = re.compile(
    r"^(?:(?!\b(?:and|but|while|has|have|with)\b)[^.;,:|\n]){0,30}?\b(available)\b", re.IGNORECASE
)
_USED_UP = re.compile(
    r"\b(?:all|every(?:thing| one)?|whole|entire(?:ly)?|fully|completely|none)\b[^.?!\n]{0,50}?"
    r"\b(?:must|has to|have to|is to|are to|used|planted|spent|invested|assigned|allocated|filled"
    r"|idle|left)\b|\bmust (?:all|be (?:fully|entirely|completely|all))\b",
    re.IGNORECASE,
)
"""Said of a stock of which nothing may be left."""
_ALL = re.compile(r"\ball\s+$", re.IGNORECASE)
"""So is one of which the text says "all 1,200 hectares"."""
_STOCK = re.compile(
    r"\b(?:available|budget|in stock|at hand"
    r"|(?:time|space|room|capacity) for (?:\d+|two|three|four|five|six|seven|eight|nine|ten))\b",
    re.IGNORECASE,
)
_NEEDED = re.compile(r"\b(?:at least|minimum|need|must|require|demand)", re.IGNORECASE)
_CAPPED = re.compile(r"\b(?:at most|no more|not more|up to|maximum|limit|exceed)", re.IGNORECASE)
_REACH = 40
_OF_UNITS = frozenset({7.0, 12.0, 24.0, 60.0, 100.0, 365.0, 1000.0, 3600.0})
"""How many of a smaller unit make a larger one."""
_FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_SIGNS = {"<=": "at most", "<": "at most", ">=": "at least", ">": "at least", "==": "exactly"}


@dataclass(frozen=True)
class Meaning:
    """What the words next to a number say of it."""

    words: str
    sign: str
    """`<=` or `>=`, seen from what is decided."""
    exactly: bool = False
    """Whether an equation fits the words too: a stock may have to be used up."""

    def fits(self, sign: str) -> bool:
        """Whether a relation's sign, seen from the decisions, is one that the words allow."""
        return sign[0] == self.sign[0] or (self.exactly and sign == "==")


@dataclass(frozen=True)
class Contradiction:
    """A requirement whose sign the words next to its number contradict, or its own ones."""

    constraint: Algebraic
    plain: str
    """Its expression with the parameters' numbers."""
    words: str
    own: bool
    """Whether the words are those that the requirement is described with, and not the text's."""
    sign: str
    """The one that is written, seen from the decisions."""
    meant: str
    """The one that the words mean, seen from the decisions."""
    written: str
    """The one that the words mean, as it has to stand in the expression."""


def direction_findings(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Yield each requirement of decisions against a number whose sign the text contradicts.

    Only numbers that the text states once are looked at, and only words next to them: "at least
    20", "up to 20", "20 hours available"; where something is maximized, "we have 20" too. Where
    they say nothing, what is described as available or a budget is no need.
    """
    for found in contradictions(formulation, text):
        said = "It is described as" if found.own else "The text says"
        yield Finding(
            code=Code.DIRECTION,
            severity=Severity.WARNING,
            where=f"constraint `{found.constraint.name}`",
            message=f'{said} "{found.words}", but `{found.plain}` says '
            f"{_SIGNS[found.sign]}; write it with {found.meant}.",
            expression=found.constraint.expression,
        )


def contradictions(formulation: Formulation, text: str) -> Iterator[Contradiction]:
    """Yield what `direction_findings` reports, with its remedy."""
    said = _said(text, stocks=any(o.sense is Sense.MAXIMIZE for o in formulation.objectives))
    variables = {v.name for v in formulation.variables} | {d.name for d in formulation.definitions}
    for constraint, plain in plain_relations(formulation) if said else ():
        own = _own_meaning(constraint.description)
        for value, sign, turned in _limits(plain, variables):
            meant = said.get(value) or (own if value in said else None)
            if meant is not None and not meant.fits(sign):
                written = _FLIPPED[meant.sign] if turned else meant.sign
                words, is_own = meant.words, meant is own
                yield Contradiction(constraint, plain, words, is_own, sign, meant.sign, written)


def _own_meaning(description: str) -> Meaning | None:
    """Return what a requirement's own words say of its number: a stock is no need."""
    stock = _STOCK.search(description) and not _NEEDED.search(description)
    return Meaning(description, "<=", exactly=True) if stock else None


def _said(text: str, *, stocks: bool) -> dict[float, Meaning | None]:
    """Return what the text says of the numbers that it states once, by value; None for nothing.

    One stands for itself: it is what a choice is held against, whatever else the text says of it.
    Of 45% only 0.45 is looked up: what is compared with 45 is another number.
    """
    return {
        value: meaning(text, number, stocks=stocks)
        for value, number in stated_once(text).items()
        if value > 0 and value != 1 and (not number.percent or value == number.alternatives[-1])
    }


def meaning(text: str, number: TextNumber, *, stocks: bool) -> Meaning | None:
    """Return what the words next to a number say of it; None if they say nothing.

    Args:
        text: the problem in words.
        number: one of its numbers.
        stocks: whether "we have 20" is a limit, as it is where something is maximized.
    """
    start, stop = number.span
    before = text[max(0, start - _REACH) : start]
    for pattern, sign in ((_MOST, "<="), (_LEAST, ">=")):
        if match := pattern.search(before):
            stock = _STOCK.search(match.group(1)) is not None
            exactly = stock and _is_used_up(text, number)
            return Meaning(f"{match.group(1)} {text[start:stop]}", sign, exactly=exactly)
    if match := _AVAILABLE.search(text[stop : stop + _REACH]):
        exactly = _is_used_up(text, number)
        return Meaning(text[start : stop + match.end()], "<=", exactly=exactly)
    if not stocks and (match := _IN_ALL.search(text[max(0, start - 2 * _REACH) : start])):
        limited = _STOCK.search(match.group(1)) or _CAPPED.search(match.group(1))
        return None if limited else Meaning(f"a total of {text[start:stop]}", ">=", exactly=True)
    ordered = _ORDERED.search(text[stop : stop + 2 * _REACH])
    if stocks and not ordered and (match := _OWNED.search(before)):
        return Meaning(f"{match.group(1)} {text[start:stop]}", "<=", exactly=True)
    return None


def _is_used_up(text: str, number: TextNumber) -> bool:
    """Whether the rest of a stock's sentence, or the next one, says that nothing may be left."""
    start, stop = number.span
    after = re.match(r"[^.?!\n]*(?:[.?!]\s+[^.?!\n]*)?", text[stop:])
    told = after is not None and _USED_UP.search(after.group()) is not None
    return told or _ALL.search(text[:start]) is not None


def _limits(expression: str, variables: set[str]) -> Iterator[tuple[float, str, bool]]:
    """Yield each number that decisions are compared with, and how; the share of a sum as well.

    How is the sign seen from the decisions, and whether the number stands on the left. In
    `vans <= 0.3*(vans + carts)` it is seen from the vans.
    """
    try:
        relation = parse_relation(expression)
    except FormulationError:
        return
    for (left, right), sign in zip(pairwise(relation.operands), relation.ops, strict=True):
        if names_in(left) & variables and not names_in(right):
            yield from ((value, sign, False) for value in _values(right))
        elif names_in(right) & variables and not names_in(left):
            yield from ((value, _FLIPPED.get(sign, sign), True) for value in _values(left))
        elif (share := _share(right)) and isinstance(left, Name) and left.name in variables:
            yield share, sign, False
        elif (share := _share(left)) and isinstance(right, Name) and right.name in variables:
            yield share, _FLIPPED.get(sign, sign), True


def _share(node: Node) -> float | None:
    """Returns the part that is taken of a sum, or of one other thing; None for anything else."""
    match node:
        case Arithmetic(op="*", left=Number(value=value)) if 0 < value < 1:
            return value
        case Arithmetic(op="*", right=Number(value=value)) if 0 < value < 1:
            return value
    return None


def _values(node: Node) -> set[float]:
    """Returns the numbers of a limit; of a share the share alone, of 55*60 minutes the 55.

    Of 24*60 minutes it returns none, since either may be what a unit has.
    """
    values = {part.value for part in walk(node) if isinstance(part, Number) and part.value > 0}
    shares = {value for value in values if value < 1}
    return shares or (values - _OF_UNITS if len(values) > 1 else values)
