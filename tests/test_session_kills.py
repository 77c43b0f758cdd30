"""A session that was killed in the middle of any step goes on from the step before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from optiwright import UserError
from optiwright.agent.history import History
from optiwright.agent.places import records_dir
from optiwright.agent.recorder import read_events
from optiwright.agent.session_state import Turn
from tests.coffee import FOLDER, coffee
from tests.coffee import PROBLEM as COFFEE
from tests.conversations import PROBLEM, PROFIT, ROOT
from tests.killed_sessions import Said, contents, session

POINTS = [
    "turn_started",
    "turn_routed",
    "run_started",
    "step_started formulate",
    "model_called formulate",
    "step_finished formulate",
    "step_started check",
    "step_started compile",
    "step_started solve",
    "step_finished solve",
    "step_started verify",
    "step_started explain",
    "run_finished",
    "turn_finished",
]
REVISED = ["turn_routed", "what_changes", "step_started solve", "run_finished", "turn_finished"]
BEFORE_THE_REPLY = {"turn_started", "turn_routed", "run_started", "step_started formulate"}
LOST_WITH_THE_STEP = {"model_called formulate", "step_finished formulate"}


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


def killed(folder: Path, points: list[str], *texts: str | Said) -> None:
    """Kill a child at each point; every point is hit."""
    said = [(text, {}) if isinstance(text, str) else text for text in texts]
    command = [sys.executable, "-m", "tests.killed_sessions", str(folder)]
    done = subprocess.run(
        [*command, json.dumps(points), json.dumps(said)],
        cwd=ROOT, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == points


@pytest.mark.slow
def test_a_problem_killed_at_any_step_goes_on_from_the_step_before(tmp_path: Path) -> None:
    killed(tmp_path, POINTS, PROBLEM)
    for number, point in enumerate(POINTS):
        asked = tmp_path / f"asked{number}"
        talking = session(f"killed{number}", asked)
        standing = talking.standing()
        begun = point != "turn_started"  # before that nothing is written down
        assert standing.state == ("cut off" if begun else "idle"), point
        turn = talking.resume() if begun else talking.send(PROBLEM)
        assert isinstance(turn, Turn) and (turn.ok, turn.made, turn.current) == (True, 1, 1), point
        assert talking.result is not None
        assert talking.result.objective == pytest.approx(PROFIT)
        times = len(asked.read_text("utf-8").splitlines())
        assert times == (2 if point in LOST_WITH_THE_STEP else 1), point
        events = list(read_events(records_dir() / talking.talk.versions[0].record))
        assert [e.seq for e in events] == list(range(len(events))), point
        assert [t.number for t in talking.talk.turns] == [1]
        assert talking.resume() is None
    assert len(list(records_dir().iterdir())) == len(POINTS)


@pytest.mark.slow
def test_a_revision_killed_at_any_step_is_made_once(tmp_path: Path) -> None:
    killed(tmp_path, REVISED, PROBLEM, "Make it at most two creameries.")
    for number, point in enumerate(REVISED):
        talking = session(f"killed{number}", tmp_path / f"asked{number}")
        assert talking.standing().state == "cut off", point
        turn = talking.send("hello")  # what was cut off is brought to its end first
        assert isinstance(turn, Turn) and turn.number == 3
        revision = talking.talk.turns[1]
        assert (revision.kind, revision.ok, revision.made) == ("revision", True, 2), point
        version = talking.talk.versions[1]
        assert version.objective == pytest.approx(6760) and version.parent == 1
        root = records_dir() / talking.talk.versions[0].record
        assert [p.name for p in (root / "revisions").iterdir()] == ["1"], point
        assert list(History(root).revisions) == [1]


FILES = {n: str(FOLDER / n) for n in ("roasteries.csv", "orders.xlsx", "prices.json")}
JUNE = {"roasteries.csv": str(FOLDER / "roasteries-june.csv")}
WITH_FILES = ["step_started formulate", "step_started solve", "turn_finished"]
REPLACED = ["turn_routed", "step_started solve", "run_finished"]


@pytest.mark.slow
def test_a_problem_with_files_killed_at_any_step_still_has_them(tmp_path: Path) -> None:
    killed(tmp_path, WITH_FILES, (COFFEE, FILES))
    for number, point in enumerate(WITH_FILES):
        asked = tmp_path / f"asked{number}"
        talking = session(f"killed{number}", asked, coffee)
        assert talking.standing().state == "cut off", point
        turn = talking.resume()
        assert isinstance(turn, Turn) and (turn.ok, turn.made, turn.current) == (True, 1, 1), point
        assert [f.name for f in turn.files] == list(FILES), point
        assert talking.result is not None
        assert talking.result.objective == pytest.approx(7122.5), point
        assert len(asked.read_text("utf-8").splitlines()) == 1, point


@pytest.mark.slow
def test_other_files_killed_at_any_step_are_taken_once(tmp_path: Path) -> None:
    killed(tmp_path, REPLACED, (COFFEE, FILES), ("use this file instead", JUNE))
    whole = session("whole", tmp_path / "asked", coffee)
    whole.send(COFFEE, files=contents(FILES))
    whole.send("use this file instead", files=contents(JUNE))
    june = whole.talk.versions[1].objective
    for number, point in enumerate(REPLACED):
        asked = tmp_path / f"asked{number}"
        talking = session(f"killed{number}", asked, coffee)
        assert talking.standing().state == "cut off", point
        turn = talking.resume()
        assert isinstance(turn, Turn), point
        assert (turn.kind, turn.ok, turn.made, turn.current) == ("data", True, 2, 2), point
        version = talking.talk.versions[1]
        assert version.objective == pytest.approx(june) and version.parent == 1, point
        assert version.objective != pytest.approx(7122.5)
        assert len(asked.read_text("utf-8").splitlines()) == 1, point
        assert talking.resume() is None and len(talking.talk.turns) == 2
    assert len(list(records_dir().iterdir())) == 2 * len(REPLACED) + 2


def test_a_fault_of_ours_ends_the_turn_and_is_not_met_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from optiwright.agent import turns

    async def broken(desk: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(turns.ACTS, "talk", broken)
    talking = session("fault", tmp_path / "asked")
    with pytest.raises(ZeroDivisionError):
        talking.send("hello")
    assert talking.standing().state == "idle"
    assert talking.talk.turns[0].stopped == "killed"
    with pytest.raises(UserError):
        talking.send("")
