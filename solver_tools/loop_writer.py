"""Expressions over plain Python names, for programs whose sets are lists and tables dictionaries.

What libraries say differently is in the two subclasses: how variables are summed and divided.
"""

from __future__ import annotations

from optiwright.formulators.classify import left_equals
from optiwright.formulators.expressions import (
    Arithmetic,
    Call,
    Generator,
    Item,
    Node,
    Reduction,
)
from optiwright.formulators.latex import named_over
from optiwright.formulators.source import Level
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_writer import PyomoWriter


class LoopWriter(PyomoWriter):
    """Writes trees as plain Python.

    With `values` it writes what the solution amounts to: `value(x[i])` for a variable, `d_value[i]`
    for a definition.
    """

    def __init__(self, facts: Facts, names: dict[str, str], *, values: bool = False) -> None:
        super().__init__(facts, names, model="", values=values)
        self.uses_math = False

    def headers(self, over: str) -> list[str]:
        """Return the `for` and `if` lines of an index clause; its indices come into scope."""
        self.bound = {}
        lines = []
        for generator in self.generators(over):
            bare = Generator(generator.targets, generator.domain, (), generator.span)
            lines.append(f"{self.clause(bare)}:")
            lines += [f"if {self.write(c)}:" for c in generator.conditions]
        return lines

    def generators(self, over: str) -> tuple[Generator, ...]:
        """Return an index clause in which every index has a name that reads well."""
        return named_over(over, self.facts.formulation)

    def symbol(self, name: str, subscript: str) -> str:
        """Return a name, with its index if it has one."""
        text = super().symbol(name, subscript).removeprefix(".")
        if not self.values:
            return text
        if name in self.facts.definitions:
            return f"{self.attributes[name]}_value{subscript}"
        at = f"{self.attributes[name]}{subscript}"
        return f"value({at})" if name in self.facts.variables else at

    def item(self, node: Item) -> str:
        """Return an indexed symbol; an empty index is none."""
        return self.symbol(node.name, f"[{self.indices(node)}]" if node.indices else "")

    def function(self, node: Call, arguments: str) -> str:
        """Return a call of a function of data."""
        self.uses_math = True
        return f"math.{node.function}({arguments})"

    def reduction(self, node: Reduction) -> str:
        """Return a sum, a product or an extreme."""
        self.uses_math |= node.op == "prod"
        return super().reduction(node)

    def end(self, which: str, domain: Node) -> str:
        """Return the first or the last element of a list."""
        return f"{self.write(domain)}[{0 if which == 'first' else -1}]"

    def step(self, which: str, domain: Node, index: Node) -> str:
        """Return a neighbour in a list."""
        sign = "-" if which == "prev" else "+"
        listed = self.write(domain)
        return f"{listed}[{listed}.index({self.write(index)}) {sign} 1]"

    def solves_for(self, node: Node) -> bool:
        """Whether a node holds variables that are to be solved for."""
        return not self.values and self.facts.has_variables(node)


class HighspyWriter(LoopWriter):
    """Writes linear expressions of highspy's variables."""

    def sum_of(self, node: Reduction, inner: str) -> str:
        """Return highspy's own sum, which does not copy at every term."""
        return f"solver.qsum({inner})" if self.solves_for(node) else f"sum({inner})"

    def helper(self, helper: str, arguments: str, node: Call | Reduction) -> str:
        """Return a call of the program's own helper."""
        self.helpers |= {helper, "maximum"}
        return f"{helper}({arguments})"

    def arithmetic(self, node: Arithmetic) -> tuple[str, Level]:
        """Return a product or a quotient; highspy's expressions cannot be divided."""
        if node.op == "/" and self.solves_for(node.left):
            left, right = self.write(node.left, Level.PRODUCT), self.write(node.right, Level.UNARY)
            return f"{left} * (1 / {right})", Level.PRODUCT
        return super().arithmetic(node)

    def vanishing(self, text: str) -> str:
        """Return a relation whose sides may both be numbers."""
        return f"solver.expr() + {text}"


class CvxpyWriter(LoopWriter):
    """Writes expressions of CVXPY's variables with the atoms that its rules know."""

    def function(self, node: Call, arguments: str) -> str:
        """Return an atom for variables, a plain function for data."""
        if self.solves_for(node):
            return f"cp.{node.function}({arguments})"
        return super().function(node, arguments)

    def helper(self, helper: str, arguments: str, node: Call | Reduction) -> str:
        """Return an atom for `min`, `max` or `abs`."""
        if helper == "absolute":
            return f"cp.abs({arguments})"
        return f"cp.{helper[:3]}(cp.hstack({arguments}))"

    def arithmetic(self, node: Arithmetic) -> tuple[str, Level]:
        """Return a product, a quotient or a power in a form that the rules accept."""
        match node:
            case Arithmetic(op="*", left=left, right=right) if left_equals(left, right):
                if self.solves_for(left):
                    return f"cp.square({self.write(left)})", Level.ATOM
            case Arithmetic(op="/", left=left, right=right) if self.solves_for(right):
                text = self.write(left, Level.PRODUCT)
                return f"{text} * cp.inv_pos({self.write(right)})", Level.PRODUCT
            case Arithmetic(op="**", left=left, right=right) if self.solves_for(right):
                self.uses_math = True
                base, power = self.write(left), self.write(right, Level.UNARY)
                return f"cp.exp(math.log({base}) * {power})", Level.ATOM
        return super().arithmetic(node)

    def vanishing(self, text: str) -> str:
        """Return a relation whose sides may both be numbers."""
        return f"cp.Constant(0) + {text}"
