"""One total held against several numbers, of which only the tightest can count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Name, Negative, Node, Number, names_in
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Formulation
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.plain import plain_relations


@dataclass(frozen=True)
class Superseded:
    """A total, and the numbers that it is held against with one sign, each constraint by number."""

    total: str
    sign: str
    values: dict[float, str]


def superseded_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield each total that requirements of one sign hold against different numbers.

    Orders of 80, 120 and 150 in three months, written as three needs of the same two decisions,
    are one need of 150: the decisions lack what tells the months apart. Scalar formulations only.
    """
    for found in superseded_totals(formulation):
        shown = ", ".join(f"{value:.10g}" for value in found.values)
        yield Finding(
            code=Code.SUPERSEDED,
            severity=Severity.WARNING,
            where=f"constraint `{next(iter(found.values.values()))}`",
            message=f"`{found.total}` is held against {shown} with the same {found.sign}, so that "
            "only one of them counts. If these belong to different months, places or kinds, decide "
            f"for each of them apart: {len(found.values)} decisions, numbered or named, where "
            "there is one now.",
            expression=found.total,
        )


def superseded_totals(formulation: Formulation) -> Iterator[Superseded]:
    """Yield what `superseded_findings` reports."""
    limits: defaultdict[tuple[str, str], dict[float, str]] = defaultdict(dict)
    decisions = {v.name for v in formulation.variables}
    for constraint, plain in plain_relations(formulation):
        if not constraint.over and (limit := _limit(plain, decisions)) is not None:
            total, sign, value = limit
            limits[total, sign].setdefault(value, constraint.name)
    for (total, sign), values in limits.items():
        if len(values) >= 2:
            yield Superseded(total, sign, values)


def _limit(relation: str, decisions: Container[str]) -> tuple[str, str, float] | None:
    """Return a total, the sign and the number that it is held against; a decision is no total."""
    try:
        tree = parse_relation(relation)
    except FormulationError:
        return None
    if len(tree.ops) != 1 or tree.ops[0] not in {"<=", ">="}:
        return None
    left, right = tree.operands
    value = _value(right)
    alone = isinstance(left, Name) and left.name in decisions
    if value is None or alone or not names_in(left):
        return None
    return _written(relation, left), tree.ops[0], value


def _value(node: Node) -> float | None:
    match node:
        case Number(value=value):
            return value
        case Negative(operand=Number(value=value)):
            return -value
    return None


def _written(relation: str, node: Node) -> str:
    return relation[node.span.start : node.span.stop]
