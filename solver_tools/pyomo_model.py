"""Sets, parameters, variables, definitions and objectives as the model of a Pyomo program."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.data_names import canonical_name
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Negative,
    Node,
    Number,
)
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import (
    Definition,
    Derived,
    Domain,
    Family,
    Objective,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.source import Level, number_text, quoted
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_layout import (
    RESERVED,
    Names,
    comment,
    spaced,
    statement,
)
from optiwright.solver_tools.pyomo_rules import Rules, statement_call
from optiwright.solver_tools.pyomo_writer import PyomoWriter

_DOMAINS = {
    Domain.CONTINUOUS: "Reals",
    Domain.SEMICONTINUOUS: "Reals",
    Domain.INTEGER: "Integers",
    Domain.BINARY: "Binary",
}


class ModelSource:
    """Writes the model, and keeps what the rest of the program must know of it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.f = instance.formulation
        self.facts = Facts(instance)
        self.components = Names(_attributes_of_a_model())
        self.functions = Names(RESERVED)
        self.attributes = {
            part.name: self.components.unique(part.name)
            for parts in (self.f.sets, self.f.parameters, self.f.variables, self.f.definitions)
            for part in parts
        }
        self.data = {
            part.name: self.functions.unique(part.name)
            for parts in (self.f.sets, self.f.parameters)
            for part in parts
        }
        self.rule_writer = PyomoWriter(self.facts, self.attributes)
        self.outer_writer = PyomoWriter(self.facts, self.attributes, model="model")
        self.value_writer = PyomoWriter(self.facts, self.attributes, model="model", values=True)
        self.rules = Rules(self.rule_writer, self.outer_writer, self.components, self.functions)
        self.levels: list[tuple[str, float]] = []

    def helpers(self) -> set[str]:
        """Return the helper functions that the model calls."""
        return self.rule_writer.helpers | self.outer_writer.helpers

    def lines(self) -> list[str]:
        """Return the lines that build the model."""
        return spaced(list(self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"model = pyo.ConcreteModel({quoted(self.f.title) if self.f.title else ''})"
        body = [line for part in self._parts() for line in part]
        helpers = self.rule_writer.helpers
        if "relation" in helpers:
            yield "model.nothing = pyo.Var(bounds=(0, 0))"
        if "maximum" in helpers:
            yield "model.tops = pyo.VarList()  # one for each maximum in an expression"
            yield "model.top_rows = pyo.ConstraintList()"
            yield "model.maxima = []"
        yield ""
        yield from body

    def _parts(self) -> Iterator[list[str]]:
        families = [s for s in self.f.sets if isinstance(s.data, Family)]
        for s in [s for s in self.f.sets if not isinstance(s.data, Family)] + families:
            yield self._set(s)
        yield [""]
        for name in self.facts.parameter_order():
            yield self._parameter(self.facts.parameters[name])
        yield [""]
        for v in self.f.variables:
            yield self._variable(v)
        by_name = {d.name: d for d in self.f.definitions}
        for name in self.facts.definition_order():
            yield ["", *self._definition(by_name[name])]
        # Soft constraints come before the objective, which holds their penalties.
        constraints = [["", *self.rules.lines(c)] for c in self.f.constraints]
        yield from constraints
        yield from self._objectives()

    def _set(self, s: SetDef) -> list[str]:
        arguments = [f"initialize={self.data[s.name]}"]
        if isinstance(s.data, Family):
            arguments.insert(0, self.outer_writer.enter(s.data.over).domain("model"))
        else:
            elements = self.instance.elements(s.name)
            arity = len(elements[0]) if elements else 1
            arguments += [f"dimen={arity}"] if arity > 1 else []
        return statement_call(f"model.{self.attributes[s.name]} = pyo.Set", arguments)

    def _parameter(self, p: Parameter) -> list[str]:
        name = self.attributes[p.name]
        if isinstance(p.data, Derived):
            indexing = self.rule_writer.enter(p.over)
            text = self.rule_writer.write(parse_expression(p.data.expression))
            about = comment(meaning(p.description, p.unit))
            return [*about, *self._ruled("Param", name, p.over, text, indexing.names), ""]
        arguments = [self.outer_writer.enter(p.over).domain("model")]
        arguments.append(f"initialize={self.data[p.name]}")
        if p.over and p.data.default is not None:
            arguments.append(f"default={number_text(p.data.default)}")
        return statement_call(f"model.{name} = pyo.Param", arguments)

    def _ruled(
        self, kind: str, name: str, over: str, text: str, indices: tuple[str, ...], *options: str
    ) -> list[str]:
        function = self.functions.unique(f"{name}_rule")
        domain = self.outer_writer.enter(over).domain("model")
        return [
            f"def {function}({', '.join(('m', *indices))}):",
            *statement("return", text, "    "),
            "",
            "",
            *statement_call(f"model.{name} = pyo.{kind}", [domain, f"rule={function}", *options]),
        ]

    def _variable(self, v: Variable) -> list[str]:
        name = self.attributes[v.name]
        indexing = self.rule_writer.enter(v.over)
        bounds = "" if v.domain is Domain.BINARY else self._bounds(v, indexing.names)
        domain = _DOMAINS[v.domain]
        if bounds == "NonNegative":
            domain, bounds = f"NonNegative{domain}", ""
        arguments = [
            self.outer_writer.enter(v.over).domain("model"),
            f"domain=pyo.{domain}",
            f"bounds={bounds}" if bounds else "",
            f"doc={quoted(about)}" if (about := meaning(v.description, v.unit)) else "",
        ]
        lines = statement_call(f"model.{name} = pyo.Var", arguments)
        return lines + self._semicontinuity(v) if v.domain is Domain.SEMICONTINUOUS else lines

    def _bounds(self, v: Variable, indices: tuple[str, ...]) -> str:
        if v.lower == "0" and v.upper is None:
            return "NonNegative"
        ends = [None if text is None else parse_expression(text) for text in (v.lower, v.upper)]
        lower, upper = ("None" if e is None else self.rule_writer.write(e) for e in ends)
        if v.domain is Domain.SEMICONTINUOUS:
            lower, upper = self._with_zero("min", lower), self._with_zero("max", upper)
        if lower == upper == "None":
            return ""
        if all(e is None or isinstance(e, Number) for e in ends):
            return f"({lower}, {upper})"
        return f"lambda {', '.join(('m', *indices))}: ({lower}, {upper})"

    def _with_zero(self, extreme: str, bound: str) -> str:
        """Return the bound that a variable has which may be zero too."""
        return "0" if extreme == "min" and bound[:1].isdigit() else f"{extreme}(0, {bound})"

    def _semicontinuity(self, v: Variable) -> list[str]:
        """Return the binary that lets the variable leave zero, and the rows that tie them."""
        name, on = self.attributes[v.name], self.components.unique(f"{v.name}_on")
        domain = self.outer_writer.enter(v.over).domain("model")
        indices = self.rule_writer.enter(v.over).names
        at = f"[{', '.join(indices)}]" if indices else ""
        lines = statement_call(f"model.{on} = pyo.Var", [domain, "domain=pyo.Binary"])
        for end, op, bound in (("least", ">=", v.lower), ("most", "<=", v.upper)):
            self.rule_writer.enter(v.over)
            node = parse_expression(bound or "0")
            text = f"m.{name}{at} {op} {self.rule_writer.write(node, Level.PRODUCT)} * m.{on}{at}"
            row = self.components.unique(f"{v.name}_{end}")
            lines += ["", *self._ruled("Constraint", row, v.over, text, indices)]
        return [*lines, ""]

    def _definition(self, d: Definition) -> list[str]:
        indexing = self.rule_writer.enter(d.over)
        direction = self.rule_writer.directions.of_definitions[d.name]
        text = self.rule_writer.directed(self.facts.definitions[d.name], direction)
        about = comment(meaning(d.description, d.unit))
        name = self.attributes[d.name]
        return [*about, *self._ruled("Expression", name, d.over, text, indexing.names)]

    # --- objectives -------------------------------------------------------------------------------

    def _objectives(self) -> Iterator[list[str]]:
        goals = self.f.objectives
        priorities = sorted({o.priority for o in goals}, reverse=True)
        if not goals:
            yield self._level([], Sense.MINIMIZE, first=True)
        for k, priority in enumerate(priorities):
            group = [o for o in goals if o.priority == priority]
            yield self._level(group, group[0].sense, first=k == 0)

    def _level(self, goals: list[Objective], sense: Sense, *, first: bool) -> list[str]:
        name = self.components.unique(
            canonical_name(goals[0].name, "goal") if goals else "feasibility"
        )
        self.levels.append((name, min((o.tolerance for o in goals), default=0.0)))
        self.rule_writer.enter("")
        direction = 1 if sense is Sense.MINIMIZE else -1
        text = "0"
        if goals:
            text = self.rule_writer.directed(total_of(goals, sense), direction, Level.SUM)
        sign = "+" if sense is Sense.MINIMIZE else "-"
        for penalty in self.rules.penalties if first else []:
            text = f"{text} {sign} {penalty}"
        about = [line for o in goals for line in comment(meaning(o.description, o.unit))]
        option = f"sense=pyo.{sense.value}"
        return ["", *about, *self._ruled("Objective", name, "", text, (), option)]


def total_of(goals: list[Objective], sense: Sense) -> Node:
    """Return the weighted sum of goals; one of the other sense is subtracted."""
    terms: list[Node] = []
    for o in goals:
        node = parse_expression(o.expression)
        if o.weight != 1:
            node = Arithmetic("*", Number(o.weight, node.span), node, node.span)
        terms.append(node if o.sense is sense else Negative(node, node.span))
    return terms[0] if len(terms) == 1 else Addition(tuple(terms), terms[0].span)


def meaning(description: str, unit: str) -> str:
    """Return a description with its unit."""
    text = " ".join(description.split())
    return f"{text} [{unit}]" if text and unit else text or (f"[{unit}]" if unit else "")


def _attributes_of_a_model() -> frozenset[str]:
    # Pyomo takes a third of a second to import, and only the writing of a program needs it.
    import pyomo.environ as pyo

    ours = {"nothing", "tops", "top_rows", "maxima", "reached"}
    return frozenset(dir(pyo.ConcreteModel())) | ours
