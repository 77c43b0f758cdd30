"""Where in the text each element of a formulation comes from: quoted, by its numbers, its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from optiwright.formulators.model import (
    Constraint,
    Definition,
    Formulation,
    Given,
    Objective,
    Parameter,
    SetDef,
    Variable,
)
from optiwright.formulators.number_checks import number_uses
from optiwright.formulators.number_match import NumberUse, sources_of
from optiwright.formulators.parser import names_of
from optiwright.formulators.phrases import label
from optiwright.formulators.text_numbers import TextNumber
from optiwright.formulators.wording import sentences, stems

Span: TypeAlias = tuple[int, int]
"""Characters of the text, half-open."""
Kind: TypeAlias = Literal["set", "parameter", "variable", "definition", "objective", "constraint"]

_ENOUGH = 2
"""Words that a sentence and an element must have in common."""
_COMMON = frozenset({"the", "and", "each", "for", "are", "all", "total", "number", "how", "many",
                     "that", "most", "least", "than", "can", "any", "not", "with"})  # fmt: skip
_WINDOW = 400
"""Characters on either side of a number in which its clause ends."""
_CLAUSE = re.compile(r"[.!?;:](?=\s|$)|,(?=\s)|\n|\b(?:and|or|but|while)\b")


@dataclass(frozen=True)
class TextPlace:
    """What of a text an element stands for.

    Attributes:
        spans: where, in order and apart from one another.
        how: quoted by the formulation, found by its numbers, by its words, or not known.
    """

    spans: tuple[Span, ...] = ()
    how: Literal["quoted", "numbers", "words", "unknown"] = "unknown"


def where_of(kind: Kind, name: str) -> str:
    """Return how places of a formulation are named, as findings name them."""
    return f"{kind} `{name}`"


def text_places(
    text: str, formulation: Formulation, traced: Sequence[Traced] | None = None
) -> dict[str, TextPlace]:
    """Return the place in the text of each element, by `where_of`; of some it is unknown.

    Args:
        text: the problem in words.
        formulation: of it.
        traced: its `traced_numbers`, where they are at hand.
    """
    parts = list(_parts(formulation))
    quotes = {where: _quoted(text, part) for where, part in parts}
    numbers: dict[str, list[TextNumber]] = {}
    for found_number in traced_numbers(text, formulation) if traced is None else traced:
        for use in found_number.uses:
            numbers.setdefault(use.where, []).append(found_number.number)
    by_number = {w: _merged(_shown(text, n) for n in found) for w, found in numbers.items()}
    scalars = {
        p.name: by_number.get(where) or quotes[where]
        for where, p in parts
        if isinstance(p, Parameter) and not p.over
    }
    found = {}
    for where, part in parts:
        named = [s for name in _mentions(part) for s in scalars.get(name, ())]
        if quotes[where]:
            # What a parameter quotes is cut off by the count of words; its clause is whole.
            clause = by_number.get(where, ()) if isinstance(part, Parameter) else ()
            found[where] = TextPlace(clause or quotes[where], "quoted")
        elif by_number.get(where) or named:
            found[where] = TextPlace(_merged([*by_number.get(where, ()), *named]), "numbers")
        else:
            spans = _by_words(text, part)
            found[where] = TextPlace(spans, "words" if spans else "unknown")
    return found


# --- numbers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use(NumberUse):
    """A number in a formulation: in an element, or in one entry of a table.

    `label` is how the place is shown, as `price[Bonn]` or "constraint oven".
    """

    label: str = ""
    words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Traced:
    """A number of the text with the places that most likely have it.

    `direct` tells that they have the number itself, and not one that is worked out from it.
    """

    number: TextNumber
    uses: tuple[Use, ...]
    direct: bool


def traced_numbers(text: str, formulation: Formulation) -> list[Traced]:
    """Return each number of the text with its places in the formulation.

    Of several places that have its value, those are taken whose element quotes it, then those that
    have the most words in common with the clause around it, then those that no other number of the
    text has for sure. A count and a 1 need such words.
    """
    quotes = {where: _quoted(text, part) for where, part in _parts(formulation)}
    found = [
        Traced(number, tuple(_likeliest(text, number, uses, quotes)), direct)
        for number, uses, direct in sources_of(text, list(_uses(formulation)))
    ]
    sure = {t.uses[0] for t in found if len(t.uses) == 1}
    return [
        replace(t, uses=tuple(u for u in t.uses if u not in sure) or t.uses)
        if len(t.uses) > 1
        else t
        for t in found
    ]


def _likeliest(
    text: str, number: TextNumber, uses: Sequence[Use], quotes: Mapping[str, Sequence[Span]]
) -> list[Use]:
    start, stop = number.span
    quoting = [u for u in uses if any(a <= start and stop <= b for a, b in quotes.get(u.where, ()))]
    if quoting and len(quoting) < len(uses):
        return _likeliest(text, number, quoting, {})
    around = stems(text[slice(*_around(text, number))])
    scores = [len(around & use.words) for use in uses]
    best = max(scores, default=0)
    if not best and (number.value in (0.0, 1.0) or _is_spelled(number)):
        return []
    return [use for use, score in zip(uses, scores, strict=True) if score == best]


def _is_spelled(number: TextNumber) -> bool:
    return not any(c.isdigit() for c in number.words)


def _uses(formulation: Formulation) -> Iterator[Use]:
    """Yield the numbers of a formulation, those of tables entry by entry."""
    parts = dict(_parts(formulation))
    words = {where: frozenset(_stems_of(part)) for where, part in parts.items()}
    for where, part in parts.items():
        if isinstance(part, Parameter) and isinstance(part.data, Given):
            for entry in part.data.entries:
                at = frozenset(stems(" ".join(map(str, entry.index))))
                place = label(part.name, entry.index)
                yield Use(entry.value, where, True, place, words[where] | at)
    for use in number_uses(formulation):
        owner = parts.get(use.where)
        if not (isinstance(owner, Parameter) and isinstance(owner.data, Given)):
            shown = use.where.replace("`", "")
            yield Use(use.value, use.where, use.stated, shown, words.get(use.where, frozenset()))
        elif use.value == owner.data.default:
            yield Use(use.value, use.where, True, f"{owner.name}, all others", words[use.where])


# --- words ----------------------------------------------------------------------------------------


Element: TypeAlias = SetDef | Parameter | Variable | Definition | Objective | Constraint


def _parts(formulation: Formulation) -> Iterator[tuple[str, Element]]:
    yield from ((where_of("set", p.name), p) for p in formulation.sets)
    yield from ((where_of("parameter", p.name), p) for p in formulation.parameters)
    yield from ((where_of("variable", p.name), p) for p in formulation.variables)
    yield from ((where_of("definition", p.name), p) for p in formulation.definitions)
    yield from ((where_of("objective", p.name), p) for p in formulation.objectives)
    yield from ((where_of("constraint", p.name), p) for p in formulation.constraints)


def _stems_of(part: Element) -> set[str]:
    named = part.name.replace("_", " ")
    said = f"{named} {part.description}"
    if isinstance(part, Parameter) and isinstance(part.data, Given) and not part.over:
        said += f" {part.unit}"
    return stems(said) - _COMMON


def _quoted(text: str, part: Element) -> tuple[Span, ...]:
    words = "" if isinstance(part, Definition) else part.words
    pieces = [piece.split() for piece in re.split(r"\.\.\.|…", words)]
    patterns = [r"\s+".join(map(re.escape, piece)) for piece in pieces if piece]
    found = [re.search(pattern, text, re.IGNORECASE) for pattern in patterns]
    return _merged(match.span() for match in found if match)


def _around(text: str, number: TextNumber) -> Span:
    """Return the clause that a number stands in; in a table its row."""
    start, stop = number.span
    begin = max(0, start - _WINDOW)
    before = [m.end() for m in _CLAUSE.finditer(text, begin, start)]
    after = _CLAUSE.search(text, stop, stop + _WINDOW)
    last = after.start() if after else min(len(text), stop + _WINDOW)
    return _trimmed(text, before[-1] if before else begin, last)


def _shown(text: str, number: TextNumber) -> Span:
    """Return what is shown of a number's place: its clause, or its cell in a table."""
    start, stop = _around(text, number)
    return number.span if text[start:stop].count("|") > 1 else (start, stop)


