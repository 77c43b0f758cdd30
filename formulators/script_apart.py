"""Names of a script over tables that are called like the tables' own, told apart.

A small model writes `cost = sum(cost[plant, shop] * ...)`: left stands a total, right the table's
numbers. What the script declares gets a name of its own, from there on.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from optiwright.formulators.data_names import fresh_name
from optiwright.formulators.script_syntax import declared_names, given_domains

_KINDS = frozenset({"continuous", "integer", "binary"})


def told_apart(tree: ast.Module, known: Collection[str]) -> None:
    """Rename, in place, what a script declares under a name that the tables have given already."""
    taken = {*known, *declared_names(tree)}
    for k, statement in enumerate(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name) as target], value=value) if name in known:
                pass
            case _:
                continue
        decided = isinstance(value, ast.Call) and getattr(value.func, "id", "") in _KINDS
        indexed = isinstance(value, ast.DictComp) or (
            decided and isinstance(value, ast.Call) and any(given_domains(value))
        )
        wanted = f"{name}_decided" if decided else f"total_{name}"
        new = fresh_name(wanted, taken)
        taken.add(new)
        target.id = new
        renaming = _Renaming(name, new, indexed)
        tree.body[k + 1 :] = [renaming.visit(later) for later in tree.body[k + 1 :]]


class _Renaming(ast.NodeTransformer):
    """Writes the new name where the script's own is meant: not as a loop's set, nor as an item."""

    def __init__(self, old: str, new: str, indexed: bool) -> None:
        self.old, self.new, self.indexed = old, new, indexed

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.slice = self.visit(node.slice)
        if self.indexed or not self._is_old(node.value):
            node.value = self.visit(node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.stmt:
        node.body = [self.visit(inner) for inner in node.body]
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        node.ifs = [self.visit(test) for test in node.ifs]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        node.left = self.visit(node.left)
        if not any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            node.comparators = [self.visit(side) for side in node.comparators]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if getattr(node.func, "id", "") not in _KINDS | {"first", "last", "len"}:
            node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.copy_location(ast.Name(self.new), node) if node.id == self.old else node

    def _is_old(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self.old
