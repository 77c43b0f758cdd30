"""The numbers of a text against those of its formulation, both ways."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Arithmetic,
    Generator,
    Item,
    Name,
    Node,
    Number,
    children,
)
from optiwright.formulators.model import (
    Bound,
    Derived,
    Either,
    Family,
    Formulation,
    Given,
    Parameter,
    Piecewise,
    Range,
)
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.formulators.scope import Scope
from optiwright.formulators.text_numbers import TextNumber, labels_in, numbers_in

CONVERSIONS = (60.0, 1000.0, 100.0, 12.0, 7.0, 24.0)
"""Factors between units that may lie between a number of the text and its use."""

_TRIVIAL = frozenset({0.0, 1.0, *CONVERSIONS})
_PI_DIGITS = 1e-2
_COUNTED = 12.0
_SCALES = frozenset({100.0, 1e3, 1e6, 1e9})
_SCALED = re.compile(r"\d\s*(?:k\b|m\b|thousand|million|billion)", re.IGNORECASE)
_FACTORS = {60.0: ("minutes", "seconds"), 24.0: ("hours",), 7.0: ("days",), 12.0: ("months",)}
_MOST_TRIALS = 200_000


@dataclass(frozen=True)
class NumberUse:
    """A number in a formulation and the element that has it.

    `stated` tells whether the text should have it; a count, an exponent or an index need not be.
    """

    value: float
    where: str
    stated: bool = True


def unused_numbers(text: str, formulation: Formulation) -> tuple[TextNumber, ...]:
    """Return the numbers of the text that occur nowhere in the formulation, each once.

    A number counts as used if a value equals it up to sign, percent, complement (1 - p) or markup
    (1 + p). What is then left on both sides is matched by units' conversions, by sums and
    differences of two numbers left, and by products and quotients with any number of the text.
    """
    left, _ = _match(text, formulation)
    return tuple({n.value: n for n in reversed(left)}.values())[::-1]


def unfounded_numbers(text: str, formulation: Formulation) -> tuple[NumberUse, ...]:
    """Return the values of the formulation that the text does not state, each once.

    Zero, one and factors between units are never among them, nor are counts, exponents, indices,
    nor products of two numbers of the text.
    """
    _, left = _match(text, formulation)
    return tuple(left)


def _match(text: str, formulation: Formulation) -> tuple[list[TextNumber], list[NumberUse]]:
    """Return the numbers of the text and the values of the formulation that match nothing."""
    numbers = numbers_in(text)
    uses = list(number_uses(formulation))
    values = _Values(use.value for use in (*uses, *_stated_elsewhere(formulation)))
    counts = max(_counts(formulation), default=0)
    left = [n for n in numbers if not _is_used(n, values, counts)]
    stated = [*numbers, *labels_in(text)]
    asserted = {u.value: u for u in reversed(uses) if u.stated and abs(u.value) not in _TRIVIAL}
    loose = {v: u for v, u in reversed(asserted.items()) if not _is_founded(v, stated)}
    if len(left) * len(loose) * len(numbers) > _MOST_TRIALS:
        return left, list(loose.values())
    made: set[tuple[int, int]] = set()
    founded: set[float] = set()
    for value in loose:
        for parts in _origins(value, left, numbers):
            founded.add(value)
            made.update(n.span for n in parts)
    return (
        [n for n in left if n.span not in made],
        [use for value, use in loose.items() if value not in founded],
    )


def _origins(
    value: float, left: list[TextNumber], numbers: list[TextNumber]
) -> Iterator[tuple[TextNumber, ...]]:
    """Yield the numbers of the text from which a value can be computed."""
    for a in left:
        if any(_same(value, v * f) or _same(value, v / f) for v, f in _scalings(a)):
            yield (a,)
        for b in left:
            if a.span < b.span and any(_same(value, r) for r in _sums(a, b)):
                yield (a, b)
    for k, a in enumerate(numbers):
        for b in numbers[k + 1 :]:
            if any(_same(value, r) for r in _products(a, b)):
                yield (a, b)


def _scalings(number: TextNumber) -> Iterator[tuple[float, float]]:
    yield from ((value, factor) for value in number.alternatives for factor in CONVERSIONS)


def _sums(a: TextNumber, b: TextNumber) -> Iterator[float]:
    for x in a.alternatives:
        for y in b.alternatives:
            yield x + y
            yield x - y


def _products(a: TextNumber, b: TextNumber) -> Iterator[float]:
    for x in a.alternatives:
        for y in b.alternatives:
            yield x * y
            if x and y:
                yield x / y
                yield y / x


def _same(a: float, b: float) -> bool:
    return math.isclose(abs(a), abs(b), rel_tol=1e-9)


def number_uses(formulation: Formulation) -> Iterator[NumberUse]:
    """Yield every number in a formulation's data and expressions."""
    for part in formulation.sets:
        if isinstance(part.data, Range):
            for text in (part.data.start, part.data.stop):
                yield from _literals(text, f"set `{part.name}`", stated=False)
    for parameter in formulation.parameters:
        yield from _data(parameter)
    for where, text in _texts(formulation):
        yield from _literals(text, where)
    for constraint in formulation.constraints:
        where = f"constraint `{constraint.name}`"
        if isinstance(constraint, Piecewise):
            yield from (NumberUse(v, where) for point in constraint.points for v in point)
        if isinstance(constraint, Either):
            yield NumberUse(constraint.at_least, where, stated=False)
    for goal in formulation.objectives:
        for value in (goal.weight, goal.tolerance):
            yield NumberUse(value, f"objective `{goal.name}`")
    for scenario in formulation.scenarios:
        for change in scenario.changes:
            for entry in change.entries:
                yield NumberUse(entry.value, f"scenario `{scenario.name}`")
    yield from (NumberUse(count, "counts", stated=False) for count in _counts(formulation))


