"""SFT on a tiny random model: what is learned, and that nothing which ends it loses anything."""

from __future__ import annotations

import json
import os
import resource
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from optiwright.formulators.errors import UserError
from optiwright.training import checkpoints, solving_accuracy, tuning_card, tuning_watch
from optiwright.training import sft as trainer_module
from optiwright.training.checkpoints import last_whole
from optiwright.training.config_files import read_config
from optiwright.training.instructions import Task, instructions
from optiwright.training.sft import sft
from optiwright.training.tuning_card import RunCard
from optiwright.training.tuning_config import SftConfig
from optiwright.training.tuning_log import read_log
from optiwright.training.tuning_rows import IGNORED, encode
from tests.tiny_base import tiny_rows, write_tiny_base, write_tuning


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def told(base: Path, tmp_path_factory: pytest.TempPathFactory) -> SftConfig:
    folder = tmp_path_factory.mktemp("told")
    return sft_config(write_tuning(folder, base, tiny_rows()))


@pytest.fixture(scope="module")
def undisturbed(told: SftConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    assert sft(told, out) is not None
    return out


def sft_config(path: Path) -> SftConfig:
    config = read_config(path)
    assert isinstance(config, SftConfig)
    return config


def changed(config: SftConfig, section: str, **fields: Any) -> SftConfig:
    part = getattr(config, section).model_copy(update=fields)
    return config.model_copy(update={section: part})


def in_a_child(work: Callable[[], object]) -> int:
    """Do something in a forked process and return how it ended, as `waitpid` tells."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitpid(child, 0)[1]


def kill_oneself(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def weights(out: Path) -> dict[str, Any]:
    return dict(load_file(out / "adapter" / "adapter_model.safetensors"))


def assert_same_run(one: Path, other: Path) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    losses = [[(line.step, line.loss) for line in read_log(out)] for out in (one, other)]
    assert losses[0] == losses[1]


def test_a_run_learns_and_tells_what_it_was_made_of(undisturbed: Path) -> None:
    card = RunCard.model_validate_json((undisturbed / "card.json").read_text())
    assert card.steps == 6 and card.kept_step == 6
    assert card.last_loss is not None and card.first_loss is not None
    assert card.last_loss < card.first_loss
    assert card.rows == card.examples == 12
    assert card.families == {"loaves": 8, "more loaves": 4}
    assert "optibench" in card.unchecked_benchmarks
    assert len(card.files) == 1 and card.files[0].rows == 12
    assert card.files[0].sha256 in (undisturbed / "card.md").read_text()
    assert "</svg>" in (undisturbed / "loss.svg").read_text()
    assert [line.step for line in read_log(undisturbed)] == [1, 2, 3, 4, 5, 6]
    assert {p.name for p in undisturbed.glob("checkpoint-*")} == {"checkpoint-4", "checkpoint-6"}
    assert any(
        value.abs().max() > 0 for name, value in weights(undisturbed).items() if "lora_B" in name
    )


def test_the_prompt_is_masked_and_the_end_of_the_turn_is_learned(
    told: SftConfig, base: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    rows = tiny_rows(2)
    for instruction, example in zip(
        instructions(rows, [Task.QUESTION_TO_SCRIPT]),
        encode(rows, told, tokenizer).examples,
        strict=True,
    ):
        messages = [m.model_dump() for m in instruction.prompt]
        asked = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_dict=True
        )["input_ids"]
        told_whole = [*messages, {"role": "assistant", "content": instruction.completion}]
        whole = tokenizer.apply_chat_template(told_whole, return_dict=True)["input_ids"]
        learned = [label for label in example.labels if label != IGNORED]
        assert list(example.ids[: len(asked)]) == asked
        assert list(example.ids) == whole[: len(example.ids)]
        assert example.labels[: len(asked)] == (IGNORED,) * len(asked)
        assert tokenizer.decode(learned) == f"{instruction.completion}<|im_end|>"
        assert learned[-1] == tokenizer.eos_token_id


def test_rows_that_are_too_long_or_kept_aside_are_told_and_left_out(
    told: SftConfig, tmp_path: Path
) -> None:
    rows = [
        *tiny_rows(4),
        *tiny_rows(1, text="A baker. " * 99),
        *tiny_rows(2, split="test", text="x"),
    ]
    path = write_tuning(tmp_path, Path(told.base), rows, schedule={"steps": 1})
    heard: list[str] = []
    card = sft(sft_config(path), tmp_path / "out", say=heard.append)
    assert card is not None
    assert card.examples == 4
    assert card.too_long == (rows[4].id,)
    assert card.kept_aside == 2
    assert any(f"1,024 tokens and are left out: {rows[4].id} (1," in words for words in heard)


def test_killed_between_two_steps_a_run_goes_on_to_the_same_weights(
    told: SftConfig, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_three(self: Any, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 3:
            kill_oneself()

    with monkeypatch.context() as patch:
        patch.setattr(tuning_watch.Watch, "on_step_end", after_three)
        assert os.WTERMSIG(in_a_child(lambda: sft(told, tmp_path))) == signal.SIGKILL
    assert last_whole(tmp_path).step == 2
    assert sft(told, tmp_path) is not None
    assert_same_run(tmp_path, undisturbed)


@pytest.mark.parametrize("when", ["seal", "sha256_of", "drop_old"])
def test_killed_in_the_middle_of_a_checkpoint_a_run_goes_on_to_the_same_weights(
    when: str,
    told: SftConfig,
    undisturbed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die_at_the_second() -> None:
        real = getattr(checkpoints, when)

        def sometimes(*given: Any, **named: Any) -> Any:
            if (tmp_path / "checkpoint-2").exists():
                kill_oneself()
            return real(*given, **named)

        with monkeypatch.context() as patch:
            patch.setattr(checkpoints, when, sometimes)
            sft(told, tmp_path)

    assert os.WTERMSIG(in_a_child(die_at_the_second)) == signal.SIGKILL
    assert last_whole(tmp_path).step == 2
    assert not list(tmp_path.glob("writing-*"))
    assert sft(told, tmp_path) is not None
    assert_same_run(tmp_path, undisturbed)


def test_a_broken_checkpoint_is_passed_over(
    told: SftConfig, undisturbed: Path, tmp_path: Path
) -> None:
    assert sft(told, tmp_path) is not None
    for name in ("adapter/adapter_model.safetensors", "card.json"):
        (tmp_path / name).unlink()
    broken = tmp_path / "checkpoint-6" / "optimizer.pt"
    content = bytearray(broken.read_bytes())
    content[len(content) // 2] ^= 1
    broken.write_bytes(content)
    heard: list[str] = []
    assert sft(told, tmp_path, say=heard.append) is not None
    assert any("checkpoint-6 is broken" in words for words in heard)
    assert "going on from step 4" in heard
    assert_same_run(tmp_path, undisturbed)


def test_a_run_that_was_ended_after_its_last_step_is_closed(
    told: SftConfig, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tuning_card, "keep_learned", kill_oneself)
        assert os.WTERMSIG(in_a_child(lambda: sft(told, tmp_path))) == signal.SIGKILL
    card = sft(told, tmp_path)
    assert card is not None and card.steps == 6
    assert_same_run(tmp_path, undisturbed)


def test_an_interrupt_saves_and_the_same_call_goes_on(
    told: SftConfig, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tuning_watch.Watch.on_log

    def interrupted(self: Any, args: Any, state: Any, control: Any, **given: Any) -> None:
        if state.global_step == 1 and "loss" in given["logs"]:
            os.kill(os.getpid(), signal.SIGINT)
        real(self, args, state, control, **given)

    with monkeypatch.context() as patch:
        patch.setattr(tuning_watch.Watch, "on_log", interrupted)
        assert sft(told, tmp_path) is None
    assert last_whole(tmp_path).step in {1, 2}
    assert not (tmp_path / "card.json").exists()
    assert sft(told, tmp_path) is not None
    assert_same_run(tmp_path, undisturbed)


def test_only_the_same_run_goes_on_in_a_folder(told: SftConfig, undisturbed: Path) -> None:
    other = changed(told, "schedule", learning_rate=0.02)
    with pytest.raises(UserError, match=r"`schedule.learning_rate`: 0.01, now 0.02"):
        sft(other, undisturbed)
    rows = told.data.files[0].with_name("other.jsonl")
    rows.write_text("".join(f"{row.model_dump_json()}\n" for row in tiny_rows(3)))
    with pytest.raises(UserError, match="a run with other rows was begun there"):
        sft(changed(told, "data", files=(rows,)), undisturbed)


def test_a_run_that_came_to_nothing_leaves_its_folder_to_another(
    told: SftConfig, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="nowhere"):
        sft(told.model_copy(update={"base": "nowhere.gguf"}), tmp_path)
    assert sft(told, tmp_path) is not None


def test_two_processes_do_not_train_in_one_folder(told: SftConfig, tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another process trains there"):
            sft(told, tmp_path)


@pytest.mark.parametrize("room", [9_000, 45_000])  # for no weights, for no optimizer's state
def test_a_full_disk_ends_a_run_that_goes_on_when_there_is_room(
    room: int, told: SftConfig, undisturbed: Path, tmp_path: Path
) -> None:
    def with_little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        with pytest.raises(UserError) as caught:
            sft(told, tmp_path)
        assert "the checkpoint of step 2 could not be written" in caught.value.what
        assert "Make room on the disk; the same command goes on" in caught.value.remedy

    assert in_a_child(with_little_room) == 0
    assert last_whole(tmp_path).path is None
    assert sft(told, tmp_path) is not None
    assert_same_run(tmp_path, undisturbed)


@pytest.mark.parametrize("where", ["the loss", "a gradient"])
def test_what_is_no_number_stops_before_the_weights_take_it_in(
    where: str, told: SftConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trainer_module._completion_loss
    calls: list[None] = []

    def broken(model: Any, inputs: Any, count: Any) -> Any:
        calls.append(None)
        loss = real(model, inputs, count)
        if len(calls) <= 6:  # three steps of two batches
            return loss
        if where == "the loss":
            return loss * float("nan")
        loss.register_hook(lambda gradient: gradient * float("inf"))
        return loss

    monkeypatch.setattr(trainer_module, "_completion_loss", broken)
    with pytest.raises(UserError) as caught:
        sft(told, tmp_path)
    assert f"{where} at step 4 is no finite number" in caught.value.what
    assert str(tmp_path / "checkpoint-2") in caught.value.what
    assert "a lower `schedule.learning_rate` (it is 0.01)" in caught.value.remedy


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_out_of_memory_says_what_to_lower(
    error: Exception, told: SftConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(trainer_module, "_completion_loss", greedy)
    with pytest.raises(UserError) as caught:
        sft(told, tmp_path)
    assert caught.value.what == "out of memory; no checkpoint was written yet"
    assert "`data.max_length` (it is 1024)" in caught.value.remedy
    assert "`computing.gradient_checkpointing: true`" in caught.value.remedy


def test_a_row_that_is_none_is_named(told: SftConfig, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    good = tiny_rows(1)[0].model_dump(mode="json")
    rows.write_text(json.dumps(good) + "\n" + json.dumps({**good, "optimum": "many"}) + "\n")
    with pytest.raises(UserError, match="line 2") as caught:
        sft(changed(told, "data", files=(rows,)), tmp_path / "out")
    assert "optimum" in str(caught.value)


def test_what_the_model_solves_is_counted_and_the_best_is_kept(
    told: SftConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([1, 0, 3, 2])
    monkeypatch.setattr(
        solving_accuracy.SolvingAccuracy, "of", lambda self, model: (next(looks), len(self.rows))
    )
    config = changed(told, "accuracy", every=2, rows=3)
    config = changed(config, "saving", every=2, keep=1)
    card = sft(config, tmp_path)
    assert card is not None
    assert [(v.step, v.right, v.asked) for v in card.looks] == [
        (0, 1, 3), (2, 0, 3), (4, 3, 3), (6, 2, 3)
    ]  # fmt: skip
    assert card.kept_step == 4 and card.rows == 9
    kept = load_file(tmp_path / "checkpoint-4" / "adapter_model.safetensors")
    assert all(torch.equal(kept[name], value) for name, value in weights(tmp_path).items())
    assert {p.name for p in tmp_path.glob("checkpoint-*")} == {"checkpoint-4", "checkpoint-6"}


def test_looking_changes_nothing_of_the_training(
    told: SftConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = changed(told, "accuracy", every=3, rows=3, max_tokens=8)
    looked = sft(config, tmp_path / "looked")
    assert looked is not None
    assert [(v.step, v.right, v.asked) for v in looked.looks] == [(0, 0, 3), (3, 0, 3), (6, 0, 3)]
    monkeypatch.setattr(solving_accuracy.SolvingAccuracy, "of", lambda self, model: (0, 3))
    assert sft(config, tmp_path / "not") is not None
    assert_same_run(tmp_path / "looked", tmp_path / "not")
