"""Columns of data tables as codes and numbers; the only place that looks into a user's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.indices import MAX_INTEGER, Domain, Floats, Labels
from optiwright.formulators.keys import KeyColumn
from optiwright.formulators.lookup import Codes, Mask
from optiwright.formulators.model import Bound, Element, Formulation

Table: TypeAlias = Mapping[str, Sequence[Any]]
"""Columns by name, all of one length; a pandas DataFrame qualifies."""


def tables_of(formulation: Formulation) -> Mapping[str, Table]:
    """Return the tables at hand as a formulation uses them, checked.

    Raises:
        FormulationError: if a table or a column is not there.
        DataError: listing everything in the data that does not fit.
    """
    if not formulation.from_tables:
        return {}
    # pandas takes half a second, and the pool's server is to do without it.
    from optiwright.formulators.binding import bind

    return bind(formulation).tables


def label_column(tables: Mapping[str, Table], table: str, column: str, labels: Labels) -> Codes:
    """Return a column's labels as codes, new texts interned.

    Raises:
        FormulationError: if there is no such column, or a cell is no text and no integer.
    """
    cells = _column(tables, table, column)
    if isinstance(cells, KeyColumn):
        return labels.intern(cells.labels)[cells.codes]
    array = cells if isinstance(cells, np.ndarray) else getattr(cells, "array", None)
    kind = getattr(getattr(array, "dtype", None), "kind", "O")
    if array is not None and kind in "iu":
        codes = np.asarray(array)
        if codes.size == 0 or max(int(codes.max()), -int(codes.min())) <= MAX_INTEGER:
            return codes.astype(np.int64)
    listed = np.asarray(cells, dtype=object).tolist()
    if set(map(type, listed)) != {str}:
        listed = [_label(cell, row, table, column) for row, cell in enumerate(listed)]
    return labels.intern(listed)


def left_out(
    tables: Mapping[str, Table], bound: Bound, domain: Domain, columns: Sequence[Codes], count: int
) -> Mask:
    """Return which rows of a long form are of columns that play no part, as no index has them.

    None are where an index has no column: then a head may be misspelt, and leaving it out would
    hide that.

    Args:
        tables: the tables as the formulation uses them.
        bound: what is taken from them.
        domain: the indices that it is taken for.
        columns: the codes of the key columns, `count` rows each.
        count: how many rows there are.
    """
    out: Mask = np.zeros(count, dtype=np.bool_)
    for at, key in enumerate(bound.key_columns):
        cells = tables[bound.table][key]
        if isinstance(cells, KeyColumn) and cells.heads:
            wanted = domain.component(at)
            if len(wanted) and np.isin(wanted, columns[at]).all():
                out |= ~np.isin(columns[at], wanted)
    return out


def number_column(tables: Mapping[str, Table], table: str, column: str) -> Floats:
    """Return a column of finite numbers.

    Raises:
        FormulationError: if there is no such column, or a cell is no finite number.
    """
    cells = _column(tables, table, column)
    try:
        numbers = np.asarray(cells, dtype=np.float64)
    except (ValueError, TypeError):
        bad = next(k for k, c in enumerate(cells) if not _is_number(c))
        raise _cell_error(bad, list(cells)[bad], table, column, "no number") from None
    if not np.isfinite(numbers).all():
        bad = int(np.argmin(np.isfinite(numbers)))
        raise _cell_error(bad, list(cells)[bad], table, column, "no finite number")
    return numbers


def _column(tables: Mapping[str, Table], table: str, column: str) -> Sequence[Any]:
    if table not in tables:
        known = ", ".join(f"`{name}`" for name in tables) or "none"
        raise FormulationError(f"there is no table `{table}`", remedy=f"Tables given: {known}.")
    if column not in tables[table]:
        known = ", ".join(f"`{name}`" for name in tables[table])
        raise FormulationError(
            f"table `{table}` has no column `{column}`", remedy=f"It has: {known}."
        )
    return tables[table][column]


def _label(cell: Any, row: int, table: str, column: str) -> Element:
    if isinstance(cell, str) or (isinstance(cell, int) and not isinstance(cell, bool)):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    raise _cell_error(row, cell, table, column, "no text and no integer")


def _cell_error(row: int, cell: Any, table: str, column: str, what: str) -> FormulationError:
    return FormulationError(
        f"{cell!r} in row {row + 1} is {what}",
        where=f"column `{column}` of table `{table}`",
        remedy="Correct the cell, or leave the row out.",
    )


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (ValueError, TypeError):
        return False
    return True
