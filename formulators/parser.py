"""Text to tree: a white-listed subset of Python's expressions, never evaluated.

Three entrances: `parse_expression` for values and relations, `parse_over` for index clauses such as
`i in Plants, j in Markets if i != j`, `parse_relation` where a comparison is required.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import cast

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    EXTREMES,
    FUNCTIONS,
    ORDER_FUNCTIONS,
    SIZE_FUNCTION,
    Addition,
    Arithmetic,
    ArithmeticOp,
    Call,
    Choice,
    Comparison,
    ComparisonOp,
    Generator,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    ReductionOp,
    Span,
    Tuple,
    names_in,
)
from optiwright.formulators.python_tree import expression_tree

_FILE = "<expression>"
warnings.filterwarnings("ignore", category=SyntaxWarning, module=_FILE)
"""Python warns of `3if`; the parser says what is wrong itself."""

MAX_LENGTH = 200_000
"""Characters in one expression; a flat objective over thousands of variables still fits."""

MAX_DEPTH = 100
"""Nesting of one expression, operator chains of equal precedence not counted."""

_ARITHMETIC: dict[type[ast.operator], ArithmeticOp] = {
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_COMPARISON: dict[type[ast.cmpop], ComparisonOp] = {
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.Gt: ">",
    ast.In: "in",
    ast.NotIn: "not in",
}
_REDUCTIONS = frozenset({"sum", "prod", "min", "max"})
_REMEDIES: dict[type[ast.AST], str] = {
    ast.BitXor: "Write a power as `**`, not `^`.",
    ast.BitAnd: "Write `and`, not `&`.",
    ast.BitOr: "Write `or`, not `|`.",
    ast.FloorDiv: "Only + - * / ** are known.",
    ast.Mod: "Only + - * / ** are known; write a percentage as a fraction.",
    ast.Attribute: "Dots have no meaning here; use plain names.",
    ast.List: "Declare a set and use its name.",
    ast.Set: "Declare a set and use its name.",
    ast.Dict: "Declare a parameter and index it.",
    ast.Lambda: "Write the expression itself.",
    ast.ListComp: "Drop the brackets: `sum(x[i] for i in I)`.",
    ast.GeneratorExp: "A `for` belongs inside sum(), prod(), min() or max().",
}
_KNOWN = ", ".join(sorted({*FUNCTIONS, *EXTREMES, *ORDER_FUNCTIONS, SIZE_FUNCTION, "sum", "prod"}))


class ExpressionError(FormulationError):
    """An expression that cannot be read, with the place in it.

    Attributes:
        source: the whole expression.
        span: where in `source` the fault lies.
    """

    def __init__(self, what: str, source: str, span: Span, remedy: str = "") -> None:
        excerpt = source[span.start : span.stop] or source
        shown = excerpt if len(excerpt) <= 80 else excerpt[:77] + "..."
        where = f"`{shown}`" if shown == source else f"`{shown}`, in {_shorten(source)!r}"
        super().__init__(what, where=where, remedy=remedy)
        self.source = source
        self.span = span

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the arguments of the constructor."""
        return (type(self), (self.what, self.source, self.span, self.remedy))


def parse_expression(source: str) -> Node:
    """Parse an arithmetic, comparison or logical expression.

    Raises:
        ExpressionError: naming the place and the remedy.
    """
    return _parse(source)


def names_of(source: str) -> frozenset[str]:
    """Return every name that an expression mentions; none if it cannot be read."""
    try:
        return names_in(parse_expression(source))
    except ExpressionError:
        return frozenset()


def names_through(sources: Iterable[str], inside: Mapping[str, str]) -> set[str]:
    """Return every name that expressions mention, directly or through others.

    Args:
        sources: the expressions.
        inside: the expressions that names stand for.
    """
    found: set[str] = set()
    waiting = list(sources)
    while waiting:
        new = names_of(waiting.pop()) - found
        found |= new
        waiting += [inside[name] for name in new if name in inside]
    return found


