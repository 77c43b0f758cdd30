"""KTO and GRPO on a tiny random model: two steps, ended and gone on with, what they refuse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optiwright.formulators.errors import UserError
from optiwright.training.config_files import read_config
from optiwright.training.drawn_replies import Drawn
from optiwright.training.instructions import Task, completion_of, prompt_of
from optiwright.training.preferences import LabelledReply, write_labelled
from optiwright.training.rewards import Answered, Judge, Parts, Reward
from optiwright.training.row_files import write_rows
from optiwright.training.tuning_config import GrpoConfig, KtoConfig

trl = pytest.importorskip("trl")

from tests.tiny_base import tiny_rows, write_tiny_base, write_tuning  # noqa: E402

ROWS = tiny_rows(6)
OF = Task.QUESTION_TO_SCRIPT
GUIDE = Path(__file__).parents[1] / "docs" / "training.md"
DRAWN = {"each": 2, "max_tokens": 8, "temperature": 1.5}


class ByLength(Judge):
    """Rewards a reply by its length, so that a random model has something to learn."""

    def __init__(self, most: int = 10**9) -> None:
        super().__init__()
        self.asked = 0
        self._most = most

    async def reward(self, answered: Answered) -> Reward | None:
        """Count and measure; past the most that it was made for it is as if the process died."""
        self.asked += 1
        if self.asked > self._most:
            raise KeyboardInterrupt
        return Reward(Parts(1.0, 0.0, 0.0, len(answered.reply) % 5 / 4, None))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("base"))


def kto_config(folder: Path, base: Path, **sections: Any) -> KtoConfig:
    write_labelled(folder / "replies.jsonl", labelled())
    given: dict[str, Any] = {
        "trainer": "kto",
        "data": {"files": []},
        "replies": [str(folder / "replies.jsonl")],
        "schedule": {"batch": 2, "accumulation": 1, "steps": 4},
    }
    config = read_config(write_tuning(folder, base, ROWS, **given | sections))
    assert isinstance(config, KtoConfig)
    return config


def grpo_config(folder: Path, base: Path, **sections: Any) -> GrpoConfig:
    given: dict[str, Any] = {
        "trainer": "grpo",
        "rollouts": {"completions": 2, "max_tokens": 8},
        "schedule": {"batch": 2, "accumulation": 1, "steps": 4},
    }
    config = read_config(write_tuning(folder, base, ROWS, **given | sections))
    assert isinstance(config, GrpoConfig)
    return config


def labelled() -> list[LabelledReply]:
    return [
        LabelledReply(
            task=OF,
            prompt=prompt_of(row, OF),
            completion=completion_of(row, OF) if good else "none",
            label=good,
            why="made up",
            origin=f"row {row.id}",
        )
        for row in ROWS
        for good in (True, False)
    ]


def adapter(out: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    weights: dict[str, Any] = load_file(out / "adapter" / "adapter_model.safetensors")
    return weights


def assert_same(first: Path, second: Path) -> None:
    one, other = adapter(first), adapter(second)
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


def assert_learned(out: Path) -> None:
    """The second half of each adapter begins at zero."""
    assert any(bool((w != 0).any()) for name, w in adapter(out).items() if "lora_B" in name)


def as_after_a_kill(out: Path, copy: Path) -> Path:
    """A run whose process died while its last checkpoint was being written."""
    shutil.copytree(out, copy)
    shutil.rmtree(copy / "adapter")
    (copy / "card.json").unlink()
    torn = copy / "checkpoint-4" / "adapter_model.safetensors"
    torn.write_bytes(torn.read_bytes()[:100])
    return copy


def test_kto_learns_from_files_and_goes_on_after_a_kill(tmp_path: Path, base: Path) -> None:
    from optiwright.training.kto import kto

    config, out = kto_config(tmp_path, base), tmp_path / "run"
    card = kto(config, out)
    assert card is not None
    assert (card.trainer, card.steps, card.examples) == ("kto", 4, 12)
    assert card.last_loss is not None and card.first_loss is not None
    assert card.last_loss < card.first_loss == pytest.approx(0.5)  # the two are alike at first
    assert_learned(out)
    killed = as_after_a_kill(out, tmp_path / "killed")
    said: list[str] = []
    assert kto(config, killed, say=said.append) is not None
    assert_same(out, killed)
    assert any("checkpoint" in line for line in said)


def test_grpo_learns_from_rewards_and_goes_on_after_a_kill(tmp_path: Path, base: Path) -> None:
    from optiwright.training.grpo import grpo

    config, out = grpo_config(tmp_path, base), tmp_path / "run"
    judge = ByLength()
    card = grpo(config, out, judge=judge)
    assert card is not None
    assert (card.trainer, card.steps) == ("grpo", 4)
    assert judge.asked == 8  # a step has two completions
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert all(0 <= line["reward"] <= 1 for line in lines)
    assert len({line["reward"] for line in lines}) > 1
    assert_learned(out)
    killed = as_after_a_kill(out, tmp_path / "killed")
    again = ByLength()
    assert grpo(config, killed, judge=again) is not None
    assert again.asked == 4
    assert_same(out, killed)


def test_the_guide_s_commands_run_with_the_real_reward(
    tmp_path: Path,
    base: Path,
    optiwright_: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the tiny base, in place of the configurations that the guide names."""
    monkeypatch.chdir(tmp_path)
    steps = {"batch": 2, "accumulation": 1, "steps": 1}
    few: dict[str, Any] = {"schedule": steps, "data": {"files": [], "max_length": 1024}}
    kto_config(tmp_path, base, replies=[], drawn=DRAWN, **few)
    (tmp_path / "tiny.yaml").rename(tmp_path / "kto-0.5b-cpu.yaml")
    grpo_config(tmp_path, base, **few)
    (tmp_path / "tiny.yaml").rename(tmp_path / "grpo-0.5b-cpu.yaml")
    write_rows(tmp_path / "rows.jsonl", ROWS[:2])
    lines = [line.split() for line in GUIDE.read_text().splitlines()]
    commands = [words for words in lines if words[:2] == ["optiwright", "train"]]
    commands = [words for words in commands if words[2] in {"kto", "grpo"}]
    assert len(commands) == 3
    for words in commands:
        place = words.index("--config") + 1
        words[place] += ".yaml"
        code, out, err = optiwright_(*words[1:])
        assert code == 0, err
        assert out.strip() == f"{words[-1]}/card.md"
    assert "reward 0.000" in err  # what a random model writes is worth nothing
    code, _, err = optiwright_("train", "kto", "--config", "grpo-0.5b-cpu.yaml")
    assert code != 0
    assert "the configuration is for grpo" in err
    assert "optiwright train grpo" in err


