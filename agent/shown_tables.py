"""A solution's tables as a page shows them: in words, pivoted over two indices, zeros left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.agent.answer import asked_beside
from optiwright.agent.picture_parts import Decided, decided_in
from optiwright.agent.picture_roster import Roster, roster_of
from optiwright.formulators.figures import ZERO, number

if TYPE_CHECKING:
    import pandas as pd

    from optiwright.agent.result import Result

_MOST_COLUMNS = 30
"""Members up to which the second of two indices goes across."""
_CELLS = 100_000
_FEW = 12
"""Rows and columns up to which nothing is left out: a start at zero says something."""


@dataclass(frozen=True)
class ShownTable:
    """A table to show."""

    name: str
    """Of the decision; `decisions` for those without an index."""
    title: str
    frame: pd.DataFrame
    indexed: bool
    """Whether the frame's index says something."""
    left_out: int
    """Rows and columns of nothing but zeros that are not shown."""


def shown_tables(result: Result, *, everything: bool = False) -> tuple[ShownTable, ...]:
    """Return a table for the decisions without an index, and one for each that has one.

    What the text asks for is told beside the value, and not again here. Numbers stay numbers; yes
    and no are words. A solution that is not there has no tables.

    Args:
        result: whose solution.
        everything: whether rows and columns of nothing but zeros are shown too.
    """
    decided = decided_in(result)
    asked = {a.name for a in asked_beside(result)}
    scalars = [d for d in decided if not d.heads and d.title not in asked]
    found = [_scalars(scalars)] if scalars else []
    found += [_indexed(d, everything) for d in decided if d.heads]
    return tuple(found)


def _scalars(decided: list[Decided]) -> ShownTable:
    import pandas as pd

    rows = [(d.title, d.values[()], d.unit) for d in decided]
    frame = pd.DataFrame(rows, columns=["decision", "value", "unit"])
    if any(d.yes_no for d in decided):  # words and numbers in one column are all words
        frame["value"] = [_words(d) for d in decided]
    if not any(d.unit for d in decided):
        frame = frame.drop(columns="unit")
    return ShownTable("decisions", "The decisions", frame, False, 0)


def _indexed(decided: Decided, everything: bool) -> ShownTable:
    import pandas as pd

    found = roster_of(decided)
    if found is not None:
        return ShownTable(decided.name, decided.titled, _of_roster(found), True, 0)
    series = pd.DataFrame(
        [(*index, value) for index, value in decided.values.items()],
        columns=[*decided.heads, "value"],
    )
    wide = _pivoted(decided, series)
    if wide is None:
        kept = (
            series if everything or len(series) <= _FEW else series[series["value"].abs() >= ZERO]
        )
        # Those that are not zero come first, each part in the order of the sets.
        order = (kept["value"].abs() < ZERO).sort_values(kind="stable").index
        frame = kept.loc[order].reset_index(drop=True)
        if decided.yes_no:
            frame["value"] = frame["value"].map(decided.told)
        for head in decided.heads:
            frame[head] = frame[head].map(str)
        left_out = len(series) - len(kept)
        return ShownTable(decided.name, decided.titled, frame, False, left_out)
    filled = wide.abs() >= ZERO
    few = max(wide.shape) <= _FEW
    kept = wide if everything or few else wide.loc[filled.any(axis=1), filled.any(axis=0)]
    left_out = sum(wide.shape) - sum(kept.shape)
    frame = kept.map(lambda v: "" if v != v else decided.told(v)) if decided.yes_no else kept
    return ShownTable(decided.name, decided.titled, frame, True, left_out)


def _of_roster(found: Roster) -> pd.DataFrame:
    """Return who works when: a row each, the times across, in the cells what is done there."""
    import pandas as pd

    down, across, _ = found.heads
    cells = [[", ".join(found.cells.get((r, c), ())) for c in found.columns] for r in found.rows]
    frame = pd.DataFrame(cells, index=list(found.rows), columns=list(found.columns))
    frame.index.name = f"{down} \\ {across}"
    return frame


def _pivoted(decided: Decided, series: pd.DataFrame) -> pd.DataFrame | None:
    """Return a decision over two indices with the second across; None where it is not fit."""
    if len(decided.heads) != 2:
        return None
    first, second = decided.heads
    across = list(dict.fromkeys(series[second]))
    down = list(dict.fromkeys(series[first]))
    if len(across) > _MOST_COLUMNS or len(across) * len(down) > _CELLS:
        return None
    if 3 * len(series) < len(across) * len(down):
        return None  # most pairs are no decision at all
    wide = series.pivot(index=first, columns=second, values="value").loc[down, across]
    wide.index = wide.index.map(str)
    wide.columns = wide.columns.map(str)
    wide.index.name = f"{first} \\ {second}"
    return wide


def _words(decided: Decided) -> str:
    value = decided.values[()]
    return decided.told(value) if decided.yes_no else number(value)
