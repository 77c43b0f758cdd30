"""How far propositions are from holding at a point: relations, and/or/not, either, piecewise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Item,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    names_in,
)
from optiwright.formulators.model import Domain, Formulation
from optiwright.formulators.parser import parse_expression
from optiwright.solver_tools.evaluation_error import EvaluationError
from optiwright.solver_tools.interpret import Env, Interpreter

_NEGATED = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Degree:
    """By how much something fails to hold, and the two sides that show it.

    `slack` is signed: what is left before the relation breaks, the tightest link of a chain.
    """

    amount: float
    scale: float
    left: float
    right: float
    slack: float

    @property
    def relative(self) -> float:
        """The amount in units of the terms' magnitude."""
        return self.amount / max(1.0, self.scale)


class Judge:
    """Measures propositions with an interpreter.

    A strict comparison of whole-numbered sides needs a difference of one; of others, touching is
    let pass, as the complement of a closed set has no closest point.
    """

    def __init__(self, formulation: Formulation, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._integers = {
            v.name for v in formulation.variables if v.domain in {Domain.INTEGER, Domain.BINARY}
        }
        self._variables = {v.name for v in formulation.variables}
        self._definitions = {d.name: d.expression for d in formulation.definitions}
        self._decided: dict[str, bool] = {}
        self._parameters = {p.name for p in formulation.parameters}

    def relation(self, node: Comparison, env: Env) -> Degree:
        """Measure a chain of comparisons: its worst link."""
        return max(self.links(node, env), key=lambda link: (link.amount, -link.slack))

    def links(self, node: Comparison, env: Env) -> list[Degree]:
        """Measure each link of a chain of comparisons."""
        sides = [self._interpreter.measure(operand, env) for operand in node.operands]
        return [self._link(op, node, k, sides[k], sides[k + 1]) for k, op in enumerate(node.ops)]

    def _link(
        self,
        op: str,
        node: Comparison,
        k: int,
        left_side: tuple[float, float],
        right_side: tuple[float, float],
    ) -> Degree:
        (left, left_scale), (right, right_scale) = left_side, right_side
        scale, gap = max(left_scale, right_scale), right - left
        if not math.isfinite(gap):
            raise EvaluationError("the difference of the sides overflows", span=node.span)
        if op == "==":
            return Degree(abs(gap), scale, left, right, -abs(gap))
        whole = self.is_whole(node.operands[k]) and self.is_whole(node.operands[k + 1])
        if op == "!=":
            equal = abs(gap) <= (0.5 if whole else 1e-9 * max(1.0, scale))
            return Degree(float(equal), 1.0, left, right, -float(equal))
        slack = (gap if op in {"<", "<="} else -gap) - float(whole and op in {"<", ">"})
        return Degree(max(0.0, -slack), scale, left, right, slack)

    def proposition(self, node: Node, env: Env, *, negated: bool = False) -> Degree:
        """Measure a proposition or its negation; a conjunction is as bad as its worst part."""
        if isinstance(node, Logical):
            if node.op == "not":
                return self.proposition(node.operands[0], env, negated=not negated)
            parts = [self.proposition(o, env, negated=negated) for o in node.operands]
            every = (node.op == "and") != negated
            return (max if every else min)(parts, key=lambda part: part.relative)
        if not isinstance(node, Comparison):
            return self._binary(node, env, negated)
        if not self._decides(node):
            failed = float(self._interpreter.holds(node, env) == negated)
            return Degree(failed, 1.0, 1.0 - failed, 1.0, -failed)
        if {"in", "not in"} & set(node.ops):
            raise EvaluationError("`in` concerns indices, not variables", span=node.span)
        if not negated:
            return self.relation(node, env)
        links = [
            Comparison((_NEGATED[op],), node.operands[k : k + 2], node.span)  # type: ignore[arg-type]
            for k, op in enumerate(node.ops)
        ]
        return min((self.relation(link, env) for link in links), key=lambda d: d.relative)

    def _binary(self, node: Node, env: Env, negated: bool) -> Degree:
        value = self._interpreter.value(node, env)
        wanted = 0.0 if negated else 1.0
        gap = abs(value - wanted)
        return Degree(gap, 1.0, value, wanted, -gap)

    def _decides(self, node: Node) -> bool:
        """Tell whether a tree depends on a variable, directly or through definitions."""
        names = names_in(node)
        return bool(names & self._variables) or any(map(self._decided_by, names))

    def _decided_by(self, name: str) -> bool:
        if name not in self._definitions:
            return False
        if name not in self._decided:
            self._decided[name] = False
            self._decided[name] = self._decides(parse_expression(self._definitions[name]))
        return self._decided[name]

    def is_whole(self, node: Node) -> bool:
        """Tell whether a tree takes only whole values, whatever the variables are."""
        match node:
            case Number(value=value):
                return value.is_integer()
            case Name(name=name) | Item(name=name):
                return self._whole_symbol(name)
            case Negative(operand=operand):
                return self.is_whole(operand)
            case Addition(terms=parts):
                return all(self.is_whole(part) for part in parts)
            case Arithmetic(op="*", left=left, right=right):
                return self.is_whole(left) and self.is_whole(right)
            case Arithmetic(op="**", left=left, right=Number(value=value)):
                return value.is_integer() and value >= 0 and self.is_whole(left)
            case Call(function=function, arguments=parts):
                whole = function in {"abs", "min", "max"} and all(map(self.is_whole, parts))
                return whole or function in {"len", "first", "last", "prev", "next"}
            case Reduction(body=body):
                return self.is_whole(body)
            case Choice(yes=yes, no=no):
                return self.is_whole(yes) and self.is_whole(no)
        return False

    def _whole_symbol(self, name: str) -> bool:
        if name in self._variables:
            return name in self._integers
        if name in self._definitions:
            return self.is_whole(parse_expression(self._definitions[name]))
        if name in self._parameters:
            return all(float(v).is_integer() for v in self._interpreter.parameter(name).values())
        return True

    def piecewise(
        self, argument: Node, value: Node, points: Sequence[tuple[float, float]], env: Env
    ) -> Degree:
        """Measure `value == f(argument)`; at a jump either end will do."""
        x, x_scale = self._interpreter.measure(argument, env)
        y, y_scale = self._interpreter.measure(value, env)
        outside = max(points[0][0] - x, x - points[-1][0], 0.0)
        heights = _heights(points, x)
        nearest = min(heights, key=lambda height: abs(height - y))
        amount = max(outside, abs(nearest - y))
        return Degree(amount, max(x_scale, y_scale, abs(nearest)), y, nearest, -amount)


def _heights(points: Sequence[tuple[float, float]], x: float) -> list[float]:
    """Return the values of a piecewise linear function at x, its end's beyond its ends."""
    x = min(max(x, points[0][0]), points[-1][0])
    near = 1e-6 * max(1.0, abs(x))
    heights = [height for place, height in points if abs(place - x) <= near]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 < x1 and x0 <= x <= x1:
            heights.append(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
    if not heights:
        raise EvaluationError("the points of a piecewise function have increasing arguments")
    return heights
