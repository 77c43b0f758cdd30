"""A file from an http(s) address, resumed where an earlier fetch broke off."""

from __future__ import annotations

import fcntl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from optiwright.agent.errors import shown_address
from optiwright.formulators.errors import UserError

BLOCK = 1 << 20
SILENCE_S = 60.0


@contextmanager
def one_at_a_time(lock: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock between processes; `on_wait` is called where another one has it."""
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fetch(url: str, target: Path, on_bytes: Callable[[int], None]) -> None:
    """Fetch `url` into `target`; what is there already of it is not asked for again.

    Args:
        url: an http or https address.
        target: the file; a partial one is continued where the server can (HTTP ranges).
        on_bytes: called with the number of bytes there are, as they arrive.

    Raises:
        UserError: the server cannot be reached, refuses, or breaks off; what came is kept.
    """
    have = target.stat().st_size if target.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=SILENCE_S) as answer:
            whole = int(answer.headers.get("Content-Length", 0))
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
            came = _save(answer, target, "ab" if resumed else "wb", on_bytes)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # it was whole already; the checksum decides
        raise _failed(url, f"HTTP {error.code}") from None
    except (OSError, HTTPException) as error:
        raise _failed(url, str(getattr(error, "reason", error))) from None
    if came < whole:
        raise _failed(url, f"it broke off after {came} of {whole} bytes")


def _save(answer: HTTPResponse, target: Path, mode: str, on_bytes: Callable[[int], None]) -> int:
    came = 0
    with target.open(mode) as out:
        while block := answer.read(BLOCK):
            out.write(block)
            came += len(block)
            on_bytes(out.tell())
    return came


def _failed(url: str, reason: str) -> UserError:
    return UserError(
        f"nothing could be fetched from {shown_address(url)!r}: {reason}",
        remedy="Check the connection and the address, and run it again (what came is kept).",
    )
