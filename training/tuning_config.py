"""What a trainer is told: one model for each trainer.

What the trainers share is in `TuningConfig`; each adds a section of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from optiwright.training.instructions import Task

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Count: TypeAlias = Annotated[int, Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Adapter(_Section):
    """What of the base is trained."""

    method: Literal["lora", "qlora", "full"] = "lora"
    rank: Count = 16
    alpha: Count = 32
    dropout: Share = 0.0
    targets: tuple[str, ...] = Field(default=PROJECTIONS, min_length=1)
    """The projections that get an adapter."""


class Data(_Section):
    """What is learned."""

    files: tuple[Path, ...] = ()
    """Rows, JSONL or Parquet; relative to the working directory. `--rows` adds to them."""
    tasks: tuple[Task, ...] = Field(default=(Task.QUESTION_TO_SCRIPT,), min_length=1)
    max_length: int = Field(default=1024, ge=16)
    """Tokens of prompt and completion together; a longer row is left out and named."""
    most: Count | None = None
    """Rows at most, drawn by the seed."""
    most_each: Count | None = None
    """Rows of one optimizer at most, drawn by the seed: others are then not drowned by it."""


class Schedule(_Section):
    """How long and how fast."""

    epochs: float = Field(default=1.0, gt=0)
    steps: Count | None = None
    """Of the optimizer; takes the place of epochs."""
    learning_rate: float = Field(default=2e-4, gt=0, lt=1)
    decay: Literal["cosine", "linear", "constant", "constant_with_warmup"] = "cosine"
    warmup: Share = 0.03
    """The part of all steps in which the learning rate rises."""
    weight_decay: float = Field(default=0.0, ge=0)
    batch: Count = 1
    """Rows at once on each device."""
    accumulation: Count = 16
    """Batches to a step."""
    clip: float = Field(default=1.0, gt=0)
    """The largest norm of a gradient."""
    seed: int = Field(default=0, ge=0)
    """Of the adapter's first weights, the dropout and the order of rows."""


class Computing(_Section):
    """How it is computed."""

    precision: Literal["bf16", "fp32"] = "bf16"
    gradient_checkpointing: bool = False
    packing: bool = False
    """Several rows in one sequence; GPU with flash attention only."""
    completion_only: bool = True
    """The loss is that of the completion, not of the prompt."""
    threads: Count | None = None
    """Of the CPU. Default: all cores that the process may use."""
    gpus: int = Field(default=0, ge=0)
    """0: the CPU."""
    gpu_memory_gb: float = Field(default=80.0, gt=0)
    """Of each, for the plan."""
    sharding: Literal["none", "fsdp", "deepspeed"] = "none"
    """How a model is split over GPUs; by accelerate's file of that name."""

    @model_validator(mode="after")
    def _fits(self) -> Computing:
        if self.sharding != "none" and self.gpus < 2:
            raise ValueError(f"`sharding: {self.sharding}` needs `gpus` of 2 or more")
        if self.packing and not self.gpus:
            raise ValueError("`packing: true` needs a GPU")
        return self


class Saving(_Section):
    """Checkpoints: how often, and how many are kept beside the best."""

    every: Count = 50
    keep: Count = 2


class Accuracy(_Section):
    """How many of a fixed small set the model in training solves, by the real scorer."""

    every: Annotated[int, Field(ge=0)] = 0
    """Steps between two looks; 0 for none."""
    files: tuple[Path, ...] = ()
    """Rows, kept apart from the training's. Default: drawn from `data.files` and left out there."""
    rows: Count = 16
    max_tokens: Count = 512
    """Of a reply."""


class TuningConfig(_Section):
    """What all trainers are told."""

    trainer: Literal["sft", "kto", "grpo"]
    base: str = Field(min_length=1)
    """A name of the model catalogue, a .gguf file, a folder, or a name on the Hugging Face hub."""
    adapter: Adapter = Adapter()
    data: Data = Data()
    schedule: Schedule = Schedule()
    computing: Computing = Computing()
    saving: Saving = Saving()
    accuracy: Accuracy = Accuracy()
    report_to: Literal["none", "tensorboard", "mlflow", "wandb"] = "none"

    @model_validator(mode="after")
    def _possible(self) -> TuningConfig:
        if self.adapter.method == "qlora" and not self.computing.gpus:
            raise ValueError(
                "`adapter.method: qlora` needs a GPU: set `computing.gpus`, or take lora"
            )
        return self


