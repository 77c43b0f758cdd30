"""Requirements and bounds with a number that the text does not have.

A small model at times takes one over from a worked example ("at most 30% of the mix"), or gives a
decision a bound of its own. Nothing of the text speaks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optiwright.formulators.decided import linear_form
from optiwright.formulators.directions import meaning
from optiwright.formulators.model import Algebraic, Domain, Formulation, Variable
from optiwright.formulators.number_checks import unfounded_numbers
from optiwright.formulators.parser import names_of
from optiwright.formulators.plain import plain_relations, scalar_values
from optiwright.formulators.text_numbers import TextNumber, numbers_in

_FREE = frozenset({0.0, 1.0})
_ROUNDED = 0.005
"""By which a share may differ: a third is written as 33%."""


def invented_requirements(formulation: Formulation, text: str) -> Iterator[Algebraic]:
    """Yield the requirements whose own words have a number that the text has nowhere.

    That number is one that they hold with, and so is every other that they have.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    values = scalar_values(formulation)
    numbers = numbers_in(text)
    unfounded = {use.value for use in unfounded_numbers(text, formulation)}
    for constraint in formulation.constraints:
        if not isinstance(constraint, Algebraic) or constraint.over:
            continue
        if set("<>=") & set(constraint.description):
            continue  # no words
        held = {values[n] for n in names_of(constraint.expression) if n in values} - _FREE
        own = [n for n in numbers_in(constraint.description) if not _is_stated(n, numbers)]
        shares = {n.value / 100 for n in own if n.percent}
        others = {n.value for n in own} & unfounded
        if held and held <= shares | others:
            yield constraint


def _is_stated(own: TextNumber, numbers: Iterable[TextNumber]) -> bool:
    """Whether a text has a number; of a percentage, that or the rest of it, as a share."""
    if not own.percent:
        return any(own.value in n.alternatives for n in numbers)
    share = own.value / 100
    stated = {v for n in numbers for v in n.alternatives}
    return any(abs(v - s) <= _ROUNDED for v in stated for s in (share, 1 - share))


def invented_bounds(formulation: Formulation, text: str) -> Iterator[tuple[Variable, str]]:
    """Yield each counted decision with a bound that the text does not speak of, and which bound.

    The text has the number nowhere, or has it only for what is said elsewhere: 30 of a share of
    30% that is required, the 10 of "at least 10 ferries" as the most of something else.

    Only where everything is linear: a bound that keeps a length from turning negative is none.
    """
    if not _is_linear(formulation):
        return
    values = scalar_values(formulation)
    unfounded = {use.value for use in unfounded_numbers(text, formulation)} - _FREE
    bounds = [
        (variable, bound, values.get(getattr(variable, bound) or ""))
        for variable in formulation.variables
        for bound in ("lower", "upper")
    ]
    required = {n for c, _ in plain_relations(formulation) for n in names_of(c.expression)}
    held = [values[n] for n in required & values.keys()] + [v for *_, v in bounds]
    for variable, bound, value in bounds:
        if not value or variable.domain is not Domain.INTEGER or variable.over:
            continue
        if value in unfounded or _is_of_others(value, bound, held, text):
            yield variable, bound


def _is_of_others(value: float, bound: str, held: list[float | None], text: str) -> bool:
    """Whether a bound's number is in the text for something that is said elsewhere as well."""
    stated = [n for n in numbers_in(text) if value in n.alternatives]
    if len(stated) != 1:
        return False
    (number,) = stated
    if number.percent:
        return number.value == value and value / 100 in held
    meant = meaning(text, number, stocks=False)
    turned = meant is not None and meant.sign == (">=" if bound == "upper" else "<=")
    return turned and held.count(value) > 1


def _is_linear(formulation: Formulation) -> bool:
    sources = [o.expression for o in formulation.objectives]
    sources += [d.expression for d in formulation.definitions]
    return all(linear_form(formulation, source) is not None for source in sources)
