"""A parameter's values as a table to look at and to edit, and the edited table read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Bound, Derived, Formulation, Index, Parameter
from optiwright.formulators.parser import parse_over
from optiwright.formulators.phrases import label

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 5_000
"""Entries of a parameter up to which its table is edited in place."""
_COLUMNS = 24
"""Columns up to which rows and columns are the two positions of an index."""


@dataclass(frozen=True)
class Grid:
    """A table of one parameter's values.

    Attributes:
        frame: the values, rows labelled by elements; of a pair of indices the columns are the
            second one's elements, else there is one column.
        cells: the index of each cell, row by row.
        file: the data table and column that the values are taken from; empty where they are the
            formulation's own.
    """

    parameter: str
    frame: pd.DataFrame
    cells: tuple[tuple[Index, ...], ...]
    file: str = ""

    @property
    def single(self) -> bool:
        """Whether it is one number without an index."""
        return self.cells == (((),),)

    @property
    def values(self) -> dict[Index, float]:
        """The values by index."""
        return _flat(self.cells, self.frame.to_numpy().tolist())

    def read(self, edited: pd.DataFrame) -> dict[Index, float]:
        """Return the values of an edited table by index.

        Raises:
            FormulationError: if a cell is empty, naming it.
        """
        found = _flat(self.cells, edited.to_numpy().tolist())
        for index, value in found.items():
            if value is None or value != value:
                raise FormulationError(
                    "a cell is empty",
                    where=label(self.parameter, index),
                    remedy="Give a number.",
                )
        return {index: float(value) for index, value in found.items()}


def value_grids(formulation: Formulation) -> dict[str, Grid]:
    """Return the tables of all parameters that can be edited: not derived and not too large.

    Raises:
        FormulationError: if the data do not join.
        DataError: if the tables that they lie in are gone or do not fit.
    """
    instance = ground(formulation)
    found = {}
    for part in formulation.parameters:
        values = instance.parameter(part.name)
        if not isinstance(part.data, Derived) and 0 < len(values) <= MOST_CELLS:
            found[part.name] = _grid(part, dict(values))
    return found


def _grid(part: Parameter, values: Mapping[Index, float]) -> Grid:
    file = ""
    if isinstance(part.data, Bound):
        file = f"column `{part.data.value_column}` of `{part.data.table}`"
    rows, columns = _sides(list(values))
    heads = _heads(part, len(next(iter(values))))
    if columns:
        return _crossed(part, values, rows, columns, heads, file)
    return _listed(part, values, heads, file)


def _sides(indices: Sequence[Index]) -> tuple[list[Index], list[Index]]:
    """Return rows and columns where every pair of them is there, else no columns."""
    if len(indices[0]) != 2:
        return [], []
    rows: list[Index] = list(dict.fromkeys((i[0],) for i in indices))
    columns: list[Index] = list(dict.fromkeys((i[1],) for i in indices))
    labels = {str(c[0]) for c in columns}
    whole = len(rows) * len(columns) == len(indices) and len(labels) == len(columns)
    return (rows, columns) if whole and len(columns) <= _COLUMNS else ([], [])


def _crossed(
    part: Parameter,
    values: Mapping[Index, float],
    rows: Sequence[Index],
    columns: Sequence[Index],
    heads: Sequence[str],
    file: str,
) -> Grid:
    import pandas as pd

    cells = tuple(tuple(row + column for column in columns) for row in rows)
    frame = pd.DataFrame(
        [[float(values[index]) for index in line] for line in cells],
        index=pd.Index([str(r[0]) for r in rows], name=f"{heads[0]} \\ {heads[1]}"),
        columns=[str(c[0]) for c in columns],
    )
    return Grid(part.name, frame, cells, file)


def _listed(
    part: Parameter, values: Mapping[Index, float], heads: Sequence[str], file: str
) -> Grid:
    import pandas as pd

    head = " ".join((part.name, f"({part.unit})" if part.unit else "")).strip()
    frame = pd.DataFrame(
        {head: [float(v) for v in values.values()]},
        index=pd.Index([", ".join(map(str, index)) for index in values], name=", ".join(heads)),
    )
    return Grid(part.name, frame, tuple((index,) for index in values), file)


def _heads(part: Parameter, arity: int) -> list[str]:
    names = [g.domain.name for g in parse_over(part.over)]
    return names if len(names) == arity else [f"{'/'.join(names)} {k + 1}" for k in range(arity)]


def _flat(
    cells: Sequence[Sequence[Index]], values: Sequence[Sequence[float]]
) -> dict[Index, float]:
    return {
        index: value
        for line, row in zip(cells, values, strict=True)
        for index, value in zip(line, row, strict=True)
    }
