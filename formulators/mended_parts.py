"""One part of a formulation put in another's place, and what was changed said as an assumption."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel

from optiwright.formulators.lift import unique_names
from optiwright.formulators.model import Algebraic, Assumption, Entry, Formulation, Given, Parameter
from optiwright.formulators.number_checks import expressions_in
from optiwright.formulators.parser import names_of

Part = TypeVar("Part", bound=BaseModel)


def assuming(formulation: Formulation, said: str, about: Iterable[str]) -> Formulation:
    """Return the formulation with what was changed said as an assumption."""
    new = Assumption(text=said, about=tuple(sorted(about)))
    return formulation.model_copy(update={"assumptions": (*formulation.assumptions, new)})


def with_value(formulation: Formulation, name: str, value: float) -> Formulation:
    """Return the formulation with another number for one parameter."""
    parameters = tuple(valued(p, value) if p.name == name else p for p in formulation.parameters)
    return formulation.model_copy(update={"parameters": parameters})


def valued(parameter: Parameter, value: float) -> Parameter:
    """Return the parameter with one value."""
    entries = (Entry(index=(), value=value),)
    return parameter.model_copy(update={"data": Given(entries=entries)})


def hundredth(parameter: Parameter) -> Parameter:
    """Return the scalar parameter with a hundredth of its value."""
    assert isinstance(parameter.data, Given)
    return valued(parameter, parameter.data.entries[0].value / 100)


def redefined(formulation: Formulation, expressions: Mapping[str, str]) -> Formulation:
    """Return the formulation with other expressions for some totals, by name."""
    definitions = tuple(
        d.model_copy(update={"expression": expressions[d.name]}) if d.name in expressions else d
        for d in formulation.definitions
    )
    return formulation.model_copy(update={"definitions": definitions})


def with_goal(formulation: Formulation, expression: str) -> Formulation:
    """Return the formulation with another objective, asked for where the old one was."""
    (objective,) = formulation.objectives
    asked = tuple(
        a.model_copy(update={"expression": expression})
        if a.expression == objective.expression
        else a
        for a in formulation.asked
    )
    goal = objective.model_copy(update={"expression": expression})
    return formulation.model_copy(update={"objectives": (goal,), "asked": asked})


def with_constraint(formulation: Formulation, changed: Algebraic) -> Formulation:
    """Return the formulation with another constraint in place of the one of its name."""
    constraints = tuple(changed if c.name == changed.name else c for c in formulation.constraints)
    return formulation.model_copy(update={"constraints": constraints})


def rewritten(
    formulation: Formulation, constraint: Algebraic, expression: str, said: str
) -> Formulation:
    """Return the formulation with another expression for one of its constraints, and that said."""
    changed = constraint.model_copy(update={"expression": expression})
    return assuming(with_constraint(formulation, changed), said, {changed.name})


def without(formulation: Formulation, constraints: Container[str]) -> Formulation:
    """Return the formulation without some of its constraints, by name."""
    kept = tuple(c for c in formulation.constraints if c.name not in constraints)
    return formulation.model_copy(update={"constraints": kept})


def without_idle_total(formulation: Formulation, name: str) -> Formulation:
    """Return the formulation without a total that it has no use for but to tell it."""
    asked = tuple(a for a in formulation.asked if a.expression != name)
    unasked = formulation.model_copy(update={"asked": asked})
    kept = tuple(d for d in unasked.definitions if d.name != name)
    used = any(name in names_of(source) for _, source in expressions_in(unasked))
    if used or kept == unasked.definitions:
        return formulation
    return unasked.model_copy(update={"definitions": kept})


def with_number(
    formulation: Formulation, label: str, value: float, words: str
) -> tuple[Formulation, str]:
    """Return the formulation with a number of the text as a parameter, and its name."""
    (name,) = unique_names([label], taken(formulation))
    given = Given(entries=(Entry(index=(), value=value),))
    parameter = Parameter(name=name, description=words, words=words, data=given)
    parameters = (*formulation.parameters, parameter)
    return formulation.model_copy(update={"parameters": parameters}), name


def requiring(
    formulation: Formulation, label: str, expression: str, words: str
) -> tuple[Formulation, str]:
    """Return the formulation with one more requirement, and its name."""
    (name,) = unique_names([label], taken(formulation))
    required = Algebraic(name=name, description=words, expression=expression)
    constraints = (*formulation.constraints, required)
    return formulation.model_copy(update={"constraints": constraints}), name


def taken(formulation: Formulation) -> set[str]:
    """Return the names that are in use."""
    return {
        part.name
        for parts in (
            formulation.parameters,
            formulation.variables,
            formulation.definitions,
            formulation.constraints,
        )
        for part in parts
    }


def renamed(part: Part, written: str, meant: str) -> Part:
    """Return the part with one name in its expression replaced by another."""
    source = getattr(part, "expression", "")
    found = re.sub(rf"\b{written}\b(?!\s*\()", meant, source)
    return part if found == source else part.model_copy(update={"expression": found})
