"""Whose a conflict is, the text's or the formulation's, as far as that shows without a model."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from optiwright.formulators.decided import needs_of_each
from optiwright.formulators.directions import contradictions
from optiwright.formulators.limits import constraint_texts
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import number_uses, unfounded_numbers
from optiwright.formulators.number_match import CONVERSIONS, NumberUse
from optiwright.formulators.parser import names_of
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.wording import clause_of, stems, surroundings

_PLAIN = frozenset({0.0, 1.0})
_COMMON = stems(
    "the and for are with that this each every must can may than least most more less not all "
    "total number amount make made use used per from into has have there needs need"
)


class Origin(StrEnum):
    """Where a conflict comes from."""

    TEXT = "text"
    """Every number in it stands in the text, beside words that the formulation uses for it."""
    FORMULATION = "formulation"
    """A number in it is not the text's, or is held the other way than the text's words say."""
    OPEN = "open"
    """Neither shows."""


@dataclass(frozen=True)
class Verdict:
    """Whose a conflict is, and what shows it."""

    origin: Origin
    faults: tuple[str, ...] = ()
    """What the formulation does that the text does not say, a sentence each without its stop."""


def origin_of(formulation: Formulation, text: str, names: Collection[str]) -> Verdict:
    """Judge a conflict by its numbers and their words.

    Args:
        formulation: the model.
        text: the problem in words; nothing shows without one.
        names: the constraints in the conflict, and the variables whose bounds are.
    """
    if not text or not names:
        return Verdict(Origin.OPEN)
    faults = tuple(dict.fromkeys(_faults(formulation, text, names)))
    if faults:
        return Verdict(Origin.FORMULATION, faults)
    places = _Places(formulation, names)
    stated = [use for use in places.uses() if use.stated and abs(use.value) not in _PLAIN]
    grounded = all(any(True for _ in _grounds(text, use, places)) for use in stated)
    return Verdict(Origin.TEXT if stated and grounded else Origin.OPEN)


def stated_in_conflict(
    formulation: Formulation, text: str, names: Collection[str]
) -> list[TextNumber]:
    """Return the numbers of the text that stand in a conflict, in the text's order."""
    values = {abs(use.value) for use in _Places(formulation, names).uses()} - _PLAIN
    return [n for n in numbers_in(text) if values & {abs(v) for v in n.alternatives}]


def _faults(formulation: Formulation, text: str, names: Collection[str]) -> Iterator[str]:
    places = _Places(formulation, names)
    foreign = {use.value for use in unfounded_numbers(text, formulation)}
    for use in places.uses():
        if use.stated and use.value in foreign:
            yield f"the text does not state the {use.value:,.10g} of {use.where}"
    for found in contradictions(formulation, text):
        if found.constraint.name in names:
            yield f'the text says "{found.words}", but `{found.plain}` says otherwise'
    for need in needs_of_each(formulation, text):
        if any(need.total in names_of(source) for source in places.expressions()):
            yield (
                f"the text asks this of each of {need.count} {need.thing}s, and `{need.total}` is "
                "one total of them all"
            )


class _Places:
    """The elements of a formulation that take part in a conflict."""

    def __init__(self, formulation: Formulation, names: Collection[str]) -> None:
        self._formulation = formulation
        self._parts = {
            part.name: part
            for group in (
                formulation.parameters,
                formulation.variables,
                formulation.definitions,
                formulation.constraints,
            )
            for part in group
        }
        self._names = set(names) & self._parts.keys()
        self._inside = {d.name: d.expression for d in formulation.definitions}
        bounded = {v.name: f"({v.lower or 0}) + ({v.upper or 0})" for v in formulation.variables}
        for name in list(self._names):
            for text in (bounded.get(name, ""), *constraint_texts(self._parts[name])):
                self._follow(text)

    def _follow(self, text: str) -> None:
        for name in names_of(text) & self._parts.keys() - self._names:
            if name in self._inside or name in {p.name for p in self._formulation.parameters}:
                self._names.add(name)
                self._follow(self._inside.get(name, ""))

    def expressions(self) -> Iterator[str]:
        """Yields the constraints' and definitions' expressions."""
        for name in self._names:
            yield from constraint_texts(self._parts[name])

    def uses(self) -> Iterator[NumberUse]:
        """Yields the numbers in them."""
        for use in number_uses(self._formulation):
            if use.where.partition("`")[2].rstrip("`") in self._names:
                yield use

    def words(self) -> set[str]:
        """Returns the stems of what they are called and said to be, decisions included."""
        spoken = [self._formulation.title]
        named = {n for text in self.expressions() for n in names_of(text)} | self._names
        for name in named & self._parts.keys():
            part = self._parts[name]
            spoken += [name.replace("_", " "), part.description]
            spoken.append(getattr(part, "unit", ""))
        return stems(" ".join(spoken)) - _COMMON


def _grounds(text: str, use: NumberUse, places: _Places) -> Iterator[TextNumber]:
    """Yield the text's numbers with a use's value beside words that the conflict has too."""
    words = places.words()
    for number in numbers_in(text):
        values = [v * f for v in number.alternatives for f in (1.0, *CONVERSIONS)]
        near = f"{clause_of(text, number)} {surroundings(text, number)} {number.words}"
        if any(abs(abs(use.value) - abs(v)) <= 1e-9 * abs(v) for v in values) and (
            words & stems(near)
        ):
            yield number
