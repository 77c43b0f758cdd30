"""Several answers as one table: what came out of each, and what they differ in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from optiwright.agent.result import Plain, Result
from optiwright.agent.side_by_side import (
    changes_between,
    declared_in,
    goal_words,
    moved_between,
    same,
    values_in,
)
from optiwright.formulators.figures import measured
from optiwright.formulators.model import Domain, Index
from optiwright.formulators.phrases import at, capitalised

Key: TypeAlias = tuple[str, Index]
"""A decision's name and index."""

SHOWN = 40
"""Rows of decisions, and of quantities, that are shown."""


class Row(Plain):
    """One thing in all versions."""

    what: str
    cells: tuple[str, ...]
    differs: bool


class Change(Plain):
    """What a version's formulation has otherwise than the first one's."""

    number: int
    lines: tuple[str, ...]
    """Empty where the two are the same."""


class VersionsTable(Plain):
    """Versions side by side; every text is plain."""

    numbers: tuple[int, ...]
    rows: tuple[Row, ...]
    """Outcome, objective, how sure, and the quantities that are asked for."""
    decisions: tuple[Row, ...]
    """Those that are not the same in all, in the formulation's order."""
    solved: bool
    """Whether each of them has a solution."""
    more: int = 0
    """How many further decisions differ."""
    changes: tuple[Change, ...] = ()


def versions_table(versions: Mapping[int, Result]) -> VersionsTable:
    """Return versions, by their numbers in the order given, side by side."""
    results = list(versions.values())
    values = [values_in(r) if r.status.has_point else {} for r in results]
    differing = _differing(values, results)
    return VersionsTable(
        numbers=tuple(versions),
        rows=(*_outcome(results), *_asked(results)),
        decisions=tuple(_decision(key, values, results) for key in differing[:SHOWN]),
        solved=all(r.status.has_point for r in results),
        more=max(0, len(differing) - SHOWN),
        changes=tuple(
            Change(number=number, lines=changes_between(results[0], result))
            for number, result in list(versions.items())[1:]
        ),
    )


def _outcome(results: Sequence[Result]) -> list[Row]:
    goals = [goal_words(r)[0] for r in results]
    goal = goals[0] if len(set(goals)) == 1 else "the objective"
    values = [r.objective for r in results]
    shown = [measured(r.objective, goal_words(r)[1].strip()) for r in results]
    return [
        _row("Outcome", [r.status.value for r in results]),
        Row(what=capitalised(goal), cells=tuple(shown), differs=not _alike(values)),
        _row("How sure", [r.level.value for r in results]),
    ]


def _row(what: str, cells: Sequence[str]) -> Row:
    return Row(what=what, cells=tuple(cells), differs=len(set(cells)) > 1)


def _alike(values: Sequence[float | None]) -> bool:
    return all(same(a, b) for a, b in pairwise(values))


def _asked(results: Sequence[Result]) -> list[Row]:
    """Return the asked quantities, those that differ first; what is nothing in all is left out."""
    answers = [{(a.name, a.index): a for a in r.answers} for r in results]
    rows = []
    for name, index in dict.fromkeys(key for one in answers for key in one):
        found = [one.get((name, index)) for one in answers]
        values = [a.value if a is not None else None for a in found]
        if not any(values) or _is_goal(values, results):
            continue
        cells = tuple(measured(a.value, a.unit) if a is not None else "none" for a in found)
        rows.append(Row(what=name + at(index), cells=cells, differs=not _alike(values)))
    return sorted(rows, key=lambda row: not row.differs)[:SHOWN]


def _is_goal(values: Sequence[float | None], results: Sequence[Result]) -> bool:
    """Whether a quantity is the objective, which has its row already."""
    return all(same(v, r.objective) for v, r in zip(values, results, strict=True))


def _differing(
    values: Sequence[Mapping[Key, float | None]], results: Sequence[Result]
) -> list[Key]:
    """Return the decisions that are not the same in all, in the formulation's order."""
    moved = {(m.name, m.index) for r in results[1:] for m in moved_between(results[0], r)}
    return [key for key in dict.fromkeys(key for one in values for key in one) if key in moved]


def _decision(
    key: Key, values: Sequence[Mapping[Key, float | None]], results: Sequence[Result]
) -> Row:
    name, index = key
    variable = next(d[name] for r in results if name in (d := declared_in(r)))
    place = f"{name}{at(index)}"
    what = f"{variable.description}, {place}" if variable.description else place
    cells = []
    for one in values:
        value = one.get(key)
        if variable.domain is Domain.BINARY and value is not None:
            cells.append("yes" if value > 0.5 else "no")
        else:
            cells.append(measured(value, variable.unit))
    return Row(what=what, cells=tuple(cells), differs=True)
