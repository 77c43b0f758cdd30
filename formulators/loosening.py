"""Repairs of an infeasible formulation that only loosen what the text states."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from optiwright.formulators.conflict_origin import stated_in_conflict
from optiwright.formulators.directions import contradictions, meaning
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.number_checks import unfounded_numbers, unused_numbers
from optiwright.formulators.text_numbers import TextNumber
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
    unused = {n.value for n in unused_numbers(text, after, excused=False)}
    for number in stated:
        if number.value in unused and meaning(text, number, stocks=True) is not None:
            yield f"it left out the limit {quoted(text, number)}"


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
