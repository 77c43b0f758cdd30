"""A script as a short Pyomo program, in the manner in which the agent asks a model for one.

It shares nothing with the compiler: the script is read by Python's own `ast`, and Pyomo builds and
solves the model. So the program's value checks the compiled formulation's.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence

from optiwright.solver_tools.written_reserved import without_reserved_names
from optiwright.training.rows import AskedValue
from optiwright.training.things import slug

_DOMAINS = {"integer": "Integers", "continuous": "Reals", "binary": "Binary"}
_NONNEGATIVE = {"integer": "NonNegativeIntegers", "continuous": "NonNegativeReals"}
_FUNCTIONS = {"max", "min", "abs"}
_OUTERMOST = {("minimize", "max"): ">=", ("maximize", "min"): "<="}
"""A goal that is the greatest or least of several, as a bound on each that is best when tight."""
_BOUND = "outermost"
_TAKEN = {"model", "report", "value"}
"""Names that a program has a use for, and a total another name than."""


def reported_names(asked: Sequence[AskedValue]) -> list[str]:
    """Return the name under which a program reports each quantity that is asked for."""
    names: list[str] = []
    for quantity in asked:
        name = slug(quantity.meaning)
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


def program_of(script: str, asked: Sequence[AskedValue] = ()) -> str:
    """Return a program that solves a script's problem and reports what is asked.

    Args:
        script: as `flattening.script_of` writes it, with or without its fence.
        asked: what to report; by default every decision.

    Raises:
        ValueError: if a statement has no form in Pyomo, such as `max` in a requirement.
    """
    source = "\n".join(line for line in script.splitlines() if not line.startswith("```"))
    return _Writer(source).text(asked)


def program_if_any(script: str, asked: Sequence[AskedValue] = ()) -> str:
    """Return the program of a script as `program_of` does; "" where it has none."""
    try:
        return program_of(script, asked)
    except ValueError:
        return ""


class _Writer(ast.NodeTransformer):
    def __init__(self, source: str) -> None:
        self._source = source
        self._comments = _comments(source)
        self._decisions: list[str] = []
        self._names: set[str] = set()
        self._inside: dict[str, ast.expr] = {}
        self._has_pi = False

    def text(self, asked: Sequence[AskedValue]) -> str:
        lines = ["from pyomo.environ import *", "", "model = ConcreteModel()"]
        goal = ""
        bounds: list[str] = []
        limits: list[str] = []
        for statement in ast.parse(self._source).body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=kind)) as call
                ) if kind in _DOMAINS:
                    lines.append(self._decision(name, kind, call, statement.lineno))
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._names.add(name)
                    if _is_outermost(value):
                        self._inside[name] = value
                    else:
                        lines.append(f"{_own(name)} = {self._code(value)}")
                case ast.Expr(value=ast.Call(func=ast.Name(id="require"), args=[relation])):
                    words = self._comments.get(statement.lineno - 1, "")
                    limits += [f"# {words}"] if words else []
                    limits.append(f"model.limits.add({self._code(relation)})")
                case ast.Expr(value=ast.Call(func=ast.Name(id=sense), args=[value])):
                    bounds, goal = self._goal(sense, value)
                case _:
                    raise ValueError(f"no program for {ast.unparse(statement)!r}")
        if bounds:
            lines.append(f"model.{_BOUND} = Var()")
        if limits or bounds:
            lines.append("model.limits = ConstraintList()")
        lines += [*limits, *(f"model.limits.add({bound})" for bound in bounds), goal]
        lines += ['SolverFactory("scip").solve(model)', self._report(asked)]
        if self._has_pi:
            lines.insert(1, "from math import pi")
        return without_reserved_names("\n".join(lines))

    def _goal(self, sense: str, value: ast.expr) -> tuple[list[str], str]:
        """Return what bounds the greatest or least of several, and the objective's line."""
        value = self._inside.get(value.id, value) if isinstance(value, ast.Name) else value
        if not _is_outermost(value):
            return [], f"model.obj = Objective(expr={self._code(value)}, sense={sense})"
        assert isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
        sign = _OUTERMOST.get((sense, value.func.id))
        if sign is None:
            raise ValueError(f"no program for {sense} of `{value.func.id}`")
        bounds = [f"model.{_BOUND} {sign} {self._code(part)}" for part in value.args]
        return bounds, f"model.obj = Objective(expr=model.{_BOUND}, sense={sense})"

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._decisions:
            return ast.Attribute(ast.Name("model"), node.id)
        if node.id in self._inside:
            raise ValueError(f"no program for what `{node.id}` is used in")
        if node.id == "pi" and node.id not in self._names:
            self._has_pi = True
        elif node.id not in self._names:
            raise ValueError(f"the script has no {node.id!r}")
        return ast.Name(_own(node.id))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            raise ValueError(f"no program for `{node.func.id}` of decisions")
        return ast.Call(node.func, [self.visit(a) for a in node.args], [])

    def _code(self, node: ast.expr) -> str:
        return ast.unparse(self.visit(node))

    def _decision(self, name: str, kind: str, call: ast.Call, line: int) -> str:
        self._decisions.append(name)
        if kind == "binary":
            inside = "within=Binary"
        else:
            lower, upper = (ast.unparse(a) for a in call.args)
            positive = lower == "0"
            inside = f"within={(_NONNEGATIVE if positive else _DOMAINS)[kind]}"
            if upper != "None" or not positive:
                inside += f", bounds=({lower}, {upper})"
        words = self._comments.get(line, "")
        return f"model.{name} = Var({inside})" + (f"  # {words}" if words else "")

    def _report(self, asked: Sequence[AskedValue]) -> str:
        wanted = [
            (name, a.expression) for name, a in zip(reported_names(asked), asked, strict=True)
        ] or [(name, name) for name in self._decisions]
        parts = ["objective=value(model.obj)"]
        for name, expression in wanted:
            if expression != "objective":
                code = self._code(ast.parse(expression, mode="eval").body)
                parts.append(f"{name}=value({code})")
        return f"report({', '.join(parts)})"


def _comments(source: str) -> dict[int, str]:
    """Return each line's comment, without its mark."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _own(name: str) -> str:
    """Return what a program calls a total."""
    return f"{name}_" if name in _TAKEN else name


def _is_outermost(node: ast.expr) -> bool:
    """Whether an expression is the greatest or least of several."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"max", "min"}
        and len(node.args) > 1
    )
