"""Decisions made for the rows and the columns of a table whose numbers belong to pairs of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Formulation

_NUMBER = re.compile(r"[-+$€£]?\s?\d[\d.,]*\s?%?$")
_BLANK = re.compile(r"[-–—xX*]?$")
_RULE = re.compile(r"[\s|:+-]+$")
_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_MOST_SHOWN = 4


@dataclass(frozen=True)
class Grid:
    """A table of numbers with a label for every row and every column."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]


def pair_findings(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Yield each table of the text whose rows and columns have decisions of their own.

    Freight from Aachen to Dover belongs to neither `aachen` nor `dover`. A formulation with sets
    keeps pairs apart by itself, so only scalar decisions are looked at.
    """
    for grid, rows, columns in grids_decided_apart(formulation, text):
        yield _finding(grid, rows, columns)


def grids_decided_apart(
    formulation: Formulation, text: str
) -> Iterator[tuple[Grid, list[str], list[str]]]:
    """Yield what `pair_findings` reports: the table, the decisions of rows and of columns."""
    names = [v.name for v in formulation.variables if not v.over]
    for grid in _grids(text):
        rows, columns = _named(grid.rows, names), _named(grid.columns, names)
        both = set(rows.values()) & set(columns.values())
        if len(rows) >= 2 and len(columns) >= 2 and not both:
            yield grid, list(rows.values()), list(columns.values())


def grids_in_names(
    names: Sequence[str],
) -> Iterator[tuple[dict[str, list[str]], dict[str, list[str]]]]:
    """Yield the ways to read names ("lyon_nice") as all pairs of two lists' elements.

    Each way is told twice, with the names by the elements of either list first.
    """
    tokens = [name.split("_") for name in names]
    for cut in range(1, min(map(len, tokens), default=0)):
        rows: dict[str, list[str]] = {}
        columns: dict[str, list[str]] = {}
        for name, parts in zip(names, tokens, strict=True):
            rows.setdefault("_".join(parts[:cut]), []).append(name)
            columns.setdefault("_".join(parts[cut:]), []).append(name)
        if min(len(rows), len(columns)) > 1 and len(rows) * len(columns) == len(names):
            yield rows, columns
            yield columns, rows


def _finding(grid: Grid, rows: list[str], columns: list[str]) -> Finding:
    count = len(grid.rows) * len(grid.columns)
    pairs = [f"`{name_of(row)}_{name_of(column)}`" for row in grid.rows for column in grid.columns]
    shown = ", ".join(pairs[:_MOST_SHOWN]) + (", ..." if count > _MOST_SHOWN else "")
    return Finding(
        code=Code.PAIRS,
        severity=Severity.WARNING,
        where=f"variable `{rows[0]}`",
        message=f"`{rows[0]}` is a row and `{columns[0]}` a column of the table in the text, whose "
        f"numbers belong to a row and a column together; decide for each of the {count} pairs "
        f"({shown}), and make totals for rows and columns of these.",
    )


def _named(labels: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Return the decision of each label that has one with no other word to its name."""
    plain = {name.lower().replace("_", ""): name for name in names}
    return {
        label: plain[name_of(label).replace("_", "")]
        for label in labels
        if name_of(label).replace("_", "") in plain
    }


def name_of(label: str) -> str:
    """Return a label as a name: lower case, other than letters and digits as underscores."""
    return re.sub(r"\W+", "_", label.strip().lower()).strip("_")


def _grids(text: str) -> Iterator[Grid]:
    """Yield the tables drawn with bars that have numbers in every cell but their labels."""
    block: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.count("|") >= 2:
            if not _RULE.match(line):
                block.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if (grid := _grid(block)) is not None:
            yield grid
        block = []


def _grid(block: list[list[str]]) -> Grid | None:
    if len(block) < 3 or len({len(row) for row in block}) != 1 or len(block[0]) < 3:
        return None
    head, *body = block
    cells = [cell for row in body for cell in row[1:]]
    if not all(_NUMBER.match(cell) or _BLANK.match(cell) for cell in cells):
        return None
    return Grid(_without_remarks([row[0] for row in body]), _without_remarks(head[1:]))


def _without_remarks(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels without what stands behind them in parentheses, where they stay distinct."""
    bare = tuple(_REMARK.sub("", label) for label in labels)
    return bare if len(set(bare)) == len(bare) and all(bare) else tuple(labels)
