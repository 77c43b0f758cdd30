"""Expressions and index clauses as the Python source of a Pyomo model."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Call,
    Comparison,
    Generator,
    Item,
    Name,
    Node,
    Number,
    Reduction,
)
from optiwright.formulators.model import Family, FromTable
from optiwright.formulators.parser import parse_over
from optiwright.formulators.source import Level, SourceWriter
from optiwright.solver_tools.pyomo_direction import Directions
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_layout import index_name
from optiwright.solver_tools.pyomo_logic import Relation

_EXTREMES = {"min": "minimum", "max": "maximum"}


@dataclass(frozen=True, slots=True)
class Indexing:
    """An index clause in Python: names of the indices, and the set to declare a component over."""

    names: tuple[str, ...]
    clauses: str
    """`for i in m.I for j in m.J if i != j`, empty for a scalar."""
    plain_sets: tuple[str, ...]
    """The sets' names if the clause is a plain product of them, else empty."""

    @property
    def element(self) -> str:
        """Return the indices as one index."""
        inner = ", ".join(self.names)
        return inner if len(self.names) == 1 else f"({inner})"

    def domain(self, model: str) -> str:
        """Return the first arguments of a component's constructor, empty for a scalar."""
        if not self.names:
            return ""
        if self.plain_sets:
            return ", ".join(f"{model}.{name}" for name in self.plain_sets)
        return f"[{self.element} {self.clauses}]"

    def keys(self, model: str) -> str:
        """Return something to loop over the indices by."""
        if len(self.plain_sets) == 1:
            return f"{model}.{self.plain_sets[0]}"
        return f"[{self.element} {self.clauses}]"


