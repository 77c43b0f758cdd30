"""Constraints of every kind as rules of a Pyomo program."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Either,
    Implication,
    Logic,
    Piecewise,
    Rule,
)
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.source import Level, number_text
from optiwright.solver_tools.compile_piecewise import pieces_of
from optiwright.solver_tools.pyomo_layout import WIDTH, Names, comment, statement
from optiwright.solver_tools.pyomo_logic import Relation, alternatives, closed, relations
from optiwright.solver_tools.pyomo_writer import Indexing, PyomoWriter


class Rules:
    """Writes constraints; remembers what breaking the soft ones costs."""

    def __init__(
        self, writer: PyomoWriter, outside: PyomoWriter, components: Names, functions: Names
    ) -> None:
        self.writer = writer
        self.outside = outside
        self.components = components
        self.functions = functions
        self.penalties: list[str] = []
        """Terms of the objective, each as Python source over `m`."""

    def lines(self, c: Constraint) -> list[str]:
        """Return the lines of one constraint, its sentence first.

        Raises:
            FormulationError: if the kind has no form in this program.
        """
        match c:
            case Algebraic():
                body = [line for part in self._algebraic(c) for line in part]
            case Implication(condition=condition, then=then):
                facts = self.writer.facts
                fails = alternatives(facts, parse_expression(condition), False)
                body = self._disjunction(c, fails + alternatives(facts, parse_relation(then)))
            case Either(options=options, at_least=count):
                if count > len(options):
                    raise FormulationError(
                        f"at least {count} of {len(options)} options cannot hold",
                        where=f"constraint `{c.name}`",
                    )
                found = [self._whole(option) for option in options]
                choices = combinations(found, count)
                body = self._disjunction(
                    c, [[r for part in chosen for r in part] for chosen in choices]
                )
            case Logic(expression=expression):
                facts = self.writer.facts
                body = self._disjunction(c, alternatives(facts, parse_expression(expression)))
            case Piecewise():
                body = self._piecewise(c)
            case _:
                raise FormulationError(
                    f"a constraint of kind `{c.kind}` cannot be written as a Pyomo program",
                    where=f"constraint `{c.name}`",
                    remedy="Write it with CP-SAT (`--as cp-sat`), or as rows with highspy "
                    "(`--as highspy`).",
                )
        return [*comment(c.description), *body]

    def _whole(self, option: str) -> list[Relation]:
        facts = self.writer.facts
        return [closed(facts, r) for r in relations(parse_relation(option))]

    def _algebraic(self, c: Algebraic) -> Iterator[list[str]]:
        pairs = [closed(self.writer.facts, r) for r in relations(parse_relation(c.expression))]
        for k, pair in enumerate(pairs, 1):
            name = self.components.unique(c.name if len(pairs) == 1 else f"{c.name}_{k}")
            indexing = self.writer.enter(c.over)
            extra = ""
            if c.penalty is not None:
                extra, violations = self._violations(name, pair, indexing)
                yield [self._violation(v, c.over) for v in violations]
                self._penalize(c.penalty, violations, indexing)
            text = self.writer.relation(pair, extra)
            body = statement("return", text, "    ")
            yield self._component("pyo.Constraint", name, c.over, indexing, body)

    def _domain(self, over: str) -> str:
        return self.outside.enter(over).domain("model")

    def _violations(self, name: str, r: Relation, indexing: Indexing) -> tuple[str, list[str]]:
        at = f"[{', '.join(indexing.names)}]" if indexing.names else ""
        if r.op != "==":
            violation = self.components.unique(f"{name}_violation")
            return f" {'+' if r.op == '<=' else '-'} m.{violation}{at}", [violation]
        above, below = (self.components.unique(f"{name}_{end}") for end in ("excess", "shortfall"))
        return f" + m.{above}{at} - m.{below}{at}", [above, below]

    def _violation(self, name: str, over: str) -> str:
        arguments = [self._domain(over), "domain=pyo.NonNegativeReals"]
        return f"model.{name} = pyo.Var({', '.join(filter(None, arguments))})"

    def _penalize(self, penalty: str, violations: list[str], indexing: Indexing) -> None:
        cost = self.writer.write(parse_expression(penalty), Level.PRODUCT)
        for name in violations:
            at = f"[{', '.join(indexing.names)}]" if indexing.names else ""
            term = f"{cost} * m.{name}{at}"
            self.penalties.append(f"sum({term} {indexing.clauses})" if indexing.names else term)

    def _disjunction(self, c: Rule, options: list[list[Relation]]) -> list[str]:
        self.writer.helpers.add("disjunction")
        name = self.components.unique(c.name)
        indexing = self.writer.enter(c.over)
        texts = [f"[{', '.join(self.writer.relation(r) for r in option)}]" for option in options]
        body = statement_list("    return", texts)
        return self._component("gdp.Disjunction", name, c.over, indexing, body, "xor=False")

    def _component(
        self, kind: str, name: str, over: str, indexing: Indexing, body: list[str], *options: str
    ) -> list[str]:
        function = self.functions.unique(f"{name}_rule")
        arguments = [self._domain(over), f"rule={function}", *options]
        return [
            f"def {function}({', '.join(('m', *indexing.names))}):",
            *body,
            "",
            "",
            *statement_call(f"model.{name} = {kind}", arguments),
        ]

    def _piecewise(self, c: Piecewise) -> list[str]:
        pieces_of(c)  # refuses points that make no function
        self.writer.helpers.add("link_piecewise")
        name = self.components.unique(c.name)
        function = self.functions.unique(f"{name}_rule")
        points = self.functions.unique(f"{name}_points")
        indexing = self.writer.enter(c.over)
        argument = self.writer.directed(parse_expression(c.argument), 0)
        value = self.writer.directed(parse_expression(c.value), 0)
        shown = [f"({number_text(x)}, {number_text(y)})" for x, y in c.points]
        return [
            *statement_list(f"{points} =", shown),
            "",
            "",
            f"def {function}({', '.join(('block', *indexing.names))}):",
            "    m = block.model()",
            *statement_call("    link_piecewise", ["block", argument, value, points]),
            "",
            "",
            *statement_call(
                f"model.{name} = pyo.Block", [self._domain(c.over), f"rule={function}"]
            ),
        ]


def statement_call(head: str, arguments: list[str]) -> list[str]:
    """Return a call on one line, or with an argument a line where it is too long."""
    given = [a for a in arguments if a]
    one_line = f"{head}({', '.join(given)})"
    if len(one_line) <= WIDTH:
        return [one_line]
    indent = " " * (len(head) - len(head.lstrip()))
    return [f"{head}(", *(f"{indent}    {a}," for a in given), f"{indent})"]


def statement_list(head: str, items: list[str]) -> list[str]:
    """Return `head [items]` on one line, or with an item a line where it is too long."""
    one_line = f"{head} [{', '.join(items)}]"
    if len(one_line) <= WIDTH:
        return [one_line]
    indent = " " * (len(head) - len(head.lstrip()))
    return [f"{head} [", *(f"{indent}    {item}," for item in items), f"{indent}]"]
