"""The Ray engine: two workers of a local cluster, one of them killed, and whatever else goes wrong.

Ray takes seconds to start, so one cluster serves all.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import pickle
import platform
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import optiwright.evaluation as evaluation
from optiwright.agent import embedded, places
from optiwright.agent.embedded import EmbeddedModel
from optiwright.agent.llm import LanguageModel, Request
from optiwright.agent.loop import Running
from optiwright.agent.model_address import ModelAddress
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.pacing import PacedModel
from optiwright.evaluation import on_ray
from optiwright.evaluation.methods import Method, Outcome
from optiwright.evaluation.on_ray import TRIES, OnRay, SharedPace
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings, read_records
from optiwright.evaluation.runner import Work
from optiwright.formulators.errors import UserError
from optiwright.testing import ScriptedModel
from tests.evaluations import essence, problem, run_made, settings_of
from tests.fake_provider import FakeHandler, answer, fake_provider
from tests.wire_samples import BAKERY, flat_reply

TWENTY = [problem(i, str(i)) for i in range(20)]
KEY = "sk-known-to-nobody-7261"


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Path]:
    """Start a cluster of two workers; its folder of logs."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
    ):
        patch.setenv("RAY_TMPDIR", folder)  # its sockets need a short path
        patch.delenv("RAY_ADDRESS", raising=False)
        assert on_ray.join_cluster(2)
        yield Path(folder)
        import ray  # not before its environment is set

        ray.shutdown()


def on_two(work: Work) -> OnRay:
    return OnRay(work, 2)


def notes_of(file: Path) -> list[list[str]]:
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def number_of(request: Request) -> str:
    return request.messages[-1].content.split()[-1].rstrip("?")


def noting(notes: Path, request: Request) -> str:
    """Answers with the problem's number and notes which process did."""
    with notes.open("a") as file:
        file.write(f"{number_of(request)} {os.getpid()}\n")
    return number_of(request)


def stuck_once(notes: Path, request: Request) -> str:
    """As `noting`, but does not come back from its first problem 7."""
    before = sum(number == "7" for number, _ in notes_of(notes))
    number = noting(notes, request)
    if number == "7" and not before:
        time.sleep(120)
    return number


def deadly(notes: Path, request: Request) -> str:
    """As `noting`, but problem 1 kills whoever is at it."""
    if noting(notes, request) == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    return number_of(request)


def kill_who_has(number: str, notes: Path) -> None:
    while not (found := [pid for noted, pid in notes_of(notes) if noted == number]):
        time.sleep(0.01)
    os.kill(int(found[0]), signal.SIGKILL)


