"""Names that a Pyomo model keeps for itself, given to a program's parts, and told apart from them.

`model.active = Var(...)` is natural where something is active or not, and Pyomo refuses it, since
every block has an attribute of that name. The part means nothing else, so it is called `active_`.
"""

from __future__ import annotations

import ast
import re

from optiwright.solver_tools.written_tree import tree_of

RESERVED = frozenset({
    "activate", "active", "clear", "clone", "component", "config", "construct", "deactivate", "dim",
    "display", "index", "items", "keys", "load", "model", "name", "reconstruct", "solutions",
    "statistics", "type", "values", "write",
})  # fmt: skip
"""Those of Pyomo's that a problem may well have a word for."""
_MODELS = frozenset({"AbstractModel", "ConcreteModel"})
_PARTS = frozenset({
    "BooleanVar", "Constraint", "ConstraintList", "Expression", "Objective", "Param", "RangeSet",
    "Set", "Var",
})  # fmt: skip


def without_reserved_names(source: str) -> str:
    """Return a program whose parts with a name of Pyomo's own have another; else as it is.

    As it is too where the name is also read off something else, as rules do that call the model
    `m`, or where the other name is taken: Pyomo's refusal says more than a guess.
    """
    tree = tree_of(source)
    if tree is None:
        return source
    read = [(_owner(n), n.attr) for n in ast.walk(tree) if isinstance(n, ast.Attribute)]
    for owner, name in sorted(_given_away(tree)):
        others = {o for o, attribute in read if attribute == name} - {owner}
        if not others and (owner, f"{name}_") not in read:
            source = re.sub(rf"\b{owner}\.{name}\b", f"{owner}.{name}_", source)
    return source


def _given_away(tree: ast.Module) -> set[tuple[str, str]]:
    """Return the reserved names that a program gives to parts of a model, and the model's name."""
    assigned = [
        (target, _called(node.value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
    ]
    models = {t.id for t, called in assigned if isinstance(t, ast.Name) and called in _MODELS}
    return {
        (_owner(target), target.attr)
        for target, called in assigned
        if isinstance(target, ast.Attribute) and called in _PARTS
        and target.attr in RESERVED and _owner(target) in models
    }  # fmt: skip


def _owner(attribute: ast.Attribute) -> str:
    """Return the name that an attribute is of; "" where it is of no plain name."""
    return attribute.value.id if isinstance(attribute.value, ast.Name) else ""


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
