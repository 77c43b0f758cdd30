"""Asking in a provider's batches: what comes, what is missing, kills, money, what cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from optiwright.agent.errors import ProviderError
from optiwright.evaluation import sent_batches
from optiwright.evaluation.api import Choices, evaluations_dir, prepare
from optiwright.evaluation.batching import BATCHES
from optiwright.evaluation.evaluated import read_run
from optiwright.evaluation.records import SETTINGS, EvaluationRecord, read_records
from optiwright.evaluation.report import write_report
from optiwright.formulators.errors import UserError
from optiwright.testing import ScriptedModel
from tests.batch_runs import COUNT, TWELVE, run_in_batches
from tests.evaluations import Optiwright, essence, problem, run_made
from tests.fake_batches import complaint, completion, fake_batches, last_words
from tests.wire_samples import BAKERY
from tests.written_programs import BAKERY_PROGRAM

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def places_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sent_batches, "FIRST_PAUSE_S", 0.01)


def records_in(root: Path) -> list[EvaluationRecord]:
    (settings,) = root.glob(f"*/{SETTINGS}")
    return sorted(read_records(settings.parent), key=lambda r: r.key)


def errors_in(root: Path) -> dict[str, str]:
    """By key the error of each record that has one."""
    return {r.key: str(r.run.error) for r in records_in(root) if r.run.error is not None}


def numbers(body: dict[str, Any]) -> int:
    return int(last_words(body)[1]["choices"][0]["message"]["content"])


# --- what comes -----------------------------------------------------------------------------------


def test_records_are_those_of_any_other_run(tmp_path: Path) -> None:
    said: list[str] = []
    with fake_batches() as server:
        rows = run_in_batches(tmp_path / "batched", server.base_url, say=said.append)
        again = run_in_batches(tmp_path / "batched", server.base_url)
    assert [before for _, before in rows] == [False] * COUNT
    assert [before for _, before in again] == [True] * COUNT
    assert (len(server.batches), set(server.answered.values())) == (1, {1})
    assert server.batches[0]["metadata"]["optiwright"] and said[0].endswith("of 12 requests")
    assert said[1:] == [
        "batch batch_0: in_progress, 0 of 0 answered",
        "batch batch_0: completed, 12 of 12 answered",
    ]
    run_made(tmp_path / "asked", TWELVE, ScriptedModel(lambda r: r.messages[-1].content[-3:-1]))
    batched, asked = (records_in(tmp_path / name) for name in ("batched", "asked"))
    assert [r.claim for r in batched] == [r.claim for r in asked]
    assert [r.scores for r in batched] == [r.scores for r in asked]
    for record in batched:
        reply = record.run.calls[0].reply
        assert reply is not None and reply.batched and not reply.cached
        assert (reply.prompt_tokens, reply.completion_tokens, reply.seconds) == (1000, 100, 0)


def test_a_request_is_that_of_an_ordinary_call_without_the_stream(tmp_path: Path) -> None:
    with fake_batches() as server:
        run_in_batches(tmp_path, server.base_url, TWELVE[:1])
    (body,) = server.sent[0].values()
    text = "What is the best value of problem 0?"
    assert body == {
        "model": "m", "messages": [{"role": "user", "content": text}], "max_tokens": 2048,
        "temperature": 0.0, "seed": 0,
    }  # fmt: skip


def test_what_is_missing_is_asked_again_and_nothing_else(tmp_path: Path) -> None:
    seen: list[int] = []

    def answer(body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        seen.append(numbers(body))
        first = seen.count(seen[-1]) == 1
        if seen[-1] % 3 == 0 and first:
            return None
        return complaint((429, 500, 0)[seen[-1] % 3], "busy") if first else last_words(body)

    def flaky(body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        return last_words(body) if numbers(body) < 6 else answer(body)

    with fake_batches(flaky, "expired") as server:
        rows = run_in_batches(tmp_path, server.base_url)
    assert len(rows) == COUNT and errors_in(tmp_path) == {}
    assert [len(sent) for sent in server.sent] == [12, 6]
    assert set(server.answered.values()) == {1}


def test_what_never_comes_is_given_up_and_the_rest_recorded(tmp_path: Path) -> None:
    with fake_batches(lambda body: None if numbers(body) == 7 else last_words(body)) as server:
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    assert [len(sent) for sent in server.sent] == [12, 1, 1]
    ((key, error),) = errors_in(tmp_path).items()
    assert key == "made-7#0" and "no answer came in 3 batches" in error


def test_a_provider_that_answers_nothing_stops_the_run(tmp_path: Path) -> None:
    with fake_batches(lambda body: None, "expired") as server:
        with pytest.raises(ProviderError, match="batch_0: expired, 0 of 12 answered, 12 failed"):
            run_in_batches(tmp_path, server.base_url)
        server.answer = last_words
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    assert len(server.sent) == 2 and errors_in(tmp_path) == {}


def test_a_request_that_is_refused_is_its_problems_failure(tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        special = {3: complaint(400, "Too long."), 4: (200, {"choices": []})}
        return special.get(numbers(body), last_words(body))

    with fake_batches(answer) as server:
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    found = errors_in(tmp_path)
    assert len(server.batches) == 1 and set(found) == {"made-3#0", "made-4#0"}
    assert "rejected in a batch (HTTP 400: Too long.)" in found["made-3#0"]
    assert "no answer in it" in found["made-4#0"]


def test_what_a_model_does_not_take_is_left_out_of_the_next_batch(tmp_path: Path) -> None:
    def particular(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        wrong = next((name for name in ("max_tokens", "temperature") if name in body), "")
        return complaint(400, f"`{wrong}` is not supported.") if wrong else last_words(body)

    with fake_batches(particular) as server:
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    assert errors_in(tmp_path) == {} and [len(sent) for sent in server.sent] == [12, 12, 12]
    (last, *_) = server.sent[2].values()
    assert last["max_completion_tokens"] == 2048 and "seed" in last


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("failed:invalid_model", r"failed, 0 of 0 answered: No room for it \(invalid_model\)"),
        ("cancelled", "cancelled, 12 of 12 answered"),
    ],
)
def test_a_batch_that_failed_or_was_cancelled_stops_the_run(
    fate: str, said: str, tmp_path: Path
) -> None:
    with fake_batches(last_words, fate) as server:
        with pytest.raises(ProviderError, match=said):
            run_in_batches(tmp_path, server.base_url)
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    assert len(server.batches) == (2 if fate.startswith("failed") else 1)
    assert set(server.answered.values()) == {1}


def test_a_batch_too_large_for_the_account_is_sent_in_parts(tmp_path: Path) -> None:
    many = ("failed:token_limit_exceeded",) * 2
    with fake_batches(last_words, *many) as server:
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    assert [len(sent) for sent in server.sent] == [12, 6, 3, 3, 3, 3]
    assert set(server.answered.values()) == {1}


def test_a_file_holds_no_more_than_the_provider_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_batches, "MOST_BYTES", 1500)
    with fake_batches() as server:
        run_in_batches(tmp_path, server.base_url)
    assert sum(len(sent) for sent in server.sent) == COUNT and len(server.sent) > 1
    files = [f for f in server.files.values() if b'"url"' in f]
    assert all(len(file) <= 1500 for file in files)


# --- remembered replies ---------------------------------------------------------------------------


def test_batches_and_remembered_replies_serve_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_REPLY_CACHE", "on")
    with fake_batches() as server:
        run_in_batches(tmp_path / "some", server.base_url, TWELVE[:5])
        run_in_batches(tmp_path / "all", server.base_url)
    assert [len(sent) for sent in server.sent] == [5, 7]
    replies = [r.run.calls[0].reply for r in records_in(tmp_path / "all")]
    assert sum(reply is not None and reply.cached for reply in replies) == 5


# --- kills and lost connections -------------------------------------------------------------------

STEPS = range(5)  # upload, begin, two looks, results


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_connection_lost_at_any_step_costs_nothing_twice(
    step: int, when: str, tmp_path: Path
) -> None:
    """For good at that step: what the client library tries again is lost too."""
    lost: list[str] = []

    def fault(number: int, what: str) -> str:
        if number < step or (lost and lost[0] != what) or len(lost) > 2:
            return ""
        lost.append(what)
        return when

    with fake_batches(last_words, fault=fault) as server:
        for _ in range(4):
            try:
                rows = run_in_batches(tmp_path, server.base_url)
                break
            except ProviderError as error:
                assert error.kind in ("unreachable", "dropped")
    assert len(rows) == COUNT and lost
    assert len(server.batches) == 1 and set(server.answered.values()) == {1}


@pytest.mark.parametrize("written", range(5))  # requests, token, id, results, end
def test_a_file_that_was_not_whole_is_no_file(
    written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced: list[str] = []

    def killed(source: Any, target: Any) -> None:
        replaced.append(str(target))
        if len(replaced) > written:
            raise RuntimeError("killed")
        os.rename(source, target)

    with fake_batches() as server:
        with monkeypatch.context() as patch:
            patch.setattr(sent_batches, "os", SimpleNamespace(replace=killed, fsync=os.fsync))
            with pytest.raises(RuntimeError, match="killed"):
                run_in_batches(tmp_path, server.base_url)
        assert len(run_in_batches(tmp_path, server.base_url)) == COUNT
    assert len(replaced) == written + 1
    assert len(server.batches) == 1 and set(server.answered.values()) == {1}


def test_a_batch_is_found_again_behind_others(tmp_path: Path) -> None:
    hung_up: list[str] = []

    def fault(number: int, what: str) -> str:
        if what == "POST batches" and not hung_up:
            hung_up.append(what)
            return "after"
        return ""

    with fake_batches(last_words, fault=fault) as server:
        with pytest.raises(ProviderError):
            run_in_batches(tmp_path / "first", server.base_url)
        for k in range(3):
            run_in_batches(tmp_path / f"other-{k}", server.base_url, [problem(50 + k, "1")])
        looked = len(server.calls)
        run_in_batches(tmp_path / "first", server.base_url)
    assert server.calls[looked:].count("GET batches") == 2
    assert len(server.batches) == 4 and set(server.answered.values()) == {1}


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_kills_at_random_moments_lose_and_cost_nothing(tmp_path: Path, seed: int) -> None:
    with fake_batches() as server:
        server.looks = 30
        arguments = [str(tmp_path / "killed"), server.base_url, "10", str(seed)]
        command = [sys.executable, "-m", "tests.batch_runs", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 5
    assert len(server.batches) == 1
    assert set(server.answered.values()) == {1} and len(server.answered) == COUNT
    with fake_batches() as undisturbed:
        run_in_batches(tmp_path / "undisturbed", undisturbed.base_url)
    killed, whole = (
        list(map(essence, records_in(tmp_path / name))) for name in ("killed", "undisturbed")
    )
    assert killed == whole


# --- the command line -----------------------------------------------------------------------------


def bakery_file(folder: Path) -> str:
    rows = [
        {"question": f"{BAKERY} Day {n}.", "results": {"staple": "80.0", "profit": "160.00"}}
        for n in (2, 3)
    ]
    path = folder / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def program_then_names(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    if "response_format" in body:
        return completion('{"expressions": ["loaves"]}')
    return completion(f"```python\n{BAKERY_PROGRAM}```")


def test_the_command_asks_in_batches_and_shows_half_the_price(
    optiwright_: Optiwright, tmp_path: Path
) -> None:
    own = bakery_file(tmp_path)
    with fake_batches(program_then_names) as server:
        arguments = (
            "eval", own, "--method", "direct", "--batch", "--model", "m", "--price", "2/10",
            "--base-url", server.base_url,
        )  # fmt: skip
        code, out, err = optiwright_(*arguments)
        assert code == 0, err
        sent = len(server.sent)
        again, _, second = optiwright_(*arguments)
    assert (again, len(server.sent), sent) == (0, 2, 2) and "batch_" not in second
    assert "batch batch_1: completed, 2 of 2 answered" in err and "own-1#0 right 160" in err
    # Two problems, two calls each of 1000 and 100 tokens, at half of 2 and 10 a million.
    assert "cost 0.0060" in out and "optibench            2 of 2" in out
    (settings,) = evaluations_dir().glob(f"*/{SETTINGS}")
    run = read_run(settings.parent)
    assert run.price is not None and sum(map(run.price.of, run.rows)) == pytest.approx(0.006)
    write_report([settings.parent], tmp_path)
    assert "0.0060" in (tmp_path / "report.md").read_text()
    assert sorted(p.name for p in (settings.parent / BATCHES).iterdir())[:3] == [
        "0001.requests.jsonl", "0001.results.jsonl", "0001.sent.json",
    ]  # fmt: skip


def test_a_run_begun_in_batches_goes_on_without(tmp_path: Path) -> None:
    with fake_batches() as server:
        run_in_batches(tmp_path, server.base_url, TWELVE[:3])
    rows = run_made(tmp_path, TWELVE[:3], ScriptedModel([]))
    assert [before for _, before in rows] == [True] * 3


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"method": "majority"}, "asks more than once"),
        ({"method": "optiwright"}, "Take --method direct or fewshot or cot"),
        ({"method": "direct", "engine": "ray"}, "own pace"),
        ({"method": "direct", "calls_per_minute": 3}, "own pace"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(choice: dict[str, Any], said: str) -> None:
    pytest.importorskip("ray") if choice.get("engine") else None
    with pytest.raises(UserError, match=said):
        Choices(model=ScriptedModel([]), batch=True, **choice)


def test_a_model_that_no_provider_serves_is_refused(tmp_path: Path) -> None:
    choices = Choices(model=ScriptedModel([]), batch=True, method="direct")
    with pytest.raises(UserError, match="not served by a provider"):
        prepare(bakery_file(tmp_path), choices)


def test_a_provider_without_batches_is_said_so(optiwright_: Optiwright, tmp_path: Path) -> None:
    with fake_batches() as server:
        server.has_batches = False
        code, _, err = optiwright_(
            "eval", bakery_file(tmp_path), "--method", "direct", "--batch", "--model", "m",
            "--base-url", server.base_url,
        )  # fmt: skip
    assert code == 1 and "has no Batch API" in err and "Leave out --batch" in err
    assert "Traceback" not in err
