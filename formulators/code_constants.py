"""The constants of Python source, worked out without running it: numbers, lists, ranges, tables."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

_LONGEST = 10_000
"""Entries of a list at most."""
_NAMED = {"pi": math.pi, "e": math.e, "inf": math.inf, "tau": math.tau}
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class NotConstant(Exception):
    """An expression is worth something only when it runs."""


def constants_of(tree: ast.Module) -> dict[str, Any]:
    """Return what the names at the top of a module stand for, where that is plain."""
    known: dict[str, Any] = {}
    for node in tree.body:
        target: ast.expr | None = None
        value: ast.expr | None = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            target, value = node.target, node.value
        if target is None or value is None:
            continue
        try:
            found = constant(value, known)
        except NotConstant:
            continue
        if isinstance(target, ast.Name):
            known[target.id] = found
        elif isinstance(target, ast.Tuple) and isinstance(found, list):
            names = [t.id for t in target.elts if isinstance(t, ast.Name)]
            known.update(zip(names, found, strict=False))
    return known


def constant(node: ast.expr, known: dict[str, Any]) -> Any:
    """Return the value of an expression: numbers, words, lists (tuples and arrays too), tables.

    Raises:
        NotConstant: if it is anything else.
    """
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float | str):
            return value
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Attribute(attr=attr, value=ast.Name()) if attr in _NAMED:
            return _NAMED[attr]
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            return [constant(e, known) for e in elts]
        case ast.Dict(keys=keys, values=values):
            return {constant(_key(k), known): constant(v, known) for k, v in zip(keys, values)}  # noqa: B905
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _each(constant(operand, known), operator.neg)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, constant(left, known), constant(right, known), left, right)
        case ast.ListComp(
            elt=elt, generators=[ast.comprehension(iter=over, ifs=[], target=target)]
        ):
            return _repeated(elt, over, target, known)
        case ast.Call(func=func, args=args, keywords=[]):
            return _called(func, [constant(a, known) for a in args])
        case ast.Call(func=func, args=args):
            if _name(func) in {"array", "asarray", "Bounds"}:
                return _called(func, [constant(a, known) for a in args])
    raise NotConstant


def _key(node: ast.expr | None) -> ast.expr:
    if node is None:
        raise NotConstant
    return node


def _arithmetic(op: ast.operator, left: Any, right: Any, *nodes: ast.expr) -> Any:
    arrays = any(isinstance(n, ast.Call) and _name(n.func) in _ARRAYS for n in nodes)
    if isinstance(op, ast.Pow) and _number(left) and _number(right) and abs(right) <= 100:
        return _safe(operator.pow, float(left) if right < 0 else left, right)
    act = _OPERATORS.get(type(op))
    if act is None:
        raise NotConstant
    if _number(left) and _number(right):
        return _safe(act, left, right)
    if isinstance(left, list) and isinstance(right, list):
        if arrays and len(left) == len(right):
            return [_arithmetic(op, a, b) for a, b in zip(left, right, strict=True)]
        return _short(left + right) if isinstance(op, ast.Add) else _none()
    for values, other in ((left, right), (right, left)):
        if isinstance(values, list) and _number(other):
            if arrays:
                return _each(values, lambda v, o=other: _safe(act, v, o))  # type: ignore[misc]
            if isinstance(op, ast.Mult) and isinstance(other, int) and other * len(values) < 10**5:
                return _short(values * other)
    raise NotConstant


_ARRAYS = {"array", "asarray", "ones", "zeros", "full", "arange", "linspace"}


def _called(func: ast.expr, args: list[Any]) -> Any:
    name = _name(func)
    sized = args and isinstance(args[0], int) and 0 < args[0] <= _LONGEST
    match name:
        case "array" | "asarray" | "list" | "tuple" | "sorted" if args and isinstance(
            args[0], list | range
        ):
            return list(args[0])
        case "ones" if sized:
            return [1.0] * args[0]
        case "zeros" if sized:
            return [0.0] * args[0]
        case "full" if sized and len(args) == 2:
            return [args[1]] * args[0]
        case "range" if args and all(isinstance(a, int) for a in args) and len(args) <= 3:
            span = _safe(range, *args)
            return span if len(span) <= _LONGEST else _none()
        case "float" | "int" if len(args) == 1 and args[0] in ("inf", "-inf"):
            return float(args[0])
        case "Bounds" if len(args) == 2 and all(isinstance(a, list) for a in args):
            return [[a, b] for a, b in zip(*args, strict=False)]
        case "len" if args and isinstance(args[0], list | range):
            return len(args[0])
    raise NotConstant


def _repeated(elt: ast.expr, over: ast.expr, target: ast.expr, known: dict[str, Any]) -> Any:
    values = constant(over, known)
    if not isinstance(values, list | range) or not isinstance(target, ast.Name):
        raise NotConstant
    return [constant(elt, {**known, target.id: value}) for value in _short(values)]


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _each(value: Any, act: Callable[[Any], Any]) -> Any:
    if isinstance(value, list):
        return [_each(v, act) for v in value]
    return _safe(act, value) if _number(value) else _none()


def _safe(act: Callable[..., Any], *args: Any) -> Any:
    try:
        return act(*args)
    except (ArithmeticError, TypeError, ValueError):
        raise NotConstant from None


def _short(values: Any) -> Any:
    return values if len(values) <= _LONGEST else _none()


def _none() -> Any:
    raise NotConstant
