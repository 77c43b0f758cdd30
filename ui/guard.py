"""What every request passes first, so that no other site's page can use this one.

A page elsewhere may have a visitor's browser send requests here: under a name of its own that it
makes point at this machine, over a WebSocket, or from inside a frame. Streamlit would take a
connection from any other port of this machine, and ask a service on the internet for this machine's
address to compare a stranger's with.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: data: blob:; frame-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""What a browser may load for the page: its own files. A picture that a model put into its text
would otherwise be asked for from wherever it names, with what it has of the session in the address.
"""


class Guard:
    """Refuses what another site sends, and has browsers keep the page to itself.

    Args:
        app: what is guarded.
        hosts: the names under which the page is called; None where they cannot be known.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None = None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        if scope["type"] not in {"http", "websocket"} or self._fine(scope):
            await self._app(scope, receive, _confined(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            told = PlainTextResponse("This page is not called by that name.", 421)
            await told(scope, receive, send)

    def _fine(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            return False
        return scope["type"] == "http" or from_here(headers)


def from_here(headers: Headers) -> bool:
    """Whether a request comes from this page, as far as the browser says."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _confined(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            policy = (b"content-security-policy", POLICY.encode())
            message["headers"] = [*message["headers"], policy]
        await send(message)

    return told
