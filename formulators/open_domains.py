"""Whole things, or parts of them too: where neither the text nor the thing itself says."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.changes import ChangeDomain
from optiwright.formulators.model import Basis, Domain, Formulation, Variable
from optiwright.formulators.phrases import listing
from optiwright.formulators.questions import Choice, Kind, Question

_OTHER = {Domain.INTEGER: Domain.CONTINUOUS, Domain.CONTINUOUS: Domain.INTEGER}
_LABELS = {Domain.INTEGER: "whole numbers", Domain.CONTINUOUS: "fractions too"}


def open_domains(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield the question whether decisions are whole, for all that are open together."""
    unsure = [v for v in formulation.variables if _is_open(v)]
    if not unsure:
        return
    names = listing([f"`{v.name}`" for v in unsure])
    first = unsure[0].domain
    yield Question(
        id="integrality",
        kind=Kind.INTEGRALITY,
        text=f"Do {names} have to be whole numbers, or are fractions possible too?",
        choices=(
            Choice(label=_LABELS[first], meaning=f"{names} as {first.value}"),
            Choice(
                label=_LABELS[_OTHER[first]],
                meaning=f"with {', '.join(f'`{v.name}`' for v in unsure)} {_OTHER[first].value}",
                changes=tuple(
                    ChangeDomain(variable=v.name, domain=_OTHER[v.domain]) for v in unsure
                ),
            ),
        ),
        guess=_LABELS[first],
    )


def _is_open(variable: Variable) -> bool:
    return variable.domain_basis is Basis.ASSUMED and variable.domain in _OTHER
