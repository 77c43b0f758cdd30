"""Calls to a model begin no oftener than so many a minute, whoever makes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from optiwright.agent.llm import LanguageModel, Reply, Request

Turn: TypeAlias = Callable[[], Awaitable[None]]
"""Comes back when it is the caller's turn to make a call."""


class Pace:
    """Gives turns, evenly spaced: what was not used up is not made up for later.

    Args:
        per_minute: how many turns a minute.
    """

    def __init__(self, per_minute: float) -> None:
        self._gap_s = 60 / per_minute
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for a turn."""
        now = time.monotonic()
        mine = max(now, self._next)
        self._next = mine + self._gap_s
        await asyncio.sleep(mine - now)


class PacedModel:
    """A model that is asked only in turn.

    Args:
        model: who is asked.
        turn: awaited before each call.
    """

    def __init__(self, model: LanguageModel, turn: Turn) -> None:
        self.name = model.name
        self.small = model.small
        self.tuned = model.tuned
        self.asked = model
        self._turn = turn

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Wait for a turn, then ask.

        Raises:
            ProviderError: from the model.
        """
        await self._turn()
        return await self.asked.complete(request, on_text)

    async def aclose(self) -> None:
        """Close the model behind."""
        await self.asked.aclose()
