"""The one protocol by which every node asks a language model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str


class Request(BaseModel):
    """One question to a language model.

    `json_schema` asks for JSON under that schema, `grammar` for text under that GBNF grammar
    (llama.cpp's); a server that cannot constrain its output answers freely, so the caller
    validates. The first `fixed` messages are the same from call to
    call: a model that can keeps its state after them. `sample` numbers repeated draws of one
    question: it shifts the seed and separates them in the reply cache. `timeout_s` bounds the whole
    call. `tuned` marks what the model was tuned to be asked: one that has an adapter answers the
    rest without it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: tuple[Message, ...]
    fixed: int = 0
    json_schema: dict[str, Any] | None = None
    schema_name: str = "reply"
    grammar: str = ""
    max_tokens: int = 2048
    temperature: float = 0.0
    seed: int = 0
    sample: int = 0
    tuned: bool = False
    timeout_s: float = 300


class Reply(BaseModel):
    """One answer, with what it cost.

    `finish_reason` is the server's: `stop`, or `length` where `max_tokens` cut it off; `repetition`
    where we did, since a script's lines came again and again. Token counts are the server's, or
    four characters a token where it reports none. `seconds` is the time of the original call, also
    when `cached`; 0 where it was `batched`, that is asked in a provider's batch, at half price.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    finish_reason: str
    model: str
    prompt_tokens: int
    cached_prompt_tokens: int = 0
    completion_tokens: int
    seconds: float
    cached: bool = False
    batched: bool = False


@runtime_checkable
class LanguageModel(Protocol):
    """Whatever answers a `Request`: a served model, the embedded one, a script."""

    name: str
    small: bool
    """Whether it is one of the small models that do best with the flat form (about 3B or less)."""
    tuned: str
    """The prompt that it was tuned to formulate with; "" for none."""

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer `request`; `on_text` gets the pieces of the text as they come.

        Raises:
            ProviderError: the model could not be reached or did not answer properly.
        """
        ...

    async def aclose(self) -> None:
        """Give up connections and leases."""
        ...
