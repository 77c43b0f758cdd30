"""Conditions and propositions as alternatives of plain relations, with strictness removed."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Choice,
    Comparison,
    ComparisonOp,
    Item,
    Logical,
    Name,
    Node,
    Number,
)
from optiwright.formulators.model import Domain
from optiwright.formulators.source import expression_to_source
from optiwright.solver_tools.pyomo_facts import Facts

MOST_ALTERNATIVES = 64
"""A proposition that unfolds into more alternatives than this is refused."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`left op right + shift`, with <=, >= or ==."""

    op: ComparisonOp
    left: Node
    right: Node
    shift: int = 0


def relations(node: Node) -> list[Relation]:
    """Return a chain of comparisons as relations of two sides."""
    if not isinstance(node, Comparison):
        raise FormulationError(
            "a constraint must compare two sides", where=f"`{expression_to_source(node)}`"
        )
    if {"in", "not in"} & set(node.ops):
        raise FormulationError(
            "`in` concerns indices, not variables", where=f"`{expression_to_source(node)}`"
        )
    pairs = zip(node.ops, node.operands, node.operands[1:], strict=False)
    return [Relation(op, left, right) for op, left, right in pairs]


def alternatives(facts: Facts, node: Node, holds: bool = True) -> list[list[Relation]]:
    """Return the proposition, or its negation, as alternatives: any one, whole, suffices.

    Raises:
        FormulationError: if it needs a strict inequality between continuous quantities, is no
            proposition, or unfolds into too many alternatives.
    """
    match node:
        case Logical(op="not", operands=(operand,)):
            return alternatives(facts, operand, not holds)
        case Logical(op=op, operands=operands):
            parts = [alternatives(facts, o, holds) for o in operands]
            return _all_of(parts) if (op == "and") == holds else _any_of(parts)
        case Comparison() if not facts.has_variables(node):
            one, zero = Number(1.0, node.span), Number(0.0, node.span)
            wanted = one if holds else zero
            return [[Relation("==", Choice(node, one, zero, node.span), wanted)]]
        case Comparison():
            pairs = [_pair(facts, r, holds) for r in relations(node)]
            return _all_of(pairs) if holds else _any_of(pairs)
        case Name(name=name) | Item(name=name) if _is_binary(facts, name):
            return [[Relation("==", node, Number(float(holds), node.span))]]
    raise FormulationError(
        "neither a binary nor a comparison",
        where=f"`{expression_to_source(node)}`",
        remedy="Combine binaries and comparisons by and, or, not.",
    )


def _is_binary(facts: Facts, name: str) -> bool:
    return name in facts.variables and facts.variables[name].domain is Domain.BINARY


def _pair(facts: Facts, r: Relation, holds: bool) -> list[list[Relation]]:
    if not holds:
        negated: dict[str, ComparisonOp] = {
            "<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!=", "!=": "==",
        }  # fmt: skip
        r = Relation(negated[r.op], r.left, r.right)
    if r.op == "!=":
        return [[closed(facts, Relation(op, r.left, r.right))] for op in ("<", ">")]
    return [[closed(facts, r)]]


def closed(facts: Facts, r: Relation) -> Relation:
    """Return a relation without strictness: `<` on whole numbers is `<= ... - 1`.

    Raises:
        FormulationError: if a side is continuous.
    """
    if r.op not in {"<", ">"}:
        return r
    if not (facts.is_integer(r.left) and facts.is_integer(r.right)):
        shown = f"{expression_to_source(r.left)} {r.op} {expression_to_source(r.right)}"
        raise FormulationError(
            "a strict inequality between continuous quantities has no closed feasible set",
            where=f"`{shown}`",
            remedy="Use <= or >= in a constraint, and > or < in a condition.",
        )
    return (
        Relation("<=", r.left, r.right, -1) if r.op == "<" else Relation(">=", r.left, r.right, 1)
    )


def _any_of(parts: list[list[list[Relation]]]) -> list[list[Relation]]:
    return [alternative for part in parts for alternative in part]


def _all_of(parts: list[list[list[Relation]]]) -> list[list[Relation]]:
    combined: list[list[Relation]] = [[]]
    for part in parts:
        combined = [[*left, *right] for left in combined for right in part]
        if len(combined) > MOST_ALTERNATIVES:
            raise FormulationError(
                f"the proposition has more than {MOST_ALTERNATIVES} alternatives",
                remedy="Split it into several constraints.",
            )
    return combined