def parse_relation(source: str) -> Comparison:
    """Parse `left <= right`, `==`, `>=` or a chain of them, as a constraint needs.

    Raises:
        ExpressionError: if it cannot be read or is not a comparison of values.
    """
    node = _parse(source)
    if not isinstance(node, Comparison):
        raise ExpressionError(
            "a constraint must compare two sides", source, node.span, "Use <=, == or >=."
        )
    for op in node.ops:
        if op in {"in", "not in", "!="}:
            raise ExpressionError(
                f"`{op}` cannot be a constraint", source, node.span, "Use <=, == or >=."
            )
    return node


def parse_over(source: str) -> tuple[Generator, ...]:
    """Parse an index clause: `i in Plants, (j, k) in Arcs if cost[j, k] > 0`, or `Plants, Markets`.

    A bare set's name binds an index that no expression can mention. Empty text gives no index.

    Raises:
        ExpressionError: naming the place and the remedy.
    """
    if not source.strip():
        return ()
    return _parse_over(source)


@lru_cache(maxsize=4096)
def _parse(source: str) -> Node:
    if len(source) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(source)} characters, more than {MAX_LENGTH}",
            source,
            Span(0, 40),
            "Write it with sets and sums.",
        )
    tree = _python_tree(source)
    return _Reader(source).node(tree, 0)


@lru_cache(maxsize=4096)
def _parse_over(source: str) -> tuple[Generator, ...]:
    generators: list[Generator] = []
    for number, (start, clause) in enumerate(_split_clauses(source)):
        head = clause.partition(" if ")[0]
        prefix = "sum(0 for " if " in " in f"{head} " else f"sum(0 for _{number} in "
        text = f"{prefix}{clause})"
        # Spans and messages speak of the clause as it was written, not of the sum around it.
        reader = _Reader(source, text, start - len(prefix))
        node = reader.node(_python_tree(text, shown=source), 0)
        if not isinstance(node, Reduction) or len(node.generators) != 1:
            raise ExpressionError("not an index clause", source, Span(0, len(source)), _OVER_REMEDY)
        generators.extend(node.generators)
    return tuple(generators)


_OVER_REMEDY = "Write `i in Plants, j in Markets`, with `if ...` at the end where needed."


_CLAUSE_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|[()\[\],]|(?<!\w)for(?!\w)""")


def _split_clauses(source: str) -> list[tuple[int, str]]:
    """Split at the commas and `for` words outside brackets and quotes; give each one's start."""
    cuts: list[tuple[int, int]] = []
    depth = 0
    for token in _CLAUSE_TOKEN.finditer(source):
        depth += (token[0] in "([") - (token[0] in ")]")
        if depth == 0 and token[0] in {",", "for"}:
            cuts.append(token.span())
    if cuts and not source[: cuts[0][0]].strip() and source[slice(*cuts[0])] == "for":
        starts = [stop for _, stop in cuts]
        stops = [start for start, _ in cuts[1:]]
    else:
        starts = [0, *(stop for _, stop in cuts)]
        stops = [start for start, _ in cuts]
    clauses = []
    for start, stop in zip(starts, [*stops, len(source)], strict=True):
        clause = source[start:stop]
        if not clause.strip():
            raise ExpressionError(
                "an index clause is empty", source, Span(0, len(source)), _OVER_REMEDY
            )
        clauses.append((start + len(clause) - len(clause.lstrip()), clause.strip()))
    return clauses


def _python_tree(source: str, shown: str | None = None) -> ast.expr:
    text = source if shown is None else shown
    try:
        # A leading newline or space would be an indentation error, and offsets must stay true.
        tree = expression_tree(_one_line(source), _FILE)
    except SyntaxError as error:
        start = max((error.offset or 1) - 1, 0) + len(source) - len(source.lstrip())
        stop = max((error.end_offset or 0) - 1, start + 1)
        span = Span(start, stop) if shown is None else Span(0, len(text))
        raise ExpressionError("not a valid expression", text, span, _syntax_remedy(text)) from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionError(
            "nested too deeply or not text", text, Span(0, 40), "Split it with definitions."
        ) from None
    return tree.body


def _one_line(source: str) -> str:
    """Return the source without leading space and line breaks, which Python would mind."""
    return re.sub(r"[\n\r\f]", " ", source.lstrip())


