"""Slips in totals that have one remedy: tables, percentages, differences, sides and ends."""

from __future__ import annotations

import re
from collections.abc import Iterable

from optiwright.formulators.differences import turned_differences
from optiwright.formulators.mended_parts import (
    assuming,
    hundredth,
    redefined,
    valued,
    with_number,
    with_value,
)
from optiwright.formulators.model import Formulation
from optiwright.formulators.open_tops import ends_of_open_vessels
from optiwright.formulators.parser import names_through
from optiwright.formulators.plain import plain_relations, scalar_values, with_numbers
from optiwright.formulators.short_totals import short_totals
from optiwright.formulators.sides import miscounted_sides
from optiwright.formulators.swapped_totals import swapped_totals
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.turned_tables import turned_totals

_OVER_HUNDRED = re.compile(r"(\w+)\s*/\s*100(?![\d.])")
"""A percentage that its own place makes a fraction."""


def turn_tables(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the totals that took a row of a table taking their column."""
    for found in list(turned_totals(formulation, text)):
        right = dict(found.right)
        parameters = tuple(
            valued(p, right[p.name]) if p.name in right else p for p in formulation.parameters
        )
        formulation = assuming(
            formulation.model_copy(update={"parameters": parameters}),
            f'`{found.total}` takes the numbers that the table has for "{found.label}".',
            {found.total, *right},
        )
    return formulation


def complete_totals(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the totals that left one of the text's things out having it."""
    for found in list(short_totals(formulation, text)):
        names = []
        for k, value in enumerate(found.numbers):
            label = f"{found.total}_{found.label}" + f"_{k + 1}" * bool(k)
            formulation, name = with_number(formulation, label, value, found.line)
            names.append(name)
        (total,) = (d for d in formulation.definitions if d.name == found.total)
        whole = f"{total.expression.strip()} + {found.term.format(*names)}"
        shown = found.term.format(*(f"{number:.10g}" for number in found.numbers))
        said = f"`{found.total}` has {found.line} too: {shown}."
        formulation = assuming(redefined(formulation, {found.total: whole}), said, {found.total})
    return formulation


def swap_totals(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the totals that have each other's numbers exchanged."""
    for one, other in list(swapped_totals(formulation, text)):
        expressions = {one.name: other.expression, other.name: one.expression}
        said = f"`{one.name}` and `{other.name}` have the numbers that the text has for each."
        formulation = assuming(redefined(formulation, expressions), said, set(expressions))
    return formulation


def turn_differences(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with what is so much for each step below a price written so."""
    for total, expression in list(turned_differences(formulation, text)):
        shown = with_numbers(expression, scalar_values(formulation))
        said = f"`{total.name}` grows with each step that the text counts: {shown}."
        formulation = assuming(redefined(formulation, {total.name: expression}), said, {total.name})
    return formulation


def scale_percentages(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with percentages as fractions, where another of them is one."""
    percents = [n for n in numbers_in(text) if n.percent]
    others = {n.value for n in numbers_in(text) if not n.percent}
    values = scalar_values(formulation)
    parts = {n for n, v in values.items() if _among(v, percents, 100)}
    whole = {n for n, v in values.items() if v not in others and _among(v, percents, 1)} - parts
    inside = {d.name: d.expression for d in formulation.definitions}
    written = [*inside.values(), *(c.expression for c, _ in plain_relations(formulation))]
    whole -= {m[1] for expression in written for m in _OVER_HUNDRED.finditer(expression)}
    reached = [names_through([c.expression], inside) for c, _ in plain_relations(formulation)]
    mixed = [names for names in reached if names & whole and names & parts]
    scaled = any(values.get(name) in {100, 0.01} for names in mixed for name in names)
    slips = {n for names in mixed for n in names & whole}
    elsewhere = [names for names in reached if names & slips and names not in mixed]
    if not slips or scaled or elsewhere:
        return formulation
    parameters = tuple(hundredth(p) if p.name in slips else p for p in formulation.parameters)
    shown = ", ".join(f"{values[n]:.10g}% as {values[n] / 100:.10g}" for n in sorted(slips))
    return assuming(
        formulation.model_copy(update={"parameters": parameters}),
        f"Percentages are fractions throughout: {shown}.",
        slips,
    )


def _among(value: float, percents: Iterable[TextNumber], scale: int) -> bool:
    return any(abs(value * scale - n.value) <= 1e-9 * max(1.0, n.value) for n in percents)


def count_sides(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with three sides added up, where four were."""
    for found in list(miscounted_sides(formulation, text)):
        if found.once:
            said = f"`{found.total}` has the length along what closes a side once, for three sides."
            changed = with_value(formulation, found.once, 1.0)
            formulation = assuming(changed, said, {found.total, found.once})
    return formulation


def open_tops(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with one end of an open vessel, where its area counted two."""
    for total, twice in list(ends_of_open_vessels(formulation, text)):
        said = f"`{total}` has one end: the other is open."
        formulation = assuming(with_value(formulation, twice, 1.0), said, {total, twice})
    return formulation
