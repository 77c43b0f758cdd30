"""The evaluated fixed prefix of the prompts, kept on disk between runs of the model server.

Reading the prompt is the slower half of a call of a local model, and most of it is the same every
time. llama.cpp keeps it while the server runs; its slot files keep it for the next server.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Request

WORTH_KEEPING_CHARACTERS = 1000
MOST_FILES = 8
MOST_BYTES = 1 << 30
_MARK = "optiwright-prefix-ends-here"


def fixed_prefix(request: Request) -> list[dict[str, str]]:
    """The leading messages that are the same from call to call."""
    return [m.model_dump() for m in request.messages[: request.fixed]]


class PrefixCache:
    """Saves and restores the key-value cache of fixed prefixes at one running server.

    Args:
        folder: the server's folder of slot files.
        identity: the model's hash and the runtime's version.
        address: the server's root address.
        key: its key.
    """

    def __init__(self, folder: Path, identity: str, address: str, key: str) -> None:
        self._folder = folder
        self._identity = identity
        self._ready: set[str] = set()
        self._client = httpx2.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )

    async def prepare(self, request: Request, on_status: Callable[[str], None]) -> None:
        """Have the server know the request's prefix: from its memory, the disk, or by reading it.

        Raises:
            ProviderError: the server is gone or too slow.
        """
        prefix = fixed_prefix(request)
        written = json.dumps(prefix)
        key = hashlib.sha256(f"{self._identity}\n{written}".encode()).hexdigest()[:32]
        if len(written) < WORTH_KEEPING_CHARACTERS or key in self._ready:
            return
        try:
            if not await self._restore(key, request.timeout_s):
                on_status("the model reads its instructions, once; they are kept for later runs")
                await self._read_and_save(key, prefix, request.timeout_s)
        except httpx2.TimeoutException:
            raise self._error("timeout", "did not read its instructions in time") from None
        except httpx2.TransportError:
            raise self._error("dropped", "ended while it read its instructions") from None
        self._ready.add(key)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _restore(self, key: str, timeout_s: float) -> bool:
        file = self._folder / f"{key}.kv"
        if not file.exists():
            return False
        answer = await self._slot("restore", file.name, timeout_s)
        if answer.is_success:
            os.utime(file)
        else:
            file.unlink(missing_ok=True)  # damaged: it is read and saved anew
        return answer.is_success

    async def _read_and_save(
        self, key: str, prefix: list[dict[str, str]], timeout_s: float
    ) -> None:
        messages = [*prefix, {"role": "user", "content": _MARK}]
        answer = await self._post("/apply-template", {"messages": messages}, timeout_s)
        if not answer.is_success or _MARK not in answer.json()["prompt"]:
            return  # a template without a fixed beginning: nothing to keep
        beginning = answer.json()["prompt"].partition(_MARK)[0]
        read = {"prompt": beginning, "n_predict": 0, "temperature": 0, "cache_prompt": True}
        answer = await self._post("/completion", read, timeout_s)
        if not answer.is_success:
            return  # longer than the context: the request itself will say so
        unfinished = f"{key}.{os.getpid()}"
        if (await self._slot("save", unfinished, timeout_s)).is_success:
            (self._folder / unfinished).replace(self._folder / f"{key}.kv")
        self._prune()

    def _prune(self) -> None:
        """Drop the files longest unused beyond `MOST_FILES` and `MOST_BYTES`."""
        files = [(file.stat(), file) for file in self._folder.iterdir()]
        files.sort(key=lambda entry: entry[0].st_mtime, reverse=True)
        total = 0
        for number, (stat, file) in enumerate(files, start=1):
            total += stat.st_size
            if number > MOST_FILES or total > MOST_BYTES:
                file.unlink(missing_ok=True)

    async def _slot(self, action: str, file: str, timeout_s: float) -> httpx2.Response:
        return await self._post(f"/slots/0?action={action}", {"filename": file}, timeout_s)

    async def _post(self, path: str, body: dict[str, Any], timeout_s: float) -> httpx2.Response:
        return await self._client.post(path, json=body, timeout=timeout_s)

    def _error(self, kind: Any, happened: str) -> ProviderError:
        return ProviderError(f"the embedded model {happened}", kind=kind, remedy="Try again.")