def _data(parameter: Parameter) -> Iterator[NumberUse]:
    data, where = parameter.data, f"parameter `{parameter.name}`"
    if isinstance(data, Given):
        yield from (NumberUse(entry.value, where) for entry in data.entries)
    if isinstance(data, Given | Bound) and data.default is not None:
        yield NumberUse(data.default, where)
    if isinstance(data, Derived):
        yield from _literals(data.expression, where)


def _texts(formulation: Formulation) -> Iterator[tuple[str, str]]:
    for variable in formulation.variables:
        for bound in (variable.lower, variable.upper):
            if bound is not None:
                yield f"variable `{variable.name}`", bound
    for definition in formulation.definitions:
        yield f"definition `{definition.name}`", definition.expression
    for goal in formulation.objectives:
        yield f"objective `{goal.name}`", goal.expression
    for asked in formulation.asked:
        yield f"asked quantity `{asked.name}`", asked.expression
    fields = (
        "expression", "penalty", "condition", "then", "argument", "value", "each", "start",
        "duration", "demand", "capacity", "arc", "over",
    )  # fmt: skip
    for constraint in formulation.constraints:
        where = f"constraint `{constraint.name}`"
        for text in (*(getattr(constraint, f, None) for f in fields),
                     *getattr(constraint, "options", ())):  # fmt: skip
            if text:
                yield where, text


def _literals(source: str, where: str, *, stated: bool = True) -> Iterator[NumberUse]:
    try:
        tree: Node = parse_expression(source)
    except FormulationError:
        try:
            for generator in parse_over(source):
                yield from _numbers(generator, where, stated=False)
        except FormulationError:
            pass
        return
    yield from _numbers(tree, where, stated)


def _numbers(node: Node | Generator, where: str, stated: bool) -> Iterator[NumberUse]:
    if _converts(node):
        assert isinstance(node, Arithmetic)
        yield from _numbers(node.left, where, stated)
        return
    if isinstance(node, Number):
        yield NumberUse(node.value, where, stated)
    for child in children(node):
        exponent = isinstance(node, Arithmetic) and node.op == "**" and child is node.right
        named = stated and not exponent and not isinstance(node, Item | Generator)
        yield from _numbers(child, where, named)


