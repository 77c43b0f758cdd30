"""What a configuration needs in memory, time and money, said before it starts.

The counts of weights are exact; bytes of activations are what transformers of the Llama and Qwen
kind keep for the way back, and were held against measured runs (docs/training.md says how far off).
Nothing of torch is imported for a base whose sizes are known.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from optiwright.evaluation.tally import shown_time
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted
from optiwright.training.base_models import Shape, shape_of
from optiwright.training.hardware import memory_gb, usable_cores
from optiwright.training.instructions import Instruction, instructions
from optiwright.training.preferences import LabelledReply, read_labelled
from optiwright.training.rewards import can_be_rewarded
from optiwright.training.row_files import read_all_rows
from optiwright.training.tuning_config import GrpoConfig, KtoConfig, TuningConfig
from optiwright.training.tuning_rows import parted
from optiwright.training.tuning_trouble import launch

_LIBRARIES_GB = 0.8
"""torch, transformers, TRL and PEFT themselves; on a GPU its context."""
_CHARACTERS_A_TOKEN = 3.0
"""Of rows: words, numbers and scripts, in Qwen's tokens."""
_TILE = 32_768
"""Of the vocabulary: what TRL projects at once on a GPU."""
_CORE_FLOPS = 2.0e11
"""A second, of one core with bf16 instructions: measured in training the 0.5B here."""
_GPU_FLOPS = 1.1e14
"""A second: 35% of the 312e12 that an A100 is sold with. Not measured here."""


class Plan(BaseModel):
    """What a run needs; GB are 1e9 bytes, of each GPU where there are several."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    weights_gb: float
    trained_weights: int
    optimizer_gb: float
    """Gradients, moments, and what is trained in full precision."""
    activations_gb: float
    logits_gb: float
    other_gb: float
    """Libraries, and what loading needs beyond what training needs after it."""
    memory_gb: float
    available_gb: float
    """Of one GPU as the configuration says, or of this machine."""
    rows: int
    """Examples that are learned from: instructions, for KTO replies, for GRPO completions; 0: no
    file was given, lengths are the longest allowed."""
    tokens: int
    """Of all steps together."""
    steps: int
    tokens_per_second: float
    rate_from: str
    seconds: float
    gpu_hours: float
    cost: float | None
    command: str
    at_most: bool = False
    """Whether there may be fewer examples: KTO adds a row's own completion only where no reply of
    the model's to it is right."""
    written: str = ""
    """What the model writes itself, whose time is not in the plan."""

    @property
    def fits(self) -> bool:
        """Whether there is memory enough."""
        return self.memory_gb <= self.available_gb

    def lines(self) -> Iterator[str]:
        """Yield the plan in words."""
        yield (
            f"memory: {self.memory_gb:.1f} GB of {self.available_gb:.1f} GB: weights "
            f"{self.weights_gb:.1f}, gradients and optimizer {self.optimizer_gb:.1f}, "
            f"activations {self.activations_gb:.1f}, logits {self.logits_gb:.1f}, "
            f"other {self.other_gb:.1f}"
        )
        if not self.fits:
            yield (
                "it does not fit: lower `schedule.batch` or `data.max_length`, or set "
                "`computing.gradient_checkpointing: true`"
            )
        yield f"trained: {self.trained_weights:,} weights"
        yield from self._work()
        yield f"start: {self.command}"

    def _work(self) -> Iterator[str]:
        if not self.steps:
            yield "time and money: give the rows, `--rows FILE`, to know (KTO: or `--replies FILE`)"
            return
        told = f"{'at most ' * self.at_most}{counted(self.rows, 'example')}"
        told = told if self.rows else "no rows given: the longest allowed"
        steps = f"{self.steps:,} step{'s' * (self.steps != 1)}"
        yield f"work: {steps}, {self.tokens:,} tokens ({told})"
        spent = shown_time(self.seconds)
        yield f"time: {spent} at {self.tokens_per_second:,.0f} tokens/s ({self.rate_from})"
        if self.written:
            yield f"the model writes {self.written} besides, which takes longer than learning them"
        if self.cost is not None:
            yield f"money: {self.cost:,.2f} for {self.gpu_hours:.1f} GPU hours"


