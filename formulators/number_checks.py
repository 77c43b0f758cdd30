"""The numbers of a text against those of its formulation, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from optiwright.formulators.number_match import (
    CONVERSIONS,
    COUNTS,
    NumberUse,
    match_numbers,
    untold_values,
)
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.formulators.scope import Scope
from optiwright.formulators.table_findings import numbers_of_tables
from optiwright.formulators.text_numbers import (
    FIRST_YEAR,
    LAST_YEAR,
    TextNumber,
    labels_in,
    numbers_in,
)
from optiwright.formulators.text_tables import tables_in

_NUMBERED = re.compile(r"\b([A-Za-z]+) (\d{1,2})\b(?![.,]?\d|\s?%)")
_IDLE = re.compile(
    r"\b(?:no part|ignored|left out|not used|unused|not needed|irrelevant|does not matter"
    r"|do not matter)\b",
    re.IGNORECASE,
)
_COMPARING = re.compile(r"(?:and|at|by|exactly|for|from|is|least|most|of|or|over|than|to)$")
"""Words that a quantity follows, not a number of a thing."""


def unused_numbers(text: str, formulation: Formulation) -> tuple[TextNumber, ...]:
    """Return the numbers of the text that occur nowhere in the formulation, each once.

    `match_numbers` says what counts as the same.
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


def set_aside(text: str, formulation: Formulation) -> tuple[TextNumber, ...]:
    """Return the numbers of the text that a formulation sets aside, each once.

    That is what only an assumption has, and how many there are of something that it lists.
    """
    told = [said.text for said in formulation.assumptions]
    named = {n.value for said in told for n in _named_in(said)} | set(_of_idle_columns(told, text))
    uses = list(number_uses(formulation))
    computed = {use.value for use in untold_values(text, uses)}
    own = [use for use in uses if use.stated and use.value not in computed]
    without, _ = match_numbers(text, own)
    with_counts, _ = match_numbers(text, uses, counts=max(_counts(formulation), default=0))
    counted = {n.span for n in without} - {n.span for n in with_counts}
    aside = [n for n in without if n.value in named or n.span in counted]
    return tuple({n.value: n for n in aside}.values())


def dropped_numbers(text: str, before: Formulation, after: Formulation) -> tuple[TextNumber, ...]:
    """Return the numbers of the text that a formulation used and its repair does not, each once.

    What only a count accounted for before is none of them: a repair may well change a count.
    """
    stated = [use for use in number_uses(before) if use.stated]
    missing, _ = match_numbers(text, stated)
    never = {number.value for number in missing}
    return tuple(n for n in unused_numbers(text, after) if n.value not in never)


def _match(text: str, formulation: Formulation) -> tuple[list[TextNumber], list[NumberUse]]:
    stated = [v for n in numbers_in(text) for v in n.alternatives]
    held = (NumberUse(v, "tables", stated=False)
            for v in numbers_of_tables(formulation, text, stated))  # fmt: skip
    return match_numbers(
        text,
        [*number_uses(formulation), *held],
        named=[*(use.value for use in _stated_elsewhere(formulation)),
               *_of_idle_columns([a.text for a in formulation.assumptions], text),
               *_numbering(formulation, text)],
        counts=max(_counts(formulation), default=0),
    )  # fmt: skip


def number_uses(formulation: Formulation) -> Iterator[NumberUse]:
    """Yield every number in a formulation's data and expressions."""
    for part in formulation.sets:
        if isinstance(part.data, Range):
            for text in (part.data.start, part.data.stop):
                yield from _literals(text, f"set `{part.name}`", stated=False)
    for parameter in formulation.parameters:
        yield from _data(parameter)
    for where, text in expressions_in(formulation):
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
    yield from (NumberUse(count, COUNTS, stated=False) for count in _counts(formulation))


def _data(parameter: Parameter) -> Iterator[NumberUse]:
    data, where = parameter.data, f"parameter `{parameter.name}`"
    if isinstance(data, Given):
        yield from (NumberUse(entry.value, where) for entry in data.entries)
    if isinstance(data, Given | Bound) and data.default is not None:
        yield NumberUse(data.default, where)
    if isinstance(data, Derived):
        yield from _literals(data.expression, where)


def expressions_in(formulation: Formulation) -> Iterator[tuple[str, str]]:
    """Yield every expression of a formulation, bounds among them, and the element that has it."""
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
        "duration", "demand", "capacity", "arc", "over", "among",
    )  # fmt: skip
    for constraint in formulation.constraints:
        where = f"constraint `{constraint.name}`"
        for text in (*(getattr(constraint, f, None) for f in fields),
                     *getattr(constraint, "options", ()),
                     *getattr(constraint, "values", ())):  # fmt: skip
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
        for number in _named_in(text.replace("_", " ")):
            yield from (NumberUse(v, "words", stated=False) for v in number.alternatives)


def _of_idle_columns(told: list[str], text: str) -> Iterator[float]:
    """Yield the numbers of those columns of the text's tables that assumptions set aside by name.

    As in `last year's sales play no part` of a column `sales last year`.
    """
    idle = [said for said in told if _IDLE.search(said)]
    for table in tables_in(text) if idle else ():
        for k, head in enumerate(table.header):
            words = {w.rstrip("s") for w in re.findall(r"\w{3,}", head.lower())}
            spoken = ({w.rstrip("s") for w in re.findall(r"\w{3,}", s.lower())} for s in idle)
            if words and any(words <= said for said in spoken):
                for row in table.rows:
                    yield from (n.value for n in numbers_in(row[k]))


def _named_in(said: str) -> list[TextNumber]:
    """Return the numbers that words name, years too, which the text may not know for some."""
    years = [n for n in labels_in(said) if FIRST_YEAR <= n.value <= LAST_YEAR]
    return [*numbers_in(said), *years]


def _numbering(formulation: Formulation, text: str) -> Iterator[float]:
    """Yield the numbers 1, 2, ... by which text and descriptions tell things apart: "cabin 2"."""
    things: dict[str, set[int]] = {}
    told = [v.description for v in formulation.variables]
    for words in (*told, *(d.description for d in formulation.definitions)):
        for word, number in _NUMBERED.findall(words):
            things.setdefault(word.lower(), set()).add(int(number))
    said = {(word.lower(), int(number)) for word, number in _NUMBERED.findall(text)}
    for word, numbers in things.items():
        in_turn = len(numbers) > 1 and numbers == set(range(1, len(numbers) + 1))
        if in_turn and not _COMPARING.match(word) and {(word, n) for n in numbers} <= said:
            yield from map(float, numbers)
