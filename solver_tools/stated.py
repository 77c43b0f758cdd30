"""A constraint or a bound at one index, its data worked out: what it says in this very place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Generator,
    Item,
    Name,
    Node,
    Number,
    Reduction,
    Span,
    names_in,
)
from optiwright.formulators.model import Algebraic, Change, Formulation, Index
from optiwright.formulators.parser import names_of, parse_expression, parse_relation
from optiwright.formulators.source import expression_to_source
from optiwright.solver_tools.interpret import Env, Interpreter

_FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "==": "=="}
_MOST_TERMS = 4
"""A sum of more stays a sum."""
_NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Limited:
    """Decisions held against a figure: the sign as seen from the decisions."""

    sign: str
    value: float
    unit: str


class Stated:
    """Says what parts of a formulation demand at an index, with the data's numbers.

    Args:
        formulation: the model.
        changes: new entries of parameters that are in force.
    """

    def __init__(self, formulation: Formulation, changes: Sequence[Change] = ()) -> None:
        self._interpreter = Interpreter(formulation, changes=changes)
        self._formulation = formulation
        self._units = {p.name: p.unit for p in formulation.parameters}
        self._data = {p.name for p in formulation.parameters}
        self._deciding = {v.name for v in formulation.variables}
        for _ in formulation.definitions:
            self._deciding |= {
                d.name for d in formulation.definitions if names_of(d.expression) & self._deciding
            }
        self._scopes: dict[str, dict[Index, Env]] = {}

    def relation(self, constraint: Algebraic, index: Index) -> str:
        """Return the relation at an index: data as numbers, short sums written out."""
        try:
            env = self._env(constraint.over, index)
            return expression_to_source(self._told(parse_relation(constraint.expression), env))
        except FormulationError:
            return constraint.expression

    def limit(self, constraint: Algebraic, index: Index) -> Limited | None:
        """Return the figure that decisions are held against, where it is one and alone."""
        relation = parse_relation(constraint.expression)
        found = [
            limited
            for (left, right), op in zip(pairwise(relation.operands), relation.ops, strict=True)
            for figure, decided, sign in ((right, left, op), (left, right, _FLIPPED[op]))
            if not self._decides(figure) and self._decides(decided)
            for limited in [self._figure(figure, constraint.over, index, sign)]
        ]
        return found[0] if len(found) == 1 else None

    def bound(self, text: str, over: str, index: Index, sign: str) -> Limited | None:
        """Return a variable's bound at an index."""
        return self._figure(parse_expression(text), over, index, sign)

    def _figure(self, node: Node, over: str, index: Index, sign: str) -> Limited | None:
        try:
            value = self._interpreter.value(node, self._env(over, index))
        except FormulationError:
            return None
        named = names_in(node) & self._data
        unit = self._units[next(iter(named))] if len(named) == 1 else ""
        return Limited(sign, value, unit)

    def _env(self, over: str, index: Index) -> Env:
        if over not in self._scopes:
            self._scopes[over] = dict(self._interpreter.scopes(over))
        return self._scopes[over][index]

    def _decides(self, node: Node) -> bool:
        return bool(names_in(node) & self._deciding)

    def _told(self, node: Any, env: Env) -> Any:
        """Returns a tree with numbers for data and elements for indices where they are known."""
        if not self._decides(node) and (value := self._value(node, env)) is not None:
            return Number(value, _NOWHERE)
        match node:
            case Name(name=name) if name in env:
                return Name(str(env[name][0]), _NOWHERE)
            case Item(indices=indices):
                return replace(node, indices=tuple(self._element(i, env) for i in indices))
            case Reduction(op="sum"):
                return self._sum(node, env)
            case Addition(terms=terms):
                return _added([self._told(term, env) for term in terms])
            case Arithmetic(op="*"):
                return _times(self._told(node.left, env), self._told(node.right, env))
        inner: dict[str, Any] = {}
        for field in fields(node):
            part = getattr(node, field.name)
            if isinstance(part, tuple) and part and hasattr(part[0], "span"):
                inner[field.name] = tuple(self._told(each, env) for each in part)
            elif hasattr(part, "span"):
                inner[field.name] = self._told(part, env)
        return replace(node, **inner)

    def _element(self, node: Node, env: Env) -> Node:
        """Returns an index as its element, where it is known, without quotation marks."""
        try:
            (element,) = self._interpreter.index((node,), env)
        except FormulationError:
            return node
        return Name(str(element), _NOWHERE)

    def _sum(self, node: Reduction, env: Env) -> Node:
        try:
            scopes = [scope for _, scope in self._interpreter.bindings(node.generators, env)]
        except FormulationError:
            scopes = []
        if 0 < len(scopes) <= _MOST_TERMS:
            return _added([self._told(node.body, scope) for scope in scopes])
        told: Node = self._told(node.body, env)
        return replace(
            node, body=told, generators=tuple(self._clause(g, env) for g in node.generators)
        )

    def _clause(self, generator: Generator, env: Env) -> Generator:
        domain = generator.domain
        if isinstance(domain, Item):
            domain = replace(domain, indices=tuple(self._element(i, env) for i in domain.indices))
        conditions = tuple(self._told(c, env) for c in generator.conditions)
        return replace(generator, domain=domain, conditions=conditions)

    def _value(self, node: Node, env: Env) -> float | None:
        try:
            value = self._interpreter.value(node, env)
        except (FormulationError, KeyError):
            return None
        return float(f"{value:.10g}") if math.isfinite(value) else None


def _added(terms: Sequence[Node]) -> Node:
    """Return a sum without its zeros, nested sums in one."""
    flat = [t for term in terms for t in (term.terms if isinstance(term, Addition) else (term,))]
    kept = [term for term in flat if not (isinstance(term, Number) and term.value == 0)]
    if not kept:
        return Number(0.0, _NOWHERE)
    return kept[0] if len(kept) == 1 else Addition(tuple(kept), _NOWHERE)


def _times(left: Node, right: Node) -> Node:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Number) and one.value in {0.0, 1.0}:
            return other if one.value else one
    return Arithmetic("*", left, right, _NOWHERE)
