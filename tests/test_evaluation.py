"""Running evaluations: records, resuming, kills, outages, mapped quantities, the command line."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import optiwright.evaluation as evaluation
from optiwright.agent import places
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Reply, Request
from optiwright.agent.loop import wait
from optiwright.agent.pacing import Pace, PacedModel
from optiwright.agent.prices import FREE, price_of
from optiwright.evaluation.api import Choices, prepare, run_prepared
from optiwright.evaluation.frames import Row, to_frame
from optiwright.evaluation.methods import Method, Outcome
from optiwright.evaluation.prices import read_price
from optiwright.evaluation.problems import Ending, Problem
from optiwright.evaluation.records import (
    EvaluationRecord,
    EvaluationSettings,
    RunFolder,
    read_records,
    read_settings,
)
from optiwright.evaluation.runner import Work, run_problems
from optiwright.evaluation.tally import Tally, tally_of
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.evaluations import (
    ASKING,
    Optiwright,
    essence,
    problem,
    run_made,
    settings_of,
    slow_number,
)
from tests.fake_provider import FakeHandler, answer, fake_provider
from tests.wire_samples import BAKERY, flat_reply

ROOT = Path(__file__).resolve().parents[1]
TEN = [problem(i, str(i)) for i in range(10)]


@pytest.fixture(autouse=True)
def places_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")


def folder_of(root: Path) -> Path:
    (folder,) = root.iterdir()
    return folder


# --- records and resuming -------------------------------------------------------------------------


def test_every_problem_leaves_one_record_that_wraps_the_run(tmp_path: Path) -> None:
    rows = run_made(tmp_path, TEN, ScriptedModel(slow_number), jobs=4)
    records = list(read_records(folder_of(tmp_path)))
    assert sorted(r.key for r in records) == sorted(f"made-{i}#0" for i in range(10))
    assert {r.key: r.claim.objective for r in records} == {f"made-{i}#0": i for i in range(10)}
    assert all(r.scores["strict"] for r in records)
    assert all(r.run.calls[0].request.messages[0].content == r.problem.text for r in records)
    assert [before for _, before in rows] == [False] * 10
    frame = to_frame(row for row, _ in rows)
    assert frame.strict.all() and set(frame.kind) == {"even", "odd"}
    replies = [r.run.calls[0].reply for r in records]
    assert frame.completion_tokens.sum() == sum(r.completion_tokens for r in replies if r)


def test_the_same_settings_ask_nothing_twice_and_others_begin_anew(tmp_path: Path) -> None:
    model = ScriptedModel(slow_number)
    run_made(tmp_path, TEN, model)
    again = run_made(tmp_path, TEN, model)
    assert len(model.requests) == 10
    assert [before for _, before in again] == [True] * 10
    run_made(tmp_path, TEN, model, effort="standard")
    run_made(tmp_path, [*TEN[:9], problem(9, "8")], model)
    assert len(model.requests) == 30
    assert len(list(tmp_path.iterdir())) == 3


def test_other_code_or_another_file_of_the_same_name_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = bakery_file(tmp_path)

    def settings() -> EvaluationSettings:
        choices = Choices(model=scripted(), route="compiled", form=Form.FLAT)
        return prepare(own, choices).settings

    before = settings()
    assert settings() == before and len(before.code) == 64 and before.weights == "scripted"
    monkeypatch.setattr("optiwright.evaluation.api.code_hash", lambda: "0" * 64)
    assert settings().folder != before.folder
    monkeypatch.undo()
    monkeypatch.setattr("optiwright.evaluation.api.identity_of", lambda model: "another file")
    assert settings().folder != before.folder


def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    model = ScriptedModel(slow_number)
    run_made(tmp_path, TEN, model)
    file = folder_of(tmp_path) / "records.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    assert len(list(read_records(folder_of(tmp_path)))) == 9
    run_made(tmp_path, TEN, model)
    assert len(model.requests) == 11
    assert file.read_bytes()[: len(whole) // 2] == whole[: len(whole) // 2]
    assert len(list(read_records(folder_of(tmp_path)))) == 10


def test_a_run_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        RunFolder(tmp_path, settings_of(TEN)),
        pytest.raises(UserError, match="another process"),
        RunFolder(tmp_path, settings_of(TEN)),
    ):
        pass


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_kills_at_random_moments_change_nothing(tmp_path: Path, seed: int) -> None:
    command = [sys.executable, "-m", "tests.evaluations", str(tmp_path / "killed"), str(seed)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 9  # one may have ended before it was killed
    sixty = [problem(i, str(i)) for i in range(60)]
    run_made(tmp_path / "undisturbed", sixty, ScriptedModel(slow_number), jobs=3)
    killed, undisturbed = (
        sorted(map(essence, read_records(folder_of(tmp_path / name))), key=lambda r: r["key"])
        for name in ("killed", "undisturbed")
    )
    assert len(killed) == 60
    assert killed == undisturbed


def test_samples_are_other_draws_of_the_same_questions(tmp_path: Path) -> None:
    model = ScriptedModel(slow_number)
    rows = run_made(tmp_path, TEN[:2], model, samples=3)
    assert [row.key for row, _ in rows] == [f"made-{p}#{s}" for s in range(3) for p in range(2)]
    assert [r.temperature for r in model.requests] == [0, 0, 0.7, 0.7, 0.7, 0.7]
    assert len({(r.messages, r.sample) for r in model.requests}) == 6


def test_a_long_run_appends_a_line_a_problem_and_keeps_none_in_memory(tmp_path: Path) -> None:
    many = [problem(i, str(i)) for i in range(150)]
    settings = settings_of(many)
    file = tmp_path / settings.folder / "records.jsonl"
    sizes, alive = [], []

    def watch(row: Row, before: bool) -> None:
        sizes.append(file.read_bytes().count(b"\n"))
        if len(sizes) % 50 == 0:
            gc.collect()
            alive.append(sum(isinstance(o, EvaluationRecord) for o in gc.get_objects()))

    async def work() -> None:
        with RunFolder(tmp_path, settings) as folder:
            model = ScriptedModel(lambda request: request.messages[-1].content.split()[-1][:-1])
            await run_problems(many, Work(ASKING, model, settings), folder, 4, watch)

    wait(work())
    assert sizes == list(range(1, 151))
    assert len(alive) == 3 and max(alive) <= 8


def test_an_interrupted_command_keeps_what_is_done_and_goes_on(
    optiwright_: Optiwright, tmp_path: Path
) -> None:
    texts = [BAKERY, BAKERY.replace("25 cakes", "26 cakes"), BAKERY.replace("25 cakes", "24 cakes")]
    rows = [json.dumps({"text": text, "answer": 160}) for text in texts]
    (tmp_path / "own.jsonl").write_text("\n".join(rows))

    second_asked = threading.Event()

    def slow_after_one(handler: FakeHandler, body: dict[str, Any]) -> None:
        if len(handler.server.bodies) > 1:
            second_asked.set()
            handler.server.release.wait(20)
        GOOD(handler, body)

    with fake_provider(slow_after_one) as server:
        arguments = (
            "eval", str(tmp_path / "own.jsonl"),
            "--base-url", server.base_url, "--route", "compiled", "--form", "flat",
            "--out", str(tmp_path / "out"),
        )  # fmt: skip
        command = [sys.executable, "-m", "optiwright", *arguments]
        running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert second_asked.wait(100), running.poll()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
        assert running.returncode == 130
        assert "the same command goes on" in err and "Traceback" not in err
        assert [r.key for r in read_records(folder_of(tmp_path / "out"))] == ["own-0#0"]
        server.release.set()
        assert optiwright_(*arguments)[0] == 0
        assert len(list(read_records(folder_of(tmp_path / "out")))) == 3


def test_problems_run_side_by_side_up_to_the_limit(tmp_path: Path) -> None:
    running, most = 0, 0

    async def waiting(p: Problem, model: Any, settings: Any) -> Outcome:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return Outcome(run_record(p))

    run_made(tmp_path, TEN, ScriptedModel([]), jobs=4, method=Method("w", "waits", (), waiting))
    assert most == 4


def test_calls_are_paced_over_all_jobs(tmp_path: Path) -> None:
    began: list[float] = []

    def noting(request: Request) -> str:
        began.append(time.monotonic())
        return slow_number(request)

    model = PacedModel(ScriptedModel(noting), Pace(1200).turn)
    run_made(tmp_path, TEN, model, jobs=4)
    assert began[-1] - began[0] >= 9 * 60 / 1200 - 0.02


def run_record(p: Problem) -> Any:
    from optiwright.evaluation.methods import new_record

    return new_record(p.text)


# --- what goes wrong ------------------------------------------------------------------------------


def outage(request: Request) -> ScriptedReply:
    return ProviderError("the server is not there", kind="unreachable")


def test_a_dead_server_stops_the_run_and_counts_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="3 times in a row"):
        run_made(tmp_path, TEN, ScriptedModel(outage))
    assert list(read_records(folder_of(tmp_path))) == []
    rows = run_made(tmp_path, TEN, ScriptedModel(slow_number))
    assert [before for _, before in rows] == [False] * 10


def test_passing_outages_are_recorded_as_failures(tmp_path: Path) -> None:
    def flaky(request: Request) -> ScriptedReply:
        out = any(f"problem {n}?" in str(request) for n in (1, 2, 4, 7))
        return outage(request) if out else slow_number(request)

    rows = run_made(tmp_path, TEN, ScriptedModel(flaky))
    wrong = [row.problem for row, _ in rows if not row.right("strict")]
    assert wrong == ["made-1", "made-2", "made-4", "made-7"]
    assert len(rows) == 10


def test_a_fault_on_one_problem_is_its_failure_and_named(tmp_path: Path) -> None:
    def odd(request: Request) -> ScriptedReply:
        return "not a number" if "problem 4" in str(request) else slow_number(request)

    rows = [row for row, _ in run_made(tmp_path, TEN, ScriptedModel(odd))]
    assert [(r.problem, r.error) for r in rows if r.error] == [("made-4", "ValueError")]
    assert sum(bool(r.right("strict")) for r in rows) == 9


# --- the agent, and quantities by name ------------------------------------------------------------

ASKED = {"Staple": "80.0", "Number of cakes": "0.0", "Pieces": "80.0", "Profit": "160.0"}
"""The words of the second alone say what is meant."""


def bakery_file(folder: Path, **more: Any) -> str:
    row = {"question": BAKERY, "index": 1, "type": "mix", "results": ASKED} | more
    path = folder / "own.jsonl"
    path.write_text(json.dumps(row))
    return str(path)


def scripted(*expressions: str) -> ScriptedModel:
    def reply(request: Request) -> ScriptedReply:
        mapping = request.schema_name == "expressions"
        return {"expressions": list(expressions)} if mapping else flat_reply()

    return ScriptedModel(reply)


def run_bakery(
    tmp_path: Path, model: ScriptedModel, results: Any = None, **more: Any
) -> tuple[Any, Any]:
    own = bakery_file(tmp_path, **({"results": results} if results else {}))
    choices: dict[str, Any] = {"route": "compiled", "form": "flat", "out": tmp_path / "out"} | more
    frame = evaluation.run(own, model=model, **choices)
    return next(iter(read_records(folder_of(tmp_path / "out")))), frame


def test_named_quantities_are_mapped_after_solving_without_them(tmp_path: Path) -> None:
    model = scripted("bread", "bread + cake")
    record, frame = run_bakery(tmp_path, model)
    assert record.scores["strict"] and record.scores["optibench"]
    assert record.scores["equivalent"] and record.claim.feasible
    assert [q.value for q in record.claim.quantities] == [80, 0, 80, 160]
    assert "Staple" not in str(model.requests[0])  # solved without the names
    shown = model.requests[1].messages[-1].content
    assert "- `bread`: loaves baked" in shown and shown.endswith("1. Staple\n2. Pieces")
    assert "80" not in shown.replace("240", "") and "160" not in shown  # no value is shown
    assert (frame.calls[0], len(record.run.calls)) == (1, 1)  # the mapping is no cost of the method
    assert list(places.records_dir().glob("*")) == []  # the line holds the agent's own record


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("80", "number of its own"),
        ("bread * 1", "number of its own"),
        ("80 + 0 * bread", "number of its own"),
        ("none", "nothing that fits"),
        ("loafs", "nothing of the solution"),
        ("bread +", ""),
        ("open('x')", ""),
        ("", "nothing that fits"),
    ],
)
def test_a_model_cannot_type_a_number_into_an_answer(
    tmp_path: Path, expression: str, reason: str
) -> None:
    record, _ = run_bakery(tmp_path, scripted(expression, "bread + cake"))
    first, second, *_ = record.mapping.quantities
    assert first.value is None and reason in first.reason and first.reason
    assert second.value == 0
    assert record.scores["optibench"] is False
    assert record.scores["optibench-objective"] is record.scores["strict"] is True


def test_where_the_objective_is_wrong_no_quantity_is_asked_for(tmp_path: Path) -> None:
    model = scripted("bread", "bread + cake")
    record, _ = run_bakery(tmp_path, model, results=ASKED | {"Profit": "161.0"})
    assert len(model.requests) == 1
    assert {q.reason for q in record.mapping.quantities[:3]} == {
        "not asked: the objective is not the label's"
    }
    assert record.scores["optibench"] is record.scores["optibench-objective"] is False


@pytest.mark.parametrize("reply", ["not JSON", "[]", '{"expressions": "bread"}', '{"a": 1}'])
def test_a_reply_that_maps_nothing_costs_only_the_quantities(tmp_path: Path, reply: str) -> None:
    def answer(request: Request) -> ScriptedReply:
        return reply if request.schema_name == "expressions" else flat_reply()

    record, _ = run_bakery(tmp_path, ScriptedModel(answer))
    assert record.scores["optibench"] is False and record.scores["strict"] is True


def test_every_call_of_a_problem_waits_for_its_turn(tmp_path: Path) -> None:
    model = scripted("bread", "cake", "bread + cake")
    started = time.monotonic()
    run_bakery(tmp_path, model, calls_per_minute=40)
    assert len(model.requests) == 2 and time.monotonic() - started >= 1.5


def test_quantities_are_left_out_on_request(tmp_path: Path) -> None:
    model = scripted()
    record, _ = run_bakery(tmp_path, model, quantities=False)
    assert (record.mapping, record.scores["optibench"]) == (None, None)
    assert len(model.requests) == 1


def test_a_text_that_the_agent_refuses_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(json.dumps({"text": "Bake.", "answer": 1}))
    evaluation.run(str(tmp_path / "own.jsonl"), model=ScriptedModel([]), out=tmp_path / "out")
    (record,) = read_records(folder_of(tmp_path / "out"))
    assert record.claim.ending is Ending.NO_ANSWER
    assert record.run.error is not None and "no quantity" in record.run.error.what


@pytest.mark.parametrize(
    "choice",
    [
        {"method": "magic"},
        {"samples": 0},
        {"jobs": 0},
        {"effort": "more"},
        {"n": 3},
        {"engine": "threads"},
        {"calls_per_minute": 0},
    ],
)
def test_a_choice_that_cannot_be_is_refused(tmp_path: Path, choice: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        evaluation.run(bakery_file(tmp_path), model=ScriptedModel([]), **choice)


# --- progress -------------------------------------------------------------------------------------


def test_the_tally_says_where_a_run_stands(tmp_path: Path) -> None:
    tally = Tally(total=12)
    for row, before in run_made(tmp_path, [*TEN[:9], problem(9, "8")], ScriptedModel(slow_number)):
        tally.add(row, before)
    assert "10 of 12; strict 9 of 10, 90.0% (59.6 to 98.2)" in tally.line()
    assert "tokens" in tally.line() and "left" in tally.line()
    assert tally.by_kind() == "even 5/5, odd 4/5"


class Counting(ScriptedModel):
    """Says of every reply what it cost, and of an odd problem's that it was remembered."""

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        reply = await super().complete(request, on_text)
        counts = {"prompt_tokens": 1000, "cached_prompt_tokens": 400, "completion_tokens": 100}
        return reply.model_copy(update={**counts, "cached": int(reply.text) % 2 == 1})


