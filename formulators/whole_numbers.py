"""Data that count whole things, scaled: where only a whole number can be met, it is rounded up."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.changes import Changes, Scale
from optiwright.formulators.model import Algebraic, Domain, Formulation, Given, Parameter
from optiwright.formulators.parser import ExpressionError, names_through, parse_relation

_WHOLE = {Domain.INTEGER, Domain.BINARY}


def whole_where_needed(formulation: Formulation, changes: Changes) -> Changes:
    """Return changes in which a share of a count is rounded up to a whole number where it must be.

    30 units and 29% more are 38.7. Where at least 38.7 are needed, whole units come to 39 by
    themselves, and nothing is rounded here. Where exactly as many are demanded of decisions that
    are whole, 38.7 could never be met; 39 is taken, and the difference says so.
    """
    counted = set(_counted_exactly(formulation))
    return tuple(
        change.model_copy(update={"whole": True})
        if isinstance(change, Scale) and change.parameter in counted
        else change
        for change in changes
    )


def _counted_exactly(formulation: Formulation) -> Iterator[str]:
    """Yield the parameters of whole numbers that whole decisions alone are to equal."""
    inside = {d.name: d.expression for d in formulation.definitions}
    kinds = {v.name: v.domain for v in formulation.variables}
    whole = {p.name for p in formulation.parameters if _is_whole(p)}
    for rule in formulation.constraints:
        if not isinstance(rule, Algebraic) or not _is_equality(rule.expression):
            continue
        names = names_through([rule.expression], inside)
        domains = {kinds[n] for n in names if n in kinds}
        if domains and domains <= _WHOLE:
            yield from names & whole


def _is_equality(expression: str) -> bool:
    try:
        return "==" in parse_relation(expression).ops
    except ExpressionError:
        return False


def _is_whole(parameter: Parameter) -> bool:
    data = parameter.data
    return isinstance(data, Given) and all(e.value.is_integer() for e in data.entries)
