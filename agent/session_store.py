"""Where sessions are kept: LangGraph's checkpoints, and a list of who has which session.

SQLite in the user's data folder, or PostgreSQL where `OPTIWRIGHT_SESSIONS` names one. A store is
opened for what is to be done with it and closed again, so that nothing is held over a pause, a fork
or a restart of the server. One client writes to a session at a time; whoever comes second is told.
"""

from __future__ import annotations

import getpass
import os
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from optiwright.agent.result import Plain
from optiwright.formulators.errors import UserError

ENVIRONMENT = "OPTIWRIGHT_SESSIONS"

TABLE = """create table if not exists sessions (
    id text primary key, owner text not null, name text not null, title text not null,
    turns integer not null, created text not null, touched text not null, unique (owner, name))"""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLUMNS = "id, owner, name, title, turns, created, touched"


class SessionNote(Plain):
    """A session in the list."""

    id: str
    """Under which its checkpoints are kept; a session that is renamed keeps it."""
    owner: str
    name: str
    title: str
    """How its first problem begins, or that there is none."""
    turns: int
    created: datetime
    touched: datetime

    @property
    def full_name(self) -> str:
        """As `owner/session`."""
        return f"{self.owner}/{self.name}"


def this_user() -> str:
    """Return the name under which this user's sessions are kept."""
    try:
        found = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        found = str(os.getuid())
    return re.sub(r"[^A-Za-z0-9._-]", "-", found).strip("-._") or "user"


def names_of(given: str) -> tuple[str, str]:
    """Return owner and name of `session` or `owner/session`.

    Raises:
        UserError: if a part of it is no name.
    """
    owner, slash, name = given.partition("/")
    if not slash:
        owner, name = this_user(), given
    for what, part in (("an owner's", owner), ("a session's", name)):
        if not _NAME.fullmatch(part):
            raise UserError(
                f"{part!r} cannot be {what} name",
                where="session",
                remedy="Take up to 64 letters, digits, points, lines and underscores, such as "
                "`spring-plan` or `ada/spring-plan`.",
            )
    return owner, name


class SessionStore(ABC):
    """An open store.

    Attributes:
        saver: what keeps the checkpoints.
    """

    saver: BaseCheckpointSaver[Any]
    mark: ClassVar[str]
    """Stands for a value in the database's statements."""

    @abstractmethod
    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""

    @abstractmethod
    def lease(self, note: SessionNote) -> AbstractAsyncContextManager[None]:
        """Be the one who writes to a session.

        Raises:
            UserError: if somebody else is.
        """

    @abstractmethod
    async def thin(self, thread: str) -> None:
        """Keep only a thread's last checkpoint."""

    async def find(self, given: str) -> SessionNote | None:
        """Return a session by name, None if there is none."""
        owner, name = names_of(given)
        found = await self._select("owner = {m} and name = {m}", [owner, name])
        return found[0] if found else None

    async def known(self, given: str) -> SessionNote:
        """Return a session by name.

        Raises:
            UserError: if there is none.
        """
        note = await self.find(given)
        if note is None:
            owner, name = names_of(given)
            others = ", ".join(f"`{n.name}`" for n in (await self.all(owner))[:10])
            raise UserError(
                f"there is no session `{name}` of `{owner}`",
                where="session",
                remedy=f"There are {others}." if others else "`optiwright chat` begins one.",
            )
        return note

    async def all(self, owner: str) -> list[SessionNote]:
        """Return an owner's sessions, the one that was used last first."""
        return await self._select("owner = {m} order by touched desc, name", [owner])

    async def everyones(self) -> list[SessionNote]:
        """Return the sessions of all owners."""
        return await self._select("true order by touched desc", [])

    async def create(self, given: str) -> SessionNote:
        """Return the session of that name, begun if there is none."""
        owner, name = names_of(given)
        now = datetime.now(UTC).isoformat()
        await self.rows(
            self._sql(
                f"insert into sessions ({_COLUMNS}) values ({', '.join(['{m}'] * 7)}) "
                "on conflict do nothing"
            ),
            [uuid4().hex, owner, name, "", 0, now, now],
        )
        return await self.known(given)

    async def touch(self, note: SessionNote, title: str, turns: int) -> None:
        """Note that a session was used."""
        await self.rows(
            self._sql("update sessions set title = {m}, turns = {m}, touched = {m} where id = {m}"),
            [title[:200], turns, datetime.now(UTC).isoformat(), note.id],
        )

    async def rename(self, note: SessionNote, new: str) -> SessionNote:
        """Give a session another name.

        Raises:
            UserError: if the name is taken, or of another owner.
        """
        owner, name = names_of(new if "/" in new else f"{note.owner}/{new}")
        if owner != note.owner:
            raise UserError("a session stays with its owner", where=f"`{new}`")
        if await self.find(f"{owner}/{name}") is not None:
            raise UserError(
                f"there is a session `{name}` already",
                where="session",
                remedy="Choose another name, or delete that one first.",
            )
        sql = self._sql("update sessions set name = {m} where id = {m}")
        await self.rows(sql, [name, note.id])
        return await self.known(f"{owner}/{name}")

    async def delete(self, note: SessionNote) -> None:
        """Delete a session and its checkpoints."""
        await self.saver.adelete_thread(note.id)
        await self.rows(self._sql("delete from sessions where id = {m}"), [note.id])

    async def _select(self, condition: str, values: Sequence[Any]) -> list[SessionNote]:
        sql = self._sql(f"select {_COLUMNS} from sessions where {condition}")
        names = _COLUMNS.split(", ")
        found = await self.rows(sql, values)
        return [SessionNote.model_validate(dict(zip(names, r, strict=True))) for r in found]

    def _sql(self, text: str) -> str:
        return text.format(m=self.mark)


def serializer() -> JsonPlusSerializer:
    """Return what writes checkpoints: plain data alone, no object of any class."""
    return JsonPlusSerializer(allowed_msgpack_modules=None)


@asynccontextmanager
async def open_store(url: str | None = None) -> AsyncIterator[SessionStore]:
    """Open the store of sessions.

    Args:
        url: a PostgreSQL address; None takes `OPTIWRIGHT_SESSIONS`, else SQLite's file.

    Raises:
        UserError: if it cannot be opened or used.
    """
    url = url or os.environ.get(ENVIRONMENT) or ""
    if not url:
        from optiwright.agent.session_sqlite import open_sqlite

        async with open_sqlite() as store:
            yield store
    elif url.startswith(("postgresql://", "postgres://")):
        from optiwright.agent.session_postgres import open_postgres

        async with open_postgres(url) as store:
            yield store
    else:
        scheme = url.partition(":")[0][:20]
        raise UserError(
            f"sessions cannot be kept at an address that begins with `{scheme}`",
            where=ENVIRONMENT,
            remedy="Give postgresql://USER@HOST/DATABASE, or leave it out for a file of your own.",
        )


def busy(note: SessionNote, who: str) -> UserError:
    """Say that somebody else writes to a session."""
    return UserError(
        f"another client is at work in the session `{note.name}`{f' ({who})' if who else ''}",
        where="session",
        remedy="Wait until its turn is done, or take another session: --session NAME.",
    )
