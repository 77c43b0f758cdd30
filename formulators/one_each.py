"""Assignments of which a small model wrote one half: one document each, each document by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.decided import linear_form
from optiwright.formulators.model import Domain, Formulation
from optiwright.formulators.pairs import grids_in_names
from optiwright.formulators.plain import relations_like

_RELATION = re.compile(r"([^<>=]+)(==|<=|>=)([^<>=]+)")
_CLAUSES = re.compile(r"[.;:,](?=\s|$)|\n|\band\b|\bbut\b")
_ONE = re.compile(r"\b(?:exactly|only|just|at most|no more than)\s+one\b", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|every)\b", re.IGNORECASE)
_A_ONE = re.compile(r"\bone\b", re.IGNORECASE)
_STATEMENTS = 2


@dataclass(frozen=True)
class OneEach:
    """What is required of each row of a grid of choices, and of no column.

    Attributes:
        columns: for each thing its choices, one of which is to be taken.
        sign: `==`, or `<=` where there are more such things than choices to make.
    """

    columns: dict[str, list[str]]
    sign: str


def halves_left_out(formulation: Formulation, text: str) -> Iterator[OneEach]:
    """Yield the grid of choices that requires one of each row, where the text says one twice.

    The decisions are all yes or no, and named after both things that they join ("ana_contract").
    Nothing is required of any column's choices together.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    names = [v.name for v in formulation.variables]
    if any(v.domain is not Domain.BINARY or v.over for v in formulation.variables):
        return
    told = [c for c in _CLAUSES.split(text) if _ONE.search(c) or _EACH.search(c)]
    if sum(_A_ONE.search(clause) is not None for clause in told) < _STATEMENTS:
        return
    held = _held(formulation)
    for one, other in grids_in_names(names):
        whole = all(frozenset(line) in held for line in one.values())
        apart = all(not _crosses(line, held) for line in other.values())
        if whole and apart and len(other) >= len(one):
            yield OneEach(other, "==" if len(other) == len(one) else "<=")
            return


def _held(formulation: Formulation) -> set[frozenset[str]]:
    """Return the sets of decisions of which a requirement allows one, or demands one."""
    held = set()
    for _, found in relations_like(formulation, _RELATION):
        form = linear_form(formulation, f"({found[1]}) - ({found[3]})") or {}
        constant = form.pop("", 0.0)
        if form and len({*form.values(), -constant}) == 1 and found[2] != ">=":
            held.add(frozenset(form))
    return held


def _crosses(line: list[str], held: set[frozenset[str]]) -> bool:
    return any(len(group & set(line)) > 1 for group in held)
