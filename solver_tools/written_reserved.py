"""Names that a Pyomo model keeps for itself, given to a program's parts, and told apart from them.

`model.active = Var(...)` is natural where something is active or not, and Pyomo refuses it, since
every block has an attribute of that name. The part means nothing else, so it is called `active_`.
"""

from __future__ import annotations

import ast
import re
import warnings

RESERVED = frozenset({
    "activate", "active", "clear", "clone", "component", "config", "construct", "deactivate", "dim",
    "display", "index", "items", "keys", "load", "model", "name", "reconstruct", "solutions",
    "statistics", "type", "values", "write",
})  # fmt: skip
"""Those of Pyomo's that a problem may well have a word for."""
_PARTS = frozenset({
    "BooleanVar", "Constraint", "ConstraintList", "Expression", "Objective", "Param", "RangeSet",
    "Set", "Var",
})  # fmt: skip


def without_reserved_names(source: str) -> str:
    """Return a program whose parts with a name of Pyomo's own have another; else as it is."""
    for owner, name in sorted(_given_away(source)):
        source = re.sub(rf"\b{owner}\.{name}\b", f"{owner}.{name}_", source)
    return source


def _given_away(source: str) -> set[tuple[str, str]]:
    """Return the reserved names that a program gives to parts of a model, and the model's name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {
        (target.value.id, target.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.attr in RESERVED
        and _called(node.value) in _PARTS
    }


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
