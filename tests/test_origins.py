"""How a run was named: the command that its report shows makes the same run, from any folder."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from optiwright.evaluation.api import Choices, evaluations_dir, prepare
from optiwright.evaluation.evaluated import Evaluated, read_run
from optiwright.evaluation.origins import ORIGIN, Origin, origin_of
from optiwright.evaluation.records import SETTINGS
from optiwright.testing import ScriptedModel
from tests.evaluations import Optiwright, settings_of
from tests.fake_provider import answer, fake_provider
from tests.wire_samples import BAKERY, flat_reply

ROWS = [{"text": BAKERY, "answer": "160"}]
GOOD = answer(json.dumps(flat_reply()))


@pytest.fixture(autouse=True)
def places_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("COLUMNS", "400")


def the_run() -> Path:
    """The one run that was made."""
    (settings,) = evaluations_dir().glob(f"*/{SETTINGS}")
    return settings.parent


@pytest.mark.parametrize("named", ["my problems.jsonl", "nl4opt.jsonl", "my folder"])
def test_the_command_of_a_users_own_problems_can_be_copied(
    named: str, optiwright_: Optiwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / named
    if place.suffix:
        place.write_text("\n".join(map(json.dumps, ROWS)))
    else:
        place.mkdir()
        (place / "bakery.txt").write_text(BAKERY)
        (place / "expected.json").write_text('[{"file": "bakery.txt", "objective": 160}]')
    monkeypatch.chdir(tmp_path)
    with fake_provider(GOOD) as server:
        choices = ("--base-url", server.base_url, "--route", "compiled", "--form", "flat")
        assert optiwright_("eval", named, *choices)[0] == 0
        asked = len(server.bodies)
        monkeypatch.chdir("/")
        assert optiwright_("eval", "report", str(the_run()))[0] == 0
        (shown,) = [
            line
            for line in (the_run() / "report.md").read_text().splitlines()
            if line.startswith("optiwright eval ")
        ]
        code, _, err = optiwright_(*shlex.split(shown)[1:])
    assert code == 0, err
    assert asked == 1 and len(server.bodies) == asked, "it went on with another run"
    assert read_run(the_run()).name.startswith(place.stem)


def test_a_published_benchmark_is_called_by_its_name_beside_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "BWOR.json").write_text(json.dumps([{"en_question": BAKERY, "en_answer": "160"}]))
    monkeypatch.chdir(tmp_path)
    prepared = prepare("bwor", Choices(model=ScriptedModel([]), data=Path()))
    assert prepared.origin == Origin(benchmark="bwor", data=str(tmp_path.resolve()))
    monkeypatch.setenv("OPTIWRIGHT_DATA", str(tmp_path))
    assert prepare("all", Choices(model=ScriptedModel([]))).origin.data == str(tmp_path.resolve())
    monkeypatch.delenv("OPTIWRIGHT_DATA")
    assert origin_of("bwor", None, None, None) == Origin(benchmark="bwor")


def test_an_embedded_model_of_ones_own_is_called_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = str((tmp_path / "models/own.gguf").resolve())
    assert origin_of("all", None, "models/own.gguf", None).model == file
    assert origin_of("all", None, "hf:owner/repo/a.gguf", None).model == "hf:owner/repo/a.gguf"
    assert origin_of("all", None, "gpt-name", None).model is None
    monkeypatch.setenv("OPTIWRIGHT_MODEL", "models/own.gguf")
    assert origin_of("all", None, None, None).model == file
    run = Evaluated((tmp_path,), settings_of([]), (), origin=Origin(benchmark="made", model=file))
    assert shlex.split(run.command)[2:5] == ["made", "--model", file]


def test_no_secret_of_an_address_is_kept() -> None:
    origin = origin_of("all", None, None, "https://me:secret@server.example:8000/v1?key=hidden")
    assert origin.base_url == "https://server.example:8000/v1"


def test_a_run_from_before_is_called_by_its_benchmark(tmp_path: Path) -> None:
    (tmp_path / ORIGIN).write_text("no origin")
    run = Evaluated((tmp_path,), settings_of([]), ())
    assert shlex.split(run.command)[2] == "made"
