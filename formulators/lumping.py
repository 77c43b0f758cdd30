"""Requirements that add up several limits into one, a slip that small models make with tables."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Addition, Node, Number
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Formulation
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.plain import plain_relations


def lumping_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield each constraint one side of which is a sum of two or more plain numbers."""
    for constraint, plain in plain_relations(formulation):
        for side in _sides(plain):
            terms = _numbers(side)
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


def _numbers(node: Node) -> list[float]:
    """Return the positive plain numbers that a sum consists of; none if it has anything else."""
    terms = node.terms if isinstance(node, Addition) else ()
    found = [term.value for term in terms if isinstance(term, Number) and term.value > 0]
    return found if len(found) == len(terms) else []
