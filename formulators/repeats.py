"""Decisions that stand twice: in a long sum, mostly in another one's place, or on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Generator,
    Name,
    Node,
    Number,
    walk,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.limits import constraint_texts
from optiwright.formulators.model import Formulation
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.plain import scalar_values, with_numbers

_SHOWN = 100


def repeat_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield each sum that has a scalar decision in two terms, and each relation on both sides."""
    numbers = scalar_values(formulation)
    decisions = {v.name for v in formulation.variables if not v.over}
    for where, source in _places(formulation):
        plain = with_numbers(source, numbers)
        twice = [
            f"`{name}` stands twice in `{_short(plain)}`; if one of the two belongs to another "
            "decision, write that one."
            for name in _doubled(plain, decisions)
        ]
        on_both_sides = [
            f"`{name}` stands on both sides of `{_short(plain)}` and drops out, so that nothing is "
            "required of it; write what the text requires."
            for name in _dropping_out(plain, decisions)
        ]
        for message in (*twice, *on_both_sides):
            yield Finding(
                code=Code.REPEATED,
                severity=Severity.WARNING,
                where=where,
                message=message,
                expression=source,
            )


def _short(expression: str) -> str:
    return expression if len(expression) <= _SHOWN else f"{expression[:_SHOWN]} ..."


def _places(formulation: Formulation) -> Iterator[tuple[str, str]]:
    for definition in formulation.definitions:
        yield f"definition `{definition.name}`", definition.expression
    for goal in formulation.objectives:
        yield f"objective `{goal.name}`", goal.expression
    for constraint in formulation.constraints:
        for source in constraint_texts(constraint):
            yield f"constraint `{constraint.name}`", source


def _doubled(source: str, decisions: set[str]) -> list[str]:
    try:
        tree = parse_expression(source)
    except FormulationError:
        return []
    found: list[str] = []
    for sum_ in (n for n in walk(tree) if isinstance(n, Addition)):
        counts = Counter(filter(None, map(_decision, sum_.terms)))
        found += [name for name, count in counts.items() if count > 1 and name in decisions]
    return list(dict.fromkeys(found))


def _dropping_out(source: str, decisions: set[str]) -> list[str]:
    """Return the decisions that are added, once and as they are, on both sides of a relation."""
    try:
        relation = parse_relation(source)
    except FormulationError:
        return []
    sides = [side.terms if isinstance(side, Addition) else (side,) for side in relation.operands]
    added = [[t.name for t in terms if isinstance(t, Name)] for terms in sides]
    both = [name for name in added[0] if all(name in names for names in added[1:])]
    return [name for name in dict.fromkeys(both) if name in decisions]


def _decision(term: Node) -> str:
    """Return the name that a term is a multiple of; nothing for a product of several."""
    match term:
        case Name(name=name):
            return name
        case Arithmetic(op="*" | "/"):
            names = [n.name for n in walk(term) if isinstance(n, Name)]
            return names[0] if len(names) == 1 and all(map(_multiplies, walk(term))) else ""
        case _:
            return ""  # a subtracted one too: `x - 0.1*x` is what remains of x


def _multiplies(node: Node | Generator) -> bool:
    return isinstance(node, Name | Number) or (isinstance(node, Arithmetic) and node.op != "**")
