"""In which direction the problem pushes each `min`, `max` and `abs`.

Pushed the right way (a maximum that is wanted small, a minimum that is wanted large), one
inequality an argument holds it; any other needs binaries.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Item,
    Name,
    Negative,
    Node,
    Reduction,
)
from optiwright.formulators.model import (
    Algebraic,
    Either,
    Implication,
    Logic,
    Piecewise,
    Sense,
)
from optiwright.formulators.parser import parse_expression
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_logic import Relation, alternatives, relations


class Directions:
    """Answers which values are pushed down (1), up (-1), or both ways or unknown (0)."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def of_definitions(self) -> dict[str, int]:
        """Return 1 where smaller is wanted of a definition everywhere, -1 larger, 0 neither."""
        uses: dict[str, set[int]] = {name: set() for name in self.facts.definitions}
        for node, direction in self._uses():
            self._note(node, direction, uses)
        done: dict[str, int] = {}
        for name in reversed(self.facts.definition_order()):
            directions = uses[name]
            # Used nowhere: no direction is wrong, and its true value is set after the solve.
            done[name] = directions.pop() if len(directions) == 1 else 0 if directions else 1
            self._note(self.facts.definitions[name], done[name], uses)
        return done

    def _note(self, node: Node, direction: int, uses: dict[str, set[int]]) -> None:
        for part, d in self.directed(node, direction):
            if isinstance(part, Name | Item) and part.name in uses:
                uses[part.name].add(d)

    def _uses(self) -> Iterator[tuple[Node, int]]:
        for o in self.facts.formulation.objectives:
            yield parse_expression(o.expression), 1 if o.sense is Sense.MINIMIZE else -1
        for c in self.facts.formulation.constraints:
            match c:
                case Algebraic(expression=text):
                    yield from sides(relations(parse_expression(text)))
                case Implication(condition=condition, then=then):
                    yield from self._side_uses(condition, False)
                    yield from self._side_uses(then, True)
                case Either(options=options):
                    for option in options:
                        yield from self._side_uses(option, True)
                case Logic(expression=text):
                    yield from self._side_uses(text, True)
                case Piecewise(argument=argument, value=value):
                    yield parse_expression(argument), 0
                    yield parse_expression(value), 0

    def _side_uses(self, text: str, holds: bool) -> Iterator[tuple[Node, int]]:
        for alternative in alternatives(self.facts, parse_expression(text), holds):
            yield from sides(alternative)

    def exact_nodes(self, root: Node, direction: int) -> frozenset[int]:
        """Return the ids of those `min`, `max` and `abs` that inequalities alone do not hold."""
        return frozenset(
            id(node)
            for node, d in self.directed(root, direction)
            if isinstance(node, Call | Reduction) and d != _convex_direction(node)
        )

    def directed(self, node: Node, direction: int) -> Iterator[tuple[Node, int]]:
        """Yield every part that is a value with the direction it is pushed to: 1 down, -1 up."""
        yield node, direction
        match node:
            case Addition(terms=terms):
                for term in terms:
                    yield from self.directed(term, direction)
            case Negative(operand=operand):
                yield from self.directed(operand, -direction)
            case Choice(yes=yes, no=no):
                yield from self.directed(yes, direction)
                yield from self.directed(no, direction)
            case Arithmetic(op="*" | "/", left=left, right=right):
                yield from self.directed(left, direction * self._factor(right))
                free_left = node.op == "*" and not self.facts.has_variables(left)
                yield from self.directed(right, direction * self.facts.sign(left) * free_left)
            case Reduction(op="sum", body=body):
                yield from self.directed(body, direction)
            case Reduction(op="min" | "max", body=body):
                yield from self.directed(body, direction * (direction == _convex_direction(node)))
            case Call(function="exp" | "log" | "sqrt", arguments=arguments):
                yield from self.directed(arguments[0], direction)
            case Call(function="min" | "max", arguments=arguments):
                inner = direction * (direction == _convex_direction(node))
                for argument in arguments:
                    yield from self.directed(argument, inner)
            case Call(arguments=arguments):
                for argument in arguments:
                    yield from self.directed(argument, 0)
            case Arithmetic(left=left, right=right):
                yield from self.directed(left, 0)
                yield from self.directed(right, 0)
            case Reduction(body=body):
                yield from self.directed(body, 0)

    def _factor(self, node: Node) -> int:
        return 0 if self.facts.has_variables(node) else self.facts.sign(node)


def _convex_direction(node: Call | Reduction) -> int:
    name = node.function if isinstance(node, Call) else node.op
    return -1 if name == "min" else 1


def sides(relations: list[Relation]) -> Iterator[tuple[Node, int]]:
    """Yield both sides of relations with their directions."""
    for r in relations:
        direction = {"<": 1, "<=": 1, ">": -1, ">=": -1}.get(r.op, 0)
        yield r.left, direction
        yield r.right, -direction
