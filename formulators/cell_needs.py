"""Needs of a column that a small model asks of one cell: Nice wants 40, and not from Lyon alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.one_each import grids_of
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
    values, stated = scalar_values(formulation), stated_once(text)
    decided = {v.name for v in formulation.variables}
    limited = [f[1] for _, f in relations_like(formulation, _RELATION) if f[1] in decided]
    held = {f[1]: (c, f) for c, f in relations_like(formulation, _NEED) if f[1] in decided}
    for lines in grids_of([v.name for v in formulation.variables]):
        for rows, columns in (lines, lines[::-1]):
            row = next((r for r, names in rows.items() if held.keys() == {*names}), "")
            words = {column: stems(column.replace("_", " ")) for column in columns}
            distinct = len({frozenset(own) for own in words.values()}) == len(columns)
            if not row or len(held) != len(limited) or not distinct:
                continue
            mended = []
            for column, names in columns.items():
                constraint, found = held[next(n for n in names if n in held)]
                number = stated.get(values.get(found[3], 0.0))
                said = stems(constraint.description)
                told = stems(clause_of(text, number)) if number is not None else set()
                apart = stems(row.replace("_", " "))
                own = words[column]
                if own and own <= told and own <= said and apart and not apart & (told | said):
                    mended.append((constraint, f"{' + '.join(names)} {found[2]} {found[3]}"))
            if len(mended) == len(columns):
                yield from mended
                return
