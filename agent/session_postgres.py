"""Sessions in PostgreSQL; an advisory lock of the connection that writes tells who writes.

The lock and the writes go over one connection, so that who has lost the one has lost the other.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from urllib.parse import urlsplit

from optiwright.agent.session_store import (
    ENVIRONMENT,
    TABLE,
    SessionNote,
    SessionStore,
    busy,
    serializer,
)
from optiwright.formulators.errors import UserError

try:
    import psycopg
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
except ImportError as missing:
    raise UserError(
        f"sessions in PostgreSQL need a package that is not installed: {missing.name}",
        where=ENVIRONMENT,
        remedy="Run `pip install 'optiwright[postgres]'`.",
    ) from None

_CONNECT_S = 10
_MAKING = 0x6F7074697772_67  # the lock of whoever makes the tables
_WHO = """select a.application_name, to_char(a.state_change at time zone 'utc', 'HH24:MI')
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted
    and ((l.classid::bigint << 32) | l.objid::bigint) = %s"""


class PostgresStore(SessionStore):
    """The store on a server."""

    mark: ClassVar[str] = "%s"

    def __init__(self, connection: psycopg.AsyncConnection[dict[str, Any]]) -> None:
        self.saver: AsyncPostgresSaver = AsyncPostgresSaver(connection, serde=serializer())
        self._connection = connection

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        async with self.saver.lock, self._connection.cursor() as cursor:
            await cursor.execute(sql.encode(), values)
            found = await cursor.fetchall() if cursor.description else []
        return [tuple(row.values()) for row in found]

    @asynccontextmanager
    async def lease(self, note: SessionNote) -> AsyncIterator[None]:
        """Hold the advisory lock of a session; the server gives it back with the connection."""
        key = _key(note.id)
        if not (await self.rows("select pg_try_advisory_lock(%s)", [key]))[0][0]:
            who = await self.rows(_WHO, [key])
            raise busy(note, ", since ".join(map(str, who[0])) + " UTC" if who else "")
        try:
            yield
        finally:
            if not self._connection.closed:
                await self.rows("select pg_advisory_unlock(%s)", [key])

    async def thin(self, thread: str) -> None:
        """Keep only a thread's last checkpoint."""
        await self.saver.aprune([thread], strategy="keep_latest")


@asynccontextmanager
async def open_postgres(url: str) -> AsyncIterator[PostgresStore]:
    """Open the store on a server; its tables are made where they are missing.

    Raises:
        UserError: if the server cannot be reached or used; never holds the address's password.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(
            url,
            autocommit=True,
            prepare_threshold=0,
            row_factory=dict_row,
            connect_timeout=_CONNECT_S,
            application_name=f"optiwright on {platform.node()}, process {os.getpid()}",
        )
    except psycopg.Error as error:
        raise _unusable(url, error) from None
    try:
        store = PostgresStore(connection)
        if not (await store.rows("select to_regclass('sessions')"))[0][0]:
            await _make(store)
        yield store
    except psycopg.Error as error:
        raise _unusable(url, error) from None
    finally:
        await connection.close()


async def _make(store: PostgresStore) -> None:
    await store.rows("select pg_advisory_lock(%s)", [_MAKING])
    try:
        await store.saver.setup()
        await store.rows(TABLE)
    finally:
        await store.rows("select pg_advisory_unlock(%s)", [_MAKING])


def _key(session: str) -> int:
    """Return a session's lock: 63 bits, as the server's two halves of one take them."""
    return int.from_bytes(hashlib.sha256(session.encode()).digest()[:8]) >> 1


def _unusable(url: str, error: psycopg.Error) -> UserError:
    parts = urlsplit(url)
    said = " ".join(str(error).split())
    for secret in (parts.password, url):
        said = said.replace(secret, "...") if secret else said
    return UserError(
        f"the sessions' database cannot be used: {said}",
        where=f"{ENVIRONMENT}: {parts.hostname or 'the local server'}{parts.path}",
        remedy="Check the address, the password and that the server runs.",
    )