def test_money_is_shown_for_what_was_paid_and_no_more(tmp_path: Path) -> None:
    rows = [row for row, _ in run_made(tmp_path, TEN, Counting(slow_number))]
    assert tally_of(rows, price_of("2/10")).cost == pytest.approx(5 * (2000 + 1000) / 1e6)
    with_cached = tally_of(rows, price_of("2/10/0.5"))
    assert with_cached.cost == pytest.approx(5 * (1200 + 200 + 1000) / 1e6)
    assert with_cached.spent == "11,000 tokens, cost 0.0120"
    assert tally_of(rows, FREE).spent == "11,000 tokens, cost 0"
    assert tally_of(rows).spent == "11,000 tokens"


@pytest.mark.parametrize("text", ["", "3", "3/", "a/b", "-1/2", "1/2/3/4", "nan/1", "inf/1"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no price"):
        price_of(text)


def test_a_price_is_no_setting_and_is_remembered(tmp_path: Path) -> None:
    model = scripted("bread", "cake", "bread + cake")
    own = bakery_file(tmp_path)
    shown = []
    for price in (None, "2.5/10", None, "5/20/1"):
        choices = Choices(
            model=model, price=price, route="compiled", form=Form.FLAT, out=tmp_path / "out"
        )
        prepared = prepare(own, choices)
        run_prepared(prepared, lambda row, before: None)
        shown.append(str(prepared.price))
    assert shown == ["None", "2.5/10", "2.5/10", "5/20/1"]
    assert len(model.requests) == 2
    assert str(read_price(folder_of(tmp_path / "out"))) == "5/20/1"


# --- the command line -----------------------------------------------------------------------------

GOOD = answer(json.dumps(flat_reply()))


def test_the_command_runs_shows_and_goes_on(optiwright_: Optiwright, tmp_path: Path) -> None:
    own = bakery_file(tmp_path)
    with fake_provider(GOOD) as server:
        arguments = (
            "eval", own, "--base-url", server.base_url, "--route", "compiled", "--form", "flat",
            "--no-quantities", "--price", "1/1", "--out", str(tmp_path / "out"),
        )  # fmt: skip
        code, out, err = optiwright_(*arguments)
        assert code == 0, err
        assert "own-1#0 right 160 (160.0) checked" in err
        assert "1 of 1; strict 1 of 1, 100.0% (20.7 to 100.0)" in err
        assert re.search(r"tokens, cost 0\.\d{4}\b", err) and "cost 0.0" in out
        assert "own, optiwright, m" in out and "by type: mix 1/1" in out
        assert str(folder_of(tmp_path / "out")) in out
        asked = len(server.bodies)
        code, out, err = optiwright_(*arguments)
    assert (code, len(server.bodies)) == (0, asked)
    assert "own-1#0" not in err and "strict" in out
    settings = read_settings(folder_of(tmp_path / "out"))
    assert (settings.model, settings.method, settings.quantities) == ("m", "optiwright", False)


def test_the_list_names_benchmarks_their_licence_and_the_methods(
    optiwright_: Optiwright, tmp_path: Path
) -> None:
    (tmp_path / "BWOR.json").write_text("[]")
    code, out, _ = optiwright_("eval", "list", "--data", str(tmp_path))
    assert code == 0
    assert "bwor (here)\n  BWOR, 82 problems\n" in out and "for evaluation only" in out
    assert "mamo-easy (not here)" in out and "licence: CC BY-SA 4.0" in out
    assert "--method fewshot" in out and str(tmp_path) in out
    assert all(len(line) <= 80 for line in out.splitlines() if str(tmp_path) not in line)
    code, out, _ = optiwright_("eval", "list")
    assert code == 0 and "mamo-easy (fetched on first use)" in out and "bwor (not here)" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("eval", "nowhere"), "no benchmark and no file"),
        (("eval", "bwor", "--data", "nowhere"), "not here"),
        (("eval", "run", "nowhere", "--method", "magic"), "no method"),
    ],
)
def test_a_command_that_cannot_be_is_one_sentence(
    optiwright_: Optiwright, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = optiwright_(*arguments)
    assert code == 2 and said in err and "Traceback" not in err
