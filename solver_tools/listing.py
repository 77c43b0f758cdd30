"""A program made ready for a file format of plain rows: legal names, and only what formats have.

LP and MPS files know columns and rows by name, no sets. A name keeps the symbol and its index, as
in `ship(Seattle,New_York)`; where that is not the index to the letter, a comment says what it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from optiwright.formulators.errors import UserError
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import Formulation, Index
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.phrases import label
from optiwright.solver_tools.arithmetic import (
    first_objective,
    hessian,
    matrix,
    whole_bounds,
    with_rows,
    with_switches,
)
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.global_rows import in_rows
from optiwright.solver_tools.program import Floats, Functions, Kind, Program, functions
from optiwright.solver_tools.pyomo_layout import Names
from optiwright.solver_tools.whole_form import with_bounds

LONGEST = 200
"""Characters of a name; the formats' readers allow 255."""

_LARGEST_SWITCH = 1e5
"""Upper bound up to which a column is left semicontinuous: HiGHS lowers one above it."""

_ILLEGAL = re.compile(r"[^A-Za-z0-9_.]")
_LIKE_A_NUMBER = re.compile(r"[0-9.]|e[0-9.]|inf|nan", re.IGNORECASE)
"""HiGHS reads `inflow` and `Nancy` in an LP file as infinity and as no number, and stops."""
_KEYWORDS = frozenset(
    {"bin", "binary", "binaries", "bound", "bounds", "end", "free", "gen"}
    | {"general", "generals", "inf", "infinity", "int", "integer", "integers", "max"}
    | {"maximise", "maximize", "maximum", "min", "minimise", "minimize", "minimum", "nan"}
    | {"sec", "semi", "semis", "sos", "sos1", "sos2", "st", "subject"}
    | {"such", "that", "to"}
)


@dataclass(frozen=True)
class Term:
    """One column, or a product of two, with its coefficient."""

    coefficient: float
    names: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """An objective or a row: what is added up."""

    name: str
    linear: tuple[Term, ...]
    quadratic: tuple[Term, ...] = ()
    """Products of two columns, each pair once."""


@dataclass(frozen=True)
class Row:
    """lower <= line <= upper, at least one of them finite."""

    line: Line
    lower: float
    upper: float


@dataclass(frozen=True)
class Column:
    """A column with its bounds; a semicontinuous one may be zero besides."""

    name: str
    lower: float
    upper: float
    kind: Kind


@dataclass(frozen=True)
class Listing:
    """What a file of plain rows says."""

    notes: tuple[str, ...]
    """Comments: title, what symbols and constraints mean, names that had to be changed."""
    minimize: bool
    objective: Line
    constant: float
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@bounded_nesting()
def listing(source: Formulation | Instance, form: str) -> Listing:
    """Return a formulation as columns and rows.

    Args:
        source: what is listed; with data in tables it must come as an instance.
        form: the format's name, for errors.

    Raises:
        UserError: if it is nonlinear beyond quadratic, or has goals of several priorities.
        FormulationError: if it cannot be compiled.
    """
    instance = ground(source) if isinstance(source, Formulation) else source
    program = _writable(in_rows(with_bounds(compile_program(instance))), form)
    columns, rows = _Naming(program.column_labels()), _Naming(program.row_labels())
    objective = first_objective(program)
    goal = instance.formulation.leading
    name = rows.taken.unique(legal(goal.name if goal else "objective"))
    return Listing(
        notes=(*_meanings(instance.formulation), *columns.changed, *rows.changed),
        minimize=program.minimize[0],
        objective=lines_of(objective, [name], columns.names)[0],
        constant=float(objective.constant[0]),
        columns=tuple(columns_of(program, columns.names)),
        rows=tuple(rows_of(program, rows.names, columns.names)),
    )


