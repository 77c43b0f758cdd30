"""Remembered replies, the scripted model, and the choice of a model."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

from optiwright.agent import embedded
from optiwright.agent.choose_model import choose_model
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Message, Reply, Request
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.reply_cache import CachedModel
from optiwright.formulators.errors import UserError
from optiwright.testing import ScriptedModel
from tests.fake_provider import answer, fake_provider

ASKED = Request(messages=(Message(role="user", content="two and two?"),))
KEY = "sk-very-secret-key-0123456789"


@pytest.fixture(autouse=True)
def fresh_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("OPTIWRIGHT_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPTIWRIGHT_REPLY_CACHE"):
        monkeypatch.delenv(name, raising=False)


def complete(model: CachedModel | ScriptedModel, request: Request = ASKED) -> Reply:
    return asyncio.run(model.complete(request))


def test_second_time_comes_from_the_file(tmp_path: Path) -> None:
    script = ScriptedModel(["four", "five"])
    model = CachedModel(script, tmp_path / "r.sqlite")
    first, again = complete(model), complete(CachedModel(script, tmp_path / "r.sqlite"))
    assert (first.cached, again.cached) == (False, True)
    assert again == first.model_copy(update={"cached": True})
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sample": 1},
        {"seed": 1},
        {"temperature": 0.5},
        {"max_tokens": 7},
        {"json_schema": {"type": "object"}},
        {"messages": (Message(role="system", content="two and two?"),)},
    ],
)
def test_another_question_is_asked_anew(tmp_path: Path, change: dict[str, object]) -> None:
    model = CachedModel(ScriptedModel(["four", "five"]), tmp_path / "r.sqlite")
    complete(model)
    assert complete(model, ASKED.model_copy(update=change)).text == "five"


def test_patience_is_no_other_question_and_another_model_is(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    complete(CachedModel(ScriptedModel(["four"]), path, "gguf-a"))
    patient = ASKED.model_copy(update={"timeout_s": 1.0})
    assert complete(CachedModel(ScriptedModel([]), path, "gguf-a"), patient).text == "four"
    assert complete(CachedModel(ScriptedModel(["six"]), path, "gguf-b")).text == "six"


def test_other_address_same_reply_and_no_key_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"

    async def ask(base_url: str) -> Reply:
        model = CachedModel(OpenAIModel("m", base_url, KEY), path)
        try:
            return await model.complete(ASKED)
        finally:
            await model.aclose()

    with fake_provider(answer("here")) as one, fake_provider(answer("there")) as other:
        assert asyncio.run(ask(one.base_url)).text == "here"
        assert asyncio.run(ask(other.base_url)).text == "here"
        assert not other.bodies
        address = one.base_url.encode()
    for file in tmp_path.iterdir():
        if file.is_file():
            assert KEY.encode() not in file.read_bytes()
            assert address not in file.read_bytes()


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    dropped = ProviderError("gone", kind="dropped")
    model = CachedModel(ScriptedModel([dropped, "four"]), tmp_path / "r.sqlite")
    with pytest.raises(ProviderError):
        complete(model)
    assert complete(model).text == "four"


def _write_many(path: Path, worker: int) -> None:
    model = CachedModel(ScriptedModel(lambda request: "x"), path)
    for sample in range(20):
        complete(model, ASKED.model_copy(update={"sample": sample, "seed": worker}))


def test_several_processes_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write_many, args=(path, n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    last = ASKED.model_copy(update={"sample": 19, "seed": 3})
    assert complete(CachedModel(ScriptedModel([]), path), last).cached


def test_many_who_open_a_new_file_at_once_do_not_lock_each_other_out(tmp_path: Path) -> None:
    async def all_at_once(path: Path) -> list[Reply]:
        models = [CachedModel(ScriptedModel(["four"]), path) for _ in range(12)]
        return await asyncio.gather(*(model.complete(ASKED) for model in models))

    for attempt in range(10):
        path = tmp_path / str(attempt) / "r.sqlite"
        assert {reply.text for reply in asyncio.run(all_at_once(path))} == {"four"}
        assert path.stat().st_mode & 0o777 == 0o600
        assert complete(CachedModel(ScriptedModel([]), path)).cached
        assert sorted(p.name for p in path.parent.iterdir()) == ["r.sqlite"]


def test_a_file_that_somebody_else_is_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    path.touch()
    maker = sqlite3.connect(path, check_same_thread=False)
    maker.execute("begin immediate")
    done = threading.Timer(0.5, maker.rollback)
    done.start()
    assert complete(CachedModel(ScriptedModel(["four"]), path)).text == "four"
    done.join()
    maker.close()


def test_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(UserError, match="OPTIWRIGHT_REPLY_CACHE=off"):
        complete(CachedModel(ScriptedModel(["four"]), path))


def test_script_runs_out_loudly() -> None:
    model = ScriptedModel([{"a": 1}])
    assert complete(model).text == '{"a": 1}'
    model.assert_played_out()
    with pytest.raises(AssertionError, match="1 replies and was asked for number 2"):
        complete(model)


def test_a_remembered_reply_waits_for_no_turn() -> None:
    turns = []

    async def turn() -> None:
        turns.append(1)

    async def ask_twice(address: str) -> list[bool]:
        model = choose_model("m", address, turn=turn)
        replies = [await model.complete(ASKED) for _ in range(2)]
        await model.aclose()
        return [reply.cached for reply in replies]

    with fake_provider(answer("x")) as server:
        assert asyncio.run(ask_twice(server.base_url)) == [False, True]
    assert len(turns) == 1


def test_only_served_model_is_taken_and_several_are_named() -> None:
    with fake_provider(answer("x"), models=("solo",)) as server:
        assert choose_model(base_url=server.base_url).name == "solo"
    with (
        fake_provider(answer("x"), models=("a1", "b2")) as server,
        pytest.raises(UserError, match="2 models: a1, b2"),
    ):
        choose_model(base_url=server.base_url)


def test_environment_chooses_and_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_MODEL", "from-environment")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert choose_model().name == "from-environment"
    assert choose_model("argument").name == "argument"
    assert isinstance(choose_model(), CachedModel)
    assert isinstance(choose_model(cache=False), OpenAIModel)
    monkeypatch.setenv("OPTIWRIGHT_REPLY_CACHE", "off")
    assert isinstance(choose_model(), OpenAIModel)


@pytest.mark.parametrize(
    ("model", "base_url", "key", "words"),
    [
        ("gpt-unheard-of", None, None, "OPENAI_API_KEY"),
        (None, None, KEY, "--model"),
        (None, "localhost:8000", None, "no http"),
        ("m", None, KEY + "\u2026", "characters"),
        ("missing.gguf", None, None, "no model file"),
        ("hf:owner", None, None, "hf:owner/repo/file.gguf"),
    ],
)
def test_wrong_choice_says_what_to_do(
    model: str | None,
    base_url: str | None,
    key: str | None,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embedded, "runtime_version", lambda: "there")
    with pytest.raises(UserError, match=words) as caught:
        choose_model(model, base_url, key)
    assert caught.value.remedy
    assert KEY not in str(caught.value)


def test_missing_runtime_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "RUNTIME", "no_such_runtime")
    with pytest.raises(UserError, match=r"pip install \"optiwright\[local\]\""):
        choose_model()


def test_missing_hub_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "runtime_version", lambda: "there")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UserError, match="pip install huggingface_hub"):
        choose_model("hf:owner/repo/file.gguf")
