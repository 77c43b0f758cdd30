"""The pool's server as its caller sees it: a process, the channel to it, and how it ends."""

from __future__ import annotations

import importlib.util
import os
import selectors
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from optiwright.solver_tools.pool_protocol import Channel, Frame

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_START_LIMIT_S = 120.0
_END_LIMIT_S = 10.0
_SERVER = "optiwright.solver_tools.pool_server"
_THREAD_COUNTS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB", "BLIS")


class ServerProcess:
    """One server: made at once, started by `start`, waited on by one thread, woken by any."""

    def __init__(self) -> None:
        self.ready = False
        self._failure = "no process was made"
        self._deadline = time.monotonic() + _START_LIMIT_S
        self.process: subprocess.Popen[bytes] | None = None
        self._own, self._theirs = socket.socketpair()
        self._waker, self._wakened = socket.socketpair()
        self._waker.setblocking(False)
        self._wakened.setblocking(False)
        self._diary = tempfile.TemporaryFile()  # noqa: SIM115  # its stderr, closed in `end`
        self.channel = Channel(self._own)

    def start(self, import_paths: Sequence[str], without: Collection[str], spares: int) -> None:
        """Starts the process; its first frame says when it is ready."""
        arguments = (str(self._theirs.fileno()), ",".join(without), str(spares))
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", _SERVER, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._diary,
                cwd="/",
                env=_scrubbed_environment(import_paths),
                pass_fds=(self._theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for the caller to decide about
            )
        except OSError as error:
            self._failure = str(error)
            raise
        self._theirs.close()

    def wake(self) -> None:
        """Makes `wait` return, from any thread."""
        with suppress(OSError):  # full: it will wake anyhow; closed: `end` is under way
            self._waker.send(b"\0")

    def wait(self) -> list[Frame]:
        """Waits for something to do and returns the frames that came; EOFError at its death."""
        poll = selectors.PollSelector()
        poll.register(self.channel, self.channel.events)
        poll.register(self._wakened, selectors.EVENT_READ)
        patience = None if self.ready else max(0.0, self._deadline - time.monotonic())
        events = {key.fileobj for key, _ in poll.select(patience)}
        if not self.ready and self.process is not None and time.monotonic() >= self._deadline:
            self.process.kill()
        if self._wakened in events:
            self._wakened.recv(4096)
        self.channel.flush()
        return list(self.channel.receive())

    def end(self) -> str:
        """Closes the channel, which ends the process; returns a sentence about its end."""
        self.close()
        with self._diary as diary:
            if self.process is None:
                return f"The pool's server could not be started: {self._failure}."
            try:
                code = self.process.wait(_END_LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                code = self.process.wait()
            diary.seek(0)
            lines = diary.read().decode(errors="replace").strip().splitlines()[-3:]
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return " ".join([f"The pool's server ended ({how}).", *lines])

    def close(self) -> None:
        """Closes this side's sockets; all that a forked copy of the caller has to do."""
        for sock in (self._own, self._theirs, self._waker, self._wakened):
            sock.close()


def _scrubbed_environment(import_paths: Sequence[str]) -> dict[str, str]:
    """Returns all that a job may see of an environment: no key, no token, no home directory."""
    face = importlib.util.find_spec("optiwright")
    assert face is not None
    assert face.origin is not None
    root = str(Path(face.origin).resolve().parent.parent)
    installed = root in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    paths = list(import_paths) if installed else [root, *import_paths]
    kept = {name: os.environ[name] for name in ("TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": "0",  # the same job meets the same order of sets
        "MALLOC_ARENA_MAX": "2",  # glibc's arenas would count 64 MB a thread against the limit
        **{f"{name}_NUM_THREADS": "1" for name in _THREAD_COUNTS},
        **kept,
    }
