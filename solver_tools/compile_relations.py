"""Relations to rows: comparisons, chains of them, strict ones over integers, soft ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optiwright.formulators.expressions import Comparison, ComparisonOp, Node
from optiwright.formulators.frames import Frame
from optiwright.formulators.grounding import Clause
from optiwright.formulators.model import Algebraic
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.solver_tools.batches import add, collect, columns_at, is_constant, scale
from optiwright.solver_tools.compile_terms import Context, Terms
from optiwright.solver_tools.program import Floats, Functions, Kind

_DIRECTION = {"<=": 1, "<": 1, ">=": -1, ">": -1, "==": 0}


@dataclass(frozen=True)
class Part:
    """lower <= body <= upper for each row of a frame; bounds have shape (count,)."""

    body: Functions
    lower: Floats
    upper: Floats


def algebraic(context: Context, constraint: Algebraic, clause: Clause) -> list[Functions]:
    """Add an algebraic constraint's rows; return its penalty, if it is soft.

    Raises:
        FormulationError: if a side cannot be expanded, or a strict inequality is not of integers.
    """
    title = f"constraint `{constraint.name}`"
    terms = Terms(context, constraint.name, title, constraint.expression)
    parts = relation_parts(terms, parse_relation(constraint.expression), clause.frame)
    if constraint.penalty is None:
        for part in parts:
            context.builder.add_rows(
                constraint.name, clause.domain.indices, part.body, part.lower, part.upper
            )
        return []
    reader = context.instance.evaluator(f"the penalty of {title}", constraint.penalty)
    node = parse_expression(constraint.penalty)
    weight = np.broadcast_to(reader.number(node, clause.frame), clause.frame.size)
    if (weight < 0).any():
        row = int(np.argmax(weight < 0))
        raise reader.fail(
            node,
            "a penalty below zero",
            "Give the cost of a violation.",
            frame=clause.frame,
            row=row,
        )
    return [
        _soften(context, constraint.name, clause, half, weight)
        for part in parts
        for half in _one_sided(part)
    ]


def _one_sided(part: Part) -> list[Part]:
    """Return the two halves of a part whose sides cross, so that each can be violated alone."""
    if not (part.lower > part.upper).any():
        return [part]
    unlimited = np.full(part.body.count, np.inf)
    return [replace(part, lower=-unlimited), replace(part, upper=unlimited)]


def _soften(context: Context, name: str, clause: Clause, part: Part, weight: Floats) -> Functions:
    """Add rows with violations, which cost `weight` a unit; return the cost."""
    body, cost = part.body, []
    for bound, sign in ((part.upper, -1.0), (part.lower, 1.0)):
        rows = np.flatnonzero(np.isfinite(bound))
        if len(rows):
            columns = context.builder.add_auxiliary(f"violation_{name}", len(rows), 0.0, np.inf)
            violation = columns_at(columns)
            body = add([body, collect(scale(violation, sign), rows, body.count)])
            priced = scale(violation, weight[rows])
            cost.append(collect(priced, np.zeros(len(rows), dtype=np.int64), 1))
    context.builder.add_rows(name, clause.domain.indices, body, part.lower, part.upper)
    return add(cost) if cost else collect(body, np.zeros(0, dtype=np.int64), 1)


def relation_parts(terms: Terms, node: Comparison, frame: Frame) -> list[Part]:
    """Return the rows that a chain of comparisons demands.

    `low <= body <= high` with data at both ends is one row with two sides.
    """
    if len(node.ops) == 2 and set(node.ops) <= {"<=", ">="} and len(set(node.ops)) == 1:
        ends = node.operands[0], node.operands[2]
        if not any(terms.decides(end) for end in ends):
            low, high = ends if node.ops[0] == "<=" else ends[::-1]
            body = terms.expand(node.operands[1], frame, 0)
            return [Part(body, _data(terms, low, frame), _data(terms, high, frame))]
    return [
        comparison_part(terms, op, node.operands[k], node.operands[k + 1], frame)
        for k, op in enumerate(node.ops)
    ]


def comparison_part(terms: Terms, op: ComparisonOp, left: Node, right: Node, frame: Frame) -> Part:
    """Return the row of one comparison, all variables on its left.

    Raises:
        FormulationError: if it is strict and its variables' part is not integer-valued.
    """
    direction = _DIRECTION[op]
    body = add(
        [
            terms.expand(left, frame, direction),
            scale(terms.expand(right, frame, -direction), -1.0),
        ]
    )
    if op in {"<", ">"}:
        return _strict(terms, op, body, left, frame)
    nothing = np.full(body.count, np.inf)
    zero = np.zeros(body.count)
    return Part(body, -nothing if op == "<=" else zero, nothing if op == ">=" else zero)


def _strict(terms: Terms, op: ComparisonOp, body: Functions, left: Node, frame: Frame) -> Part:
    if not integer_valued(terms, body):
        raise terms.reader.fail(
            left,
            f"`{op}` between values that are not all integers has no closed set of solutions",
            f"Use `{op}=`, with a margin if one is meant.",
        )
    if op == "<":
        # body < 0 with integer variable part v: v <= ceil(-constant) - 1.
        limit = np.ceil(-body.constant - 1e-9) - 1 + body.constant
        return Part(body, np.full(body.count, -np.inf), limit)
    limit = np.floor(-body.constant + 1e-9) + 1 + body.constant
    return Part(body, limit, np.full(body.count, np.inf))


def integer_valued(terms: Terms, body: Functions) -> bool:
    """Whether the variables' part of every function is integer at every feasible point."""
    if is_constant(body):
        return True
    if body.operations:
        return False
    kinds = terms.builder.kinds()
    columns = np.concatenate([body.column, body.quadratic_first, body.quadratic_second])
    values = np.concatenate([body.value, body.quadratic_value])
    return bool((kinds[columns] == Kind.INTEGER).all() and (values == np.rint(values)).all())


def _data(terms: Terms, node: Node, frame: Frame) -> Floats:
    return np.broadcast_to(terms.reader.number(node, frame), frame.size)
