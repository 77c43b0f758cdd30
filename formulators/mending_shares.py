"""Slips in shares and ratios that have one remedy: "at most 30% of all", "twice as many"."""

from __future__ import annotations

from optiwright.formulators.mended_parts import (
    assuming,
    hundredth,
    requiring,
    rewritten,
    with_constraint,
    with_number,
)
from optiwright.formulators.model import Formulation
from optiwright.formulators.parser import names_of
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.ratios import Misread, misread_ratios
from optiwright.formulators.shares import (
    share_bounds,
    shares_of_itself,
    shares_spent,
    wrong_shares,
)


def mend_shares(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the shares of constraints taken of the whole sum."""
    for found in [*shares_of_itself(formulation, text), *wrong_shares(formulation, text)]:
        name = found.constraint.name
        said = f'"{found.words}" in the text is a share of the whole sum in `{name}`.'
        formulation = rewritten(formulation, found.constraint, found.mended, said)
    for found in list(shares_spent(formulation, text)):
        name = found.constraint.name
        said = f'"{found.words}" in the text limits in `{name}` only what that is spent on.'
        formulation = rewritten(formulation, found.constraint, found.mended, said)
    return formulation


def mend_share_bounds(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the shares that were bounds taken of the whole sum."""
    for name, bound, number in list(share_bounds(formulation, text)):
        variable = next(v for v in formulation.variables if v.name == name)
        share = getattr(variable, bound)
        sign = "<=" if bound == "upper" else ">="
        whole = " + ".join(v.name for v in formulation.variables)
        words = text[number.span[0] :].split(".")[0][:60].strip()
        parameters = tuple(
            hundredth(p) if p.name == share and scalar_values(formulation)[share] > 1 else p
            for p in formulation.parameters
        )
        freed = variable.model_copy(update={bound: None if bound == "upper" else "0"})
        variables = tuple(freed if v.name == name else v for v in formulation.variables)
        formulation = formulation.model_copy(
            update={"parameters": parameters, "variables": variables}
        )
        formulation, label = requiring(
            formulation, f"{name}_share", f"{name} {sign} {share} * ({whole})", words
        )
        said = f'"{words}" in the text is a share of the whole sum in `{label}`.'
        formulation = assuming(formulation, said, {label})
    return formulation


def mend_ratios(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with each ratio of the text required as it is said."""
    for found in list(misread_ratios(formulation, text)):
        words, factor = found.ratio.words, found.ratio.factor
        formulation, expression = _ratio_written(formulation, found)
        if found.constraint is not None:
            name = found.constraint.name
            required = found.constraint.model_copy(update={"expression": expression})
            formulation = with_constraint(formulation, required)
        else:
            label = f"{found.ratio.first}_ratio"
            formulation, name = requiring(formulation, label, expression, words)
        said = f'"{words}" in the text is {found.written(f"{factor:.10g}")}.'
        formulation = assuming(formulation, said, {name})
    return formulation


def _ratio_written(formulation: Formulation, found: Misread) -> tuple[Formulation, str]:
    """Return the formulation with the ratio's factor, and what is to be required.

    What it replaces may have the factor; the same number elsewhere is a fact of its own.
    """
    factor = found.ratio.factor
    if factor == 1:
        return formulation, found.written("")
    own = names_of(found.constraint.expression) if found.constraint is not None else frozenset()
    values = scalar_values(formulation)
    name = next((n for n in sorted(own) if values.get(n) == factor), "")
    if not name:
        label = f"{found.ratio.first}_times"
        formulation, name = with_number(formulation, label, factor, found.ratio.words)
    return formulation, found.written(name)
