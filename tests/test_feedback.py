"""Thumbs: one label a run and user, private, without keys, read back with the record."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from optiwright import UserError
from optiwright.agent import sessions
from optiwright.agent.feedback import (
    LONGEST,
    feedback_of,
    forget,
    give_feedback,
    labelled_records,
)
from optiwright.agent.options import Options
from optiwright.agent.places import data_dir, records_dir
from optiwright.agent.session import Session
from tests.conversations import PROBLEM, Conversing, creameries

FILE = Path("feedback") / "feedback.jsonl"
KEY = "sk-planted-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


def made(*names: str) -> None:
    for name in names:
        (records_dir() / name).mkdir(parents=True)


def test_the_last_word_of_each_user_counts() -> None:
    made("r1", "r2")
    give_feedback("r1", "ada", "up")
    give_feedback("r1", "bob", "up", "fits")
    give_feedback("r1", "ada", "down", "Bonn is missing")
    ada, bob = feedback_of("r1", "ada"), feedback_of("r1", "bob")
    assert ada is not None and (ada.thumb, ada.reason) == ("down", "Bonn is missing")
    assert bob is not None and bob.thumb == "up"
    last = feedback_of("r1")
    assert last is not None and last.user == "ada"
    assert feedback_of("r2") is None and feedback_of("r1", "eve") is None


def test_a_judgement_is_taken_back() -> None:
    made("r1")
    give_feedback("r1", "ada", "up")
    give_feedback("r1", "ada", "none")
    assert feedback_of("r1", "ada") is None and feedback_of("r1") is None
    assert list(labelled_records()) == []
    give_feedback("r1", "ada", "down")
    assert feedback_of("r1", "ada") is not None


def test_the_file_is_private_and_has_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    made("r1")
    monkeypatch.setenv("OPENAI_API_KEY", "my-own-secret-key")
    given = give_feedback(
        "r1", "ada", "down", f"it used {KEY}, my-own-secret-key and third-secret-key" + "x" * 9999,
        api_key="third-secret-key",
    )  # fmt: skip
    file = data_dir() / FILE
    text = file.read_text(encoding="utf-8")
    assert "secret" not in text and "planted" not in text and given.reason in text
    assert len(given.reason) == LONGEST
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_record_that_is_gone_cannot_be_judged() -> None:
    with pytest.raises(UserError, match="record is gone"):
        give_feedback("r1", "ada", "up")
    assert not (data_dir() / FILE).exists()


def test_a_line_that_a_crash_cut_off_is_dropped_and_a_wrong_one_is_named() -> None:
    made("r1", "r2")
    give_feedback("r1", "ada", "up")
    file = data_dir() / FILE
    with file.open("a") as lines:
        lines.write('{"record": "r2", "us')
    assert feedback_of("r1") is not None
    give_feedback("r2", "ada", "down")
    last = feedback_of("r2")
    assert last is not None and last.thumb == "down"
    file.write_text("{}\n" + file.read_text())
    with pytest.raises(UserError, match="line 1 is no judgement"):
        feedback_of("r1")


def test_many_writers_lose_nothing() -> None:
    names = [f"r{k}" for k in range(12)]
    made(*names, "gone")
    give_feedback("gone", "ada", "up")
    jobs = [threading.Thread(target=give_feedback, args=(n, "ada", "up")) for n in names]
    jobs += [threading.Thread(target=forget, args=(["gone"],)) for _ in range(4)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert all(feedback_of(n) for n in names) and feedback_of("gone") is None


def test_labels_come_with_their_records_and_go_with_their_session() -> None:
    options = Options(model=Conversing([creameries()]), route="compiled")
    talking, other = Session("ada/plan", options=options), Session("ada/other", options=options)
    talking.send(PROBLEM)
    talking.send("What if the capacity of Birch grows by 20%?")
    other.options = Options(model=Conversing([creameries()]), route="compiled")
    other.send(PROBLEM)
    first, what_if = talking.talk.versions
    kept = other.talk.versions[0]
    for number, version in enumerate((what_if, first, kept)):
        give_feedback(version.record, "ada", "up", str(number), version=version.number)
    labelled = list(labelled_records())
    assert [found.feedback.reason for found in labelled] == ["0", "1", "2"]
    objectives = [found.record.result.objective for found in labelled if found.record.result]
    assert objectives[1] == first.objective and objectives[0] == what_if.objective
    assert labelled[1].record.calls
    sessions.delete("ada/plan")
    assert [found.feedback.reason for found in labelled_records()] == ["2"]
    assert first.record not in (data_dir() / FILE).read_text(encoding="utf-8")
    assert stat.S_IMODE((data_dir() / FILE).stat().st_mode) == 0o600


def test_labels_without_a_record_are_left_out() -> None:
    made("r1")
    give_feedback("r1", "ada", "up")
    assert list(labelled_records()) == []
