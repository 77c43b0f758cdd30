"""docs/training.md: every command runs, and prints what the page shows where it shows something."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from optiwright.training.row_files import write_rows
from optiwright.training.row_verdicts import Reason
from tests.evaluations import Optiwright
from tests.training_rows import BAKERY, BAKERY_PROGRAM, bakery, ferry, wells

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ (optiwright [^\n]*)\n(.*?)```", DOCUMENT, flags=re.DOTALL)
DATA = DOCUMENT[DOCUMENT.index("## Data") :].partition("\n## ")[0]


@pytest.fixture(autouse=True)
def a_folder_with_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows(tmp_path / "rows.jsonl", [bakery(), wells(), ferry(), bakery(optimum=7.0)])
    published = [{"question": BAKERY, "nl_solution": "", "code_solution": BAKERY_PROGRAM}]
    (tmp_path / "resocratic-29k.json").write_text(json.dumps(published))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTIWRIGHT_DATA", str(tmp_path / "no-benchmarks"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


def test_the_commands_of_the_data_section_run(optiwright_: Optiwright) -> None:
    commands = [block for block in BLOCKS if block[0].startswith("optiwright data")]
    assert len(commands) >= 5
    for command, shown in commands:
        code, out, err = optiwright_(*shlex.split(command)[1:])
        assert code == 0, (command, err)
        told = "\n".join(line.rstrip() for line in out.splitlines())
        assert told.startswith(shown.rstrip("\n")), (command, out)


def test_the_page_names_every_reason() -> None:
    for reason in Reason:
        assert reason in " ".join(DATA.split()) or reason is Reason.AGREED, reason
