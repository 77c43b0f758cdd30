"""A written program's syntax tree, as all read it who look at a program before it runs."""

from __future__ import annotations

import ast
import warnings

from optiwright.formulators.python_tree import module_tree


def tree_of(source: str) -> ast.Module | None:
    """Return a program's tree; None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return module_tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