def _syntax_remedy(source: str) -> str:
    plain = source.replace("==", "").replace("<=", "").replace(">=", "").replace("!=", "")
    if "=" in plain:
        return "Write equality as `==`."
    if not source.strip():
        return "Write a value or a comparison."
    return "Check operators and brackets; a product needs `*`."


class _Reader:
    """Turns Python's tree into ours, refusing whatever is not on the list."""

    def __init__(self, source: str, text: str | None = None, shift: int = 0) -> None:
        """Read `source`, or a `text` that stands for the part of it that starts at `shift`."""
        text = source if text is None else text
        self.source = source
        self.shift = shift + len(text) - len(text.lstrip())
        self.bytes = _one_line(text).encode()

    def span(self, node: ast.AST) -> Span:
        start = getattr(node, "col_offset", 0)
        stop = getattr(node, "end_col_offset", None) or start + 1
        # Python counts bytes; spans count characters.
        before = len(self.bytes[:start].decode(errors="replace"))
        inside = len(self.bytes[start:stop].decode(errors="replace"))
        first = max(before + self.shift, 0)
        return Span(first, max(before + inside + self.shift, first))

    def refuse(self, node: ast.AST, what: str, remedy: str = "") -> ExpressionError:
        return ExpressionError(what, self.source, self.span(node), remedy)

    def node(self, node: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.refuse(node, "nested too deeply", "Split it with definitions.")
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name(id=name):
                return Name(name, self.span(node))
            case ast.BinOp():
                return self.arithmetic(node, depth)
            case ast.UnaryOp():
                return self.unary(node, depth)
            case ast.Compare():
                return self.comparison(node, depth)
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                operands = tuple(self.node(v, depth + 1) for v in values)
                return Logical("and" if word == "and" else "or", operands, self.span(node))
            case ast.Subscript():
                return self.item(node, depth)
            case ast.Call():
                return self.call(node, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition, yes, no = (self.node(n, depth + 1) for n in (test, body, orelse))
                return Choice(condition, yes, no, self.span(node))
            case ast.Tuple(elts=elts):
                items = tuple(self.node(e, depth + 1) for e in elts)
                return Tuple(items, self.span(node))
        remedy = _REMEDIES.get(type(node), "")
        raise self.refuse(node, f"{_describe(node)} has no place in an expression", remedy)

    def constant(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.refuse(node, f"`{value!r}` is not a number", "Write 1 or 0.")
        if isinstance(value, str):
            return Label(value, self.span(node))
        if (isinstance(value, int) and value.bit_length() > 1000) or not math.isfinite(value):
            raise self.refuse(node, "the number is too large", "Write a finite number.")
        return Number(float(value), self.span(node))

    def arithmetic(self, node: ast.BinOp, depth: int) -> Node:
        if isinstance(node.op, ast.Add | ast.Sub):
            return self.addition(node, depth)
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            remedy = _REMEDIES.get(type(node.op), "")
            raise self.refuse(node, "an operator that is not known", remedy)
        left = self.node(node.left, depth + 1)
        right = self.node(node.right, depth + 1)
        if op == "**":
            self.guard_power(node, left, right)
        return Arithmetic(op, left, right, self.span(node))

    def addition(self, node: ast.BinOp, depth: int) -> Node:
        # A long sum leans left: walk it in a loop, so that 2,000 terms are no depth.
        terms: list[Node] = []
        current: ast.expr = node
        while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Add | ast.Sub):
            term = self.node(current.right, depth + 1)
            terms.append(_negated(term) if isinstance(current.op, ast.Sub) else term)
            current = current.left
        terms.append(self.node(current, depth + 1))
        return Addition(tuple(reversed(terms)), self.span(node))

    def guard_power(self, node: ast.BinOp, base: Node, exponent: Node) -> None:
        if isinstance(exponent, Number) and abs(exponent.value) > 100:
            raise self.refuse(node, "the exponent is above 100", "Rescale the expression.")
        if any(isinstance(side, Arithmetic) and side.op == "**" for side in (base, exponent)):
            raise self.refuse(node, "a power of a power", "Multiply the exponents.")

    def unary(self, node: ast.UnaryOp, depth: int) -> Node:
        operand = self.node(node.operand, depth + 1)
        match node.op:
            case ast.USub():
                return _negated(operand)
            case ast.UAdd():
                return operand
            case ast.Not():
                return Logical("not", (operand,), self.span(node))
        raise self.refuse(node, "`~` is not known", "Write `not`.")

    def comparison(self, node: ast.Compare, depth: int) -> Comparison:
        ops = []
        for op in node.ops:
            if type(op) not in _COMPARISON:
                raise self.refuse(node, "`is` is not known", "Write `==`.")
            ops.append(_COMPARISON[type(op)])
        operands = tuple(self.node(n, depth + 1) for n in (node.left, *node.comparators))
        return Comparison(tuple(ops), operands, self.span(node))

    def item(self, node: ast.Subscript, depth: int) -> Item:
        if not isinstance(node.value, ast.Name):
            raise self.refuse(node, "only a name can be indexed", "Write `x[i, j]`, not `x[i][j]`.")
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if any(isinstance(i, ast.Slice) for i in inner):
            raise self.refuse(node, "slices are not known", "Use sum() over a set.")
        indices = tuple(self.node(i, depth + 1) for i in inner)
        return Item(node.value.id, indices, self.span(node))

    def call(self, node: ast.Call, depth: int) -> Node:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.refuse(node, "not a known function call", f"Known functions: {_KNOWN}.")
        name = node.func.id
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
            if name not in _REDUCTIONS:
                raise self.refuse(node, f"`{name}` takes no `for`", "Use sum, prod, min or max.")
            return self.reduction(node, name, node.args[0], depth)
        self.check_arity(node, name)
        arguments = tuple(self.node(a, depth + 1) for a in node.args)
        return Call(name, arguments, self.span(node))

    def check_arity(self, node: ast.Call, name: str) -> None:
        count = len(node.args)
        if name in FUNCTIONS or name == SIZE_FUNCTION or name in {"first", "last"}:
            wanted = count == 1
        elif name in EXTREMES:
            wanted = count >= 2
        elif name in {"prev", "next"}:
            wanted = count in {1, 2}
        elif name in _REDUCTIONS:
            raise self.refuse(node, f"`{name}` needs a `for`", f"Write `{name}(x[i] for i in I)`.")
        else:
            raise self.refuse(node, f"unknown function `{name}`", f"Known functions: {_KNOWN}.")
        if not wanted:
            raise self.refuse(node, f"`{name}` does not take {count} arguments")

    def reduction(
        self, node: ast.Call, name: str, comp: ast.GeneratorExp | ast.ListComp, depth: int
    ) -> Reduction:
        generators = tuple(self.generator(g, depth) for g in comp.generators)
        body = self.node(comp.elt, depth + 1)
        return Reduction(cast(ReductionOp, name), body, generators, self.span(node))

    def generator(self, clause: ast.comprehension, depth: int) -> Generator:
        target = clause.target
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        if not all(isinstance(n, ast.Name) for n in names) or clause.is_async:
            raise self.refuse(target, "an index must be a plain name", _OVER_REMEDY)
        domain = self.node(clause.iter, depth + 1)
        if not isinstance(domain, Name | Item):
            raise self.refuse(
                clause.iter, "an index must run over a set", "Declare a set and use its name."
            )
        conditions = tuple(self.node(c, depth + 1) for c in clause.ifs)
        targets = tuple(n.id for n in names if isinstance(n, ast.Name))
        span = Span(self.span(target).start, domain.span.stop)
        return Generator(targets, domain, conditions, span)


def _negated(node: Node) -> Node:
    if isinstance(node, Number):
        return Number(-node.value, node.span)
    return Negative(node, node.span)


def _describe(node: ast.AST) -> str:
    return {
        ast.Attribute: "a dot",
        ast.List: "a list",
        ast.Set: "a set display",
        ast.Dict: "a dictionary",
        ast.Lambda: "a lambda",
        ast.ListComp: "a list comprehension",
        ast.GeneratorExp: "a bare `for`",
        ast.JoinedStr: "a formatted string",
        ast.NamedExpr: "an assignment",
        ast.Starred: "a star",
    }.get(type(node), f"`{type(node).__name__}`")


def _shorten(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
