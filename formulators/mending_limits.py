"""Slips in requirements that have one remedy: their signs, their totals, missing halves."""

from __future__ import annotations

import re

from optiwright.formulators.capital import capital_left_out
from optiwright.formulators.cell_needs import needs_of_one_cell
from optiwright.formulators.directions import contradictions
from optiwright.formulators.figures import number
from optiwright.formulators.hollow_limits import hollow_limits, nothing_for_one
from optiwright.formulators.invented import invented_bounds, invented_requirements
from optiwright.formulators.left_out_spending import left_out_spending
from optiwright.formulators.limits_together import limits_together
from optiwright.formulators.mended_parts import (
    assuming,
    requiring,
    rewritten,
    with_number,
    without,
    without_idle_total,
)
from optiwright.formulators.model import Formulation
from optiwright.formulators.one_each import halves_left_out
from optiwright.formulators.parser import names_of
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.reach import wrong_covers
from optiwright.formulators.swapped_limits import swapped_limits
from optiwright.formulators.wording import surroundings

_SIGN = re.compile(r"<=|>=|==")


def fill_hollow_limits(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with a limit that says nothing on what it is the limit of."""
    for found in list(hollow_limits(formulation, text)):
        said = (
            f"{found.value:.10g} is the limit, and no part of `{found.total}`: {found.mended} in "
            f"`{found.constraint.name}`."
        )
        formulation = rewritten(formulation, found.constraint, found.mended, said)
        formulation = without_idle_total(formulation, found.total)
    return formulation


def ask_for_one(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with "at least one" asked for, where no less than nothing was."""
    for constraint, mended in list(nothing_for_one(formulation, text)):
        said = f'"{constraint.description}" is one at least: {mended}.'
        formulation = rewritten(formulation, constraint, mended, said)
    return formulation


def cover_within_reach(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with each cover by those that the text's table has within reach.

    A total that only what stood there had a use for goes with it.
    """
    covers = list(wrong_covers(formulation, text))
    for found in covers:
        row = ", ".join(map(number, found.row))
        said = (
            f"Of the table's {row} for {found.place} those up to {number(found.reach)} are within "
            f"reach: {found.mended}."
        )
        formulation = rewritten(formulation, found.constraint, found.mended, said)
    for name in {n for found in covers for n in names_of(found.constraint.expression)}:
        formulation = without_idle_total(formulation, name)
    return formulation


def join_limits(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with one limit on all together, where each decision had it."""
    for found in list(limits_together(formulation, text)):
        first, *others = found.constraints
        said = f"{found.value:.10g} is the limit of all together: each has a tighter one alone."
        alone = without(formulation, {c.name for c in others})
        formulation = rewritten(alone, first, found.mended, said)
    return formulation


def swap_limits(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with limits on the totals that the text has them of."""
    for own, other in list(swapped_limits(formulation, text)):
        expression = f"{own.total} {own.sign} {other.parameter}"
        value = f"{other.number.value:.10g}"
        said = f"The text's {value} is the limit of `{own.total}`: {own.total} {own.sign} {value}."
        formulation = rewritten(formulation, own.constraint, expression, said)
    return formulation


def turn_signs(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the signs that the words next to their numbers say."""
    wrong = {c.constraint.name: c for c in contradictions(formulation, text)}
    for found in wrong.values():
        source = found.constraint.expression
        if len(_SIGN.findall(source)) != 1:
            continue
        where = "" if found.own else " in the text"
        said = f'"{found.words}"{where} is {found.written} in `{found.constraint.name}`.'
        turned = _SIGN.sub(found.written, source)
        formulation = rewritten(formulation, found.constraint, turned, said)
    return formulation


def complete_spending(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with all spent from a budget that it is said to pay for."""
    for budget, named in list(left_out_spending(formulation, text)):
        expression = f"{' + '.join(named)} + {budget.expression.strip()}"
        shown = ", ".join(f"`{name}`" for name in named)
        said = f"The budget pays for {shown} too: nothing else limits it."
        formulation = rewritten(formulation, budget, expression, said)
    return formulation


def complete_capital(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with a return of shares as that of the capital."""
    for found in list(capital_left_out(formulation, text)):
        value = found.capital.value
        words = surroundings(text, found.capital)
        formulation, capital = with_number(formulation, "capital", value, words)
        expression = f"{capital} * {found.total} {found.sign} {found.limit}"
        said = f"`{found.total}` is that of each unit of a capital of {value:.10g}."
        formulation = rewritten(formulation, found.constraint, expression, said)
    return formulation


def join_cells(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with what a column of pairs needs asked of the column."""
    for requirement, expression in list(needs_of_one_cell(formulation, text)):
        said = f'"{requirement.description}" in the text is of all that go there.'
        formulation = rewritten(formulation, requirement, expression, said)
    return formulation


def complete_assignments(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with both halves of an assignment required."""
    for found in list(halves_left_out(formulation, text)):
        for thing, choices in found.columns.items():
            expression = f"{' + '.join(choices)} {found.sign} 1"
            formulation, _ = requiring(formulation, f"one_{thing}", expression, "one each")
        said = f"One each in the text is so of both: also of {', '.join(found.columns)}."
        formulation = assuming(formulation, said, found.columns)
    return formulation


def leave_out_invented(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation without requirements and bounds that the text does not have."""
    for found in list(invented_requirements(formulation, text)):
        formulation = assuming(
            without(formulation, {found.name}),
            f'"{found.description}" is nowhere in the text, and left out.',
            set(),
        )
    for variable, bound in list(invented_bounds(formulation, text)):
        value = scalar_values(formulation)[getattr(variable, bound)]
        freed = {bound: None if bound == "upper" else "0"}
        variables = tuple(
            v.model_copy(update=freed) if v.name == variable.name else v
            for v in formulation.variables
        )
        formulation = assuming(
            formulation.model_copy(update={"variables": variables}),
            f"`{variable.name}` has no bound {value:.10g}: the text says none of it.",
            {variable.name},
        )
    return formulation