def records_in(root: Path) -> list[dict[str, Any]]:
    (folder,) = root.iterdir()
    return sorted(map(essence, read_records(folder)), key=lambda record: str(record["key"]))


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_no_record_and_doubles_none(
    two_workers: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    killer = threading.Thread(target=kill_who_has, args=("7", notes), daemon=True)
    killer.start()
    model = ScriptedModel(partial(stuck_once, notes))
    rows = run_made(tmp_path / "ray", TWENTY, model, jobs=2, engine=on_two, samples=2)
    killer.join()
    run_made(tmp_path / "here", TWENTY, ScriptedModel(number_of), samples=2)
    assert len(rows) == 40
    assert records_in(tmp_path / "ray") == records_in(tmp_path / "here")
    assert len(notes_of(notes)) == 41  # problem 7 was begun again, and nothing else
    killed, *others = [pid for number, pid in notes_of(notes) if number == "7"]
    assert killed not in others
    again = run_made(tmp_path / "ray", TWENTY, model, jobs=2, engine=on_two, samples=2)
    assert [before for _, before in again] == [True] * 40


def test_a_problem_that_kills_every_worker_is_recorded_as_failed(
    two_workers: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    model = ScriptedModel(partial(deadly, notes))
    rows = run_made(tmp_path / "out", TWENTY[:4], model, jobs=2, engine=on_two)
    assert {row.problem: row.error for row, _ in rows} == {
        "made-0": "", "made-1": "WorkerError", "made-2": "", "made-3": "",
    }  # fmt: skip
    assert sum(number == "1" for number, _ in notes_of(notes)) == TRIES
    (failed,) = [r for r in records_in(tmp_path / "out") if r["run"]["error"]]
    assert "the worker died 3 times" in failed["run"]["error"]["what"]


async def patient(problem: Problem, model: LanguageModel, settings: EvaluationSettings) -> Outcome:
    """Waits, and notes in the file that the text names whether it was told to stop."""
    notes = Path(problem.text)
    notes.write_text("waiting")
    try:
        await asyncio.sleep(120)
    except asyncio.CancelledError:
        notes.write_text("cleaned up")
        raise
    raise AssertionError("nobody stopped it")


def test_an_interrupt_reaches_the_workers(two_workers: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    asked = problem(0, text=str(notes))
    method = Method("patient", "waits", (), patient)
    work = on_two(Work(method, ScriptedModel([]), settings_of([asked])))
    running = Running(work.answer(asked, 0))
    while not notes.exists() or not notes.read_text():
        assert not running.future.done(), running.future.result()
        time.sleep(0.02)
    running.stop()
    assert notes.read_text() == "cleaned up"


def test_one_pace_holds_for_all_workers(two_workers: Path, tmp_path: Path) -> None:
    pace = SharedPace(300)
    model = PacedModel(ScriptedModel(number_of), pace.turn)
    started = time.monotonic()
    run_made(tmp_path, TWENTY[:8], model, jobs=2, engine=lambda work: OnRay(work, 2, pace))
    assert time.monotonic() - started >= 7 * 60 / 300


@pytest.mark.slow
def test_a_worker_solves_in_a_sandbox_of_its_own_and_the_key_is_in_no_file(
    two_workers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        keys.append(handler.headers["Authorization"])
        answer(json.dumps(flat_reply()))(handler, body)

    before = set(places.records_dir().glob("*"))
    (tmp_path / "own.jsonl").write_text(json.dumps({"text": BAKERY, "answer": 160}))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_provider(behave) as server:
        frame = evaluation.run(
            str(tmp_path / "own.jsonl"), base_url=server.base_url, engine="ray",
            route="compiled", form="flat", calls_per_minute=6000, out=tmp_path / "out",
        )  # fmt: skip
    assert frame.strict.all() and len(frame) == 1
    assert keys == [f"Bearer {KEY}"]
    assert set(places.records_dir().glob("*")) == before
    written = [f for root in (tmp_path, two_workers) for f in root.rglob("*") if f.is_file()]
    assert any(f.suffix == ".log" for f in written)
    assert [f for f in written if KEY.encode() in f.read_bytes()] == []


# --- without a cluster ----------------------------------------------------------------------------


def test_without_ray_the_command_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "PACKAGE", "no_such_engine")
    with pytest.raises(UserError, match=r'pip install "optiwright\[ray\]"'):
        evaluation.run("bwor", model=ScriptedModel([]), engine="ray")


def test_a_model_that_cannot_be_sent_is_refused(two_workers: Path, tmp_path: Path) -> None:
    lock = threading.Lock()
    model = ScriptedModel(lambda request: str(lock))
    with pytest.raises(UserError, match="cannot be sent"):
        run_made(tmp_path, TWENTY[:1], model, engine=on_two)


def test_the_embedded_model_is_sent_as_its_servers_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = SimpleNamespace(base_url="http://127.0.0.1:1/v1", key=KEY)
    monkeypatch.setattr(embedded, "acquire", lambda wanted, status: lease)
    monkeypatch.setattr(embedded, "runtime_version", lambda: "there")
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1")
    (tmp_path / "m.gguf").write_bytes(b"")
    sent = pickle.dumps(EmbeddedModel(tmp_path / "m.gguf", "0" * 64, "tiny"))
    client = pickle.loads(sent)
    assert isinstance(client, OpenAIModel) and (client.name, client.small) == ("tiny", True)
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    with pytest.raises(UserError, match=r"127\.0\.0\.1:1/v1 of .* alone"):
        pickle.loads(sent)


def test_an_address_shows_no_key() -> None:
    assert KEY not in repr(ModelAddress("m", "http://127.0.0.1:1/v1", KEY))
