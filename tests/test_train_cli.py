"""`optiwright train`: what is typed, what is told, and what is missing."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from optiwright.formulators.errors import UserError
from optiwright.training import tuning_trouble
from optiwright.training.config_files import read_config
from optiwright.training.export import export
from optiwright.training.row_files import write_rows
from optiwright.training.tuning_log import Line, RunLog, loss_curve, read_log
from optiwright.training.tuning_trouble import ready
from tests.tiny_base import tiny_rows, write_tiny_base, write_tuning

Command = Callable[..., tuple[int, str, str]]


def test_the_command_tunes_and_goes_on(optiwright_: Command, tmp_path: Path) -> None:
    base = write_tiny_base(tmp_path / "base")
    config = write_tuning(
        tmp_path, base, tiny_rows(4), data={"files": []}, schedule={"steps": 2, "accumulation": 1}
    )
    typed = ("train", "sft", "--config", str(config), "--rows", str(tmp_path / "rows.jsonl"))
    code, said, told = optiwright_(*typed, "--out", str(tmp_path / "run"))
    assert (code, said.strip()) == (0, str(tmp_path / "run" / "card.md"))
    assert "4 examples" in told and "step 2 of 2" in told
    before = (tmp_path / "run" / "adapter" / "adapter_model.safetensors").read_bytes()
    code, said, told = optiwright_(*typed, "--out", str(tmp_path / "run"))
    assert code == 0 and "going on from step 2" in told
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").read_bytes() == before


def test_a_run_without_rows_or_with_anothers_configuration_is_refused(
    optiwright_: Command,
) -> None:
    code, _, told = optiwright_("train", "sft", "--config", "sft-0.5b-cpu")
    assert code == 2 and "no rows are given" in told and "--rows FILE" in told
    code, _, told = optiwright_("train", "sft", "--config", "kto-0.5b-cpu")
    assert code == 2 and "optiwright train kto" in told


def test_a_folder_that_holds_something_else_is_left_alone(
    optiwright_: Command, tmp_path: Path
) -> None:
    config = write_tuning(tmp_path, write_tiny_base(tmp_path / "base"), tiny_rows(4))
    out = tmp_path / "mine"
    (out / "checkpoint-1").mkdir(parents=True)
    for name in ("a", "b", "c"):
        (out / name).touch()
    code, _, told = optiwright_("train", "sft", "--config", str(config), "--out", str(out))
    assert code == 2 and "something other than a run: `a`, `b`, `c` and 1 more" in told
    assert sorted(path.name for path in out.iterdir()) == ["a", "b", "c", "checkpoint-1"]
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".lock").touch()
    typed = ("train", "sft", "--config", str(config), "--out", str(tmp_path / "empty"))
    assert optiwright_(*typed)[0] == 0


def test_rows_and_replies_that_change_places_are_told_apart(
    optiwright_: Command, tmp_path: Path
) -> None:
    rows, replies = str(tmp_path / "rows.jsonl"), str(tmp_path / "replies.jsonl")
    write_rows(Path(rows), tiny_rows(2))
    reply: dict[str, object] = {
        "task": "question_to_script",
        "prompt": [{"role": "user", "content": "a"}],
    }
    reply |= {"completion": "b", "label": True, "why": "", "origin": ""}
    Path(replies).write_text(json.dumps(reply) + "\n")
    for command in ("kto", "plan"):
        code, _, told = optiwright_("train", command, "--config", "kto-0.5b-cpu", "--replies", rows)
        assert code == 2 and "these are rows, not labelled replies" in told and "`--rows`" in told
    code, _, told = optiwright_("train", "sft", "--config", "sft-0.5b-cpu", "--rows", replies)
    assert code == 2 and "these are labelled replies, not rows" in told and "`--replies`" in told
    Path(replies).write_text(json.dumps(reply | {f"field {k}": k for k in range(20)}) + "\n")
    code, _, told = optiwright_("train", "kto", "--config", "kto-0.5b-cpu", "--replies", replies)
    assert code == 2 and "`field 0`, `field 1`, `field 2` and 17 more" in told


def test_a_plan_is_told_in_words_and_as_json(optiwright_: Command, tmp_path: Path) -> None:
    typed = ["train", "plan", "--config", "sft-7b-gpu", "--price", "2.5"]
    code, said, _ = optiwright_(*typed)
    assert code == 0
    assert "of 80.0 GB" in said and "give the rows, `--rows FILE`" in said
    write_rows(tmp_path / "rows.jsonl", tiny_rows(40))
    typed += ["--rows", str(tmp_path / "rows.jsonl"), "--tokens-per-second", "2000"]
    code, said, _ = optiwright_(*typed)
    assert code == 0 and "at 2,000 tokens/s (given)" in said and "money: " in said
    assert f"start: optiwright train sft --config sft-7b-gpu --rows {tmp_path}/rows.jsonl" in said
    code, said, _ = optiwright_(*typed, "--json")
    assert code == 0 and json.loads(said)["cost"] > 0


def test_what_a_plan_cannot_be_made_of_is_said(optiwright_: Command, tmp_path: Path) -> None:
    config = write_tuning(tmp_path, tmp_path / "a base", [])
    code, _, told = optiwright_("train", "plan", "--config", str(config))
    assert code == 2 and "there is no model" in told
    (tmp_path / "a base").mkdir()
    code, _, told = optiwright_("train", "plan", "--config", str(config))
    assert code == 2 and "holds no model: it has no config.json" in told
    code, _, told = optiwright_("train", "plan", "--config", "sft-7b-gpu", "--replies", "x.jsonl")
    assert code == 2 and "sft takes no replies" in told


@pytest.mark.parametrize(
    ("name", "gpus"),
    [("sft-7b-gpu", 1), ("sft-14b-gpu", 1), ("sft-7b-8gpu", 8), ("grpo-7b-gpu", 1)],
)
def test_without_a_gpu_a_configuration_for_one_is_refused(
    name: str, gpus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning_trouble, "require_libraries", lambda config: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match=f"for {gpus} GPUs?, and there are none here") as caught:
        ready(read_config(name))
    assert "sft-0.5b-cpu" in caught.value.remedy


def test_one_process_for_eight_gpus_is_told_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning_trouble, "require_libraries", lambda config: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 8)
    with pytest.raises(UserError, match="one process was started for 8 GPUs") as caught:
        ready(read_config("sft-7b-8gpu"))
    assert "accelerate-fsdp.yaml --num_processes 8 -m optiwright train sft" in caught.value.remedy
    monkeypatch.setenv("WORLD_SIZE", "8")
    ready(read_config("sft-7b-8gpu"))


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name in {"trl", "bitsandbytes"} else name,
    )
    with pytest.raises(UserError, match="training needs trl, bitsandbytes") as caught:
        ready(read_config("sft-14b-gpu"))
    assert "pip install 'optiwright[train]'" in caught.value.remedy
    assert "pip install bitsandbytes" in caught.value.remedy
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "peft" else name)
    with pytest.raises(UserError, match="exporting needs peft") as caught:
        export(Path("run"))
    assert caught.value.remedy == "Run `pip install 'optiwright[train]'`."


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from optiwright.cli import app; from typer.testing import CliRunner;"
        "out = CliRunner().invoke(app, ['train', '--help']).output; assert 'sft' in out, out;"
        "import optiwright.training.tuning_plan, optiwright.training.config_files;"
        "print([m for m in ('torch', 'transformers', 'trl', 'peft') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_log_goes_on_from_the_checkpoints_step(tmp_path: Path) -> None:
    with RunLog(tmp_path, 0) as log:
        for step in (1, 2, 3):
            log.add(Line(step=step, loss=3.0 - step, seconds=step))
        log.add(Line(step=2, right=3, asked=4))
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')  # what a kill cuts off
    with RunLog(tmp_path, 2) as log:
        assert [line.step for line in log.lines] == [1, 2, 2]
        assert log.best is not None and log.best.step == 2
        assert log.seconds == 2
        log.add(Line(step=3, loss=0.5))
    assert [line.step for line in read_log(tmp_path)] == [1, 2, 2, 3]


def test_the_curve_shows_losses_and_looks() -> None:
    lines = [Line(step=n, loss=2.0 / n) for n in range(1, 30)]
    assert "solved" not in loss_curve(lines)
    drawn = loss_curve([*lines, Line(step=10, right=1, asked=4)])
    assert "step 10: 25% solved" in drawn and drawn.count("<path") > 4
    assert "</svg>" in loss_curve([])