def make_plan(
    config: TuningConfig,
    more: Sequence[Path] = (),
    tokens_per_second: float | None = None,
    price: float | None = None,
    replies: Sequence[Path] = (),
    named: str = "FILE",
) -> Plan:
    """Return what a configuration needs.

    Args:
        config: of any trainer.
        more: files of rows beside its own.
        tokens_per_second: measured elsewhere, of all devices together; else it is estimated.
        price: of an hour of one GPU.
        replies: files of labelled replies beside its own, for KTO.
        named: the configuration's file or name, for the command that starts it.

    Raises:
        UserError: if the base's sizes or the rows cannot be had, or no row is left to train on.
    """
    shape, c = shape_of(config.base), config.computing
    rows, length = _lengths(config, more, replies)
    steps = _steps(config, rows)
    together = config.schedule.batch * config.schedule.accumulation * max(1, c.gpus)
    tokens = math.ceil(steps * together * length)
    rate, source = _rate(config, shape, tokens_per_second)
    hours = tokens / rate / 3600 * c.gpus
    memory = _memory(config, shape)
    return Plan(
        **{name: round(size / 1e9, 3) for name, size in memory.items()},
        memory_gb=round(sum(memory.values()) / 1e9, 3),
        trained_weights=_trained(config, shape),
        available_gb=c.gpu_memory_gb if c.gpus else memory_gb(),
        rows=rows,
        tokens=tokens,
        steps=steps,
        tokens_per_second=rate,
        rate_from=source,
        seconds=tokens / rate,
        gpu_hours=hours,
        cost=None if price is None or not steps else price * hours,
        command=_command(config, named, more, replies),
        at_most=bool(rows) and _adds_own(config) and bool(config.data.files or more),
        written=_written(config),
    )


def _command(
    config: TuningConfig, named: str, more: Sequence[Path], replies: Sequence[Path]
) -> str:
    given = [("--config", named), *(("--rows", str(p)) for p in more)]
    given += [("--replies", str(p)) for p in replies]
    return " ".join([launch(config), *(shlex.quote(word) for pair in given for word in pair)])


def _adds_own(config: TuningConfig) -> bool:
    return isinstance(config, KtoConfig) and config.drawn.each > 0 and config.drawn.own


def _written(config: TuningConfig) -> str:
    if isinstance(config, GrpoConfig):
        return "the completions"
    if isinstance(config, KtoConfig) and config.drawn.each:
        return "its replies to the rows"
    return ""


def _memory(config: TuningConfig, shape: Shape) -> dict[str, float]:
    """Return bytes by what they are for."""
    c, full = config.computing, config.adapter.method == "full"
    spread = c.gpus if c.sharding != "none" else 1
    batch, length = config.schedule.batch, _longest(config)
    wide = 2 if c.precision == "bf16" else 4
    weights: float = shape.parameters * (4 if full else wide)
    if config.adapter.method == "qlora":
        heads = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
        weights = heads * 2 + (shape.parameters - heads) * 0.55
    trained = _trained(config, shape)
    # Gradient and two moments; an adapter's own weights too. bf16 copies of what is trained whole.
    optimizer = trained * (12 if full else 16) + (trained * 2 if full and wide == 2 else 0)
    layer = length * batch * (shape.hidden * (12 * wide + 12) + shape.inner * (6 * wide))
    layers = shape.layers
    activations = layer * layers
    if c.gradient_checkpointing:
        activations = layer + length * batch * shape.hidden * wide * layers
    # Logits, their copy in full precision, the softmax, and the gradients of all three.
    at_once = min(shape.vocabulary, _TILE) if c.gpus else shape.vocabulary
    scored = config.rollouts.max_tokens if isinstance(config, GrpoConfig) else length
    logits = scored * batch * at_once * (12 + 2 * wide) * (1.0 if c.gpus else 0.5)
    # On a CPU the head is unpacked twice in full precision while it is loaded, before the rest.
    loading = 0.0 if c.gpus else shape.vocabulary * shape.hidden * 8
    loading = max(0.0, loading - optimizer - activations - logits)
    return {
        "weights_gb": weights / spread,
        "optimizer_gb": optimizer / spread,
        "activations_gb": activations,
        "logits_gb": logits,
        "other_gb": _LIBRARIES_GB * 1e9 + loading,
    }


