"""A formulation as a program with sets, data and loops for a library without components.

The layout is the same for all such libraries; what they say differently is a `Dialect`. Sets are
lists, parameters dictionaries, variables dictionaries of the library's own, keyed by index.
"""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.data_names import canonical_name
from optiwright.formulators.expressions import Number
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Definition,
    Derived,
    Domain,
    Family,
    Given,
    Objective,
    Parameter,
    Sense,
    Variable,
)
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.source import Level, number_text, quoted
from optiwright.solver_tools.loop_dialect import (
    MAIN,
    NUMBER,
    TIME_LIMIT,
    Bounds,
    Dialect,
    filled,
    heading,
    label_text,
)
from optiwright.solver_tools.loop_writer import LoopWriter
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_layout import (
    RESERVED,
    Names,
    comment,
    family_text,
    index_name,
    set_text,
    statement,
    values_text,
)
from optiwright.solver_tools.pyomo_logic import closed, relations
from optiwright.solver_tools.pyomo_model import meaning, total_of

_WHOLE = "1e-7"


class LoopProgram:
    """Writes the program of one formulation."""

    def __init__(self, instance: Instance, dialect: Dialect) -> None:
        self.instance = instance
        self.f = instance.formulation
        self.facts = Facts(instance)
        self.dialect = dialect
        self.names = Names(RESERVED)
        declared = (self.f.sets, self.f.parameters, self.f.variables, self.f.definitions)
        self.symbols = {
            part.name: self.names.unique(part.name) for parts in declared for part in parts
        }
        self.writer = dialect.writer(self.facts, self.symbols)
        self.value_writer = dialect.writer(self.facts, self.symbols, values=True)
        self.penalties: list[str] = []
        """Terms of the objective that soft constraints bring."""
        self.goals: list[tuple[str, Sense, float]] = []

    def text(self) -> str:
        """Return the program."""
        data = list(self._data())
        model = [line for part in self._model() for line in part]
        report = list(self._report())
        solving = self.dialect.solving(self.goals)
        helpers = self.dialect.helpers(self.writer.helpers)
        blocks = [
            "\n".join([*heading(self.f.title), "", *self._imports(data)]),
            f"TIME_LIMIT = {TIME_LIMIT}  # seconds",
            "\n".join(["# " + "-" * 30 + " data " + "-" * 30, "", *data]),
            "\n".join(["# " + "-" * 29 + " model " + "-" * 30, "", *self.dialect.opening()]),
            *helpers,
            "\n".join(model),
            "# " + "-" * 29 + " solve " + "-" * 30,
            *solving,
            NUMBER,
            "\n".join(report),
            MAIN,
        ]
        return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"

    def _imports(self, data: list[str]) -> list[str]:
        math = self.writer.uses_math or self.value_writer.uses_math
        standard = ["import math"] if math else []
        if any("defaultdict(" in line for line in data):
            standard.append("from collections import defaultdict")
        return [*standard, *([""] if standard else []), *self.dialect.imports()]

    # --- data -------------------------------------------------------------------------------------

    def _data(self) -> Iterator[str]:
        for s in self.f.sets:
            yield from comment(s.description)
            if isinstance(s.data, Family):
                text = family_text(self.instance.family(s.name))
            else:
                text = set_text(self.instance.elements(s.name))
            yield f"{self.symbols[s.name]} = {text}"
        parameters = self.facts.parameters
        for name in self.facts.parameter_order():
            p = parameters[name]
            yield from comment(meaning(p.description, p.unit))
            yield from self._parameter(p)

    def _parameter(self, p: Parameter) -> Iterator[str]:
        name = self.symbols[p.name]
        if isinstance(p.data, Derived):
            yield from self._table(name, p.over, p.data.expression, self.writer)
            return
        values = self.instance.parameter(p.name)
        if not p.over:
            yield f"{name} = {number_text(float(values[()]))}"
            return
        default = p.data.default if isinstance(p.data, Given) else None
        text = values_text(values, default)
        if default is not None:
            text = f"defaultdict(lambda: {number_text(default)}, {text})"
        yield f"{name} = {text}"

    def _table(
        self, name: str, over: str, expression: str, writer: LoopWriter, direction: int = 0
    ) -> list[str]:
        """Return the lines that work an expression out, at every index of a clause."""
        indexing = writer.enter(over)
        text = writer.directed(parse_expression(expression), direction)
        if not indexing.names:
            return statement(f"{name} =", text)
        return filled(name, indexing.element, text, indexing.clauses)

    # --- model ------------------------------------------------------------------------------------

    def _model(self) -> Iterator[list[str]]:
        for v in self.f.variables:
            yield self._variable(v)
        by_name = {d.name: d for d in self.f.definitions}
        for name in self.facts.definition_order():
            yield ["", *self._definition(by_name[name])]
        for c in self.f.constraints:
            assert isinstance(c, Algebraic)
            yield ["", *comment(c.description), *self._algebraic(c)]
        yield ["", *self._objectives()]

    def _variable(self, v: Variable) -> list[str]:
        lines = comment(meaning(v.description, v.unit))
        if v.domain is not Domain.SEMICONTINUOUS:
            return [*lines, *self._made(v.name, v.over, v.domain, self._bounds(v))]
        on = self.names.unique(f"{v.name}_on")
        lines += self._made(v.name, v.over, Domain.CONTINUOUS, self._bounds(v))
        lines += self._made(v.name, v.over, Domain.BINARY, Bounds(None, None), on)
        return [*lines, *self._switch(v, on)]

    def _made(
        self, label: str, over: str, domain: Domain, bounds: Bounds, name: str | None = None
    ) -> list[str]:
        name = name or self.symbols[label]
        indexing = self.writer.enter(over)
        made = self.dialect.variable(domain, bounds, label_text(name, indexing.names))
        if not indexing.names:
            return statement(f"{name} =", made)
        return filled(name, indexing.element, made, indexing.clauses)

    def _bounds(self, v: Variable) -> Bounds:
        self.writer.enter(v.over)
        ends: list[str | None] = []
        for text, rounding in ((v.lower, "ceil"), (v.upper, "floor")):
            if text is None or v.domain is Domain.BINARY:
                ends.append(None)
                continue
            node = parse_expression(text)
            shown = self.writer.write(node)
            exact = isinstance(node, Number) and node.value.is_integer()
            if v.domain is Domain.INTEGER and not exact:
                # Solvers have been seen to leave an integer on a fractional bound.
                self.writer.uses_math = True
                sign = "-" if rounding == "ceil" else "+"
                shown = f"math.{rounding}({shown} {sign} {_WHOLE})"
            if v.domain is Domain.SEMICONTINUOUS:
                shown = f"{'min' if rounding == 'ceil' else 'max'}(0, {shown})"
            ends.append(shown)
        return Bounds(*ends)

    def _switch(self, v: Variable, on: str) -> list[str]:
        """Return the rows that let a variable leave zero only where its binary is 1."""
        lines = []
        for op, bound in ((">=", v.lower), ("<=", v.upper)):
            headers = self.writer.headers(v.over)
            at = self._at()
            limit = self.writer.write(parse_expression(bound or "0"), Level.PRODUCT)
            relation = f"{self.symbols[v.name]}{at} {op} {limit} * {on}{at}"
            label = label_text(f"{v.name}_{'least' if op == '>=' else 'most'}", self._indices())
            lines += self._looped(headers, relation, label)
        return lines

    def _indices(self) -> tuple[str, ...]:
        return tuple(index_name(name) for name in self.writer.bound)

    def _at(self) -> str:
        indices = self._indices()
        return f"[{', '.join(indices)}]" if indices else ""

    def _looped(self, headers: list[str], relation: str, label: str) -> list[str]:
        lines = [f"{'    ' * k}{header}" for k, header in enumerate(headers)]
        return [*lines, *self.dialect.row(relation, label, "    " * len(headers))]

    def _definition(self, d: Definition) -> list[str]:
        direction = self.writer.directions.of_definitions[d.name]
        about = comment(meaning(d.description, d.unit))
        return [
            *about,
            *self._table(self.symbols[d.name], d.over, d.expression, self.writer, direction),
        ]

    def _algebraic(self, c: Algebraic) -> list[str]:
        lines: list[str] = []
        pairs = [closed(self.facts, r) for r in relations(parse_relation(c.expression))]
        for k, pair in enumerate(pairs, 1):
            name = c.name if len(pairs) == 1 else f"{c.name}_{k}"
            extra = ""
            if c.penalty is not None:
                made, extra = self._violations(name, c, pair.op)
                lines += made
            headers = self.writer.headers(c.over)
            relation = self.writer.relation(pair, extra)
            lines += self._looped(headers, relation, label_text(name, self._indices()))
        return lines

    def _violations(self, name: str, c: Algebraic, op: str) -> tuple[list[str], str]:
        """Return the lines that make violations, and what they add to the right side."""
        words = {"<=": (("+", "excess"),), ">=": (("-", "shortfall"),)}
        lines: list[str] = []
        extra = ""
        for sign, word in words.get(op, (("+", "excess"), ("-", "shortfall"))):
            symbol = self.names.unique(f"{name}_{word}")
            lines += self._made(symbol, c.over, Domain.CONTINUOUS, Bounds("0", None), symbol)
            indexing = self.writer.enter(c.over)
            at = f"[{', '.join(indexing.names)}]" if indexing.names else ""
            cost = self.writer.write(parse_expression(c.penalty or "0"), Level.PRODUCT)
            term = f"{cost} * {symbol}{at}"
            self.penalties.append(f"sum({term} {indexing.clauses})" if at else term)
            extra += f" {sign} {symbol}{at}"
        return lines, extra

    # --- objectives -------------------------------------------------------------------------------

    def _objectives(self) -> Iterator[str]:
        goals = self.f.objectives
        priorities = sorted({o.priority for o in goals}, reverse=True)
        for group in [[o for o in goals if o.priority == p] for p in priorities] or [[]]:
            yield from self._level(group, first=not self.goals)

    def _level(self, group: list[Objective], *, first: bool) -> list[str]:
        sense = group[0].sense if group else Sense.MINIMIZE
        name = self.names.unique(
            f"{canonical_name(group[0].name, 'goal')}_goal" if group else "goal"
        )
        self.goals.append((name, sense, min((o.tolerance for o in group), default=0.0)))
        self.writer.enter("")
        text = "0"
        if group:
            direction = 1 if sense is Sense.MINIMIZE else -1
            text = self.writer.directed(total_of(group, sense), direction, Level.SUM)
        sign = "+" if sense is Sense.MINIMIZE else "-"
        for penalty in self.penalties if first else []:
            text = f"{text} {sign} {penalty}"
        if not group or self.facts.may_vanish(total_of(group, sense)):
            text = self.writer.vanishing(text)
        about = [line for o in group for line in comment(meaning(o.description, o.unit))]
        return [*about, *statement(f"{name} =", text)]

    # --- report -----------------------------------------------------------------------------------

    def _report(self) -> Iterator[str]:
        yield "def report(objective):"
        yield '    """Prints the objective, what was asked, and the variables that are not zero."""'
        yield '    print("objective:", number(objective))'
        by_name = {d.name: d for d in self.f.definitions}
        for name in self.facts.definition_order() if self.f.asked else []:
            d = by_name[name]
            target = f"{self.symbols[name]}_value"
            lines = self._table(target, d.over, d.expression, self.value_writer)
            yield from (f"    {line}" for line in lines)
        for asked in self.f.asked:
            yield from self._asked(asked)
        for v in self.f.variables:
            yield from self._values(v)

    def _asked(self, asked: Asked) -> Iterator[str]:
        headers = self.value_writer.headers(asked.over)
        indices = [index_name(name) for name in self.value_writer.bound]
        text = self.value_writer.write(parse_expression(asked.expression))
        shown = [quoted(f"{asked.name}:"), *indices, f"number({text})"]
        shown += [quoted(asked.unit)] if asked.unit else []
        yield from (f"{'    ' * (k + 1)}{header}" for k, header in enumerate(headers))
        yield f"{'    ' * (len(headers) + 1)}print({', '.join(shown)})"

    def _values(self, v: Variable) -> Iterator[str]:
        name = self.symbols[v.name]
        if not v.over:
            yield f'    print("{v.name} =", number(value({name})))'
            return
        yield f"    for index, variable in {name}.items():"
        yield "        if abs(value(variable)) > 1e-9:"
        yield "            shown = index if isinstance(index, tuple) else (index,)"
        yield f'            print("{v.name}", *shown, "=", number(value(variable)))'
