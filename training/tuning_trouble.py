"""What goes wrong in training, as a sentence: no library, no GPU, no memory, no number."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from optiwright.agent.model_catalogue import CATALOGUE
from optiwright.formulators.errors import UserError
from optiwright.training.checkpoints import last_whole
from optiwright.training.config_files import CONFIGS
from optiwright.training.tuning_config import GrpoConfig, TuningConfig

Say: TypeAlias = Callable[[str], None]
_NEEDED = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")
_OF_THE_EXTRA = {*_NEEDED, "gguf", "safetensors"}
_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "bad_alloc")


def say_nothing(words: str) -> None:
    """Keep to oneself what is being done."""


class NotANumber(Exception):
    """The loss or a gradient is no finite number; the weights are as they were before the step."""

    def __init__(self, what: str, step: int) -> None:
        super().__init__(what, step)
        self.what, self.step = what, step


def settle_environment() -> None:
    """Keep libraries from telling their makers that they are used; before they are imported."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")  # bars of loading, in the way of ours


def ready(config: TuningConfig) -> None:
    """See to it that a configuration can be trained here; before the trainers are imported.

    Raises:
        UserError: a library or a GPU is missing, or it was not launched on all of its GPUs.
    """
    settle_environment()
    require_libraries(config)
    require_devices(config)


def require_libraries(config: TuningConfig) -> None:
    """Refuse where a library is not installed.

    Raises:
        UserError: naming those that are missing.
    """
    needed = [*_NEEDED]
    needed += ["bitsandbytes"] if config.adapter.method == "qlora" else []
    needed += ["deepspeed"] if config.computing.sharding == "deepspeed" else []
    needed += [config.report_to] if config.report_to not in {"none", "tensorboard"} else []
    needed += ["tensorboard"] if config.report_to == "tensorboard" else []
    needed += ["gguf"] if config.base.endswith(".gguf") or config.base in CATALOGUE else []
    vllm = isinstance(config, GrpoConfig) and config.rollouts.vllm != "none"
    needed += ["vllm"] if vllm else []
    require_packages("training", needed)


def require_packages(what: str, needed: Sequence[str]) -> None:
    """Refuse what needs packages of which one is not installed.

    Raises:
        UserError: naming those that are missing.
    """
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if not missing:
        return
    others = [name for name in missing if name not in _OF_THE_EXTRA]
    steps = ["Run `pip install 'optiwright[train]'`."] * (others != missing)
    steps += [f"{'Then' if steps else 'Run'} `pip install {' '.join(others)}`."] * bool(others)
    raise UserError(
        f"{what} needs {', '.join(missing)}, not installed here", remedy=" ".join(steps)
    )


def require_devices(config: TuningConfig) -> None:
    """Refuse a configuration for GPUs where there are too few, or where it was not launched on all.

    Raises:
        UserError: saying what there is and what to do.
    """
    wanted = config.computing.gpus
    if not wanted:
        return
    import torch

    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if found < wanted:
        raise UserError(
            f"the configuration is for {wanted} GPU{'s' * (wanted > 1)}, and there "
            f"{'is' if found == 1 else 'are'} {found or 'none'} here",
            where="`computing.gpus`",
            remedy="Run it on a machine that has them, or take a configuration for the CPU, "
            "such as sft-0.5b-cpu.",
        )
    if wanted > 1 and int(os.environ.get("WORLD_SIZE", "1")) != wanted:
        raise UserError(
            f"one process was started for {wanted} GPUs",
            remedy=f"Run `{launch(config)} --config FILE`.",
        )


def launch(config: TuningConfig) -> str:
    """Return the command that starts a run, by accelerate where there are several GPUs."""
    command = f"optiwright train {config.trainer}"
    c = config.computing
    if c.gpus < 2:
        return command
    sharding = "ddp" if c.sharding == "none" else c.sharding
    return (
        f"accelerate launch --config_file {CONFIGS / f'accelerate-{sharding}.yaml'} "
        f"--num_processes {c.gpus} -m {command}"
    )


@contextmanager
def told(config: TuningConfig, out: Path) -> Iterator[None]:
    """Turn what a trainer may die of into a sentence; nothing that was saved is lost.

    Raises:
        UserError: out of memory, out of disk, or no finite number.
    """
    try:
        yield
    except NotANumber as fault:
        raise _not_a_number(fault, config, out) from None
    except MemoryError:
        raise _out_of_memory(config, out) from None
    except OSError as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"a file could not be read or written ({said}); {_safe(out)}",
            where=str(out),
            remedy="Make room on the disk; the same command goes on.",
        ) from error
    except RuntimeError as error:
        if not any(words in str(error).lower() for words in _MEMORY):
            raise
        raise _out_of_memory(config, out) from None


def _not_a_number(fault: NotANumber, config: TuningConfig, out: Path) -> UserError:
    rate = config.schedule.learning_rate
    return UserError(
        f"{fault.what} at step {fault.step} is no finite number, and training stopped before "
        f"the weights took it in; {_safe(out)}",
        where=str(out),
        remedy=f"Try a lower `schedule.learning_rate` (it is {rate:g}), a longer "
        "`schedule.warmup` or `computing.precision: fp32`, in a new --out; or look at the rows "
        "of that step.",
    )


def _out_of_memory(config: TuningConfig, out: Path) -> UserError:
    s, c = config.schedule, config.computing
    lower = [f"`schedule.batch` (it is {s.batch})"] if s.batch > 1 else []
    lower += [f"`data.max_length` (it is {config.data.max_length})"]
    lower += [f"`adapter.rank` (it is {config.adapter.rank})"]
    also = [] if c.gradient_checkpointing else ["set `computing.gradient_checkpointing: true`"]
    also += ["take `adapter.method: lora`"] if config.adapter.method == "full" else []
    also += ["take `adapter.method: qlora`"] if config.adapter.method == "lora" and c.gpus else []
    remedy = f"Lower {' or '.join(lower)}{'; or ' if also else ''}{', or '.join(also)}."
    return UserError(
        f"out of memory; {_safe(out)}",
        where=str(out),
        remedy=f"{remedy} `optiwright train plan` says what a configuration needs.",
    )


def _safe(out: Path) -> str:
    found = last_whole(out)
    if found.path is None:
        return "no checkpoint was written yet"
    return f"the last good checkpoint is {found.path}"
