"""A solution as tables, keyed as the data were: their labels, under their headers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from optiwright.agent.refusing import refuse_plan
from optiwright.agent.told_point import index_heads
from optiwright.formulators.binding import name_meant
from optiwright.formulators.errors import UserError
from optiwright.formulators.expressions import Generator
from optiwright.formulators.frames import expand_targets
from optiwright.formulators.model import Formulation, FromTable
from optiwright.formulators.parser import parse_over

if TYPE_CHECKING:
    import pandas as pd

    from optiwright.agent.result import Result

DECISIONS = "decisions"
"""The table of the decisions that have no index."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def solution_tables(result: Result) -> dict[str, pd.DataFrame]:
    """Return a frame for each indexed decision, and one for those without an index.

    Raises:
        UserError: if there is no solution.
    """
    import pandas as pd

    refuse_plan(result, "tables of decisions", "Its steps are in `result.plan.outcome.steps`.")
    formulation, solution = result.formulation, result.solution
    if formulation is None or solution is None or not solution.values:
        raise UserError(
            f"there is no solution to make tables of: the outcome is `{result.status}`",
            where=f"run `{result.run_id}`",
        )
    by_name: dict[str, list[tuple[Any, ...]]] = {v.name: [] for v in formulation.variables}
    for value in solution.values:
        by_name[value.name].append((*value.index, value.value))
    found: dict[str, pd.DataFrame] = {}
    scalars = [v for v in formulation.variables if not v.over]
    if scalars:
        rows = [(v.name, by_name[v.name][0][0], v.unit) for v in scalars if by_name[v.name]]
        found[DECISIONS] = pd.DataFrame(rows, columns=["decision", "value", "unit"])
    for v in formulation.variables:
        if v.over:
            arity = len(by_name[v.name][0]) - 1 if by_name[v.name] else 0
            heads = key_heads(result, v.over, arity)
            found[v.name] = pd.DataFrame(by_name[v.name], columns=[*heads, _apart(v.name, heads)])
    return found


def table_csv(result: Result, name: str) -> str:
    """Return one of the tables as CSV; a text that a spreadsheet would run gets an apostrophe.

    Raises:
        UserError: if there is no solution, or no such table.
    """
    tables = solution_tables(result)
    if name not in tables:
        raise UserError(
            f"there is no table `{name}` in the solution",
            where="--table",
            remedy=f"There are {', '.join(f'`{t}`' for t in tables)}.",
        )
    return frame_csv(tables[name])


def frame_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV in which no text is a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([defused(str(c)) for c in frame.columns])
    for row in frame.itertuples(index=False):
        writer.writerow(["" if cell is None or cell != cell else defused(cell) for cell in row])
    return file.getvalue()


def defused(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def key_heads(result: Result, over: str, arity: int) -> list[str]:
    """Return a head for each component of an index: the data's own header, else the set's name."""
    assert result.formulation is not None
    heads: list[str] = []
    for generator in parse_over(over):
        heads += _data_heads(result, result.formulation, generator)
    if len(heads) != arity or len(set(heads)) < len(heads) or "" in heads:
        heads = index_heads(over, arity)
    return [_apart(head, heads[:k]) for k, head in enumerate(heads)]


def _data_heads(result: Result, formulation: Formulation, generator: Generator) -> list[str]:
    symbol = next((s for s in formulation.sets if s.name == generator.domain.name), None)
    if symbol is None or not isinstance(symbol.data, FromTable):
        targets = expand_targets(generator, 1)
        return [generator.domain.name] if len(targets) == 1 else list(targets)
    table = name_meant(symbol.data.table, [s.name for s in result.data], {})
    called = next((s.columns for s in result.data if s.name == table), {})
    meant = [name_meant(column, list(called), called) for column in symbol.data.columns]
    return [
        called[name].strip() if name else column
        for name, column in zip(meant, symbol.data.columns, strict=True)
    ]


def _apart(head: str, taken: list[str]) -> str:
    """Return a head that no other has."""
    wanted, k = head or "index", 1
    while wanted in taken:
        k += 1
        wanted = f"{head or 'index'} {k}"
    return wanted
