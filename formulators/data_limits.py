"""How large data may be: beyond these a file is refused before it fills the memory."""

from __future__ import annotations

from optiwright.formulators.errors import UserError

LARGEST_FILE = 512 * 2**20
"""Bytes of a file."""
MOST_ROWS = 5_000_000
MOST_COLUMNS = 16_384
MOST_CELLS = 50_000_000
"""Of one table."""
MOST_SHEET_CELLS = 5_000_000
"""Of one sheet: cells of a workbook take far longer to read than those of other files."""
MOST_TABLES = 64
LARGEST_UNPACKED = 2**30
"""Bytes that a packed file may unpack to."""
MOST_RATIO = 200
"""Times that a packed file may grow, where it unpacks to more than `SMALL_UNPACKED`."""
SMALL_UNPACKED = 16 * 2**20
LONGEST_LABEL = 32_767
"""Characters of one cell."""


def check_shape(rows: int, columns: int, where: str) -> None:
    """Refuse a table that is too large.

    Raises:
        UserError: with what was found and what the limit is.
    """
    for count, most, what in (
        (rows, MOST_ROWS, "rows"),
        (columns, MOST_COLUMNS, "columns"),
        (rows * columns, MOST_CELLS, "cells"),
    ):
        if count > most:
            raise UserError(
                f"{count:,} {what}, more than the {most:,} that a table may have",
                where=where,
                remedy="Leave out rows and columns that the problem does not use.",
            )


def check_size(size: int, where: str) -> None:
    """Refuse a file that is too large.

    Raises:
        UserError: with its size and the limit.
    """
    if size > LARGEST_FILE:
        raise UserError(
            f"{size / 2**20:,.0f} MiB, more than the {LARGEST_FILE // 2**20} MiB of a data file",
            where=where,
            remedy="Leave out what the problem does not use, or give a database's URL.",
        )
