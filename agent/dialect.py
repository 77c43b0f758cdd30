"""What an OpenAI-compatible server takes of the protocol, learned from what it rejects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from optiwright.agent.llm import Request


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

    def body(self, request: Request) -> dict[str, Any]:
        """The same as fields of a request's body that asks for no stream."""
        given = self.arguments(request)
        given.pop("stream_options", None)
        extra: dict[str, Any] = given.pop("extra_body", {})
        return given | extra

    def _response_format(self, request: Request) -> dict[str, Any]:
        if self.json_mode == "json_object":
            return {"type": "json_object"}
        schema = {"name": request.schema_name, "strict": True, "schema": request.json_schema}
        return {"type": "json_schema", "json_schema": schema}


_JSON_WORDS = ("response_format", "json_schema", "json_object", "json schema", "guided", "grammar")


def first_dialect(base_url: str) -> Dialect:
    """The dialect to try a server with that nothing is known of yet."""
    # OpenAI's newer models refuse `max_tokens`; older servers ignore `max_completion_tokens`
    # without a word, which would leave an answer unbounded.
    host = urlsplit(base_url).hostname or ""
    if host.endswith(("openai.com", "azure.com")):
        return Dialect(limit="max_completion_tokens", grammar=False)
    return Dialect()
