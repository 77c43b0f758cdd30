"""A lease on the embedded model's server: join the one that runs, or start it.

The lock file decides who starts; the lease (an open connection) keeps the server alive; its end
tells the client that the server is gone. A forked child does not inherit a lease.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from optiwright.agent import model_server
from optiwright.agent.errors import ProviderError
from optiwright.agent.places import private_dir

LOAD_TIMEOUT_S = 300.0
START_TIMEOUT_S = 60.0
TRIES = 3
OnStatus = Callable[[str], None]


@dataclass(frozen=True)
class WantedModel:
    """What the server is to serve: file, name, the folders of its state and prefixes, adapter."""

    gguf: Path
    alias: str
    folder: Path
    prefixes: Path
    adapter: Path | None = None


class Lease:
    """An open connection that keeps the server alive; `base_url` and `key` once it is loaded."""

    def __init__(self, connection: socket.socket) -> None:
        self.base_url = ""
        self.key = ""
        self._connection = connection
        _LEASES.add(self)

    def wait(self, timeout_s: float) -> str | None:
        """Wait until the model is loaded; returns why it could not be, None where it could.

        Raises:
            EOFError: the server ended without a word.
            TimeoutError: it did not finish loading in time.
        """
        self._connection.settimeout(timeout_s)
        with self._connection.makefile("r") as lines:
            line = lines.readline()
        self._connection.setblocking(False)
        if not line:
            raise EOFError
        news: dict[str, str] = json.loads(line)
        if "error" in news:
            return news["error"]
        self.base_url, self.key = news["base_url"], news["key"]
        return None

    def alive(self) -> bool:
        """Whether the server still holds the other end."""
        try:
            return self._connection.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        """Give the lease back; the server ends soon after the last one."""
        self._connection.close()


_LEASES: weakref.WeakSet[Lease] = weakref.WeakSet()
_STARTED: list[subprocess.Popen[str]] = []


def _forget_leases() -> None:
    for lease in list(_LEASES):
        lease.close()


os.register_at_fork(after_in_child=_forget_leases)


def acquire(wanted: WantedModel, on_status: OnStatus) -> Lease:
    """A lease on the server of `wanted`, which is started where none runs.

    Raises:
        ProviderError: the server did not start; says why.
    """
    private_dir(wanted.folder.parent)
    private_dir(wanted.folder)
    private_dir(wanted.prefixes)
    for _ in range(TRIES):
        with _only_starter(wanted.folder):
            lease = _join(wanted.folder) or _start(wanted, on_status)
        try:
            problem = lease.wait(LOAD_TIMEOUT_S)
        except (EOFError, ConnectionResetError):
            lease.close()  # it was just ending, or crashed
            continue
        except TimeoutError:
            lease.close()
            raise _no_start(wanted, f"it was not loaded after {LOAD_TIMEOUT_S:g} s") from None
        if problem is None:
            return lease
        lease.close()
        raise _no_start(wanted, problem)
    raise _no_start(wanted, "its process ended at once")


@contextmanager
def _only_starter(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _join(folder: Path) -> Lease | None:
    state = folder / "lease"
    if not state.exists():
        return None
    path = state.read_text()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        _clear_away(Path(path).parent)
        return None
    return Lease(connection)


def _clear_away(folder: Path) -> None:
    # A killed server cannot remove its own.
    if folder.name.startswith(model_server.FOLDER_PREFIX) and folder.exists():
        shutil.rmtree(folder)


def _start(wanted: WantedModel, on_status: OnStatus) -> Lease:
    on_status(f"starting the model {wanted.alias}")
    _STARTED[:] = [child for child in _STARTED if child.poll() is None]
    log = os.open(wanted.folder / "log", os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        # By path and with -P, so that no module of the user's working folder is imported.
        child = subprocess.Popen(
            [sys.executable, "-P", model_server.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    finally:
        os.close(log)
    _STARTED.append(child)
    path = _brief(child, wanted)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    unfinished = wanted.folder / "lease.new"
    unfinished.write_text(path)
    unfinished.replace(wanted.folder / "lease")
    return Lease(connection)


def _brief(child: subprocess.Popen[str], wanted: WantedModel) -> str:
    """Tell the child what to serve and return the path of its lease socket."""
    brief = {
        "model": str(wanted.gguf),
        "alias": wanted.alias,
        "prefixes": str(wanted.prefixes),
        "adapter": str(wanted.adapter or ""),
    }
    assert child.stdin is not None and child.stdout is not None
    with child.stdout:
        with suppress(BrokenPipeError), child.stdin:  # it died at once; its log says why
            child.stdin.write(json.dumps(brief) + "\n")
        path = child.stdout.readline().strip()
    if not path:
        raise _no_start(wanted, f"its process ended with status {child.wait(START_TIMEOUT_S)}")
    return path


def _no_start(wanted: WantedModel, reason: str) -> ProviderError:
    return ProviderError(
        f"the embedded model's server did not start: {reason}{_log_words(wanted.folder / 'log')}",
        kind="failed",
        where=f"model {str(wanted.gguf)!r}",
        remedy="Check that the file is a whole GGUF that llama.cpp can load and that memory "
        f"suffices; the log is {str(wanted.folder / 'log')!r}.",
    )


def _log_words(log: Path) -> str:
    """The first complaint of llama.cpp in its log, or the last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    complaints = [line.partition(": ")[2] for line in lines if "error loading model" in line]
    words = (complaints or lines[-1:] or [""])[0]
    return f" ({words})" if words else ""
