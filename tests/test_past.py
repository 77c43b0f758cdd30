"""Earlier answers are found again: by run, folder or file, and by the newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from optiwright import Formulation, Result, UserError, cli, solve
from optiwright.agent import places
from optiwright.agent.past import open_result, past_runs
from tests.sample_formulations import SAMPLES

MIX = SAMPLES["product_mix"].formulation


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def solved() -> Result:
    return solve(MIX)


def test_nothing_was_solved_yet() -> None:
    with pytest.raises(UserError, match="no earlier run") as caught:
        open_result()
    assert "optiwright solve" in caught.value.remedy


def test_the_newest_run_is_the_last(solved: Result) -> None:
    newer = solve(MIX)
    assert [p.name for p in past_runs()] == [newer.run_id, solved.run_id]
    assert open_result().run_id == newer.run_id


@pytest.mark.parametrize("letters", ["ab", "ba"])
def test_of_two_runs_begun_in_one_second_the_later_one_is_the_last(
    letters: str, solved: Result
) -> None:
    (places.records_dir() / solved.run_id).rename(places.records_dir() / "20000101-000000-0")
    runs = [places.records_dir() / f"20000102-000000-{letter}" for letter in letters]
    for run in runs:
        solve(MIX)
        (places.records_dir() / past_runs()[0].name).rename(run)
    assert past_runs()[:2] == runs[::-1]


def test_a_run_by_its_id_the_beginning_of_it_its_folder_and_its_file(solved: Result) -> None:
    folder = places.records_dir() / solved.run_id
    for where in (solved.run_id, solved.run_id[:12], folder, folder / "result.json"):
        assert open_result(where) == solved


def test_a_beginning_that_fits_two_runs_is_refused(solved: Result) -> None:
    solve(MIX)
    with pytest.raises(UserError, match="2 runs begin with"):
        open_result(solved.run_id[:4])


def test_a_formulation_is_solved(tmp_path: Path, solved: Result) -> None:
    MIX.save(tmp_path / "mix.json")
    opened = open_result(tmp_path / "mix.json")
    assert opened.objective == pytest.approx(solved.objective)
    assert opened.formulation == Formulation.load(tmp_path / "mix.json")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"sets": 3}', "not a formulation"),
        ("no json", "not a formulation"),
        ('{"run_id": 1}', "a result"),
    ],
)
def test_a_file_that_is_neither_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(Exception, match=complaint) as caught:
        open_result(tmp_path / "x.json")
    assert caught.type.__module__.startswith("optiwright")


def test_a_folder_without_a_result_and_an_unknown_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no result in that folder"):
        open_result(tmp_path)
    with pytest.raises(UserError, match="no run, file or folder"):
        open_result("2019")


def test_the_commands_list_and_show(
    solved: Result, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["optiwright", "runs"])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    assert solved.run_id in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["optiwright", "show", "--run", solved.run_id])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    assert solved.explanation.splitlines()[0] in capsys.readouterr().out
