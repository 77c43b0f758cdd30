"""Errors of the agent's own kind: what a language model's provider did wrong."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from optiwright.formulators.errors import OptiwrightError

ProviderErrorKind = Literal[
    "unreachable",
    "unauthorized",
    "unknown_model",
    "rate_limited",
    "timeout",
    "dropped",
    "nonsense",
    "refused",
    "rejected",
    "failed",
    "truncated",
    "over_budget",
]


class ProviderError(OptiwrightError):
    """A language model could not be asked, or did not answer as the protocol says.

    Args:
        what: what happened, one sentence without a final stop; never holds a key.
        kind: the boundary that failed. `rejected` is a request the server refuses (a 4xx),
            `refused` a model that declines to answer, `failed` an error inside the server.
        where: the server or the model.
        remedy: what the user can do about it.
    """

    def __init__(
        self, what: str, *, kind: ProviderErrorKind, where: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.kind: ProviderErrorKind = kind

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the kind too."""
        return (_rebuild, (self.what, self.kind, self.where, self.remedy))


def _rebuild(what: str, kind: ProviderErrorKind, where: str, remedy: str) -> ProviderError:
    return ProviderError(what, kind=kind, where=where, remedy=remedy)


def shown_address(base_url: str) -> str:
    """The address without user, password and query, which may be secret."""
    parts = urlsplit(base_url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
