"""Typed changes applied to a formulation; whatever they do not name stays as it is.

Each change is checked before the next one: its names and indices against the formulation, its
expressions by the parser and by `formulators.checks`. A change that cannot be applied is refused
whole, with the place of the fault and the nearest names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from optiwright.formulators.changes import (
    Add,
    AddConstraint,
    AddDecision,
    AddElement,
    ChangeDomain,
    ChangeObjective,
    Decide,
    Drop,
    Redefine,
    Relax,
    Restate,
    Scale,
    SetBounds,
    SetEntries,
    SetTo,
    TypedChange,
)
from optiwright.formulators.checks import check
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Severity
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Basis,
    Domain,
    Formulation,
    Objective,
)
from optiwright.formulators.picking import unknown
from optiwright.formulators.revising_data import with_entries, with_new_data
from optiwright.formulators.revising_edits import redefined, restated, with_bounds
from optiwright.formulators.revising_elements import with_element
from optiwright.formulators.revising_new import with_decision
from optiwright.formulators.revising_rules import decided, dropped, relaxed


def apply(formulation: Formulation, changes: Sequence[TypedChange]) -> Formulation:
    """Return a formulation with changes made, in their order.

    Args:
        formulation: the base; it is not changed itself.
        changes: what is to be different.

    Raises:
        FormulationError: naming the change, what in it cannot be, and what comes nearest.
    """
    for number, change in enumerate(changes, 1):
        where = f"change {number}, {change.kind.replace('_', ' ')}"
        revised = _applied(formulation, change, where)
        _refuse_faults(formulation, revised, where)
        formulation = revised
    return formulation


def _applied(formulation: Formulation, change: TypedChange, where: str) -> Formulation:
    match change:
        case SetTo() | Scale() | Add():
            return with_new_data(formulation, change, where)
        case SetEntries():
            return with_entries(formulation, change, where)
        case AddConstraint():
            return _with_constraint(formulation, change, where)
        case Restate():
            return restated(formulation, change, where)
        case Redefine():
            return redefined(formulation, change, where)
        case Drop():
            return dropped(formulation, change, where)
        case Relax():
            return relaxed(formulation, change, where)
        case Decide():
            return decided(formulation, change, where)
        case ChangeDomain():
            return _with_domain(formulation, change, where)
        case SetBounds():
            return with_bounds(formulation, change, where)
        case ChangeObjective():
            return _with_objective(formulation, change, where)
        case AddElement():
            return with_element(formulation, change, where)
        case AddDecision():
            return with_decision(formulation, change, where)
    assert_never(change)


def _refuse_faults(before: Formulation, after: Formulation, where: str) -> None:
    """Raise what a change brought in: an error of the checks, or data that do not join."""
    known = {(f.where, f.message) for f in check(before) if f.severity is Severity.ERROR}
    for finding in check(after):
        if finding.severity is Severity.ERROR and (finding.where, finding.message) not in known:
            at = ", ".join(filter(None, (finding.where, finding.place)))
            raise FormulationError(finding.message.rstrip("."), where=f"{where}: {at}")
    try:
        ground(after)
    except FormulationError as error:
        place = f"{where}: {error.where}" if error.where else where
        raise FormulationError(error.what, where=place, remedy=error.remedy) from None


def _with_constraint(formulation: Formulation, change: AddConstraint, where: str) -> Formulation:
    if change.name in {c.name for c in formulation.constraints}:
        raise FormulationError(
            f"there is a constraint `{change.name}` already",
            where=where,
            remedy="Give the new one another name, or drop the old one first.",
        )
    new = Algebraic(
        name=change.name,
        over=change.over,
        expression=change.expression,
        description=change.description,
    )
    return formulation.model_copy(update={"constraints": (*formulation.constraints, new)})


def _with_domain(formulation: Formulation, change: ChangeDomain, where: str) -> Formulation:
    names = [v.name for v in formulation.variables]
    if change.variable not in names:
        raise unknown(where, "variable", change.variable, names)
    at = names.index(change.variable)
    old = formulation.variables[at]
    new: dict[str, str | None] = {"domain": change.domain, "domain_basis": Basis.STATED}
    if old.domain is Domain.BINARY and change.domain is not Domain.BINARY:
        # what a binary's bounds are, whatever it says
        new |= {"lower": "0", "upper": None if change.several else "1"}
    variables = (
        *formulation.variables[:at],
        old.model_copy(update=new),
        *formulation.variables[at + 1 :],
    )
    return formulation.model_copy(update={"variables": variables})


def _with_objective(formulation: Formulation, change: ChangeObjective, where: str) -> Formulation:
    given = change.model_dump(exclude={"kind"}, exclude_none=True)
    old = formulation.leading
    if old is None:
        if change.sense is None or change.expression is None:
            raise FormulationError(
                "the formulation has no objective",
                where=where,
                remedy="Give both `sense` and `expression`.",
            )
        goals: tuple[Objective, ...] = (Objective(**given),)
    else:
        goals = tuple(g.model_copy(update=given) if g is old else g for g in formulation.objectives)
    return formulation.model_copy(update={"objectives": goals})
