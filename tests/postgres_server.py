"""A PostgreSQL server of the tests' own, from Debian's packages, on a free port, for a while."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.waiting import eventually

PASSWORD = "hunter2-of-the-tests"
_USER = "nobody"


def binaries() -> Path | None:
    """Where `initdb` and `postgres` lie; None where there is no server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server as an ordinary user; yields its address, with a password in it."""
    where = binaries()
    assert where is not None
    with tempfile.TemporaryDirectory(prefix="optiwright-pg-", dir="/tmp") as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        if os.getuid() == 0:
            shutil.chown(folder, _USER)
            shutil.chown(folder / "password", _USER)
        data = folder / "data"
        _run([where / "initdb", "-D", data, "-U", "tests", "-A", "scram-sha-256", "-N",
              "--pwfile", folder / "password"])  # fmt: skip
        port = _free_port()
        server = subprocess.Popen(
            _as_user([where / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port),
                      "-k", folder, "-c", "fsync=off"]),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        try:
            address = f"postgresql://tests:{PASSWORD}@127.0.0.1:{port}/postgres"
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(_as_user(command), capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr


def _as_user(command: list[str | Path]) -> list[str]:
    words = list(map(str, command))
    if os.getuid() != 0:
        return words
    group = subprocess.run(["id", "-g", _USER], capture_output=True, text=True, check=True).stdout
    return ["setpriv", f"--reuid={_USER}", f"--regid={group.strip()}", "--clear-groups", *words]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        assert server.poll() is None, "the server ended"
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:  # not there yet, or still starting up
            return False
        return True

    assert eventually(answers), "the server does not answer"
