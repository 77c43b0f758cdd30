"""The script in which a small model writes a formulation: Python's look, never Python's run.

A coder model writes `require(3*bread + 8*cake <= 240)` more surely than the same relation inside
JSON, and in a third of the tokens. The script is read by Python's `ast`, statement by statement,
into a `FlatWire`; nothing of it is executed. `GRAMMARS` hold a server that can (llama.cpp's GBNF)
to the form: decisions, totals over them, what is to be best, and requirements under comments. The
totals come before the requirements since a text goes product by product and a model that writes
requirements at once does so too, one a sentence; what is left to say after them is the limits.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import StrEnum

from optiwright.formulators.global_form import is_global
from optiwright.formulators.script_lines import NONE, ScriptLines, is_none, said_goal
from optiwright.formulators.wire_records import (
    Domain,
    FlatConstraint,
    FlatDefinition,
    FlatVariable,
    FlatWire,
    WireAsked,
    WireObjective,
)


class Place(StrEnum):
    """Where in a script a model begins to write."""

    START = "start"
    TOTALS = "totals"
    """After the decisions."""
    TOTAL = "total"
    """After the name of a total; what is written is the one line."""
    REST = "rest"
    """After totals, of which there may be more."""
    REQUIREMENT = "requirement"
    """After `require(`; what is written is the one line."""


_ROOTS = {
    Place.START: r'''"none" | "```python\n# decisions\n" decision{1,120} "# totals\n" '''
    "total{1,60} rest",
    Place.TOTALS: "total{1,60} rest",
    Place.TOTAL: '" " definition',
    Place.REST: "total{0,60} rest",
    Place.REQUIREMENT: "requirement",
}  # fmt: skip
_RULES = r"""
rest ::= "# objective: " words "\n" objective item{0,119} "```"
decision ::= name " = " kind ("  # " words)? "\n"
kind ::= (("integer" | "continuous") "(" bound ", " bound ")") | "binary()"
bound ::= "None" | "-"? number ("*" number)?
total ::= name " = " definition
definition ::= expression ("  # " words)? "\n"
objective ::= ("minimize" | "maximize") "(" expression ")\n"
item ::= "# " words "\n" statement{1,12}
statement ::= total | require
require ::= "require(" requirement
requirement ::= expression " " relation " " expression ")\n"
relation ::= "<=" | ">=" | "=="
expression ::= term (operator term){0,120}
operator ::= " + " | " - " | "*" | "/" | "**"
term ::= "-"? (number | name | call | "(" expression ")")
call ::= ("exp" | "log" | "sqrt" | "sin" | "cos" | "abs" | "min" | "max") "(" expression (", " expression){0,12} ")"
name ::= [A-Za-z] [A-Za-z0-9_]{0,39}
number ::= [0-9] [0-9]{0,11} ("." [0-9]{1,12})?
words ::= [^\n`]{1,160}
"""  # noqa: E501
GRAMMARS = {place: f"root ::= {root}{_RULES}" for place, root in _ROOTS.items()}
"""What may follow, as llama.cpp's GBNF; every repetition ends, so that no reply runs away."""

_MANY = r"""
many ::= apart ")\n" | "cumulative(" triple (", " triple){0,59} ") <= " expression ")\n"
apart ::= "all_different(" expression (", " expression){1,59} ")" | "no_overlap(" pair (", " pair){1,59} ")" | "circuit(" arc (", " arc){1,119} ")" | "table((" expression (", " expression){0,11} "), [" row (", " row){0,119} "])"
pair ::= "(" expression ", " expression ")"
triple ::= "(" expression ", " expression ", " expression ")"
arc ::= "(" label ", " label ", " name ")"
label ::= "\"" [A-Za-z0-9_] [A-Za-z0-9_ ]{0,39} "\""
row ::= "(" whole (", " whole){0,11} ")"
whole ::= "-"? [0-9]{1,9}
"""  # noqa: E501
_ONE = 'require ::= "require(" requirement\n'
MANY_GRAMMARS = {
    place: grammar.replace(_ONE, 'require ::= "require(" (requirement | many)\n') + _MANY.lstrip()
    for place, grammar in GRAMMARS.items()
}
"""The same with constraints over many expressions at once, for a model that was shown one."""

_DOMAINS: tuple[Domain, ...] = ("integer", "continuous", "binary")
_NOTHING = FlatWire(
    problem=NONE, variables=[], definitions=[], objective=None, constraints=[], asked=[]
)


def read_script(reply: str) -> FlatWire:
    """Read a model's script, with or without a code fence or words around it.

    Raises:
        FormulationError: naming the line, what was found there and what was expected.
    """
    if is_none(reply):
        return _NOTHING
    script = ScriptLines(reply)
    tree = script.tree()
    _mend_case(tree)
    reader = _Reader(script)
    script.give(tree, reader.take)
    return reader.wire()


def _mend_case(tree: ast.Module) -> None:
    """Write `Lake` as `lake` where that is the one name declared but for its capitals."""
    targets = [t for s in tree.body if isinstance(s, ast.Assign) for t in s.targets]
    declared = {target.id for target in targets if isinstance(target, ast.Name)}
    meant: dict[str, list[str]] = {}
    for name in declared:
        meant.setdefault(name.lower(), []).append(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in declared:
            candidates = meant.get(node.id.lower(), [])
            node.id = candidates[0] if len(candidates) == 1 else node.id


@dataclass
class _Reader:
    """Collects the parts of a formulation from a script's statements."""

    script: ScriptLines
    variables: list[FlatVariable] = field(default_factory=list)
    definitions: list[FlatDefinition] = field(default_factory=list)
    constraints: list[FlatConstraint] = field(default_factory=list)
    objective: WireObjective | None = None

    def take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="integer" | "continuous" | "binary")) as call,
            ):
                self.variables.append(self.variable(name, call))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                expression = ast.unparse(value)
                meaning = self.script.comment(statement) or name.replace("_", " ")
                self.definitions.append(
                    FlatDefinition(name=name, meaning=meaning, expression=expression)
                )
            case ast.Expr(value=ast.Call(func=ast.Name(id="require"), args=[relation, *_])):
                self.require(relation, statement)
            case ast.Expr(value=value) if is_global(ast.unparse(value)):
                self.require(value, statement)
            case ast.Expr(
                value=ast.Call(func=ast.Name(id="minimize" | "maximize" as sense), args=[goal])
            ):
                self.aim(sense, goal, statement)
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Import() | ast.ImportFrom():
                pass
            case _:
                raise self.script.error(
                    statement, "only decisions, quantities, one objective and `require` may stand"
                )

    def variable(self, name: str, call: ast.Call) -> FlatVariable:
        kind = next(d for d in _DOMAINS if isinstance(call.func, ast.Name) and d == call.func.id)
        given = dict(zip(("lower", "upper"), call.args, strict=False))
        given |= {k.arg: k.value for k in call.keywords if k.arg in ("lower", "upper")}
        bounds = {side: self.number(value) for side, value in given.items()}
        if kind == "binary":
            bounds = {"lower": 0.0, "upper": 1.0}
        return FlatVariable(
            name=name,
            meaning=self.script.remark(call) or name.replace("_", " "),
            type=kind,
            lower=bounds.get("lower", 0.0),
            upper=bounds.get("upper"),
        )

    def number(self, node: ast.expr) -> float | None:
        match node:
            case ast.Constant(value=None):
                return None
            case ast.Constant(value=int() | float() as stated) if not isinstance(stated, bool):
                return float(stated)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.number(operand)
                return None if value is None else -value
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                factors = self.number(left), self.number(right)
                if factors[0] is not None and factors[1] is not None:
                    return factors[0] * factors[1]
        raise self.script.error(
            node, "a bound is a number or None; write a limit over other decisions as `require`"
        )

    def aim(self, word: str, expression: ast.expr, statement: ast.stmt) -> None:
        if self.objective is not None:
            raise self.script.error(statement, "there is one objective already")
        self.objective = self.script.goal(word, ast.unparse(expression), statement)

    def require(self, relation: ast.expr, statement: ast.stmt) -> None:
        many = is_global(ast.unparse(relation))
        if not many and not isinstance(relation, ast.Compare | ast.BoolOp):
            raise self.script.error(statement, "`require` takes a comparison with <=, >= or ==")
        name = f"requirement_{len(self.constraints) + 1}"
        expression = ast.unparse(relation)
        meaning = self.script.comment(statement) or expression
        self.constraints.append(FlatConstraint(name=name, meaning=meaning, expression=expression))

    def wire(self) -> FlatWire:
        objective = said_goal(self.objective)
        return FlatWire(
            problem=objective.meaning,
            variables=self.variables,
            definitions=self.definitions,
            objective=objective,
            constraints=self.constraints,
            asked=self.asked(objective),
        )

    def asked(self, objective: WireObjective) -> list[WireAsked]:
        """Every decision, named quantity and the objective: the script states no more."""
        named = [(v.meaning, v.name) for v in self.variables]
        named += [(d.meaning, d.name) for d in self.definitions]
        asked = [WireAsked(meaning=meaning, expression=name) for meaning, name in named]
        return [*asked, WireAsked(meaning=objective.meaning, expression="objective")]
