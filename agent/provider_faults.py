"""Every way a provider can fail, as one clear sentence and a remedy; keys are blanked out."""

from __future__ import annotations

import json

import httpx2
import openai
from pydantic import ValidationError

from optiwright.agent.errors import ProviderError, ProviderErrorKind, shown_address

LONGEST_QUOTE = 300
_NO_COMPLETION = (json.JSONDecodeError, UnicodeDecodeError, ValidationError)


def one_line(text: str) -> str:
    """`text` on one line, cut to a length fit for a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_QUOTE else flat[:LONGEST_QUOTE] + "..."


class Fault:
    """Turns what the client library raises into a `ProviderError` about one server and model."""

    def __init__(self, base_url: str, model: str, api_key: str | None) -> None:
        self._server = shown_address(base_url)
        self._model = model
        self._key = api_key or ""

    def of(
        self, error: Exception, timeout_s: float, *, started: bool = False
    ) -> ProviderError | None:
        """The error to raise for `error`, or None where it is none of the provider's.

        `started` says that a part of the answer had arrived.
        """
        if isinstance(error, openai.APIStatusError):
            return self.status(error)
        if isinstance(error, openai.APITimeoutError):
            return self.timeout(timeout_s)
        if isinstance(error, openai.APIConnectionError):
            return self.dropped() if started else self._unreachable(error)
        if isinstance(error, httpx2.TimeoutException):
            return self.timeout(timeout_s)
        if isinstance(error, httpx2.TransportError):
            return self.dropped()
        if isinstance(error, openai.APIResponseValidationError):
            return self.nonsense("something of another shape")
        if isinstance(error, openai.APIError):
            return self._error("failed", f"answered with an error: {error.message}")
        if isinstance(error, _NO_COMPLETION):
            return self.nonsense("something that is no chat completion")
        return None

    def timeout(self, timeout_s: float) -> ProviderError:
        """No whole answer within the time."""
        return self._error(
            "timeout",
            f"gave no whole answer within {timeout_s:g} s",
            "Allow more time, or take a faster model.",
        )

    def dropped(self) -> ProviderError:
        """The connection ended in the middle of an answer."""
        return self._error(
            "dropped",
            "dropped the connection before the answer was whole",
            "Try again; if it happens every time, look at the server's log.",
        )

    def nonsense(self, found: str) -> ProviderError:
        """The server's answer is not one of the protocol."""
        return self._error(
            "nonsense",
            f"sent {found} where a chat completion was expected",
            "Check that the base URL is that of an OpenAI-compatible API (it often ends in /v1).",
        )

    def refused(self, words: str) -> ProviderError:
        """The model declined."""
        said = f": {words}" if words else ""
        return self._error("refused", f"declined to answer{said}", "Reword the problem.")

    def status(self, error: openai.APIStatusError) -> ProviderError:
        """The server answered with an HTTP error."""
        status, said = error.status_code, self._said(error)
        if status in (401, 403):
            return self._error(
                "unauthorized",
                f"refused the key (HTTP {status})",
                "Check OPENAI_API_KEY, and that the key belongs to this server.",
            )
        if status == 404:
            return self._error(
                "unknown_model",
                f"knows no model {self._model!r}, or nothing lies at this address (HTTP 404)",
                "Check the model's name and the base URL (it often ends in /v1).",
            )
        if status == 429:
            return self._error(
                "rate_limited",
                f"takes no more requests now (HTTP 429{said})",
                "Wait a little, or check the account's quota.",
            )
        if status in (408, 504):
            return self._error("timeout", f"timed out itself (HTTP {status}{said})", "Try again.")
        if status >= 500:
            remedy = "Try again later, or look at the server's log."
            return self._error("failed", f"failed (HTTP {status}{said})", remedy)
        return self._error("rejected", f"rejected the request (HTTP {status}{said})")

    def _said(self, error: openai.APIStatusError) -> str:
        body = error.body
        message = body.get("message") if isinstance(body, dict) else None
        return f": {message}" if isinstance(message, str) else ""

    def _unreachable(self, error: openai.APIConnectionError) -> ProviderError:
        cause = error.__cause__
        reason = f" ({cause})" if cause is not None and str(cause) else ""
        return self._error(
            "unreachable",
            f"cannot be reached{reason}",
            "Check the base URL and that the server runs; without one the embedded model is used.",
        )

    def _error(self, kind: ProviderErrorKind, happened: str, remedy: str = "") -> ProviderError:
        if self._key:
            happened = happened.replace(self._key, "[key]")
        what = one_line(f"the server at {self._server} {happened}").rstrip(".")
        return ProviderError(what, kind=kind, where=self._where(), remedy=remedy)

    def _where(self) -> str:
        return f"model {self._model!r}" if self._model else ""
