"""Rows of a text's table that a small model takes for its columns, where names tell which it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.facts import Facts, squares_in
from optiwright.formulators.model import Definition, Formulation
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.wording import best_named

_TERM = re.compile(r"\s*(\w+)\s*\*\s*(\w+)\s*")


@dataclass(frozen=True)
class Turned:
    """A total whose coefficients are a row where its name says column, or the other way round.

    Attributes:
        total: its name.
        label: of the column, or row, that the total is named after.
        right: each coefficient's parameter and what the table has for it.
    """

    total: str
    label: str
    right: tuple[tuple[str, float], ...]


def turned_totals(formulation: Formulation, text: str) -> Iterator[Turned]:
    """Yield the totals that take a table's row for a column.

    The table has as many rows as columns of numbers, so that both readings are possible; each
    decision is named after one row, and the total after one column, more than after any other.

    Args:
        formulation: a lifted flat one.
        text: the problem in words, with its tables.
    """
    grids = squares_in(text)
    for total in formulation.definitions:
        for square in grids:
            both = [_reading(total, grid, formulation) for grid in (square, square.turned)]
            readings = [reading for reading in both if reading is not None]
            # Where one way to read the names agrees with what is written, it is what was meant.
            turned = [] if any(r.agrees for r in readings) else [r for r in readings if r.is_line]
            if turned:
                yield turned[0].turned
                break


@dataclass(frozen=True)
class _Reading:
    """A total with its decisions taken for a table's lines and itself for a column.

    Attributes:
        agrees: whether it has the column's numbers.
        is_line: whether it has some line's.
        turned: what it takes if it was turned.
    """

    agrees: bool
    is_line: bool
    turned: Turned


def _reading(total: Definition, grid: Facts, formulation: Formulation) -> _Reading | None:
    values = scalar_values(formulation)
    said = {v.name: f"{v.name} {v.description}" for v in formulation.variables if not v.over}
    terms = [_TERM.fullmatch(term) for term in total.expression.split("+")]
    parts = [(m[1], m[2]) if m[1] in values else (m[2], m[1]) for m in terms if m is not None]
    known = all(p in values and x in said for p, x in parts)
    if total.over or len(parts) != len(terms) or len(parts) != len(grid.lines) or not known:
        return None
    at = [best_named(said[x], grid.lines) for _, x in parts]
    column = best_named(f"{total.name} {total.description}", grid.columns)
    if column is None or None in at or len(set(at)) != len(at):
        return None
    written = {k: values[p] for k, (p, _) in zip(at, parts, strict=True) if k is not None}
    as_written = tuple(written[k] for k in range(len(parts)))
    right = tuple(line[column] for line in grid.numbers)
    changes = tuple((p, right[k]) for k, (p, _) in zip(at, parts, strict=True) if k is not None)
    return _Reading(
        as_written == right,
        as_written in grid.numbers,
        Turned(total.name, grid.columns[column], changes),
    )
