"""Requirements that a decision be whole, written as an equation with itself rounded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.model import Algebraic, Domain, Formulation, Variable
from optiwright.formulators.plain import relations_like

_ROUNDED = re.compile(
    r"\s*(\w+)\s*==\s*(?:round|rounded|int|integer|floor)(?:_(\w+)|\(\s*(\w+)\s*\))\s*"
)


def rounded_to_itself(formulation: Formulation) -> Iterator[tuple[Algebraic, Variable]]:
    """Yield the requirements `boxes == round(boxes)`, or an undeclared `round_boxes`, and what of.

    Args:
        formulation: a lifted flat one.
    """
    decisions = {v.name: v for v in formulation.variables if v.domain is not Domain.BINARY}
    declared = {*decisions, *(d.name for d in formulation.definitions)}
    declared |= {p.name for p in formulation.parameters}
    for constraint, found in relations_like(formulation, _ROUNDED):
        name, other = found[1], found[2] or found[3]
        if name in decisions and name == other and f"round_{name}" not in declared:
            yield constraint, decisions[name]
