"""A result's solution held in hand for telling: its evaluation, and an interpreter at the point."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.agent.result import Result
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.expressions import Generator, Item, Name
from optiwright.formulators.frames import expand_targets
from optiwright.formulators.model import Asked, Formulation, Index
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import Evaluation, point_of
from optiwright.solver_tools.interpret import Interpreter

SHOWN = 40
"""Lines of a list or rows of a table that are told; the whole is in the result."""


@dataclass(frozen=True)
class Point:
    """A solution with what follows from it."""

    formulation: Formulation
    values: dict[str, dict[Index, float]]
    evaluation: Evaluation
    interpreter: Interpreter


def point_in(result: Result) -> Point | None:
    """Return the result's solution with its evaluation; None where it has none to evaluate.

    A solution to data in tables, which a result does not keep, cannot be evaluated again.
    """
    if result.formulation is None or result.solution is None:
        return None
    if not result.solution.termination.has_point:
        return None
    try:
        values = point_of(result.solution)
        evaluation = evaluate(result.formulation, values)
    except (UserError, FormulationError):
        return None
    interpreter = Interpreter(result.formulation, values)
    return Point(_described(result.formulation), values, evaluation, interpreter)


def _described(f: Formulation) -> Formulation:
    """Return the formulation; a decision without a description gets the name it is asked by."""
    names = {decided: a.name for a in f.asked if (decided := decision_of(a, f))}
    variables = tuple(
        v if v.description else v.model_copy(update={"description": names.get(v.name, "")})
        for v in f.variables
    )
    return f.model_copy(update={"variables": variables})


def decision_of(asked: Asked, f: Formulation) -> str:
    """Return the variable that a quantity asked for is, over all its indices; else nothing."""
    try:
        node = parse_expression(asked.expression)
    except FormulationError:
        return ""
    if not isinstance(node, Name | Item):
        return ""
    over = next((v.over for v in f.variables if v.name == node.name), None)
    if over is None:
        return ""
    indices = node.indices if isinstance(node, Item) else ()
    free = [i.name for i in indices if isinstance(i, Name)]
    bound = [t for g in parse_over(asked.over) for t in g.targets]
    return node.name if free == bound and len(free) == len(indices) else ""


def index_heads(over: str, arity: int) -> list[str]:
    """Return a head for each component of an index: the set's name, or the index's own."""
    heads = [head for generator in parse_over(over) for head in _heads(generator)]
    if len(heads) == arity:
        return heads
    # Anonymous indices of a tuple set, whose number of parts the clause does not show.
    return ["index", *[""] * (arity - 1)] if arity else []


def _heads(generator: Generator) -> list[str]:
    targets = expand_targets(generator, 1)
    if len(targets) == 1:
        return [generator.domain.name]
    return list(targets)


def plain(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def table(rows: list[list[str]]) -> str:
    """Return rows, the first one the head, as a Markdown table."""
    top, *body = ([_cell(cell) for cell in row] for row in rows)
    lines = [top, ["---"] * len(top), *body[:SHOWN]]
    shown = "\n".join(f"| {' | '.join(row)} |" for row in lines)
    return shown + (f"\n\n... and {len(body) - SHOWN} more rows" if len(body) > SHOWN else "")


def _cell(text: str) -> str:
    return plain(text).replace("|", "\\|")


def enumeration(parts: list[str]) -> str:
    """Return parts as people list them: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def place(index: Index) -> str:
    """Return an index in words."""
    return ", ".join(map(str, index))
