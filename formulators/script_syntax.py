"""Pieces of Python's syntax as a script over tables has them, taken apart and put together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Generator:
    """One loop of the formulation."""

    targets: tuple[str, ...]
    domain: str
    conditions: list[ast.expr] = field(default_factory=list)

    def text(self) -> str:
        target = f"({', '.join(self.targets)})" if len(self.targets) > 1 else self.targets[0]
        return f"{target} in {self.domain}"


def generator_expression(body: ast.expr, generators: Sequence[Generator]) -> ast.GeneratorExp:
    """Return a sum's body with its loops."""
    return ast.GeneratorExp(
        body,
        [
            ast.comprehension(
                ast.Tuple([ast.Name(t) for t in g.targets], ast.Store())
                if len(g.targets) > 1
                else ast.Name(g.targets[0]),
                ast.Name(g.domain),
                g.conditions,
                0,
            )
            for g in generators
        ],
    )


def in_brackets(condition: ast.expr) -> str:
    """Return a condition's text, so that it can be joined by `and`."""
    text = unparsed(condition)
    return f"({text})" if isinstance(condition, ast.BoolOp) else text


def unparsed(node: ast.expr) -> str:
    """Return an expression's text; `ast` writes `sum((x for x in X))`, with brackets to spare."""
    text = ast.unparse(node)
    for found in reversed(list(re.finditer(r"\b(?:sum|prod|min|max)(\(\()", text))):
        opened = found.start(1) + 1
        closed = _closing(text, opened)
        if text[closed + 1 : closed + 2] == ")":
            text = text[:opened] + text[opened + 1 : closed] + text[closed + 1 :]
    return text


def _closing(text: str, opened: int) -> int:
    """Return where the bracket is closed that is opened here; brackets in quotes count for none."""
    depth, quote = 0, ""
    for at in range(opened, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote and text[at - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign == "(") - (sign == ")")
            if depth == 0:
                return at
    return len(text)


def unchained(node: ast.Subscript) -> tuple[ast.expr, list[ast.expr]]:
    """Return what `cost[i][j]` and `cost[i, j]` take an item of, and the indices."""
    indices: list[ast.expr] = []
    base: ast.expr = node
    while isinstance(base, ast.Subscript):
        part = base.slice
        indices = [*(part.elts if isinstance(part, ast.Tuple) else [part]), *indices]
        base = base.value
    return base, indices


def plain_item(node: ast.AST) -> tuple[str, tuple[str, ...]] | None:
    """Return an item's name and indices where all of these are names."""
    if not isinstance(node, ast.Subscript):
        return None
    base, indices = unchained(node)
    names = tuple(i.id for i in indices if isinstance(i, ast.Name))
    if not isinstance(base, ast.Name) or len(names) != len(indices):
        return None
    return base.id, names


def given_domains(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a decision is over, one by one."""
    for given in [*call.args, *(k.value for k in call.keywords if k.arg == "over")]:
        yield from given.elts if isinstance(given, ast.Tuple | ast.List) else [given]


def memberships(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    for inner in ast.walk(node):
        match inner:
            case ast.Compare(left=ast.Tuple(elts=parts), ops=[ast.In()],
                             comparators=[ast.Name(id=rows)]):  # fmt: skip
                yield rows, tuple(p.id for p in parts if isinstance(p, ast.Name))


def whole_number(node: ast.expr) -> int | None:
    """Return a whole number that is written out, or None."""
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
    return None


def declared_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that stand left of a sign of assignment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                base = target.value if isinstance(target, ast.Subscript) else target
                if isinstance(base, ast.Name):
                    yield base.id


def names_in(tree: ast.Module) -> set[str]:
    """Return all names of a script."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def by_lower(names: Iterable[str]) -> dict[str, str]:
    """Return the names by themselves in small letters, where that tells them apart."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.lower(), []).append(name)
    return {low: same[0] for low, same in found.items() if len(same) == 1}
