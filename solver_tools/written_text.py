"""Reads a program's printed results: the last resort, where nothing was reported or solved.

Understood are `name: value` lines (OptiBench's, after a line of dashes), several `name = value` on
a line, lists and dictionaries as Python prints them, a JSON object on the last line, and an
objective in its many forms (LLMOPT's "Optimal objective value: 1,234.5").
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.written_result import Quantity
from optiwright.solver_tools.written_watch import finite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optiwright.solver_tools.written_result import Status

_CURRENCY = "$€£¥₹"
_NUMBER = re.compile(
    rf"(?P<sign>[-+−]?)\s*[{_CURRENCY}]?\s*(?P<inner>[-+−]?)"
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?|\.\d+)(?P<power>[eE][-+]?\d+)?(?![\w.]*\w:)"
)
_RULE = re.compile(r"\s*([-=*_#~])\1{2,}\s*")
_PAIR = re.compile(
    r"\s*(?:[-*•>]+\s+|\d+[.)]\s+)?(?P<name>[^:=]*?[^\s:=<>!≈])\s*(?:->|:=|==|[:=≈])\s*(?P<value>\S.*)"
)
_SAID = re.compile(
    r"\s*(?P<name>.*?\w.*?)\s+(?:is|are|was|equals|of)\s+(?:about\s+|approximately\s+)?(?P<value>[-+−]?\s*[$€£¥₹]?\s*[-+]?[\d.].*)"
)
_FILLER = re.compile(r"(?:about|approximately|approx\.?|~|≈)\s*", re.IGNORECASE)
_NOTHING = re.compile(r"[-+]?(?:nan|inf|infinity|none|null|n/?a)\b", re.IGNORECASE)
_OBJECTIVE = re.compile(r"\bobjective\b|\bobj\b|\bobj[ _]?val(?:ue)?\b", re.IGNORECASE)
_EXTREME = re.compile(r"\b(?:max|min)(?:im\w+)?\b", re.IGNORECASE)
_BEST = re.compile(r"\b(?:optim\w+|best|total|net|overall)\b", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?:profits?|costs?|revenues?|value|returns?|earnings|income|utility|score|distance|time|"
    r"makespan|area|volume|output|production|efficiency|expenses?|price|savings|benefits?|length)\b",
    re.IGNORECASE,
)
_INFEASIBLE = re.compile(
    r"\binfeasible\b|\bno (?:feasible |optimal )?solution\b|\bnot feasible\b", re.IGNORECASE
)
_UNBOUNDED = re.compile(r"(?<!not )\bunbounded\b", re.IGNORECASE)


@dataclass(frozen=True)
class Printed:
    """What the printed text says."""

    objective: float | None = None
    quantities: tuple[Quantity, ...] = ()
    status: Status = "unknown"
    """Only infeasible and unbounded are taken from a text: it proves no optimum."""


def read_text(text: str) -> Printed:
    """Reads the objective, the quantities and the status from what a program printed."""
    lines = [line for line in text.splitlines() if line.strip()]
    pairs = _from_json(lines[-1]) if lines else []
    pairs = pairs or list(_pairs(_results(lines))) or list(_pairs(lines))
    objective = _objective(pairs)
    if objective is None:
        objective = _objective(list(_pairs(lines)))
    named = tuple(Quantity(name=name, value=value) for name, value in pairs)
    return Printed(objective, named, _status(text))


def _status(text: str) -> Status:
    if _INFEASIBLE.search(text):
        return "infeasible"
    return "unbounded" if _UNBOUNDED.search(text) else "unknown"


def _results(lines: list[str]) -> list[str]:
    """Returns the lines after the last line of dashes that has some with values after it."""
    rules = [place for place, line in enumerate(lines) if _RULE.fullmatch(line)]
    for place in reversed(rules):
        rest = lines[place + 1 :]
        if any(True for _ in _pairs(rest)):
            return rest
    return lines


def _from_json(line: str) -> list[tuple[str, float | None]]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return list(_flattened("", found)) if isinstance(found, dict) else []


def _pairs(lines: list[str]) -> Iterator[tuple[str, float | None]]:
    for line in lines:
        for part in _parts(line):
            matched = _PAIR.fullmatch(part) or _SAID.fullmatch(part)
            if matched is not None:
                name = matched["name"].strip().strip("*_`'\"")
                yield from _values(name, matched["value"].strip().strip("*`"))


def _parts(line: str) -> list[str]:
    """Splits `x = 3, y = 5` and `x: 3; y: 5`; a line of one pair stays whole."""
    parts = re.split(r"[;,|]\s+(?=[^\d\s])", line)
    whole = len(parts) > 1 and all(
        re.match(r"\s*[^:=]+[:=]\s*[-+$€£¥₹\d.]", part) for part in parts
    )
    return parts if whole else [line]


def _values(name: str, text: str) -> Iterator[tuple[str, float | None]]:
    if re.search(r"\s:\s", text):  # a row of a table, Pyomo's `display` for one
        return
    if text[:1] in "[({":
        yield from _container(name, text)
        return
    text = _FILLER.sub("", text, count=1) if _FILLER.match(text) else text
    if _NOTHING.match(text):
        yield name, None
    elif (matched := _NUMBER.match(text)) is not None:
        yield name, _number(matched)
    elif (inner := _PAIR.fullmatch(text)) is not None:  # `Optimal solution: x = 3`
        yield from _values(inner["name"].strip(), inner["value"].strip())


def _number(matched: re.Match[str]) -> float | None:
    negative = {"-", "−"} & {matched["sign"], matched["inner"]}
    value = float(matched["digits"].replace(",", "") + (matched["power"] or ""))
    return finite(-value if negative else value)


def _container(name: str, text: str) -> Iterator[tuple[str, float | None]]:
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        words = text.strip("[]() ").split()  # numpy prints `[1. 2. 3.]`
        numbers = [finite(word) for word in words]
        found = numbers if numbers and None not in numbers else None
    if found is not None:
        yield from _flattened(name, found)


def _flattened(name: str, found: Any) -> Iterator[tuple[str, float | None]]:
    """Yields the numbers in nested lists and dictionaries, `name[key]` each."""
    items: list[tuple[Any, Any]] = []
    if isinstance(found, dict):
        items = list(found.items())
    elif isinstance(found, list | tuple):
        items = list(enumerate(found))
    elif isinstance(found, int | float) or found is None:
        yield name, finite(found)
    for key, value in items:
        yield from _flattened(f"{name}[{_key(key)}]" if name else str(key), value)


def _key(key: Any) -> str:
    return ",".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _objective(pairs: list[tuple[str, float | None]]) -> float | None:
    """Returns the value of the name that sounds most like an objective, the last of equals."""
    best, value = 0, None
    for name, number in pairs:
        rank = _rank(name.replace("_", " "))
        if number is not None and rank and rank >= best:
            best, value = rank, number
    return value


def _rank(name: str) -> int:
    if _OBJECTIVE.search(name):
        return 5
    if _EXTREME.search(name):
        return 4 if _NOUN.search(name) else 3
    if _NOUN.search(name):
        return 2 if _BEST.search(name) else 1
    return 0
