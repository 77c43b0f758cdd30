r"""Unknowns and their bounds, as people write them: `x in [-5, 5]^10`, `n in 1..10, kind in {a, b}`.

Understood: `x in [0, 5]` (a real number), `x1, x2 in [0, 5]`, `x in [-5, 5]^10` and
`x_i in [-5, 5], i = 1..10` (x1 to x10), `n in 1..10` (whole), `kind in {a, b}` (a label), and
`0 <= x <= 5`. `integer` or `log` may follow. The signs of mathematics and of LaTeX do as well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.black_box import OneOf, RealRange, Unknown, WholeRange
from optiwright.formulators.errors import FormulationError

LARGEST = 2000
"""Unknowns of one problem at most."""

_PI = r"(?:pi|π|\\pi)\b"
_NUMBER = rf"[-+]?\s*(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?:\s*\*?\s*{_PI})?|{_PI})"
_NAME = r"[A-Za-z]\w*(?:\[[A-Za-z]\]|_\{\w+\})?"
_NAMES = rf"(?P<names>{_NAME}(?:\s*(?:,|and)\s*{_NAME})*)"
_IN = r"\s*(?:in|within|lies\s+in|∈|\\in)\s*"
_POWER = r"(?:\s*(?:\^|\*\*)\s*\{?\s*(?P<power>\w+)\s*\}?)?"
_LESS = r"\s*(?:<=|<|≤|⩽|\\leq?(?:slant)?)\s*"
_FORMS = (
    rf"{_NAMES}{_IN}\[\s*(?P<low>{_NUMBER})\s*(?P<dots>,|;|\.\.\.?|to)\s*(?P<high>{_NUMBER})\s*\]"
    + _POWER,
    rf"{_NAMES}{_IN}(?P<low>{_NUMBER})\s*(?P<dots>\.\.\.?|to)\s*(?P<high>{_NUMBER})",
    rf"{_NAMES}{_IN}\\?\{{(?P<labels>[^{{}}]+?)\\?\}}{_POWER}",
    rf"(?P<low>{_NUMBER}){_LESS}{_NAMES}{_LESS}(?P<high>{_NUMBER})",
)
_CLAUSES = tuple(re.compile(rf"(?<![\w.\\]){form}") for form in _FORMS)
_DOTS = r"(?:\.\.\.?|…|\\l?dots|\\cdots)"
_INDEX = re.compile(
    rf"\s*,?\s*(?:for\s+)?(?:all\s+|each\s+|every\s+|\\forall\s*)?[ijk]\s*(?:=|in|∈|\\in)\s*"
    rf"(?:\\?\{{|\[)?\s*(?P<first>[01])\s*(?:,\s*\d+\s*)*,?\s*(?:{_DOTS}|to|,)\s*,?\s*"
    rf"(?P<last>\w+)\s*(?:\\?\}}|\])?"
)
_KIND = re.compile(r"\s*,?\s*\(?\b(?P<kind>integers?|whole(?:\s+numbers?)?|log(?:arithmic)?)\b\)?")
_WHOLE_BEFORE = re.compile(r"\b(?:integers?|whole(?:\s+numbers?)?)\s*$")
_SPACES = re.compile(
    r"\\(?:text|mathrm)\s*\{([^{}]*)\}|\\[,;:! ]|\\quad|\\qquad|[$&~]|\\left|\\right"
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True)
class Clause:
    """One clause of a text that bounds something, and the characters that it takes."""

    unknowns: tuple[Unknown, ...]
    stem: str
    """The vector's own name where it is one, as `x` of x1 to x10; else empty."""
    each: Unknown | None
    """What each entry of a vector is whose size is not said; there are no unknowns then."""
    start: int
    stop: int