def legal(name: str) -> str:
    """Return a name that every reader of LP and MPS files takes; may collide with another's."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    clean = _ILLEGAL.sub("_", plain or "_")[:LONGEST]
    return f"_{clean}" if clean.lower() in _KEYWORDS or _LIKE_A_NUMBER.match(clean) else clean


class _Naming:
    """Hands each label its legal, unique name."""

    def __init__(self, labels: Iterable[tuple[str, Index]]) -> None:
        self.taken = Names(())
        self.names: list[str] = []
        self.changed: list[str] = []
        """A sentence for each name that does not show its label to the letter."""
        for symbol, index in labels:
            parts = [_component(str(part)) for part in index]
            wanted = f"{legal(symbol)}({','.join(parts)})" if index else legal(symbol)
            name = self.taken.unique(wanted if len(wanted) <= LONGEST else wanted[:LONGEST])
            self.names.append(name)
            exact = f"{symbol}({','.join(map(str, index))})" if index else symbol
            if name != exact and not symbol.startswith("_"):
                self.changed.append(f"{name} stands for {label(symbol, index)}")


def _component(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _ILLEGAL.sub("_", plain) or "_"


def _writable(program: Program, form: str) -> Program:
    if program.rows.operations or program.objectives.operations:
        raise UserError(
            f"{form} files hold linear and quadratic expressions only, and this formulation has "
            "others",
            where="the objective or a constraint",
            remedy="Export it as a program in Pyomo: a file that ends in `.py`.",
        )
    if program.objectives.count > 1:
        raise UserError(
            f"{form} files hold one objective, and this formulation has goals of several "
            "priorities",
            where="the objectives",
            remedy="Export it as a program: a file that ends in `.py`.",
        )
    return with_plain_bounds(_switched(program))


def _switched(program: Program) -> Program:
    """Return the program with semicontinuous columns left only where readers agree on them."""
    semi = program.kind == Kind.SEMICONTINUOUS
    idle = semi & (program.lower <= 0) & (program.upper >= 0)
    kept = semi & (program.lower > 0) & (program.upper <= _LARGEST_SWITCH)
    plain = np.where(idle | kept, np.uint8(Kind.CONTINUOUS), program.kind)
    wider = with_switches(replace(program, kind=plain))
    kind = wider.kind.copy()
    kind[np.flatnonzero(kept)] = Kind.SEMICONTINUOUS
    return replace(wider, kind=kind)


def with_plain_bounds(program: Program) -> Program:
    """Return the program with whole bounds of whole columns; bounds that cross become rows."""
    lower, upper = whole_bounds(program)
    crossed = np.flatnonzero(lower > upper)
    bounded = replace(
        program,
        lower=np.where(lower > upper, -np.inf, lower),
        upper=np.where(lower > upper, np.inf, upper),
    )
    if not len(crossed):
        return bounded
    count = len(crossed)
    sides = functions(count, row=np.arange(count), column=crossed, value=np.ones(count))
    return with_rows(bounded, sides, lower[crossed], upper[crossed])


# --- lines ----------------------------------------------------------------------------------------


def lines_of(batch: Functions, names: list[str], columns: list[str]) -> list[Line]:
    """Return each function of a batch under its name, without its constant."""
    linear = matrix(batch, len(columns))
    linear.eliminate_zeros()
    curved = set(batch.quadratic_row.tolist())
    return [
        Line(
            name,
            tuple(
                Term(float(value), (columns[column],))
                for column, value in zip(
                    linear.indices[linear.indptr[row] : linear.indptr[row + 1]].tolist(),
                    linear.data[linear.indptr[row] : linear.indptr[row + 1]].tolist(),
                    strict=True,
                )
            ),
            tuple(_products(batch, row, columns)) if row in curved else (),
        )
        for row, name in enumerate(names)
    ]


def _products(batch: Functions, row: int, columns: list[str]) -> Iterator[Term]:
    upper = hessian(batch, row, len(columns)).tocoo()
    for first, second, value in zip(
        upper.row.tolist(), upper.col.tolist(), upper.data.tolist(), strict=True
    ):
        if first <= second and value:
            coefficient = value / 2 if first == second else value
            yield Term(coefficient, (columns[first], columns[second]))


def rows_of(program: Program, names: list[str], columns: list[str]) -> Iterator[Row]:
    """Yield the rows that limit anything, under their names."""
    lines = lines_of(program.rows, names, columns)
    for line, lower, upper in zip(
        lines, program.row_lower.tolist(), program.row_upper.tolist(), strict=True
    ):
        if np.isfinite(lower) or np.isfinite(upper):
            yield Row(line, lower, upper)


def columns_of(program: Program, names: list[str]) -> Iterator[Column]:
    """Yield the columns under their names."""
    for name, lower, upper, kind in zip(
        names, _plain(program.lower), _plain(program.upper), program.kind.tolist(), strict=True
    ):
        yield Column(name, lower, upper, Kind(kind))


def _plain(values: Floats) -> list[float]:
    return list((values + 0.0).tolist())


# --- notes ----------------------------------------------------------------------------------------


def _meanings(f: Formulation) -> Iterator[str]:
    yield " ".join(f.title.split()) or "An optimization model"
    yield "Written by Optiwright from a formulation. A name that begins with _ is a helper."
    for v in f.variables:
        yield from _meaning(f"{v.name}[{v.over}]" if v.over else v.name, v.description, v.unit)
    for o in f.objectives:
        yield from _meaning(o.name, o.description, o.unit)
    for c in f.constraints:
        yield from _meaning(f"{c.name}[{c.over}]" if c.over else c.name, c.description, "")


def _meaning(symbol: str, description: str, unit: str) -> Iterator[str]:
    words = " ".join(description.split())
    shown = f"{words} [{unit}]" if unit and words else words or (unit and f"in {unit}")
    if shown:
        yield f"{symbol}: {shown}"
