"""OpenAI's Batch API: many chat completions in one file, answered within a day at half price.

What is sent is named by a token of ours, kept before it is sent: whoever was killed before an
answer came finds the batch again by it, and none is sent twice. See
https://developers.openai.com/api/docs/guides/batch for the states and the layout of the files.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import openai
from openai.types import Batch
from pydantic import BaseModel, ValidationError

from optiwright.agent.errors import ProviderError
from optiwright.agent.openai_client import OpenAIModel

T = TypeVar("T")

MOST_REQUESTS = 50_000
MOST_BYTES = 190_000_000
TOO_MANY_TOKENS = "token_limit_exceeded"
"""The error's code where an account may not have so much in its queue."""
_ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
_TOKEN = "optiwright"
_CALL_LIMIT_S = 120.0
_FILE_LIMIT_S = 900.0
_CLOCKS_DIFFER_S = 3600
_ENDED = {"completed", "failed", "expired", "cancelled"}


@dataclass(frozen=True)
class BatchState:
    """Where a batch stands.

    Attributes:
        files: of its results and of its errors, as far as there are any.
        error: why it was not begun, and `code` the provider's word for it.
    """

    id: str
    status: str
    done: int
    failed: int
    total: int
    files: tuple[str, ...]
    error: str = ""
    code: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in _ENDED

    def __str__(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        return f"batch {self.id}: {self.status}, {self.done} of {self.total} answered{failed}"


@dataclass(frozen=True)
class Outcome:
    """What became of one request: a status of HTTP, and the body, an error's or an answer's."""

    key: str
    status: int
    body: dict[str, Any]

    @property
    def complaint(self) -> str:
        """What the server says is wrong with the request."""
        error = self.body.get("error")
        said = error.get("message") if isinstance(error, dict) else None
        return said if isinstance(said, str) else json.dumps(self.body)


class BatchClient:
    """The Batch API of one served model's provider.

    Args:
        model: whose requests are sent.
    """

    def __init__(self, model: OpenAIModel) -> None:
        self._client = model.client
        self._fault = model.fault

    async def submit(self, requests: bytes, token: str) -> str:
        """Send requests, a line each, and return their batch's id.

        Raises:
            ProviderError: it could not be sent, or there is no telling whether it was.
        """
        name = f"optiwright-{token}.jsonl"
        upload = self._client.files.create(
            file=(name, requests), purpose="batch", timeout=_FILE_LIMIT_S
        )
        file = await self._asked(upload)
        # The client library would try again what it got no answer to, which may have come through.
        once = self._client.with_options(max_retries=0)
        batch = await self._asked(
            once.batches.create(
                input_file_id=file.id,
                endpoint=_ENDPOINT,
                completion_window="24h",
                metadata={_TOKEN: token},
                timeout=_CALL_LIMIT_S,
            )
        )
        return batch.id

    async def find(self, token: str, since: float) -> str | None:
        """Return the id of the batch that was sent under a token after a time; None if none was.

        Raises:
            ProviderError: the provider could not be asked.
        """
        return await self._asked(self._find(token, since - _CLOCKS_DIFFER_S))

    async def state(self, batch_id: str) -> BatchState:
        """Return where a batch stands.

        Raises:
            ProviderError: the provider could not be asked.
        """
        return _state(
            await self._asked(self._client.batches.retrieve(batch_id, timeout=_CALL_LIMIT_S))
        )

    async def results(self, state: BatchState) -> bytes:
        """Return what an ended batch came to, a line a request that came to anything.

        Raises:
            ProviderError: it could not be fetched.
        """
        parts = []
        for file in state.files:
            content = await self._asked(self._client.files.content(file, timeout=_FILE_LIMIT_S))
            parts.append(content.content.rstrip(b"\n") + b"\n")
        return b"".join(parts)

    async def _find(self, token: str, since: float) -> str | None:
        async for batch in self._client.batches.list(limit=100, timeout=_CALL_LIMIT_S):
            if batch.created_at < since:
                return None  # the newest come first
            if (batch.metadata or {}).get(_TOKEN) == token:
                return batch.id
        return None

    async def _asked(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except Exception as error:
            if isinstance(error, openai.APIStatusError) and error.status_code in (404, 405):
                raise ProviderError(
                    f"the provider has no Batch API, or does not know the batch any more "
                    f"(HTTP {error.status_code})",
                    kind="rejected",
                    remedy="Leave out --batch.",
                ) from None
            fault = self._fault.of(error, _CALL_LIMIT_S)
            if fault is None:
                raise
            raise fault from None


class _Response(BaseModel):
    status_code: int
    body: dict[str, Any] | None = None


class _Line(BaseModel):
    """The part of a line of results that we read."""

    custom_id: str
    response: _Response | None = None


def outcomes(results: bytes) -> Iterator[Outcome]:
    """Yield what became of requests; of those that ran out of time there is no response.

    Raises:
        ProviderError: a line is no result.
    """
    for line in results.split(b"\n"):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate_json(line)
        except ValidationError:
            raise ProviderError(
                "the provider sent a line of batch results that is none", kind="nonsense"
            ) from None
        if read.response is not None:
            yield Outcome(read.custom_id, read.response.status_code, read.response.body or {})


def request_line(key: str, body: dict[str, Any]) -> bytes:
    """Return a request as a line of a batch's file; its result comes under the same key."""
    line = {"custom_id": key, "method": "POST", "url": _ENDPOINT, "body": body}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _state(batch: Batch) -> BatchState:
    counts = batch.request_counts
    errors = (batch.errors.data if batch.errors is not None else None) or []
    return BatchState(
        id=batch.id,
        status=batch.status,
        done=counts.completed if counts else 0,
        failed=counts.failed if counts else 0,
        total=counts.total if counts else 0,
        files=tuple(f for f in (batch.output_file_id, batch.error_file_id) if f),
        error="; ".join(e.message for e in errors[:3] if e.message),
        code=(errors[0].code or "") if errors else "",
    )
