"""The embedded model: a GGUF file behind a llama.cpp server that comes and goes by itself."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Reply, Request
from optiwright.agent.model_address import ModelAddress
from optiwright.agent.model_lease import Lease, OnStatus, WantedModel, acquire
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.places import model_server_dir
from optiwright.agent.prefix_cache import PrefixCache
from optiwright.agent.prompting import TUNED_PROMPT
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form

RUNTIME = "xllamacpp"

SMALL_BYTES = 3_000_000_000
"""A file below this holds a small model: 3B parameters at 8 bits, or fewer of them."""
ENDING_S = 3.0


def runtime_version() -> str:
    """The installed runtime and its version.

    Raises:
        UserError: it is not installed.
    """
    if importlib.util.find_spec(RUNTIME) is None:
        raise UserError(
            "the embedded model needs the package `xllamacpp`, which is not installed",
            remedy='Run `pip install "optiwright[local]"`, or name a served model with '
            "--base-url and --model.",
        )
    return f"{RUNTIME} {importlib.metadata.version(RUNTIME)}"


@dataclass(frozen=True)
class _Connection:
    """One running server, as this process sees it."""

    lease: Lease
    client: OpenAIModel
    prefixes: PrefixCache


class EmbeddedModel:
    """A language model in a file, served on loopback by a process of its own.

    The server starts on first use, is shared by all processes of this user that use the same
    file and runtime, and ends when the last of them has gone. A server that died is replaced at
    the next call. Unpickled it is a client of the server, which lasts as long as this one's lease.

    Args:
        gguf: the model file.
        sha256: the file's SHA-256; with the runtime's version it makes `identity`.
        name: what records show.
        on_status: told in a sentence what is happening when it takes a while.
        tuned: the prompt that it was tuned with.
        adapter: file and SHA-256 of an adapter that it is served with.

    Raises:
        UserError: the runtime is not installed.
    """

    def __init__(
        self,
        gguf: Path,
        sha256: str,
        name: str,
        on_status: OnStatus | None = None,
        *,
        tuned: str = "",
        adapter: tuple[Path, str] | None = None,
    ) -> None:
        self.name = name
        little = gguf.stat().st_size < SMALL_BYTES
        self.small = tuned == TUNED_PROMPT[Form.FLAT] if tuned else little
        self.tuned = tuned
        added = f" + {adapter[1]}" if adapter is not None else ""
        self.identity = f"{sha256}{added} {runtime_version()}"
        self._on_status = on_status or (lambda status: None)
        folder = model_server_dir()
        sums = "-".join((sha256[:16], *((adapter[1][:16],) if adapter is not None else ())))
        served = folder / f"{sums}-{importlib.metadata.version(RUNTIME)}"
        self._wanted = WantedModel(
            gguf.resolve(),
            name,
            served,
            folder / "prefixes",
            adapter[0].resolve() if adapter is not None else None,
        )
        self._opening = threading.Lock()
        self._starting = asyncio.Lock()
        self._lease: Lease | None = None
        self._connection: _Connection | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the server's address; starts the server where none runs, and so may block."""
        lease = self._open()
        address = ModelAddress(
            self.name, lease.base_url, lease.key, direct=True, small=self.small, tuned=self.tuned
        )
        return address.open, ()

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer `request`; starts the server where none runs.

        Raises:
            ProviderError: the server did not start, or ended twice over this request.
        """
        heard: list[str] = []

        def listen(text: str) -> None:
            heard.append(text)
            if on_text is not None:
                on_text(text)

        try:
            return await self._ask(request, listen)
        except ProviderError as error:
            lost = error.kind in ("unreachable", "dropped")
            if not lost or (heard and on_text is not None):
                raise
        await self._see_it_end()
        self._on_status("the model server ended in the middle; starting it again")
        return await self._ask(request, on_text)

    async def aclose(self) -> None:
        """Close the connections and give the lease back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.client.aclose()
            await connection.prefixes.aclose()
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.close()

    async def _ask(self, request: Request, on_text: Callable[[str], None] | None) -> Reply:
        connection = await self._ready()
        started = time.monotonic()
        await connection.prefixes.prepare(request, self._on_status)
        reply = await connection.client.complete(request, on_text)
        return reply.model_copy(update={"seconds": time.monotonic() - started})

    async def _see_it_end(self) -> None:
        # A dying process may close its connections to clients before the lease.
        lease = self._lease
        deadline = time.monotonic() + ENDING_S
        while lease is not None and lease.alive() and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    async def _ready(self) -> _Connection:
        async with self._starting:
            if self._connection is None or not self._connection.lease.alive():
                await self.aclose()
                self._connection = self._connect(await asyncio.to_thread(self._open))
            return self._connection

    def _open(self) -> Lease:
        # Kept from inside the thread, so that a cancelled caller loses no lease.
        with self._opening:
            if self._lease is None or not self._lease.alive():
                self._lease = acquire(self._wanted, self._on_status)
            return self._lease

    def _connect(self, lease: Lease) -> _Connection:
        client = OpenAIModel(self.name, lease.base_url, lease.key, direct=True)
        root = lease.base_url.removesuffix("/v1")
        prefixes = PrefixCache(self._wanted.prefixes, self.identity, root, lease.key)
        return _Connection(lease, client, prefixes)
