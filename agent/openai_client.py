"""A language model behind OpenAI's chat completions: OpenAI, Azure, vLLM, Ollama, llama.cpp."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import openai
from pydantic import BaseModel, ValidationError

from optiwright.agent.dialect import Dialect, first_dialect
from optiwright.agent.llm import Reply, Request
from optiwright.agent.model_address import ModelAddress
from optiwright.agent.provider_faults import Fault
from optiwright.agent.repetition import REPETITION, Repetition

OPENAI_BASE_URL = "https://api.openai.com/v1"
CONNECT_TIMEOUT_S = 10.0
RETRIES = 2
CHARACTERS_A_TOKEN = 4
_DIALECTS: dict[tuple[str, str], Dialect] = {}


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


class _WholeChoice(BaseModel):
    message: _Delta
    finish_reason: str | None = None


class _Whole(BaseModel):
    """The part of a completion that was not streamed that we read."""

    choices: list[_WholeChoice] = []
    usage: _Usage | None = None


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
        small: whether it is a small model.
        tuned: the prompt that it was tuned with.

    One instance belongs to one event loop; unpickled it is another client of the same server.
    `client` is the library's, `fault` says what it raises in our words: for calls that are no
    completion.
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        shown_as: str | None = None,
        direct: bool = False,
        small: bool = False,
        tuned: str = "",
    ) -> None:
        self.small = small
        self.tuned = tuned
        self.name = shown_as or name
        self._served_name = name
        self._base_url = base_url or OPENAI_BASE_URL
        self._address = ModelAddress(name, self._base_url, api_key, shown_as, direct, small, tuned)
        self.fault = Fault(self._base_url, name, api_key)
        self.client = openai.AsyncOpenAI(
            api_key=api_key or "none",
            base_url=self._base_url,
            max_retries=RETRIES,
            http_client=openai.DefaultAsyncHttpx2Client(trust_env=False) if direct else None,
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the address to open again."""
        return self._address.open, ()

    @property
    def dialect(self) -> Dialect:
        """What the server is known to take of the protocol."""
        known = (self._base_url, self._served_name)
        return _DIALECTS.get(known, first_dialect(self._base_url))

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer `request`, streamed; what the server rejects of the protocol is left out.

        Raises:
            ProviderError: whatever went wrong, in one sentence, never with the key.
        """
        known = (self._base_url, self._served_name)
        dialect = self.dialect
        while True:
            try:
                reply = await self._ask(request, dialect, on_text)
            except openai.APIStatusError as error:
                weaker = self._weaker(dialect, error)
                if weaker is None:
                    raise self.fault.status(error) from None
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
            raise self.fault.timeout(request.timeout_s) from None
        except Exception as error:
            fault = self.fault.of(error, request.timeout_s, started=received.chunks > 0)
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
        stream = await self.client.chat.completions.create(
            model=self._served_name,
            messages=cast(Any, [message.model_dump() for message in request.messages]),
            stream=True,
            timeout=timeout,
            **dialect.arguments(request),
        )
        repetition = Repetition()
        async with stream:
            async for chunk in stream:
                text = received.take(chunk)
                if text and on_text is not None:
                    on_text(text)
                # A grammar is asked for scripts alone.
                if request.grammar and repetition.sees(text):
                    received.finish_reason = REPETITION
                    return

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

    def body(self, request: Request, dialect: Dialect) -> dict[str, Any]:
        """Return a request as the body of a call that is not streamed."""
        messages = [message.model_dump() for message in request.messages]
        return {"model": self._served_name, "messages": messages, **dialect.body(request)}

    def whole_reply(self, request: Request, completion: object) -> Reply:
        """Return the reply in a completion that was not streamed.

        Raises:
            ProviderError: it is none, or the model declined.
        """
        try:
            whole = _Whole.model_validate(completion)
        except ValidationError:
            raise self.fault.nonsense("something that is no chat completion") from None
        received = _Stream(usage=whole.usage)
        for choice in whole.choices[:1]:
            received.finish_reason = choice.finish_reason or ""
            received.refusal.append(choice.message.refusal or "")
            received.pieces.append(choice.message.content or "")
        return self._reply(request, received, 0.0)

    def _check(self, text: str, received: _Stream) -> None:
        refusal = "".join(received.refusal)
        if refusal or received.finish_reason == "content_filter":
            raise self.fault.refused(refusal)
        if not received.finish_reason:
            raise self.fault.dropped() if text else self.fault.nonsense("no answer in it")
        if not text and received.finish_reason != "length":
            raise self.fault.nonsense("an empty answer")

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.close()


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
