"""Databases: SQLite files, read-only and without extensions, and whatever SQLAlchemy reaches.

A URL's user, password and host are used to connect and appear nowhere else: not in the names of
sources, not in errors.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from optiwright.formulators.data import RawTable
from optiwright.formulators.data_limits import MOST_ROWS, MOST_TABLES, check_shape
from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

_LISTED = (
    "select name from sqlite_schema where type in ('table', 'view') "
    "and name not like 'sqlite\\_%' escape '\\' order by name"
)


def read_sqlite(path: Path) -> list[RawTable]:
    """Read every table and view of a SQLite file.

    Raises:
        UserError: if it is no such file, has no tables, or one is too large.
    """
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("pragma query_only = on")
            database.execute("pragma trusted_schema = off")
            names = [str(row[0]) for row in database.execute(_LISTED)]
            _check_count(names, path.name)
            return [RawTable(name, _sqlite_table(database, name, path.name)) for name in names]
    except sqlite3.Error as error:
        raise UserError(f"the database cannot be read: {error}", where=path.name) from None


def _sqlite_table(database: sqlite3.Connection, name: str, file: str) -> pd.DataFrame:
    quoted = '"' + name.replace('"', '""') + '"'
    cursor = database.execute(f"select * from {quoted} limit {MOST_ROWS + 1}")
    return _frame(cursor, [str(c[0]) for c in cursor.description], f"{file}, table `{name}`")


def read_url(address: str) -> tuple[str, list[RawTable]]:
    """Read every table and view of the database that a SQLAlchemy URL names.

    Raises:
        UserError: if SQLAlchemy or the driver is missing, or the database cannot be read.
    """
    try:
        import sqlalchemy
    except ImportError:
        raise UserError(
            "database URLs need SQLAlchemy",
            where="data",
            remedy="Install it: pip install 'optiwright[data]'.",
        ) from None
    try:
        url = sqlalchemy.make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # Neither the URL nor the error: either may hold a password.
        raise UserError(
            "the database's URL cannot be taken apart",
            where="data",
            remedy="It reads DIALECT://USER:PASSWORD@HOST/DATABASE.",
        ) from None
    if url.drivername == "postgres":  # what many providers write
        url = url.set(drivername="postgresql")
    shown = _shown(url)
    with _plainly(url, shown):
        if url.get_backend_name() == "sqlite":
            return shown, read_sqlite(_sqlite_file(url))
        engine = sqlalchemy.create_engine(url, hide_parameters=True)
        try:
            with engine.connect() as connection:
                return shown, _all_tables(engine, connection, shown)
        finally:
            engine.dispose()


def _all_tables(engine: Engine, connection: Connection, shown: str) -> list[RawTable]:
    import sqlalchemy

    looking = sqlalchemy.inspect(engine)
    names = [*looking.get_table_names(), *looking.get_view_names()]
    _check_count(names, shown)
    found = []
    for name in names:
        quoted = engine.dialect.identifier_preparer.quote(name)
        streaming = connection.execution_options(stream_results=True)
        result = streaming.execute(sqlalchemy.text(f"select * from {quoted}").columns())
        columns = list(result.keys())
        found.append(RawTable(name, _frame(result, columns, f"{shown}, table `{name}`")))
    return found


def _frame(rows: Any, columns: list[str], where: str) -> pd.DataFrame:
    taken: list[Any] = []
    while part := rows.fetchmany(100_000):
        taken += part
        check_shape(len(taken), len(columns), where)
    cells = list(zip(*taken, strict=True)) or [()] * len(columns)
    series = {
        k: pd.Series([_plain(v) for v in c], dtype=object).infer_objects()
        for k, c in enumerate(cells)
    }
    frame = pd.DataFrame(series)
    frame.columns = pd.Index(columns)
    return frame


def _plain(value: Any) -> Any:
    """Return a cell; a server's exact decimals as floats, as every other file's numbers are."""
    return float(value) if isinstance(value, Decimal) else value


def _check_count(names: list[str], where: str) -> None:
    if not names:
        raise UserError("the database has no tables", where=where)
    if len(names) > MOST_TABLES:
        raise UserError(
            f"{len(names)} tables, more than {MOST_TABLES}",
            where=where,
            remedy="Make a database, or a schema, with those that the problem uses.",
        )


def _sqlite_file(url: URL) -> Path:
    path = Path(url.database or "")
    if not path.is_file():
        raise UserError("there is no such database file", where=path.name or "sqlite")
    return path


def _shown(url: URL) -> str:
    """Return a database's kind and name: nothing of how it is reached."""
    kind, name = url.get_backend_name(), url.database or ""
    return Path(name).name if kind == "sqlite" else f"{kind} {name}".strip()


@contextmanager
def _plainly(url: URL, shown: str) -> Iterator[None]:
    """Turn a driver's errors into plain ones, without anything that the URL holds in secret."""
    import sqlalchemy

    try:
        yield
    except UserError:
        raise
    except ModuleNotFoundError as error:
        raise UserError(
            f"the driver `{error.name}` is not installed", where=shown, remedy="Install it."
        ) from None
    except sqlalchemy.exc.NoSuchModuleError:
        raise UserError(
            f"there is no dialect `{url.drivername}`", where=shown, remedy="Install its package."
        ) from None
    except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        query = (v for values in url.query.values() for v in _each(values))
        for secret in filter(None, (url.password, url.host, *query)):
            reason = reason.replace(str(secret), "...")
        if url.username:  # as a word: `sa` stands in `message` too
            reason = re.sub(rf"(?<!\w){re.escape(url.username)}(?!\w)", "...", reason)
        raise UserError(f"the database cannot be read: {reason}", where=shown) from None


def _each(values: str | tuple[str, ...]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else values
