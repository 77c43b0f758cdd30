"""Expressions to functions of the columns: each node becomes one batch over its index frame.

A direction says which replacement of an expression is allowed: +1 where a larger value only makes
things harder (left of <=, minimised), -1 where a smaller one does, 0 where neither is allowed. It
is what lets `max` become an epigraph instead of a choice by binaries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    EXTREMES,
    FUNCTIONS,
    Addition,
    Arithmetic,
    Call,
    Choice,
    Generator,
    Item,
    Name,
    Negative,
    Node,
    Reduction,
    children,
    names_in,
)
from optiwright.formulators.frames import Frame, extend
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import Definition
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.values import Evaluator
from optiwright.solver_tools import compile_extremes
from optiwright.solver_tools.batches import (
    add,
    apply,
    collect,
    columns_at,
    constants,
    divide,
    gather,
    is_finite,
    multiply,
    power,
    product,
    scale,
    stack,
)
from optiwright.solver_tools.builder import Builder
from optiwright.solver_tools.program import Floats, Functions, OperationName

Signs = npt.NDArray[np.int64]

_OPERATIONS: dict[str, OperationName] = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "sin": "sin",
    "cos": "cos",
}


@dataclass
class Context:
    """What all expressions of one compilation share."""

    instance: Instance
    builder: Builder
    starts: Mapping[str, int]
    """First column of each variable."""
    decisions: frozenset[str]
    """Names whose value depends on a variable: variables, and definitions over them."""
    definitions: dict[tuple[str, int], Functions] = field(default_factory=dict)
    """Definitions expanded so far, by name and direction."""


class Terms:
    """Expands the expressions of one place in a formulation.

    Args:
        context: what all expressions share.
        name: the constraint, definition or objective; auxiliary blocks are named after it.
        title: the place in words, such as "constraint `supply`".
        source: the expression's text.
    """

    def __init__(self, context: Context, name: str, title: str, source: str) -> None:
        self.context = context
        self.builder = context.builder
        self.name = name
        self.reader: Evaluator = context.instance.evaluator(title, source)
        self._decides: dict[int, bool] = {}

    def expand(self, node: Node, frame: Frame, direction: Signs | int) -> Functions:
        """Return the node's functions, one for each row of the frame.

        Raises:
            FormulationError: if the node cannot be expanded; naming the place and the index.
        """
        signs = np.broadcast_to(np.asarray(direction, dtype=np.int64), frame.size)
        return self._expand(node, frame, signs)

    def decides(self, node: Node | Generator) -> bool:
        """Whether a node depends on a variable."""
        known = self._decides.get(id(node))
        if known is None:
            named = isinstance(node, Name | Item) and node.name in self.context.decisions
            known = named or any([self.decides(child) for child in children(node)])
            self._decides[id(node)] = known
        return known

    def _expand(self, node: Node, frame: Frame, signs: Signs) -> Functions:
        if not self.decides(node):
            return constants(self.reader.number(node, frame), frame.size)
        if isinstance(node, Name | Item):
            return self._symbol(node, frame, signs)
        batch = self._compound(node, frame, signs)
        if not is_finite(batch):
            raise self.reader.fail(node, "the coefficients overflow", "Rescale the numbers.")
        return batch

    def _compound(self, node: Node, frame: Frame, signs: Signs) -> Functions:
        match node:
            case Negative(operand=operand):
                return scale(self._expand(operand, frame, -signs), -1.0)
            case Addition(terms=terms):
                return add([self._expand(term, frame, signs) for term in terms])
            case Arithmetic():
                return self._arithmetic(node, frame, signs)
            case Call():
                return self._call(node, frame, signs)
            case Reduction():
                return self._reduction(node, frame, signs)
            case Choice():
                return self._choice(node, frame, signs)
        raise self.reader.fail(
            node, "a condition on variables is no number", "Use a binary variable, or a constraint."
        )

    def _symbol(self, node: Name | Item, frame: Frame, signs: Signs) -> Functions:
        domain = self.context.instance.clause_of(node.name).domain
        if isinstance(node, Item):
            positions = self.reader.locate(node, domain, frame)
        elif domain.arity:
            raise self.reader.fail(node, f"`{node.name}` takes {domain.arity} indices, not 0")
        else:
            positions = np.zeros(frame.size, dtype=np.int64)
        start = self.context.starts.get(node.name)
        if start is not None:
            return columns_at(positions + start)
        same = frame.size > 0 and bool((signs == signs[0]).all())
        return gather(definition(self.context, node.name, int(signs[0]) if same else 0), positions)

    def _arithmetic(self, node: Arithmetic, frame: Frame, signs: Signs) -> Functions:
        left, right = node.left, node.right
        match node.op:
            case "*":
                if not self.decides(left):
                    left, right = right, left
                if not self.decides(right):
                    factor = self.reader.number(right, frame)
                    return scale(self._expand(left, frame, signs * _sign(factor)), factor)
                return multiply(self.expand(left, frame, 0), self.expand(right, frame, 0))
            case "/":
                return self._quotient(node, frame, signs)
            case "**":
                return self._power(node, frame)

    def _quotient(self, node: Arithmetic, frame: Frame, signs: Signs) -> Functions:
        if self.decides(node.right):
            parts = self.expand(node.left, frame, 0), self.expand(node.right, frame, 0)
            return apply("div", parts)
        divisor = self.reader.number(node.right, frame)
        zero = np.broadcast_to(divisor == 0, frame.size)
        if zero.any():
            row = int(np.argmax(zero))
            raise self.reader.fail(
                node, "division by zero", "Leave the index out with `if`.", frame=frame, row=row
            )
        # Not times the reciprocal, which would be off by a rounding.
        whole = self._expand(node.left, frame, signs * _sign(divisor))
        return divide(whole, divisor)

    def _power(self, node: Arithmetic, frame: Frame) -> Functions:
        base = self.expand(node.left, frame, 0)
        if self.decides(node.right):
            return apply("pow", (base, self.expand(node.right, frame, 0)))
        exponents = np.broadcast_to(self.reader.number(node.right, frame), frame.size)
        parts = []
        for exponent in np.unique(exponents):
            rows = np.flatnonzero(exponents == exponent)
            parts.append(collect(power(gather(base, rows), float(exponent)), rows, frame.size))
        return add(parts) if parts else constants(np.zeros(frame.size), frame.size)

    def _call(self, node: Call, frame: Frame, signs: Signs) -> Functions:
        if node.function in EXTREMES:
            count = len(node.arguments)
            inner = compile_extremes.inner_direction(node.function, signs)
            parts = [self._expand(argument, frame, inner) for argument in node.arguments]
            order = np.argsort(np.tile(np.arange(frame.size), count), kind="stable")
            pieces = gather(stack(parts), order)
            parents = np.repeat(np.arange(frame.size), count)
            return compile_extremes.extreme(self, node, pieces, parents, frame, signs)
        if node.function == "abs":
            return compile_extremes.absolute(
                self, node, self.expand(node.arguments[0], frame, 0), frame, signs
            )
        if node.function in FUNCTIONS:
            return apply(_OPERATIONS[node.function], (self.expand(node.arguments[0], frame, 0),))
        raise self.reader.fail(node, f"`{node.function}` takes no variables")

    def _reduction(self, node: Reduction, frame: Frame, signs: Signs) -> Functions:
        child, parents = extend(self.reader, frame, node.generators)
        if node.op == "sum":
            return collect(self._expand(node.body, child, signs[parents]), parents, frame.size)
        if node.op == "prod":
            return product(self.expand(node.body, child, 0), parents, frame.size)
        inner = compile_extremes.inner_direction(node.op, signs[parents])
        pieces = self._expand(node.body, child, inner)
        return compile_extremes.extreme(self, node, pieces, parents, frame, signs)

    def _choice(self, node: Choice, frame: Frame, signs: Signs) -> Functions:
        mask = self.reader.condition(node.condition, frame)
        parts = [constants(np.zeros(frame.size), frame.size)]
        for branch, rows in ((node.yes, np.flatnonzero(mask)), (node.no, np.flatnonzero(~mask))):
            if len(rows):
                part = self._expand(branch, frame.take(rows), signs[rows])
                parts.append(collect(part, rows, frame.size))
        return add(parts)


def definition(context: Context, name: str, direction: int) -> Functions:
    """Return a definition over its whole domain, expanded once a direction.

    Raises:
        FormulationError: if it is defined by itself.
    """
    key = name, direction
    if key not in context.definitions:
        symbol = next(d for d in context.instance.formulation.definitions if d.name == name)
        clause = context.instance.clause_of(name)
        terms = Terms(context, name, f"definition `{name}`", symbol.expression)
        node = parse_expression(symbol.expression)
        context.definitions[key] = terms.expand(node, clause.frame, direction)
    return context.definitions[key]


def decision_names(instance: Instance) -> frozenset[str]:
    """Return the names whose value depends on a variable.

    Raises:
        FormulationError: if definitions form a circle.
    """
    mentioned = {d.name: _mentions(d) for d in instance.formulation.definitions}
    known: dict[str, bool] = {v.name: True for v in instance.formulation.variables}

    def decides(name: str, path: tuple[str, ...]) -> bool:
        if name in path:
            circle = " -> ".join([*path[path.index(name) :], name])
            raise FormulationError(
                f"`{name}` is defined by itself: {circle}",
                where=f"definition `{name}`",
                remedy="Break the circle.",
            )
        if name not in known:
            uses = mentioned.get(name, frozenset())
            known[name] = any([decides(other, (*path, name)) for other in uses])
        return known[name]

    return frozenset(name for name in [*known, *mentioned] if decides(name, ()))


def _mentions(symbol: Definition) -> frozenset[str]:
    return names_in(parse_expression(symbol.expression))


def _sign(factor: Floats) -> Signs:
    # A zero factor makes any replacement harmless.
    return np.where(factor < 0, -1, 1)
