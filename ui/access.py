"""Who may open the page: on this machine anybody, from beyond it only who signs in.

A token stands for a person. Only its SHA-256 is kept, here and in the file of several people: a
token is drawn at random, so that nobody finds it from its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from optiwright.agent.session_store import names_of, this_user
from optiwright.formulators.errors import UserError
from optiwright.ui.settings import Access

ONE_TOKEN = "OPTIWRIGHT_UI_TOKEN"
TOKEN_FILE = "OPTIWRIGHT_UI_TOKENS"
SHORTEST_TOKEN = 24
"""Characters; of a random token that is far more than anybody can try."""


@dataclass(frozen=True)
class People:
    """Who has a token: each one's name, and the SHA-256 of the token."""

    digests: Mapping[str, bytes] = field(repr=False)

    def who(self, token: str) -> str | None:
        """Return whose token that is, None if it is nobody's; takes the same time for all."""
        given = hashlib.sha256(token.encode()).digest()
        found = None
        for name, digest in self.digests.items():
            if hmac.compare_digest(given, digest):
                found = name
        return found if len(token) >= SHORTEST_TOKEN else None


def people_with_tokens() -> People | None:
    """Return who has a token by the environment, and take the token out of it; None for nobody.

    Raises:
        UserError: if a token is too short, or the file of tokens cannot be read.
    """
    token, file = os.environ.pop(ONE_TOKEN, ""), os.environ.get(TOKEN_FILE, "")
    if token and file:
        raise UserError(
            f"`{ONE_TOKEN}` and `{TOKEN_FILE}` are both set",
            where="access",
            remedy="Set the first for one person, or the second for several.",
        )
    if file:
        return _from_file(Path(file))
    if not token:
        return None
    if len(token) < SHORTEST_TOKEN:
        raise UserError(
            f"the token has {len(token)} characters, and needs {SHORTEST_TOKEN}",
            where=ONE_TOKEN,
            remedy='Draw one: `python3 -c "import secrets; print(secrets.token_urlsafe(24))"`.',
        )
    return People({this_user(): hashlib.sha256(token.encode()).digest()})


def access_for(host: str, *, tokens: bool, oidc: bool) -> Access:
    """Return how people come in where the server listens at a host.

    Raises:
        UserError: if it could be reached from elsewhere and nobody would have to sign in.
    """
    if tokens:
        return "token"
    if oidc:
        return "oidc"
    if not is_loopback(host):
        raise UserError(
            f"anybody who reaches {host} could use the page and see its sessions",
            where="--host",
            remedy=f"Let people sign in by a token (`{ONE_TOKEN}` has one of {SHORTEST_TOKEN} "
            f"characters or more, or `{TOKEN_FILE}` names a file with a line for each person), or "
            "by OpenID Connect (`[auth]` in .streamlit/secrets.toml); docs/page.md shows both. Or "
            "leave `--host` out: then the page is open on this machine alone.",
        )
    return "loopback"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _from_file(path: Path) -> People:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UserError(f"the tokens cannot be read: {reason}", where=str(path)) from None
    digests: dict[str, bytes] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            name, digest = _person(line, f"{path}, line {number}")
            if name in digests or digest in digests.values():
                raise UserError("that name or token is there twice", where=f"{path}, line {number}")
            digests[name] = digest
    if not digests:
        raise UserError("nobody is in the file of tokens", where=str(path), remedy=_LINE)
    return People(digests)


_LINE = "A line is `NAME:SHA256`, the hash of the person's token as 64 hexadecimal digits."


def _person(line: str, where: str) -> tuple[str, bytes]:
    name, _, digits = (part.strip() for part in line.partition(":"))
    try:
        digest = bytes.fromhex(digits)
        names_of(f"{name}/any")
    except (ValueError, UserError):
        raise UserError("that is not a person with a token", where=where, remedy=_LINE) from None
    if len(digest) != hashlib.sha256().digest_size or not name:
        raise UserError("that is not a person with a token", where=where, remedy=_LINE)
    return name, digest
