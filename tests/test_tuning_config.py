"""A trainer's configuration: what is read, what is refused and how, what a plan says of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from optiwright.agent.llm import Message
from optiwright.formulators.errors import UserError
from optiwright.training.base_models import KNOWN_SHAPES, Shape, find_base, shape_of
from optiwright.training.config_files import CONFIGS, config_path, read_config, shipped_configs
from optiwright.training.instructions import Task
from optiwright.training.preferences import LabelledReply, write_labelled
from optiwright.training.row_files import write_rows
from optiwright.training.tuning_config import GrpoConfig, KtoConfig, SftConfig
from optiwright.training.tuning_plan import Plan, make_plan
from optiwright.training.tuning_rows import choose_rows
from tests.tiny_base import tiny_rows


def written(path: Path, **fields: Any) -> Path:
    file = path / "told.yaml"
    file.write_text(yaml.safe_dump({"base": "qwen2.5-coder-0.5b", **fields}))
    return file


def small(**fields: Any) -> SftConfig:
    return SftConfig.model_validate({"base": "qwen2.5-coder-0.5b", **fields})


def test_every_trainer_has_configurations_for_the_cpu_and_for_gpus() -> None:
    sizes = ("0.5b-cpu", "1.5b-cpu", "7b-gpu", "14b-gpu", "7b-8gpu", "14b-8gpu")
    wanted = {f"{trainer}-{size}" for trainer in ("sft", "kto", "grpo") for size in sizes}
    wanted.add("sft-1.5b-gpu")
    assert set(shipped_configs()) == wanted | {"sft-demo"}
    for name in wanted:
        config = read_config(name)
        assert config.trainer == name.partition("-")[0]
        gpus = {"cpu": 0, "gpu": 1, "8gpu": 8}[name.rpartition("-")[2]]
        assert config.computing.gpus == gpus
        assert f"{name.split('-')[1]}" in config.base.lower()
        assert make_plan(config).fits, name


@pytest.mark.parametrize("name", shipped_configs())
def test_a_configuration_says_its_memory_and_whether_it_was_run(name: str) -> None:
    comment = "".join(line for line in config_path(name).open() if line.startswith("#"))
    told = re.search(r"Memory, by `optiwright train plan`: (\d+) GB", comment)
    assert told is not None
    assert int(told[1]) == round(make_plan(read_config(name)).memory_gb)
    assert re.search(r"[Rr]un here|Not run", comment)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"data": {"tasks": ["nope"]}},
            '`data.tasks.0`: found "nope", expected \'question_to_scri',
        ),
        ({"schedule": {"batch": "x"}}, '`schedule.batch`: found "x", expected a valid integer'),
        ({"schedule": {"learning_rat": 1}}, "unknown field `schedule.learning_rat`"),
        ({"schedule": {"warmup": 2}}, "`schedule.warmup`: found 2, expected less than or equal"),
        ({"computing": {"packing": True}}, "`computing`: `packing: true` needs a GPU"),
        ({"computing": {"sharding": "fsdp"}}, "`sharding: fsdp` needs `gpus` of 2 or more"),
        ({"adapter": {"method": "qlora"}}, "`adapter.method: qlora` needs a GPU"),
        ({"trainer": "ppo"}, "`trainer`: found 'ppo', expected 'sft', 'kto' or 'grpo'"),
        ({"trainer": "grpo", "rollouts": {"vllm": "colocate"}}, "`rollouts.vllm` needs a GPU"),
        ({"base": ""}, '`base`: found "": String should have at least 1 character'),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found_and_expected(
    fields: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, **fields)
    with pytest.raises(UserError) as caught:
        read_config(path)
    assert said in caught.value.what
    assert caught.value.where == str(path)


@pytest.mark.parametrize("content", ["- a\n- b\n", "base: [", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "told.yaml"
    path.write_text(content)
    with pytest.raises(UserError, match=r"mapping|YAML"):
        read_config(path)


def test_a_configuration_is_found_by_path_or_by_name(tmp_path: Path) -> None:
    learned = {"trainer": "kto", "drawn": {"each": 1}, "schedule": {"batch": 2}}
    assert config_path("sft-0.5b-cpu") == CONFIGS / "sft-0.5b-cpu.yaml"
    assert config_path("training/configs/sft-0.5b-cpu.yaml").samefile(config_path("sft-0.5b-cpu"))
    assert isinstance(read_config(written(tmp_path, **learned)), KtoConfig)
    assert isinstance(read_config(written(tmp_path)), SftConfig)
    with pytest.raises(UserError, match="there is no configuration 'mine'") as caught:
        read_config("mine")
    assert "sft-0.5b-cpu" in caught.value.remedy


@pytest.mark.parametrize("name", ["nowhere.gguf", "no-such-model", "./folder", "/no/such"])
def test_a_base_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=f"there is no (file|model) '{re.escape(name)}'"):
        find_base(name)


def test_a_name_on_the_hub_is_taken_as_it_is() -> None:
    base = find_base("Qwen/Qwen2.5-Coder-7B-Instruct")
    assert (base.place, base.gguf) == ("Qwen/Qwen2.5-Coder-7B-Instruct", None)


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("Qwen/Qwen2.5-Coder-7B-Instruct", 7.61),
        ("Qwen/Qwen2.5-Coder-14B-Instruct", 14.77),
        ("qwen2.5-coder-0.5b", 0.494 + 0.136),
        ("qwen2.5-coder-1.5b", 1.544 + 0.233),
        ("smollm2-135m", 0.1345),
    ],
)
def test_known_sizes_add_up_to_the_published_count(name: str, billions: float) -> None:
    assert KNOWN_SHAPES[name].parameters / 1e9 == pytest.approx(billions, rel=0.01)
    assert shape_of(name) is KNOWN_SHAPES[name]


def plan(**fields: Any) -> Plan:
    return make_plan(small(**fields), tokens_per_second=100.0)


def test_an_adapters_weights_are_counted_exactly() -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, Qwen2Config

    sizes = {"hidden_size": 32, "intermediate_size": 96, "num_hidden_layers": 3}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 50}
    model = AutoModelForCausalLM.from_config(Qwen2Config(**sizes, **heads))
    shape = Shape(3, 32, 96, 4, 2, 50, tied=False)
    assert sum(p.numel() for n, p in model.named_parameters() if p.ndim == 2) == shape.parameters
    targets = ["q_proj", "v_proj", "down_proj"]
    adapted = get_peft_model(model, LoraConfig(r=5, target_modules=targets))
    trained = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    assert trained == 3 * 5 * sum(sum(shape.projection(name)) for name in targets)


def test_what_takes_more_memory_is_planned_to() -> None:
    usual = plan()
    assert usual.memory_gb == pytest.approx(
        usual.weights_gb
        + usual.optimizer_gb
        + usual.activations_gb
        + usual.logits_gb
        + usual.other_gb,
        abs=0.01,
    )
    assert plan(schedule={"batch": 2}).activations_gb == pytest.approx(
        2 * usual.activations_gb, rel=0.01
    )
    assert plan(computing={"precision": "fp32"}).weights_gb == pytest.approx(
        2 * usual.weights_gb, rel=0.01
    )
    assert plan(computing={"gradient_checkpointing": True}).activations_gb < usual.activations_gb
    assert plan(adapter={"method": "full"}).optimizer_gb > 10 * usual.optimizer_gb
    assert plan(adapter={"rank": 32}).trained_weights == 2 * usual.trained_weights
    shared = {"gpus": 8, "sharding": "fsdp"}
    whole = plan(adapter={"method": "full"}, computing={"gpus": 1})
    assert plan(adapter={"method": "full"}, computing=shared).weights_gb == pytest.approx(
        whole.weights_gb / 8, rel=0.01
    )


def test_what_a_model_writes_itself_is_counted_as_it_is_learned(tmp_path: Path) -> None:
    rows, replies = tmp_path / "rows.jsonl", tmp_path / "replies.jsonl"
    write_rows(rows, tiny_rows(12))
    told = {"base": "qwen2.5-coder-0.5b", "schedule": {"batch": 4, "accumulation": 2}}
    grpo = GrpoConfig.model_validate({**told, "trainer": "grpo"})
    made = make_plan(grpo, [rows])
    assert (made.rows, made.steps) == (48, 6)  # four to each prompt, eight to a step
    longer = {**told, "trainer": "grpo", "rollouts": {"max_tokens": 3072}}
    more = make_plan(GrpoConfig.model_validate(longer))  # 1024 of the prompt besides
    assert more.activations_gb == pytest.approx(2 * made.activations_gb, rel=0.01)
    assert more.logits_gb == pytest.approx(3 * made.logits_gb, rel=0.01)
    task = Task.QUESTION_TO_SCRIPT
    prompt = (Message(role="user", content="Bake."),)
    told_replies = [
        LabelledReply(
            task=task, prompt=prompt, completion="x", label=n > 2, why="strict", origin=f"{n}"
        )
        for n in range(5)
    ]
    write_labelled(replies, told_replies)
    named = KtoConfig.model_validate({**told, "trainer": "kto"})
    assert make_plan(named, [rows]).rows == 0  # nothing is drawn, so that rows serve nothing
    made = make_plan(named, [rows], replies=[replies])
    assert (made.rows, made.steps, made.written) == (5, 1, "")
    drawing = KtoConfig.model_validate({**told, "trainer": "kto", "drawn": {"each": 3}})
    made = make_plan(drawing, [rows], replies=[replies])
    assert (made.rows, made.steps) == (53, 7)  # three to each row, and its own where all are wrong
    lines = "\n".join(made.lines())
    assert "(at most 53 examples)" in lines and "writes its replies to the rows besides" in lines
    alone = {**told, "trainer": "kto", "drawn": {"each": 3, "own": False}}
    made = make_plan(KtoConfig.model_validate(alone), [rows], replies=[replies])
    assert (made.rows, made.steps, made.at_most) == (41, 6, False)


DRAWING: dict[type, dict[str, object]] = {
    KtoConfig: {"trainer": "kto", "drawn": {"each": 3}, "schedule": {"batch": 2}},
    GrpoConfig: {"trainer": "grpo", "schedule": {"batch": 4}},
}
"""Four examples to a row."""


@pytest.mark.parametrize("trainer", [GrpoConfig, KtoConfig])
def test_rows_that_nothing_can_be_held_against_are_not_counted(
    trainer: type[KtoConfig] | type[GrpoConfig], tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [*tiny_rows(2), *tiny_rows(5, optimum=None)[2:]])
    config = trainer.model_validate({"base": "qwen2.5-coder-0.5b", **DRAWING[trainer]})
    assert make_plan(config, [rows]).rows == 2 * 4
    write_rows(rows, tiny_rows(3, optimum=None))
    with pytest.raises(UserError, match="no row is left") as caught:
        make_plan(config, [rows])
    assert "have an optimum" in caught.value.remedy


def test_a_plan_counts_what_tuning_learns_from(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [*tiny_rows(12), *tiny_rows(4), *tiny_rows(2, split="test")])  # four twice
    for fields in ({"accuracy": {"every": 2, "rows": 3}}, {"data": {"most": 5}}):
        config = small(**fields)
        assert make_plan(config, [rows]).rows == len(choose_rows(config, [rows]).rows) < 12


def test_a_plan_without_a_row_to_train_on_is_refused(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    for given in ([], tiny_rows(3, split="test"), tiny_rows(3, script="")):
        write_rows(rows, given)
        with pytest.raises(UserError, match="no row is left to train on"):
            make_plan(small(schedule={"steps": 6}), [rows])


def test_time_and_money_follow_from_rows_rate_and_price(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [*tiny_rows(30), *tiny_rows(5, split="test")])
    config = small(schedule={"epochs": 2, "accumulation": 4, "batch": 2}, computing={"gpus": 2})
    made = make_plan(config, [rows], tokens_per_second=100.0, price=3.0)
    assert made.rows == 30
    assert made.steps == 4  # 60 rows, 16 to a step
    assert made.seconds == pytest.approx(made.tokens / 100)
    assert made.cost == pytest.approx(3.0 * 2 * made.seconds / 3600)
    assert "accelerate launch" in made.command and "--num_processes 2" in made.command
    said = "\n".join(made.lines())
    assert "4 steps" in said and "100 tokens/s (given)" in said and "money: " in said
