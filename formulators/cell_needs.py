"""Needs of a column that a small model asks of one cell: Nice wants 40, and not from Lyon alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.pairs import grids_in_names
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import stated_once
from optiwright.formulators.wording import clause_of, stems

_NEED = re.compile(r"\s*(\w+)\s*(==|>=)\s*(\w+)\s*")
_RELATION = re.compile(r"\s*(\w+)\s*(?:==|<=|>=)\s*\w+\s*")


def needs_of_one_cell(formulation: Formulation, text: str) -> Iterator[tuple[Algebraic, str]]:
    """Yield the requirements on one cell each of which the text says of its whole column.

    The decisions are named after all pairs of two lists ("lyon_nice"). Each column has one
    requirement alone, all in one row, and neither its words nor the text's clause name that row.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    decided = [v.name for v in formulation.variables]
    limited = [f[1] for _, f in relations_like(formulation, _RELATION) if f[1] in decided]
    held = {f[1]: (c, f) for c, f in relations_like(formulation, _NEED) if f[1] in decided}
    if len(held) != len(limited):
        return
    for rows, columns in grids_in_names(decided):
        row = next((r for r, names in rows.items() if held.keys() == {*names}), "")
        words = {column: _words(column) for column in columns}
        if not row or len({frozenset(own) for own in words.values()}) < len(columns):
            continue
        needs = {
            column: held[next(n for n in names if n in held)] for column, names in columns.items()
        }
        if all(
            _is_of(c, f, words[column], _words(row), formulation, text)
            for column, (c, f) in needs.items()
        ):
            for column, (constraint, found) in needs.items():
                yield constraint, f"{' + '.join(columns[column])} {found[2]} {found[3]}"
            return


def _words(element: str) -> set[str]:
    return stems(element.replace("_", " "))


def _is_of(
    constraint: Algebraic,
    found: re.Match[str],
    column: set[str],
    row: set[str],
    formulation: Formulation,
    text: str,
) -> bool:
    """Whether a need's words and the text's clause both name the column, and neither the row."""
    number = stated_once(text).get(scalar_values(formulation).get(found[3], 0.0))
    if number is None or not column or not row:
        return False
    said, told = stems(constraint.description), stems(clause_of(text, number))
    return column <= told & said and not row & (told | said)
