"""Repairs of an infeasible formulation that only loosen what the text states."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator

from optiwright.formulators.conflict_origin import stated_in_conflict
from optiwright.formulators.directions import contradictions, meaning
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.number_checks import number_uses, unfounded_numbers
from optiwright.formulators.number_match import CONVERSIONS
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.wording import quoted

_SPARE = re.compile(
    r"slack|short(?:fall|age)|surplus|excess|unmet|unserved|deficit|overtime|violat|extra|missing"
    r"|outsourc|relax|penalt|lacking|backlog",
    re.IGNORECASE,
)
_PREFERRED = re.compile(
    r"penalt|prefer|if possible|ideally|desir|soft|fine of|for each .{0,40}(?:short|late|missing)",
    re.IGNORECASE,
)


def loosened(
    text: str, before: Formulation, after: Formulation, names: Collection[str]
) -> list[str]:
    """Return how a repair makes a conflict go away that the text itself states, as sentences.

    A limit of the text may not be left out, not even with an assumption that says so; nor turned
    around, made a preference, or met by a decision or a number that the text does not have. What
    corrects the formulation's own mistakes does none of this.

    Args:
        text: the problem in words.
        before: the infeasible formulation.
        after: its repair.
        names: the constraints in the conflict, and the variables whose bounds are.
    """
    stated = stated_in_conflict(before, text, names)
    return [
        *_left_out(text, after, stated),
        *_turned(text, before, after, stated),
        *_softened(text, before, after),
        *_spared(text, before, after),
        *_brought_in(text, before, after),
    ]


def _left_out(text: str, after: Formulation, stated: list[TextNumber]) -> Iterator[str]:
    values = {abs(use.value) for use in number_uses(after) if use.stated} - {0.0, 1.0}
    for number in stated:
        limits = meaning(text, number, stocks=True) is not None
        if limits and not _is_kept(number, numbers_in(text), values):
            yield f"it left out the limit {quoted(text, number)}"


def _is_kept(number: TextNumber, numbers: list[TextNumber], values: set[float]) -> bool:
    """Whether a number is there as it is, in another unit, or worked into a product.

    Stricter than `match_numbers`, which lets a count or a markup that happens to be equal pass.
    """
    others = [v for other in numbers if other.span != number.span for v in other.alternatives]
    free = [value for value in values if not any(_same(value, v) for v in others)]
    whole = [*number.alternatives, *(1.0 - v for v in number.alternatives if 0 < v < 1)]
    if any(_same(v, value) for v in whole for value in values):
        return True
    factors = [*CONVERSIONS, *(v for v in others if v)]
    forms = [form for v in number.alternatives for f in factors for form in (v * f, v / f)]
    return any(_same(form, value) for form in forms for value in free)


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9)


def _turned(
    text: str, before: Formulation, after: Formulation, stated: list[TextNumber]
) -> Iterator[str]:
    turned = {c.words for c in contradictions(before, text)}
    values = {value for number in stated for value in number.alternatives}
    for found in contradictions(after, text):
        if found.words not in turned and any(f"{v:.12g}" in found.plain for v in values):
            yield f'the text says "{found.words}", but it wrote `{found.plain}`'


def _softened(text: str, before: Formulation, after: Formulation) -> Iterator[str]:
    if _PREFERRED.search(text):
        return
    hard = {c.name for c in before.constraints if isinstance(c, Algebraic) and c.penalty is None}
    for constraint in after.constraints:
        soft = isinstance(constraint, Algebraic) and constraint.penalty is not None
        if soft and (constraint.name in hard or not _soft_names(before)):
            yield f"it made `{constraint.name}` a mere preference"


def _soft_names(formulation: Formulation) -> set[str]:
    return {
        c.name
        for c in formulation.constraints
        if isinstance(c, Algebraic) and c.penalty is not None
    }


def _spared(text: str, before: Formulation, after: Formulation) -> Iterator[str]:
    known = {v.name for v in before.variables}
    for variable in after.variables:
        spare = _SPARE.search(f"{variable.name} {variable.description}".replace("_", " "))
        if variable.name not in known and spare and spare.group().lower() not in text.lower():
            yield f"it brought in the decision `{variable.name}`, which the text does not have"


def _brought_in(text: str, before: Formulation, after: Formulation) -> Iterator[str]:
    known = {use.value for use in unfounded_numbers(text, before)}
    for use in unfounded_numbers(text, after):
        if use.value not in known:
            yield f"it brought in {use.value:,.10g}, which the text does not state"
