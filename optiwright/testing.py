"""A language model that plays a script: for tests of anything that asks a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optiwright.agent.llm import Reply, Request

ScriptedReply = str | Mapping[str, Any] | Exception


class ScriptedModel:
    """Answers from a list, in order, or from a function of the request.

    Args:
        replies: texts, JSON-able mappings (sent as JSON), or exceptions (raised), one a call; or
            a callable that returns one for each request.
        name: what records show as the model.

    Every request is kept in `requests`.
    """

    def __init__(
        self,
        replies: Sequence[ScriptedReply] | Callable[[Request], ScriptedReply],
        name: str = "scripted",
    ) -> None:
        if isinstance(replies, str):
            raise TypeError("`replies` is a list of replies, not one string")
        self.name = name
        self.small = False
        self.tuned = ""
        self.requests: list[Request] = []
        self._replies = replies if callable(replies) else tuple(replies)

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Play the next reply; an exception in the script is raised.

        Raises:
            AssertionError: the script has run out; says how many replies it had and what was asked.
        """
        self.requests.append(request)
        played = self._next(request)
        if isinstance(played, Exception):
            raise played
        text = played if isinstance(played, str) else json.dumps(played)
        if on_text is not None:
            on_text(text)
        return Reply(
            text=text,
            finish_reason="stop",
            model=self.name,
            prompt_tokens=sum(len(message.content) for message in request.messages) // 4,
            completion_tokens=len(text) // 4,
            seconds=0.0,
        )

    def _next(self, request: Request) -> ScriptedReply:
        if callable(self._replies):
            return self._replies(request)
        number = len(self.requests)
        if number > len(self._replies):
            asked = request.messages[-1].content[-200:] if request.messages else ""
            raise AssertionError(
                f"the script has {len(self._replies)} replies and was asked for number {number}; "
                f"the last message ends with {asked!r}"
            )
        return self._replies[number - 1]

    def assert_played_out(self) -> None:
        """Fail unless every reply of a listed script was asked for, and no more."""
        if not callable(self._replies) and len(self.requests) != len(self._replies):
            raise AssertionError(
                f"{len(self.requests)} of {len(self._replies)} scripted replies were asked for"
            )

    async def aclose(self) -> None:
        """Nothing to give up."""