def _by_words(text: str, part: Element) -> tuple[Span, ...]:
    """Return the sentence that has the most words of an element, if it has enough of them."""
    words = _stems_of(part)
    enough = min(_ENOUGH, len(words))
    best: tuple[int, Span] | None = None
    for start, sentence in sentences(text):
        score = len(words & stems(sentence))
        if score >= max(1, enough) and (best is None or score > best[0]):
            best = score, _trimmed(text, start, start + len(sentence))
    return (best[1],) if best is not None else ()


def _mentions(part: Element) -> Iterable[str]:
    """Return the names that an element's expressions have."""
    match part:
        case Variable():
            texts = [part.lower, part.upper]
        case SetDef() | Parameter():
            texts = []
        case _:
            fields = ("expression", "condition", "then", "penalty", "capacity")
            texts = [getattr(part, field, None) for field in fields]
            texts += list(getattr(part, "options", ()))
            texts += list(getattr(part, "values", ()))
    return [name for text in texts if text for name in sorted(names_of(text))]


def _trimmed(text: str, start: int, stop: int) -> Span:
    inside = text[start:stop]
    start += len(inside) - len(inside.lstrip(" \t\n.,;:!?-*|"))
    return start, max(start, start + len(text[start:stop].rstrip()))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that touch as one."""
    found: list[Span] = []
    for start, stop in sorted(s for s in spans if s[1] > s[0]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return tuple(found)
