"""Who may open the page: tokens, the form, the cookie, and whose sessions are whose."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.agent.session_store import this_user
from optiwright.formulators.errors import UserError
from optiwright.ui.access import (
    ONE_TOKEN,
    TOKEN_FILE,
    People,
    access_for,
    is_loopback,
    people_with_tokens,
)
from optiwright.ui.people import signed_in
from optiwright.ui.sign_in import COOKIE, PERSON, SIGN_OUT, Door, Failures

ADA, BEN = "adas-token-0123456789-0123456789", "bens-token-0123456789-0123456789"
FORM = "Your token"


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def people(**tokens: str) -> People:
    return People({name: bytes.fromhex(sha256(token)) for name, token in tokens.items()})


class Visitor:
    """A browser of sorts: it speaks to a door and keeps what cookie it is given."""

    def __init__(self, door: Door, address: str = "192.0.2.7") -> None:
        self.door, self.address, self.cookie = door, address, ""

    def visit(
        self, path: str = "/", method: str = "GET", body: bytes = b"", /, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        kind = "websocket" if method == "WS" else "http"
        path, _, query = path.partition("?")
        told = {"host": "page.test", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookie:
            told["cookie"] = f"other=1; {self.cookie}"
        scope = {
            "type": kind,
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "scheme": "http",
            "server": ("page.test", 80),
            "client": (self.address, 1234),
            "headers": [(k.encode(), v.encode()) for k, v in told.items()],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.door(scope, receive, send))
        if sent[0]["type"] == "websocket.close":
            return sent[0]["code"], {}, ""
        got = {k.decode(): v.decode() for k, v in sent[0].get("headers", [])}
        if "set-cookie" in got:
            self.cookie = got["set-cookie"].partition(";")[0]
        return sent[0]["status"], got, b"".join(m.get("body", b"") for m in sent[1:]).decode()

    def enter(self, token: str, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
        return self.visit(path, "POST", urlencode({"token": token}).encode(), **headers)


async def inside(scope: Any, receive: Any, send: Any) -> None:
    """What is behind the door: says who it was told came."""
    told = [value.decode() for name, value in scope["headers"] if name.decode() == PERSON]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"inside: {told}".encode()})


@pytest.fixture
def visitor() -> Visitor:
    return Visitor(Door(inside, people(ada=ADA, ben=BEN)))


def test_nobody_gets_past_the_form_without_a_token(visitor: Visitor) -> None:
    status, headers, text = visitor.visit("/?session=plan")
    assert (status, FORM in text) == (401, True)
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    for path in ("/_stcore/upload_file/a/b", "/media/x", "/static/x.js", "/_stcore/host-config"):
        status, _, text = visitor.visit(path)
        assert status == 401 and "inside" not in text
    assert visitor.visit("/_stcore/stream", "WS")[0] == 1008
    assert visitor.visit("/_stcore/health")[2] == "inside: []"


def test_a_token_opens_the_door_and_is_only_ever_in_the_form(visitor: Visitor) -> None:
    status, headers, text = visitor.enter(ADA, "/?session=plan")
    assert (status, headers["location"]) == (303, "/?session=plan")
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert ADA not in str(headers) + text and sha256(ADA) not in str(headers)
    assert visitor.visit()[2] == "inside: ['ada']"
    assert visitor.visit("/_stcore/stream", "WS")[2] == "inside: ['ada']"


def test_a_client_cannot_say_who_it_is(visitor: Visitor) -> None:
    assert visitor.visit("/_stcore/health", x_optiwright_person="ben")[2] == "inside: []"
    visitor.enter(ADA)
    assert visitor.visit("/", x_optiwright_person="ben")[2] == "inside: ['ada']"


@pytest.mark.parametrize("token", ["", "wrong", ADA[:-1], ADA.upper(), sha256(ADA), "x" * 5000])
def test_what_is_nobodys_token_opens_nothing(visitor: Visitor, token: str) -> None:
    status, _, text = visitor.enter(token)
    assert (status, "nobody" in text) == (401, True)
    assert FORM in visitor.visit()[2]


def test_a_short_token_opens_nothing_even_where_its_hash_is_known() -> None:
    assert people(ada="short").who("short") is None


def test_a_cookie_of_another_start_or_made_up_opens_nothing(visitor: Visitor) -> None:
    visitor.enter(ADA)
    other = Visitor(Door(inside, people(ada=ADA)))
    other.cookie = visitor.cookie
    assert FORM in other.visit()[2]
    for forged in (f"{COOKIE}=ada", f"{COOKIE}={'A' * 40}", f"{visitor.cookie[:-2]}xx", ";;=,"):
        visitor.cookie = forged
        assert FORM in visitor.visit()[2]


def test_signing_out_takes_the_cookie_back(visitor: Visitor) -> None:
    visitor.enter(ADA)
    status, headers, _ = visitor.visit(SIGN_OUT)
    assert (status, headers["location"]) == (303, "/")
    assert FORM in visitor.visit()[2]


def test_a_form_of_another_site_is_refused(visitor: Visitor) -> None:
    assert visitor.enter(ADA, origin="http://elsewhere.test")[0] == 403
    assert visitor.enter(ADA, origin="null")[0] == 403
    assert visitor.enter(ADA, origin="http://page.test")[0] == 303


def test_ten_wrong_tokens_in_a_minute_make_one_address_wait() -> None:
    now = [0.0]
    door = Door(inside, people(ada=ADA), Failures(lambda: now[0]))
    guesser, ada = Visitor(door, "192.0.2.1"), Visitor(door, "192.0.2.2")
    assert [guesser.enter("guess" * 6)[0] for _ in range(11)] == [401] * 10 + [429]
    assert guesser.enter(ADA)[0] == 429
    assert ada.enter(ADA)[0] == 303
    now[0] += 61
    assert guesser.enter(ADA)[0] == 303


@given(st.binary(max_size=300))
def test_no_body_breaks_the_door(body: bytes) -> None:
    status, _, text = Visitor(Door(inside, people(ada=ADA))).visit("/", "POST", body)
    assert status == 401 and text.count("<form") == 1


def test_without_a_sign_in_only_this_machine_is_let_in() -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        assert access_for(host, tokens=False, oidc=False) == "loopback"
    for host in ("0.0.0.0", "::", "192.0.2.1", "page.test", "localhost.page.test"):
        assert not is_loopback(host)
        with pytest.raises(UserError) as refused:
            access_for(host, tokens=False, oidc=False)
        assert ONE_TOKEN in str(refused.value) and "OpenID" in str(refused.value)
        assert access_for(host, tokens=True, oidc=False) == "token"
        assert access_for(host, tokens=False, oidc=True) == "oidc"


def test_one_token_is_this_users_and_leaves_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert people_with_tokens() is None
    monkeypatch.setenv(ONE_TOKEN, ADA)
    found = people_with_tokens()
    assert found is not None and found.who(ADA) == this_user() and found.who(BEN) is None
    assert people_with_tokens() is None
    assert sha256(ADA) not in repr(found) and ADA not in repr(found)
    monkeypatch.setenv(ONE_TOKEN, ADA[:23])
    with pytest.raises(UserError, match="23 characters") as refused:
        people_with_tokens()
    assert ADA[:23] not in str(refused.value)


def test_a_file_has_a_line_for_each_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "people.txt"
    file.write_text(f"# us\n\nada: {sha256(ADA)}\nben:{sha256(BEN).upper()}\n")
    monkeypatch.setenv(TOKEN_FILE, str(file))
    found = people_with_tokens()
    assert found is not None and (found.who(ADA), found.who(BEN)) == ("ada", "ben")
    monkeypatch.setenv(ONE_TOKEN, ADA)
    with pytest.raises(UserError, match="both set"):
        people_with_tokens()


@pytest.mark.parametrize(
    "line",
    [
        ADA, f"ada:{ADA}", f"ada:{sha256(ADA)[:-2]}", f":{sha256(ADA)}", f"a/b:{sha256(ADA)}",
        f"../x:{sha256(ADA)}", f"ben:{sha256(BEN)}", f"ada:{sha256(BEN)}", "",
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_by_its_number_and_never_by_its_content(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "people.txt"
    file.write_text(f"ben:{sha256(BEN)}\n{line}\n" if line else "\n")
    monkeypatch.setenv(TOKEN_FILE, str(file))
    with pytest.raises(UserError) as refused:
        people_with_tokens()
    assert str(file) in str(refused.value)
    assert ADA not in str(refused.value) and sha256(BEN) not in str(refused.value)
    assert not line or "line 2" in str(refused.value)


def test_a_provider_s_person_is_known_by_issuer_and_subject_alone() -> None:
    ada = {"is_logged_in": True, "iss": "https://a.test", "sub": "7", "email": "ada@page.test"}
    name = signed_in(ada)
    assert name is not None and re.fullmatch(r"person-[0-9a-f]{32}", name)
    assert signed_in({**ada, "email": "other@page.test"}) == name
    assert signed_in({**ada, "sub": "8"}) != name != signed_in({**ada, "iss": "https://b.test"})
    assert signed_in({**ada, "is_logged_in": False}) is None and signed_in({}) is None
    assert signed_in({**ada, "sub": ""}) is None
