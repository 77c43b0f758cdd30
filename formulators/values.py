"""Values of data expressions over index frames: numbers and conditions, as arrays.

Nothing here knows what a variable is worth; an expression that needs one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from optiwright.formulators.elements import ElementReader
from optiwright.formulators.expressions import (
    EXTREMES,
    ORDER_FUNCTIONS,
    SIZE_FUNCTION,
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Tuple,
)
from optiwright.formulators.frames import Frame, extend
from optiwright.formulators.indices import MISSING, TEXT_BASE, Domain, Floats, IndexSet
from optiwright.formulators.lookup import Mask

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.abs,
}
_COMPARE: dict[str, Callable[..., Any]] = {
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    ">": np.greater,
}
_REDUCE = {"prod": np.multiply, "min": np.minimum, "max": np.maximum}


class Evaluator(ElementReader):
    """Evaluates the data expressions of one place in a formulation."""

    # --- numbers ----------------------------------------------------------------------------------

    def number(self, node: Node, frame: Frame) -> Floats:
        """Return the value of a data expression, shape () where it is the same at every row.

        Raises:
            FormulationError: if it needs a variable, is no number, or is not finite somewhere.
        """
        with np.errstate(all="ignore"):
            value = self._number(node, frame)
        finite = np.broadcast_to(np.isfinite(value), frame.size)
        if not finite.all():
            row = int(np.argmin(finite))
            raise self.fail(node, "not a finite number", _finite_remedy(node), frame=frame, row=row)
        return value

    def _number(self, node: Node, frame: Frame) -> Floats:
        match node:
            case Number(value=value):
                return np.asarray(value)
            case Name(name=name):
                return self._named(node, name, frame)
            case Item():
                return self._item(node, frame)
            case Negative(operand=operand):
                return -self.number(operand, frame)
            case Addition(terms=terms):
                values = [self.number(term, frame) for term in terms]
                return np.asarray(reduce(np.add, values))
            case Arithmetic(op=op, left=left, right=right):
                return self._arithmetic(op, self.number(left, frame), self.number(right, frame))
            case Call():
                return self._call(node, frame)
            case Reduction():
                return self._reduction(node, frame)
            case Choice():
                return self._choice(node, frame)
            case Label():
                raise self.fail(node, "a text is no number", "Use it only as an index.")
        raise self.fail(node, "a condition is no number", "Write `1 if ... else 0`.")

    def _arithmetic(self, op: str, left: Floats, right: Floats) -> Floats:
        if op == "*":
            return left * right
        # A zero divisor, a negative base: not finite, which `number` reports at its place.
        value: Floats = left / right if op == "/" else np.power(left, right)
        return value

    def _named(self, node: Name, name: str, frame: Frame) -> Floats:
        if name in frame.codes:
            codes = frame.codes[name]
            texts = (codes >= TEXT_BASE) | (codes == MISSING)
            if texts.any():
                row = int(np.argmax(texts))
                raise self.fail(
                    node, f"the index `{name}` is a text here, no number", frame=frame, row=row
                )
            return codes.astype(np.float64)
        domain, values = self._data(node)
        if domain.arity:
            raise self.fail(node, f"`{name}` takes {domain.arity} indices, not 0")
        return np.asarray(values[0])

    def _item(self, node: Item, frame: Frame) -> Floats:
        domain, values = self._data(node)
        return values[self.locate(node, domain, frame)]

    def _data(self, node: Name | Item) -> tuple[Domain, Floats]:
        kind = self.symbols.kind(node.name)
        if kind in {"parameter", "definition"}:
            return self.symbols.data(node.name)
        if kind == "variable":
            raise self.fail(
                node, f"the variable `{node.name}` stands where only data can", "Use a parameter."
            )
        if kind == "set":
            raise self.fail(node, f"the set `{node.name}` is no number", "Use `len()` or a sum.")
        remedy = "Declare it, or quote it if it is an element."
        raise self.fail(node, f"`{node.name}` is not declared", remedy)

    def _call(self, node: Call, frame: Frame) -> Floats:
        if node.function in ORDER_FUNCTIONS:
            codes = self.element(node, frame)
            if (codes >= TEXT_BASE).any():
                raise self.fail(node, "a text is no number", "Use it only as an index.")
            return codes.astype(np.float64)
        if node.function == SIZE_FUNCTION:
            return self._size(node, frame)
        arguments = [self.number(a, frame) for a in node.arguments]
        if node.function in EXTREMES:
            extreme: Floats = reduce(_REDUCE[node.function], arguments)
            return extreme
        value: Floats = _FUNCTIONS[node.function](arguments[0])
        return value

    def _size(self, node: Call, frame: Frame) -> Floats:
        argument = node.arguments[0]
        if not isinstance(argument, Name | Item):
            raise self.fail(node, "`len` takes a set")
        source = self.set_at(argument, frame)
        if isinstance(source, IndexSet):
            return np.asarray(float(source.size))
        return source[0].count[source[1]].astype(np.float64)

    def _reduction(self, node: Reduction, frame: Frame) -> Floats:
        child, parents = extend(self, frame, node.generators)
        body = np.broadcast_to(self.number(node.body, child), child.size)
        if node.op == "sum":
            return np.bincount(parents, weights=body, minlength=frame.size).astype(np.float64)
        count = np.bincount(parents, minlength=frame.size)
        if node.op != "prod" and (count == 0).any():
            row = int(np.argmax(count == 0))
            raise self.fail(node, f"`{node.op}` of nothing", frame=frame, row=row)
        out = np.ones(frame.size)
        if child.size:
            start = np.cumsum(count) - count
            out[count > 0] = _REDUCE[node.op].reduceat(body, start[count > 0])
        return out

    def _choice(self, node: Choice, frame: Frame) -> Floats:
        mask = self.condition(node.condition, frame)
        out = np.zeros(frame.size)
        for branch, rows in ((node.yes, mask), (node.no, ~mask)):
            if rows.any():
                out[rows] = self.number(branch, frame.take(rows))
        return out

    # --- conditions -------------------------------------------------------------------------------

    def condition(self, node: Node, frame: Frame) -> Mask:
        """Return where a condition over indices and parameters holds, shape (size,).

        Operands of `and` and `or` are evaluated only where the ones before leave it open.
        """
        match node:
            case Logical(op="not", operands=operands):
                return ~self.condition(operands[0], frame)
            case Logical(op=op, operands=operands):
                return self._junction(op == "and", operands, frame)
            case Comparison():
                return self._chain(node, frame)
        raise self.fail(node, "a condition must compare something", "Write `... != 0`.")

    def _junction(self, wanted: bool, operands: Sequence[Node], frame: Frame) -> Mask:
        out = np.full(frame.size, wanted, dtype=np.bool_)
        for operand in operands:
            rows = np.flatnonzero(out == wanted)
            if len(rows):
                out[rows] = self.condition(operand, frame.take(rows))
        return out

    def _chain(self, node: Comparison, frame: Frame) -> Mask:
        out: Mask = np.ones(frame.size, dtype=np.bool_)
        for k, op in enumerate(node.ops):
            left, right = node.operands[k], node.operands[k + 1]
            if op in {"in", "not in"}:
                inside = self._inside(left, right, frame)
                out &= inside if op == "in" else ~inside
            else:
                out &= self._compare(op, left, right, frame)
        return out

    def _inside(self, left: Node, right: Node, frame: Frame) -> Mask:
        items = left.items if isinstance(left, Tuple) else (left,)
        columns = [self.element(item, frame) for item in items]
        if not isinstance(right, Name | Item):
            raise self.fail(right, "`in` needs a set on its right", "Use a set's name.")
        source = self.set_at(right, frame)
        domain = source if isinstance(source, IndexSet) else source[0]
        if len(domain.columns[0]) == 0:
            return np.zeros(frame.size, dtype=np.bool_)
        if domain.arity != len(columns):
            raise self.fail(
                left,
                f"{len(columns)} components against `{domain.name}`, whose elements have "
                f"{domain.arity}",
            )
        inside: Mask
        if isinstance(source, IndexSet):
            inside = source.find(columns) >= 0
        else:
            inside = source[0].find(source[1], columns) >= 0
        return inside

    def _compare(self, op: str, left: Node, right: Node, frame: Frame) -> Mask:
        elements = self._is_element(left, frame) and self._is_element(right, frame)
        if elements and op in {"==", "!="}:
            same: Mask = self.element(left, frame) == self.element(right, frame)
            return same if op == "==" else ~same
        places = self._places(left, right, frame) if elements else None
        if places is not None:
            left_values, right_values = places
        else:
            left_values, right_values = self.number(left, frame), self.number(right, frame)
        mask: Mask = np.broadcast_to(_COMPARE[op](left_values, right_values), frame.size)
        return mask

    def _is_element(self, node: Node, frame: Frame) -> bool:
        match node:
            case Name(name=name):
                return name in frame.codes
            case Label():
                return True
            case Number(value=value):
                return value.is_integer()
            case Call(function=function):
                return function in ORDER_FUNCTIONS
        return False

    def _places(self, left: Node, right: Node, frame: Frame) -> tuple[Floats, Floats] | None:
        """Return positions for `<` between text indices of one ordered set, else None."""
        if not isinstance(left, Name) or not isinstance(right, Name):
            return None
        codes = frame.codes[left.name], frame.codes[right.name]
        if not any((column >= TEXT_BASE).any() for column in codes):
            return None
        ordered = frame.steps.get(left.name)
        if not isinstance(ordered, IndexSet) or frame.steps.get(right.name) is not ordered:
            raise self.fail(
                left,
                f"`{left.name}` and `{right.name}` have no common order",
                "Only numbers, or indices bound by the same set, can be ordered.",
            )
        first, second = (ordered.find((column,)).astype(np.float64) for column in codes)
        return first, second


def _finite_remedy(node: Node) -> str:
    match node:
        case Arithmetic(op="/"):
            return "The divisor is zero or tiny; leave the index out with `if`."
        case Call(function="log" | "sqrt"):
            return "The argument must be positive."
        case Arithmetic(op="**"):
            return "The base is negative, zero or too large for this exponent."
    return "The numbers are too large; rescale them."