# --- replies that the model draws itself ----------------------------------------------------------


def test_kto_draws_replies_and_goes_on_with_them_after_a_kill(tmp_path: Path, base: Path) -> None:
    from optiwright.training.kto import kto

    files = {"files": [str(tmp_path / "rows.jsonl")], "max_length": 1024}
    config = kto_config(tmp_path, base, data=files, drawn=DRAWN, replies=[])
    first, written = ByLength(), tmp_path / "run" / "replies.jsonl"
    card = kto(config, tmp_path / "run", judge=first)
    assert card is not None
    assert first.asked == 12
    assert card.rows == 6
    kept = (tmp_path / "run" / "drawn.jsonl").read_text()
    drawn = [Drawn.model_validate_json(line) for line in kept.splitlines()]
    replies = [reply for each in drawn for reply in each.replies]
    assert {r.label for r in replies} == {True, False}
    assert all(r.label == (len(r.completion) % 5 >= 2) for r in replies)
    with pytest.raises(KeyboardInterrupt):
        kto(config, tmp_path / "killed", judge=ByLength(7))
    torn = tmp_path / "killed" / "drawn.jsonl"
    assert len(torn.read_text().splitlines()) == 3
    torn.write_text(torn.read_text() + '{"row": "of which a part')
    again = ByLength()
    assert kto(config, tmp_path / "killed", judge=again) is not None
    assert again.asked == 6
    assert torn.read_text() == kept
    given = kto(kto_config(tmp_path, base, replies=[]), tmp_path / "other", replies=[written])
    assert given is not None
    assert given.examples == card.examples
    assert_same(tmp_path / "run", tmp_path / "killed")


