"""A model that was tuned here, beside the base that it came from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from optiwright.agent.embedded import EmbeddedModel
from optiwright.agent.llm import Reply, Request
from optiwright.agent.model_lease import OnStatus
from optiwright.agent.tuned_card import Tuned
from optiwright.formulators.errors import UserError


class AdaptedModel:
    """An adapter for what it was tuned to, and its base, without it, for everything else.

    Each has a server of its own, started when it is first asked. One server could switch the
    adapter off for a request, but llama.cpp then reads the whole prompt anew at every switch, and
    its cache of prompts does not tell the two apart: an answer would depend on what was asked
    before.

    Args:
        adapted: the base with the adapter.
        base: the base alone.
    """

    def __init__(self, adapted: EmbeddedModel, base: EmbeddedModel) -> None:
        self.name = adapted.name
        self.small = adapted.small
        self.tuned = adapted.tuned
        self.identity = adapted.identity
        self._adapted = adapted
        self._base = base

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer `request`; raises ProviderError as `EmbeddedModel` does."""
        asked = self._adapted if request.tuned else self._base
        reply = await asked.complete(request, on_text)
        return reply.model_copy(update={"model": self.name})

    async def aclose(self) -> None:
        """Close both."""
        await self._adapted.aclose()
        await self._base.aclose()


def open_tuned(
    tuned: Tuned, file: Callable[[str], tuple[Path, str]], on_status: OnStatus
) -> tuple[EmbeddedModel | AdaptedModel, str]:
    """Return a tuned model in the embedded runtime, and its identity in the reply cache.

    Args:
        tuned: its folder and card.
        file: finds the base's file and SHA-256 by the name that the card has.
        on_status: as for `EmbeddedModel`.

    Raises:
        UserError: the export is damaged, or the base is not the one that was tuned.
    """
    gguf, card = tuned.gguf(), tuned.card
    if card.kind == "merged":
        sha256 = card.files[card.gguf]
        merged = EmbeddedModel(gguf, sha256, tuned.label, on_status, tuned=card.prompt)
        return merged, merged.identity
    path, sha256 = file(card.base.name)
    if sha256 != card.base.sha256:
        raise UserError(
            f"the adapter was made for a base with SHA-256 {card.base.sha256[:16]}..., and "
            f"{card.base.name!r} has {sha256[:16]}...",
            where=str(gguf),
            remedy="Put the base's file back, or export the adapter for this base with `--base`.",
        )
    base = EmbeddedModel(path, sha256, path.stem, on_status)
    adapter = (gguf, card.files[card.gguf])
    adapted = EmbeddedModel(
        path, sha256, tuned.label, on_status, tuned=card.prompt, adapter=adapter
    )
    return AdaptedModel(adapted, base), adapted.identity
