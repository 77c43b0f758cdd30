"""Requirements that add up several limits into one, a slip that small models make with tables."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Addition, Name, Node, Number
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.plain import scalar_values


def lumping_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield each constraint one side of which is a sum of two or more plain numbers."""
    numbers = scalar_values(formulation)
    for constraint in formulation.constraints:
        if not isinstance(constraint, Algebraic):
            continue
        for side in _sides(constraint.expression):
            terms = _numbers(side, numbers)
            if len(terms) >= 2:
                shown = " + ".join(f"{value:.10g}" for value in terms)
                yield Finding(
                    code=Code.LUMPED,
                    severity=Severity.WARNING,
                    where=f"constraint `{constraint.name}`",
                    message=f"Constraint `{constraint.name}` adds up {shown}; if these limit "
                    "different things, write one constraint for each with its own variables.",
                    expression=constraint.expression,
                )


def _sides(expression: str) -> tuple[Node, ...]:
    try:
        return parse_relation(expression).operands
    except FormulationError:
        return ()


def _numbers(node: Node, numbers: dict[str, float]) -> list[float]:
    """Return the positive plain numbers that a sum consists of; none if it has anything else."""
    found: list[float] = []
    for term in node.terms if isinstance(node, Addition) else ():
        match term:
            case Number(value=value) if value > 0:
                found.append(value)
            case Name(name=name) if numbers.get(name, 0) > 0:
                found.append(numbers[name])
            case _:
                return []
    return found
