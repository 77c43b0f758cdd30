"""Python's own parser, asked by one thread at a time.

CPython 3.11 counts the depth of all trees that are being made in one place: a thread that is
switched to in between makes it say "AST constructor recursion depth mismatch" (gh-106905).
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def module_tree(source: str) -> ast.Module:
    """Return the tree of a program, and raise what `ast.parse` does."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)


def expression_tree(source: str, filename: str) -> ast.Expression:
    """Return the tree of an expression, and raise what `ast.parse` does."""
    with _ONE_AT_A_TIME:
        return ast.parse(source, filename, mode="eval")
