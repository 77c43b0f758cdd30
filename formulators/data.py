"""The user's data: tables read from files, databases and frames, under names that programs take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from optiwright.formulators.data_limits import MOST_TABLES
from optiwright.formulators.data_names import split_given
from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Given: TypeAlias = "Mapping[str, Any] | Sequence[Any] | str | Path | Data"
"""Frames, paths or URLs by name; or paths and URLs, each also written `name=FILE`."""


TEXT = "the problem's text"
"""What the source of a table in the problem's text is called."""


@dataclass(frozen=True)
class Source:
    """Where a table comes from, without anything that is private to a machine."""

    file: str
    """A file's name without its folder, a database's kind and name, or `frame`."""
    sheet: str
    """The sheet, or the table in a database; empty where there is none."""
    sha256: str
    """Of the table's content: its columns, its cells and its units."""
    rows: int


@dataclass(frozen=True)
class Data:
    """Tables under canonical names, with what they were called and what was done to them."""

    tables: Mapping[str, pd.DataFrame]
    """By a Python identifier; so are the columns. A frame's index is the file's row numbers."""
    sources: Mapping[str, Source]
    originals: Mapping[str, Mapping[str, str]]
    """A table's column names as they were in the file, by canonical name."""
    units: Mapping[str, Mapping[str, str]]
    """Units that headers or cells of a column state, by table and column."""
    notes: tuple[str, ...] = ()
    """What was done while reading, a sentence each."""
    _bindings: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same tables."""
        return isinstance(other, Data) and self.sources == other.sources

    __hash__ = None  # type: ignore[assignment]

    @property
    def hashes(self) -> dict[str, str]:
        """The content's SHA-256 by table: what decides an outcome beside the text."""
        return {name: source.sha256 for name, source in self.sources.items()}


@dataclass(frozen=True)
class RawTable:
    """One table as a reader hands it over: any column names, cells not yet looked at."""

    name: str
    """The sheet or table in its file; empty where the file is the table."""
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    first_row: int = 1
    """The number by which the file calls the first row of cells."""


def read_data(given: Given) -> Data:
    """Read tables.

    Args:
        given: pandas or polars frames, paths or SQLAlchemy URLs by name; or several paths or
            URLs, each also written `name=FILE`. A file with several tables gives each its own name.

    Raises:
        UserError: if a file is missing, too large, of an unknown kind or cannot be read.
    """
    from optiwright.formulators.data_sources import read_source
    from optiwright.formulators.data_tables import Reading

    if isinstance(given, Data):
        return given
    reading = Reading()
    for name, what in _listed(given):
        file, raw = read_source(what)
        if len(reading.tables) + len(raw) > MOST_TABLES:
            raise UserError(
                f"more than {MOST_TABLES} tables", where=file, remedy="Leave out what is not used."
            )
        for table in raw:
            reading.add(_wanted_name(name, file, table, len(raw)), file, table)
    return reading.done()


def _listed(given: Given) -> list[tuple[str, Any]]:
    if isinstance(given, Mapping):
        return [(str(name), what) for name, what in given.items()]
    if isinstance(given, str | Path):
        given = [given]
    if not isinstance(given, Sequence):
        raise UserError(
            "a frame without a name",
            where="data",
            remedy='Give it one: `data={"costs": frame}`.',
        )
    return [split_given(one) for one in given]


def _wanted_name(name: str, file: str, table: RawTable, count: int) -> str:
    if name:
        return name if count == 1 else f"{name}_{table.name}"
    return table.name or file.partition(".")[0]
