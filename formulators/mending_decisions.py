"""Slips in what is decided that have one remedy: names, yes or no for counts, whole numbers."""

from __future__ import annotations

import re

from optiwright.formulators.decided import counts_by_yes_or_no
from optiwright.formulators.lift import unique_names
from optiwright.formulators.mended_parts import assuming, renamed, taken, without
from optiwright.formulators.misspelt import misspelt_names
from optiwright.formulators.model import Basis, Definition, Domain, Formulation, Variable
from optiwright.formulators.rounded import rounded_to_itself
from optiwright.formulators.structure_checks import RESERVED
from optiwright.formulators.units import known_unit

_COUNT = re.compile(r"^(?:the |total )?number of (\w+)", re.IGNORECASE)
_WITH_EXPRESSIONS = ("definitions", "objectives", "constraints", "asked")


def rename_reserved(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with what has the name of a function under another."""
    named: tuple[Variable | Definition, ...] = (*formulation.variables, *formulation.definitions)
    for name in [part.name for part in named if part.name in RESERVED]:
        (other,) = unique_names([f"the_{name}"], taken(formulation))
        groups = {
            group: tuple(renamed(part, name, other) for part in getattr(formulation, group))
            for group in _WITH_EXPRESSIONS
        }
        for group in ("variables", "definitions"):
            parts: tuple[Variable | Definition, ...] = groups.get(group, formulation.variables)
            groups[group] = tuple(
                p.model_copy(update={"name": other}) if p.name == name else p for p in parts
            )
        # What is asked of `max` alone was taken for the sense, and is empty.
        groups["asked"] = tuple(
            a if a.expression else a.model_copy(update={"expression": other})
            for a in groups["asked"]
        )
        formulation = formulation.model_copy(update=groups)
    return formulation


def rename_misspelt(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with each misspelt name as it is declared."""
    for written, meant in list(misspelt_names(formulation)):
        groups = {
            group: tuple(renamed(part, written, meant) for part in getattr(formulation, group))
            for group in _WITH_EXPRESSIONS
        }
        said = f"`{written}` is `{meant}`, which is declared."
        formulation = assuming(formulation.model_copy(update=groups), said, {meant})
    return formulation


def count_what_is_chosen(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with what is chosen counted, where the text asks how many."""
    if not counts_by_yes_or_no(formulation, text):
        return formulation
    free = {"domain": Domain.INTEGER, "domain_basis": Basis.ASSUMED, "lower": "0", "upper": None}
    variables = tuple(v.model_copy(update=free) for v in formulation.variables)
    names = [v.name for v in variables]
    shown = ", ".join(f"`{name}`" for name in names)
    said = f"The text asks how many, so that these are counted, not chosen by yes or no: {shown}."
    return assuming(formulation.model_copy(update={"variables": variables}), said, names)


def make_whole(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with `x == round(x)` as a whole x."""
    for requirement, whole in list(rounded_to_itself(formulation)):
        integer = whole.model_copy(update={"domain": Domain.INTEGER})
        variables = tuple(integer if v.name == whole.name else v for v in formulation.variables)
        changed = without(formulation, {requirement.name})
        changed = changed.model_copy(update={"variables": variables})
        said = f'`{whole.name}` is whole: "{requirement.description}".'
        formulation = assuming(changed, said, {whole.name})
    return formulation


def whole_counts(formulation: Formulation) -> Formulation:
    """Return the formulation with what is described as a number of things whole, and that said."""
    counted = [v.name for v in formulation.variables if _is_count(v)]
    if not counted:
        return formulation
    variables = tuple(
        v.model_copy(update={"domain": Domain.INTEGER, "domain_basis": Basis.ASSUMED})
        if v.name in counted
        else v
        for v in formulation.variables
    )
    shown = ", ".join(f"`{name}`" for name in counted)
    return assuming(
        formulation.model_copy(update={"variables": variables}),
        f"What is a number of things is whole: {shown}.",
        counted,
    )


def _is_count(variable: Variable) -> bool:
    said = _COUNT.match(variable.description)
    continuous = variable.domain is Domain.CONTINUOUS
    return continuous and said is not None and not known_unit(said.group(1))