def _trained(config: TuningConfig, shape: Shape) -> int:
    a = config.adapter
    if a.method == "full":
        return shape.parameters
    return shape.layers * a.rank * sum(sum(shape.projection(name)) for name in a.targets)


def _longest(config: TuningConfig) -> int:
    """Return the tokens of a prompt and its completion, at most."""
    written = config.rollouts.max_tokens if isinstance(config, GrpoConfig) else 0
    return config.data.max_length + written


def _lengths(
    config: TuningConfig, more: Sequence[Path], replies: Sequence[Path]
) -> tuple[int, float]:
    """Return how many examples there are, and their tokens on average, by their characters.

    What the model will write itself is taken to be as long as what the rows have, and KTO to fail
    at every row, so that the row's own completion is added.
    """
    files = (*config.data.files, *more)
    times = 1
    if isinstance(config, GrpoConfig):
        times = config.rollouts.completions
    elif isinstance(config, KtoConfig):
        replies, files = (*config.replies, *replies), files if config.drawn.each else ()
        times = config.drawn.each + _adds_own(config)
    else:
        replies = ()
    if not files and not replies:
        return 0, float(_longest(config))
    told = _characters(config, files) * times
    told += [_length(reply) for path in replies for reply in read_labelled(path)]
    if not told:
        where = ", ".join(map(str, (*files, *replies)))
        raise UserError(
            "no row is left to train on",
            where=where,
            remedy=f"Give rows of split train that serve {', '.join(config.data.tasks)}"
            f"{' and have an optimum' * (config.trainer != 'sft')}.",
        )
    tokens = [min(_longest(config), n / _CHARACTERS_A_TOKEN) for n in told]
    return len(tokens), sum(tokens) / len(tokens)


def _characters(config: TuningConfig, files: Sequence[Path]) -> list[int]:
    rows, _ = parted(read_all_rows(files), config)
    return [
        _length(i)
        for row in rows
        for i in instructions([row], config.data.tasks)
        if config.trainer == "sft" or can_be_rewarded(row, i.task)
    ]


def _length(asked: Instruction | LabelledReply) -> int:
    return sum(len(message.content) for message in asked.prompt) + len(asked.completion)


def _steps(config: TuningConfig, rows: int) -> int:
    s = config.schedule
    if s.steps is not None:
        return s.steps
    together = s.batch * s.accumulation * max(1, config.computing.gpus)
    return math.ceil(rows / together * s.epochs)


def _rate(config: TuningConfig, shape: Shape, given: float | None) -> tuple[float, str]:
    """Return tokens a second of all devices together, and where that is from."""
    if given is not None:
        return given, "given"
    # Forward, and backward to the activations; to all weights, too, where they are trained.
    work: float = shape.parameters - (0 if shape.tied else shape.vocabulary * shape.hidden)
    work *= 6 if config.adapter.method == "full" else 4
    work *= 1.3 if config.computing.gradient_checkpointing else 1.0
    if config.computing.gpus:
        return config.computing.gpus * _GPU_FLOPS / work, "estimated for A100s, not measured"
    cores = config.computing.threads or usable_cores()
    each = _CORE_FLOPS if config.computing.precision == "bf16" else _CORE_FLOPS / 3
    return cores * each / work, f"estimated for {cores} core{'s' * (cores != 1)} like ours"
