"""What Python source says of itself: its functions, their parameters, comments and constants.

Read by `ast` and `tokenize`; nothing is run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from optiwright.formulators.code_constants import NotConstant, constant, constants_of
from optiwright.formulators.python_tree import module_tree

_ITERATED = {"sum", "len", "enumerate", "zip", "list", "tuple", "sorted", "map", "iter", "reversed"}
_SCALAR_HINTS = {"float", "int", "str", "bool"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function."""

    name: str
    hint: ast.expr | None
    has_default: bool
    starred: bool = False

    @property
    def scalar_hint(self) -> str:
        """The name of its type where that is a plain one, such as `int`."""
        name = self.hint.id if isinstance(self.hint, ast.Name) else ""
        return name if name in _SCALAR_HINTS else ""


@dataclass(frozen=True)
class Function:
    """A function at the top of a module."""

    name: str
    parameters: tuple[Parameter, ...]
    node: ast.FunctionDef | ast.Lambda
    words: str
    """Its documentation, and the comments on it and right above it."""

    @cached_property
    def calls(self) -> set[str]:
        """The plain names that it calls."""
        return {
            n.func.id
            for n in ast.walk(self.node)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }

    @property
    def needed(self) -> tuple[Parameter, ...]:
        """The parameters without which it cannot be called."""
        return tuple(p for p in self.parameters if not p.has_default and not p.starred)

    def is_vector(self, name: str) -> bool:
        """Tell whether a parameter is used as a sequence of numbers."""
        parameter = next(p for p in self.parameters if p.name == name)
        if parameter.scalar_hint:
            return False
        if parameter.hint is not None:
            return True
        return any(_as_sequence(node, name) for node in ast.walk(self.node))

    def size_of(self, name: str) -> tuple[int | None, int]:
        """Return how many entries a parameter has by how it is taken apart, and at least has.

        The first is None where it is not plain.
        """
        largest, elsewhere = -1, False
        subscripts = set[int]()
        for node in ast.walk(self.node):
            match node:
                case ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Name(id=used)) if (
                    used == name and not any(isinstance(e, ast.Starred) for e in elts)
                ):
                    return len(elts), len(elts)
                case ast.Subscript(value=ast.Name(id=used) as whole, slice=ast.Constant(value=k)):
                    if used == name and isinstance(k, int) and k >= 0:
                        subscripts.add(id(whole))
                        largest = max(largest, k)
        for node in ast.walk(self.node):
            if isinstance(node, ast.Name) and node.id == name and id(node) not in subscripts:
                elsewhere = True
        return None if elsewhere or largest < 0 else largest + 1, largest + 1


@dataclass(frozen=True)
class Module:
    """Python source, read."""

    source: str
    functions: dict[str, Function]
    constants: dict[str, Any]
    comments: str
    tree: ast.Module

    @cached_property
    def called(self) -> set[str]:
        """The functions that others of the module call."""
        return {
            name for f in self.functions.values() for name in f.calls if name != f.name
        } & self.functions.keys()

    def value(self, node: ast.expr) -> Any:
        """Return what an expression at its top is worth; None if that takes a run."""
        try:
            return constant(node, self.constants)
        except NotConstant:
            return None


def read_code(source: str) -> Module:
    """Read Python source.

    Raises:
        SyntaxError: if it is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = module_tree(source)
    comments = _comments(source)
    functions: dict[str, Function] = {}
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name):
                lines = range(_above(node.lineno, comments), (node.body[0].lineno or 0) + 1)
                near = "\n".join(comments[k] for k in lines if k in comments)
                words = f"{ast.get_docstring(node) or ''}\n{near}".strip()
                functions[name] = Function(name, _parameters(node.args), node, words)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=args) as made):
                near = "\n".join(
                    comments[k] for k in (node.lineno - 1, node.lineno) if k in comments
                )
                functions[name] = Function(name, _parameters(args), made, near)
    module_doc = ast.get_docstring(tree) or ""
    told = "\n".join([module_doc, *comments.values()]).strip()
    return Module(source, functions, constants_of(tree), told, tree)


def relation_in(words: str, name: str = "") -> tuple[str, float] | None:
    """Return the sign and number of the first `name(...) <= 0` in words; None without one."""
    call = rf"\b{re.escape(name)}\s*(?:\([^()]*\))?\s*" if name else ""
    found = re.search(rf"{call}(<=|>=|≤|≥|<|>|==|=)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)", words)
    if found is None:
        return None
    sign = {"≤": "<=", "<": "<=", "≥": ">=", ">": ">=", "=": "=="}.get(found[1], found[1])
    return sign, float(found[2])


def _parameters(arguments: ast.arguments) -> tuple[Parameter, ...]:
    plain = [*arguments.posonlyargs, *arguments.args]
    required = len(plain) - len(arguments.defaults)
    found = [Parameter(a.arg, a.annotation, k >= required) for k, a in enumerate(plain)]
    found += [
        Parameter(a.arg, a.annotation, default is not None)
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.vararg is not None:
        found.append(Parameter(arguments.vararg.arg, None, has_default=True, starred=True))
    return tuple(found)


def _as_sequence(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=used)) | ast.Starred(value=ast.Name(id=used)):
            return used == name
        case ast.For(iter=ast.Name(id=used)) | ast.comprehension(iter=ast.Name(id=used)):
            return used == name
        case ast.Assign(targets=[ast.Tuple()], value=ast.Name(id=used)):
            return used == name
        case ast.Attribute(value=ast.Name(id=used)):
            return used == name
        case ast.BinOp(op=ast.MatMult(), left=left, right=right):
            return any(isinstance(s, ast.Name) and s.id == name for s in (left, right))
        case ast.Call(func=ast.Name(id=called), args=args) if called in _ITERATED:
            return any(isinstance(n, ast.Name) and n.id == name for a in args for n in ast.walk(a))
        case ast.Call(func=ast.Attribute(attr=called), args=args) if called in _REDUCING:
            return any(isinstance(n, ast.Name) and n.id == name for a in args for n in ast.walk(a))
    return False


_REDUCING = {
    *("sum", "prod", "mean", "dot", "norm", "asarray", "array", "std", "var", "max", "min", "size"),
    *("diff", "roll", "cumsum", "median", "fsum", "atleast_1d"),
}
"""What of numpy is asked of arrays and hardly of a number."""


def _comments(source: str) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("# ")
    except (tokenize.TokenError, IndentationError):
        return found
    return found


def _above(line: int, comments: dict[int, str]) -> int:
    while line - 1 in comments:
        line -= 1
    return line
