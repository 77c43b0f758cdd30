"""Starting the page: where it listens, who may come, and what is wrong where it cannot be."""

from __future__ import annotations

import errno
import os
import socket
import tomllib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from optiwright.formulators.errors import UserError
from optiwright.ui.access import access_for, people_with_tokens
from optiwright.ui.settings import PageSettings

LOOPBACK = "127.0.0.1"
PORT = 8501
_NEXT = 20
"""How many ports are tried where none was asked for."""
_OIDC = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")


def serve(settings: PageSettings, host: str = LOOPBACK, port: int | None = None) -> None:
    """Serve the page until it is interrupted.

    Args:
        settings: what the page takes where a visitor chooses nothing else.
        host: the address to listen at; beyond loopback only where people sign in.
        port: the port; None takes the first free one from 8501 on.

    Raises:
        UserError: if the page is not installed, nobody would have to sign in, or the host or port
            cannot be used.
    """
    if find_spec("streamlit") is None:
        raise UserError(
            "the page needs Streamlit, which is not installed",
            remedy="Run `pip install 'optiwright[ui]'`.",
        )
    with suppress(KeyboardInterrupt), bound_to(host, port) as listener:
        people = people_with_tokens()
        access = access_for(host, tokens=people is not None, oidc=people is None and _has_oidc())
        os.environ.update(settings.model_copy(update={"access": access}).environment())
        from optiwright.ui.server import run

        run(listener, host, people)


def bound_to(host: str, port: int | None = None) -> socket.socket:
    """Return a socket that is bound to a host, at the port or else at the first free one.

    Raises:
        UserError: if the host is none of this machine's, or the port is taken.
    """
    ports = range(PORT, PORT + _NEXT) if port is None else [port]
    for candidate in ports:
        try:
            return _bound(host, candidate)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise UserError(
                    f"the page cannot listen at {host!r}: {error.strerror}",
                    where="--host",
                    remedy="Give an address of this machine, or leave it out for 127.0.0.1.",
                ) from None
            reason = error.strerror
    if port is not None:
        raise UserError(
            f"port {port} cannot be had: {reason}",
            where="--port",
            remedy="Give another one, or none: then a free one is found.",
        )
    raise UserError(
        f"no port from {PORT} to {PORT + _NEXT - 1} is free",
        remedy="Give one by `--port`.",
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound


def _has_oidc() -> bool:
    """Whether Streamlit is told of a provider that signs people in.

    Raises:
        UserError: if it is told of one that cannot work.
    """
    for folder in (Path.cwd(), Path.home()):
        file = folder / ".streamlit" / "secrets.toml"
        if file.is_file():
            try:
                auth = tomllib.loads(file.read_text(encoding="utf-8")).get("auth")
            except (OSError, ValueError) as error:
                raise UserError(f"the secrets cannot be read: {error}", where=str(file)) from None
            if auth is not None:
                _check_oidc(auth, file)
                return True
    return False


def _check_oidc(auth: object, file: Path) -> None:
    missing = [key for key in _OIDC if not (isinstance(auth, dict) and auth.get(key))]
    if missing:
        raise UserError(
            f"`[auth]` lacks {', '.join(f'`{key}`' for key in missing)}", where=str(file)
        )
    if find_spec("authlib") is None:
        raise UserError(
            "signing in by OpenID Connect needs Authlib, which is not installed",
            remedy="Run `pip install 'optiwright[ui]' 'streamlit[auth]'`.",
        )
