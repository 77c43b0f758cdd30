"""What a run has asked in a provider's batches and what came of it, kept in the run's folder.

Of each batch: what was sent, under which token and id, and what came. So a run that was stopped at
any moment finds its batches again, and asks for nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from uuid import uuid4

from optiwright.agent.batches import (
    MOST_BYTES,
    MOST_REQUESTS,
    TOO_MANY_TOKENS,
    BatchClient,
    BatchState,
    Outcome,
    outcomes,
    request_line,
)
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Reply, Request
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.reply_cache import CachedModel, cache_key
from optiwright.evaluation.problems import Plain

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 60.0
_TRIES = 3
"""Batches without an answer to a request, while others had theirs, after which it is given up."""
_PASSING = {"unreachable", "timeout", "dropped", "failed", "rate_limited"}
_REFUSED = {400, 413, 422}
"""What is wrong with a request itself; anything else is asked again."""


class Sent(Plain):
    """A batch that was sent, or was about to be."""

    token: str
    begun: float
    id: str = ""
    """The provider's; empty until it has said it."""
    ended: str = ""


class Batches:
    """What has come of a run's batches, and what is still to be asked.

    Args:
        model: who is asked.
        cache: the user's remembered replies, if they are wanted.
    """

    def __init__(self, model: OpenAIModel, cache: CachedModel | None) -> None:
        self.wanted: dict[str, Request] = {}
        self._model = model
        self._cache = cache
        self._client = BatchClient(model)
        self._dialect = model.dialect
        self._come: dict[str, Outcome] = {}
        self._tries: Counter[str] = Counter()
        self._folder = Path()
        self._say: Callable[[str], None] = lambda text: None

    async def resume(self, folder: Path, say: Callable[[str], None]) -> None:
        """Take up what earlier runs have sent, and wait for it.

        Raises:
            ProviderError: the provider could not be asked.
        """
        self._folder, self._say = folder, say
        folder.mkdir(exist_ok=True)
        for file in sorted(folder.glob("*.sent.json")):
            sent = Sent.model_validate_json(file.read_bytes())
            stem = file.name.partition(".")[0]
            if (folder / f"{stem}.results.jsonl").exists():
                self._take(stem)
            elif not sent.ended:
                found = sent.id or await self._client.find(sent.token, sent.begun)
                if found is None:
                    file.unlink()  # killed before it was sent
                else:
                    await self._await_end(stem, sent.model_copy(update={"id": found}))

    async def reply(self, request: Request) -> Reply | None:
        """Return the reply to a request; None if it is not there yet, and then it is wanted.

        Raises:
            ProviderError: what came is no reply, or the request was refused or given up.
        """
        key = cache_key(self._model.name, request)
        outcome = self._come.get(key)
        if outcome is not None:
            reply = self._read(outcome, request)
            if self._cache is not None:
                await self._cache.remember(request, reply)
            return reply
        if self._tries[key] >= _TRIES:
            raise ProviderError(f"no answer came in {_TRIES} batches", kind="timeout")
        known = await self._cache.known(request) if self._cache is not None else None
        if known is None:
            self.wanted[key] = request
        return known

    async def ask(self) -> None:
        """Send what is wanted and wait until it has come, as often as something is missing.

        Raises:
            ProviderError: a batch was not begun, was cancelled, or came to nothing.
        """
        size = MOST_REQUESTS
        while left := {k: r for k, r in self.wanted.items() if self._open(k)}:
            part = dict(islice(left.items(), size))
            state, helped = await self._send(part)
            if state.status == "failed" and state.code == TOO_MANY_TOKENS and len(part) > 1:
                size = len(part) // 2
                self._say(f"{state.error}; asking {size} at a time")
            elif state.status in ("failed", "cancelled") or not helped:
                raise ProviderError(
                    f"{state}{f': {state.error}' if state.error else ''}",
                    kind="failed",
                    remedy="Nothing that came is lost, and the same command asks for the rest.",
                )
        self.wanted.clear()

    def _open(self, key: str) -> bool:
        return key not in self._come and self._tries[key] < _TRIES

    def _read(self, outcome: Outcome, request: Request) -> Reply:
        if outcome.status in _REFUSED:
            raise ProviderError(
                f"the request was rejected in a batch (HTTP {outcome.status}: {outcome.complaint})",
                kind="rejected",
            )
        return self._model.whole_reply(request, outcome.body).model_copy(update={"batched": True})

    async def _send(self, requests: dict[str, Request]) -> tuple[BatchState, bool]:
        stem = f"{len(list(self._folder.glob('*.sent.json'))) + 1:04}"
        lines: list[bytes] = []
        room = MOST_BYTES
        for key, request in requests.items():
            line = request_line(key, self._model.body(request, self._dialect))
            room -= len(line)
            if lines and room < 0:
                break
            lines.append(line)
        _write(self._folder / f"{stem}.requests.jsonl", b"".join(lines))
        sent = Sent(token=uuid4().hex, begun=time.time())
        self._note(stem, sent)
        self._say(f"sending a batch of {len(lines)} requests")
        batch_id = await self._client.submit(b"".join(lines), sent.token)
        return await self._await_end(stem, sent.model_copy(update={"id": batch_id}))

    async def _await_end(self, stem: str, sent: Sent) -> tuple[BatchState, bool]:
        """Wait for a batch, keep what came of it, and say whether the next may go better."""
        self._note(stem, sent)
        state = await self._ended(sent.id)
        if state.files:
            _write(self._folder / f"{stem}.results.jsonl", await self._client.results(state))
        self._note(stem, sent.model_copy(update={"ended": state.status}))
        return state, self._take(stem) if state.files else bool(self._come)

    async def _ended(self, batch_id: str) -> BatchState:
        pause, said = FIRST_PAUSE_S, ""
        while True:
            try:
                state = await self._client.state(batch_id)
            except ProviderError as error:
                if error.kind not in _PASSING:
                    raise
                now = f"{error.what}; the batch goes on meanwhile"
            else:
                now = str(state)
                if state.ended:
                    self._say(now)
                    return state
            if now != said:
                self._say(said := now)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _take(self, stem: str) -> bool:
        """Take in a batch's results; return whether the next one may go better.

        It may where anything has ever come. A complaint about the protocol is heeded in the next
        batch, as in ordinary calls.
        """
        weaker = None
        for outcome in outcomes((self._folder / f"{stem}.results.jsonl").read_bytes()):
            milder = None
            if outcome.status in _REFUSED:
                milder = self._dialect.without(outcome.complaint)
            if milder is not None:
                weaker = milder
            elif outcome.status == 200 or outcome.status in _REFUSED:
                self._come[outcome.key] = outcome
        if weaker is not None:
            self._dialect = weaker
        elif self._come:
            self._tries.update(key for key in self._keys(stem) if key not in self._come)
        return weaker is not None or bool(self._come)

    def _keys(self, stem: str) -> list[str]:
        lines = (self._folder / f"{stem}.requests.jsonl").read_bytes().split(b"\n")
        return [json.loads(line)["custom_id"] for line in lines if line]

    def _note(self, stem: str, sent: Sent) -> None:
        _write(self._folder / f"{stem}.sent.json", sent.model_dump_json().encode())


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.part")  # which no pattern of ours finds
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
