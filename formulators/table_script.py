"""The script in which a small model writes a formulation over data tables; read, never run.

The tables' sets and parameters are given to it by name (`table_symbols.py`), so that it writes only
what no table holds: decisions over sets, totals, what is to be best, and requirements in loops:

    ship = continuous(plants, markets)
    minimize(sum(cost[p, m] * ship[p, m] for p in plants for m in markets))
    for plant in plants:
        require(sum(ship[plant, market] for market in markets) <= capacity[plant])

It is read by Python's `ast`, statement by statement, into an `IndexedWire`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from optiwright.formulators.script_apart import told_apart
from optiwright.formulators.script_clauses import Clauses
from optiwright.formulators.script_lines import NONE, ScriptLines, is_none, said_goal
from optiwright.formulators.table_symbols import Ready, clause_over
from optiwright.formulators.wire_records import (
    IndexedAsked,
    IndexedConstraint,
    IndexedVariable,
    IndexedWire,
    TableElements,
    TableValues,
    WireDefinition,
    WireObjective,
    WireParameter,
    WireSet,
)

Kind = Literal["continuous", "integer", "binary"]
_KINDS: tuple[Kind, ...] = ("continuous", "integer", "binary")
_SETS = "Name the sets that it is over, such as `x = continuous(plants, markets)`."


def read_table_script(reply: str, ready: Ready) -> IndexedWire:
    """Read a model's script, with or without a code fence or words around it.

    Args:
        reply: what the model wrote.
        ready: the names that it was given.

    Raises:
        FormulationError: naming the line, what was found there and what was expected.
    """
    if is_none(reply):
        return _wire(NONE)
    script = ScriptLines(reply)
    tree = script.tree()
    told_apart(tree, {p.name for p in ready.parameters} | {s.name for s in ready.sets})
    reader = _Reader(script, Clauses(tree, ready))
    script.give(tree, reader.take)
    return reader.wire()


@dataclass(frozen=True)
class _Loop:
    """One loop or condition around a statement: targets and set, or a condition alone."""

    targets: tuple[str, ...]
    domain: str
    condition: ast.expr | None = None


@dataclass
class _Reader:
    """Collects the parts of a formulation from a script's statements."""

    script: ScriptLines
    names: Clauses
    variables: list[IndexedVariable] = field(default_factory=list)
    definitions: list[WireDefinition] = field(default_factory=list)
    constraints: list[IndexedConstraint] = field(default_factory=list)
    objective: WireObjective | None = None

    def take(self, statement: ast.stmt, loops: tuple[_Loop, ...] = ()) -> None:
        match statement:
            case ast.For(target=target, iter=domain, body=body, orelse=[]):
                loop = self.loop(target, domain)
                for inner in body:
                    self.take(inner, (*loops, loop))
            case ast.If(test=test, body=body, orelse=orelse) if loops:
                for inner in body:
                    self.take(inner, (*loops, _Loop((), "", test)))
                negated = ast.UnaryOp(op=ast.Not(), operand=test)
                for inner in orelse:
                    self.take(inner, (*loops, _Loop((), "", negated)))
            case ast.Assign(targets=[target], value=value):
                self.assign(target, value, statement, loops)
            case ast.Expr(value=ast.Call(func=ast.Name(id="require"), args=[relation, *_])):
                self.require(relation, statement, loops)
            case ast.Expr(
                value=ast.Call(func=ast.Name(id="minimize" | "maximize" as sense), args=[goal])
            ) if not loops:
                self.aim(sense, goal, statement)
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Import() | ast.ImportFrom():
                pass
            case _:
                raise self.script.error(
                    statement,
                    "only decisions, totals, one objective, and `require` in loops may stand",
                )

    def loop(self, target: ast.expr, domain: ast.expr) -> _Loop:
        targets = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        plain = [t.id for t in targets if isinstance(t, ast.Name)]
        name = self.names.set_name(domain)
        if len(plain) < len(targets) or name is None:
            raise self.script.error(
                target, "a loop runs over a set that is given: " + ", ".join(self.names.set_names)
            )
        return _Loop(tuple(plain), name)

    # --- statements -------------------------------------------------------------------------------

    def assign(
        self, target: ast.expr, value: ast.expr, statement: ast.stmt, loops: tuple[_Loop, ...]
    ) -> None:
        match target:
            case ast.Name(id=name) if not loops:
                pass
            case ast.Subscript(value=ast.Name(id=name), slice=index) if loops:
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                order = [p.id for p in parts if isinstance(p, ast.Name)]
                bound = [t for loop in loops for t in loop.targets]
                if order != bound:
                    raise self.script.error(statement, f"it needs the indices {', '.join(bound)}")
            case _:
                raise self.script.error(
                    statement, "a name stands left of `=`, with its loops' indices"
                )
        if isinstance(value, ast.DictComp):
            loops = tuple(self.loop(g.target, g.iter) for g in value.generators)
            value = value.value
        call = value if isinstance(value, ast.Call) else None
        if call is not None and isinstance(call.func, ast.Name) and call.func.id in _KINDS:
            self.variables.append(self.variable(name, call, statement, loops))
        else:
            self.define(name, value, statement, loops)

    def variable(
        self, name: str, call: ast.Call, statement: ast.stmt, loops: tuple[_Loop, ...]
    ) -> IndexedVariable:
        kind = next(k for k in _KINDS if isinstance(call.func, ast.Name) and k == call.func.id)
        given = [*call.args, *(k.value for k in call.keywords if k.arg == "over")]
        parts = [p for a in given for p in (a.elts if isinstance(a, ast.Tuple | ast.List) else [a])]
        sets = [s for p in parts if (s := self.names.set_name(p)) is not None]
        numbers = [p for p in parts if self.names.set_name(p) is None]
        strange = next((p for p in numbers if isinstance(p, ast.Name)), None)
        if strange is not None:
            raise self.script.error(statement, f"`{ast.unparse(strange)}` is no set. {_SETS}")
        bounds = dict(zip(("lower", "upper"), numbers, strict=False))
        bounds |= {k.arg: k.value for k in call.keywords if k.arg in ("lower", "upper")}
        around = [(loop.targets, loop.domain) for loop in loops if loop.domain]
        clause = [
            *around,
            *((self.names.indices_of(name, s, sets, k), s) for k, s in enumerate(sets)),
        ]
        over, env = self.names.over(name, clause, [x.condition for x in loops if x.condition])
        lower = bounds.get("lower", ast.Constant(0))
        upper = bounds.get("upper")
        binary = kind == "binary"
        return IndexedVariable(
            name=name,
            meaning=self.script.remark(statement) or name.replace("_", " "),
            unit="",
            over=over,
            type=kind,
            type_basis="inferred",
            lower="0" if binary else self.bound(lower, env),
            upper="1" if binary else self.bound(upper, env),
        )

    def bound(self, node: ast.expr | None, env: dict[str, str]) -> str | None:
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return None
        return self.names.text(node, env)

    def define(
        self, name: str, value: ast.expr, statement: ast.stmt, loops: tuple[_Loop, ...]
    ) -> None:
        over, env = self.clause(name, loops, value)
        self.definitions.append(
            WireDefinition(
                name=name,
                meaning=self.script.comment(statement) or name.replace("_", " "),
                over=over,
                expression=self.names.text(value, env),
            )
        )

    def require(self, relation: ast.expr, statement: ast.stmt, loops: tuple[_Loop, ...]) -> None:
        if isinstance(relation, ast.GeneratorExp):
            for generator in relation.generators:
                loops += (self.loop(generator.target, generator.iter),)
                loops += tuple(_Loop((), "", test) for test in generator.ifs)
            relation = relation.elt
        if not isinstance(relation, ast.Compare | ast.BoolOp):
            raise self.script.error(statement, "`require` takes a comparison with <=, >= or ==")
        name = f"requirement_{len(self.constraints) + 1}"
        over, env = self.clause(name, loops, relation)
        expression = self.names.text(relation, env)
        self.constraints.append(
            IndexedConstraint(
                name=name,
                meaning=self.script.comment(statement) or expression,
                over=over,
                condition=None,
                expression=expression,
                penalty=None,
            )
        )

    def clause(
        self, name: str, loops: Sequence[_Loop], body: ast.expr | None = None
    ) -> tuple[str, dict[str, str]]:
        pairs = [(loop.targets, loop.domain) for loop in loops if loop.domain]
        conditions = [loop.condition for loop in loops if loop.condition is not None]
        return self.names.over(name, pairs, conditions, body)

    def aim(self, word: str, expression: ast.expr, statement: ast.stmt) -> None:
        if self.objective is not None:
            raise self.script.error(statement, "there is one objective already")
        self.objective = self.script.goal(word, self.names.text(expression, {}), statement)

    # --- the whole --------------------------------------------------------------------------------

    def wire(self) -> IndexedWire:
        objective = said_goal(self.objective)
        asked = [IndexedAsked(meaning=v.meaning, over=v.over, expression=_item(v.name, v.over))
                 for v in self.variables]  # fmt: skip
        asked += [IndexedAsked(meaning=d.meaning, over=d.over, expression=_item(d.name, d.over))
                  for d in self.definitions]  # fmt: skip
        asked.append(IndexedAsked(meaning=objective.meaning, over="", expression="objective"))
        return _wire(
            objective.meaning,
            sets=list(self.sets()),
            parameters=list(self.parameters()),
            variables=self.variables,
            definitions=self.definitions,
            objective=objective,
            constraints=self.constraints,
            asked=asked,
            assumptions=self.names.assumptions,
        )

    def sets(self) -> Iterator[WireSet]:
        """Yield the sets that the script or one of its parameters is over."""
        used = self.names.used | {
            domain
            for p in self.names.ready.parameters
            if p.name in self.names.used
            for domain in self.names.over_of(p)
        }
        for ready in self.names.ready.sets:
            if ready.name in used:
                elements = TableElements(table=ready.table, columns=list(ready.columns))
                yield WireSet(
                    name=ready.name, meaning=ready.name.replace("_", " "), elements=elements
                )

    def parameters(self) -> Iterator[WireParameter]:
        for ready in self.names.ready.parameters:
            if ready.name in self.names.used:
                over = self.names.over_of(ready)
                values = TableValues(
                    table=ready.table,
                    column=ready.column,
                    keys=list(ready.keys),
                    missing=None if over == ready.over else 0,
                )
                yield WireParameter(
                    name=ready.name,
                    meaning=ready.name.replace("_", " "),
                    unit=ready.unit,
                    over=clause_over(over, self.names.safe(ready.indices)),
                    values=values,
                )


def _item(name: str, over: str) -> str:
    """Return a symbol with the indices of its clause."""
    indices = re.findall(r"(?:^|, )\(?([\w, ]+?)\)? in ", over.partition(" if ")[0])
    return f"{name}[{', '.join(indices)}]" if indices else name


def _wire(problem: str, **given: object) -> IndexedWire:
    empty: dict[str, object] = {
        name: [] for name, part in IndexedWire.model_fields.items() if name != "problem"
    }
    return IndexedWire.model_validate(empty | {"problem": problem, "objective": None} | given)
