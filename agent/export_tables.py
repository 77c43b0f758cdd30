"""A result as tables: an Excel workbook, and the decisions as CSV.

Text in a cell is only ever text: a label such as `=1+1` must not be run as a formula by the program
that opens the file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from optiwright.agent.answer import headline
from optiwright.agent.explanation import explanation_of
from optiwright.agent.kind_tables import tables_of_kind
from optiwright.agent.refusing import refuse_plan
from optiwright.agent.result import Result
from optiwright.agent.solution_tables import frame_csv, key_heads
from optiwright.agent.told_point import Point, point_in
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation, Index, Variable
from optiwright.solver_tools.interpret import Interpreter
from optiwright.solver_tools.solution import Solution

Cell: TypeAlias = str | int | float | None

_ROWS = 1_048_576
"""Rows of a sheet."""
_LONGEST = 32_767
"""Characters of a cell."""
_NAME = 31
"""Characters of a sheet's name."""
_OURS = ("Answer", "Decisions", "Parameters", "Constraints", "History")
"""Names of the sheets that are always there, and one that Excel keeps for itself."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDEST = 60


def workbook(result: Result) -> bytes:
    """Return a workbook: answer, decisions keyed by index, parameters, constraints.

    Of a plan or a search it has the answer and their own tables.

    Raises:
        UserError: if there is no solution, or a table is too long for a sheet.
    """
    own = tables_of_kind(result)
    book = Workbook()
    book.remove(book.active)
    if own:
        _sheet(book, "Answer", _answer(result))
        for title, frame in own.items():
            cells = [list(frame.columns), *map(list, frame.itertuples(index=False))]
            _sheet(book, _sheet_name(title, book), cells)
        return _content(book)
    formulation, solution = _solved(result)
    _sheet(book, "Answer", _answer(result))
    scalars = [v for v in formulation.variables if not v.over]
    if scalars:
        _sheet(book, "Decisions", _scalars(scalars, solution))
    for variable in formulation.variables:
        if variable.over:
            _sheet(book, _sheet_name(variable.name, book), _indexed(result, variable, solution))
    _sheet(book, "Parameters", _parameters(formulation))
    point = point_in(result)
    _sheet(book, "Constraints", _constraints(formulation, solution, point))
    return _content(book)


def _content(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def decisions_csv(result: Result) -> str:
    """Return the decisions: columns variable, index, value, unit, meaning, reduced_cost.

    Of a plan they are its steps, of a search the point that was found. A text that a spreadsheet
    would run as a formula gets an apostrophe before it.

    Raises:
        UserError: if there is no solution.
    """
    own = tables_of_kind(result)
    if own:
        return frame_csv(next(iter(own.values())))
    _solved(result)
    return frame_csv(result.variables)


def _solved(result: Result) -> tuple[Formulation, Solution]:
    refuse_plan(
        result, "decisions to write as a table", "Only `.json`, `.md` and `.html` can be written."
    )
    if result.formulation is None or result.solution is None or not result.solution.values:
        raise UserError(
            f"there is no solution to write: the outcome is `{result.status}`",
            where=f"run `{result.run_id}`",
            remedy="`.md` and `.json` can be written of it, and the formulation as a program.",
        )
    return result.formulation, result.solution


# --- sheets ---------------------------------------------------------------------------------------


def _answer(result: Result) -> list[list[Cell]]:
    formulation = result.formulation or Formulation()
    goal = formulation.leading
    rows: list[list[Cell]] = [["What", "Value", "Unit"]]
    rows.append(["Answer", headline(result).replace("**", ""), ""])
    rows.append(["Status", result.status.value, ""])
    if goal is not None:
        rows.append([goal.description or goal.name, result.objective, goal.unit])
    rows += [[_named(a.name, a.index), a.value, a.unit] for a in result.answers]
    sure = next(s.text for s in explanation_of(result).sections if s.title.startswith("How sure"))
    rows.append(["How sure", sure.partition("\n")[0], ""])
    rows.append(["Run", result.run_id, ""])
    if result.text.strip():
        rows.append(["Problem", result.text.strip(), ""])
    return rows


def _named(name: str, index: Index) -> str:
    return f"{name} [{', '.join(map(str, index))}]" if index else name


def _scalars(variables: Sequence[Variable], solution: Solution) -> list[list[Cell]]:
    values = {v.name: v.value for v in solution.values if not v.index}
    costs = {c.name: c.value for c in solution.reduced_costs if not c.index}
    rows: list[list[Cell]] = [["variable", "value", "unit", "meaning", "reduced cost"]]
    rows += [
        [v.name, values.get(v.name), v.unit, v.description, costs.get(v.name)] for v in variables
    ]
    return rows


def _indexed(result: Result, variable: Variable, solution: Solution) -> list[list[Cell]]:
    values = [v for v in solution.values if v.name == variable.name]
    costs = {c.index: c.value for c in solution.reduced_costs if c.name == variable.name}
    arity = len(values[0].index) if values else 0
    heads = key_heads(result, variable.over, arity)
    rows: list[list[Cell]] = [[*heads, "value", "unit", "reduced cost"]]
    rows += [[*v.index, v.value, variable.unit, costs.get(v.index)] for v in values]
    return rows


def _parameters(formulation: Formulation) -> list[list[Cell]]:
    interpreter = Interpreter(formulation)
    tables = {p.name: interpreter.parameter(p.name) for p in formulation.parameters}
    arity = max((len(index) for values in tables.values() for index in values), default=0)
    heads = [f"index {k + 1}" for k in range(arity)]
    rows: list[list[Cell]] = [["parameter", *heads, "value", "unit", "meaning", "words"]]
    for p in formulation.parameters:
        for index, value in tables[p.name].items():
            padded: list[Cell] = [*index, *[None] * (arity - len(index))]
            rows.append([p.name, *padded, value, p.unit, p.description, p.words])
    return rows


def _constraints(
    formulation: Formulation, solution: Solution, point: Point | None
) -> list[list[Cell]]:
    meaning = {c.name: c.description for c in formulation.constraints}
    duals: dict[tuple[str, Index], list[float | None]] = {}
    for dual in solution.duals:
        duals.setdefault((dual.name, dual.index), []).append(dual.value)
    slacks = point.evaluation.slacks if point is not None else ()
    arity = max((len(s.index) for s in slacks), default=0)
    heads = [f"index {k + 1}" for k in range(arity)]
    rows: list[list[Cell]] = [
        ["constraint", *heads, "left side", "right side", "slack", "binding", "dual", "meaning"]
    ]
    for s in slacks:
        padded: list[Cell] = [*s.index, *[None] * (arity - len(s.index))]
        prices = duals.get((s.name, s.index), [])
        price = prices[0] if len(prices) == 1 else None
        sides: list[Cell] = [s.left, s.right, s.slack, "yes" if s.binding else "no", price]
        rows.append([s.name, *padded, *sides, meaning[s.name]])
    told = {s.name for s in slacks}
    blank: list[Cell] = [None] * (arity + 5)
    rows += [[c.name, *blank, c.description] for c in formulation.constraints if c.name not in told]
    return rows


# --- cells ----------------------------------------------------------------------------------------


def _sheet(book: Workbook, name: str, rows: list[list[Cell]]) -> None:
    if len(rows) > _ROWS:
        raise UserError(
            f"{len(rows):,} rows, more than the {_ROWS:,} of a sheet",
            where=f"sheet `{name}`",
            remedy="Write `.csv` or `.json` instead.",
        )
    sheet = book.create_sheet(name)
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            if value is not None and value != "":
                _write(sheet.cell(row=r, column=c), value)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for c, width in enumerate(_widths(rows), 1):
        sheet.column_dimensions[get_column_letter(c)].width = width


def _write(cell: Any, value: str | int | float) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    text = _UNPRINTABLE.sub("?", value)[:_LONGEST]
    # Set as a string by hand: openpyxl would make a formula of "=..." and an error of "#N/A".
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_FORMULA)


def _sheet_name(name: str, book: Workbook) -> str:
    """Return a name that no sheet has or will have; Excel takes no notice of upper case."""
    taken = {other.lower() for other in (*book.sheetnames, *_OURS)}
    wanted, k = name[:_NAME], 1
    while wanted.lower() in taken:
        k += 1
        wanted = f"{name[: _NAME - 4]}_{k}"
    return wanted


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return a width for each column, in characters, from its first rows."""
    count = max(len(row) for row in rows)
    return [
        min(_WIDEST, 2 + max(len(str(row[c] or "")) for row in rows[:200] if c < len(row)))
        for c in range(count)
    ]
