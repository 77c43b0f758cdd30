"""A solution as symbols with values, whatever route it came by, for expressions to be valued over.

A compiled formulation has its own symbols. A written program's variables and reported quantities
become a formulation of scalar variables, so that the same evaluator values both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from optiwright.agent.record import RunRecord
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.expressions import (
    Generator,
    Item,
    Name,
    Node,
    Number,
    children,
    walk,
)
from optiwright.formulators.model import Formulation, Index, Variable
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.parser import parse_expression
from optiwright.solver_tools.evaluation import point_of
from optiwright.solver_tools.interpret import Interpreter
from optiwright.solver_tools.solution import Solution
from optiwright.solver_tools.written_result import ProgramReport

_MOST_SYMBOLS = 60
"""What a small model can still look through."""


@dataclass(frozen=True)
class Symbol:
    """Something of the solution that has a value."""

    expression: str
    meaning: str
    decision: bool = False
    """Whether it is a variable, and no definition or reported total."""

    def __str__(self) -> str:
        return f"`{self.expression}`" + (f": {self.meaning}" if self.meaning else "")


@dataclass(frozen=True)
class SolvedSymbols:
    """A solution's symbols, and what values expressions over them.

    Attributes:
        decided: names whose value the solution decides; an expression has to use one of them.
    """

    symbols: tuple[Symbol, ...]
    interpreter: Interpreter
    decided: frozenset[str] = field(default_factory=frozenset)

    def value(self, expression: str) -> float:
        """Return an expression's value at the solution.

        Raises:
            FormulationError: if it is no expression, states a number, uses nothing of the
                solution, or has no value.
        """
        tree = parse_expression(expression)
        if any(isinstance(node, Number) for node in _without_indices(tree)):
            raise FormulationError(f"`{expression}` states a number of its own")
        names = {node.name for node in walk(tree) if isinstance(node, Name | Item)}
        if not names & self.decided:
            raise FormulationError(f"`{expression}` uses nothing of the solution")
        with bounded_nesting():
            return float(self.interpreter.value(tree, {}))


def symbols_of(record: RunRecord) -> SolvedSymbols | None:
    """Return the symbols of a run's answer; None where it has no point."""
    result = record.result
    if result is None:
        return None
    formulation, solution = result.formulation, result.solution
    if formulation is not None and solution is not None and solution.values:
        return formulated_symbols(formulation, solution)
    reports = [p.report for p in record.programs if p.adopted and p.report is not None]
    return program_symbols(reports[-1]) if reports else None


def formulated_symbols(formulation: Formulation, solution: Solution) -> SolvedSymbols | None:
    """Return the symbols of a formulation that was solved; None where its point has no values."""
    try:
        interpreter = Interpreter(formulation, point_of(solution))
        symbols = tuple(_formulated(formulation, interpreter))
    except (UserError, FormulationError):
        return None
    decided = {v.name for v in formulation.variables} | {d.name for d in formulation.definitions}
    return SolvedSymbols(symbols[:_MOST_SYMBOLS], interpreter, frozenset(decided))


def _formulated(formulation: Formulation, interpreter: Interpreter) -> Iterator[Symbol]:
    parts = [(d.name, d.description, False) for d in formulation.definitions]
    parts += [(v.name, v.description, True) for v in formulation.variables]
    for name, meaning, decision in parts:
        for index in interpreter.domain(name):
            yield Symbol(_item(name, index), meaning, decision)


def _item(name: str, index: Index) -> str:
    """Return `name["north", 2]`, as the expression language writes it."""
    shown = [f'"{i}"' if isinstance(i, str) else str(i) for i in index]
    return f"{name}[{', '.join(shown)}]" if shown else name


def program_symbols(report: ProgramReport) -> SolvedSymbols | None:
    """Return the symbols of a program that ran; None where it left no values.

    Each reported quantity and each variable gets a name of its own; the reported come first.
    """
    values: dict[str, tuple[float, str]] = {}
    for quantity in report.quantities:
        if isinstance(quantity.value, float):
            values.setdefault(_identifier(quantity.name), (quantity.value, quantity.name))
    for variable in report.variables:
        if variable.value is not None:
            original = _item(variable.name, variable.index)
            values.setdefault(_identifier(original), (variable.value, original))
    if not values:
        return None
    shown = dict(list(values.items())[:_MOST_SYMBOLS])
    formulation = Formulation(variables=tuple(Variable(name=name, lower=None) for name in shown))
    point: dict[str, dict[Index, float]] = {name: {(): value} for name, (value, _) in shown.items()}
    symbols = tuple(
        Symbol(name, "" if original == name else original) for name, (_, original) in shown.items()
    )
    return SolvedSymbols(symbols, Interpreter(formulation, point), frozenset(shown))


def _identifier(name: str) -> str:
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"
    return f"v_{plain}" if plain[0].isdigit() else plain


def _without_indices(node: Node | Generator) -> Iterator[Node | Generator]:
    """Yield a tree's nodes but for what stands in square brackets, where a number is a label."""
    yield node
    if not isinstance(node, Item):
        for child in children(node):
            yield from _without_indices(child)
