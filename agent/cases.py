"""The variants of a formulation that are solved beside it."""

from __future__ import annotations

from optiwright.agent.state import CaseKind, CaseState
from optiwright.formulators.model import Basis, Change, Domain, Formulation, Variable
from optiwright.solver_tools.certify import Optimality

BASE = ""
"""Name of the formulation itself among its cases."""

_OTHER = {Domain.INTEGER: Domain.CONTINUOUS, Domain.CONTINUOUS: Domain.INTEGER}


def cases_of(formulation: Formulation) -> list[CaseState]:
    """Return the formulation, its scenarios, and the other reading of an assumed integrality."""
    cases = [_case(BASE, "base", formulation)]
    for scenario in formulation.scenarios:
        case = _case(scenario.name, "scenario", formulation)
        case["changes"] = [c.model_dump(mode="json") for c in scenario.changes]
        cases.append(case)
    other = _read_otherwise(formulation)
    if other is not None:
        names = [f"`{v.name}`" for v in formulation.variables if _is_open(v)]
        kind = next(v.domain.value for v in other.variables if _is_open(v))
        cases.append(_case(f"with {', '.join(names)} {kind}", "alternative", other))
    return cases


def changes_of(case: CaseState) -> tuple[Change, ...]:
    """Return a case's new parameter values."""
    return tuple(Change.model_validate(c) for c in case["changes"])


def _case(name: str, kind: CaseKind, formulation: Formulation) -> CaseState:
    return CaseState(
        name=name,
        kind=kind,
        formulation=formulation.model_dump(mode="json"),
        changes=[],
        solution=None,
        evaluation=None,
        optimality=Optimality.NONE.value,
        proof=[],
        scaling=[],
    )


def _is_open(variable: Variable) -> bool:
    return variable.domain_basis is Basis.ASSUMED and variable.domain in _OTHER


def _read_otherwise(formulation: Formulation) -> Formulation | None:
    if not any(_is_open(v) for v in formulation.variables):
        return None
    variables = tuple(
        v.model_copy(update={"domain": _OTHER[v.domain]}) if _is_open(v) else v
        for v in formulation.variables
    )
    return formulation.model_copy(update={"variables": variables})
