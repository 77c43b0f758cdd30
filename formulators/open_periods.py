"""Numbers whose period the text leaves open: per day or per week, and how long a week is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from optiwright.formulators.changes import Scale
from optiwright.formulators.expressions import Arithmetic, Name, Number, walk
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.parser import ExpressionError, parse_expression
from optiwright.formulators.questions import Kind, Question, of_two, slug
from optiwright.formulators.stated_limits import StatedLimit
from optiwright.formulators.wording import clause_of, sentence_of

_WORDS = {
    "day": r"(?:per|a|each|every)\s+day\b|\bdaily\b|/\s?day\b",
    "week": r"(?:per|a|each|every)\s+week\b|\bweekly\b|/\s?week\b",
    "month": r"(?:per|a|each|every)\s+month\b|\bmonthly\b|/\s?month\b",
    "year": r"(?:per|a|each|every)\s+year\b|\byearly\b|\bannual(?:ly)?\b|/\s?year\b",
}
_PERIODS = {name: re.compile(words, re.IGNORECASE) for name, words in _WORDS.items()}
_LENGTHS = {
    ("day", "week"): 7.0,
    ("week", "month"): 4.0,
    ("month", "year"): 12.0,
    ("day", "month"): 30.0,
    ("week", "year"): 52.0,
    ("day", "year"): 365.0,
}
"""How many of the first make one of the second, as people reckon."""
_DATED = re.compile(
    r"\b(?:week|month|day|year|quarter|period)s?\s+\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:next|coming|following)\s+\w+\s+(?:days|weeks|months|years|quarters)\b",
    re.IGNORECASE,
)
"""A plan over several periods: what is said of one of them belongs to it."""
_WORKDAYS = re.compile(
    r"\b(?:[5-7]|five|six|seven)[\s-]+(?:working |work)?days?\b|\bworking days|\bworkdays"
    r"|\bevery day of the week|\bseven days|\ball week",
    re.IGNORECASE,
)
_GOAL = re.compile(
    r"\b(?:how (?:many|much)|what|which|maximi[sz]\w*|minimi[sz]\w*|find|plan|best|determine)\b",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"\b(?:takes?|needs?|requires?|costs?|earns?|brings?|sells? for|profit of|per)\b", re.IGNORECASE
)


def open_periods(
    formulation: Formulation, text: str, limits: Sequence[StatedLimit]
) -> Iterator[Question]:
    """Yield the questions of periods: a limit without one, where the text speaks of two."""
    yield from _days_a_week(formulation, text)
    spoken = {name for name, words in _PERIODS.items() if words.search(text)}
    if len(spoken) != 2 or _DATED.search(text):
        return
    short, long = sorted(spoken, key=list(_WORDS).index)
    length = _LENGTHS.get((short, long))
    period = _plan(text, limits)
    if length is None or period not in spoken:
        return
    for limit in limits:
        sentence, _ = sentence_of(text, limit.number)
        clause = clause_of(text, limit.number)
        if limit.number.percent or any(words.search(sentence) for words in _PERIODS.values()):
            continue
        if _RATE.search(clause):
            continue
        if limit.rule is not None and _has_factor(limit.rule.expression):
            continue
        yield _question(limit, clause, period, {short, long} - {period}, length, period == long)


def _plan(text: str, limits: Sequence[StatedLimit]) -> str:
    """Return the period that is planned for: what the question names, else what the limits say."""
    asked = [s for s in re.split(r"(?<=[.!?])\s", text) if _GOAL.search(s)][-1:]
    for sentence in asked:
        named = [name for name, words in _PERIODS.items() if words.search(sentence)]
        if len(named) == 1:
            return named[0]
    said = {
        name
        for limit in limits
        for name, words in _PERIODS.items()
        if words.search(clause_of(text, limit.number))
    }
    return said.pop() if len(said) == 1 else ""


def _question(
    limit: StatedLimit, clause: str, period: str, others: set[str], length: float, longer: bool
) -> Question:
    other = others.pop()
    factor = length if longer else 1 / length
    said = limit.number.words
    return of_two(
        slug("period", clause),
        Kind.PERIOD,
        f'"{clause}": is that {said} per {period} or per {other}?',
        (f"per {period}", f"{said} is per {period}"),
        (f"per {other}", f"{said} is per {other}"),
        (Scale(parameter=limit.parameter, factor=factor),),
        clause,
    )


def _days_a_week(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield how many days of a week count, where a number a day is taken seven or five times."""
    if _WORKDAYS.search(text) or not _PERIODS["day"].search(text):
        return
    found = [
        (name, days)
        for rule in formulation.constraints
        if isinstance(rule, Algebraic)
        for name, days in _by_days(rule.expression)
    ]
    if not found:
        return
    days = found[0][1]
    other = 5.0 if days == 7 else 7.0
    names = dict.fromkeys(name for name, taken in found if taken == days)
    yield of_two(
        "period_days_a_week",
        Kind.PERIOD,
        "How many days of a week count?",
        (f"{days:g} days", f"a week has {days:g} days that count"),
        (f"{other:g} days", f"a week has {other:g} days that count"),
        tuple(Scale(parameter=name, factor=other / days) for name in names),
    )


def _by_days(expression: str) -> Iterator[tuple[str, float]]:
    for node in _products(expression):
        match node:
            case (
                Arithmetic(op="*", left=Name(name=name), right=Number(value=days))
                | Arithmetic(op="*", left=Number(value=days), right=Name(name=name))
            ) if days in {5.0, 7.0}:
                yield name, days


def _has_factor(expression: str) -> bool:
    lengths = {*_LENGTHS.values(), 5.0}
    return any(
        isinstance(side, Number) and side.value in lengths
        for node in _products(expression)
        for side in (node.left, node.right)
    )


def _products(expression: str) -> list[Arithmetic]:
    try:
        tree = parse_expression(expression)
    except ExpressionError:
        return []
    return [n for n in walk(tree) if isinstance(n, Arithmetic) and n.op == "*"]
