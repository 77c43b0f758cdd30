"""A training run's folder: opened or gone on with, closed with a card and what was learned.

One process at a time trains in a folder. What it was begun with is kept there, and only the same
configuration and the same data go on in it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optiwright.formulators.errors import UserError
from optiwright.training.checkpoints import (
    SUMS,
    Found,
    checkpoint_of,
    checkpoints_in,
    last_whole,
    step_of,
)
from optiwright.training.row_files import training_dir
from optiwright.training.tuning_config import TuningConfig
from optiwright.training.tuning_log import RunLog
from optiwright.training.tuning_rows import DataFile
from optiwright.training.whole_files import write_whole

BEGUN, ADAPTER, MODEL = "begun.json", "adapter", "model"
_FREE = {"computing.threads", "saving.every", "saving.keep", "report_to"}
"""Fields that may change between sittings of a run, since the result does not depend on them."""
_STATES = ("optimizer", "scheduler", "rng_state", "training_args", "trainer_state", "sums")
"""What a checkpoint has beside the weights: for going on, not for serving."""


@dataclass
class Run:
    """An open run."""

    out: Path
    found: Found
    """The checkpoint to go on from."""
    log: RunLog

    def lines(self) -> Iterator[str]:
        """Yield where the run stands."""
        for path in self.found.broken:
            yield f"{path} is broken and passed over"
        if self.found.path:
            yield f"going on from step {self.found.step:,}"

    @property
    def resumed(self) -> str | None:
        """What a trainer is told to go on from."""
        return str(self.found.path) if self.found.path else None


def default_out(config: Path) -> Path:
    """Return the folder of a configuration's run where none is named, in the user's data folder."""
    return training_dir() / "runs" / config.stem


def is_main_process() -> bool:
    """Return whether this is the first of the processes of a run on several GPUs."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def opened(out: Path, config: TuningConfig, files: tuple[DataFile, ...]) -> Iterator[Run]:
    """Open a run's folder: a new one, or the one of the same run to go on in.

    Raises:
        UserError: if another run or something else is in it, another process trains in it, or it
            cannot be made.
    """
    if is_main_process():
        _require_room(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("a")
    except OSError as error:
        raise UserError(f"the folder cannot be made: {error}", where=str(out)) from None
    with lock:
        if is_main_process():
            _lock(lock.fileno(), out)
            _begin(out, config, files)
        found = last_whole(out) if is_main_process() else _last(out)
        with RunLog(out, found.step, writing=is_main_process()) as log:
            yield Run(out, found, log)


def keep_learned(run: Run, config: TuningConfig) -> int:
    """Put the best checkpoint's weights, else the last's, in a folder to serve; returns its step.

    Raises:
        UserError: if there is no checkpoint.
    """
    best = run.log.best
    whole = last_whole(run.out)
    chosen = checkpoint_of(run.out, best.step) if best is not None else None
    source = chosen if chosen is not None and chosen.is_dir() else whole.path
    if source is None:
        raise UserError("there is no checkpoint to take the weights from", where=str(run.out))
    final = run.out / (MODEL if config.adapter.method == "full" else ADAPTER)
    staging = run.out / f"writing-{final.name}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    for path in source.iterdir():
        if path.is_file() and not path.name.startswith(_STATES):
            shutil.copy2(path, staging / path.name)
    shutil.rmtree(final, ignore_errors=True)
    staging.rename(final)
    return step_of(source)


def trainer_arguments(config: TuningConfig, run: Run) -> dict[str, Any]:
    """Return what a configuration says, as transformers' `TrainingArguments` name it."""
    s, c = config.schedule, config.computing
    return {
        "output_dir": str(run.out),
        "run_name": f"{config.trainer} {config.base}",
        "num_train_epochs": s.epochs,
        "max_steps": s.steps or -1,
        "learning_rate": s.learning_rate,
        "lr_scheduler_type": s.decay,
        "warmup_steps": s.warmup,
        "weight_decay": s.weight_decay,
        "max_grad_norm": s.clip,
        "per_device_train_batch_size": s.batch,
        "gradient_accumulation_steps": s.accumulation,
        "seed": s.seed,
        "data_seed": s.seed,
        "bf16": c.precision == "bf16",
        "use_cpu": not c.gpus,
        "activation_checkpointing": c.gradient_checkpointing,
        "dataloader_pin_memory": bool(c.gpus),
        "save_strategy": "steps",
        "save_steps": config.saving.every,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "include_num_input_tokens_seen": "non_padding",
        "report_to": config.report_to,
        "disable_tqdm": True,
        "log_level": "error",
    }


def _require_room(out: Path) -> None:
    """Refuse a folder that holds something, and not a run: a run removes and replaces files."""
    if not out.is_dir() or (out / BEGUN).exists():
        return
    # What begins with a point a run may have left that was killed before it had begun.
    found = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    if found:
        shown = ", ".join(f"`{name}`" for name in found[:3])
        more = f" and {len(found) - 3} more" * (len(found) > 3)
        raise UserError(
            f"the folder holds something other than a run: {shown}{more}",
            where=str(out),
            remedy="Name another --out: a new folder, or an empty one.",
        )


def _lock(descriptor: int, out: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(
            "another process trains there",
            where=str(out),
            remedy="Wait for it, stop it with Ctrl-C, or name another --out.",
        ) from None


def _begin(out: Path, config: TuningConfig, files: tuple[DataFile, ...]) -> None:
    """Write down what a run is begun with, or hold it against what was written."""
    told = config.model_dump(mode="json")
    told["data"]["files"] = [f.sha256 for f in files]
    path = out / BEGUN
    if not path.is_file() or _nothing_kept(out):
        write_whole(path, (json.dumps(told, indent=1) + "\n").encode())
        return
    try:
        before = json.loads(path.read_text())
    except ValueError:
        raise UserError("what the run was begun with cannot be read", where=str(path)) from None
    for field, (was, now) in _differences(before, told).items():
        what = "other rows" if field == "data.files" else f"`{field}`: {was!r}, now {now!r}"
        raise UserError(
            f"a run with {what} was begun there",
            where=str(out),
            remedy="Put it back to go on with that run, or name another --out.",
        )


def _nothing_kept(out: Path) -> bool:
    """Whether a run that was begun ended before it had anything to go on from."""
    lines = (path.stat().st_size for path in out.glob("*.jsonl"))
    return not checkpoints_in(out) and not any(lines)


def _differences(before: Any, now: Any, field: str = "") -> dict[str, tuple[Any, Any]]:
    if isinstance(before, dict) and isinstance(now, dict):
        found: dict[str, tuple[Any, Any]] = {}
        for name in sorted({*before, *now}):
            inner = f"{field}.{name}".lstrip(".")
            found |= _differences(before.get(name), now.get(name), inner)
        return found
    return {} if before == now or field in _FREE else {field: (before, now)}


def _last(out: Path) -> Found:
    """Return the newest checkpoint for a process beside the first, which has looked for it."""
    sealed = [path for path in checkpoints_in(out) if (path / SUMS).exists()]
    return Found(sealed[-1] if sealed else None)