def read_bounds(text: str) -> tuple[Unknown, ...]:
    """Read a text that is bounds and nothing else.

    Raises:
        FormulationError: naming the part that is none, or what is wrong with its numbers.
    """
    text = plain(text)
    clauses = list(find_bounds(text))
    rest, last = [], 0
    for clause in clauses:
        rest.append(text[last : clause.start])
        last = clause.stop
    rest.append(text[last:])
    left = [part.strip(" \t\n,;.") for part in rest]
    odd = next((part for part in left if part and part != "and"), "")
    if odd or not clauses:
        raise FormulationError(
            f"{odd or text!r} is no bound" if odd or text else "no bounds are given",
            where="bounds",
            remedy="Write `x in [0, 5]` for a number, `x in [-5, 5]^10` for ten, `n in 1..10` for "
            "a whole one and `kind in {a, b}` for a label, with commas between.",
        )
    return together(clauses)


def together(clauses: list[Clause]) -> tuple[Unknown, ...]:
    """Return the unknowns of several clauses.

    Raises:
        FormulationError: if one is bounded twice with different bounds, or there are too many.
    """
    found: dict[str, Unknown] = {}
    for unknown in (u for clause in clauses for u in clause.unknowns):
        if found.setdefault(unknown.name, unknown) != unknown:
            raise FormulationError(
                f"`{unknown.name}` is bounded twice, by {told(found[unknown.name])} and by "
                f"{told(unknown)}",
                where="bounds",
                remedy="Bound it once.",
            )
    if len(found) > LARGEST:
        raise FormulationError(
            f"there are {len(found):,} unknowns, more than {LARGEST:,}", where="bounds"
        )
    return tuple(found.values())


def find_bounds(text: str) -> Iterator[Clause]:
    """Yield what a text bounds, in its order; `plain` prepares a text with signs and LaTeX.

    Raises:
        FormulationError: if a clause's bounds are the wrong way round or its size is unknown.
    """
    position = 0
    while True:
        found = [m for pattern in _CLAUSES if (m := pattern.search(text, position))]
        if not found:
            return
        match = min(found, key=lambda m: (m.start("names"), m.start()))
        clause = _clause(text, match)
        yield clause
        position = max(clause.stop, match.end())


def plain(text: str) -> str:
    """Return a text with the signs that are told apart by nobody made equal."""
    text = _SPACES.sub(lambda m: f" {m.group(1) or ''} ", text)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "^" + m.group().translate(_SUPERSCRIPTS), text)
    return text.replace("−", "-").replace("–", "-")


def told(unknown: Unknown) -> str:
    """Return an unknown's bounds in the language that is read here, without its name."""
    if isinstance(unknown, OneOf):
        return f"{{{', '.join(unknown.choices)}}}"
    if isinstance(unknown, WholeRange):
        return f"{unknown.lower}..{unknown.upper}"
    return f"[{unknown.lower:.12g}, {unknown.upper:.12g}]{' log' if unknown.log else ''}"


def number_of(text: str) -> float:
    """Return a bound's value; `2*pi` is a number."""
    compact = re.sub(r"\s", "", text)
    head, pi, _ = re.sub(_PI, "π", compact).partition("π")
    if not pi:
        return float(compact)
    factor = head.rstrip("*")
    return math.pi * (float(factor + "1") if factor in {"", "+", "-"} else float(factor))


