"""What must be known of a formulation's expressions before they are written as a Pyomo program.

Which of them hold variables, are linear, take whole values only, are of one sign.
"""

from __future__ import annotations

from functools import cached_property

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
    Item,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    names_in,
)
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import Derived, Domain, Formulation, Listed, Range
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.solver_tools.compile_terms import decision_names


class Facts:
    """Answers questions on expressions of one formulation with its data."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.formulation: Formulation = instance.formulation
        f = self.formulation
        self.sets = {s.name: s for s in f.sets}
        self.parameters = {p.name: p for p in f.parameters}
        self.variables = {v.name: v for v in f.variables}
        self.definitions = {d.name: parse_expression(d.expression) for d in f.definitions}

    @cached_property
    def variable_definitions(self) -> frozenset[str]:
        """Return the definitions that hold variables, directly or through others."""
        return decision_names(self.instance) - self.variables.keys()

    def has_variables(self, node: Node | Generator) -> bool:
        """Tell whether an expression depends on any decision."""
        names = names_in(node)
        return bool(names & self.variables.keys() or names & self.variable_definitions)

    def may_vanish(self, node: Node) -> bool:
        """Tell whether it may come out as a plain number, for want of variables or of terms."""
        match node:
            case Name(name=name) | Item(name=name):
                return name not in self.variables and name not in self.variable_definitions
            case Negative(operand=operand):
                return self.may_vanish(operand)
            case Addition(terms=parts) | Call(arguments=parts):
                return all(self.may_vanish(part) for part in parts)
            case Arithmetic(op="**", left=left, right=right):
                return self.may_vanish(left) or not isinstance(right, Number) or right.value == 0
            case Arithmetic(left=left, right=right):
                return self.may_vanish(left) and self.may_vanish(right)
            case Choice(yes=yes, no=no):
                return self.may_vanish(yes) or self.may_vanish(no)
            case Reduction(body=body, generators=generators):
                return self.may_vanish(body) or not all(map(self._surely_runs, generators))
        return True

    def _surely_runs(self, generator: Generator) -> bool:
        if generator.conditions or isinstance(generator.domain, Item):
            return False
        data = self.sets[generator.domain.name].data
        return isinstance(data, Listed | Range) and bool(
            self.instance.elements(generator.domain.name)
        )

    def is_linear(self, node: Node) -> bool:
        """Tell whether it is linear in the variables, `min`, `max` and `abs` of such included."""
        if not self.has_variables(node):
            return True
        match node:
            case Name(name=name) | Item(name=name):
                return name in self.variables or self.is_linear(self.definitions[name])
            case Arithmetic(op="*", left=left, right=right):
                one = not (self.has_variables(left) and self.has_variables(right))
                return one and self.is_linear(left) and self.is_linear(right)
            case Arithmetic(op="/", left=left, right=right):
                return not self.has_variables(right) and self.is_linear(left)
            case Arithmetic() | Reduction(op="prod"):
                return False
            case Call(function=function, arguments=parts):
                return function in {"abs", "min", "max"} and all(map(self.is_linear, parts))
            case Addition(terms=parts) | Comparison(operands=parts) | Logical(operands=parts):
                return all(map(self.is_linear, parts))
            case Negative(operand=part) | Reduction(body=part):
                return self.is_linear(part)
            case Choice(yes=yes, no=no):
                return self.is_linear(yes) and self.is_linear(no)
        return False

    def definition_order(self) -> list[str]:
        """Return the definitions, each after those that it mentions."""
        return ordered({n: names_in(node) for n, node in self.definitions.items()})

    def parameter_order(self) -> list[str]:
        """Return the parameters, each after those that it is computed from."""
        uses = {}
        for p in self.formulation.parameters:
            parts: list[frozenset[str]] = [names_in(g) for g in parse_over(p.over)]
            if isinstance(p.data, Derived):
                parts.append(names_in(parse_expression(p.data.expression)))
            uses[p.name] = frozenset().union(*parts)
        return ordered(uses)

    def sign(self, node: Node) -> int:
        """Return 1 or -1 for a factor without variables that is never of the other sign, else 0."""
        match node:
            case Number(value=value):
                return 1 if value >= 0 else -1
            case Name(name=name) | Item(name=name) if name in self.parameters:
                return self._sign_of_data(name)
            case Negative(operand=operand):
                return -self.sign(operand)
            case Arithmetic(op="*" | "/", left=left, right=right):
                return self.sign(left) * self.sign(right)
            case Addition(terms=terms):
                signs = {self.sign(term) for term in terms}
                return signs.pop() if len(signs) == 1 else 0
            case Reduction(op="sum" | "min" | "max", body=body):
                return self.sign(body)
            case Call(function="abs" | "exp" | "sqrt" | "len"):
                return 1
        return 0

    def _sign_of_data(self, name: str) -> int:
        values = self.instance.parameter(name).values()
        if all(value >= 0 for value in values):
            return 1
        return -1 if all(value <= 0 for value in values) else 0

    def is_integer(self, node: Node) -> bool:
        """Tell whether it takes whole values only; an index counts as one."""
        match node:
            case Number(value=value):
                return value.is_integer()
            case Name(name=name) | Item(name=name):
                return self._is_integer_symbol(name)
            case Negative(operand=part) | Reduction(op="sum" | "prod" | "min" | "max", body=part):
                return self.is_integer(part)
            case Arithmetic(op="*", left=left, right=right):
                return self.is_integer(left) and self.is_integer(right)
            case Addition(terms=parts) | Call(function="abs" | "min" | "max", arguments=parts):
                return all(map(self.is_integer, parts))
            case Choice(yes=yes, no=no):
                return self.is_integer(yes) and self.is_integer(no)
        return isinstance(node, Call) and node.function == "len"

    def _is_integer_symbol(self, name: str) -> bool:
        if name in self.variables:
            return self.variables[name].domain in {Domain.INTEGER, Domain.BINARY}
        if name in self.parameters:
            return all(float(v).is_integer() for v in self.instance.parameter(name).values())
        return self.is_integer(self.definitions[name]) if name in self.definitions else True


def ordered(uses: dict[str, frozenset[str]]) -> list[str]:
    """Return the names, each after those of its uses that are names too.

    Raises:
        FormulationError: if they refer to each other in a circle.
    """
    done: list[str] = []
    while len(done) < len(uses):
        ready = [n for n in uses if n not in done and uses[n] & uses.keys() <= set(done)]
        if not ready:
            circle = ", ".join(n for n in uses if n not in done)
            raise FormulationError("definitions refer to each other in a circle", where=circle)
        done += ready
    return done
