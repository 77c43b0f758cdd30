"""A written program's numbers held against the text, before and without running it.

What counts is what the program's model can be made of: literals, with where they stand. Comments
and printed words count for nothing, since a small model says in them what its program then leaves
out; neither does a number given to a name that nothing reads.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.formulators.number_match import COUNTS, NumberUse, match_numbers
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.solver_tools.written_tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNTING = {"range", "RangeSet", "arange", "enumerate", "round", "zip", "reshape"}
"""Calls whose arguments count, number or shape something."""
_SETTING = {
    "SolverFactory", "solve", "Solve", "optimize", "setParam", "setParams", "set_options", "exit",
    "setOptionValue", "setRealParam", "setIntParam", "CreateSolver", "hideOutput", "print", "seed",
    "SetTimeLimit", "set_time_limit", "format",
}  # fmt: skip
"""Calls whose arguments are settings or words, and no part of the model."""
_START = {"initialize", "name", "doc", "gap", "rel_gap", "mipgap", "tee", "shape", "start"}
"""Keywords that say nothing of the model's meaning."""
_SPEECH = {"print", "format", "join"}
_OPTIONS = re.compile(r"option|param|config|tol|eps|big|^M$|_M$|^M_", re.IGNORECASE)
"""Names whose values are settings, or constants of a linearization."""
_BIG = re.compile(r"1(?:0{2,})|9{3,}|1?e\+?\d+")

_GEOMETRY = frozenset({0.5, 2.0, 3.0, 4.0})
"""Two sides of a rectangle, half a base, four walls: what a shape has without a word."""


@dataclass(frozen=True)
class ProgramNumbers:
    """What of a text's numbers a program leaves out, and what it has that the text does not."""

    left_out: tuple[TextNumber, ...] = ()
    invented: tuple[NumberUse, ...] = ()


def program_numbers(text: str, source: str, n_variables: int = 0) -> ProgramNumbers:
    """Return how a program's numbers differ from the text's, each once; nothing if it is no Python.

    Args:
        text: the problem in words.
        source: the program.
        n_variables: how many its model had when it ran: a count that the text may state.
    """
    tree = tree_of(source)
    if tree is None:
        return ProgramNumbers()
    uses, sizes = list(_uses(tree)), [*_sizes(tree), n_variables]
    uses += [NumberUse(float(size), COUNTS, stated=False) for size in sizes if size > 1]
    left, loose = match_numbers(text, uses, named=_named(tree), counts=max(sizes))
    left_out = {number.value: number for number in reversed(left)}
    return ProgramNumbers(
        tuple(left_out.values())[::-1],
        tuple(use for use in loose if not _is_technical(use.value)),
    )


def dropped_by(text: str, before: str, after: str) -> tuple[TextNumber, ...]:
    """Return the numbers of the text that a program used and its rewrite does not, each once."""
    first, second = tree_of(before), tree_of(after)
    if first is None or second is None:
        return ()
    missing, _ = match_numbers(text, [use for use in _uses(first) if use.stated])
    never = {number.value for number in missing}
    return tuple(n for n in program_numbers(text, after).left_out if n.value not in never)


def _is_technical(value: float) -> bool:
    """Tell whether it is a big number, a small one or one of geometry, as models have unsaid."""
    small = 0 < abs(value) <= 1e-2
    return small or abs(value) in _GEOMETRY or bool(_BIG.fullmatch(f"{abs(value):.15g}"))


def _uses(tree: ast.Module) -> Iterator[NumberUse]:
    yield from _within(tree, stated=True, read=_names_read(tree))


def _names_read(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _within(node: ast.AST, *, stated: bool, read: frozenset[str]) -> Iterator[NumberUse]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            line = getattr(node, "lineno", 0)
            yield NumberUse(float(node.value), f"line {line}", stated)
        return
    if _is_idle(node, read):
        return
    for child, asserts in _parts(node):
        yield from _within(child, stated=stated and asserts, read=read)


def _parts(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Yield a node's children, each with whether its numbers should be the text's."""
    match node:
        case ast.Subscript(value=value, slice=index):
            yield from ((value, True), (index, False))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            yield from ((left, True), (right, False))
        case ast.Dict(keys=keys, values=values):
            yield from ((key, False) for key in keys if key is not None)
            yield from ((value, True) for value in values)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            for child in ast.iter_child_nodes(node):
                yield child, child is not test
        case ast.comprehension():
            yield from ((child, False) for child in ast.iter_child_nodes(node))
        case ast.For(iter=iterated):
            for child in ast.iter_child_nodes(node):
                yield child, child is not iterated
        case ast.Call():
            yield from _arguments(node)
        case ast.Assign(targets=[target]) if _OPTIONS.search(_name(target)):
            yield node.value, False
        case _:
            yield from ((child, True) for child in ast.iter_child_nodes(node))


def _arguments(call: ast.Call) -> Iterator[tuple[ast.AST, bool]]:
    called = _name(call.func)
    if called in _SETTING:
        return
    yield call.func, True
    asserts = called not in _COUNTING
    # The sets over which a variable is declared are counts or labels.
    sets = called in {"Var", "Set", "Param", "Variable", "Constraint", "ConstraintList"}
    yield from ((argument, asserts and not sets) for argument in call.args)
    for keyword in call.keywords:
        if keyword.arg not in _START or called == "Param":
            yield keyword.value, asserts and keyword.arg not in {"index", "size"}


def _is_idle(node: ast.AST, read: frozenset[str]) -> bool:
    """Tell whether it gives a name plain data that nothing reads, or is a bare constant."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if not isinstance(node, ast.Assign) or any(isinstance(n, ast.Call) for n in ast.walk(node)):
        return False
    return all(isinstance(t, ast.Name) and t.id not in read for t in node.targets)


def _name(node: ast.AST) -> str:
    """Return the last name of `a.b.c`, and the whole chain for what is assigned to."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _sizes(tree: ast.Module) -> Iterator[int]:
    """Yield how many there are of what a text may count: entries of data, names given."""
    given: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            yield len(node.elts)
        elif isinstance(node, ast.Dict):
            yield len(node.keys)
        elif isinstance(node, ast.Call) and _name(node.func) in {"range", "RangeSet"}:
            ends = [a.value for a in node.args if isinstance(a, ast.Constant)]
            whole = [end for end in ends if isinstance(end, int)]
            if len(node.args) == len(whole) == 2:
                yield whole[1] - whole[0] + (_name(node.func) == "RangeSet")
        elif isinstance(node, ast.Assign):
            given |= {_name(target) for target in node.targets}
    yield len(given)


def _named(tree: ast.Module) -> Iterator[float]:
    """Yield the numbers in strings that name or hold data: `"10 inch"`, a table as text."""
    said: set[ast.AST] = set()
    for node in ast.walk(tree):
        speech = isinstance(node, ast.Call) and _name(node.func) in _SPEECH
        if speech or isinstance(node, ast.JoinedStr) or _is_bare(node):
            said.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            for number in numbers_in(node.value):
                yield from number.alternatives


def _is_bare(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