def _clause(text: str, match: re.Match[str]) -> Clause:
    parts = match.groupdict()
    stop, kinds = match.end(), set[str]()
    size, zero = _size(text, parts.get("power"), match), False
    while True:
        if index := _INDEX.match(text, stop):
            last = _whole(text, index["last"], match)
            zero = index["first"] == "0"
            size, stop = last + zero, index.end()
        elif kind := _KIND.match(text, stop):
            kinds.add(kind["kind"][0])
            stop = kind.end()
        else:
            break
    before = _WHOLE_BEFORE.search(text[: match.start()])
    whole = "i" in kinds or "w" in kinds or before is not None
    dots = parts.get("dots") or ""
    whole = whole or (dots.startswith(".") and "." not in f"{parts['low']}{parts['high']}")
    names = re.split(r"\s*(?:,|\band\b)\s*", match["names"])
    stem = ""
    if size is not None or re.search(r"\[[a-z]\]|_\{?[ijk]\}?$", names[0]):
        stem = re.sub(r"\[\w\]|_\{?\w\}?$", "", names[0])
        if size is None:
            each = _unknown(stem, parts, whole=whole, log="l" in kinds)
            return Clause((), stem, each, match.start(), stop)
        names = [f"{stem}{k}" for k in range(1 - zero, size + 1 - zero)]
    names = [re.sub(r"_?\{(\w+)\}", r"_\1", name) for name in names]
    unknowns = tuple(_unknown(name, parts, whole=whole, log="l" in kinds) for name in names)
    return Clause(unknowns, stem, None, before.start() if before else match.start(), stop)


def _size(text: str, power: str | None, match: re.Match[str]) -> int | None:
    return None if power is None else _whole(text, power, match)


def _whole(text: str, word: str, match: re.Match[str]) -> int:
    """Return a size: a number, or a letter whose value the text gives."""
    if word.isdigit() and 0 < int(word) <= LARGEST:
        return int(word)
    if not word.isdigit() and (given := re.search(rf"(?<!\w){word}\s*=\s*(\d+)(?![\d.])", text)):
        return _whole(text, given.group(1), match)
    raise FormulationError(
        f"`{match.group().strip()}` has {word} unknowns, which is no number from 1 to {LARGEST}",
        where="bounds",
        remedy="Say how many there are, as in `x in [-5, 5]^10`.",
    )


def _unknown(name: str, parts: dict[str, str | None], *, whole: bool, log: bool) -> Unknown:
    if labels := parts.get("labels"):
        return _labelled(name, labels)
    low, high = (number_of(parts[side] or "") for side in ("low", "high"))
    return between(name, low, high, whole=whole, log=log)


def between(
    name: str, low: float, high: float, *, whole: bool = False, log: bool = False
) -> Unknown:
    """Return a number within bounds.

    Raises:
        FormulationError: if the bounds are none.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise FormulationError(
            f"`{name}` is bounded by {low:g} and {high:g}",
            where="bounds",
            remedy="A search needs a finite range: give two numbers.",
        )
    if low >= high:
        raise FormulationError(
            f"the lower bound of `{name}`, {low:.12g}, is not below its upper one, {high:.12g}",
            where="bounds",
            remedy="Give the smaller number first; put what is fixed into the function.",
        )
    if whole:
        return WholeRange(name=name, lower=math.ceil(low), upper=math.floor(high))
    if log and low <= 0:
        raise FormulationError(
            f"`{name}` is to vary by magnitude, and its lower bound is {low:.12g}",
            where="bounds",
            remedy="Give a lower bound above zero, or leave out `log`.",
        )
    return RealRange(name=name, lower=low, upper=high, log=log)


def _labelled(name: str, labels: str) -> Unknown:
    words = [word.strip(" \t\n'\"`") for word in labels.split(",")]
    if all(re.fullmatch(r"[-+]?\d+", word) for word in words):
        numbers = sorted({int(word) for word in words})
        if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
            return WholeRange(name=name, lower=numbers[0], upper=numbers[-1])
    if (dots := re.fullmatch(rf"\s*(\d+)\s*,.*{_DOTS}\s*,?\s*(\d+)\s*", labels)) is not None:
        return between(name, float(dots[1]), float(dots[2]), whole=True)
    if len(set(words)) < 2 or "" in words or len(set(words)) < len(words):
        raise FormulationError(
            f"`{name}` is one of {{{labels.strip()}}}, which are not several labels",
            where="bounds",
            remedy="Give at least two different labels, with commas between.",
        )
    return OneOf(name=name, choices=tuple(words))