class SftConfig(TuningConfig):
    """Supervised tuning: prompts with the completions that are wanted."""

    trainer: Literal["sft"] = "sft"
    adapter_from: Path | None = None
    """The folder of an adapter to start from, for instance of `optiwright train contrast`."""


class Preference(_Section):
    """KTO's own (arXiv 2402.01306)."""

    beta: float = Field(default=0.1, gt=0)
    """How near the tuned model stays to its base."""
    desirable_weight: float | None = Field(default=None, gt=0)
    """Of a reply with its thumb up; null: so that both kinds weigh the same together."""
    undesirable_weight: float = Field(default=1.0, gt=0)


class Drawing(_Section):
    """The model's own replies to the rows of `data`, labelled by running them."""

    each: int = Field(default=0, ge=0)
    """Replies to a row and a task; 0 for none."""
    max_tokens: Count = 1024
    """Of a reply."""
    temperature: float = Field(default=1.0, gt=0)
    own: bool = True
    """The row's own completion is added, thumb up, where none of its replies was right."""


class KtoConfig(TuningConfig):
    """Kahneman-Tversky tuning: completions with a thumb up or down."""

    trainer: Literal["kto"]
    schedule: Schedule = Schedule(batch=2, accumulation=8)
    preference: Preference = Preference()
    replies: tuple[Path, ...] = ()
    """Files of labelled replies, JSONL; relative to the working directory. `--replies` adds."""
    drawn: Drawing = Drawing()
    adapter_from: Path | None = None
    """The folder of an adapter to start from, for instance of a run of SFT."""

    @model_validator(mode="after")
    def _compares(self) -> KtoConfig:
        if self.schedule.batch < 2:
            raise ValueError("`schedule.batch` of 2 or more: KTO compares the replies of a batch")
        if self.drawn.each and self.computing.gpus > 1:
            raise ValueError(
                "`drawn.each: 0` on several GPUs: draw on one, and name its replies.jsonl in "
                "`replies` or by --replies"
            )
        return self


class Rollouts(_Section):
    """GRPO's own (arXiv 2402.03300)."""

    completions: int = Field(default=4, ge=2)
    """To each prompt."""
    max_tokens: Count = 1024
    """Of a completion; `data.max_length` is then the prompt's alone."""
    seconds: float = Field(default=10.0, gt=0)
    """For a completion's solve or run, beyond which it is worth nothing."""
    temperature: float = Field(default=1.0, gt=0)
    beta: float = Field(default=0.0, ge=0)
    """The weight of the divergence from the base."""
    vllm: Literal["none", "colocate", "server"] = "none"
    """Who writes the completions; vLLM needs a GPU."""


class GrpoConfig(TuningConfig):
    """Group relative policy optimization: completions are tried out and rewarded."""

    trainer: Literal["grpo"]
    rollouts: Rollouts = Rollouts()
    adapter_from: Path | None = None
    """The folder of an adapter to start from, for instance of a run of SFT."""

    @model_validator(mode="after")
    def _rolls(self) -> GrpoConfig:
        if self.rollouts.vllm != "none" and not self.computing.gpus:
            raise ValueError("`rollouts.vllm` needs a GPU: set `computing.gpus`, or take none")
        s = self.schedule
        together = s.batch * s.accumulation * max(1, self.computing.gpus)
        if together % self.rollouts.completions:
            raise ValueError(
                f"`schedule.batch` times `schedule.accumulation` times GPUs is {together} "
                f"completions a step: a multiple of the {self.rollouts.completions} of "
                "`rollouts.completions`"
            )
        return self


AnyConfig: TypeAlias = Annotated[SftConfig | KtoConfig | GrpoConfig, Field(discriminator="trainer")]
