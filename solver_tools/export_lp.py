r"""A formulation as an LP file, in the dialect that CPLEX set and HiGHS, SCIP and Gurobi read.

Readers disagree on the rest of the language, so that only this much is written: a constant of the
objective as the coefficient of a column that is fixed at 1; a row with two sides as two rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from optiwright.formulators.instance import Instance
from optiwright.formulators.model import Formulation
from optiwright.formulators.source import number_text
from optiwright.solver_tools.listing import Column, Line, Listing, Row, Term, listing
from optiwright.solver_tools.program import Kind
from optiwright.solver_tools.pyomo_layout import Names

_WIDTH = 100


def lp_text(source: Formulation | Instance) -> str:
    """Return a formulation as the text of an LP file.

    Raises:
        UserError: if it is nonlinear beyond quadratic, or has goals of several priorities.
        FormulationError: if it cannot be compiled.
    """
    return "\n".join(_Writer(listing(source, "LP")).lines()) + "\n"


class _Writer:
    def __init__(self, content: Listing) -> None:
        self.content = content
        taken = Names(c.name for c in content.columns)
        # A name that no other column has; it is also what a line without terms is written with.
        self.one = taken.unique("constant")
        self.rows = Names(r.line.name for r in content.rows)
        self.used_one = content.constant != 0 or not content.columns

    def lines(self) -> Iterator[str]:
        yield from (f"\\ {note}" for note in self.content.notes)
        if self.used_one:
            yield f"\\ {self.one} is always 1, and carries the objective's constant"
        yield "Minimize" if self.content.minimize else "Maximize"
        yield from self._objective()
        yield "Subject To"
        yield from (text for row in self.content.rows for text in self._row(row))
        yield "Bounds"
        yield from (f" {text}" for column in self.content.columns for text in _bounds(column))
        if self.used_one:
            yield f" {self.one} = 1"
        yield from self._kinds()
        yield "End"

    def _objective(self) -> Iterator[str]:
        line = self.content.objective
        constant = (Term(self.content.constant, (self.one,)),) if self.content.constant else ()
        # In an objective, what stands in brackets is halved.
        doubled = tuple(Term(2 * t.coefficient, t.names) for t in line.quadratic)
        pieces = [*_sum((*line.linear, *constant)), *_bracket(doubled, " / 2")]
        yield from _wrapped(line.name, pieces or [f"0 {self._any()}"], "")

    def _any(self) -> str:
        return self.content.columns[0].name if self.content.columns else self.one

    def _row(self, row: Row) -> Iterator[str]:
        pieces = self._sides(row.line)
        if row.lower == row.upper:
            yield from _wrapped(row.line.name, pieces, f"= {_number(row.lower)}")
            return
        ends = [("low", ">=", row.lower), ("high", "<=", row.upper)]
        ends = [end for end in ends if math.isfinite(end[2])]
        for word, sign, bound in ends:
            name = row.line.name
            name = name if len(ends) == 1 else self.rows.unique(f"{name}_{word}")
            yield from _wrapped(name, pieces, f"{sign} {_number(bound)}")

    def _sides(self, line: Line) -> list[str]:
        pieces = [*_sum(line.linear), *_bracket(line.quadratic, "")]
        return pieces or [f"0 {self._any()}"]

    def _kinds(self) -> Iterator[str]:
        whole = [c for c in self.content.columns if c.kind is Kind.INTEGER]
        binary = [c for c in whole if (c.lower, c.upper) == (0, 1)]
        general = [c for c in whole if (c.lower, c.upper) != (0, 1)]
        semi = [c for c in self.content.columns if c.kind is Kind.SEMICONTINUOUS]
        for title, columns in (
            ("Generals", general), ("Binaries", binary), ("Semi-Continuous", semi)
        ):  # fmt: skip
            if columns:
                yield title
                yield from (f" {c.name}" for c in columns)


def _sum(terms: Sequence[Term]) -> list[str]:
    return [_term(t, first=k == 0) for k, t in enumerate(terms)]


def _bracket(terms: Sequence[Term], after: str) -> list[str]:
    if not terms:
        return []
    inner = [_term(t, first=k == 0) for k, t in enumerate(terms)]
    return ["+ [", *inner, f"]{after}"]


def _term(term: Term, *, first: bool) -> str:
    sign = "-" if term.coefficient < 0 else "" if first else "+"
    size = abs(term.coefficient)
    factor = "" if size == 1 else f"{_number(size)} "
    if len(term.names) == 2 and term.names[0] == term.names[1]:
        what = f"{term.names[0]}^2"
    else:
        what = " * ".join(term.names)
    return " ".join(filter(None, (sign, f"{factor}{what}")))


def _wrapped(name: str, pieces: Sequence[str], end: str) -> Iterator[str]:
    line = f" {name}:"
    for piece in (*pieces, *([end] if end else [])):
        if len(line) + len(piece) + 1 > _WIDTH:
            yield line
            line = "   "
        line = f"{line} {piece}"
    yield line


def _bounds(column: Column) -> Iterator[str]:
    lower, upper, name = column.lower, column.upper, column.name
    binary = column.kind is Kind.INTEGER and (lower, upper) == (0, 1)
    if binary or (lower == 0 and upper == math.inf):
        return
    if lower == upper:
        yield f"{name} = {_number(lower)}"
    elif lower == -math.inf and upper == math.inf:
        yield f"{name} free"
    elif upper == math.inf:
        yield f"{name} >= {_number(lower)}"
    else:
        low = "-inf" if lower == -math.inf else _number(lower)
        yield f"{low} <= {name} <= {_number(upper)}"


def _number(value: float) -> str:
    return number_text(value + 0.0)
