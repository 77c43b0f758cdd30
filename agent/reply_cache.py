"""Replies remembered in SQLite, by what was asked of which model, never by address or key."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from optiwright.agent.llm import LanguageModel, Reply, Request
from optiwright.agent.places import private_dir
from optiwright.formulators.errors import UserError

WAIT_FOR_LOCK_S = 30.0
_TABLE = """create table if not exists replies (
    key text primary key, reply text not null, stored_at real not null) without rowid"""


def reply_cache_wanted() -> bool:
    """Whether the environment leaves the reply cache on (`OPTIWRIGHT_REPLY_CACHE=off`)."""
    return os.environ.get("OPTIWRIGHT_REPLY_CACHE", "on").lower() not in ("off", "0", "no", "false")


def cache_key(identity: str, request: Request) -> str:
    """SHA-256 over the model's identity and the whole request, but for how long to wait."""
    passed_over = {"timeout_s", "fixed", *(() if request.tuned else ("tuned",))}
    asked = request.model_dump(mode="json", exclude=passed_over)
    whole = json.dumps([identity, asked], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()


class CachedModel:
    """A model whose replies are remembered in the SQLite file `path`.

    A remembered reply comes back with its original tokens and seconds and `cached=True`. Several
    processes may share the file.

    Args:
        model: the model that answers what is not remembered.
        path: the SQLite file; its folder is made.
        identity: what tells this model from others: a GGUF's hash and the runtime, or the name
            (the default).
    """

    def __init__(self, model: LanguageModel, path: Path, identity: str | None = None) -> None:
        self.name = model.name
        self.small = model.small
        self.tuned = model.tuned
        self._model = model
        self._path = path
        self._identity = identity or model.name

    @property
    def asked(self) -> LanguageModel:
        """Who answers what is not remembered."""
        return self._model

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer from the file, or ask the model and remember the answer.

        Raises:
            ProviderError: from the model.
            UserError: the file is damaged or cannot be written.
        """
        known = await self.known(request)
        if known is not None:
            if on_text is not None:
                on_text(known.text)
            return known
        reply = await self._model.complete(request, on_text)
        await self.remember(request, reply)
        return reply

    async def known(self, request: Request) -> Reply | None:
        """Return the reply that is remembered, without asking; raises UserError as `complete`."""
        return await asyncio.to_thread(self._read, cache_key(self._identity, request))

    async def remember(self, request: Request, reply: Reply) -> None:
        """Keep a reply that came on another way; raises UserError as `complete`."""
        await asyncio.to_thread(self._write, cache_key(self._identity, request), reply)

    async def aclose(self) -> None:
        """Close the model behind."""
        await self._model.aclose()

    def _read(self, key: str) -> Reply | None:
        try:
            with closing(self._open()) as database:
                row = database.execute("select reply from replies where key = ?", [key]).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error
        return None if row is None else self._reply(row[0])

    def _reply(self, stored: str) -> Reply:
        return Reply.model_validate_json(stored).model_copy(update={"cached": True})

    def _write(self, key: str, reply: Reply) -> None:
        row = (key, reply.model_dump_json(), time.time())
        try:
            with closing(self._open()) as database, database:
                database.execute("insert or replace into replies values (?, ?, ?)", row)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def _open(self) -> sqlite3.Connection:
        # A connection a call: cheap beside a model call, and safe across threads and forks.
        if not self._path.exists():
            self._make()
        database = sqlite3.connect(self._path, timeout=WAIT_FOR_LOCK_S)
        database.execute(_TABLE)
        return database

    def _make(self) -> None:
        """Makes the file aside: who changes the journal's mode beside others waits for no lock."""
        private_dir(self._path.parent)
        handle, made = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        os.close(handle)
        try:
            with closing(sqlite3.connect(made)) as database:
                database.execute("pragma journal_mode = wal")
                database.execute(_TABLE)
            try:
                os.link(made, self._path)
            except FileExistsError:
                pass  # somebody was faster
            except OSError:  # a file system without hard links
                os.replace(made, self._path)
        finally:
            Path(made).unlink(missing_ok=True)

    def _unusable(self, error: Exception) -> UserError:
        return UserError(
            f"the reply cache {str(self._path)!r} cannot be used: {error}",
            remedy="Delete the file, or set OPTIWRIGHT_REPLY_CACHE=off.",
        )
