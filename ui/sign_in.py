"""The door of a page with tokens: before anything of Streamlit is reached, a person signs in.

A token goes into a form, once; what the browser keeps is a cookie with a name, signed by a key that
this process drew and that no script on the page can read. When the server starts again, everybody
signs in again.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from http.cookies import SimpleCookie
from importlib.resources import files
from urllib.parse import parse_qs

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from optiwright.ui.access import People
from optiwright.ui.guard import from_here

COOKIE = "optiwright_person"
PERSON = "x-optiwright-person"
"""The header by which the page hears who came; what a client sends under it is dropped."""
SIGN_OUT = "/sign-out"
_HEALTH = "/_stcore/health"
_DAYS = 14
_LONGEST_FORM = 4096
_TRIES, _PER_SECONDS = 10, 60.0
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}
_FORM = files("optiwright.ui").joinpath("sign_in.html").read_text(encoding="utf-8")


class Failures:
    """How often an address was wrong of late.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: OrderedDict[str, list[float]] = OrderedDict()

    def too_many(self, address: str) -> bool:
        """Whether an address has to wait."""
        since = self._clock() - _PER_SECONDS
        return len([at for at in self._of.get(address, []) if at > since]) >= _TRIES

    def note(self, address: str) -> None:
        """Count one more, of an address that need not wait."""
        self._of[address] = [*self._of.pop(address, []), self._clock()][-_TRIES:]
        if len(self._of) > 10_000:
            self._of.popitem(last=False)


class Door:
    """Lets through who has signed in, and shows everybody else the form.

    Args:
        app: what is behind the door.
        people: who has a token.
        failures: counts the wrong ones.
    """

    def __init__(self, app: ASGIApp, people: People, failures: Failures | None = None) -> None:
        self._app = app
        self._people = people
        self._failures = failures or Failures()
        self._signer = URLSafeTimedSerializer(secrets.token_bytes(32))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        who = self._person(scope)
        if who is not None and scope["path"] != SIGN_OUT:
            await self._app(_with_person(scope, who), receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] == _HEALTH:
            await self._app(_with_person(scope, None), receive, send)
        else:
            answer = await self._answer(Request(scope, receive))
            await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path == SIGN_OUT:
            answer: Response = RedirectResponse("/", 303, headers=_HEADERS)
            answer.delete_cookie(COOKIE)
            return answer
        if request.method == "POST":
            return await self._tried(request)
        if request.url.path == "/":
            return _form(401)
        return PlainTextResponse("Sign in first.", 401, headers=_HEADERS)

    async def _tried(self, request: Request) -> Response:
        address = request.client.host if request.client else ""
        if self._failures.too_many(address):
            return _form(429, "Too many wrong tokens came from your address. Wait a minute.")
        if not from_here(request.headers):
            return _form(403, "Open the page itself and enter the token there.")
        who = self._people.who(await _token(request))
        if who is None:
            self._failures.note(address)
            return _form(401, "That token is nobody's. Check that it was copied whole.")
        query = request.url.query
        answer = RedirectResponse(f"/?{query}" if query else "/", 303, headers=_HEADERS)
        answer.set_cookie(
            COOKIE,
            self._signer.dumps(who),
            max_age=_DAYS * 86_400,
            httponly=True,
            samesite="lax",  # strict would show the form to who follows a link to a session
            secure=request.url.scheme == "https",
        )
        return answer

    def _person(self, scope: Scope) -> str | None:
        """Return who signed in, by the cookie."""
        cookies = SimpleCookie()
        try:
            cookies.load(Headers(scope=scope).get("cookie", ""))
            kept = cookies[COOKIE].value
            name = self._signer.loads(kept, max_age=_DAYS * 86_400)
        except (KeyError, BadSignature):
            return None
        return name if name in self._people.digests else None


def _with_person(scope: Scope, who: str | None) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name.decode("latin-1") != PERSON]
    told = [(PERSON.encode(), who.encode())] if who is not None else []
    return {**scope, "headers": kept + told}


async def _token(request: Request) -> str:
    """Return what was entered; nothing where it is too long to be a token."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return ""
    entered = parse_qs(body.decode("utf-8", "replace")).get("token", [""])
    return entered[0].strip()


def _form(status: int, said: str = "") -> Response:
    """Return the form, with one of the sentences above."""
    return HTMLResponse(_FORM.replace("<!-- said -->", said), status, headers=_HEADERS)
