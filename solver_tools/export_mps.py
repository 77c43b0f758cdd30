"""A formulation as an MPS file, in the free format, with the extensions for quadratic terms.

`OBJSENSE`, `QUADOBJ` and `QCMATRIX` are CPLEX's; SCIP and Gurobi read all of them, HiGHS the first
two. The constant of an objective is the negative of its entry among the right-hand sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from optiwright.formulators.instance import Instance
from optiwright.formulators.model import Formulation
from optiwright.formulators.source import number_text
from optiwright.solver_tools.listing import Column, Line, Listing, Row, listing
from optiwright.solver_tools.program import Kind
from optiwright.solver_tools.pyomo_layout import Names


def mps_text(source: Formulation | Instance) -> str:
    """Return a formulation as the text of a free-format MPS file.

    Raises:
        UserError: if it is nonlinear beyond quadratic, or has goals of several priorities.
        FormulationError: if it cannot be compiled.
    """
    content = listing(source, "MPS")
    return "\n".join([*_heading(content), *_body(content)]) + "\n"


def _heading(content: Listing) -> Iterator[str]:
    yield from (f"* {note}" for note in content.notes)
    yield "NAME model"
    yield "OBJSENSE"
    yield "    MIN" if content.minimize else "    MAX"


def _body(content: Listing) -> Iterator[str]:
    rows = list(_uncrossed(content))
    yield "ROWS"
    yield f" N  {content.objective.name}"
    yield from (f" {_sense(row)}  {row.line.name}" for row in rows)
    yield "COLUMNS"
    yield from _entries(content, rows)
    yield "RHS"
    if content.constant:
        yield f"    RHS  {content.objective.name}  {_number(-content.constant)}"
    yield from (f"    RHS  {row.line.name}  {_number(_side(row))}" for row in rows if _side(row))
    ranges = [row for row in rows if _sense(row) == "G" and math.isfinite(row.upper)]
    if ranges:
        yield "RANGES"
        yield from (f"    RNG  {r.line.name}  {_number(r.upper - r.lower)}" for r in ranges)
    yield "BOUNDS"
    yield from (text for column in content.columns for text in _bounds(column))
    yield from _quadratic(content.objective, rows)
    yield "ENDATA"


def _uncrossed(content: Listing) -> Iterator[Row]:
    """Yield the rows; of one whose sides cross, or lose digits as a range, each side alone."""
    names = Names((content.objective.name, *(row.line.name for row in content.rows)))
    for row in content.rows:
        both = math.isfinite(row.lower) and math.isfinite(row.upper)
        width = row.upper - row.lower if both else 0.0
        if row.lower == row.upper or not both or (width > 0 and row.lower + width == row.upper):
            yield row
            continue
        line = row.line
        for word, lower, upper in (("low", row.lower, math.inf), ("high", -math.inf, row.upper)):
            name = names.unique(f"{line.name}_{word}")
            yield Row(Line(name, line.linear, line.quadratic), lower, upper)


def _sense(row: Row) -> str:
    if row.lower == row.upper:
        return "E"
    return "G" if math.isfinite(row.lower) else "L"


def _side(row: Row) -> float:
    return row.lower if math.isfinite(row.lower) else row.upper


def _entries(content: Listing, rows: list[Row]) -> Iterator[str]:
    entries: dict[str, list[tuple[str, float]]] = {c.name: [] for c in content.columns}
    for line in (content.objective, *(row.line for row in rows)):
        for term in line.linear:
            entries[term.names[0]].append((line.name, term.coefficient))
    whole = False
    for column in content.columns:
        if (column.kind is Kind.INTEGER) != whole:
            whole = not whole
            yield f"    MARKER  'MARKER'  '{'INTORG' if whole else 'INTEND'}'"
        # A column that no line mentions must be declared all the same.
        for row, value in entries[column.name] or [(content.objective.name, 0.0)]:
            yield f"    {column.name}  {row}  {_number(value)}"
    if whole:
        yield "    MARKER  'MARKER'  'INTEND'"


def _bounds(column: Column) -> Iterator[str]:
    """Yield every bound that is not the default; of whole columns all, for there defaults vary."""
    lower, upper, name = column.lower, column.upper, column.name
    whole = column.kind is Kind.INTEGER
    if whole and (lower, upper) == (0, 1):
        yield f" BV BND  {name}"
        return
    if lower == upper:
        yield f" FX BND  {name}  {_number(lower)}"
        return
    if lower == -math.inf and upper == math.inf:
        yield f" FR BND  {name}"
        return
    if lower == -math.inf:
        yield f" MI BND  {name}"
    elif lower != 0 or whole or upper < 0:
        yield f" LO BND  {name}  {_number(lower)}"
    if column.kind is Kind.SEMICONTINUOUS:
        yield f" SC BND  {name}  {_number(upper)}"
    elif upper != math.inf:
        yield f" UP BND  {name}  {_number(upper)}"
    elif whole:
        yield f" PL BND  {name}"


def _quadratic(objective: Line, rows: list[Row]) -> Iterator[str]:
    """Yield half the objective's Hessian once a pair, and each row's matrix in full."""
    if objective.quadratic:
        yield "QUADOBJ"
        for term in objective.quadratic:
            first, second = term.names
            value = 2 * term.coefficient if first == second else term.coefficient
            yield f"    {first}  {second}  {_number(value)}"
    for row in rows:
        if row.line.quadratic:
            yield f"QCMATRIX  {row.line.name}"
            yield from _matrix(row.line)


def _matrix(line: Line) -> Iterator[str]:
    for term in line.quadratic:
        first, second = term.names
        if first == second:
            yield f"    {first}  {first}  {_number(term.coefficient)}"
            continue
        for a, b in ((first, second), (second, first)):
            yield f"    {a}  {b}  {_number(term.coefficient / 2)}"


def _number(value: float) -> str:
    return number_text(value + 0.0)
