"""A language model behind OpenAI's chat completions: OpenAI, Azure, vLLM, Ollama, llama.cpp."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import openai
from pydantic import BaseModel

from optiwright.agent.llm import Reply, Request
from optiwright.agent.provider_faults import Fault

OPENAI_BASE_URL = "https://api.openai.com/v1"
CONNECT_TIMEOUT_S = 10.0
RETRIES = 2
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class Dialect:
    """What one server takes of the protocol, learned from what it rejected."""

    json_mode: Literal["json_schema", "json_object", "none"] = "json_schema"
    limit: Literal["max_completion_tokens", "max_tokens"] = "max_tokens"
    limit_changed: bool = False
    temperature: bool = True
    seed: bool = True
    usage: bool = True
    grammar: bool = True
    """llama.cpp's; most others pass over it."""

    def without(self, complaint: str) -> Dialect | None:
        """The dialect after a server's `complaint`, or None where it names nothing to give up."""
        text = complaint.lower()
        if self.usage and ("stream_options" in text or "include_usage" in text):
            return replace(self, usage=False)
        if not self.limit_changed and self.limit in text:
            other = "max_tokens" if self.limit != "max_tokens" else "max_completion_tokens"
            return replace(self, limit=cast(Any, other), limit_changed=True)
        if self.temperature and "temperature" in text:
            return replace(self, temperature=False)
        if self.grammar and "grammar" in text:
            return replace(self, grammar=False)
        if self.json_mode != "none" and any(word in text for word in _JSON_WORDS):
            weaker = "json_object" if self.json_mode == "json_schema" else "none"
            return replace(self, json_mode=cast(Any, weaker))
        if self.seed and "seed" in text:
            return replace(self, seed=False)
        return None

    def arguments(self, request: Request) -> dict[str, Any]:
        """The optional arguments of the call, as this server takes them."""
        given: dict[str, Any] = {self.limit: request.max_tokens}
        if self.temperature:
            given["temperature"] = request.temperature
        if self.seed:
            given["seed"] = request.seed + request.sample
        if self.usage:
            given["stream_options"] = {"include_usage": True}
        if request.json_schema is not None and self.json_mode != "none":
            given["response_format"] = self._response_format(request)
        if request.grammar and self.grammar:
            given["extra_body"] = {"grammar": request.grammar}
        return given

    def _response_format(self, request: Request) -> dict[str, Any]:
        if self.json_mode == "json_object":
            return {"type": "json_object"}
        schema = {"name": request.schema_name, "strict": True, "schema": request.json_schema}
        return {"type": "json_schema", "json_schema": schema}


_JSON_WORDS = ("response_format", "json_schema", "json_object", "json schema", "guided", "grammar")
_DIALECTS: dict[tuple[str, str], Dialect] = {}


def _first_dialect(base_url: str) -> Dialect:
    # OpenAI's newer models refuse `max_tokens`; older servers ignore `max_completion_tokens`
    # without a word, which would leave an answer unbounded.
    host = urlsplit(base_url).hostname or ""
    if host.endswith(("openai.com", "azure.com")):
        return Dialect(limit="max_completion_tokens", grammar=False)
    return Dialect()


