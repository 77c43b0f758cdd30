"""What the pictures of an answer share: their form, and the decisions as they can be drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from optiwright.agent.result import Plain, Result
from optiwright.agent.solution_tables import key_heads
from optiwright.agent.told_point import decision_of, plain
from optiwright.formulators.expressions import Name
from optiwright.formulators.figures import ZERO, measured, short
from optiwright.formulators.frames import expand_targets
from optiwright.formulators.model import Domain, Element, Formulation, Index, Range, Variable
from optiwright.formulators.parser import parse_over

WIDTH = 480
"""Of every picture, in pixels: legible where a telephone shrinks it."""
EDGE = 8
TOP = 44
"""Where a picture begins, below its title."""

PictureKind: TypeAlias = Literal[
    "bars",
    "heat map",
    "network",
    "schedule",
    "roster",
    "region",
    "compromises",
    "storyboard",
    "amounts",
    "trace",
]

_TIMES = re.compile(
    r"(?:^|[^a-z])(?:times?|periods?|years?|quarters?|months?|weeks?|days?|hours?|minutes?|shifts?"
    r"|slots?|seasons?|stages?|epochs?)(?:[^a-z]|$)"
)


class Picture(Plain):
    """A drawing of an answer."""

    kind: PictureKind
    title: str
    svg: str
    """An SVG document that stands alone; it follows the reader's light or dark."""
    alt: str
    """What it shows, in words."""


@dataclass(frozen=True)
class Decided:
    """One decision of the formulation with its values."""

    name: str
    title: str
    unit: str
    yes_no: bool
    over: str
    heads: tuple[str, ...]
    """Of the components of its index."""
    timed: tuple[bool, ...]
    """Which of the components are times, by their sets' names."""
    values: dict[Index, float]
    """In the order of its sets."""

    @property
    def taken(self) -> dict[Index, float]:
        """The values that are not zero."""
        return {index: v for index, v in self.values.items() if abs(v) >= ZERO}

    def told(self, value: float) -> str:
        """Return a value in words, with its unit."""
        if self.yes_no:
            return "yes" if value > 0.5 else "no"
        return measured(value, self.unit)

    @property
    def titled(self) -> str:
        """The title with the unit, where it does not name it itself."""
        told = not self.unit or self.yes_no or self.unit.lower() in self.title.lower().split()
        return self.title if told else f"{self.title} ({self.unit})"

    @property
    def told_with_title(self) -> str:
        """Of a decision without an index: its title and value."""
        return f"{self.title} {self.told(self.values[()])}"

    def told_bare(self, value: float) -> str:
        """Return a value without its unit, for where there is little room."""
        return self.told(value) if self.yes_no else short(value)


def decided_in(result: Result) -> list[Decided]:
    """Return the decisions that have a value everywhere, in the formulation's order."""
    formulation, solution = result.formulation, result.solution
    if formulation is None or solution is None or not solution.termination.has_point:
        return []
    values: dict[str, dict[Index, float]] = {}
    unknown: set[str] = set()
    for entry in solution.values:
        if entry.value is None:
            unknown.add(entry.name)
        else:
            values.setdefault(entry.name, {})[entry.index] = entry.value
    names = {decision_of(a, formulation): a.name for a in formulation.asked}
    return [
        _decided(result, v, values[v.name], names.get(v.name, ""))
        for v in formulation.variables
        if v.name in values and v.name not in unknown
    ]


def _decided(result: Result, v: Variable, values: dict[Index, float], asked: str) -> Decided:
    assert result.formulation is not None
    arity = len(next(iter(values)))
    heads = tuple(key_heads(result, v.over, arity)) if arity else ()
    timed = _timed(result.formulation, v.over, heads)
    title = plain(v.description or asked) or v.name
    binary = v.domain is Domain.BINARY
    return Decided(v.name, title, plain(v.unit), binary, v.over, heads, timed, values)


def _timed(formulation: Formulation, over: str, heads: tuple[str, ...]) -> tuple[bool, ...]:
    """Return which components are times, by the words of their sets; `T = 1..n` is one too."""
    about = {s.name: s for s in formulation.sets}
    words: list[str] = []
    for generator in parse_over(over):
        targets, domain = expand_targets(generator, 1), generator.domain
        known = about.get(domain.name) if isinstance(domain, Name) else None
        said = f"{known.name} {known.description}" if known is not None else ""
        if known is not None and known.name == "T" and isinstance(known.data, Range):
            said = "time"
        words += [said if len(targets) == 1 else target for target in targets]
    if len(words) != len(heads):
        words = [""] * len(heads)
    return tuple(
        _TIMES.search(_apart(f"{head} {word}")) is not None
        for head, word in zip(heads, words, strict=True)
    )


def _apart(name: str) -> str:
    """Return a name's words in small letters: `WorkDays` is `work days`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).lower()


def members(indices: Sequence[Index], component: int) -> list[Element]:
    """Return what stands at one component of indices, each once, in order of appearance."""
    found = list(dict.fromkeys(index[component] for index in indices))
    numbers = [e for e in found if isinstance(e, int)]
    return list(sorted(numbers)) if len(numbers) == len(found) else found


def place_words(index: Index) -> str:
    """Return an index in words."""
    return plain(", ".join(map(str, index)))


def few_told(parts: Sequence[str], shown: int = 8) -> str:
    """Return the first of several phrases, and how many more there are."""
    more = f"; and {len(parts) - shown} more" if len(parts) > shown else ""
    return "; ".join(parts[:shown]) + more
