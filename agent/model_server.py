"""The embedded model's server: a child process that lives as long as somebody holds a lease.

A lease is an open connection to a unix socket in a folder of this user alone. Once the model is
loaded every lease is told the address and the key, as one line of JSON; so the key is in no
argument, environment or file. When the last lease closes, for whatever reason (the kernel closes
it for a killed process too), the server ends itself within `GRACE_S`. It guards the model from
other users of this machine, not from other programs of the same user.

Run by path with only the standard library and xllamacpp at hand; see `embedded.py` for the client.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

GRACE_S = 1.0
FIRST_LEASE_S = 10.0
TICK_S = 0.2
FOLDER_PREFIX = "optiwright-model-"
LONGEST_PARENT = 60
# 16,384 tokens hold a long problem with its repairs; for the 1.5B the cache of keys and values
# then takes 448 MiB (28 kB a token) beside 1.1 GB of weights. One slot: a second would halve the
# context, could not share the fixed prefix, and its batching would make temperature 0 depend on
# who else is asking.
CONTEXT_TOKENS = 16_384
SLOTS = 1
PROMPT_CACHE_MIB = 512


class Leases:
    """The unix socket on which clients hold their leases, and the process's end when none does."""

    def __init__(self) -> None:
        # The address of a unix socket has room for about 100 bytes.
        parent = tempfile.gettempdir()
        parent = parent if len(parent) <= LONGEST_PARENT else "/tmp"
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
        self.path = self.folder / "lease"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        self._held: list[socket.socket] = []
        self._news: bytes | None = None
        self._news_lock = threading.Lock()
        self._patience_s = FIRST_LEASE_S

    def tell(self, news: dict[str, Any]) -> None:
        """Send one line to everybody who holds a lease, and to all who will."""
        with self._news_lock:
            self._news = (json.dumps(news) + "\n").encode()
            for lease in self._held:
                self._send(lease, self._news)

    def serve(self) -> None:
        """Take and drop leases until the last has been gone for `GRACE_S`; then end the process."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while self._patience_s > 0:
                for key, _ in selector.select(TICK_S):
                    if key.fileobj is self._listener:
                        self._take(selector)
                    else:
                        self._drop(key.fileobj, selector)
                # Counted in ticks, not by the clock: loading holds this thread up for seconds,
                # with clients waiting at the door.
                self._patience_s = GRACE_S if self._held else self._patience_s - TICK_S
        self.end()

    def end(self, status: int = 0) -> None:
        """Remove the socket and end the process at once, whatever its threads are doing."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(status)

    def _take(self, selector: selectors.BaseSelector) -> None:
        lease, _ = self._listener.accept()
        with self._news_lock:
            self._held.append(lease)
            if self._news is not None:
                self._send(lease, self._news)
        selector.register(lease, selectors.EVENT_READ)

    def _drop(self, lease: Any, selector: selectors.BaseSelector) -> None:
        # A client never writes: readable means closed.
        selector.unregister(lease)
        with self._news_lock:
            self._held.remove(lease)
        lease.close()

    def _send(self, lease: socket.socket, news: bytes) -> None:
        try:
            lease.sendall(news)
        except OSError:
            return  # it has just gone; the selector will say so


def physical_cores() -> int:
    """The physical cores this process may use: hyperthreads and container limits taken off."""
    allowed = os.sched_getaffinity(0) if sys.platform == "linux" else range(os.cpu_count() or 1)
    cores = {_siblings(cpu) for cpu in allowed}
    return max(1, min(len(cores), _container_cpus()))


def _siblings(cpu: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    return path.read_text().strip() if path.exists() else str(cpu)


def _container_cpus() -> int:
    limit = Path("/sys/fs/cgroup/cpu.max")
    words = limit.read_text().split() if limit.exists() else ["max"]
    return sys.maxsize if words[0] == "max" else max(1, int(words[0]) // int(words[1]))


def load(wanted: dict[str, Any], key: str) -> Any:
    """Load the model and serve it on a free loopback port.

    Args:
        wanted: `model` (path of the GGUF), `alias` (its name), `prefixes` (folder of saved ones),
            `adapter` (path of its GGUF, or "").
        key: what every request must show.

    Raises:
        RuntimeError: llama.cpp could not load it; standard error has its words.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = wanted["model"]
    if wanted["adapter"]:
        adapter = xllamacpp.CommonAdapterLoraInfo()
        adapter.path, adapter.scale = wanted["adapter"], 1.0
        params.lora_adapters = [adapter]
    params.model_alias = {wanted["alias"]}
    params.api_keys = [key]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = SLOTS
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.slot_save_path = wanted["prefixes"].rstrip("/") + "/"
    params.use_jinja = True
    params.ui = False
    params.verbosity = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = physical_cores()
    return xllamacpp.Server(params)


def main() -> None:
    """Read what is wanted from standard input, say where the leases are, load, serve, end."""
    wanted = json.loads(sys.stdin.readline())
    leases = Leases()
    threading.Thread(target=leases.serve, daemon=True).start()
    sys.stdout.write(f"{leases.path}\n")
    sys.stdout.close()
    key = secrets.token_urlsafe(32)
    try:
        server = load(wanted, key)
    except (RuntimeError, ImportError, MemoryError) as error:
        sys.stderr.write(f"{error}\n")
        leases.tell({"error": str(error)})
        time.sleep(GRACE_S)
        leases.end(1)
    leases.tell({"base_url": f"{server.listening_address}/v1", "key": key})
    threading.Event().wait()


if __name__ == "__main__":
    main()
