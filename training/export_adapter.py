"""A LoRA adapter as PEFT saves it, read for export: its pairs of matrices and their scale."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optiwright.agent.model_files import file_sha256
from optiwright.formulators.errors import UserError
from optiwright.training.checkpoints import checkpoints_in
from optiwright.training.tuning_run import ADAPTER

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."
_UNTOLD = ("use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "fan_in_fan_out")
"""Settings of PEFT's, each empty or false in what can be exported."""


@dataclass(frozen=True)
class Pair:
    """What an adapter adds to one matrix, `up @ down` times the scale."""

    down: NDArray[np.float32]
    """LoRA's A: rank x inputs."""
    up: NDArray[np.float32]
    """LoRA's B: outputs x rank."""


@dataclass(frozen=True)
class Adapter:
    """An adapter: module's name in the base to its pair."""

    folder: Path
    pairs: dict[str, Pair]
    rank: int
    scale: float
    """What `up @ down` is multiplied with."""
    base: str
    """What PEFT noted as the base: a folder or a name on the hub."""
    sha256: str
    """Of the weights."""


def find_adapter(run: Path) -> Path:
    """Return the folder of a run's adapter: its own, `adapter` in it, or the last checkpoint.

    Raises:
        UserError: if there is none.
    """
    if not run.is_dir():
        raise UserError("there is no such folder of a run", where=str(run))
    for folder in (run, run / ADAPTER, *reversed(checkpoints_in(run))):
        if (folder / CONFIG).is_file() and (folder / WEIGHTS).is_file():
            return folder
    raise UserError(
        f"the run holds no adapter: no folder in it has `{CONFIG}` and `{WEIGHTS}`",
        where=str(run),
        remedy="Give the folder of a finished run of LoRA. A run that trained all weights is a "
        "model of its own: `vllm serve` takes it as it is.",
    )


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter.

    Raises:
        UserError: it is damaged, or has something that llama.cpp's form cannot say.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        tensors = load_file(folder / WEIGHTS)
        rank, scale = int(config["r"]), float(config["lora_alpha"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise UserError(
            f"the adapter cannot be read: {error or type(error).__name__}",
            where=str(folder),
            remedy="Export an earlier checkpoint, by naming its folder.",
        ) from None
    _require_plain(config, folder)
    scale /= math.sqrt(rank) if config.get("use_rslora") else rank
    arrays = {name: tensor.float().numpy() for name, tensor in tensors.items()}
    pairs = _paired(arrays, rank, folder)
    base = str(config.get("base_model_name_or_path") or "")
    return Adapter(folder, pairs, rank, scale, base, file_sha256(folder / WEIGHTS))


def _require_plain(config: dict[str, Any], folder: Path) -> None:
    found = [f"{key}={config[key]!r}" for key in _UNTOLD if config.get(key)]
    if config.get("peft_type") != "LORA":
        found.append(f"peft_type={config.get('peft_type')!r}")
    if config.get("bias", "none") != "none":
        found.append(f"bias={config['bias']!r}")
    if found:
        raise UserError(
            f"only a plain LoRA adapter can be exported, and this one has {', '.join(found)}",
            where=str(folder / CONFIG),
            remedy="Train with `adapter.method: lora`.",
        )


def _paired(arrays: dict[str, NDArray[np.float32]], rank: int, folder: Path) -> dict[str, Pair]:
    pairs: dict[str, Pair] = {}
    spare = set(arrays)
    for name in sorted(arrays):
        module, is_down, _ = name.partition(".lora_A.weight")
        other = f"{module}.lora_B.weight"
        if not is_down or other not in arrays:
            continue
        down, up = arrays[name], arrays[other]
        if down.shape[0] != rank or up.shape[1] != rank:
            raise UserError(
                f"`{name}` has rank {down.shape[0]}, and `{CONFIG}` says {rank}", where=str(folder)
            )
        if not (np.isfinite(down).all() and np.isfinite(up).all()):
            raise UserError(
                f"`{module}` has weights that are not finite: the training went astray",
                where=str(folder),
                remedy="Export an earlier checkpoint, by naming its folder.",
            )
        pairs[module.removeprefix(_PREFIX)] = Pair(down, up)
        spare -= {name, other}
    if spare or not pairs:
        what = f"`{min(spare)}`, which is no half of a pair" if spare else "no pair of matrices"
        raise UserError(f"the adapter has {what}", where=str(folder / WEIGHTS))
    return pairs
