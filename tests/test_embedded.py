"""The embedded model's server: started, shared, ended and replaced as promised."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from optiwright.agent import places
from optiwright.agent.choose_model import choose_model
from optiwright.agent.embedded import EmbeddedModel
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.model_server import physical_cores
from tests.waiting import eventually

pytestmark = pytest.mark.model

SMALL = "smollm2-135m"
WITHIN_S = 6.0
CLIENT = f"""
import asyncio, sys
from optiwright.agent.choose_model import choose_model
from optiwright.agent.llm import Message, Request
async def main():
    model = choose_model({SMALL!r}, cache=False)
    await model.complete(Request(messages=(Message(role="user", content="Hi"),), max_tokens=2))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await model.aclose()
asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def fresh_server_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = places.model_dir()
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("OPTIWRIGHT_MODEL_DIR", str(models))


def asked(text: str, *, system: str = "", **given: object) -> Request:
    messages = [Message(role="user", content=text)]
    if system:
        messages.insert(0, Message(role="system", content=system))
    return Request.model_validate({"messages": messages, "max_tokens": 40, **given})


def small_model(on_status: Callable[[str], None] | None = None) -> EmbeddedModel:
    model = choose_model(SMALL, cache=False, on_status=on_status)
    assert isinstance(model, EmbeddedModel)
    return model


def leases() -> list[Path]:
    """The lease sockets that state files of this test's folder name and that still answer."""
    named = places.model_server_dir().glob("*/lease")
    return [path for path in (Path(file.read_text()) for file in named) if server_pid(path)]


def server_pid(lease: Path) -> int | None:
    """The process behind a lease socket (Linux tells), or None where nobody listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(lease))
        except OSError:
            return None
        who = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("3i", who)[0])


def gone(pid: int) -> bool:
    # A child of this process stays as a zombie until it is waited for.
    status = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def start_client() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def until_ready(client: subprocess.Popen[str]) -> None:
    assert client.stdout is not None
    assert client.stdout.readline() == "ready\n"


def test_answers_under_a_schema_and_ends_when_closed() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["Rome", "Oslo"]}},
        "required": ["city"],
        "additionalProperties": False,
    }
    pieces: list[str] = []
    said: list[str] = []

    async def run() -> tuple[Reply, int | None]:
        model = small_model(said.append)
        reply = await model.complete(asked("Capital of Italy?", json_schema=schema), pieces.append)
        pid = server_pid(leases()[0])
        await model.aclose()
        return reply, pid

    reply, pid = asyncio.run(run())
    assert json.loads(reply.text)["city"] in ("Rome", "Oslo")
    assert "".join(pieces) == reply.text
    assert (reply.model, reply.finish_reason) == (SMALL, "stop")
    assert reply.prompt_tokens > 0 and reply.completion_tokens > 0
    assert said[-1] == f"starting the model {SMALL}"  # after the fetch, where it was not there
    assert pid is not None
    assert eventually(lambda: gone(pid), WITHIN_S)
    assert leases() == []


def test_two_processes_at_once_share_one_server_that_outlives_the_first() -> None:
    first, second = start_client(), start_client()
    until_ready(first)
    until_ready(second)
    (lease,) = leases()
    pid = server_pid(lease)
    assert pid is not None
    first.communicate()
    time.sleep(2)
    assert server_pid(lease) == pid
    second.kill()
    second.communicate()
    assert eventually(lambda: gone(pid), WITHIN_S)
    assert not lease.exists()


def test_killing_the_only_client_while_it_waits_ends_the_server() -> None:
    client = start_client()
    until_ready(client)
    pid = server_pid(leases()[0])
    assert pid is not None
    client.send_signal(signal.SIGKILL)
    client.communicate()
    assert eventually(lambda: gone(pid), WITHIN_S)


def test_killed_server_is_replaced() -> None:
    async def run() -> tuple[int | None, int | None, str]:
        model = small_model()
        await model.complete(asked("Hi"))
        (lease,) = leases()
        before = server_pid(lease)
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: gone(before), WITHIN_S)
        text = (await model.complete(asked("Hi"))).text
        after = server_pid(leases()[0])
        assert not lease.exists()
        await model.aclose()
        return before, after, text

    before, after, text = asyncio.run(run())
    assert text
    assert after not in (None, before)


def test_server_killed_in_the_middle_of_a_call_is_replaced() -> None:
    async def run() -> str:
        model = small_model()
        await model.complete(asked("Hi"))
        pid = server_pid(leases()[0])
        assert pid is not None
        call = asyncio.create_task(model.complete(asked("Tell a long story.", max_tokens=150)))
        await asyncio.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        text = (await call).text
        await model.aclose()
        return text

    assert asyncio.run(run())


def test_prefix_is_restored_from_disk_by_the_next_server() -> None:
    system = "Answer briefly. " + "Numbers are written with digits. " * 40

    async def run(said: list[str]) -> Reply:
        model = small_model(said.append)
        reply = await model.complete(asked("Two and two?", system=system, fixed=1))
        pid = server_pid(leases()[0])
        await model.aclose()
        assert pid is not None
        assert eventually(lambda: gone(pid), WITHIN_S)
        return reply

    starting = f"starting the model {SMALL}"
    first: list[str] = []
    second: list[str] = []
    third: list[str] = []
    fresh = asyncio.run(run(first))
    restored = asyncio.run(run(second))
    assert len(first) == 2 and second == [starting]
    assert restored.cached_prompt_tokens > 200
    assert restored.text == fresh.text
    (saved,) = (places.model_server_dir() / "prefixes").iterdir()
    saved.write_bytes(saved.read_bytes()[:1000])
    assert asyncio.run(run(third)).text == fresh.text
    assert third == first


def test_a_file_that_is_no_model_says_why(tmp_path: Path) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(b"not a model")
    model = choose_model(str(file), cache=False)
    with pytest.raises(ProviderError, match=r"did not start.*failed to load") as caught:
        asyncio.run(model.complete(asked("Hi")))
    assert caught.value.kind == "failed"


def test_key_and_state_are_for_this_user_alone() -> None:
    async def run() -> None:
        model = small_model()
        await model.complete(asked("Hi"))
        (lease,) = leases()
        assert lease.parent.stat().st_mode & 0o777 == 0o700
        command = Path(f"/proc/{server_pid(lease)}/cmdline").read_bytes()
        environment = Path(f"/proc/{server_pid(lease)}/environ").read_bytes()
        assert model._lease is not None
        key = model._lease.key.encode()
        assert len(key) > 20 and key not in command + environment
        files = [file for file in places.model_server_dir().rglob("*") if file.is_file()]
        assert not [file for file in files if key in file.read_bytes()]
        await model.aclose()

    asyncio.run(run())


def test_threads_are_the_cores_there_are() -> None:
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)