class PyomoWriter(SourceWriter):
    """Writes trees over one model variable, `m` in rules and `model` outside.

    With `values` it writes what the solution amounts to instead of an expression to be solved for.
    """

    def __init__(
        self,
        facts: Facts,
        attributes: dict[str, str],
        *,
        model: str = "m",
        values: bool = False,
    ) -> None:
        self.facts = facts
        self.directions = Directions(facts)
        self.attributes = attributes
        self.model = model
        self.values = values
        self.bound: dict[str, Name | Item | None] = {}
        """The indices in scope and the sets that bind them; None where a tuple set does."""
        self.exact: frozenset[int] = frozenset()
        self.helpers: set[str] = set()
        """The helper functions that what was written so far calls."""

    def directed(self, node: Node, direction: int, floor: Level = Level.CHOICE) -> str:
        """Return a node that the problem pushes down (1), up (-1) or both ways (0)."""
        self.exact = self.directions.exact_nodes(node, direction)
        return self.write(node, floor)

    def relation(self, r: Relation, extra: str = "") -> str:
        """Return a relation; `extra` is added to its right side as it stands."""
        direction = {"<=": 1, ">=": -1}.get(r.op, 0)
        right_node = _shifted(r.right, r.shift)
        left = self.directed(r.left, direction, Level.SUM)
        text = f"{left} {r.op} {self.directed(right_node, -direction, Level.SUM)}{extra}"
        if extra or not (self.facts.may_vanish(r.left) and self.facts.may_vanish(right_node)):
            return text
        return self.vanishing(text)

    def vanishing(self, text: str) -> str:
        """Return a relation in which no variable may be left, so that it stays a relation."""
        self.helpers.add("relation")
        return f"relation({self.model}, {text})"

    def enter(self, over: str) -> Indexing:
        """Bring the indices of an index clause into scope, and no others."""
        self.bound = {}
        generators = self.generators(over)
        clauses = " ".join(self.clause(g) for g in generators)
        plain = all(isinstance(g.domain, Name) and not g.conditions for g in generators)
        names = tuple(index_name(t) for g in generators for t in g.targets)
        sets = tuple(self.attributes[g.domain.name] for g in generators) if plain else ()
        return Indexing(names, clauses, sets)

    def generators(self, over: str) -> tuple[Generator, ...]:
        """Return an index clause in which every index has a name."""
        return tuple(self._named(g) for g in parse_over(over))

    def _named(self, generator: Generator) -> Generator:
        arity = self._arity(generator.domain.name)
        targets = generator.targets
        if len(targets) == 1 and targets[0].startswith("_") and arity > 1:
            targets = tuple(f"{targets[0]}_{k}" for k in range(arity))
        return Generator(targets, generator.domain, generator.conditions, generator.span)

    def _arity(self, set_name: str) -> int:
        found = self.facts.sets.get(set_name)
        if found is None:
            raise FormulationError(f"`{set_name}` is no set", remedy="Declare it under sets.")
        if isinstance(found.data, FromTable):
            return len(found.data.columns)
        if isinstance(found.data, Family):
            families = self.facts.instance.family(set_name).values()
            elements = [e for members in families for e in members]
        else:
            elements = list(self.facts.instance.elements(set_name)[:1])
        return len(elements[0]) if elements else 1

    # --- the leaves -------------------------------------------------------------------------------

    def name(self, node: Name) -> str:
        """Return an index, or a scalar symbol as an attribute of the model."""
        if node.name in self.bound:
            return index_name(node.name)
        return self.symbol(node.name, "")

    def item(self, node: Item) -> str:
        """Return an indexed symbol as an attribute of the model."""
        return self.symbol(node.name, f"[{self.indices(node)}]")

    def symbol(self, name: str, subscript: str) -> str:
        """Return a set, parameter, variable or definition with what is in its brackets."""
        if name not in self.attributes:
            raise FormulationError(f"`{name}` is not declared", remedy="Declare it.")
        text = f"{self.model}.{self.attributes[name]}{subscript}"
        if self.values and name in self.facts.definitions:
            return f"pyo.value({text})"
        return f"{text}.value" if self.values and name in self.facts.variables else text

    def call(self, node: Call) -> str:
        """Return a function call; `min`, `max` and `abs` of variables go through helpers."""
        match node.function:
            case "prev" | "next":
                return self._step(node)
            case "first" | "last":
                return self.end(node.function, node.arguments[0])
            case "len":
                return f"len({self.write(node.arguments[0])})"
        arguments = ", ".join(self.write(a) for a in node.arguments)
        if node.function not in {"min", "max", "abs"}:
            return self.function(node, arguments)
        if not self.needs_helper(node):
            return f"{node.function}({arguments})"
        if node.function == "abs":
            return self.helper("absolute", arguments, node)
        return self.helper(_EXTREMES[node.function], f"[{arguments}]", node)

    def needs_helper(self, node: Call | Reduction) -> bool:
        """Whether a `min`, `max` or `abs` is of variables that are to be solved for."""
        return not self.values and self.facts.has_variables(node)

    def helper(self, helper: str, arguments: str, node: Call | Reduction) -> str:
        """Return a call of the helper for a `min`, `max` or `abs` of variables."""
        exact = ", exact=True" if id(node) in self.exact else ""
        self.helpers |= {helper, "maximum"} | ({"exact"} if exact else set())
        return f"{helper}({self.model}, {arguments}{exact})"

    def _step(self, node: Call) -> str:
        index = node.arguments[0]
        if len(node.arguments) == 2:
            domain: Node | None = node.arguments[1]
        else:
            domain = self._set_of(index)
        if domain is None:
            raise FormulationError(
                f"`{node.function}` does not know its ordered set",
                remedy=f"Name the set: `{node.function}(t, T)`.",
            )
        return self.step(node.function, domain, index)

    def function(self, node: Call, arguments: str) -> str:
        """Return a call of `exp`, `log`, `sqrt`, `sin` or `cos`."""
        return f"pyo.{node.function}({arguments})"

    def end(self, which: str, domain: Node) -> str:
        """Return the `first` or the `last` element of an ordered set."""
        return f"{self.write(domain)}.{which}()"

    def step(self, which: str, domain: Node, index: Node) -> str:
        """Return the element before (`prev`) or after (`next`) another in an ordered set."""
        return f"{self.write(domain)}.{which}({self.write(index)})"

    def position(self, domain: Node, element: Node) -> str:
        """Return where an element stands in an ordered set."""
        return f"{self.write(domain)}.ord({self.write(element)})"

    def _set_of(self, node: Node) -> Node | None:
        """Return the ordered set that an index expression steps in."""
        match node:
            case Name(name=name):
                return self.bound.get(name)
            case Call(function="prev" | "next" | "first" | "last", arguments=arguments):
                explicit = node.function in {"first", "last"} or len(arguments) == 2
                return arguments[-1] if explicit else self._set_of(arguments[0])
        return None

    def reduction(self, node: Reduction) -> str:
        """Return a sum or a product as Python's own, an extreme as Python's or a helper's."""
        outer = dict(self.bound)
        clauses = " ".join(self.clause(g) for g in node.generators)
        inner = f"{self.write(node.body)} {clauses}"
        self.bound = outer
        if node.op == "prod":
            self.helpers.add("prod")
            return f"math.prod({inner})"
        if node.op == "sum":
            return self.sum_of(node, inner)
        if not self.needs_helper(node):
            return f"{node.op}({inner})"
        return self.helper(_EXTREMES[node.op], f"[{inner}]", node)

    def sum_of(self, node: Reduction, inner: str) -> str:
        """Return a sum, given what stands in its brackets."""
        return f"sum({inner})"

    def clause(self, generator: Generator) -> str:
        """Return `for i, j in m.Arcs if ...` and bring the indices into scope."""
        domain = self.write(generator.domain)
        single = len(generator.targets) == 1
        self.bound |= {t: generator.domain if single else None for t in generator.targets}
        targets = ", ".join(index_name(t) for t in generator.targets)
        conditions = "".join(f" if {self.write(c, Level.OR)}" for c in generator.conditions)
        return f"for {targets} in {domain}{conditions}"

    def comparison(self, node: Comparison) -> str:
        """Return a chain of comparisons; labels of one ordered set compare by position."""
        ordered = self._common_set(node)
        if ordered is None:
            return super().comparison(node)
        sides = [self.position(ordered, operand) for operand in node.operands]
        rest = (f" {op} {side}" for op, side in zip(node.ops, sides[1:], strict=True))
        return sides[0] + "".join(rest)

    def _common_set(self, node: Comparison) -> Name | None:
        """Return the set whose order a comparison of labels goes by, None for any other."""
        if not set(node.ops) <= {"<", "<=", ">", ">="}:
            return None
        domains = [self._set_of(operand) for operand in node.operands]
        first = domains[0]
        if not isinstance(first, Name):
            return None
        if not all(isinstance(d, Name) and d.name == first.name for d in domains):
            return None
        elements = self.facts.instance.elements(first.name)
        return None if all(isinstance(e[0], int) for e in elements) else first


def _shifted(node: Node, shift: int) -> Node:
    if isinstance(node, Number) or shift == 0:
        return Number(node.value + shift, node.span) if isinstance(node, Number) else node
    return Addition((node, Number(float(shift), node.span)), node.span)
