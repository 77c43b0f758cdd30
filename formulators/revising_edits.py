"""Changes of what a user edits as it is written: a relation, a total, a variable's bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from optiwright.formulators.changes import Redefine, Restate, SetBounds
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Algebraic, Basis, Domain, Formulation, Logic
from optiwright.formulators.picking import unknown
from optiwright.formulators.text_numbers import numbers_in


class _Named(Protocol):
    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=_Named)


def restated(formulation: Formulation, change: Restate, where: str) -> Formulation:
    """Return a formulation in which a constraint demands another relation, at its old place.

    Its sentence goes where it states a number and no new one is given: it may no longer hold.

    Raises:
        FormulationError: if there is no such constraint, or it is not written as one expression.
    """
    old = _found(formulation.constraints, "constraint", change.constraint, where)
    if not isinstance(old, Algebraic | Logic):
        raise FormulationError(
            f"`{old.name}` is a `{old.kind}`, which is not written as one expression",
            where=where,
            remedy="Drop it, and add what is to hold in its place.",
        )
    stale = bool(numbers_in(old.description))
    kept = f"`{old.name}`, changed by hand" if stale else old.description
    new = {"expression": change.expression, "description": change.description or kept}
    rules = _replaced(formulation.constraints, old, old.model_copy(update=new))
    return formulation.model_copy(update={"constraints": rules})


def redefined(formulation: Formulation, change: Redefine, where: str) -> Formulation:
    """Return a formulation in which a total is worked out in another way.

    Raises:
        FormulationError: if there is no such total.
    """
    old = _found(formulation.definitions, "total", change.definition, where)
    new = old.model_copy(update={"expression": change.expression})
    totals = _replaced(formulation.definitions, old, new)
    return formulation.model_copy(update={"definitions": totals})


def with_bounds(formulation: Formulation, change: SetBounds, where: str) -> Formulation:
    """Return a formulation in which a variable has other bounds.

    Raises:
        FormulationError: if there is no such variable, or it is a binary.
    """
    old = _found(formulation.variables, "variable", change.variable, where)
    if old.domain is Domain.BINARY:
        raise FormulationError(
            f"`{old.name}` is yes or no, so its bounds are 0 and 1",
            where=where,
            remedy="Make it an integer first.",
        )
    new = {"lower": change.lower, "upper": change.upper, "bounds_basis": Basis.STATED}
    variables = _replaced(formulation.variables, old, old.model_copy(update=new))
    return formulation.model_copy(update={"variables": variables})


def _found(parts: Sequence[P], what: str, name: str, where: str) -> P:
    found = next((p for p in parts if p.name == name), None)
    if found is None:
        raise unknown(where, what, name, [p.name for p in parts])
    return found


def _replaced(parts: Sequence[P], old: P, new: P) -> tuple[P, ...]:
    return tuple(new if part is old else part for part in parts)