def _converts(node: Node | Generator) -> bool:
    """Whether a node only changes an amount's unit, as `7*60` and `hours*60` do."""
    return (
        isinstance(node, Arithmetic)
        and node.op in {"*", "/"}
        and isinstance(node.right, Number)
        and node.right.value in CONVERSIONS
        and isinstance(node.left, Number | Name)
    )


def _counts(formulation: Formulation) -> Iterator[int]:
    """Yield how many there are of what a text may count: elements, variables, constraints."""
    scope = Scope(formulation)
    for part in formulation.sets:
        elements = scope.elements(part.name)
        if elements is not None:
            yield len(elements)
            yield from (e[0] for e in elements[:1000] if isinstance(e[0], int) and len(e) == 1)
        if isinstance(part.data, Family):
            yield len(part.data.members)
    yield len(formulation.variables)
    yield len(formulation.parameters)
    yield len(formulation.constraints)


def _stated_elsewhere(formulation: Formulation) -> Iterator[NumberUse]:
    """Yield the numbers in assumptions and in the names of elements: they are accounted for."""
    texts = [a.text for a in formulation.assumptions]
    scope = Scope(formulation)
    for part in formulation.sets:
        for element in (scope.elements(part.name) or ())[:1000]:
            texts += [c for c in element if isinstance(c, str)]
    for text in texts:
        for number in numbers_in(text.replace("_", " ")):
            yield from (NumberUse(v, "words", stated=False) for v in number.alternatives)


class _Values:
    """Values with look-up up to sign and rounding."""

    def __init__(self, values: Iterable[float]) -> None:
        self._rounded = {_rounded(value) for value in values}

    def __contains__(self, value: float) -> bool:
        return _rounded(value) in self._rounded


def _rounded(value: float) -> float:
    """Return the magnitude to nine significant digits."""
    return float(f"{abs(value):.9g}")


def _variants(number: TextNumber) -> list[float]:
    """Return the values as which a number of the text may appear, `5 thousand` as 5 too."""
    found = list(number.alternatives)
    if _SCALED.search(number.words):
        found += [number.value / scale for scale in (1e3, 1e6, 1e9)]
    elif number.value >= 1e4:
        found.append(number.value / 1e3)
    share = number.alternatives[-1]
    if number.percent or 0 < share < 1:
        found += [1 - share, 1 + share, 1 / (1 - share) if share != 1 else 1.0]
    return found


def _is_used(number: TextNumber, values: _Values, counts: float) -> bool:
    if any(value in {0.0, 1.0} for value in number.alternatives):
        return True
    if number.unit_hint in _FACTORS.get(number.value, ()):
        return True  # said of an hour, a day, a week, a year
    spelled = not any(c.isdigit() for c in number.words)
    if spelled and number.value in _SCALES:
        return True  # a unit, as in "per thousand litres"
    if spelled and number.value.is_integer() and number.value <= min(counts, _COUNTED):
        return True
    if any(value in values for value in _variants(number)):
        return True
    # A third and the like are written with few digits.
    fraction = not number.value.is_integer() and not number.percent
    return fraction and any(round(number.value, digits) in values for digits in (2, 3, 4))


def _is_founded(value: float, numbers: list[TextNumber]) -> bool:
    constant = abs(value) in _TRIVIAL or abs(abs(value) - math.pi) < _PI_DIGITS
    return constant or any(_near(value, v) for n in numbers for v in _variants(n))


def _near(a: float, b: float) -> bool:
    if math.isclose(abs(a), abs(b), rel_tol=1e-6):
        return True
    # A third and the like are written with few digits.
    return 0 < b < 1 and any(math.isclose(abs(a), round(b, digits)) for digits in (2, 3, 4))
