"""A selector of optimizers: rows of measured runs, programs that run, two phases of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from optiwright.evaluation.direct_search_job import run as run_job
from optiwright.evaluation.function_draws import draw
from optiwright.evaluation.function_families import FAMILIES
from optiwright.evaluation.lines import append_line, open_lines
from optiwright.formulators.errors import UserError
from optiwright.training.config_files import read_config
from optiwright.training.contrasting import contrast, info_nce
from optiwright.training.instructions import Task, instructions
from optiwright.training.optimizer_programs import PROGRAMS, program_of
from optiwright.training.optimizer_rows import optimizer_rows
from optiwright.training.row_files import read_rows, write_rows
from optiwright.training.rows import TrainingRow
from optiwright.training.sft import sft
from optiwright.training.tuning_config import SftConfig
from optiwright.training.tuning_rows import choose_rows
from tests.evaluations import Optiwright
from tests.test_optimizer_table import cell, run
from tests.tiny_base import write_tiny_base, write_tuning

SPHERE = "import numpy as np\ndef objective(x): return float(np.sum((x - 1.5) ** 2))\n"
LIMITED = f"{SPHERE}def constraint_1(x): return float(2 - x[0])\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_searches_until_it_is_ended(name: str) -> None:
    bounds = [(-5.0, 5.0)] * 3
    found = run_job(program_of(name, 0), SPHERE, (), bounds, 0, 300, 10.0)
    assert found["error"] == "" and (found["calls"] == 300 or name == "direct")
    assert float(np.sum((np.array(found["point"]) - 1.5) ** 2)) < 2.0


@pytest.mark.parametrize("name", ["slsqp", "cma-es", "differential-evolution"])
def test_a_program_heeds_constraints_and_whole_numbers(name: str) -> None:
    whole = 0 if name == "slsqp" else 1
    found = run_job(
        program_of(name, whole), LIMITED, ("constraint_1",), [(-5, 5)] * 2, whole, 400, 10.0
    )
    assert found["error"] == "" and found["point"][0] == pytest.approx(2.0, abs=0.05)
    assert found["point"][1] == pytest.approx(1.5, abs=0.3)


def test_rows_have_the_best_optimizer_that_has_a_program() -> None:
    runs = [
        run("tpe", -8.0), run("cma-es", -6.0), run("random", -7.0), run("powell", -2.0),
        run("powell", -8.0, 1, kinds="mixed"), run("cma-es", -1.0, 1, kinds="mixed"),
    ]  # fmt: skip
    first, second = optimizer_rows(runs)
    assert (first.optimizer, second.optimizer) == ("cma-es", "powell")
    function = draw(cell(), 0)
    assert function.source in first.text and first.optimum == function.lowest
    assert "import cma" in first.program and "np.round" in second.program
    assert not any(FAMILIES[part].held_out for part in first.family.split("+"))
    (asked,) = instructions([first], [Task.QUESTION_TO_OPTIMIZER])
    assert first.text in asked.prompt[-1].content and "tried and failed" not in (
        asked.prompt[-1].content
    )
    assert asked.completion == f"```python\n{first.program.strip()}\n```"
    assert list(instructions([first], [Task.QUESTION_TO_PROGRAM])) == []
    with pytest.raises(UserError, match="no runs"):
        list(optimizer_rows([run("tpe", -8.0)]))


def test_the_command_writes_rows(tmp_path: Path, optiwright_: Optiwright) -> None:
    runs, out = tmp_path / "runs.jsonl", tmp_path / "rows.jsonl"
    code, _, complaint = optiwright_("data", "optimizer-rows", str(runs))
    assert code == 2 and "there are no runs" in complaint
    file = open_lines(runs)
    for each in (run("cma-es", -6.0), run("powell", -2.0), run("powell", -2.0, 1)):
        append_line(file, each)
    code, said, _ = optiwright_("data", "optimizer-rows", str(runs), "--out", str(out))
    assert code == 0 and "2 rows" in said and "cma-es 1" in said
    assert [row.optimizer for row in read_rows(out)] == ["cma-es", "powell"]


# --- the loss -------------------------------------------------------------------------------------


def test_the_loss_is_less_where_rows_of_one_label_are_near() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    near = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]])
    mixed = near[[0, 2, 1, 3]]
    assert float(info_nce(near, labels)) < 0.1 < 2 < float(info_nce(mixed, labels))
    assert float(info_nce(5 * near, labels)) == pytest.approx(float(info_nce(near, labels)))


def test_the_loss_by_hand_and_with_rows_that_stand_alone() -> None:
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    # of the first two, each against both others: cosines 0 and -1, and 0 and 0
    by_hand = (np.log(1 + np.exp(-1)) + np.log(2)) / 2
    assert float(info_nce(rows, torch.tensor([0, 0, 1]), 1.0)) == pytest.approx(by_hand, abs=1e-6)
    alone = rows.clone().requires_grad_()
    loss = info_nce(alone, torch.tensor([0, 1, 2]))
    loss.backward()
    assert float(loss.detach()) == 0.0 and bool(torch.isfinite(alone.grad).all())


# --- the two phases -------------------------------------------------------------------------------


def tiny(count: int = 12) -> list[TrainingRow]:
    """Rows in which a word tells the optimizer."""
    return [
        TrainingRow(
            source="generated",
            family="tiny",
            problem_class="black box",
            text=f"Function {n} is {'smooth' if n % 3 else 'rugged'}.",
            program="def optimize(): pass",
            optimizer="powell" if n % 3 else "cma-es",
        )
        for n in range(count)
    ]


def told(folder: Path, base: Path, rows: list[TrainingRow], **sections: Any) -> SftConfig:
    schedule = {"batch": 6, "accumulation": 1, **sections.pop("schedule", {})}
    config = read_config(write_tuning(folder, base, rows, schedule=schedule, **sections))
    assert isinstance(config, SftConfig)
    return config


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("base"))


def test_prompts_of_one_optimizer_move_together_and_tuning_starts_from_there(
    base: Path, tmp_path: Path
) -> None:
    texts = ("1111 x", "1111 y", "aaaa x", "aaaa y")  # at first those of other optimizers are near
    rows = [
        row.model_copy(update={"text": text, "id": text, "optimizer": optimizer})
        for row, text, optimizer in zip(tiny(4), texts, ("powell", "cma-es") * 2, strict=True)
    ]
    config = told(tmp_path, base, rows, schedule={"steps": 8, "learning_rate": 0.01, "batch": 4},
                  adapter={"rank": 4, "alpha": 8, "dropout": 0.0},
                  data={"max_length": 2048})  # fmt: skip
    said: list[str] = []
    card = contrast(config, tmp_path / "near", say=said.append)
    assert card is not None and card.first_loss is not None and card.last_loss is not None
    assert card.last_loss < card.first_loss - 0.3
    assert "of cma-es, powell" in said
    adapter = tmp_path / "near" / "adapter"
    second = config.model_copy(
        update={
            "adapter_from": adapter,
            "data": config.data.model_copy(
                update={"tasks": (Task.QUESTION_TO_OPTIMIZER,), "most_each": 1}
            ),
            "schedule": config.schedule.model_copy(update={"steps": 1, "learning_rate": 1e-9}),
        }
    )
    tuned = sft(second, tmp_path / "selector")
    assert tuned is not None and tuned.rows == 2
    name = "adapter_model.safetensors"
    before = load_file(adapter / name)
    after = load_file(tmp_path / "selector" / "adapter" / name)
    assert before.keys() == after.keys()
    assert all(torch.allclose(before[k], after[k], atol=1e-5) for k in before)
    assert any(float(w.abs().max()) > 1e-3 for k, w in before.items() if "lora_B" in k)


def test_so_many_rows_of_one_optimizer_at_most(base: Path, tmp_path: Path) -> None:
    config = told(tmp_path, base, tiny(), data={"most_each": 3})
    kept = [row.optimizer for row in choose_rows(config).rows]
    assert sorted(kept) == ["cma-es"] * 3 + ["powell"] * 3


@pytest.mark.parametrize(
    ("rows", "sections", "what"),
    [
        (tiny(), {"schedule": {"batch": 2}}, "within a batch"),
        (tiny(), {"accuracy": {"every": 2}}, "learns no replies"),
        (tiny(1), {}, "1 optimizers"),
        (tiny(), {"data": {"max_length": 16}}, "more than 16 tokens"),
    ],
)
def test_what_cannot_be_contrasted_is_told(
    rows: list[TrainingRow], sections: dict[str, Any], what: str, base: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=what):
        contrast(told(tmp_path, base, rows, **sections), tmp_path / "out")


def test_rows_are_written_and_read_again(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", tiny(2))
    assert list(read_rows(tmp_path / "rows.jsonl")) == tiny(2)
