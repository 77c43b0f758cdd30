"""Sessions in a SQLite file of this user's own; a lock on a file beside it tells who writes."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from optiwright.agent.places import private_dir, sessions_dir
from optiwright.agent.session_store import TABLE, SessionNote, SessionStore, busy, serializer
from optiwright.formulators.errors import UserError

_WAIT_FOR_LOCK_S = 30.0
_READY = "pragma user_version"


class SqliteStore(SessionStore):
    """The store in a file."""

    mark: ClassVar[str] = "?"

    def __init__(self, connection: aiosqlite.Connection, folder: Path) -> None:
        self.saver: AsyncSqliteSaver = AsyncSqliteSaver(connection, serde=serializer())
        self._connection = connection
        self._folder = folder

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, written at once, and return its rows."""
        async with self.saver.lock, self._connection.execute(sql, values) as cursor:
            found = [tuple(row) for row in await cursor.fetchall()]
            await self._connection.commit()
        return found

    @asynccontextmanager
    async def lease(self, note: SessionNote) -> AsyncIterator[None]:
        """Hold the lock of a session; the kernel gives it back whatever ends this process."""
        with _locked(self._folder / f"{note.id}.lock", note):
            yield

    async def thin(self, thread: str) -> None:
        """Keep only a thread's last checkpoint."""
        last = "(select max(checkpoint_id) from checkpoints where thread_id = ?)"
        for table in ("writes", "checkpoints"):
            await self.rows(
                f"delete from {table} where thread_id = ? and checkpoint_id < {last}",
                [thread, thread],
            )

    async def delete(self, note: SessionNote) -> None:
        """Delete a session, its checkpoints and its lock's file."""
        await super().delete(note)
        (self._folder / f"{note.id}.lock").unlink(missing_ok=True)


@asynccontextmanager
async def open_sqlite() -> AsyncIterator[SqliteStore]:
    """Open the store in this user's data folder; it is made where it is missing.

    Raises:
        UserError: if the file cannot be opened, or is no such store.
    """
    folder = sessions_dir()
    file = folder / "sessions.sqlite"
    try:
        private_dir(folder)
        async with _made(folder, file) as new:
            connection = await aiosqlite.connect(file, timeout=_WAIT_FOR_LOCK_S)
            store = SqliteStore(connection, folder)
            if new:
                await store.saver.setup()
                await store.rows(TABLE)
            store.saver.is_setup = True
    except (OSError, sqlite3.Error) as error:
        raise _unusable(file, error) from error
    try:
        yield store
    except sqlite3.Error as error:
        raise _unusable(file, error) from error
    finally:
        await connection.close()


@asynccontextmanager
async def _made(folder: Path, file: Path) -> AsyncIterator[bool]:
    """Tell whether the tables are still to be made; who comes meanwhile waits until they are."""
    if file.is_file() and file.stat().st_size and not (folder / "making").exists():
        yield False
        return
    with (folder / "making").open("w") as lock:
        # On a thread: who has the lock may be another session on this loop.
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        yield True
        (folder / "making").unlink(missing_ok=True)


@contextmanager
def _locked(file: Path, note: SessionNote) -> Iterator[None]:
    handle = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy(note, os.pread(handle, 200, 0).decode(errors="replace")) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}, since {datetime.now(UTC):%H:%M} UTC".encode(), 0)
        yield
    finally:
        os.close(handle)


def _unusable(file: Path, error: Exception) -> UserError:
    return UserError(
        f"the sessions cannot be read or written: {error}",
        where=str(file),
        remedy="Make room or give yourself the right to write there; a damaged file can be moved "
        "away, which leaves the runs' own folders as they are.",
    )
