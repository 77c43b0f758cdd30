"""The indices of a story: who runs over what, which conditions hold, what data are worth."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
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
from optiwright.formulators.parser import parse_over
from optiwright.training.story import Story
from optiwright.training.story_parts import Element, Key
from optiwright.training.things import Thing

Env: TypeAlias = Mapping[str, tuple[Element, str]]
"""For each index in scope its element, and the set that it runs over."""

_OPS: dict[str, Callable[[float, float], float]] = {
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
_COMPARE: dict[str, Callable[[object, object], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
}
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_REDUCE: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "prod": math.prod,
    "min": min,
    "max": max,
}


class StoryIndices:
    """Reads a story's index clauses; every method raises ValueError at what it does not have."""

    def __init__(self, story: Story) -> None:
        """Take what the story has so far."""
        self._sets = {s.name: s.elements for s in story.sets}
        self._data = {d.name: d.values for d in story.data}

    def indices(self, over: str) -> Iterator[tuple[Key, Env]]:
        """Yield the indices of a clause such as `p in Products if ...`; one empty one for none."""
        if not over:
            yield (), {}
            return
        for env in self.envs(parse_over(over), {}):
            yield tuple(element for element, _ in env.values()), env

    def envs(self, generators: Sequence[Generator], env: Env) -> Iterator[Env]:
        """Yield what is in scope inside generators, element by element."""
        if not generators:
            yield env
            return
        first, *rest = generators
        for element in self._members(first.domain.name):
            parts = element if isinstance(element, tuple) else (element,)
            bound = {t: (p, first.domain.name) for t, p in zip(first.targets, parts, strict=True)}
            inner = {**env, **bound}
            if all(self.holds(c, inner) for c in first.conditions):
                yield from self.envs(rest, inner)

    def element(self, node: Node, env: Env) -> Element:
        """Return the element that an index expression means."""
        match node:
            case Name(name=name) if name in env:
                return env[name][0]
            case Label(value=value):
                return self._named(value)
            case Call(function="first" | "last" as end, arguments=(Name(name=name),)):
                return _single(self._members(name)[0 if end == "first" else -1])
            case Call(function="prev" | "next" as way, arguments=(Name(name=name),)):
                element, domain = env[name]
                place = self._members(domain).index(element) + (1 if way == "next" else -1)
                if not 0 <= place < len(self._members(domain)):
                    raise ValueError(f"`{way}({name})` leaves the set {domain!r}")
                return _single(self._members(domain)[place])
        return int(self.integer(node, env))

    def integer(self, node: Node, env: Env) -> float:
        """Return the number that an expression over integer indices is."""
        match node:
            case Number(value=value):
                return value
            case Negative(operand=operand):
                return -self.integer(operand, env)
            case Addition(terms=terms):
                return sum(self.integer(t, env) for t in terms)
            case Arithmetic(op=op, left=left, right=right):
                return _OPS[op](self.integer(left, env), self.integer(right, env))
            case Name() | Call():
                element = self.element(node, env) if not _is_data(node, env) else None
                if isinstance(element, int):
                    return float(element)
        raise ValueError("an index is an element, or arithmetic on integers")

    def holds(self, node: Node, env: Env) -> bool:
        """Whether a condition over indices and data holds."""
        match node:
            case Logical(op="not", operands=(operand,)):
                return not self.holds(operand, env)
            case Logical(op=op, operands=operands):
                return (all if op == "and" else any)(self.holds(o, env) for o in operands)
            case Comparison(ops=(("in" | "not in") as op,), operands=(left, Name(name=name))):
                items = left.items if isinstance(left, Tuple) else (left,)
                key = tuple(self.element(i, env) for i in items)
                members = {e if isinstance(e, tuple) else (e,) for e in self._members(name)}
                return (key in members) == (op == "in")
            case Comparison(ops=ops, operands=operands):
                pairs = zip(ops, operands, operands[1:], strict=False)
                return all(self._compares(op, a, b, env) for op, a, b in pairs)
        raise ValueError("a condition is a comparison of indices and data")

    def value(self, node: Node, env: Env) -> float:
        """Return the value of an expression over data and indices."""
        match node:
            case Number(value=value):
                return value
            case Name(name=name) if name in self._data:
                return self._data[name][()].value
            case Item(name=name, indices=indices) if name in self._data:
                return self._data[name][tuple(self.element(i, env) for i in indices)].value
            case Negative(operand=operand):
                return -self.value(operand, env)
            case Addition(terms=terms):
                return sum(self.value(t, env) for t in terms)
            case Arithmetic(op=op, left=left, right=right):
                return _OPS[op](self.value(left, env), self.value(right, env))
            case Call(function="len", arguments=(Name(name=name),)):
                return float(len(self._members(name)))
            case Call(function="min" | "max" as op, arguments=arguments):
                return _REDUCE[op]([self.value(a, env) for a in arguments])
            case Reduction(op=op, body=body, generators=generators):
                return _REDUCE[op]([self.value(body, e) for e in self.envs(generators, env)])
            case Choice(condition=condition, yes=yes, no=no):
                return self.value(yes if self.holds(condition, env) else no, env)
        return self.integer(node, env)

    def _compares(self, op: str, left: Node, right: Node, env: Env) -> bool:
        if op in _COMPARE:
            return _COMPARE[op](self._side(left, env), self._side(right, env))
        return _ORDER[op](self.value(left, env), self.value(right, env))

    def _side(self, node: Node, env: Env) -> float | Thing:
        if isinstance(node, Name | Label | Call) and not _is_data(node, env):
            element = self.element(node, env)
            return float(element) if isinstance(element, int) else element
        return self.value(node, env)

    def _named(self, label: str) -> Element:
        for elements in self._sets.values():
            for element in elements:
                for part in element if isinstance(element, tuple) else (element,):
                    if str(part) == label:
                        return part
        raise ValueError(f"the story has no element {label!r}")

    def _members(self, name: str) -> tuple[Element | Key, ...]:
        if name not in self._sets:
            raise ValueError(f"the story has no set {name!r}")
        return self._sets[name]


def _is_data(node: Node, env: Env) -> bool:
    match node:
        case Name(name=name):
            return name not in env
        case Call(function=function):
            return function not in ("first", "last", "prev", "next")
    return not isinstance(node, Label)


def _single(element: Element | Key) -> Element:
    if isinstance(element, tuple):
        raise ValueError("an ordered set has single elements")
    return element