class _PromptDetails(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _PromptDetails | None = None


class _Delta(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    delta: _Delta
    finish_reason: str | None = None


class _Chunk(BaseModel):
    """The part of a streamed chunk that we read; the client library does not validate it."""

    choices: list[_Choice] = []
    usage: _Usage | None = None


@dataclass
class _Stream:
    """What has arrived of a streamed answer."""

    pieces: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    finish_reason: str = ""
    usage: _Usage | None = None
    chunks: int = 0

    def take(self, arrived: object) -> str:
        """Add one chunk and return its text.

        Raises:
            pydantic.ValidationError: it is no chunk of a chat completion.
        """
        chunk = _Chunk.model_validate(arrived, from_attributes=True)
        self.chunks += 1
        self.usage = chunk.usage or self.usage
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        self.refusal.append(choice.delta.refusal or "")
        self.pieces.append(choice.delta.content or "")
        return self.pieces[-1]


class OpenAIModel:
    """One served model, spoken to in OpenAI's chat completions, streamed.

    Args:
        name: the model's name at the server.
        base_url: the server's address up to and with `/v1`; OpenAI's where None. Azure's is
            `https://RESOURCE.openai.azure.com/openai/v1/`.
        api_key: the key; servers without one take any.
        shown_as: the name in records, where it is not `name`.
        direct: do not go through a proxy of the environment (for loopback).

    One instance belongs to one event loop.
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        shown_as: str | None = None,
        direct: bool = False,
    ) -> None:
        self.small = False
        self.name = shown_as or name
        self._served_name = name
        self._base_url = base_url or OPENAI_BASE_URL
        self._fault = Fault(self._base_url, name, api_key)
        self._client = openai.AsyncOpenAI(
            api_key=api_key or "none",
            base_url=self._base_url,
            max_retries=RETRIES,
            http_client=openai.DefaultAsyncHttpx2Client(trust_env=False) if direct else None,
        )

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer `request`, streamed; what the server rejects of the protocol is left out.

        Raises:
            ProviderError: whatever went wrong, in one sentence, never with the key.
        """
        known = (self._base_url, self._served_name)
        dialect = _DIALECTS.get(known, _first_dialect(self._base_url))
        while True:
            try:
                reply = await self._ask(request, dialect, on_text)
            except openai.APIStatusError as error:
                weaker = self._weaker(dialect, error)
                if weaker is None:
                    raise self._fault.status(error) from None
                dialect = weaker
            else:
                _DIALECTS[known] = dialect
                return reply

    def _weaker(self, dialect: Dialect, error: openai.APIStatusError) -> Dialect | None:
        if error.status_code not in (400, 422, 500, 501):
            return None
        return dialect.without(f"{error.message} {json.dumps(error.body, default=str)}")

    async def _ask(
        self, request: Request, dialect: Dialect, on_text: Callable[[str], None] | None
    ) -> Reply:
        started = time.monotonic()
        received = _Stream()
        try:
            async with asyncio.timeout(request.timeout_s):
                await self._receive(request, dialect, received, on_text)
        except openai.APIStatusError:
            raise
        except TimeoutError:
            raise self._fault.timeout(request.timeout_s) from None
        except Exception as error:
            fault = self._fault.of(error, request.timeout_s, started=received.chunks > 0)
            if fault is None:
                raise
            raise fault from None
        return self._reply(request, received, time.monotonic() - started)

    async def _receive(
        self,
        request: Request,
        dialect: Dialect,
        received: _Stream,
        on_text: Callable[[str], None] | None,
    ) -> None:
        timeout = openai.Timeout(request.timeout_s, connect=CONNECT_TIMEOUT_S)
        stream = await self._client.chat.completions.create(
            model=self._served_name,
            messages=cast(Any, [message.model_dump() for message in request.messages]),
            stream=True,
            timeout=timeout,
            **dialect.arguments(request),
        )
        async with stream:
            async for chunk in stream:
                text = received.take(chunk)
                if text and on_text is not None:
                    on_text(text)

    def _reply(self, request: Request, received: _Stream, seconds: float) -> Reply:
        text = "".join(received.pieces)
        self._check(text, received)
        usage = received.usage
        details = usage.prompt_tokens_details if usage else None
        asked = sum(len(message.content) for message in request.messages)
        return Reply(
            text=text,
            finish_reason=received.finish_reason,
            model=self.name,
            prompt_tokens=usage.prompt_tokens if usage else asked // CHARACTERS_A_TOKEN,
            cached_prompt_tokens=(details.cached_tokens or 0) if details else 0,
            completion_tokens=usage.completion_tokens if usage else len(text) // CHARACTERS_A_TOKEN,
            seconds=seconds,
        )

    def _check(self, text: str, received: _Stream) -> None:
        refusal = "".join(received.refusal)
        if refusal or received.finish_reason == "content_filter":
            raise self._fault.refused(refusal)
        if not received.finish_reason:
            raise self._fault.dropped() if text else self._fault.nonsense("no answer in it")
        if not text and received.finish_reason != "length":
            raise self._fault.nonsense("an empty answer")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def served_models(base_url: str | None, api_key: str | None) -> list[str]:
    """The names of the models that a server lists at `/v1/models`.

    Raises:
        ProviderError: it cannot be asked or does not answer with a list.
    """
    address = base_url or OPENAI_BASE_URL
    fault = Fault(address, "", api_key)
    timeout = 15.0
    try:
        with openai.OpenAI(
            api_key=api_key or "none", base_url=address, max_retries=1, timeout=timeout
        ) as client:
            return [model.id for model in client.models.list().data]
    except Exception as error:
        mapped = fault.of(error, timeout)
        if mapped is None:
            raise
        raise mapped from None