def test_a_row_s_own_reply_is_added_where_the_model_has_none(tmp_path: Path) -> None:
    from optiwright.training.drawn_replies import Draws, with_own

    wrong, right = labelled()[1], labelled()[2]
    draws = Draws(each=1, max_tokens=8, temperature=1.0, seed=0)
    drawn = [
        Drawn(row=ROWS[0].id, task=OF, draws=draws, replies=(wrong,)),
        Drawn(row=ROWS[1].id, task=OF, draws=draws, replies=(right,)),
    ]
    found = with_own(drawn, ROWS)
    assert [(r.completion, r.label) for r in found] == [
        ("none", False),
        (ROWS[0].script, True),
        (ROWS[1].script, True),
    ]


# --- where a run starts, and what is refused ------------------------------------------------------


def test_an_earlier_adapter_is_where_a_run_starts(tmp_path: Path, base: Path) -> None:
    from optiwright.training.grpo import grpo
    from optiwright.training.kto import kto

    steps = {"batch": 2, "accumulation": 1, "steps": 2}
    first = tmp_path / "first"
    kto(kto_config(tmp_path, base, schedule=steps), first)
    still = {**steps, "learning_rate": 1e-30}
    start = str(first / "adapter")
    kto(kto_config(tmp_path, base, schedule=still, adapter_from=start), tmp_path / "kto")
    assert_same(first, tmp_path / "kto")
    config = grpo_config(tmp_path, base, schedule=still, adapter_from=start)
    grpo(config, tmp_path / "grpo", judge=ByLength())
    assert_same(first, tmp_path / "grpo")
    nowhere = grpo_config(tmp_path, base, adapter_from=str(tmp_path))
    with pytest.raises(UserError, match="no adapter to start from"):
        grpo(nowhere, tmp_path / "none")


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"schedule": {"batch": 1}}, r"`schedule.batch` of 2 or more"),
        ({"drawn": {"each": 1}, "computing": {"gpus": 2}}, "on several GPUs"),
        ({"preference": {"beta": 0}}, "`preference.beta`"),
    ],
)
def test_kto_refuses_a_configuration(
    tmp_path: Path, base: Path, sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        kto_config(tmp_path, base, **sections)


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"rollouts": {"completions": 3}}, "a multiple of the 3"),
        ({"rollouts": {"vllm": "colocate"}}, "`rollouts.vllm` needs a GPU"),
    ],
)
def test_grpo_refuses_a_configuration(
    tmp_path: Path, base: Path, sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        grpo_config(tmp_path, base, **sections)


def test_replies_of_one_kind_are_refused(tmp_path: Path, base: Path) -> None:
    from optiwright.training.kto import kto

    config = kto_config(tmp_path, base)
    write_labelled(tmp_path / "replies.jsonl", [r for r in labelled() if not r.label])
    with pytest.raises(UserError, match=r"6 labelled replies .* all with a thumb down"):
        kto(config, tmp_path / "run")
    with pytest.raises(UserError, match="no replies are given"):
        kto(kto_config(tmp_path, base, replies=[]), tmp_path / "run")
    (tmp_path / "replies.jsonl").write_text('{"prompt": []}\n')
    with pytest.raises(UserError, match="line 1 is no labelled reply"):
        kto(config, tmp_path / "run")


def test_rows_without_answers_are_refused_by_grpo(tmp_path: Path, base: Path) -> None:
    from optiwright.training.grpo import grpo

    config = grpo_config(tmp_path, base)
    write_rows(tmp_path / "rows.jsonl", tiny_rows(3, optimum=None))
    with pytest.raises(UserError, match="no row has an optimum"):
        grpo(config, tmp_path / "run")


@pytest.mark.parametrize("trainer", ["kto", "grpo"])
def test_a_loss_that_is_no_number_ends_a_run_before_the_weights_take_it_in(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch, trainer: str
) -> None:
    import torch
    from trl import GRPOTrainer, KTOTrainer

    from optiwright.training.grpo import grpo
    from optiwright.training.kto import kto

    broken = torch.tensor(float("nan"), requires_grad=True)
    for each in (GRPOTrainer, KTOTrainer):
        monkeypatch.setattr(each, "compute_loss", lambda *_, **__: broken)
    with pytest.raises(UserError, match="the loss at step 1 is no finite number"):
        if trainer == "kto":
            kto(kto_config(tmp_path, base), tmp_path / "run")
        else:
            grpo(grpo_config(tmp_path, base), tmp_path / "run", judge=ByLength())
    assert not list((tmp_path / "run").glob("checkpoint-*"))
